"""All tables as a workbook: one sheet each, full precision, with a sheet that explains them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from . import numbers
from .context import Context
from .results import WITHHELD
from .word import NO_DAY

#: Rows of a sheet without its header; Excel takes 1,048,576 in all.
SHEET_ROWS = 1_000_000
#: Rows read from a table at a time.
BATCH = 20_000
#: Sheets in order, and the columns whose codes are followed by a column of names.
SHEETS = ("estimates", "changes", "ranks", "small_area", "drivers")
NAMED = {"indicator": "indicator_title", "area": "area_name"}
FORMATS = {
    "figure": "#,##0.00;−#,##0.00;0.00",
    "signed": "+#,##0.00;−#,##0.00;0.00",
    "whole": "#,##0",
    "p": "0.0000",
    "share": "0.0%",
    "rank": "0.##",
    "general": "General",
}
KINDS = {
    "n": "whole", "sum_of_weights": "figure", "df": "figure", "deff": "figure",
    "n_effective": "figure", "estimate": "figure", "se": "figure", "ci_low": "figure",
    "ci_high": "figure", "change": "signed", "p": "p", "p_adjusted": "p", "direct": "figure",
    "direct_se": "figure", "model": "figure", "mse": "figure", "benchmarked": "figure",
    "weight_on_direct": "share", "stated": "figure", "derived": "figure",
    "derived_low": "figure", "derived_high": "figure", "satisfied": "figure",
    "importance_satisfaction": "p", "rank": "rank", "previous_rank": "rank",
    "p_first": "share", "p_top5": "share", "p_bottom5": "share", "move": "general",
    "observed": "figure", "expected": "figure", "value": "figure",
}  # fmt: skip
WIDE = {
    "area_name": 20, "indicator_title": 26, "why_not": 34, "explanation": 80, "check": 26,
    "source": 40, "item": 26, "unit": 20, "verdict": 18, "quadrant": 16, "rate": 30,
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A table on its way into the workbook."""

    name: str
    columns: Sequence[str]
    rows: Iterator[list[Any]]
    count: int


def render_excel(context: Context) -> bytes:
    """The workbook as bytes. Withheld figures are a dash here too, with the reason beside it."""
    import xlsxwriter

    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "nan_inf_to_errors": False})
    day = context.measurement.made_on or NO_DAY
    book.set_properties(
        {
            "title": context.words.of(context.measurement.title),
            "created": datetime(day.year, day.month, day.day),
        }
    )
    sheets = [*_contract_sheets(context), *_other_sheets(context)]
    writer = _Writer(context, book)
    writer.explain(sheets)
    for sheet in sheets:
        writer.fill(sheet)
    book.close()
    return stream.getvalue()


