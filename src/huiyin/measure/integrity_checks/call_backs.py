"""Call-backs: how far a second interview agrees with the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import columns as col
from huiyin.measure.integrity_checks.columns import FloatArray, IntArray
from huiyin.measure.integrity_checks.interviews import Interviews, needed
from huiyin.measure.integrity_checks.shares import share_check
from huiyin.measure.tidy import Tidy


def call_back_agreement(
    interviews: Interviews, callbacks: Any, key: str, *, confidence: float = 0.95
) -> Tidy:
    """Agreement between interview and call-back, item by item.

    Args:
        interviews: read with the same ``key``.
        callbacks: table of second interviews with the key and at least one of the items.
        key: column naming the interview in ``callbacks``.

    Returns:
        One row per item in both: item, n (pairs with both answers), agreement (share), kappa
        (Cohen 1960) and ac1 (Gwet 2008, British Journal of Mathematical and Statistical
        Psychology 61) with their standard errors and ac1's interval. Kappa is null where chance
        agreement is certain (one answer only); everything is null where n is below 2. Notes:
        ``unmatched``, call-backs whose key names no interview.

    Raises:
        MeasureError: ``unknown-column``, ``no-call-backs``, ``repeated-key``.
    """
    second = _read(interviews, callbacks, key)
    rows = []
    for item in second.items:
        first = interviews.codes[second.rows, interviews.items.index(item)].astype(np.int64)
        rows.append({"item": item} | _agreement(first, second.codes[item], confidence))
    names = ("item", "n", "agreement", "kappa", "kappa_se", "ac1", "ac1_se", "ci_low", "ci_high")
    return Tidy.of(
        {name: [row.get(name) for row in rows] for name in names},
        {"unmatched": second.unmatched},
    )


def call_back_disagreement(
    interviews: Interviews, callbacks: Any, key: str, *, minimum: int = 30
) -> Tidy:
    """Share of an interviewer's answers that the call-backs contradict, against the other
    interviewers. One-sided: too many.

    Args:
        minimum: answers compared that an interviewer needs (not interviews).

    Returns:
        The common columns; n = answers compared; and ``interviews``, how many were called back.
    """
    groups = needed(interviews.interviewers, "interviewer")
    second = _read(interviews, callbacks, key)
    compared, differ = np.zeros(interviews.n), np.zeros(interviews.n)
    for item in second.items:
        first = interviews.codes[second.rows, interviews.items.index(item)]
        both = (first >= 0) & (second.codes[item] >= 0)
        compared[second.rows] += both
        differ[second.rows] += both & (first != second.codes[item])
    return share_check(
        "call_back_disagreement", groups.kind, groups.labels, groups.total(differ),
        groups.total(compared), minimum=minimum,
        more={"interviews": groups.count(compared > 0)},
    )  # fmt: skip


def cohen_kappa(first: IntArray, second: IntArray) -> tuple[float, float]:
    """Cohen's kappa of two ratings per subject and its standard error (delta method); NaN if
    both raters only ever give one and the same answer."""
    one, two = _ratings(first, second)
    margins_one, margins_two = one.mean(axis=0), two.mean(axis=0)
    chance = float(margins_one @ margins_two)
    if chance >= 1:
        return np.nan, np.nan
    own = (one @ margins_two + two @ margins_one) / 2
    return _chance_corrected((first == second).astype(float), chance, own)


def gwet_ac1(first: IntArray, second: IntArray) -> tuple[float, float]:
    """Gwet's AC1 of two ratings per subject and its standard error (Gwet 2008); full agreement
    on one single answer is 1."""
    one, two = _ratings(first, second)
    categories = one.shape[1]
    if categories < 2:
        return 1.0, 0.0
    share = (one.mean(axis=0) + two.mean(axis=0)) / 2
    chance = float(share @ (1 - share)) / (categories - 1)
    own = ((one + two) / 2) @ (1 - share) / (categories - 1)
    return _chance_corrected((first == second).astype(float), chance, own)


def _chance_corrected(agree: FloatArray, chance: float, own: FloatArray) -> tuple[float, float]:
    value = (float(agree.mean()) - chance) / (1 - chance)
    each = (agree - chance) / (1 - chance) - 2 * (1 - value) * (own - chance) / (1 - chance)
    n = agree.size
    return value, float(np.sqrt(np.sum((each - value) ** 2) / (n * max(n - 1, 1))))


def _ratings(first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray]:
    codes = np.unique(np.concatenate([first, second]))
    return (
        (first[:, None] == codes).astype(np.float64),
        (second[:, None] == codes).astype(np.float64),
    )


def _agreement(first: IntArray, second: IntArray, confidence: float) -> dict[str, Any]:
    from scipy.special import stdtrit

    both = (first >= 0) & (second >= 0)
    a, b = first[both], second[both]
    n = int(both.sum())
    if n < 2:
        return {"n": n}
    kappa, kappa_se = cohen_kappa(a, b)
    ac1, ac1_se = gwet_ac1(a, b)
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * ac1_se
    return {
        "n": n, "agreement": float((a == b).mean()), "kappa": kappa, "kappa_se": kappa_se,
        "ac1": ac1, "ac1_se": ac1_se, "ci_low": max(ac1 - reach, -1.0),
        "ci_high": min(ac1 + reach, 1.0),
    }  # fmt: skip


class _Second:
    """The call-backs beside the interviews they belong to."""

    def __init__(self, items: Sequence[str], rows: IntArray, unmatched: int) -> None:
        self.items = items
        self.rows = rows
        self.unmatched = unmatched
        self.codes: dict[str, IntArray] = {}


def _read(interviews: Interviews, callbacks: Any, key: str) -> _Second:
    there = list(getattr(callbacks, "column_names", getattr(callbacks, "columns", callbacks)))
    items = [item for item in interviews.items if item in there]
    data = col.read_columns(callbacks, [key, *items], sort_by=key)
    names = [col.code_key(value) for value in data[key].to_pylist()]
    place = {str(unit): at for at, unit in enumerate(interviews.units)}
    _refuse_repeated(names, key)
    kept = np.array([at for at, name in enumerate(names) if name in place], dtype=np.int64)
    if not kept.size or not items:
        raise MeasureError(
            "no-call-backs",
            "no call-back matches an interview: the key must name the interviews, and at least "
            "one item must have the same column name",
            "没有任何回访能与访问对应：键列须能标识访问，且至少有一个题目列名相同",
            place=f"column {key}",
        )
    rows = np.array([place[names[at]] for at in kept], dtype=np.int64)
    second = _Second(items, rows, len(names) - kept.size)
    for item in items:
        second.codes[item] = _recoded(data, item, interviews)[kept]
    return second


def _recoded(data: Any, item: str, interviews: Interviews) -> IntArray:
    """The call-back's answers in the codes of the interviews; an answer that no interview gave
    keeps a code of its own, a code that is missing there is missing here."""
    codes, labels = col.factorise(data[item], item)
    known = {label: at for at, label in enumerate(interviews.labels[interviews.items.index(item)])}
    gone = interviews.no_answer.get(item, frozenset())
    lookup = [
        -1 if label in gone else known.get(label, len(known) + at)
        for at, label in enumerate(labels)
    ]
    return np.array([*lookup, -1], dtype=np.int64)[codes]


def _refuse_repeated(names: Sequence[str], key: str) -> None:
    if len(set(names)) < len(names):
        raise MeasureError(
            "repeated-key",
            "an interview was called back more than once; keep one call-back for each",
            "同一访问有多次回访，请各保留一次",
            place=f"column {key}",
        )
