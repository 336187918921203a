"""Weighted sums over respondents from which every figure of the analysis follows.

All figures are functions of sums, so a bootstrap replicate is a weighted sum of the sums per PSU
and never looks at a respondent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.answers import Answers, FloatArray, IntArray

Incomplete = Literal["drop", "pairwise"]

#: Variance, in units of the variance over the whole sample, below which a variable is constant.
CONSTANT = 1e-12


@dataclass(frozen=True)
class Moments:
    """How the sums over respondents are laid out.

    Attributes:
        items: number of items p; the outcome follows as variable p.
        pairwise: each correlation uses the respondents who answered both of its questions;
            otherwise all use those who answered every question.
        centre: weighted mean per variable, (p + 1,), taken off before squaring.
        scale: weighted standard deviation, (p + 1,); 1 for a constant.
    """

    items: int
    pairwise: bool
    centre: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, answers: Answers, incomplete: Incomplete) -> Moments:
        """Choose centre and scale: the weighted mean and deviation of what was answered."""
        weight = (answers.weight * answers.rows)[:, None] * ~np.isnan(answers.values)
        values = np.nan_to_num(answers.values)
        total = weight.sum(axis=0)
        centre = (weight * values).sum(axis=0) / np.where(total > 0, total, 1.0)
        square = (weight * (values - centre) ** 2).sum(axis=0) / np.where(total > 0, total, 1.0)
        constant = square <= CONSTANT * np.maximum(centre**2, 1e-300)
        scale = np.where(constant, 1.0, np.sqrt(np.where(constant, 1.0, square)))
        return cls(answers.satisfied.shape[1], incomplete == "pairwise", centre, scale)

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """Shapes of the blocks of sums: counts, values, squares, products, then shares."""
        p, m = self.items, self.items + 1
        k = m if self.pairwise else 1
        return [(k, k), (m, k), (m, k), (m, m), (1, p), (1, p), (1, p), (1, p)]

    @property
    def width(self) -> int:
        """How many sums there are."""
        return sum(rows * columns for rows, columns in self.blocks)

    def products(self, answers: Answers, chosen: IntArray) -> FloatArray:
        """The weighted terms of the sums for one respondent of each chosen distinct row.

        Returns:
            Shape (len(chosen), width).
        """
        weight = answers.weight[chosen][:, None]
        values = (answers.values[chosen] - self.centre) / self.scale
        answered = ~np.isnan(values)
        if not self.pairwise:
            answered &= answered.all(axis=1, keepdims=True)
        values = np.where(answered, values, 0.0)
        counts = answered if self.pairwise else answered[:, :1]
        left = weight * values
        pieces = [
            _outer(weight * counts, counts),
            _outer(left, counts),
            _outer(left * values, counts),
            _outer(left, values),
        ]
        for share in (answers.named[chosen], answers.satisfied[chosen]):
            pieces += [weight * np.nan_to_num(share), weight * ~np.isnan(share)]
        return np.concatenate(pieces, axis=1)

    def correlations(self, sums: FloatArray) -> FloatArray:
        """Correlation matrices of the items and the outcome.

        Args:
            sums: shape (replicates, width).

        Returns:
            Shape (replicates, p + 1, p + 1); a variable without variance correlates 0 with all,
            itself included.
        """
        count, value, square, product = self._split(sums)[:4]
        inverse = np.where(count > 0, 1 / np.where(count > 0, count, 1.0), 0.0)
        mean = value * inverse
        variance = square * inverse - mean**2
        varies = variance > CONSTANT
        scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
        covariance = product * inverse - mean * mean.swapaxes(-1, -2)
        matrix: FloatArray = covariance * scale * scale.swapaxes(-1, -2)
        diagonal = np.arange(self.items + 1)
        matrix[:, diagonal, diagonal] = np.round(matrix[:, diagonal, diagonal])
        return matrix

    def shares(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shares (0-1) naming each item and satisfied with it; NaN where nobody was asked.

        Args:
            sums: shape (replicates, width).

        Returns:
            Two arrays of shape (replicates, p).
        """
        named, asked, satisfied, answered = (block[:, 0] for block in self._split(sums)[4:])
        return _ratio(named, asked), _ratio(satisfied, answered)

    def _split(self, sums: FloatArray) -> list[FloatArray]:
        edges = np.cumsum([rows * columns for rows, columns in self.blocks])[:-1]
        parts = np.split(sums, edges, axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.blocks, strict=True)]


def check_enough(answers: Answers, names: list[str], incomplete: Incomplete) -> int:
    """Refuse items nobody answered and a regression with fewer respondents than it needs.

    Returns:
        How many respondents the correlations rest on; pairwise, the one with the fewest.

    Raises:
        MeasureError: ``no-answers`` or ``too-few-answers``; the item with fewest answers is named.
    """
    counted = np.where(answers.weight > 0, answers.rows, 0)
    answered = ~np.isnan(answers.values)
    for name, count in zip(names, counted @ answered, strict=True):
        if count == 0:
            raise MeasureError(
                "no-answers",
                "nobody answered this item; leave it out or look at its missing codes",
                "该题没有任何有效回答，请去掉该题或检查缺失编码",
                place=f"item {name}",
            )
    used = _fewest(counted, answered, incomplete)
    needed = len(names) + 1
    if used < needed:
        fewest = names[int(np.argmin(counted @ answered))]
        raise MeasureError(
            "too-few-answers",
            f"{used} respondents answered everything that is needed, at least {needed} are;"
            f" item {fewest} has the fewest answers: leave it out, or correlate pairwise",
            f"只有 {used} 位受访者的回答完整，至少需要 {needed} 位；{fewest} 的有效回答最少，"
            "请去掉该题或改为成对相关（pairwise）",
            place=f"item {fewest}",
        )
    return used


def _fewest(counted: IntArray, answered: npt.NDArray[np.bool_], incomplete: Incomplete) -> int:
    if incomplete == "drop":
        return int(counted @ answered.all(axis=1))
    return int(((answered * counted[:, None]).T @ answered.astype(np.int64)).min())


def _outer(left: npt.NDArray, right: npt.NDArray) -> FloatArray:
    product: FloatArray = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
    return product


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    result: FloatArray = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
    return result
