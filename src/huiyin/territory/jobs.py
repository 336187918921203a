"""Reading and importing division files behind the page."""

from __future__ import annotations

import io
from pathlib import Path

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.audit.acts import require
from huiyin.furniture.jobs import Progress, job
from huiyin.furniture.models import Upload
from huiyin.problems import DIVISION_MEANWHILE, Problem
from huiyin.territory import actions, acts, telling
from huiyin.territory.models import DivisionImport, ImportStatus
from huiyin.territory.plans import Plan, Row
from huiyin.territory.reading import Source, read_files


@job("territory.plan_divisions", title=gettext_lazy("Read division files"), resumable=True)
def plan_divisions(progress: Progress, handed: int) -> dict[str, object]:
    """Read the files of an import and keep what they would change, for the page that shows it."""
    require(progress.actor, acts.IMPORT_DIVISIONS)
    found = DivisionImport.objects.get(pk=handed)
    try:
        keep_plan(found, _planned(progress, found))
    except Problem as wrong:
        found.status, found.problem = ImportStatus.REFUSED, str(wrong)
        found.save(update_fields=["status", "problem"])
        raise
    return {"url": reverse("territory:import", args=[handed]), **found.counts}


@job(
    "territory.import_divisions",
    title=gettext_lazy("Import divisions"),
    resumable=True,
    alone="territory.divisions",
)
def import_divisions(progress: Progress, handed: int, leave_out: bool) -> dict[str, object]:
    """Do what the preview said; all of it is one transaction, so it may be begun again."""
    found = DivisionImport.objects.get(pk=handed)
    url = reverse("territory:import", args=[handed])
    if found.status == ImportStatus.DONE:
        return {"url": url, **found.counts}
    rows = _rows(progress, found, 25)
    progress(30, phase=_("Comparing"))
    try:
        plan = actions.write_files(
            progress.actor,
            found,
            rows,
            leave_out=leave_out,
            now=timezone.now(),
            tell=lambda share: progress(35 + 64 * share, phase=_("Writing")),
        )
    except Problem as wrong:
        if wrong.kind is DIVISION_MEANWHILE:
            keep_plan(found, actions.plan_files(rows, found.on))
        raise
    return {"url": url, **plan.counts()}


def keep_plan(handed: DivisionImport, plan: Plan) -> None:
    """Keep a plan for the page: counts, examples, and all of it as a file."""
    text = io.StringIO()
    telling.write_listing(plan, text)
    content = ContentFile(("\ufeff" + text.getvalue()).encode())
    handed.listing.save(f"{handed.pk}.csv", content, save=False)
    handed.counts, handed.examples = plan.counts(), telling.examples(plan)
    handed.digest, handed.status = telling.digest_of(plan), ImportStatus.PLANNED
    handed.problem = ""
    handed.save()


def _planned(progress: Progress, handed: DivisionImport) -> Plan:
    rows = _rows(progress, handed, 60)
    progress(60, phase=_("Comparing"))
    plan = actions.plan_files(rows, handed.on)
    progress(85, phase=_("Writing the preview"))
    return plan


def _rows(progress: Progress, handed: DivisionImport, until: int) -> list[Row]:
    uploads = Upload.objects.in_bulk(handed.uploads)
    sources = [
        Source(uploads[key].name, Path(uploads[key].file.path))
        for key in handed.uploads
        if key in uploads
    ]
    done = 0

    def tell(name: str) -> None:
        nonlocal done
        progress(until * done / len(sources), phase=_("Reading"), message=name)
        done += 1

    return read_files(sources, tell)
