"""Estimates of a nation: 12 five-point indicators, 40,000 townships, 10 million people.

Peers run in the same session: a bare DuckDB scan of the same columns, the best hand-written SQL we
know, R's survey, and svy where ``HUIYIN_BENCH_SVY`` names a Python that has it.
``HUIYIN_BENCH_ROWS`` makes the file smaller. The sample is stratified by county and lies in the
file stratum by stratum, as a drawn sample does; ``shuffled`` cases have the rows in random order.
Seconds of ours count the imports, those of peers do not; those called ``loaded`` leave them out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.harness import Case

ROWS = int(os.environ.get("HUIYIN_BENCH_ROWS", "10_000_000"))
ITEMS = [f"y{i}" for i in range(1, 13)]
LEVELS = ["all", "province", "city", "county", "town"]
SCORES: dict[Any, float] = {1: 0, 2: 25, 3: 50, 4: 75, 5: 100}


def sample(rows: int, *, shuffled: bool = False) -> Path:
    """The respondents as one Parquet file, made once."""
    kind = "shuffled" if shuffled else "drawn"
    path = Path(tempfile.gettempdir()) / f"huiyin-bench-{kind}-{rows}.parquet"
    if not path.exists():
        _write(path, rows, shuffled=shuffled)
    return path


def _write(path: Path, rows: int, *, shuffled: bool) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.Generator(np.random.PCG64(1))
    town = rng.integers(0, 40_000, rows)
    if not shuffled:
        town.sort()
    county = town * 2_800 // 40_000

    def codes(index: Any, pattern: str, count: int) -> pa.DictionaryArray:
        labels = pa.array([pattern % i for i in range(count)])
        return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), labels)

    columns: dict[str, Any] = {
        "province": codes(county * 31 // 2_800, "%02d", 31),
        "city": codes(county * 340 // 2_800, "11%04d", 340),
        "county": codes(county, "11%04d00", 2_800),
        "town": codes(town, "1101%08d", 40_000),
        "stratum": codes(county, "s%04d", 2_800),
        "psu": pa.array((town * 8 + rng.integers(0, 8, rows)).astype(np.int32)),
        "w": rng.gamma(4, 25, rows),
    }
    for item in ITEMS:
        values = rng.choice(5, rows, p=[0.05, 0.1, 0.2, 0.4, 0.25]) + 1
        columns[item] = pa.array(values.astype(np.int8))
    unfinished = path.with_suffix(f".{os.getpid()}")
    pq.write_table(pa.table(columns), unfinished, row_group_size=250_000)
    unfinished.rename(path)


def _sql(query: str, path: Path) -> float:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    started = time.perf_counter()
    connection.sql(query.format(file=path)).to_arrow_table()
    return time.perf_counter() - started


def bare(*, shuffled: bool = False) -> Callable[[], float]:
    """Sum every numeric column and read every key: the least that a scan can cost."""
    keys = ", ".join(f"max({name})" for name in [*LEVELS[1:], "stratum"])
    sums = ", ".join(f"sum({name})" for name in ["w", *ITEMS])
    return lambda: _sql(f"SELECT {keys}, {sums} FROM '{{file}}'", sample(ROWS, shuffled=shuffled))


def by_hand(*, scores: bool, shuffled: bool = False) -> Callable[[], float]:
    """The sums that linearised standard errors of all levels need, in the best SQL we know."""
    values = [
        f"({item} - 1) * 25::DOUBLE" if scores else f"({item} IN (4, 5))::DOUBLE" for item in ITEMS
    ]
    inner = ", ".join(f"{value} AS v{i}, w * {value} AS a{i}" for i, value in enumerate(values))
    sums = ["count(*)", "sum(w)", "sum(w * w)"]
    for i in range(len(ITEMS)):
        sums += [f"sum(a{i})", f"sum(w * a{i})"]
        if scores:
            sums += [f"sum(a{i} * a{i})", f"sum(a{i} * v{i})"]
    keys = ", ".join([*LEVELS[1:], "stratum"])
    query = (
        f"SELECT {keys}, {', '.join(sums)} FROM (SELECT {keys}, w, {inner} FROM '{{file}}')"
        f" GROUP BY ALL"
    )
    return lambda: _sql(query, sample(ROWS, shuffled=shuffled))


def all_by_hand(*, scores: bool, shuffled: bool = False) -> Callable[[], float]:
    """Estimates and linearised standard errors of all five levels, in the best SQL we know.

    The sums are taken once, by stratum and town; each level is made from those. No intervals, no
    degrees of freedom, no design effects, no check of anything.
    """
    values = [
        f"({item} - 1) * 25::DOUBLE" if scores else f"({item} IN (4, 5))::DOUBLE" for item in ITEMS
    ]
    inner = ", ".join(f"w * {value} AS a{i}" for i, value in enumerate(values))
    sums = ["count(*) AS n", "sum(w) AS w", "sum(w * w) AS ww"]
    names = ["n", "w", "ww"]
    for i in range(len(ITEMS)):
        sums += [f"sum(a{i}) AS a{i}", f"sum(w * a{i}) AS wa{i}"]
        names += [f"a{i}", f"wa{i}"]
        if scores:
            sums.append(f"sum(a{i} * a{i}) AS aa{i}")
            names.append(f"aa{i}")
    keys = ", ".join([*LEVELS[1:], "stratum"])
    parts = [_level_by_hand(level, names, scores=scores) for level in LEVELS]
    query = (
        f"WITH r AS (SELECT {keys}, w, {inner} FROM '{{file}}'),"
        f" s AS MATERIALIZED (SELECT {keys}, {', '.join(sums)} FROM r GROUP BY ALL),"
        " p AS (SELECT stratum, sum(n) AS nh FROM s GROUP BY stratum) " + " UNION ALL ".join(parts)
    )
    return lambda: _sql(query, sample(ROWS, shuffled=shuffled))


def _level_by_hand(level: str, names: list[str], *, scores: bool) -> str:
    area = "'all'" if level == "all" else level
    added = ", ".join(f"sum({name}) AS {name}" for name in names)
    whole = ", ".join(f"sum({n}) AS {n}_d" for n in names if n[0] in "aw" and n[:2] != "wa")
    shown = []
    for i in range(len(ITEMS)):
        ratio, square = f"a{i}_d / w_d", f"aa{i}" if scores else f"wa{i}"
        second = f"{square} - 2 * {ratio} * wa{i} + ({ratio}) ** 2 * ww"
        first = f"(a{i} - {ratio} * w)"
        shown.append(f"any_value({ratio}) AS e{i}")
        shown.append(
            f"sqrt(sum(nh / (nh - 1) * greatest({second} - {first} ** 2 / nh, 0))) / any_value(w_d)"
            f" AS se{i}"
        )
    return (
        f"(WITH h AS (SELECT stratum, {area} AS area, {added} FROM s GROUP BY ALL),"
        f" d AS (SELECT area, {whole} FROM h GROUP BY area)"
        f" SELECT '{level}' AS level, area, {', '.join(shown)}"
        " FROM h JOIN d USING (area) JOIN p USING (stratum) GROUP BY area)"
    )


def _items(*, scores: bool) -> list[Any]:
    from huiyin import measure as hm

    if scores:
        return [hm.score(item, SCORES) for item in ITEMS]
    return [hm.share(item, of=[4, 5]) for item in ITEMS]


def _load() -> None:
    """What a session has behind it after its first small estimate: the imports, and no data."""
    from huiyin import measure as hm

    hm.estimate({"y": [1, 2, 2], "g": ["a", "b", "b"]}, hm.SurveyDesign(), hm.mean("y"), ["g"])


def ours(
    *,
    scores: bool = False,
    clusters: bool = False,
    shuffled: bool = False,
    rows: int | None = None,
    loaded: bool = False,
) -> Callable[[], float]:
    """From opening the file to the table with standard errors at five levels.

    Imports are counted, unless ``loaded``.
    """

    def run() -> float:
        path = sample(rows or ROWS, shuffled=shuffled)
        if loaded:
            _load()
        started = time.perf_counter()
        from huiyin import measure as hm

        design = hm.SurveyDesign(
            weights="w", strata="stratum", clusters="psu" if clusters else None
        )
        hm.estimate(hm.read(path), design, _items(scores=scores), by=LEVELS)
        return time.perf_counter() - started

    return run


def bootstrap() -> float:
    """500 Rao-Wu replicates of 12 indicators by county on a million respondents."""
    path = sample(1_000_000)
    started = time.perf_counter()
    from huiyin import measure as hm

    design = hm.replicate(hm.SurveyDesign(weights="w", strata="stratum"), "bootstrap", 500, seed=1)
    hm.estimate(hm.read(path), design, _items(scores=False), by=["county"])
    return time.perf_counter() - started


def small(*, loaded: bool = False) -> Callable[[], float]:
    """The size at which peers can take part: 100,000 respondents, 12 means by 2,800 counties."""

    def run() -> float:
        path = sample(100_000)
        if loaded:
            _load()
        started = time.perf_counter()
        from huiyin import measure as hm

        design = hm.SurveyDesign(weights="w", strata="stratum", lonely="certainty")
        hm.estimate(hm.read(path), design, [hm.mean(item) for item in ITEMS], by=["county"])
        return time.perf_counter() - started

    return run


R_SCRIPT = """
suppressMessages(library(survey)); options(survey.lonely.psu = "certainty")
d <- read.csv(commandArgs(TRUE)[1])
design <- svydesign(id = ~1, strata = ~stratum, weights = ~w, data = d)
started <- proc.time()[["elapsed"]]
items <- as.formula(paste("~", paste(paste0("y", 1:12), collapse = "+")))
r <- svyby(items, ~county, design, svymean)
cat(proc.time()[["elapsed"]] - started)
"""


def r_survey() -> float:
    """R survey's svyby on the same 100,000 respondents, reading not counted."""
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "sample.csv"
        table = pq.read_table(sample(100_000), columns=["county", "stratum", "w", *ITEMS])
        csv.write_csv(table.cast(_plain(table.schema)), text)
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT, str(text)], check=True, stdout=subprocess.PIPE, text=True
        )
    return float(done.stdout.split()[-1])


