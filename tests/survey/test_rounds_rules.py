"""Rules of rounds: dates of the halves, steps, what is frozen, checklists, changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.survey import round_needs
from huiyin.survey import round_rules as rules
from huiyin.survey.indicator_rules import Difference as IndicatorDifference
from huiyin.survey.models import Half, RoundStatus
from huiyin.survey.questionnaire_diff import Difference, Kind
from huiyin.survey.round_changes import (
    Change,
    of_indicators,
    of_questions,
    ordered,
    settings_changed,
    suggestion,
)
from huiyin.survey.round_checklist import Facts, NeedFact, checklist, holds
from huiyin.survey.round_rules import MOVES, Step

D, R, F, C, M, P = RoundStatus


def test_the_first_half_lasts_until_31_july_and_the_second_is_november_and_december() -> None:
    """000-13."""
    assert rules.default_dates(2026, Half.H1)[1] == date(2026, 7, 31)
    assert rules.default_dates(2026, Half.H2) == (date(2026, 11, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("half", "since", "until", "place"),
    [
        (Half.H1, date(2026, 1, 1), date(2026, 7, 31), None),
        (Half.H1, date(2026, 5, 1), date(2026, 8, 1), "field_until"),
        (Half.H1, date(2025, 12, 31), date(2026, 7, 31), "field_from"),
        (Half.H2, date(2026, 8, 1), date(2026, 12, 31), None),
        (Half.H2, date(2026, 7, 31), date(2026, 12, 31), "field_from"),
        (Half.H2, date(2026, 11, 1), date(2027, 1, 1), "field_until"),
        (Half.H2, date(2026, 11, 2), date(2026, 11, 1), "field_until"),
        (Half.H2, date(2026, 11, 2), date(2026, 11, 2), None),
    ],
)
def test_a_field_stays_in_its_half(half: Half, since: date, until: date, place: str | None) -> None:
    """000-13: no field of a first half goes on after 31 July."""
    if place is None:
        rules.check_dates(2026, half, since, until)
        return
    with pytest.raises(Problem) as refused:
        rules.check_dates(2026, half, since, until)
    assert (refused.value.code, refused.value.place) == ("round-days-outside", place)


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (Step.READY, D, R), (Step.BACK, R, D), (Step.OPEN, R, F), (Step.CLOSE, F, C),
        (Step.MEASURE, C, M), (Step.PUBLISH, M, P),
    ],
)  # fmt: skip
def test_each_step_leads_from_one_state_to_one_and_from_no_other(
    step: Step, before: RoundStatus, after: RoundStatus
) -> None:
    assert rules.moved(before, step) == after
    for status in set(RoundStatus) - {before}:
        with pytest.raises(Problem) as refused:
            rules.moved(status, step)
        assert refused.value.code == "round-step-impossible"
        said = refused.value.message
        assert str(status.label) in said
        assert str(MOVES[step].title) in said


def test_the_way_goes_through_every_state_and_ends() -> None:
    status, way = D, [D]
    while (step := rules.next_step(status)) is not None:
        status = rules.moved(status, step)
        way.append(status)
    assert way == list(RoundStatus)


@pytest.mark.parametrize(
    ("name", "open_in"),
    [
        ("version_id", [D]), ("indicators_id", [D]), ("design", [D]), ("table_id", [D]),
        ("least_age", [D]), ("modes", [D]), ("allocation", [D, R]), ("quotas", [D, R]),
        ("field_until", [D, R, F]), ("calling_hours", [D, R, F]), ("staff", [D, R, F]),
        ("break_reason", [D, R, F, C, M]),
    ],
)  # fmt: skip
def test_what_a_round_says_is_frozen_from_its_state_on(
    name: str, open_in: list[RoundStatus]
) -> None:
    """P-02: a round is bound to one version, once it is ready."""
    assert [status for status in RoundStatus if not rules.frozen(status, name)] == open_in


def test_a_frozen_value_is_refused_with_the_state_and_the_way_out() -> None:
    with pytest.raises(Problem) as refused:
        rules.check_open(R, ["design", "allocation"], "抽样设计")
    assert refused.value.code == "round-frozen"
    assert str(R.label) in refused.value.message
    rules.check_open(D, ["design"], "抽样设计")


@pytest.mark.parametrize(
    ("roles", "wanted", "goes"),
    [
        ((), Role.VERIFIER, True),
        ((Role.SUPERVISOR,), Role.VERIFIER, True),
        ((Role.INTERVIEWER,), Role.VERIFIER, False),
        ((Role.VERIFIER,), Role.INTERVIEWER, False),
    ],
)
def test_nobody_verifies_in_a_round_in_which_he_interviews(
    roles: tuple[Role, ...], wanted: Role, goes: bool
) -> None:
    if goes:
        rules.check_staff(roles, wanted)
        return
    with pytest.raises(Problem) as refused:
        rules.check_staff(roles, wanted)
    assert refused.value.code == "round-asks-and-verifies"


FULL = Facts(
    today=date(2026, 11, 1),
    field_from=date(2026, 11, 1),
    field_until=date(2026, 12, 31),
    centre="调查中心",
    centre_fits=True,
    version="问卷 v1",
    indicators=12,
    modes=("telephone",),
    frames=("mobile",),
    table="号段表",
    design="分层",
    wanted={"a": 100, "b": 110},
    quotas={"a": 100},
    weekdays=frozenset(range(8)),
    staff={"supervisor": 1, "interviewer": 2, "verifier": 1},
    drawn=210,
)


def lacking(facts: Facts, step: Step) -> list[str]:
    return [item.name for item in checklist(facts, step) if not item.holds]


def test_a_round_of_which_everything_holds_may_go_to_the_field() -> None:
    assert lacking(FULL, Step.READY) == []
    assert lacking(FULL, Step.OPEN) == []
    assert holds(FULL, Step.OPEN)


@pytest.mark.parametrize(
    ("without", "item"),
    [
        ({"field_from": None}, "dates"),
        ({"years_missing": (2027,)}, "calendar"),
        ({"centre": ""}, "centre"),
        ({"centre_fits": False}, "centre"),
        ({"version": ""}, "version"),
        ({"indicators": 0}, "indicators"),
        ({"indicator_gaps": ("缺题",)}, "indicators"),
        ({"frames": ()}, "frame"),
        ({"table": ""}, "frame"),
        ({"design": "  "}, "design"),
        ({"wanted": {}, "quotas": {}}, "allocation"),
        ({"quotas": {"a": 99}}, "quotas"),
        ({"quotas": {"c": 5}}, "quotas"),
        ({"weekdays": frozenset({7})}, "hours"),
        ({"staff": {"supervisor": 1, "interviewer": 2}}, "staff"),
        ({"strangers": ("王某",)}, "staff"),
    ],
)
def test_each_thing_that_is_missing_is_named_and_says_what_to_do(
    without: dict[str, Any], item: str
) -> None:
    facts = replace(FULL, **without)
    assert lacking(facts, Step.READY) == [item]
    found = next(each for each in checklist(facts, Step.READY) if each.name == item)
    assert found.missing
    assert found.mend


def test_a_face_to_face_round_needs_no_frame_of_numbers() -> None:
    assert lacking(replace(FULL, modes=("visit",), frames=(), table="", drawn=0), Step.OPEN) == []


def test_a_landline_frame_needs_no_table_of_segments() -> None:
    assert lacking(replace(FULL, frames=("landline",), table=""), Step.READY) == []


@pytest.mark.parametrize(
    ("drawn", "missing"), [(0, ["sample"]), (209, ["sample"]), (210, []), (211, [])]
)
def test_the_field_opens_only_with_a_number_for_each_interview(
    drawn: int, missing: list[str]
) -> None:
    assert lacking(replace(FULL, drawn=drawn), Step.OPEN) == missing


@pytest.mark.parametrize(
    ("today", "opens", "closes"),
    [
        (date(2026, 10, 31), False, False),
        (date(2026, 11, 1), True, False),
        (date(2026, 12, 31), True, False),
        (date(2027, 1, 1), False, True),
    ],
)
def test_a_field_opens_on_its_days_and_closes_after_them(
    today: date, opens: bool, closes: bool
) -> None:
    facts = replace(FULL, today=today)
    assert ("today" not in lacking(facts, Step.OPEN)) is opens
    assert ("over" not in lacking(facts, Step.CLOSE)) is closes


def test_what_other_rooms_say_stands_in_the_checklist_of_its_step() -> None:
    need = NeedFact("results.estimates", "结果已登记", "没有结果")
    facts = replace(FULL, needs={Step.MEASURE: (need,)})
    assert lacking(facts, Step.MEASURE) == ["results.estimates"]
    facts = replace(FULL, needs={Step.MEASURE: (replace(need, missing=""),)})
    assert lacking(facts, Step.MEASURE) == []


def test_a_step_that_no_room_answers_for_does_not_pass_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing pretends that a result is there."""
    monkeypatch.setattr(round_needs, "_PROVIDED", {})
    said: Any = round_needs.needs_of(None)  # type: ignore[arg-type]
    for step in (Step.CLOSE, Step.MEASURE, Step.PUBLISH):
        assert all(need.missing for need in said[step])


