"""Confidence sets for ranks: joint, simultaneous and marginal."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.ranks.compare import KINDS, Comparison, Found, Kind, compare
from huiyin.measure.ranks.inputs import (
    Areas,
    Good,
    IntArray,
    Ties,
    ZeroSe,
    check_confidence,
    check_draws,
    check_option,
    read_areas,
)
from huiyin.measure.ranks.joint import JOINT_METHODS, JointMethod
from huiyin.measure.ranks.plain import plain_ranks
from huiyin.measure.tidy import Tidy

NO_SE = {
    "en": "no standard errors: the ranks are plain numbers, and no interval can be given",
    "zh": "没有标准误：名次仅为点估计，无法给出区间",
}


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
    read = read_areas(estimates, se, areas=areas, covariance=covariance, good=good, zero_se=zero_se)
    rank = plain_ranks(read.estimates, ties, good, decimals)
    options = Comparison(kind, confidence, draws, seed, step_down, method)
    notes = {**vars(options), "ties": ties, "good": good}
    columns = {"area": read.names, "estimate": read.estimates, "se": read.printed_se, "rank": rank}
    if not np.any(read.measured):
        empty = np.full(read.count, np.nan)
        return Tidy.of(columns | {"low": empty, "high": empty}, {**notes, "why_null": NO_SE})
    found = compare(read, options)
    low, high = _bounds(read, found)
    # ranks of rounded values may tie areas that are told apart
    columns["low"] = np.minimum(low, np.floor(rank).astype(np.int64))
    columns["high"] = np.maximum(high, np.ceil(rank).astype(np.int64))
    return Tidy.of(columns, notes | _notes(read, found))


def _bounds(read: Areas, found: Found) -> tuple[IntArray, IntArray]:
    """Sets of all areas; nothing is claimed about an unmeasured one, or against it."""
    low = np.ones(read.count, dtype=np.int64)
    high = np.full(read.count, read.count, dtype=np.int64)
    low[read.measured] += found.above
    high[read.measured] -= found.below
    return low, high


def _notes(read: Areas, found: Found) -> dict[str, Any]:
    notes: dict[str, Any] = {
        "critical_min": float(np.min(found.critical)),
        "critical_max": float(np.max(found.critical)),
        "steps": found.steps,
    }
    if read.unmeasured:
        notes["without_se"] = read.unmeasured
    return notes
