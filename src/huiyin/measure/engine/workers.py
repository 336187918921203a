"""Whether a cluster takes us in and gives us a worker, found out by a first, tiny job.

A master that has no worker to spare keeps an application waiting for ever.
"""

from __future__ import annotations

import threading
from typing import Any

from huiyin.measure.engine.master import Master
from huiyin.measure.errors import MeasureError

#: Seconds until a worker has to have carried out the job.
PATIENCE = 120.0


def refuse_idle_cluster(context: Any, master: Master) -> None:
    """Raise ``not-a-master`` or ``cluster-without-workers`` unless the job is done in time.

    The session is stopped before.
    """
    failures = _failures_of_first_job(context)
    if failures == []:
        return
    taken_in = str(context.applicationId).startswith("app-")  # the name that a master gives
    host = context.getConf().get("spark.driver.host")
    context.stop()
    reason = f"none within {PATIENCE:g} seconds" if failures is None else _first_line(failures[0])
    wrong = _without_workers(master, host, reason) if taken_in else _no_master(master)
    raise wrong from (failures[0] if failures else None)


def _failures_of_first_job(context: Any) -> list[Exception] | None:
    """Nothing, if it succeeded; why it failed; or None if it still waits."""
    from pyspark.sql import SparkSession

    failures: list[Exception] = []

    def work() -> None:
        try:
            SparkSession(context).range(1).count()
        except Exception as wrong:  # handed over to the thread that waits
            failures.append(wrong)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    return None if worker.is_alive() else failures


def series() -> str:
    """Major and minor version of this PySpark, which those of the cluster must equal."""
    import pyspark

    return ".".join(str(pyspark.__version__).split(".")[:2])


def _first_line(wrong: Exception) -> str:
    return (str(wrong).strip().splitlines() or [type(wrong).__name__])[0][:300]


def _no_master(master: Master) -> MeasureError:
    return MeasureError(
        "not-a-master",
        f"what answers at {master.url} did not take us in; check that this is the port of a Spark"
        f" master and not of its web page, and that its Spark is {series()} like this PySpark",
        f"{master.url} 处有应答但未接受连接；请检查该端口是否为 Spark 主节点端口（而非其网页"
        f"端口），且其 Spark 与本机 PySpark 同为 {series()} 系列",
        place="--engine",
    )


def _without_workers(master: Master, host: str | None, reason: str) -> MeasureError:
    return MeasureError(
        "cluster-without-workers",
        f"no worker of {master.url} did our first job ({reason}); see on the master's page whether"
        " workers are alive with free cores and memory, and whether they can reach this machine"
        f" at {host} (SPARK_LOCAL_IP names another of its addresses)",
        f"{master.url} 没有工作节点完成首个任务（{reason}）；请在主节点页面查看是否有存活且有空闲"
        f"核心与内存的工作节点，并确认它们能访问本机地址 {host}（可用 SPARK_LOCAL_IP 另行指定）",
        place="--engine",
    )
