"""The rows of an instrument written as an XLSForm workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from huiyin.survey.bank.parts import Choice, Row

ZH, EN = "中文 (zh)", "English (en)"
_TEXTS = tuple(f"{base}::{language}" for base in ("label", "hint") for language in (ZH, EN))
_RULES = (
    "relevant", "required", "constraint", f"constraint_message::{ZH}",
    f"constraint_message::{EN}", "calculation", "choice_filter", "parameters", "dont_know",
    "refused",
)  # fmt: skip
_MESSAGES = {
    "constraint_message::zh": f"constraint_message::{ZH}",
    "constraint_message::en": f"constraint_message::{EN}",
}
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_WIDTHS = {"type": 26, "name": 18, "label": 60, "hint": 36, "list_name": 18}


@dataclass(frozen=True)
class Sheets:
    """What a workbook holds before it is written."""

    rows: tuple[Row, ...]
    lists: Mapping[str, Sequence[Choice]]
    settings: Mapping[str, str]


def written(sheets: Sheets) -> bytes:
    """The workbook (.xlsx), with every cell as text."""
    book = Workbook()
    book.remove(book.active)
    _sheet(book, "survey", ("type", "name", *_TEXTS, *_RULES), map(_survey, sheets.rows))
    more = sorted(
        {name for each in sheets.lists.values() for choice in each for name in choice.more}
    )
    titles = ("list_name", "name", f"label::{ZH}", f"label::{EN}", "exclusive", *more)
    _sheet(book, "choices", titles, _choices(sheets.lists))
    _sheet(book, "settings", tuple(sheets.settings), [dict(sheets.settings)])
    stream = BytesIO()
    book.save(stream)
    return _timeless(stream)


def _timeless(stream: BytesIO) -> bytes:
    """The same workbook without the moment at which it was written: same rows, same bytes."""
    made = BytesIO()
    with ZipFile(stream) as before, ZipFile(made, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>2026-01-01T00:00:00Z", content)
            after.writestr(ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return made.getvalue()


def _survey(row: Row) -> dict[str, str]:
    rules = {_MESSAGES.get(name, name): value for name, value in row.columns.items()}
    texts = dict(zip(_TEXTS, (row.zh, row.en, row.hint_zh, row.hint_en), strict=True))
    return {"type": row.type, "name": row.name, **texts, **rules}


def _choices(lists: Mapping[str, Sequence[Choice]]) -> Iterable[dict[str, str]]:
    for name, choices in lists.items():
        for choice in choices:
            yield {
                "list_name": name, "name": choice.code, f"label::{ZH}": choice.zh,
                f"label::{EN}": choice.en, "exclusive": "yes" if choice.exclusive else "",
                **choice.more,
            }  # fmt: skip


def _sheet(
    book: Workbook, name: str, titles: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> None:
    sheet = book.create_sheet(name)
    sheet.append(list(titles))
    for row in rows:
        sheet.append([row.get(title) or None for title in titles])
    _dressed(sheet, titles)


def _dressed(sheet: Worksheet, titles: Sequence[str]) -> None:
    """Titles that stay in sight and columns wide enough to read."""
    sheet.freeze_panes = "C2"
    for at, title in enumerate(titles, 1):
        cell = sheet.cell(1, at)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF5")
        sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(title.split("::")[0], 22)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
