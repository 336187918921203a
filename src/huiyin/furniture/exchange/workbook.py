"""Excel workbooks: the stored values of the sheets that people see."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huiyin.furniture.exchange.archive import check_archive
from huiyin.furniture.exchange.grid import Cells, Grid, is_filled
from huiyin.problems import FILE_DAMAGED, FORMULA_UNCALCULATED, TOO_MANY_ROWS, Problem

CHUNK = 1 << 22
#: Some programs write every element with a prefix: ``<x:row>``.
PREFIX = re.compile(rb"<(\w+:)?worksheet[\s>]")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="(\d+)"')
UNCALCULATED = re.compile(
    rb"<(?P<x>\w+:)?c\s(?P<attributes>[^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass
class _Markup:
    """What the markup of a sheet says beside the values.

    Attributes:
        last_row: the last row that holds a value; None = rows do not say their numbers.
    """

    prefix: bytes = b""
    merged: list[str] = field(default_factory=list)
    formulas: int = 0
    last_row: int | None = 0

    def mark(self, name: bytes) -> bytes:
        """How an element begins in this sheet."""
        return b"<" + self.prefix + name


def read_workbook(path: Path, limit: int) -> list[Grid]:
    """The visible sheets that hold anything, in their order.

    Args:
        limit: the most rows that a sheet may have, those above the head included.

    Raises:
        Problem: the file is unsafe or damaged; ``too-many-rows``; ``formula-uncalculated``.
    """
    check_archive(path)
    try:
        with _opened(path) as book:
            hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
            visible = [s for s in book.worksheets if s.sheet_state == "visible"]
            grids = [_grid(sheet, path, limit) for sheet in visible]
    except Problem:
        raise
    except Exception as wrong:  # a damaged workbook fails anywhere inside openpyxl
        raise FILE_DAMAGED() from wrong
    if hidden:
        note = _("Hidden sheets were not read: {sheets}.").format(sheets=", ".join(hidden))
        for grid in grids:
            grid.notes.append(note)
    return [grid for grid in grids if grid.rows]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import openpyxl

    if not openpyxl.DEFUSEDXML:  # pragma: no cover (defusedxml is installed with the site)
        raise RuntimeError("openpyxl would parse XML without defusedxml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl on styles and extensions that hold no data
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def _grid(sheet: Any, path: Path, limit: int) -> Grid:
    with zipfile.ZipFile(path) as archive:
        markup = _survey(archive, sheet._worksheet_path, sheet.title)
    if (markup.last_row or 0) > limit:
        raise TOO_MANY_ROWS(place=sheet.title, limit=limit)
    last = limit + 1 if markup.last_row is None else markup.last_row
    rows = _rows(sheet, last) if last else []
    if rows and rows[-1][0] > limit:
        raise TOO_MANY_ROWS(place=sheet.title, limit=limit)
    grid = Grid(sheet.title, rows, [_range(m) for m in markup.merged])
    if markup.formulas:
        grid.notes.append(
            _("{count} cells hold formulas; the results stored in the file were taken.").format(
                count=markup.formulas
            )
        )
    return grid


def _survey(archive: zipfile.ZipFile, part: str, title: str) -> _Markup:
    """One pass over the markup: merged ranges, formulas, and the last row that holds a value.

    Formatting reaches down to row 1,048,576 in many files; knowing the last row that holds a value
    spares parsing a million empty rows, and loses none that is filled.
    """
    found, kept = _Markup(), b""
    with archive.open(part) as content:
        while chunk := content.read(CHUNK):
            text = kept + chunk
            if begins := PREFIX.search(text[:CHUNK] if not kept else b""):
                found.prefix = begins[1] or b""
            end = max(text.rfind(found.mark(b"row")), text.rfind(found.mark(b"mergeCell ")), 0)
            _look(text[:end], found, title)
            kept = text[end:]
    _look(kept, found, title)
    return found


def _look(text: bytes, found: _Markup, title: str) -> None:
    """Look at a stretch of whole rows."""
    found.merged += [each.decode() for each in MERGED.findall(text)]
    found.formulas += len(FORMULA.findall(text))
    _refuse_uncalculated(text, title)
    last = max(text.rfind(found.mark(name)) for name in (b"v>", b"v ", b"is>"))
    if last >= 0 and found.last_row is not None:
        row = ROW.match(text, max(text.rfind(found.mark(b"row"), 0, last), 0))
        found.last_row = int(row[1]) if row else None


def _refuse_uncalculated(text: bytes, title: str) -> None:
    """A formula that was never calculated has no value; reading on would call the cell empty."""
    for each in UNCALCULATED.finditer(text):
        if b't="str"' in each["attributes"]:  # a formula whose result is the empty text
            continue
        cell = re.search(rb'\br="([A-Z]+\d+)"', each["attributes"])
        raise FORMULA_UNCALCULATED(place=title, cell=cell[1].decode() if cell else "?")


def _rows(sheet: Any, last: int) -> list[tuple[int, Cells]]:
    sheet.reset_dimensions()
    numbered = enumerate(sheet.iter_rows(max_row=last, values_only=True), start=1)
    return [(number, _trimmed(cells)) for number, cells in numbered if is_filled(cells)]


def _trimmed(cells: Cells) -> Cells:
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return tuple(cells[:end])


def _range(text: str) -> tuple[str, int, int, int, int]:
    from openpyxl.utils import range_boundaries

    left, top, right, low = range_boundaries(text)
    return text, top, low, left - 1, right - 1
