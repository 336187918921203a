"""Jumps of an area against its own last round and against its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import columns as col
from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import over_tested, value_deviation
from huiyin.measure.integrity_checks.interviews import Interviews
from huiyin.measure.tidy import Tidy


def jumps(current: Any, previous: Any) -> Tidy:
    """Change of each area since the last round, against the change of all areas, beyond what
    sampling allows. Two-sided.

    Args:
        current, previous: tables with ``area``, ``estimate`` and ``se`` (same unit, se of 0 or
            missing = the area is not tested). Samples of the two rounds are independent.

    Returns:
        The common columns: n = 2 rounds; observed = change, expected = the usual change; and
        ``se`` of the change.

    Raises:
        MeasureError: ``unknown-column``, ``repeated-area``, ``not-numeric``.
    """
    areas, change, variance = _changes(current, previous)
    deviation, few_units = over_tested(
        _usable(change, variance),
        lambda units: value_deviation(change[units], variance[units], smallest_spread=1.0),
    )
    return _table("jump", areas, change, deviation.expected, variance, deviation, few_units)


def jumps_against_neighbours(
    current: Any, previous: Any, neighbours: Mapping[str, Sequence[str]]
) -> Tidy:
    """Change of each area less the mean change of its neighbours, beyond what sampling allows.
    Two-sided.

    The mean of the neighbours is weighted by precision and its variance is added to the area's;
    the scale of all these differences is never below that of sampling.

    Args:
        neighbours: area to its neighbours, in the names of ``current``. Areas without a neighbour
            that has a change are not tested.

    Returns:
        The common columns: n = number of neighbours used; observed = the area's change, expected =
        that of its neighbours; ``se`` of the difference.

    Raises:
        MeasureError: as :func:`jumps`, and ``unknown-area``.
    """
    areas, change, variance = _changes(current, previous)
    around, around_variance, count = _neighbour_mean(areas, change, variance, neighbours)
    difference, total = change - around, variance + around_variance
    deviation, few_units = over_tested(
        _usable(difference, total),
        lambda units: value_deviation(difference[units], total[units], smallest_spread=1.0),
    )
    expected = around + deviation.expected
    return _table("jump_against_neighbours", areas, change, expected, total, deviation, few_units,
                  count)  # fmt: skip


def level_estimates(interviews: Interviews) -> Tidy:
    """Share of best answers of each area, in percent, with the standard error of independent
    interviews: what :func:`jumps` compares if no estimates are brought.

    Returns:
        area, n, estimate, se (null where n is below 2).
    """
    answered = interviews.answered
    share = 100.0 * interviews.is_best.sum(axis=1) / np.maximum(answered, 1)
    areas = interviews.areas
    usable = (answered > 0) & (areas.index >= 0)
    n = areas.count(usable).astype(float)
    kept = np.where(usable, share, 0.0)
    mean = areas.total(kept) / np.maximum(n, 1)
    deviation = np.where(usable, share - mean[np.maximum(areas.index, 0)], 0.0)
    variance = areas.total(deviation**2) / np.maximum(n - 1, 1) / np.maximum(n, 1)
    return Tidy.of(
        {
            "area": areas.labels,
            "n": n.astype(np.int64),
            "estimate": np.where(n > 0, mean, np.nan),
            "se": np.where(n > 1, np.sqrt(variance), np.nan),
        }
    )


def _changes(current: Any, previous: Any) -> tuple[list[str], FloatArray, FloatArray]:
    names, now, now_se = _estimates(current, "current")
    before_names, before, before_se = _estimates(previous, "previous")
    place = {name: at for at, name in enumerate(before_names)}
    at = np.array([place.get(name, -1) for name in names])
    there = at >= 0
    last = np.where(there, before[at], np.nan) if before.size else np.full(now.size, np.nan)
    last_se = np.where(there, before_se[at], np.nan) if before.size else np.full(now.size, np.nan)
    return names, now - last, now_se**2 + last_se**2


def _estimates(table: Any, which: str) -> tuple[list[str], FloatArray, FloatArray]:
    data = col.read_columns(table, ["area", "estimate", "se"])
    names = [col.code_key(value) for value in data["area"].to_pylist()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise MeasureError(
            "repeated-area", f"the area {twice!r} has more than one estimate",
            f"地区 {twice!r} 有多个估计值", place=which,
        )  # fmt: skip
    se = col.number_column(data["se"], "se")
    # A standard error of zero is no knowledge of sampling error, so the area is not judged by it.
    positive = np.where(np.isfinite(se) & (se > 0), se, np.nan)
    return names, col.number_column(data["estimate"], "estimate"), positive


def _usable(change: FloatArray, variance: FloatArray) -> BoolArray:
    return np.isfinite(change) & np.isfinite(variance)


def _neighbour_mean(
    areas: Sequence[str],
    change: FloatArray,
    variance: FloatArray,
    neighbours: Mapping[str, Sequence[str]],
) -> tuple[FloatArray, FloatArray, IntArray]:
    place = {name: at for at, name in enumerate(areas)}
    mean, mean_variance = np.full(change.size, np.nan), np.full(change.size, np.nan)
    count = np.zeros(change.size, dtype=np.int64)
    for area, around in neighbours.items():
        own = _place(place, area)
        others = sorted({_place(place, name) for name in around} - {own})
        at = np.array([o for o in others if np.isfinite(change[o] + variance[o])], dtype=np.int64)
        if at.size:
            weight = 1 / variance[at]
            mean[own] = weight @ change[at] / weight.sum()
            mean_variance[own] = 1 / weight.sum()
            count[own] = at.size
    return mean, mean_variance, count


def _place(place: Mapping[str, int], area: Any) -> int:
    name = col.code_key(area)
    if name not in place:
        raise MeasureError(
            "unknown-area", f"neighbours name the area {name!r}, which has no current estimate",
            f"neighbours 中的地区 {name!r} 没有本轮估计值", place="neighbours",
        )  # fmt: skip
    return place[name]


def _table(
    check: str, areas: Sequence[str], change: FloatArray, expected: FloatArray,
    variance: FloatArray, deviation: Any, few_units: bool, n: IntArray | None = None,
) -> Tidy:  # fmt: skip
    unknown = ~np.isfinite(deviation.expected) & ~_usable(change, variance)
    return check_table(
        check, "area", areas, n=np.full(change.size, 2) if n is None else n, observed=change,
        expected=expected, statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(change.size, (unknown, "no-data"), (few_units, "few-units")),
        more={"se": np.sqrt(variance)},
        notes={"spread": float(deviation.spread) if np.isfinite(deviation.spread) else None},
    )  # fmt: skip
