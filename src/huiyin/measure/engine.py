"""Where expressions run: DuckDB inside this process, or Apache Spark.

Every computation over respondents is written once, as an Ibis expression; this module only opens
the backend that executes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


def connect(engine: str = "duckdb") -> BaseBackend:
    """Open an engine.

    Args:
        engine: ``duckdb`` (in this process), ``local-spark`` (a Spark of its own, on this
            machine's cores) or ``spark://HOST:PORT`` (a standalone cluster).

    Raises:
        MeasureError: the name is unknown, or PySpark or Java is missing.
    """
    import ibis

    if engine == "duckdb":
        backend = ibis.duckdb.connect()
        backend.raw_sql("SET preserve_insertion_order = false")
        return backend
    if engine == "local-spark" or engine.startswith("spark://"):
        return _connect_spark("local[*]" if engine == "local-spark" else engine)
    raise MeasureError(
        "unknown-engine",
        f"no engine is called {engine!r}; use duckdb, local-spark or spark://HOST:PORT",
        f"没有名为 {engine!r} 的计算引擎，可用 duckdb、local-spark 或 spark://主机:端口",
        place="--engine",
    )


def _connect_spark(master: str) -> BaseBackend:
    import ibis

    try:
        session = _spark_session(master)
    except ImportError as missing:
        raise MeasureError(
            "spark-missing",
            "PySpark is not installed; install the extra: pip install 'huiyin[spark]'",
            "未安装 PySpark，请安装附加组件：pip install 'huiyin[spark]'",
            place="--engine",
        ) from missing
    return ibis.pyspark.connect(session)


def _spark_session(master: str) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("huiyin-measure")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
