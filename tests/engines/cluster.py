"""A real Spark standalone cluster on the loopback address: a master and two workers."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Seconds for one daemon to come up; a busy machine takes long to start Java.
PATIENCE = 180.0

WORKERS = 2

#: Small and quick to start; the first compiler is enough for small data.
_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"

_CONF = f"""
spark.executor.memory 512m
spark.executor.extraJavaOptions {_JAVA}
spark.driver.extraJavaOptions {_JAVA}
spark.sql.shuffle.partitions 4
"""


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its address, its configuration folder, a backend on it."""

    url: str
    conf: Path
    backend: Any


def write_conf(folder: Path) -> Path:
    """A configuration folder as an office would keep one; returns it."""
    conf = folder / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(f"{_CONF}\nspark.local.dir {folder / 'local'}\n")
    return conf


@contextlib.contextmanager
def started(folder: Path, conf: Path) -> Iterator[str]:
    """The address of a cluster that lives as long as the context.

    Args:
        folder: where logs, shuffle files and work of the executors go.
        conf: folder with ``spark-defaults.conf``.
    """
    with contextlib.ExitStack() as stack:
        log = _start(stack, folder, conf, "master", "org.apache.spark.deploy.master.Master", [])
        url = _wait_for(log, r"Starting Spark master at (spark://127\.0\.0\.1:\d+)")
        logs = [
            _start(
                stack, folder, conf, f"worker-{number}", "org.apache.spark.deploy.worker.Worker",
                ["--cores", "1", "--memory", "600m", "--work-dir", str(folder / "work"), url],
            )
            for number in range(1, WORKERS + 1)
        ]  # fmt: skip
        for one in logs:
            _wait_for(one, r"Successfully registered with master (\S+)")
        yield url


def _start(
    stack: contextlib.ExitStack,
    folder: Path,
    conf: Path,
    name: str,
    main: str,
    arguments: list[str],
) -> Path:
    """Start a daemon in a process group of its own, to be ended with the stack; returns its log."""
    import pyspark

    home = Path(pyspark.__file__).parent
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
    env = kept | {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _JAVA,
    }
    command = [str(home / "bin" / "spark-class"), main, "--host", "127.0.0.1"]
    command += ["--port", "0", "--webui-port", "0", *arguments]
    log = folder / f"{name}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    stack.callback(_end, process)
    return log


def _wait_for(log: Path, pattern: str) -> str:
    """The first group of a pattern, as soon as a log holds it."""
    found: list[str] = []

    def there() -> bool:
        found.extend(re.findall(pattern, log.read_text(errors="replace")))
        return bool(found)

    if not until(there, PATIENCE):
        raise RuntimeError(f"{pattern!r} never came; the log says:\n{log.read_text()[-3000:]}")
    return found[0]


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes true in time; asked ten times a second."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a daemon and whatever it started: executors are in its group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        if until(lambda: _is_gone(process), 20):
            return
    raise RuntimeError(f"process group {process.pid} outlives its end")


def _is_gone(process: subprocess.Popen[bytes]) -> bool:
    process.poll()  # takes the dead leader off the process table
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def end_spark_of_this_process() -> None:
    """Stop the Spark session of this process, and the Java that carries it."""
    from pyspark import SparkContext

    if SparkContext._active_spark_context is not None:
        SparkContext._active_spark_context.stop()
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()  # Java ends when its standard input does
        gateway.proc.wait(60)
        SparkContext._gateway = SparkContext._jvm = None
