"""When residents may be called: one minute before, at, and after; across holidays and years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from huiyin.problems import Problem
from huiyin.survey.round_hours import (
    DEFAULT_HOURS,
    ZONE,
    Hours,
    calling_now,
    check_hours,
    next_calling_moment,
    parse_hours,
    said,
    weekday_of,
)
from huiyin.territory.calendar_rules import Calendar
from huiyin.territory.calendar_seed import shipped_days

CALENDAR = Calendar(
    frozenset(day.date for day in shipped_days() if day.kind == "holiday"),
    frozenset(day.date for day in shipped_days() if day.kind == "workday"),
)
#: Monday to Friday 9 to 12 and 14 to 20:30, Saturday from 10, no Sunday, holidays from 15.
HOURS = [
    *(Hours(day, time(9), time(12)) for day in range(5)),
    *(Hours(day, time(14), time(20, 30)) for day in range(5)),
    Hours(5, time(10), time(18)),
    Hours(7, time(15), time(20)),
]
END = date(2026, 12, 31)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """A moment of China."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "calls"),
    [
        ("2026-11-27T08:59", False),
        ("2026-11-27T09:00", True),
        ("2026-11-27T09:01", True),
        ("2026-11-27T11:59", True),
        ("2026-11-27T12:00", False),
        ("2026-11-27T12:01", False),
        ("2026-11-27T13:59", False),
        ("2026-11-27T14:00", True),
        ("2026-11-27T20:29", True),
        ("2026-11-27T20:30", False),
        ("2026-11-28T09:59", False),  # a Saturday
        ("2026-11-28T10:00", True),
        ("2026-11-29T10:00", False),  # a Sunday
    ],
)
def test_calls_are_made_from_the_first_minute_on_and_not_in_the_last(
    moment: str, calls: bool
) -> None:
    assert calling_now(HOURS, CALENDAR, at(moment)) is calls


@pytest.mark.parametrize(
    ("moment", "calls"),
    [
        ("2026-09-30T14:59", True),  # the Wednesday before
        ("2026-10-01T14:59", False),
        ("2026-10-01T15:00", True),
        ("2026-10-05T10:00", False),  # a Monday off has the hours of holidays
        ("2026-10-05T15:00", True),
        ("2026-10-07T19:59", True),
        ("2026-10-07T20:00", False),
        ("2026-10-08T09:00", True),  # the first working day after
    ],
)
def test_a_public_holiday_has_hours_of_its_own_whatever_its_weekday(
    moment: str, calls: bool
) -> None:
    assert calling_now(HOURS, CALENDAR, at(moment)) is calls


@pytest.mark.parametrize(
    ("day", "weekday"),
    [
        (date(2026, 10, 10), 4),  # a Saturday that is worked: Friday's hours
        (date(2026, 9, 20), 0),  # a Sunday that is worked: Monday's
        (date(2026, 10, 17), 5),
        (date(2026, 10, 18), 6),
        (date(2026, 10, 1), 7),
        (date(2026, 10, 8), 3),
    ],
)
def test_a_make_up_day_counts_as_the_working_day_beside_it(day: date, weekday: int) -> None:
    assert weekday_of(CALENDAR, day) == weekday


def test_a_make_up_saturday_is_called_from_nine_like_a_friday() -> None:
    assert not calling_now(HOURS, CALENDAR, at("2026-10-10T08:59"))
    assert calling_now(HOURS, CALENDAR, at("2026-10-10T09:00"))
    assert calling_now(HOURS, CALENDAR, at("2026-09-20T09:00"))  # a Sunday


