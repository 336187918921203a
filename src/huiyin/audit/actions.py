"""Perform an act: check permission, change, record the event, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models, transaction

from huiyin.audit.acts import Act, Actor, Changed, Place, require
from huiyin.audit.models import Event


@contextmanager
def performing(actor: Actor, act: Act, place: Place | None = None) -> Iterator[Changed]:
    """Perform one act.

    What is done inside the block, and the one event that records it, are committed together or not
    at all. Set ``kind``, ``key``, ``label``, ``before`` and ``after`` of what it yields, or use
    :func:`touched`.

    Raises:
        Problem: the actor may not do the act at the place.
        ValueError: the block said nothing of what it changed.
    """
    require(actor, act, place)
    with transaction.atomic():
        changed = Changed()
        yield changed
        if not changed.kind:
            raise ValueError(f"{act.name} recorded no object that it changed")
        record(actor, act, changed, place)


def touched(changed: Changed, thing: models.Model, *, label: str = "") -> None:
    """Say which stored thing an act changed."""
    changed.kind = thing._meta.label_lower
    changed.key = str(thing.pk)
    changed.label = label or str(thing)


def record(actor: Actor, act: Act, changed: Changed, place: Place | None = None) -> Event:
    """Append the event of an act; the database chains it."""
    return Event.objects.create(
        actor=actor.account,
        actor_name=actor.name,
        address=actor.address,
        act=act.name,
        region=place.region if place else "",
        kind=changed.kind,
        key=changed.key,
        label=changed.label,
        before=changed.before,
        after=changed.after,
    )
