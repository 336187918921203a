"""Why a job failed: stored as the kind of problem, told in the reader's language."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.utils.translation import gettext as _

from huiyin.furniture.jobs.registry import TASKS
from huiyin.furniture.models import Job
from huiyin.problems import CATALOGUE, OUR_FAULT, Problem

log = logging.getLogger(__name__)


def kept(wrong: Problem) -> dict[str, Any]:
    """A problem as it is stored."""
    values = {
        key: value if isinstance(value, int | float) else str(value)
        for key, value in wrong.values.items()
    }
    return {"code": wrong.code, "place": str(wrong.place), "values": values}


def told(stored: dict[str, Any]) -> Problem:
    """A stored problem; of a kind that is no more, the catalogue's word for a fault of ours."""
    kind = CATALOGUE.get(stored["code"])
    if kind is None:
        return OUR_FAULT(reference=stored["code"])
    return Problem(kind, place=stored["place"], values=stored["values"])


def fault(job: Job, cause: Exception) -> Problem:
    """A fault of ours, with a number that finds it in the log."""
    reference = secrets.token_hex(4)
    log.error("failed job %s", job.pk, exc_info=cause, extra={"reference": reference})
    return OUR_FAULT(reference=reference)


def called(job: Job) -> str:
    """What a person calls a job: its kind, and what it works on."""
    task = TASKS.get(job.task)
    kind = str(task.title) if task else job.task
    return _("{kind}: {what}").format(kind=kind, what=job.title) if job.title else kind
