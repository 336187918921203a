"""What a unit should show if it is like the others, and how far it lies from that.

Each unit is compared with a model fitted robustly to all units, so that a minority of coached or
invented units cannot pull the model towards themselves, and with the spread that honest units
are seen to have (the empirical null of Efron 2004, JASA 99; over-dispersion as in the funnel
plots of Spiegelhalter 2005, Statistics in Medicine 24), never with sampling error alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray

Side = Literal["upper", "lower", "both"]

#: Fewer comparable units than this and no unit is tested: the spread cannot be told.
FEWEST_UNITS = 8
#: From this many units on the expectation may depend on the level of the unit.
UNITS_FOR_SLOPE = 20
UNITS_FOR_CURVE = 40

_WINSORISED = 0.2
_BISQUARE = 4.685  # 95 % efficiency at the normal (Holland & Welsch 1977)
_LARGEST_QN = 1500
_NODES = np.linspace(-8.0, 8.0, 81)
_NODE_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()


@dataclass(frozen=True)
class Deviation:
    """Expected value, standardised deviation and p-value of each unit, shape (m,); ``spread``
    is the honest spread between units that was found (standard deviation)."""

    expected: FloatArray
    statistic: FloatArray
    p: FloatArray
    spread: float


def count_deviation(
    x: FloatArray,
    n: FloatArray,
    *,
    offset: FloatArray | None = None,
    offset_variance: FloatArray | None = None,
    covariate: FloatArray | None = None,
    side: Side = "upper",
) -> Deviation:
    """Counts x of n against ``expit(offset + intercept + slope * covariate + e)``.

    ``e`` is normal: the uncertainty of the offset plus the over-dispersion seen between units
    (its variance makes the winsorised variance of the standardised residuals one). The p-value
    is the exact binomial tail averaged over ``e``, so small counts are judged as such.

    Args:
        x, n: counts, shape (m,), every n positive.
        offset: prediction on the logit scale, zero if none; ``offset_variance`` its variance.
        covariate: used from 20 units on.
        side: which deviation is looked for.
    """
    from scipy.special import expit

    zero = np.zeros(x.size)
    offset = zero if offset is None else offset
    variance = zero if offset_variance is None else offset_variance
    design = _design(covariate, x.size, highest=1)
    beta = _fit_counts(x, n, offset, variance, design)
    eta = offset + design @ beta
    tau2 = _overdispersion(x, n, expit(eta), variance)
    total = (variance + tau2) * _small_sample(x.size, design.shape[1])
    upper, lower = _tails(x, n, eta, total)
    share = expit(eta)
    sd = np.sqrt(share * (1 - share) / n + total * (share * (1 - share)) ** 2)
    z = (x / n - share) / np.maximum(sd, 1e-12)
    return Deviation(share, z, _one_p(upper, lower, side), float(np.sqrt(tau2)))


def value_deviation(
    y: FloatArray,
    variance: FloatArray,
    *,
    covariate: FloatArray | None = None,
    side: Side = "both",
    smallest_spread: float = 0.0,
) -> Deviation:
    """Values y against a robust curve in the covariate, in units of the spread of the others.

    The deviation of a unit is from the curve as it would be without it (its leverage is taken
    out). The scale is Rousseeuw & Croux's Qn (1993, JASA 88) of all standardised deviations, the
    p-value Student's t.

    Args:
        y: shape (m,).
        variance: relative sampling variance of y, shape (m,), positive.
        covariate: used linearly from 20 units on, quadratically from 40.
        side: which deviation is looked for.
        smallest_spread: 1 where ``variance`` is known in full: honest units cannot vary less.
    """
    from scipy.special import stdtr

    design = _design(covariate, y.size, highest=2)
    weight = 1.0 / variance
    beta, kept = _bisquare_fit(design, y, weight)
    fitted = design @ beta
    leverage = _leverage(design, weight * kept) * weight
    z = (y - fitted) * np.sqrt(weight) / _prediction_factor(leverage, kept)
    scale = max(qn(z), smallest_spread)
    if scale <= 0:
        scale = max(float(np.std(z)), 1e-12)
    z = z / scale
    lower = stdtr(max(0.8 * (y.size - design.shape[1]), 3.0), z)
    upper = stdtr(max(0.8 * (y.size - design.shape[1]), 3.0), -z)
    return Deviation(fitted, z, _one_p(upper, lower, side), scale)


def over_tested(
    tested: BoolArray, compute: Callable[[BoolArray], Deviation]
) -> tuple[Deviation, bool]:
    """Apply ``compute`` to the units that can be tested; the others get NaN.

    Returns:
        The deviations of all units, and whether there were too few to compare.
    """
    empty = np.full(tested.size, np.nan)
    if tested.sum() < FEWEST_UNITS:
        return Deviation(empty, empty, empty, np.nan), True
    part = compute(tested)
    whole = np.full((3, tested.size), np.nan)
    whole[:, tested] = part.expected, part.statistic, part.p
    return Deviation(whole[0], whole[1], whole[2], part.spread), False


def smoothed_variance(
    per_interview: FloatArray, n: FloatArray, covariate: FloatArray
) -> FloatArray:
    """Sampling variance of each unit from a curve in the covariate, fitted robustly to all units.

    A unit's own estimate would let an odd unit set its own yardstick.

    Args:
        per_interview: each unit's own estimate of variance times n, shape (m,); where it is not
            positive the unit does not take part in the fit.
    """
    known = per_interview > 0
    if known.sum() < FEWEST_UNITS:
        return 1 / n
    design = _design(covariate, n.size, highest=2)
    logs = np.log(per_interview, where=known, out=np.zeros(n.size))
    beta, _ = _bisquare_fit(design, logs, n * known)
    reach = np.clip(design @ beta, logs[known].min(), logs[known].max())
    return np.exp(reach) / n


def qn(values: FloatArray) -> float:
    """Rousseeuw & Croux's Qn scale, consistent at the normal; 82 % efficient, breaks at half.

    Above 1,500 values evenly spaced order statistics stand for all of them.
    """
    if values.size < 2:
        return 0.0
    if values.size > _LARGEST_QN:
        at = np.linspace(0, values.size - 1, _LARGEST_QN).astype(np.int64)
        values = np.sort(values)[at]
    m = values.size
    i, j = np.triu_indices(m, 1)
    half = m // 2 + 1
    kth = half * (half - 1) // 2 - 1
    correction = m / (m + 1.4) if m % 2 else m / (m + 3.8)
    return float(2.2219 * correction * np.partition(np.abs(values[i] - values[j]), kth)[kth])


def standardised(covariate: FloatArray) -> FloatArray:
    """Centred and scaled robustly, and drawn in to three standard deviations: a unit that is odd
    in the covariate too must not bend the curve to itself. All zero if it hardly varies."""
    spread = qn(covariate) or float(covariate.std())
    centred = covariate - np.median(covariate)
    return np.clip(centred / spread, -3, 3) if spread > 1e-9 else np.zeros(covariate.size)


def _design(covariate: FloatArray | None, m: int, highest: int) -> FloatArray:
    if covariate is None or m < UNITS_FOR_SLOPE:
        return np.ones((m, 1))
    scaled = standardised(covariate)
    if not scaled.any():
        return np.ones((m, 1))
    degree = min(highest, 2 if m >= UNITS_FOR_CURVE else 1)
    if np.unique(scaled).size <= degree:
        degree = 1
    return np.vander(scaled, degree + 1)


def _one_p(upper: FloatArray, lower: FloatArray, side: Side) -> FloatArray:
    if side == "upper":
        chosen = upper
    elif side == "lower":
        chosen = lower
    else:
        chosen = 2 * np.minimum(upper, lower)
    return np.clip(chosen, 0.0, 1.0)


def _small_sample(m: int, parameters: int) -> float:
    """The variance of Student's t, for a scale estimated with 70 % efficiency."""
    df = max(0.7 * m - parameters, 3.0)
    return df / (df - 2)


