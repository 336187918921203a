"""Codes of areas, strata and clusters as text, written the same whatever type they came in."""

from __future__ import annotations

from typing import Any


def as_text(column: Any) -> Any:
    """An Ibis column as text: 13, 13.0 and ``"13"`` are all ``"13"``; ``"010"`` stays ``"010"``.

    Engines write floats in their own ways (``13.0``, ``1.3E1``), so whole ones go by way of an
    integer.
    """
    import ibis

    kind = column.type()
    if kind.is_string():
        return column
    if kind.is_floating() or kind.is_decimal():
        # Beyond 2**53 floats are no codes any more, and infinities have no floor.
        small = ibis.ifelse(column.abs() <= 2.0**53, column, None)
        whole = small.floor().cast("int64")
        return ibis.ifelse(small == whole, whole.cast("string"), column.cast("string"))
    return column.cast("string")
