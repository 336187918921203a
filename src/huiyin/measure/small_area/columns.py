"""Columns of a table of areas: numbers, names, and errors that say which area is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.arrow import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AreaTable:
    """A table with one row per area.

    Attributes:
        table: the columns.
        key: the column that names the areas; None = they are numbered from 1.
    """

    table: pa.Table
    key: str | None

    @classmethod
    def read(cls, data: Any, key: str | None) -> AreaTable:
        """From anything tabular; without ``key`` a column called ``area`` names the areas."""
        table = to_arrow(data)
        if table.num_rows == 0:
            raise MeasureError(
                "no-areas",
                "the table has no rows; give one row per area",
                "表中没有数据行，应为每个地区一行",
            )
        if key is None and "area" in table.column_names:
            key = "area"
        if key is not None:
            _refuse_repeated(key, _column(table, key))
        return cls(table, key)

    @cached_property
    def names(self) -> pa.ChunkedArray | pa.Array:
        """The areas' names, in their own type: a code keeps its leading zeros."""
        import pyarrow as pa

        if self.key is None:
            return pa.array(np.arange(1, self.table.num_rows + 1))
        return self.table[self.key]

    def name(self, at: int | np.int64) -> Any:
        return self.names[int(at)].as_py()

    def listed(self, which: Mask) -> list[Any]:
        """Names of the areas that ``which`` marks."""
        names: list[Any] = self.names.take(np.flatnonzero(which)).to_pylist()
        return names

    def values(self, column: str) -> pa.ChunkedArray:
        """The column as it is; raises ``unknown-column``."""
        return _column(self.table, column)

    def numbers(self, column: str) -> FloatArray:
        """The column as floats, NaN where there is no value.

        Raises:
            MeasureError: ``unknown-column``, ``not-numeric``, or ``not-finite`` (with the area).
        """
        values = numbers_of(_column(self.table, column), column)
        self.refuse(
            np.isinf(values),
            "not-finite",
            column,
            "the value is infinite; correct it or leave it empty",
            "数值为无穷大，请更正或留空",
        )
        return values

    def refuse(self, wrong: Mask, code: str, column: str, en: str, zh: str) -> None:
        """Raise for the first area that ``wrong`` marks, naming it and the column."""
        if wrong.any():
            first = self.name(np.flatnonzero(wrong)[0])
            raise MeasureError(code, en, zh, place=f"area {first}, column {column}")


def numbers_of(column: pa.ChunkedArray, name: str) -> FloatArray:
    """An Arrow column as floats, NaN where there is no value; raises ``not-numeric``."""
    import pyarrow as pa

    kind = column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    numeric = numeric or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)
    if not numeric and column.null_count < len(column):  # a column of no value at all has no kind
        raise MeasureError(
            "not-numeric",
            f"the values are {kind}, not numbers; convert the column first",
            f"该列的值为 {kind}，不是数值，请先转换",
            place=f"column {name}",
        )
    floats = column.cast(pa.float64(), safe=False)
    return np.array(floats.to_numpy(zero_copy_only=False), dtype=np.float64)


def option(name: str, value: object, allowed: Sequence[object]) -> None:
    """Refuse a value that is not one of ``allowed``."""
    if value not in allowed:
        listed = ", ".join(repr(choice) for choice in allowed)
        raise MeasureError(
            "unknown-option",
            f"{name} must be one of {listed}, not {value!r}",
            f"{name} 只能取 {listed}，不能是 {value!r}",
            place=name,
        )


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        there = ", ".join(table.column_names)
        raise MeasureError(
            "unknown-column",
            f"there is no such column; the table has {there}",
            f"没有这一列，表中的列有：{there}",
            place=f"column {name}",
        )
    return table[name]


def _refuse_repeated(key: str, names: pa.ChunkedArray) -> None:
    import pyarrow.compute as pc

    if names.null_count:
        raise MeasureError(
            "unnamed-area",
            "an area has no name; give every row one, or leave unnamed rows out",
            "存在没有名称的地区，请为每一行补上名称或删除该行",
            place=f"column {key}",
        )
    counts = pc.value_counts(names.combine_chunks())
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(repeated):
        raise MeasureError(
            "repeated-area",
            f"area {repeated[0]['values'].as_py()!r} has more than one row; give one row per area",
            f"地区“{repeated[0]['values'].as_py()}”出现多行，每个地区只能有一行",
            place=f"column {key}",
        )
