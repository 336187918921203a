"""How far calibrated weights may be from base weights: the functions of Deville & Särndal (1992).

Each turns the linear predictor u = x'λ of a respondent into the factor g = F(u) on the weight,
with F(0) = F'(0) = 1. Journal of the American Statistical Association 87, 376-382, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from huiyin.measure.calibration.arrays import Vector

Method = Literal["linear", "logit", "raking"]
METHODS: tuple[Method, ...] = ("linear", "logit", "raking")

#: exp(u) beyond this overflows what weights are multiplied with.
_STEEPEST = 500.0


class Distance(Protocol):
    """F and its derivative, for u of any shape."""

    def factor(self, u: Vector) -> Vector: ...

    def slope(self, u: Vector) -> Vector: ...


@dataclass(frozen=True)
class Linear:
    """F(u) = 1 + u, cut off at the bounds (cases 1 and 7)."""

    low: float
    high: float

    def factor(self, u: Vector) -> Vector:
        return np.clip(1.0 + u, self.low, self.high)

    def slope(self, u: Vector) -> Vector:
        return ((1.0 + u > self.low) & (1.0 + u < self.high)).astype(np.float64)


@dataclass(frozen=True)
class Exponential:
    """F(u) = exp(u), cut off at the bounds (case 2; the solution of raking)."""

    low: float
    high: float

    def factor(self, u: Vector) -> Vector:
        return np.clip(np.exp(np.minimum(u, _STEEPEST)), self.low, self.high)

    def slope(self, u: Vector) -> Vector:
        g = np.exp(np.minimum(u, _STEEPEST))
        return np.where((g > self.low) & (g < self.high), g, 0.0)


@dataclass(frozen=True)
class Logit:
    """F between finite bounds low < 1 < high, smooth and never outside (case 6)."""

    low: float
    high: float

    def _share(self, u: Vector) -> Vector:
        """Position of F(u) between the bounds, from 0 to 1."""
        low, high = self.low, self.high
        steepness = (high - low) / ((high - 1.0) * (1.0 - low))
        start = np.log((1.0 - low) / (high - 1.0))
        z = np.clip(steepness * u + start, -_STEEPEST, _STEEPEST)
        return np.asarray(1.0 / (1.0 + np.exp(-z)))

    def factor(self, u: Vector) -> Vector:
        return self.low + (self.high - self.low) * self._share(u)

    def slope(self, u: Vector) -> Vector:
        share = self._share(u)
        range_ = self.high - self.low
        return range_**2 * share * (1.0 - share) / ((self.high - 1.0) * (1.0 - self.low))


def distance(method: Method, bounds: tuple[float, float] | None) -> Distance:
    """The distance of a method; without bounds the factor is free."""
    low, high = bounds or (-np.inf, np.inf)
    if method == "linear":
        return Linear(low, high)
    if method == "logit":
        return Logit(low, high)
    return Exponential(low, high)
