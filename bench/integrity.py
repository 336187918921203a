"""Time and memory of the integrity checks on a round of about 11,000 interviews."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.harness import Case

INTERVIEWS = 11_000
AREAS = 102


def _round(items: int) -> dict[str, Any]:
    """Answers on a five-point scale that go together within a person, and times."""
    random = np.random.default_rng(1)
    area = np.sort(random.integers(0, AREAS, INTERVIEWS))
    content = random.normal(0, 0.35, AREAS)[area] + random.normal(0, 1.2, INTERVIEWS)
    cuts = random.normal(0, 0.4, (items, 1)) + np.array([0.2, 1.4, 2.4, 3.4])
    latent = random.logistic(-content[:, None], 0.6, (INTERVIEWS, items))
    table: dict[str, Any] = {
        f"q{j}": 1 + (latent[:, j, None] > cuts[j]).sum(axis=1) for j in range(items)
    }
    table["area"] = area
    table["interviewer"] = random.integers(0, 60, INTERVIEWS)
    table["seconds"] = np.exp(random.normal(6, 0.35, INTERVIEWS))
    table["started"] = 1.7e9 + random.permutation(INTERVIEWS) * 700.0
    return table


def _items(table: dict[str, Any]) -> list[str]:
    return [name for name in table if name.startswith("q")]


def _near_duplicates(items: int) -> Callable[[], float]:
    def call() -> float:
        from huiyin.measure.integrity_checks import Interviews, near_duplicates

        table = _round(items)
        read = Interviews.read(table, items=_items(table), best=1, area="area")
        started = time.perf_counter()
        near_duplicates(read)
        return time.perf_counter() - started

    return call


def _report(items: int) -> Callable[[], float]:
    def call() -> float:
        from huiyin.measure.integrity_checks import integrity

        table = _round(items)
        names = _items(table)
        started = time.perf_counter()
        integrity(
            table, items=names, best=1, interviewer="interviewer", seconds="seconds",
            started="started", minimum_seconds=dict.fromkeys(names, 3.0),
        )  # fmt: skip
        return time.perf_counter() - started

    return call


CASES: list[Case] = [
    Case("near-duplicates 40 items", _near_duplicates(40), seconds=10, megabytes=1000, repeats=3,
         note="11,000 interviews, all 60 million pairs, with calibration"),
    Case("near-duplicates 12 items", _near_duplicates(12), seconds=10, megabytes=1000, repeats=3,
         note="11,000 interviews, all 60 million pairs, with calibration"),
    Case("whole report", _report(12), seconds=15, megabytes=1000, repeats=3,
         note="11,000 interviews x 12 items, 102 areas, 60 interviewers, lengths and starts"),
]  # fmt: skip
