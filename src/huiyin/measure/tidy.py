"""Results are tidy tables: one row per figure, columns with fixed names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa


class Tidy:
    """A pyarrow table that also turns into pandas or polars and prints itself.

    Everything a :class:`pyarrow.Table` can do is passed on to it.
    """

    def __init__(self, table: pa.Table, notes: Mapping[str, Any] | None = None) -> None:
        self.arrow = table
        #: What does not fit a row: iterations, seeds, fitted coefficients, warnings.
        self.notes: dict[str, Any] = dict(notes or {})

    @classmethod
    def of(cls, columns: Mapping[str, Any], notes: Mapping[str, Any] | None = None) -> Tidy:
        """Build from a mapping of column name to a sequence or numpy array.

        A float NaN becomes null: a published table holds a figure or nothing.
        """
        return cls(pa.table({name: _array(values) for name, values in columns.items()}), notes)

    def to_polars(self) -> Any:
        """As a polars frame (polars must be installed)."""
        import polars

        return polars.from_arrow(self.arrow)

    def rows(self) -> list[dict[str, Any]]:
        """As a list of dictionaries, one per row."""
        rows: list[dict[str, Any]] = self.arrow.to_pylist()
        return rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def __getattr__(self, name: str) -> Any:
        if name == "arrow":  # not yet set: copying and unpickling ask before __init__ has run
            raise AttributeError(name)
        return getattr(self.arrow, name)

    def __getitem__(self, key: str | int) -> Any:
        return self.arrow[key]

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __repr__(self) -> str:
        import pandas as pd

        with pd.option_context("display.max_columns", None, "display.width", 160):
            return repr(self.arrow.to_pandas())


def _array(values: Any) -> pa.Array:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    return pa.array(values, from_pandas=True)
