"""The workbook as its author sees it: sheets, rows and columns with their places."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils import get_column_letter

from huiyin.survey.engine.findings import Finding, QuestionnaireError
from huiyin.survey.engine.importing.messages import finding

Source = str | Path | bytes | BinaryIO
#: A workbook that unpacks to more than this is no questionnaire.
LARGEST = 100 * 1024 * 1024
SHEETS = ("survey", "choices", "settings")


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its number as Excel counts, and its texts by column title."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Sheet:
    """A sheet: its column titles in order and its rows that are not empty."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def columns_of(self, name: str) -> list[str]:
        """The column itself and its translations, such as ``label::中文 (zh)``."""
        return [each for each in self.columns if each == name or each.startswith(f"{name}::")]


@dataclass
class Book:
    """The sheets of a questionnaire and what was wrong with their cells."""

    sheets: dict[str, Sheet]
    findings: list[Finding]

    def sheet(self, name: str) -> Sheet:
        return self.sheets.get(name, Sheet(name))


def read_book(source: Source) -> Book:
    """Read a workbook.

    Raises:
        QuestionnaireError: it is no workbook, too large, or has no sheet ``survey``.
    """
    content = _content(source)
    findings: list[Finding] = []
    sheets: dict[str, Sheet] = {}
    with _opened(content) as workbook:
        names = {name.strip().lower(): name for name in workbook.sheetnames}
        if "survey" not in names:
            raise QuestionnaireError([_no_survey(workbook.sheetnames)])
        for name in SHEETS:
            if name in names:
                worksheet = workbook[names[name]]
                findings += _merged(worksheet, name)
                sheets[name] = _read(worksheet, name, findings)
    return Book(sheets, findings)


def _content(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    return Path(source).read_bytes() if isinstance(source, str | Path) else source.read()


def _opened(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
        if size > LARGEST:
            raise QuestionnaireError([finding("too-large", size=size // 1024 // 1024)])
        return _Closing(openpyxl.load_workbook(BytesIO(content)))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as wrong:
        if isinstance(wrong, QuestionnaireError):
            raise
        raise QuestionnaireError([finding("not-a-workbook")]) from wrong


class _Closing:
    """Closes the workbook after use."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook

    def __enter__(self) -> Any:
        return self.workbook

    def __exit__(self, *_: object) -> None:
        self.workbook.close()


def _no_survey(names: list[str]) -> Finding:
    listed = ", ".join(names)
    return finding(
        "no-survey-sheet",
        found=f"rename the sheet that holds the questions (here are: {listed})",
        found_zh=f"请把写题目的工作表改名为 survey（现有：{listed}）",
    )


def _merged(worksheet: Any, name: str) -> Iterator[Finding]:
    for each in worksheet.merged_cells.ranges:
        yield finding("merged-cells", name, each.min_row, range=str(each))


def _read(worksheet: Any, name: str, findings: list[Finding]) -> Sheet:
    rows = worksheet.iter_rows()
    titles = [_text(cell.value) for cell in next(rows, ())]
    sheet = Sheet(name)
    for title in titles:
        if title and title in sheet.columns:
            findings.append(finding("duplicate-column", name, 1, title, title=title))
        elif title:
            sheet.columns.append(title)
    for number, cells in enumerate(rows, start=2):
        for at, cell in enumerate(cells):
            if cell.data_type == "f":
                place = f"{get_column_letter(at + 1)}{number}"
                findings.append(finding("formula", name, number, titles[at], cell=place))
        texts = {
            title: text
            for title, cell in zip(titles, cells, strict=False)
            if title and (text := _text(cell.value))
        }
        if texts:
            sheet.rows.append(Row(number, texts))
    return sheet


def _text(value: object) -> str:
    """A cell as text: a whole number without its point, a date as it is written in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()
