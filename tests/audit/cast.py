"""The cast of the audit's tests: who writes events, and who tampers with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from huiyin.audit.actions import record
from huiyin.audit.acts import SYSTEM, Act, Changed, Place
from huiyin.audit.models import Event
from huiyin.audit.rules import Record, digest
from huiyin.audit.verification import COLUMNS

TRY = Act("trial.try", "try", changes=True)

Write = Callable[..., Event]


@pytest.fixture
def write(db: None) -> Write:
    """Write one event, if asked in a lane of one's choice."""

    def written(
        label: str = "安和市", *, region: str = "", lane: int | None = None, **after: object
    ) -> Event:
        if lane is not None:
            sql("SELECT set_config('huiyin.lane', %s, true)", str(lane))
        changed = Changed("trial.thing", "1", label, after=after)
        return record(SYSTEM, TRY, changed, Place(region=region) if region else None)

    return written


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


class Mallory:
    """A superuser of the database who switches the triggers off and does as she likes."""

    def __enter__(self) -> Mallory:
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
        sql("ALTER TABLE audit_lane DISABLE TRIGGER USER")
        return self

    def __exit__(self, *_failure: object) -> None:
        sql("ALTER TABLE audit_event ENABLE TRIGGER USER")
        sql("ALTER TABLE audit_lane ENABLE TRIGGER USER")
        sql("SET CONSTRAINTS ALL DEFERRED")

    def change(self, event: Event, **values: object) -> None:
        columns = ", ".join(f"{name} = %s" for name in values)
        sql(f"UPDATE audit_event SET {columns} WHERE id = %s", *values.values(), event.pk)

    def delete(self, *events: Event) -> None:
        sql("DELETE FROM audit_event WHERE id = ANY(%s)", [event.pk for event in events])

    def forge(self, lane: int, number: int, previous: str, label: str = "forged") -> Event:
        """Put an event in with a hash that is right for its content and place."""
        event = Event.objects.create(
            actor_name="mallory", act="trial.try", kind="trial.thing", label=label,
            lane=lane, number=number, previous=previous,
        )  # fmt: skip
        self.rehash(event)
        return Event.objects.get(pk=event.pk)

    def rehash(self, event: Event) -> str:
        hashed = digest(stored(event.pk))
        self.change(event, hash=hashed)
        return hashed

    def renumber(self, lane: int, beyond: int, by: int) -> None:
        """Move all later events of a lane up or down."""
        away = 1_000_000_000
        where = f"lane = {lane} AND number"
        sql(f"UPDATE audit_event SET number = number + {away} WHERE {where} > {beyond}")
        sql(f"UPDATE audit_event SET number = number - {away - by} WHERE {where} > {away}")

    def exchange(self, one: Event, other: Event, *columns: str) -> None:
        """Exchange the values of some columns of two events."""
        mine, theirs = stored(one.pk), stored(other.pk)
        self.change(one, number=-1)
        self.change(other, **{name: getattr(mine, name) for name in columns})
        kept = {name: getattr(theirs, name) for name in columns}
        self.change(one, **{"number": mine.number, **kept})

    def rewrite(self, first: Event, **values: object) -> None:
        """Change an event and compute it and all that follow anew, and the head."""
        self.change(first, **values)
        later = Event.objects.filter(lane=first.lane, number__gte=first.number).order_by("number")
        before = first.previous
        for event in later:
            self.change(event, previous=before)
            before = self.rehash(event)
        sql("UPDATE audit_lane SET hash = %s WHERE number = %s", before, first.lane)


def stored(key: int) -> Record:
    """An event as the check reads it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM audit_event WHERE id = %s", [key])
        row = cursor.fetchone()
    assert row is not None
    return Record(*row)
