"""Which way to regress: small systems of one region densely, everything else sparsely."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from huiyin.measure.calibration import basis
from huiyin.measure.calibration.arrays import Matrix, Vector
from huiyin.measure.calibration.constraints import Constraints
from huiyin.measure.calibration.solve import RegressionWeight
from huiyin.measure.calibration.sweeps import Sweeps, sweep

#: Calibration variables of a region up to which its system is solved densely.
_SMALL = 300


class Regression(Protocol):
    """Weighted sums by cell in, fitted values by cell out, both of shape (live cells, k)."""

    def fitted(self, sums: Matrix) -> Matrix: ...


class Small:
    """One region with few calibration variables: coefficients by one small matrix.

    What is kept per region is that matrix and the category of each cell, so that thousands of
    regions can be kept.
    """

    def __init__(self, constraints: Constraints, weights: Vector, kind: RegressionWeight) -> None:
        largest = sorted(constraints.margins, key=lambda margin: -margin.size)[:1]
        numeric = [
            basis.centred_in(largest, variable, constraints, weights)
            for variable in constraints.numeric
        ]
        self._x = basis.side_by_side([*constraints.margins, *numeric], len(weights))
        gram = (basis.weighted(self._x.T.tocsr(), weights) @ self._x).toarray()
        if kind == "unit":
            self._solution = sweep(gram, constraints.margins, np.eye(len(gram)))
        else:
            scale = basis.inverse(np.sqrt(gram.diagonal()))
            scaled = gram * scale * scale[:, None]
            self._solution = basis.pseudo_inverse(scaled[None])[0] * scale * scale[:, None]

    def fitted(self, sums: Matrix) -> Matrix:
        return np.asarray(self._x @ (self._solution @ (self._x.T @ sums)))


def regression(constraints: Constraints, weights: Vector, kind: RegressionWeight) -> Regression:
    """The regression for the variance.

    Args:
        constraints: of all regions or of one.
        weights: shape (live cells,), weight of each cell in the regression.
        kind: ``unit`` sweeps as R's ``rake``, ``base`` projects.
    """
    columns = sum(len(item.totals) for item in constraints.items)
    if constraints.regions == 1 and columns <= _SMALL:
        return Small(constraints, weights, kind)
    if kind == "unit":
        return Sweeps(constraints, weights)
    return basis.Solver(basis.build(constraints, weights), weights)
