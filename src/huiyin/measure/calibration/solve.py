"""From constraints and base weights to calibrated weights, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from huiyin.measure.calibration import basis, newton, problems, raking
from huiyin.measure.calibration.arrays import Vector
from huiyin.measure.calibration.constraints import Constraints
from huiyin.measure.calibration.distance import distance
from huiyin.measure.calibration.raking import Fit, Limits
from huiyin.measure.errors import MeasureError

Method = Literal["rake", "poststratify", "linear", "logit", "raking"]
RegressionWeight = Literal["unit", "base"]
REGRESSION_WEIGHTS: tuple[RegressionWeight, ...] = ("unit", "base")


@dataclass(frozen=True)
class Settings:
    """How to calibrate.

    Attributes:
        method: ``rake`` and ``poststratify`` scale margins in turn; ``linear``, ``logit`` and
            ``raking`` solve for the multipliers by Newton.
        bounds: for the first two limits on the weight relative to the mean weight of the region,
            for the others limits on the factor.
        tolerance: largest relative error of a margin.
        max_iterations: sweeps or Newton steps.
    """

    method: Method
    bounds: tuple[float, float] | None
    tolerance: float
    max_iterations: int

    @property
    def by_margins(self) -> bool:
        return self.method in ("rake", "poststratify")


def solve(constraints: Constraints, base: Vector, n: Vector, settings: Settings) -> Fit:
    """Calibrated weight sums of the live cells.

    Args:
        constraints: what to meet.
        base: shape (live cells,), weight sums.
        n: shape (live cells,), respondents.
        settings: how.

    Raises:
        MeasureError: ``infeasible-bounds``, ``no-convergence``, ``empty-margin-cell`` (base
            weights of a category sum to zero, as in a replicate).
    """
    _check_no_empty(constraints, base)
    within = limits(constraints, base, n, settings)
    if within is not None and settings.bounds is not None:
        out = raking.first_out_of_reach(constraints.margins, within)
        if out is not None:
            margin, at, low, high = out
            where = margin.where(at, constraints.within)
            total = float(margin.totals[at])
            raise problems.out_of_reach(where, total, (low, high), settings.bounds)
    fit = _fit(constraints, base, within, settings)
    if not fit.converged.all():
        raise _worst(constraints, fit, settings)
    return fit


def _check_no_empty(constraints: Constraints, base: Vector) -> None:
    for margin in constraints.margins:
        empty = margin.sums(base) <= 0
        if empty.any():
            at = int(np.argmax(empty))
            where = margin.where(at, constraints.within)
            raise problems.empty_in_replicate(where, float(margin.totals[at]))


def limits(constraints: Constraints, base: Vector, n: Vector, settings: Settings) -> Limits | None:
    """What the bounds mean for the weight sums of the cells; None without bounds."""
    if settings.bounds is None:
        return None
    if settings.by_margins:
        return raking.limits_on_weights(constraints, n, settings.bounds)
    return Limits(settings.bounds[0] * base, settings.bounds[1] * base)


def _fit(constraints: Constraints, base: Vector, within: Limits | None, settings: Settings) -> Fit:
    if settings.by_margins:
        return raking.iterate(
            constraints, base, within, settings.tolerance, settings.max_iterations
        )
    assert settings.method in ("linear", "logit", "raking")
    return newton.iterate(
        basis.build(constraints, base),
        base,
        distance(settings.method, settings.bounds),
        settings.tolerance,
        settings.max_iterations,
    )


def _worst(constraints: Constraints, fit: Fit, settings: Settings) -> MeasureError:
    """The error that names the cell furthest from its total."""
    failed = ~fit.converged
    worst, problem = -1.0, None
    for item in constraints.items:
        reached = item.sums(fit.weights)
        error = relative_error(reached, item.totals) * failed[item.region]
        at = int(np.argmax(error))
        if error[at] > worst:
            worst = float(error[at])
            problem = problems.no_convergence(
                item.where(at, constraints.within),
                float(item.totals[at]),
                float(reached[at]),
                int(fit.iterations.max()),
                settings.bounds,
                int(failed.sum()),
            )
    assert problem is not None
    return problem


def relative_error(reached: Vector, wanted: Vector) -> Vector:
    """Deviation relative to the total, or to what was reached where the total is zero."""
    size = np.where(wanted == 0, np.abs(reached), np.abs(wanted))
    return np.abs(reached - wanted) / np.where(size == 0, 1.0, size)
