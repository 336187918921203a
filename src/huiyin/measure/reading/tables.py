"""Tables in memory as Ibis tables on the engine that computes."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.arrow import nan_to_null, refuse_repeated_names, to_arrow

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from ibis.backends import BaseBackend


def as_ibis(data: Any, backend: BaseBackend | None = None) -> ibis.Table:
    """``data`` as an Ibis table that an engine can compute on.

    An Ibis table is returned as it is, uncopied; its float NaN, if any, stay (see
    :func:`without_nan`). An Arrow dataset stays lazy on DuckDB. Everything else that
    :func:`~huiyin.measure.reading.arrow.to_arrow` takes is handed over through Arrow, with null
    for NaN.

    Args:
        data: pandas, polars, pyarrow or Ibis table, a mapping of column name to values, a DuckDB
            relation, a result table of this library, or whatever offers ``__arrow_c_stream__``.
        backend: where to compute; None = where an Ibis table lives, otherwise a new DuckDB in
            this process.

    Raises:
        MeasureError: ``not-a-table``, ``duplicate-columns``, ``ragged-columns``, ``mixed-types``;
            ``other-engine`` when an Ibis table lives on a backend other than the one named.
    """
    import ibis

    if isinstance(data, ibis.Table):
        return _ibis_table(data, backend)
    backend = connect() if backend is None else backend
    if backend.name == "duckdb" and _is_dataset(data):
        refuse_repeated_names(data.schema.names)
        return without_nan(register(data, backend))
    return register(to_arrow(data), backend)


def without_nan(table: ibis.Table) -> ibis.Table:
    """The table with null for every NaN of its float columns, lazily."""
    import ibis

    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    cleaned = {name: ibis.ifelse(table[name].isnan(), None, table[name]) for name in floats}
    return table.mutate(**cleaned) if cleaned else table


def _ibis_table(table: ibis.Table, backend: BaseBackend | None) -> ibis.Table:
    homes, _ = table._find_backends()
    if not homes:  # made of ibis.memtable alone: bind it, so that .execute() knows its engine
        backend = connect() if backend is None else backend
        return register(nan_to_null(to_arrow(backend.to_pyarrow(table))), backend)
    if backend is None or all(home is backend for home in homes):
        return table
    raise MeasureError(
        "other-engine",
        f"the table lives on another connection ({homes[0].name}) than the one to compute on"
        f" ({backend.name}); use its own, or hand over table.to_pyarrow()",
        f"该表位于另一个连接（{homes[0].name}），与指定的计算引擎（{backend.name}）不同；"
        "请使用同一连接，或传入 table.to_pyarrow()",
    )


def _is_dataset(data: Any) -> bool:
    return hasattr(data, "scanner") and hasattr(data, "to_table")


def register(data: Any, backend: BaseBackend) -> ibis.Table:
    """Name in-memory data on the engine; the name goes when the last expression on it does."""
    from ibis.util import gen_name

    name = gen_name("huiyin")
    if backend.name == "duckdb":
        backend.con.register(name, data)
    elif backend.name == "pyspark":
        _spark_view(data, name, backend)
    else:
        raise MeasureError(
            "unknown-engine",
            f"tables in memory are computed on duckdb or pyspark, not on {backend.name}",
            f"内存中的表只能在 duckdb 或 pyspark 上计算，不能在 {backend.name} 上计算",
        )
    table = backend.table(name)
    if backend.name == "duckdb":
        weakref.finalize(table.op(), _forget, backend.con, name).atexit = False
    return table


def _forget(connection: Any, name: str) -> None:
    import duckdb

    try:
        connection.unregister(name)
    except duckdb.Error:  # the connection was closed first
        return


def _spark_view(table: pa.Table, name: str, backend: BaseBackend) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PySpark on pandas 3: not our concern
        frame = backend._session.createDataFrame(for_spark(table))
    frame.createOrReplaceTempView(name)


def for_spark(table: pa.Table) -> pa.Table:
    """The table in the types Spark has: no unsigned integers, no time of day, text plain."""
    import pyarrow as pa

    kinds = {
        pa.uint8(): pa.int16(),
        pa.uint16(): pa.int32(),
        pa.uint32(): pa.int64(),
        pa.uint64(): pa.decimal128(20, 0),
    }
    fields = []
    for f in table.schema:
        kind = kinds.get(f.type, f.type)
        if pa.types.is_time(kind) or pa.types.is_large_string(kind):
            kind = pa.string()
        elif pa.types.is_date64(kind):
            kind = pa.date32()
        fields.append(pa.field(f.name, kind))
    schema = pa.schema(fields)
    return table if schema.equals(table.schema) else table.cast(schema)
