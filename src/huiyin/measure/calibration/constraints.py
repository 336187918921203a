"""Totals matched with the cells of the sample, or an error that names what does not match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from huiyin.measure.calibration import problems
from huiyin.measure.calibration.arrays import Index, Vector, group_sums
from huiyin.measure.calibration.cells import Cells
from huiyin.measure.calibration.keys import Coded, find, fold_both, in_terms_of
from huiyin.measure.calibration.totals import Totals, region_text
from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Margins of one region must have the same sum, up to this relative difference.
AGREEMENT = 1e-11


@dataclass(frozen=True)
class Margin:
    """A categorical margin on the live cells; its categories are ordered by region.

    Attributes:
        codes: shape (live cells,), the category of each cell.
        totals: shape (categories,), what the weights of the category must sum to.
        region: shape (categories,), non-decreasing.
        given: the totals as they came; ``rows`` gives the row of each category there.
    """

    codes: Index
    totals: Vector
    region: Index
    given: Totals
    rows: Index

    @property
    def size(self) -> int:
        return len(self.totals)

    @property
    def starts(self) -> Index:
        """First category of each region."""
        return np.flatnonzero(np.diff(self.region, prepend=-1)).astype(np.intp)

    def sums(self, weights: Vector) -> Vector:
        """Weights of the cells summed by category."""
        return group_sums(self.codes, weights, self.size)

    def indicators(self) -> csr_array:
        """Shape (live cells, categories): 1 where the cell is in the category."""
        from scipy.sparse import csr_array

        cells = len(self.codes)
        return csr_array(
            (np.ones(cells), self.codes, np.arange(cells + 1)), shape=(cells, self.size)
        )

    def part(self, region: int, cells: slice) -> Margin:
        """The margin in one region, whose cells are given."""
        kept = slice(*np.searchsorted(self.region, [region, region + 1]))
        return replace(
            self,
            codes=self.codes[cells] - kept.start,
            totals=self.totals[kept],
            region=np.zeros(kept.stop - kept.start, np.intp),
            rows=self.rows[kept],
        )

    def where(self, category: int, within: tuple[str, ...]) -> tuple[str, str, str]:
        """Margin, category and region in words."""
        row = int(self.rows[category])
        return self.given.name, self.given.category(row), region_text(self.given, within, row)


@dataclass(frozen=True)
class Numeric:
    """A numeric variable on the live cells, with its total per region.

    Attributes:
        codes: shape (live cells,), the region of each cell.
        values: shape (live cells,).
        totals: shape (regions,).
        given: the totals as they came; ``rows`` gives the row of each region there.
    """

    codes: Index
    values: Vector
    totals: Vector
    given: Totals
    rows: Index

    @property
    def region(self) -> Index:
        """The region of each total."""
        return np.arange(len(self.totals))

    def sums(self, weights: Vector) -> Vector:
        """Weighted sums of the variable by region."""
        return group_sums(self.codes, weights * self.values, len(self.totals))

    def part(self, region: int, cells: slice) -> Numeric:
        """The variable in one region, whose cells are given."""
        one = slice(region, region + 1)
        return replace(
            self,
            codes=np.zeros(cells.stop - cells.start, np.intp),
            values=self.values[cells],
            totals=self.totals[one],
            rows=self.rows[one],
        )

    def where(self, at: int, within: tuple[str, ...]) -> tuple[str, str, str]:
        """Variable, no category, and region in words."""
        return self.given.name, "", region_text(self.given, within, int(self.rows[at]))


@dataclass(frozen=True)
class Constraints:
    """Everything the calibrated weights must meet.

    Attributes:
        margins: categorical margins; the population size, if given, is one of a single category.
        numeric: numeric variables.
        region: shape (live cells,), the region of each cell, non-decreasing.
        regions: number of regions.
        within: the columns of the region.
    """

    margins: tuple[Margin, ...]
    numeric: tuple[Numeric, ...]
    region: Index
    regions: int
    within: tuple[str, ...]

    @property
    def items(self) -> tuple[Margin | Numeric, ...]:
        """Margins and numeric variables."""
        return (*self.margins, *self.numeric)

    def cells_of(self, region: int) -> slice:
        """The live cells of a region."""
        return slice(*(int(at) for at in np.searchsorted(self.region, [region, region + 1])))

    def part(self, region: int) -> Constraints:
        """The constraints of one region."""
        cells = self.cells_of(region)
        return Constraints(
            tuple(margin.part(region, cells) for margin in self.margins),
            tuple(variable.part(region, cells) for variable in self.numeric),
            np.zeros(cells.stop - cells.start, np.intp),
            1,
            self.within,
        )

    @property
    def population(self) -> Vector:
        """Shape (regions,): the population, by the first margin."""
        first = self.margins[0]
        return group_sums(first.region, first.totals, self.regions)


def match(cells: Cells, totals: Sequence[Totals], within: tuple[str, ...]) -> Constraints:
    """Find each cell's category in each margin.

    Raises:
        MeasureError: ``duplicate-category``, ``category-without-total``, ``empty-margin-cell``,
            ``zero-total-with-sample``, ``margins-disagree``.
    """
    regions = _match_regions(cells, totals, within)
    margins, numeric = [], []
    for given, region in zip(totals, regions, strict=True):
        if given.numeric is None:
            margins.append(_match_margin(cells, given, region, within))
        else:
            numeric.append(_match_numeric(cells, given, region, within))
    _check_agreement(margins, cells.regions, within)
    return Constraints(tuple(margins), tuple(numeric), cells.region, cells.regions, within)


def _match_regions(cells: Cells, totals: Sequence[Totals], within: tuple[str, ...]) -> list[Index]:
    """Per totals the region number of each row; -1 for regions that the sample does not have."""
    first = np.flatnonzero(np.diff(cells.region, prepend=-1))
    known = [cells.coded[column].take(first) for column in within]
    numbers = []
    for given in totals:
        pairs = [in_terms_of(k, g) for k, g in zip(known, given.regions, strict=True)]
        keys, wanted = fold_both(pairs, (len(first), len(given.values)))
        numbers.append(find(wanted, keys).astype(np.intp))
    return numbers


def _match_margin(cells: Cells, given: Totals, region: Index, within: tuple[str, ...]) -> Margin:
    _check_unknown_regions(given, region, within)
    rows = np.flatnonzero(region >= 0)
    own = [cells.coded[column] for column in given.columns]
    theirs = [coded.take(rows) for coded in _like(cells, given)]
    numbers = ("",) * cells.regions
    pairs = [
        (Coded(cells.region, numbers), Coded(region[rows], numbers)),
        *(in_terms_of(c, g) for c, g in zip(own, theirs, strict=True)),
    ]
    cell_key, row_key = fold_both(pairs, (cells.live, len(rows)))
    order = np.argsort(row_key, kind="stable")
    _check_repeats(row_key[order], rows[order], given, within)
    position = find(cell_key, row_key[order])
    lacking = position < 0
    if lacking.any():
        raise _without_total(cells, given, own, lacking, region, within)
    return _present(given, position.astype(np.intp), rows[order], region, within)


def _check_unknown_regions(given: Totals, region: Index, within: tuple[str, ...]) -> None:
    """Totals of a region without respondents may only be zero."""
    wrong = (region < 0) & (given.values != 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise problems.empty_cell(
            given.name,
            region_text(given, within, row),
            given.category(row),
            float(given.values[row]),
            int(wrong.sum()),
        )


def _like(cells: Cells, given: Totals) -> list[Coded]:
    """The margin's categories, spelled as the engine's booleans where the cells are booleans."""
    import pyarrow as pa

    spelled = []
    for column, coded in zip(given.columns, given.categories, strict=True):
        if pa.types.is_boolean(cells.keys.schema.field(column).type):
            coded = Coded(coded.codes, tuple(text.casefold() for text in coded.labels))
        spelled.append(coded)
    return spelled


def _check_repeats(
    ordered: npt.NDArray[np.int64], order: Index, given: Totals, within: tuple[str, ...]
) -> None:
    repeated = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(repeated):
        row = int(order[repeated[0]])
        raise problems.duplicate_category(
            given.name, region_text(given, within, row), given.category(row)
        )


def _without_total(
    cells: Cells,
    given: Totals,
    own: list[Coded],
    lacking: npt.NDArray[np.bool_],
    region: Index,
    within: tuple[str, ...],
) -> MeasureError:
    at = int(np.argmax(lacking))
    here = ", ".join(f"{column}={cells.coded[column].text(at)}" for column in within)
    category = ", ".join(
        f"{column}={codes.text(at)}" for column, codes in zip(given.columns, own, strict=True)
    )
    if not (region == cells.region[at]).any():
        return problems.region_without_total(given.name, here)
    same = lacking.copy()
    for codes in (cells.region, *(codes.codes for codes in own)):
        same &= codes == codes[at]
    count = int(cells.rows[: cells.live][same].sum())
    return problems.category_without_total(
        given.name, here, category, count, _zeros_lost(given, own, at)
    )


def _zeros_lost(given: Totals, own: list[Coded], at: int) -> bool:
    """Whether the category would be found if leading zeros did not count."""
    return any(
        codes.text(at) not in theirs.labels
        and codes.text(at).lstrip("0") in {text.lstrip("0") for text in theirs.labels}
        for codes, theirs in zip(own, given.categories, strict=True)
    )


def _present(
    given: Totals, position: Index, order: Index, region: Index, within: tuple[str, ...]
) -> Margin:
    """The margin without the categories that neither the sample nor the population has."""
    count = np.bincount(position, minlength=len(order))
    totals = given.values[order]
    empty = (count == 0) & (totals > 0)
    for wrong, problem in (
        (empty, problems.empty_cell),
        ((count > 0) & (totals == 0), problems.zero_total),
    ):
        if wrong.any():
            row = int(order[np.argmax(wrong)])
            raise problem(
                given.name,
                region_text(given, within, row),
                given.category(row),
                float(given.values[row]),
                int(wrong.sum()),
            )
    kept = count > 0
    if not kept.all():
        position = (np.cumsum(kept) - 1)[position]
    rows = order[kept]
    return Margin(position, totals[kept], region[rows], given, rows)


def _match_numeric(cells: Cells, given: Totals, region: Index, within: tuple[str, ...]) -> Numeric:
    assert given.numeric is not None
    _check_unknown_regions(given, region, within)
    rows = np.flatnonzero(region >= 0)
    rows = rows[np.argsort(region[rows], kind="stable")]
    _check_repeats(region[rows], rows, given, within)
    lacking = np.setdiff1d(np.arange(cells.regions), region)
    if len(lacking):
        at = int(np.searchsorted(cells.region, lacking[0]))
        here = ", ".join(f"{column}={cells.coded[column].text(at)}" for column in within)
        raise problems.region_without_total(given.name, here)
    return Numeric(cells.region, cells.numeric(given.numeric), given.values[rows], given, rows)


def _check_agreement(margins: Sequence[Margin], regions: int, within: tuple[str, ...]) -> None:
    if not margins:
        return
    first = margins[0]
    wanted = group_sums(first.region, first.totals, regions)
    for other in margins[1:]:
        found = group_sums(other.region, other.totals, regions)
        apart = np.abs(found - wanted) > AGREEMENT * wanted
        if apart.any():
            region = int(np.argmax(np.abs(found - wanted) / wanted))
            place = first.where(int(first.starts[region]), within)[2]
            raise problems.margins_disagree(
                (first.given.name, float(wanted[region])),
                (other.given.name, float(found[region])),
                place,
                AGREEMENT,
            )
