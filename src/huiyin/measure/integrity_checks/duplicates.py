"""Near-duplicates: interviews that share more answers with another than honest ones would.

Kuriakose & Robbins (2016, Statistical Journal of the IAOS 32, 283-291) take the largest share of
answers an interview has in common with any other and look above 85 %. What honest interviews
share depends on the questionnaire: few items, few options and content people make many agree
(Simmons, Mercer, Schwarzer & Kennedy 2016, same volume). So here every interview is judged by the
chance that an honest round holds another one as close to it, given its own answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.interviews import Groups, Interviews
from huiyin.measure.integrity_checks.latent_classes import (
    LatentClasses,
    fit_latent_classes,
    straight_liners,
)
from huiyin.measure.tidy import Tidy

#: Above this number of interviews all pairs are not compared; only those of the same group are.
MOST_FOR_ALL_PAIRS = 30_000
#: Interviews enter the latent class fit up to this number, evenly spaced.
MOST_FOR_FIT = 12_000
_BLOCK = 1024
_ANCHORED_AT = 10.0
_RECALIBRATED_FROM = 300.0


def near_duplicates(interviews: Interviews, *, within: Groups | None = None, seed: int = 1) -> Tidy:
    """For each interview, the one most like it, and how likely such likeness is by honest chance.

    The expected number of honest interviews that share at least m answers with this one is
    computed under a latent class model fitted to these answers (a sum over classes of exact
    Poisson-binomial tails, given the answers at hand), and p = 1 - exp(-that number) at the
    largest m found. The model only carries the count outwards: for each interview it is scaled to
    the number of others seen at the closeness where ten are expected, and for the whole round to
    the number of pairs at the closeness where 300 are. An all-best interview among content people
    is expected to be matched and is not flagged; and every round is taken to hold one honest
    straight-liner for each code (:func:`~huiyin.measure.integrity_checks.answering.straight_lining`
    judges those).

    Args:
        interviews: the round. An interview counts if it answers at least half of the items and
            at least five; a missing answer matches nothing.
        within: compare within these groups only; None = all pairs, up to 30,000 interviews, and
            within areas above that.
        seed: of the latent class fit.

    Returns:
        The common columns: unit = interview; n = items it answered; observed = largest match
        share; expected = the share that half of honest rounds would reach; and ``partner``,
        ``area``, ``interviewer``, ``partner_interviewer``. Notes: ``threshold`` (the match share
        that one honest interview in a thousand reaches on this questionnaire),
        ``classes``, ``recalibration``, ``compared``.

    Raises:
        MeasureError: ``too-few-items`` (fewer than 5, or more than 127).
    """
    if not 5 <= len(interviews.items) <= 127:
        raise MeasureError(
            "too-few-items",
            "near-duplicates need 5 to 127 items; with fewer, chance makes many",
            "查找近似重复需要 5 至 127 个题目，题目过少时偶然重合很多",
            place="items",
        )
    answered = interviews.answered
    usable = (answered * 2 >= len(interviews.items)) & (answered >= 5)
    if within is None and usable.sum() > MOST_FOR_ALL_PAIRS:
        within = interviews.areas
    if within is not None:
        usable &= within.index >= 0
    rows = np.flatnonzero(usable)
    if rows.size < 50:
        return _too_few(interviews)
    result = _compare(interviews, rows, within, seed)
    return _table(interviews, rows, result, within)


@dataclass(frozen=True)
class _Comparison:
    matches: IntArray
    partner: IntArray
    p: FloatArray
    expected: IntArray
    threshold: float
    classes: int
    recalibration: float


def _compare(
    interviews: Interviews, rows: IntArray, within: Groups | None, seed: int
) -> _Comparison:
    codes = interviews.codes[rows]
    group = np.zeros(rows.size, dtype=np.int64) if within is None else within.index[rows]
    one_hot, starts, missing = _one_hot(codes, [len(labels) for labels in interviews.labels])
    model = _fit(one_hot, starts, seed)
    posterior = _posterior(one_hot, model)
    straight = straight_liners(one_hot.mean(axis=0, dtype=np.float64), starts, interviews.labels)
    one_hot[:, missing] = 0
    honest = _expected_others(codes, starts, model.log_probability, _others(posterior, group))
    alike = _expected_others(codes, starts, straight, np.ones((rows.size, len(straight))))
    level = np.maximum((honest >= _ANCHORED_AT).sum(axis=1) - 1, 0)
    close = _closest(one_hot, group, level)
    matches, partner = close.matches, close.partner
    predicted = honest[np.arange(rows.size), level]
    # One is added on both sides, so that an anchor of a few interviews is not taken at its word.
    honest *= ((close.at_level + 1) / (predicted + 1))[:, None]
    factor = _recalibration(close.pairs, honest.sum(axis=0) / 2)
    honest = honest * factor + alike
    at = np.arange(rows.size)
    p = -np.expm1(-honest[at, np.maximum(matches, 0)])
    expected = np.argmax(honest < np.log(2), axis=1) - 1
    share = -np.expm1(-honest)
    return _Comparison(
        matches, partner, p, np.maximum(expected, 0),
        _threshold(share, len(interviews.items)), model.weights.size, factor,
    )  # fmt: skip


def _one_hot(
    codes: npt.NDArray[np.int16], categories: Sequence[int]
) -> tuple[npt.NDArray[np.float32], IntArray, BoolArray]:
    """A column per item and answer, the last of each item for a missing one; where items start;
    and which columns stand for missing."""
    widths = np.array(categories, dtype=np.int64) + 1
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    last = starts + widths - 1
    column = np.where(codes >= 0, starts + codes, last)
    one_hot = np.zeros((codes.shape[0], int(widths.sum())), dtype=np.float32)
    one_hot[np.arange(codes.shape[0])[:, None], column] = 1
    missing = np.zeros(one_hot.shape[1], dtype=np.bool_)
    missing[last] = True
    return one_hot, starts, missing


def _fit(one_hot: npt.NDArray[np.float32], starts: IntArray, seed: int) -> LatentClasses:
    n = one_hot.shape[0]
    if n <= MOST_FOR_FIT:
        return fit_latent_classes(one_hot, starts, seed)
    return fit_latent_classes(one_hot[:: -(-n // MOST_FOR_FIT)], starts, seed)


def _posterior(one_hot: npt.NDArray[np.float32], model: LatentClasses) -> FloatArray:
    joint = one_hot @ model.log_probability.T.astype(np.float32) + np.log(model.weights)
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.asarray(joint / joint.sum(axis=1, keepdims=True), dtype=np.float64)


def _others(posterior: FloatArray, group: IntArray) -> FloatArray:
    """Expected number of other interviews of each class in the group of each interview."""
    total = np.zeros((int(group.max()) + 1, posterior.shape[1]))
    np.add.at(total, group, posterior)
    others: FloatArray = np.maximum(total[group] - posterior, 0)
    return others


@dataclass(frozen=True)
class _Closest:
    """Of each interview the most answers shared with another of its group, that other one, and
    the number of others that share at least ``level``; and how many pairs share 0, 1, ... J."""

    matches: IntArray
    partner: IntArray
    at_level: IntArray
    pairs: IntArray


def _closest(one_hot: npt.NDArray[np.float32], group: IntArray, level: IntArray) -> _Closest:
    """Compare all pairs within groups in blocks; each pair is computed once."""
    n = group.size
    order = np.argsort(group, kind="stable")
    ordered, needed_level = one_hot[order], np.maximum(level[order], 0).astype(np.int8)
    ends = np.searchsorted(group[order], group[order], side="right")
    best, partner, at_level = (np.full(n, fill, dtype=np.int64) for fill in (-1, -1, 0))
    pairs = np.zeros(256, dtype=np.int64)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        column, row = np.arange(start, ends[stop - 1]), np.arange(start, stop)
        shared = (ordered[row[0] : stop] @ ordered[column].T).astype(np.int8)
        shared[(column <= row[:, None]) | (column >= ends[start:stop, None])] = -1
        pairs += np.bincount(shared.ravel().view(np.uint8), minlength=256)
        at_level[row] += (shared >= needed_level[row, None]).sum(axis=1)
        at_level[column] += (shared >= needed_level[column]).sum(axis=0)
        _keep(best, partner, row, shared.max(axis=1), start + shared.argmax(axis=1))
        _keep(best, partner, column, shared.max(axis=0), start + shared.argmax(axis=0))
    back = np.empty_like(order)
    back[order] = np.arange(n)
    mate = np.where(partner >= 0, order[partner], -1)
    return _Closest(best[back], mate[back], at_level[back], pairs[:128])


def _keep(
    best: IntArray, partner: IntArray, at: IntArray, found: npt.NDArray[np.int8], who: IntArray
) -> None:
    better = found > best[at]
    best[at[better]] = found[better]
    partner[at[better]] = who[better]


def _expected_others(
    codes: npt.NDArray[np.int16], starts: IntArray, log_probability: FloatArray, others: FloatArray
) -> FloatArray:
    """Expected number of others that share at least m answers with each interview, shape
    (n, J + 1): tails of Poisson-binomials given its answers, summed over classes.

    Args:
        log_probability: of the one-hot columns by class, shape (K, C).
        others: number of others of each class, shape (n, K).
    """
    n, items = codes.shape
    given = (codes >= 0).T
    column = np.where(given, starts[:, None] + codes.T, 0)
    total = np.zeros((items + 1, n))
    for k, logs in enumerate(log_probability):
        chance = np.where(given, np.exp(logs)[column], 0.0).astype(np.float32)
        mass = np.zeros((items + 1, n), dtype=np.float32)
        mass[0] = 1
        for j, same in enumerate(chance):
            moved = mass[: j + 1] * same
            mass[: j + 1] -= moved
            mass[1 : j + 2] += moved
        total += np.cumsum(mass[::-1], axis=0)[::-1] * others[:, k]
    return np.ascontiguousarray(total.T)


def _recalibration(seen: IntArray, expected: FloatArray) -> float:
    """How many times more close pairs are seen than expected, at the closest level that at least
    300 pairs are expected to reach; 1 if fewer are seen."""
    at_least = np.cumsum(seen[::-1])[::-1]
    levels = np.flatnonzero(expected >= _RECALIBRATED_FROM)
    if not levels.size:
        return 1.0
    level = int(levels[-1])
    return float(max(at_least[level] / expected[level], 1.0))


def _threshold(share: FloatArray, items: int) -> float:
    """Smallest match share that at most one honest interview in a thousand reaches."""
    reached = share.mean(axis=0) <= 1e-3
    return float(np.argmax(reached) / items) if reached.any() else 1.0


def _table(
    interviews: Interviews, rows: IntArray, found: _Comparison, within: Groups | None
) -> Tidy:
    answered = interviews.answered[rows]
    partner = np.where(found.partner >= 0, rows[found.partner], -1)
    alone = found.partner < 0
    return check_table(
        "near_duplicate", "interview", interviews.units[rows], n=answered,
        observed=np.where(alone, np.nan, found.matches / answered),
        expected=found.expected / answered,
        statistic=(found.matches - found.expected) / answered,
        p=np.where(alone, 1.0, found.p),
        why_not=reasons(rows.size, (alone, "few-interviews")),
        more={
            "partner": [None if at < 0 else str(interviews.units[at]) for at in partner],
            "area": _labels(interviews.areas, rows),
            "interviewer": _labels(interviews.interviewers, rows),
            "partner_interviewer": _labels(interviews.interviewers, partner),
        },
        notes={
            "threshold": found.threshold,
            "classes": found.classes,
            "recalibration": found.recalibration,
            "compared": "all pairs" if within is None else f"within {within.kind}",
            "left_out": interviews.n - rows.size,
        },
    )  # fmt: skip


def _labels(groups: Groups | None, rows: IntArray) -> list[str | None]:
    if groups is None:
        return [None] * rows.size
    units = np.where(rows >= 0, groups.index[rows], -1)
    return [None if unit < 0 else groups.labels[unit] for unit in units]


def _too_few(interviews: Interviews) -> Tidy:
    empty = np.full(interviews.n, np.nan)
    return check_table(
        "near_duplicate", "interview", interviews.units, n=interviews.answered, observed=empty,
        expected=empty, statistic=empty, p=empty, why_not=["few-interviews"] * interviews.n,
        more={
            "partner": [None] * interviews.n,
            "area": _labels(interviews.areas, np.arange(interviews.n)),
            "interviewer": _labels(interviews.interviewers, np.arange(interviews.n)),
            "partner_interviewer": [None] * interviews.n,
        },
        notes={"threshold": None, "classes": 0, "recalibration": 1.0, "compared": "none"},
    )  # fmt: skip
