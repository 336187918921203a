"""Reads of the audit: a thing's history, an event's neighbours, whether it still stands."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from huiyin.audit.acts import SEAL_CHAIN
from huiyin.audit.models import Event, Lane
from huiyin.audit.rules import GENESIS, Record, digest
from huiyin.audit.verification import COLUMNS


def history(kind: str, key: object, limit: int = 50) -> QuerySet[Event]:
    """The last events of one thing, the latest first, for its page's history.

    Whoever may see the thing may see them; it is the caller who asks that.

    Args:
        kind: the model's label, ``app.model`` in lower case.
        key: the thing's key.
    """
    return Event.objects.filter(kind=kind, key=str(key)).order_by("-id")[:limit]


def neighbours(event: Event) -> tuple[Event | None, Event | None]:
    """The events before and after in the same lane; None at its ends, and where one is missing."""
    numbers = (event.number - 1, event.number + 1)
    beside = Event.objects.filter(lane=event.lane, number__in=numbers)
    found = {each.number: each for each in beside}
    return found.get(event.number - 1), found.get(event.number + 1)


@dataclass(frozen=True)
class Verdict:
    """Whether an event stands as it was recorded, computed when it is looked at.

    Attributes:
        content: whether its content has its hash.
        before: whether it follows the event before it; None = that one is missing.
        after: whether the next one, or the lane's head, follows it; None = that one is missing.
    """

    content: bool
    before: bool | None
    after: bool | None

    @property
    def stands(self) -> bool:
        return bool(self.content and self.before and self.after)


def verdict_on(event: Event) -> Verdict:
    """Verify one event against its neighbours; what lies further off is the verification's."""
    before, after = neighbours(event)
    return Verdict(
        content=digest(_record(event.pk)) == event.hash,
        before=_follows(event, before),
        after=_followed(event, after),
    )


def _follows(event: Event, before: Event | None) -> bool | None:
    if event.number == 1:
        return event.previous == GENESIS
    return event.previous == before.hash if before else None


def _followed(event: Event, after: Event | None) -> bool | None:
    if after:
        return after.previous == event.hash
    head = Lane.objects.filter(number=event.lane).first()
    if head is None or head.length > event.number:
        return None
    return (head.length, head.hash) == (event.number, event.hash)


def _record(key: int) -> Record:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM audit_event WHERE id = %s", [key])
        row = cursor.fetchone()
    assert row is not None
    return Record(*row)


def last_seal() -> Event | None:
    """The last checkpoint."""
    return Event.objects.filter(act=SEAL_CHAIN.name).order_by("-id").first()
