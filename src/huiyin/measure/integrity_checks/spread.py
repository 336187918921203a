"""Answers too much alike: too little variance, and the usual correlation between items lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from huiyin.measure.integrity_checks.answering import unit_level
from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import (
    over_tested,
    smoothed_variance,
    value_deviation,
)
from huiyin.measure.integrity_checks.interviews import Groups, Interviews
from huiyin.measure.tidy import Tidy

_LARGEST_CORRELATION = 0.99


def low_variance(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Variance between the respondents of a unit, summed over items, against what units of its
    level have. One-sided: too little.

    Items are put on one scale by their variance over all interviews. Observed and expected are
    ratios to the variance of all interviews (1 = as in the whole round).
    """
    deviations, n = _within_units(interviews, groups)
    usual = np.nansum(deviations**2, axis=0) / max(n.sum() - groups.size, 1)
    varying = usual > 0
    scaled = np.nan_to_num(deviations[:, varying] ** 2) / usual[varying]
    items = max(int(varying.sum()), 1)
    distance = scaled.sum(axis=1)
    total = groups.total(distance) / np.maximum(n - 1, 1) / items
    # Cube roots of variances are close to normal (Wilson & Hilferty 1931), logarithms are not.
    root = np.cbrt(total)
    own = _variance_per_interview(distance / items, groups, n) / np.maximum(9 * root**4, 1e-12)
    enough = (n >= minimum) & varying.any()
    level = unit_level(interviews, groups)
    deviation, few_units = over_tested(
        enough,
        lambda units: value_deviation(
            root[units],
            smoothed_variance(own[units], n[units], level[units]),
            covariate=level[units],
            side="lower",
        ),
    )
    return check_table(
        "low_variance", groups.kind, groups.labels, n=n, observed=np.where(n > 1, total, np.nan),
        expected=np.maximum(deviation.expected, 0) ** 3, statistic=deviation.statistic,
        p=deviation.p,
        why_not=reasons(
            groups.size, (n < minimum, "few-interviews"), (not varying.any(), "no-variation"),
            (few_units, "few-units"),
        ),
    )  # fmt: skip


def lost_correlation(interviews: Interviews, groups: Groups, *, minimum: int = 30) -> Tidy:
    """Mean correlation between items within a unit, against what units of its level have.
    One-sided: too little, as when answers are made up item by item.

    Correlations are compared on Fisher's z scale, pair by pair, with those within all units
    together; pairs with an item that does not vary in the unit are left out, and the unit is not
    tested if that is more than half of them. Observed and expected are mean differences of z (0 =
    the usual correlation).
    """
    deviations, n = _within_units(interviews, groups)
    difference, defined, own = _correlation_difference(np.nan_to_num(deviations), groups)
    enough = (n >= minimum) & (defined >= 0.5)
    level = unit_level(interviews, groups)
    deviation, few_units = over_tested(
        enough,
        lambda units: value_deviation(
            difference[units],
            smoothed_variance(own[units], n[units], level[units]),
            covariate=level[units],
            side="lower",
        ),
    )
    return check_table(
        "lost_correlation", groups.kind, groups.labels, n=n,
        observed=np.where(defined > 0, difference, np.nan), expected=deviation.expected,
        statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            groups.size, (n < minimum, "few-interviews"), (defined < 0.5, "no-variation"),
            (few_units, "few-units"),
        ),
    )  # fmt: skip


def _within_units(interviews: Interviews, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Answers less the mean of their unit, shape (n, J), NaN where missing or without a unit,
    and the number of interviews of each unit."""
    values = interviews.values()
    values[groups.index < 0] = np.nan
    inside = np.maximum(groups.index, 0)
    for j in range(values.shape[1]):
        there = ~np.isnan(values[:, j])
        total = np.bincount(inside[there], values[there, j], minlength=groups.size)
        count = np.bincount(inside[there], minlength=groups.size)
        values[:, j] -= (total / np.maximum(count, 1))[inside]
    return values, groups.count().astype(float)


def _variance_per_interview(values: FloatArray, groups: Groups, n: FloatArray) -> FloatArray:
    mean = groups.total(values) / np.maximum(n, 1)
    return np.maximum(groups.total(values**2) / np.maximum(n, 1) - mean**2, 0.0)


def _correlation_difference(
    deviations: FloatArray, groups: Groups
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean difference of Fisher's z from the usual one, the share of pairs it rests on, and the
    variance of one interview's influence on the mean correlation."""
    pairs = np.triu_indices(deviations.shape[1], 1)
    usual = _fisher_z(deviations.T @ deviations)[pairs]
    difference, defined, influence = np.zeros((3, groups.size))
    if not usual.size:
        return difference, defined, influence
    for unit, rows in enumerate(_rows_by_unit(groups)):
        products = deviations[rows].T @ deviations[rows]
        own = _fisher_z(products)[pairs]
        there = ~np.isnan(own) & ~np.isnan(usual)
        defined[unit] = there.mean()
        if there.any():
            difference[unit] = float(np.mean(own[there] - usual[there]))
            influence[unit] = _influence_variance(deviations[rows], products)
    return difference, defined, influence


def _influence_variance(deviations: FloatArray, products: FloatArray) -> float:
    """Variance over interviews of ``mean over pairs of u_j u_k - r_jk (u_j^2 + u_k^2) / 2``, the
    influence function of a correlation (Devlin, Gnanadesikan & Kettenring 1975, Biometrika 62)."""
    varying = np.diag(products) > 1e-12
    items = int(varying.sum())
    if items < 2:
        return 0.0
    scale = np.sqrt(np.diag(products)[varying] / deviations.shape[0])
    u = deviations[:, varying] / scale
    correlation = products[np.ix_(varying, varying)] / np.outer(scale, scale) / u.shape[0]
    mean_correlation = (correlation.sum(axis=1) - 1) / (items - 1)
    together = (u.sum(axis=1) ** 2 - (u**2).sum(axis=1)) / (items * (items - 1))
    return float(np.var(together - (u**2) @ mean_correlation / items))


def _fisher_z(products: FloatArray) -> FloatArray:
    size = np.sqrt(np.diag(products))
    norm = np.outer(size, size)
    correlation = np.divide(products, norm, out=np.full(norm.shape, np.nan), where=norm > 1e-12)
    return np.arctanh(np.clip(correlation, -_LARGEST_CORRELATION, _LARGEST_CORRELATION))


def _rows_by_unit(groups: Groups) -> list[IntArray]:
    order = np.argsort(groups.index, kind="stable")
    starts = np.searchsorted(groups.index[order], np.arange(groups.size + 1))
    return [order[a:b] for a, b in pairwise(starts)]
