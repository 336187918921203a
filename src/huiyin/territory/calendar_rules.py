"""Which days are worked: holidays, make-up working days and weekends. Pure.

A calendar says nothing of a year whose holidays it does not hold: it refuses, since a wrong
deadline or a call on New Year's morning is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from huiyin.problems import CALENDAR_ENDS, DAY_NOT_A_WEEKEND

#: Days off that the law gives in a year, from the year on (全国年节及纪念日放假办法: State Council
#: orders 270 of 1999, 513 of 2007 and 795 of 2024). A table with fewer is not whole.
STATUTORY_DAYS = ((2025, 13), (2008, 11), (1999, 10))
#: New Year's Day, Labour Day and National Day are always on these (month, day).
FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1))
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The days that are not what their weekday says.

    Attributes:
        holidays: days off, weekends that lie in a holiday included.
        workdays: Saturdays and Sundays that are worked.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def knows(self, year: int) -> bool:
        """Whether the holidays of a year are here.

        All that have a fixed date must be, and at least as many days as the law gives.
        """
        found = sum(day.year == year for day in self.holidays)
        fixed = all(date(year, *each) in self.holidays for each in FIXED_HOLIDAYS)
        return fixed and found >= least_holidays(year)


def least_holidays(year: int) -> int:
    """How many days off the law gives in a year."""
    return next((days for since, days in STATUTORY_DAYS if year >= since), 0)


def check_day(calendar: Calendar, day: date) -> None:
    """Go on only if the calendar knows the day's year.

    Raises:
        Problem: ``calendar-ends``, which says what to load.
    """
    if not calendar.knows(day.year):
        raise CALENDAR_ENDS(year=day.year)


def is_holiday(calendar: Calendar, day: date) -> bool:
    """Whether a day is a public holiday.

    Raises:
        Problem: ``calendar-ends``.
    """
    check_day(calendar, day)
    return day in calendar.holidays


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether a day is worked: Monday to Friday without holidays, and make-up working days.

    Raises:
        Problem: ``calendar-ends``.
    """
    check_day(calendar, day)
    if day in calendar.workdays:
        return True
    return day not in calendar.holidays and day.weekday() < SATURDAY


def check_make_up(day: date, *, works: bool) -> None:
    """Only a Saturday or Sunday can be made a working day: other days are worked anyway.

    Raises:
        Problem: ``day-not-a-weekend``.
    """
    if works and day.weekday() < SATURDAY:
        raise DAY_NOT_A_WEEKEND(place="date", day=day)


def years_known(calendar: Calendar, years: Iterable[int]) -> list[int]:
    """Those of the years whose holidays the calendar holds."""
    return sorted(year for year in set(years) if calendar.knows(year))
