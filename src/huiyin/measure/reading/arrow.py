"""Any table in memory as an Arrow table, without copying where the library allows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(data: Any) -> pa.Table:
    """``data`` as an Arrow table with plain column types.

    Taken are Arrow tables, record batches, readers and datasets, pandas and polars frames (lazy
    ones are collected), result tables of this library, mappings of column name to a sequence or a
    one-dimensional array, DuckDB relations, and whatever offers ``__arrow_c_stream__`` or
    ``__arrow_c_array__``. Dictionary-encoded columns (pandas categories) become their values,
    columns of no type (no value at all) become text, a float NaN becomes null.

    Raises:
        MeasureError: ``not-a-table``, ``duplicate-columns``, ``ragged-columns``, ``no-columns`` or
            ``mixed-types`` (the column is named).
    """
    table = _arrow(data)
    refuse_repeated_names(table.column_names)
    return nan_to_null(_plain(table))


def refuse_repeated_names(names: Sequence[str]) -> None:
    """Raise ``duplicate-columns`` or ``no-columns`` unless every column has a name of its own."""
    if not names:
        raise MeasureError("no-columns", "the table has no columns", "表中没有任何列")
    # Engines compare column names without regard to case, so "Area" and "area" are one name.
    seen = Counter(name.casefold() for name in names)
    repeated = list(dict.fromkeys(name for name in names if seen[name.casefold()] > 1))
    if repeated:
        listed = ", ".join(repr(name) for name in repeated)
        raise MeasureError(
            "duplicate-columns",
            f"column names occur more than once (case aside): {listed}; give each its own",
            f"列名重复（不区分大小写）：{listed}，请使每列名称唯一",
            place=f"column {repeated[0]}",
        )


def nan_to_null(table: pa.Table) -> pa.Table:
    """The table with null for every float NaN; columns without one are not touched."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, column in enumerate(table.columns):
        if pa.types.is_floating(column.type):
            wrong = pc.is_nan(column)
            if pc.any(wrong).as_py():
                cleaned = pc.if_else(wrong, pa.scalar(None, column.type), column)
                table = table.set_column(at, table.field(at).name, cleaned)
    return table


def _arrow(data: Any) -> pa.Table:
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, Mapping):
        return _from_mapping(data)
    if _is_pandas(data):
        return _from_pandas(data)
    if hasattr(data, "collect") and hasattr(data, "collect_schema"):  # a lazy polars frame
        data = data.collect()
    if hasattr(data, "to_table") and hasattr(data, "scanner"):  # an Arrow dataset
        return data.to_table()
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _from_capsule(data)
    raise _not_a_table(data)


def _from_capsule(data: Any) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.table(data)
    except (pa.ArrowException, TypeError, ValueError) as wrong:
        raise _not_a_table(data) from wrong


def _from_mapping(data: Mapping[Any, Any]) -> pa.Table:
    import pyarrow as pa

    columns = {str(name): _column(str(name), values) for name, values in data.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise MeasureError(
            "ragged-columns",
            f"columns have different lengths: {listed}",
            f"各列长度不一致：{listed}",
        )
    if len(columns) < len(data):
        refuse_repeated_names([str(name) for name in data])
    return pa.table(columns)


def _column(name: str, values: Any) -> pa.Array:
    import pyarrow as pa

    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise MeasureError(
            "not-a-column",
            f"a column is a list or a one-dimensional array, not {type(values).__name__}",
            f"列应为列表或一维数组，而不是 {type(values).__name__}",
            place=f"column {name}",
        )
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as wrong:
        raise _mixed_types(name, wrong) from wrong


def _is_pandas(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns")


def _from_pandas(frame: Any) -> pa.Table:
    import pyarrow as pa

    names = [str(name) for name in frame.columns]
    refuse_repeated_names(names)
    columns = [_column(name, frame.iloc[:, at]) for at, name in enumerate(names)]
    return pa.table(columns, names=names)


def _mixed_types(name: str, wrong: Exception) -> MeasureError:
    return MeasureError(
        "mixed-types",
        f"the values are not of one type ({wrong}); make them all numbers or all text",
        f"该列的值类型不一致（{wrong}），请统一为数值或统一为文本",
        place=f"column {name}",
    )


def _not_a_table(data: Any) -> MeasureError:
    name = f"{type(data).__module__}.{type(data).__qualname__}"
    return MeasureError(
        "not-a-table",
        f"{name} is not a table; give a pandas, polars, pyarrow or ibis table, or a mapping of"
        " column name to values",
        f"{name} 不是数据表，请提供 pandas、polars、pyarrow 或 ibis 表，或“列名 → 值”的映射",
    )


def _plain(table: pa.Table) -> pa.Table:
    for at, column in enumerate(table.columns):
        kind = _plain_type(column.type)
        if kind != column.type:
            table = table.set_column(at, table.field(at).name, _as_plain(column, kind))
    return table


def _as_plain(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column.cast(kind)
    # Arrow has no kernel that takes from a dictionary of string views: cast the dictionary first.
    chunks = [chunk.dictionary.cast(kind).take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(chunks, kind)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """A type that both engines know: values for dictionaries, text for nulls and string views."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_float16(kind):
        return pa.float32()
    return kind