class _Writer:
    def __init__(self, context: Context, book: Any) -> None:
        self.context, self.words, self.book = context, context.words, book
        self.formats = {
            kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()
        }
        self.head = book.add_format(
            {
                "bold": True,
                "bg_color": "#E8EDF3",
                "bottom": 1,
                "text_wrap": True,
                "valign": "vcenter",
            }
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.dash = book.add_format({"align": "right"})

    def explain(self, sheets: Sequence[Sheet]) -> None:
        """The first sheet: what the file is, which sheets it has, what each column means."""
        words = self.words
        page = self.book.add_worksheet(words("sheet.explanation"))
        page.hide_gridlines(2)
        page.set_column(0, 0, 24)
        page.set_column(1, 2, 22)
        page.set_column(3, 3, WIDE["explanation"])
        page.write_string(0, 0, words.of(self.context.measurement.title), self.title)
        page.write_string(1, 0, words("subtitle", round=words.round(self.context.results.current)))
        page.write_string(2, 0, words("excel.rounding"))
        page.write_string(3, 0, words("excel.withheld"))
        heads = ("excel.sheet", "excel.column", "excel.name", "excel.meaning")
        for at, key in enumerate(heads):
            page.write_string(5, at, words(key), self.head)
        line = 6
        for sheet in sheets:
            for column in sheet.columns:
                cells = (
                    words(f"sheet.{sheet.name}"),
                    words(f"excel.{column}"),
                    column,
                    words(f"excel.{column}.meaning"),
                )
                for at, text in enumerate(cells):
                    page.write_string(line, at, text, self.wrapped)
                line += 1
        page.freeze_panes(6, 0)
        page.autofilter(5, 0, line - 1, 3)

    def fill(self, sheet: Sheet) -> None:
        """One sheet, or several where the rows are more than one takes."""
        parts = max(1, -(-sheet.count // SHEET_ROWS))
        for part in range(parts):
            name = self.words(f"sheet.{sheet.name}") + (f" {part + 1}" if parts > 1 else "")
            count = min(SHEET_ROWS, sheet.count - part * SHEET_ROWS)
            page = self.book.add_worksheet(name)
            self._lay_out(page, sheet.columns, count)
            for line in range(1, count + 1):
                self._line(page, line, sheet.columns, next(sheet.rows))

    def _lay_out(self, page: Any, columns: Sequence[str], count: int) -> None:
        page.freeze_panes(1, 0)
        page.set_row(0, 32)
        for at, column in enumerate(columns):
            kind = self.formats.get(KINDS.get(column, ""))
            page.set_column(at, at, WIDE.get(column, 12), kind)
            page.write_string(0, at, self.words(f"excel.{column}"), self.head)
        page.autofilter(0, 0, max(count, 1), len(columns) - 1)

    def _line(self, page: Any, line: int, columns: Sequence[str], values: Sequence[Any]) -> None:
        for at, (column, value) in enumerate(zip(columns, values, strict=True)):
            if isinstance(value, str):
                page.write_string(line, at, value, self.dash if value == numbers.DASH else None)
            else:
                kind = "general" if column == "value" and value is None else KINDS.get(column)
                page.write_number(line, at, value, self.formats.get(kind or "general"))


def _contract_sheets(context: Context) -> list[Sheet]:
    tables = context.measurement.tables
    found = []
    for name in SHEETS:
        if name in tables:
            table = tables[name].arrow
            columns = _columns(table.column_names, name)
            found.append(Sheet(name, columns, _rows(context, name, table, columns), len(table)))
    return found


def _columns(given: Sequence[str], name: str) -> list[str]:
    """Those of the table that are explained, names beside codes, reasons where withheld."""
    found: list[str] = []
    for column in given:
        if column != "published" and f"excel.{column}" in _explained():
            found.append(column)
            if column in NAMED:
                found.append(NAMED[column])
    if name in WITHHELD and "why_not" not in found:
        found.append("why_not")
    return found


def _explained() -> dict[str, dict[str, str]]:
    from .words import catalogue

    return catalogue()


def _rows(context: Context, name: str, table: Any, columns: Sequence[str]) -> Iterator[list[Any]]:
    for start in range(0, len(table), BATCH):
        for row in table.slice(start, BATCH).to_pylist():
            cleared = context.results.cleared(name, row)
            yield [_cell(context, cleared, column) for column in columns]


def _cell(context: Context, row: dict[str, Any], column: str) -> str | float:
    """What stands in the sheet: codes in words, figures as they are."""
    value = row.get(column)
    speak = _SPOKEN.get(column)
    return speak(context, row, value) if speak else _plain(value)


def _verdict(context: Context, row: dict[str, Any], value: Any) -> str:
    info = context.indicator(row.get("indicator"))
    return context.verdict(row, info).text if info and value else numbers.DASH


#: Columns whose codes are spoken.
_SPOKEN: dict[str, Callable[[Context, dict[str, Any], Any], str]] = {
    "round": lambda context, row, value: context.round(value),
    "previous": lambda context, row, value: context.round(value),
    "indicator_title": lambda context, row, value: context.item(row["indicator"]),
    "level": lambda context, row, value: context.level(str(value)),
    "area_name": lambda context, row, value: context.area(str(row["level"]), row["area"]),
    "why_not": lambda context, row, value: context.reason(str(value)) if value else "",
    "verdict": _verdict,
    "item": lambda context, row, value: context.item(value),
    "quadrant": lambda context, row, value: context.quadrant(value),
}


def _plain(value: Any) -> str | float:
    """A number as it is; nothing, and what is not finite, as a dash."""
    if value is None:
        return numbers.DASH
    if isinstance(value, bool | str):
        return str(value)
    return float(value) if numbers.is_figure(value) else numbers.DASH


def _other_sheets(context: Context) -> list[Sheet]:
    made = (_flags(context), _response(context), _weighting(context), _withheld(context))
    return [sheet for sheet in made if sheet is not None]


def _sheet(name: str, columns: Sequence[str], rows: list[list[Any]]) -> Sheet | None:
    return Sheet(name, columns, iter(rows), len(rows)) if rows else None


def _flags(context: Context) -> Sheet | None:
    flags, words = context.measurement.integrity, context.words
    columns = ("check", "kind", "unit", "n", "observed", "expected", "p_adjusted", "flagged")
    rows = [
        [
            words.coded("check", str(row["check"])),
            words.coded("kind", str(row["kind"])),
            context.unit(str(row["kind"]), row["unit"]),
            *(_plain(row.get(column)) for column in columns[3:7]),
            words("yes" if row["flagged"] else "no"),
        ]
        for row in (flags.rows() if flags is not None else [])
    ]
    return _sheet("integrity", columns, rows)


def _response(context: Context) -> Sheet | None:
    rows = [
        [context.words.round(info), str(row["rate"]), _plain(row["value"])]
        for info in context.measurement.rounds
        if info.response is not None
        for row in info.response.rows()
    ]
    return _sheet("response", ("round", "rate", "value"), rows)


def _weighting(context: Context) -> Sheet | None:
    words = context.words
    rows = [
        [
            context.round(name),
            words.coded("diagnostic", key),
            _plain(value),
        ]
        for name, found in context.measurement.weighting.items()
        for key, value in found.items()
    ]
    return _sheet("weighting", ("round", "diagnostic", "amount"), rows)


def _withheld(context: Context) -> Sheet | None:
    rows = [
        [context.round(name), context.item(indicator), context.level(level), area,
         context.area(level, area), context.reason(why)]
        for (name, indicator, level, area), why in context.results.withheld.items()
    ]  # fmt: skip
    columns = ("round", "indicator_title", "level", "area", "area_name", "why_not")
    return _sheet("withheld", columns, rows)
