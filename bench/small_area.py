"""Small-area models at the size of a nation: 40,000 townships.

R package sae, where it is installed, does the same Fay-Herriot model with mean squared errors at
2,800 counties: its m x m matrices leave no room for more.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import Any

import numpy as np

from bench.harness import Case

TOWNSHIPS, COUNTIES, COVARIATES = 40_000, 2_800, 5


def _warm() -> None:
    """Import what the models import, so that the models are timed and not the imports."""
    from huiyin.measure.small_area import battese_harter_fuller, fay_herriot

    some = np.arange(20.0)
    fay_herriot(
        {"y": 50 + some % 7, "v": 1 + some, "n": 5 + some, "w": 1 + some},
        direct="y",
        variance="v",
        scale="logit",
        n="n",
        benchmark=("w", 53.0),
        benchmark_method="odds",
    )
    battese_harter_fuller(
        {"a": some % 5, "y": some}, y="y", area="a", draws=1, population_means={"a": np.arange(5.0)}
    )


def _areas(m: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(m, COVARIATES))
    v = rng.uniform(0.5, 20.0, m)
    y = 80 + x @ np.arange(1.0, COVARIATES + 1) + 2 * rng.normal(size=m)
    y += np.sqrt(v) * rng.normal(size=m)
    y[rng.random(m) < 0.1] = np.nan
    return {
        "area": [f"{at:09d}" for at in range(m)],
        "y": y,
        "v": v,
        "n": rng.integers(2, 60, m),
        "people": rng.integers(500, 90_000, m),
        **{f"x{k}": x[:, k] for k in range(COVARIATES)},
    }


def _fay_herriot(m: int, **options: Any) -> float:
    from huiyin.measure.small_area import fay_herriot

    areas = _areas(m)
    names = [f"x{k}" for k in range(COVARIATES)]
    _warm()
    started = time.perf_counter()
    result = fay_herriot(areas, direct="y", variance="v", covariates=names, **options)
    taken = time.perf_counter() - started
    assert result["mse"].null_count == 0
    return taken


def _shares(m: int) -> float:
    from huiyin.measure.small_area import fay_herriot

    rng = np.random.default_rng(2)
    x = rng.normal(size=m)
    n = rng.integers(2, 60, m)
    p = rng.binomial(n, 1 / (1 + np.exp(-(2.6 + 0.4 * x + 0.3 * rng.normal(size=m))))) / n
    areas = {
        "y": 100 * p,
        "v": 1e4 * p * (1 - p) / (n - 1),
        "n": n,
        "x": x,
        "people": rng.integers(500, 90_000, m),
    }
    _warm()
    started = time.perf_counter()
    fay_herriot(
        areas,
        direct="y",
        variance="v",
        covariates=["x"],
        scale="logit",
        n="n",
        smooth="gvf",
        benchmark=("people", 93.0),
        benchmark_method="odds",
    )
    return time.perf_counter() - started


def _units(areas: int, per_area: int, mse: str) -> float:
    from huiyin.measure.small_area import battese_harter_fuller

    rng = np.random.default_rng(3)
    area = np.repeat(np.arange(areas), per_area)
    x = rng.normal(size=area.size)
    y = 70 + 3 * x + 2 * rng.normal(size=areas)[area] + 8 * rng.normal(size=area.size)
    means = {"area": np.arange(areas), "x": np.zeros(areas)}
    _warm()
    started = time.perf_counter()
    battese_harter_fuller(
        {"area": area, "x": x, "y": y},
        y="y",
        covariates=["x"],
        area="area",
        population_means=means,
        mse=mse,
    )  # type: ignore[arg-type]
    return time.perf_counter() - started


SAE = """
suppressMessages(library(sae))
set.seed(1); m <- %d; x <- matrix(rnorm(m * 5), m); v <- runif(m, .5, 20)
y <- as.vector(80 + x %%*%% (1:5) + 2 * rnorm(m) + sqrt(v) * rnorm(m))
cat(system.time(mseFH(y ~ x, v))[["elapsed"]])
"""


def _r_sae() -> float:
    run = subprocess.run(
        ["Rscript", "-e", SAE % COUNTIES], check=True, capture_output=True, text=True
    )
    return float(run.stdout)


def _has_sae() -> bool:
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(sae)"], capture_output=True).returncode == 0


CASES: list[Case] = [
    Case(
        "fay-herriot 40,000",
        lambda: _fay_herriot(TOWNSHIPS),
        seconds=1.0,
        megabytes=1000,
        note="40,000 townships, 5 covariates, 10 % without a sample, REML with MSE",
    ),
    Case(
        "fay-herriot 40,000 ml",
        lambda: _fay_herriot(TOWNSHIPS, method="ml"),
        seconds=1.0,
        note="the same by ML",
    ),
    Case(
        "fay-herriot 40,000 shares",
        lambda: _shares(TOWNSHIPS),
        megabytes=1000,
        note="shares at n 2-59: variance function, logit, way back, benchmark by odds",
    ),
    Case(
        "fay-herriot 2,800",
        lambda: _fay_herriot(COUNTIES),
        note="2,800 counties",
        baseline="sae 2,800" if _has_sae() else None,
    ),
    Case(
        "unit level 1,000,000 units, 2,800 areas, bootstrap",
        lambda: _units(COUNTIES, 357, "bootstrap"),
        repeats=3,
        megabytes=1000,
        note="1 million respondents to moments, 200 bootstrap draws",
    ),
    Case(
        "unit level 40,000 areas, analytic",
        lambda: _units(TOWNSHIPS, 5, "analytic"),
        repeats=3,
        note="200,000 respondents in 40,000 townships",
    ),
    Case(
        "unit level 40,000 areas, bootstrap",
        lambda: _units(TOWNSHIPS, 5, "bootstrap"),
        repeats=1,
        note="the same with 200 bootstrap draws",
    ),
]
if _has_sae():
    CASES.append(Case("sae 2,800", _r_sae, peer="R sae", repeats=3, note="mseFH, 2,800 counties"))
