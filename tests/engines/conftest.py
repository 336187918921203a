"""Engines for the tests: DuckDB, and one Spark cluster with two workers for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engines.cluster import Cluster, end_spark_of_this_process, started, write_conf


@pytest.fixture(scope="package")
def spark_conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Spark configuration for small tests; skips where there is nothing to run Spark with."""
    pytest.importorskip("pyspark", reason="PySpark is not installed (the extra huiyin[spark])")
    if shutil.which("java") is None:
        pytest.skip("needs Java (Debian: openjdk-17-jre-headless)")
    return write_conf(tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="package")
def spark(spark_conf: Path) -> Iterator[Cluster]:
    """The cluster, connected; when the tests are over no process of it is left."""
    from huiyin.measure.engine import connect

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(spark_conf))
        patch.setenv("SPARK_DRIVER_MEMORY", "768m")
        patch.delenv("SPARK_LOCAL_IP", raising=False)
        end_spark_of_this_process()
        with started(spark_conf.parent, spark_conf) as url:
            try:
                yield Cluster(url, spark_conf, connect(url))
            finally:
                end_spark_of_this_process()


@pytest.fixture(scope="package")
def duckdb() -> Any:
    """DuckDB in this process."""
    from huiyin.measure.engine import connect

    return connect()


@pytest.fixture(
    params=["duckdb", pytest.param("spark", marks=pytest.mark.needs_java)],
    ids=["duckdb", "spark"],
)
def engine(request: pytest.FixtureRequest) -> Any:
    """Each engine in turn."""
    found = request.getfixturevalue(request.param)
    return found.backend if request.param == "spark" else found
