"""Response propensities from a weighted logistic regression on cells, and strata of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Cells times parameters that are still held in memory (160 MB of float64).
_LARGEST_MATRIX = 20_000_000


def propensities(
    columns: tuple[str, ...],
    keys: list[tuple[Any, ...]],
    answered: FloatArray,
    due: FloatArray,
) -> FloatArray:
    """Probability of an answer per cell, from the main effects of ``columns``.

    Logistic regression by iteratively reweighted least squares (McCullagh & Nelder 1989, section
    4.4) on the summed weights: the same fit as on the cases one by one. Cells without weight get
    a prediction and have no influence. A category in which everybody or nobody answers sends its
    coefficient to infinity; its propensity tends to 1 or 0, which the strata bear.

    Args:
        columns: names of the covariates.
        keys: their values per cell.
        answered: weight of respondents per cell.
        due: weight of eligible cases per cell.

    Raises:
        MeasureError: ``too-many-cells``.
    """
    matrix = _main_effects(columns, keys)
    scale = due.sum() / max(len(due), 1)
    total = due / scale
    share = np.divide(answered, due, out=np.zeros_like(due), where=due > 0)
    fitted = (share * total + 0.5) / (total + 1.0)
    predictor = np.log(fitted / (1.0 - fitted))
    deviance = np.inf
    for _ in range(100):
        spread = np.maximum(total * fitted * (1.0 - fitted), 1e-300)
        working = predictor + (share - fitted) * total / spread
        root = np.sqrt(spread)
        predictor = matrix @ np.linalg.lstsq(matrix * root[:, None], working * root)[0]
        fitted = np.clip(1.0 / (1.0 + np.exp(-predictor)), 1e-12, 1.0 - 1e-12)
        before, deviance = deviance, _deviance(share, fitted, total)
        if abs(before - deviance) <= 1e-13 * (abs(deviance) + 0.1):
            break
    return fitted


def propensity_strata(predicted: FloatArray, cases: IntArray, strata: int) -> IntArray:
    """Stratum (from 0, least likely to answer first) of each cell.

    Cells are put in order of propensity and cut where the middle of a cell passes each
    ``1/strata`` of the cases; cells of equal propensity stay together.
    """
    rounded = np.round(predicted, 10)
    levels, level = np.unique(rounded, return_inverse=True)
    size = np.bincount(level, cases, minlength=len(levels))
    middle = np.cumsum(size) - size / 2
    stratum = np.minimum(middle * strata / max(size.sum(), 1), strata - 1).astype(np.int64)
    return stratum[level]


def _main_effects(columns: tuple[str, ...], keys: list[tuple[Any, ...]]) -> FloatArray:
    """An intercept, and an indicator of each value but the first of every column."""
    codes = [np.unique(np.array(v), return_inverse=True)[1] for v in zip(*keys, strict=True)]
    width = 1 + sum(int(c.max()) for c in codes)
    if width * len(keys) > _LARGEST_MATRIX:
        raise MeasureError(
            "too-many-cells",
            f"{len(keys)} cells with {width} categories are too many for a propensity model;"
            f" group the values of {', '.join(columns)}",
            f"{len(keys)} 个单元、{width} 个类别对倾向模型而言过多；"
            f"请合并 {'、'.join(columns)} 的取值",
            place="propensity",
        )
    matrix = np.zeros((len(keys), width))
    matrix[:, 0] = 1.0
    at = 1
    for code in codes:
        inside = np.flatnonzero(code > 0)
        matrix[inside, at + code[inside] - 1] = 1.0
        at += int(code.max())
    return matrix


def _deviance(share: FloatArray, fitted: FloatArray, total: FloatArray) -> float:
    from scipy.special import rel_entr

    return float(2 * np.sum(total * (rel_entr(share, fitted) + rel_entr(1 - share, 1 - fitted))))
