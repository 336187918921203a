"""The joint region for an overall ranking of Klein, Wright & Wieczorek (2020).

Journal of the Royal Statistical Society, Series C, 69, 589-606, theorem 1: if intervals cover all
values together with the stated confidence, then with at least that confidence the rank of every
area lies between 1 + the number of intervals wholly above its own and p - the number wholly below.
Intervals that only touch are not apart (the paper counts them as apart; with areas that are
exactly equal the strict rule is the one that holds).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from huiyin.measure.ranks.correlated import correlated_normals
from huiyin.measure.ranks.draws import upper_quantile
from huiyin.measure.ranks.inputs import FloatArray, IntArray

JointMethod = Literal["sidak", "bonferroni", "max-t"]
JOINT_METHODS: tuple[JointMethod, ...] = ("sidak", "bonferroni", "max-t")


def joint_critical(
    count: int,
    confidence: float,
    method: str,
    covariance: FloatArray | None = None,
    *,
    draws: int,
    seed: int,
) -> float:
    """Number of standard errors on either side so that all intervals hold together.

    ``sidak`` is exact for independent normal estimates and safe for correlated ones (Šidák 1967);
    ``bonferroni`` is safe without normality of the joint distribution; ``max-t`` takes the
    quantile of the largest standardised deviation, by draws where a covariance is given; without
    one that quantile is Šidák's, and no draw is made.
    """
    from scipy.special import ndtri

    if method == "bonferroni":
        return float(-ndtri((1 - confidence) / (2 * count)))
    if method == "max-t" and covariance is not None:
        se = np.sqrt(np.diagonal(covariance))
        size = np.abs(correlated_normals(covariance, draws, seed))
        deviations = np.divide(size, se, out=np.zeros_like(size), where=se > 0)
        return upper_quantile(np.max(deviations, axis=1), confidence)
    return float(-ndtri(-math.expm1(math.log(confidence) / count) / 2))


def intervals_apart(score: FloatArray, half_width: FloatArray) -> tuple[IntArray, IntArray]:
    """How many intervals lie wholly above, and wholly below, that of each area; O(p log p)."""
    lower, upper = score - half_width, score + half_width
    above = score.size - np.searchsorted(np.sort(lower), upper, side="right")
    below = np.searchsorted(np.sort(upper), lower, side="left")
    return above.astype(np.int64), below.astype(np.int64)
