"""The regression of R's ``rake``: residuals by sweeping the margins ten times, without weights.

R (``survey:::svyrecvar``) subtracts category means from the linearised variable, margin after
margin, and stops after ten rounds. That is block Gauss-Seidel on the normal equations, so here the
rounds work on the coefficients of the categories and on cross tables of margins: cells are touched
once before and once after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from huiyin.measure.calibration.arrays import Matrix, Vector
from huiyin.measure.calibration.constraints import Constraints, Margin

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: As in R. Two margins are then exact to 1e-8 and better unless they are nearly the same.
ROUNDS = 10


class Sweeps:
    """Category means taken out in turn, ready for any number of variables."""

    def __init__(self, constraints: Constraints, weights: Vector) -> None:
        """``weights``: shape (live cells,), positive."""
        margins = constraints.margins
        self._indicators = [margin.indicators() for margin in margins]
        self._sizes = [margin.sums(weights)[:, None] for margin in margins]
        self._cross = [
            [None if a is b else _cross_table(a, b, weights) for b in margins] for a in margins
        ]

    def fitted(self, sums: Matrix) -> Matrix:
        """Fitted values of shape (live cells, k) from weighted sums of shape (live cells, k)."""
        wanted = [indicators.T @ sums for indicators in self._indicators]
        means = [np.zeros_like(each) for each in wanted]
        for _ in range(ROUNDS):
            for at, tables in enumerate(self._cross):
                explained = sum(
                    table @ mean
                    for table, mean in zip(tables, means, strict=True) if table is not None
                )
                means[at] = (wanted[at] - explained) / self._sizes[at]
        return np.asarray(sum(x @ b for x, b in zip(self._indicators, means, strict=True)))


def _cross_table(first: Margin, second: Margin, weights: Vector) -> csr_array:
    from scipy.sparse import coo_array

    shape = (first.size, second.size)
    return coo_array((weights, (first.codes, second.codes)), shape=shape).tocsr()
