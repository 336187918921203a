"""The chain verified behind the page and every night, and sealed every hour."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.audit.actions import seal
from huiyin.audit.verification import Report
from huiyin.auditor import queries
from huiyin.auditor.actions import verify_chain
from huiyin.furniture.jobs import Progress, job, periodic


@job("auditor.verify_chain", title=gettext_lazy("Verify the audit"), resumable=True, alone="audit")
def verify_now(progress: Progress) -> dict[str, object]:
    """Verify the chain for whoever asked, and lead to the report."""
    return _verified(progress)


@periodic("auditor.verify_nightly", "20 3 * * *", title=gettext_lazy("Verify the audit"))
def verify_nightly(progress: Progress) -> dict[str, object]:
    """Verify the chain every night, so that tampering is on the auditor's home page by morning."""
    return _verified(progress)


@periodic("auditor.seal_chain", "7 * * * *", title=gettext_lazy("Seal the audit"))
def seal_hourly(progress: Progress) -> dict[str, object]:
    """Write a checkpoint every hour: until then, a lane whose end and head were cut looks whole."""
    return {"head": seal(progress.actor).after["head"]}


def _verified(progress: Progress) -> dict[str, object]:
    phase = _("Verifying")

    def tell(checked: int, total: int) -> None:
        progress(99 * checked / max(total, 1), phase=phase, message=f"{checked:,} / {total:,}")

    report = verify_chain(progress.actor, tell)
    event = queries.last_verification()
    url = reverse("audit:event", args=[event.pk]) if event else reverse("audit:chain")
    return {"url": url, "told": said(report), "checked": report.checked, "count": report.count}


def said(report: Report) -> str:
    """A report in one sentence."""
    if report.whole:
        return _("{checked:,} events verified; the chain is whole.").format(checked=report.checked)
    return _("{checked:,} events verified; {count:,} were tampered with.").format(
        checked=report.checked, count=report.count
    )
