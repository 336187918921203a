"""Everything that is wrong with a questionnaire is said at once, with its place and a way out.

What is expected comes from the issue's list of bad input, and from what XLSForm, XPath 1.0 and Excel
call a mistake.
"""
# ruff: noqa: E501  (tables are wider than lines)

from __future__ import annotations

import time
import zipfile
from io import BytesIO

import openpyxl
import pytest
from tests.survey.engine.forms import compiled, findings, findings_of, table, workbook, written

from huiyin.survey import engine
from huiyin.survey.engine.importing.messages import MESSAGES
from huiyin.survey.engine.syntax import FULL_WIDTH, SyntaxProblem, parse

YES_NO = "|list_name|name|label|\n|yn|1|是|\n|yn|2|否|"


def form(*rows: dict[str, str]) -> str:
    """A survey sheet of rows; each with type, name, and what else it has."""
    columns = ["type", "name", "label"]
    columns += sorted({column for row in rows for column in row} - set(columns))
    named = [{"label": "题目", "name": f"q{number}"} | row for number, row in enumerate(rows)]
    lines = [columns, *([row.get(column, "") for column in columns] for row in named)]
    return "\n".join("|" + "|".join(line) + "|" for line in lines)


def codes(survey: str, choices: str = "") -> list[tuple[str, str, int | None, str]]:
    return [
        (each.code, each.sheet, each.row, each.column)
        for each in findings(survey, choices)
        if each.severity == "error"
    ]


AGE = {"type": "integer", "name": "age"}


