"""Calibration to any distance by Newton's method on the dual, every region its own step length.

Deville & Särndal (1992), JASA 87, 376-382, equations 2.4 and 2.5: find λ with
Σ d·F(x'λ)·x = t. The dual is concave, its gradient is the misfit, its Hessian minus X'diag(dF')X.
"""

from __future__ import annotations

import numpy as np

from huiyin.measure.calibration.arrays import Mask, Matrix, Vector, group_sums
from huiyin.measure.calibration.basis import Basis, Solver
from huiyin.measure.calibration.distance import Distance
from huiyin.measure.calibration.raking import Fit

#: A step is halved while it ends with a downward slope steeper than this share of the first one.
_OVERSHOOT = 0.5
_HALVINGS = 40


class _State:
    """Linear predictor, weights and misfit of the live cells."""

    def __init__(self, basis: Basis, base: Vector, distance: Distance, u: Vector) -> None:
        self.basis, self.base, self.distance, self.u = basis, base, distance, u
        self.weights = base * distance.factor(u)
        absorbed, rest = basis.transposed
        self.absorbed = basis.absorbed_totals - absorbed @ self.weights
        self.rest = basis.rest_totals - rest @ self.weights

    def moved(self, step: Vector) -> _State:
        return _State(self.basis, self.base, self.distance, self.u + step)

    def slope_along(self, step: tuple[Matrix, Matrix]) -> Vector:
        """Derivative of the dual along a step, per region."""
        basis = self.basis
        along = [step[0][:, 0] * self.absorbed, step[1][:, 0] * self.rest]
        region = np.concatenate([basis.absorbed_region, basis.rest_region])
        return group_sums(region, np.concatenate(along), basis.regions)

    def errors(self) -> Vector:
        """Largest misfit relative to the size of its variable, per region."""
        basis = self.basis
        absorbed, rest = basis.transposed
        worst = np.zeros(basis.regions)
        for misfit, variable, region in (
            (self.absorbed, absorbed, basis.absorbed_region),
            (self.rest, rest, basis.rest_region),
        ):
            size = abs(variable) @ np.abs(self.weights)
            relative = np.abs(misfit) / np.maximum(size, np.finfo(float).tiny)
            relative[misfit == 0] = 0.0
            np.maximum.at(worst, region, relative)
        return worst


def iterate(
    basis: Basis, base: Vector, distance: Distance, tolerance: float, max_iterations: int
) -> Fit:
    """Newton steps until every variable meets its total.

    Args:
        basis: the calibration variables.
        base: shape (live cells,), positive.
        distance: how factors depend on the linear predictor.
        tolerance: largest misfit relative to the sum of |weight · variable|.
        max_iterations: steps.
    """
    state = _State(basis, base, distance, np.zeros(len(base)))
    iterations = np.zeros(basis.regions, np.intp)
    open_ = state.errors() > tolerance
    for iteration in range(1, max_iterations + 1):
        if not open_.any():
            break
        iterations[open_] = iteration
        state = _step(state, open_)
        open_ = open_ & ~(state.errors() <= tolerance)
    return Fit(state.weights, iterations, ~open_)


def _step(state: _State, open_: Mask) -> _State:
    """One Newton step in the open regions, halved where it goes too far."""
    basis = state.basis
    solver = Solver(basis, state.base * state.distance.slope(state.u))
    step = solver.solve(state.absorbed[:, None], state.rest[:, None])
    move = (basis.absorbed @ step[0] + basis.rest @ step[1])[:, 0]
    length = open_.astype(np.float64)
    limit = -_OVERSHOOT * state.slope_along(step)
    for _ in range(_HALVINGS):
        moved = state.moved(length[basis.cell_region] * move)
        too_far = ~(moved.slope_along(step) >= limit) & (length > 0)
        if not too_far.any():
            break
        length[too_far] /= 2
    return moved
