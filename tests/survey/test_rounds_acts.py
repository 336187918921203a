"""Acts of rounds: who may, what the database holds, steps, breaks, quotas and staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.survey import round_cast
from tests.survey.round_cast import (
    COUNTY,
    NOW,
    OFFICE,
    OTHER_TOWN,
    SUPERVISOR,
    TODAY,
    TOWN,
    Cast,
    workbook,
)

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.audit.models import Event
from huiyin.furniture.exchange import Row, Where
from huiyin.organisation.models import Holding
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.survey import round_actions as actions
from huiyin.survey import round_needs
from huiyin.survey import round_queries as queries
from huiyin.survey import round_rules as rules
from huiyin.survey.models import CallingHours, Quota, Round, RoundStatus, SegmentTable, Staff
from huiyin.survey.round_hours import DEFAULT_HOURS, Hours
from huiyin.survey.round_rules import Step
from huiyin.survey.round_sheets import QuotaImport, StaffImport
from huiyin.territory.models import Day, Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return round_cast.cast()


def refused(do: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as raised:
        do()
    return raised.value


def test_a_new_round_has_the_dates_of_the_rule_the_hours_and_the_one_number(cast: Cast) -> None:
    """000-13, 000-14."""
    first = actions.add_round(OFFICE, cast.series, year=2026, half="H1")
    assert (first.field_from, first.field_until) == (date(2026, 5, 1), date(2026, 7, 31))
    assert (first.status, first.caller_id, first.modes) == ("draft", "12340", ["telephone"])
    assert sorted(queries.hours_of(first)) == sorted(DEFAULT_HOURS)


def test_no_other_number_than_12340_is_shown_to_residents(cast: Cast) -> None:
    """000-14: the database takes no other."""
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(caller_id="10086")


@pytest.mark.parametrize(
    "values", [{"least_age": 15}, {"resident_months": 3}, {"field_until": date(2026, 1, 1)}]
)
def test_the_database_asks_residents_of_sixteen_and_over(
    cast: Cast, values: dict[str, Any]
) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(**values)


def test_the_next_round_takes_over_what_was_asked_and_neither_staff_nor_quotas(
    cast: Cast,
) -> None:
    before = round_cast.filled(cast, half="H1")
    actions.set_hours(OFFICE, before, [Hours(0, time(9), time(12))])
    after = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    assert after.version == before.version
    assert (after.indicators, after.table, after.centre) == (
        before.indicators, before.table, cast.centre,
    )  # fmt: skip
    assert queries.hours_of(after) == [Hours(0, time(9), time(12))]
    assert (after.allocation, after.staff.count()) == ({}, 0)


def test_a_round_is_added_once(cast: Cast) -> None:
    actions.add_round(OFFICE, cast.series, year=2026, half="H1")
    wrong = refused(lambda: actions.add_round(OFFICE, cast.series, year=2026, half="H1"))
    assert (wrong.code, wrong.place) == ("round-exists", "half")


def test_an_office_of_a_county_does_not_touch_the_rounds_of_the_city(cast: Cast) -> None:
    wrong = refused(lambda: actions.add_round(COUNTY, cast.series, year=2026, half="H1"))
    assert wrong.status == 403
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H1")
    assert list(queries.rounds_for(COUNTY)) == []
    assert list(queries.rounds_for(OFFICE)) == [made]
    assert list(queries.rounds_for(SYSTEM)) == [made]


def test_whoever_is_judged_does_nothing_with_rounds_whatever_roles_he_holds(cast: Cast) -> None:
    judged = Actor(4, "judged", held=(Held(Role.OFFICE),), judged=True)
    wrong = refused(lambda: actions.add_round(judged, cast.series, year=2026, half="H1"))
    assert wrong.code == "behind-a-wall"


def test_before_publication_nobody_who_is_judged_sees_that_there_is_a_round(cast: Cast) -> None:
    """Field dates would tell when residents are called."""
    made = round_cast.filled(cast)
    head = Actor(5, "head", held=(Held(Role.HEAD, None, 1),), judged=True)
    for status in RoundStatus:
        Round.objects.filter(pk=made.pk).update(status=status)
        seen = list(queries.rounds_for(head))
        assert bool(seen) is (status == RoundStatus.PUBLISHED), status


def test_a_round_goes_to_the_field_step_by_step_and_each_leaves_an_event(cast: Cast) -> None:
    made = round_cast.filled(cast)
    round_cast.drawn(made)
    ready = actions.take_step(OFFICE, made, Step.READY, now=NOW)
    draft = actions.take_step(OFFICE, ready, Step.BACK, now=NOW, reason="换问卷")
    assert draft.status == RoundStatus.DRAFT
    actions.take_step(OFFICE, made, Step.READY, now=NOW)
    open_ = actions.take_step(SUPERVISOR, made, Step.OPEN, now=NOW)
    assert open_.status == RoundStatus.FIELDING
    events = queries.events_of(made)
    assert [event.act for event in events][:2] == ["survey.open_field", "survey.make_round_ready"]
    back = next(event for event in events if event.act == "survey.step_round_back")
    assert (back.before, back.after) == (
        {"status": "ready"}, {"status": "draft", "reason": "换问卷"},
    )  # fmt: skip


def test_a_step_whose_checklist_does_not_hold_names_all_that_is_missing(cast: Cast) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    wrong = refused(lambda: actions.take_step(OFFICE, made, Step.READY, now=NOW))
    assert wrong.code == "round-not-so-far"
    for said in ("未绑定问卷版本", "未绑定指标", "未确定调查中心", "未说明样本如何抽取"):
        assert said in wrong.message
    made.refresh_from_db()
    assert made.status == RoundStatus.DRAFT
    assert not Event.objects.filter(act="survey.make_round_ready").exists()


def test_an_illegal_step_names_state_and_step(cast: Cast) -> None:
    made = round_cast.filled(cast)
    wrong = refused(lambda: actions.take_step(OFFICE, made, Step.PUBLISH, now=NOW))
    assert wrong.code == "round-step-impossible"
    assert "草稿" in wrong.message
    assert "公布" in wrong.message


def test_stepping_back_needs_a_reason(cast: Cast) -> None:
    made = round_cast.filled(cast)
    actions.take_step(OFFICE, made, Step.READY, now=NOW)
    wrong = refused(lambda: actions.take_step(OFFICE, made, Step.BACK, now=NOW, reason=" "))
    assert (wrong.code, wrong.place) == ("round-reason-missing", "reason")


def test_a_field_does_not_close_while_no_room_says_that_calls_have_ended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = round_cast.filled(cast)
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.FIELDING)
    after = datetime.fromisoformat("2027-01-01T09:00:00+08:00")
    monkeypatch.setattr(round_needs, "_PROVIDED", {})
    wrong = refused(lambda: actions.take_step(OFFICE, made, Step.CLOSE, now=after))
    assert "访问模块" in wrong.message
    round_needs.provide("fieldwork.calls_ended", lambda round: "")
    assert actions.take_step(OFFICE, made, Step.CLOSE, now=after).status == RoundStatus.CLOSED


def test_a_round_is_not_measured_without_a_registered_result(cast: Cast) -> None:
    made = round_cast.filled(cast)
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.CLOSED)
    wrong = refused(lambda: actions.take_step(OFFICE, made, Step.MEASURE, now=NOW))
    assert "没有登记任何结果" in wrong.message


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (actions.change_content, {"least_age": 18}),
        (actions.change_sample, {"design": "另一种"}),
        (actions.change_sample, {"frames": ["landline"]}),
    ],
)
def test_what_is_asked_of_whom_is_frozen_once_the_round_is_ready(
    cast: Cast, change: Any, values: dict[str, Any]
) -> None:
    """P-02."""
    made = round_cast.filled(cast)
    made = actions.take_step(OFFICE, made, Step.READY, now=NOW)
    wrong = refused(lambda: change(OFFICE, made, **values))
    assert wrong.code == "round-frozen"
    assert "退回草稿" in wrong.message


_OTHER: dict[str, Callable[[Cast], Any]] = {
    "series_id": lambda cast: (
        actions.add_series(OFFICE, name="另一项", region=cast.region, annual="mean").pk
    ),
    "year": lambda cast: 2025,
    "half": lambda cast: "H1",
    "centre_id": lambda cast: None,
    "least_age": lambda cast: 18,
    "resident_months": lambda cast: 12,
    "version_id": lambda cast: round_cast.version(workbook("另问"), 2).pk,
    "indicators_id": lambda cast: None,
    "frames": lambda cast: ["landline"],
    "table_id": lambda cast: SegmentTable.objects.create(name="新", origin="×", as_of=TODAY).pk,
    "design": lambda cast: "另一种",
    "modes": lambda cast: ["web"],
    "field_from": lambda cast: date(2026, 11, 2),
    "allocation": lambda cast: {TOWN: 9},
    "field_until": lambda cast: date(2026, 12, 30),
    "break_reason": lambda cast: "口径",
}


@pytest.mark.parametrize("name", sorted(set(rules.FROZEN_FROM) - {"caller_id"}))
def test_the_database_freezes_each_value_in_the_same_states_as_the_rule(
    cast: Cast, name: str
) -> None:
    """P-02: also against whoever goes past the acts."""
    made, other = round_cast.filled(cast), _OTHER[name](cast)
    for status in RoundStatus:
        rows = Round.objects.filter(pk=made.pk)
        rows.update(status=status)
        taken = True
        try:
            with transaction.atomic():
                rows.update(**{name: other})
                transaction.set_rollback(True)
        except IntegrityError:
            taken = False
        assert taken is not rules.frozen(status, name), status


def test_the_test_of_frozen_values_tries_them_all() -> None:
    assert set(_OTHER) | {"caller_id"} == set(rules.FROZEN_FROM)


@pytest.mark.parametrize("part", sorted(rules.PARTS_FROZEN_FROM))
def test_the_database_freezes_quotas_hours_and_staff_as_the_rule_does(
    cast: Cast, part: str
) -> None:
    made = round_cast.filled(cast)
    town = Region.objects.get(code=TOWN)
    add: dict[str, Callable[[], Any]] = {
        "quotas": lambda: Quota.objects.create(round=made, region=town, target=1),
        "calling_hours": lambda: CallingHours.objects.create(
            round=made, weekday=0, begins=time(21), ends=time(21, 30)
        ),
        "staff": lambda: Staff.objects.filter(round=made).delete(),
    }
    for status in RoundStatus:
        Round.objects.filter(pk=made.pk).update(status=status)
        taken = True
        try:
            with transaction.atomic():
                add[part]()
                transaction.set_rollback(True)
        except IntegrityError:
            taken = False
        assert taken is not rules.frozen(status, part), status


def test_only_a_draft_without_a_sample_is_removed(cast: Cast) -> None:
    made = round_cast.filled(cast)
    actions.take_step(OFFICE, made, Step.READY, now=NOW)
    assert refused(lambda: actions.remove_round(OFFICE, made)).code == "round-has-sample"
    actions.take_step(OFFICE, made, Step.BACK, now=NOW, reason="×")
    actions.remove_round(OFFICE, made)
    assert not Round.objects.filter(pk=made.pk).exists()


def test_a_draft_with_a_sample_stays(cast: Cast) -> None:
    made = round_cast.filled(cast)
    round_cast.drawn(made)
    assert refused(lambda: actions.remove_round(OFFICE, made)).code == "round-has-sample"


def test_the_checklist_asks_for_the_holidays_of_the_field(cast: Cast) -> None:
    made = round_cast.filled(cast)
    Day.objects.filter(date__year=2026).delete()
    assert queries.facts_of(made, NOW).years_missing == (2026,)


def test_an_indicator_that_rests_on_a_question_not_asked_is_named(cast: Cast) -> None:
    """000-11, 000-15: what is to be measured must be asked."""
    made = round_cast.filled(cast)
    assert made.indicators is not None
    made.indicators.indicators.create(
        code="aware", name="知晓率", question="aware", scoring="share", counts={"1": 1}
    )
    made.indicators.indicators.create(
        code="calm",
        name="治安",
        question="safety",
        scoring="share",
        counts={"1": 1, "2": 1, "3": 0, "4": 0, "9": 0},
    )
    gaps = queries.facts_of(made, NOW).indicator_gaps
    assert len(gaps) == 2
    assert "知晓率" in gaps[0]
    assert "9" in gaps[1]


def test_changes_are_listed_and_suggest_a_break_that_stops_the_comparison(cast: Cast) -> None:
    """003-28, P-02."""
    first = round_cast.filled(cast, half="H1")
    asked = round_cast.version(workbook("您感到安全吗？"), 2)
    second = round_cast.filled(cast, half="H2", asks=asked)
    second = actions.change_sample(
        OFFICE, second, frames=["mobile", "landline"], table=second.table, design=second.design
    )
    found = queries.changes_of(second, queries.previous(second))
    assert [(each.kind, each.touches) for each in found] == [
        ("setting", ()), ("question", ("安全感",)),
    ]  # fmt: skip
    assert queries.compared_with(second) == first
    second = actions.mark_break(OFFICE, second, reason="增加固定电话用户，题目改写")
    assert queries.compared_with(second) is None
    assert Event.objects.filter(act="survey.mark_break").count() == 1
    second = actions.mark_break(OFFICE, second, reason="")
    assert queries.compared_with(second) == first


def test_the_first_round_has_nothing_to_break_from(cast: Cast) -> None:
    made = round_cast.filled(cast)
    wrong = refused(lambda: actions.mark_break(OFFICE, made, reason="×"))
    assert wrong.code == "round-without-previous"


def test_only_people_of_the_centre_who_hold_the_role_are_staff(cast: Cast) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    caller, verifier = cast.people["caller1"], cast.people["verifier"]

    def add(account: Any, role: Role) -> Round:
        return actions.add_staff(SUPERVISOR, made, [(account, role)], today=TODAY)

    assert refused(lambda: add(caller, Role.INTERVIEWER)).code == "round-needs-centre"
    actions.change_dates(
        OFFICE, made, centre=cast.centre, field_from=date(2026, 11, 1),
        field_until=date(2026, 12, 31),
    )  # fmt: skip
    add(caller, Role.INTERVIEWER)
    assert refused(lambda: add(caller, Role.INTERVIEWER)).code == "round-staff-already"
    assert refused(lambda: add(caller, Role.VERIFIER)).code == "round-staff-stranger"
    Holding.objects.create(account=caller, role=Role.VERIFIER, region=cast.region)
    assert refused(lambda: add(caller, Role.VERIFIER)).code == "round-asks-and-verifies"
    add(verifier, Role.VERIFIER)
    assert refused(lambda: actions.add_staff(OFFICE, made, [], today=TODAY)).status == 403


def test_the_database_keeps_interviewers_and_verifiers_apart(cast: Cast) -> None:
    made, caller = round_cast.filled(cast), cast.people["caller1"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.create(round=made, account=caller, role=Role.VERIFIER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.create(round=made, account=caller, role=Role.OFFICE)
    Staff.objects.create(round=made, account=caller, role=Role.SUPERVISOR)


def test_staff_who_no_longer_hold_their_role_stop_the_round(cast: Cast) -> None:
    made = round_cast.filled(cast)
    Holding.objects.filter(account=cast.people["verifier"]).update(until=date(2026, 11, 27))
    assert queries.strangers(made, TODAY) == ["verifier"]
    assert queries.strangers(made, date(2026, 11, 27)) == []


def test_a_judged_centre_or_another_unit_makes_no_calls(cast: Cast) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    cast.centre.judged = True
    cast.centre.save()
    wrong = refused(
        lambda: actions.change_dates(
            OFFICE, made, centre=cast.centre, field_from=date(2026, 11, 1),
            field_until=date(2026, 12, 31),
        )
    )  # fmt: skip
    assert (wrong.code, wrong.place) == ("round-centre-judged", "centre")


def test_quotas_lie_in_the_region_count_nobody_twice_and_nobody_too_young(cast: Cast) -> None:
    made = round_cast.filled(cast)
    town = Region.objects.get(code=TOWN)

    def quota(sex: str, ages: tuple[int, int | None], target: int = 1, region: Any = town) -> Round:
        return actions.set_quota(OFFICE, made, region=region, sex=sex, ages=ages, target=target)

    quota("male", (16, 39), 2)
    assert refused(lambda: quota("male", (39, None))).code == "population-overlap"
    assert refused(lambda: quota("all", (16, None))).code == "population-overlap"
    assert refused(lambda: quota("female", (10, 15))).code == "quota-too-young"
    quota("male", (16, 39), 3)
    assert [each.target for each in made.quotas.all()] == [3]
    quota("male", (16, 39), 0)
    assert not made.quotas.exists()
    away = Region.objects.create(code="980000000000", name="外省", level=1)
    assert refused(lambda: quota("male", (16, 39), 1, away)).code == "region-outside-series"


def test_interviews_are_wanted_only_in_regions_of_the_series(cast: Cast) -> None:
    made = round_cast.filled(cast)
    wrong = refused(lambda: actions.set_allocation(OFFICE, made, {"980000000000": 1}))
    assert wrong.code == "region-outside-series"
    made = actions.set_allocation(OFFICE, made, {TOWN: 7, OTHER_TOWN: 0})
    assert made.allocation == {TOWN: 7}


def _row(number: int, **values: Any) -> Row:
    return Row(Where("配额", number), {"round": "2026H2", **values})


def test_a_file_sets_changes_and_drops_quotas(cast: Cast) -> None:
    made = round_cast.filled(cast)
    sheet = QuotaImport()
    rows = [
        _row(2, code=TOWN, sex="male", ages=(16, 39), target=2),
        _row(3, code=TOWN, sex="male", ages=(40, None), target=1),
        _row(4, code=TOWN, sex="male", ages=(40, None), target=5),
        _row(5, code="980000000000", target=5),
        _row(6, code=OTHER_TOWN, sex="female", ages=(10, 15), target=5),
        _row(7, code=TOWN, round="2031H1", target=5),
        _row(8, code=TOWN, round="今年", target=5),
    ]
    changes = sheet.plan(rows, OFFICE)
    codes = [each.problems[0].code if each.problems else each.outcome.value for each in changes]
    assert codes == [
        "added", "added", "quota-twice", "division-unknown", "quota-too-young", "round-unknown",
        "round-unknown",
    ]  # fmt: skip
    sheet.apply(changes[:2], OFFICE)
    again = sheet.plan([_row(2, code=TOWN, sex="male", ages=(16, 39), target=0), rows[1]], OFFICE)
    assert [each.outcome.value for each in again] == ["changed", "unchanged"]
    sheet.apply(again, OFFICE)
    assert [(each.age_from, each.target) for each in made.quotas.all()] == [(40, 1)]


def test_a_file_whose_quotas_overlap_with_those_kept_is_rejected(cast: Cast) -> None:
    made = round_cast.filled(cast)
    town = Region.objects.get(code=TOWN)
    actions.set_quota(OFFICE, made, region=town, sex="male", ages=(16, 39), target=2)
    (change,) = QuotaImport().plan(
        [_row(2, code=TOWN, sex="male", ages=(30, 50), target=2)], OFFICE
    )
    assert change.problems[0].code == "population-overlap"


def test_a_frozen_round_takes_no_file(cast: Cast) -> None:
    made = round_cast.filled(cast)
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.FIELDING)
    (change,) = QuotaImport().plan([_row(2, code=TOWN, target=2)], OFFICE)
    assert change.problems[0].code == "round-frozen"


def test_a_file_assigns_staff_and_rejects_strangers_and_verifiers_of_their_own(
    cast: Cast,
) -> None:
    made = round_cast.filled(cast)
    made.staff.all().delete()
    Holding.objects.create(account=cast.people["caller1"], role=Role.VERIFIER, region=cast.region)
    rows = [
        _row(2, username="caller1", role="interviewer"),
        _row(3, username="Caller1", role="verifier"),
        _row(4, username="nobody", role="interviewer"),
        _row(5, username="caller1", role="interviewer"),
        _row(6, username="verifier", role="verifier"),
    ]
    sheet = StaffImport()
    changes = sheet.plan(rows, SUPERVISOR)
    codes = [each.problems[0].code if each.problems else each.outcome.value for each in changes]
    assert codes == [
        "added", "round-asks-and-verifies", "round-staff-stranger", "staff-twice", "added",
    ]  # fmt: skip
    sheet.apply(changes, SUPERVISOR)
    assert made.staff.count() == 2
    assert sheet.plan(rows[:1], SUPERVISOR)[0].outcome.value == "unchanged"


def test_two_series_with_the_same_round_need_the_name_of_the_series(cast: Cast) -> None:
    made = round_cast.filled(cast)
    other = actions.add_series(OFFICE, name="另一项", region=cast.region, annual="mean")
    actions.add_round(OFFICE, other, year=2026, half="H2")
    assert refused(lambda: queries.round_named("2026H2")).code == "round-ambiguous"
    assert queries.round_named("2026年下半年", cast.series.name) == made
    assert queries.round_named("２０２６h2", "另一项").series == other


def test_how_the_year_comes_about_no_longer_changes_once_a_round_is_published(
    cast: Cast,
) -> None:
    """000-17: three publications a year, the third of both halves."""
    made = round_cast.filled(cast)
    changed = actions.change_series(OFFICE, cast.series, name="安全感", annual="mean")
    assert changed.annual == "mean"
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.PUBLISHED)
    wrong = refused(
        lambda: actions.change_series(OFFICE, cast.series, name="安全感", annual="pooled")
    )
    assert (wrong.code, wrong.place) == ("round-frozen", "annual")
