"""Bootstrap over PSUs within strata (Rao & Wu 1988; Rao, Wu & Yue 1992).

A replicate draws n − 1 of the n PSUs of a stratum with replacement; the weight of a PSU is
multiplied by ``1 − λ + λ · n/(n − 1) · (times drawn)`` with ``λ = √(1 − f)``, f the sampling
fraction. That gives unbiased variances of totals, and consistent ones of what follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.answers import Answers, FloatArray, IntArray
from huiyin.measure.key_drivers.moments import Moments

#: How many sums are held (40 MB). More PSUs than fit are joined at random inside their stratum,
#: which keeps the variance unbiased and costs only degrees of freedom.
_SUMS = 5_000_000

_CHUNK = 4_000_000


@dataclass(frozen=True)
class Psus:
    """Sums per PSU, the PSUs of a stratum next to each other.

    Attributes:
        sums: shape (PSUs, width).
        sizes: PSUs per stratum; a stratum with one adds no variance.
        fractions: sampling fraction per stratum.
        joined: how many PSUs share a row of ``sums``.
        moments: what the sums are.
    """

    moments: Moments
    sums: FloatArray
    sizes: IntArray
    fractions: FloatArray
    joined: int

    @property
    def totals(self) -> FloatArray:
        """The sums over the whole sample, (1, width)."""
        totals: FloatArray = self.sums.sum(axis=0, keepdims=True)
        return totals

    def replicates(self, count: int, rng: np.random.Generator) -> FloatArray:
        """The sums in ``count`` bootstrap samples, (count, width)."""
        step = max(1, _CHUNK // len(self.sums))
        drawn = np.empty((count, self.sums.shape[1]))
        for start in range(0, count, step):
            part = drawn[start : start + step]
            part[:] = self._multipliers(len(part), rng) @ self.sums
        return drawn

    def _multipliers(self, count: int, rng: np.random.Generator) -> FloatArray:
        multipliers = np.ones((count, len(self.sums)))
        first = 0
        for size, fraction in zip(self.sizes.tolist(), self.fractions.tolist(), strict=True):
            if size > 1:
                keep = np.sqrt(1 - fraction)
                times = _times_drawn(size, count, rng)
                multipliers[:, first : first + size] = 1 - keep + keep * size / (size - 1) * times
            first += size
        return multipliers


def sum_by_psu(
    answers: Answers, moments: Moments, design: SurveyDesign, rng: np.random.Generator
) -> Psus:
    """Add up the products of the respondents of each PSU.

    Raises:
        MeasureError: ``lonely-psu`` when a stratum has one PSU and the design says ``fail``;
            ``bad-fpc`` when a population is smaller than its sample or differs inside a stratum.
    """
    row = np.repeat(np.arange(len(answers.rows)), answers.rows)
    unit = np.arange(len(row)) if answers.cluster is None else answers.cluster[row]
    stratum_of_unit = np.empty(unit.max() + 1, dtype=np.int64)
    stratum_of_unit[unit] = answers.stratum[row]
    fractions = _fractions(answers, stratum_of_unit, design)
    stratum_of_unit, fractions = _without_lonely(stratum_of_unit, fractions, answers.strata, design)
    joined = -(-len(stratum_of_unit) * moments.width // _SUMS)
    group, sizes = _groups(stratum_of_unit, joined, rng)
    sums = _sums(answers, moments, group[unit], row, int(sizes.sum()))
    return Psus(moments, sums, sizes, fractions, joined)


def _fractions(answers: Answers, stratum_of_unit: IntArray, design: SurveyDesign) -> FloatArray:
    """Sampling fraction of each stratum; 0 where the population is infinite."""
    sizes = np.bincount(stratum_of_unit, minlength=len(answers.strata))
    if answers.fpc is None:
        return np.zeros(len(sizes))
    population = np.zeros(len(sizes))
    population[answers.stratum] = answers.fpc
    fractions: FloatArray = np.where(population <= 1, population, sizes / population)
    wrong = fractions > 1
    wrong[answers.stratum[population[answers.stratum] != answers.fpc]] = True
    if wrong.any():
        name = answers.strata[int(np.argmax(wrong))]
        raise MeasureError(
            "bad-fpc",
            f"stratum {name}: the population is smaller than the sample or differs between rows;"
            " give each stratum one number of PSUs",
            f"层 {name}：总体规模小于样本量或层内不一致，请为每层给出唯一的初级单元总数",
            place=f"column {design.fpc}",
        )
    return fractions


def _without_lonely(
    stratum_of_unit: IntArray, fractions: FloatArray, strata: Sequence[str], design: SurveyDesign
) -> tuple[IntArray, FloatArray]:
    """Join strata with one PSU to the next, unless they count as certain or are refused."""
    sizes = np.bincount(stratum_of_unit, minlength=len(strata))
    lonely = sizes == 1
    if not lonely.any() or design.lonely == "certainty":
        return stratum_of_unit, fractions
    if design.lonely == "fail":
        names = ", ".join(strata[i] for i in np.flatnonzero(lonely)[:5])
        raise MeasureError(
            "lonely-psu",
            f"strata with one PSU: {names}; set lonely to certainty or collapse, or merge strata",
            f"只有一个初级单元的层：{names}，请将 lonely 设为 certainty 或 collapse，或合并层",
            place="design",
        )
    target = _collapsed(sizes)
    smallest = np.full(target.max() + 1, np.inf)
    np.minimum.at(smallest, target, fractions)
    return target[stratum_of_unit], smallest


def _collapsed(sizes: IntArray) -> IntArray:
    """New index of each stratum when those of one PSU go with the next, the last with the one
    before."""
    closes = np.cumsum(sizes)
    target = np.zeros(len(sizes), dtype=np.int64)
    current, held = 0, 0
    for at, size in enumerate(sizes.tolist()):
        held += size
        target[at] = current
        if held > 1:
            current, held = current + 1, 0
    if held == 1 and closes[-1] > 1:
        target[target == current] = current - 1
    return target


def _groups(
    stratum_of_unit: IntArray, joined: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Row of ``sums`` of each PSU, and rows per stratum."""
    units = len(stratum_of_unit)
    chance = rng.permutation(units) if joined > 1 else np.arange(units)
    order = np.lexsort((chance, stratum_of_unit))
    sizes = np.bincount(stratum_of_unit)
    groups = np.maximum(sizes // joined, np.minimum(sizes, 2))
    stratum = stratum_of_unit[order]
    position = np.arange(units) - (np.cumsum(sizes) - sizes)[stratum]
    inside = position * groups[stratum] // sizes[stratum]
    group = np.empty(units, dtype=np.int64)
    group[order] = (np.cumsum(groups) - groups)[stratum] + inside
    return group, groups


def _sums(
    answers: Answers, moments: Moments, group: IntArray, row: IntArray, groups: int
) -> FloatArray:
    """Sums per group, a bounded number of respondents at a time."""
    pairs, times = np.unique(group * len(answers.rows) + row, return_counts=True)
    group, row = np.divmod(pairs, len(answers.rows))
    sums = np.zeros((groups, moments.width))
    step = max(1, _CHUNK // moments.width)
    for start in range(0, len(row), step):
        part = slice(start, start + step)
        terms = moments.products(answers, row[part]) * times[part, None]
        first = np.flatnonzero(np.diff(group[part], prepend=-1))
        sums[group[part][first]] += np.add.reduceat(terms, first, axis=0)
    return sums


def _times_drawn(size: int, count: int, rng: np.random.Generator) -> FloatArray:
    """How often each of ``size`` PSUs is among ``size − 1`` draws, (count, size)."""
    draws = rng.integers(size, size=(count, size - 1))
    draws += np.arange(count)[:, None] * size
    return np.bincount(draws.ravel(), minlength=count * size).reshape(count, size).astype(float)
