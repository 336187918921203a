"""What every reader gives: rows of cells with the numbers that the file's own program shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Cells = tuple[Any, ...]


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet, or of a CSV file.

    Attributes:
        sheet: name of the sheet; "" = a CSV file.
        rows: number of the row and its cells, as long as the row; blank rows may be left out.
        merged: ranges such as ``A1:C1`` with first row, last row, first and last column (from 0).
        notes: what was passed over or taken as stored, for whoever looks at the preview.
    """

    sheet: str
    rows: list[tuple[int, Cells]]
    merged: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def filled(self) -> Iterator[tuple[int, Cells]]:
        """The rows that hold anything."""
        return (row for row in self.rows if is_filled(row[1]))


def is_filled(cells: Cells) -> bool:
    return any(value is not None and str(value).strip() != "" for value in cells)
