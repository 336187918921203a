"""Critical values for one area at a time, without simulation.

Given its own error u_j = x, the differences of area j to all others are independent, so the
chance that none of them exceeds c is an integral over x of a product,

    F_j(c) = ∫ φ(x) · Π_k [ Φ(h_k) - Φ(l_k) ] dx,
    h_k, l_k = (s_j·x ± c·√(s_j² + s_k²)) / s_k,

and the critical value solves F_j(c) = confidence. Where one order of the pair has been rejected
(see :mod:`~huiyin.measure.ranks.stepdown`) only the other one stays: Φ(h_k) for an area
significantly below j, 1 - Φ(l_k) for one above. For equal standard errors this is Dunnett's
(1955) two-sided comparison with a control.

Up to 24 different standard errors nothing is approximated but the integral (error below 1e-4).
With more, the critical value is interpolated in the own standard error and, from 65 on, those of
the other areas are put in bins of neighbouring values; this moves it by less than 0.01.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache, partial

import numpy as np
import numpy.typing as npt

from huiyin.measure.ranks.counts import counts_by_group, group_by_se, spread
from huiyin.measure.ranks.draws import blocks, in_threads
from huiyin.measure.ranks.inputs import FloatArray, IntArray

Counts = npt.NDArray[np.int32]
Tables = tuple[FloatArray, FloatArray, FloatArray]

#: Own standard errors for which critical values are computed, where there are more of them.
POINTS = 24
#: Bins for the standard errors of the others, where there are more of them.
BINS = 64
#: Critical values, within the window of one point, at which F is evaluated once pairs are rejected.
NODES = 6
ROWS = 1024
TINY = 1e-300


def marginal_criticals(
    score: FloatArray, se: FloatArray, confidence: float, step_down: bool
) -> FloatArray:
    """Critical value of each area for the p - 1 differences in which it takes part.

    Args:
        score: estimates, higher is better, independent, two or more.
        se: their standard errors, all positive.
        confidence: of each area's set by itself.
        step_down: drop the orders of pairs already rejected, area by area, until none drop.
    """
    family = MarginalFamily(score, se, confidence)
    critical = family.single_step
    active = np.arange(score.size) if step_down else np.empty(0, dtype=np.int64)
    while active.size:
        lowered = family.after(active, critical[active])
        fell = lowered < critical[active]
        active, lowered = active[fell], lowered[fell]
        critical[active] = lowered
    return critical


class MarginalFamily:
    """The differences of each area to all others, for independent estimates.

    Attributes:
        points: own standard errors for which critical values are computed, ascending.
        bin_se: standard errors of the others, one per group of areas.
    """

    def __init__(self, score: FloatArray, se: FloatArray, confidence: float) -> None:
        self.score, self.se, self.confidence = score, se, confidence
        values = np.unique(se)
        self.points = values if values.size <= POINTS else spread(se, POINTS)
        self.groups = group_by_se(score, se, BINS)
        self.bin_se = np.array([np.mean(group.se) for group in self.groups])
        # the area itself is no other: it is taken off as one area of its own standard error
        self.bin_size = np.array([group.se.size for group in self.groups] + [-1.0])
        self._large = self.points.size * self.bin_size.size > 1000  # else threads only wait
        self._nodes_of: dict[int, tuple[FloatArray, list[Tables]]] = {}

    @property
    def single_step(self) -> FloatArray:
        """Critical values with nothing rejected yet."""
        return np.interp(np.log(self.se), np.log(self.points), self._highest)

    @cached_property
    def _highest(self) -> FloatArray:
        """Critical value at each point with nothing rejected."""
        return self._solve_all(self.confidence)

    @cached_property
    def _lowest(self) -> FloatArray:
        """Critical value at each point that no rejections can go below.

        A rejection takes one order of a pair and leaves its mirror image, so the chance of
        exceeding c falls to no less than a half.
        """
        return self._solve_all(max(2 * self.confidence - 1, 0.05))

    def _solve_all(self, confidence: float) -> FloatArray:
        solve = partial(self._solve, confidence=confidence)
        return np.array(in_threads(solve, self.points.tolist(), threads=self._large))

    def _solve(self, own_se: float, confidence: float) -> float:
        from scipy.optimize import brentq
        from scipy.special import ndtri

        def shortfall(critical: float) -> float:
            weight, free, _ = self._tables(own_se, critical)
            return float(weight @ np.exp(free)) - confidence

        # from below what a single pair needs to above Bonferroni's value
        least = -ndtri((1 - confidence) / 2) / 2
        most = -ndtri((1 - confidence) / (4 * self.score.size))
        return float(brentq(shortfall, least, most, xtol=1e-8))

    def _tables(self, own_se: float, critical: float) -> Tables:
        """Weights; exponent with nothing rejected; what an area above, or below, adds to it."""
        weight, both, above, below = _factors(own_se, np.append(self.bin_se, own_se), critical)
        return weight, self.bin_size @ both, np.vstack([above, below])

    def _at_nodes(self, point: int) -> tuple[FloatArray, list[Tables]]:
        if point not in self._nodes_of:
            low, high = self._lowest[point], self._highest[point]
            angles = (np.arange(NODES) + 0.5) * np.pi / NODES
            nodes = (low + high) / 2 - (high - low) / 2 * np.cos(angles)
            tables = [self._tables(self.points[point], node) for node in nodes]
            self._nodes_of[point] = nodes, tables
        return self._nodes_of[point]

    def after(self, which: IntArray, critical: FloatArray) -> FloatArray:
        """Critical values of the areas ``which`` once all pairs beyond ``critical`` are dropped."""
        above = np.zeros((which.size, self.bin_size.size), dtype=np.int32)
        below = np.zeros_like(above)
        counted = counts_by_group(self.score[which], self.se[which], critical, self.groups)
        for number, (more, less) in enumerate(counted):
            above[:, number], below[:, number] = more, less
        share = self._shares(which)
        _ = self._lowest, self._highest  # computed here once, not by each thread
        parts = in_threads(
            lambda point: self._after_at_point(point, share[:, point], above, below),
            range(self.points.size),
            threads=self._large,
        )
        return np.sum(parts, axis=0)

    def _shares(self, which: IntArray) -> FloatArray:
        """How much each point counts in the linear interpolation for each area."""
        place = np.interp(np.log(self.se[which]), np.log(self.points), np.arange(self.points.size))
        return np.maximum(1 - np.abs(place[:, None] - np.arange(self.points.size)), 0.0)

    def _after_at_point(
        self, point: int, share: FloatArray, above: Counts, below: Counts
    ) -> FloatArray:
        """The part of the critical values that this point contributes."""
        low, high = self._lowest[point], self._highest[point]
        nodes, tables = self._at_nodes(point)
        found = np.zeros(share.size)
        touched = np.flatnonzero(share)
        for block in blocks(touched.size, ROWS):
            rows = touched[block.start : block.stop]
            rejected = np.hstack([above[rows], below[rows]]).astype(np.float64)
            chance = [np.exp(free + rejected @ change) @ weight for weight, free, change in tables]
            critical = _inverse(nodes, np.column_stack(chance), self.confidence)
            found[rows] = share[rows] * np.clip(critical, low, high)
        return found


def _factors(
    own_se: float, se: FloatArray, critical: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Weights of the nodes of x and, per standard error and node, the logs of the factors.

    Returns:
        weights φ(x)·dx; log[Φ(h) - Φ(l)]; and what is to be added to it for an area above, and
        for one below.
    """
    from scipy.special import ndtr

    x, weight = _nodes(critical)
    reach = critical * np.sqrt(own_se**2 + se**2)[:, None]
    below_upper = ndtr((own_se * x + reach) / se[:, None])
    above_lower = below_upper[:, ::-1]  # the nodes are symmetric about 0
    both = np.log(np.maximum(below_upper + above_lower - 1, TINY))
    if_below = np.log(np.maximum(below_upper, TINY))
    return weight, both, if_below[:, ::-1] - both, if_below - both


