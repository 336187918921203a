"""What a list can be narrowed by: each filter reads its own values from the address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from inspect import signature
from typing import Any, ClassVar

from django.db.models import Choices, DateTimeField, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huiyin.furniture.tables.keyset import keys_of
from huiyin.problems import UNKNOWN_CHOICE, UNREADABLE_DATE, UNREADABLE_NUMBER, UNREADABLE_REGION

Pairs = Iterable[tuple[Any, Any]]
Choosable = (
    Pairs | Mapping[Any, Any] | type[Choices] | Callable[[], Pairs] | Callable[[HttpRequest], Pairs]
)
#: A filter never searches for more than this many characters.
LONGEST = 200


@dataclass(frozen=True)
class Filter:
    """One filter.

    Attributes:
        name: its name in addresses.
        title: its label.
    """

    name: str
    title: str | Promise
    kind: ClassVar[str] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names it uses in addresses."""
        return (self.name,)

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        """The rows that match.

        Raises:
            Problem: what was asked cannot be read.
        """
        raise NotImplementedError

    def says(self, asked: QueryDict, request: HttpRequest) -> str:
        """What it is set to, for people; "" = not set."""
        return text_of(asked, self.name)


def text_of(asked: QueryDict, name: str) -> str:
    return asked.get(name, "").replace("\x00", "").strip()[:LONGEST]


@dataclass(frozen=True)
class Search(Filter):
    """Every word asked for stands in at least one of the fields.

    Attributes:
        fields: ORM paths.
        lookup: ``icontains`` reads the whole table; ``istartswith`` or ``startswith`` can use an
            index, which long tables need.
    """

    fields: Sequence[str] = ()
    lookup: str = "icontains"
    kind = "search"

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        for word in text_of(asked, self.name).split():
            anywhere = Q()
            for path in self.fields:
                anywhere |= Q(**{f"{path}__{self.lookup}": word})
            rows = rows.filter(anywhere)
        return rows


