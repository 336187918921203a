"""The blank form of a sheet, and the file of rejected rows."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huiyin.furniture.exchange.sheet import Field, Sheet
from huiyin.furniture.tables.export import sheet_name, width_of, write_xlsx

#: Excel takes no longer list of choices in a rule; a longer one stands in cells.
LONGEST_LIST = 255
#: Rules and text format reach down to here in the blank form.
PREPARED = 2_000


def blank_form(sheet: Sheet) -> bytes:
    """A workbook to fill in: head, notes, formats and lists of choices; a second sheet explains."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        data = book.add_worksheet(sheet_name(str(sheet.title)))
        notes = book.add_worksheet(_("Notes"))
        _explain(book, notes, sheet)
        as_text = book.add_format({"num_format": "@"})
        for at, each in enumerate(sheet.columns):
            data.set_column(at, at, max(width_of(each.title) + 4, 12), as_text)
            _head(book, data, at, each)
            _offer(data, notes, at, each)
        data.freeze_panes(1, 0)
        data.activate()
    return file.getvalue()


def _head(book: Any, data: Any, at: int, each: Field) -> None:
    form = {"bold": True, "bg_color": "#FFF3D6" if each.required else "#E8EEF5", "border": 1}
    data.write_string(0, at, each.title + ("*" if each.required else ""), book.add_format(form))
    if each.note:
        data.write_comment(0, at, str(each.note))


def _offer(data: Any, notes: Any, at: int, each: Field) -> None:
    if not each.choices:
        return
    titles = [str(title) for title in each.choices]
    rule: dict[str, Any] = {"validate": "list", "source": titles}
    if len(",".join(titles)) > LONGEST_LIST:
        column = 6 + at
        notes.write_column(0, column, titles)
        rule["source"] = f"='{notes.name}'!{_absolute(column, len(titles))}"
    data.data_validation(1, at, PREPARED, at, rule)


def _absolute(column: int, count: int) -> str:
    from xlsxwriter.utility import xl_range_abs

    return str(xl_range_abs(0, column, count - 1, column))


def _explain(book: Any, notes: Any, sheet: Sheet) -> None:
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    heads = [_("Column"), _("Needed"), _("What to enter"), _("Example"), _("Choices")]
    notes.write_row(0, 0, heads, bold)
    for at, each in enumerate(sheet.columns, start=1):
        needed = _("Yes") if each.required else _("No")
        choices = "、".join(str(title) for title in each.choices)
        notes.write_row(at, 0, [each.title, needed, str(each.note), each.sample, choices], wrap)
    for column, width in enumerate((18, 10, 50, 20, 50)):
        notes.set_column(column, column, width)


def rejected_file(sheet: Sheet, head: list[str], entries: list[dict[str, Any]]) -> bytes:
    """The rejected rows as they were handed in, with the reason in a last column.

    Mended and handed in again, that column is passed over.
    """
    head = [*head, _("Reason")] if not head or head[-1] != _("Reason") else head
    file = io.BytesIO()
    rows = (_row(entry, len(head) - 1) for entry in entries)
    write_xlsx(file, str(sheet.title), head, rows)
    return file.getvalue()


def _row(entry: dict[str, Any], width: int) -> list[Any]:
    cells = [_cell(value) for value in entry["cells"]][:width]
    return [*cells, *[None] * (width - len(cells)), "\n".join(entry["reasons"])]


def _cell(value: Any) -> Any:
    """A cell as it was; a day that was kept as text is a day again."""
    if isinstance(value, str) and len(value) == 19 and value[10] == "T":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value
