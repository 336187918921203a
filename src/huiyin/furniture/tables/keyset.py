"""Paging by the last row seen: a deep page costs what the first page costs.

The rows after a cursor are read as consecutive *stretches*: first those that tie with the cursor on
all keys but the last, then on all but the last two, and so on. Each stretch is one range of an
index over the keys, whatever the directions and wherever there are nulls, so none is read past.
Empty values stand last in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP

from huiyin.problems import BROKEN_CURSOR

#: Each key's value is fetched beside the row under this name and the key's number.
BESIDE = "order_key_"


@dataclass(frozen=True)
class Key:
    """One thing that rows are ordered by.

    Attributes:
        path: the field as the ORM names it, such as ``unit__name``.
        descending: whether large values stand first.
        nullable: whether there may be no value.
        field: turns the text of a cursor into a value.
    """

    path: str
    descending: bool
    nullable: bool
    field: Field[Any, Any]

    def ordering(self, *, backward: bool, bare: bool) -> Any:
        """How to order by it; ``bare`` where the stretch holds no nulls, to match an index."""
        descending = self.descending != backward
        nulls = {} if bare or not self.nullable else _nulls(backward)
        return F(self.path).desc(**nulls) if descending else F(self.path).asc(**nulls)

    def beyond(self, value: object, *, backward: bool) -> dict[str, object]:
        """The condition for standing past a value."""
        lookup = "lt" if self.descending != backward else "gt"
        return {f"{self.path}__{lookup}": value}

    def equal(self, value: object) -> dict[str, object]:
        return {f"{self.path}__isnull": True} if value is None else {self.path: value}

    def empty(self, wanted: bool) -> dict[str, object]:
        return {f"{self.path}__isnull": wanted}


def _nulls(backward: bool) -> dict[str, Any]:
    return {"nulls_first": True} if backward else {"nulls_last": True}


@dataclass(frozen=True)
class Page:
    """A page of rows.

    Attributes:
        rows: in the order asked for.
        first: cursor of the first row, from which the page before it is read.
        last: cursor of the last row.
        has_previous: whether rows stand before.
        has_next: whether rows stand behind.
    """

    rows: list[Any]
    first: str
    last: str
    has_previous: bool
    has_next: bool


@dataclass(frozen=True)
class Position:
    """Where a page begins: behind a row, before a row, or at an end of the list.

    Attributes:
        values: the keys of the row; None = from the beginning, or backward from the end.
        backward: whether the page ends there instead of beginning there.
    """

    values: tuple[object, ...] | None = None
    backward: bool = False


def keys_of(rows: QuerySet[Any], order: Sequence[str]) -> tuple[Key, ...]:
    """The keys of an order, made unique by the primary key where its last field is not."""
    keys = [_key(rows, name) for name in order]
    if not keys or not _is_unique(rows.model, keys[-1]):
        keys.append(replace(_key(rows, "pk"), descending=bool(keys) and keys[-1].descending))
    return tuple(keys)


def _is_unique(model: type[Model], key: Key) -> bool:
    own = LOOKUP_SEP not in key.path and key.field.model is model
    return own and key.field.unique and not key.nullable


def _key(rows: QuerySet[Any], name: str) -> Key:
    path = name.removeprefix("-")
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return Key(path, name.startswith("-"), True, annotation.output_field)
    nullable, model, field = False, rows.model, rows.model._meta.pk
    for part in path.split(LOOKUP_SEP):
        field = model._meta.pk if part == "pk" else _field(model, part)
        nullable = nullable or field.null or bool(field.one_to_one and not field.concrete)
        model = field.related_model or model
    target = getattr(field, "target_field", field)
    return Key(path, name.startswith("-"), nullable, target)


def _field(model: type[Model], name: str) -> Any:
    for field in model._meta.get_fields():
        if name in (field.name, getattr(field, "attname", "")):
            return field
    raise FieldDoesNotExist(f"{model.__name__} has no field {name!r} to order by")


def ordered(rows: QuerySet[Any], keys: Sequence[Key]) -> QuerySet[Any]:
    """All rows in their order."""
    return rows.order_by(*(key.ordering(backward=False, bare=False) for key in keys))


def page(rows: QuerySet[Any], keys: Sequence[Key], at: Position, size: int, salt: str) -> Page:
    """Read one page of at most ``size`` rows."""
    beside = {f"{BESIDE}{number}": F(key.path) for number, key in enumerate(keys)}
    found: list[Any] = []
    for stretch in _stretches(rows.annotate(**beside), keys, at):
        found.extend(stretch[: size + 1 - len(found)])
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    if at.backward:
        found.reverse()
    elsewhere = at.values is not None
    return Page(
        found,
        first=cursor(found[0], keys, salt) if found else "",
        last=cursor(found[-1], keys, salt) if found else "",
        has_previous=more if at.backward else elsewhere,
        has_next=elsewhere if at.backward else more,
    )


def _stretches(rows: QuerySet[Any], keys: Sequence[Key], at: Position) -> Iterator[QuerySet[Any]]:
    if at.values is None:
        yield from _whole(rows, keys, at.backward)
        return
    for depth in reversed(range(len(keys))):
        tied = rows
        for key, value in zip(keys[:depth], at.values, strict=False):
            tied = tied.filter(**key.equal(value))
        yield from _past(tied, keys[depth:], at.values[depth], at.backward)


def _whole(rows: QuerySet[Any], keys: Sequence[Key], backward: bool) -> Iterator[QuerySet[Any]]:
    key = keys[0]
    if not key.nullable:
        yield _in_order(rows, keys, backward)
        return
    filled = _in_order(rows.filter(**key.empty(False)), keys, backward)
    empty = _in_order(rows.filter(**key.empty(True)), keys, backward)
    yield from (empty, filled) if backward else (filled, empty)


def _past(
    rows: QuerySet[Any], keys: Sequence[Key], value: object, backward: bool
) -> Iterator[QuerySet[Any]]:
    key = keys[0]
    if value is not None:
        yield _in_order(rows.filter(**key.beyond(value, backward=backward)), keys, backward)
        if key.nullable and not backward:
            yield _in_order(rows.filter(**key.empty(True)), keys, backward)
    elif backward:
        yield _in_order(rows.filter(**key.empty(False)), keys, backward)


def _in_order(rows: QuerySet[Any], keys: Sequence[Key], backward: bool) -> QuerySet[Any]:
    return rows.order_by(
        keys[0].ordering(backward=backward, bare=True),
        *(key.ordering(backward=backward, bare=False) for key in keys[1:]),
    )


def cursor(row: Any, keys: Sequence[Key], salt: str) -> str:
    """The text that stands for a row in an address; signed, so that nobody writes his own."""
    values = [_written(_value(row, number, key)) for number, key in enumerate(keys)]
    return signing.dumps([_spelled(keys), values], salt=salt)


def _value(row: Any, number: int, key: Key) -> object:
    """What was fetched beside the row, or, for a row of another query, its own attribute."""
    beside = f"{BESIDE}{number}"
    if hasattr(row, beside):
        return getattr(row, beside)
    for part in key.path.split(LOOKUP_SEP):
        row = getattr(row, part)
    return row


def position(text: str, keys: Sequence[Key], salt: str, *, backward: bool) -> Position:
    """Where a cursor stands.

    Raises:
        Problem: ``broken-cursor``: it was cut off, altered, or belongs to another order.
    """
    try:
        spelled, written = signing.loads(text, salt=salt)
        if spelled != _spelled(keys) or len(written) != len(keys):
            raise ValueError(spelled)
        values = tuple(
            None if value is None else key.field.to_python(value)
            for key, value in zip(keys, written, strict=True)
        )
    except (signing.BadSignature, ValueError, TypeError, ValidationError) as wrong:
        raise BROKEN_CURSOR() from wrong
    return Position(values, backward)


def _spelled(keys: Sequence[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.path}" for key in keys)


def _written(value: object) -> object:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value
