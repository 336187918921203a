"""Which rows of a table break a rule, counted from 1 in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis


def first_rows(table: ibis.Table, broken: Any, limit: int = 3) -> list[int]:
    """Numbers of the first rows for which a boolean expression holds.

    Engines keep no row numbers, so this is another pass, made only to write a message.
    """
    backend = table._find_backend()
    marked = table.select(huiyin_broken=broken)
    if backend.name == "pyspark":
        return _on_spark(marked, backend, limit)
    if backend.name == "duckdb":
        return _on_duckdb(marked, backend, limit)
    return []


def _on_duckdb(marked: ibis.Table, backend: Any, limit: int) -> list[int]:
    connection = backend.con
    setting = "SELECT current_setting('preserve_insertion_order')"
    before = connection.execute(setting).fetchall()[0][0]
    connection.execute("SET preserve_insertion_order = true")
    try:
        found = connection.execute(
            "SELECT row FROM (SELECT row_number() OVER () AS row, huiyin_broken FROM"
            f" ({backend.compile(marked)})) WHERE huiyin_broken ORDER BY row LIMIT {limit}"
        ).fetchall()
    finally:
        connection.execute(f"SET preserve_insertion_order = {before}")
    return [int(row) for (row,) in found]


def _on_spark(marked: ibis.Table, backend: Any, limit: int) -> list[int]:
    """Spark's row id holds the partition above bit 33 and the row inside it below."""
    from pyspark.sql import functions as f

    frame = backend._session.sql(backend.compile(marked)).withColumn(
        "huiyin_row", f.monotonically_increasing_id()
    )
    broken = frame.filter("huiyin_broken").orderBy("huiyin_row").limit(limit).collect()
    places = [(row["huiyin_row"] >> 33, row["huiyin_row"] & ((1 << 33) - 1)) for row in broken]
    sizes = {}
    if any(partition for partition, _ in places):
        partitions = frame.groupBy(f.shiftright("huiyin_row", 33).alias("partition")).count()
        sizes = {row["partition"]: row["count"] for row in partitions.collect()}
    return [
        sum(size for number, size in sizes.items() if number < partition) + within + 1
        for partition, within in places
    ]
