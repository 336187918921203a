"""The unit-level model of Battese, Harter & Fuller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.benchmark import (
    Benchmark,
    Targets,
    benchmarked,
    read_targets,
)
from huiyin.measure.small_area.bootstrap import bootstrap_mse
from huiyin.measure.small_area.columns import AreaTable, FloatArray, option
from huiyin.measure.small_area.diagnostics import coefficient_table
from huiyin.measure.small_area.likelihood import Method
from huiyin.measure.small_area.moments import Moments, moments
from huiyin.measure.small_area.nested import (
    NestedLikelihood,
    Population,
    Sample,
    analytic_mse,
    fit_nested,
    predictions,
    shrinkage,
)
from huiyin.measure.small_area.regression import (
    INTERCEPT,
    design_matrix,
    inverse,
    refuse_collinear,
    solved,
)
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import pyarrow as pa

# What is left of a covariate's standard deviation after regression on those before it; and the
# part of its mean square below which rounding is all that varies.
_COLLINEAR = 1e-6
_CONSTANT = 1e-24


def battese_harter_fuller(
    units: Any,
    *,
    y: str,
    covariates: Sequence[str] = (),
    area: str,
    population_means: Any,
    sizes: str | None = None,
    method: Method = "reml",
    intercept: bool = True,
    mse: Literal["bootstrap", "analytic"] = "bootstrap",
    draws: int = 200,
    seed: int = 1,
    benchmark: Benchmark | None = None,
    benchmark_method: Literal["ratio", "difference", "mse"] = "ratio",
) -> Tidy:
    """Means of small areas from a regression on units with an area effect.

    y = x'b + u + e per unit (Battese, Harter & Fuller 1988, JASA 83). The mean of an area is
    predicted from the means of its covariates over the population and from what its sample has
    above the regression. The sample is taken as non-informative given the covariates: weights are
    not used. An area without a sample gets X'b. Units with a missing value are left out and
    counted in the notes.

    Args:
        units: one row per unit; anything tabular, or an Ibis table of any size: only moments per
            area leave the engine.
        y: column of the item.
        covariates: columns present in both tables under the same names.
        area: column that names the area, in both tables.
        population_means: one row per area, with the means of the covariates over its population.
        sizes: column of ``population_means`` with the number of units in the population; None =
            samples are a negligible part of them.
        method: ``reml`` or ``ml``.
        intercept: whether the model has one.
        mse: ``bootstrap``, parametric (Gonzalez-Manteiga et al. 2008), or ``analytic`` (Prasad &
            Rao 1990; Datta & Lahiri 2000).
        draws: of the bootstrap.
        seed: of the bootstrap.
        benchmark: columns of ``population_means``, as in :func:`fay_herriot`.
        benchmark_method: ``ratio``, ``difference`` or ``mse``, as in :func:`fay_herriot`.

    Returns:
        One row per area of ``population_means``, in its order: ``area``, ``direct`` (sample
        mean), ``direct_se`` (of simple random sampling within the area; null below two units or
        where it is zero), ``model``, ``mse``, ``benchmarked``, ``weight_on_direct`` (su2 / (su2 +
        se2/n)). Notes: ``area_variance`` su2, ``error_variance`` se2, ``coefficients``,
        ``loglik`` and more.

    Raises:
        MeasureError: ``unknown-column``, ``not-numeric``, ``not-finite``, ``missing-covariate``,
            ``collinear-covariates``, ``unknown-area`` (sampled, but not in
            ``population_means``), ``bad-population-size``, ``too-few-areas``,
            ``no-variation-within``, ``unknown-option``, ``bad-draws``, ``no-convergence``.
    """
    option("method", method, ("reml", "ml"))
    option("mse", mse, ("bootstrap", "analytic"))
    option("benchmark_method", benchmark_method, ("ratio", "difference", "mse"))
    _check_draws(draws)
    areas = AreaTable.read(population_means, area)
    targets = None if benchmark is None else read_targets(areas, benchmark)
    x = design_matrix(areas, covariates, intercept)
    found = moments(units, y, covariates, area, intercept)
    names = [INTERCEPT] * intercept + list(covariates)
    triangle = _triangle(found, names, intercept)
    population = _population(areas, found, x, triangle, sizes)
    sample = _sample(found, triangle)
    _check_sample(sample, found)
    model = fit_nested(sample, method)
    notes = _notes(model, names, triangle, found) | {"mse": mse}
    if mse == "bootstrap":
        errors = bootstrap_mse(model, population, draws, seed)
        notes |= {"draws": draws, "seed": seed}
    else:
        errors = analytic_mse(model, population)
    columns = {"area": areas.names, **_direct(found, population)}
    columns |= _modelled(model, population, errors, targets, benchmark_method, notes)
    return Tidy.of(columns, notes=notes)


def _modelled(
    model: NestedLikelihood,
    population: Population,
    errors: FloatArray,
    targets: Targets | None,
    how: Literal["ratio", "difference", "mse"],
    notes: dict[str, Any],
) -> dict[str, FloatArray]:
    predicted = predictions(model, population)
    adjusted = np.full_like(predicted, np.nan)
    if targets is not None:
        adjusted, report = benchmarked(predicted, errors, targets, how, None)
        notes["benchmark"] = {"method": how, "larger_areas": report}
    weight = np.zeros_like(predicted)
    weight[population.row] = shrinkage(model)
    return {
        "model": predicted,
        "mse": errors,
        "benchmarked": adjusted,
        "weight_on_direct": weight,
    }


def _triangle(found: Moments, names: list[str], intercept: bool) -> FloatArray:
    """Upper triangular R with R'R the products of the covariates over all units.

    With an intercept the covariates are centred first, so that a large mean costs no digits.
    """
    centre = np.zeros(found.x.shape[1])
    if intercept:
        centre[1:] = found.n @ found.x[:, 1:] / found.units
    means = found.x - centre
    products = found.within_xx + means.T @ (found.n[:, None] * means)
    raw = found.units * centre**2 + np.diagonal(products)
    triangle = np.zeros_like(products)
    for j, name in enumerate(names):  # Cholesky row by row, to see which column fails
        left = products[j, j] - triangle[:j, j] @ triangle[:j, j]
        varies = products[j, j] > _CONSTANT * raw[j]
        own = float(np.sqrt(max(left, 0.0) / products[j, j])) if varies else 0.0
        refuse_collinear(name, own, _COLLINEAR)
        triangle[j, j] = np.sqrt(left)
        rest = products[j, j + 1 :] - triangle[:j, j] @ triangle[:j, j + 1 :]
        triangle[j, j + 1 :] = rest / triangle[j, j]
    if intercept:  # x = (x - centre) + centre x (intercept)
        triangle[0] += triangle[0, 0] * centre
    return triangle


def _in_basis(rows: FloatArray, triangle: FloatArray) -> FloatArray:
    return solved(triangle.T, rows.T).T


def _sample(found: Moments, triangle: FloatArray) -> Sample:
    back = inverse(triangle)
    return Sample(
        n=found.n,
        y=found.y,
        x=_in_basis(found.x, triangle),
        yy=float(found.within_y.sum()),
        xy=back.T @ found.within_xy,
        xx=back.T @ found.within_xx @ back,
    )


def _population(
    areas: AreaTable, found: Moments, x: FloatArray, triangle: FloatArray, sizes: str | None
) -> Population:
    row = _rows_of(areas, found.names)
    size = np.full(x.shape[0], np.inf)
    if sizes is not None:
        size = areas.numbers(sizes)
        sampled = np.zeros_like(size)
        sampled[row] = found.n
        areas.refuse(
            ~(size >= sampled) | ~(size > 0),
            "bad-population-size",
            sizes,
            "the population size is missing, zero, or smaller than the sample",
            "总体规模缺失、为零或小于样本量",
        )
    return Population(_in_basis(x, triangle), size, row)


def _rows_of(areas: AreaTable, names: pa.Array) -> npt.NDArray[np.intp]:
    import pyarrow.compute as pc

    key = areas.values(str(areas.key)).combine_chunks()
    if _is_text(names) != _is_text(key):
        raise MeasureError(
            "area-types-differ",
            f"areas are {names.type} in the units and {key.type} in the population means; make"
            " both text, with their leading zeros",
            f"样本中地区为 {names.type}，总体均值表中为 {key.type}；请统一为文本并保留前导零",
            place=f"column {areas.key}",
        )
    rows = pc.index_in(names.cast(key.type), key)
    if rows.null_count:
        first = names[rows.is_null().index(True).as_py()].as_py()
        raise MeasureError(
            "unknown-area",
            f"area {first!r} has a sample but no row in the population means; add it",
            f"地区“{first}”有样本，但总体均值表中没有该地区，请补充",
            place=f"column {areas.key}",
        )
    return rows.to_numpy(zero_copy_only=False).astype(np.intp)


def _is_text(names: pa.Array) -> bool:
    import pyarrow as pa

    return pa.types.is_string(names.type) or pa.types.is_large_string(names.type)


def _check_sample(sample: Sample, found: Moments) -> None:
    p = sample.x.shape[1]
    if sample.n.size < 3 or found.units < p + 3:
        raise MeasureError(
            "too-few-areas",
            f"{sample.n.size} areas with {found.units:g} units: at least 3 areas and {p + 3} units"
            " are needed",
            f"仅有 {sample.n.size} 个地区、{found.units:g} 条记录；"
            f"至少需要 3 个地区和 {p + 3} 条记录",
            place="units",
        )
    left = sample.yy - sample.xy @ np.linalg.pinv(sample.xx, hermitian=True) @ sample.xy
    free = found.units - sample.n.size - np.linalg.matrix_rank(sample.xx, hermitian=True)
    if free < 1 or not left > 1e-12 * (sample.yy + sample.n @ sample.y**2):
        raise MeasureError(
            "no-variation-within",
            "inside the areas nothing varies beyond what the covariates explain, so the two"
            " variances cannot be told apart; use fay_herriot, or fewer covariates",
            "各地区内部除辅助变量所能解释的部分外没有变异，无法区分两个方差分量；"
            "请改用 fay_herriot 或减少辅助变量",
            place="units",
        )


def _check_draws(draws: int) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise MeasureError(
            "bad-draws",
            f"draws must be a whole number above zero, not {draws!r}",
            f"draws 应为正整数，而不是 {draws!r}",
            place="draws",
        )


def _direct(found: Moments, population: Population) -> dict[str, FloatArray]:
    mean, se = (np.full(population.size.size, np.nan) for _ in range(2))
    mean[population.row] = found.y
    several = found.n >= 2
    left = 1 - population.seen(found.n)[population.row]
    square = left * found.within_y / (found.n * np.where(several, found.n - 1, 1.0))
    se[population.row] = np.where(several & (square > 0), np.sqrt(square), np.nan)
    return {"direct": mean, "direct_se": se}


def _notes(
    model: NestedLikelihood, names: list[str], triangle: FloatArray, found: Moments
) -> dict[str, Any]:
    back = inverse(triangle)
    root = np.sqrt(model.error_variance) * back @ model.covariance_root
    return {
        "model": "Battese-Harter-Fuller, unit level",
        "method": model.method,
        "area_variance": model.area_variance,
        "error_variance": model.error_variance,
        "coefficients": coefficient_table(names, back @ model.coefficients, root),
        "loglik": model.full,
        "restricted_loglik": model.restricted,
        "aic": -2 * model.full + 2 * (len(names) + 2),
        "bic": -2 * model.full + (len(names) + 2) * float(np.log(found.units)),
        "converged": True,
        "areas": {"fitted": int(found.n.size)},
        "units": {"fitted": int(found.units), "left_out": found.left_out},
    }
