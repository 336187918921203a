"""How a sample is shared out among strata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning.inputs import (
    FloatArray,
    IntArray,
    chosen,
    normal_quantile,
    numbers,
    standard_deviations,
    strata_table,
    stratum_numbers,
)
from huiyin.measure.planning.size import fewest
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import pyarrow as pa

Method = Literal["proportional", "equal", "neyman", "power"]
METHODS: tuple[Method, ...] = ("proportional", "equal", "neyman", "power")
#: Columns that the result adds to those of the strata.
ADDED = ("n", "exact", "sampling_fraction", "se", "half_width")


def allocate(
    strata: Any,
    n: int | None = None,
    *,
    half_width: float | None = None,
    method: Method = "proportional",
    population: str = "population",
    sd: float | str | None = None,
    share: float | str | None = None,
    mean: str | None = None,
    size: str | None = None,
    exponent: float = 0.5,
    cost: float | str = 1.0,
    deff: float | str = 1.0,
    minimum: float | str = 2,
    maximum: float | str | None = None,
    confidence: float = 0.95,
) -> Tidy:
    """Share out ``n`` interviews among the strata, in whole numbers that add up to n.

    * ``proportional``: to the population N;
    * ``equal``: the same for all;
    * ``neyman``: to N·S·√(deff/cost), the least variance of the whole for its cost (Neyman
      1934, JRSS 97; Cochran 1977, equation 5.22);
    * ``power``: to X^q·S/Ȳ (Bankier 1988, The American Statistician 42, 174-177), a compromise
      between the precision of the whole (q = 1) and equal precision everywhere (q = 0); X is
      ``size``, Ȳ is ``mean``. Without ``mean`` precision is counted in points instead of as a
      coefficient of variation.

    Where a stratum would get less than ``minimum`` or more than ``maximum`` or its population,
    it gets that, and the rest is shared out again (for ``neyman`` this is the optimum within the
    bounds: Wesołowski, Wieczorkowski & Wójciak 2024, Survey Methodology 50). Fractions are
    rounded by largest remainder, ties to the earlier row.

    Args:
        strata: a table, one row per stratum; its columns are kept in the result.
        n: interviews in all.
        half_width: instead of n, the wanted half-width (points) of the whole: the smallest n
            that gives it is shared out.
        method: see above.
        population: column of the number of persons.
        sd: standard deviation of the item in points, a number or a column; or
        share: expected share in percent, likewise. With neither, 50 points, the largest
            possible.
        mean: column of the stratum mean, for ``power``.
        size: column of the size measure, for ``power``; None = population.
        exponent: q, for ``power``.
        cost: of an interview, a number or a column, for ``neyman``.
        deff: design effect within the stratum, a number or a column.
        minimum, maximum: bounds of a stratum's sample, a number or a column. A population
            smaller than ``minimum`` is taken whole.
        confidence: level of the promised intervals.

    Returns:
        The columns of ``strata``, n, exact (before rounding), sampling_fraction, se and
        half_width (promised, in points; null where n is 0). Notes: n, se and half_width of the
        whole (None where a stratum with people has none), method, confidence.

    Raises:
        MeasureError: ``unknown-option``, ``unknown-column``, ``bad-number`` (with the row),
            ``no-rows``, ``reserved-column``, ``sample-too-small``, ``sample-too-large``,
            ``contradictory-bounds``.
    """
    table = checked_strata(strata)
    chosen(method, "method", METHODS)
    people = stratum_numbers(table, population, "population", above=True)
    spread = standard_deviations(table, sd, share, people)
    effect = stratum_numbers(table, deff, "deff", above=True)
    low, high = bounds(table, people, minimum, maximum)
    ratio = _proportions(table, method, people, spread, effect, cost, mean, size, exponent)
    total = _total(n, half_width, ratio, people, spread, effect, low, high, confidence)
    exact = within_bounds(ratio, total, low, high)
    sizes = rounded(exact, total, low, high)
    se = standard_errors(sizes, people, spread, effect)
    z = normal_quantile(confidence)
    whole = _whole(se, sizes, people)
    return Tidy.of(
        {
            **{name: table[name] for name in table.column_names},
            "n": sizes,
            "exact": exact,
            "sampling_fraction": sizes / people,
            "se": se,
            "half_width": z * se,
        },
        {
            "n": int(sizes.sum()),
            "se": whole,
            "half_width": None if whole is None else z * whole,
            "method": method,
            "confidence": confidence,
        },
    )


def checked_strata(strata: Any) -> pa.Table:
    """The strata as a table that has none of the result's own columns.

    Raises:
        MeasureError: ``no-rows``, ``reserved-column``.
    """
    table = strata_table(strata)
    for column in set(ADDED) & set(table.column_names):
        raise MeasureError(
            "reserved-column",
            f"{column!r} is a column of the result; rename it in the strata",
            f"{column!r} 是结果表的列名，请在层表中改名",
            place=f"column {column}",
        )
    return table


def bounds(
    table: pa.Table, people: FloatArray, minimum: float | str, maximum: float | str | None
) -> tuple[FloatArray, FloatArray]:
    """Least and most interviews of each stratum, whole numbers.

    Raises:
        MeasureError: ``bad-number``, ``contradictory-bounds``.
    """
    most = np.floor(people)
    if maximum is not None:
        most = np.minimum(most, np.floor(stratum_numbers(table, maximum, "maximum")))
    least = np.ceil(stratum_numbers(table, minimum, "minimum"))
    least = np.where(least > np.floor(people), np.floor(people), least)
    wrong = np.flatnonzero(least > most)
    if wrong.size:
        at = int(wrong[0])
        raise MeasureError(
            "contradictory-bounds",
            f"minimum {least[at]:g} is above maximum {most[at]:g}",
            f"下限 {least[at]:g} 大于上限 {most[at]:g}",
            place=f"row {at + 1}",
        )
    return least, most


def within_bounds(ratio: FloatArray, total: float, low: FloatArray, high: FloatArray) -> FloatArray:
    """``clip(s·ratio, low, high)`` for the s at which it sums to ``total``.

    The sum is piecewise linear in s with a bend at each low/ratio and high/ratio, so s is found
    exactly between two bends. A ratio below 1e-12 of the largest counts as none.
    """
    ratio = ratio / ratio.max()
    ratio = np.where(ratio < 1e-12, 0.0, ratio)
    positive = ratio > 0
    fixed = low[~positive].sum()
    bends = np.unique(np.concatenate([low[positive] / ratio[positive],
                                      high[positive] / ratio[positive]]))  # fmt: skip
    at = _bend(ratio, total, low, high, bends)
    left, right = bends[max(at - 1, 0)], bends[min(at, len(bends) - 1)]
    middle = (left + right) / 2
    free = positive & (low < middle * ratio) & (middle * ratio < high)
    held = np.where(middle * ratio <= low, low, high)[positive & ~free].sum()
    if not free.any():
        return np.clip(right * ratio, low, high)
    s = (total - fixed - held) / ratio[free].sum()
    return np.clip(s * ratio, low, high)


def rounded(exact: FloatArray, total: int, low: FloatArray, high: FloatArray) -> IntArray:
    """Whole numbers that sum to ``total``, by largest remainder within the bounds."""
    base = np.clip(np.floor(exact + 1e-9), low, high).astype(np.int64)
    order = np.argsort(-(exact - base), kind="stable")
    missing = int(total - base.sum())
    while missing:
        step = 1 if missing > 0 else -1
        room = base[order] < high[order] if step > 0 else base[order] > low[order]
        chosen_rows = (order if step > 0 else order[::-1])[room if step > 0 else room[::-1]]
        chosen_rows = chosen_rows[: abs(missing)]
        base[chosen_rows] += step
        missing -= step * len(chosen_rows)
    return base


def standard_errors(
    sizes: IntArray, people: FloatArray, spread: FloatArray, effect: FloatArray
) -> FloatArray:
    """Of each stratum's estimate, ``√(deff·S²/n·(1−n/N))``; NaN where n is 0."""
    n = np.where(sizes > 0, sizes, np.nan)
    variance = effect * spread**2 / n * np.maximum(1 - n / people, 0.0)
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def _whole(se: FloatArray, sizes: IntArray, people: FloatArray) -> float | None:
    """Standard error of the mean over all strata; None where one has no interview."""
    if not sizes.all():
        return None
    weight = people / people.sum()
    return float(np.sqrt(np.sum(weight**2 * se**2)))


