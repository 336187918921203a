"""The regression of R's ``rake``: residuals by sweeping the margins ten times, without weights.

R (``survey:::svyrecvar``) subtracts category means from the linearised variable, margin after
margin, and stops after ten rounds. That is block Gauss-Seidel on the normal equations, so here the
rounds work on the coefficients of the categories and on cross tables of margins: cells are touched
once before and once after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from huiyin.measure.calibration.arrays import Matrix, Vector
from huiyin.measure.calibration.basis import side_by_side, weighted
from huiyin.measure.calibration.constraints import Constraints, Margin

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: As in R. Two margins are then exact to 1e-8 and better unless they are nearly the same.
ROUNDS = 10


class Sweeps:
    """Category means taken out in turn, ready for any number of variables."""

    def __init__(self, constraints: Constraints, weights: Vector) -> None:
        """``weights``: shape (live cells,), positive."""
        self._margins = constraints.margins
        self._x = side_by_side(self._margins, len(weights))
        self._transposed = self._x.T.tocsr()
        self._gram = weighted(self._transposed, weights) @ self._x

    def fitted(self, sums: Matrix) -> Matrix:
        """Fitted values of shape (live cells, k) from weighted sums of shape (live cells, k)."""
        means = sweep(self._gram, self._margins, self._transposed @ sums)
        return np.asarray(self._x @ means)


def sweep(gram: csr_array | Matrix, margins: Sequence[Margin], wanted: Matrix) -> Matrix:
    """Coefficients of the categories after ten rounds.

    Args:
        gram: shape (K, K), the categories of all margins crossed.
        margins: in the order of their categories in ``gram``.
        wanted: shape (K, k), weighted sums by category.
    """
    ends = np.cumsum([margin.size for margin in margins])
    blocks = [slice(end - m.size, end) for m, end in zip(margins, ends, strict=True)]
    rows = [gram[block] for block in blocks]
    sizes = gram.diagonal()[:, None]
    means = np.zeros(wanted.shape)
    for _ in range(ROUNDS):
        for block, row in zip(blocks, rows, strict=True):
            means[block] += (wanted[block] - row @ means) / sizes[block]
    return means
