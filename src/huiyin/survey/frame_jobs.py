"""Segment tables read and taken behind the page; numbers erased when their time is over."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.audit.acts import require
from huiyin.furniture.jobs import Progress, job, periodic
from huiyin.problems import CONFLICT
from huiyin.survey import frame_acts as acts
from huiyin.survey.frame_actions import digest_of, take_segments
from huiyin.survey.frame_imports import keep_plan, plan
from huiyin.survey.models import ImportState, SegmentImport
from huiyin.survey.sample_actions import erase_due


@job("survey.read_segments", title=gettext_lazy("Read a segment table"), resumable=True)
def read_segment_table(progress: Progress, handed: int) -> dict[str, object]:
    """Read and check a table that was handed in; its page shows what was found."""
    require(progress.actor, acts.IMPORT_SEGMENTS)
    progress(5, phase=_("Reading"))
    found = SegmentImport.objects.get(pk=handed)
    keep_plan(found)
    return {"url": reverse("survey:segment_import", args=[handed]), **found.counts}


@job(
    "survey.take_segments",
    title=gettext_lazy("Import mobile segments"),
    resumable=True,
    alone="survey.segments",
)
def take_segment_table(
    progress: Progress, handed: int, digest: str, leave_out: bool
) -> dict[str, object]:
    """Do what the preview said; all of it is one transaction, so it may be begun again."""
    found = SegmentImport.objects.get(pk=handed)
    if found.status != ImportState.DONE:
        progress(5, phase=_("Reading"))
        checked = plan(found)
        if digest_of(checked) != digest:
            raise CONFLICT()
        progress(50, phase=_("Writing"))
        take_segments(progress.actor, found, checked, leave_out=leave_out)
        found.refresh_from_db()
    return {"url": reverse("survey:segment_table", args=[found.table_id]), **found.counts}


@periodic("survey.erase_numbers", "50 2 * * *", title=gettext_lazy("Erase numbers in time"))
def erase_numbers_in_time(progress: Progress) -> dict[str, object]:
    """Erase the numbers of rounds whose field is over, and the hashes of years that are."""
    now = timezone.now()
    return {**erase_due(progress.actor, now, timezone.localdate(now))}
