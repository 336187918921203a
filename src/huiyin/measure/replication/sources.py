"""Where the totals of replicates come from: columns of the file, or multipliers of PSUs.

What is summed is laid out by leaf, a combination of the areas of all levels and, where the weights
are calibrated, of the calibration cells: each replicate is calibrated anew from its own sums of
weights by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.design import Replicates, SurveyDesign
from huiyin.measure.estimation.calibrated import match_cells
from huiyin.measure.estimation.coding import Coded, coded, double
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.prepare import By, columns_of, prepare
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import Level, degrees_of_freedom
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.replication.brought import (
    bad_replicate_weight,
    brought_scales,
    number_weight,
)
from huiyin.measure.replication.multipliers import Plan, plan
from huiyin.measure.replication.totals import Block, stream, totals
from huiyin.measure.statistics import Statistic
from huiyin.measure.weights import BASE, WEIGHT

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.calibration import Calibration

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Numbers in the array of totals held at once (8 bytes each).
HELD = 40_000_000
#: Replicates gone through together at least.
LEAST_AT_ONCE = 16
#: Replicate columns summed in one query when they are brought.
COLUMNS_AT_ONCE = 16
#: The column of ones, whose totals are sums of weights.
ONE = "hy_one"


class Source(Protocol):
    """Gives the totals of every leaf in a run of replicates.

    Attributes:
        count: number of replicates; ``step`` how many to ask for at once.
        scale, rscales: multipliers of the squared deviations, overall and per replicate.
    """

    count: int
    step: int
    scale: float
    rscales: Floats

    def df(self, level: Level, moments: Any) -> Floats:
        """Degrees of freedom of each domain."""

    def totals(self, start: int, stop: int) -> Floats:
        """Shape (leaves, columns, stop - start)."""


@dataclass(frozen=True)
class Columns:
    """Where each statistic's numerator and denominator stand among the summed columns."""

    values: dict[str, Any]
    numerator: list[int]
    denominator: list[int | None]


@dataclass(frozen=True)
class Replication:
    """A sample laid out for replicates.

    Attributes:
        found, laid_out: sums with the full weights, and the levels over them.
        places: per level the domain of each leaf, -1 for none.
        strata: of the sample with its full weights.
        columns: what is summed.
        source: of the totals.
        centre_at_estimate: see :class:`~huiyin.measure.design.Replicates`.
    """

    found: Scan
    laid_out: list[Level]
    places: list[Ints]
    strata: Strata
    columns: Columns
    source: Source
    centre_at_estimate: bool

    def runs(self) -> Iterator[tuple[Floats, list[Floats]]]:
        """Run by run: the rscales, and per level the totals, shape (domains, columns, run)."""
        for start in range(0, self.source.count, self.source.step):
            stop = min(start + self.source.step, self.source.count)
            sums = self.source.totals(start, stop)
            levels = []
            for one, place in zip(self.laid_out, self.places, strict=True):
                inside = place >= 0
                by_domain = np.zeros((one.count, *sums.shape[1:]))
                np.add.at(by_domain, place[inside], sums[inside])
                levels.append(by_domain)
            yield self.source.rscales[start:stop], levels


def lay_out(
    rows: ibis.Table,
    design: SurveyDesign,
    statistics: Sequence[Statistic],
    levels: Sequence[By],
) -> Replication:
    """Scan the respondents with the full weights, and prepare their replicates.

    Raises:
        MeasureError: as in :func:`~huiyin.measure.replication.multipliers.plan`; replicate columns
            are absent or hold what is no weight.
    """
    replicates = design.replicates
    assert replicates is not None  # the caller asked because there are some
    for name in replicates.weights:
        if name not in rows.columns:
            raise unknown_column(name, rows.columns, "replicates.weights")
    plain = design.replace(replicates=None)
    if replicates.weights:
        plain = plain.replace(strata=None, clusters=None, fpc=None)
    found, laid_out, strata = prepare(rows, plain, statistics, levels)
    columns = _columns(rows, statistics, found)
    names = [c for by in levels for c in columns_of(by)]
    base = _Base(rows, plain, found, laid_out, strata)
    calibration = design.calibration
    if calibration is not None:
        base = _before_calibration(rows, plain, statistics, levels, calibration)
        columns.values.setdefault(ONE, double(1.0))
        names += calibration.columns
    names = list(dict.fromkeys(names))
    leaf, leaves = _leaves(base.found.keys, names)
    source: Source
    if replicates.weights:
        source = _Brought(base.rows, replicates, columns, leaves, names)
    else:
        made = plan(replicates, base.strata)
        source = _Made(base, made, columns, statistics, (leaf, leaves, names))
    if calibration is not None:
        one = list(columns.values).index(ONE)
        source = _Calibrated(source, calibration, match_cells(calibration, leaves), one)
    places = [_domain_of_leaf(one, leaf) for one in base.laid_out]
    return Replication(
        found, laid_out, places, strata, columns, source, replicates.centre_at_estimate
    )


