"""Parquet files, one or many, as one table that stays on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.arrow import refuse_repeated_names
from huiyin.measure.reading.strings import literal
from huiyin.measure.reading.tables import without_nan

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from ibis.backends import BaseBackend


def read_parquet(files: list[Path], backend: BaseBackend) -> ibis.Table:
    """The files as one table, lazily.

    Raises:
        MeasureError: ``unreadable-file``; ``differing-schemas`` with the file and the column;
            ``duplicate-columns``.
    """
    first = _schema(files[0])
    refuse_repeated_names(first.names)
    for file in files[1:]:
        _refuse_difference(first, _schema(file), files[0], file)
    if backend.name == "pyspark":
        return without_nan(_spark_view(files, backend))
    return without_nan(_duckdb_view(files, backend))


def _schema(file: Path) -> pa.Schema:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError, ValueError) as wrong:
        raise MeasureError(
            "unreadable-file",
            f"not a readable Parquet file ({wrong}); it may be cut short or damaged",
            f"无法作为 Parquet 文件读取（{wrong}），文件可能不完整或已损坏",
            place=file.name,
        ) from wrong


def _refuse_difference(first: pa.Schema, other: pa.Schema, one: Path, file: Path) -> None:
    for name in first.names:
        if name not in other.names:
            raise _differing(one, file, name, str(first.field(name).type), "–")
        kinds = first.field(name).type, other.field(name).type
        if kinds[0] != kinds[1]:
            raise _differing(one, file, name, str(kinds[0]), str(kinds[1]))
    for name in other.names:
        if name not in first.names:
            raise _differing(one, file, name, "–", str(other.field(name).type))


def _differing(one: Path, file: Path, column: str, here: str, there: str) -> MeasureError:
    return MeasureError(
        "differing-schemas",
        f"the files do not fit together: the column is {here} in {one.name} and {there} in"
        f" {file.name}; write them with one schema",
        f"各文件结构不一致：该列在 {one.name} 中为 {here}，在 {file.name} 中为 {there}；"
        "请按同一结构写出",
        place=f"{file.name}, column {column}",
    )


def _duckdb_view(files: list[Path], backend: Any) -> ibis.Table:
    import duckdb
    from ibis.util import gen_name

    name = gen_name("huiyin")
    listed = ", ".join(literal(str(file)) for file in files)
    try:
        backend.con.execute(
            f"CREATE TEMP VIEW {name} AS SELECT * FROM"
            f" read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        )
    except duckdb.Error as wrong:
        raise _unreadable(files, wrong) from wrong
    return backend.table(name)


def _spark_view(files: list[Path], backend: Any) -> ibis.Table:
    from ibis.util import gen_name
    from pyspark.errors import PySparkException

    name = gen_name("huiyin")
    _refuse_hidden(files)
    try:
        frame = backend._session.read.parquet(*(_uri(file) for file in files))
    except PySparkException as wrong:
        raise _unreadable(files, wrong) from wrong
    _in_microseconds(frame, _schema(files[0])).createOrReplaceTempView(name)
    return backend.table(name)


def _in_microseconds(frame: Any, schema: pa.Schema) -> Any:
    """The frame with moments where Spark, which knows none in nanoseconds, reads whole numbers."""
    import pyarrow as pa
    from pyspark.sql.functions import expr

    moments = [f for f in schema if pa.types.is_timestamp(f.type) and f.type.unit == "ns"]
    columns = {f.name: "`" + f.name.replace("`", "``") + "`" for f in moments}
    return frame.withColumns(
        {
            name: expr(f"timestamp_micros(({nano} - pmod({nano}, 1000)) div 1000)")
            for name, nano in columns.items()
        }
    )


def _refuse_hidden(files: list[Path]) -> None:
    """Spark takes names that begin with _ or . for none of its business, and : for a scheme."""
    for file in files:
        if file.name[0] in "_." or ":" in file.name:
            raise MeasureError(
                "unreadable-file",
                "Spark does not read files whose name begins with _ or . or holds a colon;"
                " rename it",
                "Spark 不读取名称以 _ 或 . 开头、或含冒号的文件，请改名",
                place=file.name,
            )


def _uri(file: Path) -> str:
    """The file's address on this machine, whatever file system the cluster takes for its own.

    Hadoop's glob characters are escaped, for a file whose name holds them.
    """
    return "file:" + "".join("\\" + c if c in "*?[]{}\\" else c for c in str(file.resolve()))


def _unreadable(files: list[Path], wrong: Exception) -> MeasureError:
    reason = str(wrong).splitlines()[0]
    return MeasureError(
        "unreadable-file",
        f"the Parquet files cannot be read ({reason})",
        f"无法读取 Parquet 文件（{reason}）",
        place=files[0].name,
    )
