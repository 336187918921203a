"""Tables into a folder: CSV (UTF-8 with BOM, full precision) and Parquet, and the weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from huiyin.measure.engine.rows import in_file_order
from huiyin.measure.run.results import Results
from huiyin.measure.run.rounds import weight_rows

if TYPE_CHECKING:
    from huiyin.measure.run.results import Fielded

BOM = b"\xef\xbb\xbf"

WEIGHTS = pa.schema(
    [("round", pa.string()), ("row", pa.int64()), ("base", pa.float64()), ("final", pa.float64())]
)


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write every table of a run, ``weights`` and ``weights.json``.

    Weights are streamed from the engine, so memory does not grow with the respondents.

    Returns:
        the files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, table in results.tables.items():
        written += _write(folder / name, table.arrow.schema, iter(table.arrow.to_batches()))
    if results.integrity is not None:
        flags = results.integrity.arrow
        written += _write(folder / "integrity", flags.schema, iter(flags.to_batches()))
    if results.rounds:
        written += _write(folder / "weights", WEIGHTS, _weights(results.rounds))
        path = folder / "weights.json"
        path.write_text(
            json.dumps(results.weighting, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        written.append(path)
    return written


def _weights(rounds: list[Fielded]) -> Iterator[pa.RecordBatch]:
    for one in rounds:
        with in_file_order(one.table._find_backend()):
            for batch in weight_rows(one).to_pyarrow_batches(chunk_size=131_072):
                yield from pa.Table.from_batches([batch]).cast(WEIGHTS).to_batches()


def _write(stem: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> list[Path]:
    csv, parquet = stem.with_suffix(".csv"), stem.with_suffix(".parquet")
    with csv.open("wb") as text, pq.ParquetWriter(parquet, schema) as columns:
        text.write(BOM)
        with pa.csv.CSVWriter(text, schema) as lines:
            for batch in batches:
                lines.write_batch(batch)
                columns.write_batch(batch)
    return [csv, parquet]
