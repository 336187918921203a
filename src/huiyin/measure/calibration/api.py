"""The public functions: rake, post-stratify, calibrate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from huiyin.measure.calibration import distance, problems
from huiyin.measure.calibration.cells import Cells, read_cells
from huiyin.measure.calibration.constraints import Constraints, match
from huiyin.measure.calibration.model import Calibration
from huiyin.measure.calibration.raking import Fit
from huiyin.measure.calibration.report import diagnose
from huiyin.measure.calibration.solve import (
    REGRESSION_WEIGHTS,
    RegressionWeight,
    Settings,
    solve,
)
from huiyin.measure.calibration.totals import (
    Totals,
    read_margins,
    read_numeric,
    read_population,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from huiyin.measure.design import SurveyDesign

Bounds = tuple[float, float]

#: Largest relative error of a margin after calibration.
TOLERANCE = 1e-10


def rake(
    table: Any,
    design: SurveyDesign,
    margins: Any,
    within: str | Sequence[str] | None = None,
    bounds: Bounds | None = None,
    *,
    regression_weight: RegressionWeight = "unit",
    tolerance: float = TOLERANCE,
    max_iterations: int = 1000,
) -> SurveyDesign:
    """Scale the weights to several margins in turn until all hold (Deming & Stephan 1940).

    The respondents are read once, as distinct cells; iteration works on those.

    Args:
        table: respondents: pandas, polars, pyarrow or ibis table, or a mapping of columns.
        design: not yet calibrated; its weight and adjustments give the base weight.
        margins: a list of tables, each with the margin's columns (several = a joint margin), the
            ``within`` columns and ``total``; or, without ``within``, a mapping
            ``{column: {category: total}}``. Categories are compared as text, so the integer 1
            and the text "1" are the same, "01" and 1 are not.
        within: column or columns of regions inside each of which the margins hold.
        bounds: (low, high) limits on the calibrated weight relative to the mean weight of the
            region. What is cut off is shared out again, and margins and limits both hold in the
            end; weights become ``clip(base · exp(x'λ), low, high)``.
        regression_weight: which residuals the variance uses. ``unit``: those of R's ``rake``, from
            ten sweeps of unweighted means. ``base``: those of the base-weighted regression, as in
            Deville & Särndal (1992) and R's ``calibrate(calfun="raking")``. The two agree where
            base weights are equal; where they differ much between strata, ``unit`` overstates
            the variance.
        tolerance: largest relative error of a margin; population sums of margins must agree to
            1e-11.
        max_iterations: sweeps over the margins.

    Returns:
        the design with ``calibration``.

    Raises:
        MeasureError: ``already-calibrated``; unknown or missing values in a column; bad totals;
            ``empty-margin-cell``, ``category-without-total``, ``zero-total-with-sample``,
            ``margins-disagree``; ``infeasible-bounds``; ``no-convergence``.
    """
    _check_trimming(bounds)
    if regression_weight not in REGRESSION_WEIGHTS:
        raise problems.unknown_option("regression_weight", regression_weight, REGRESSION_WEIGHTS)
    settings = Settings("rake", bounds, tolerance, max_iterations)
    regions = _names(within)
    totals = read_margins(margins, regions)
    return _calibrated(table, design, totals, regions, settings, regression_weight)


def poststratify(
    table: Any,
    design: SurveyDesign,
    margins: Any,
    within: str | Sequence[str] | None = None,
    bounds: Bounds | None = None,
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = 1000,
) -> SurveyDesign:
    """Scale the weights to the totals of one margin, simple or joint (Holt & Smith 1979).

    Arguments, errors and result are those of :func:`rake`, with exactly one margin; its variance
    uses residuals from base-weighted means of the post-strata, as R's ``postStratify``.

    Raises:
        MeasureError: ``one-margin-only`` besides those of :func:`rake`.
    """
    _check_trimming(bounds)
    settings = Settings("poststratify", bounds, tolerance, max_iterations)
    regions = _names(within)
    totals = read_margins(margins, regions)
    if len(totals) > 1:
        raise problems.one_margin_only(len(totals))
    return _calibrated(table, design, totals, regions, settings)


def calibrate(
    table: Any,
    design: SurveyDesign,
    margins: Any = None,
    method: Literal["linear", "logit", "raking"] = "linear",
    bounds: Bounds | None = None,
    within: str | Sequence[str] | None = None,
    *,
    numeric: Any = None,
    population: Any = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 100,
) -> SurveyDesign:
    """Calibrate to margins and totals of numeric variables (Deville & Särndal 1992).

    Args:
        table: as in :func:`rake`.
        design: as in :func:`rake`.
        margins: as in :func:`rake`; may be left out.
        method: ``linear`` (GREG; weights may become negative, which is reported), ``logit``
            (needs bounds), ``raking`` (exponential).
        bounds: (low, high) limits on the factor calibrated / base weight, low < 1 < high.
        within: as in :func:`rake`.
        numeric: totals of numeric variables: a mapping of column to total, or with ``within`` a
            table of the region columns and one column per variable. Each distinct value makes a
            cell, so classes are better than a continuous variable in large data.
        population: number of people (R's intercept), or with ``within`` a table of the region
            columns and ``total``. Implied by any margin.
        tolerance: as in :func:`rake`; for a numeric variable relative to Σ|weight · value|.
        max_iterations: Newton steps.

    Returns:
        the design with ``calibration``; residuals from a base-weighted regression.

    Raises:
        MeasureError: as :func:`rake`; also ``not-numeric``, ``unknown-option``, ``bad-bounds``.
    """
    if method not in distance.METHODS:
        raise problems.unknown_option("method", method, distance.METHODS)
    _check_factor_bounds(bounds, method)
    settings = Settings(method, bounds, tolerance, max_iterations)
    regions = _names(within)
    totals = [
        *read_population(population, regions),
        *read_margins(margins, regions),
        *read_numeric(numeric, regions),
    ]
    return _calibrated(table, design, totals, regions, settings)


def _names(within: str | Sequence[str] | None) -> tuple[str, ...]:
    if within is None:
        return ()
    return (within,) if isinstance(within, str) else tuple(within)


def _check_trimming(bounds: Bounds | None) -> None:
    if bounds is not None and not (_two_numbers(bounds) and 0 <= bounds[0] < 1 < bounds[1]):
        raise problems.bad_bounds(
            bounds,
            "two numbers, low and high, with 0 <= low < 1 < high: weights relative to their mean",
            "两个数（下限、上限），且 0 ≤ 下限 < 1 < 上限，即权数相对于其均值的倍数",
        )


def _check_factor_bounds(bounds: Bounds | None, method: str) -> None:
    if bounds is None and method != "logit":
        return
    good = bounds is not None and _two_numbers(bounds) and bounds[0] < 1 < bounds[1]
    if good and bounds is not None and method == "logit":
        good = math.isfinite(bounds[0]) and math.isfinite(bounds[1])
    if not good:
        raise problems.bad_bounds(
            bounds,
            "two numbers, low < 1 < high, limits on the factor (finite for logit)",
            "两个数，且下限 < 1 < 上限，即调整系数的界限（logit 法须为有限值）",
        )


def _two_numbers(bounds: Any) -> bool:
    return (
        isinstance(bounds, Sequence)
        and len(bounds) == 2
        and all(isinstance(b, int | float) and not math.isnan(b) for b in bounds)
    )


def _calibrated(
    table: Any,
    design: SurveyDesign,
    totals: list[Totals],
    within: tuple[str, ...],
    settings: Settings,
    regression_weight: RegressionWeight = "base",
) -> SurveyDesign:
    _check_request(design, totals, settings)
    categorical = tuple(column for given in totals for column in given.columns)
    numeric = tuple(given.numeric for given in totals if given.numeric is not None)
    trimming = settings.by_margins and settings.bounds is not None
    cells = read_cells(table, design, within, categorical, numeric, by_weight=trimming)
    constraints = match(cells, totals, within)
    live = slice(cells.live)
    fit = solve(constraints, cells.base[live], cells.n[live], settings)
    calibration = _calibration(cells, constraints, fit, settings, regression_weight)
    return design.replace(calibration=calibration)


def _check_request(design: SurveyDesign, totals: list[Totals], settings: Settings) -> None:
    if design.calibration is not None:
        raise problems.already_calibrated()
    if not totals:
        raise problems.no_constraints()
    names = [given.name for given in totals]
    for name in names:
        if names.count(name) > 1:
            raise problems.repeated_margin(name)
    for setting, value in (
        ("tolerance", settings.tolerance),
        ("max_iterations", settings.max_iterations),
    ):
        if not value > 0:
            raise problems.bad_setting(setting, value)


def _calibration(
    cells: Cells,
    constraints: Constraints,
    fit: Fit,
    settings: Settings,
    regression_weight: RegressionWeight,
) -> Calibration:
    return Calibration(
        columns=tuple(cells.keys.column_names),
        cells=_cell_table(cells, fit),
        group_columns=constraints.within,
        method=settings.method,
        bounds=settings.bounds,
        regression_weight=regression_weight,
        diagnostics=diagnose(cells, constraints, fit, settings),
        constraints=constraints,
        settings=settings,
        iterations=fit.iterations,
    )


def _cell_table(cells: Cells, fit: Fit) -> pa.Table:
    import pyarrow as pa

    factor, group = np.ones(len(cells.n)), np.full(len(cells.n), -1, np.int32)
    factor[: cells.live] = fit.weights / cells.base[: cells.live]
    group[: cells.live] = cells.region
    keys = {name: cells.keys[name] for name in cells.keys.column_names}
    return pa.table(
        {
            **keys,
            "n": cells.n.astype(np.int64),
            "base": cells.base,
            "factor": factor,
            "group": group,
        }
    )
