"""Text and numbers out of one another, the same on every engine."""

from __future__ import annotations

from typing import Any

#: What is read as a number; engines by themselves also take things like 1d (Java) and 1_000.
_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(?i:inf(inity)?)$"


def as_number(column: Any) -> Any:
    """An Ibis column of text as float64; null where the text is no number, ``nan`` included."""
    import ibis

    bare = column.strip()
    return ibis.ifelse(bare.re_search(_NUMBER), bare, None).try_cast("float64")


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