def _fit_counts(
    x: FloatArray, n: FloatArray, offset: FloatArray, variance: FloatArray, design: FloatArray
) -> FloatArray:
    from scipy.special import expit, logit

    beta = np.zeros(design.shape[1])
    beta[-1] = logit((x.sum() + 0.5) / (n.sum() + 1)) - np.average(offset, weights=n)
    ridge = 1e-6 * np.eye(design.shape[1])
    for _ in range(30):
        share = np.clip(expit(offset + design @ beta), 1e-9, 1 - 1e-9)
        extra = n * share * (1 - share) * (variance + _overdispersion(x, n, share, variance))
        keep = _bisquare(_angular(x, n, share) / np.sqrt(1 + extra)) / (1 + extra)
        information = (design.T * (keep * n * share * (1 - share))) @ design + ridge
        step = np.clip(np.linalg.solve(information, design.T @ (keep * (x - n * share))), -1, 1)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def _angular(x: FloatArray, n: FloatArray, share: FloatArray) -> FloatArray:
    """Anscombe's (1948) variance-stabilised residual of a binomial count, variance one."""
    seen = np.arcsin(np.sqrt((x + 0.375) / (n + 0.75)))
    return 2 * np.sqrt(n + 0.5) * (seen - np.arcsin(np.sqrt(share)))


