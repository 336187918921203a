"""The calendar: which days are worked, and what is said of years that nobody has announced yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.audit.models import Event
from huiyin.furniture.exchange import Row, Where
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.territory import calendar_actions as actions
from huiyin.territory import calendar_queries, calendar_rules
from huiyin.territory.calendar_import import CalendarImport
from huiyin.territory.calendar_rules import Calendar, is_holiday, is_working_day
from huiyin.territory.calendar_seed import shipped_days
from huiyin.territory.models import Day, DayKind

OFFICE = Actor(None, "office", held=(Held(Role.OFFICE),))
SHIPPED = Calendar(
    frozenset(day.date for day in shipped_days() if day.kind == "holiday"),
    frozenset(day.date for day in shipped_days() if day.kind == "workday"),
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),  # the Wednesday before National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 5), False),  # a Monday that lies in the holiday
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday that is made up
        (date(2026, 10, 11), False),  # the Sunday after it is not
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
        (date(2026, 1, 4), True),  # a Sunday that is made up
    ],
)
def test_holidays_are_off_and_make_up_days_are_worked(day: date, works: bool) -> None:
    assert is_working_day(SHIPPED, day) is works


def test_an_ordinary_weekend_is_neither_worked_nor_a_holiday() -> None:
    assert not is_working_day(SHIPPED, date(2026, 11, 28))
    assert not is_holiday(SHIPPED, date(2026, 11, 28))


def test_every_day_is_what_the_package_that_others_keep_says() -> None:
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        assert is_working_day(SHIPPED, day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2027, 1, 1)])
def test_outside_the_years_it_knows_it_refuses_and_says_what_to_load(day: date) -> None:
    with pytest.raises(Problem) as refused:
        is_working_day(SHIPPED, day)
    assert refused.value.code == "calendar-ends"
    assert str(day.year) in refused.value.message


def test_one_holiday_does_not_make_a_year_known() -> None:
    """State Council order 795 of 2024: thirteen days off in a year."""
    begun = [date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)]
    rest = [date(2027, 2, 5) + timedelta(days=each) for each in range(10)]
    assert not Calendar(frozenset(begun)).knows(2027)
    assert not Calendar(frozenset([*begun, *rest[:9]])).knows(2027)
    assert Calendar(frozenset([*begun, *rest])).knows(2027)
    assert not Calendar(frozenset([*begun[1:], *rest, date(2027, 6, 9)])).knows(2027)


def test_the_law_gave_eleven_days_until_2024_and_thirteen_since() -> None:
    assert [calendar_rules.least_holidays(year) for year in (2007, 2008, 2024, 2025)] == [
        10, 11, 11, 13,
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_calendar_ships_with_what_is_announced() -> None:
    assert calendar_queries.whole_calendar() == SHIPPED
    assert calendar_queries.years()[0] == 2026


@pytest.mark.django_db
def test_the_database_makes_up_weekends_only() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Day.objects.create(date=date(2026, 11, 27), kind="workday", name="国庆节", source="×")
    with pytest.raises(IntegrityError), transaction.atomic():
        Day.objects.create(date=date(2026, 11, 27), kind="feast", name="国庆节", source="×")


@pytest.mark.django_db
def test_a_day_is_set_changed_and_dropped_and_each_leaves_an_event() -> None:
    day = actions.set_day(
        OFFICE, on=date(2027, 1, 1), kind="holiday", name="元旦", origin="国办发明电"
    )
    actions.set_day(
        OFFICE, on=date(2027, 1, 1), kind="holiday", name="新年", origin="国办发明电", stored=day
    )
    actions.remove_day(OFFICE, day)
    events = Event.objects.filter(act="territory.change_calendar").order_by("pk")
    assert [set(each.after) for each in events][1] == {"name"}
    assert events[2].before["name"] == "新年"


@pytest.mark.django_db
def test_a_friday_cannot_be_made_up_and_no_day_stands_twice() -> None:
    with pytest.raises(Problem) as refused:
        actions.set_day(OFFICE, on=date(2026, 11, 27), kind="workday", name="国庆", origin="×")
    assert refused.value.code == "day-not-a-weekend"
    with pytest.raises(Problem) as refused:
        actions.set_day(OFFICE, on=date(2026, 10, 1), kind="holiday", name="国庆", origin="×")
    assert refused.value.code == "calendar-day-taken"


@pytest.mark.django_db
def test_what_ships_is_taken_in_where_a_year_is_not_whole_and_what_was_entered_stays() -> None:
    Day.objects.filter(date__year=2026).delete()
    own = Day.objects.create(
        date=date(2026, 1, 1), kind=DayKind.HOLIDAY, name="新年", source="本市"
    )
    assert actions.take_in_shipped(SYSTEM) == [2026]
    own.refresh_from_db()
    assert own.name == "新年"
    assert calendar_queries.whole_calendar() == SHIPPED
    with pytest.raises(Problem) as refused:
        actions.take_in_shipped(SYSTEM)
    assert refused.value.code == "calendar-nothing-new"


def _row(number: int, day: date, kind: str, name: str = "元旦") -> Row:
    values = {"date": day, "kind": kind, "name": name, "source": "国办发明电〔2026〕1号"}
    return Row(Where("放假", number), values)


@pytest.mark.django_db
def test_a_file_adds_and_changes_days_and_rejects_made_up_weekdays_and_days_twice() -> None:
    rows = [
        _row(2, date(2027, 1, 1), "holiday"),
        _row(3, date(2027, 1, 1), "holiday"),
        _row(4, date(2027, 1, 4), "workday"),
        _row(5, date(2026, 10, 1), "holiday", "国庆"),
    ]
    sheet = CalendarImport()
    changes = sheet.plan(rows, SYSTEM)
    assert [each.outcome.value for each in changes] == ["added", "rejected", "rejected", "changed"]
    sheet.apply([changes[0], changes[3]], SYSTEM)
    assert Day.objects.get(date=date(2027, 1, 1)).name == "元旦"
    assert Day.objects.get(date=date(2026, 10, 1)).name == "国庆"


def test_the_words_of_notices_are_understood() -> None:
    parse = next(field.parse for field in CalendarImport.columns if field.name == "kind")
    assert [parse(said) for said in ("放假", "休", "补班", "调休上班")] == [
        "holiday", "holiday", "workday", "workday",
    ]  # fmt: skip


@pytest.fixture
def client_as(client: Client) -> Callable[[Role], Client]:
    def sign_in(role: Role) -> Client:
        account = Account.objects.create_user(role.value, name="试")
        Holding.objects.create(account=account, role=role)
        client.force_login(account)
        return client

    return sign_in


@pytest.mark.django_db
def test_the_page_says_which_years_are_missing(client_as: Callable[[Role], Client]) -> None:
    client = client_as(Role.OFFICE)
    Day.objects.filter(date__year__gte=2026).delete()
    page = client.get("/territory/calendar/").content.decode()
    assert "2026" in page
    assert "不在日历中" in page
    assert "/territory/calendar/import/" in page


@pytest.mark.django_db
def test_forms_set_and_drop_a_day(client_as: Callable[[Role], Client]) -> None:
    client = client_as(Role.OFFICE)
    data = {"date": "2027-01-01", "kind": "holiday", "name": "元旦", "source": "国办发明电"}
    assert client.post("/territory/calendar/add/", data).status_code == 302
    day = Day.objects.get(date=date(2027, 1, 1))
    wrong = client.post("/territory/calendar/add/", data)
    assert wrong.status_code == 422
    assert "已在日历中" in wrong.content.decode()
    url = f"/territory/calendar/{day.pk}/"
    assert client.post(url, {**data, "name": "新年"}).status_code == 302
    assert client.post(f"{url}remove/").status_code == 302
    assert not Day.objects.filter(pk=day.pk).exists()
    Day.objects.filter(date__year=2026).delete()
    assert client.post("/territory/calendar/shipped/").status_code == 302
    assert Day.objects.filter(date__year=2026).exists()


@pytest.mark.django_db
def test_a_unit_sees_the_calendar_and_does_not_change_it(
    client_as: Callable[[Role], Client],
) -> None:
    client = client_as(Role.HANDLER)
    assert client.get("/territory/calendar/").status_code == 200
    assert client.get("/territory/calendar/add/").status_code == 403


@pytest.mark.django_db
def test_the_api_tells_a_day_and_refuses_unknown_years(
    client_as: Callable[[Role], Client], django_assert_max_num_queries: Any
) -> None:
    client = client_as(Role.OFFICE)
    days = client.get("/api/v1/territory/calendar?year=2026").json()
    assert len(days) == 39
    told = client.get("/api/v1/territory/calendar/2026-10-10").json()
    assert told == {"date": "2026-10-10", "working": True, "holiday": False}
    assert client.get("/api/v1/territory/calendar/2031-10-10").json()["code"] == "calendar-ends"
    with django_assert_max_num_queries(25):
        client.get("/territory/calendar/")