@pytest.mark.parametrize(
    ("row", "code", "column", "instead"),
    [
        ({"relevant": "${agee} > 1"}, "unknown-reference", "relevant", "age"),
        ({"relevant": "${age} ＞ 1"}, "full-width-sign", "relevant", ">"),
        ({"relevant": "（${age} > 1）"}, "full-width-sign", "relevant", "("),
        ({"relevant": "${age} = １"}, "full-width-sign", "relevant", "1"),
        ({"relevant": "${age} ！= 1"}, "full-width-sign", "relevant", "!="),
        ({"relevant": "${age} == 1"}, "unexpected", "relevant", "="),
        ({"relevant": "${age} > 1 && ${age} < 9"}, "unexpected", "relevant", "and"),
        ({"relevant": "$age = 1"}, "unexpected", "relevant", "${name}"),
        ({"relevant": "age = 1"}, "bare-name", "relevant", "${age}"),
        ({"relevant": "${age > 1"}, "unclosed-reference", "relevant", "${name}"),
        ({"relevant": "../agee > 1"}, "unknown-reference", "relevant", "age"),
        ({"relevant": "/data/agee > 1"}, "unknown-reference", "relevant", "age"),
        ({"relevant": "${age} = 'x"}, "open-quote", "relevant", "'"),
        ({"relevant": "${age} >"}, "ends-early", "relevant", ""),
        ({"relevant": "${age} = 'abc'"}, "compared-with-text", "relevant", "number"),
        ({"relevant": "if(${age}, 1)"}, "wrong-arguments", "relevant", "3 values"),
        ({"relevant": "count('x') > 1"}, "not-a-question", "relevant", "${name}"),
        ({"relevant": "following::age = 1"}, "unknown-axis", "relevant", "child, parent, self"),
        ({"constraint": "selectd(., '1')"}, "unknown-function", "constraint", "selected"),
        ({"constraint": "regex(., '(')"}, "bad-pattern", "constraint", "[一-龥]"),
        ({"constraint": "regex(., '\\p{L}+')"}, "bad-pattern", "constraint", "[一-龥]"),
        ({"calculation": "digest(${age}, 'CRC')"}, "bad-algorithm", "calculation", "SHA-256"),
        ({"calculation": "floor(${age})"}, "refused-function", "calculation", "int()"),
        ({"default": "tody()"}, "unknown-function", "default", "today"),
        ({"relevant": "1 = 2"}, "never-asked", "relevant", ""),
        ({"relevant": "${age} > 18 and ${age} < 10"}, "never-asked", "relevant", ""),
        ({"relevant": "(" * 99 + "1" + ")" * 99}, "too-deep", "relevant", "calculate"),
        ({"relevant": "1" + "+1" * 999}, "too-deep", "relevant", "calculate"),
        ({"label": "你好 ${agee}"}, "unknown-reference", "label", "age"),
        ({"trigger": "${nobody}"}, "unknown-reference", "trigger", ""),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_named_with_its_place_and_what_to_write(
    row: dict[str, str], code: str, column: str, instead: str
) -> None:
    """000-14: each finding has sheet, row and column and says what to write instead."""
    found = findings(form(AGE, {"type": "text"} | row))
    assert [(each.code, each.sheet, each.row, each.column) for each in found] == [
        (code, "survey", 3, column)
    ]
    assert instead in found[0].message
    assert "survey 第 3 行" in found[0].in_language("zh")


@pytest.mark.parametrize(
    ("rows", "code", "row", "column"),
    [
        ([{"type": "txt"}], "unknown-type", 2, "type"),
        ([{"type": "select_one"}], "no-list", 2, "type"),
        ([{"type": "select_one nowhere"}], "unknown-list", 2, "type"),
        ([{"type": "select_one_from_file a.csv"}], "refused-type", 2, "type"),
        ([{"type": ""}], "missing-type", 2, "type"),
        ([{"type": "text", "name": ""}], "missing-name", 2, "name"),
        ([{"type": "text", "name": "1a"}], "bad-name", 2, "name"),
        ([{"type": "text", "name": "meta"}], "taken-name", 2, "name"),
        ([{"type": "text", "label": ""}], "no-label", 2, "label"),
        ([AGE, AGE], "duplicate-name", 3, "name"),
        ([{"type": "begin_group"}, AGE], "not-closed", 2, "type"),
        ([AGE, {"type": "end_group"}], "not-opened", 3, "type"),
        ([{"type": "text", "constraint": ". > ${age}"}, AGE], "looks-ahead", 2, "constraint"),
        ([AGE, {"type": "calculate", "name": "c", "calculation": "${age}"},
          {"type": "text", "trigger": "${c}", "calculation": "1"}], "trigger-not-asked", 4,
         "trigger"),
        ([{"type": "text", "name": "a", "trigger": "${b}", "calculation": "1"},
          {"type": "text", "name": "b", "trigger": "${a}", "calculation": "1"}],
         "trigger-circle", 2, "trigger"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named(rows: list[dict[str, str]], code: str, row: int, column: str) -> None:
    assert (code, "survey", row, column) in codes(form(*rows), YES_NO)


@pytest.mark.parametrize(
    ("choices", "code", "row", "column"),
    [
        ("|list_name|name|label|\n|yn|1||\n|yn|2|否|", "no-label", 2, "label"),
        ("|list_name|name|label|\n|yn||是|\n|yn|2|否|", "choice-without-name", 2, "name"),
        ("|list_name|name|label|\n||1|是|\n|yn|2|否|", "choice-without-list", 2, "list_name"),
        ("|list_name|name|label|\n|yn|a b|是|\n|yn|2|否|", "choice-with-space", 2, "name"),
        ("|list_name|name|label|\n|yn|1|是|\n|yn|1|否|", "duplicate-choice", 3, "name"),
        ("|list_name|name|label|score|\n|yn|1|是|100|\n|yn|2|否||", "score-missing", 3, "score"),
        ("|list_name|name|label|score|\n|yn|1|是|高|\n|yn|2|否|0|", "score-not-a-number", 2,
         "score"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_named(choices: str, code: str, row: int, column: str) -> None:
    """000-14: choices without labels and scoring that misses a choice are found."""
    assert (code, "choices", row, column) in codes(form({"type": "select_one yn"}), choices)


def test_a_choice_that_is_no_answer_needs_no_score() -> None:
    choices = "|list_name|name|label|score|exclusive|\n|yn|1|是|100||\n|yn|99|不知道||yes|"
    assert codes(form({"type": "select_multiple yn"}), choices) == []


def test_a_list_without_choices_is_named_where_it_is_asked() -> None:
    assert codes(form({"type": "select_one yn"}), "|list_name|name|label|") == [
        ("unknown-list", "survey", 2, "type")
    ]


def test_a_code_that_the_list_does_not_have_is_named() -> None:
    found = findings(form({"type": "select_one yn"}, {"type": "text", "relevant": "${q0} = '3'"}),
                     YES_NO)  # fmt: skip
    assert [each.code for each in found] == ["unknown-code"]
    assert "1, 2" in found[0].message


def test_a_filter_by_a_column_that_is_not_there_is_named() -> None:
    row = {"type": "select_one yn", "choice_filter": "county = ${age}"}
    assert codes(form(AGE, row), YES_NO) == [("unknown-list-column", "survey", 3, "choice_filter")]


def test_every_circle_is_named_and_each_once() -> None:
    rows = [{"type": "calculate", "name": name, "label": "", "calculation": f"${{{of}}}"}
            for name, of in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "e"), ("e", "d"))]  # fmt: skip
    found = [each for each in findings(form(*rows)) if each.code == "cycle"]
    assert sorted(each.row or 0 for each in found) == [2, 5]
    assert "a → b → c → a" in found[0].message_zh


def test_a_group_that_depends_on_what_is_in_it_is_a_circle() -> None:
    rows = [{"type": "begin_group", "relevant": "${age} > 1"}, AGE, {"type": "end_group"}]
    assert [code for code, *_ in codes(form(*rows))] == ["cycle"]


def test_once_of_itself_is_no_circle() -> None:
    rows = {"type": "calculate", "name": "c", "label": "", "calculation": "once(random())"}
    assert codes(form(AGE, rows)) == []


def test_a_condition_against_that_of_its_group_can_never_hold() -> None:
    """000-14: unreachable questions."""
    rows = [{"type": "select_one yn", "name": "a"}, {"type": "begin_group", "relevant": "${a} = '1'"},
            {"type": "text", "relevant": "${a} = '2'"}, {"type": "end_group"}]  # fmt: skip
    assert codes(form(*rows), YES_NO) == [("never-asked", "survey", 4, "relevant")]


def test_all_mistakes_are_told_at_once() -> None:
    survey = form(
        {"type": "txt"},
        {"type": "integer", "name": "a", "relevant": "${b} ＝ 1"},
        {"type": "select_one nowhere", "constraint": "foo(.)"},
        {"type": "calculate", "name": "c", "label": "", "calculation": "${d}"},
        {"type": "calculate", "name": "d", "label": "", "calculation": "${c}"},
        {"type": "text", "name": "a"},
    )
    assert {code for code, *_ in codes(survey, "|list_name|name|label|\n|yn|1||")} >= {
        "unknown-type", "unknown-reference", "unknown-list", "unknown-function", "cycle",
        "duplicate-name", "no-label",
    }  # fmt: skip


@pytest.mark.parametrize("sign", sorted(FULL_WIDTH))
def test_a_full_width_sign_is_never_taken_for_its_like(sign: str) -> None:
    """000-14: full-width operators; every sign from U+FF01 to U+FF5E."""
    with pytest.raises(SyntaxProblem) as wrong:
        parse(f"1 {sign} 1")
    assert wrong.value.code == "full-width-sign"
    assert wrong.value.instead


def test_every_message_stands_in_both_languages() -> None:
    for code, (english, chinese) in MESSAGES.items():
        assert english.isascii() or any(mark in english for mark in "“…一"), code
        assert any("一" <= sign <= "龥" for sign in chinese), code


@pytest.mark.parametrize(
    ("title", "instead"),
    [
        ("label：：中文 (zh)", "label::中文 (zh)"),
        ("label::中文（zh）", "label::中文 (zh)"),
        ("relevent", "relevant"),
        ("constraint_mesage", "constraint_message"),
    ],
)
def test_a_misspelt_title_is_named_with_the_right_one(title: str, instead: str) -> None:
    sheet = [["type", "name", "label", title], ["text", "a", "A", "甲"]]
    found = [each for each in findings_of(written({"survey": sheet})) if each.severity == "error"]
    assert [(each.code, each.row, each.column) for each in found] == [("unknown-column", 1, title)]
    assert f"“{instead}”" in found[0].message


def test_labels_in_other_languages_than_the_questions_are_told_of() -> None:
    survey = "|type|name|label::中文 (zh)|\n|select_one yn|a|甲|"
    found = findings(survey, "|list_name|name|label::中文|\n|yn|1|是|")
    assert [(each.code, each.severity) for each in found] == [("other-languages", "warning")]


def test_a_wrong_sheet_name_is_told_with_the_names_there_are() -> None:
    found = findings_of(written({"问卷": [["type"]], "选项": [["list_name"]]}))
    assert [each.code for each in found] == ["no-survey-sheet"]
    assert "问卷, 选项" in found[0].message


def test_a_sheet_without_rows_is_told_of() -> None:
    assert "empty-sheet" in {each.code for each in findings("|type|name|label|")}


@pytest.mark.parametrize(
    "content", [b"", b"type,name\n", b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0"]
)
def test_what_is_no_workbook_is_told_of(content: bytes) -> None:
    assert [each.code for each in findings_of(content)] == ["not-a-workbook"]


def test_another_office_file_is_no_workbook() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert [each.code for each in findings_of(stream.getvalue())] == ["not-a-workbook"]


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 1024 * 1024))
    start = time.perf_counter()
    assert [each.code for each in findings_of(stream.getvalue())] == ["too-large"]
    assert time.perf_counter() - start < 1


def test_merged_cells_and_formulas_are_named_by_cell() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "survey"
    for row in table("|type|name|label|\n|text|a|A|\n|text|b|B|"):
        sheet.append(row)
    sheet["C3"] = '=CONCATENATE("a","b")'
    sheet.merge_cells("A2:A3")
    stream = BytesIO()
    book.save(stream)
    found = {(each.code, each.row) for each in findings_of(stream.getvalue())}
    assert found >= {("merged-cells", 2), ("formula", 3)}


def test_groups_nested_past_following_are_refused_and_not_recursed_into() -> None:
    rows = [{"type": "begin_group", "name": f"g{at}"} for at in range(3000)]
    rows += [AGE] + [{"type": "end_group"}] * 3000
    assert {code for code, *_ in codes(form(*rows))} == {"nested-too-deeply"}


def test_two_thousand_mistakes_are_told_in_seconds() -> None:
    rows = [{"type": "integer", "name": f"age_of_person_{at}", "relevant": f"${{agee_{at}}} > 1"}
            for at in range(2000)]  # fmt: skip
    content = workbook(form(*rows))
    start = time.perf_counter()
    assert len(findings_of(content)) == 2000
    assert time.perf_counter() - start < 20


def test_ten_thousand_questions_do_not_end_the_stack() -> None:
    rows = [AGE] + [{"type": "integer", "relevant": f"${{q{at - 1}}} > 1" if at > 1 else ""}
                    for at in range(1, 10_000)]  # fmt: skip
    questionnaire = compiled(form(*rows))
    assert questionnaire.questions == 10_000
    interview = questionnaire.start(1)
    for name in ("q1", "q2"):
        interview.answer(name, 2)
    assert [each.relevant for each in interview.state()[1:5]] == [True, True, True, False]


def test_random_order_that_a_condition_would_break_is_told_of() -> None:
    rows = [
        {"type": "begin_group", "name": "all", "appearance": "random-order"},
        {"type": "begin_group", "name": "one"}, AGE, {"type": "end_group"},
        {"type": "begin_group", "name": "two"},
        {"type": "text", "relevant": "${age} > 1"}, {"type": "end_group"}, {"type": "end_group"},
    ]  # fmt: skip
    found = [(each.code, each.row) for each in findings(form(*rows))]
    assert found == [("random-order-reads", 7)]


def test_or_other_in_a_chinese_questionnaire_is_told_of() -> None:
    found = findings(form({"type": "select_one yn or_other"}), YES_NO)
    assert [(each.code, each.severity) for each in found] == [("other-in-english", "warning")]


def test_what_pyxform_finds_is_told_with_its_row() -> None:
    survey = form(AGE, {"type": "range", "parameters": "start=1 end=x step=1"})
    with pytest.raises(engine.QuestionnaireError) as wrong:
        compiled(survey)
    assert [(each.code, each.sheet) for each in wrong.value.findings] == [("pyxform", "survey")]
