"""A small survey with every trait that engines could treat differently."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

REPLICATES = 6

#: Codes of item ``safe`` that are no answer.
NO_ANSWER = (88, 99)


def survey(seed: int, rows: int = 1500) -> pa.Table:
    """Respondents in 4 strata of 6 clusters each, in 3 regions of 4 towns each.

    Codes with leading zeros, whole numbers with gaps, areas that are absent, codes of no answer,
    shares that are text, floats with NaN, numbers as text, unsigned and small types, booleans,
    moments, and weights of very different size.
    """
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 4, rows)
    cluster = stratum * 6 + rng.integers(0, 6, rows)
    region = rng.integers(0, 3, rows)
    town = region * 4 + rng.integers(0, 4, rows)
    weight = np.round(rng.lognormal(2.0, 0.8, rows), 3) + stratum
    mood = 0.3 * region + 0.2 * (cluster % 5) + rng.normal(size=rows)
    columns = {
        "respondent": pa.array(np.arange(1, rows + 1)),
        "w": pa.array(weight),
        "stratum": pa.array([f"0{h}0" for h in stratum]),
        "half": pa.array((stratum // 2).astype(np.uint8)),
        "psu": pa.array(cluster),
        "psu_in_stratum": pa.array((cluster % 6 + 1).astype(np.int16)),
        "psus": pa.array((40 + 10 * stratum).astype(np.float64)),
        "fraction": pa.array((stratum + 1) / 20),
        "region": pa.array([f"51010{r}" for r in region]),
        "town": _with_gaps(rng, pa.array(town * 11), 0.02),
        "sex": pa.array(np.where(rng.random(rows) < 0.48, "男", "女")),
        "age": pa.array(rng.integers(1, 4, rows).astype(np.int32)),
        "safe": _with_gaps(rng, pa.array(_safe(rng, mood)), 0.03),
        "police": pa.array(_scale(mood + rng.normal(size=rows)).astype(np.int8)),
        "courts": pa.array(_scale(mood + 2 * rng.normal(size=rows)).astype(np.float32)),
        "knows": _with_gaps(rng, pa.array(np.where(mood > 0.4, "Yes", "No")), 0.05),
        "told": pa.array(rng.random(rows) < 0.1),
        "spent": pa.array(_spent(rng, rows)),
        "income": pa.array(np.round(2e6 + rng.gamma(2.0, 3e4, rows), 2)),
        "visits": pa.array([str(v) for v in rng.integers(0, 12, rows)]),
        "seconds": pa.array(rng.integers(200, 1500, rows)),
        "started": pa.array(_moments(rng, rows)),
        "interviewer": pa.array([f"i{v:02}" for v in rng.integers(0, 15, rows)]),
        "list_count": pa.array(rng.integers(0, 5, rows)),
        "list_long": pa.array(rng.integers(0, 2, rows)),
        "first": pa.array(rng.integers(1, 5, rows)),
        "second": pa.array(rng.integers(1, 5, rows)),
    }
    for r in range(REPLICATES):
        columns[f"rep_{r + 1}"] = pa.array(weight * rng.choice([0.5, 1.5], rows))
    return pa.table(columns)


def cases(seed: int, rows: int = 1200) -> pa.Table:
    """A telephone sample: cases of both frames, some of whom answered."""
    rng = np.random.default_rng(seed)
    landline, mobile = rng.integers(0, 3, rows), rng.integers(0, 4, rows)
    landline[(landline == 0) & (mobile == 0)] = 1
    reached = np.where(mobile == 0, "landline", "mobile")
    reached[(landline > 0) & (rng.random(rows) < 0.4)] = "landline"
    city = rng.integers(0, 2, rows)
    return pa.table(
        {
            "frame": reached,
            "landlines": landline,
            "mobiles": mobile,
            "persons": pa.array(rng.integers(1, 5, rows).astype(float)),
            "drawn_landline": np.where(city == 0, 900, 1100),
            "city": np.where(city == 0, "0101", "0102"),
            "sex": rng.integers(1, 3, rows),
            "age": rng.integers(1, 5, rows),
            "disposition": rng.choice(["I", "P", "R", "NC", "UH", "NE"], rows).tolist(),
            "answered": rng.random(rows) < 0.45,
            "safe": rng.integers(1, 6, rows),
        }
    )


def _with_gaps(rng: np.random.Generator, column: pa.Array, share: float) -> pa.Array:
    gone = rng.random(len(column)) < share
    return pa.array([None if g else v for g, v in zip(gone, column.to_pylist(), strict=True)],
                    column.type)  # fmt: skip


def _scale(mood: np.ndarray) -> np.ndarray:
    return np.clip(np.round(3 + mood), 1, 5)


def _safe(rng: np.random.Generator, mood: np.ndarray) -> np.ndarray:
    codes = _scale(mood + rng.normal(size=len(mood))).astype(np.int64)
    return np.where(rng.random(len(mood)) < 0.06, rng.choice(NO_ANSWER, len(mood)), codes)


def _spent(rng: np.random.Generator, rows: int) -> np.ndarray:
    spent = np.round(rng.exponential(50, rows), 2)
    spent[rng.random(rows) < 0.04] = np.nan
    return spent


def _moments(rng: np.random.Generator, rows: int) -> list[datetime.datetime]:
    start = datetime.datetime(2024, 5, 1, 9)
    return [start + datetime.timedelta(seconds=int(s)) for s in rng.integers(0, 900_000, rows)]


#: Population of each region by sex, and by age, of the same sum.
REGIONS = [f"51010{r}" for r in range(3)]
SEX = {
    "region": [region for region in REGIONS for _ in range(2)],
    "sex": ["男", "女"] * 3,
    "total": [5000.0, 5200.0, 6000.0, 6100.0, 4000.0, 3800.0],
}
AGE = {
    "region": [region for region in REGIONS for _ in range(3)],
    "age": [1, 2, 3] * 3,
    "total": [3000.0, 3200.0, 4000.0, 4100.0, 4000.0, 4000.0, 2600.0, 2600.0, 2600.0],
}

_SURVEY = """
[survey]
title = "两轮调查"
[[rounds]]
name = "2024H1"
data = "first/*.parquet"
[[rounds]]
name = "2024H2"
data = "second.csv"
[design]
weights = "w"
strata = "stratum"
clusters = "psu"
fpc = "psus"
[calibration]
method = "rake"
within = "region"
bounds = [0.05, 12.0]
[[calibration.margins]]
columns = ["sex"]
totals = "sex.csv"
[[calibration.margins]]
columns = ["age"]
totals = "age.csv"
[areas]
region = "region"
town = "town"
[[indicators]]
name = "safe"
item = "safe"
share_of = [4, 5]
missing = [88, 99]
[[indicators]]
name = "police"
item = "police"
scores = { 1 = 0, 2 = 25, 3 = 50, 4 = 75, 5 = 100 }
[[indicators]]
name = "courts"
item = "courts"
scores = { 1 = 0, 2 = 10, 3 = 50, 4 = 90, 5 = 100 }
[[indicators]]
name = "spent"
item = "spent"
ratio_to = "seconds"
[[indicators]]
name = "income"
item = "income"
numeric = true
statistic = "median"
[[indicators]]
name = "visits"
item = "visits"
numeric = true
[[composites]]
name = "answered by all"
parts = { police = 0.4, courts = 0.6 }
[[composites]]
name = "answered by some"
parts = { police = 0.3, safe = 0.7 }
[ranks]
of = ["answered by some"]
level = "town"
draws = 500
[small_area]
of = ["police", "safe"]
level = "town"
covariates = "towns.csv"
benchmark = "region"
[drivers]
outcome = "safe"
items = ["police", "courts", "visits"]
stated = { columns = ["first", "second"], codes = "items.csv" }
[integrity]
items = ["safe", "police", "courts", "age"]
best = { safe = 5, police = 5, courts = 5, age = 3 }
area = "region"
interviewer = "interviewer"
seconds = "seconds"
started = "started"
told = { column = "told", codes = [true] }
list = { count = "list_count", treatment = "list_long", items = 4 }
missing = [88, 99]
[publish]
minimum_n = 30
"""


def write_survey(folder: Path) -> Path:
    """A survey file of two rounds, and its data: Parquet in two files, and CSV."""
    first, second = survey(11), survey(12)
    (folder / "first").mkdir()
    pq.write_table(first.slice(0, 400), folder / "first" / "a.parquet")
    pq.write_table(first.slice(400), folder / "first" / "b.parquet", row_group_size=300)
    csv.write_csv(second, folder / "second.csv")
    csv.write_csv(pa.table(SEX), folder / "sex.csv")
    csv.write_csv(pa.table(AGE), folder / "age.csv")
    towns = {
        "area": [str(town * 11) for town in range(12)],
        "roads": [(t * 7) % 5 for t in range(12)],
    }
    csv.write_csv(pa.table(towns), folder / "towns.csv")
    items = {"code": [1, 2, 3, 4], "item": ["police", "courts", "visits", "none"]}
    csv.write_csv(pa.table(items), folder / "items.csv")
    path = folder / "survey.toml"
    path.write_text(_SURVEY, encoding="utf-8")
    return path
