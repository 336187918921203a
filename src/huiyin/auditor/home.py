"""What needs the auditor today: tampering that was found, guards that are off, no verification."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import VERIFY_CHAIN, Actor, may
from huiyin.audit.verification import unguarded
from huiyin.auditor.queries import last_verification
from huiyin.furniture.home import Task

#: After this, somebody looks why the nightly verification does not run.
STALE = timedelta(days=2)


def tasks(actor: Actor, now: datetime) -> Iterator[Task]:
    """The room's tasks of an actor."""
    if not may(actor, VERIFY_CHAIN):
        return
    chain = reverse("audit:chain")
    if off := unguarded():
        yield Task(_("Guards of the audit are off"), chain, len(off), "overdue", ", ".join(off))
    last = last_verification()
    if last and last.after.get("count"):
        report = reverse("audit:event", args=[last.pk])
        yield Task(_("Events were tampered with"), report, last.after["count"], "overdue")
    if last is None or now - last.at > STALE:
        detail = _("It is verified every night by itself if the worker runs.")
        yield Task(_("The audit was not verified of late"), chain, None, "near", detail)
