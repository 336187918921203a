"""Where there is no map: one tile for each region, in the order of codes, the same every time."""

from __future__ import annotations

import math
from typing import NamedTuple

TILE_WIDTH, TILE_HEIGHT, GAP = 112, 72, 6
#: More columns than this would make the names too small to read on a phone.
MOST_COLUMNS = 8
BIGGEST, SMALLEST = 19, 12
MOST_LINES = 3
INSIDE = TILE_WIDTH - 10


class Tile(NamedTuple):
    """Where a tile stands, its top left corner."""

    x: int
    y: int


class Label(NamedTuple):
    """A name in lines that fit into a tile, and the size of its letters."""

    lines: tuple[str, ...]
    size: int


def columns_for(count: int) -> int:
    """As many columns as make the whole about square."""
    wide = math.sqrt(count * (TILE_HEIGHT + GAP) / (TILE_WIDTH + GAP))
    return max(1, min(MOST_COLUMNS, round(wide) or 1, count))


def layout(count: int) -> tuple[list[Tile], int, int]:
    """Tiles from left to right and top to bottom, with the width and height of the whole."""
    columns = columns_for(count)
    tiles = [
        Tile((at % columns) * (TILE_WIDTH + GAP), (at // columns) * (TILE_HEIGHT + GAP))
        for at in range(count)
    ]
    rows = math.ceil(count / columns)
    return tiles, columns * (TILE_WIDTH + GAP) - GAP, max(rows, 1) * (TILE_HEIGHT + GAP) - GAP


def width_of(text: str) -> float:
    """How wide a text is, in letters: a Chinese character takes one, a Latin one half."""
    return sum(1.0 if ord(sign) > 0x2E7F else 0.55 for sign in text)


def label(name: str, room: int = MOST_LINES) -> Label:
    """A name broken into as few lines as leave its letters large enough.

    Args:
        room: how many lines there are, where something else stands below the name.
    """
    for lines in range(1, room + 1):
        parts = _broken(name, lines)
        size = _size(parts)
        if size >= 16 or lines == room:
            break
    if size < SMALLEST:
        most = int(INSIDE / SMALLEST)
        parts = _broken(_cut(name, most * room), room)
        size = max(SMALLEST, _size(parts))
    return Label(tuple(parts), size)


def _size(parts: list[str]) -> int:
    return min(BIGGEST, int(INSIDE / max(width_of(part) for part in parts)))


def _broken(name: str, lines: int) -> list[str]:
    each = math.ceil(len(name) / lines)
    return [name[at : at + each] for at in range(0, len(name), each)]


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
