"""The part of reading SPSS and Stata files that runs in a process of its own.

The C library underneath can crash on a damaged file; here it takes only this process with it.
Called as ``python -m huiyin.measure.reading.readstat FILE OUT``: writes an Arrow file with the
labels in its metadata, or prints why not and exits with 2.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.reading.arrow import nan_to_null

Loaded = tuple[Mapping[str, Any], Any]

#: Largest integer a float64 holds exactly.
EXACT = 2.0**53
#: Key of the labels in the metadata of the Arrow schema.
LABELS = b"huiyin.labels"


def convert(path: Path, to: Path) -> None:
    """Write the values of an SPSS or Stata file to ``to`` as an Arrow file, with its labels."""
    import pyreadstat

    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    columns, _ = _load(read, path)
    # Only when asked to keep declared missing values does the library tell which they are.
    _, metadata = _load(read, path, metadataonly=True, user_missing=True)
    table = pa.Table.from_arrays([_column(v) for v in columns.values()], names=list(columns))
    described = json.dumps(_labels(metadata)).encode()
    table = nan_to_null(table).replace_schema_metadata({LABELS: described})
    with pa.OSFile(str(to), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _load(read: Callable[..., Loaded], path: Path, **options: Any) -> Loaded:
    """Read with the encoding the file names, or, where that fails, as GB18030."""
    try:
        return read(str(path), output_format="dict", **options)
    except Exception as wrong:
        if not any(word in str(wrong).lower() for word in ("encod", "convert", "codec", "utf")):
            raise
        return read(str(path), output_format="dict", encoding="GB18030", **options)


def _column(values: Any) -> pa.Array:
    array = pa.array(values, from_pandas=True)
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


def _labels(metadata: Any) -> dict[str, Any]:
    """Labels as JSON has them: codes are values, not keys, so that they keep their type."""
    declared = {**(metadata.missing_ranges or {}), **(metadata.missing_user_values or {})}
    return {
        "variables": {k: text for k, text in metadata.column_names_to_labels.items() if text},
        "values": {
            name: [[_code(code), text] for code, text in codes.items()]
            for name, codes in metadata.variable_value_labels.items()
        },
        "missing": {
            name: [_missing(span) for span in spans] for name, spans in declared.items() if spans
        },
    }


def _missing(span: Any) -> Any:
    if isinstance(span, Mapping):
        low, high = _code(span["lo"]), _code(span["hi"])
        return low if low == high else [low, high]
    return _code(span)


def _code(code: Any) -> Any:
    return int(code) if isinstance(code, float) and code.is_integer() else code


def main(arguments: list[str]) -> int:
    """Convert one file; 0 = done, 2 = not readable, with the reason on stdout."""
    try:
        convert(Path(arguments[0]), Path(arguments[1]))
    except Exception as wrong:  # whatever the library makes of a damaged file
        sys.stdout.write(" ".join(str(wrong).split()) or type(wrong).__name__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
