"""Weighted least squares on the calibration variables, region by region, from cells.

The variables are indicators of many categories, of which each cell has one per margin. The margin
with most categories is absorbed (its block of the normal equations is diagonal: Frisch & Waugh),
which leaves one small system per region for the other margins and the numeric variables. Those
are solved by pseudo-inverse, because margins always overlap in their sum and may be nested.
Everything is sparse: memory grows with cells × margins and regions × (small system)².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from huiyin.measure.calibration.arrays import Index, Matrix, Vector, group_sums
from huiyin.measure.calibration.constraints import Constraints, Margin, Numeric

if TYPE_CHECKING:
    from scipy.sparse import csr_array


#: Eigenvalues of a scaled system below this are rounding, not information.
_RANK = 1e-11


@dataclass(frozen=True)
class Basis:
    """The calibration variables of the live cells, split for solving.

    Attributes:
        absorbed: (live cells, K), indicators of the largest margin; K = 0 without margins.
        rest: (live cells, P), the other margins and the numeric variables, one column per region
            and category or variable, regions one after the other. Numeric variables are centred
            inside the absorbed categories.
        absorbed_totals: shape (K,); ``rest_totals`` shape (P,): what the weights must give.
        absorbed_region: shape (K,), the region of each column; ``rest_region`` shape (P,).
        cell_region: shape (live cells,).
        regions: number of regions.
    """

    absorbed: csr_array
    rest: csr_array
    absorbed_totals: Vector
    rest_totals: Vector
    absorbed_region: Index
    rest_region: Index
    cell_region: Index
    regions: int

    @cached_property
    def transposed(self) -> tuple[csr_array, csr_array]:
        return self.absorbed.T.tocsr(), self.rest.T.tocsr()


def build(constraints: Constraints, weights: Vector) -> Basis:
    """The basis for solving; ``weights`` (live cells,) serve to centre numeric variables."""
    from scipy.sparse import csr_array

    margins = sorted(constraints.margins, key=lambda margin: -margin.size)
    absorbed, others = margins[:1], margins[1:]
    numeric = [centred_in(absorbed, n, constraints, weights) for n in constraints.numeric]
    rest, totals, region = _stack([*others, *numeric], len(constraints.region))
    return Basis(
        absorbed[0].indicators() if absorbed else csr_array((len(constraints.region), 0)),
        rest,
        absorbed[0].totals if absorbed else np.zeros(0),
        totals,
        absorbed[0].region if absorbed else np.zeros(0, np.intp),
        region,
        constraints.region,
        constraints.regions,
    )


def centred_in(
    absorbed: list[Margin], variable: Numeric, constraints: Constraints, weights: Vector
) -> Numeric:
    """Subtract the mean in each absorbed category: the same span, far better conditioned."""
    if not absorbed:
        return variable
    margin = absorbed[0]
    means = margin.sums(weights * variable.values) * inverse(margin.sums(weights))
    shift = group_sums(margin.region, means * margin.totals, constraints.regions)
    centred = variable.values - means[margin.codes]
    # What is constant inside the categories adds nothing; its rounding must not pass for data.
    centred[np.abs(centred) <= 1e-12 * np.abs(variable.values)] = 0.0
    return replace(variable, values=centred, totals=variable.totals - shift)


def _stack(columns: list[Margin | Numeric], cells: int) -> tuple[csr_array, Vector, Index]:
    """Side by side, then reordered so that the columns of a region are neighbours."""
    if not columns:
        return side_by_side(columns, cells), np.zeros(0), np.zeros(0, np.intp)
    region = np.concatenate([c.region for c in columns])
    order = np.argsort(region, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    totals = np.concatenate([c.totals for c in columns])
    return side_by_side(columns, cells, place), totals[order], region[order]


def side_by_side(
    columns: Sequence[Margin | Numeric], cells: int, place: Index | None = None
) -> csr_array:
    """Shape (cells, all categories and variables); ``place`` moves the columns elsewhere."""
    from scipy.sparse import csr_array

    if not columns:
        return csr_array((cells, 0))
    offsets = np.cumsum([0, *(len(c.totals) for c in columns)])
    indices = np.stack([c.codes + at for c, at in zip(columns, offsets, strict=False)], axis=1)
    if place is not None:
        indices = place[indices]
    data = np.stack(
        [c.values if isinstance(c, Numeric) else np.ones(cells) for c in columns], axis=1
    )
    pointer = np.arange(0, indices.size + 1, len(columns))
    return csr_array((data.ravel(), indices.ravel(), pointer), shape=(cells, int(offsets[-1])))


class Solver:
    """The normal equations of one set of cell weights, ready for any number of right sides."""

    def __init__(self, basis: Basis, weights: Vector) -> None:
        """``weights``: shape (live cells,), non-negative."""
        self._basis = basis
        absorbed, rest = basis.transposed
        self._inverse_diagonal = inverse(absorbed @ weights)
        self._cross = weighted(absorbed, weights) @ basis.rest
        inner = weighted(rest, weights) @ basis.rest
        cross = self._cross.T.tocsr()
        shared = weighted(cross, self._inverse_diagonal) @ self._cross
        self._scale = inverse(np.sqrt(inner.diagonal()))
        self._small = _pseudo_inverse((inner - shared).tocoo(), self._scale, basis.rest_region)

    def solve(self, absorbed: Matrix, rest: Matrix) -> tuple[Matrix, Matrix]:
        """Coefficients for right sides of shape (K, k) and (P, k)."""
        reduced = rest - self._cross.T @ (self._inverse_diagonal[:, None] * absorbed)
        scale = self._scale[:, None]
        b = scale * (self._small @ (scale * reduced))
        a = self._inverse_diagonal[:, None] * (absorbed - self._cross @ b)
        return a, b

    def fitted(self, sums: Matrix) -> Matrix:
        """Fitted values of shape (live cells, k) from weighted sums of shape (live cells, k)."""
        absorbed, rest = self._basis.transposed
        a, b = self.solve(absorbed @ sums, rest @ sums)
        return np.asarray(self._basis.absorbed @ a + self._basis.rest @ b)


def weighted(matrix: csr_array, weights: Vector) -> csr_array:
    """The matrix with each column multiplied."""
    from scipy.sparse import csr_array

    data = matrix.data * weights[matrix.indices]
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def inverse(values: Vector) -> Vector:
    """1/x, and 0 where x is 0: a variable without weight takes no part."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _pseudo_inverse(system: object, scale: Vector, region: Index) -> csr_array:
    """Pseudo-inverse of a block-diagonal matrix, blocks of one size at a time."""
    from scipy.sparse import coo_array, csr_array

    row, column, data = system.row, system.col, system.data  # type: ignore[attr-defined]
    data = data * scale[row] * scale[column]
    count = np.bincount(region)
    start = np.cumsum(count) - count
    rows, columns, values = [], [], []
    for size in np.unique(count[count > 0]):
        blocks = np.flatnonzero(count == size)
        number = np.full(len(count), -1)
        number[blocks] = np.arange(len(blocks))
        mine = number[region[row]] >= 0
        dense = np.zeros((len(blocks), size, size))
        r, c = row[mine], column[mine]
        dense[number[region[r]], r - start[region[r]], c - start[region[r]]] = data[mine]
        values.append(pseudo_inverse(dense).ravel())
        within = np.arange(size)
        rows.append(
            np.broadcast_to((start[blocks][:, None] + within)[:, :, None], dense.shape).ravel()
        )
        columns.append(
            np.broadcast_to((start[blocks][:, None] + within)[:, None, :], dense.shape).ravel()
        )
    if not rows:
        return csr_array((len(region), len(region)))
    shape = (len(region), len(region))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return coo_array(entries, shape=shape).tocsr()


def pseudo_inverse(blocks: Matrix) -> Matrix:
    """Of a stack of symmetric matrices with unit scale, shape (m, p, p)."""
    values, vectors = np.linalg.eigh((blocks + blocks.transpose(0, 2, 1)) / 2)
    kept = values > _RANK
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=kept)
    return np.asarray((vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1))
