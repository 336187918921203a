"""Confidence sets for ranks: joint, simultaneous and marginal; top and bottom sets; tiers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks.correlated import AllPairs, correlated_normals, difference_se
from huiyin.measure.ranks.counts import count_beyond
from huiyin.measure.ranks.draws import standard_normals
from huiyin.measure.ranks.inputs import (
    Areas,
    FloatArray,
    Good,
    IntArray,
    Ties,
    ZeroSe,
    check_confidence,
    check_draws,
    check_option,
    read_areas,
)
from huiyin.measure.ranks.joint import JOINT_METHODS, JointMethod, intervals_apart, joint_critical
from huiyin.measure.ranks.marginal import MarginalFamily, marginal_criticals
from huiyin.measure.ranks.plain import plain_ranks
from huiyin.measure.ranks.pruned import PrunedPairs
from huiyin.measure.ranks.stepdown import Critical, Maxima, critical_value
from huiyin.measure.tidy import Tidy

Kind = Literal["marginal", "simultaneous", "joint"]
KINDS: tuple[Kind, ...] = ("marginal", "simultaneous", "joint")
TierRule = Literal["separated", "leader"]
TIER_RULES: tuple[TierRule, ...] = ("separated", "leader")

#: Independent areas up to which all pairs of a draw are cheaper than the pruned search.
FEW = 200
#: Areas up to which marginal and simultaneous critical values may be as near as simulation errs.
CLOSE = 16

NO_SE = {
    "en": "no standard errors: the ranks are plain numbers, and no interval can be given",
    "zh": "没有标准误：名次仅为点估计，无法给出区间",
}


@dataclass(frozen=True)
class _Options:
    kind: str
    confidence: float
    draws: int
    seed: int
    step_down: bool
    method: str


@dataclass(frozen=True)
class _Found:
    """How many areas are significantly above and below each one, and by which critical value."""

    above: IntArray
    below: IntArray
    critical: FloatArray
    steps: int | None = None


def rank_sets(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    kind: Kind = "marginal",
    seed: int = 1,
    *,
    draws: int = 10_000,
    ties: Ties = "min",
    good: Good = "higher",
    step_down: bool = True,
    covariance: npt.ArrayLike | None = None,
    areas: Sequence[Hashable] | None = None,
    method: JointMethod = "sidak",
    decimals: int | None = None,
    zero_se: ZeroSe = "unknown",
) -> Tidy:
    """Ranks of areas, each with a confidence set for the true rank; rank 1 is the best.

    ``marginal`` sets hold for one area looked at by itself; ``simultaneous`` sets hold for all
    areas together (Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91,
    476-518). Both test every ordered pair of areas with studentised differences, in the family of
    the one area or of all areas, and, with ``step_down``, drop the orders already rejected and
    test again until none drop; the set runs from 1 + the number of areas significantly above to
    p - the number significantly below. ``joint`` is the region of Klein, Wright & Wieczorek (2020,
    JRSS C 69, 589-606), from simultaneous intervals of the areas themselves: wider, and needs no
    draws.

    Args:
        estimates: one per area, approximately normal.
        se: their standard errors, in the same unit; None = not known for any area, so that ranks
            are given and the sets are null. An area whose standard error is NaN gets 1..p.
        confidence: chance that the set, or all sets together, cover the true ranks.
        kind: see above.
        seed: of the draws; the same input and seed give the same sets.
        draws: for ``simultaneous`` sets, and for all kinds that use draws under a covariance.
            Marginal sets of independent areas are computed by quadrature.
        ties: what equal estimates get as ``rank``: the best, worst or mean of their places. Sets
            cover the true rank under each of these rules.
        good: which end is rank 1.
        step_down: see above; False gives the wider single-step sets.
        covariance: of the estimates, p × p, where they share a sample or a model; None =
            independent. Its diagonal stands for ``se`` if that is None.
        areas: names, kept as they are; None = 1, 2, ….
        method: of the joint region's intervals: ``sidak``, ``bonferroni`` or ``max-t``.
        decimals: rank the estimates as printed with so many decimals, half up.
        zero_se: what a standard error of 0 means: ``unknown`` (a sample that answered alike is no
            proof of certainty: the area gets 1..p) or ``exact`` (it was counted in full).

    Returns:
        One row per area, in the order given: area, estimate, se, rank, low, high. ``notes`` has
        the kind, confidence, critical values, number of steps and areas without a usable se.

    Raises:
        MeasureError: ``length-mismatch``, ``not-numeric``, ``bad-estimate``,
            ``bad-standard-error``, ``bad-covariance``, ``duplicate-area``, ``bad-confidence``,
            ``too-few-draws``, ``unknown-option``.
    """
    check_option(kind, KINDS, "kind")
    check_option(method, JOINT_METHODS, "method")
    check_confidence(confidence)
    check_draws(draws, confidence)
    read = read_areas(
        estimates, se, areas=areas, covariance=covariance, good=good, zero_se=zero_se
    )
    rank = plain_ranks(read.estimates, ties, good, decimals)
    options = _Options(kind, confidence, draws, seed, step_down, method)
    notes = {**vars(options), "ties": ties, "good": good}
    columns = {"area": read.names, "estimate": read.estimates, "se": read.printed_se, "rank": rank}
    if not np.any(read.measured):
        empty = np.full(read.count, np.nan)
        return Tidy.of(columns | {"low": empty, "high": empty}, {**notes, "why_null": NO_SE})
    found = _compare(read, options)
    low, high = _bounds(read, found)
    # ranks of rounded values may tie areas that are told apart
    columns["low"] = np.minimum(low, np.floor(rank).astype(np.int64))
    columns["high"] = np.maximum(high, np.ceil(rank).astype(np.int64))
    return Tidy.of(columns, notes | _notes(read, found))


def _bounds(read: Areas, found: _Found) -> tuple[IntArray, IntArray]:
    """Sets of all areas; nothing is claimed about an unmeasured one, or against it."""
    low = np.ones(read.count, dtype=np.int64)
    high = np.full(read.count, read.count, dtype=np.int64)
    low[read.measured] += found.above
    high[read.measured] -= found.below
    return low, high


def _notes(read: Areas, found: _Found) -> dict[str, Any]:
    notes: dict[str, Any] = {
        "critical_min": float(np.min(found.critical)),
        "critical_max": float(np.max(found.critical)),
        "steps": found.steps,
    }
    if read.unmeasured:
        notes["without_se"] = read.unmeasured
    return notes


def _compare(read: Areas, options: _Options) -> _Found:
    """Compare the measured areas, in an order that depends on their figures only.

    Draws are dealt out in this order, so the sets do not depend on the order of the rows.
    """
    measured = np.flatnonzero(read.measured)
    order = measured[np.lexsort((read.score[measured], read.se[measured]))]
    covariance = None if read.covariance is None else read.covariance[np.ix_(order, order)]
    found = _compare_in_order(read.score[order], read.se[order], covariance, options)
    back = np.argsort(np.searchsorted(measured, order))
    return _Found(found.above[back], found.below[back], found.critical[back], found.steps)


def _compare_in_order(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: _Options
) -> _Found:
    if options.kind == "joint":
        critical = joint_critical(
            score.size, options.confidence, options.method, covariance,
            draws=options.draws, seed=options.seed,
        )  # fmt: skip
        above, below = intervals_apart(score, critical * se)
        return _Found(above, below, np.full(score.size, critical))
    if score.size == 1:
        none = np.zeros(1, dtype=np.int64)
        return _Found(none, none, np.zeros(1))
    if options.kind == "simultaneous":
        return _simultaneous(score, se, covariance, options)
    return _marginal(score, se, covariance, options)


def _simultaneous(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: _Options
) -> _Found:
    found, pairs = simultaneous_critical(
        score, se, covariance, confidence=options.confidence, draws=options.draws,
        seed=options.seed, step_down=options.step_down,
    )  # fmt: skip
    if isinstance(pairs, AllPairs):
        above, below = pairs.count(found.value)
    else:
        above, below = count_beyond(score, se, found.value)
    return _Found(above, below, np.full(score.size, found.value), found.steps)


def simultaneous_critical(
    score: FloatArray,
    se: FloatArray,
    covariance: FloatArray | None,
    *,
    confidence: float,
    draws: int,
    seed: int,
    step_down: bool,
) -> tuple[Critical, Maxima]:
    """Critical value for the differences of all areas, and what found the maxima.

    For few areas the marginal critical values, which are known exactly, serve as a lower bound:
    the whole family is never exceeded less often than a part of it, and simulation error must not
    make it seem so. For more areas the two are too far apart for that.
    """
    if covariance is None and score.size > FEW:
        pruned = PrunedPairs(score, se, seed)
        return critical_value(pruned, draws, confidence, step_down), pruned
    pairs = _all_pairs(score, se, covariance, draws, seed)
    if covariance is not None or score.size > CLOSE:
        return critical_value(pairs, draws, confidence, step_down), pairs
    family = MarginalFamily(score, se, confidence)
    everyone = np.arange(score.size)

    def at_least(critical: float) -> float:
        if np.isinf(critical):
            return float(np.max(family.single_step))
        return float(np.max(family.after(everyone, np.full(score.size, critical))))

    return critical_value(pairs, draws, confidence, step_down, at_least), pairs


def _all_pairs(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, draws: int, seed: int
) -> AllPairs:
    if covariance is not None:
        z = correlated_normals(covariance, draws, seed)
        return AllPairs(score, difference_se(covariance), z)
    z = standard_normals(seed, range(draws), score.size) * se
    return AllPairs(score, np.sqrt(se[:, None] ** 2 + se[None, :] ** 2), z)


def _marginal(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: _Options
) -> _Found:
    if covariance is None:
        critical = marginal_criticals(score, se, options.confidence, options.step_down)
        return _Found(*count_beyond(score, se, critical), critical)
    pairs = _all_pairs(score, se, covariance, options.draws, options.seed)
    critical = pairs.marginal_criticals(options.confidence, options.step_down)
    return _Found(*pairs.count(critical), critical)


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


def check_count(size: int, areas: int, place: str) -> None:
    """Refuse a top or bottom that is empty or larger than the number of areas."""
    if not 1 <= size <= areas:
        raise MeasureError(
            "bad-count",
            f"must be between 1 and the number of areas, {areas}; it is {size}",
            f"应在 1 与地区数 {areas} 之间，现为 {size}",
            place=place,
        )


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
        reach = critical * np.sqrt(se[leader] ** 2 + se[leader:] ** 2)
        below = np.flatnonzero(ordered[leader] - ordered[leader:] > reach)
        if below.size == 0:
            return starts
        leader += int(below[0])
