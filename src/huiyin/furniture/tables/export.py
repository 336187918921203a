"""A list as a file: exactly the rows that match, in their order, with the columns shown."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.text import get_valid_filename

from huiyin.audit.actions import performing
from huiyin.audit.acts import Act, Actor
from huiyin.furniture.tables.columns import printed
from huiyin.furniture.tables.listing import Listing
from huiyin.problems import EXPORT_TOO_LARGE, UNKNOWN_EXPORT

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Excel opens more, but building a larger workbook keeps a request waiting for too long.
XLSX_ROWS = 100_000
#: Excel takes no longer text in one cell.
LONGEST = 32_767
#: What makes a spreadsheet take text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export_response(listing: Listing, kind: str) -> HttpResponseBase:
    """The list as ``xlsx`` or ``csv``.

    Raises:
        Problem: ``unknown-export``, ``export-too-large``, what is wrong with a filter, or a refusal
            of the table's ``export_act``.
    """
    if kind not in listing.table.exports:
        raise UNKNOWN_EXPORT(kind=kind[:20])
    rows = listing.rows
    for wrong in listing.wrong.values():
        raise wrong
    if kind == "xlsx" and rows.order_by()[: XLSX_ROWS + 1].count() > XLSX_ROWS:
        raise EXPORT_TOO_LARGE(limit=XLSX_ROWS)
    if listing.table.export_act:
        _record(listing.request.actor, listing.table.export_act, listing, kind)
    return _xlsx(listing) if kind == "xlsx" else _csv(listing)


def _record(actor: Actor, act: Act, listing: Listing, kind: str) -> None:
    with performing(actor, act) as changed:
        changed.kind, changed.key = "furniture.table", listing.table.name
        changed.label = str(listing.title)
        changed.after = {
            "format": kind,
            "columns": [column.name for column in listing.columns],
            "filters": {c.filter.name: c.says for c in listing.controls if c.says},
        }


def _name(listing: Listing, kind: str) -> str:
    day = timezone.localtime(listing.request.now)
    return get_valid_filename(f"{listing.title}-{day:%Y%m%d-%H%M}.{kind}")


class _Echo:
    """Gives back each line that the csv writer makes."""

    def write(self, line: str) -> str:
        return line


def _csv(listing: Listing) -> HttpResponseBase:
    answer = StreamingHttpResponse(_lines(listing), content_type="text/csv; charset=utf-8")
    name = _name(listing, "csv")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


def _lines(listing: Listing) -> Iterator[str]:
    writer = csv.writer(_Echo())
    heads = [str(column.title) for column in listing.columns]
    yield "\ufeff" + str(writer.writerow(heads))
    for values in listing.exported():
        yield str(writer.writerow([guarded(plain(value)) for value in values]))


def plain(value: Any) -> Any:
    """A value as a file holds it: numbers, days and moments typed, all else as text."""
    if value is None or isinstance(value, (bool, int, float, Decimal)):
        return printed(value) if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return value
    if isinstance(value, SafeString):
        return strip_tags(value)
    if isinstance(value, (str, Promise)):
        return str(value)
    return str(printed(value))


def guarded(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, with the apostrophe that makes it text."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def _xlsx(listing: Listing) -> HttpResponseBase:
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_xlsx(
        file,
        str(listing.title),
        [str(column.title) for column in listing.columns],
        listing.exported(),
    )
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=_name(listing, "xlsx"), content_type=XLSX
    )


def write_xlsx(file: IO[bytes], title: str, heads: list[str], rows: Iterator[list[Any]]) -> None:
    """Write a workbook of one sheet, row by row, without holding it in memory."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(sheet_name(title))
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        widths = [min(max(width_of(head) + 4, 10), 60) for head in heads]
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, heads, bold)
        last = 0
        for last, values in enumerate(rows, start=1):
            for number, value in enumerate(values):
                _write(sheet, last, number, plain(value), day)
        sheet.autofilter(0, 0, last, max(len(heads) - 1, 0))


def _write(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, (int, float, Decimal)) and -(10**15) < value < 10**15:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST])


def sheet_name(title: str) -> str:
    """A name that Excel takes: at most 31 characters, without those it forbids."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip("' ")[:31] or "1"


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
