"""Which column is which field: the head is found by its titles, wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huiyin.furniture.exchange.grid import Cells, Grid
from huiyin.furniture.exchange.places import Where, letters
from huiyin.furniture.exchange.sheet import Field
from huiyin.furniture.exchange.titles import normal, spellings
from huiyin.problems import CELLS_MERGED, COLUMN_TWICE, COLUMNS_MISSING, NO_ROWS

#: The head stands within so many rows from the top; titles and remarks may stand above it.
DEEPEST = 30


@dataclass(frozen=True)
class Head:
    """Where the head stands and what it says.

    Attributes:
        row: its number.
        columns: index of the column by the field's name.
        unknown: titles that belong to no field.
    """

    row: int
    columns: dict[str, int]
    unknown: list[str]


def find_head(grids: Sequence[Grid], fields: Sequence[Field]) -> tuple[Grid, Head]:
    """The sheet and the row whose titles match most fields.

    Raises:
        Problem: ``no-rows``, ``columns-missing``, ``column-twice`` or ``cells-merged``.
    """
    names = {spelling: each for each in fields for t in each.titles for spelling in spellings(t)}
    candidates = [
        (sum(normal(cell) in names for cell in set(cells) if cell is not None), -at, grid, number)
        for at, grid in enumerate(grids)
        for number, cells in grid.rows[:DEEPEST]
    ]
    if not candidates:
        raise NO_ROWS()
    _matches, _at, grid, number = max(candidates, key=lambda each: (each[0], each[1], -each[3]))
    cells = next(cells for row, cells in grid.rows if row == number)
    head = _head(grid, number, cells, names)
    _check(grid, head, fields)
    return grid, head


def _head(grid: Grid, number: int, cells: Cells, names: dict[str, Field]) -> Head:
    columns: dict[str, int] = {}
    unknown = []
    for at, cell in enumerate(cells):
        if cell is None or not normal(cell):
            continue
        each = names.get(normal(cell))
        if each is None:
            unknown.append(str(cell).strip())
        elif each.name in columns:
            both = f"{letters(columns[each.name])}, {letters(at)}"
            place = str(Where(grid.sheet, number))
            raise COLUMN_TWICE(place=place, column=each.title, letters=both)
        else:
            columns[each.name] = at
    return Head(number, columns, unknown)


def _check(grid: Grid, head: Head, fields: Sequence[Field]) -> None:
    missing = [each.title for each in fields if each.required and each.name not in head.columns]
    if missing:
        listed = "、".join(f"“{title}”" for title in missing)
        raise COLUMNS_MISSING(place=str(Where(grid.sheet, head.row)), columns=listed)
    for text, _top, low, left, right in grid.merged:
        touches = any(left <= at <= right for at in head.columns.values())
        if low >= head.row and touches:
            raise CELLS_MERGED(place=str(Where(grid.sheet)), cells=text)
