"""Expressions in words, the preview, what differs between two versions; without a database."""

from __future__ import annotations

import pytest
from tests.survey.instrument_cast import instrument
from tests.survey.questionnaire_cast import reading

from huiyin.survey.engine.syntax import parse
from huiyin.survey.questionnaire_diff import Difference, Kind, differences
from huiyin.survey.questionnaire_preview import preview_of
from huiyin.survey.questionnaire_reading import Reading
from huiyin.survey.questionnaire_words import Words

AGE, SAFETY, WHY = "/data/age", "/data/part/safety", "/data/part/why"


def said(expression: str, language: str = "zh", owner: str = "/data/wish") -> str:
    read = reading()
    tongue = next(each for each in read.tongues if each.code == language)
    return Words(read, tongue).said(parse(expression), read.form.fields[owner])


@pytest.mark.parametrize(
    ("expression", "chinese", "english"),
    [
        (f"{SAFETY} = 'unsafe'", "第 2 题选“不安全”", "question 2 is “Unsafe”"),
        (f"'unsafe' = {SAFETY}", "第 2 题选“不安全”", "question 2 is “Unsafe”"),
        (f"{SAFETY} != 'unsafe'", "第 2 题未选“不安全”", "question 2 is not “Unsafe”"),
        (f"not({SAFETY} = 'safe')", "第 2 题未选“安全”", "question 2 is not “Safe”"),
        (f"{SAFETY} = '98'", "第 2 题选“不知道/说不清”", "question 2 is “Don't know”"),
        (f"{AGE} = 999", "第 1 题答“拒绝回答”", "question 1 is “Refused”"),
        (f"selected({WHY}, 'theft')", "第 3 题选“盗窃”", "question 3 is “Theft”"),
        (
            f"{SAFETY} = 'unsafe' or {SAFETY} = 'not_very'",
            "第 2 题选“不安全”或“不太安全”", "question 2 is “Unsafe” or “Not very safe”",
        ),
        (
            f"{AGE} >= 60 and ({SAFETY} = 'safe' or {AGE} < 70)",
            "第 1 题大于或等于 60，并且（第 2 题选“安全”，或者第 1 题小于 70）",
            "question 1 is at least 60, and (question 2 is “Safe”, or question 1 is less than 70)",
        ),
        (f"16 <= {AGE}", "第 1 题大于或等于 16", "question 1 is at least 16"),
        (f"{AGE} >= 16 and {AGE} <= 20", "第 1 题在 16 到 20 之间",
         "question 1 is between 16 and 20"),
        (f"{AGE} = ''", "第 1 题未回答", "question 1 is not answered"),
        (f"{AGE} != ''", "第 1 题已回答", "question 1 is answered"),
        (f"count-selected({WHY}) > 2", "第 3 题所选项数大于 2",
         "the number of choices in question 3 is more than 2"),
        (f"if({AGE} > 60, 'old', 'young')", "若第 1 题大于 60，则为“old”；否则为“young”",
         "if question 1 is more than 60: “old”; else “young”"),
        (f"{AGE} + 1 > 17", "（第 1 题 + 1）大于 17", "(question 1 + 1) is more than 17"),
    ],
)  # fmt: skip
def test_an_expression_is_said_in_words(expression: str, chinese: str, english: str) -> None:
    """P-01."""
    assert said(expression) == chinese
    assert said(expression, "en") == english


def test_a_constraint_speaks_of_this_question() -> None:
    assert said(". >= 16", owner=AGE) == "本题大于或等于 16"


def test_what_has_no_words_is_shown_as_it_is_written() -> None:
    assert said("digest('x', 'MD5') = 'y'") == "digest('x', 'MD5')为“y”"
    assert said("instance('why')/root/item[name = 'theft']/label") == (
        "instance('why')/root/item[name = 'theft']/label"
    )


def test_no_rule_of_the_standard_instrument_is_left_without_words() -> None:
    read = Reading(instrument())
    for tongue in read.tongues:
        words = Words(read, tongue)
        for at in read.form.root.below():
            for rule in at.rules.values():
                assert "/data/" not in words.said(rule.tree, at)


# The preview


def entries(language: str = "zh") -> dict[str, object]:
    return {entry.name: entry for entry in preview_of(reading(), language).entries}


def test_the_preview_numbers_what_wants_an_answer_and_nothing_else() -> None:
    shown = preview_of(reading()).shown
    assert [(each.kind, each.name, each.number) for each in shown] == [
        ("question", "age", 1), ("part", "part", None), ("question", "safety", 2),
        ("question", "why", 3), ("note", "sorry", None), ("question", "wish", 4),
    ]  # fmt: skip


def test_both_languages_stand_side_by_side_with_their_choices() -> None:
    """P-01."""
    safety = {each.name: each for each in preview_of(reading()).entries}["safety"]
    chinese, english = safety.sayings
    assert (chinese.label, english.label) == ("您觉得本地安全吗？", "Is it safe here?")
    assert [each.text for each in chinese.options] == [
        "安全", "不太安全", "不安全", "不知道/说不清", "拒绝回答",
    ]  # fmt: skip
    assert [each.text for each in english.options][-2:] == ["Don't know", "Refused"]


