"""The one look at the respondents: distinct cells with their counts and weight sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.calibration import problems
from huiyin.measure.calibration.arrays import Index, Vector
from huiyin.measure.calibration.keys import Coded, encode, fold

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.design import SurveyDesign


#: Columns that :class:`~huiyin.measure.calibration.Calibration` adds to the cells.
RESERVED = ("n", "base", "factor", "group")

_STATISTICS = ("hy_rows", "hy_n", "hy_sum", "hy_squares", "hy_low", "hy_high")


@dataclass(frozen=True)
class Cells:
    """Distinct combinations of the cell columns, those of a region together.

    Cells whose respondents all have weight zero come last and take no part.

    Attributes:
        keys: the cell columns, as the engine holds them.
        live: number of cells with weight; they come first.
        regions: number of regions (1 without ``within``).
        region: shape (live,), non-decreasing, the region of each cell.
        coded: per cell column the codes of the live cells; absent for numeric variables.
        rows: shape (cells,), respondents; ``n`` only those with a positive base weight.
        base: shape (cells,), sum of base weights; ``squares`` of their squares.
        low: shape (cells,), smallest positive base weight; ``high`` the largest.
    """

    keys: pa.Table
    live: int
    regions: int
    region: Index
    coded: dict[str, Coded]
    rows: Vector
    n: Vector
    base: Vector
    squares: Vector
    low: Vector
    high: Vector

    def numeric(self, column: str) -> Vector:
        """A numeric variable in the live cells."""
        import pyarrow as pa

        values = self.keys[column].cast(pa.float64()).to_numpy()
        return np.asarray(values[: self.live], np.float64)


def read_cells(
    table: Any,
    design: SurveyDesign,
    within: tuple[str, ...],
    categorical: tuple[str, ...],
    numeric: tuple[str, ...],
    *,
    by_weight: bool,
) -> Cells:
    """Aggregate the respondents to cells, in one scan.

    Args:
        table: anything tabular.
        design: gives the base weight, adjustments included.
        within: columns of the region.
        categorical: columns of the margins.
        numeric: numeric variables; each distinct value makes a cell of its own.
        by_weight: make the base weight constant inside a cell, which trimming needs.

    Raises:
        MeasureError: an unknown column or one with a reserved name, no rows, missing values,
            weights that are missing, negative or infinite.
    """
    from huiyin.measure.reading import as_ibis
    from huiyin.measure.weights import with_weight

    respondents = as_ibis(table)
    columns = tuple(dict.fromkeys((*within, *categorical, *numeric)))
    _check_columns(respondents, columns, numeric)
    if by_weight:
        columns = tuple(dict.fromkeys((*columns, *_weight_columns(design))))
    found = _aggregate(with_weight(respondents, design, calibrated=False), columns)
    _check_rows(found, columns, design)
    return _ordered(found, columns, within, categorical)


def _check_columns(
    respondents: ibis.Table, columns: tuple[str, ...], numeric: tuple[str, ...]
) -> None:
    for column in columns:
        if column not in respondents.columns:
            raise problems.unknown_column(column, respondents.columns)
        if column.casefold() in RESERVED:
            raise problems.reserved_name(column)
    for column in numeric:
        if not respondents[column].type().is_numeric():
            raise problems.not_numeric(column, str(respondents[column].type()))


def _weight_columns(design: SurveyDesign) -> tuple[str, ...]:
    """Columns that fix the base weight of a respondent."""
    named = () if design.weights is None else (design.weights,)
    return (*named, *(c for adjustment in design.adjustments for c in adjustment.columns))


def _aggregate(weighted: ibis.Table, columns: tuple[str, ...]) -> pa.Table:
    from huiyin.measure.weights import WEIGHT

    w = weighted[WEIGHT]
    statistics = {
        "hy_rows": weighted.count(),
        "hy_n": (w > 0).sum(),
        "hy_valid": (w >= 0).sum(),
        "hy_sum": w.sum(),
        "hy_squares": (w * w).sum(),
        "hy_low": w.nullif(0.0).min(),
        "hy_high": w.max(),
    }
    grouped = weighted.group_by(list(columns)) if columns else weighted
    return grouped.aggregate(**statistics).to_pyarrow()


def _ranks(column: pa.ChunkedArray) -> Coded:
    """Codes of a column with many values, whose texts nobody needs."""
    values, codes = np.unique(column.to_numpy(), return_inverse=True)
    return Coded(codes.astype(np.int64), ("",) * len(values))


def _statistic(found: pa.Table, name: str) -> Vector:
    return np.asarray(found[name].to_numpy(), np.float64)


def _check_rows(found: pa.Table, columns: tuple[str, ...], design: SurveyDesign) -> None:
    rows = _statistic(found, "hy_rows")
    if rows.sum() == 0:
        raise problems.no_respondents()
    bad = rows - np.nan_to_num(_statistic(found, "hy_valid"))
    finite = np.isfinite(_statistic(found, "hy_squares"))
    if bad.any() or not finite.all():
        place = "weights" if design.weights is None else f"column {design.weights}"
        raise problems.bad_weights(place, int(bad.sum()))
    if not _statistic(found, "hy_sum").sum() > 0:
        raise problems.no_weight()
    for column in columns:
        missing = _missing(found[column])
        if missing.any():
            raise problems.missing_values(column, int(rows[missing].sum()), int(rows.sum()))


def _missing(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = pc.is_null(column, nan_is_null=True).to_numpy()
    if pa.types.is_floating(column.type):  # infinite is as unusable as missing
        missing = missing | np.isinf(column.to_numpy())
    return np.asarray(missing, np.bool_)


def _ordered(
    found: pa.Table,
    columns: tuple[str, ...],
    within: tuple[str, ...],
    categorical: tuple[str, ...],
) -> Cells:
    """Sort by region, then by the other columns, so that the result has one order."""
    coded = {c: encode(found[c]) for c in dict.fromkeys((*within, *categorical))}
    rest = [_ranks(found[c]) for c in columns if c not in coded]
    order = np.argsort(fold([*coded.values(), *rest], found.num_rows))
    statistics = [_statistic(found, name)[order] for name in _STATISTICS]
    dead = statistics[_STATISTICS.index("hy_sum")] == 0
    if dead.any():
        last = np.argsort(dead, kind="stable")
        order, statistics = order[last], [values[last] for values in statistics]
    live = int(found.num_rows - dead.sum())
    coded = {column: codes.take(order[:live]) for column, codes in coded.items()}
    key = fold([coded[c] for c in within], live)
    region = np.cumsum(np.diff(key, prepend=key[:1]) != 0)
    return Cells(
        found.select(list(columns)).take(order),
        live,
        int(region[-1]) + 1,
        region.astype(np.intp),
        coded,
        *statistics,
    )
