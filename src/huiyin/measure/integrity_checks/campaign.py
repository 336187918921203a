"""What a campaign leaves behind: awareness without knowledge, and being told how to answer."""

from __future__ import annotations

import numpy as np

from huiyin.measure.integrity_checks.columns import FloatArray
from huiyin.measure.integrity_checks.interviews import Groups, Interviews, needed
from huiyin.measure.integrity_checks.shares import share_check
from huiyin.measure.tidy import Tidy


def awareness_without_knowledge(
    interviews: Interviews, groups: Groups, *, minimum: int = 30
) -> Tidy:
    """Share of those aware of the campaign who know none of its content, against the other
    units. One-sided: too many.

    n counts the interviews that say they are aware and answered the question on content.

    Raises:
        MeasureError: ``column-not-read`` if awareness or knowledge was not read.
    """
    aware = needed(interviews.aware, "awareness")
    knows = needed(interviews.knows, "knowledge")
    asked = (aware == 1) & (knows >= 0)
    return share_check(
        "awareness_without_knowledge", groups.kind, groups.labels,
        groups.count(asked & (knows == 0)).astype(float), groups.count(asked).astype(float),
        minimum=minimum,
    )  # fmt: skip


def told_how_to_answer(
    interviews: Interviews, groups: Groups, *, minimum: int = 30, confidence: float = 0.95
) -> Tidy:
    """Share who say they were told how to answer, with its exact interval (Clopper & Pearson
    1934, Biometrika 26), against the other units. One-sided: too many.

    Returns:
        The common columns and ``ci_low``, ``ci_high`` (shares in 0..1; null without answers).

    Raises:
        MeasureError: ``column-not-read``.
    """
    told = needed(interviews.told, "told")
    x, n = groups.count(told == 1).astype(float), groups.count(told >= 0).astype(float)
    low, high = exact_interval(x, n, confidence)
    return share_check(
        "told_how_to_answer", groups.kind, groups.labels, x, n, minimum=minimum,
        more={"ci_low": low, "ci_high": high},
    )  # fmt: skip


def exact_interval(
    x: FloatArray, n: FloatArray, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson limits of shares x of n; NaN where n is 0."""
    from scipy.special import betaincinv

    alpha = (1 - confidence) / 2
    size = np.maximum(n, 1)
    low = np.where(x > 0, betaincinv(np.maximum(x, 1), size - x + 1, alpha), 0.0)
    high = np.where(x < n, betaincinv(x + 1, np.maximum(size - x, 1), 1 - alpha), 1.0)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
