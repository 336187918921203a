"""The standard instrument: what it asks, of whom, in which words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from tests.survey.instrument_cast import (
    ANHE,
    COUNTIES,
    ON_A_MOBILE,
    answered,
    asked,
    instrument,
    interview,
    question,
    value,
)

from huiyin.survey import engine
from huiyin.survey.bank.modules import BY_KEY
from huiyin.survey.bank.modules.governance import FOUR_COMPLAINTS
from huiyin.survey.bank.standard import Setting, UnknownModule, chosen, sheets, standard

LANDLINE = ON_A_MOBILE | {"reached_on": "landline"}
#: Words that lead to an answer, or plead for one.
LEADING = (
    "难道", "是不是很", "是不是非常", "众所周知", "大家都", "您一定", "务必", "希望您", "请您支持",
    "给予好评", "好评", "请回答满意", "请说", "应该说", "显著", "取得了", "在党委", "高度重视",
    "大力", "扎实", "明显", "您同意吗：", "don't you", "surely", "of course", "as everybody knows",
    "wouldn't you", "isn't it", "please say", "great success", "we hope you",
)  # fmt: skip


def test_the_standard_instrument_compiles_without_error_or_warning() -> None:
    """P-01: written by us as XLSForm, accepted whole by our own checks."""
    assert instrument().warnings == ()
    assert instrument().languages == ["中文 (zh)", "English (en)"]


def test_it_asks_between_forty_five_and_sixty_questions() -> None:
    """An interview of ten minutes; of the two halves of the list experiment each hears one."""
    total = sum(row.is_asked for row in sheets(ANHE).rows) - 1
    assert 45 <= total <= 60


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("安全感受", ["safety"]),
        ("影响因素", ["factors"]),
        ("扫黑除恶", ["campaign_known", "campaign_content", "campaign_view"]),
        ("政法机关和政法队伍", ["police_work", "police_image", "court_work", "court_image"]),
    ],
)  # fmt: skip
def test_the_four_aspects_of_the_survey_are_asked(section: str, names: list[str]) -> None:
    """000-15: safety, main factors, the special campaign, organs of justice and their people."""
    there = {row.name for row in sheets(ANHE).rows}
    assert set(names) <= there, section


def test_every_one_of_the_nine_named_aspects_has_a_question() -> None:
    """003-27: the nine that bulletins rank, and three more."""
    there = {row.name for row in sheets(ANHE).rows}
    assert there >= {
        "safety", "gangs", "theft", "vice", "police_image", "procuratorate_image", "court_image",
        "justice_image", "officials_image", "law_enforcement", "awareness", "took_part",
    }  # fmt: skip


def test_awareness_and_participation_visits_and_social_governance_are_asked() -> None:
    """000-11, 003-04, 003-28."""
    assert {"awareness", "took_part", "visits", "governance"} <= {
        row.name for row in sheets(ANHE).rows
    }


def test_the_four_complaints_about_windows_are_offered_in_the_words_of_the_field() -> None:
    """002-12, 003-22: 门难进、脸难看、话难听、事难办, and none of them, which stands alone."""
    begun = interview()
    begun.answer("window_used", "yes")
    offered = {choice.label for choice in question(begun, "complaints").choices}
    assert offered == {"门难进", "脸难看", "话难听", "事难办", "没有"}
    assert [each.zh for each in FOUR_COMPLAINTS] == ["门难进", "脸难看", "话难听", "事难办"]
    assert begun.answer("complaints", ["door", "matter"]).valid
    assert not begun.answer("complaints", ["door", "none"]).valid


def test_complaints_are_asked_only_of_those_who_were_at_a_window() -> None:
    """002-12."""
    begun = interview()
    begun.answer("window_used", "no")
    assert not question(begun, "complaints").relevant


def test_who_calls_and_what_the_law_grants_is_said_before_the_first_question() -> None:
    """000-14: 12340; 统计法 art. 11; 个人信息保护法 arts. 14, 15, 17."""
    begun = interview({})
    said = question(begun, "greeting").label + question(begun, "rights").label
    for word in ("12340", "安和市", "自愿", "随时停止", "统计法", "个人信息保护法", "保密"):
        assert word in said
    names = [each.path.rpartition("/")[2] for each in begun.state()]
    assert names.index("rights") < names.index("consent") < names.index("safety")


def test_nothing_is_asked_of_somebody_who_does_not_agree() -> None:
    """Consent is free: 个人信息保护法 art. 14."""
    begun = interview({"reached_on": "mobile", "consent": "refused"})
    assert asked(begun) == ["reached_on", "consent"]
    assert question(begun, "farewell_refused").relevant
    assert begun.problems() == []


@pytest.mark.parametrize(("age", "goes_on"), [(15, False), (16, True)])
def test_sixteen_belongs_to_the_population_and_fifteen_does_not(age: int, goes_on: bool) -> None:
    begun = interview(ON_A_MOBILE | {"age": age})
    assert question(begun, "safety").relevant is goes_on
    assert question(begun, "farewell_outside").relevant is not goes_on


def test_whoever_keeps_his_age_to_himself_is_asked_only_whether_he_has_reached_the_limit() -> None:
    begun = interview(ON_A_MOBILE | {"age": 999})
    assert not question(begun, "safety").relevant
    begun.answer("of_age", "yes")
    assert question(begun, "safety").relevant
    begun.answer("age_asked", "35_44")
    assert value(begun, "age_band") == "35_44"


@pytest.mark.parametrize(
    ("age", "band"),
    [(16, "16_24"), (24, "16_24"), (25, "25_34"), (64, "55_64"), (65, "65_up"), (98, "65_up")],
)
def test_the_age_band_follows_from_the_age(age: int, band: str) -> None:
    assert value(interview(ON_A_MOBILE | {"age": age}), "age_band") == band


@pytest.mark.parametrize(
    ("months", "residence", "goes_on"),
    [(6, "under_6", False), (6, "from_6", True), (12, "from_6", False), (12, "from_12", True)],
)
def test_residence_is_asked_for_as_long_as_the_round_says(
    months: int, residence: str, goes_on: bool
) -> None:
    made = engine.compile(standard(replace(ANHE, resident_months=months)))
    begun = interview(ON_A_MOBILE | {"residence": residence}, questionnaire=made)
    assert question(begun, "safety").relevant is goes_on


def test_townships_are_those_of_the_county_that_was_named() -> None:
    """Two lists in cascade, filled from the regions of the place."""
    begun = interview({**ON_A_MOBILE, "county": "430121000000", "township": None})
    assert [each.label for each in question(begun, "township").choices] == ["石桥镇"]


def test_whoever_lives_elsewhere_is_thanked_and_asked_no_more() -> None:
    begun = interview({**ON_A_MOBILE, "township": None, "county": "elsewhere"})
    assert question(begun, "farewell_outside").relevant
    assert not question(begun, "safety").relevant
    assert begun.problems() == []


def test_nobody_is_selected_in_the_household_on_a_mobile_phone() -> None:
    """P-05: a mobile is one person's, a landline a household's."""
    assert not question(interview(), "adults").relevant
    assert question(interview({"reached_on": "landline", "consent": "agreed"}), "adults").relevant


def test_the_last_birthday_selects_whoever_is_on_the_phone() -> None:
    """P-05."""
    begun = interview({**LANDLINE, "adults": 3, "birthday_person": "self"})
    assert value(begun, "selected_by") == "birthday"
    assert question(begun, "safety").relevant


def test_somebody_else_who_was_selected_is_asked_for_consent_of_his_own() -> None:
    """P-05: consent is a person's, not a household's."""
    begun = interview({**LANDLINE, "adults": 3, "birthday_person": "other", "selected_here": "yes"})
    assert not question(begun, "safety").relevant
    assert "自愿" in question(begun, "greeting_again").label
    begun.answer("selected_consent", "agreed")
    assert question(begun, "safety").relevant


def test_somebody_who_is_not_at_home_gets_an_appointment() -> None:
    """P-05: nobody else takes his place."""
    begun = interview({**LANDLINE, "adults": 2, "birthday_person": "other", "selected_here": "no"})
    assert question(begun, "appointment").relevant
    assert not question(begun, "age").relevant


def test_kish_draws_every_adult_equally_often_where_nobody_knows_the_birthdays() -> None:
    """P-05: Kish (1949); of 600 draws among 3, each within five standard deviations of 200."""
    begun = {"reached_on": "landline", "consent": "agreed", "adults": 3, "birthday_person": "98"}
    drawn = Counter(value(interview(begun, seed=seed), "kish_place") for seed in range(600))
    assert set(drawn) == {"1", "2", "3"}
    assert all(abs(times - 200) < 5 * (600 / 3 * 2 / 3) ** 0.5 for times in drawn.values())


def test_the_kish_draw_stays_when_the_number_of_adults_is_corrected() -> None:
    """P-05: chance is drawn once; only its place in the list moves."""
    begun = interview({**LANDLINE, "adults": 3, "birthday_person": "98"})
    before = value(begun, "kish_draw")
    begun.answer("adults", 2)
    assert value(begun, "kish_draw") == before
    assert value(begun, "kish_place") in ("1", "2")


def test_phones_are_counted_for_the_weights_of_two_frames() -> None:
    """P-04: landlines, own mobiles, adults who share the landline."""
    begun = interview()
    begun.answer("landlines", 1)
    assert question(begun, "sharing").relevant
    begun.answer("landlines", 0)
    assert not question(begun, "sharing").relevant
    assert not begun.answer("mobiles", 11).valid
    assert begun.answer("mobiles", 99).valid


@pytest.mark.parametrize("name", ["factors", "campaign_content", "complaints", "law_problems"])
def test_the_order_of_options_differs_between_interviews_and_is_recorded(name: str) -> None:
    """The same seed gives the same order, so that it can be told afterwards."""
    orders = set()
    for seed in range(8):
        begun = interview(seed=seed)
        for gate in ("window_used", "law_contact"):
            begun.answer(gate, "yes")
        assert value(begun, "order_seed") != ""
        orders.add(tuple(each.value for each in question(begun, name).choices))
        assert question(begun, name).choices == question(begun, name).choices
    assert len(orders) > 1


def test_each_of_the_four_organs_is_asked_first_in_a_quarter_of_interviews() -> None:
    first = Counter(value(interview(seed=seed), "organ_1") for seed in range(400))
    assert set(first) == {"police", "procuratorate", "court", "justice"}
    assert all(abs(times - 100) < 5 * (400 / 4 * 3 / 4) ** 0.5 for times in first.values())


def test_answers_about_an_organ_are_kept_under_its_name_whatever_its_turn() -> None:
    for seed in range(6):
        begun = interview(seed=seed)
        turn = next(at for at in range(1, 5) if value(begun, f"organ_{at}") == "court")
        assert "法官" in question(begun, f"image_{turn}").label
        begun.answer(f"image_{turn}", "rather_poor")
        assert value(begun, "court_image") == "rather_poor"
        assert value(begun, "police_image") == ""


def test_an_organ_is_named_in_the_language_of_the_interview() -> None:
    begun = interview(language="en")
    turn = next(at for at in range(1, 5) if value(begun, f"organ_{at}") == "court")
    assert "The judges here" in question(begun, f"image_{turn}").label


@pytest.mark.parametrize("seed", range(12))
def test_any_way_through_comes_to_an_end_without_problems(seed: int) -> None:
    begun = answered(interview(seed=seed), Random(seed))
    assert begun.problems() == []


def test_any_way_through_from_a_landline_comes_to_an_end_without_problems() -> None:
    for seed in range(12):
        begun = answered(interview({"reached_on": "landline"}, seed=seed), Random(seed))
        assert begun.problems() == []


def test_every_opinion_may_be_left_open() -> None:
    """Don't know and refused are answers of every question about opinions."""
    begun = interview()
    for name in ("safety", "gangs", "factors", "campaign_known", "law_enforcement", "told"):
        assert begun.answer(name, "98").valid, name
        assert begun.answer(name, "99").valid, name


