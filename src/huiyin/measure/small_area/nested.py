"""The nested-error model on moments: likelihood over one variance ratio, predictions, errors.

y_ij = x_ij'b + u_i + e_ij, u ~ N(0, su2), e ~ N(0, se2) (Battese, Harter & Fuller 1988, JASA 83).
With the ratio t = su2/se2, c_i = n_i / (1 + n_i t) and the sums of squares within areas, the
likelihood needs nothing of the units but their moments per area.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from huiyin.measure.small_area.columns import FloatArray
from huiyin.measure.small_area.likelihood import Method
from huiyin.measure.small_area.maximum import maximum
from huiyin.measure.small_area.regression import cholesky, inverse, products, times


@dataclass(frozen=True)
class Sample:
    """Moments in a basis where the pooled covariates are orthonormal.

    Attributes:
        n, y, x: (k,), (k,), (k, p) sizes and means by area.
        yy, xy, xx: sums of squares and products within areas, pooled: (), (p,), (p, p).
    """

    n: FloatArray
    y: FloatArray
    x: FloatArray
    yy: float
    xy: FloatArray
    xx: FloatArray


@dataclass(frozen=True)
class NestedLikelihood:
    """The likelihood with coefficients and error variance at their best, for one ratio.

    Attributes:
        sample: what was observed.
        ratio: t, variance between areas over variance within.
        method: ``reml`` or ``ml``.
    """

    sample: Sample
    ratio: float
    method: Method

    @cached_property
    def c(self) -> FloatArray:
        return self.sample.n / (1.0 + self.sample.n * self.ratio)

    @cached_property
    def _cholesky(self) -> FloatArray:
        s = self.sample
        return cholesky(s.xx + products(s.x, self.c[:, None] * s.x))

    @cached_property
    def covariance_root(self) -> FloatArray:
        """C with CC' the covariance of the coefficients over the error variance."""
        return inverse(self._cholesky).T

    @cached_property
    def coefficients(self) -> FloatArray:
        s = self.sample
        right = s.xy + products(s.x, (self.c * s.y)[:, None])[:, 0]
        return self.covariance_root @ (self.covariance_root.T @ right)

    @cached_property
    def residuals(self) -> FloatArray:
        """Of the area means: y - x'b."""
        return self.sample.y - times(self.sample.x, self.coefficients)

    @cached_property
    def squares(self) -> float:
        s, b = self.sample, self.coefficients
        within = float(s.yy - 2 * b @ s.xy + b @ s.xx @ b)
        return max(within, 0.0) + float(np.sum(self.c * self.residuals**2))

    @property
    def free(self) -> float:
        return float(self.sample.n.sum()) - self._fixed

    @property
    def _fixed(self) -> int:
        return self.sample.x.shape[1] if self.method == "reml" else 0

    @property
    def error_variance(self) -> float:
        return self.squares / self.free

    @property
    def area_variance(self) -> float:
        return self.ratio * self.error_variance

    @cached_property
    def full(self) -> float:
        """Log-likelihood of the data at these variances and coefficients."""
        units, variance = float(self.sample.n.sum()), self.error_variance
        determinant = np.log1p(self.sample.n * self.ratio).sum()
        constant = units * np.log(2 * np.pi * variance)
        return float(-0.5 * (constant + determinant + self.squares / variance))

    @cached_property
    def restricted(self) -> float:
        """Log-likelihood of the contrasts free of the coefficients (Harville 1974)."""
        p = self.sample.x.shape[1]
        determinant = 2 * np.log(np.diagonal(self._cholesky)).sum()
        return float(self.full + 0.5 * (p * np.log(2 * np.pi * self.error_variance) - determinant))

    @property
    def loglik(self) -> float:
        return self.restricted if self.method == "reml" else self.full

    @property
    def score(self) -> float:
        between = np.sum((self.c * self.residuals) ** 2) / self.error_variance
        trace = self.c.sum()
        if self.method == "reml":
            root = times(self.c[:, None] * self.sample.x, self.covariance_root)
            trace -= np.sum(root**2)
        return float(0.5 * (between - trace))

    @property
    def information(self) -> float:
        """Expected, with the error variance profiled out and the coefficients taken as known."""
        return float(0.5 * (np.sum(self.c**2) - self.c.sum() ** 2 / self.sample.n.sum()))


