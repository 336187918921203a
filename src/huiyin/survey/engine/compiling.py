"""From a workbook to a questionnaire that can be run, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]
from pyxform.xls2xform import convert  # type: ignore[import-untyped]

from huiyin.survey.engine.dependencies import Cycle, Plan, UnknownReference, planned, reads
from huiyin.survey.engine.findings import Finding, QuestionnaireError
from huiyin.survey.engine.form import Form, UnknownEvent, read_form
from huiyin.survey.engine.importing.expressions import Expressions
from huiyin.survey.engine.importing.messages import finding
from huiyin.survey.engine.importing.outline import Item, Outline
from huiyin.survey.engine.importing.reach import (
    cycle_findings,
    order_findings,
    random_findings,
    reach_findings,
    trigger_findings,
)
from huiyin.survey.engine.importing.sheets import (
    YES,
    choice_findings,
    code_of,
    column_findings,
    label_findings,
    lists_of,
    missing_code_findings,
    other_findings,
)
from huiyin.survey.engine.importing.workbook import Book, Source, read_book
from huiyin.survey.engine.questionnaire import ChoiceRules, Questionnaire
from huiyin.survey.engine.syntax import SyntaxProblem

#: Chinese quotation marks, which pyxform would turn into straight ones, and what stands for each
#: on the way through it: private-use characters.
_QUOTES = {"“": "\ue201", "”": "\ue202", "‘": "\ue203", "’": "\ue204"}
_SHIELD = str.maketrans(_QUOTES)
_UNSHIELD = str.maketrans({kept: quote for quote, kept in _QUOTES.items()})
#: Columns that are read out, in which quotation marks are kept.
_READ_OUT = re.compile(r"(label|hint|guidance_hint|constraint_message|required_message)\b")
#: Columns of ours that pyxform does not know.
_OURS = frozenset({"dont_know", "refused", "comment"})
_PYXFORM_ROW = re.compile(r"\[row : (\d+)\]\s*")


def compile(source: Source) -> Questionnaire:
    """Compile a questionnaire written as XLSForm.

    Args:
        source: path or content of a workbook (.xlsx).

    Raises:
        QuestionnaireError: with every finding, each with sheet, row, column and a way out.
    """
    book = read_book(source)
    outline = Outline(book.sheet("survey"))
    lists = {
        name: list(map(code_of, rows)) for name, rows in lists_of(book.sheet("choices")).items()
    }
    findings = list(_checked(book, outline, lists))
    if any(each.severity == "error" for each in findings):
        raise QuestionnaireError(findings)
    xform = _converted(book)
    form = _read(xform)
    return Questionnaire(
        form=form,
        plan=_planned(form, outline),
        xform=xform,
        warnings=tuple(findings),
        choice_rules=dict(_choice_rules(book, outline)),
    )


def _checked(book: Book, outline: Outline, lists: dict[str, list[str]]) -> Iterator[Finding]:
    yield from book.findings
    yield from column_findings(book)
    yield from outline.findings
    yield from label_findings(outline, book.sheet("survey"))
    yield from choice_findings(book, outline)
    yield from missing_code_findings(outline, lists)
    expressions = Expressions(outline, lists, book.sheet("choices").columns)
    yield from expressions.findings
    yield from other_findings(outline, book.sheet("survey"))
    yield from cycle_findings(expressions)
    yield from order_findings(expressions)
    yield from random_findings(expressions)
    yield from trigger_findings(expressions)
    yield from reach_findings(expressions)


def _converted(book: Book) -> str:
    """The XForms document that pyxform makes of the sheets."""
    sheets = {
        name: [_shielded(row.cells) for row in sheet.rows] for name, sheet in book.sheets.items()
    }
    headers = {
        f"{name}_header": [dict.fromkeys(each for each in sheet.columns if each not in _OURS)]
        for name, sheet in book.sheets.items()
    }
    try:
        made = convert({**sheets, **headers}, form_name="data", warnings=[])
    except PyXFormError as wrong:
        raise QuestionnaireError([_of_pyxform(str(wrong), book)]) from wrong
    return str(made.xform).translate(_UNSHIELD)


def _shielded(cells: dict[str, str]) -> dict[str, str]:
    return {
        title: text.translate(_SHIELD) if _READ_OUT.match(title) else text
        for title, text in cells.items()
        if title not in _OURS
    }


def _of_pyxform(message: str, book: Book) -> Finding:
    """What pyxform found that our own checks did not, with the row of the sheet as it is."""
    match = _PYXFORM_ROW.search(message)
    rows = book.sheet("survey").rows
    at = int(match[1]) - 2 if match else -1
    number = rows[at].number if 0 <= at < len(rows) else None
    return finding("pyxform", "survey", number, wrong=_PYXFORM_ROW.sub("", message).strip())


def _read(xform: str) -> Form:
    try:
        return read_form(xform)
    except SyntaxProblem as wrong:  # in a column that is no expression of ours, such as bind::…
        said = f"an expression cannot be read: {wrong.wrong}"
        raise QuestionnaireError([finding("pyxform", "survey", wrong=said)]) from wrong
    except UnknownEvent as wrong:
        said = f"values are not set at the event {wrong}"
        raise QuestionnaireError([finding("pyxform", "survey", wrong=said)]) from wrong


def _planned(form: Form, outline: Outline) -> Plan:
    rows = {item.path: item for item in outline.items}
    findings = list(_unknown_paths(form, rows))
    if findings:
        raise QuestionnaireError(findings)
    try:
        return planned(form)
    except Cycle as wrong:
        raise QuestionnaireError([_circle(wrong, rows)]) from wrong


def _unknown_paths(form: Form, rows: dict[str, Item]) -> Iterator[Finding]:
    """Relative paths that lead nowhere."""
    for at in form.fields.values():
        for rule, found in at.rules.items():
            try:
                reads(found.tree, at, form)
            except UnknownReference as wrong:
                item = rows.get(at.path)
                row = item.row.number if item else None
                column = {"calculate": "calculation", "count": "repeat_count"}.get(rule, rule)
                yield finding(
                    "unknown-reference", "survey", row, column,
                    wrong=wrong.path, hint="", hint_zh="",
                )  # fmt: skip


def _circle(wrong: Cycle, rows: dict[str, Item]) -> Finding:
    names = " → ".join(path.rpartition("/")[2] for path in wrong.paths)
    item = rows.get(wrong.paths[0])
    return finding("cycle", "survey", item.row.number if item else None, path=names)


def _choice_rules(book: Book, outline: Outline) -> Iterator[tuple[str, ChoiceRules]]:
    lists = lists_of(book.sheet("choices"))
    for item in outline.items:
        rows = lists.get(item.listed, [])
        alone = frozenset(code_of(row) for row in rows if row["exclusive"].lower() in YES)
        made = ChoiceRules(alone, item.row["dont_know"], item.row["refused"])
        if made != ChoiceRules():
            yield item.path, made
