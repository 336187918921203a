"""Reads of the audit that only its auditor needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from huiyin.audit.acts import VERIFY_CHAIN
from huiyin.audit.models import Event, Lane
from huiyin.audit.walk import Fault, Finding


def lanes() -> list[Any]:
    """All lanes with ``last_at`` and ``last_id`` of their last event."""
    last = Event.objects.filter(lane=OuterRef("number"), number=OuterRef("length"))
    found = Lane.objects.annotate(
        last_at=Subquery(last.values("at")[:1]), last_id=Subquery(last.values("id")[:1])
    )
    return list(found)


def last_verification() -> Event | None:
    """The event of the last verification that was made as a job."""
    return Event.objects.filter(act=VERIFY_CHAIN.name).order_by("-id").first()


def findings_of(event: Event) -> list[Finding]:
    """The findings that the event of a verification recorded."""
    return [_finding(each) for each in event.after.get("findings", [])]


def _finding(told: dict[str, Any]) -> Finding:
    place = (told["lane"], told["number"], told["last"])
    at = datetime.fromisoformat(told["at"]) if told["at"] else None
    return Finding(Fault(told["fault"]), *place, told["id"], at, told["act"], told["values"])
