"""How many areas are significantly above and below each one, by the kind of set that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from huiyin.measure.ranks.correlated import AllPairs, correlated_normals, difference_se
from huiyin.measure.ranks.counts import count_beyond
from huiyin.measure.ranks.draws import standard_normals
from huiyin.measure.ranks.inputs import Areas, FloatArray, IntArray
from huiyin.measure.ranks.joint import intervals_apart, joint_critical
from huiyin.measure.ranks.marginal import MarginalFamily, marginal_criticals
from huiyin.measure.ranks.pruned import PrunedPairs
from huiyin.measure.ranks.stepdown import Critical, Maxima, critical_value

Kind = Literal["marginal", "simultaneous", "joint"]
KINDS: tuple[Kind, ...] = ("marginal", "simultaneous", "joint")

#: Independent areas up to which all pairs of a draw are cheaper than the pruned search.
FEW = 200
#: Areas up to which marginal and simultaneous critical values may be as near as simulation errs.
CLOSE = 16


@dataclass(frozen=True)
class Comparison:
    """What is wanted; the attributes are the arguments of ``rank_sets``."""

    kind: str
    confidence: float
    draws: int
    seed: int
    step_down: bool
    method: str


@dataclass(frozen=True)
class Found:
    """How many areas are significantly above and below each one, and by which critical value."""

    above: IntArray
    below: IntArray
    critical: FloatArray
    steps: int | None = None


def compare(read: Areas, options: Comparison) -> Found:
    """Compare the measured areas, in an order that depends on their figures only.

    Draws are dealt out in this order, so the sets do not depend on the order of the rows.
    """
    measured = np.flatnonzero(read.measured)
    order = measured[np.lexsort((read.score[measured], read.se[measured]))]
    covariance = None if read.covariance is None else read.covariance[np.ix_(order, order)]
    found = _in_order(read.score[order], read.se[order], covariance, options)
    back = np.argsort(np.searchsorted(measured, order))
    return Found(found.above[back], found.below[back], found.critical[back], found.steps)


def _in_order(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: Comparison
) -> Found:
    if options.kind == "joint":
        critical = joint_critical(
            score.size, options.confidence, options.method, covariance,
            draws=options.draws, seed=options.seed,
        )  # fmt: skip
        above, below = intervals_apart(score, critical * se)
        return Found(above, below, np.full(score.size, critical))
    if score.size == 1:
        none = np.zeros(1, dtype=np.int64)
        return Found(none, none, np.zeros(1))
    if options.kind == "simultaneous":
        return _simultaneous(score, se, covariance, options)
    return _marginal(score, se, covariance, options)


def _simultaneous(
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: Comparison
) -> Found:
    found, pairs = simultaneous_critical(
        score, se, covariance, confidence=options.confidence, draws=options.draws,
        seed=options.seed, step_down=options.step_down,
    )  # fmt: skip
    if isinstance(pairs, AllPairs):
        above, below = pairs.count(found.value)
    else:
        above, below = count_beyond(score, se, found.value)
    return Found(above, below, np.full(score.size, found.value), found.steps)


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
    score: FloatArray, se: FloatArray, covariance: FloatArray | None, options: Comparison
) -> Found:
    if covariance is None:
        critical = marginal_criticals(score, se, options.confidence, options.step_down)
        return Found(*count_beyond(score, se, critical), critical)
    pairs = _all_pairs(score, se, covariance, options.draws, options.seed)
    critical = pairs.marginal_criticals(options.confidence, options.step_down)
    return Found(*pairs.count(critical), critical)
