"""Questionnaires for the tests, written as tables and handed over as real workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import openpyxl

from huiyin.survey import engine

SHANGHAI = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 28, 12, 0, tzinfo=SHANGHAI)


def table(text: str) -> list[list[str]]:
    """The rows of a table with | between its cells."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return [
        [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
        for line in lines
        if line
    ]


def workbook(
    survey: str, choices: str = "", settings: str = "", **more: Sequence[Sequence[Any]]
) -> bytes:
    """A workbook with the sheets of a questionnaire."""
    sheets: dict[str, Sequence[Sequence[Any]]] = {"survey": table(survey)}
    if choices:
        sheets["choices"] = table(choices)
    if settings:
        sheets["settings"] = table(settings)
    return written(sheets | more)


def written(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook with sheets of any content."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def compiled(survey: str, choices: str = "", settings: str = "") -> engine.Questionnaire:
    """The questionnaire of tables."""
    return engine.compile(workbook(survey, choices, settings))


def started(
    survey: str, choices: str = "", settings: str = "", *, seed: int = 1, language: str = "zh"
) -> engine.Interview:
    """An interview, at noon of 28 November 2026, with the questionnaire of tables."""
    return compiled(survey, choices, settings).start(seed, language, now=NOON)


def findings(survey: str, choices: str = "", settings: str = "") -> list[engine.Finding]:
    """What is wrong with the questionnaire of tables, warnings included; empty where nothing is."""
    return findings_of(workbook(survey, choices, settings))


def findings_of(content: bytes) -> list[engine.Finding]:
    """What is wrong with a workbook, warnings included."""
    try:
        return list(engine.compile(content).warnings)
    except engine.QuestionnaireError as wrong:
        return wrong.findings


def state(interview: engine.Interview, name: str) -> engine.QuestionState:
    """How the question of a name stands (the first, in a repeat)."""
    return next(each for each in interview.state() if each.path.rpartition("/")[2] == name)