def _plain(schema: Any) -> Any:
    import pyarrow as pa

    return pa.schema(
        [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in schema]
    )


def importing() -> float:
    """``import huiyin.measure`` in a fresh interpreter, with every public name looked up lazily."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import huiyin.measure"], check=True)
    whole = time.perf_counter() - started
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return whole - (time.perf_counter() - started)


TEN = f"{ROWS:,} rows, 12 items, 5 levels"

CASES = [
    Case("bare scan", bare(), note=f"{ROWS:,} rows, same columns", peer="DuckDB"),
    Case("shares by hand", by_hand(scores=False), note="sums only", peer="SQL"),
    Case("scores by hand", by_hand(scores=True), note="sums only", peer="SQL"),
    Case("shares by hand, all of it", all_by_hand(scores=False), peer="SQL",
         note="with standard errors at five levels"),
    Case("scores by hand, all of it", all_by_hand(scores=True), peer="SQL",
         note="with standard errors at five levels"),
    Case("shares", ours(), megabytes=1000, note=TEN,
         baseline="shares by hand, all of it", ratio=1.3),
    Case("scores", ours(scores=True), megabytes=1000, note=TEN,
         baseline="scores by hand, all of it", ratio=1.3),
    Case("shares, loaded", ours(loaded=True), note="imports not counted",
         baseline="shares by hand, all of it", ratio=1.3),
    Case("scores, loaded", ours(scores=True, loaded=True), note="imports not counted",
         baseline="scores by hand, all of it", ratio=1.3),
    Case("shares, against the bare scan", ours(), note=TEN, baseline="bare scan", ratio=3),
    Case("scores, against the bare scan", ours(scores=True), note=TEN, baseline="bare scan",
         ratio=3),
    Case("shares, clustered", ours(clusters=True), megabytes=1000, note=f"{TEN}, 320,000 clusters",
         baseline="shares", ratio=2, repeats=3),
    Case("shuffled bare scan", bare(shuffled=True), note="random order", peer="DuckDB", repeats=3),
    Case("shuffled shares by hand", all_by_hand(scores=False, shuffled=True), note="random order",
         peer="SQL", repeats=3),
    Case("shuffled shares", ours(shuffled=True), megabytes=1000, note="random order",
         baseline="shuffled shares by hand", ratio=1.3, repeats=3),
    Case("bootstrap", bootstrap, seconds=20, megabytes=1000, repeats=3,
         note="500 replicates, 1,000,000 rows, 12 items by county"),
    Case("100,000 by county", small(), note="12 means, 2,800 counties"),
    Case("100,000 by county, loaded", small(loaded=True), note="imports not counted"),
    Case("import", importing, seconds=0.6, note="import huiyin.measure"),
    *(
        Case(f"{rows:,} rows", ours(rows=rows), repeats=3, note="growth with respondents")
        for rows in (100_000, 1_000_000, 10_000_000, 30_000_000)
        if rows <= max(ROWS, 1_000_000) * 3
    ),
]  # fmt: skip

if shutil.which("Rscript"):
    CASES.append(
        Case(
            "100,000 by county, R",
            r_survey,
            peer="R survey",
            repeats=1,
            note="svyby, twelve items at once",
            baseline="100,000 by county, loaded",
        )
    )


SVY_SCRIPT = """
import sys, time
import polars as pl, svy
data = pl.read_parquet(sys.argv[1]).with_columns(pl.col("county", "stratum").cast(pl.String))
drawn = svy.Sample(data, svy.Design(stratum="stratum", wgt="w"))
started = time.perf_counter()
for item in [f"y{i}" for i in range(1, 13)]:
    drawn.estimation.mean(item, by="county")
print(time.perf_counter() - started)
"""
#: A Python that has svy from PyPI, in an environment of its own.
SVY_PYTHON = os.environ.get("HUIYIN_BENCH_SVY", "")


def svy() -> float:
    """The Python package svy on the same 100,000 respondents, reading not counted."""
    done = subprocess.run(
        [SVY_PYTHON, "-c", SVY_SCRIPT, str(sample(100_000))],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout.split()[-1])


if SVY_PYTHON:
    CASES.append(
        Case(
            "100,000 by county, svy",
            svy,
            peer="svy",
            repeats=1,
            note="twelve items, one by one",
            baseline="100,000 by county, loaded",
        )
    )
