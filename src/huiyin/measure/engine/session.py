"""A Spark session for measurement: started quietly, within bounds of time, shared in a process."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import tempfile
import threading
import warnings
from typing import IO, TYPE_CHECKING, Any

from huiyin.measure.engine.java import refuse_unfit_java
from huiyin.measure.engine.master import Master
from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

#: Seconds a cluster may take to give us a worker.
PATIENCE = 120.0

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
USUAL = {
    "spark.app.name": "huiyin-measure",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

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
        _refuse_idle_cluster(context, master)
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
    return SparkContext(gateway=gateway, conf=conf)


def address_of_driver(master: Master | None) -> dict[str, str]:
    """Where workers find this process: on loopback if they are there, else Spark's own choice."""
    here = master is None or master.is_loopback
    return _LOOPBACK if here and "SPARK_LOCAL_IP" not in os.environ else {}


@contextlib.contextmanager
def _driver_memory(master: Master | None) -> Any:
    """Alone on this machine, Spark may take a quarter of its memory, unless told otherwise.

    The variable yields to spark-defaults.conf. With a cluster the driver holds areas, not
    respondents, and Spark's default of 1 GB is kept.
    """
    name = "SPARK_DRIVER_MEMORY"
    if master is not None or name in os.environ:
        yield
        return
    quarter = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20
    os.environ[name] = f"{max(quarter, 1024)}m"
    try:
        yield
    finally:
        del os.environ[name]


def _refuse_idle_cluster(context: Any, master: Master) -> None:
    """Raise unless a worker carries out a first, tiny job in time.

    A master that has no worker to spare keeps an application waiting for ever.
    """
    from pyspark.sql import SparkSession

    outcome: list[Exception | None] = []

    def work() -> None:
        try:
            SparkSession(context).range(1).count()
            outcome.append(None)
        except Exception as wrong:  # handed over to the thread that waits
            outcome.append(wrong)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    if outcome == [None]:
        return
    host = context.getConf().get("spark.driver.host")
    context.stop()
    raise _without_workers(master, host) from (outcome[0] if outcome else None)


def _without_workers(master: Master, host: str | None) -> MeasureError:
    return MeasureError(
        "cluster-without-workers",
        f"no worker of {master.url} took up work within {PATIENCE:g} seconds; see on the master's"
        " page whether workers are alive with free cores and memory, and whether they can reach"
        f" this machine at {host} (SPARK_LOCAL_IP names another of its addresses)",
        f"{PATIENCE:g} 秒内 {master.url} 没有工作节点接受任务；请在主节点页面查看是否有存活且"
        f"有空闲核心与内存的工作节点，并确认它们能访问本机地址 {host}"
        "（可用 SPARK_LOCAL_IP 另行指定）",
        place="--engine",
    )


def _not_started(master: Master | None, wrong: Exception, said: IO[bytes]) -> MeasureError:
    said.seek(0)
    log = said.read().decode("utf-8", "replace").strip().splitlines()
    reason = (log or str(wrong).strip().splitlines() or [type(wrong).__name__])[-1].strip()[:300]
    what, what_zh = ("Spark", "Spark") if master is None else (
        f"a session on {master.url}", f"{master.url} 上的会话"
    )  # fmt: skip
    return MeasureError(
        "spark-not-started",
        f"{what} could not be started ({reason}); the cluster must run Spark"
        f" {_series()} like this PySpark, and spark-defaults.conf must fit it",
        f"{what_zh}无法启动（{reason}）；集群的 Spark 须与本机 PySpark 同为 {_series()} 系列，"
        "并请检查 spark-defaults.conf",
        place="--engine",
    )


def _series() -> str:
    import pyspark

    return ".".join(str(pyspark.__version__).split(".")[:2])


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
