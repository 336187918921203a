"""Workers that are really killed, and workers that are asked to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from huiyin.audit.acts import SYSTEM
from huiyin.furniture.jobs import Task, job, start
from huiyin.furniture.jobs.registry import TASKS
from huiyin.furniture.models import Job, JobStatus

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = Path(__file__).with_name("slow_worker.py")
PATIENCE = 30  # seconds


def address() -> str:
    """The database of this test, for another process."""
    at = connection.get_connection_params()
    return f"postgresql://{at['user']}@/{at['dbname']}?host={quote(str(at['host']))}"


@pytest.fixture
def task() -> Iterator[Callable[..., Task]]:
    """The jobs of the script, to be started here and run there."""
    known = dict(TASKS)
    yield lambda name, **how: job(name, title="Trial", **how)(lambda progress: None)
    TASKS.clear()
    TASKS.update(known)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers, and ends them with the test."""
    begun: list[subprocess.Popen[bytes]] = []
    own = {"DATABASE_URL": address(), "HUIYIN_TEST_MARKS": str(tmp_path)}

    def begin() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT)], env=os.environ | own, stderr=subprocess.DEVNULL
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def until(state: str, started: Job) -> Job:
    """Wait until a job is in a state."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        started.refresh_from_db()
        if started.status == state and (state != "running" or started.phase):
            return started
        time.sleep(0.05)
    raise AssertionError(f"still {started.status} after {PATIENCE} s, wanted {state}")


def test_a_job_that_can_be_resumed_is_done_by_the_next_worker_after_a_kill(
    task: Callable[..., Task], worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    started = start(SYSTEM, task("trial.slow", resumable=True), name="a")
    first = worker()
    until("running", started)
    first.kill()
    first.wait()
    (tmp_path / "a.go").touch()
    worker()
    done = until(JobStatus.DONE, started)
    assert (done.attempts, done.result) == (2, {"attempts": 2})


def test_a_job_that_cannot_be_resumed_fails_cleanly_after_a_kill(
    task: Callable[..., Task], worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    started = start(SYSTEM, task("trial.fragile"), name="b")
    first = worker()
    until("running", started)
    first.kill()
    first.wait()
    worker()
    assert until(JobStatus.FAILED, started).problem["code"] == "job-lost"
    assert (tmp_path / "b").read_text() == "begun\n"


def test_a_worker_asked_to_stop_gives_back_what_can_be_resumed_and_ends(
    task: Callable[..., Task], worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    started = start(SYSTEM, task("trial.slow", resumable=True), name="c")
    process = worker()
    until("running", started)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    started.refresh_from_db()
    assert started.status == JobStatus.WAITING


def test_a_worker_asked_to_stop_lets_a_job_that_cannot_be_resumed_finish_within_its_grace(
    task: Callable[..., Task], worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    started = start(SYSTEM, task("trial.fragile"), name="d")
    process = worker()
    until("running", started)
    process.send_signal(signal.SIGTERM)
    (tmp_path / "d.go").touch()
    assert process.wait(PATIENCE) == 0
    started.refresh_from_db()
    assert started.status == JobStatus.DONE


def test_two_workers_never_run_one_job_twice(
    task: Callable[..., Task], worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    kind = task("trial.slow", resumable=True)
    jobs = [start(SYSTEM, kind, name=f"e{number}") for number in range(6)]
    for each in jobs:
        (tmp_path / f"e{each.pk - jobs[0].pk}.go").touch()
    worker()
    worker()
    for number, each in enumerate(jobs):
        assert until(JobStatus.DONE, each).attempts == 1
        assert (tmp_path / f"e{number}").read_text() == "begun\n"
