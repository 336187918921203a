"""Variance after calibration: residuals of the linearised variable on the calibration variables.

Deville & Särndal 1992, section 3; R ``survey:::svyrecvar`` with ``postStrata``. A respondent of
calibration cell c has the residual 1_d z - m_cd, where m_cd is fitted over the whole calibration
region, so respondents outside a domain count too. All that is needed are sums by (stratum or PSU,
calibration cell, domain); regions whose strata do not touch are worked off one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.estimation.keys import Ints, key, tally
from huiyin.measure.estimation.scan import Moments, Scan

if TYPE_CHECKING:
    from huiyin.measure.calibration import Calibration
    from huiyin.measure.estimation.frame import Strata
    from huiyin.measure.estimation.variance import Level, Linear

Floats = npt.NDArray[np.float64]

#: Numbers in the largest dense array held at once (8 bytes each).
BLOCK = 8_000_000


@dataclass(frozen=True)
class Residuals:
    """A calibration laid over the cells of a scan.

    Attributes:
        calibration: what was calibrated to.
        strata: of the scan.
        cell: calibration cell of each scan cell.
        group: region of each calibration cell, -1 for cells without weight.
        factor: of each scan cell.
        w, ww: Σw and Σw² of each scan cell, over all its rows.
        component: block of each scan cell; blocks share no stratum and no region.
    """

    calibration: Calibration
    strata: Strata
    cell: Ints
    group: Ints
    factor: Floats
    w: Floats
    ww: Floats
    component: Ints


def residuals(calibration: Calibration, found: Scan, strata: Strata) -> Residuals:
    """Match the scan's cells to the calibration's and find the blocks."""
    cell = match_cells(calibration, found.keys)
    group = np.asarray(calibration.cells["group"].to_numpy()).astype(np.int64)
    return Residuals(
        calibration,
        strata,
        cell,
        group,
        calibration.factor[cell],
        found.w,
        found.ww,
        _components(group[cell], strata.of_cell),
    )


def match_cells(calibration: Calibration, keys: pa.Table) -> Ints:
    """The calibration's cell of each row of ``keys``."""
    names = list(calibration.columns)
    if not names:
        return np.zeros(keys.num_rows, np.int64)
    known = calibration.cells.select(names)
    both = pa.concat_tables([known, keys.select(names).cast(known.schema)])
    index = key(both, names).index
    place = np.zeros(int(index.max()) + 1, np.int64)
    place[index[: known.num_rows]] = np.arange(known.num_rows)
    return place[index[known.num_rows :]]


def _components(group: Ints, stratum: Ints) -> Ints:
    """Connected blocks of regions and strata."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    groups = int(group.max(initial=0)) + 2
    size = groups + int(stratum.max(initial=0)) + 1
    edges = coo_array((np.ones(len(group)), (group + 1, stratum + groups)), shape=(size, size))
    _, label = connected_components(edges, directed=False)
    return np.asarray(label[stratum + groups]).astype(np.int64)


def variance(moments: Moments, level: Level, linear: Linear, over: Residuals) -> Floats:
    """Variance of one statistic in every domain of a level.

    Args:
        moments: with ``va`` and ``vb``, the sums under the regression weight.
        level: its domains.
        linear: ratio and base per inside cell.
        over: the calibration laid over the cells.
    """
    result = np.zeros(level.count)
    for block in _blocks(level, over):
        local = _Local(block, moments, level, linear, over)
        np.add.at(result, local.domains, local.variance())
    strata = over.strata
    if np.any(strata.averaged):
        usable = int((~strata.averaged).sum())
        result *= len(strata.psus) / usable if usable else np.nan
    result[level.domain[np.isnan(linear.base)]] = np.nan
    return result


@dataclass(frozen=True)
class _Block:
    """Scan cells of one component, and those of them inside some of the level's domains."""

    everybody: Ints
    inside: Ints


