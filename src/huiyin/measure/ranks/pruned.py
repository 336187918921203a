"""The largest studentised difference of a draw, exactly, from a few of all pairs.

For independent estimates with standard errors s and standard normal u, Cauchy-Schwarz bounds a
pair by its two u alone,

    |s_j·u_j - s_k·u_k| / √(s_j² + s_k²)  ≤  √(u_j² + u_k²),

and a pair of one sign by the larger of the two. So only outliers can make the maximum: pairs are
taken from the largest |u| down, and what is left is done with as soon as its bound falls to the
best pair found. Rejected orders of a pair are passed over in the same search; since the opposite
order always stays in the family, about half of the pairs of outliers remain, and the search stays
as short.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from huiyin.measure.ranks.draws import BLOCK, blocks, in_threads, standard_normals
from huiyin.measure.ranks.inputs import FloatArray, IntArray

#: Outliers on either side with which the search starts.
START = 40
#: Outliers taken against their opposites at a time.
ROWS = 64


class PrunedPairs:
    """Largest studentised difference of each draw, over all ordered pairs not yet rejected.

    For independent estimates; exact, about O(p) a draw. Draws are made again when they are needed
    again, so memory does not grow with their number.
    """

    def __init__(self, score: FloatArray, se: FloatArray, seed: int) -> None:
        self.score = score
        self.se = se
        self.seed = seed

    def __call__(self, which: IntArray, critical: float) -> tuple[FloatArray, FloatArray]:
        """Maxima of the draws ``which``, and the t of the pair that attains each."""
        pieces = in_threads(
            lambda rows: self._maxima(which[rows.start : rows.stop], critical),
            blocks(which.size, max(1, BLOCK // self.score.size)),
            threads=self.score.size > 4_000,
        )
        found = np.array([pair for piece in pieces for pair in piece]).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _maxima(self, which: IntArray, critical: float) -> list[tuple[float, float]]:
        draws = standard_normals(self.seed, which, self.score.size)
        return [pruned_maximum(u, self.se, self.score, critical) for u in draws]


def pruned_maximum(
    u: FloatArray, se: FloatArray, score: FloatArray, critical: float = math.inf
) -> tuple[float, float]:
    """Largest (s_j·u_j - s_k·u_k) / √(s_j² + s_k²) over ordered pairs that are not rejected.

    Args:
        u: standard normal draws, one per area.
        se: standard errors, all positive.
        score: the estimates; pair (j, k) is rejected if score_j - score_k exceeds ``critical``
            standard errors of the difference.

    Returns:
        The maximum, at least 0, and the studentised difference of the scores of its pair.
    """
    search = _Search(u, se, score, critical)
    search.opposite_signs()
    search.same_signs()
    return search.best, search.attained


class _Search:
    def __init__(self, u: FloatArray, se: FloatArray, score: FloatArray, critical: float) -> None:
        self.u, self.se, self.score, self.critical = u, se, score, critical
        self.best, self.attained = 0.0, -math.inf

    def opposite_signs(self) -> None:
        """Pairs of a positive and a negative u, in the order that makes the difference positive."""
        level = _start_level(self.u.size)
        self._from_the_top(*self._beyond(level, level))
        top, bottom = float(np.max(self.u)), -float(np.min(self.u))
        # what a u needs at least to win together with the largest of the other side
        need_high = math.sqrt(max(self.best**2 - bottom**2, 0.0))
        need_low = math.sqrt(max(self.best**2 - top**2, 0.0))
        if min(need_high, need_low) < level:
            self._from_the_top(*self._beyond(need_high, need_low))

    def _beyond(self, above: float, below: float) -> tuple[IntArray, IntArray]:
        high = np.flatnonzero(self.u > above)
        low = np.flatnonzero(self.u < -below)
        return high[np.argsort(-self.u[high])], low[np.argsort(self.u[low])]

    def _from_the_top(self, high: IntArray, low: IntArray) -> None:
        squares = self.u[low[::-1]] ** 2
        for rows in blocks(high.size, ROWS):
            room = self.best**2 - self.u[high[rows.start]] ** 2
            partners = low.size - int(np.searchsorted(squares, room, side="right"))
            if partners == 0:
                return
            self._take(high[rows.start : rows.stop], low[:partners])

    def _take(self, high: IntArray, low: IntArray) -> None:
        """All pairs of ``high`` over ``low``."""
        se_high, se_low = self.se[high], self.se[low]
        sd = np.sqrt((se_high**2)[:, None] + (se_low**2)[None, :])
        z_high, z_low = se_high * self.u[high], se_low * self.u[low]
        value = (z_high[:, None] - z_low[None, :]) / sd
        t = (self.score[high][:, None] - self.score[low][None, :]) / sd
        self._keep(value, t)

    def same_signs(self) -> None:
        """Pairs of one sign: bounded by the larger |u|, so mostly none is left to look at."""
        size = np.abs(self.u)
        leaders = np.flatnonzero(size > self.best)
        for leader in leaders[np.argsort(-size[leaders])].tolist():
            if size[leader] <= self.best:
                return
            side = math.copysign(1.0, self.u[leader])
            sd = np.sqrt(self.se[leader] ** 2 + self.se**2)
            value = side * (self.se[leader] * self.u[leader] - self.se * self.u) / sd
            value[leader] = 0.0
            self._keep(value, side * (self.score[leader] - self.score) / sd)

    def _keep(self, value: FloatArray, t: FloatArray) -> None:
        if self.critical < math.inf:
            value[t > self.critical] = 0.0
        place = int(np.argmax(value))
        if value.flat[place] > self.best:
            self.best, self.attained = float(value.flat[place]), float(t.flat[place])


@lru_cache(maxsize=8)
def _start_level(areas: int) -> float:
    """The |u| that about START areas on either side exceed; 0 where there are not so many."""
    from scipy.special import ndtri

    return float(-ndtri(min(START / areas, 0.5)))
