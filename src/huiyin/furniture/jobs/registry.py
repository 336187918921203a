"""Which jobs there are: each declared once, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

#: Every job of every room by its name.
TASKS: dict[str, Task] = {}

Work = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True)
class Task:
    """A kind of job; calling it does the work here and now.

    Attributes:
        name: ``room.verb_object``.
        title: what a person calls it.
        work: takes a ``Progress`` and the arguments; what it returns is kept as the result.
        resumable: whether it may simply be begun again when its worker was killed, because it goes
            on where it stood or everything it does is in one transaction. Otherwise it fails and
            says so.
        retries: how often it is tried again after the database was out of reach or one of
            ``retry_on`` was raised.
        retry_on: what else is worth another try.
        alone: a name; of all jobs with this name, one at a time runs.
        cron: when it is started by itself ("minute hour day month weekday"), in the site's time.
    """

    name: str
    title: str | Promise
    work: Work
    resumable: bool = False
    retries: int = 0
    retry_on: tuple[type[Exception], ...] = ()
    alone: str | None = None
    cron: str | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        return self.work(*args, **kwargs)


def job(
    name: str,
    *,
    title: str | Promise,
    resumable: bool = False,
    retries: int = 0,
    retry_on: tuple[type[Exception], ...] = (),
    alone: str | None = None,
) -> Callable[[Work], Task]:
    """Declare a job; the arguments are those of :class:`Task`.

    Raises:
        ValueError: the name is taken, or is not ``room.verb``.
    """

    def declare(work: Work) -> Task:
        return _add(Task(name, title, work, resumable, retries, retry_on, alone))

    return declare


def periodic(name: str, cron: str, *, title: str | Promise) -> Callable[[Work], Task]:
    """Declare a job that the system starts by itself, as ``cron`` says.

    It runs alone and resumes: it must be harmless to run twice.

    Raises:
        ValueError: the name is taken, or is not ``room.verb``.
    """

    def declare(work: Work) -> Task:
        return _add(Task(name, title, work, resumable=True, alone=name, cron=cron))

    return declare


def _add(task: Task) -> Task:
    if task.name in TASKS:
        raise ValueError(f"the job {task.name!r} is declared twice")
    if task.name.count(".") != 1:
        raise ValueError(f"a job is named room.verb, not {task.name!r}")
    TASKS[task.name] = task
    return task
