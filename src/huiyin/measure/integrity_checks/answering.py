"""Too good to be true: interviews best throughout, and interviews that never change the answer."""

from __future__ import annotations

import numpy as np

from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import Deviation, count_deviation, over_tested
from huiyin.measure.integrity_checks.interviews import Groups, Interviews
from huiyin.measure.integrity_checks.shares import share, share_check
from huiyin.measure.integrity_checks.shift import predicted_top_share
from huiyin.measure.tidy import Tidy

#: Fewer items than this make no pattern.
FEWEST_ITEMS = 3


def all_best(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Share of interviews with the best answer throughout, against what the unit's own other
    interviews predict.

    Answers of one person go together, so the product of the item shares is far too low an
    expectation. Here the unit's shift is read from its interviews that are not best throughout
    (see :mod:`huiyin.measure.integrity_checks.shift`) and the prediction is corrected, and its
    spread widened, by how it fares in the other units. One-sided: too many.

    Args:
        interviews: the round.
        groups: ``interviews.areas`` or ``interviews.interviewers``.
        minimum: interviews a unit needs to be tested. An interview counts if it answers at least
            half of the items; best throughout means every answer given is the best one.

    Returns:
        The common columns of a check; observed and expected are shares in 0..1.
    """
    scores, usable = best_scores(interviews)
    top = len(interviews.items)
    size = groups.size
    chosen = usable & (groups.index >= 0)
    cell = groups.index[chosen] * (top + 1) + scores[chosen]
    histogram = np.bincount(cell, minlength=size * (top + 1)).reshape(size, top + 1).astype(float)
    n, x = histogram.sum(axis=1), histogram[:, top]
    constant = bool(x.sum() in (0, n.sum()))
    enough = (n >= minimum) & (top >= FEWEST_ITEMS) & (not constant)

    def compute(units: BoolArray) -> Deviation:
        offset, variance, shift = predicted_top_share(histogram[units])
        return count_deviation(
            x[units], n[units], offset=offset, offset_variance=variance, covariate=shift
        )

    deviation, few_units = over_tested(enough, compute)
    return check_table(
        "all_best", groups.kind, groups.labels, n=n, observed=share(x, n),
        expected=deviation.expected, statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            size, (top < FEWEST_ITEMS, "no-data"), (n < minimum, "few-interviews"),
            (constant, "no-variation"), (few_units, "few-units"),
        ),
    )  # fmt: skip


def straight_lining(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Share of interviews that give one and the same code throughout, all-best ones apart.

    The expectation follows the unit's level (share of best answers) as it does in the other
    units. One-sided: too many. An interview counts if it answers at least half of the items and
    at least three.
    """
    same, usable = same_code_throughout(interviews)
    return share_check(
        "straight_lining", groups.kind, groups.labels, groups.count(same).astype(float),
        groups.count(usable).astype(float), minimum=minimum,
        covariate=unit_level(interviews, groups),
    )  # fmt: skip


def best_scores(interviews: Interviews) -> tuple[IntArray, BoolArray]:
    """Number of best answers of each interview, scaled to J items and J only if best throughout,
    and which interviews answer at least half of the items."""
    items = len(interviews.items)
    answered = interviews.answered
    best = interviews.is_best.sum(axis=1)
    scaled = best * items // np.maximum(answered, 1)
    return scaled, answered * 2 >= items


def same_code_throughout(interviews: Interviews) -> tuple[BoolArray, BoolArray]:
    """Interviews that never change the code (all-best ones apart), and those that count."""
    names = sorted({label for labels in interviews.labels for label in labels})
    place = {name: at for at, name in enumerate(names)}
    answered = interviews.answered
    usable = (answered * 2 >= len(interviews.items)) & (answered >= FEWEST_ITEMS)
    lowest = np.full(interviews.n, len(names))
    highest = np.full(interviews.n, -1)
    for j, labels in enumerate(interviews.labels):
        shared = np.array([place[label] for label in labels])
        codes = interviews.codes[:, j]
        there = codes >= 0
        given = shared[np.where(there, codes, 0)]
        lowest = np.where(there, np.minimum(lowest, given), lowest)
        highest = np.where(there, np.maximum(highest, given), highest)
    all_are_best = interviews.is_best.sum(axis=1) == answered
    return usable & (lowest == highest) & ~all_are_best, usable


def unit_level(interviews: Interviews, groups: Groups) -> FloatArray:
    """Logit of the share of best answers in each unit, kept off 0 and 1 by half an answer."""
    best = groups.total(interviews.is_best.sum(axis=1).astype(float))
    given = groups.total(interviews.answered.astype(float))
    return np.asarray(np.log((best + 0.5) / (given - best + 0.5)), dtype=np.float64)
