"""How a calibration went: figures on the weights, and every total beside what was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from huiyin.measure.calibration.arrays import Vector
from huiyin.measure.calibration.cells import Cells
from huiyin.measure.calibration.constraints import Constraints
from huiyin.measure.calibration.raking import Fit
from huiyin.measure.calibration.solve import Settings, limits, relative_error
from huiyin.measure.tidy import Tidy

_MARGIN_REPORT = (
    "region",
    "margin",
    "category",
    "n",
    "base",
    "total",
    "calibrated",
    "relative_error",
)

#: A weight this close to a bound, relatively, stands at it.
_AT_BOUND = 1e-9


@dataclass(frozen=True)
class Diagnostics:
    """How the calibration went and what it did to the weights.

    Respondents with base weight zero are not counted.

    Attributes:
        iterations: sweeps over the margins, or Newton steps, of the slowest region.
        largest_margin_error: largest relative deviation of a total after calibration.
        deff_kish: Kish's design effect 1 + cv²(w) = n·Σw²/(Σw)² of the calibrated weights.
        min: smallest calibrated weight; ``max`` the largest.
        trimmed: share of respondents whose weight stands at a bound.
        negative: share of respondents with a negative weight (unbounded linear only).
        n: respondents; ``sum_of_weights`` of their calibrated weights.
        cells: distinct cells; ``regions`` in which the totals hold.
    """

    iterations: int
    largest_margin_error: float
    deff_kish: float
    min: float
    max: float
    trimmed: float
    negative: float
    n: int
    sum_of_weights: float
    cells: int
    regions: int


def diagnose(cells: Cells, constraints: Constraints, fit: Fit, settings: Settings) -> Diagnostics:
    """Figures on the calibrated weights."""
    live = slice(cells.live)
    n, base = cells.n[live], cells.base[live]
    factor = fit.weights / base
    ends = np.stack([factor * cells.low[live], factor * cells.high[live]])
    total, squares = fit.weights.sum(), factor**2 @ cells.squares[live]
    count = n.sum()
    return Diagnostics(
        iterations=int(fit.iterations.max()),
        largest_margin_error=_largest_error(constraints, fit.weights),
        deff_kish=float(count * squares / total**2),
        min=float(ends.min()),
        max=float(ends.max()),
        trimmed=float(n @ _at_bound(constraints, cells, fit, settings) / count),
        negative=float(n @ (factor < 0) / count),
        n=int(count),
        sum_of_weights=float(total),
        cells=len(cells.n),
        regions=constraints.regions,
    )


def _largest_error(constraints: Constraints, weights: Vector) -> float:
    errors = [relative_error(item.sums(weights), item.totals).max() for item in constraints.items]
    return float(max(errors))


def _at_bound(constraints: Constraints, cells: Cells, fit: Fit, settings: Settings) -> Any:
    live = slice(cells.live)
    within = limits(constraints, cells.base[live], cells.n[live], settings)
    if within is None:
        return np.zeros(cells.live)
    return (fit.weights <= within.low * (1 + _AT_BOUND)) | (
        fit.weights >= within.high * (1 - _AT_BOUND)
    )


def margin_report(constraints: Constraints, n: Vector, base: Vector, calibrated: Vector) -> Tidy:
    """Every total with what the sample had and has; arguments of shape (live cells,)."""
    columns: dict[str, list[Any]] = {name: [] for name in _MARGIN_REPORT}
    for item in constraints.items:
        margin, category, region = zip(
            *(item.where(at, constraints.within) for at in range(len(item.totals))), strict=True
        )
        reached = item.sums(calibrated)
        counted = np.bincount(item.codes, n, len(item.totals)).astype(np.int64)
        error = relative_error(reached, item.totals)
        values: tuple[Any, ...] = (
            region,
            margin,
            category,
            counted,
            item.sums(base),
            item.totals,
            reached,
            error,
        )
        for name, each in zip(_MARGIN_REPORT, values, strict=True):
            columns[name].extend(each)
    return Tidy.of(columns)
