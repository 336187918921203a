"""Many tests at once: adjusted p-values.

An adjusted p-value is the smallest level at which its test would still be rejected when all are
taken together, so it is compared with the level as it stands.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

FloatArray = npt.NDArray[np.float64]
Adjustment = Literal["holm", "bh", "none"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("holm", "bh", "none")


def adjust(p: npt.ArrayLike, method: Adjustment = "holm") -> FloatArray:
    """Adjusted p-values, in the order given.

    Args:
        p: p-values in 0..1, one-dimensional. NaN stands for a test that was not made: it is not
            counted and stays NaN (as in R's ``p.adjust``).
        method: ``holm`` bounds the chance of any false rejection under any dependence (Holm 1979,
            Scandinavian Journal of Statistics 6); ``bh`` bounds the expected share of false ones
            among the rejections, for independent or positively dependent tests (Benjamini &
            Hochberg 1995, JRSS B 57); ``none`` leaves them.

    Raises:
        MeasureError: ``unknown-option``; ``bad-p-value`` (below 0 or above 1, or not numbers).
    """
    check_adjustment(method)
    values = _p_values(p)
    if method == "none":
        return values
    adjusted = np.full(values.shape, np.nan)
    made = ~np.isnan(values)
    step = _holm if method == "holm" else _benjamini_hochberg
    adjusted[made] = step(values[made])
    return adjusted


def check_adjustment(method: str, place: str = "adjust") -> None:
    """Refuse a method that is not one of :data:`ADJUSTMENTS`."""
    if method not in ADJUSTMENTS:
        raise MeasureError(
            "unknown-option",
            f"the adjustment for many tests must be one of {', '.join(ADJUSTMENTS)}, "
            f"not {method!r}",
            f"多重检验校正方法只能取 {'、'.join(ADJUSTMENTS)}，不能是 {method!r}",
            place=place,
        )


def _holm(p: FloatArray) -> FloatArray:
    order = np.argsort(p, kind="stable")
    factors = np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    order = np.argsort(p, kind="stable")[::-1]
    factors = p.size / np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(factors * p[order]), 1.0)
    return adjusted


def _p_values(p: npt.ArrayLike) -> FloatArray:
    try:
        values = np.array(p, dtype=np.float64)
    except (TypeError, ValueError):
        raise _bad_p_values("must be numbers", "必须是数值") from None
    if values.ndim != 1:
        raise _bad_p_values("must be one list of numbers", "必须是一维数列")
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        first = int(outside[0])
        raise _bad_p_values(
            f"must lie between 0 and 1; number {first + 1} is {values[first]:g}",
            f"必须在 0 与 1 之间，第 {first + 1} 个为 {values[first]:g}",
        )
    return values


def _bad_p_values(what: str, what_zh: str) -> MeasureError:
    return MeasureError("bad-p-value", f"p-values {what}", f"p 值{what_zh}", place="p")
