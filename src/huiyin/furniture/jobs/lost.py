"""Find jobs whose worker was killed, and put them back on the queue or fail them."""

from __future__ import annotations

from datetime import datetime

from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from huiyin.furniture.jobs.queue import RUN
from huiyin.furniture.jobs.registry import TASKS
from huiyin.furniture.jobs.running import line
from huiyin.furniture.jobs.telling import kept
from huiyin.furniture.models import Job, JobStatus
from huiyin.problems import JOB_LOST

#: Every lost job that can be resumed is, but not for ever: it may be what kills its worker.
ATTEMPTS = 3
#: A worker not heard of for so long is gone (it is heard of every 10 s).
SILENCE = 30

#: Taken from the queue by a worker that is gone, before it wrote that the job runs.
_TAKEN = """
    SELECT job.id FROM furniture_job job
    JOIN procrastinate_jobs queued ON queued.id = job.queue_id
    LEFT JOIN procrastinate_workers worker ON worker.id = queued.worker_id
    WHERE job.status = 'waiting' AND queued.status = 'doing' AND queued.task_name = %s
      AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
"""


def recover(now: datetime) -> list[Job]:
    """Deal with every job that no worker runs although it should; returns them."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [RUN, SILENCE])
        taken = [row[0] for row in cursor.fetchall()]
    running = Job.objects.filter(status=JobStatus.RUNNING).values_list("pk", flat=True)
    dealt = (_recover(pk, now) for pk in [*taken, *running])
    return [job for job in dealt if job is not None]


def _recover(pk: int, now: datetime) -> Job | None:
    with line(pk) as held:
        if not held.hold():
            return None  # it runs
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=pk)
            if job.status not in (JobStatus.WAITING, JobStatus.RUNNING):
                return None  # it ended just now
            _decide(job, now)
            job.save()
            return job


def _decide(job: Job, now: datetime) -> None:
    task = TASKS.get(job.task)
    begun = job.status == JobStatus.RUNNING
    if job.cancel_asked:
        _close(job, JobStatus.CANCELLED, now)
    elif not begun or (task is not None and task.resumable and job.attempts < ATTEMPTS):
        job.status = JobStatus.WAITING
        if job.queue_id is not None:
            app.job_manager.retry_job_by_id(job.queue_id, retry_at=now)
    else:
        job.problem = kept(JOB_LOST())
        _close(job, JobStatus.FAILED, now)


def _close(job: Job, status: JobStatus, now: datetime) -> None:
    job.status, job.ended_at = status, now
    if job.queue_id is not None:
        finish = async_to_sync(app.job_manager.finish_job_by_id_async)
        finish(job_id=job.queue_id, status=Status.FAILED, delete_job=False)
