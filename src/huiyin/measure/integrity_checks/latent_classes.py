"""Latent class model of the answers: what honest people of the same mind have in common.

Within a class answers are independent; a missing answer is a category of its own. Fitted by EM
(Goodman 1974, Biometrika 61) with the number of classes chosen by AIC: what matters
here is the tail, and too few classes understate how often honest people agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.measure.integrity_checks.columns import FloatArray, IntArray

_CLASS_COUNTS = (1, 2, 4, 8, 12)
_ITERATIONS = 60
_SETTLED = 3e-6
_LEAST_PROBABILITY = 1e-9
_STRAIGHTNESS = 0.9


@dataclass(frozen=True)
class LatentClasses:
    """A fitted model of K classes over C columns of the one-hot answers.

    Attributes:
        weights: share of each class, shape (K,).
        log_probability: log probability of each one-hot column by class, shape (K, C).
        aic: Akaike information criterion, smaller is better.
    """

    weights: FloatArray
    log_probability: FloatArray
    aic: float


def fit_latent_classes(
    one_hot: npt.NDArray[np.float32], starts: IntArray, seed: int
) -> LatentClasses:
    """Fit 1, 2, 4, 8 and 12 classes until AIC stops falling.

    Args:
        one_hot: answers with a column per item and category (missing included), shape (n, C).
        starts: first column of each item, shape (J,).
        seed: of the starting memberships.
    """
    data = _Data.of(one_hot, starts)
    best = _em(data, _CLASS_COUNTS[0], seed)
    for classes in _CLASS_COUNTS[1:]:
        fitted = _em(data, classes, seed)
        if fitted.aic >= best.aic:
            break
        best = fitted
    return best


@dataclass(frozen=True)
class _Data:
    """The one-hot answers with what every fit needs of them."""

    one_hot: npt.NDArray[np.float32]
    starts: IntArray
    widths: IntArray
    margins: FloatArray
    component: FloatArray  # first principal component of each interview, shape (n,)

    @classmethod
    def of(cls, one_hot: npt.NDArray[np.float32], starts: IntArray) -> _Data:
        margins = np.maximum(one_hot.mean(axis=0, dtype=np.float64), _LEAST_PROBABILITY)
        products = (one_hot.T @ one_hot).astype(np.float64) / one_hot.shape[0]
        direction = np.linalg.eigh(products - np.outer(margins, margins))[1][:, -1]
        widths = np.diff(np.append(starts, one_hot.shape[1]))
        return cls(one_hot, starts, widths, margins, one_hot @ direction)


def straight_liners(
    margins: FloatArray, starts: IntArray, labels: Sequence[Sequence[str]]
) -> FloatArray:
    """Log answer probabilities of people who give one code nearly throughout, shape (S, C): one
    class for each code that at least half of the items have.

    Args:
        margins: share of each one-hot column, shape (C,).
        labels: codes of each item, in the order of its columns.
    """
    codes = sorted({label for item in labels for label in item})
    rows = []
    items = list(zip(starts, labels, strict=True))
    for code in codes:
        at = [start + item.index(code) for start, item in items if code in item]
        if 2 * len(at) >= len(labels):
            probability = (1 - _STRAIGHTNESS) * margins
            probability[at] += _STRAIGHTNESS
            rows.append(np.log(np.maximum(probability, _LEAST_PROBABILITY)))
    return np.array(rows).reshape(len(rows), margins.size)


def _em(data: _Data, classes: int, seed: int) -> LatentClasses:
    posterior = _start(data.component, classes, np.random.Generator(np.random.PCG64(seed)))
    before = -np.inf
    for _ in range(_ITERATIONS):
        weights, log_probability = _maximise(data, posterior)
        joint = data.one_hot @ log_probability.T.astype(np.float32)
        joint += np.log(weights).astype(np.float32)
        top = joint.max(axis=1, keepdims=True)
        scaled = np.exp(joint - top)
        total = scaled.sum(axis=1, keepdims=True)
        posterior = scaled / total
        likelihood = float((np.log(total) + top).sum(dtype=np.float64))
        if likelihood - before < _SETTLED * abs(likelihood):
            break
        before = likelihood
    free = classes * (data.margins.size - data.starts.size) + classes - 1
    return LatentClasses(weights, log_probability, 2 * free - 2 * likelihood)


def _start(
    component: FloatArray, classes: int, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Memberships cut along the first principal component, finely at its ends (people of extreme
    mind are few, and agree with each other most), blurred at random."""
    cuts = 1 / (1 + np.exp(-np.linspace(-6, 6, classes + 1)[1:-1]))
    home = np.searchsorted(np.quantile(component, cuts), component)
    blurred = 0.2 * random.dirichlet(np.ones(classes), component.size)
    blurred[np.arange(component.size), home] += 0.8
    return blurred.astype(np.float32)


def _maximise(data: _Data, posterior: npt.NDArray[np.float32]) -> tuple[FloatArray, FloatArray]:
    """Class shares and answer probabilities, with one pseudo-interview per class spread as the
    margins (no probability is zero)."""
    members = posterior.sum(axis=0, dtype=np.float64)
    counts = (posterior.T @ data.one_hot).astype(np.float64) + data.margins
    total = np.add.reduceat(counts, data.starts, axis=1)
    probability = counts / np.repeat(total, data.widths, axis=1)
    return (members + 1) / (members.sum() + members.size), np.log(probability)