def _bend(
    ratio: FloatArray, total: float, low: FloatArray, high: FloatArray, bends: FloatArray
) -> int:
    """Index of the first bend at which the clipped sum reaches ``total``."""
    first, last = 0, len(bends) - 1
    while first < last:
        middle = (first + last) // 2
        if np.clip(bends[middle] * ratio, low, high).sum() >= total:
            last = middle
        else:
            first = middle + 1
    return first


def _proportions(
    table: pa.Table,
    method: Method,
    people: FloatArray,
    spread: FloatArray,
    effect: FloatArray,
    cost: float | str,
    mean: str | None,
    size: str | None,
    exponent: float,
) -> FloatArray:
    if method == "proportional":
        return people
    if method == "equal":
        return np.ones_like(people)
    if method == "neyman":
        price = stratum_numbers(table, cost, "cost", above=True)
        return _or_people(people * spread * np.sqrt(effect / price), people)
    measure = people if size is None else stratum_numbers(table, size, "size", above=True)
    level = np.ones_like(people)
    if mean is not None:
        level = stratum_numbers(table, mean, "mean", above=True)
    q = float(numbers(exponent, "exponent", low=0, high=1))
    return _or_people(measure**q * spread * np.sqrt(effect) / level, people)


def _or_people(ratio: FloatArray, people: FloatArray) -> FloatArray:
    """Where no stratum varies at all, any share-out will do: take the population."""
    return ratio if ratio.any() else people