def _overdispersion(x: FloatArray, n: FloatArray, share: FloatArray, variance: FloatArray) -> float:
    """Variance on the logit scale that brings the winsorised residual variance to one."""
    share = np.clip(share, 1e-9, 1 - 1e-9)
    residual = _angular(x, n, share)
    weight = n * share * (1 - share)

    def excess(tau2: float) -> float:
        return _winsorised_variance(residual / np.sqrt(1 + weight * (variance + tau2))) - 1

    low, high = 0.0, 9.0
    if excess(low) <= 0:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _winsorised_variance(z: FloatArray) -> float:
    """Variance with a fifth of the values drawn in at each end, consistent at the normal."""
    from scipy.special import ndtri

    cut = int(_WINSORISED * z.size)
    ordered = np.sort(z)
    drawn = np.clip(z, ordered[cut], ordered[-cut - 1])
    t = -ndtri(_WINSORISED)
    density = np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi)
    at_normal = 1 - 2 * _WINSORISED - 2 * t * density + 2 * _WINSORISED * t * t
    return float(np.mean((drawn - np.median(drawn)) ** 2) / at_normal)


def _tails(
    x: FloatArray, n: FloatArray, eta: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    from scipy.special import betainc, expit

    share = expit(eta[:, None] + np.sqrt(variance)[:, None] * _NODES)
    at_least = np.ones_like(share)
    some = x > 0
    at_least[some] = betainc(x[some, None], (n - x + 1)[some, None], share[some])
    at_most = np.ones_like(share)
    not_all = x < n
    at_most[not_all] = betainc((n - x)[not_all, None], (x + 1)[not_all, None], 1 - share[not_all])
    return at_least @ _NODE_WEIGHTS, at_most @ _NODE_WEIGHTS


def _bisquare(z: FloatArray) -> FloatArray:
    return np.where(np.abs(z) < _BISQUARE, (1 - (z / _BISQUARE) ** 2) ** 2, 0.0)


def _bisquare_fit(
    design: FloatArray, y: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    keep = np.ones(y.size)
    ridge = 1e-10 * weight.sum() * np.eye(design.shape[1])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        both = weight * keep
        before = beta
        beta = np.linalg.solve((design.T * both) @ design + ridge, design.T @ (both * y))
        residual = (y - design @ beta) * np.sqrt(weight)
        scale = float(np.median(np.abs(residual))) / 0.6745
        if scale <= 0 or np.allclose(beta, before, rtol=0, atol=1e-12):
            break
        keep = _bisquare(residual / scale)
    return beta, keep


def _leverage(design: FloatArray, weight: FloatArray) -> FloatArray:
    inverse = np.linalg.pinv((design.T * weight) @ design)
    return np.einsum("ij,jk,ik->i", design, inverse, design)


def _prediction_factor(leverage: FloatArray, kept: FloatArray) -> FloatArray:
    """Standard deviation of a residual: 1 - h inside the fit, 1 + h for a unit left out of it."""
    inside = np.maximum(1 - leverage * kept, 0.05)
    return np.sqrt(np.where(kept > 0, inside, 1 + leverage))
