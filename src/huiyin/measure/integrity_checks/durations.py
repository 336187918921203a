"""Lengths: interviews of unlikely length, and answers given faster than a reader can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import over_tested, value_deviation
from huiyin.measure.integrity_checks.interviews import Groups, Interviews, needed
from huiyin.measure.integrity_checks.shares import share_check
from huiyin.measure.tidy import Tidy

#: Fewer timed interviews than this and the usual length is not known.
FEWEST_TIMED = 50


def unusual_lengths(interviews: Interviews) -> Tidy:
    """Each interview's length against the others, on a log scale. Two-sided.

    Location and scale are robust (median; distance to the 10 % and 90 % quantiles, each side its
    own), and each tail is Student's t with the degrees of freedom that its 2 % quantile shows:
    honest lengths have long tails. Observed and expected (the median) are in seconds.

    Raises:
        MeasureError: ``column-not-read``.
    """
    seconds = needed(interviews.seconds, "seconds")
    there = ~np.isnan(seconds)
    logs = np.log(seconds, where=there, out=np.full(seconds.size, np.nan))
    z, p, centre, constant = _robust_t(logs, there)
    enough = there.sum() >= FEWEST_TIMED
    return check_table(
        "unusual_length", "interview", interviews.units, n=np.ones(seconds.size),
        observed=seconds, expected=np.full(seconds.size, np.exp(centre)), statistic=z, p=p,
        why_not=reasons(
            seconds.size, (~there, "no-data"), (not enough, "few-interviews"),
            (constant, "no-variation"),
        ),
        notes={"impossible_lengths": interviews.impossible_lengths},
    )  # fmt: skip


def usual_length(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Median length of a unit's interviews against the other units. Two-sided.

    Observed and expected are in seconds; the deviation is judged on the log scale.
    """
    seconds = needed(interviews.seconds, "seconds")
    there = ~np.isnan(seconds) & (groups.index >= 0)
    n = groups.count(there).astype(float)
    median = _medians(np.log(seconds[there]), groups.index[there], groups.size)
    enough = n >= minimum
    constant = bool(np.ptp(median[enough]) == 0) if enough.any() else False
    deviation, few_units = over_tested(
        enough & (not constant), lambda units: value_deviation(median[units], 1 / n[units])
    )
    return check_table(
        "usual_length", groups.kind, groups.labels, n=n, observed=np.exp(median),
        expected=np.exp(deviation.expected), statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            groups.size, (n == 0, "no-data"), (n < minimum, "few-interviews"),
            (constant, "no-variation"), (few_units, "few-units"),
        ),
    )  # fmt: skip


def too_fast(
    interviews: Interviews,
    groups: Groups,
    minimum_seconds: Mapping[str, float],
    *,
    minimum: int = 30,
) -> Tidy:
    """Share of a unit's interviews answered in less time than the questions take to be read,
    against the other units. One-sided: too many.

    With seconds per item, an interview is too fast if at least half of its timed answers took
    less than the least time. With the length of the interview alone, it is if the whole was
    shorter than its answered items together take.

    Args:
        minimum_seconds: item to the least time, in seconds, in which it can be read and answered.

    Raises:
        MeasureError: ``column-not-read``, ``unknown-item``, ``bad-minimum-seconds``.
    """
    fast, timed = too_fast_interviews(interviews, minimum_seconds)
    return share_check(
        "too_fast", groups.kind, groups.labels, groups.count(fast).astype(float),
        groups.count(timed).astype(float), minimum=minimum,
        notes={"too_fast_interviews": [str(unit) for unit in interviews.units[fast]]},
    )  # fmt: skip


def too_fast_interviews(
    interviews: Interviews, minimum_seconds: Mapping[str, float]
) -> tuple[BoolArray, BoolArray]:
    """Which interviews are too fast to have been read, and which have times at all."""
    least = {item: _least(interviews, item, value) for item, value in minimum_seconds.items()}
    if interviews.item_seconds:
        return _by_item(interviews, least)
    seconds = needed(interviews.seconds, "seconds or item_seconds")
    needs = np.zeros(interviews.n)
    for item, value in least.items():
        if item in interviews.items:
            needs += value * (interviews.codes[:, interviews.items.index(item)] >= 0)
    timed = ~np.isnan(seconds) & (needs > 0)
    return timed & (np.nan_to_num(seconds, nan=np.inf) < needs), timed


def _by_item(interviews: Interviews, least: Mapping[str, float]) -> tuple[BoolArray, BoolArray]:
    timed, fast = np.zeros(interviews.n), np.zeros(interviews.n)
    for item, seconds in interviews.item_seconds.items():
        if item in least:
            there = ~np.isnan(seconds)
            timed += there
            fast += there & (np.nan_to_num(seconds, nan=np.inf) < least[item])
    return (timed > 0) & (fast * 2 >= timed), timed > 0


def _least(interviews: Interviews, item: str, value: float) -> float:
    if item not in {*interviews.items, *interviews.left_out, *interviews.item_seconds}:
        raise MeasureError(
            "unknown-item",
            "minimum_seconds names an item that is not among items= or item_seconds=",
            "minimum_seconds 中的题目不在 items= 或 item_seconds= 之内",
            place=f"item {item}",
        )
    if not (np.isfinite(value) and value > 0):
        raise MeasureError(
            "bad-minimum-seconds",
            f"the least time to read the question must be above 0 seconds, not {value}",
            f"阅读该题所需的最短时间应大于 0 秒，不能是 {value}",
            place=f"item {item}",
        )
    return float(value)


@dataclass(frozen=True)
class _Tail:
    scale: float
    df: float


def _robust_t(logs: FloatArray, there: BoolArray) -> tuple[FloatArray, FloatArray, float, bool]:
    from scipy.special import stdtr

    empty = np.full(logs.size, np.nan)
    if there.sum() < FEWEST_TIMED:
        return empty, empty, np.nan, False
    known = logs[there]
    centre = float(np.median(known))
    lower, upper = _tail(centre - known), _tail(known - centre)
    if min(lower.scale, upper.scale) <= 0:
        return empty, empty, centre, True
    below = np.nan_to_num(logs - centre) < 0
    z = (logs - centre) / np.where(below, lower.scale, upper.scale)
    p = 2 * stdtr(np.where(below, lower.df, upper.df), -np.abs(z))
    return z, p, centre, False


def _tail(distance: FloatArray) -> _Tail:
    """Scale and degrees of freedom of the side on which ``distance`` is positive."""
    from scipy.special import stdtrit

    tenth, fiftieth = np.quantile(distance, [0.9, 0.98])
    if tenth <= 0:
        return _Tail(0.0, 1.0)
    choices = np.geomspace(2.0, 200.0, 60)
    shapes = stdtrit(choices, 0.98) / stdtrit(choices, 0.9)
    df = float(choices[np.argmin(np.abs(shapes - fiftieth / tenth))])
    return _Tail(float(tenth / stdtrit(df, 0.9)), df)


def _medians(values: FloatArray, index: IntArray, size: int) -> FloatArray:
    order = np.lexsort((values, index))
    ordered = values[order]
    starts = np.searchsorted(index[order], np.arange(size + 1))
    count = np.diff(starts)
    low = np.minimum(starts[:-1] + np.maximum(count - 1, 0) // 2, max(values.size - 1, 0))
    high = np.minimum(starts[:-1] + count // 2, max(values.size - 1, 0))
    if not values.size:
        return np.full(size, np.nan)
    return np.where(count > 0, (ordered[low] + ordered[high]) / 2, np.nan)
