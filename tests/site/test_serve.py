"""``huiyin serve``: stands, comes back, and leaves no process behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

PATIENCE = 60  # seconds


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Site:
    """A served site of a test.

    Attributes:
        family: every process it ever had, as far as the test looked.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.log = folder.with_name(f"serve-{port}.log")
        outside = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "HUIYIN_DATA")}
        command = [sys.executable, "-m", "huiyin.cli", "serve"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(folder), "--port", str(port)],
                stdout=log,
                stderr=log,
                env={**outside, "LANG": "C"},
            )
        self.family: set[psutil.Process] = set()

    def wait_until_it_stands(self) -> None:
        end = time.monotonic() + PATIENCE
        while "is running at" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)
        self.look()

    def look(self) -> None:
        """Remember the processes that it has now."""
        mother = psutil.Process(self.process.pid)
        self.family |= {mother, *mother.children(recursive=True)}

    def child(self, part: str) -> psutil.Process:
        mother = psutil.Process(self.process.pid)
        return next(each for each in mother.children() if part in " ".join(each.cmdline()))

    def status(self, path: str = "/accounts/login/") -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as page:
                return int(page.status)
        except urllib.error.HTTPError as wrong:
            return wrong.code
        except OSError:
            return 0

    def left(self, within: float) -> list[str]:
        """Who is still there after a while."""
        _gone, alive = psutil.wait_procs(self.family - {psutil.Process()}, timeout=within)
        return [" ".join(each.cmdline()) for each in alive if each.is_running()]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that pytest does not close to the server's user."""
    with tempfile.TemporaryDirectory(prefix="huiyin-") as folder:
        yield Path(folder)


@pytest.fixture
def serve(place: Path) -> Iterator[Callable[[], Site]]:
    """Starts a site that stands."""
    sites: list[Site] = []

    def begin() -> Site:
        sites.append(Site(place / "data", free_port()))
        sites[-1].wait_until_it_stands()
        return sites[-1]

    yield begin
    for each in sites:
        for process in each.family:
            if process.is_running():
                process.kill()
        each.process.wait()


def test_it_answers_refuses_a_second_and_leaves_nothing_when_asked_to_stop(
    serve: Callable[[], Site],
) -> None:
    site = serve()
    assert site.status() == 200
    assert "No directory" not in site.log.read_text()
    second = Site(site.folder, free_port())
    assert second.process.wait(PATIENCE) == 2
    assert f"served already, by process {site.process.pid}" in second.log.read_text()
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(PATIENCE) == 0
    assert site.left(within=5) == []


def test_control_c_stops_it_too(serve: Callable[[], Site]) -> None:
    site = serve()
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(PATIENCE) == 0
    assert site.left(within=5) == []


def test_children_go_when_the_one_that_watches_is_killed(serve: Callable[[], Site]) -> None:
    site = serve()
    site.process.kill()
    site.process.wait()
    assert site.left(within=30) == []


def test_what_crashes_is_started_again(serve: Callable[[], Site]) -> None:
    site = serve()
    for part in ("gunicorn", "huiyin.cli worker", "postgres"):
        crashed = site.child(part)
        crashed.kill()
        end = time.monotonic() + PATIENCE
        while site.status() != 200 or not _is_back(site, part, crashed.pid):
            assert time.monotonic() < end, site.log.read_text()
            time.sleep(0.2)
        site.look()
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(PATIENCE) == 0
    assert site.left(within=5) == []


def _is_back(site: Site, part: str, before: int) -> bool:
    try:
        return site.child(part).pid != before
    except (StopIteration, psutil.Error):
        return False


def test_a_port_that_is_taken_is_said_so(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site = Site(place / "data", taken.getsockname()[1])
        assert site.process.wait(PATIENCE) == 2
    assert "Give another with --port" in site.log.read_text()
