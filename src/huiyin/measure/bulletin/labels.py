"""Where to put the names of points so that they lie neither on each other nor on points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

#: Half the space that a point itself takes, in pixels.
POINT = 6.0

Spot = tuple[float, float]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Common area in square pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


class Frame(NamedTuple):
    """The drawing area: data at its edges, size in pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float
    height: float

    @classmethod
    def around(cls, spots: Iterable[Spot], width: float, height: float) -> Frame:
        """With a margin of a tenth about all spots."""
        xs, ys = zip(*spots, strict=True)
        return cls(_padded(xs), _padded(ys), width, height)

    def to_pixels(self, spot: Spot) -> Spot:
        across = (spot[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (spot[1] - self.y[0]) / (self.y[1] - self.y[0])
        return across * self.width, (1 - up) * self.height

    def to_data(self, pixels: Spot) -> Spot:
        across, up = pixels[0] / self.width, 1 - pixels[1] / self.height
        return (
            self.x[0] + across * (self.x[1] - self.x[0]),
            self.y[0] + up * (self.y[1] - self.y[0]),
        )

    def outside(self, box: Box) -> float:
        """Area of the box that the frame cuts off."""
        inside = box.overlap(Box(0, 0, self.width, self.height))
        return (box.right - box.left) * (box.bottom - box.top) - inside


def text_width(text: str, size: float) -> float:
    """Width in pixels, Chinese characters square and the others half as wide."""
    return sum(size if east_asian_width(char) in "WF" else 0.56 * size for char in text)


def place(names: Sequence[str], spots: Sequence[Spot], frame: Frame, size: float) -> list[Spot]:
    """Centre of each name in data units: the first of six places that costs least.

    A place costs what it covers of names already placed and of points, and what the frame
    cuts off. Names are placed from top to bottom.
    """
    pixels = [frame.to_pixels(spot) for spot in spots]
    points = [_box(spot, 2 * POINT, 2 * POINT) for spot in pixels]
    placed: list[Box] = []
    found: dict[int, Spot] = {}
    for n in sorted(range(len(names)), key=lambda k: (pixels[k][1], pixels[k][0])):
        width = text_width(names[n], size)
        others = [*placed, *points]
        centre, box = min(
            ((centre, _box(centre, width, size)) for centre in _places(pixels[n], width, size)),
            key=lambda choice: _cost(choice[1], others, frame),
        )
        placed.append(box)
        found[n] = frame.to_data(centre)
    return [found[n] for n in range(len(names))]


def _places(spot: Spot, width: float, size: float) -> list[Spot]:
    """Above, below, right, left, and a line further above and below."""
    x, y = spot
    near, aside = POINT + size / 2 + 2, POINT + width / 2 + 3
    return [
        (x, y - near), (x, y + near), (x + aside, y), (x - aside, y),
        (x, y - near - size - 2), (x, y + near + size + 2),
    ]  # fmt: skip


def _cost(box: Box, others: Iterable[Box], frame: Frame) -> float:
    return sum(box.overlap(other) for other in others) + 2 * frame.outside(box)


def _box(centre: Spot, width: float, height: float) -> Box:
    x, y = centre
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.1 * (high - low) or 1.0
    return low - margin, high + margin