def test_a_moment_is_judged_by_the_time_of_china_wherever_it_is_told() -> None:
    assert calling_now(HOURS, CALENDAR, datetime(2026, 11, 27, 1, 0, tzinfo=UTC))
    assert not calling_now(HOURS, CALENDAR, datetime(2026, 11, 27, 0, 59, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        calling_now(HOURS, CALENDAR, datetime(2026, 11, 27, 9, 0))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T08:59", "2026-11-27T09:00"),
        ("2026-11-27T09:00", "2026-11-27T09:00"),
        ("2026-11-27T09:01", "2026-11-27T09:01"),
        ("2026-11-27T12:00", "2026-11-27T14:00"),
        ("2026-11-27T20:29", "2026-11-27T20:29"),
        ("2026-11-27T20:30", "2026-11-28T10:00"),
        ("2026-11-28T18:00", "2026-11-30T09:00"),  # over a Sunday
        ("2026-09-30T20:30", "2026-10-01T15:00"),  # into a holiday
        ("2026-10-07T20:00", "2026-10-08T09:00"),  # out of it
        ("2026-10-09T20:30", "2026-10-10T09:00"),  # into a make-up Saturday
        ("2026-02-13T20:30", "2026-02-14T09:00"),  # a make-up Saturday before the Spring Festival
        ("2025-12-31T20:30", "2026-01-01T15:00"),  # over the end of a year
    ],
)
def test_the_next_moment_is_now_or_the_beginning_of_the_next_hours(
    moment: str, expected: str
) -> None:
    assert next_calling_moment(HOURS, CALENDAR, at(moment), END) == at(expected)


def test_after_the_last_hours_of_the_field_there_is_no_next_moment() -> None:
    assert next_calling_moment(HOURS, CALENDAR, at("2026-12-31T20:29"), END) is not None
    assert next_calling_moment(HOURS, CALENDAR, at("2026-12-31T20:30"), END) is None
    assert next_calling_moment([], CALENDAR, at("2026-12-01T09:00"), END) is None


def test_into_a_year_that_nobody_has_announced_it_refuses() -> None:
    """No call on a day of which nobody knows whether it is a holiday."""
    with pytest.raises(Problem) as refused:
        next_calling_moment(HOURS, CALENDAR, at("2026-12-31T20:30"), date(2027, 1, 31))
    assert refused.value.code == "calendar-ends"
    assert "2027" in refused.value.message
    with pytest.raises(Problem):
        calling_now(HOURS, CALENDAR, at("2027-01-04T10:00"))


def test_every_moment_that_is_given_may_be_called_and_none_before_it() -> None:
    moment = at("2026-09-30T00:00")
    while moment < at("2026-10-12T00:00"):
        found = next_calling_moment(HOURS, CALENDAR, moment, END)
        assert found is not None
        assert calling_now(HOURS, CALENDAR, found)
        assert calling_now(HOURS, CALENDAR, moment) == (found == moment)
        if found > moment:
            assert not calling_now(HOURS, CALENDAR, found - MINUTE)
        moment += timedelta(minutes=30)


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ([Hours(0, time(12), time(9))], "hours-reversed"),
        ([Hours(0, time(9), time(9))], "hours-reversed"),
        ([Hours(0, time(7, 59), time(9))], "hours-outside"),
        ([Hours(0, time(20), time(22, 1))], "hours-outside"),
        ([Hours(0, time(9), time(12)), Hours(0, time(11, 59), time(14))], "hours-overlap"),
    ],
)
def test_hours_are_in_order_apart_and_not_at_night(hours: list[Hours], code: str) -> None:
    with pytest.raises(Problem) as refused:
        check_hours(hours)
    assert (refused.value.code, refused.value.place) == (code, "day_0")


def test_hours_from_eight_to_ten_that_touch_are_taken() -> None:
    check_hours([Hours(0, time(8), time(12)), Hours(0, time(12), time(22))])
    check_hours(DEFAULT_HOURS)


@pytest.mark.parametrize(
    "text",
    ["09:00-12:00、14:00-20:30", "9:00～12:00，14:00—20:30", "９：００－１２：００ 14:00至20:30"],
)
def test_hours_are_read_as_people_write_them(text: str) -> None:
    assert said(parse_hours(0, text)) == "09:00-12:00、14:00-20:30"
    assert parse_hours(0, "  ") == []


@pytest.mark.parametrize("text", ["9-12", "25:00-26:00", "上午", "09:00"])
def test_what_is_no_hour_is_refused_with_its_day(text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_hours(6, text)
    assert (refused.value.code, refused.value.place) == ("hours-unreadable", "day_6")
