"""Where expressions run: DuckDB inside this process, or Apache Spark.

Every computation over respondents is written once, as an Ibis expression; this package only opens
the backend that executes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

__all__ = ["connect"]

LOCAL_SPARK = "local-spark"


def connect(engine: str = "duckdb") -> BaseBackend:
    """Open an engine.

    Spark runs once per process: a second call shares the running one, with tables and settings
    of its own. A Spark that was started here stops when the process ends.

    Args:
        engine: ``duckdb`` (in this process), ``local-spark`` (a Spark of its own, on this
            machine's cores) or ``spark://HOST:PORT`` (a standalone cluster; several masters as
            ``spark://HOST1:PORT1,HOST2:PORT2``).

    Raises:
        MeasureError: ``unknown-engine``, ``bad-master-address``, ``spark-missing`` (PySpark),
            ``java-missing``, ``java-too-old``, ``master-unreachable``, ``not-a-master``,
            ``cluster-without-workers``, ``spark-not-started``, ``other-spark`` (this process runs
            Spark on another master already).
    """
    if engine == "duckdb":
        return _duckdb()
    if engine == LOCAL_SPARK:
        from huiyin.measure.engine.session import open_spark

        return open_spark(None)
    if engine.startswith("spark:"):
        from huiyin.measure.engine.master import Master
        from huiyin.measure.engine.session import open_spark

        return open_spark(Master.parse(engine))
    raise MeasureError(
        "unknown-engine",
        f"no engine is called {engine!r}; use duckdb, {LOCAL_SPARK} or spark://HOST:PORT",
        f"没有名为 {engine!r} 的计算引擎，可用 duckdb、{LOCAL_SPARK} 或 spark://主机:端口",
        place="--engine",
    )


def _duckdb() -> BaseBackend:
    import ibis

    backend = ibis.duckdb.connect()
    backend.raw_sql("SET preserve_insertion_order = false")
    backend.raw_sql("SET enable_progress_bar = false")
    # DuckDB knows a replaced file by its time: one replaced within the same tick was read as a
    # mixture of old and new. The system caches files just as well.
    backend.raw_sql("SET enable_external_file_cache = false")
    return backend
