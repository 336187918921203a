"""Population totals as the user gives them: tables or mappings, one per margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from huiyin.measure.calibration import problems
from huiyin.measure.calibration.arrays import Vector
from huiyin.measure.calibration.keys import Coded, encode, encode_values

if TYPE_CHECKING:
    import pyarrow as pa


TOTAL = "total"


@dataclass(frozen=True)
class Totals:
    """The totals of one margin, of one numeric variable, or of the population.

    Attributes:
        columns: columns of the margin; empty for a numeric variable and for the population.
        numeric: the numeric variable; None for a margin and for the population.
        regions: the ``within`` columns, each with one code per row.
        categories: the margin's columns, each with one code per row.
        values: shape (rows,), the totals.
    """

    columns: tuple[str, ...]
    numeric: str | None
    regions: tuple[Coded, ...]
    categories: tuple[Coded, ...]
    values: Vector

    @property
    def name(self) -> str:
        if self.numeric is not None:
            return f"numeric {self.numeric}"
        return "margin " + " × ".join(self.columns) if self.columns else "population"

    def category(self, row: int) -> str:
        """One row's category in words: ``sex=2, age=3``; empty for a numeric variable."""
        pairs = zip(self.columns, self.categories, strict=True)
        return ", ".join(f"{column}={codes.text(row)}" for column, codes in pairs)


def read_margins(margins: Any, within: tuple[str, ...]) -> list[Totals]:
    """Margins as given to :func:`~huiyin.measure.rake`.

    Raises:
        MeasureError: a table lacks ``total``, a ``within`` column, or any column of its own;
            totals missing, negative or infinite; a category missing or there twice.
    """
    return [_checked(margin, within) for margin in _each_margin(margins, within)]


def read_numeric(numeric: Any, within: tuple[str, ...]) -> list[Totals]:
    """Totals of numeric variables: a mapping of name to total, or a table by ``within``."""
    if numeric is None:
        return []
    if isinstance(numeric, Mapping) and not any(_is_listing(v) for v in numeric.values()):
        if within:
            raise problems.needs_table("numeric", within)
        return [_single(_number(total, name), name) for name, total in numeric.items()]
    table = _arrow(numeric)
    regions = _regions(table, within, "numeric")
    names = [name for name in table.column_names if name not in within]
    read = [
        Totals((), name, regions, (), _numbers(table[name], f"numeric {name}")) for name in names
    ]
    return [_checked(each, within) for each in read]


def read_population(population: Any, within: tuple[str, ...]) -> list[Totals]:
    """The size of the population: a number, or a table of ``within`` columns and ``total``."""
    if population is None:
        return []
    if isinstance(population, int | float | np.number):
        if within:
            raise problems.needs_table("population", within)
        return [_checked(_single(float(population), None), within)]
    table = _arrow(population)
    if TOTAL not in table.column_names:
        raise problems.no_total_column("population", table.column_names)
    regions = _regions(table, within, "population")
    read = Totals((), None, regions, (), _numbers(table[TOTAL], "population"))
    return [_checked(read, within)]


def _each_margin(margins: Any, within: tuple[str, ...]) -> list[Totals]:
    if margins is None:
        return []
    if isinstance(margins, Mapping) and not any(_is_listing(v) for v in margins.values()):
        return [_from_mapping(column, totals, within) for column, totals in margins.items()]
    if isinstance(margins, Sequence) and not isinstance(margins, str):
        return [totals for margin in margins for totals in _each_margin(margin, within)]
    return [_from_table(_arrow(margins), within)]


def _is_listing(value: Any) -> bool:
    """A column of a table given as a mapping, rather than a mapping of category to total."""
    return not isinstance(value, Mapping | str) and hasattr(value, "__len__")


def _from_mapping(column: Any, totals: Any, within: tuple[str, ...]) -> Totals:
    place = f"margin {column}"
    if not isinstance(totals, Mapping):
        raise problems.not_a_margin(place, totals)
    if within:
        raise problems.needs_table(place, within)
    values = np.array([_number(total, f"{column}={key}") for key, total in totals.items()])
    categories = encode_values(list(totals))
    return Totals((str(column),), None, (), (categories,), values.astype(np.float64))


def _from_table(table: pa.Table, within: tuple[str, ...]) -> Totals:
    columns = tuple(c for c in table.column_names if c != TOTAL and c not in within)
    place = "margin " + " × ".join(columns)
    if TOTAL not in table.column_names:
        raise problems.no_total_column(place, table.column_names)
    if not columns:
        raise problems.no_margin_columns(table.column_names)
    regions = _regions(table, within, place)
    categories = tuple(encode(table[column]) for column in columns)
    return Totals(columns, None, regions, categories, _numbers(table[TOTAL], place))


def _regions(table: pa.Table, within: tuple[str, ...], place: str) -> tuple[Coded, ...]:
    for column in within:
        if column not in table.column_names:
            raise problems.no_region_column(place, column)
    return tuple(encode(table[column]) for column in within)


def _single(value: float, numeric: str | None) -> Totals:
    return Totals((), numeric, (), (), np.array([value]))


def _arrow(table: Any) -> pa.Table:
    """A small table in memory, wherever it lives."""
    from huiyin.measure.reading.arrow import to_arrow

    return to_arrow(table.to_pyarrow() if hasattr(table, "to_pyarrow") else table)


def _numbers(column: pa.ChunkedArray, place: str) -> Vector:
    import pyarrow as pa

    try:
        values: Vector = column.cast(pa.float64()).to_numpy()
    except pa.ArrowException as wrong:
        raise problems.total_not_a_number(place, str(wrong)) from wrong
    return values


def _number(value: Any, place: str) -> float:
    try:
        return float("nan") if value is None else float(value)
    except (TypeError, ValueError) as wrong:
        raise problems.total_not_a_number(place, repr(value)) from wrong


def _checked(totals: Totals, within: tuple[str, ...]) -> Totals:
    if len(totals.values) == 0:
        raise problems.no_rows(totals.name)
    named = zip((*within, *totals.columns), (*totals.regions, *totals.categories), strict=True)
    for column, coded in named:
        if (coded.codes < 0).any():
            raise problems.category_missing(totals.name, column, int((coded.codes < 0).sum()))
    wrong = ~np.isfinite(totals.values)
    if totals.numeric is None:
        wrong |= totals.values < 0
    if wrong.any():
        row = int(np.argmax(wrong))
        raise problems.bad_total(
            totals.name,
            region_text(totals, within, row),
            totals.category(row),
            float(totals.values[row]),
        )
    return totals


def region_text(totals: Totals, within: tuple[str, ...], row: int) -> str:
    """One row's region in words: ``county=370102``; empty without regions."""
    pairs = zip(within, totals.regions, strict=True)
    return ", ".join(f"{column}={codes.text(row)}" for column, codes in pairs)
