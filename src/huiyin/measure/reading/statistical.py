"""SPSS (.sav, .zsav) and Stata (.dta) files with their labels and declared missing values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.arrow import nan_to_null
from huiyin.measure.reading.labelling import Labels

#: Largest integer a float64 holds exactly.
EXACT = 2.0**53
SIGNATURES = {
    ".sav": (b"$FL2", b"$FL3"),
    ".zsav": (b"$FL3", b"$FL2"),
    ".dta": (b"<sta", b"\x69", b"\x6a", b"\x6b", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72",
             b"\x73"),
}


def read_statistical(path: Path) -> tuple[pa.Table, Labels]:
    """The values as an Arrow table, and the labels.

    Codes that the file declares missing are null. Both formats keep codes as floats, so a column
    of whole numbers becomes int64. An empty text is null.

    Raises:
        MeasureError: ``unreadable-file``, ``empty-file``.
    """
    columns, _ = _load(path)
    table = pa.table({name: _column(name, values) for name, values in columns.items()})
    return nan_to_null(table), read_labels(path)


def read_labels(path: Path) -> Labels:
    """The labels alone."""
    # Only when asked to keep declared missing values does the library tell which they are.
    return _labels(_load(path, metadataonly=True, user_missing=True)[1])


def _load(path: Path, **options: Any) -> tuple[Mapping[str, Any], Any]:
    import pyreadstat

    _check_signature(path)
    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        return _decoded(read, path, options)
    except MeasureError:
        raise
    except Exception as wrong:  # a C library that raises whatever its callbacks do
        raise _unreadable(str(wrong)) from wrong


def _decoded(
    read: Callable[..., tuple[Mapping[str, Any], Any]], path: Path, options: dict[str, Any]
) -> tuple[Mapping[str, Any], Any]:
    """Read with the encoding the file names, or, where that fails, as GB18030."""
    from pyreadstat import ReadstatError

    try:
        return read(str(path), output_format="dict", **options)
    except (ReadstatError, UnicodeDecodeError) as wrong:
        if not any(word in str(wrong).lower() for word in ("encod", "convert", "codec", "utf")):
            raise
        return read(str(path), output_format="dict", encoding="GB18030", **options)


def _check_signature(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise MeasureError("empty-file", "the file is empty", "文件为空")
    if not head.startswith(SIGNATURES[path.suffix.lower()]):
        raise _unreadable("its first bytes are not those of the format")


def _unreadable(reason: str) -> MeasureError:
    return MeasureError(
        "unreadable-file",
        f"not a readable SPSS or Stata file ({reason}); it may be damaged or of another kind",
        f"无法作为 SPSS 或 Stata 文件读取（{reason}），文件可能已损坏或格式不符",
    )


def _column(name: str, values: Any) -> pa.Array:
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as wrong:
        raise _unreadable(f"column {name}: {wrong}") from wrong
    if pa.types.is_null(array.type):
        return array.cast(pa.float64())
    if pa.types.is_floating(array.type):
        return _whole_where_it_is(array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return pc.if_else(pc.equal(array, ""), pa.scalar(None, array.type), array)
    return array


def _whole_where_it_is(array: pa.Array) -> pa.Array:
    values = np.asarray(array.drop_null(), dtype=np.float64)
    whole = bool(np.all(np.isfinite(values) & (np.abs(values) <= EXACT) & (values % 1 == 0)))
    return array.cast(pa.int64()) if whole and len(values) else array


def _labels(metadata: Any) -> Labels:
    variables = {name: text for name, text in metadata.column_names_to_labels.items() if text}
    values = {
        name: {_code(code): text for code, text in codes.items()}
        for name, codes in metadata.variable_value_labels.items()
    }
    declared = {**(metadata.missing_ranges or {}), **(metadata.missing_user_values or {})}
    missing = {
        name: tuple(_missing(span) for span in spans) for name, spans in declared.items() if spans
    }
    return Labels(variables, values, missing)


def _missing(span: Any) -> Any:
    if isinstance(span, Mapping):
        low, high = _code(span["lo"]), _code(span["hi"])
        return low if low == high else (low, high)
    return _code(span)


def _code(code: Any) -> Any:
    return int(code) if isinstance(code, float) and code.is_integer() else code
