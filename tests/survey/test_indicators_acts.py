"""Acts on indicators and the question bank: who may, what is refused, what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.site import people
from tests.survey.round_cast import OFFICE

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.audit.models import Event
from huiyin.furniture.exchange import Outcome, Row, Where
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.survey import bank
from huiyin.survey import indicator_actions as actions
from huiyin.survey import indicator_queries as queries
from huiyin.survey.bank.indicators import DEFAULT, SETS, TWELVE
from huiyin.survey.bank.installing import NAME, setting_of
from huiyin.survey.indicator_content import asked_in, content_of
from huiyin.survey.indicator_rules import Content, Weighted, findings, written
from huiyin.survey.indicator_sheets import IndicatorImport
from huiyin.survey.models import (
    Indicator,
    IndicatorSet,
    Questionnaire,
    Round,
    RoundStatus,
    Series,
    Version,
)

pytestmark = pytest.mark.django_db

DESIGNER = Actor(1, "designer", held=(Held(Role.DESIGNER),))
SAFETY = TWELVE[0]


def refused(do: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as raised:
        do()
    return raised.value


@pytest.fixture
def twelve() -> IndicatorSet:
    return actions.store_set(DESIGNER, "十二项", DEFAULT)


def bound_round(
    indicator_set: IndicatorSet, status: str = RoundStatus.DRAFT, half: str = "H1"
) -> Round:
    """A round that the set is bound to."""
    series = Series.objects.first() or Series.objects.create(
        name="群众安全感", region=people.city()
    )
    made = Round.objects.create(
        series=series, year=2026, half=half, indicators=indicator_set,
        field_from=date(2026, 5, 1), field_until=date(2026, 7, 31),
    )  # fmt: skip
    Round.objects.filter(pk=made.pk).update(status=status)
    made.refresh_from_db()
    return made


# The bank


def test_the_bank_is_filled_with_the_instrument_for_the_townships_recorded_here() -> None:
    """P-02: the standard instrument and its two sets of indicators."""
    people.city()
    version = bank.install(DESIGNER)
    assert (version.questionnaire.name, version.questionnaire.in_bank) == (NAME, True)
    assert version.warnings == []
    assert asked_in(version)["township"].choices == {
        "991101001000": "清河镇", "991101002000": "石桥乡",
    }  # fmt: skip
    assert set(IndicatorSet.objects.values_list("name", flat=True)) == set(SETS)


def test_every_indicator_of_the_bank_fits_the_version_that_was_installed() -> None:
    """003-27: both sets, against what is stored."""
    people.city()
    version = bank.install(DESIGNER)
    for each in IndicatorSet.objects.all():
        assert findings(content_of(each), asked_in(version)) == []


def test_filling_the_bank_again_changes_nothing() -> None:
    people.city()
    first = bank.install(DESIGNER)
    adapted = IndicatorSet.objects.order_by("name")[0]
    actions.set_indicator(
        DESIGNER, adapted, replace(SAFETY, name="安全感"), adapted.indicators.get(code="safety")
    )
    assert bank.install(DESIGNER) == first
    assert Version.objects.count() == 1
    assert adapted.indicators.get(code="safety").name == "安全感"


def test_a_new_township_makes_a_new_version() -> None:
    city = people.city()
    bank.install(DESIGNER)
    district = city.children.get(code="991102000000")
    district.children.create(code="991102001000", name="东山街道", level=4)
    assert bank.install(DESIGNER).number == 2


def test_without_regions_the_bank_says_what_to_import() -> None:
    assert refused(lambda: bank.install(DESIGNER)).code == "bank-without-regions"
    assert not Questionnaire.objects.exists()


def test_a_county_without_townships_is_not_offered() -> None:
    people.city()
    assert [each.name for each in setting_of().counties] == ["清河县"]


def test_only_the_designer_fills_the_bank() -> None:
    people.city()
    assert refused(lambda: bank.install(OFFICE)).code == "not-permitted"
    assert not IndicatorSet.objects.exists()


# Sets


def test_a_set_is_stored_whole_and_read_back_the_same(twelve: IndicatorSet) -> None:
    assert content_of(twelve) == replace(
        DEFAULT, composites=tuple(sorted(DEFAULT.composites, key=lambda each: each.code))
    )


def test_a_copy_counts_like_its_source_and_can_be_changed(twelve: IndicatorSet) -> None:
    bound_round(twelve, RoundStatus.READY)
    copy = actions.copy_set(DESIGNER, twelve, "十二项（2027）")
    assert content_of(copy) == content_of(twelve)
    actions.remove_composite(DESIGNER, copy.composites.get(code="total"))
    assert twelve.composites.filter(code="total").exists()


def test_two_sets_cannot_have_the_same_name(twelve: IndicatorSet) -> None:
    assert refused(lambda: actions.add_set(DESIGNER, " 十二项 ")).code == "indicator-set-taken"


def test_the_office_sees_indicators_and_does_not_change_them(twelve: IndicatorSet) -> None:
    for do in (
        lambda: actions.add_set(OFFICE, "另一套"),
        lambda: actions.set_indicator(OFFICE, twelve, SAFETY),
        lambda: actions.remove_set(OFFICE, twelve),
    ):
        assert refused(do).code == "not-permitted"


# Changes


def test_a_change_of_scoring_is_recorded_with_before_and_after(twelve: IndicatorSet) -> None:
    stricter = replace(SAFETY, counts={**SAFETY.counts, "fairly": 0})
    actions.set_indicator(DESIGNER, twelve, stricter, twelve.indicators.get(code="safety"))
    event = Event.objects.latest("id")
    assert event.act == "survey.set_indicator"
    assert "fairly=1" in event.before["counts"]
    assert "fairly=0" in event.after["counts"]
    assert queries.events_of(twelve)[0] == event


@pytest.mark.parametrize("status", [each for each in RoundStatus if each != RoundStatus.DRAFT])
def test_a_set_no_longer_changes_once_a_round_is_past_its_draft(
    twelve: IndicatorSet, status: str
) -> None:
    """P-02: what a round reports stays what it was."""
    bound_round(twelve, status)
    safety = twelve.indicators.get(code="safety")
    for do in (
        lambda: actions.set_indicator(DESIGNER, twelve, SAFETY, safety),
        lambda: actions.remove_indicator(DESIGNER, safety),
        lambda: actions.set_composite(
            DESIGNER, twelve, Weighted("w", "和", {"safety": Decimal(1)})
        ),
        lambda: actions.remove_composite(DESIGNER, twelve.composites.get(code="total")),
    ):
        assert refused(do).code == "indicator-set-in-use"


def test_a_draft_does_not_hold_its_set(twelve: IndicatorSet) -> None:
    bound_round(twelve)
    actions.set_indicator(DESIGNER, twelve, SAFETY, twelve.indicators.get(code="safety"))


@pytest.mark.parametrize("change", ["update", "delete", "insert", "part"])
def test_the_database_too_holds_the_set_of_a_round_past_its_draft(
    twelve: IndicatorSet, change: str
) -> None:
    bound_round(twelve, RoundStatus.FIELDING)
    safety = twelve.indicators.get(code="safety")
    do = {
        "update": lambda: Indicator.objects.filter(pk=safety.pk).update(counts={}),
        "delete": lambda: Indicator.objects.filter(pk=safety.pk).delete(),
        "insert": lambda: Indicator.objects.create(set=twelve, code="x", name="x", question="x"),
        "part": lambda: twelve.composites.get(code="total").parts.update(weight=Decimal("0.1")),
    }[change]
    with pytest.raises(IntegrityError), transaction.atomic():
        do()


def test_a_set_that_a_round_is_bound_to_is_not_removed(twelve: IndicatorSet) -> None:
    bound_round(twelve)
    assert refused(lambda: actions.remove_set(DESIGNER, twelve)).code == "indicator-set-bound"


def test_a_set_without_rounds_is_removed_whole(twelve: IndicatorSet) -> None:
    actions.remove_set(DESIGNER, twelve)
    assert not Indicator.objects.exists()


def test_a_scoring_out_of_range_is_not_stored(twelve: IndicatorSet) -> None:
    wrong = replace(SAFETY, code="new", counts={"safe": 100, "unsafe": 0})
    assert refused(lambda: actions.set_indicator(DESIGNER, twelve, wrong)).code == (
        "indicator-count-range"
    )


def test_indicators_and_composites_share_their_codes(twelve: IndicatorSet) -> None:
    """Both are names of figures in the same tables."""
    wanted = replace(SAFETY, code="total")
    problem = refused(lambda: actions.set_indicator(DESIGNER, twelve, wanted))
    assert (problem.code, problem.place) == ("indicator-code-taken", "code")


def test_an_indicator_that_is_weighed_is_taken_out_of_the_composite_first(
    twelve: IndicatorSet,
) -> None:
    problem = refused(
        lambda: actions.remove_indicator(DESIGNER, twelve.indicators.get(code="safety"))
    )
    assert problem.code == "indicator-in-composite"
    assert "综合得分" in problem.message


def test_weights_that_do_not_sum_to_one_are_not_stored(twelve: IndicatorSet) -> None:
    total = twelve.composites.get(code="total")
    wrong = Weighted("total", "综合得分", {"safety": Decimal("0.5"), "crime": Decimal("0.4")}, True)
    problem = refused(lambda: actions.set_composite(DESIGNER, twelve, wrong, total))
    assert problem.code == "composite-weights"
    assert total.parts.count() == 7


def test_a_composite_that_would_hold_itself_is_not_stored(twelve: IndicatorSet) -> None:
    crime = twelve.composites.get(code="crime")
    wrong = Weighted("crime", "违法犯罪现象", {"total": Decimal(1)})
    problem = refused(lambda: actions.set_composite(DESIGNER, twelve, wrong, crime))
    assert problem.code == "composite-cycle"


def test_a_set_has_one_total_score_and_the_new_one_takes_its_place(twelve: IndicatorSet) -> None:
    wanted = Weighted("final", "总分", {"safety": Decimal(1)}, is_total=True)
    actions.set_composite(DESIGNER, twelve, wanted)
    assert [each.code for each in twelve.composites.filter(is_total=True)] == ["final"]


def test_a_set_is_compared_with_that_of_the_round_before(twelve: IndicatorSet) -> None:
    """003-28, P-02."""
    first = bound_round(twelve, RoundStatus.CLOSED, "H1")
    other = actions.copy_set(DESIGNER, twelve, "下半年")
    bound_round(other, RoundStatus.DRAFT, "H2")
    assert queries.previous_set(other) == (first, twelve)
    assert queries.previous_set(twelve) is None


# Excel


def row(number: int = 2, **values: Any) -> Row:
    known = {
        "set": "十二项", "code": "safety", "name": "安全感受", "name_en": "Sense of safety",
        "question": "safety", "scoring": "share", "counts": dict(SAFETY.counts),
        "missing": ("98", "99"), "direction": "higher",
    }  # fmt: skip
    return Row(Where("指标", number), known | values, {"counts": "各回答计分"})


def planned(*rows: Row) -> list[Any]:
    return IndicatorImport().plan(rows, DESIGNER)


def test_a_row_like_what_is_stored_changes_nothing(twelve: IndicatorSet) -> None:
    assert [each.outcome for each in planned(row())] == [Outcome.UNCHANGED]


def test_a_row_shows_what_it_would_change_and_changes_only_that(twelve: IndicatorSet) -> None:
    stricter = {**SAFETY.counts, "fairly": 0}
    (change,) = planned(row(counts=stricter))
    assert list(change.after) == ["counts"]
    IndicatorImport().apply([change], DESIGNER)
    assert twelve.indicators.get(code="safety").counts == stricter
    assert twelve.indicators.count() == 12


def test_a_row_for_a_new_code_adds_an_indicator(twelve: IndicatorSet) -> None:
    (change,) = planned(row(code="night", name="夜间安全", question="safety_night"))
    assert change.outcome is Outcome.ADDED
    IndicatorImport().apply([change], DESIGNER)
    assert twelve.indicators.get(code="night").question == "safety_night"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"set": "没有的"}, "indicator-set-unknown"),
        ({"code": "total"}, "indicator-code-taken"),
        ({"counts": {"safe": 100}}, "indicator-count-range"),
        ({"missing": ("safe",)}, "indicator-counted-and-missing"),
    ],
)
def test_a_row_that_could_not_be_measured_is_rejected(
    twelve: IndicatorSet, values: dict[str, Any], code: str
) -> None:
    (change,) = planned(row(**values))
    assert change.outcome is Outcome.REJECTED
    assert [each.code for each in change.problems] == [code]


def test_the_second_row_of_a_code_is_rejected_and_names_the_first(twelve: IndicatorSet) -> None:
    _first, second = planned(row(), row(3))
    assert [each.code for each in second.problems] == ["row-twice"]


def test_rows_for_a_set_that_a_round_holds_are_rejected(twelve: IndicatorSet) -> None:
    bound_round(twelve, RoundStatus.READY)
    (change,) = planned(row(counts={**SAFETY.counts, "fairly": 0}))
    assert [each.code for each in change.problems] == ["indicator-set-in-use"]


# Pages and API


@pytest.fixture
def sign_in() -> Callable[[Role], Client]:
    def signed(role: Role) -> Client:
        client = Client()
        client.force_login(people.somebody(role, username=f"{role}.li"))
        return client

    return signed


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.content.decode()


def test_the_page_of_a_set_shows_how_every_answer_counts(
    sign_in: Callable[[Role], Client],
) -> None:
    people.city()
    bank.install(SYSTEM)
    shown = IndicatorSet.objects.order_by("name")[0]
    said = page(sign_in(Role.DESIGNER), f"/survey/indicators/{shown.pk}/")
    assert "比较安全" in said
    assert "综合得分" in said
    assert said.count("indicator-answers") == 12


def test_the_page_asks_no_more_queries_for_more_indicators(
    sign_in: Callable[[Role], Client], django_assert_max_num_queries: Any
) -> None:
    shown = actions.store_set(SYSTEM, "十二项", DEFAULT)
    client = sign_in(Role.OFFICE)
    page(client, f"/survey/indicators/{shown.pk}/")
    with django_assert_max_num_queries(40):
        page(client, f"/survey/indicators/{shown.pk}/")


def test_a_designer_adds_an_indicator_from_a_question(sign_in: Callable[[Role], Client]) -> None:
    people.city()
    bank.install(SYSTEM)
    shown, client = actions.add_set(SYSTEM, "我的指标"), sign_in(Role.DESIGNER)
    url = f"/survey/indicators/{shown.pk}/indicator/"
    assert "?question=safety_night" in page(client, url)
    form = page(client, f"{url}?question=safety_night")
    assert "不太安全" in form
    data = {
        "name": "夜间安全感", "code": "night", "scoring": "share", "direction": "higher",
        "count_0": "1", "count_1": "1", "count_2": "0", "count_3": "0",
        "missing_4": "on", "missing_5": "on",
    }  # fmt: skip
    assert client.post(f"{url}?question=safety_night", data).status_code == 302
    made = shown.indicators.get()
    assert made.counts == {"safe": 1, "fairly": 1, "not_very": 0, "unsafe": 0}
    assert made.missing == ["98", "99"]


def test_a_figure_out_of_range_is_said_and_nothing_is_stored(
    sign_in: Callable[[Role], Client], twelve: IndicatorSet
) -> None:
    people.city()
    bank.install(SYSTEM)
    safety = twelve.indicators.get(code="safety")
    url = f"/survey/indicators/{twelve.pk}/indicator/{safety.pk}/"
    data = {"name": "安全感受", "code": "safety", "scoring": "share", "direction": "higher",
            "count_0": "80"}  # fmt: skip
    answer = sign_in(Role.DESIGNER).post(url, data)
    assert answer.status_code == 422
    assert twelve.indicators.get(code="safety").counts == SAFETY.counts


def test_the_sum_of_weights_is_told_while_they_are_entered(
    sign_in: Callable[[Role], Client], twelve: IndicatorSet
) -> None:
    url = f"/survey/indicators/{twelve.pk}/composite/"
    data = {"name": "试", "code": "trial", "weight_0": "0.5", "weight_1": "0.3"}
    client = sign_in(Role.DESIGNER)
    part = client.post(url, data, headers={"HX-Request": "true"}).content.decode()
    assert "0.8" in part
    assert "<html" not in part
    assert not twelve.composites.filter(code="trial").exists()
    assert client.post(url, data).status_code == 422
    assert client.post(url, {**data, "weight_1": "0.5"}).status_code == 302


def test_an_office_sees_no_buttons_that_change(
    sign_in: Callable[[Role], Client], twelve: IndicatorSet
) -> None:
    said = page(sign_in(Role.OFFICE), f"/survey/indicators/{twelve.pk}/")
    assert "/indicator/" not in said
    assert "/copy/" not in said


@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD, Role.INTERVIEWER])
def test_whoever_is_judged_or_asks_does_not_see_indicators(
    sign_in: Callable[[Role], Client], role: Role
) -> None:
    page(sign_in(role), "/survey/indicators/", 403)


def test_the_list_of_a_set_is_what_the_import_reads(
    sign_in: Callable[[Role], Client], twelve: IndicatorSet
) -> None:
    said = page(sign_in(Role.DESIGNER), f"/survey/indicators/{twelve.pk}/list/")
    assert written(SAFETY.counts) in said


def test_the_survey_file_is_handed_out(
    sign_in: Callable[[Role], Client], twelve: IndicatorSet
) -> None:
    said = page(sign_in(Role.OFFICE), f"/survey/indicators/{twelve.pk}/survey.toml")
    assert said.startswith("[[indicators]]")


def test_the_bank_is_filled_by_a_button(sign_in: Callable[[Role], Client]) -> None:
    people.city()
    client = sign_in(Role.DESIGNER)
    page(client, "/survey/indicators/bank/install/")
    assert client.post("/survey/indicators/bank/install/").status_code == 302
    assert Questionnaire.objects.filter(in_bank=True).count() == 1


def test_the_api_gives_a_set_and_checks_it_against_a_version(
    sign_in: Callable[[Role], Client],
) -> None:
    people.city()
    version = bank.install(SYSTEM)
    bent = replace(SAFETY, question="saftey")
    shown = actions.store_set(SYSTEM, "错的", Content((bent,)))
    client = sign_in(Role.OFFICE)
    base = f"/api/v1/survey/indicator-sets/{shown.pk}"
    assert client.get(base).json()["indicators"][0]["counts"]["fairly"] == 1
    found = client.get(f"{base}/check?version={version.pk}").json()
    assert [each["code"] for each in found] == ["indicator-question-unknown"]
    assert len(client.get("/api/v1/survey/indicator-sets").json()["results"]) == 3
