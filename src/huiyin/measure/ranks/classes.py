"""What can be said in classes: who may be among the best or the worst, and tiers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks.inputs import FloatArray, IntArray, check_count, check_option
from huiyin.measure.ranks.sets import rank_sets
from huiyin.measure.tidy import Tidy

TierRule = Literal["separated", "leader"]
TIER_RULES: tuple[TierRule, ...] = ("separated", "leader")


def top_set(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None,
    top: int,
    confidence: float = 0.95,
    **options: Any,
) -> Tidy:
    """Areas that may be among the ``top`` best: with the stated confidence, all true ones are in.

    The projection of Mogstad, Romano, Shaikh & Wilhelm (2024): areas whose simultaneous lower
    bound on the rank is ``top`` or better. For all areas together the one-sided family is that of
    all ordered pairs, the same as for simultaneous sets, so no confidence is lost by using those.

    Args:
        top: how many best, 1..p.
        options: as for :func:`rank_sets`, but for ``kind``.

    Returns:
        As :func:`rank_sets`, with ``in_set``.

    Raises:
        MeasureError: as :func:`rank_sets`; ``bad-count``; ``no-standard-error``.
    """
    return _extreme_set(estimates, se, top, "top", confidence, options)


def bottom_set(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None,
    bottom: int,
    confidence: float = 0.95,
    **options: Any,
) -> Tidy:
    """Areas that may be among the ``bottom`` worst; as :func:`top_set` from the other end."""
    return _extreme_set(estimates, se, bottom, "bottom", confidence, options)


def _extreme_set(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None,
    size: int,
    end: str,
    confidence: float,
    options: dict[str, Any],
) -> Tidy:
    sets = rank_sets(estimates, se, confidence, "simultaneous", **options)
    _check_measured(sets)
    check_count(size, len(sets), end)
    if end == "top":
        inside = np.asarray(sets["low"]) <= size
    else:
        inside = np.asarray(sets["high"]) > len(sets) - size
    return _with_column(sets, "in_set", inside, {end: size})


def _check_measured(sets: Tidy) -> None:
    if "why_null" in sets.notes:
        raise MeasureError(
            "no-standard-error",
            "needs standard errors; without them only plain ranks can be given (plain_ranks)",
            "需要标准误；没有标准误时只能给出名次本身（plain_ranks）",
            place="se",
        )


def _with_column(sets: Tidy, name: str, values: Any, notes: dict[str, Any]) -> Tidy:
    columns = {column: sets[column] for column in sets.arrow.column_names}
    return Tidy.of(columns | {name: values}, sets.notes | notes)


def tiers(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None,
    confidence: float = 0.95,
    rule: TierRule = "separated",
    **options: Any,
) -> Tidy:
    """Classes of areas that may be told apart, 1 = best.

    ``separated``: with the stated confidence every area of a tier is truly better than every area
    of any lower one. ``leader``: a tier starts with the best area left and ends before the first
    one significantly below that leader; only leaders of different tiers are then told apart, and
    there are more tiers. Areas of one tier are not thereby equal: they are not distinguishable.

    Args:
        options: as for :func:`rank_sets`, but for ``kind`` and ``covariance``.

    Returns:
        As :func:`rank_sets` with simultaneous sets, and ``tier``.

    Raises:
        MeasureError: as :func:`rank_sets`; ``no-standard-error``.
    """
    check_option(rule, TIER_RULES, "rule")
    sets = rank_sets(estimates, se, confidence, "simultaneous", **options)
    _check_measured(sets)
    score = np.asarray(sets["estimate"], dtype=np.float64)
    score = score if sets.notes["good"] == "higher" else -score
    order = np.argsort(-score, kind="stable")
    starts = _separated(sets, order) if rule == "separated" else _leaders(sets, score, order)
    tier = np.empty(order.size, dtype=np.int64)
    tier[order] = np.cumsum(starts)
    return _with_column(sets, "tier", tier, {"rule": rule})


def _separated(sets: Tidy, order: IntArray) -> npt.NDArray[np.bool_]:
    """A tier starts where all areas before have all others below them."""
    worst = np.maximum.accumulate(np.asarray(sets["high"])[order])
    best = np.minimum.accumulate(np.asarray(sets["low"])[order][::-1])[::-1]
    place = np.arange(1, order.size)
    apart = (worst[:-1] <= place) & (best[1:] > place)
    return np.concatenate([[True], apart])


def _leaders(sets: Tidy, score: FloatArray, order: IntArray) -> npt.NDArray[np.bool_]:
    """A tier starts at the first area significantly below the leader of the one before."""
    # an unmeasured area is significantly below nobody, and nobody is below it
    se = np.nan_to_num(sets["se"].to_numpy().astype(np.float64), nan=np.inf)[order]
    ordered, critical = score[order], sets.notes["critical_max"]
    starts = np.zeros(order.size, dtype=bool)
    leader = 0
    while True:
        starts[leader] = True
        with np.errstate(invalid="ignore"):  # one measured area has the critical value 0
            reach = critical * np.sqrt(se[leader] ** 2 + se[leader:] ** 2)
        below = np.flatnonzero(ordered[leader] - ordered[leader:] > reach)
        if below.size == 0:
            return starts
        leader += int(below[0])