@dataclass(frozen=True)
class _Base:
    """The sample with the weights that replicates multiply: those before calibration."""

    rows: ibis.Table
    design: SurveyDesign
    found: Scan
    laid_out: list[Level]
    strata: Strata


def _before_calibration(
    rows: ibis.Table,
    design: SurveyDesign,
    statistics: Sequence[Statistic],
    levels: Sequence[By],
    calibration: Calibration,
) -> _Base:
    rows = before_calibration(rows)
    design = design.replace(calibration=None)
    wanted = [*levels, list(calibration.columns)]
    found, laid_out, strata = prepare(rows, design, statistics, wanted)
    return _Base(rows, design, found, laid_out[:-1], strata)


def before_calibration(rows: ibis.Table) -> ibis.Table:
    """The respondents with the weight they had before calibration."""
    return rows.mutate(**{WEIGHT: rows[BASE]}).drop(BASE)


def _domain_of_leaf(one: Level, leaf: Ints) -> Ints:
    place = np.full(int(leaf.max(initial=-1)) + 1, -1, np.int64)
    place[leaf] = one.domains.index
    return place


class _Calibrated:
    """Totals of replicates that are each calibrated to the same totals as the sample."""

    def __init__(self, source: Source, calibration: Calibration, cell: Ints, one: int) -> None:
        self.source, self.calibration, self.cell, self.one = source, calibration, cell, one
        self.count, self.step = source.count, source.step
        self.scale, self.rscales = source.scale, source.rscales

    def df(self, level: Level, moments: Any) -> Floats:
        return self.source.df(level, moments)

    def totals(self, start: int, stop: int) -> Floats:
        sums = self.source.totals(start, stop)
        base = np.zeros((self.calibration.cells.num_rows, stop - start))
        np.add.at(base, self.cell, sums[:, self.one])
        sums *= self.calibration.refit(base, first=start)[self.cell][:, None]
        return sums


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
        values.setdefault(ONE, double(1.0))
        return ONE
    values[f"hy_b{i}"] = code.a.notnull().ifelse(1.0, 0.0)
    return f"hy_b{i}"


def _leaves(keys: pa.Table, names: Sequence[str]) -> tuple[Ints, pa.Table]:
    """Leaf of each cell (an absent area is a leaf of its own), and the leaves as a table."""
    combined = np.zeros(keys.num_rows, np.int64)
    for name in names:
        one = key(keys, [name])
        if int(combined.max(initial=0)) + 1 > (1 << 62) // (one.count + 1):
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
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
        base: _Base,
        made: Plan,
        columns: Columns,
        statistics: Sequence[Statistic],
        leaves: tuple[Ints, pa.Table, Sequence[str]],
    ) -> None:
        self.made, self.count = made, made.count
        self.scale, self.rscales = made.scale, made.rscales
        self.leaf_count, self.width = leaves[1].num_rows, len(columns.values)
        held = max(1, HELD // max(1, self.leaf_count * self.width))
        self.step = max(LEAST_AT_ONCE, held)
        self.blocks: Callable[[], Iterator[Block]]
        if base.strata.psu_of_cell is not None:
            block = _block_of_cells(base.found, base.strata, leaves[0], statistics, columns)
            self.blocks = lambda: iter([block])
        else:
            stratum_of = _strata_table(base.found, base.strata, base.design)
            names = (list(base.design.stratum_columns), list(leaves[2]))
            self.blocks = lambda: stream(base.rows, columns.values, stratum_of, leaves[1], names)

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
    if ONE in columns.values:
        values[:, list(columns.values).index(ONE)] = found.w
    return Block(stratum, running - firsts, leaf[order], values[order])


def _strata_table(found: Scan, strata: Strata, design: SurveyDesign) -> pa.Table:
    names = list(design.stratum_columns)
    _, first = np.unique(key(found.keys, names).index, return_index=True)
    return _distinct(found.keys, names, first, "hy_stratum", strata.of_cell[first])
