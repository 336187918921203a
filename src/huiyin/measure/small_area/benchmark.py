"""Benchmarking: small areas that add up to the published figure of the larger one.

The adjusted estimates are those nearest to the model's, in squares weighted by phi, that meet the
figure: e = t + (w/phi) (figure - sum w t) / sum(w^2/phi), with shares w that sum to one (Datta,
Ghosh, Steorts & Maples 2011, TEST 20, theorem 1). phi = w/t gives the ratio adjustment, phi = w a
common shift, phi = w/mse moves most what is known least.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area.columns import AreaTable, FloatArray, numbers_of, option

BenchmarkMethod = Literal["ratio", "difference", "mse", "odds"]
METHODS: tuple[BenchmarkMethod, ...] = ("ratio", "difference", "mse", "odds")

#: (column of shares or population sizes, figure), or
#: (column of shares, column of the larger area, figure by larger area or column that holds it).
Benchmark = tuple[str, float] | tuple[str, str, Mapping[Any, float] | str]


@dataclass(frozen=True)
class Targets:
    """What the areas must add up to.

    Attributes:
        weights: (m,) shares or sizes, not yet scaled to one.
        group: (m,) index of each area's larger area.
        names: of the larger areas.
        figures: of the larger areas.
    """

    weights: FloatArray
    group: npt.NDArray[np.int64]
    names: list[Any]
    figures: FloatArray


def read_targets(areas: AreaTable, benchmark: Benchmark) -> Targets:
    """Check the benchmark against the areas.

    Raises:
        MeasureError: ``bad-benchmark``, ``unknown-column``, ``bad-share-of-population``,
            ``no-figure`` (names the larger area), ``figures-differ``.
    """
    if not isinstance(benchmark, tuple) or len(benchmark) not in (2, 3):
        raise _bad_benchmark()
    weights = _weights(areas, benchmark[0])
    if len(benchmark) == 2:
        figure = np.array([_figure(benchmark[1], "all")])
        return Targets(weights, np.zeros(weights.size, dtype=np.int64), ["all"], figure)
    group, names = _groups(areas, benchmark[1])
    source = benchmark[2]
    if isinstance(source, str):
        figures = _figures_in_column(areas, source, group, names)
    elif isinstance(source, Mapping):
        figures = np.array([_figure(source.get(name), name) for name in names])
    else:
        raise _bad_benchmark()
    return Targets(weights, group, names, figures)


def benchmarked(
    model: FloatArray,
    mse: FloatArray,
    targets: Targets,
    method: BenchmarkMethod,
    ceiling: float | None,
) -> tuple[FloatArray, list[dict[str, Any]]]:
    """Adjusted estimates and, per larger area, what was done.

    Args:
        model: (m,) estimates.
        mse: (m,) their mean squared errors.
        targets: what to meet.
        method: one of :data:`METHODS`; ``odds`` multiplies all odds by one factor.
        ceiling: 1 or 100 where the estimates are shares, otherwise None.

    Raises:
        MeasureError: ``figure-out-of-reach``; ``benchmark-leaves-range`` (names the larger area).
    """
    option("benchmark_method", method, METHODS)
    if method == "odds" and ceiling is None:
        raise MeasureError(
            "no-odds",
            "only shares have odds; use scale='logit' or 'arcsine', or another benchmark_method",
            "只有比例才有优势比；请使用 scale='logit' 或 'arcsine'，或改用其他 benchmark_method",
            place="benchmark_method",
        )
    adjusted, report = np.array(model), []
    for at, name in enumerate(targets.names):
        inside = targets.group == at
        w = targets.weights[inside] / targets.weights[inside].sum()
        t, figure = model[inside], float(targets.figures[at])
        if method == "odds" and ceiling is not None:
            e = ceiling * _by_odds(t / ceiling, w, figure / ceiling, name)
        else:
            e = _nearest(t, mse[inside], w, figure, method, name)
        _refuse_outside(e, ceiling, name)
        adjusted[inside] = e
        report.append({"area": name, "figure": figure, "before": float(w @ t), "areas": t.size})
    return adjusted, report


def _nearest(
    t: FloatArray, mse: FloatArray, w: FloatArray, figure: float, method: BenchmarkMethod, name: Any
) -> FloatArray:
    ratio = {"ratio": t, "difference": np.ones_like(t), "mse": mse}[method]
    scale = float(w @ ratio)
    if not abs(scale) > 1e-12 * float(w @ np.abs(ratio)):
        raise _out_of_reach(name, figure)
    return t + ratio * (figure - float(w @ t)) / scale


def _by_odds(p: FloatArray, w: FloatArray, figure: float, name: Any) -> FloatArray:
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    inner = (p > 0) & (p < 1)
    fixed = float(w[~inner] @ p[~inner])
    if not fixed < figure < fixed + float(w[inner].sum()):
        raise _out_of_reach(name, figure)
    log_odds = logit(p[inner])

    def excess(shift: float) -> float:
        return float(w[inner] @ expit(log_odds + shift)) + fixed - figure

    moved = np.array(p)
    moved[inner] = expit(log_odds + brentq(excess, -80.0, 80.0, xtol=1e-15))
    return moved


def _refuse_outside(e: FloatArray, ceiling: float | None, name: Any) -> None:
    if ceiling is not None and ((e < 0) | (e > ceiling)).any():
        raise MeasureError(
            "benchmark-leaves-range",
            "the adjustment takes a share outside 0-100 %; use benchmark_method='odds'",
            "按基准调整后有比例超出 0—100%，请改用 benchmark_method='odds'",
            place=f"larger area {name}",
        )


def _weights(areas: AreaTable, column: str) -> FloatArray:
    weights = areas.numbers(column)
    areas.refuse(
        ~(weights > 0),
        "bad-share-of-population",
        column,
        "the share of the population is missing, zero or negative; every area needs one",
        "人口占比缺失、为零或为负，每个地区都必须有该值",
    )
    return weights


def _groups(areas: AreaTable, column: str) -> tuple[npt.NDArray[np.int64], list[Any]]:
    values = areas.values(column).combine_chunks()
    areas.refuse(
        values.is_null().to_numpy(zero_copy_only=False),
        "no-larger-area",
        column,
        "the area has no larger area to be benchmarked to",
        "该地区没有所属的上级地区，无法按基准调整",
    )
    coded = values.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _figures_in_column(
    areas: AreaTable, column: str, group: npt.NDArray[np.int64], names: list[Any]
) -> FloatArray:
    values = numbers_of(areas.values(column), column)
    first = values[np.unique(group, return_index=True)[1]]
    areas.refuse(
        (values != first[group]) & ~np.isnan(first[group]),
        "figures-differ",
        column,
        "the figure differs inside one larger area; give each larger area one figure",
        "同一上级地区内的基准数值不一致，每个上级地区只能有一个数值",
    )
    return np.array([_figure(figure, name) for figure, name in zip(first, names, strict=True)])


def _figure(value: Any, name: Any) -> float:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not np.isfinite(float(value)):
        raise MeasureError(
            "no-figure",
            f"larger area {name!r} has no figure to add up to",
            f"上级地区“{name}”没有可供校准的公布数值",
            place="benchmark",
        )
    return float(value)


def _out_of_reach(name: Any, figure: float) -> MeasureError:
    return MeasureError(
        "figure-out-of-reach",
        f"the areas cannot be adjusted to add up to {figure:g} this way; use"
        " benchmark_method='difference'",
        f"按此方法无法使各地区合计等于 {figure:g}，请改用 benchmark_method='difference'",
        place=f"larger area {name}",
    )


def _bad_benchmark() -> MeasureError:
    return MeasureError(
        "bad-benchmark",
        "give (column of shares, figure), or (column of shares, column of the larger area,"
        " {larger area: figure} or the column that holds it)",
        "请给出（占比列，数值），或（占比列，上级地区列，{上级地区: 数值} 或存放该数值的列）",
        place="benchmark",
    )
