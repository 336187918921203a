"""How many areas are significantly above and below each one, without looking at every pair.

Areas are put in groups of nearly equal standard error, each sorted by score. For one area and one
group, the smallest and the largest standard error of the group give two thresholds: what lies
beyond both is counted by bisection, what lies between them is looked at pair by pair. Exact, about
O(p^1.5 · log p), and never p² at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from huiyin.measure.ranks.draws import blocks
from huiyin.measure.ranks.inputs import FloatArray, IntArray

#: Areas taken against a group at a time, which bounds the pairs looked at one by one.
ROWS = 8192


@dataclass(frozen=True)
class Group:
    """Areas of nearly equal standard error.

    Attributes:
        members: their places, by score from low to high.
        score, se: of the members, in that order.
    """

    members: IntArray
    score: FloatArray
    se: FloatArray


def group_by_se(score: FloatArray, se: FloatArray, count: int) -> list[Group]:
    """One group per standard error or, if there are more of them, at most ``count`` + 1."""
    values, place = np.unique(se, return_inverse=True)
    if values.size > count:
        place = np.searchsorted(spread(se, count), se, side="right")
    order = np.lexsort((score, place))
    starts = np.flatnonzero(np.diff(place[order])) + 1
    return [Group(part, score[part], se[part]) for part in np.split(order, starts)]


def spread(se: FloatArray, count: int) -> FloatArray:
    """At most ``count`` points from the least to the largest, dense where the values are.

    Half lie at equal ratios, for the sake of outliers, and half at quantiles.
    """
    ratios = np.geomspace(np.min(se), np.max(se), count - count // 2)
    quantiles = np.quantile(se, np.linspace(0, 1, count // 2))
    points = np.unique(np.concatenate([ratios, quantiles]))
    return np.clip(points, np.min(se), np.max(se))


def counts_by_group(
    score: FloatArray, se: FloatArray, critical: float | FloatArray, groups: list[Group]
) -> Iterator[tuple[IntArray, IntArray]]:
    """For each group, how many of its areas are significantly above, and below, each area.

    Area *m* is significantly above area *j* if its score is higher by more than ``critical`` of
    *j* times √(s_j² + s_m²).
    """
    limit = np.broadcast_to(np.asarray(critical, dtype=np.float64), score.shape)
    for group in groups:
        above = _count_above(score, se, limit, group)
        mirrored = Group(group.members[::-1], -group.score[::-1], group.se[::-1])
        yield above, _count_above(-score, se, limit, mirrored)


def count_beyond(
    score: FloatArray, se: FloatArray, critical: float | FloatArray
) -> tuple[IntArray, IntArray]:
    """How many of all areas are significantly above, and below, each one."""
    above, below = np.zeros(score.size, np.int64), np.zeros(score.size, np.int64)
    groups = group_by_se(score, se, int(np.ceil(np.sqrt(score.size))))
    for more, less in counts_by_group(score, se, critical, groups):
        above += more
        below += less
    return above, below


def _count_above(score: FloatArray, se: FloatArray, limit: FloatArray, group: Group) -> IntArray:
    lowest, highest = np.min(group.se), np.max(group.se)
    with np.errstate(invalid="ignore"):
        near = limit * np.sqrt(se**2 + lowest**2)
        far = limit * np.sqrt(se**2 + highest**2)
    # sums round differently from the difference that decides, so the band is a little wider
    slack = 8 * np.finfo(np.float64).eps * (np.abs(score) + np.max(np.abs(group.score)) + far)
    start = np.searchsorted(group.score, score + near - slack, side="left")
    stop = np.searchsorted(group.score, score + far + slack, side="right")
    counted = group.score.size - stop
    for rows in blocks(score.size, ROWS):
        part = slice(rows.start, rows.stop)
        counted[part] += _between(
            score[part], se[part], limit[part], group, start[part], stop[part]
        )
    return counted


def _between(
    score: FloatArray,
    se: FloatArray,
    limit: FloatArray,
    group: Group,
    start: IntArray,
    stop: IntArray,
) -> IntArray:
    """Significantly higher members among those from ``start`` to ``stop``, one by one."""
    lengths = np.maximum(stop - start, 0)
    row = np.repeat(np.arange(score.size), lengths)
    first = np.repeat(start - (np.cumsum(lengths) - lengths), lengths)
    member = first + np.arange(row.size)
    sd = np.sqrt(se[row] ** 2 + group.se[member] ** 2)
    beyond = group.score[member] - score[row] > limit[row] * sd
    return np.bincount(row[beyond], minlength=score.size)
