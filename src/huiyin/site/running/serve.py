"""``huiyin serve``: web, worker and embedded server under one small supervisor.

The supervisor imports no Django. It restarts a child that crashed, later and later, and stops all
of them when it is asked to. However it ends itself, no process stays: the server gets a signal from
the system, web and worker watch for their parent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from huiyin.site.embedded import Cluster
from huiyin.site.running.holding import alone, held
from huiyin.site.running.session import WRONG_INPUT, told, use_folder
from huiyin.site.running.supervisor import Child, stop_all
from huiyin.site.running.words import CannotRun, say

READY_WITHIN = 60  # seconds
LOOK_EVERY = 0.2
GRACE = 20  # seconds that jobs get to finish


def serve(data: str | None, host: str, port: int, *, web: int = 2, jobs: int = 2) -> int:
    """Serve until Ctrl-C or SIGTERM; returns the exit status.

    Args:
        web: processes that answer pages.
        jobs: how many jobs run at the same time.
    """
    folder = use_folder(data)
    asked = _asked_to_stop()

    def work() -> int:
        _refuse_taken_port(host, port)
        with _database(folder) as server:
            os.environ["HUIYIN_SUPERVISOR"] = str(os.getpid())
            if not _made_ready(migrate=server is not None):
                return WRONG_INPUT
            return _watch(_children(host, port, web, jobs), server, asked, _address(host, port))

    return told(work)


def _asked_to_stop() -> threading.Event:
    asked = threading.Event()

    def stop(number: int, frame: object) -> None:
        if asked.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt  # a second Ctrl-C: no more waiting
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return asked


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[Cluster | None]:
    """Our own server on the folder; None = DATABASE_URL names another."""
    if "DATABASE_URL" in os.environ:
        with alone(folder):
            yield None
        return
    with held(folder) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        yield cluster


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as wrong:
            raise CannotRun(
                f"Cannot listen on {host} port {port}: {wrong.strerror}. Give another with --port"
                " or --host.",
                f"无法监听 {host} 的 {port} 端口：{wrong.strerror}。"
                "请用 --port 或 --host 另行指定。",
            ) from wrong


def _made_ready(*, migrate: bool) -> bool:
    command = [sys.executable, "-m", "huiyin.site.running.ready"]
    return subprocess.run(command + ["--migrate"] * migrate).returncode == 0


def _children(host: str, port: int, web: int, jobs: int) -> list[Child]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    settings = ["--config", "python:huiyin.site.running.gunicorn", "--bind", bind]
    pages = [sys.executable, "-m", "gunicorn", *settings, "--workers", str(web)]
    worker = [sys.executable, "-m", "huiyin.cli", "worker"]
    return [
        Child("web", pages),
        Child("worker", [*worker, "--jobs", str(jobs), "--grace", str(GRACE)]),
    ]


def _address(host: str, port: int) -> str:
    named = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{named}:{port}/"


def _watch(
    children: list[Child], server: Cluster | None, asked: threading.Event, address: str
) -> int:
    try:
        for child in children:
            child.start()
        if not _answers(address, children, asked):
            return 0 if asked.is_set() else 1
        print(_standing(address), flush=True)
        while not asked.wait(LOOK_EVERY):
            if server is not None and server.running() is None:
                _warn("The database ended; it is started again.", "数据库异常退出，正在重新启动。")
                server.launch(dies_with_us=True)
            for child in children:
                child.keep(time.monotonic())
        print(say("Stopping.", "正在停止。"), flush=True)
        return 0
    finally:
        stop_all(children, within=GRACE + 5)


def _answers(address: str, children: list[Child], asked: threading.Event) -> bool:
    """Wait until the site answers; False if it was asked to stop, or web failed to start."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not asked.is_set():
        if any(child.ended() for child in children):
            break
        try:
            urllib.request.urlopen(f"{address}healthz", timeout=5).close()
            return True
        except urllib.error.HTTPError:
            return True  # it answers, whatever it says
        except OSError:
            asked.wait(0.1)
    if not asked.is_set():
        _warn(
            "The site does not start; what web and worker printed above says why.",
            "网站未能启动，原因见上方输出。",
        )
    return False


def _standing(address: str) -> str:
    return say(
        f"Huiyin is running at {address} (Ctrl-C stops it).",
        f"回音已启动：{address}（按 Ctrl-C 停止）。",
    )


def _warn(english: str, chinese: str) -> None:
    print(say(english, chinese), file=sys.stderr)