@dataclass(frozen=True)
class Choice(Filter):
    """One of several values.

    Attributes:
        field: ORM path.
        choices: pairs of value and title, a mapping, an enumeration of Django's, or a function that
            gives pairs (from the request, if it takes one argument).
        anything: what stands for "not narrowed".
    """

    field: str = ""
    choices: Choosable = ()
    anything: str | Promise = ""
    kind = "choice"

    def options(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Values and titles, as text."""
        return [(str(value), str(title)) for value, title in _pairs(self.choices, request)]

    def chosen(self, asked: QueryDict, request: HttpRequest) -> list[str]:
        """The values asked for.

        Raises:
            Problem: ``unknown-choice``: one of them is not offered.
        """
        values = [value for value in asked.getlist(self.name) if value]
        if not values:
            return []
        offered = {value for value, _title in self.options(request)}
        for value in values:
            if value not in offered:
                raise UNKNOWN_CHOICE(place=self.name, value=value[:40])
        return values

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        values = self.chosen(asked, request)[-1:]
        return rows.filter(**{self.field: values[0]}) if values else rows

    def says(self, asked: QueryDict, request: HttpRequest) -> str:
        titles = dict(self.options(request))
        values = [value for value in asked.getlist(self.name) if value]
        return _(", ").join(titles.get(value, value) for value in values)


@dataclass(frozen=True)
class MultiChoice(Choice):
    """Any of several values."""

    kind = "choices"

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        values = self.chosen(asked, request)
        return rows.filter(**{f"{self.field}__in": values}) if values else rows


def _pairs(choices: Choosable, request: HttpRequest) -> Pairs:
    if isinstance(choices, type):
        enumeration: Any = choices
        return list(enumeration.choices)
    if callable(choices):
        given: Callable[..., Pairs] = choices
        return given(request) if signature(given).parameters else given()
    return choices.items() if isinstance(choices, Mapping) else choices


@dataclass(frozen=True)
class Flag(Choice):
    """Yes or no of a boolean field, or of a condition.

    Attributes:
        condition: what "yes" means, where it is not just the field.
    """

    choices: Choosable = field(default=lambda: (("yes", _("Yes")), ("no", _("No"))))
    condition: Q | None = None

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        values = self.chosen(asked, request)[-1:]
        if not values:
            return rows
        condition = self.condition or Q(**{self.field: True})
        return rows.filter(condition if values[0] == "yes" else ~condition)


@dataclass(frozen=True)
class _Range(Filter):
    """From one value to another, both included; either may be left open.

    Attributes:
        field: ORM path.
    """

    field: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def says(self, asked: QueryDict, request: HttpRequest) -> str:
        low, high = (text_of(asked, name) for name in self.names)
        if low and high:
            return _("{low} to {high}").format(low=low, high=high)
        if low:
            return _("from {low}").format(low=low)
        return _("up to {high}").format(high=high) if high else ""


@dataclass(frozen=True)
class DateRange(_Range):
    """Days between two days, both included, in the zone of the site."""

    kind = "dates"

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        low, high = (read_date(text_of(asked, name), place=name) for name in self.names)
        moments = isinstance(keys_of(rows, (self.field,))[0].field, DateTimeField)
        if low:
            rows = rows.filter(**{f"{self.field}__gte": _midnight(low) if moments else low})
        if high and moments:
            rows = rows.filter(**{f"{self.field}__lt": _midnight(high + timedelta(days=1))})
        elif high:
            rows = rows.filter(**{f"{self.field}__lte": high})
        return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def read_date(text: str, *, place: str) -> date | None:
    """A day written as 2026-11-28, 2026/11/28, 2026.11.28 or 2026年11月28日; full width too.

    Raises:
        Problem: ``unreadable-date``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    found = DATE.fullmatch(plain)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 2200:
        raise UNREADABLE_DATE(place=place, value=text)
    return day


@dataclass(frozen=True)
class NumberRange(_Range):
    """Numbers between two numbers, both included."""

    kind = "numbers"

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        low, high = (read_number(text_of(asked, name), place=name) for name in self.names)
        if low is not None:
            rows = rows.filter(**{f"{self.field}__gte": low})
        return rows.filter(**{f"{self.field}__lte": high}) if high is not None else rows


def read_number(text: str, *, place: str) -> Decimal | None:
    """A number; full-width digits and separators of thousands are understood.

    Raises:
        Problem: ``unreadable-number``.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation as wrong:
        raise UNREADABLE_NUMBER(place=place, value=text) from wrong
    if not number.is_finite() or abs(number) >= 10**15:
        raise UNREADABLE_NUMBER(place=place, value=text)
    return number


@dataclass(frozen=True)
class RegionFilter(Filter):
    """A region and all below it, by the stem of its code.

    Attributes:
        field: ORM path of the field that holds the code.
        choices: regions to pick from, as pairs of code or stem and title; without them a code is
            typed.
    """

    field: str = ""
    choices: Choosable = ()
    kind = "region"

    def options(self, request: HttpRequest) -> list[tuple[str, str]]:
        return [(str(code), str(title)) for code, title in _pairs(self.choices, request)]

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        code = unicodedata.normalize("NFKC", text_of(asked, self.name))
        if not code:
            return rows
        if not re.fullmatch(r"[0-9]{2,15}", code):
            raise UNREADABLE_REGION(place=self.name, value=code)
        return rows.filter(**{f"{self.field}__startswith": stem_of(code)})

    def says(self, asked: QueryDict, request: HttpRequest) -> str:
        code = text_of(asked, self.name)
        return dict(self.options(request)).get(code, code)


def stem_of(code: str) -> str:
    """The digits of a division code that say something: 430582000000 → 430582.

    A stem given as such is returned as it is.
    """
    if len(code) < 12:
        return code
    for length in (2, 4, 6, 9):
        if not code[length:].strip("0"):
            return code[:length]
    return code
