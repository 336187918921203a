"""Which rows of a table break a rule, counted from 1 in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huiyin.measure.engine.rows import in_file_order, numbered

if TYPE_CHECKING:
    import ibis


def first_rows(table: ibis.Table, broken: Any, limit: int = 3) -> list[int]:
    """Numbers of the first rows for which a boolean expression holds.

    Engines keep no row numbers, so this is another pass, made only to write a message.
    """
    marked = numbered(table.select(huiyin_broken=broken), "huiyin_row")
    first = marked.filter(marked.huiyin_broken).select("huiyin_row").order_by("huiyin_row")
    with in_file_order(table._find_backend()):
        rows: list[int] = first.limit(limit).to_pyarrow()["huiyin_row"].to_pylist()
    return rows
