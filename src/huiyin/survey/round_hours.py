"""When residents may be called: hours by weekday, public holidays apart. Pure.

A weekday's hours hold on that weekday; those of public holidays hold on every day off that the
State Council announced, whatever its weekday. A Saturday or Sunday that is worked instead is a
working day: it has the hours of the working day beside it, Friday's or Monday's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from huiyin.problems import HOURS_OUTSIDE, HOURS_OVERLAP, HOURS_REVERSED, HOURS_UNREADABLE
from huiyin.territory.calendar_rules import Calendar, is_holiday

#: All of China keeps one time.
ZONE = ZoneInfo("Asia/Shanghai")
HOLIDAY = 7
#: What the kinds of days are called.
DAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
    _("Sunday"), _("Public holidays"),
)  # fmt: skip
#: Nobody is called earlier or later than this, whatever a round says.
EARLIEST, LATEST = time(8), time(22)
_BESIDE = {5: 4, 6: 0}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})[-–—~至到](\d{1,2}):(\d{2})")
_BETWEEN = re.compile(r"[、,;\s]+")


class Hours(NamedTuple):
    """From when to when residents are called on a kind of day; the end is no longer in it.

    Attributes:
        weekday: 0 Monday … 6 Sunday, 7 public holiday.
    """

    weekday: int
    begins: time
    ends: time


def _on(days: Iterable[int], *spans: tuple[time, time]) -> tuple[Hours, ...]:
    return tuple(Hours(day, *span) for day in days for span in spans)


_MORNING, _AFTERNOON = (time(9), time(12)), (time(14), time(20, 30))
_LATE_MORNING, _EARLY_EVENING = (time(10), time(12)), (time(15), time(20))
#: What a new round begins with: no calls at noon, late starts on weekends and holidays.
DEFAULT_HOURS: tuple[Hours, ...] = (
    *_on(range(5), _MORNING, _AFTERNOON),
    *_on((5, 6), _LATE_MORNING, _AFTERNOON),
    *_on((HOLIDAY,), _LATE_MORNING, _EARLY_EVENING),
)


def check_hours(hours: Iterable[Hours]) -> None:
    """The hours of each kind of day are apart, in order, and not at night.

    Raises:
        Problem: ``hours-reversed``, ``hours-outside`` or ``hours-overlap``; its place is the day.
    """
    ordered = sorted(hours)
    for each in ordered:
        if each.ends <= each.begins:
            raise HOURS_REVERSED(place=f"day_{each.weekday}", span=said([each]))
        if each.begins < EARLIEST or each.ends > LATEST:
            raise HOURS_OUTSIDE(
                place=f"day_{each.weekday}", span=said([each]),
                earliest=f"{EARLIEST:%H:%M}", latest=f"{LATEST:%H:%M}",
            )  # fmt: skip
    for one, other in pairwise(ordered):
        if one.weekday == other.weekday and other.begins < one.ends:
            raise HOURS_OVERLAP(place=f"day_{one.weekday}", one=said([one]), other=said([other]))


def said(hours: Iterable[Hours]) -> str:
    """Hours of one day as people write them: 09:00-12:00、14:00-20:30."""
    return "、".join(f"{each.begins:%H:%M}-{each.ends:%H:%M}" for each in sorted(hours))


def weekday_of(calendar: Calendar, day: date) -> int:
    """Whose hours hold on a day: 0 to 6, or 7 on a public holiday.

    Raises:
        Problem: ``calendar-ends``: nobody has announced the holidays of its year here.
    """
    if is_holiday(calendar, day):
        return HOLIDAY
    return _BESIDE[day.weekday()] if day in calendar.workdays else day.weekday()


def hours_on(hours: Iterable[Hours], calendar: Calendar, day: date) -> list[Hours]:
    """The calling hours of a day, in order.

    Raises:
        Problem: ``calendar-ends``.
    """
    weekday = weekday_of(calendar, day)
    return sorted(each for each in hours if each.weekday == weekday)


def calling_now(hours: Iterable[Hours], calendar: Calendar, moment: datetime) -> bool:
    """Whether residents may be called at a moment: from the first minute on, before the last.

    Args:
        moment: with its time zone.

    Raises:
        Problem: ``calendar-ends``.
        ValueError: the moment has no time zone.
    """
    local = _local(moment)
    return any(
        each.begins <= local.time() < each.ends for each in hours_on(hours, calendar, local.date())
    )


def next_calling_moment(
    hours: Iterable[Hours], calendar: Calendar, moment: datetime, until: date
) -> datetime | None:
    """The first moment from one on at which residents may be called; None = not until a day's end.

    Args:
        moment: with its time zone; given back as it is if residents may be called then.
        until: the last day that is looked at, such as the last of the field.

    Raises:
        Problem: ``calendar-ends``, if the holidays of a year on the way are not known.
        ValueError: the moment has no time zone.
    """
    spans, local = list(hours), _local(moment)
    day = local.date()
    while day <= until:
        for each in hours_on(spans, calendar, day):
            begins = datetime.combine(day, each.begins, ZONE)
            if local < datetime.combine(day, each.ends, ZONE):
                return max(local, begins)
        day += timedelta(days=1)
    return None


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(ZONE)


def parse_hours(weekday: int, text: str) -> list[Hours]:
    """Hours of one kind of day as people write them: 09:00-12:00、14:00-20:30; "" = none.

    Raises:
        Problem: ``hours-unreadable``; its place is the day.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    spans = re.sub(r"\s*([-–—~至到])\s*", r"\1", plain)
    return [_parse_span(weekday, each) for each in _BETWEEN.split(spans) if each]


def _parse_span(weekday: int, text: str) -> Hours:
    found = _SPAN.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        hour, minute, last_hour, last_minute = map(int, found.groups())
        return Hours(weekday, time(hour, minute), time(last_hour, last_minute))
    except ValueError as wrong:
        raise HOURS_UNREADABLE(place=f"day_{weekday}", given=text[:40]) from wrong
