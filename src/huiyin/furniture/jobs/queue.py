"""Put a job on the queue, and take it off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from huiyin.audit.acts import Actor
from huiyin.furniture.jobs.asking import asker
from huiyin.furniture.jobs.registry import Task
from huiyin.furniture.models import Job, JobStatus

#: The procrastinate task that runs every job (``huiyin.furniture.tasks``).
RUN = "huiyin.run"


def start(actor: Actor, task: Task, label: str = "", **arguments: Any) -> Job:
    """Queue a job in the transaction now open; it runs when that is committed.

    Permission is asked by the act that starts it.

    Args:
        label: what it works on, such as a file's name, to tell one job from another.
        arguments: of the job's function; what JSON can hold.
    """
    with transaction.atomic():
        job = Job.objects.create(task=task.name, title=label[:200], account=actor.account)
        job.queue_id = app.configure_task(
            RUN, lock=task.alone, queueing_lock=task.name if task.cron else None
        ).defer(job=job.pk, arguments=arguments, asker=asker(actor))
        job.save(update_fields=["queue_id"])
    return job


def cancel(job: Job, now: datetime) -> Job:
    """Take a waiting job off the queue, or ask a running one to stop at its next step.

    What has ended stays as it is.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.status == JobStatus.WAITING and _off_the_queue(job):
            job.status, job.ended_at = JobStatus.CANCELLED, now
        job.cancel_asked = job.status not in (JobStatus.DONE, JobStatus.FAILED)
        job.save(update_fields=["status", "ended_at", "cancel_asked"])
    return job


def _off_the_queue(job: Job) -> bool:
    return job.queue_id is not None and app.job_manager.cancel_job_by_id(job.queue_id)
