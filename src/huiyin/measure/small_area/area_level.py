"""The area-level model of Fay & Herriot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.benchmark import (
    Benchmark,
    BenchmarkMethod,
    Targets,
    benchmarked,
    read_targets,
)
from huiyin.measure.small_area.columns import AreaTable, FloatArray, option
from huiyin.measure.small_area.diagnostics import area_notes
from huiyin.measure.small_area.direct import (
    Direct,
    DirectColumns,
    Smoothing,
    Unit,
    read_direct,
)
from huiyin.measure.small_area.likelihood import AreaFit, Method, fit_area_model
from huiyin.measure.small_area.regression import INTERCEPT, Basis, basis, design_matrix
from huiyin.measure.small_area.scales import SCALES, BackTransform, ScaleName, shares_back
from huiyin.measure.small_area.variances import VarianceKind
from huiyin.measure.tidy import Tidy


def fay_herriot(
    areas: Any,
    *,
    direct: str,
    variance: str,
    covariates: Sequence[str] = (),
    area: str | None = None,
    method: Method = "reml",
    intercept: bool = True,
    scale: ScaleName = "identity",
    unit: Unit = "percent",
    back: BackTransform = "mean",
    n: str | None = None,
    smooth: Literal["gvf"] | None = None,
    smooth_kind: VarianceKind | None = None,
    smooth_below: float | None = 30,
    benchmark: Benchmark | None = None,
    benchmark_method: BenchmarkMethod = "ratio",
) -> Tidy:
    """Model-based estimates of small areas from direct ones and covariates.

    The direct estimate is the true value plus a sampling error of known variance D; the true
    value is x'b plus an area effect of variance A (Fay & Herriot 1979, JASA 74). The estimate
    leans on the direct one with weight A / (A + D). Rules for areas that need one:

    * No direct estimate, no variance, or a variance of zero that is not smoothed: the area counts
      as unsampled; it gets x'b with mean squared error A + x'Qx. Notes list such areas.
    * A estimated as zero: every estimate is x'b, with mean squared error g2 + 2 g3; notes say so.
    * A share of 0 or 100 % on the logit or arcsine scale: (n p + 1/2) / (n + 1) with n the number
      of independent answers; without the column ``n`` the area counts as unsampled.

    Args:
        areas: one row per area; anything tabular.
        direct: column of direct estimates.
        variance: column of their sampling variances (squares of standard errors, not standard
            errors), in the square of the unit of ``direct``.
        covariates: columns known for every area; p with the intercept.
        area: column that names the areas; None = ``area`` if there is one, otherwise numbers.
        method: ``reml`` or ``ml``.
        intercept: whether the model has one.
        scale: ``identity``, or for shares ``logit`` or ``arcsine`` (arcsin of the square root).
        unit: of shares: ``percent`` (0-100) or ``proportion`` (0-1). It matters for ``scale``
            other than identity and for smoothing shares.
        back: from those scales, to the ``mean`` of the share given the data or to its ``median``.
        n: column of sample sizes.
        smooth: ``gvf`` replaces variances by those of :func:`smooth_variances` where they are
            zero or missing or ``n`` is below ``smooth_below``.
        smooth_kind: ``share`` or ``mean``; None = ``mean`` on the identity scale, else ``share``.
        smooth_below: sample size; None = replace all.
        benchmark: (column of population shares or sizes, figure), or (column of shares, column of
            the larger area, {larger area: figure} or the column that holds the figure).
        benchmark_method: ``ratio``, ``difference``, ``mse`` (Datta, Ghosh, Steorts & Maples 2011)
            or, for shares on a transformed scale, ``odds``: one factor on all odds, which keeps
            them within 0-100 %.

    Returns:
        One row per area, in the order given: ``area``, ``direct``, ``direct_se`` (from the
        variance the model uses; null for areas it takes as unsampled), ``model``, ``mse`` (of
        ``model``), ``benchmarked`` (null without a benchmark), ``weight_on_direct`` (on the model
        scale). Notes: ``model_variance`` A and its se, ``coefficients``, ``iterations``,
        ``loglik``, ``aic``, ``r2``, ``residuals`` and more; see the page on small areas.

    Raises:
        MeasureError: ``unknown-column``, ``not-numeric``, ``not-finite``, ``missing-covariate``,
            ``collinear-covariates``, ``too-few-areas``, ``bad-variance``, ``bad-share``,
            ``unit-mismatch``, ``repeated-area``, ``no-sample-size``, ``unknown-option``,
            ``no-convergence``, and those of the benchmark.
    """
    _check_options(method, scale, unit, back, smooth)
    table = AreaTable.read(areas, area)
    targets = None if benchmark is None else read_targets(table, benchmark)
    kind: VarianceKind = smooth_kind or ("mean" if scale == "identity" else "share")
    option("smooth_kind", kind, ("share", "mean"))
    smoothing = Smoothing(kind, smooth_below) if smooth else None
    data = read_direct(table, DirectColumns(direct, variance, n, scale, unit), smoothing)
    x = design_matrix(table, covariates, intercept)
    names = [INTERCEPT] * intercept + list(covariates)
    refuse_too_few(int(data.sampled.sum()), len(names))
    rows = basis(x, names, data.sampled)
    kept = data.sampled
    fit = fit_area_model(data.y[kept], data.d[kept], rows.rows[kept], method)
    notes = area_notes(table, data, rows, fit) | {"scale": scale, "back": back}
    return _table(table, data, rows, fit, back, targets, benchmark_method, notes)


def refuse_too_few(sampled: int, p: int) -> None:
    if sampled < p + 2:
        raise MeasureError(
            "too-few-areas",
            f"{sampled} areas have an estimate with a variance above zero; a model with {p}"
            f" coefficients needs at least {p + 2}",
            f"仅有 {sampled} 个地区具备方差大于零的估计值；"
            f"含 {p} 个系数的模型至少需要 {p + 2} 个地区",
            place="areas",
        )


def _check_options(method: str, scale: str, unit: str, back: str, smooth: str | None) -> None:
    option("method", method, ("reml", "ml"))
    option("scale", scale, SCALES)
    option("unit", unit, ("percent", "proportion"))
    option("back", back, ("mean", "median"))
    option("smooth", smooth, (None, "gvf"))


def _table(
    areas: AreaTable,
    data: Direct,
    rows: Basis,
    fit: AreaFit,
    back: BackTransform,
    targets: Targets | None,
    how: BenchmarkMethod,
    notes: dict[str, Any],
) -> Tidy:
    model, mse, weight = _estimates(data, rows, fit, back)
    adjusted = np.full_like(model, np.nan)
    if targets is not None:
        ceiling = data.ceiling if data.scale else None
        adjusted, report = benchmarked(model, mse, targets, how, ceiling)
        notes["benchmark"] = {"method": how, "larger_areas": report}
    columns = {
        "area": areas.names,
        "direct": data.estimate,
        "direct_se": data.se,
        "model": model,
        "mse": mse,
        "benchmarked": adjusted,
        "weight_on_direct": weight,
    }
    return Tidy.of(columns, notes=notes)


def _estimates(
    data: Direct, rows: Basis, fit: AreaFit, back: BackTransform
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimates, mean squared errors and weights of all areas, in the unit of the input."""
    kept = data.sampled
    model = fit.predict(rows.rows)
    mse = fit.mse_unsampled(rows.rows)
    weight = np.zeros_like(model)
    weight[kept] = fit.weight_on_direct
    model[kept] += weight[kept] * (data.y[kept] - model[kept])
    mse[kept] = fit.mse_sampled()
    if data.scale is None or data.ceiling is None:
        return model, mse, weight
    spread = fit.model.variance * (1 - weight)
    share, share_mse = shares_back(data.scale, model, spread, mse, back)
    return data.ceiling * share, data.ceiling**2 * share_mse, weight