@pytest.mark.parametrize("phrase", LEADING)
def test_no_sentence_leads_to_an_answer(phrase: str) -> None:
    """004-17: publicity may ask people to take part; nothing tells them what to answer."""
    made = sheets(ANHE)
    texts = [
        (row.name, text) for row in made.rows for text in (row.zh, row.en, row.hint_zh, row.hint_en)
    ]
    texts += [
        (name, text) for name, each in made.lists.items() for c in each for text in (c.zh, c.en)
    ]
    assert [name for name, text in texts if phrase.lower() in text.lower()] == []


def test_every_scale_is_read_out_from_one_end_to_the_other() -> None:
    """004-17: a question that names only the good end leads."""
    made = sheets(ANHE)
    for row in made.rows:
        listed = row.type.partition(" ")[2]
        if listed in ("safe", "satisfied", "good", "how_much", "change", "known"):
            for choice in made.lists[listed]:
                assert choice.zh in row.zh, row.name
                assert choice.en[1:] in row.en, row.name


def test_a_smaller_questionnaire_keeps_what_must_always_be_asked() -> None:
    """P-02: modules of the bank are chosen; consent and screening are never left out."""
    keys = [module.key for module in chosen(["safety", "windows"])]
    assert keys == ["introduction", "screening", "safety", "windows", "close"]
    made = engine.compile(standard(ANHE, ["safety", "windows"]))
    assert made.warnings == ()
    begun = interview(questionnaire=made)
    assert question(begun, "safety").relevant
    assert answered(begun, Random(1)).problems() == []


@pytest.mark.parametrize("key", BY_KEY)
def test_each_module_compiles_by_itself(key: str) -> None:
    assert engine.compile(standard(ANHE, [key])).warnings == ()


def test_a_module_that_is_not_in_the_bank_is_refused_by_name() -> None:
    with pytest.raises(UnknownModule, match="saftey"):
        standard(ANHE, ["saftey"])


def test_a_residence_of_nine_months_is_refused() -> None:
    with pytest.raises(ValueError, match="6 or 12"):
        replace(ANHE, resident_months=9)


def test_a_place_without_townships_is_refused() -> None:
    with pytest.raises(ValueError, match="townships"):
        Setting("安和市", tuple(replace(each, parts=()) for each in COUNTIES))


def test_names_and_codes_are_short_and_plain() -> None:
    for row in sheets(ANHE).rows:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,30}|", row.name), row.name
