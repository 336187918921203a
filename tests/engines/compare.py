"""Whether two result tables say the same."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

#: What the engines promise, and what counts as nothing beside figures of ordinary size.
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def assert_same(found: Any, expected: Any) -> None:
    """The same columns and rows: text and whole numbers exactly, others to 1e-9.

    Args:
        found, expected: result tables, in any order of rows.
    """
    one, other = _rows(found), _rows(expected)
    assert len(one) == len(other)
    for here, there in zip(one, other, strict=True):
        assert list(here) == list(there)
        for name, value in here.items():
            assert _is_same(value, there[name]), f"{name}: {value!r} is not {there[name]!r}; {here}"


def _rows(table: Any) -> list[dict[str, Any]]:
    arrow = table.arrow if hasattr(table, "arrow") else table
    named = [f.name for f in arrow.schema if not pa.types.is_floating(f.type)]
    rows: list[dict[str, Any]] = arrow.to_pylist()
    return sorted(rows, key=lambda row: [str(row[name]) for name in named])


def _is_same(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(found) is type(expected) and found == expected
