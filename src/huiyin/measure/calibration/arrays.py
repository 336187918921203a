"""The kinds of arrays used here, and sums by group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def group_sums(groups: Index, values: Vector, count: int) -> Vector:
    """Values summed by group; shape (count,)."""
    return np.bincount(groups, values, count).astype(np.float64, copy=False)
