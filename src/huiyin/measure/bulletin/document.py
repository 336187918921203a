"""A bulletin before it has a format: sections of paragraphs, tables and figures.

Every format is rendered from this, so all of them say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from huiyin.measure.bulletin.labels import text_width

#: How a cell is aligned.
ColumnKind = Literal["name", "label", "number", "interval", "verdict", "text"]

#: Width of the text on paper in millimetres and of a chart there in pixels.
TEXT_MM, CHART_PX = 156, 640
#: Limits of the width of a column in characters, and the space between columns.
NARROWEST, GUTTER = 2.5, 1.4
#: Characters that fit on a line of a table, and the least that a column of names keeps.
ROOM, NAMES = 53.0, 9.0
WIDEST = {"name": 12, "label": 14, "number": 12, "interval": 16, "verdict": 10, "text": 24}

#: What a cell means beyond its text; printed in colour, never in colour alone.
Tone = Literal["", "good", "bad", "noise", "model", "strong"]


class Cell(NamedTuple):
    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Column:
    title: str
    kind: ColumnKind = "number"


@dataclass(frozen=True)
class Row:
    """A line of a table; a group line has one cell that spans them all."""

    cells: Sequence[Cell]
    group: bool = False


@dataclass(frozen=True)
class Table:
    label: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    anchor: str = ""

    def widths(self) -> list[float]:
        """How wide each column should be, in characters: as its widest cell, within limits.

        A heading may take three lines but not break a word. Where all that is more than the
        page has, the column of names gives way, for names can take two lines.
        """
        found = []
        for at, column in enumerate(self.columns):
            cells = (text_width(row.cells[at].text, 1) for row in self.rows if not row.group)
            words = (text_width(word, 1) for word in column.title.split() if word.isascii())
            title = text_width(column.title, 1) / (1 if at == 0 else 3)
            widest = max((title, NARROWEST, *words, *cells))
            found.append(min(widest, WIDEST[column.kind]) + GUTTER)
        excess = max(sum(found) - ROOM, 0.0)
        found[0] = max(found[0] - excess, min(found[0], NAMES))
        return found


@dataclass(frozen=True)
class Figure:
    """A chart.

    Attributes:
        specification: width in pixels to the Vega-Lite definition.
        description: what is to be seen, for a reader who cannot see it.
    """

    label: str
    caption: str
    description: str
    specification: Callable[[int], dict[str, Any]]
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Note:
    """Small print."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


class Point(NamedTuple):
    """One statement with the words that lead into it."""

    lead: str
    text: str


@dataclass(frozen=True)
class Points:
    items: Sequence[Point]


Block = Table | Figure | Paragraph | Note | Heading | Points


@dataclass(frozen=True)
class Section:
    heading: str
    blocks: Sequence[Block]
    anchor: str
    number: str = ""


class Tile(NamedTuple):
    """A figure printed large at the head of the page."""

    label: str
    figure: str
    detail: str
    tone: Tone = ""


@dataclass(frozen=True)
class Document:
    language: str
    title: str
    subtitle: str
    date: str
    tiles: Sequence[Tile]
    sections: Sequence[Section]

    def texts(self) -> list[str]:
        """All its words, to see which scripts it needs."""
        found = [self.title, self.subtitle, self.date]
        for section in self.sections:
            found.append(section.heading)
            for block in section.blocks:
                found.extend(_texts(block))
        return found


def _texts(block: Block) -> list[str]:
    match block:
        case Table():
            cells = [cell.text for row in block.rows for cell in row.cells]
            return [block.caption, *(column.title for column in block.columns), *cells]
        case Points():
            return [part for item in block.items for part in item]
        case Figure():
            return [block.caption]
        case _:
            return [block.text]
