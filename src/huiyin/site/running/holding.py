"""Who uses a data folder: locks that vanish with their process, so that none is ever stale.

``huiyin serve`` holds the folder for itself. Other commands join whatever server runs on it, start
one if none does, and the last of them to leave stops it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from huiyin.site.embedded import Cluster, unusable
from huiyin.site.running.words import CannotRun

STARTING, SERVING, USING = "starting.lock", "serving.lock", "using.lock"


@dataclass
class Lock:
    """A lock on a file; its content says who holds it alone."""

    file: IO[str]

    @classmethod
    def open(cls, path: Path) -> Lock:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+"))
        except OSError as wrong:
            raise unusable(path.parent, wrong) from wrong

    def take(self, kind: int) -> bool:
        """Whether the lock could be had."""
        try:
            fcntl.flock(self.file, kind)
        except BlockingIOError:
            return False
        return True

    def sign(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(str(os.getpid()))
        self.file.flush()

    def holder(self) -> str:
        self.file.seek(0)
        return self.file.read().strip() or "?"

    def close(self) -> None:
        self.file.close()


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    lock = Lock.open(folder / STARTING)
    try:
        lock.take(fcntl.LOCK_EX)
        yield
    finally:
        lock.close()


@contextlib.contextmanager
def joined(folder: Path) -> Iterator[str]:
    """The URL of the embedded server of a folder, running as long as anybody uses it.

    Raises:
        CannotRun: the server does not start.
    """
    cluster, using = Cluster(folder), Lock.open(folder / USING)
    try:
        with _one_at_a_time(folder):
            using.take(fcntl.LOCK_SH)
            if cluster.running() is None:
                cluster.launch(dies_with_us=False)  # others may join and outlast us
        yield cluster.url
    finally:
        with _one_at_a_time(folder):
            if using.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
                cluster.stop()
            using.close()


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Cluster]:
    """The running embedded server of a folder that nobody else serves; it dies with us.

    Raises:
        CannotRun: another process serves the folder or works on it, or the server does not start.
    """
    with alone(folder):
        cluster, using = Cluster(folder), Lock.open(folder / USING)
        try:
            with _one_at_a_time(folder):
                if not using.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
                    raise _worked_on(folder)
                cluster.stop()  # left behind by a process that was killed
                cluster.launch(dies_with_us=True)
                using.take(fcntl.LOCK_SH)
            yield cluster
        finally:
            cluster.stop()
            using.close()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Serve a folder as the only one.

    Raises:
        CannotRun: another process serves it.
    """
    serving = Lock.open(folder / SERVING)
    try:
        if not serving.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise _served(folder, serving.holder())
        serving.sign()
        yield
    finally:
        serving.close()


def served_by(folder: Path) -> int | None:
    """The process that serves a folder now."""
    serving = Lock.open(folder / SERVING)
    try:
        if serving.take(fcntl.LOCK_SH | fcntl.LOCK_NB):
            return None
        return int(serving.holder())
    finally:
        serving.close()


def _served(folder: Path, holder: str) -> CannotRun:
    return CannotRun(
        f"{folder} is served already, by process {holder}. Stop that one first (Ctrl-C there, or:"
        f" kill {holder}), or give another folder with --data.",
        f"数据目录 {folder} 已由进程 {holder} 提供服务。请先停止该进程（在其终端按 Ctrl-C，或执行"
        f" kill {holder}），或者用 --data 另行指定目录。",
    )


def _worked_on(folder: Path) -> CannotRun:
    return CannotRun(
        f"Another huiyin command is working on {folder}. Wait until it is done, then start again.",
        f"另一个 huiyin 命令正在使用 {folder}。请等它完成后再启动。",
    )
