"""Likelihood and mean squared error of the area-level model, in O(areas x covariates^2).

y = x'b + v + e per area, v ~ N(0, A) and e ~ N(0, D) with D known (Fay & Herriot 1979, JASA 74).
Everything is computed from U, an orthonormal basis of the weighted covariates: the projection
that REML needs is I - UU', and no areas x areas matrix is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from huiyin.measure.small_area.columns import FloatArray
from huiyin.measure.small_area.maximum import maximum
from huiyin.measure.small_area.regression import inverse, orthonormal, products, solved, times

Method = Literal["reml", "ml"]


@dataclass(frozen=True)
class AreaLikelihood:
    """The likelihood with the coefficients at their best, for one model variance.

    Attributes:
        y: (m,) direct estimates.
        d: (m,) sampling variances, all above zero.
        q: (m, p) orthonormal covariates.
        variance: the model variance A.
        method: which likelihood ``loglik``, ``score`` and ``information`` are of.
    """

    y: FloatArray
    d: FloatArray
    q: FloatArray
    variance: float
    method: Method

    @cached_property
    def weights(self) -> FloatArray:
        return 1.0 / (self.variance + self.d)

    @cached_property
    def _weighted(self) -> tuple[FloatArray, FloatArray]:
        return orthonormal(np.sqrt(self.weights)[:, None] * self.q)

    @cached_property
    def leverage(self) -> FloatArray:
        u, _ = self._weighted
        return np.einsum("ij,ij->i", u, u)

    @cached_property
    def residuals(self) -> FloatArray:
        """Standardised: (y - x'b) / sqrt(A + D)."""
        u, _ = self._weighted
        z = np.sqrt(self.weights) * self.y
        return z - times(u, self._along)

    @cached_property
    def _along(self) -> FloatArray:
        """Coefficients for U: those of the model, turned into its basis."""
        u, _ = self._weighted
        return products(u, (np.sqrt(self.weights) * self.y)[:, None])[:, 0]

    @cached_property
    def coefficients(self) -> FloatArray:
        return solved(self._weighted[1], self._along)

    @cached_property
    def covariance_root(self) -> FloatArray:
        """(p, p) C with CC' the covariance of the coefficients."""
        _, r = self._weighted
        return inverse(r)

    @cached_property
    def full(self) -> float:
        """Log-likelihood of the data."""
        constant = self.y.size * np.log(2 * np.pi)
        squares = np.sum(self.residuals**2)
        return float(-0.5 * (constant - np.log(self.weights).sum() + squares))

    @cached_property
    def restricted(self) -> float:
        """Log-likelihood of the contrasts free of the coefficients (Harville 1974)."""
        _, r = self._weighted
        determinant = 2 * np.log(np.abs(np.diagonal(r))).sum()
        return float(self.full + 0.5 * (r.shape[0] * np.log(2 * np.pi) - determinant))

    @property
    def loglik(self) -> float:
        return self.restricted if self.method == "reml" else self.full

    @property
    def score(self) -> float:
        w = self.weights
        free = 1 - self.leverage if self.method == "reml" else 1.0
        return float(0.5 * np.sum(w * (self.residuals**2 - free)))

    @property
    def information(self) -> float:
        w, u = self.weights, self._weighted[0]
        if self.method == "ml":
            return float(0.5 * np.sum(w**2))
        inner = products(u, w[:, None] * u)
        return float(0.5 * (np.sum(w**2 * (1 - 2 * self.leverage)) + np.sum(inner**2)))

    @property
    def variance_of_variance(self) -> float:
        """Asymptotic variance of the estimate of A, for REML and ML alike."""
        return float(2.0 / np.sum(self.weights**2))


@dataclass(frozen=True)
class AreaFit:
    """The fitted area-level model.

    Attributes:
        model: the likelihood at its maximum.
        iterations: scoring steps taken.
    """

    model: AreaLikelihood
    iterations: int

    def predict(self, q: FloatArray) -> FloatArray:
        return times(q, self.model.coefficients)

    def spread(self, q: FloatArray) -> FloatArray:
        """x'Qx, the variance of the prediction x'b from estimating b, for rows of q."""
        root = times(q, self.model.covariance_root)
        return np.einsum("ij,ij->i", root, root)

    @property
    def weight_on_direct(self) -> FloatArray:
        return self.model.variance * self.model.weights

    def mse_sampled(self) -> FloatArray:
        """g1 + g2 + 2 g3, and for ML the correction for the bias of A.

        Prasad & Rao 1990, JASA 85; for REML and ML, Datta & Lahiri 2000, Statistica Sinica 10; as
        in Rao & Molina 2015, Small Area Estimation, section 6.2.1. At A = 0 the first term
        vanishes and the others stay: the prediction is synthetic, its error is not zero.
        """
        model = self.model
        shrunk = model.d * model.weights
        g1 = model.variance * shrunk
        g2 = shrunk**2 * self.spread(model.q)
        g3 = shrunk**2 * model.weights * model.variance_of_variance
        return g1 + g2 + 2 * g3 - shrunk**2 * self._bias_of_variance()

    def _bias_of_variance(self) -> float:
        model = self.model
        if model.method == "reml":
            return 0.0
        return float(-np.sum(model.weights * model.leverage) / np.sum(model.weights**2))

    def mse_unsampled(self, q: FloatArray) -> FloatArray:
        """A + x'Qx: nothing but the model speaks for such an area."""
        return self.model.variance + self.spread(q)


def fit_area_model(y: FloatArray, d: FloatArray, q: FloatArray, method: Method) -> AreaFit:
    """Maximise the (restricted) likelihood over A >= 0; raises ``no-convergence``."""

    def at(variance: float) -> AreaLikelihood:
        return AreaLikelihood(y, d, q, variance, method)

    best = maximum(at, _starts(y, d, q), unit=float(d.min()))
    return AreaFit(best.at, best.iterations)


def _starts(y: FloatArray, d: FloatArray, q: FloatArray) -> list[float]:
    residual = y - times(q, products(q, y[:, None])[:, 0])
    spread = float(np.sum(residual**2)) / max(1, y.size - q.shape[1])
    highest = 4 * max(spread, float(np.median(d)))
    lowest = min(0.01 * float(np.median(d)), 0.001 * highest)
    return [0.0, *np.geomspace(lowest, highest, 8).tolist()]
