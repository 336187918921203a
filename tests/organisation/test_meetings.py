"""Meetings: numbers without gap or double, decisions that set off assignments, study, streets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.organisation.structure_cast import (
    COUNTY_OFFICE,
    NOW,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
    somebody,
)

from huiyin.audit.acts import SYSTEM, Actor
from huiyin.organisation import home, rules
from huiyin.organisation.actions import groups, records
from huiyin.organisation.events import decision_recorded
from huiyin.organisation.models import (
    CampaignType,
    Decision,
    Group,
    Meeting,
    MeetingKind,
    ServiceKind,
)
from huiyin.organisation.roles import Role
from huiyin.problems import Problem

__all__ = ["browse", "place"]

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.lists(DAYS, max_size=20), st.none() | st.integers(1, 50))
def test_numbers_of_a_series_follow_one_another_in_order_of_days(
    days: list[date], first: int | None
) -> None:
    """000-04: whatever days are tried, the series has no gap, no double, and runs forward."""
    series: list[tuple[int, date]] = []
    for day in days:
        asked = None if series else first
        if series and day < series[-1][1]:
            with pytest.raises(Problem) as refused:
                rules.next_number(series, day, asked)
            assert refused.value.code == "meeting-out-of-order"
        else:
            series.append((rules.next_number(series, day, asked), day))
    begin = first or 1
    assert [number for number, _day in series] == list(range(begin, begin + len(series)))
    assert [day for _number, day in series] == sorted(day for _number, day in series)


def test_only_the_first_meeting_that_is_entered_may_carry_any_number() -> None:
    assert rules.next_number([], TODAY, 7) == 7
    assert rules.next_number([(7, TODAY)], TODAY, 8) == 8
    with pytest.raises(Problem) as refused:
        rules.next_number([(7, TODAY)], TODAY, 9)
    assert refused.value.code == "meeting-number-follows"


def meet(
    group: Group, day: date = TODAY, kind: str = MeetingKind.DIRECTORS, **values: Any
) -> Meeting:
    return groups.hold_meeting(
        SYSTEM, group, kind=kind, held_on=day, chair="王建国", attendees="李明、赵刚\n孙丽、李明",
        today=TODAY, **values,
    )  # fmt: skip


def test_each_kind_of_meeting_of_each_group_has_its_own_series(place: Place) -> None:
    """000-04 办公室第一次主任会议, 003-34 现场办公会."""
    one, two = place.group(), place.group("云山县禁毒专班")
    numbers = [
        meet(one).number, meet(one).number, meet(one, kind=MeetingKind.ON_SITE).number,
        meet(two).number,
    ]  # fmt: skip
    assert numbers == [1, 2, 1, 1]
    assert "第2次主任会议" in str(one.meetings.get(number=2, kind=MeetingKind.DIRECTORS))


def test_attendees_are_kept_each_once(place: Place) -> None:
    assert meet(place.group()).attendees.split("\n") == ["李明", "赵刚", "孙丽"]


def test_a_meeting_to_come_is_not_recorded(place: Place) -> None:
    with pytest.raises(Problem) as refused:
        meet(place.group(), TODAY + timedelta(days=1))
    assert (refused.value.code, refused.value.place) == ("day-in-future", "held_on")


@pytest.fixture
def heard() -> Iterator[list[Decision]]:
    """What a higher room hears of decisions."""
    decisions: list[Decision] = []

    def listen(sender: Any, decision: Decision, actor: Actor, **rest: Any) -> None:
        decisions.append(decision)

    decision_recorded.connect(listen)
    yield decisions
    decision_recorded.disconnect(listen)


def decide(place: Place, meeting: Meeting, **values: Any) -> Decision:
    known: dict[str, Any] = {
        "text": "十日内完成责任街路灯修复", "lead_unit": place.police,
        "member_units": [place.government], "due_on": TODAY + timedelta(days=10),
    }  # fmt: skip
    return groups.record_decision(SYSTEM, meeting, **known | values)


def test_higher_rooms_hear_each_decision_with_its_units(
    place: Place, heard: list[Decision]
) -> None:
    """000-04 decisions → assignments; 000-08 lead and member units on each."""
    meeting = meet(place.group())
    first, second = decide(place, meeting), decide(place, meeting, member_units=[])
    assert heard == [first, second]
    assert [first.number, second.number] == [1, 2]
    assert list(heard[0].member_units.all()) == [place.government]


def test_a_decision_that_a_listener_refuses_is_not_recorded(place: Place) -> None:
    meeting = meet(place.group())

    def refuse(**sent: Any) -> None:
        raise RuntimeError("no assignment can be made")

    decision_recorded.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            decide(place, meeting)
    finally:
        decision_recorded.disconnect(refuse)
    assert not meeting.decisions.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, "due-before-meeting"),
        ({"member_units": "lead"}, "lead-and-member"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_refused(
    place: Place, values: dict[str, Any], code: str
) -> None:
    if values.get("member_units"):
        values = {"member_units": [place.police]}
    with pytest.raises(Problem) as refused:
        decide(place, meet(place.group()), **values)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("left", "standing"),
    [(-1, "overdue"), (0, "due"), (1, "near"), (3, "near"), (4, "neutral")],
)
def test_a_decision_is_near_three_days_before_and_overdue_one_day_after(
    left: int, standing: str
) -> None:
    assert rules.standing(TODAY + timedelta(days=left), None, TODAY) == standing
    assert rules.standing(TODAY + timedelta(days=left), TODAY, TODAY) == "good"


def test_a_decision_is_reported_done_once(place: Place) -> None:
    decision = decide(place, meet(place.group()))
    groups.close_decision(SYSTEM, decision, done_on=TODAY, outcome="已修复 12 盏", today=TODAY)
    with pytest.raises(Problem) as refused:
        groups.close_decision(SYSTEM, decision, done_on=TODAY, outcome="重复", today=TODAY)
    assert refused.value.code == "decision-done"


def test_a_decision_due_soon_waits_on_the_home_page_of_its_lead_unit(place: Place) -> None:
    decide(place, meet(place.group()), due_on=TODAY)
    handler = somebody(Role.HANDLER, unit=place.police.pk)
    found = [task for task in home.tasks(handler, NOW) if "decisions" in task.url]
    assert [(task.count, task.tone) for task in found] == [(1, "due")]
    other = somebody(Role.HANDLER, unit=place.government.pk)
    assert not [task for task in home.tasks(other, NOW) if "decisions" in task.url]


def test_an_on_site_meeting_is_recorded_with_its_streets_and_decided_by_screen(
    place: Place, browse: Callable[..., Any]
) -> None:
    """003-34 责任街巡逻现场办公会 and 000-04, by screen."""
    sent = {"name": "人民路", "region": "云山县", "unit": "云山县公安局", "since": "2026-01-01"}
    assert browse(COUNTY_OFFICE, "/organisation/streets/add/", sent).status_code == 302
    street, group = place.police.streets.get(), place.group()
    sent = {
        "kind": "on_site", "held_on": "2026-11-20", "place": "人民路", "chair": "王建国",
        "attendees": "李明、赵刚", "units": "云山县公安局\n清溪镇人民政府", "streets": [street.pk],
    }  # fmt: skip
    answer = browse(COUNTY_OFFICE, f"/organisation/groups/{group.pk}/meetings/add/", sent)
    assert answer.status_code == 302
    meeting = group.meetings.get()
    at = f"/organisation/meetings/{meeting.pk}"
    sent = {
        "text": "修复路灯", "lead_unit": "云山县公安局", "member_units": "清溪镇人民政府",
        "due_on": "2026-12-10",
    }  # fmt: skip
    assert browse(COUNTY_OFFICE, f"{at}/decisions/add/", sent).status_code == 302
    browse(COUNTY_OFFICE, f"{at}/minutes/", {"minutes": "会议听取了巡逻防控情况汇报。"})
    page = body(browse(OFFICE, f"{at}/"))
    for said in ("现场办公会", "人民路", "修复路灯", "清溪镇人民政府", "听取了巡逻防控"):
        assert said in page
    assert "修复路灯" in body(browse(OFFICE, "/organisation/decisions/?open=yes"))
    assert "人民路" in body(browse(OFFICE, f"/organisation/units/{place.police.pk}/"))


def test_units_that_are_not_known_are_all_named_beside_the_field(
    place: Place, browse: Callable[..., Any]
) -> None:
    group = place.group()
    sent = {
        "kind": "plenary", "held_on": "2026-11-20", "chair": "王建国", "attendees": "李明",
        "units": "云山县公安局\n甲单位\n乙单位",
    }  # fmt: skip
    answer = browse(OFFICE, f"/organisation/groups/{group.pk}/meetings/add/", sent)
    assert answer.status_code == 422
    assert "甲单位" in body(answer)
    assert "乙单位" in body(answer)
    assert not group.meetings.exists()


def test_a_unit_studies_one_topic_a_month(place: Place, browse: Callable[..., Any]) -> None:
    """004-06 一月一专题, by act and by screen; what is missing is computed."""
    records.record_study(
        SYSTEM, place.police, topic="反有组织犯罪法", held_on=date(2026, 3, 5), people=30,
        today=TODAY,
    )  # fmt: skip
    url = f"/organisation/units/{place.police.pk}"
    sent = {"topic": "禁毒法", "held_on": "2026-03-20", "people": "20"}
    answer = browse(OFFICE, f"{url}/study/add/", sent)
    assert answer.status_code == 422
    assert "反有组织犯罪法" in body(answer)
    assert browse(OFFICE, f"{url}/study/add/", {**sent, "held_on": "2026-04-20"}).status_code == 302
    assert "1月、2月、5月" in body(browse(OFFICE, f"{url}/"))


@given(st.sets(st.integers(1, 12)), st.integers(2024, 2027))
def test_months_without_a_topic_are_those_that_have_begun_and_have_none(
    done: set[int], year: int
) -> None:
    lacking = rules.months_without(done, year, TODAY)
    begun = [month for month in range(1, 13) if date(year, month, 1) <= TODAY]
    assert sorted({*lacking, *(done & set(begun))}) == begun
    assert not done & set(lacking)


def test_coverage_is_the_share_of_villages_with_an_adviser(
    place: Place, browse: Callable[..., Any]
) -> None:
    """004-19 一村（社区）一法律顾问、一辅警: villages counted, not advisers; ended ones not."""
    kind = ServiceKind.ADVISER
    for name in ("张律师", "陈律师"):
        records.record_service(SYSTEM, place.village, kind=kind, name=name, since=date(2026, 1, 1))
    gone = records.record_service(
        SYSTEM, place.west, kind=kind, name="刘律师", since=date(2025, 1, 1)
    )
    records.end_service(SYSTEM, gone, until=TODAY - timedelta(days=1))
    page = body(browse(OFFICE, "/organisation/coverage/"))
    assert "1 · 50.0 %" in page
    assert "0 · 0.0 %" in page
    deeper = body(browse(OFFICE, "/organisation/coverage/?region=439901100000"))
    assert "1 · 100.0 %" in deeper


def test_advisers_are_entered_for_villages_only(place: Place) -> None:
    """004-19."""
    with pytest.raises(Problem) as refused:
        records.record_service(
            SYSTEM, place.town, kind=ServiceKind.ADVISER, name="张律师", since=TODAY
        )
    assert refused.value.code == "not-a-village"


def test_three_campaign_types_are_there_and_a_city_adds_its_own(
    place: Place, browse: Callable[..., Any]
) -> None:
    """000-05 大学习、大调研、大宣讲."""
    names = list(CampaignType.objects.values_list("name", flat=True))
    assert names == ["大学习", "大调研", "大宣讲"]
    sent = {"name": "大走访", "purpose": "走村入户", "in_use": "on"}
    url = "/organisation/campaign-types/add/"
    assert browse(OFFICE, url, sent).status_code == 302
    assert browse(OFFICE, url, sent).status_code == 422
    assert "大走访" in body(browse(OFFICE, "/organisation/campaign-types/"))


def test_the_office_of_the_region_sees_every_decision_that_is_due(place: Place) -> None:
    decide(place, meet(place.group()), due_on=TODAY)
    for actor in (OFFICE, COUNTY_OFFICE):
        found = [task.count for task in home.tasks(actor, NOW) if "decisions" in task.url]
        assert found == [1]
    elsewhere = somebody(Role.OFFICE, region="439902")
    assert not [task for task in home.tasks(elsewhere, NOW) if "decisions" in task.url]
