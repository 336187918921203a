"""CSV files as Excel writes them here: GBK or UTF-8, with commas, semicolons or tabs."""

from __future__ import annotations

import csv
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.furniture.exchange.grid import Cells, Grid
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.encoding import detect_encoding
from huiyin.problems import FILE_DAMAGED, FILE_EMPTY, TEXT_ENCODING, TOO_MANY_ROWS

DELIMITERS = ",;\t，；|"
#: A cell that our own export guarded with an apostrophe.
GUARDED = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠", "'\t", "'\r", "'\n")
LONGEST = 1 << 20


def read_delimited(path: Path, limit: int) -> list[Grid]:
    """The cells of a CSV file, all of them text.

    Raises:
        Problem: ``file-empty``, ``text-encoding`` (naming line and byte), ``too-many-rows`` or
            ``file-damaged`` (naming the row with an open quotation mark).
    """
    if not path.stat().st_size:
        raise FILE_EMPTY()
    encoding = _encoding(path)
    csv.field_size_limit(LONGEST)
    rows: list[tuple[int, Cells]] = []
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=_delimiter(path, encoding), strict=True)
        try:
            for number, cells in enumerate(reader, start=1):
                if number > limit:
                    raise TOO_MANY_ROWS(limit=limit)
                if any(cell.strip() for cell in cells):
                    rows.append((number, tuple(_unguarded(cell) or None for cell in cells)))
        except csv.Error as wrong:
            place = _("row {row}").format(row=len(rows) + 1)
            raise FILE_DAMAGED(place=place) from wrong
    if not rows:
        raise FILE_EMPTY()
    return [Grid("", rows)]


def _encoding(path: Path) -> str:
    try:
        return detect_encoding(path)
    except MeasureError as wrong:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        raise TEXT_ENCODING(reason=wrong.in_language(language)) from wrong


def _delimiter(path: Path, encoding: str) -> str:
    """The sign that stands most often outside quotation marks in the first lines."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line in (file.readline(LONGEST) for _n in range(20)) if line.strip()]
    bare = "".join("".join(line.split('"')[::2]) for line in lines)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))


def _unguarded(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith(GUARDED) else text
