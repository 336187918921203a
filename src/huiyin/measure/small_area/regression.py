"""Regression columns in an orthonormal basis, so that fitting is well conditioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.columns import AreaTable, FloatArray, Mask

INTERCEPT = "(intercept)"
# What is left of a column after regression on those before it, as a part of its own length.
_COLLINEAR = 1e-9
_WELL_CONDITIONED = 20.0
# Tall thin products in short blocks: they stay in cache and on one core, where BLAS threads would
# spend more time waiting for each other than computing.
_BLOCK = 2048


@dataclass(frozen=True)
class Basis:
    """The covariates of all areas as ``x = R'q``, with q orthonormal over the fitted areas.

    Attributes:
        names: the p columns of x, the intercept first if there is one.
        rows: (areas, p) array of q.
        triangle: (p, p) upper triangular R; a coefficient vector c for q is R^-1 c for x.
    """

    names: tuple[str, ...]
    rows: FloatArray
    triangle: FloatArray

    def coefficients(self, of_rows: FloatArray) -> FloatArray:
        """Coefficients for x from those for q (a vector, or one per column)."""
        return solved(self.triangle, of_rows)


def design_matrix(areas: AreaTable, covariates: Sequence[str], intercept: bool) -> FloatArray:
    """(areas, p) array of the covariates, complete for every area.

    Raises:
        MeasureError: ``missing-covariate`` (names area and column), ``no-covariates``, or what
            :meth:`AreaTable.numbers` raises.
    """
    refuse_no_covariates(covariates, intercept)
    columns = [np.ones(areas.table.num_rows)] if intercept else []
    for name in covariates:
        values = areas.numbers(name)
        areas.refuse(
            np.isnan(values),
            "missing-covariate",
            name,
            "the covariate is missing; every area needs it, sampled or not",
            "辅助变量缺失；无论是否有样本，每个地区都必须有该值",
        )
        columns.append(values)
    return np.column_stack(columns)


def refuse_no_covariates(covariates: Sequence[str], intercept: bool) -> None:
    if isinstance(covariates, str) or not (covariates or intercept):
        raise MeasureError(
            "no-covariates",
            "give a list of covariate columns, or keep the intercept",
            "请以列表给出辅助变量列，或保留截距项",
            place="covariates",
        )


def basis(x: FloatArray, names: Sequence[str], fitted: Mask) -> Basis:
    """Orthonormal basis of the columns over the fitted areas, applied to all areas.

    Raises:
        MeasureError: ``collinear-covariates``, naming the first column that those before it
            already explain.
    """
    length = np.sqrt(np.einsum("ij,ij->j", x[fitted], x[fitted]))
    scale = np.where(length > 0, length, 1.0)
    triangle = np.asarray(np.linalg.qr(x[fitted] / scale)[1], dtype=np.float64)
    own = np.abs(np.diagonal(triangle))
    for name, left in zip(names, own, strict=True):
        refuse_collinear(name, float(left), _COLLINEAR)
    rows = times(x / scale, inverse(triangle))
    return Basis(tuple(names), rows, triangle * scale)


def refuse_collinear(name: str, left: float, least: float) -> None:
    """Refuse the column ``name`` when no more than ``least`` of it is its own."""
    if not left > least:
        raise MeasureError(
            "collinear-covariates",
            f"{name} is constant or a linear combination of the covariates before it, over the"
            " areas with a sample; leave it out",
            f"在有样本的地区中，{name} 为常数或可由其前面的辅助变量线性表出，请去掉该变量",
            place=f"column {name}",
        )


def products(a: FloatArray, b: FloatArray) -> FloatArray:
    """a'b of two tall matrices."""
    total = np.zeros((a.shape[1], b.shape[1]))
    for at in range(0, len(a), _BLOCK):
        total += a[at : at + _BLOCK].T @ b[at : at + _BLOCK]
    return total


def times(a: FloatArray, small: FloatArray) -> FloatArray:
    """A tall matrix times a small one, or times a vector."""
    result = np.empty((len(a), *small.shape[1:]))
    for at in range(0, len(a), _BLOCK):
        np.matmul(a[at : at + _BLOCK], small, out=result[at : at + _BLOCK])
    return result


def cholesky(a: FloatArray) -> FloatArray:
    """Lower triangular L with LL' = a; raises ``numpy.linalg.LinAlgError``."""
    return np.asarray(np.linalg.cholesky(a), dtype=np.float64)


def inverse(a: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(a), dtype=np.float64)


def solved(a: FloatArray, b: FloatArray) -> FloatArray:
    """x with ax = b."""
    return np.asarray(np.linalg.solve(a, b), dtype=np.float64)


def orthonormal(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Reduced QR of a tall matrix by Cholesky, with a second pass where one is not enough.

    One pass loses the square of the condition number in precision, two none up to 1e8 (Yamamoto,
    Nakatsukasa, Yanagisawa & Fukaya 2015, ETNA 44); beyond that, Householder. Several times
    faster than Householder throughout.
    """
    try:
        first = cholesky(products(a, a))
        q = times(a, inverse(first).T)
        if np.linalg.cond(first) < _WELL_CONDITIONED:
            return q, first.T
        second = cholesky(products(q, q))
    except np.linalg.LinAlgError:
        exact = np.linalg.qr(a)
        return np.asarray(exact[0], np.float64), np.asarray(exact[1], np.float64)
    return times(q, inverse(second).T), (first @ second).T
