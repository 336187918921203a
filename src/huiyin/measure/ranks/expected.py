"""The expected rank among values drawn around the estimates, without drawing them."""

from __future__ import annotations

import math

import numpy as np

from huiyin.measure.ranks.correlated import difference_se
from huiyin.measure.ranks.draws import BLOCK, blocks, in_threads
from huiyin.measure.ranks.inputs import FloatArray

#: Areas up to which all pairs are as quick as anything.
FEW = 1_000
#: Grid points per smallest standard error: keeps the cubic within 1e-6 of the number of areas.
FINENESS = 8
#: Largest ratio of standard errors for which the grid is used.
RATIO = 50.0


def expected_rank(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None = None
) -> FloatArray:
    """1 + Σ_k P(k better than j), for values from N(score, se²); equal exact areas count a half.

    By all pairs, Φ((θ_k - θ_j)/se_jk), for few areas, under a covariance, or where standard errors
    are very unlike; else through the expected number of areas above a point, which is one smooth
    function of the point for all areas (to 1e-6 of their number).
    """
    if covariance is not None or score.size <= FEW or np.max(se) > RATIO * np.min(se):
        return _by_pairs(score, se, covariance)
    step = np.min(se) / FINENESS
    low, high = np.min(score - 8 * se), np.max(score + 8 * se)
    points = math.ceil((high - low) / step) + 2
    if points > score.size / 2:
        return _by_pairs(score, se, None)
    return _by_grid(score, se, low + step * np.arange(points))


def _by_pairs(score: FloatArray, se: FloatArray, covariance: FloatArray | None) -> FloatArray:
    from scipy.special import ndtr

    spread = None if covariance is None else difference_se(covariance)

    def better(rows: range) -> FloatArray:
        part = slice(rows.start, rows.stop)
        difference = score[None, :] - score[part, None]
        if spread is None:
            t = difference / np.sqrt(se[part, None] ** 2 + se[None, :] ** 2)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                t = np.where(difference == 0, 0.0, difference / spread[part])
        chances: FloatArray = np.sum(ndtr(t), axis=1)
        return chances

    found = in_threads(better, blocks(score.size, max(1, BLOCK // max(score.size, 1))))
    # the sum holds one half for the area against itself
    return 0.5 + np.concatenate([np.empty(0), *found])


def _by_grid(score: FloatArray, se: FloatArray, grid: FloatArray) -> FloatArray:
    """0.5 + E[S(θ_j + s_j·Z)] with S(x) = Σ_k Φ((θ_k - x)/s_k), which holds a half for j itself."""
    above, slope = _number_above(score, se, grid)
    # at steps like this the trapezoidal rule is exact to 1e-8 on integrands so smooth
    width = min(0.1, float(np.min(se) / np.max(se)))
    z = width * np.arange(-math.ceil(7 / width), math.ceil(7 / width) + 1)
    weight = width * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

    def mean_above(rows: range) -> FloatArray:
        part = slice(rows.start, rows.stop)
        x = score[part, None] + se[part, None] * z
        return _hermite(grid, above, slope, x) @ weight

    found = in_threads(mean_above, blocks(score.size, max(1, BLOCK // z.size)))
    return 0.5 + np.concatenate(found)


def _number_above(
    score: FloatArray, se: FloatArray, grid: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """S and its derivative at the points of the grid."""
    from scipy.special import ndtr

    def at(points: range) -> FloatArray:
        t = (score - grid[points.start : points.stop, None]) / se
        density = np.exp(-(t**2) / 2) / (math.sqrt(2 * math.pi) * se)
        return np.array([np.sum(ndtr(t), axis=1), -np.sum(density, axis=1)])

    pieces = in_threads(at, blocks(grid.size, max(1, BLOCK // score.size)))
    above, slope = np.concatenate(pieces, axis=1)
    return above, slope


def _hermite(grid: FloatArray, value: FloatArray, slope: FloatArray, x: FloatArray) -> FloatArray:
    """Cubic between the points of an even grid, from values and slopes."""
    step = grid[1] - grid[0]
    place = np.clip(((x - grid[0]) / step).astype(np.int64), 0, grid.size - 2)
    u = (x - grid[place]) / step
    rise = value[place + 1] - value[place]
    left, right = step * slope[place] - rise, rise - step * slope[place + 1]
    # the usual cubic: the chord, and what the slopes at its ends add
    found: FloatArray = value[place] + u * rise + u * (1 - u) * (left * (1 - u) + right * u)
    return found
