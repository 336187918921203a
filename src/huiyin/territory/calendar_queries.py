"""Reads of the calendar."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, Min

from huiyin.territory.calendar_models import Day, DayKind
from huiyin.territory.calendar_rules import Calendar


def calendar_of(years: Iterable[int]) -> Calendar:
    """The calendar of some years, in one query."""
    rows = Day.objects.filter(date__year__in=set(years)).values_list("date", "kind").order_by()
    kept: dict[str, set[object]] = {kind: set() for kind in DayKind.values}
    for day, kind in rows:
        kept[kind].add(day)
    return Calendar(
        holidays=frozenset(kept[DayKind.HOLIDAY]),  # type: ignore[arg-type]
        workdays=frozenset(kept[DayKind.WORKDAY]),  # type: ignore[arg-type]
    )


def whole_calendar() -> Calendar:
    """The calendar of all years that have a day in it."""
    return calendar_of(years())


def years() -> list[int]:
    """The years from the first day to the last, the latest first."""
    ends = Day.objects.aggregate(first=Min("date"), last=Max("date"))
    if ends["first"] is None:
        return []
    return list(range(ends["last"].year, ends["first"].year - 1, -1))
