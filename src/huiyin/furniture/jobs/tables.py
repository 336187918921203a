"""The list of jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Place, may
from huiyin.furniture import acts
from huiyin.furniture.jobs.telling import called
from huiyin.furniture.models import Job, JobStatus
from huiyin.furniture.tables import Choice, Column, DateRange, Empty, Search, Table

TONES = {
    JobStatus.WAITING: "neutral",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.FAILED: "overdue",
    JobStatus.CANCELLED: "near",
}


class JobTable(Table):
    """One's own jobs; for whoever keeps the site, everybody's."""

    name = "furniture-jobs"
    title = _("Jobs")
    columns = (
        Column(
            "task",
            _("Job"),
            value=called,
            link=lambda job: reverse("furniture:job", args=[job.pk]),
        ),
        Column(
            "status",
            _("State"),
            field="status",
            value=lambda job: job.get_status_display(),
            tone=lambda job: TONES[job.status],
        ),
        Column("percent", _("Percent"), field="percent", numeric=True),
        Column("created_at", _("Asked at"), field="created_at"),
        Column("ended_at", _("Ended at"), value=lambda job: job.ended_at),
    )
    filters = (
        Search("q", _("Works on"), fields=("title",)),
        Choice("status", _("State"), field="status", choices=JobStatus.choices),
        DateRange("at", _("Asked at"), field="created_at"),
    )
    order = ("-id",)
    empty = Empty(
        _("No jobs yet"),
        _("What takes longer than a page, such as an import, is listed here while it works."),
    )

    def rows(self, request: Any) -> QuerySet[Job]:
        if may(request.actor, acts.SEE_JOB, Place()):
            return Job.objects.all()
        return Job.objects.filter(account=request.actor.account)
