"""Chances of places: first, among the best k, among the worst k; and the expected rank.

They describe rankings of values drawn around the estimates, N(estimate, se²): what a repetition
of the survey around these estimates would show. Such draws are spread twice as wide as the truth
they started from, so a chance here is no confidence level; use :func:`rank_sets` for that.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.ranks.correlated import covariance_root
from huiyin.measure.ranks.draws import BLOCK, blocks, in_threads, standard_normals
from huiyin.measure.ranks.expected import expected_rank
from huiyin.measure.ranks.inputs import (
    FloatArray,
    Good,
    IntArray,
    ZeroSe,
    check_count,
    check_draws,
    read_areas,
)
from huiyin.measure.ranks.sets import NO_SE
from huiyin.measure.tidy import Tidy


def rank_probabilities(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None = None,
    *,
    top: int | Sequence[int] = 5,
    bottom: int | Sequence[int] = 5,
    draws: int = 10_000,
    seed: int = 1,
    good: Good = "higher",
    covariance: npt.ArrayLike | None = None,
    areas: Sequence[Hashable] | None = None,
    zero_se: ZeroSe = "unknown",
) -> Tidy:
    """Chance of each area to be first, in the top k and in the bottom k, and its expected rank.

    The chances are shares of the draws, with a simulation error of at most 0.5/√draws; the
    expected rank, 1 + Σ_k P(k better), is computed without draws. Memory does not grow with the
    number of draws.

    Args:
        top, bottom: one k or several; a k above the number of areas takes in all of them, and
            its column keeps its name.
        draws: number of parametric draws; all others as for :func:`rank_sets`.

    Returns:
        One row per area: area, estimate, se, p_first, p_top<k>…, p_bottom<k>…, expected_rank.
        Areas without a usable standard error get nulls, and the others are ranked without them.

    Raises:
        MeasureError: as :func:`rank_sets`; ``bad-count`` for a k below 1.
    """
    read = read_areas(estimates, se, areas=areas, covariance=covariance, good=good, zero_se=zero_se)
    known = np.flatnonzero(read.measured)
    best, worst = _sizes(top, "top", read.count), _sizes(bottom, "bottom", read.count)
    check_draws(draws)
    matrix = None if read.covariance is None else read.covariance[np.ix_(known, known)]
    columns: dict[str, Any] = {
        "area": read.names, "estimate": read.estimates, "se": read.printed_se,
    }  # fmt: skip
    notes: dict[str, Any] = {"draws": draws, "seed": seed, "good": good}
    if known.size == 0:
        notes["why_null"] = NO_SE
    elif read.unmeasured:
        notes["without_se"] = read.unmeasured
    chances = _chances(read.score[known], read.se[known], matrix, [1, *best], worst, draws, seed)
    names = ["p_first", *(f"p_top{k}" for k in best), *(f"p_bottom{k}" for k in worst)]
    for name, chance in zip(names, chances, strict=True):
        columns[name] = _spread(chance, known, read.count)
    expected = expected_rank(read.score[known], read.se[known], matrix)
    columns["expected_rank"] = _spread(expected, known, read.count)
    return Tidy.of(columns, notes)


def _sizes(asked: int | Sequence[int], place: str, areas: int) -> list[int]:
    sizes = [asked] if isinstance(asked, int) else list(asked)
    for size in sizes:
        check_count(size, max(size, areas), place)
    return sizes


def _spread(values: FloatArray, known: IntArray, count: int) -> FloatArray:
    column = np.full(count, np.nan)
    column[known] = values
    return column


def _chances(
    score: FloatArray,
    se: FloatArray,
    covariance: FloatArray | None,
    best: list[int],
    worst: list[int],
    draws: int,
    seed: int,
) -> FloatArray:
    """Shares of the draws, one row per size."""
    if score.size == 0:
        return np.empty((len(best) + len(worst), 0))
    root = None if covariance is None else covariance_root(covariance).T
    # places in ascending order: the k-th best is number p - k
    places = [max(score.size - k, 0) for k in best] + [min(k, score.size) - 1 for k in worst]

    def tally(part: range) -> IntArray:
        normals = standard_normals(seed, part, score.size)
        values = score + (normals * se if root is None else normals @ root)
        limits = np.partition(values, sorted(set(places)), axis=1)[:, places]
        inside = [np.sum(values >= limits[:, [i]], axis=0) for i in range(len(best))]
        inside += [np.sum(values <= limits[:, [i]], axis=0) for i in range(len(best), len(places))]
        return np.array(inside, dtype=np.int64)

    total = np.zeros((len(places), score.size), dtype=np.int64)
    parts = blocks(draws, max(1, BLOCK // score.size))
    for group in blocks(len(parts), 64):
        total += np.sum(in_threads(tally, parts[group.start : group.stop]), axis=0)
    return total / draws
