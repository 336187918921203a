"""The pages of jobs: the list, one job as it works, and stopping it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from huiyin.audit.acts import Place, may
from huiyin.furniture import acts
from huiyin.furniture.jobs.actions import cancel_job
from huiyin.furniture.jobs.rules import estimated_end, rounded
from huiyin.furniture.jobs.tables import TONES, JobTable
from huiyin.furniture.jobs.telling import called, told
from huiyin.furniture.models import Job, JobStatus
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.problems import NOT_FOUND


def place_of(job: int) -> Place:
    """Where a job stands: with the account that started it.

    Raises:
        Problem: ``not-found``.
    """
    found = Job.objects.filter(pk=job).values_list("account", flat=True)
    if not found:
        raise NOT_FOUND()
    return Place(account=found[0])


@require_safe
@page(acts.SEE_JOBS)
def jobs(request: Request) -> HttpResponse:
    """The jobs that one has started."""
    response: HttpResponse = table_response(request, JobTable(), template="furniture/jobs.html")
    return response


@require_safe
@page(acts.SEE_JOB, at=place_of)
def show(request: Request, job: int) -> HttpResponse:
    """One job; asked for by htmx, only the part that changes."""
    found = Job.objects.get(pk=job)
    template = "furniture/job_state.html" if request.htmx else "furniture/job.html"
    return render(request, template, _state(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@page(acts.CANCEL_JOB, at=place_of)
def cancel(request: Request, job: int) -> HttpResponse:
    """Ask, then stop a job."""
    found = Job.objects.get(pk=job)
    if request.method != "POST":
        return render(request, "furniture/job_cancel.html", {"job": found, "called": called(found)})
    stopped = cancel_job(request.actor, found, request.now)
    if stopped.status == JobStatus.CANCELLED:
        messages.success(_plain(request), _("Taken off the queue; nothing was done."))
    else:
        messages.info(_plain(request), _("Asked to stop; it stops at its next step."))
    return redirect("furniture:job", job=job)


def _plain(request: Request) -> HttpRequest:
    return request


def _state(request: Request, job: Job) -> dict[str, Any]:
    """What a page shows of a job; of another's, nothing but its title and how far it is."""
    own = may(request.actor, acts.SEE_JOB_RESULT, Place(account=job.account))
    ended = job.ended_at is not None
    return {
        "job": job,
        "called": called(job),
        "tone": TONES[JobStatus(job.status)],
        "ended": ended,
        "stopping": job.cancel_asked and not ended,
        "left": _left(request, job),
        "problem": told(job.problem) if job.problem and own else None,
        "result": job.result if own else {},
        "own": own,
        "may_cancel": not ended and not job.cancel_asked,
        "facts": [
            (_("Asked at"), job.created_at),
            (_("Started at"), job.started_at),
            (_("Ended at"), job.ended_at),
            (_("Attempts"), job.attempts),
        ],
    }


def _left(request: Request, job: Job) -> str:
    """The time that is left, in words; "" = not to be said."""
    end = estimated_end(job.started_at, job.percent, request.now)
    if job.status != JobStatus.RUNNING or end is None:
        return ""
    count, unit = rounded(end - request.now)
    if unit == "second":
        return ngettext("about {count} second left", "about {count} seconds left", count).format(
            count=count
        )
    return ngettext("about {count} minute left", "about {count} minutes left", count).format(
        count=count
    )
