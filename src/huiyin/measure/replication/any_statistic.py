"""Replicate variance of whatever a function computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.keys import key, pairs
from huiyin.measure.reading import as_ibis
from huiyin.measure.replication.figures import brought_scales
from huiyin.measure.replication.multipliers import plan
from huiyin.measure.tidy import Tidy
from huiyin.measure.weights import WEIGHT, with_weight

if TYPE_CHECKING:
    from huiyin.measure.design import Replicates, SurveyDesign

Floats = npt.NDArray[np.float64]
Function = Callable[[pa.Table, Floats], Any]


def with_replicates(
    table: Any, design: SurveyDesign, function: Function, columns: Sequence[str] | None = None
) -> Tidy:
    """Standard errors of any statistic: the function is called with each set of weights.

    The columns are held in memory, the replicate weights one at a time.

    Args:
        table: respondents.
        design: with replicates, brought or made (:func:`huiyin.measure.replicate`).
        function: takes the data (a pyarrow table) and weights (shape (n,)) and returns a number
            or a vector of numbers.
        columns: those the function needs; None = all.

    Returns:
        Columns statistic (position from 1), estimate, se. Replicates in which a figure is not
        finite are left out, and the others stand for them; notes say how many.

    Raises:
        MeasureError: the design has no replicates, or is calibrated.
    """
    replicates = design.replicates
    if replicates is None or design.calibration is not None:
        raise MeasureError(
            "no-replicates",
            "give a design with replicate weights, not calibrated here: hm.replicate(design, ...)",
            "请提供带重复权数且未在此校准的设计：hm.replicate(design, ...)",
            place="replicates",
        )
    rows = with_weight(as_ibis(table), design)
    wanted = list(dict.fromkeys([*(columns or table_columns(rows)), *design.columns]))
    data = rows.select([*wanted, WEIGHT]).to_pyarrow()
    weight = np.asarray(data[WEIGHT].to_numpy(), np.float64)
    sets, scale, rscales = _weight_sets(data, weight, design, replicates)
    full = np.atleast_1d(np.asarray(function(data, weight), np.float64))
    found = np.stack([np.atleast_1d(np.asarray(function(data, w), np.float64)) for w in sets()])
    known = np.isfinite(found).all(axis=1)
    usable, scales = found[known], rscales[known]
    centre = full if replicates.centre_at_estimate else usable[scales > 0].mean(axis=0)
    squares = ((usable - centre) ** 2 * scales[:, None]).sum(axis=0)
    variance = scale * squares * len(found) / max(int(known.sum()), 1)
    return Tidy.of(
        {"statistic": np.arange(1, len(full) + 1), "estimate": full, "se": np.sqrt(variance)},
        {"replicates": len(found), "left_out": int((~known).sum())},
    )


def table_columns(rows: Any) -> list[str]:
    """The columns of the file, without those this library added."""
    return [name for name in rows.columns if not name.startswith("hy_")]


def _weight_sets(
    data: pa.Table, weight: Floats, design: SurveyDesign, replicates: Replicates
) -> tuple[Callable[[], Any], float, Floats]:
    if replicates.weights:
        scale, rscales = brought_scales(replicates)
        return (
            lambda: (np.asarray(data[c].to_numpy(), np.float64) for c in replicates.weights),
            scale,
            rscales,
        )
    stratum = key(data, list(design.stratum_columns))
    psu = _psu_places(data, design, stratum.index)
    counts = np.array([psu[stratum.index == h].max() + 1 for h in range(stratum.count)])
    made = plan(replicates, counts.astype(float), _fractions(data, design, stratum.index, counts))

    def sets() -> Any:
        for r in range(made.count):
            factor = np.ones(len(weight))
            for h in range(stratum.count):
                here = stratum.index == h
                factor[here] = made.multipliers(h, r, r + 1)[0][psu[here]]
            yield weight * factor

    return sets, made.scale, made.rscales


def _fractions(
    data: pa.Table,
    design: SurveyDesign,
    stratum: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> Floats:
    """Sampling fraction of PSUs per stratum, from the largest fpc found in it."""
    if design.fpc is None:
        return np.zeros(len(counts))
    population = np.zeros(len(counts))
    np.maximum.at(population, stratum, np.asarray(data[design.fpc].to_numpy(), np.float64))
    return np.where(population <= 1, population, np.minimum(counts / population, 1.0))


def _psu_places(
    data: pa.Table, design: SurveyDesign, stratum: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Place of each row's PSU inside its stratum, from 0."""
    if design.cluster_columns:
        cluster = key(data, list(design.cluster_columns))
        unit, of_unit, _ = pairs(stratum, cluster.index, cluster.count)
    else:
        order = np.argsort(stratum, kind="stable")
        unit = np.empty(len(stratum), np.int64)
        unit[order] = np.arange(len(stratum))
        of_unit = stratum[order]
    firsts = np.searchsorted(of_unit, np.arange(of_unit.max() + 1))
    return unit - firsts[stratum]
