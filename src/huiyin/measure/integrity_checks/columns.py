"""From table columns to compact arrays: codes as small integers, times as seconds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: More distinct answers than this and a column is no closed question.
MOST_ANSWERS = 100


def read_columns(table: Any, names: Sequence[str], sort_by: str | None = None) -> pa.Table:
    """The named columns of any table, in memory.

    Rows of an Ibis table, which has no order of its own, are sorted by ``sort_by`` when given, and
    come in the order of their file otherwise.

    Raises:
        MeasureError: ``unknown-column``, ``empty-table``, or what the reading raises.
    """
    wanted = list(dict.fromkeys(names))
    if hasattr(table, "to_pyarrow") and hasattr(table, "schema"):
        from huiyin.measure.engine.rows import rows_of
        from huiyin.measure.reading import as_ibis

        expression = as_ibis(table)
        _refuse_unknown(wanted, expression.columns)
        chosen = expression.select(*wanted)
        data = chosen.order_by(sort_by).to_pyarrow() if sort_by else rows_of(chosen)
    else:
        from huiyin.measure.reading.arrow import to_arrow

        data = to_arrow(table)
        _refuse_unknown(wanted, data.column_names)
        data = data.select(wanted)
    if data.num_rows == 0:
        raise MeasureError("empty-table", "the table has no rows", "表中没有任何记录")
    return data


def _refuse_unknown(wanted: Sequence[str], there: Collection[str]) -> None:
    for name in wanted:
        if name not in there:
            raise MeasureError(
                "unknown-column",
                f"there is no column {name!r}; there are {', '.join(list(there)[:20])}",
                f"没有名为 {name!r} 的列；现有列：{'、'.join(list(there)[:20])}",
                place=f"column {name}",
            )


def code_key(value: Any) -> str:
    """One spelling for a code, so that 9, 9.0 and "9" are the same answer."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool | np.bool_):
        value = int(value)
    return str(value).strip()


def key_set(codes: Any) -> frozenset[str]:
    """Codes given as one value or as a collection, in their one spelling."""
    if codes is None:
        return frozenset()
    if isinstance(codes, str) or not isinstance(codes, Collection):
        codes = [codes]
    return frozenset(code_key(code) for code in codes)


def factorise(column: pa.ChunkedArray, name: str) -> tuple[IntArray, list[str]]:
    """Integer codes (-1 = null or empty text) and the labels they stand for, in sorted order.

    Labels that are all numbers sort as numbers. Codes are the same whatever the order of rows.
    """
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(column).combine_chunks()
    raw = encoded.indices.to_numpy(zero_copy_only=False)
    keys = [code_key(value) for value in encoded.dictionary.to_pylist()]
    refuse_infinite(keys, name)
    labels = sorted({key for key in keys if key}, key=_numbers_first)
    position = {label: at for at, label in enumerate(labels)}
    lookup = np.array([position.get(key, -1) for key in keys] + [-1], dtype=np.int64)
    index = np.where(np.isnan(raw), len(keys), raw).astype(np.int64)
    return lookup[index], labels


def _numbers_first(label: str) -> tuple[int, float, str]:
    number = as_number(label)
    return (1, 0.0, label) if number is None else (0, number, label)


def as_number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def refuse_infinite(keys: Sequence[str], name: str) -> None:
    if {"inf", "-inf"} & set(keys):
        raise MeasureError(
            "not-finite",
            "an infinite value is not an answer; make it empty or list it as missing",
            "存在无穷值，不能作为答案；请改为空值或列为缺失代码",
            place=f"column {name}",
        )


def indicator(column: pa.ChunkedArray, name: str, yes: frozenset[str]) -> npt.NDArray[np.int8]:
    """1 where the answer is one of ``yes``, 0 where it is another, -1 where there is none."""
    codes, labels = factorise(column, name)
    is_yes = np.array([label in yes for label in labels] + [False])
    return np.where(codes < 0, -1, is_yes[codes]).astype(np.int8)


def number_column(column: pa.ChunkedArray, name: str) -> FloatArray:
    """The column as float64, NaN where empty.

    Raises:
        MeasureError: ``not-numeric``.
    """
    import pyarrow as pa

    try:
        plain = column.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise MeasureError(
            "not-numeric",
            "the column holds something that is not a number",
            "该列含有非数值内容",
            place=f"column {name}",
        ) from None
    return np.asarray(plain.to_numpy(), dtype=np.float64)


def time_column(column: pa.ChunkedArray, name: str) -> FloatArray:
    """Moments as seconds since 1970 (NaN where empty): timestamps, ISO text, or seconds."""
    import pyarrow as pa

    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return number_column(column, name)
    try:
        moments = column.cast(pa.timestamp("us"))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise MeasureError(
            "not-a-time",
            "a start must be a timestamp, text such as 2024-05-01 09:30:00, or seconds",
            "开始时间应为时间戳、形如 2024-05-01 09:30:00 的文本，或秒数",
            place=f"column {name}",
        ) from None
    micros = moments.cast(pa.int64())
    return number_column(micros, name) / 1e6


def lengths(column: pa.ChunkedArray, name: str) -> tuple[FloatArray, int]:
    """Lengths in seconds, NaN where empty or impossible (not above 0, infinite), and how many
    were impossible."""
    seconds = number_column(column, name)
    there = ~np.isnan(seconds)
    wrong = there & ~(np.isfinite(seconds) & (seconds > 0))
    return np.where(wrong, np.nan, seconds), int(wrong.sum())