def test_on_paper_a_condition_says_where_to_go_on() -> None:
    shown = {each.name: each.sayings[0] for each in preview_of(reading(), "zh").shown}
    assert shown["why"].skip == "若第 2 题选“不安全”或“不太安全”，则答本题；否则跳到第 4 题。"
    assert shown["part"].skip == "若第 1 题大于或等于 16，则问以下部分；否则跳到第 4 题。"
    assert shown["sorry"].skip == "若第 3 题选“盗窃”，则读出以下内容。"


def test_a_skip_passes_over_parts_under_the_same_condition() -> None:
    """Whoever does not belong to the population is sent to the end, not from part to part."""
    shown = preview_of(Reading(instrument()), "zh").shown
    safety = next(each for each in shown if each.name == "part_safety")
    assert safety.sayings[0].skip.endswith("否则跳到结束处。")


# Differences


def changed(*changes: tuple[str, str], bound: tuple[str, ...] = ("safety",)) -> list[Difference]:
    return differences(reading(), reading(*changes), bound)


def kinds(found: list[Difference]) -> list[tuple[str, str, bool]]:
    return [(each.kind.value, each.name, each.breaks) for each in found]


def test_two_versions_of_the_same_differ_in_nothing() -> None:
    assert changed() == []


def test_another_wording_is_told_with_its_language_and_breaks_a_bound_item() -> None:
    """P-02, 003-28."""
    (found,) = changed(("您觉得本地安全吗？", "您住的地方安全吗？"))
    assert (found.kind, found.language, found.breaks) == (Kind.WORDING, "中文", True)
    assert (found.before, found.after) == ("您觉得本地安全吗？", "您住的地方安全吗？")
    (english,) = changed(("Is it safe here?", "Is it safe?"))
    assert english.language == "English"


def test_another_wording_of_an_item_without_indicator_breaks_nothing() -> None:
    assert kinds(changed(("您有什么建议？", "您还有什么建议？"))) == [("wording", "wish", False)]


def test_choices_added_removed_and_worded_anew_break_a_bound_item() -> None:
    """P-02."""
    line = "    safety    | unsafe "
    more = "    safety    | fairly   | 比较安全         | Fairly safe         |\n"
    added = changed((line, more + line))
    assert kinds(added) == [("choices", "safety", True)]
    assert (added[0].before, added[0].after) == ("", "比较安全")
    (worded,) = changed(("| 不太安全 ", "| 不大安全 "))
    assert (worded.what, worded.before, worded.after) == ("not_very", "不太安全", "不大安全")


def test_a_scale_in_another_order_breaks_a_bound_item() -> None:
    lines = ("    safety    | safe     | 安全             | Safe                |\n"
             "    safety    | not_very | 不太安全         | Not very safe       |\n")  # fmt: skip
    first, second, _ = lines.split("\n")
    assert kinds(changed((lines, f"{second}\n{first}\n"))) == [("order", "safety", True)]


def test_a_question_that_moves_is_told_as_moved_and_nothing_else() -> None:
    line = next(each for each in reading_lines() if "| wish " in each)
    age = next(each for each in reading_lines() if "| age " in each)
    moved = changed((f"{line}\n", ""), (f"{age}\n", f"{line}\n{age}\n"))
    assert kinds(moved) == [("moved", "wish", False)]
    assert (moved[0].before, moved[0].after) == ("4", "1")


def reading_lines() -> list[str]:
    from tests.survey.questionnaire_cast import SURVEY

    return SURVEY.split("\n")


def test_a_question_that_is_gone_breaks_and_one_that_is_new_does_not() -> None:
    found = changed(("| safety  | 您觉得", "| safety2 | 您觉得"), ("${safety}", "${safety2}"))
    assert ("added", "safety2", False) in kinds(found)
    assert ("removed", "safety", True) in kinds(found)


def test_a_rule_is_told_in_words_before_and_after() -> None:
    found = changed((". >= 16 and . <= 110", ". >= 18 and . <= 110"))
    assert [(each.what, each.before, each.after) for each in found] == [
        ("constraint", "本题在 16 到 110 之间", "本题在 18 到 110 之间")
    ]


def test_a_condition_of_a_bound_item_breaks_because_others_are_asked() -> None:
    """003-28."""
    found = changed(("${safety} = 'unsafe' or ", ""), bound=("why",))
    assert kinds(found) == [("rule", "why", True)]


def test_an_answer_in_a_text_is_the_same_wherever_its_question_stands() -> None:
    quoted = ("您有什么建议？", "您 ${age} 岁，有什么建议？")
    line = next(each for each in reading_lines() if "| sorry " in each)
    before = reading(quoted)
    after = reading(quoted, (f"{line}\n", ""), )  # fmt: skip
    assert [each.kind for each in differences(before, after, ())] == [Kind.REMOVED]
