"""Estimates with replicate variance: Σ over replicates of (θ_r - centre)², scaled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.design import Replicates, SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import composite
from huiyin.measure.estimation.coding import Coded, coded, double
from huiyin.measure.estimation.estimate import Areas, LevelFigures
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.prepare import By, columns_of, prepare
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import (
    Figures,
    Level,
    degrees_of_freedom,
    in_unit,
    ratio_and_base,
    simple_variance,
)
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.replication.brought import (
    bad_replicate_weight,
    brought_scales,
    number_weight,
)
from huiyin.measure.replication.multipliers import Plan, plan
from huiyin.measure.replication.totals import Block, stream, totals
from huiyin.measure.statistics import Composite, Statistic

if TYPE_CHECKING:
    import ibis

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Numbers in the array of totals held at once (8 bytes each).
HELD = 40_000_000
#: Replicates that differ from an estimate by less than this part of it are rounding.
ROUNDING = 1e-13
#: Replicates gone through together at least.
LEAST_AT_ONCE = 16
#: Replicate columns summed in one query when they are brought.
COLUMNS_AT_ONCE = 16


@dataclass(frozen=True)
class Columns:
    """Where each statistic's numerator and denominator stand among the summed columns."""

    values: dict[str, Any]
    numerator: list[int]
    denominator: list[int | None]


@dataclass
class Deviations:
    """Running sums of the replicates' deviations from the full-sample estimate, by domain."""

    squares: Floats
    weighted: Floats
    plain: Floats
    rscales: Floats
    positive: Floats
    used: Floats

    @classmethod
    def empty(cls, count: int) -> Deviations:
        return cls(*(np.zeros(count) for _ in range(6)))

    def add(self, deviation: Floats, rscales: Floats) -> None:
        """Add replicates: ``deviation`` has shape (domains, replicates)."""
        known = np.isfinite(deviation)
        delta = np.where(known, deviation, 0.0)
        scaled = known * rscales
        self.squares += (delta**2) @ rscales
        self.weighted += delta @ rscales
        self.rscales += scaled.sum(axis=1)
        self.plain += delta @ (rscales > 0)
        self.positive += (scaled > 0).sum(axis=1)
        self.used += known.sum(axis=1)

    def variance(self, scale: float, count: int, centre_at_estimate: bool) -> Floats:
        """Replicates in which a domain has no weight are left out, the others stand for them."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(self.used > 0, count / self.used, np.nan)
            if centre_at_estimate:
                return scale * share * self.squares
            mean = np.where(self.positive > 0, self.plain / self.positive, 0.0)
            centred = self.squares - 2 * mean * self.weighted + mean**2 * self.rscales
            centred[centred < 1e-12 * self.squares] = 0.0
            return scale * share * centred


def replicate_figures(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic | Composite],
    levels: Sequence[By],
) -> LevelFigures:
    """Figures of every statistic and level with replicate variance.

    Raises:
        MeasureError: as in :func:`~huiyin.measure.replication.multipliers.plan`; the design is
            calibrated (each replicate would have to be calibrated anew); replicate columns are
            absent.
    """
    replicates = _usable(rows, design)
    simple = [s for s in asked if isinstance(s, Statistic)]
    composites = [s for s in asked if isinstance(s, Composite)]
    composite.check_parts(composites, simple)
    plain = design.replace(replicates=None)
    if replicates.weights:
        plain = plain.replace(strata=None, clusters=None, fpc=None)
    found, laid_out, strata = prepare(rows, plain, simple, levels)
    names = list(dict.fromkeys(c for by in levels for c in columns_of(by)))
    leaf, leaf_table = _leaves(found.keys, names)
    columns = _columns(rows, simple, found)
    source: Source
    if replicates.weights:
        source = _Brought(rows, replicates, columns, leaf_table, names)
    else:
        made = plan(replicates, strata)
        source = _Made(
            rows, plain, made, columns, simple, (found, strata), (leaf, leaf_table, names)
        )
    deviations = _run(source, replicates, found, laid_out, leaf, columns, (simple, composites))
    return [
        (
            Areas(one.name, one.domains.labels),
            _figures(one, found, simple, composites, deviations[i], source, replicates),
        )
        for i, one in enumerate(laid_out)
    ]


def _usable(rows: ibis.Table, design: SurveyDesign) -> Replicates:
    replicates = design.replicates
    assert replicates is not None  # the caller asked because there are some
    if design.calibration is not None:
        raise MeasureError(
            "replicates-calibrated",
            "replicates of a calibrated design would each need calibrating; use linearisation"
            " (leave replicates out), or bring replicate weights that are calibrated already",
            "校准后的设计不能直接生成重复样本；请改用线性化方差，或提供已校准的重复权数",
            place="replicates",
        )
    for name in replicates.weights:
        if name not in rows.columns:
            raise unknown_column(name, rows.columns, "replicates.weights")
    return replicates


def _columns(rows: ibis.Table, statistics: Sequence[Statistic], found: Scan) -> Columns:
    """Values to sum, before the weight: everybody's weight once, not once per item."""
    values: dict[str, Any] = {}
    numerator: list[int] = []
    denominator: list[int | None] = []
    everybody = found.n.sum()
    for i, s in enumerate(statistics):
        code = coded(rows, s)
        values[f"hy_a{i}"] = code.a.fill_null(0.0)
        numerator.append(list(values).index(f"hy_a{i}"))
        name = _denominator(values, code, i, complete=found.moments[s.name].n.sum() == everybody)
        denominator.append(None if s.kind == "total" else list(values).index(name))
    return Columns(values, numerator, denominator)