@dataclass(frozen=True)
class Population:
    """What is known of all areas.

    Attributes:
        x: (m, p) means over the population, in the basis of the sample.
        size: (m,) units in the population; infinite where not given.
        row: (k,) row of each sampled area.
    """

    x: FloatArray
    size: FloatArray
    row: npt.NDArray[np.intp]

    def seen(self, n: FloatArray) -> FloatArray:
        """(m,) sampling fractions for the sample sizes (k,); zero where size is not given."""
        fraction = np.zeros(self.size.size)
        fraction[self.row] = n / self.size[self.row]
        return fraction


def fit_nested(sample: Sample, method: Method, start: float | None = None) -> NestedLikelihood:
    """Maximise the (restricted) likelihood over the ratio, from ``start`` if there is one."""

    def at(ratio: float) -> NestedLikelihood:
        return NestedLikelihood(sample, ratio, method)

    typical = 1.0 / float(np.median(sample.n))
    spread = np.geomspace(0.01 * typical, 100.0 + 100.0 * typical, 10).tolist()
    return maximum(at, [0.0, *(spread if start is None else [start])], unit=1e-3 * typical).at


def shrinkage(model: NestedLikelihood) -> FloatArray:
    """Weight of the sample's residual mean in the area effect, n t / (1 + n t)."""
    return model.c * model.ratio


def predictions(model: NestedLikelihood, population: Population) -> FloatArray:
    """EBLUP of the population means.

    Without sizes X'b + u; with them the sampled units count as observed: f y + (X - f x)'b +
    (1 - f) u, f = n/N (Rao & Molina 2015, Small Area Estimation, section 7.1).
    """
    sample, row = model.sample, population.row
    predicted = times(population.x, model.coefficients)
    f = population.seen(sample.n)[row]
    effect = shrinkage(model) * model.residuals
    predicted[row] += effect + f * (model.residuals - effect)
    return predicted


def analytic_mse(model: NestedLikelihood, population: Population) -> FloatArray:
    """g1 + g2 + 2 g3 of Prasad & Rao 1990 (Rao & Molina 2015, section 7.2).

    For ML the bias of the variances is taken out (Datta & Lahiri 2000). With population
    sizes the prediction is of the units not sampled, plus the error of their mean. An area
    without a sample has su2 + X'QX.
    """
    s, row = model.sample, population.row
    se2, su2 = model.error_variance, model.area_variance
    gamma = shrinkage(model)
    f = population.seen(s.n)[row]
    mse = su2 + se2 * _squared(population.x @ model.covariance_root)
    rest = np.where(f < 1, 1 - f, 1.0)
    unseen = (population.x[row] - f[:, None] * s.x) / rest[:, None]
    g1 = (1 - gamma) * su2
    g2 = se2 * _squared((unseen - gamma[:, None] * s.x) @ model.covariance_root)
    g3, bias = _variance_terms(model, gamma)
    mse[row] = (1 - f) ** 2 * (g1 + g2 + 2 * g3 - bias) + (1 - f) * se2 / population.size[row]
    return mse


def _variance_terms(model: NestedLikelihood, gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """g3, and the bias of g1 from that of the ML variances (zero for REML)."""
    s, se2, su2 = model.sample, model.error_variance, model.area_variance
    a = se2 + s.n * su2
    both = 0.5 * float(s.n @ a**-2)
    uu = 0.5 * float(s.n**2 @ a**-2)
    ee = 0.5 * float((s.n - 1).sum() / se2**2 + (a**-2).sum())
    v = inverse(np.array([[uu, both], [both, ee]]))
    g3 = s.n / a**3 * (se2**2 * v[0, 0] + su2**2 * v[1, 1] - 2 * se2 * su2 * v[0, 1])
    if model.method == "reml":
        return g3, np.zeros_like(g3)
    q = se2 * model.covariance_root @ model.covariance_root.T
    across_u = -s.x.T @ ((s.n / a)[:, None] ** 2 * s.x)
    across_e = -s.xx / se2**2 - s.x.T @ ((s.n / a**2)[:, None] * s.x)
    slopes = np.array([np.vdot(q, across_u), np.vdot(q, across_e)])
    bias_u, bias_e = 0.5 * v @ slopes
    return g3, bias_u * (1 - gamma) ** 2 + bias_e * gamma**2 / s.n


def _squared(rows: FloatArray) -> FloatArray:
    return np.einsum("ij,ij->i", rows, rows)
