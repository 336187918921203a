"""The model of an area: everybody there is a little more, or a little less, content.

A person's number of best answers is read as a cut of a latent normal variable, and areas differ
by a shift of it. The cuts come from all interviews, the shift of an area from those of its
interviews that are *not* best throughout; what follows for the share that is best throughout is
the prediction. A truly content area moves the whole distribution and is predicted to have many
such interviews. Coaching adds them without moving the rest.
"""

from __future__ import annotations

import numpy as np

from huiyin.measure.integrity_checks.columns import FloatArray

_GRID = np.linspace(-4.0, 4.0, 321)
_LEAST_SHARE = 1e-9
_ROUNDS = 3


def predicted_top_share(histogram: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Predict the share of each unit in the highest score from its lower scores.

    Args:
        histogram: interviews by unit and score, shape (m, J + 1).

    Returns:
        Logit of the predicted share, its variance, and the unit's shift, each of shape (m,). The
        shift has a normal prior fitted to the units, so that a unit with hardly any interview
        below the top is predicted from the others, with the uncertainty that goes with it.
    """
    from scipy.special import logit

    top = histogram.shape[1] - 1
    spread = 0.0
    for _ in range(_ROUNDS):
        cells = _cell_probabilities(histogram, spread)
        below = histogram[:, :top] @ np.log(cells[:top] / cells[:top].sum(axis=0))
        posterior, spread = _posterior(below)
    shift = posterior @ _GRID
    at_grid = logit(np.clip(cells[top], _LEAST_SHARE, 1 - _LEAST_SHARE))
    mean = posterior @ at_grid
    return mean, np.maximum(posterior @ at_grid**2 - mean**2, 0.0), shift


def _cell_probabilities(histogram: FloatArray, spread: float) -> FloatArray:
    """Probability of each score at each shift of the grid, shape (J + 1, grid).

    Persons of one unit vary by one; all together by one plus the ``spread`` (variance) of units.
    """
    from scipy.special import ndtr, ndtri

    total = histogram.sum(axis=0) + 0.5
    cuts = ndtri(np.cumsum(total)[:-1] / total.sum()) * np.sqrt(1 + spread)
    below = ndtr(cuts[:, None] - _GRID)
    ends = np.zeros((1, _GRID.size)), np.ones((1, _GRID.size))
    return np.maximum(np.diff(np.concatenate([ends[0], below, ends[1]]), axis=0), 1e-300)


def _posterior(log_likelihood: FloatArray) -> tuple[FloatArray, float]:
    """Posterior of the shift on the grid and the variance of its normal prior, fitted by EM
    (median as centre, so that odd units do not move it)."""
    centre, variance = 0.0, 0.3
    posterior = np.empty_like(log_likelihood)
    for _ in range(15):
        logs = log_likelihood - 0.5 * (_GRID - centre) ** 2 / variance
        posterior = np.exp(logs - logs.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        mean = posterior @ _GRID
        spread = posterior @ _GRID**2 - mean**2
        centre = float(np.median(mean))
        variance = max(float(np.mean((mean - centre) ** 2 + spread)), 1e-3)
    return posterior, variance