def _blocks(level: Level, over: Residuals) -> Iterator[_Block]:
    order = np.argsort(over.component, kind="stable")
    cuts = np.flatnonzero(np.diff(over.component[order], prepend=-1, append=-1))
    domain = np.full(len(over.component), -1, np.int64)
    domain[level.inside] = level.domain
    for a, b in itertools.pairwise(cuts):
        cells = order[a:b]
        inside = cells[domain[cells] >= 0]
        if not len(inside):
            continue
        distinct = np.unique(domain[inside])
        rows = len(np.unique(over.cell[cells])) + _units(over, cells)
        step = max(1, BLOCK // rows)
        for low in range(0, len(distinct), step):
            wanted = np.isin(domain[inside], distinct[low : low + step])
            yield _Block(cells, inside[wanted])


def _units(over: Residuals, cells: Ints) -> int:
    psu = over.strata.psu_of_cell
    return len(np.unique(over.strata.of_cell[cells] if psu is None else psu[cells]))


class _Local:
    """One block with indices of its own, dense in (calibration cell or unit) × domain."""

    def __init__(
        self, block: _Block, moments: Moments, level: Level, linear: Linear, over: Residuals
    ) -> None:
        self.block, self.moments, self.over = block, moments, over
        domain = np.full(len(over.component), -1, np.int64)
        domain[level.inside] = level.domain
        self.domains, self.d = np.unique(domain[block.inside], return_inverse=True)
        self.cells, self.c_all = np.unique(over.cell[block.everybody], return_inverse=True)
        self.c = np.searchsorted(self.cells, over.cell[block.inside])
        place = np.searchsorted(level.inside, block.inside)
        self.ratio, self.base = linear.ratio[place], linear.base[place]
        self.fitted = self._fit()

    def _z(self, a: Floats, b: Floats) -> Floats:
        at = self.block.inside
        with np.errstate(invalid="ignore"):
            return np.nan_to_num((a[at] - self.ratio * b[at]) / self.base)

    def _sum(self, row: Ints, values: Floats, rows: int) -> Floats:
        width = len(self.domains)
        flat = tally(row * width + self.d, values, rows * width)
        return flat.reshape(rows, width)

    def _fit(self) -> Floats:
        moments, over = self.moments, self.over
        sums = self._sum(self.c, self._z(*regression_sums(moments, over)), len(self.cells))
        of_cell = over.group[self.cells]
        fitted = np.zeros_like(sums)
        for one in np.unique(of_cell[of_cell >= 0]):
            rows = np.flatnonzero(of_cell == one)
            whole = over.calibration.cells_of(int(one))
            padded = np.zeros((whole.stop - whole.start, sums.shape[1]))
            place = self.cells[rows] - whole.start
            padded[place] = sums[rows]
            fitted[rows] = over.calibration.fitted(padded, int(one))[place]
        return fitted

    def variance(self) -> Floats:
        strata = self.over.strata
        numbers = np.unique(strata.of_cell[self.block.everybody])
        if strata.psu_of_cell is None:
            first, second = self._of_elements(numbers)
        else:
            first, second = self._of_clusters(numbers, strata.psu_of_cell)
        centring = (strata.centring[numbers] / strata.psus[numbers])[:, None]
        centred = second - centring * first**2
        centred[centred < 1e-12 * second] = 0.0
        return np.asarray(strata.scale[numbers] @ centred)

    def _crossed(self, row: Ints, values: Floats, rows: int) -> Floats:
        width = len(self.cells)
        flat = tally(row * width + self.c_all, values, rows * width)
        return flat.reshape(rows, width)

    def _of_elements(self, numbers: Ints) -> tuple[Floats, Floats]:
        strata, moments, everybody = self.over.strata, self.moments, self.block.everybody
        h = np.searchsorted(numbers, strata.of_cell[self.block.inside])
        h_all = np.searchsorted(numbers, strata.of_cell[everybody])
        count = len(numbers)
        first = self._sum(h, self._z(moments.a, moments.b), count)
        first -= self._crossed(h_all, self.over.w[everybody], count) @ self.fitted
        second = self._sum(h, self._squares(), count)
        cross = self.fitted[self.c, self.d] * self._z(moments.wwa, moments.wwb)
        second -= 2 * self._sum(h, cross, count)
        second += self._crossed(h_all, self.over.ww[everybody], count) @ self.fitted**2
        return first, second

    def _squares(self) -> Floats:
        """Σ w² z² per cell."""
        at, m = self.block.inside, self.moments
        with np.errstate(invalid="ignore"):
            squares = m.aa[at] - 2 * self.ratio * m.ab[at] + self.ratio**2 * m.bb[at]
            return np.nan_to_num(squares / self.base**2)

    def _of_clusters(self, numbers: Ints, psu_of_cell: Ints) -> tuple[Floats, Floats]:
        everybody = self.block.everybody
        units, u_all = np.unique(psu_of_cell[everybody], return_inverse=True)
        u = np.searchsorted(units, psu_of_cell[self.block.inside])
        z = self._sum(u, self._z(self.moments.a, self.moments.b), len(units))
        z -= self._crossed(u_all, self.over.w[everybody], len(units)) @ self.fitted
        stratum = np.zeros(len(units), np.int64)
        stratum[u_all] = np.searchsorted(numbers, self.over.strata.of_cell[everybody])
        first, second = (np.zeros((len(numbers), z.shape[1])) for _ in range(2))
        np.add.at(first, stratum, z)
        np.add.at(second, stratum, z**2)
        return first, second


def regression_sums(moments: Moments, over: Residuals) -> tuple[Floats, Floats]:
    """Σ v a and Σ v b per scan cell, v being the weight of the calibration's regression."""
    if over.calibration.regression_weight == "unit":
        assert moments.plain is not None  # the scan was told to sum without weights
        return moments.plain
    with np.errstate(divide="ignore", invalid="ignore"):
        back = np.where(over.factor != 0, 1 / over.factor, 0.0)
    return moments.a * back, moments.b * back
