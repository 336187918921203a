"""What is done to jobs by people."""

from __future__ import annotations

from datetime import datetime

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, Place
from huiyin.furniture import acts
from huiyin.furniture.jobs.queue import cancel
from huiyin.furniture.models import Job
from huiyin.problems import JOB_ENDED


def cancel_job(actor: Actor, job: Job, now: datetime) -> Job:
    """Take a job off the queue, or ask it to stop at its next step.

    Raises:
        Problem: ``job-ended``, or the actor may not.
    """
    with performing(actor, acts.CANCEL_JOB, Place(account=job.account)) as changed:
        before = job.status
        stopped = cancel(job, now)
        if not stopped.cancel_asked:
            raise JOB_ENDED()
        touched(changed, stopped)
        changed.before = {"status": before, "cancel_asked": job.cancel_asked}
        changed.after = {"status": stopped.status, "cancel_asked": True}
    return stopped
