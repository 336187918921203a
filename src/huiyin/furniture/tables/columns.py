"""A column: what stands in it, how it is sorted, and how a value is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Value = Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: its name in addresses; also the attribute of the row, if no ``value`` is given.
        title: what stands in its head.
        field: the ORM path that it is sorted by; None = not sortable.
        value: gives what it shows of a row; the same is exported, typed.
        link: gives the address that the cell leads to; "" = none.
        tone: gives the tone of a badge around the value: neutral, good, near, due, overdue, info.
        export: gives what is exported, where that is not what is shown.
        numeric: whether its values stand at the right.
        shown: whether it is shown until somebody chooses otherwise.
        grouped: whether the digits of numbers are set in groups of three; not for years.
    """

    name: str
    title: str | Promise
    field: str | None = None
    value: Value | None = None
    link: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    export: Value | None = None
    numeric: bool = False
    shown: bool = True
    grouped: bool = True

    def of(self, row: Any) -> Any:
        """The value of a row, as it is."""
        return self.value(row) if self.value else getattr(row, self.name)

    def exported(self, row: Any) -> Any:
        return self.export(row) if self.export else self.of(row)


def printed(value: Any, *, grouped: bool = True) -> Any:
    """A value as a page prints it; markup that a room made safe stays as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{moment:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)) and grouped:
        return f"{value:,}"
    if isinstance(value, (list, tuple, set)):
        return _(", ").join(str(each) for each in value)
    return value