def _denominator(values: dict[str, Any], code: Coded, i: int, *, complete: bool) -> str:
    if code.b is not None:
        values[f"hy_b{i}"] = code.b.fill_null(0.0)
        return f"hy_b{i}"
    if complete:
        values.setdefault("hy_one", double(1.0))
        return "hy_one"
    values[f"hy_b{i}"] = code.a.notnull().ifelse(1.0, 0.0)
    return f"hy_b{i}"


def _leaves(keys: pa.Table, names: Sequence[str]) -> tuple[Ints, pa.Table]:
    """Leaf of each cell (an absent area is a leaf of its own), and the leaves as a table."""
    combined = np.zeros(keys.num_rows, np.int64)
    for name in names:
        one = key(keys, [name])
        combined = combined * (one.count + 1) + one.index + 1
    _, first, leaf = np.unique(combined, return_index=True, return_inverse=True)
    return leaf.astype(np.int64), _distinct(keys, names, first, "hy_leaf", np.arange(len(first)))


def _distinct(
    keys: pa.Table, names: Sequence[str], first: Ints, index_name: str, index: Ints
) -> pa.Table:
    """The rows ``first`` of some key columns, with an index beside them."""
    columns = {name: keys[name].take(pa.array(first)) for name in names}
    return pa.table({**columns, index_name: pa.array(index)})


class _Brought:
    """Totals by replicate weight columns of the file."""

    def __init__(
        self,
        rows: ibis.Table,
        replicates: Replicates,
        columns: Columns,
        leaves: pa.Table,
        names: Sequence[str],
    ) -> None:
        self.rows, self.replicates, self.columns = rows, replicates, columns
        self.leaves, self.names = leaves, names
        self.count = len(replicates.weights)
        self.scale, self.rscales = brought_scales(replicates)
        self.step = COLUMNS_AT_ONCE

    def df(self, level: Level, moments: Any) -> Floats:
        return np.full(level.count, float(self.count - 1))

    def totals(self, start: int, stop: int) -> Floats:
        rows = self.rows.mutate(**self.columns.values)
        sums: dict[str, Any] = {"hy_rows": rows.count()}
        for r in range(start, stop):
            weight = number_weight(rows, self.replicates.weights[r])
            sums[f"hy_k{r}"] = weight.count()
            for c, name in enumerate(self.columns.values):
                sums[f"hy_t{r}_{c}"] = (weight * rows[name]).sum()
        if self.names:
            table = rows.group_by(list(self.names)).aggregate(**sums).to_pyarrow()
        else:
            table = rows.aggregate(**sums).to_pyarrow()
        place, _ = _leaves(table.select(list(self.names)), self.names) if self.names else (
            np.zeros(1, np.int64), None,
        )  # fmt: skip
        width = len(self.columns.values)
        found = np.zeros((self.leaves.num_rows, width, stop - start))
        for r in range(start, stop):
            for c in range(width):
                found[place, c, r - start] = table[f"hy_t{r}_{c}"].to_numpy()
            known = table[f"hy_k{r}"].equals(table["hy_rows"])
            if not known or not np.all(np.isfinite(found[:, :, r - start])):
                raise bad_replicate_weight(self.replicates.weights[r])
        return found


