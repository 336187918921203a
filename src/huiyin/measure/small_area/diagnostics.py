"""What a fitted area-level model says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.measure.small_area.columns import AreaTable, FloatArray
from huiyin.measure.small_area.direct import Direct
from huiyin.measure.small_area.likelihood import AreaFit, AreaLikelihood
from huiyin.measure.small_area.regression import Basis, products, times

_FEW = 15


def area_notes(areas: AreaTable, data: Direct, rows: Basis, fit: AreaFit) -> dict[str, Any]:
    """Notes of the result table of an area-level model; on the model scale throughout."""
    model = fit.model
    p = len(rows.names)
    return {
        "model": "Fay-Herriot, area level",
        "method": model.method,
        "model_variance": model.variance,
        "model_variance_se": float(np.sqrt(model.variance_of_variance)),
        "coefficients": coefficient_table(
            rows.names,
            rows.coefficients(model.coefficients),
            rows.coefficients(model.covariance_root),
        ),
        "iterations": fit.iterations,
        "converged": True,
        "loglik": model.full,
        "restricted_loglik": model.restricted,
        "aic": -2 * model.full + 2 * (p + 1),
        "bic": -2 * model.full + (p + 1) * float(np.log(model.y.size)),
        "r2": explained(model),
        "residuals": residual_summary(areas, np.flatnonzero(data.sampled), model.residuals),
        "areas": {"fitted": model.y.size, "unsampled": len(data.sampled) - model.y.size},
        **data.notes,
        "cautions": _cautions(model, p),
    }


def coefficient_table(
    names: Sequence[str], values: FloatArray, root: FloatArray
) -> list[dict[str, Any]]:
    """Estimates with standard errors and two-sided normal p-values.

    Args:
        names: (p,) of the columns.
        values: (p,) coefficients.
        root: (p, p) C with CC' their covariance.
    """
    errors = np.sqrt(np.einsum("ij,ij->i", root, root))
    return [
        {
            "name": name,
            "estimate": float(b),
            "se": float(s),
            "z": float(b / s),
            "p": erfc(abs(float(b / s)) / sqrt(2)),
        }
        for name, b, s in zip(names, values, errors, strict=True)
    ]


def residual_summary(
    areas: AreaTable, rows: NDArray[np.intp], residuals: FloatArray
) -> dict[str, Any]:
    """Shape of the standardised residuals and the five areas that fit worst.

    Under the model they are close to standard normal: skewness and excess kurtosis near 0, one in
    twenty beyond 1.96.
    """
    centred = residuals - residuals.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    shape = centred / spread if spread > 0 else centred
    worst = np.argsort(-np.abs(residuals), kind="stable")[:5]
    return {
        "sd": spread,
        "skewness": float(np.mean(shape**3)),
        "excess_kurtosis": float(np.mean(shape**4)) - 3.0 if spread > 0 else 0.0,
        "beyond_1.96": float(np.mean(np.abs(residuals) > 1.96)),
        "largest": [
            {"area": areas.name(rows[at]), "residual": float(residuals[at])} for at in worst
        ],
    }


def explained(model: AreaLikelihood) -> float | None:
    """Share of the variance of the true values that the covariates explain.

    Lahiri & Suntornchost 2015, Sankhya B 77: the adjusted R2 of least squares with the sampling
    variances taken out of both mean squares. None where nothing is left to explain.
    """
    m, p = model.q.shape
    leverage = np.einsum("ij,ij->i", model.q, model.q)
    residual = model.y - times(model.q, products(model.q, model.y[:, None])[:, 0])
    centred = model.y - model.y.mean()
    unexplained = np.sum(residual**2 - (1 - leverage) * model.d) / (m - p)
    total = np.sum(centred**2) / (m - 1) - model.d.mean()
    return float(np.clip(1 - unexplained / total, 0.0, 1.0)) if total > 0 else None


def _cautions(model: AreaLikelihood, p: int) -> list[dict[str, str]]:
    cautions = []
    if model.variance == 0:
        cautions.append(
            {
                "code": "model-variance-zero",
                "en": "The areas differ no more than their sampling errors do: every estimate is"
                " the model's prediction, and none follows its own direct estimate.",
                "zh": "各地区间的差异未超出抽样误差："
                "所有估计值均为模型预测值，不反映各地区自身的直接估计。",
            }
        )
    if model.y.size - p < _FEW:
        cautions.append(
            {
                "code": "few-areas",
                "en": f"Only {model.y.size} areas for {p} coefficients: the mean squared errors"
                " rest on an approximation for many areas.",
                "zh": f"仅有 {model.y.size} 个地区用于估计 {p} 个系数，"
                "均方误差所依据的大样本近似可能不准。",
            }
        )
    return cautions