def test_a_later_room_answers_for_its_fact_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_needs, "_PROVIDED", {})
    round_needs.provide("results.estimates", lambda round: "")
    said: Any = round_needs.needs_of(None)  # type: ignore[arg-type]
    assert [need.missing for need in said[Step.MEASURE]] == [""]
    with pytest.raises(ValueError, match="already"):
        round_needs.provide("results.estimates", lambda round: "")
    with pytest.raises(ValueError, match="needs"):
        round_needs.provide("results.weather", lambda round: "")


@pytest.mark.parametrize(
    ("today", "tone"),
    [
        (date(2026, 10, 31), "near"), (date(2026, 11, 1), "due"), (date(2026, 11, 2), "overdue"),
    ],
)  # fmt: skip
def test_a_round_is_overdue_once_its_field_should_have_begun(today: date, tone: str) -> None:
    assert rules.urgency(date(2026, 11, 1), today) == tone


BEFORE = {"调查方式": ("电话", True), "号段表": ("2025", False)}


def test_nothing_changed_is_nothing() -> None:
    assert list(settings_changed(BEFORE, BEFORE)) == []
    assert suggestion([]) == ""


def test_another_mode_suggests_a_break_and_a_newer_table_of_segments_does_not() -> None:
    """003-28: mobile users were added, a survey by another mode."""
    after = {"调查方式": ("电话、网络", True), "号段表": ("2026", False)}
    found = list(settings_changed(BEFORE, after))
    assert [(each.title, each.suggests_break) for each in found] == [
        ("调查方式", True), ("号段表", False),
    ]  # fmt: skip
    assert "号段表" not in suggestion(found)


