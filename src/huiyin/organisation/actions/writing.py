"""How every act here writes: set values, save, and say before and after in the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from huiyin.audit.actions import touched
from huiyin.audit.acts import Changed, Place
from huiyin.organisation.models import Group, Unit
from huiyin.territory.models import Region


def plain(value: Any) -> object:
    """A value as an event stores it: numbers and text as they are, a stored thing as its label."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple | set | models.QuerySet):
        return [plain(each) for each in value]
    return str(value)


def write(changed: Changed, thing: models.Model, values: Mapping[str, Any]) -> bool:
    """Set values, save, and fill in the event; whether anything changed.

    Args:
        thing: a stored thing, or a new one, of which everything that is set is new.
    """
    new = thing.pk is None
    before = {} if new else {name: getattr(thing, name) for name in values}
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save(update_fields=None if new else list(values))  # not what others changed meanwhile
    touched(changed, thing)
    for name, value in values.items():
        if new and value not in (None, "", [], ()):
            changed.after[name] = plain(value)
        elif not new and before[name] != value:
            changed.before[name], changed.after[name] = plain(before[name]), plain(value)
    return bool(changed.after or changed.before)


def place_of(seat: Unit | Group) -> Place:
    """Where what happens in a unit or in a group falls; a group acts through its lead unit."""
    if isinstance(seat, Unit):
        return Place(region=seat.region.code, unit=seat.pk)
    return Place(region=seat.region.code, unit=seat.lead_unit_id)


def place_in(region: Region) -> Place:
    """Where something in a region falls."""
    return Place(region=region.code)
