"""Numbers of rows in the order of the file, which engines that read in parallel do not keep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from ibis.backends import BaseBackend

_PLACE = ("hy_file", "hy_block", "hy_part")


def numbered(table: ibis.Table, name: str) -> ibis.Table:
    """The table with the number of each row, from 1, in the order of its file or files.

    What is made of it has to be computed inside :func:`in_file_order`.

    Args:
        table: of one file, or the files of one glob, with no step between that moves rows.
        name: of the new column.
    """
    import ibis

    backend = table._find_backend()
    if backend.name == "pyspark":
        return _on_spark(table, name, backend)
    return table.mutate(**{name: ibis.row_number() + 1})


@contextlib.contextmanager
def in_file_order(backend: BaseBackend) -> Iterator[None]:
    """Make DuckDB hand rows on in the order of the file; Spark needs nothing."""
    if backend.name != "duckdb":
        yield
        return
    connection: Any = backend.con
    setting = "SELECT current_setting('preserve_insertion_order')"
    before = connection.execute(setting).fetchall()[0][0]
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"SET preserve_insertion_order = {before}")


def rows_of(table: ibis.Table) -> pa.Table:
    """All rows in memory, in the order of their file or files."""
    ordered = numbered(table, "hy_row").order_by("hy_row").drop("hy_row")
    with in_file_order(table._find_backend()):
        return ordered.to_pyarrow()


def _on_spark(table: ibis.Table, name: str, backend: Any) -> ibis.Table:
    """Number the rows by file, split of the file, and place in the split.

    Spark reads the largest file first and several at a time, but it reads a split in order, and
    its row ids grow by one inside it.
    """
    from ibis.util import gen_name
    from pyspark.sql import functions as f

    from huiyin.measure.engine.backend import frame_of

    marked = _with_places(frame_of(backend, table)).select(
        "*",
        f.spark_partition_id().alias("hy_part"),
        f.monotonically_increasing_id().alias("hy_id"),
    )
    splits = marked.groupBy(*_PLACE).agg(f.count("*").alias("n"), f.min("hy_id").alias("first"))
    before = backend._session.createDataFrame(
        _rows_before(splits.collect()),
        "hy_file string, hy_block bigint, hy_part int, hy_before bigint",
    )
    joined = marked.join(f.broadcast(before), list(_PLACE), "left")
    lost = f.raise_error(f.lit("the file was split anew while its rows were numbered"))
    row = f.coalesce(joined["hy_id"] + joined["hy_before"], lost.cast("bigint")).alias(name)
    kept = [joined["`" + column.replace("`", "``") + "`"] for column in table.columns]
    view = gen_name("huiyin")
    joined.select(*kept, row).createOrReplaceTempView(view)
    return backend.table(view)


def _with_places(frame: Any) -> Any:
    """The frame with the file and the split of each row; without, if it has several sources."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as f

    try:
        return frame.select(
            "*",
            f.input_file_name().alias("hy_file"),
            f.input_file_block_start().alias("hy_block"),
        )
    except AnalysisException:
        return frame.select("*", f.lit("").alias("hy_file"), f.lit(-1).alias("hy_block"))


def _rows_before(splits: list[Any]) -> list[tuple[str, int, int, int]]:
    """What to add to the row ids of each split to get row numbers."""
    ordered = sorted(splits, key=lambda one: (_path(one.hy_file), one.hy_block, one.hy_part))
    found, rows = [], 0
    for one in ordered:
        found.append((one.hy_file, one.hy_block, one.hy_part, rows + 1 - one.first))
        rows += one.n
    return found


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))
