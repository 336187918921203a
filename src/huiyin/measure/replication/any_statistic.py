"""Replicate variance of whatever a function computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.calibrated import match_cells
from huiyin.measure.estimation.keys import Ints, key, pairs, tally
from huiyin.measure.estimation.prepare import prepare, respondents
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.replication.brought import (
    bad_replicate_weight,
    brought_scales,
    number_weights,
)
from huiyin.measure.replication.multipliers import Plan, plan
from huiyin.measure.replication.sources import before_calibration
from huiyin.measure.statistics import Statistic
from huiyin.measure.tidy import Tidy
from huiyin.measure.weights import BASE, WEIGHT

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.calibration import Calibration
    from huiyin.measure.design import Replicates, SurveyDesign

Floats = npt.NDArray[np.float64]
#: Factors of respondents held at once (8 bytes each), and replicates made together at least.
HELD = 8_000_000
LEAST_AT_ONCE = 16

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
            or a vector of numbers. Weights of a calibrated design are calibrated set by set.
        columns: those the function needs; None = all.

    Returns:
        Columns statistic (position from 1), estimate, se. Replicates in which a figure is not
        finite are left out, and the others stand for them; notes say how many.

    The rows come in the order of the values of their columns, so the same data give the same
    figures in whatever order the file has them.

    Raises:
        MeasureError: the design has no replicates or cannot be replicated as asked; a replicate
            cannot be calibrated; a replicate weight is not a finite number; a column is absent.
    """
    replicates = design.replicates
    if replicates is None:
        raise MeasureError(
            "no-replicates",
            "give a design with replicate weights: hm.replicate(design, ...)",
            "请提供带重复权数的设计：hm.replicate(design, ...)",
            place="replicates",
        )
    rows = respondents(table, design)
    for name in [*(columns or ()), *replicates.weights]:
        if name not in rows.columns:
            raise unknown_column(name, rows.columns, f"column {name}")
    wanted = list(dict.fromkeys([*(columns or table_columns(rows)), *design.columns]))
    weights = [WEIGHT] if design.calibration is None else [BASE, WEIGHT]
    data = rows.select([*wanted, *weights]).order_by([*wanted, *weights]).to_pyarrow()
    weight = np.asarray(data[WEIGHT].to_numpy(), np.float64)
    base = np.asarray(data[weights[0]].to_numpy(), np.float64)
    if replicates.weights:
        scale, rscales = brought_scales(replicates)
        sets = _brought_sets(data, replicates)
    else:
        made, places = _laid_out(rows, data, design)
        scale, rscales = made.scale, made.rscales
        sets = _made_sets(base, made, places)
    if design.calibration is not None:
        sets = _calibrated_sets(sets, data, design.calibration)
    full = np.atleast_1d(np.asarray(function(data, weight), np.float64))
    found = np.stack([np.atleast_1d(np.asarray(function(data, w), np.float64)) for w in sets])
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


def _brought_sets(data: pa.Table, replicates: Replicates) -> Iterator[Floats]:
    for name in replicates.weights:
        weight = number_weights(data, name)
        if not np.all(np.isfinite(weight)):
            raise bad_replicate_weight(name)
        yield weight


def _made_sets(weight: Floats, made: Plan, places: tuple[Ints, Ints]) -> Iterator[Floats]:
    """Sets of weights in runs, as the multipliers are drawn."""
    stratum, psu = places
    order = np.argsort(stratum, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(stratum))[:-1])
    step = max(LEAST_AT_ONCE, HELD // len(weight))
    for start in range(0, made.count, step):
        stop = min(start + step, made.count)
        factors = np.empty((stop - start, len(weight)))
        for h, rows in enumerate(members):
            factors[:, rows] = made.multipliers(h, start, stop)[:, psu[rows]]
        yield from weight * factors


def _calibrated_sets(
    sets: Iterator[Floats], data: pa.Table, calibration: Calibration
) -> Iterator[Floats]:
    """Each set of weights calibrated to the totals that the sample is calibrated to."""
    cell = match_cells(calibration, data)
    for number, weight in enumerate(sets):
        base = tally(cell, weight, calibration.cells.num_rows)[:, None]
        yield weight * calibration.refit(base, first=number)[cell, 0]


def _laid_out(
    rows: ibis.Table, data: pa.Table, design: SurveyDesign
) -> tuple[Plan, tuple[Ints, Ints]]:
    """The replicates, and of each row its stratum and the place of its PSU there, from 0."""
    assert design.replicates is not None  # the caller checked
    one = Statistic("hy_one", "value", "hy_one")
    if design.calibration is not None:
        rows = before_calibration(rows)
    plain = design.replace(replicates=None, calibration=None)
    found, _, strata = prepare(rows.mutate(hy_one=1.0), plain, [one], [])
    named = list(design.stratum_columns)
    before = key(found.keys, named)
    joined = np.zeros(before.count, np.int64)  # strata may have been collapsed
    joined[before.index] = strata.of_cell
    own = key(data, named).index
    stratum = joined[own]
    unit = np.arange(len(own))
    if design.cluster_columns:
        cluster = key(data, list(design.cluster_columns))
        unit = pairs(own, cluster.index, cluster.count)[0] if design.nest else cluster.index
    unit, of_unit, _ = pairs(stratum, unit, int(unit.max()) + 1)
    firsts = np.searchsorted(of_unit, np.arange(len(strata.psus)))
    return plan(design.replicates, strata), (stratum, unit - firsts[stratum])