def _nodes(critical: float) -> tuple[FloatArray, FloatArray]:
    """Nodes of x and weights φ(x)·dx, dense on both sides of ±c.

    Where another area's standard error is small beside the own, the integrand falls from 1 to 0
    within a small neighbourhood of ±c; double-exponential nodes resolve that at any scale.
    """
    inner, inner_weight = _double_exponential(0.06)
    outer, outer_weight = _double_exponential(0.2)
    tail = critical + 3.5 * (1 + outer)
    x = np.concatenate([-tail[::-1], critical * inner, tail])
    dx = np.concatenate([3.5 * outer_weight[::-1], critical * inner_weight, 3.5 * outer_weight])
    return x, dx * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


@lru_cache(maxsize=4)
def _double_exponential(step: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the tanh-sinh rule on (-1, 1) (Takahasi & Mori 1974)."""
    t = np.arange(-round(3 / step), round(3 / step) + 1) * step
    argument = np.pi / 2 * np.sinh(t)
    return np.tanh(argument), step * np.pi / 2 * np.cosh(t) / np.cosh(argument) ** 2


def _inverse(nodes: FloatArray, chance: FloatArray, confidence: float) -> FloatArray:
    """Critical values at which F reaches the confidence, by inverse interpolation (Neville)."""
    with np.errstate(divide="ignore"):
        y = np.log(-np.log(np.clip(chance, TINY, 1 - 1e-16)))
    target = math.log(-math.log(confidence))
    value = np.tile(nodes, (chance.shape[0], 1))
    for order in range(1, nodes.size):
        left, right = y[:, :-order], y[:, order:]
        value = ((target - right) * value[:, :-1] - (target - left) * value[:, 1:]) / (left - right)
    return value[:, 0]
