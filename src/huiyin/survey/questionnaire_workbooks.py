"""Workbooks with their mistakes: the cells of a row, and a copy with every finding marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill

#: Title of the column in which findings are written; a workbook handed in again may still have it.
MARKS = "检查结果"
#: A row of a findings page shows no more cells, and no longer ones.
MOST_CELLS, LONGEST_CELL = 12, 160
_ERROR = PatternFill("solid", start_color="FFF8CBAD")
_WARNING = PatternFill("solid", start_color="FFFFE699")


@dataclass(frozen=True)
class Cell:
    """A cell of a row with a finding."""

    title: str
    text: str
    wrong: bool = False


Marked = Mapping[str, Any]


def with_cells(content: bytes, findings: Sequence[Marked]) -> list[dict[str, Any]]:
    """Findings with the cells of their rows, as ``cells``; none where the sheet cannot be read."""
    wanted = {(each["sheet"], each["row"]) for each in findings if each["row"]}
    rows = _rows(content, wanted) if wanted else {}
    return [
        {**each, "cells": _cells(rows.get((each["sheet"], each["row"]), {}), each["column"])}
        for each in findings
    ]


def _cells(row: Mapping[str, str], column: str) -> list[Cell]:
    shown = [(title, text) for title, text in row.items() if text or title == column]
    return [Cell(title, text[:LONGEST_CELL], title == column) for title, text in shown[:MOST_CELLS]]


def _rows(content: bytes, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], dict[str, str]]:
    """Cells by title of the rows wanted."""
    found = {}
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    names = {name.strip().lower(): name for name in book.sheetnames}
    for name in {sheet for sheet, _row in wanted} & names.keys():
        titles: list[str] = []
        for number, values in enumerate(book[names[name]].iter_rows(values_only=True), 1):
            texts = ["" if value is None else str(value).strip() for value in values]
            titles = titles or texts
            if (name, number) in wanted:
                found[name, number] = {
                    title: text for title, text in zip(titles, texts, strict=False) if title
                }
    book.close()
    return found


def marked(content: bytes, findings: Iterable[Marked], said: str = "message_zh") -> bytes:
    """The workbook with every finding written into a last column and its cell coloured.

    Args:
        said: which of the finding's texts is written.
    """
    book = openpyxl.load_workbook(BytesIO(content))
    sheets = {sheet.title.strip().lower(): sheet for sheet in book.worksheets}
    columns = {name: _column_for_marks(sheet) for name, sheet in sheets.items()}
    apart = []
    for each in findings:
        if each["sheet"] in sheets:
            _mark(sheets[each["sheet"]], columns[each["sheet"]], each, str(each[said]))
        else:
            apart.append(str(each[said]))
    if apart:
        sheet = book.create_sheet(MARKS)
        for text in apart:
            sheet.append([text])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _column_for_marks(sheet: Any) -> int:
    """The column of an earlier copy, emptied, or the first one free."""
    titles = [sheet.cell(1, at).value for at in range(1, sheet.max_column + 1)]
    if MARKS not in titles:
        return max((at for at, title in enumerate(titles, 1) if title), default=0) + 1
    column = titles.index(MARKS) + 1
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = None
    return column


def _mark(sheet: Any, column: int, finding: Marked, text: str) -> None:
    row = max(finding["row"] or 1, 1)
    head = sheet.cell(1, column)
    head.value, head.font = MARKS, Font(bold=True)
    sheet.column_dimensions[head.column_letter].width = 60
    cell = sheet.cell(row, column) if row > 1 else sheet.cell(1, column)
    if row == 1:
        cell.value = f"{MARKS}" if cell.value is None else cell.value
        cell = sheet.cell(2, column)
    cell.value = f"{cell.value}\n{text}" if cell.value else text
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    fill = _ERROR if finding["severity"] == "error" else _WARNING
    cell.fill = fill
    for at in range(1, column):
        if finding["column"] and sheet.cell(1, at).value == finding["column"]:
            sheet.cell(row, at).fill = fill
