"""Moves between two rounds: the plain number, and whether the change behind it is real."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.multiplicity import Adjustment, adjust, check_adjustment
from huiyin.measure.ranks.inputs import (
    ZERO_SE,
    BoolArray,
    FloatArray,
    Good,
    Ties,
    ZeroSe,
    area_names,
    check_confidence,
    check_finite,
    check_length,
    check_option,
    numbers,
    standard_errors,
)
from huiyin.measure.ranks.plain import plain_ranks
from huiyin.measure.tidy import Tidy

NO_SE = {
    "en": "no standard errors: differences, ranks and moves are plain numbers; whether a change "
    "is real cannot be said",
    "zh": "没有标准误：差值、名次和升降仅为点估计，无法判断变化是否真实",
}


@dataclass(frozen=True)
class _Round:
    values: FloatArray
    se: FloatArray
    rank: FloatArray


def moves(
    previous: npt.ArrayLike,
    previous_se: npt.ArrayLike | None,
    current: npt.ArrayLike,
    current_se: npt.ArrayLike | None,
    covariance: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    adjust: Adjustment = "holm",
    *,
    areas: Sequence[Hashable] | None = None,
    previous_areas: Sequence[Hashable] | None = None,
    df: npt.ArrayLike | None = None,
    ties: Ties = "min",
    good: Good = "higher",
    decimals: int | None = None,
    zero_se: ZeroSe = "unknown",
) -> Tidy:
    """What changed from one round to the next, area by area, and in rank.

    A move is *real* (``up`` or ``down``, for better or for worse is for ``good`` to say) if the
    difference of the scores is significant after control over all areas tested: by Holm (1979)
    the chance of any false verdict is at most 1 - confidence, by Benjamini & Hochberg (1995) the
    expected share of false ones among the verdicts is. Otherwise it is ``not distinguishable``.

    Args:
        previous, current: estimates of the two rounds, in the same unit.
        previous_se, current_se: their standard errors; None = not known for any area, so that
            differences, ranks and moves are given and all else is null.
        covariance: between the two estimates of each area, one per row of ``current`` (where
            people or clusters overlap); None = independent rounds.
        confidence: of each interval by itself; 1 - confidence is the level of the verdicts.
        adjust: ``holm``, ``bh`` or ``none``.
        areas: names of the rows of ``current``; None = 1, 2, ….
        previous_areas: names of the rows of ``previous``; None = the same, in the same order.
        df: degrees of freedom of each difference, one per row of ``current``; None = normal.
        ties, good, decimals: of the ranks, as for :func:`plain_ranks`. Each round is ranked among
            all of its own areas.
        zero_se: as for :func:`rank_sets`; ``unknown`` leaves an area with a standard error of 0
            in either round untested.

    Returns:
        The areas of the current round in their order, then those of the previous round only:
        area, previous, current, difference (current - previous), se, ci_low, ci_high, p,
        p_adjusted, verdict, previous_rank, rank, move (previous_rank - rank: positive = better
        place), in_rounds (``both``, ``current only``, ``previous only``), why_not (why there is
        no verdict).

    Raises:
        MeasureError: as :func:`rank_sets`; ``bad-covariance`` if a variance turns out negative;
            ``bad-df`` if degrees of freedom are not positive.
    """
    check_confidence(confidence)
    check_adjustment(adjust)
    check_option(zero_se, ZERO_SE, "zero_se")
    now = _round(current, current_se, areas, "current", (ties, good, decimals))
    current_names = area_names(areas, now.values.size)
    names_before = areas if previous_areas is None else previous_areas
    before = _round(previous, previous_se, names_before, "previous", (ties, good, decimals))
    previous_names = area_names(names_before, before.values.size, "previous_areas")
    if previous_areas is None:
        check_length(before.values.size, now.values.size, "previous")
    names, before, now = _match(previous_names, before, current_names, now)
    extra = len(names) - len(current_names)
    shared = _per_area(covariance, current_names, extra, "covariance", 0.0)
    freedom = _per_area(df, current_names, extra, "df", np.inf)
    tested = _test(before, now, shared, freedom, confidence, zero_se, names)
    columns = _columns(names, before, now, tested, adjust, confidence)
    notes = {
        "confidence": confidence, "adjust": adjust, "ties": ties, "good": good,
        "tests": int(np.sum(~np.isnan(tested["p"]))),
    }  # fmt: skip
    return Tidy.of(columns, notes | _unmatched(columns) | _why_null(before, now))


def _round(
    values: npt.ArrayLike,
    se: npt.ArrayLike | None,
    areas: Sequence[Hashable] | None,
    place: str,
    ranking: tuple[Ties, Good, int | None],
) -> _Round:
    estimates = numbers(values, place)
    names = area_names(areas, estimates.size, place)
    check_finite(estimates, names, place)
    errors = standard_errors(se, names, f"{place}_se")
    return _Round(estimates, errors, plain_ranks(estimates, *ranking).astype(np.float64))


def _match(
    previous_names: list[Any], before: _Round, current_names: list[Any], now: _Round
) -> tuple[list[Any], _Round, _Round]:
    """Both rounds over the areas of either, NaN where a round has none."""
    place_before = {name: place for place, name in enumerate(previous_names)}
    place_now = {name: place for place, name in enumerate(current_names)}
    names = current_names + [name for name in previous_names if name not in place_now]
    return (
        names,
        _take(before, [place_before.get(name, -1) for name in names]),
        _take(now, [place_now.get(name, -1) for name in names]),
    )


def _take(given: _Round, places: list[int]) -> _Round:
    place = np.array(places, dtype=np.int64)

    def column(values: FloatArray) -> FloatArray:
        return np.append(values, np.nan)[place]

    return _Round(column(given.values), column(given.se), column(given.rank))


def _per_area(
    values: npt.ArrayLike | None, names: list[Any], extra: int, place: str, default: float
) -> FloatArray:
    if values is None:
        return np.full(len(names) + extra, default)
    given = numbers(values, place)
    check_length(given.size, len(names), place)
    if place == "df" and np.any(~(given > 0)):
        first = names[int(np.flatnonzero(~(given > 0))[0])]
        raise MeasureError(
            "bad-df",
            f"area {first!r} has no positive degrees of freedom",
            f"地区 {first!r} 的自由度不是正数",
            place=place,
        )
    if place == "covariance":
        check_finite(given, names, place)
    return np.append(given, np.full(extra, default))


def _test(
    before: _Round,
    now: _Round,
    covariance: FloatArray,
    df: FloatArray,
    confidence: float,
    zero_se: str,
    names: list[Any],
) -> dict[str, FloatArray]:
    """Difference, its standard error, interval and two-sided p of each area; NaN = not tested."""
    from scipy.special import stdtr, stdtrit

    difference = now.values - before.values
    variance = before.se**2 + now.se**2 - 2 * covariance
    _check_variance(variance, before, now, names)
    known = (before.se > 0) & (now.se > 0)
    if zero_se == "exact":
        known = ~np.isnan(variance)
    se = np.where(known, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where((difference == 0) & known, 0.0, difference / se)
    reach = stdtrit(df, (1 + confidence) / 2) * se
    p = 2 * stdtr(df, -np.abs(t))
    return {
        "difference": difference, "se": se, "ci_low": difference - reach,
        "ci_high": difference + reach, "p": p,
    }  # fmt: skip


def _check_variance(variance: FloatArray, before: _Round, now: _Round, names: list[Any]) -> None:
    bad = np.flatnonzero(variance < -1e-12 * (before.se**2 + now.se**2))
    if bad.size:
        name = names[int(bad[0])]
        raise MeasureError(
            "bad-covariance",
            f"the covariance of area {name!r} is larger than its two standard errors allow",
            f"地区 {name!r} 的协方差超出两轮标准误所允许的范围",
            place="covariance",
        )


def _columns(
    names: list[Any],
    before: _Round,
    now: _Round,
    tested: dict[str, FloatArray],
    method: Adjustment,
    confidence: float,
) -> dict[str, Any]:
    p_adjusted = adjust(tested["p"], method)
    gone, new = np.isnan(now.values), np.isnan(before.values)
    untested = np.isnan(p_adjusted)
    return {
        "area": names, "previous": before.values, "current": now.values, **tested,
        "p_adjusted": p_adjusted,
        "verdict": _verdicts(tested["difference"], p_adjusted, confidence),
        "previous_rank": _whole(before.rank), "rank": _whole(now.rank),
        "move": _whole(before.rank - now.rank),
        "in_rounds": _texts([gone, new], ["previous only", "current only"], "both"),
        "why_not": _texts(
            [gone, new, untested],
            ["not in the current round", "not in the previous round", "no standard error"],
            None,
        ),
    }  # fmt: skip


def _verdicts(difference: FloatArray, p_adjusted: FloatArray, confidence: float) -> list[Any]:
    # 1 - 0.95 is a little more than 0.05 in binary; a p of exactly the level counts as real
    real = p_adjusted <= 1 - confidence + 1e-12
    return _texts(
        [np.isnan(p_adjusted), real & (difference > 0), real & (difference < 0)],
        [None, "up", "down"],
        "not distinguishable",
    )


def _texts(
    conditions: list[BoolArray], texts: list[str | None], otherwise: str | None
) -> list[Any]:
    """The text of the first condition that holds, row by row."""
    chosen = np.select(conditions, list(range(len(texts))), len(texts))
    return np.array([*texts, otherwise], dtype=object)[chosen].tolist()


def _whole(ranks: FloatArray) -> Any:
    """As whole numbers where they are, with null for none."""
    import pyarrow as pa

    if np.all(np.isnan(ranks) | (ranks == np.round(ranks))):
        return pa.array([None if np.isnan(rank) else int(rank) for rank in ranks], pa.int64())
    return ranks


def _unmatched(columns: dict[str, Any]) -> dict[str, Any]:
    pairs = list(zip(columns["area"], columns["in_rounds"], strict=True))
    return {
        key: [area for area, where in pairs if where == rounds]
        for key, rounds in (("new_areas", "current only"), ("gone_areas", "previous only"))
    }


def _why_null(before: _Round, now: _Round) -> dict[str, Any]:
    if np.all(np.isnan(before.se)) or np.all(np.isnan(now.se)):
        return {"why_null": NO_SE}
    return {}
