"""Where in a file: said in the words of whoever has the file open in Excel."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


@dataclass(frozen=True)
class Where:
    """A place in a file.

    Attributes:
        sheet: name of the sheet; "" in a CSV file.
        row: number of the row as the program that shows the file counts it; 0 = none.
        column: letter and title of the column; "" = none.
    """

    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        parts = []
        if self.sheet:
            parts.append(_("sheet “{sheet}”").format(sheet=self.sheet))
        if self.row:
            parts.append(_("row {row}").format(row=self.row))
        if self.column:
            parts.append(_("column {column}").format(column=self.column))
        return pgettext("between the parts of a place", ", ").join(parts)


def letters(number: int) -> str:
    """The letters of a column counted from 0: A, B, …, Z, AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