class _Made:
    """Totals by multipliers of PSUs made from a seed."""

    def __init__(
        self,
        rows: ibis.Table,
        design: SurveyDesign,
        made: Plan,
        columns: Columns,
        statistics: Sequence[Statistic],
        laid_out: tuple[Scan, Strata],
        leaves: tuple[Ints, pa.Table, Sequence[str]],
    ) -> None:
        self.made, self.count = made, made.count
        self.scale, self.rscales = made.scale, made.rscales
        self.leaf_count, self.width = leaves[1].num_rows, len(columns.values)
        held = max(1, HELD // max(1, self.leaf_count * self.width))
        self.step = max(LEAST_AT_ONCE, held)
        found, strata = laid_out
        self.blocks: Callable[[], Iterator[Block]]
        if strata.psu_of_cell is not None:
            block = _block_of_cells(found, strata, leaves[0], statistics, columns)
            self.blocks = lambda: iter([block])
        else:
            stratum_of = _strata_table(found, strata, design)
            names = (list(design.stratum_columns), list(leaves[2]))
            self.blocks = lambda: stream(rows, columns.values, stratum_of, leaves[1], names)

    def df(self, level: Level, moments: Any) -> Floats:
        return degrees_of_freedom(moments, level)

    def totals(self, start: int, stop: int) -> Floats:
        return totals(self.blocks(), self.made, self.leaf_count, self.width, start, stop)


def _block_of_cells(
    found: Scan, strata: Strata, leaf: Ints, statistics: Sequence[Statistic], columns: Columns
) -> Block:
    assert strata.psu_of_cell is not None  # the caller has clusters
    order = np.lexsort((strata.psu_of_cell, strata.of_cell))
    stratum, psu = strata.of_cell[order], strata.psu_of_cell[order]
    fresh = np.diff(psu, prepend=-1) != 0
    running = np.cumsum(fresh) - 1
    firsts = running[np.searchsorted(stratum, stratum)]
    values = np.zeros((found.cells, len(columns.values)))
    for i, s in enumerate(statistics):
        m = found.moments[s.name]
        values[:, columns.numerator[i]] = m.a + m.shift * m.w
        place = columns.denominator[i]
        if place is not None:
            values[:, place] = m.b
    return Block(stratum, running - firsts, leaf[order], values[order])


def _strata_table(found: Scan, strata: Strata, design: SurveyDesign) -> pa.Table:
    names = list(design.stratum_columns)
    _, first = np.unique(key(found.keys, names).index, return_index=True)
    return _distinct(found.keys, names, first, "hy_stratum", strata.of_cell[first])


Source = _Brought | _Made


def _run(
    source: Source,
    replicates: Replicates,
    found: Scan,
    laid_out: Sequence[Level],
    leaf: Ints,
    columns: Columns,
    asked: tuple[Sequence[Statistic], Sequence[Composite]],
) -> list[dict[str, Deviations]]:
    """Go through the replicates in runs, and gather each level's deviations."""
    result = [
        {
            name: Deviations.empty(one.count)
            for name in (*(s.name for s in asked[0]), *(c.name for c in asked[1]))
        }
        for one in laid_out
    ]
    centres = [_estimates(one, found, asked) for one in laid_out]
    places = [_domain_of_leaf(one, leaf) for one in laid_out]
    for start in range(0, source.count, source.step):
        stop = min(start + source.step, source.count)
        sums = source.totals(start, stop)
        for one, place, centre, gathered in zip(laid_out, places, centres, result, strict=True):
            inside = place >= 0
            by_domain = np.zeros((one.count, *sums.shape[1:]))
            np.add.at(by_domain, place[inside], sums[inside])
            thetas = _thetas(by_domain, columns, asked)
            for name, theta in thetas.items():
                gathered[name].add(theta - centre[name][:, None], source.rscales[start:stop])
    return result


def _domain_of_leaf(one: Level, leaf: Ints) -> Ints:
    place = np.full(int(leaf.max(initial=-1)) + 1, -1, np.int64)
    place[leaf] = one.domains.index
    return place


def _thetas(
    by_domain: Floats, columns: Columns, asked: tuple[Sequence[Statistic], Sequence[Composite]]
) -> dict[str, Floats]:
    thetas: dict[str, Floats] = {}
    for i, s in enumerate(asked[0]):
        below = columns.denominator[i]
        top = by_domain[:, columns.numerator[i]]
        if below is None:
            thetas[s.name] = top * s.unit
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            thetas[s.name] = top / by_domain[:, below] * s.unit
    for one in asked[1]:
        thetas[one.name] = composite.weighted_sum(one, thetas)
    return thetas


def _estimates(
    one: Level, found: Scan, asked: tuple[Sequence[Statistic], Sequence[Composite]]
) -> dict[str, Floats]:
    values: dict[str, Floats] = {}
    for s in asked[0]:
        moments = found.moments[s.name]
        if s.kind == "total":
            values[s.name] = one.by_domain(moments.a)
        else:
            ratio = ratio_and_base(moments, one, is_total=False)[0] + moments.shift
            values[s.name] = ratio * s.unit
    for c in asked[1]:
        values[c.name] = composite.weighted_sum(c, values)
    return values


def _figures(
    one: Level,
    found: Scan,
    simple: Sequence[Statistic],
    composites: Sequence[Composite],
    deviations: dict[str, Deviations],
    source: Source,
    replicates: Replicates,
) -> dict[str, Figures]:
    centres = _estimates(one, found, (simple, composites))
    result: dict[str, Figures] = {}
    for s in simple:
        variance = deviations[s.name].variance(
            source.scale, source.count, replicates.centre_at_estimate
        )
        result[s.name] = _with_variance(one, found, s, variance, centres[s.name], source)
    for c in composites:
        parts = [result[name] for name, _ in c.parts]
        variance = deviations[c.name].variance(
            source.scale, source.count, replicates.centre_at_estimate
        )
        least = parts[int(np.argmin([part.n.sum() for part in parts]))]
        result[c.name] = Figures(
            least.n, least.weight, centres[c.name], variance, least.df,
            np.full(one.count, np.nan), least.n_kish,
        )  # fmt: skip
    return result


def _with_variance(
    one: Level, found: Scan, s: Statistic, variance: Floats, estimate: Floats, source: Source
) -> Figures:
    moments = found.moments[s.name]
    is_total = s.kind == "total"
    n, weight = one.by_domain(moments.n), one.by_domain(moments.w)
    linear = ratio_and_base(moments, one, is_total=is_total)
    simple = simple_variance(moments, one, linear, n, is_total=is_total)
    squares = one.by_domain(moments.ww)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(simple > 0, variance / s.unit**2 / simple, np.nan)
        kish = np.where(squares > 0, weight**2 / squares, np.nan)
    known = (n > 0) & np.isfinite(estimate)
    variance = np.where(variance < (ROUNDING * estimate) ** 2, 0.0, variance)
    return in_unit(
        Figures(
            n,
            weight,
            np.where(known, estimate / s.unit, np.nan),
            np.where(known, variance / s.unit**2, np.nan),
            source.df(one, moments),
            deff,
            kish,
        ),
        s.unit,
    )
