"""The explained variance of an outcome shared out over the items that explain it.

The share of an item is its Shapley value in the game whose worth is R²: the increase of R² when
the item joins, averaged over every order in which items can join. Lindeman, Merenda & Gold
(1980, p. 119 ff.) proposed it for regression (LMG); Grömping (2006, Journal of Statistical
Software 17(1), section 3) is the usual account.

Everything works on covariance matrices, for many of them at once: the last two axes of an array
hold one matrix over (items..., outcome), the axes before them count the matrices.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Up to this many items every order is taken into account, above it a sample of them.
EXACT_ITEMS = 12

#: An item of which less than this share of its variance is new adds nothing: it is, up to
#: rounding, a combination of those already in.
NEW_VARIANCE = 1e-9

_CHUNK = 4_000_000


def explained_by_subsets(correlations: FloatArray) -> FloatArray:
    """R² of the outcome on every subset of the items.

    Args:
        correlations: shape (replicates, p + 1, p + 1), the outcome last.

    Returns:
        Shape (2**p, replicates); bit p − 1 − j of the row number says whether item j is in.
        The R² of a set is that of the space it spans, so it exists for collinear items too.
    """
    rest = correlations[None]
    while rest.shape[-1] > 1:
        without = rest[..., 1:, 1:]
        rest = np.stack([without, _swept(rest)], axis=1).reshape(-1, *without.shape[1:])
    result: FloatArray = 1.0 - rest[..., 0, 0]
    return result


def shapley_exact(correlations: FloatArray) -> FloatArray:
    """Shapley value of R² per item from all 2**p subsets.

    Args:
        correlations: shape (replicates, p + 1, p + 1), the outcome last.

    Returns:
        Shape (replicates, p); the rows sum to R² of the full model.
    """
    items = correlations.shape[-1] - 1
    coefficients = _subset_coefficients(items)
    step = max(1, _CHUNK // (4 << items))
    parts = np.empty((len(correlations), items))
    for start in range(0, len(parts), step):
        worth = explained_by_subsets(correlations[start : start + step])
        parts[start : start + step] = (coefficients @ worth).T
    return parts


def shapley_sampled(correlations: FloatArray, orders: npt.NDArray[np.intp]) -> FloatArray:
    """Increase of R² when each item joins, for each of the given orders.

    Args:
        correlations: shape (replicates, p + 1, p + 1), the outcome last.
        orders: shape (orders, p), each row a permutation of the items.

    Returns:
        Shape (replicates, p), the mean over the orders; unbiased for :func:`shapley_exact` when
        the orders are drawn at random (Castro, Gómez & Tejada 2009).
    """
    size = correlations.shape[-1]
    step = max(1, _CHUNK // (len(orders) * size * size))
    parts = np.empty((len(correlations), orders.shape[1]))
    for start in range(0, len(parts), step):
        part = slice(start, start + step)
        parts[part] = increments(correlations[part], orders).mean(axis=1)
    return parts


def increments(correlations: FloatArray, orders: npt.NDArray[np.intp]) -> FloatArray:
    """As :func:`shapley_sampled`, order by order: shape (replicates, orders, p)."""
    items = orders.shape[1]
    outcome = np.full((len(orders), 1), items, dtype=np.intp)
    index = np.concatenate([orders, outcome], axis=1)
    rest = correlations[:, index[:, :, None], index[:, None, :]]
    gains = np.empty((len(correlations), *orders.shape))
    for position in range(items):
        after = _swept(rest)
        gained = rest[..., -1, -1] - after[..., -1, -1]
        rows = np.arange(len(orders))
        gains[:, rows, orders[:, position]] = gained
        rest = after
    return gains


def antithetic_orders(items: int, count: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """``count`` random orders, each second one the reverse of the one before it.

    An item that comes early in one comes late in the other, which cancels most of the noise of
    sampling (Mitchell, Cooper, Frank & Holmes 2022, JMLR 23(43), section 4.1).

    Returns:
        Shape (count rounded up to even, items).
    """
    forward = rng.permuted(np.tile(np.arange(items), ((count + 1) // 2, 1)), axis=1)
    return np.stack([forward, forward[:, ::-1]], axis=1).reshape(-1, items)


def _swept(matrices: FloatArray) -> FloatArray:
    """What is left of the other variables once the first is accounted for."""
    pivot = matrices[..., 0, 0]
    new = pivot > NEW_VARIANCE
    inverse = np.where(new, 1 / np.where(new, pivot, 1.0), 0.0)
    column = matrices[..., 1:, 0]
    row = matrices[..., 0, 1:]
    result: FloatArray = (
        matrices[..., 1:, 1:] - (column * inverse[..., None])[..., :, None] * row[..., None, :]
    )
    return result


def _subset_coefficients(items: int) -> FloatArray:
    """Coefficient of the R² of each subset in the Shapley value of each item: (p, 2**p)."""
    subsets = np.arange(1 << items)
    bits = subsets[None, :] >> np.arange(items - 1, -1, -1)[:, None] & 1
    size = bits.sum(axis=0)
    others = np.array(
        [math.factorial(s) * math.factorial(items - s - 1) for s in range(items)], dtype=float
    ) / math.factorial(items)
    joining = others[np.maximum(size - 1, 0)]
    staying = others[np.minimum(size, items - 1)]
    return np.where(bits == 1, joining, -staying)
