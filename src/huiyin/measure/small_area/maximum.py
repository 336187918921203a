"""The maximum of a likelihood over one variance, at zero or above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from huiyin.measure.errors import MeasureError

_STEPS = 200
_PRECISION = 1e-11


class Point(Protocol):
    """A likelihood at one value of the variance."""

    @property
    def loglik(self) -> float: ...
    @property
    def score(self) -> float: ...
    @property
    def information(self) -> float: ...


P = TypeVar("P", bound=Point)


@dataclass(frozen=True)
class Maximum(Generic[P]):
    variance: float
    at: P
    iterations: int


def maximum(evaluate: Callable[[float], P], starts: list[float], unit: float) -> Maximum[P]:
    """Best of ``starts``, then scoring with halved steps; never below zero.

    Args:
        evaluate: the likelihood at a variance.
        starts: values to begin from, spread over the plausible range, zero among them: the
            likelihood can have more than one maximum.
        unit: a small value of the variance, against which precision is judged near zero.

    Raises:
        MeasureError: ``no-convergence``.
    """
    _, value = max((evaluate(start).loglik, start) for start in starts)
    point = evaluate(value)
    slope = point.information
    for step in range(1, _STEPS + 1):
        moved, there = _uphill(evaluate, value, point, slope)
        if abs(moved - value) <= _PRECISION * (value + unit):
            return Maximum(moved, there, step)
        slope = _slope(point.score - there.score, moved - value, there.information)
        value, point = moved, there
    raise MeasureError(
        "no-convergence",
        f"the likelihood has not reached its maximum in {_STEPS} steps; look for areas with"
        " extreme variances",
        f"迭代 {_STEPS} 步后似然函数仍未收敛，请检查方差异常的地区",
    )


def _slope(fall: float, moved: float, expected: float) -> float:
    """How fast the score falls: as just seen, where that is credible, otherwise as expected.

    The secant makes the last steps converge faster than scoring alone does.
    """
    seen = fall / moved
    return seen if 0.01 * expected < seen < 100 * expected else expected


def _uphill(
    evaluate: Callable[[float], P], value: float, point: P, slope: float
) -> tuple[float, P]:
    """The step to where the score would vanish, halved until the likelihood does not fall."""
    step = point.score / slope
    slack = 1e-13 * abs(point.loglik)
    for _ in range(50):
        proposed = max(0.0, value + step)
        if proposed == value:
            return value, point
        there = evaluate(proposed)
        if there.loglik >= point.loglik - slack:
            return proposed, there
        step /= 2
    return value, point
