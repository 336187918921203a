"""Importance against satisfaction: the product, and the four fields of the matrix.

ETC Institute's DirectionFinder: importance–satisfaction = share naming the service among the
most important × (1 − share satisfied of those who have an opinion).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.answers import FloatArray

Quadrant = Literal[
    "opportunity for improvement",
    "continued emphasis",
    "exceeding expectations",
    "less important",
]

#: What a field of the matrix is called in print.
QUADRANT_TITLES: dict[Quadrant, dict[str, str]] = {
    "opportunity for improvement": {"zh": "优先改进", "en": "Opportunity for improvement"},
    "continued emphasis": {"zh": "继续保持", "en": "Continued emphasis"},
    "exceeding expectations": {"zh": "优于预期", "en": "Exceeding expectations"},
    "less important": {"zh": "次要关注", "en": "Less important"},
}

Lines = Literal["median"] | Mapping[str, float]


def importance_satisfaction(importance: FloatArray, satisfied: FloatArray) -> FloatArray:
    """``importance × (1 − satisfied)``, both as fractions; NaN where one is not known."""
    result: FloatArray = importance * (1 - satisfied)
    return result


def quadrant_lines(
    quadrant: Lines, importance: FloatArray, satisfied: FloatArray
) -> tuple[float, float]:
    """Where the matrix is divided: importance and satisfaction, in percent.

    Args:
        quadrant: ``median`` of the items that have both figures, or targets: a mapping with
            ``importance`` and ``satisfied`` in percent.
        importance, satisfied: in percent, one per item.

    Raises:
        MeasureError: the targets are not those two numbers between 0 and 100.
    """
    if isinstance(quadrant, Mapping):
        return _targets(quadrant)
    if quadrant != "median":
        raise _bad_targets(quadrant)
    known = ~np.isnan(importance) & ~np.isnan(satisfied)
    if not known.any():
        return float("nan"), float("nan")
    return float(np.median(importance[known])), float(np.median(satisfied[known]))


def quadrants(
    importance: FloatArray, satisfied: FloatArray, lines: tuple[float, float]
) -> list[Quadrant | None]:
    """The field of each item; on a line counts as above it, null where a figure is missing."""
    return [_field(i, s, lines) for i, s in zip(importance, satisfied, strict=True)]


def _field(importance: float, satisfied: float, lines: tuple[float, float]) -> Quadrant | None:
    if np.isnan(importance) or np.isnan(satisfied):
        return None
    if importance >= lines[0]:
        return "continued emphasis" if satisfied >= lines[1] else "opportunity for improvement"
    return "exceeding expectations" if satisfied >= lines[1] else "less important"


def _targets(targets: Mapping[str, float]) -> tuple[float, float]:
    if set(targets) != {"importance", "satisfied"}:
        raise _bad_targets(targets)
    for value in targets.values():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise _bad_targets(targets)
    return float(targets["importance"]), float(targets["satisfied"])


def _bad_targets(given: object) -> MeasureError:
    return MeasureError(
        "bad-targets",
        "quadrant is 'median' or targets in percent such as"
        f" {{'importance': 30, 'satisfied': 80}}, not {given!r}",
        "quadrant 只能是 'median'，或以百分数给出的目标值，如"
        f" {{'importance': 30, 'satisfied': 80}}，不能是 {given!r}",
        place="quadrant",
    )
