"""What the answers owe to who asked: intraclass correlation and funnel limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import Deviation, over_tested, value_deviation
from huiyin.measure.integrity_checks.interviews import Groups, Interviews, needed
from huiyin.measure.integrity_checks.shares import share
from huiyin.measure.tidy import Tidy

_LIMITS = {"95": 0.975, "998": 0.999}


def interviewer_correlation(
    interviews: Interviews, *, within_areas: bool = True, confidence: float = 0.95
) -> Tidy:
    """Intraclass correlation of interviewers for each item: the share of its variance that goes
    with who asked.

    Analysis of variance estimator with unequal loads, ``(F - 1) / (F - 1 + n0)``, and its
    F-interval (Donner 1986, International Statistical Review 54). With
    ``within_areas`` the areas are fitted first (Henderson's method III), so that an interviewer is
    not held answerable for where he works; n0 is then trace(Z'MZ)/rank, which without areas is the
    usual average load.

    Returns:
        One row per item: item, n, interviewers, n0, f, p, icc, ci_low, ci_high, deff (1 + (mean
        load - 1) icc, not below 1), why_not. A negative icc is printed as it comes out.

    Raises:
        MeasureError: ``column-not-read``.
    """
    groups = needed(interviews.interviewers, "interviewer")
    values = interviews.values()
    rows = [
        _correlation(values[:, j], groups, interviews.areas if within_areas else None, confidence)
        for j in range(len(interviews.items))
    ]
    names = ("n", "interviewers", "n0", "f", "p", "icc", "ci_low", "ci_high", "deff", "why_not")
    table = {"item": list(interviews.items)}
    return Tidy.of(
        table | {name: [row.get(name) for row in rows] for name in names},
        {"within_areas": within_areas},
    )


def interviewer_mean(
    interviews: Interviews, groups: Groups | None = None, *, minimum: int = 30
) -> Tidy:
    """Share of best answers an interviewer collects, less that of the areas he works in, against
    the other interviewers. Two-sided. Observed and expected are differences of shares."""
    groups = needed(interviews.interviewers, "interviewer") if groups is None else groups
    answered = interviews.answered
    content = interviews.is_best.sum(axis=1) / np.maximum(answered, 1)
    usable = (answered > 0) & (groups.index >= 0) & (interviews.areas.index >= 0)
    area = np.maximum(interviews.areas.index, 0)
    total = np.bincount(area[usable], content[usable], minlength=interviews.areas.size)
    count = np.bincount(area[usable], minlength=interviews.areas.size)
    residual = np.where(usable, content - (total / np.maximum(count, 1))[area], 0.0)
    n = groups.count(usable).astype(float)
    mean = groups.total(residual) / np.maximum(n, 1)
    enough = n >= minimum
    constant = not residual.any()
    deviation, few_units = over_tested(
        enough & (not constant), lambda units: value_deviation(mean[units], 1 / n[units])
    )
    return check_table(
        "interviewer_mean", groups.kind, groups.labels, n=n,
        observed=np.where(n > 0, mean, np.nan), expected=deviation.expected,
        statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            groups.size, (~enough, "few-interviews"), (constant, "no-variation"),
            (few_units, "few-units"),
        ),
        more=_limits(deviation, n, lambda value: value),
    )  # fmt: skip


def dont_know_share(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Share of items answered "don't know", against the other units, with funnel limits.
    Two-sided: hardly any is as telling as very many."""
    counts = needed(interviews.dont_know, "dont_know")
    return _non_answers("dont_know", interviews, counts, groups, minimum)


def refusal_share(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Share of items refused, against the other units, with funnel limits. Two-sided."""
    counts = needed(interviews.refused, "refused")
    return _non_answers("refusals", interviews, counts, groups, minimum)


def _non_answers(
    check: str, interviews: Interviews, counts: FloatArray, groups: Groups, minimum: int
) -> Tidy:
    """The mean share of an interview on the arcsine scale, funnel limits taken back from it."""
    asked = len(interviews.items) + len(interviews.left_out)
    n = groups.count().astype(float)
    given = groups.total(counts)
    none = not counts.any()
    enough = n >= minimum
    angle = np.arcsin(np.sqrt((given + 0.375) / (n * asked + 0.75)))  # Anscombe 1948
    deviation, few_units = over_tested(
        enough & (not none), lambda units: value_deviation(angle[units], 1 / n[units])
    )
    return check_table(
        check, groups.kind, groups.labels, n=n, observed=share(given, n * asked),
        expected=_squared_sine(deviation.expected), statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            groups.size, (~enough, "few-interviews"), (none, "no-variation"),
            (few_units, "few-units"),
        ),
        more=_limits(deviation, n, _squared_sine),
    )  # fmt: skip


def _squared_sine(angle: FloatArray) -> FloatArray:
    return np.sin(np.clip(angle, 0, np.pi / 2)) ** 2


def _limits(deviation: Deviation, n: FloatArray, back: Any) -> dict[str, FloatArray]:
    """Funnel limits that 95 % and 99.8 % of honest units of this size keep within."""
    from scipy.special import ndtri

    out = {}
    for name, level in _LIMITS.items():
        reach = ndtri(level) * deviation.spread / np.sqrt(np.maximum(n, 1))
        out[f"limit{name}_low"] = back(deviation.expected - reach)
        out[f"limit{name}_high"] = back(deviation.expected + reach)
    return out


def _correlation(
    y: FloatArray, groups: Groups, areas: Groups | None, confidence: float
) -> dict[str, Any]:
    there = ~np.isnan(y) & (groups.index >= 0)
    if areas is not None:
        there &= areas.index >= 0
    labels, unit = np.unique(groups.index[there], return_inverse=True)
    block = np.zeros(unit.size, dtype=np.int64) if areas is None else areas.index[there]
    row: dict[str, Any] = {"n": int(unit.size), "interviewers": int(labels.size)}
    if labels.size < 2:
        return row | {"why_not": "few-units"}
    between, within, df = _sums_of_squares(y[there], unit, np.unique(block, return_inverse=True)[1])
    rank, error, load = df
    if rank < 1 or error < 1:
        return row | {"why_not": "few-units"}
    if within <= 1e-12 * max(float(np.sum(y[there] ** 2)), 1e-300):
        return row | {"why_not": "no-variation"}
    return row | _anova_icc(between / rank / (within / error), rank, error, load, unit, confidence)


def _anova_icc(
    f: float, rank: int, error: int, load: float, unit: IntArray, confidence: float
) -> dict[str, Any]:
    from scipy.special import fdtrc, fdtri

    tail = (1 - confidence) / 2
    low, high = f / fdtri(rank, error, 1 - tail), f / fdtri(rank, error, tail)
    counts = np.bincount(unit)
    icc = (f - 1) / (f - 1 + load)
    return {
        "n0": load, "f": f, "p": float(fdtrc(rank, error, f)), "icc": icc,
        "ci_low": (low - 1) / (low - 1 + load), "ci_high": (high - 1) / (high - 1 + load),
        "deff": max(1 + (float(counts.mean()) - 1) * icc, 1.0),
    }  # fmt: skip


def _sums_of_squares(
    y: FloatArray, unit: IntArray, block: IntArray
) -> tuple[float, float, tuple[int, int, float]]:
    """Between interviewers after blocks, within; and rank, error df and n0."""
    from scipy import sparse

    units, blocks = int(unit.max()) + 1, int(block.max()) + 1
    size = np.bincount(block, minlength=blocks)
    residual = y - (np.bincount(block, y, minlength=blocks) / size)[block]
    table = sparse.csr_matrix((np.ones(y.size), (block, unit)), shape=(blocks, units))
    load = np.bincount(unit, minlength=units).astype(float)
    shared = (table.T @ sparse.diags(1 / size) @ table).toarray()
    normal = np.diag(load) - shared
    values, vectors = np.linalg.eigh(normal)
    kept = values > 1e-9 * load.max()
    score = vectors[:, kept].T @ np.bincount(unit, residual, minlength=units)
    between = float(np.sum(score**2 / values[kept]))
    rank = int(kept.sum())
    error = y.size - blocks - rank
    average = float(np.trace(normal)) / max(rank, 1)
    return between, float(residual @ residual) - between, (rank, error, average)
