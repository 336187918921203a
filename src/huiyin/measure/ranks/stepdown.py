"""Critical values for the family of all ordered pairs, with the pairs already rejected dropped.

Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91, 476-518, section 3: for
every ordered pair (j, k) the hypothesis is that j is not better than k. All are tested together
with the largest studentised difference; what is rejected is dropped, the quantile is taken again
over the rest, until nothing more is rejected. Only the rejected *order* of a pair is dropped: that
k might be better than j stays in the family. In the first step both orders of every pair are in,
so the maximum is that of the absolute differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from huiyin.measure.ranks.draws import upper_quantile
from huiyin.measure.ranks.inputs import FloatArray, IntArray

#: Maxima of the draws named, with ordered pairs whose t exceeds the critical value left out, and
#: the t of the pair that attains each.
Maxima = Callable[[IntArray, float], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Critical:
    """A critical value and how it came about."""

    value: float
    steps: int


def critical_value(
    maxima: Maxima,
    draws: int,
    confidence: float,
    step_down: bool,
    at_least: Callable[[float], float] = lambda _: 0.0,
) -> Critical:
    """Quantile of the maxima, taken again after each round of rejections.

    Only draws whose largest pair has just been rejected need a new maximum: for all others the
    largest pair is still there.

    Args:
        at_least: a lower bound of the true critical value once all pairs beyond its argument are
            rejected, where one is known without simulation.
    """
    values, attained = maxima(np.arange(draws), np.inf)
    critical, steps = max(upper_quantile(values, confidence), at_least(np.inf)), 1
    while step_down:
        stale = np.flatnonzero(attained > critical)
        values[stale], attained[stale] = maxima(stale, critical)
        lowered = max(upper_quantile(values, confidence), at_least(critical))
        if lowered >= critical:
            break
        critical, steps = lowered, steps + 1
    return Critical(critical, steps)
