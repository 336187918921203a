"""Every figure of the analysis, for the sample and for each bootstrap replicate of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.answers import FloatArray
from huiyin.measure.key_drivers.importance import importance_satisfaction, quadrants
from huiyin.measure.key_drivers.moments import Moments
from huiyin.measure.key_drivers.shapley import increments, shapley_exact, shapley_sampled

Orders = npt.NDArray[np.intp]

#: Explained variance below which its parts mean nothing.
NOTHING = 1e-12

#: How far below 0 rounding may put an eigenvalue of a correlation matrix.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Figures:
    """Figures of p items in r replicates (r = 1 for the sample itself).

    Attributes:
        correlations: items, then the outcome, (r, p + 1, p + 1).
        explained: part of the variance of the outcome, (r, p); the sum over items is R².
        stated: percent naming the item, (r, p); NaN = it cannot be named.
        satisfied: percent, (r, p); NaN = not defined or nobody answered.
    """

    correlations: FloatArray
    explained: FloatArray
    stated: FloatArray
    satisfied: FloatArray

    @classmethod
    def of(cls, moments: Moments, sums: FloatArray, orders: Orders | None) -> Figures:
        """Work out all figures from sums of shape (r, width)."""
        correlations = moments.correlations(sums)
        if orders is None:
            explained = shapley_exact(correlations)
        else:
            explained = shapley_sampled(correlations, orders)
        named, satisfied = moments.shares(sums)
        return cls(correlations, explained, 100 * named, 100 * satisfied)

    @property
    def r_squared(self) -> FloatArray:
        """Share of the variance of the outcome that the items explain, (r,)."""
        total: FloatArray = self.explained.sum(axis=1)
        return total

    @property
    def derived(self) -> FloatArray:
        """Derived importance in percent of R², (r, p)."""
        shares: FloatArray = 100 * self.explained / self.r_squared[:, None]
        return shares

    @property
    def importance(self) -> FloatArray:
        """The importance that is set against satisfaction, in percent, (r, p)."""
        return self.derived if self.nothing_stated else self.stated

    @property
    def nothing_stated(self) -> bool:
        return bool(np.isnan(self.stated).all())

    @property
    def importance_satisfaction(self) -> FloatArray:
        """Importance × (1 − satisfied), 0–1, (r, p)."""
        return importance_satisfaction(self.importance / 100, self.satisfied / 100)

    def check(self, outcome: str) -> None:
        """Refuse a sample whose outcome cannot be explained.

        Raises:
            MeasureError: ``constant-outcome``, ``nothing-explained`` or
                ``contradicting-correlations``.
        """
        if self.correlations[0, -1, -1] == 0:
            raise MeasureError(
                "constant-outcome",
                "all who answered gave the outcome the same value, so nothing can explain it",
                "所有有效回答在结果变量上取值相同，无法分析其影响因素",
                place=f"outcome {outcome}",
            )
        if _contradict(self.correlations)[0]:
            raise MeasureError(
                "contradicting-correlations",
                "correlations over different respondents contradict each other; use"
                " incomplete='drop' or leave out the item with the fewest answers",
                "成对相关系数相互矛盾，请改用 incomplete='drop' 或去掉有效回答最少的题目",
                place="incomplete",
            )
        if self.r_squared[0] <= NOTHING:
            raise MeasureError(
                "nothing-explained",
                "the items explain nothing of the outcome, so there is nothing to share out",
                "所选项目对结果变量没有任何解释力，无法分解其重要性",
                place=f"outcome {outcome}",
            )

    def shifted(self, by: FloatArray) -> Figures:
        """With ``by`` (1, p) added to the explained variance, never below 0."""
        explained = np.maximum(self.explained + by, 0.0)
        return Figures(self.correlations, explained, self.stated, self.satisfied)

    def usable(self) -> Figures:
        """Without the replicates in which the outcome cannot be explained."""
        usable = (self.r_squared > NOTHING) & ~_contradict(self.correlations)
        return Figures(
            self.correlations[usable],
            self.explained[usable],
            self.stated[usable],
            self.satisfied[usable],
        )


def columns(
    names: Sequence[str],
    figures: Figures,
    replicates: Figures,
    confidence: float,
    lines: tuple[float, float],
) -> dict[str, Any]:
    """The table: one entry per item in each column."""
    low, high = _interval(replicates.derived, confidence)
    diagonal = np.diagonal(figures.correlations[0])[:-1]
    return {
        "item": list(names),
        "stated": figures.stated[0],
        "derived": figures.derived[0],
        "derived_low": low,
        "derived_high": high,
        "satisfied": figures.satisfied[0],
        "importance_satisfaction": figures.importance_satisfaction[0],
        "quadrant": quadrants(figures.importance[0], figures.satisfied[0], lines),
        "correlation": np.where(diagonal > 0, figures.correlations[0, :-1, -1], np.nan),
    }


def figure_notes(
    names: Sequence[str],
    figures: Figures,
    replicates: Figures,
    confidence: float,
    lines: tuple[float, float],
) -> dict[str, Any]:
    """What goes beside the table: R², lines, constant items, intervals of the other columns."""
    low, high = _interval(replicates.r_squared[:, None], confidence)
    diagonal = np.diagonal(figures.correlations[0])[:-1]
    return {
        "r_squared": float(figures.r_squared[0]),
        "r_squared_interval": _pair(low[0], high[0]),
        "importance": "derived" if figures.nothing_stated else "stated",
        "lines": dict(zip(("importance", "satisfied"), _pair(*lines), strict=True)),
        "constant": [name for name, varies in zip(names, diagonal, strict=True) if varies == 0],
        "bootstrap_used": len(replicates.explained),
        "intervals": {
            column: _by_item(names, getattr(replicates, column), confidence)
            for column in ("stated", "satisfied", "importance_satisfaction")
        },
    }


def order_notes(names: Sequence[str], figures: Figures, orders: Orders | None) -> dict[str, Any]:
    """How the Shapley values were found, and how far sampled ones are from exact ones.

    ``sampling_error`` is the standard error of each derived figure, in percent points, that comes
    from taking a sample of orders; it is not part of the intervals.
    """
    if orders is None:
        return {"method": "exact"}
    gains = increments(figures.correlations, orders)[0]
    pairs = gains.reshape(-1, 2, len(names)).mean(axis=1)
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)) if len(pairs) > 1 else np.nan
    error = np.broadcast_to(100 * error / figures.r_squared[0], len(names))
    return {
        "method": "sampled",
        "orders": len(orders),
        "sampling_error": dict(zip(names, map(_figure, error), strict=True)),
    }


def _contradict(correlations: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether a matrix of pairwise correlations is none that one sample could have."""
    negative: npt.NDArray[np.bool_] = np.linalg.eigvalsh(correlations)[:, 0] < -_ROUNDING
    return negative


def _interval(values: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Percentile interval over the replicates of each column; NaN without replicates."""
    if len(values) == 0:
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    return low, high


def _by_item(
    names: Sequence[str], values: FloatArray, confidence: float
) -> dict[str, list[float | None]]:
    low, high = _interval(values, confidence)
    return {name: _pair(low[at], high[at]) for at, name in enumerate(names)}


def _pair(low: float, high: float) -> list[float | None]:
    return [_figure(low), _figure(high)]


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
