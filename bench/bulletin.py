"""The bulletin of a nation: 2,800 counties, 40,000 townships, 12 indicators, two rounds."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.harness import Case
from huiyin.measure.bulletin import IndicatorInfo, Measurement, RoundInfo, write_bulletin
from huiyin.measure.tidy import Tidy

ROUNDS = ("2024H1", "2024H2")
SAME = "not distinguishable"


def nation(counties: int = 2_800, towns: int = 40_000, indicators: int = 12) -> Measurement:
    """Figures without meaning in tables of full size."""
    codes = [f"{110_000 + n:06d}" for n in range(counties)]
    names = {
        "county": {code: f"县{code}" for code in codes},
        "town": {f"{codes[n % counties]}{n // counties:03d}": f"镇{n}" for n in range(towns)},
    }
    infos = [
        IndicatorInfo(f"i{n}", f"指标{n}", "score", composite=n == 0) for n in range(indicators)
    ]
    level = np.array(["all"] + ["county"] * counties + ["town"] * towns, object)
    area = np.array(["all", *names["county"], *names["town"]], object)
    return Measurement(
        title="全国",
        rounds=[RoundInfo(name, 10**7) for name in ROUNDS],
        indicators=infos,
        levels=["all", "county", "town"],
        area_names=names,
        tables=_tables(infos, level, area),
    )


def _tables(infos: list[IndicatorInfo], level: Any, area: Any) -> dict[str, Tidy]:
    rng = np.random.Generator(np.random.PCG64(1))
    estimates, changes = [], []
    for info in infos:
        for name in ROUNDS:
            value, n = rng.normal(76, 3, level.size), rng.integers(10, 150, level.size)
            shown = n >= 30
            estimates.append(
                {
                    "round": [name] * level.size, "indicator": [info.name] * level.size,
                    "level": level, "area": area, "n": n, "estimate": value,
                    "se": np.full(level.size, 1.5), "ci_low": value - 3, "ci_high": value + 3,
                    "published": shown, "why_not": np.where(shown, None, "few-answers"),
                }
            )  # fmt: skip
        change = rng.normal(0, 2, level.size)
        changes.append(
            {
                "round": [ROUNDS[1]] * level.size, "previous": [ROUNDS[0]] * level.size,
                "indicator": [info.name] * level.size, "level": level, "area": area,
                "change": change, "ci_low": change - 4, "ci_high": change + 4,
                "verdict": [SAME] * level.size,
            }
        )  # fmt: skip
    return {"estimates": _stacked(estimates), "changes": _stacked(changes)}


def _stacked(parts: list[dict[str, Any]]) -> Tidy:
    return Tidy.of({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _write(kind: str) -> float:
    made = nation()
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_bulletin(made, Path(folder), [kind])
        return time.perf_counter() - start


CASES = [
    Case(f"nation-{kind}", partial(_write, kind), note="42,801 areas x 12 indicators x 2 rounds",
         repeats=1)
    for kind in ("html", "docx", "pdf", "xlsx")
]  # fmt: skip
