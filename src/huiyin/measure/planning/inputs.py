"""What the planners take: numbers within bounds, and tables of strata."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def numbers(
    value: npt.ArrayLike | None,
    name: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: bool = False,
) -> FloatArray:
    """Finite numbers within ``low``..``high`` (``above``: strictly above ``low``).

    Raises:
        MeasureError: ``bad-number``.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array(math.nan)
    too_low = array <= low if above else array < low
    if value is None or not np.all(np.isfinite(array)) or np.any(too_low | (array > high)):
        sign, bounds = (">" if above else "≥"), []
        if low > -math.inf:
            bounds.append(f"{sign} {low:g}")
        if high < math.inf:
            bounds.append(f"≤ {high:g}")
        wanted = " and ".join(bounds) or "finite"
        raise MeasureError(
            "bad-number",
            f"{value!r} will not do; give numbers {wanted}",
            f"{value!r} 不可用，应为{'且'.join(bounds) or '有限'}的数值",
            place=name,
        )
    return array


def counts(values: npt.ArrayLike) -> FloatArray | IntArray:
    """Sizes as they print: whole numbers as integers."""
    array = np.asarray(values, dtype=np.float64)
    return array.astype(np.int64) if np.all(array == np.floor(array)) else array


def percent_rate(value: npt.ArrayLike, name: str) -> FloatArray:
    """A rate in percent, 1 to 100; below 1 it is taken for a share written by mistake.

    Raises:
        MeasureError: ``bad-number``, ``rate-not-percent``.
    """
    rates = numbers(value, name, low=0, high=100, above=True)
    if np.any(rates < 1):
        raise MeasureError(
            "rate-not-percent",
            f"rates are in percent; write {100 * float(rates.min()):g} if"
            f" {float(rates.min()):g} was meant as a share",
            f"比率以百分数表示；若 {float(rates.min()):g} 是比例，请写作"
            f" {100 * float(rates.min()):g}",
            place=name,
        )
    return rates


def chosen(value: str, name: str, options: Sequence[str]) -> None:
    """Refuse an option that is not one of ``options``.

    Raises:
        MeasureError: ``unknown-option``.
    """
    if value not in options:
        raise MeasureError(
            "unknown-option",
            f"{name} must be one of {', '.join(options)}, not {value!r}",
            f"{name} 只能取 {'、'.join(options)}，不能是 {value!r}",
            place=name,
        )


def broadcast(*arrays: FloatArray) -> list[FloatArray]:
    """Lists side by side, single numbers repeated.

    Raises:
        MeasureError: ``ragged-columns``.
    """
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        raise MeasureError(
            "ragged-columns",
            f"lists of different lengths: {', '.join(str(a.size) for a in arrays)}",
            f"各列表长度不一致：{'、'.join(str(a.size) for a in arrays)}",
        ) from None


def normal_quantile(confidence: float, *, sides: int = 2, comparisons: int = 1) -> float:
    """z of a ``confidence`` interval; with Bonferroni's share of the error for each comparison."""
    from scipy.special import ndtri

    numbers(confidence, "confidence", low=0.5, high=0.999999999, above=True)
    return float(-ndtri((1 - confidence) / sides / comparisons))


def strata_table(strata: Any) -> pa.Table:
    """The strata as an Arrow table, whatever kind of table they came in.

    Raises:
        MeasureError: ``no-rows``, and those of reading a table.
    """
    from huiyin.measure.reading.arrow import to_arrow

    table = to_arrow(strata)
    if not table.num_rows:
        raise MeasureError("no-rows", "the table of strata has no rows", "层表中没有任何行")
    return table


def stratum_numbers(
    table: pa.Table, given: float | str, name: str, *, low: float = 0, above: bool = False
) -> FloatArray:
    """One number per stratum, from a column of the table or the same for all.

    Raises:
        MeasureError: ``unknown-column``, ``bad-number`` naming the row.
    """
    if not isinstance(given, str):
        return np.full(table.num_rows, float(numbers(given, name, low=low, above=above)))
    if given not in table.column_names:
        raise MeasureError(
            "unknown-column",
            f"the strata have no column {given!r}; they have {', '.join(table.column_names)}",
            f"层表中没有名为 {given!r} 的列；现有的列：{'、'.join(table.column_names)}",
            place=name,
        )
    values = table[given].to_pylist()
    try:
        return numbers(values, given, low=low, above=above)
    except MeasureError:
        for at, value in enumerate(values):
            numbers(value, f"column {given}, row {at + 1}", low=low, above=above)
        raise


def standard_deviations(
    table: pa.Table,
    sd: float | str | None,
    share: float | str | None,
    population: FloatArray,
) -> FloatArray:
    """Standard deviation per stratum, in points.

    From ``sd``; or from ``share`` in percent, ``√(p(100−p)·N/(N−1))``; or, with neither, 50: the
    largest a share or a 0-100 score can have.

    Raises:
        MeasureError: ``unknown-option`` when both are given; ``bad-number``.
    """
    if sd is not None and share is not None:
        raise MeasureError(
            "unknown-option", "give sd= or share=, not both", "sd 与 share 只能给出一个", place="sd"
        )
    if share is None:
        return stratum_numbers(table, 50.0 if sd is None else sd, "sd")
    p = stratum_numbers(table, share, "share")
    numbers(p, "share", low=0, high=100)
    return np.sqrt(p * (100 - p) * population / np.maximum(population - 1, 1))
