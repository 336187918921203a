"""Pairs of areas by brute force: for few areas, and for estimates that are not independent.

Every ordered pair is looked at in every draw, in blocks that fit the cache; with 1,000 draws and
a covariance this serves up to a few thousand areas.
"""

from __future__ import annotations

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks.draws import BLOCK, blocks, in_threads, standard_normals, upper_quantile
from huiyin.measure.ranks.inputs import FloatArray, IntArray


def correlated_normals(covariance: FloatArray, draws: int, seed: int) -> FloatArray:
    """Draws × areas from N(0, covariance).

    Raises:
        MeasureError: ``bad-covariance`` if the matrix has a negative eigenvalue.
    """
    normals = standard_normals(seed, range(draws), covariance.shape[0])
    return normals @ covariance_root(covariance).T


def covariance_root(covariance: FloatArray) -> FloatArray:
    """A matrix R with R·Rᵀ = covariance.

    Raises:
        MeasureError: ``bad-covariance`` if the matrix has a negative eigenvalue.
    """
    try:
        factor: FloatArray = np.linalg.cholesky(covariance).astype(np.float64)
        return factor
    except np.linalg.LinAlgError:  # singular is fine, indefinite is not
        values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-8 * max(values[-1], 0.0):
        raise MeasureError(
            "bad-covariance",
            "the matrix has a negative eigenvalue, so it is no covariance; estimate it from one "
            "set of replicates or draws",
            "矩阵存在负特征值，不是协方差矩阵，请用同一组复制权数或模拟重新估计",
            place="covariance",
        )
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def difference_se(covariance: FloatArray) -> FloatArray:
    """Standard errors of all differences, p × p."""
    variance = np.diagonal(covariance)
    return np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0.0))


class AllPairs:
    """Largest studentised difference of each draw, over all ordered pairs not yet rejected.

    Attributes:
        t: p × p, how many standard errors the row's area is above the column's.
        inverse: p × p, 1 / standard error of the difference; 0 where there is none.
        z: draws × p, draws of the estimates' errors.
    """

    def __init__(self, score: FloatArray, se_of_difference: FloatArray, z: FloatArray) -> None:
        difference = score[:, None] - score[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.t = np.where(difference == 0, 0.0, difference / se_of_difference)
            self.inverse = np.where(se_of_difference > 0, 1 / se_of_difference, 0.0)
        np.fill_diagonal(self.inverse, 0.0)
        self.z = z

    def __call__(self, which: IntArray, critical: float) -> tuple[FloatArray, FloatArray]:
        """Maxima of the draws ``which``, and the t of the pair that attains each."""
        weight = np.where(self.t > critical, 0.0, self.inverse)
        size = max(1, BLOCK // weight.size)
        pieces = in_threads(
            lambda rows: self._maxima(self.z[which[rows.start : rows.stop]], weight),
            blocks(which.size, size),
            threads=weight.size > 1 << 14,
        )
        if not pieces:
            return np.empty(0), np.empty(0)
        return np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])

    def _maxima(self, z: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        count, areas = z.shape
        best, attained = np.zeros(count), np.full(count, -np.inf)
        for rows in blocks(areas, max(1, BLOCK // (areas * count))):
            part = slice(rows.start, rows.stop)
            scaled = (z[:, part, None] - z[:, None, :]) * weight[part]
            flat = scaled.reshape(count, -1)
            place = np.argmax(flat, axis=1)
            value = flat[np.arange(count), place]
            better = value > best
            best[better] = value[better]
            attained[better] = self.t[part].reshape(-1)[place[better]]
        return best, attained

    def count(self, critical: float | FloatArray) -> tuple[IntArray, IntArray]:
        """How many areas are significantly above, and below, each one."""
        limit = np.broadcast_to(critical, self.t.shape[0])[:, None]
        return np.sum(-self.t > limit, axis=1), np.sum(self.t > limit, axis=1)

    def marginal_criticals(self, confidence: float, step_down: bool) -> FloatArray:
        """Critical value of each area for the p - 1 differences in which it takes part."""
        areas = self.t.shape[0]
        found = in_threads(lambda area: self._marginal(area, confidence, step_down), range(areas))
        return np.array(found)

    def _marginal(self, area: int, confidence: float, step_down: bool) -> float:
        critical = np.inf
        while True:
            maxima = self._largest_with(area, critical)
            lowered = upper_quantile(maxima, confidence)
            if not step_down or lowered >= critical:
                return min(lowered, critical)
            critical = lowered

    def _largest_with(self, area: int, critical: float) -> FloatArray:
        """Largest studentised difference of each draw among the pairs with one area."""
        t, inverse = self.t[area], self.inverse[area]
        up = np.where(t > critical, 0.0, inverse)
        down = np.where(-t > critical, 0.0, inverse)
        maxima = np.empty(self.z.shape[0])
        for rows in blocks(self.z.shape[0], max(1, BLOCK // t.size)):
            part = slice(rows.start, rows.stop)
            difference = self.z[part, area, None] - self.z[part]
            maxima[part] = np.maximum(difference * up, -difference * down).max(axis=1)
        return maxima
