"""Derived importance with bootstrap intervals."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bench.harness import Case


def _survey(rows: int, items: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    level = rng.normal(size=rows)
    table: dict[str, Any] = {}
    for at in range(items + 1):
        answer = np.round(3 + 0.6 * level + 0.8 * rng.normal(size=rows))
        table[f"i{at}"] = np.clip(answer, 1, 5).astype(np.int8)
    return table | {
        "w": rng.uniform(1, 3, rows),
        "h": rng.integers(0, 16, rows),
        "c": rng.integers(0, 800, rows),
    }


def _timed(rows: int, items: int, clusters: str | None = None, **options: Any) -> float:
    import pyarrow as pa

    from huiyin.measure.design import SurveyDesign
    from huiyin.measure.key_drivers import drivers

    table = pa.table(_survey(rows, items))
    design = SurveyDesign(weights="w", strata="h", clusters=clusters, nest=True)
    names = [f"i{at}" for at in range(1, items + 1)]
    started = time.perf_counter()
    drivers(table, design, outcome="i0", items=names, **options)
    return time.perf_counter() - started


CASES = [
    Case("12 items, 22,000 respondents", lambda: _timed(22_000, 12), note="500 replicates"),
    Case("12 items, 800 clusters", lambda: _timed(22_000, 12, "c"), note="500 replicates"),
    Case("12 items, pairwise", lambda: _timed(22_000, 12, incomplete="pairwise")),
    Case("20 items, sampled orders", lambda: _timed(22_000, 20), note="1,000 orders"),
    Case("12 items, 1 million respondents", lambda: _timed(1_000_000, 12), repeats=3),
]
