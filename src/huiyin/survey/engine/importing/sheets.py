"""Columns, labels and choices: what the sheets must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from huiyin.survey.engine.findings import Finding, Severity
from huiyin.survey.engine.importing.messages import finding, perhaps
from huiyin.survey.engine.importing.outline import Outline, near
from huiyin.survey.engine.importing.workbook import Book, Row, Sheet

#: Columns of the sheet survey; the last three are ours.
SURVEY_COLUMNS = (
    "type", "name", "label", "hint", "guidance_hint", "relevant", "constraint",
    "constraint_message", "required", "required_message", "readonly", "calculation",
    "choice_filter", "repeat_count", "appearance", "default", "parameters", "trigger", "image",
    "audio", "video", "big-image", "autoplay", "body", "bind", "instance", "media", "save_to",
    "dont_know", "refused", "comment",
)  # fmt: skip
#: Other spellings that pyxform takes.
ALIASES = {
    "relevance": "relevant", "calculate": "calculation", "caption": "label",
    "constraining message": "constraint_message", "required message": "required_message",
    "read_only": "readonly", "read only": "readonly", "repeat count": "repeat_count",
    "list name": "list_name", "constraint message": "constraint_message", "value": "name",
}  # fmt: skip
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)\Z")
#: Says yes in the column ``exclusive``.
YES = frozenset({"yes", "true", "1", "是", "true()"})


def column_findings(book: Book) -> Iterator[Finding]:
    """Columns that are missing or misspelt."""
    survey = book.sheet("survey")
    for needed in ("type", "name"):
        if needed not in survey.columns:
            yield finding("missing-column", "survey", 1, title=needed)
    if not survey.columns_of("label"):
        yield finding("missing-column", "survey", 1, title="label")
    if not survey.rows:
        yield finding("empty-sheet", "survey")
    for sheet in book.sheets.values():
        yield from _title_findings(sheet)
    yield from _language_findings(survey, book.sheet("choices"))
    for title in survey.columns:
        if _half_width(title) != title:
            continue  # told of above
        base = re.split(r"::?", title)[0].strip()
        if base in SURVEY_COLUMNS or base in ALIASES:
            continue
        instead = near(base, [*SURVEY_COLUMNS, *ALIASES]) if base.isascii() else ""
        code = "unknown-column" if instead else "ignored-column"
        severity: Severity = "error" if instead else "warning"
        yield finding(code, "survey", 1, title, severity, title=title, instead=instead)


def _half_width(title: str) -> str:
    """A title with the colons and brackets that separate, not those of a Chinese input method."""
    if not re.search("[：（）]", title):
        return title
    plain = title.replace("：", ":").replace("（", "(").replace("）", ")")
    if re.match(r"(label|hint|guidance_hint|constraint_message|required_message)\W*:", plain):
        base, _, language = plain.partition(":")
        language = re.sub(r"\s*\(", " (", language.lstrip(": "))
        return f"{base.strip()}::{language}"
    return plain


def _title_findings(sheet: Sheet) -> Iterator[Finding]:
    for title in sheet.columns:
        instead = _half_width(title)
        if instead != title:
            yield finding("unknown-column", sheet.name, 1, title, title=title, instead=instead)


def _language_findings(survey: Sheet, choices: Sheet) -> Iterator[Finding]:
    """Labels of the choices must be in the languages of the questions, by the same names."""
    here, there = _languages(choices), _languages(survey)
    if here and there and set(here) != set(there):
        yield finding(
            "other-languages", "choices", 1, choices.columns_of("label")[0], "warning",
            here=", ".join(here), there=", ".join(there),
        )  # fmt: skip


def _languages(sheet: Sheet) -> list[str]:
    return [column.partition("::")[2] or "label" for column in sheet.columns_of("label")]


def label_findings(outline: Outline, sheet: Sheet) -> Iterator[Finding]:
    """Questions that nobody could read out."""
    columns = sheet.columns_of("label")
    for item in outline.items:
        if item.kind != "question" or not item.name:
            continue
        if item.row["calculation"] and not any(item.row[each] for each in columns):
            continue  # calculated and not shown
        missing = [each for each in columns if not item.row[each]]
        pictured = any(item.row[each] for each in sheet.columns if each.startswith("media"))
        if columns and len(missing) == len(columns) and not item.row["hint"] and not pictured:
            yield finding("no-label", "survey", item.row.number, columns[0])
        elif missing and len(missing) < len(columns):
            yield _untranslated("survey", item.row, missing)


def other_findings(outline: Outline, sheet: Sheet) -> Iterator[Finding]:
    """Choices that pyxform adds in English to a questionnaire that is not."""
    english = re.compile(r"label::\s*english", re.IGNORECASE)
    if all(english.match(column) for column in sheet.columns_of("label")):
        return
    for item in outline.items:
        if item.or_other:
            yield finding("other-in-english", "survey", item.row.number, "type", "warning")


def _untranslated(sheet: str, row: Row, missing: list[str]) -> Finding:
    languages = ", ".join(each.partition("::")[2] or each for each in missing)
    return finding(
        "label-not-translated", sheet, row.number, missing[0], "warning", languages=languages
    )


def lists_of(sheet: Sheet) -> dict[str, list[Row]]:
    """The rows of each list of choices, in order."""
    lists: dict[str, list[Row]] = {}
    for row in sheet.rows:
        name = row["list_name"] or row["list name"]
        if name:
            lists.setdefault(name, []).append(row)
    return lists


def code_of(row: Row) -> str:
    """The code of a choice."""
    return row["name"] or row["value"]


def choice_findings(book: Book, outline: Outline) -> Iterator[Finding]:
    """Lists that are missing, and choices without code, label or score."""
    sheet = book.sheet("choices")
    lists = lists_of(sheet)
    used = {item.listed for item in outline.items if item.listed}
    for item in outline.items:
        if item.listed and item.listed not in lists and "${" not in item.listed:
            hint = perhaps(near(item.listed, lists))
            yield finding(
                "unknown-list", "survey", item.row.number, "type", list=item.listed, **hint
            )
    for row in sheet.rows:
        if not (row["list_name"] or row["list name"]) and (code_of(row) or row["label"]):
            yield finding("choice-without-list", "choices", row.number, "list_name")
    for name, rows in lists.items():
        if name not in used:
            yield finding("unused-list", "choices", rows[0].number, "", "warning", list=name)
        yield from _list_findings(sheet, rows, book)


def _list_findings(sheet: Sheet, rows: list[Row], book: Book) -> Iterator[Finding]:
    columns, seen = sheet.columns_of("label"), dict[str, int]()
    settings = book.sheet("settings").rows
    repeated = bool(settings) and settings[0]["allow_choice_duplicates"].lower() in YES
    for row in rows:
        code = code_of(row)
        if not code:
            yield finding("choice-without-name", "choices", row.number, "name")
        elif " " in code:
            mended = code.replace(" ", "_")
            yield finding(
                "choice-with-space", "choices", row.number, "name", name=code, instead=mended
            )
        elif code in seen and not repeated:
            first = seen[code]
            yield finding("duplicate-choice", "choices", row.number, "name", name=code, first=first)
        seen.setdefault(code, row.number)
        yield from _choice_label(row, columns)
    yield from _score_findings(sheet, rows)


def _choice_label(row: Row, columns: list[str]) -> Iterator[Finding]:
    missing = [each for each in columns if not row[each]]
    if len(missing) == len(columns):
        yield finding("no-label", "choices", row.number, columns[0] if columns else "label")
    elif missing:
        yield _untranslated("choices", row, missing)


def _score_findings(sheet: Sheet, rows: list[Row]) -> Iterator[Finding]:
    """A list is scored whole or not at all; a choice that is no answer needs no score."""
    for column in (each for each in sheet.columns if re.match(r"score(::|$)", each)):
        if not any(row[column] for row in rows):
            continue
        for row in rows:
            if row[column] and not _NUMBER.match(row[column]):
                yield finding(
                    "score-not-a-number", "choices", row.number, column, value=row[column]
                )
            elif not row[column] and row["exclusive"].lower() not in YES:
                yield finding("score-missing", "choices", row.number, column, column=column)


def missing_code_findings(outline: Outline, lists: dict[str, list[str]]) -> Iterator[Finding]:
    """Codes for "don't know" and refusal must be none of the choices."""
    for item in outline.items:
        for column in ("dont_know", "refused"):
            code = item.row[column]
            if code and code in lists.get(item.listed, ()):
                yield finding(
                    "bad-missing-code", "survey", item.row.number, column, code=code, column=column
                )
