"""Run a job: keep hold of it, tell its progress, write down how it ended.

While a job runs, its worker holds an advisory lock on a connection of its own. The lock goes with
the process, so whoever gets it knows that no worker runs the job; and progress told over that
connection is seen while the job's own transaction is still open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation

from huiyin.furniture.jobs.asking import actor_again
from huiyin.furniture.jobs.progress import Asked, Cancelled, Progress, Released
from huiyin.furniture.jobs.registry import TASKS, Task
from huiyin.furniture.jobs.telling import fault, kept
from huiyin.furniture.models import Job, JobStatus
from huiyin.problems import JOB_LOST, JOB_UNKNOWN, Problem

#: Sets our advisory locks apart from others' ("HJ" in the two highest bytes).
LOCKS = 0x484A << 48
OUT_OF_REACH = (OperationalError, InterfaceError)


class TryAgain(Exception):
    """Put the job back on the queue for ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


@dataclass
class Line:
    """The connection over which a running job is held and told of."""

    wrapper: BaseDatabaseWrapper
    job: int

    def hold(self) -> bool:
        """Whether nobody else runs the job."""
        with self.wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCKS | self.job])
            return bool(cursor.fetchone()[0])

    def write(self, status: JobStatus, **values: object) -> bool:
        """Set columns of the job; whether it was asked to stop."""
        told = {"status": status, "heard_at": timezone.now(), **values}
        parameters: list[Any] = [*told.values(), self.job]
        names = ", ".join(f"{name} = %s" for name in told)
        with self.wrapper.cursor() as cursor:
            cursor.execute(
                f"UPDATE furniture_job SET {names} WHERE id = %s RETURNING cancel_asked",
                parameters,
            )
            row = cursor.fetchone()
        return row is None or bool(row[0])


@contextmanager
def line(job: int) -> Iterator[Line]:
    """Open a connection that holds and tells of a job; closing it lets the job go."""
    wrapper = connection.copy()
    try:
        yield Line(wrapper, job)
    finally:
        wrapper.close()


def run(
    job: int, arguments: dict[str, Any], asker: dict[str, Any], leaving: Callable[[bool], bool]
) -> None:
    """Run a job of the queue in a worker.

    Args:
        leaving: told whether the job can be resumed; answers whether the worker wants to be rid
            of it.

    Raises:
        TryAgain: the job goes back to the queue.
    """
    with line(job) as held:
        if not held.hold():
            raise TryAgain(10)  # its former worker is still at it
        found = Job.objects.filter(pk=job).first()
        if found is None or found.status not in (JobStatus.WAITING, JobStatus.RUNNING):
            return
        if found.cancel_asked:
            _end(held, JobStatus.CANCELLED)
            return
        held.write(
            JobStatus.RUNNING,
            attempts=found.attempts + 1,
            started_at=timezone.now(),
            percent=0,
            phase="",
            message="",
        )
        with translation.override(asker["language"]):
            _attempt(held, found, arguments, asker, leaving)


def _attempt(
    held: Line,
    job: Job,
    arguments: dict[str, Any],
    asker: dict[str, Any],
    leaving: Callable[[bool], bool],
) -> None:
    task = TASKS.get(job.task)
    if task is None:
        _end(held, JobStatus.FAILED, problem=_as_json(kept(JOB_UNKNOWN(task=job.task))))
        return
    try:
        tell = _teller(held, lambda: leaving(task.resumable))
        result = task(Progress(actor_again(asker), tell), **arguments)
    except Cancelled:
        _end(held, JobStatus.CANCELLED)
    except Released:
        _give_back(held, task)
    except Problem as wrong:
        _end(held, JobStatus.FAILED, problem=_as_json(kept(wrong)))
    except Exception as wrong:
        if job.attempts < task.retries and isinstance(wrong, _passing(task)):
            held.write(JobStatus.WAITING)
            raise TryAgain(10 * 4**job.attempts) from wrong
        _end(held, JobStatus.FAILED, problem=_as_json(kept(fault(job, wrong))))
    else:
        _end(held, JobStatus.DONE, percent=100, result=_as_json(result or {}))


def _passing(task: Task) -> tuple[type[Exception], ...]:
    return OUT_OF_REACH + task.retry_on


def _teller(held: Line, leaving: Callable[[], bool]) -> Callable[..., Asked]:
    def tell(percent: int, phase: str | None, message: str | None) -> Asked:
        said = {"phase": phase and phase[:200], "message": message}
        told = {name: text for name, text in said.items() if text is not None}
        if held.write(JobStatus.RUNNING, percent=percent, **told):
            return Asked.CANCEL
        return Asked.RELEASE if leaving() else Asked.GO_ON

    return tell


def _give_back(held: Line, task: Task) -> None:
    """The worker leaves: who can go on later waits, who cannot has failed."""
    if not task.resumable:
        _end(held, JobStatus.FAILED, problem=_as_json(kept(JOB_LOST())))
        return
    held.write(JobStatus.WAITING)
    raise TryAgain(0)


def _end(held: Line, status: JobStatus, **values: object) -> None:
    held.write(status, ended_at=timezone.now(), **values)


def _as_json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)
