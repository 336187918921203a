"""A file as rows of a sheet: cells parsed, or rejected with their place and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huiyin.furniture.exchange.delimited import read_delimited
from huiyin.furniture.exchange.grid import Cells, Grid
from huiyin.furniture.exchange.header import Head, find_head
from huiyin.furniture.exchange.places import Where, letters
from huiyin.furniture.exchange.sheet import Change, Field, Row, Sheet, rejected
from huiyin.furniture.exchange.titles import spellings
from huiyin.furniture.exchange.workbook import read_workbook
from huiyin.problems import CELL_EMPTY, CELL_ERROR, NO_ROWS, Problem

ERRORS = frozenset({"#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#N/A"})
#: Rows above the head (titles, remarks) that do not count against the limit.
ABOVE = 30


@dataclass(frozen=True)
class Reading:
    """What stands in a file.

    Attributes:
        sheet: name of the sheet that was read; "" for CSV.
        head: the titles as they stand in the file, for the file of rejected rows.
        rows: the rows whose cells could be read.
        rejected: those that could not.
        notes: what was passed over or taken as stored.
    """

    sheet: str
    head: tuple[str, ...]
    rows: list[Row]
    rejected: list[Change]
    notes: list[str]


def read(sheet: type[Sheet] | Sheet, path: Path, kind: str) -> Reading:
    """Read a file that was handed in.

    Args:
        kind: ``xlsx`` or ``csv``, as the content says.

    Raises:
        Problem: the file as a whole cannot be read; names sheet, row and column.
    """
    limit = sheet.row_limit + ABOVE
    grids = read_workbook(path, limit) if kind == "xlsx" else read_delimited(path, limit)
    grid, head = find_head(grids, sheet.columns)
    body = [(number, cells) for number, cells in grid.filled() if number > head.row]
    if not body:
        raise NO_ROWS(place=str(Where(grid.sheet)))
    titles = next(cells for number, cells in grid.rows if number == head.row)
    rows, bad = _rows(sheet.columns, grid, head, body, titles)
    return Reading(
        grid.sheet,
        tuple("" if title is None else str(title) for title in titles),
        rows,
        bad,
        [*grid.notes, *_notes(grids, grid, head)],
    )


def _notes(grids: Sequence[Grid], grid: Grid, head: Head) -> list[str]:
    notes = []
    others = [each.sheet for each in grids if each is not grid]
    if others:
        notes.append(
            _("Only the sheet “{sheet}” was read, not: {others}.").format(
                sheet=grid.sheet, others=", ".join(others)
            )
        )
    unknown = [title for title in head.unknown if not spellings(title) & reason_titles()]
    if unknown:
        notes.append(
            _("Columns that this import does not know were not read: {columns}.").format(
                columns=", ".join(unknown)
            )
        )
    return notes


def reason_titles() -> set[str]:
    """What the last column of a file of rejected rows may be called."""
    from django.utils.translation import gettext_lazy

    return spellings(gettext_lazy("Reason"))


def _rows(
    fields: Sequence[Field],
    grid: Grid,
    head: Head,
    body: list[tuple[int, Cells]],
    titles: Cells,
) -> tuple[list[Row], list[Change]]:
    named = {name: f"{letters(at)} “{titles[at]}”" for name, at in head.columns.items()}
    good, bad = [], []
    for number, cells in body:
        row = Row(Where(grid.sheet, number), {}, named, cells)
        values, problems = _values(fields, head, row)
        whole = Row(row.where, values, named, cells)
        if problems:
            bad.append(rejected(whole, *problems))
        else:
            good.append(whole)
    return good, bad


def _values(fields: Sequence[Field], head: Head, row: Row) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    for each in fields:
        at = head.columns.get(each.name)
        cell = row.raw[at] if at is not None and at < len(row.raw) else None
        try:
            values[each.name] = _value(each, cell)
        except Problem as wrong:
            values[each.name] = None
            place = row.place(each.name)
            problems.append(Problem(wrong.kind, place=place, values=wrong.values))
    return values, problems


def _value(each: Field, cell: Any) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\xa0")):
        if each.required:
            raise CELL_EMPTY()
        return None
    if isinstance(cell, str) and cell.strip() in ERRORS:
        raise CELL_ERROR(value=cell.strip())
    return each.parse(cell)
