"""The calendar over HTTP: the days of a year, and whether a day is worked."""

from __future__ import annotations

from datetime import date

from ninja import Router, Schema

from huiyin.furniture.api import operation
from huiyin.furniture.views import Request
from huiyin.territory import calendar_acts as acts
from huiyin.territory import calendar_queries, calendar_rules
from huiyin.territory.calendar_models import Day

router = Router(tags=["territory"])


class DayOut(Schema):
    """A day that is not what its weekday says: kind is holiday or workday."""

    date: date
    kind: str
    name: str
    source: str


class DayIs(Schema):
    """What a day is."""

    date: date
    working: bool
    holiday: bool


@router.get("/calendar", response=list[DayOut])
@operation(acts.SEE_CALENDAR)
def calendar(request: Request, year: int) -> list[Day]:
    """The holidays and make-up working days of a year; refused for a year that is not whole."""
    calendar_rules.check_day(calendar_queries.calendar_of([year]), date(year, 1, 1))
    return list(Day.objects.filter(date__year=year).order_by("date"))


@router.get("/calendar/{day}", response=DayIs)
@operation(acts.SEE_CALENDAR)
def day(request: Request, day: date) -> dict[str, object]:
    """Whether a day is worked, and whether it is a public holiday."""
    known = calendar_queries.calendar_of([day.year])
    return {
        "date": day,
        "working": calendar_rules.is_working_day(known, day),
        "holiday": calendar_rules.is_holiday(known, day),
    }
