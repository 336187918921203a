"""All tables as a workbook: one sheet each, full precision, with a sheet that explains them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.content import NO_DAY
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.sheets import Sheet, Value, sheets

#: Rows of a sheet without its header; Excel takes 1,048,576 in all.
SHEET_ROWS = 1_000_000
FORMATS = {
    "figure": "#,##0.00",
    "fine": "#,##0.000",
    "signed": "+#,##0.00;-#,##0.00;0.00",
    "whole": "#,##0",
    "p": "0.0000",
    "share": "0.0%",
    "general": "General",
}
KINDS = {
    "n": "whole", "sum_of_weights": "figure", "df": "figure", "deff": "figure",
    "n_effective": "figure", "estimate": "figure", "se": "figure", "ci_low": "figure",
    "ci_high": "figure", "change": "signed", "p": "p", "p_adjusted": "p", "direct": "figure",
    "direct_se": "figure", "model": "figure", "mse": "figure", "benchmarked": "figure",
    "weight_on_direct": "share", "stated": "figure", "derived": "figure",
    "derived_low": "figure", "derived_high": "figure", "satisfied": "figure",
    "importance_satisfaction": "p", "correlation": "fine", "rank": "general",
    "previous_rank": "general", "marginal_low": "general", "marginal_high": "general",
    "simultaneous_low": "general", "simultaneous_high": "general", "p_first": "share",
    "p_top5": "share", "p_bottom5": "share", "move": "general", "observed": "fine",
    "expected": "fine", "value": "figure", "amount": "general",
}  # fmt: skip
WIDE = {
    "area_name": 20, "indicator_title": 26, "why_not": 34, "explanation": 80, "check": 36,
    "item": 26, "unit": 20, "verdict": 20, "quadrant": 26, "diagnostic": 30, "level": 16,
}  # fmt: skip
#: What XML cannot hold.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def render_excel(context: Context) -> bytes:
    """The workbook as bytes. Withheld figures are a dash here too, with the reason beside it."""
    import xlsxwriter

    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    day = context.measurement.made_on or NO_DAY
    book.set_properties(
        {
            "title": context.words.of(context.measurement.title),
            "created": datetime(day.year, day.month, day.day),
        }
    )
    found = sheets(context)
    writer = _Writer(context, book)
    writer.explain(found)
    for sheet in found:
        writer.fill(sheet)
    book.close()
    return stream.getvalue()


class _Writer:
    def __init__(self, context: Context, book: Any) -> None:
        self.context, self.words, self.book = context, context.words, book
        self.formats = {
            kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()
        }
        head = {"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "text_wrap": True}
        self.head = book.add_format({**head, "valign": "vcenter"})
        self.head_right = book.add_format({**head, "valign": "vcenter", "align": "right"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.dash = book.add_format({"align": "right"})
        self.page_class = _page_class()

    def explain(self, found: Sequence[Sheet]) -> None:
        """The first sheet: what the file is, which sheets it has, what each column means."""
        words = self.words
        page = self.book.add_worksheet(words("sheet.explanation"))
        page.hide_gridlines(2)
        page.set_column(0, 0, 24)
        page.set_column(1, 2, 22)
        page.set_column(3, 3, WIDE["explanation"])
        _for_print(page, 5)
        page.freeze_panes(6, 0)
        lines = sum(len(sheet.columns) for sheet in found)
        page.autofilter(5, 0, 5 + max(lines, 1), 3)
        page.write_string(0, 0, words.of(self.context.measurement.title), self.title)
        page.write_string(1, 0, words("subtitle", round=words.round(self.context.results.current)))
        page.write_string(2, 0, words("excel.rounding"))
        page.write_string(3, 0, words("excel.withheld"))
        for at, key in enumerate(("excel.sheet", "excel.column", "excel.name", "excel.meaning")):
            page.write_string(5, at, words(key), self.head)
        described = ((sheet, column) for sheet in found for column in sheet.columns)
        for line, (sheet, column) in enumerate(described, 6):
            page.write_string(line, 0, words(f"sheet.{sheet.name}"), self.wrapped)
            page.write_string(line, 1, words(f"excel.{column}"), self.wrapped)
            page.write_string(line, 2, column, self.wrapped)
            page.write_string(line, 3, words(f"excel.{column}.meaning"), self.wrapped)

    def fill(self, sheet: Sheet) -> None:
        """One sheet, or several where the rows are more than one takes."""
        parts = -(-sheet.count // SHEET_ROWS)
        rows = iter(sheet.rows)
        for part in range(parts):
            name = self.words(f"sheet.{sheet.name}") + (f" {part + 1}" if parts > 1 else "")
            count = min(SHEET_ROWS, sheet.count - part * SHEET_ROWS)
            page = self.book.add_worksheet(name, self.page_class)
            self._lay_out(page, sheet.columns, count)
            kinds = [self.formats[KINDS.get(column, "general")] for column in sheet.columns]
            page.write_rows(islice(rows, count), kinds, self.dash)

    def _lay_out(self, page: Any, columns: Sequence[str], count: int) -> None:
        _for_print(page, 0)
        page.freeze_panes(1, 0)
        page.set_row(0, 32)
        page.autofilter(0, 0, count, len(columns) - 1)
        for at, column in enumerate(columns):
            page.set_column(at, at, WIDE.get(column, 13))
            head = self.head_right if column in KINDS else self.head
            page.write_string(0, at, self.words(f"excel.{column}"), head)


def _for_print(page: Any, head: int) -> None:
    """A4 landscape, as wide as the paper, the header line on each page."""
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(head)
    page.set_footer("&C&P / &N")


def _page_class() -> Any:
    from xlsxwriter.utility import xl_col_to_name
    from xlsxwriter.worksheet import Worksheet

    class Page(Worksheet):  # type: ignore[misc]
        """A sheet that takes whole rows, ten times as fast as cell by cell."""

        def write_rows(
            self, rows: Iterable[Sequence[Value]], formats: Sequence[Any], dash: Any
        ) -> None:
            """Below the header; the formats are those of numbers, ``dash`` that of a dash."""
            self._write_single_row(1)  # the header leaves the memory of the sheet
            styles = [(xl_col_to_name(at), kind._get_xf_index()) for at, kind in enumerate(formats)]
            right, line = dash._get_xf_index(), 1
            for line, row in enumerate(rows, 2):
                cells = [
                    f'<c r="{name}{line}"{_text(value, right)}'
                    if isinstance(value, str)
                    else f'<c r="{name}{line}" s="{style}"><v>{value!r}</v></c>'
                    for (name, style), value in zip(styles, row, strict=True)
                ]
                self.fh.write(f'<row r="{line}">{"".join(cells)}</row>')
            self.dim_rowmax = line - 1

    return Page


@lru_cache(maxsize=200_000)
def _text(value: str, right: int) -> str:
    """The rest of a cell with a text: names and reasons come again and again."""
    style = f' s="{right}"' if value == numbers.DASH else ""
    text = escape(CONTROL.sub("", value))
    return f'{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
