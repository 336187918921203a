"""Scales on which shares are modelled, and the way back.

A share on the logit or arcsine scale stays between 0 and 100 % whatever the model predicts, and
its sampling variance depends less on the share itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from huiyin.measure.small_area.columns import FloatArray

ScaleName = Literal["identity", "logit", "arcsine"]
BackTransform = Literal["mean", "median"]
SCALES: tuple[ScaleName, ...] = ("identity", "logit", "arcsine")
_NODES = 48


@dataclass(frozen=True)
class Scale:
    """A transformation of a proportion.

    Attributes:
        forward: proportion to model scale.
        slope: derivative of ``forward`` as a function of P(1-P).
        back: model scale to proportion, never outside 0..1.
    """

    forward: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    back: Callable[[FloatArray], FloatArray]


def scale_named(name: ScaleName) -> Scale | None:
    """The transformation; None for ``identity``, where there is nothing to do."""
    if name == "logit":
        from scipy.special import expit, logit

        return Scale(logit, lambda element: 1.0 / element, expit)
    if name == "arcsine":
        return Scale(
            lambda p: np.arcsin(np.sqrt(p)),
            lambda element: 0.5 / np.sqrt(element),
            lambda t: np.sin(np.clip(t, 0.0, np.pi / 2)) ** 2,
        )
    return None


def share_for_scale(p: FloatArray, independent: FloatArray) -> FloatArray:
    """Shares with 0 and 1 pulled inside, as (n p + 1/2) / (n + 1).

    Cox 1970, Analysis of Binary Data.

    Args:
        p: (m,) proportions.
        independent: (m,) numbers of independent answers behind them.
    """
    at_edge = (p <= 0) | (p >= 1)
    return np.where(at_edge, (independent * p + 0.5) / (independent + 1), p)


def shares_back(
    scale: Scale, model: FloatArray, spread: FloatArray, mse: FloatArray, how: BackTransform
) -> tuple[FloatArray, FloatArray]:
    """Estimates and their mean squared errors as proportions.

    ``mean`` is the expected share given the data, E h(T) with T normal around the estimate on the
    model scale with variance ``spread`` (Sugasawa & Kubokawa 2017, Computational Statistics & Data
    Analysis 114); ``median`` is h of the estimate, which is biased towards the edges. The mean
    squared error is E (h(T) - estimate)^2 with T of variance ``mse``. Expectations are
    Gauss-Hermite sums, so the curvature of h counts, unlike in a delta approximation.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()

    def expected(of: Callable[[FloatArray], FloatArray], variance: FloatArray) -> FloatArray:
        total = np.zeros_like(model)
        for node, weight in zip(nodes, weights, strict=True):
            total += weight * of(scale.back(model + node * np.sqrt(variance)))
        return total

    share = expected(lambda p: p, spread) if how == "mean" else scale.back(model)
    return share, expected(lambda p: (p - share) ** 2, mse)
