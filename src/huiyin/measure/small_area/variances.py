"""Generalised variance functions: sampling variances that are not noise themselves.

A variance estimated from a handful of interviews is as uncertain as the estimate it belongs to,
is zero when all answers agree, and is correlated with the estimate. A model across areas replaces
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.columns import FloatArray, Mask, option
from huiyin.measure.tidy import Tidy

VarianceKind = Literal["share", "mean"]
_STRONGEST_PRIOR = 1e9


@dataclass(frozen=True)
class Smoothed:
    """Smoothed variances.

    Attributes:
        variance: by the function; NaN where n is missing or zero.
        element: variance of one answer: for a share P(1-P) at the area's shrunken share, for a
            mean NaN.
        notes: the fitted function.
    """

    variance: FloatArray
    element: FloatArray
    notes: dict[str, Any]


def smooth_variances(
    direct: npt.ArrayLike,
    variance: npt.ArrayLike,
    n: npt.ArrayLike,
    kind: VarianceKind = "share",
    *,
    unit: Literal["percent", "proportion"] = "percent",
) -> Tidy:
    """Sampling variances by a generalised variance function, never zero.

    ``share``: D = deff P(1-P) / n. The design effect is one for all areas, the ratio of the
    estimated variances to those of simple random sampling, n-weighted; P is the area's share
    shrunk towards the overall one under a beta-binomial model (Kleinman 1973, JASA 68) in which
    n / deff answers are independent, so that an area of 100 % keeps a variance.

    ``mean``: log D is linear in log n, fitted to the positive variances with the bias and the
    weight that a chi-square with n - 1 degrees of freedom gives (Smyth 2004, SAGMB 3, section
    6.2), and scaled so that smoothed and estimated variances have the same sum (Hidiroglou,
    Beaumont & Yung 2019, Survey Methodology 45-1). With fewer than three different n
    the variance is taken as proportional to 1/n.

    Args:
        direct: (m,) direct estimates; NaN or None for none. Shares in ``unit``.
        variance: (m,) their estimated variances; zero, NaN or None allowed.
        n: (m,) sample sizes.
        kind: what the direct estimates are.
        unit: of the shares (and, squared, of their variances); no effect on means.

    Returns:
        ``variance`` as given, ``smoothed``, in the order given; null where n is zero or missing.
        Notes hold the function: ``deff``, ``overall``, ``prior_n`` for shares; ``intercept``,
        ``slope``, ``scale`` for means; ``areas`` used.

    Raises:
        MeasureError: ``ragged-columns``, ``bad-variance``, ``bad-sample-size``, ``bad-share``,
            ``unit-mismatch`` (a design effect beyond 0.01-100), ``no-variance-function`` when
            nothing can be learned from the areas given.
    """
    option("kind", kind, ("share", "mean"))
    option("unit", unit, ("percent", "proportion"))
    columns = [
        _floats(values, name)
        for values, name in ((direct, "direct"), (variance, "variance"), (n, "n"))
    ]
    _check(*columns)
    scale = 100.0 if kind == "share" and unit == "percent" else 1.0
    y, v, size = columns
    smoothed = fit_variances(y / scale, v / scale**2, size, kind)
    return Tidy.of({"variance": v, "smoothed": smoothed.variance * scale**2}, notes=smoothed.notes)


def fit_variances(
    direct: FloatArray, variance: FloatArray, n: FloatArray, kind: VarianceKind
) -> Smoothed:
    """The same on checked input, with shares as proportions."""
    if kind == "mean":
        return _mean_variances(variance, n)
    outside = np.flatnonzero((direct < 0) | (direct > 1))
    if outside.size:
        raise MeasureError(
            "bad-share",
            "a share lies outside 0-100 %",
            "比例超出 0—100% 的范围",
            place=f"row {outside[0] + 1}, column direct",
        )
    return _share_variances(direct, variance, n)


def _share_variances(p: FloatArray, variance: FloatArray, n: FloatArray) -> Smoothed:
    known = (n >= 1) & ~np.isnan(p)
    learned = (n >= 2) & ~np.isnan(p) & ~np.isnan(variance)
    simple = n * p * (1 - p)
    if not simple[learned].sum() > 0 or not variance[learned].sum() > 0:
        raise _nothing_to_learn()
    # n(n-1)v has the expectation of n p(1-p) under simple random sampling, for any n above 1.
    deff = float((n * (n - 1) * variance)[learned].sum() / simple[learned].sum())
    _refuse_mismatch(deff)
    overall = float((n * p)[known].sum() / n[known].sum())
    independent = n / deff
    prior = _prior_strength(p[known], independent[known], overall)
    shrunk = np.where(known, (independent * p + prior * overall) / (independent + prior), overall)
    element = shrunk * (1 - shrunk)
    smoothed = np.where(n >= 1, deff * element / np.where(n >= 1, n, 1.0), np.nan)
    notes = {
        "function": "deff P(1-P)/n",
        "deff": deff,
        "overall": overall,
        "prior_n": prior,
        "areas": int(learned.sum()),
    }
    return Smoothed(smoothed, element, notes)


def _prior_strength(p: FloatArray, n: FloatArray, overall: float) -> float:
    """Answers that the prior of the beta-binomial counts for, by moments (Kleinman 1973)."""
    total, chance = n.sum(), overall * (1 - overall)
    between = n @ (p - overall) ** 2 - (1 - n / total).sum() * chance
    free = total - (n @ n) / total - (1 - n / total).sum()
    if between <= 0 or free <= 0:
        return _STRONGEST_PRIOR
    correlation = min(1.0, between / (chance * free))
    return float(min(_STRONGEST_PRIOR, max(1.0 / correlation - 1.0, 1.0)))


def _mean_variances(variance: FloatArray, n: FloatArray) -> Smoothed:
    from scipy.special import digamma, polygamma

    learned = (n >= 2) & ~np.isnan(variance)
    positive = learned & (variance > 0)
    if not positive.any():
        raise _nothing_to_learn()
    half = (n[positive] - 1) / 2
    target = np.log(variance[positive]) - digamma(half) + np.log(half)
    log_n = np.log(n[positive])
    intercept, slope = _line(log_n, target, 1.0 / polygamma(1, half))
    fitted = np.exp(intercept + slope * np.log(np.where(n >= 1, n, np.nan)))
    scale = float(variance[learned].sum() / fitted[learned].sum())
    notes = {
        "function": "scale exp(intercept + slope log n)",
        "intercept": intercept,
        "slope": slope,
        "scale": scale,
        "areas": int(positive.sum()),
    }
    return Smoothed(scale * fitted, np.full(n.shape, np.nan), notes)


def _line(x: FloatArray, y: FloatArray, w: FloatArray) -> tuple[float, float]:
    slope = -1.0
    if np.unique(x).size >= 3:
        centred = x - np.average(x, weights=w)
        slope = float((w * centred) @ y / ((w * centred) @ centred))
    return float(np.average(y - slope * x, weights=w)), slope


def _floats(values: npt.ArrayLike, name: str) -> FloatArray:
    import pyarrow as pa

    from huiyin.measure.reading.arrow import to_arrow
    from huiyin.measure.small_area.columns import numbers_of

    column = values if hasattr(values, "__len__") else np.asarray(values)
    table: pa.Table = to_arrow({name: column})
    return numbers_of(table[name], name)


def _check(direct: FloatArray, variance: FloatArray, n: FloatArray) -> None:
    if not direct.size == variance.size == n.size:
        raise MeasureError(
            "ragged-columns",
            f"direct, variance and n have different lengths: {direct.size}, {variance.size},"
            f" {n.size}",
            f"direct、variance、n 长度不一致：{direct.size}、{variance.size}、{n.size}",
        )
    _refuse_rows(np.isinf(direct), "not-finite", "direct", "is infinite", "为无穷大")
    _refuse_rows(
        wrong_variance(variance),
        "bad-variance",
        "variance",
        "is negative or infinite",
        "为负数或无穷大",
    )
    _refuse_rows(wrong_size(n), "bad-sample-size", "n", "is negative or infinite", "为负数或无穷大")


def wrong_variance(variance: FloatArray) -> Mask:
    return (variance < 0) | np.isinf(variance)


def wrong_size(n: FloatArray) -> Mask:
    return (n < 0) | np.isinf(n)


def _refuse_rows(wrong: Mask, code: str, column: str, en: str, zh: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0]) + 1
        place = f"row {row}, column {column}"
        raise MeasureError(code, f"the value {en}", f"数值{zh}", place=place)


def _refuse_mismatch(deff: float) -> None:
    if not 0.01 <= deff <= 100:
        raise MeasureError(
            "unit-mismatch",
            f"the variances are {deff:.3g} times those of simple random samples of n; variances of"
            " percentages must be in squared points, of proportions in squared proportions",
            f"方差为同等样本量简单随机抽样方差的 {deff:.3g} 倍；"
            "百分比的方差应以百分点的平方计，比例的方差应以比例的平方计",
            place="variance",
        )


def _nothing_to_learn() -> MeasureError:
    return MeasureError(
        "no-variance-function",
        "no area has two interviews and a variance above zero, so no variance function can be"
        " fitted; give variances, or pool the areas",
        "没有任何地区同时具备两份以上问卷和大于零的方差，无法拟合方差函数；请提供方差或合并地区",
        place="variance",
    )
