"""The plain number: ranks without their uncertainty, with ties by a stated rule."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import numpy.typing as npt

from huiyin.measure.ranks.inputs import (
    GOOD,
    TIES,
    FloatArray,
    Good,
    IntArray,
    Ties,
    check_finite,
    check_option,
    numbers,
)


def plain_ranks(
    values: npt.ArrayLike,
    ties: Ties = "min",
    good: Good = "higher",
    decimals: int | None = None,
) -> IntArray | FloatArray:
    """Ranks of the values, 1 = best.

    Args:
        values: one per area, in any unit.
        ties: equal values all get the best (``min``), the worst (``max``) or the mean
            (``average``) of the places they take up together.
        good: which end is rank 1.
        decimals: compare the values as they are printed with so many decimals, half up
            (四舍五入); None = as they are.

    Returns:
        One rank per value, in the order given: whole numbers, or floats for ``average``.

    Raises:
        MeasureError: ``not-numeric``, ``bad-estimate`` (missing or infinite), ``unknown-option``.
    """
    check_option(ties, TIES, "ties")
    check_option(good, GOOD, "good")
    array = numbers(values, "values")
    check_finite(array, range(1, array.size + 1), "values")
    if decimals is not None:
        array = round_half_up(array, decimals)
    return _ranks(array if good == "higher" else -array, ties)


def _ranks(score: FloatArray, ties: str) -> IntArray | FloatArray:
    _, place, sizes = np.unique(-score, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    first = last - sizes + 1
    if ties == "average":
        return ((first + last) / 2)[place]
    return (first if ties == "min" else last)[place].astype(np.int64)


def round_half_up(values: FloatArray, decimals: int) -> FloatArray:
    """Round as people do: 0.125 to 0.13, 1.005 to 1.01, -0.125 to -0.13.

    The shortest decimal that stands for the float is what gets rounded: binary 1.005 is a little
    less than 1.005, but it was written and is read as 1.005.
    """
    step = Decimal(1).scaleb(-decimals)
    any_float = Context(prec=400, rounding=ROUND_HALF_UP)  # digits enough for the largest
    rounded = [
        float(Decimal(repr(value)).quantize(step, context=any_float)) for value in values.tolist()
    ]
    return np.array(rounded, dtype=np.float64)