def _total(
    n: int | None,
    half_width: float | None,
    ratio: FloatArray,
    people: FloatArray,
    spread: FloatArray,
    effect: FloatArray,
    low: FloatArray,
    high: FloatArray,
    confidence: float,
) -> int:
    if (n is None) == (half_width is None):
        raise MeasureError(
            "unknown-option", "give n or half_width=, one of them",
            "n 与 half_width 须且只须给出一个", place="n",
        )  # fmt: skip
    least, most = int(low.sum()), int(high.sum())
    if n is not None:
        total = int(numbers(n, "n", low=1))
        _check_total(total, least, most)
        return total
    wanted = float(numbers(half_width, "half_width", low=0, above=True))
    z = normal_quantile(confidence)

    def enough(total: int) -> bool:
        sizes = rounded(within_bounds(ratio, total, low, high), total, low, high)
        whole = _whole(standard_errors(sizes, people, spread, effect), sizes, people)
        return whole is not None and z * whole <= wanted * (1 + 1e-12)

    found = fewest(enough, max(least, 1), most)
    if found is None:
        raise MeasureError(
            "out-of-reach",
            f"even {most:,} interviews, the most allowed, do not give {wanted:g} points",
            f"即使用足上限 {most:,} 个样本，也达不到 {wanted:g} 的半宽",
            place="half_width",
        )
    return found


def _check_total(total: int, least: int, most: int) -> None:
    if total < least:
        raise MeasureError(
            "sample-too-small",
            f"{total:,} interviews are fewer than the minimums of the strata together"
            f" ({least:,}); raise n or lower minimum",
            f"{total:,} 个样本少于各层下限之和（{least:,}），请增加样本或降低 minimum",
            place="n",
        )
    if total > most:
        raise MeasureError(
            "sample-too-large",
            f"{total:,} interviews are more than the populations or maximums together ({most:,})",
            f"{total:,} 个样本超过各层人口或上限之和（{most:,}）",
            place="n",
        )
