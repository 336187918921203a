"""When a set of indicators can be measured, and what it then gives."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.survey.instrument_cast import instrument

from huiyin import measure as hm
from huiyin.problems import Problem
from huiyin.survey import indicator_rules as rules
from huiyin.survey.bank.indicators import DEFAULT, TWELVE, WIDER
from huiyin.survey.indicator_content import answers_of
from huiyin.survey.indicator_export import statistics, survey_lines
from huiyin.survey.indicator_rules import Answers, Content, Scored, Weighted

SAFETY = TWELVE[0]
ASKED = {
    "safety": Answers(
        "安全吗？",
        {"safe": "安全", "fairly": "比较安全", "not_very": "不太安全", "unsafe": "不安全"},
        dont_know="98", refused="99",
    ),
    "factors": Answers("哪些？", {"theft": "盗窃"}, single=False),
    "age": Answers("多大？"),
}  # fmt: skip


def codes(found: list[Problem] | Any) -> list[str]:
    return [each.code for each in found]


def half(**parts: str) -> Weighted:
    return Weighted("both", "合计", {code: Decimal(weight) for code, weight in parts.items()})


# The standard instrument


@pytest.mark.parametrize("content", [DEFAULT, WIDER], ids=["twelve", "fifteen"])
def test_the_indicators_of_the_bank_fit_the_standard_instrument(content: Content) -> None:
    """003-27, 000-11, 000-12: every non-missing answer of every question is scored."""
    assert rules.findings(content, answers_of(instrument())) == []


def test_twelve_indicators_ship_and_the_nine_named_ones_are_among_them() -> None:
    """003-27."""
    assert len(DEFAULT.indicators) == 12
    assert [each.name for each in DEFAULT.indicators[:9]] == [
        "安全感受", "黑恶势力犯罪现象", "盗窃抢劫犯罪现象", "卖淫嫖娼现象", "公安民警整体形象",
        "检察官整体形象", "法官整体形象", "司法行政干警整体形象", "其他党政干部整体形象",
    ]  # fmt: skip


def test_satisfaction_with_law_enforcement_awareness_and_participation_are_shares() -> None:
    """000-11, 000-12: rates, so that 96 % can be held against them."""
    shares = {each.code for each in DEFAULT.indicators if each.scoring == "share"}
    assert shares == {"safety", "enforcement", "awareness", "participation"}


def test_the_wider_set_is_told_apart_from_the_twelve() -> None:
    """003-28, 003-04, 002-12: what was added shows when rounds are compared."""
    added = [each.name for each in rules.differences(DEFAULT, WIDER) if not each.before]
    assert {"社会治理评价", "干部入户评价", "窗口服务评价"} <= set(added)


def test_an_answer_gathered_under_an_organ_counts_like_the_question_it_came_from() -> None:
    asked = answers_of(instrument())
    assert list(asked["court_image"].choices) == [
        "good",
        "fairly",
        "neither",
        "rather_poor",
        "poor",
    ]
    assert asked["court_image"].choices["good"] == "好"
    assert asked["court_image"].no_answer.keys() == {"98", "99"}
    assert asked["age_band"].choices["65_up"] == "65岁及以上"
    assert not {"kish_place", "ready", "list_half", "organ_1"} & asked.keys()  # no answers


# Scorings


def test_a_scoring_must_cover_every_answer_that_is_not_missing() -> None:
    lacking = replace(SAFETY, counts={"safe": 1, "fairly": 1, "unsafe": 0})
    found = list(rules.fit_findings(lacking, ASKED))
    assert codes(found) == ["indicator-answers-unscored"]
    assert "不太安全" in found[0].message
    assert found[0].place == "safety"


def test_an_answer_may_be_left_out_of_the_base_instead() -> None:
    left_out = replace(
        SAFETY, counts={"safe": 1, "fairly": 1, "unsafe": 0}, missing=("98", "99", "not_very")
    )
    assert list(rules.fit_findings(left_out, ASKED)) == []


def test_codes_that_the_question_does_not_offer_are_found() -> None:
    wrong = replace(SAFETY, counts={**SAFETY.counts, "very_safe": 1})
    assert codes(rules.fit_findings(wrong, ASKED)) == ["indicator-codes-unknown"]


def test_dont_know_and_refused_must_be_said_to_be_no_answer() -> None:
    """Else a refusal would count as "not safe"."""
    assert codes(rules.fit_findings(replace(SAFETY, missing=("98",)), ASKED)) == [
        "indicator-missing-unsaid"
    ]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("saftey", "indicator-question-unknown"),
        ("factors", "indicator-question-kind"),
        ("age", "indicator-question-kind"),
    ],
)
def test_an_indicator_rests_on_a_question_of_one_choice(question: str, code: str) -> None:
    assert codes(rules.fit_findings(replace(SAFETY, question=question), ASKED)) == [code]


@pytest.mark.parametrize(
    ("scoring", "value", "fits"),
    [
        ("share", 0, True), ("share", 1, True), ("share", 0.5, False), ("share", 100, False),
        ("score", 0, True), ("score", 100, True), ("score", 62.5, True), ("score", 100.1, False),
        ("score", -1, False),
    ],
)  # fmt: skip
def test_a_share_counts_by_0_or_1_and_a_score_from_0_to_100(
    scoring: str, value: float, fits: bool
) -> None:
    one = replace(SAFETY, scoring=scoring, counts={"safe": value, "unsafe": 1})
    assert (codes(rules.scoring_findings(one)) == []) is fits


def test_a_share_of_which_nothing_counts_is_found() -> None:
    assert codes(rules.scoring_findings(replace(SAFETY, counts={"safe": 0}))) == [
        "indicator-nothing-counts"
    ]


def test_an_answer_cannot_count_and_be_missing() -> None:
    assert codes(rules.scoring_findings(replace(SAFETY, missing=("safe",)))) == [
        "indicator-counted-and-missing"
    ]


# Composites


@pytest.mark.parametrize(
    ("weights", "fits"),
    [(("0.5", "0.5"), True), (("0.5", "0.4999"), False), (("0.5", "0.5001"), False)],
)
def test_weights_sum_to_one_to_the_fourth_decimal(weights: tuple[str, str], fits: bool) -> None:
    both = half(safety=weights[0], gangs=weights[1])
    found = rules.composite_findings(both, replace(DEFAULT, composites=(both,)))
    assert (codes(found) == []) is fits


def test_the_sum_that_is_wrong_is_said() -> None:
    both = half(safety="0.5", gangs="0.3")
    (found,) = rules.composite_findings(both, replace(DEFAULT, composites=(both,)))
    assert "0.8" in found.message


def test_a_composite_with_a_part_that_is_not_in_the_set_is_found() -> None:
    both = half(safety="0.5", lost="0.5")
    assert codes(rules.composite_findings(both, Content((SAFETY,), (both,)))) == [
        "composite-part-unknown"
    ]


def test_a_composite_without_parts_is_found() -> None:
    assert codes(rules.composite_findings(half(), DEFAULT)) == ["composite-empty"]


def test_a_composite_that_would_be_a_part_of_itself_is_found_with_its_way() -> None:
    one = Weighted("one", "甲", {"two": Decimal(1)})
    two = Weighted("two", "乙", {"one": Decimal("0.5"), "safety": Decimal("0.5")})
    content = Content((SAFETY,), (one, two))
    (found,) = rules.composite_findings(one, content)
    assert found.code == "composite-cycle"
    assert "甲 → 乙 → 甲" in found.message


def test_better_and_worse_are_not_summed_together() -> None:
    lower = replace(TWELVE[1], direction="lower")
    both = half(safety="0.5", gangs="0.5")
    assert codes(rules.composite_findings(both, Content((SAFETY, lower), (both,)))) == [
        "composite-directions"
    ]


def test_weights_reach_through_composites_in_composites() -> None:
    total = next(each for each in DEFAULT.composites if each.is_total)
    weights = rules.flattened(total, DEFAULT)
    assert weights["gangs"] == Decimal("0.08")  # 0.2 of crime, 0.4 of that
    assert weights["police"] == Decimal("0.05")
    assert sum(weights.values()) == 1


# What changed


def test_a_change_of_scoring_against_the_round_before_is_listed() -> None:
    """P-02: 比较安全 no longer counts; nothing else changed."""
    stricter = replace(SAFETY, counts={**SAFETY.counts, "fairly": 0})
    (found,) = rules.differences(DEFAULT, replace(DEFAULT, indicators=(stricter, *TWELVE[1:])))
    assert (found.name, str(found.what)) in {("安全感受", "回答及计分"), ("安全感受", "Answers")}
    assert "fairly=1" in found.before
    assert "fairly=0" in found.after


def test_a_changed_weight_and_an_indicator_dropped_are_listed() -> None:
    fewer = replace(DEFAULT, indicators=TWELVE[:-1], composites=(half(safety="1"),))
    names = [each.name for each in rules.differences(DEFAULT, fewer)]
    assert "平安建设参与率" in names
    assert rules.differences(DEFAULT, DEFAULT) == []


def test_the_order_in_which_answers_are_written_is_no_change() -> None:
    turned = replace(
        SAFETY, counts=dict(reversed(list(SAFETY.counts.items()))), missing=("99", "98")
    )
    content = replace(DEFAULT, indicators=(turned, *TWELVE[1:]))
    assert rules.differences(DEFAULT, content) == []


# Cells


def test_figures_of_a_cell_come_back_as_they_were_written() -> None:
    assert rules.read_counts(rules.written(SAFETY.counts)) == SAFETY.counts


def test_full_width_signs_in_a_cell_are_taken() -> None:
    assert rules.read_counts("safe＝100；fairly = 62.5, unsafe=0".replace(",", "，")) == {
        "safe": 100, "fairly": 62.5, "unsafe": 0
    }  # fmt: skip


@pytest.mark.parametrize("text", ["safe", "safe=", "safe=many", "=1"])
def test_a_cell_that_cannot_be_read_is_quoted(text: str) -> None:
    with pytest.raises(Problem) as refused:
        rules.read_counts(f"unsafe=0；{text}")
    assert text in refused.value.message


# What is measured

#: Four interviews; worked out by hand below.
FOUR = pd.DataFrame({
    "safety": ["safe", "fairly", "unsafe", "98"],
    "gangs": ["none", "few", "many", "99"],
})  # fmt: skip
SMALL = Content(
    (SAFETY, TWELVE[1]),
    (
        Weighted("total", "综合得分", {"inner": Decimal("0.5"), "safety": Decimal("0.5")}, True),
        Weighted("inner", "内", {"safety": Decimal("0.5"), "gangs": Decimal("0.5")}),
    ),
)


def test_measured_interviews_give_the_figures_worked_out_by_hand() -> None:
    """safety: 2 of 3 answered = 66.67; gangs: (100 + 70 + 0) / 3 = 56.67;
    total = 0.75 · 66.67 + 0.25 · 56.67 = 64.1667."""
    found = hm.estimate(FOUR, hm.SurveyDesign(), statistics(SMALL)).to_pandas()
    figures = dict(zip(found["indicator"], found["estimate"], strict=True))
    assert figures["safety"] == pytest.approx(200 / 3)
    assert figures["gangs"] == pytest.approx(170 / 3)
    assert figures["inner"] == pytest.approx((200 / 3 + 170 / 3) / 2)
    assert figures["total"] == pytest.approx(0.75 * 200 / 3 + 0.25 * 170 / 3)


def test_the_survey_file_gives_the_same_figures_by_the_command(tmp_path: Path) -> None:
    """The contract of ``huiyin measure``: indicators and composites as TOML."""
    from huiyin.cli import main

    pd.concat([FOUR] * 12).to_csv(  # a figure of fewer than 30 is withheld
        tmp_path / "round.csv", index=False
    )
    head = '[survey]\ntitle = "试"\n[[rounds]]\nname = "2026H2"\ndata = "round.csv"\n\n'
    (tmp_path / "survey.toml").write_text(head + survey_lines(SMALL), encoding="utf-8")
    assert (
        main(["measure", str(tmp_path / "survey.toml"), "--out", str(tmp_path / "out"), "--quiet"])
        == 0
    )
    found = pd.read_csv(tmp_path / "out" / "estimates.csv")
    figures = dict(zip(found["indicator"], found["estimate"], strict=True))
    assert figures["total"] == pytest.approx(0.75 * 200 / 3 + 0.25 * 170 / 3)


def test_a_survey_file_names_titles_in_both_languages_and_what_is_good() -> None:
    read = tomllib.loads(survey_lines(DEFAULT))
    first = read["indicators"][0]
    assert first["title"] == {"zh": "安全感受", "en": "Sense of safety"}
    assert first["share_of"] == ["safe", "fairly"]
    assert first["missing"] == ["98", "99"]
    assert {each["good"] for each in read["indicators"]} == {"higher"}


def test_answers_coded_by_numbers_are_numbers_in_the_survey_file() -> None:
    """A column of 1 to 4 is read as numbers, so the codes must be."""
    numbered = Scored("s", "安全感", "q1", "share", {"1": 1, "2": 1, "3": 0, "4": 0}, ("98", "99"))
    read = tomllib.loads(survey_lines(Content((numbered,))))["indicators"][0]
    assert read["share_of"] == [1, 2]
    assert read["missing"] == [98, 99]


def test_quotation_marks_in_a_name_survive_the_survey_file() -> None:
    named = replace(SAFETY, name='“平安”\\"甲"')
    read = tomllib.loads(survey_lines(Content((named,))))
    assert read["indicators"][0]["title"]["zh"] == '“平安”\\"甲"'