@pytest.mark.parametrize(
    ("kind", "breaks"), [(Kind.WORDING, True), (Kind.CHOICES, True), (Kind.HINT, False)]
)
def test_new_words_or_choices_of_an_indicators_question_suggest_a_break(
    kind: Kind, breaks: bool
) -> None:
    """003-28, P-02."""
    difference = Difference(kind, "safety", "安全吗", 1, before="甲", after="乙", breaks=breaks)
    (change,) = of_questions([difference], {"safety": ["安全感"]})
    assert (change.suggests_break, change.touches) == (breaks, ("安全感",) if breaks else ())
    assert ("安全感" in suggestion([change])) is breaks


def test_every_kind_of_difference_has_its_words() -> None:
    found = [Difference(kind, "q1", "题", 1, what="1") for kind in Kind]
    titles = [change.title for change in of_questions(found, {})]
    assert len(set(titles)) == len(Kind)
    assert all("q1" in str(title) for title in titles)


def test_another_scoring_breaks_its_indicator_and_a_new_indicator_breaks_none() -> None:
    found = [
        IndicatorDifference("安全感", "计分", "1=1", "1=100"),
        IndicatorDifference("知晓率", "新增", "", ""),
    ]
    assert [(each.touches, each.suggests_break) for each in of_indicators(found)] == [
        (("安全感",), True), ((), False),
    ]  # fmt: skip


def test_what_suggests_a_break_stands_first() -> None:
    found = [Change("question", "甲"), Change("question", "乙", suggests_break=True)]
    assert [each.title for each in ordered(found)] == ["乙", "甲"]
