"""How an event is hashed, how the lanes are sealed into one hash, and what may not be recorded.

The database makes the chain (``sql/chain.sql``); this is the second, independent telling of the
same rules, by which the chain is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring as _quoted

#: How many lanes a new database is given.
LANES = 16
#: What stands where the hash of the event before the first would stand.
GENESIS = "0" * 64
#: The version of the canonical text; a later one would be another number, not another meaning.
FORMAT = 1
#: What is recorded of a value that must not be read: that it changed.
WITHHELD = "‹withheld›"
#: Parts of names under which such values stand.
SENSITIVE = frozenset(
    {
        "answer",
        "answers",
        "api_key",
        "id_card",
        "id_number",
        "mobile",
        "otp",
        "password",
        "phone",
        "recovery_codes",
        "secret",
        "telephone",
        "token",
    }
)


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it is stored, JSON as the database prints it.

    Attributes:
        id: key of the event.
        at: moment, with its zone.
        before, after: ``jsonb`` as text, exactly as PostgreSQL prints it.
        lane, number: its place: the lane, and 1 for the lane's first event.
        previous: hash of the event before it in the lane; :data:`GENESIS` for the first.
        hash: its own.
    """

    id: int
    at: datetime
    actor: int | None
    actor_name: str
    address: str
    act: str
    region: str
    kind: str
    key: str
    label: str
    before: str
    after: str
    lane: int
    number: int
    previous: str
    hash: str


def canonical(event: Record, number: int | None = None) -> str:
    """The text that is hashed: JSON with the keys in ``jsonb``'s order (length, then letters).

    Args:
        number: the number to take instead of the event's own, to find where an event once stood.
    """
    moment = event.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    actor = "null" if event.actor is None else event.actor
    return (
        f'{{"at": "{moment}Z", "id": {event.id}, "act": {_quoted(event.act)}, '
        f'"key": {_quoted(event.key)}, "kind": {_quoted(event.kind)}, "lane": {event.lane}, '
        f'"actor": {actor}, "after": {event.after}, "label": {_quoted(event.label)}, '
        f'"before": {event.before}, "format": {FORMAT}, '
        f'"number": {event.number if number is None else number}, '
        f'"region": {_quoted(event.region)}, "address": {_quoted(event.address)}, '
        f'"previous": "{event.previous}", "actor_name": {_quoted(event.actor_name)}}}'
    )


def digest(event: Record, number: int | None = None) -> str:
    """SHA-256 of the canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(event, number).encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """How far a lane has come.

    Attributes:
        lane: its number.
        length: how many events it holds.
        hash: the hash of its last event; :data:`GENESIS` while it is empty.
    """

    lane: int
    length: int
    hash: str


def head_hash(heads: Iterable[Head]) -> str:
    """One hash over all lanes: SHA-256 of a line ``lane length hash`` for each, in their order.

    It depends on nothing but the events, so it is the same after a backup is restored.
    """
    lines = (f"{head.lane} {head.length} {head.hash}\n" for head in sorted(heads))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def is_sensitive(name: str) -> bool:
    """Whether values of this name are recorded only as changed: numbers, answers, secrets."""
    bare = name.lower().removesuffix("_hash").removesuffix("_encrypted")
    return bare in SENSITIVE or any(bare.endswith(f"_{part}") for part in SENSITIVE)


def changes_of(
    before: Mapping[str, object],
    after: Mapping[str, object],
    sensitive: Iterable[str] = (),
) -> tuple[dict[str, object], dict[str, object]]:
    """What differs between two states of a thing, as ``(before, after)`` to be recorded.

    A name that only one of them has was added or taken away. Sensitive values are withheld, so the
    record says that they changed and not from what to what.

    Args:
        sensitive: names to withhold besides those that :func:`is_sensitive` knows.
    """
    absent = object()
    differing = [
        name
        for name in dict.fromkeys([*before, *after])
        if before.get(name, absent) != after.get(name, absent)
    ]
    also = frozenset(sensitive)
    return (
        withheld({name: before[name] for name in differing if name in before}, also),
        withheld({name: after[name] for name in differing if name in after}, also),
    )


def withheld(
    values: Mapping[str, object], sensitive: frozenset[str] = frozenset()
) -> dict[str, object]:
    """The values with everything sensitive replaced, at every depth; what is empty stays empty."""
    return {
        name: WITHHELD
        if value not in (None, "") and (name in sensitive or is_sensitive(name))
        else _within(value, sensitive)
        for name, value in values.items()
    }


def _within(value: object, sensitive: frozenset[str]) -> object:
    if isinstance(value, Mapping):
        return withheld({str(name): each for name, each in value.items()}, sensitive)
    if isinstance(value, list | tuple):
        return [_within(each, sensitive) for each in value]
    return value
