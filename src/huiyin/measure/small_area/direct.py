"""The direct estimates as the area-level model takes them: smoothed, transformed, or left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.columns import AreaTable, FloatArray, Mask
from huiyin.measure.small_area.scales import Scale, ScaleName, scale_named, share_for_scale
from huiyin.measure.small_area.variances import (
    VarianceKind,
    fit_variances,
    wrong_size,
    wrong_variance,
)

Unit = Literal["percent", "proportion"]


@dataclass(frozen=True)
class Smoothing:
    """How sampling variances are smoothed: which function, and below which n."""

    kind: VarianceKind
    below: float | None


@dataclass(frozen=True)
class DirectColumns:
    """Names of the columns and the unit they are in."""

    direct: str
    variance: str
    n: str | None
    scale: ScaleName
    unit: Unit


@dataclass(frozen=True)
class Direct:
    """Direct estimates ready for the model.

    Attributes:
        estimate: (m,) as given, in the unit given; NaN for none.
        se: (m,) from the variance that the model uses, in the unit given; NaN where not sampled.
        sampled: (m,) which areas the model is fitted to.
        y: (m,) on the model scale: transformed proportions, or the unit given where ``scale`` is
            None; of use where ``sampled``.
        d: (m,) sampling variances on the model scale.
        scale: the transformation; None for none.
        ceiling: what 100 % is in the unit given; None where the estimates are no shares.
        notes: areas left out and why; the variance function.
    """

    estimate: FloatArray
    se: FloatArray
    sampled: Mask
    y: FloatArray
    d: FloatArray
    scale: Scale | None
    ceiling: float | None
    notes: dict[str, Any] = field(default_factory=dict)


def read_direct(areas: AreaTable, columns: DirectColumns, smoothing: Smoothing | None) -> Direct:
    """Read, check, smooth and transform the direct estimates.

    Raises:
        MeasureError: ``bad-variance``, ``bad-sample-size``, ``bad-share``, ``unit-mismatch``,
            ``no-sample-size``; what :meth:`AreaTable.numbers` raises.
    """
    estimate = areas.numbers(columns.direct)
    variance = _variances(areas, columns.variance)
    n = _sizes(areas, columns.n, smoothing)
    share = columns.scale != "identity" or (smoothing is not None and smoothing.kind == "share")
    ceiling = _ceiling(columns.unit) if share else None
    if ceiling is not None:
        _check_shares(areas, estimate, columns, ceiling)
    hundred = ceiling or 1.0
    y = estimate / hundred
    used, element, notes = _smoothed(y, variance / hundred**2, n, smoothing)
    missing = np.isnan(y) | ~(used > 0)
    scale, edge = scale_named(columns.scale), np.zeros_like(missing)
    if scale is None:
        y, d = estimate, hundred**2 * used
    else:
        y, d, edge = _transformed(y, used, element, n, scale, missing)
    sampled = ~(missing | edge)
    return Direct(
        estimate=estimate,
        se=np.where(sampled, hundred * np.sqrt(used), np.nan),
        sampled=sampled,
        y=y,
        d=d,
        scale=scale,
        ceiling=ceiling,
        notes=notes | _left_out(areas, estimate, used, edge),
    )


def _variances(areas: AreaTable, column: str) -> FloatArray:
    variance = areas.numbers(column)
    areas.refuse(
        wrong_variance(variance),
        "bad-variance",
        column,
        "the sampling variance is negative",
        "抽样方差为负数",
    )
    return variance


def _sizes(areas: AreaTable, column: str | None, smoothing: Smoothing | None) -> FloatArray:
    if column is None:
        if smoothing is not None:
            raise MeasureError(
                "no-sample-size",
                "smoothing needs the sample sizes; name their column: n='...'",
                "方差平滑需要样本量，请用 n='...' 指明样本量所在列",
                place="n",
            )
        return np.full(areas.table.num_rows, np.nan)
    n = areas.numbers(column)
    areas.refuse(
        wrong_size(n),
        "bad-sample-size",
        column,
        "the sample size is negative",
        "样本量为负数",
    )
    return n


def _ceiling(unit: Unit) -> float:
    return 100.0 if unit == "percent" else 1.0


def _check_shares(
    areas: AreaTable, estimate: FloatArray, columns: DirectColumns, ceiling: float
) -> None:
    areas.refuse(
        (estimate < 0) | (estimate > ceiling),
        "bad-share",
        columns.direct,
        f"a share lies outside 0-{ceiling:g}; check the column, or say unit='percent' or"
        " unit='proportion'",
        f"比例超出 0—{ceiling:g} 的范围，请检查该列，"
        "或用 unit='percent'、unit='proportion' 指明单位",
    )
    known = estimate[~np.isnan(estimate)]
    if ceiling > 1 and known.size and 0 < known.max() <= 1:
        raise MeasureError(
            "unit-mismatch",
            "no share exceeds 1 %: these look like proportions; say unit='proportion' (percentages"
            " that small: divide them by 100)",
            "所有比例均不超过 1%，疑为 0—1 的小数，请指明 unit='proportion'"
            "（确为百分数时请先除以 100）",
            place=f"column {columns.direct}",
        )


def _smoothed(
    y: FloatArray, variance: FloatArray, n: FloatArray, smoothing: Smoothing | None
) -> tuple[FloatArray, FloatArray, dict[str, Any]]:
    """The variances the model uses, the variance of one answer, and notes."""
    own = y * (1 - y)
    if smoothing is None:
        return variance, own, {}
    function = fit_variances(y, variance, n, smoothing.kind)
    small = np.ones_like(n, dtype=bool) if smoothing.below is None else n < smoothing.below
    replaced = (small | ~(variance > 0)) & ~np.isnan(function.variance) & ~np.isnan(y)
    used = np.where(replaced, function.variance, variance)
    element = np.where(replaced & ~np.isnan(function.element), function.element, own)
    notes = function.notes | {"below_n": smoothing.below, "smoothed": int(replaced.sum())}
    return used, element, {"variance_function": notes}


def _transformed(
    y: FloatArray,
    variance: FloatArray,
    element: FloatArray,
    n: FloatArray,
    scale: Scale,
    missing: Mask,
) -> tuple[FloatArray, FloatArray, Mask]:
    """y and its variance on the model scale; and which areas sit at an edge with no n to help."""
    at_edge = ((y <= 0) | (y >= 1)) & ~missing
    ready = ~missing & ~(at_edge & ~(n > 0))
    z, d = np.full_like(y, np.nan), np.full_like(y, np.nan)
    # Answers as informative as the variance says, no more than were asked.
    independent = np.where(element > 0, np.fmin(n, element / np.where(ready, variance, 1.0)), n)
    inside = share_for_scale(y[ready], independent[ready])
    own = np.where(element > 0, element, 0.0)[ready]
    own = np.where(own > 0, own, inside * (1 - inside))
    z[ready] = scale.forward(inside)
    d[ready] = variance[ready] * scale.slope(own) ** 2
    return z, d, at_edge & ~ready


def _left_out(
    areas: AreaTable, estimate: FloatArray, used: FloatArray, edge: Mask
) -> dict[str, Any]:
    has = ~np.isnan(estimate)
    return {
        "without_estimate": int((~has).sum()),
        "treated_as_unsampled": {
            "variance missing": areas.listed(has & np.isnan(used)),
            "variance zero": areas.listed(has & (used == 0)),
            "share of 0 or 100 % and no n": areas.listed(edge),
        },
    }
