"""What procrastinate knows of our jobs: one task that runs them all, one that starts the periodic.

Procrastinate reads this module when the site is ready; it reads every room's ``jobs``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from procrastinate import JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job as Queued
from procrastinate.retry import BaseRetryStrategy

from huiyin.audit.acts import SYSTEM
from huiyin.furniture.jobs import queue, running, tidying  # noqa: F401 (tidying declares jobs)
from huiyin.furniture.jobs.registry import TASKS


class Again(BaseRetryStrategy):  # type: ignore[misc]
    """Back to the queue exactly when the job says so; how often is the job's to know."""

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision | None:
        if not isinstance(exception, running.TryAgain):
            return None
        return RetryDecision(retry_at=_now() + timedelta(seconds=exception.seconds))


def _now() -> datetime:
    return timezone.now()


@app.task(name=queue.RUN, pass_context=True, retry=Again())  # type: ignore[untyped-decorator]
def run(context: JobContext, *, job: int, arguments: dict[str, Any], asker: dict[str, Any]) -> None:
    """Run one job; how it ended stands in its row."""
    running.run(job, arguments, asker, _leaving(context))


def _leaving(context: JobContext) -> Callable[[bool], bool]:
    """Whether the worker wants to be rid of the job.

    One that can be resumed is given back at once; another gets the worker's grace to finish.
    """
    stopping = context.additional_context.get("stopping")

    def leaving(resumable: bool) -> bool:
        out_of_time = context.abort_reason() == AbortReason.SHUTDOWN
        return out_of_time or (resumable and stopping is not None and stopping.is_set())

    return leaving


@app.task(name="huiyin.tick")  # type: ignore[untyped-decorator]
def tick(timestamp: int, *, task: str) -> None:
    """Start a periodic job, unless it waits already."""
    try:
        with transaction.atomic():
            queue.start(SYSTEM, TASKS[task])
    except AlreadyEnqueued:
        return


autodiscover_modules("jobs")
for task in TASKS.values():
    if task.cron is not None:
        app.periodic(cron=task.cron, periodic_id=task.name, task_kwargs={"task": task.name})(tick)
