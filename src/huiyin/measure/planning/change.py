"""Telling one round from the next: power, detectable change, interviews needed.

Lemeshow, Hosmer, Klar & Lwanga (1990), *Adequacy of Sample Size in Health Studies*, chapters 1
and 5, for two samples; Kish (1965), *Survey Sampling*, section 12.4, for samples that overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning.inputs import broadcast, chosen, counts, normal_quantile, numbers
from huiyin.measure.planning.size import LARGEST_SAMPLE, Kind, fewest
from huiyin.measure.tidy import Tidy

Test = Literal["normal", "pooled", "t"]
_TESTS = {"share": ("normal", "pooled"), "mean": ("normal", "t")}


@dataclass(frozen=True)
class Comparison:
    """How two rounds are compared.

    Attributes:
        kind: ``share`` or ``mean`` (a 0-100 score is a mean).
        share: level of the earlier round in percent, for a share.
        sd: standard deviation of the item in both rounds, for a mean.
        deff: design effect of each round.
        overlap: share (0-1) of the smaller round's people (or PSUs) that are in both.
        correlation: of the item between the rounds among those in both.
        confidence: level of the test of no change.
        sides: 2, or 1 if only a change in one direction would be called one.
        comparisons: number of areas tested together; each is tested at the Bonferroni level.
        test: ``normal`` (the variance of the difference as it is: what the tables of changes
            do), ``pooled`` (for shares, under no change), ``t`` (for means).
    """

    kind: Kind = "mean"
    share: float = 50.0
    sd: float | None = None
    deff: float = 1.0
    overlap: float = 0.0
    correlation: float = 0.0
    confidence: float = 0.95
    sides: int = 2
    comparisons: int = 1
    test: Test = "normal"

    def __post_init__(self) -> None:
        chosen(self.kind, "kind", tuple(_TESTS))
        chosen(self.test, "test", _TESTS[self.kind])
        normal_quantile(self.confidence)
        numbers(self.deff, "deff", low=0, above=True)
        numbers(self.overlap, "overlap", low=0, high=1)
        numbers(self.correlation, "correlation", low=-1, high=1)
        numbers(self.comparisons, "comparisons", low=1)
        if self.kind == "share":
            numbers(self.share, "share", low=0, high=100)
        else:
            numbers(self.sd, "sd", low=0, above=True)
        if self.sides not in (1, 2):
            chosen(str(self.sides), "sides", ("1", "2"))

    def standard_error(self, change: float, n: float, n_before: float) -> float:
        """Of the difference between the rounds, in points."""
        before = self._variance(0.0)
        after = self._variance(change)
        shared = 2 * self.correlation * self.overlap * min(n, n_before) / (n * n_before)
        variance = after / n + before / n_before - shared * math.sqrt(before * after)
        return math.sqrt(self.deff * max(variance, 0.0))

    def power(self, change: float, n: float, n_before: float) -> float:
        """Probability of calling a true ``change`` one, in its own direction."""
        from scipy.special import ndtr

        size, error = abs(change), self.standard_error(change, n, n_before)
        if error == 0:
            return float(size > 0)
        if self.test == "t":
            return self._power_of_t(size / error, n, n_before)
        under_none = error
        if self.test == "pooled":
            level = (n * (self.share + change) + n_before * self.share) / (n + n_before)
            pooled = replace(self, share=level)
            under_none = pooled.standard_error(0.0, n, n_before)
        return float(ndtr((size - self._critical() * under_none) / error))

    def _variance(self, change: float) -> float:
        if self.kind == "mean":
            return float(self.sd or 0.0) ** 2
        level = self.share + change
        return max(level * (100 - level), 0.0)

    def _critical(self) -> float:
        return normal_quantile(self.confidence, sides=self.sides, comparisons=int(self.comparisons))

    def _power_of_t(self, noncentrality: float, n: float, n_before: float) -> float:
        from scipy.special import nctdtr, stdtrit

        df = n + n_before - 2 if self.overlap == 0 else min(n, n_before) - 1
        if df <= 0:
            return 0.0
        tail = (1 - self.confidence) / self.sides / self.comparisons
        return float(1 - nctdtr(df, noncentrality, stdtrit(df, 1 - tail)))


def power(
    change: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    n_before: npt.ArrayLike | None = None,
    compare: Comparison,
) -> Tidy:
    """The probability that a true change is told from noise.

    Args:
        change: true change in points; negative for a fall.
        n: interviews in the later round, one number or a list.
        n_before: interviews in the earlier round; None = as many.
        compare: what is compared, and how.

    Returns:
        change, n, n_before, se (of the difference, in points), power (0-1).

    Raises:
        MeasureError: ``bad-number``; ``share-out-of-range`` when the change leads out of 0-100.
    """
    changes, sizes, before = broadcast(
        numbers(change, "change"),
        numbers(n, "n", low=1),
        numbers(n if n_before is None else n_before, "n_before", low=1),
    )
    rows = [
        (float(d), float(a), float(b))
        for d, a, b in zip(np.atleast_1d(changes), np.atleast_1d(sizes), np.atleast_1d(before),
                           strict=True)
    ]  # fmt: skip
    for d, _, _ in rows:
        _check_change(d, compare)
    return Tidy.of(
        {
            "change": [d for d, _, _ in rows],
            "n": counts([a for _, a, _ in rows]),
            "n_before": counts([b for _, _, b in rows]),
            "se": [compare.standard_error(*row) for row in rows],
            "power": [compare.power(*row) for row in rows],
        }
    )


def size_for_change(
    change: npt.ArrayLike,
    *,
    power: float = 0.8,
    n_before: int | None = None,
    compare: Comparison,
) -> Tidy:
    """Interviews needed to tell a true change from noise.

    Args:
        change: true change in points, one number or a list.
        power: wanted probability, 0-1.
        n_before: interviews of an earlier round that is already done; None = both rounds alike.
        compare: what is compared, and how.

    Returns:
        change, n (interviews in the later round), n_before, power (what n gives).

    Raises:
        MeasureError: ``bad-number``, ``share-out-of-range``; ``out-of-reach`` when no n does it
            because the earlier round is too small.
    """
    wanted = float(numbers(power, "power", low=0.01, high=0.9999))
    if n_before is not None:
        numbers(n_before, "n_before", low=1)
    changes = [float(d) for d in np.atleast_1d(numbers(change, "change"))]
    sizes = [_size_for(d, wanted, n_before, compare) for d in changes]
    before = [n if n_before is None else n_before for n in sizes]
    reached = [compare.power(d, n, b) for d, n, b in zip(changes, sizes, before, strict=True)]
    return Tidy.of({"change": changes, "n": sizes, "n_before": before, "power": reached})


def detectable_change(
    n: npt.ArrayLike,
    *,
    power: float = 0.8,
    n_before: npt.ArrayLike | None = None,
    direction: Literal["up", "down"] = "up",
    compare: Comparison,
) -> Tidy:
    """The smallest true change that is told from noise with the wanted power.

    Args:
        n: interviews in the later round, one number or a list.
        power: wanted probability, 0-1.
        n_before: interviews in the earlier round; None = as many.
        direction: of the change; matters for a share, whose spread depends on its level.
        compare: what is compared, and how.

    Returns:
        n, n_before, change (in points, negative for a fall), power.

    Raises:
        MeasureError: ``bad-number``, ``unknown-option``; ``out-of-reach`` when not even a share
            of 0 or 100 would be detected.
    """
    chosen(direction, "direction", ("up", "down"))
    wanted = float(numbers(power, "power", low=0.01, high=0.9999))
    sizes, before = broadcast(
        numbers(n, "n", low=1), numbers(n if n_before is None else n_before, "n_before", low=1)
    )
    pairs = list(zip(map(float, np.atleast_1d(sizes)), map(float, np.atleast_1d(before)),
                     strict=True))  # fmt: skip
    sign = 1.0 if direction == "up" else -1.0
    changes = [_smallest(a, b, wanted, sign, compare) for a, b in pairs]
    return Tidy.of(
        {
            "n": counts([a for a, _ in pairs]),
            "n_before": counts([b for _, b in pairs]),
            "change": changes,
            "power": [compare.power(d, a, b) for d, (a, b) in zip(changes, pairs, strict=True)],
        }
    )


def _size_for(change: float, wanted: float, n_before: int | None, compare: Comparison) -> int:
    _check_change(change, compare)
    size = fewest(
        lambda n: compare.power(change, n, n_before or n) >= wanted - 1e-12, 1, LARGEST_SAMPLE
    )
    if size is None:
        raise _out_of_reach(f"{change:g}", wanted)
    return size


def _smallest(n: float, n_before: float, wanted: float, sign: float, compare: Comparison) -> float:
    """By bisection, to 1e-10 of a point; power grows with the change."""
    if compare.kind == "share":
        high = 100 - compare.share if sign > 0 else compare.share
    else:
        high = 1.0
        while compare.power(high, n, n_before) < wanted and high < 1e12:
            high *= 2
    if high == 0 or compare.power(sign * high, n, n_before) < wanted:
        raise _out_of_reach(f"{sign * high:g}", wanted)
    low = 0.0
    while high - low > 1e-10 * max(high, 1.0):
        middle = (low + high) / 2
        if compare.power(sign * middle, n, n_before) >= wanted:
            high = middle
        else:
            low = middle
    return sign * high


def _check_change(change: float, compare: Comparison) -> None:
    if change == 0:
        numbers(change, "change", low=0, above=True)
    if compare.kind == "share" and not 0 <= compare.share + change <= 100:
        raise MeasureError(
            "share-out-of-range",
            f"a share of {compare.share:g} % cannot change by {change:g} points",
            f"比例 {compare.share:g}% 不可能变动 {change:g} 个百分点",
            place="change",
        )


def _out_of_reach(change: str, wanted: float) -> MeasureError:
    return MeasureError(
        "out-of-reach",
        f"a change of {change} cannot be told with power {wanted:g}; the rounds are too small",
        f"两轮样本过小，无法以 {wanted:g} 的功效识别 {change} 的变动",
        place="power",
    )
