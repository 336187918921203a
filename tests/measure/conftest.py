"""What several tests of the measurement start from."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from huiyin.measure.engine import connect


@pytest.fixture(scope="module")
def spark() -> Any:
    pytest.importorskip("pyspark", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("needs Java (Debian: openjdk-17-jre-headless)")
    from pyspark import SparkContext

    # A process holds one Spark: where the tests of the engines ran before, it is theirs.
    running = SparkContext._active_spark_context
    at_home = running is None or running.master.startswith("local")
    return connect("local-spark" if at_home else running.master)
