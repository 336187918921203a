"""A Spark session for measurement: started quietly, within bounds of time, shared in a process."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from huiyin.measure.engine.java import refuse_unfit_java
from huiyin.measure.engine.master import Master
from huiyin.measure.engine.workers import refuse_idle_cluster
from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

#: What the results rest on; set on our own session, whatever the cluster's defaults are.
FIXED = {
    "spark.sql.session.timeZone": "UTC",
    # A sum that overflows or text that is no number raises, instead of becoming a wrong figure.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.adaptive.enabled": "true",
    # Read as whole numbers, to be made moments, instead of refused.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
}

#: Where spark-defaults.conf and PYSPARK_SUBMIT_ARGS say nothing.
USUAL = {"spark.ui.enabled": "false", "spark.log.level": "ERROR"}

#: The name PySpark gives to an application that says none.
_NAMELESS = "pyspark-shell"

_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def open_spark(master: Master | None) -> BaseBackend:
    """A backend on a standalone cluster, or on this machine's cores (None).

    Raises:
        MeasureError: see :func:`huiyin.measure.engine.connect`.
    """
    with warnings.catch_warnings():
        # PySpark warns of pandas 3; no data pass through pandas here.
        warnings.simplefilter("ignore", FutureWarning)
        _refuse_missing_pyspark()
        _say_errors_once()
        context = _running(master)
        if context is None:
            context = _started(master)
        return _backend(context)


def _refuse_missing_pyspark() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError as missing:
        raise MeasureError(
            "spark-missing",
            "PySpark is not installed; install the extra: pip install 'huiyin[spark]'",
            "未安装 PySpark，请安装附加组件：pip install 'huiyin[spark]'",
            place="--engine",
        ) from missing


def _say_errors_once() -> None:
    """PySpark raises an error and, beside it, prints it as a line of JSON with Java's stack."""
    from pyspark.logger import PySparkLogger

    for name in ("DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)


def _running(master: Master | None) -> Any:
    """The Spark context of this process, if there is one; a process can hold no second."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None:
        return None
    fits = context.master.startswith("local") if master is None else context.master == master.url
    if not fits:
        wanted = "local-spark" if master is None else master.url
        raise MeasureError(
            "other-spark",
            f"this process already runs Spark on {context.master}, so {wanted} cannot be opened"
            " beside it; stop that session first, or use another process",
            f"本进程已在 {context.master} 上运行 Spark，无法同时打开 {wanted}；"
            "请先停止该会话，或另开进程",
            place="--engine",
        )
    return context


def _started(master: Master | None) -> Any:
    if master is not None:
        master.refuse_unreachable()
    refuse_unfit_java()
    with tempfile.TemporaryFile() as said:
        try:
            context = _context(master, said)
        except Exception as wrong:  # py4j, PySpark and the operating system each raise their own
            raise _not_started(master, wrong, said) from wrong
    atexit.register(context.stop)
    if master is not None:
        refuse_idle_cluster(context, master)
    return context


def _context(master: Master | None, said: IO[bytes]) -> Any:
    """Start Java and a Spark context in it; what they say goes to a file, not to the terminal."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    gateway = SparkContext._gateway
    if gateway is None:
        with _driver_memory(master):
            gateway = launch_gateway(popen_kwargs={"stdout": said, "stderr": said})
    conf = SparkConf(_jvm=gateway.jvm).setMaster("local[*]" if master is None else master.url)
    for key, value in {**USUAL, **address_of_driver(master)}.items():
        conf.setIfMissing(key, value)
    if conf.get("spark.app.name", _NAMELESS) == _NAMELESS:
        conf.setAppName("huiyin-measure")
    return SparkContext(gateway=gateway, conf=conf)


def address_of_driver(master: Master | None) -> dict[str, str]:
    """Where workers find this process: on loopback if they are there, else Spark's own choice."""
    here = master is None or master.is_loopback
    return _LOOPBACK if here and "SPARK_LOCAL_IP" not in os.environ else {}


@contextlib.contextmanager
def _driver_memory(master: Master | None) -> Iterator[None]:
    """Alone on this machine, Spark may take a quarter of its memory, unless told otherwise.

    The variable yields to spark-defaults.conf. With a cluster the driver holds areas, not
    respondents, and Spark's default of 1 GB is kept.
    """
    name = "SPARK_DRIVER_MEMORY"
    if master is not None or name in os.environ or not hasattr(os, "sysconf"):
        yield
        return
    quarter = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20
    os.environ[name] = f"{max(quarter, 1024)}m"
    try:
        yield
    finally:
        del os.environ[name]


def _not_started(master: Master | None, wrong: Exception, said: IO[bytes]) -> MeasureError:
    reason = _reason(wrong, said)
    where, where_zh = ("", "本机") if master is None else (f" for {master.url}", master.url)
    return MeasureError(
        "spark-not-started",
        f"Spark could not be started{where} ({reason}); look at spark-defaults.conf and at the"
        " variables SPARK_... and PYSPARK_...",
        f"无法为{where_zh}启动 Spark（{reason}）；请检查 spark-defaults.conf 以及"
        " SPARK_…、PYSPARK_… 环境变量",
        place="--engine",
    )


def _reason(wrong: Exception, said: IO[bytes]) -> str:
    """What Java raised, or else the first thing it said before it ended."""
    raised = getattr(wrong, "java_exception", None)
    said.seek(0)
    log = said.read().decode("utf-8", "replace").splitlines()
    told = [] if raised is not None else [line.strip() for line in log if line.strip()]
    return (told or str(raised or wrong).strip().splitlines() or [type(wrong).__name__])[0][:300]


def _backend(context: Any) -> BaseBackend:
    import ibis
    from pyspark.sql import SparkSession

    from huiyin.measure.engine.backend import SparkBackend

    if ibis.options.pyspark is None:
        SparkBackend.register_options()
    session = SparkSession(context).newSession()
    for key, value in FIXED.items():
        session.conf.set(key, value)
    backend: BaseBackend = SparkBackend().connect(session)
    return backend
