"""Division files as rows: CSV in any Chinese encoding, Excel, several of them in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files import File
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.contents import kind_of
from huiyin.furniture.exchange.delimited import read_delimited
from huiyin.furniture.exchange.grid import Grid
from huiyin.furniture.exchange.header import Head, find_head
from huiyin.furniture.exchange.parsing import plain
from huiyin.furniture.exchange.sheet import Field
from huiyin.furniture.exchange.workbook import read_workbook
from huiyin.problems import FILE_KIND, FILE_MISSING, NO_ROWS, Problem
from huiyin.territory.plans import Row, Spot

MOST_ROWS = 1_000_000
KINDS = ("xlsx", "csv")
#: What the head of a column may say. Columns of codes above, as some registers have them, are not
#: needed: a code says itself what it lies in.
FIELDS = (
    Field(
        "code",
        (_("Code"), "code", "代码", "区划代码", "统计用区划代码", "行政区划代码", "区域代码"),
        required=True,
    ),
    Field("name", (_("Name"), "name", "名称", "区划名称", "行政区划名称"), required=True),
    Field("parent", (_("Code of the region above"), "parent", "上级代码", "上级区划代码")),
    Field("level", (_("Level"), "level", "级别", "层级", "区划级别")),
    Field("urban_rural", (_("Urban–rural class"), "class", "城乡分类代码", "城乡分类")),
    Field("former", (_("Former code"), "former", "原代码", "原区划代码", "变更前代码")),
    Field("since", (_("Valid from"), "since", "生效日期", "变更日期", "启用日期")),
)


class Source(NamedTuple):
    """A file to read: what people call it, and where it is."""

    name: str
    path: Path


def read_files(sources: Iterable[Source], tell: Callable[[str], None] | None = None) -> list[Row]:
    """All rows of all files, in order.

    Args:
        tell: told the name of each file before it is read.

    Raises:
        Problem: a file cannot be read at all; the message names it, its sheet and its row.
    """
    rows: list[Row] = []
    for source in sources:
        if tell:
            tell(source.name)
        try:
            rows += _read(source)
        except Problem as wrong:
            wrong.place = f"{source.name}, {wrong.place}" if wrong.place else source.name
            raise
    return rows


def _read(source: Source) -> list[Row]:
    grids = _grids(source)
    grid, head = find_head(grids, FIELDS)
    file = f"{source.name} {grid.sheet}".strip()
    at = [head.columns.get(field.name, -1) for field in FIELDS]
    rows = [_row(Spot(file, number), cells, at) for number, cells in _body(grid, head)]
    if not rows:
        raise NO_ROWS()
    return rows


def _grids(source: Source) -> list[Grid]:
    if not source.path.is_file():
        raise FILE_MISSING()
    with source.path.open("rb") as content:
        kind = kind_of(File(content), KINDS)
    if kind is None:
        raise FILE_KIND(kinds=", ".join(KINDS))
    read = read_workbook if kind == "xlsx" else read_delimited
    return read(source.path, MOST_ROWS)


def _body(grid: Grid, head: Head) -> Iterable[tuple[int, tuple[Any, ...]]]:
    return (row for row in grid.filled() if row[0] > head.row)


def _row(spot: Spot, cells: tuple[Any, ...], at: list[int]) -> Row:
    width = len(cells)
    return Row(spot, *(_text(cells[i]) if 0 <= i < width else "" for i in at))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else plain(cell)
