"""Raking a national sample to five margins: the scan that finds the cells, and the raking itself.

The input is a synthetic file of 10 million respondents (``HUIYIN_BENCH_ROWS`` makes it smaller)
in 2,800 counties, written once to the system's folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from bench.harness import Case

ROWS = int(os.environ.get("HUIYIN_BENCH_ROWS", "10_000_000"))
COUNTIES = 2_800
#: Categories of the five margins: sex, age, education, occupation, household.
MARGINS = {"sex": 2, "age": 6, "education": 5, "occupation": 8, "household": 3}


def _file() -> Path:
    """The respondents, made once per number of rows."""
    path = Path(tempfile.gettempdir()) / f"huiyin-bench-raking-{ROWS}.parquet"
    if not path.exists():
        _write(path)
    return path


def _write(path: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.Generator(np.random.PCG64(7))
    county = rng.integers(0, COUNTIES, ROWS)
    columns: dict[str, Any] = {"county": (county + 110000).astype(np.int32)}
    for name, size in MARGINS.items():
        # A fifth of the answers depends on the county, the rest does not.
        spread = rng.integers(0, size, ROWS)
        own = (county * 7 + len(name)) % size
        columns[name] = np.where(rng.random(ROWS) < 0.2, own, spread).astype(np.int8)
    columns["weight"] = rng.integers(50, 500, ROWS) / 10.0
    unfinished = path.with_suffix(f".{os.getpid()}")
    pq.write_table(pa.table(columns), unfinished)
    unfinished.rename(path)


def _totals(within: str | None) -> list[Any]:
    """Population totals: the weighted sample, shifted by a random factor per joint category."""
    import duckdb

    connection = duckdb.connect()
    region = f"{within}, " if within else ""
    names = ", ".join(MARGINS)
    # One shift per cell keeps the margins consistent with each other.
    connection.sql(
        f"CREATE TABLE cells AS SELECT {region}{names}, round(sum(weight) * (0.8 + 0.4 *"
        f" (hash({region}{names}) % 1000) / 1000.0) * 1000) AS total"
        f" FROM '{_file()}' GROUP BY {region}{names}"
    )
    return [
        connection.sql(
            f"SELECT {region}{name}, sum(total) AS total FROM cells GROUP BY {region}{name}"
        ).to_arrow_table()
        for name in MARGINS
    ]


def _table() -> Any:
    import ibis

    return ibis.duckdb.connect().read_parquet(str(_file()))


def _scan(within: str | None) -> float:
    from huiyin.measure.calibration.cells import read_cells
    from huiyin.measure.design import SurveyDesign

    regions = (within,) if within else ()
    table, design = _table(), SurveyDesign(weights="weight")
    started = time.perf_counter()
    read_cells(table, design, regions, tuple(MARGINS), (), by_weight=False)
    return time.perf_counter() - started


def _whole(within: str | None) -> float:
    """From file to calibrated design."""
    from huiyin.measure.calibration import rake
    from huiyin.measure.design import SurveyDesign

    totals, table = _totals(within), _table()
    started = time.perf_counter()
    rake(table, SurveyDesign(weights="weight"), totals, within)
    return time.perf_counter() - started


def _after_reading(within: str | None) -> float:
    """From the engine's table of cells to the calibrated design."""
    from huiyin.measure.calibration import cells, rake
    from huiyin.measure.design import SurveyDesign

    totals, table, design = _totals(within), _table(), SurveyDesign(weights="weight")
    reading = 0.0
    aggregate = cells._aggregate

    def timed(*arguments: Any) -> Any:
        nonlocal reading
        started = time.perf_counter()
        found = aggregate(*arguments)
        reading = time.perf_counter() - started
        return found

    with mock.patch.object(cells, "_aggregate", timed):
        started = time.perf_counter()
        rake(table, design, totals, within)
        return time.perf_counter() - started - reading


def _fitted() -> float:
    """The variance regression of 24 variables in all counties at once."""
    import numpy as np

    from huiyin.measure.calibration import rake
    from huiyin.measure.design import SurveyDesign

    calibrated = rake(_table(), SurveyDesign(weights="weight"), _totals("county"), "county")
    calibration = calibrated.calibration
    assert calibration is not None
    sums = np.random.Generator(np.random.PCG64(1)).normal(size=(len(calibration.n), 24))
    started = time.perf_counter()
    calibration.fitted(sums)
    return time.perf_counter() - started


def _in(measured: Callable[[str | None], float], within: str | None) -> Callable[[], float]:
    return lambda: measured(within)


_SIZE = f"{ROWS:,} rows, five margins"

CASES = [
    Case("scan", _in(_scan, None), note=f"{_SIZE}: read and find the cells"),
    Case("rake", _in(_after_reading, None), seconds=1.0, note=f"{_SIZE}: after reading"),
    Case("whole", _in(_whole, None), note=f"{_SIZE}: reading included"),
    Case(
        "scan-counties",
        _in(_scan, "county"),
        repeats=3,
        note=f"{_SIZE} in 2,800 counties: read and find the cells",
    ),
    Case(
        "rake-counties",
        _in(_after_reading, "county"),
        seconds=5.0,
        repeats=3,
        note=f"{_SIZE} in 2,800 counties: after reading",
    ),
    Case(
        "whole-counties",
        _in(_whole, "county"),
        repeats=3,
        note=f"{_SIZE} in 2,800 counties: reading included",
    ),
    Case(
        "fitted-counties",
        _fitted,
        repeats=3,
        note=f"{_SIZE} in 2,800 counties: variance regression of 24 variables",
    ),
]
