"""Reading a large CSV file with types decided on every value, against DuckDB's own sampling."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.harness import Case

ROWS = 2_000_000


def survey_csv() -> Path:
    """Twelve five-point items, a weight and a six-digit area code: about 114 MB."""
    from pyarrow import csv

    path = Path(tempfile.gettempdir()) / "huiyin-bench-reading.csv"
    if not path.exists():
        random = np.random.Generator(np.random.PCG64(1))
        items = {f"i{k}": random.integers(1, 6, ROWS) for k in range(12)}
        weights = random.gamma(2.0, 1.0, ROWS)
        areas = np.char.zfill(random.integers(10_000, 659_999, ROWS).astype(str), 6)
        made = path.with_suffix(".part")
        csv.write_csv(pa.table({**items, "w": weights, "area": areas.tolist()}), made)
        made.rename(path)
    return path


def read_here() -> float:
    from huiyin.measure.reading import read

    path = survey_csv()
    start = time.perf_counter()
    table = read(path)
    table.aggregate(**{name: table[name].sum() for name in table.columns[:13]}).to_pyarrow()
    return time.perf_counter() - start


def read_duckdb() -> float:
    import duckdb

    path = survey_csv()
    start = time.perf_counter()
    sums = ", ".join([*(f"sum(i{k})" for k in range(12)), "sum(w)"])
    duckdb.sql(f"SELECT {sums} FROM '{path}'").fetchall()
    return time.perf_counter() - start


CASES = [
    Case("CSV by DuckDB, types from a sample", read_duckdb, note="2 million × 14", peer="DuckDB",
         repeats=3),
    Case("CSV, types from every value", read_here, note="2 million × 14", megabytes=1024,
         baseline="CSV by DuckDB, types from a sample", repeats=3),
]  # fmt: skip
