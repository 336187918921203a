"""Perform an act: check permission, change, record the event, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import models, transaction

from huiyin.audit.acts import SEAL_CHAIN, Act, Actor, Changed, Place, require
from huiyin.audit.models import Event, Lane
from huiyin.audit.rules import Head, changes_of, head_hash, withheld

__all__ = ["changes_of", "looked_at", "performing", "record", "seal", "state_of", "touched"]


@contextmanager
def performing(actor: Actor, act: Act, place: Place | None = None) -> Iterator[Changed]:
    """Perform one act.

    What is done inside the block, and the one event that records it, are committed together or not
    at all. Set ``kind``, ``key``, ``label``, ``before`` and ``after`` of what it yields, or use
    :func:`touched` and :func:`changes_of`. Acts within acts each leave their own event, the inner
    one first; one that fails leaves none and undoes nothing but itself.

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


def looked_at(
    actor: Actor,
    act: Act,
    thing: models.Model,
    place: Place | None = None,
    *,
    fields: Iterable[str] = (),
    label: str = "",
) -> Event:
    """Record that somebody was shown something whose every reading counts, such as a number.

    Call it before the value is shown. The event is committed with the transaction that shows it;
    the value itself is not recorded.

    Args:
        fields: names of what was shown.
        label: what a person calls the thing, where its own name would give the value away.

    Raises:
        Problem: the actor may not do the act at the place.
    """
    require(actor, act, place)
    changed = Changed(after={"shown": sorted(fields)})
    touched(changed, thing, label=label)
    with transaction.atomic():
        return record(actor, act, changed, place)


def record(actor: Actor, act: Act, changed: Changed, place: Place | None = None) -> Event:
    """Append the event of an act; the database chains it.

    Sensitive values are withheld here at the latest, whoever filled in ``before`` and ``after``.
    """
    return Event.objects.create(
        actor=actor.account,
        actor_name=actor.name,
        address=actor.address,
        act=act.name,
        region=place.region if place else "",
        kind=changed.kind,
        key=changed.key,
        label=changed.label[:300],
        before=withheld(changed.before),
        after=withheld(changed.after),
    )


def state_of(thing: models.Model, fields: Iterable[str] = ()) -> dict[str, object]:
    """What a stored thing says of itself now: to be taken before and after a change.

    ``changed.before, changed.after = changes_of(state, state_of(thing))``. It holds the values
    themselves, so it is to be compared and not to be kept.

    Args:
        fields: names of fields; without them, all of its columns.
    """
    chosen = set(fields)
    return {
        column.attname: column.value_from_object(thing)
        for column in thing._meta.concrete_fields
        if not chosen or column.name in chosen or column.attname in chosen
    }


def seal(actor: Actor) -> Event:
    """Append a checkpoint: an event that holds the head of every lane, and one hash over them.

    Whoever later cuts off the end of a lane has to cut off the lane that holds the checkpoint too,
    and every one after. No lane is held for it: the heads are those of one moment, committed.

    Raises:
        Problem: the actor may not seal the chain.
    """
    require(actor, SEAL_CHAIN)
    with transaction.atomic():
        heads = [Head(lane.number, lane.length, lane.hash) for lane in Lane.objects.all()]
        after: dict[str, object] = {
            "head": head_hash(heads),
            "lanes": {str(head.lane): [head.length, head.hash] for head in heads},
        }
        events = sum(head.length for head in heads)
        return record(actor, SEAL_CHAIN, Changed("audit.lane", label=str(events), after=after))
