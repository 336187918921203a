"""A share of each unit against what the other units make one expect, as a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray
from huiyin.measure.integrity_checks.expectation import Deviation, count_deviation, over_tested
from huiyin.measure.tidy import Tidy


def share_check(
    check: str,
    kind: str,
    labels: Sequence[str],
    x: FloatArray,
    n: FloatArray,
    *,
    minimum: int,
    covariate: FloatArray | None = None,
    more: Mapping[str, Any] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Tidy:
    """The check "too many": x of n in each unit, one-sided (see :func:`count_deviation`).

    Args:
        x, n: counts by unit, shape (m,). Units with n below ``minimum`` are not tested; where no
            unit has a single x, none is.
        covariate: what the expectation may depend on, shape (m,).
    """
    none = bool(x.sum() == 0)

    def compute(units: BoolArray) -> Deviation:
        level = None if covariate is None else covariate[units]
        return count_deviation(x[units], n[units], covariate=level)

    deviation, few_units = over_tested((n >= minimum) & (not none), compute)
    return check_table(
        check, kind, labels, n=n, observed=share(x, n), expected=deviation.expected,
        statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            n.size, (n == 0, "no-data"), (n < minimum, "few-interviews"),
            (none, "no-variation"), (few_units, "few-units"),
        ),
        more=more, notes=notes,
    )  # fmt: skip


def share(x: FloatArray, n: FloatArray) -> FloatArray:
    """x / n, NaN where n is 0."""
    return np.where(n > 0, x / np.maximum(n, 1), np.nan)
