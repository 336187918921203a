"""How many areas, or pairs of areas, a planned survey will be able to tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning.inputs import FloatArray, counts, numbers
from huiyin.measure.tidy import Tidy

RankKind = Literal["simultaneous", "marginal", "joint"]


def distinguishable_ranks(
    n: npt.ArrayLike,
    *,
    sd: float,
    true_values: Sequence[float] | None = None,
    areas: int | None = None,
    spread: float | None = None,
    deff: float = 1.0,
    confidence: float = 0.95,
    kind: RankKind = "simultaneous",
    top: int = 5,
    surveys: int = 200,
    draws: int = 1000,
    seed: int = 1,
) -> Tidy:
    """Simulate the planned survey and count what its rank sets can tell.

    In each simulated survey every area's estimate is its true value plus normal noise of standard
    error ``sd·√(deff/n)``, and :func:`huiyin.measure.ranks.rank_sets` is applied as it will be to
    the real one. Two areas are told apart where the set of one, by the difference of the two, is
    cut by the other.

    Args:
        n: interviews per area: one number, a list of sizes to compare, or a table with one row
            per plan and one column per area.
        sd: standard deviation of the item among respondents, in points.
        true_values: true value of each area, in points, such as those of an earlier round shrunk
            by the small-area model; or instead
        areas, spread: number of areas, and the standard deviation of their true values in points,
            which are then laid out as the quantiles of a normal distribution.
        deff: design effect.
        confidence, kind, draws: of the rank sets.
        top: how many places count as the top and the bottom.
        surveys: number of simulated surveys; ``mean_set`` is then known to about 1 %.
        seed: same input and seed, same table.

    Returns:
        One row per plan: n (mean per area), se (mean, in points), areas, pairs, told_apart
        (expected number of pairs), told_apart_share (percent), mean_set (mean number of ranks in
        an area's set), single (expected areas whose rank is known exactly), sure_top and
        sure_bottom (expected areas known to be among the first or last ``top``), covered (percent
        of surveys in which every set held the true rank).

    Raises:
        MeasureError: ``bad-number``, ``unknown-option``, ``length-mismatch``.
    """
    truth = _truth(true_values, areas, spread)
    sizes = _plans(n, len(truth))
    spreading = float(numbers(sd, "sd", low=0, above=True))
    effect = float(numbers(deff, "deff", low=0, above=True))
    numbers(surveys, "surveys", low=1)
    numbers(top, "top", low=1, high=len(truth))
    rows = []
    for plan in sizes:
        se = spreading * np.sqrt(effect / plan)
        means = _simulated(truth, se, confidence, kind, top, surveys, draws, seed)
        rows.append((plan.mean(), se.mean(), *means))
    pairs = len(truth) * (len(truth) - 1) // 2
    column = dict(zip(_COUNTED, map(np.array, zip(*rows, strict=True)), strict=True))
    return Tidy.of(
        {
            "n": counts(column["n"]),
            "se": column["se"],
            "areas": [len(truth)] * len(rows),
            "pairs": [pairs] * len(rows),
            "told_apart": column["told_apart"],
            "told_apart_share": 100 * column["told_apart"] / pairs,
            **{name: column[name] for name in _COUNTED[3:]},
        },
        {"kind": kind, "confidence": confidence, "surveys": surveys, "seed": seed, "top": top},
    )


_COUNTED = ("n", "se", "told_apart", "mean_set", "single", "sure_top", "sure_bottom", "covered")


def _simulated(
    truth: FloatArray,
    se: FloatArray,
    confidence: float,
    kind: RankKind,
    top: int,
    surveys: int,
    draws: int,
    seed: int,
) -> tuple[float, ...]:
    """Means over the simulated surveys, in the order of ``_COUNTED`` from told_apart on."""
    from huiyin.measure.ranks import rank_sets

    generator = np.random.Generator(np.random.PCG64(seed))
    areas = len(truth)
    true_rank = 1 + np.sum(truth[None, :] > truth[:, None], axis=1)
    counted = np.empty((surveys, len(_COUNTED) - 2))
    for survey in range(surveys):
        estimates = truth + se * generator.standard_normal(areas)
        sets = rank_sets(
            estimates, se, confidence=confidence, kind=kind, seed=seed + survey, draws=draws
        )
        low, high = sets["low"].to_numpy(), sets["high"].to_numpy()
        length = high - low + 1
        counted[survey] = (
            (areas - length).sum() / 2,
            length.mean(),
            (length == 1).sum(),
            (high <= top).sum(),
            (low > areas - top).sum(),
            100 * bool(np.all((low <= true_rank) & (true_rank <= high))),
        )
    return tuple(counted.mean(axis=0).tolist())


def _truth(
    true_values: Sequence[float] | None, areas: int | None, spread: float | None
) -> FloatArray:
    from scipy.special import ndtri

    if (true_values is None) == (areas is None or spread is None):
        raise MeasureError(
            "unknown-option",
            "give true_values=, or areas= and spread=",
            "请给出 true_values，或同时给出 areas 与 spread",
            place="true_values",
        )
    if true_values is None:
        numbers(areas, "areas", low=2)
        deviation, count = float(numbers(spread, "spread", low=0)), int(areas or 0)
        quantiles = ndtri((np.arange(count, 0, -1) - 0.5) / count)
        return np.asarray(deviation * quantiles / quantiles.std(), dtype=np.float64)
    values = np.atleast_1d(numbers(true_values, "true_values"))
    numbers(len(values), "true_values", low=2)
    return values


def _plans(n: npt.ArrayLike, areas: int) -> FloatArray:
    """Interviews per plan (row) and area (column)."""
    sizes = numbers(n, "n", low=1)
    if sizes.ndim < 2:
        return np.repeat(np.atleast_1d(sizes)[:, None], areas, axis=1)
    if sizes.shape[1] != areas:
        raise MeasureError(
            "length-mismatch",
            f"a plan has {sizes.shape[1]} areas, the true values {areas}",
            f"方案含 {sizes.shape[1]} 个区域，而真值有 {areas} 个",
            place="n",
        )
    return sizes
