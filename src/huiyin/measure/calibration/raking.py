"""Raking by iterative proportional fitting, all regions at once, with trimming.

Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. With limits on the weights
the loop is ascent on the dual of truncated raking (Deville & Särndal 1992, JASA 87, 376-382,
case 7): weights ``clip(base · exp(x'λ), low, high)``, every category in turn scaled by
``total / current sum``. Clipping makes the sum grow more slowly than the scale, so a step never
passes the root, and what is cut off is shared out again by the scaling that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from huiyin.measure.calibration.arrays import Index, Mask, Vector, group_sums
from huiyin.measure.calibration.constraints import Constraints, Margin

#: A scaled cell stays inside this range, so that a margin that cannot be met does not overflow.
_SMALLEST, _LARGEST = 1e-250, 1e250


@dataclass(frozen=True)
class Limits:
    """Smallest and largest weight sum of each live cell, each of shape (live cells,)."""

    low: Vector
    high: Vector


@dataclass(frozen=True)
class Fit:
    """Calibrated weight sums of the live cells.

    Attributes:
        weights: shape (live cells,).
        iterations: shape (regions,).
        converged: shape (regions,).
    """

    weights: Vector
    iterations: Index
    converged: Mask


@dataclass
class _Part:
    """The regions that have not converged, with their cells and categories renumbered."""

    margins: tuple[Margin, ...]
    region: Index  # of each cell, numbered among the regions of this part
    regions: Index  # their numbers among all regions
    cells: Index  # the numbers of the cells among all live cells
    scaled: Vector
    limits: Limits | None
    open: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.open = np.ones(len(self.regions), bool)

    @property
    def weights(self) -> Vector:
        if self.limits is None:
            return self.scaled
        return np.clip(self.scaled, self.limits.low, self.limits.high)


def iterate(
    constraints: Constraints,
    base: Vector,
    limits: Limits | None,
    tolerance: float,
    max_iterations: int,
) -> Fit:
    """Scale the cells margin by margin until every margin holds.

    Args:
        constraints: categorical margins only.
        base: shape (live cells,), positive.
        limits: trimming; None = none.
        tolerance: largest relative deviation of a margin met during a whole sweep.
        max_iterations: sweeps.
    """
    weights = base.copy()
    iterations = np.zeros(constraints.regions, np.intp)
    part = _Part(
        constraints.margins,
        constraints.region,
        np.arange(constraints.regions),
        np.arange(len(base)),
        base.copy(),
        limits,
    )
    for sweep in range(1, max_iterations + 1):
        worst = _sweep(part)
        iterations[part.regions[part.open]] = sweep
        part.open &= ~(worst <= tolerance)
        if not part.open.any():
            break
        if part.open[part.region].mean() < 0.5:
            weights[part.cells] = part.weights
            part = _shrink(part)
    weights[part.cells] = part.weights
    converged = np.ones(constraints.regions, bool)
    converged[part.regions[part.open]] = False
    return Fit(weights, iterations, converged)


def _sweep(part: _Part) -> Vector:
    """Scale to each margin in turn; the largest relative deviation met, per region."""
    worst = np.zeros(len(part.regions))
    for margin in part.margins:
        scale = margin.totals / margin.sums(part.weights)
        deviation = np.maximum.reduceat(np.abs(1.0 / scale - 1.0), margin.starts)
        np.maximum(worst, deviation, out=worst)
        # A region that has converged stands still, so that it does not depend on the others.
        scale[~part.open[margin.region]] = 1.0
        part.scaled *= scale[margin.codes]
        if part.limits is not None:
            np.clip(part.scaled, _SMALLEST, _LARGEST, out=part.scaled)
    return worst


def _shrink(part: _Part) -> _Part:
    """Leave out the regions that have converged."""
    kept = part.open[part.region]
    number = np.cumsum(part.open) - 1
    limits = part.limits and Limits(part.limits.low[kept], part.limits.high[kept])
    return _Part(
        tuple(_shrink_margin(m, kept, part.open, number) for m in part.margins),
        number[part.region[kept]],
        part.regions[part.open],
        part.cells[kept],
        part.scaled[kept],
        limits,
    )


def _shrink_margin(margin: Margin, cells: Mask, open_: Mask, number: Index) -> Margin:
    kept = open_[margin.region]
    renumbered = np.cumsum(kept) - 1
    return replace(
        margin,
        codes=renumbered[margin.codes[cells]],
        totals=margin.totals[kept],
        region=number[margin.region[kept]],
        rows=margin.rows[kept],
    )


def limits_on_weights(constraints: Constraints, n: Vector, bounds: tuple[float, float]) -> Limits:
    """Limits relative to the mean weight of the region, for cells of ``n`` equal weights.

    The calibrated weights of a region sum to its population, so their mean is known beforehand.
    """
    respondents = group_sums(constraints.region, n, constraints.regions)
    mean = (constraints.population / respondents)[constraints.region]
    return Limits(bounds[0] * mean * n, bounds[1] * mean * n)


def first_out_of_reach(
    margins: Sequence[Margin], limits: Limits
) -> tuple[Margin, int, float, float] | None:
    """The first category whose total lies outside what its cells can sum to, with that range."""
    for margin in margins:
        low, high = margin.sums(limits.low), margin.sums(limits.high)
        slack = 1e-12 * margin.totals
        out = (margin.totals < low - slack) | (margin.totals > high + slack)
        if out.any():
            at = int(np.argmax(out))
            return margin, at, float(low[at]), float(high[at])
    return None
