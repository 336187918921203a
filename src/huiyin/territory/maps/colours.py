"""Values as colours: few classes, light to dark, told apart without colour by the figure itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

#: Light to dark; names of classes in ``territory.css``, so that print and dark mode have their own.
CLASSES = 5


class Step(NamedTuple):
    """A class of values.

    Attributes:
        number: 1 = the lightest.
        low, high: its bounds; both belong to it.
    """

    number: int
    low: float
    high: float


def steps(values: Iterable[float]) -> list[Step]:
    """At most five classes with about as many regions each; equal values are never parted."""
    known = sorted(values)
    if not known:
        return []
    cuts = sorted({known[len(known) * part // CLASSES] for part in range(1, CLASSES)} - {known[0]})
    bounds = [known[0], *cuts]
    made = []
    for number, low in enumerate(bounds):
        above = bounds[number + 1] if number + 1 < len(bounds) else float("inf")
        inside = [value for value in known if low <= value < above]
        made.append((inside[0], inside[-1]))
    shift = (CLASSES - len(made)) // 2
    return [Step(at + 1 + shift, low, high) for at, (low, high) in enumerate(made)]


def step_of(value: float | None, made: list[Step]) -> int:
    """The class of a value; 0 = there is no value."""
    if value is None:
        return 0
    return next((step.number for step in made if step.low <= value <= step.high), 0)


def classed(values: Mapping[str, float | None], made: list[Step]) -> dict[str, int]:
    """The class of each code's value."""
    return {code: step_of(value, made) for code, value in values.items()}
