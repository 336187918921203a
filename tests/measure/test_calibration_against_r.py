"""Calibration agrees with R's ``survey`` in weights, estimates and standard errors (P-18).

R runs while the tests run; nothing it prints is kept. R's ``rake`` is asked for full convergence
(its default stops when no cell moves by more than one person).
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from huiyin.measure.calibration import Calibration, calibrate, poststratify, rake
from huiyin.measure.design import SurveyDesign

pytestmark = pytest.mark.needs_r

R = """
suppressMessages(library(survey)); data(api)
if (!requireNamespace("MASS", quietly=TRUE)) {
  # survey takes one function from MASS, the pseudo-inverse in its Newton steps.
  pseudo <- function(x, tol) { s <- svd(x); k <- s$d > tol * s$d[1]
    s$v[, k, drop=FALSE] %*% (t(s$u[, k, drop=FALSE]) / s$d[k]) }
  g <- survey:::grake
  environment(g) <- list2env(list(`::`=function(...) pseudo), parent=asNamespace("survey"))
  assignInNamespace("grake", g, "survey")
}
srs <- svydesign(id=~1, weights=~pw, fpc=~fpc, data=apisrs)
strat <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=apistrat)
clus1 <- svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=apiclus1)
bounds <- list(srs=c(0.92, 1.1), strat=c(0.9645, 1.035), clus1=c(0.6, 1.6))
designs <- list(srs=srs, strat=strat, clus1=clus1)
margin <- function(f) { t <- as.data.frame(xtabs(f, apipop)); names(t)[ncol(t)] <- "Freq"; t }
tight <- list(epsilon=1e-13, maxit=1000)
types <- c(`(Intercept)`=6194, stypeH=755, stypeM=1018)
cal <- function(d, ...) calibrate(d, ~stype+api99, c(types, api99=3914069), ..., epsilon=1e-13,
                                  maxit=200)
fits <- list(
  poststratified=function(d, b) postStratify(d, ~sch.wide, margin(~sch.wide)),
  raked=function(d, b) rake(d, list(~stype, ~sch.wide), list(margin(~stype), margin(~sch.wide)),
                         control=tight),
  raked_three=function(d, b) rake(d, list(~stype, ~sch.wide, ~awards),
    list(margin(~stype), margin(~sch.wide), margin(~awards)), control=tight),
  linear=function(d, b) cal(d),
  linear_bounded=function(d, b) cal(d, bounds=b),
  linear_margins=function(d, b) calibrate(d, list(~stype, ~sch.wide),
    list(xtabs(~stype, apipop), xtabs(~sch.wide, apipop))),
  logit=function(d, b) cal(d, calfun="logit", bounds=b),
  exponential=function(d, b) cal(d, calfun="raking"))
out <- NULL
weights <- NULL
for (d in names(designs)) for (f in names(fits)) {
  x <- fits[[f]](designs[[d]], bounds[[d]])
  m <- svymean(~api00, x); t <- svytotal(~enroll, x)
  out <- rbind(out, data.frame(design=d, fit=f, mean=coef(m), mean_se=c(SE(m)), total=coef(t),
                               total_se=c(SE(t))))
  weights <- rbind(weights, data.frame(design=d, fit=f, weight=weights(x)))
}
jk <- as.svrepdesign(clus1, compress=FALSE)
analysis <- function(d) matrix(as.numeric(unclass(weights(d, "analysis"))), nrow=nrow(d))
replicates <- data.frame(base=analysis(jk), raked=analysis(rake(jk, list(~stype, ~sch.wide),
  list(margin(~stype), margin(~sch.wide)), control=tight)))
show <- function(name, x) { cat("##", name, "\\n", sep="")
  x[] <- lapply(x, function(v) if (is.numeric(v)) sprintf("%.17g", v) else v)
  write.csv(x, stdout(), row.names=FALSE) }
show("results", out); show("weights", weights); show("replicates", replicates)
show("srs", apisrs); show("strat", apistrat); show("clus1", apiclus1)
show("population", apipop[, c("stype", "sch.wide", "awards")])
"""


@cache
def run_r() -> subprocess.CompletedProcess[str] | None:
    """R's run, once for all tests; None without R."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    return subprocess.run([program, "-e", R], capture_output=True, text=True, check=False)


@cache
def read_r(text: str) -> dict[str, pd.DataFrame]:
    tables = {}
    for part in text.split("##")[1:]:
        name, _, rows = part.partition("\n")
        tables[name] = pd.read_csv(io.StringIO(rows), keep_default_na=False, na_values=["NA"])
    return tables


def from_r() -> dict[str, pd.DataFrame]:
    """What R prints, one table per name."""
    done = run_r()
    if done is None or "no package called ‘survey’" in done.stderr:
        pytest.skip("R or its survey package is missing (Debian: r-base-core, r-cran-survey)")
    assert done.returncode == 0, done.stderr
    return read_r(done.stdout)


@dataclass(frozen=True)
class Sample:
    name: str
    design: SurveyDesign
    bounds: tuple[float, float]

    @property
    def data(self) -> pd.DataFrame:
        return from_r()[self.name]


SAMPLES = {
    "srs": Sample("srs", SurveyDesign(weights="pw", fpc="fpc"), (0.92, 1.1)),
    "strat": Sample(
        "strat", SurveyDesign(weights="pw", strata="stype", fpc="fpc"), (0.9645, 1.035)
    ),
    "clus1": Sample("clus1", SurveyDesign(weights="pw", clusters="dnum", fpc="fpc"), (0.6, 1.6)),
}


def margin(column: str) -> dict[str, dict[str, int]]:
    return {column: from_r()["population"][column].value_counts().to_dict()}


def fit(sample: Sample, name: str) -> Calibration:
    data, design = sample.data, sample.design
    margins = [margin("stype"), margin("sch.wide"), margin("awards")]
    api99 = {"api99": 3914069}
    fits: dict[str, Any] = {
        "poststratified": lambda: poststratify(data, design, margins[1]),
        "raked": lambda: rake(data, design, margins[:2]),
        "raked_three": lambda: rake(data, design, margins, max_iterations=5000),
        "linear": lambda: calibrate(data, design, margins[0], numeric=api99),
        "linear_bounded": lambda: calibrate(
            data, design, margins[0], bounds=sample.bounds, numeric=api99
        ),
        "linear_margins": lambda: calibrate(data, design, margins[:2]),
        "logit": lambda: calibrate(data, design, margins[0], "logit", sample.bounds, numeric=api99),
        "exponential": lambda: calibrate(data, design, margins[0], "raking", numeric=api99),
    }
    calibration = fits[name]().calibration
    assert isinstance(calibration, Calibration)
    return calibration


def cell_sums(cell: Any, values: Any, calibration: Calibration) -> npt.NDArray[np.float64]:
    return np.bincount(cell, values, len(calibration.n)).astype(np.float64)


def cell_of(calibration: Calibration, data: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Number of each respondent's cell, by the values of the cell columns."""
    cells = calibration.cells.to_pandas()
    number = {tuple(row): at for at, row in enumerate(cells[list(calibration.columns)].values)}
    return np.array([number[tuple(row)] for row in data[list(calibration.columns)].values])


def estimate(calibration: Calibration, sample: Sample, z: npt.NDArray[np.float64]) -> float:
    """Standard error of Σ w·z from rows, Taylor linearisation with ultimate clusters."""
    data, cell = sample.data, cell_of(calibration, sample.data)
    base = data["pw"].to_numpy()
    v = base if calibration.regression_weight == "base" else np.ones(len(data))
    sums = cell_sums(cell, v * z, calibration)[:, None]
    residual = (z - calibration.fitted(sums)[cell, 0]) * base * calibration.factor[cell]
    frame = pd.DataFrame({"e": residual, "fpc": data["fpc"]})
    frame["h"] = data["stype"] if sample.design.strata else 0
    frame["c"] = data["dnum"] if sample.design.clusters else np.arange(len(data))
    clusters = frame.groupby(["h", "c"]).agg(e=("e", "sum"), fpc=("fpc", "first"))
    variance = 0.0
    for _, stratum in clusters.groupby(level="h"):
        n = len(stratum)
        spread = ((stratum["e"] - stratum["e"].mean()) ** 2).sum()
        variance += (1 - n / stratum["fpc"].iloc[0]) * n / (n - 1) * spread
    return float(np.sqrt(variance))


FITS = (
    "poststratified",
    "raked",
    "raked_three",
    "linear",
    "linear_bounded",
    "linear_margins",
    "logit",
    "exponential",
)


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("design", SAMPLES)
def test_weights_are_those_of_r(design: str, name: str) -> None:
    sample = SAMPLES[design]
    calibration = fit(sample, name)
    theirs = from_r()["weights"].query("design == @design and fit == @name")["weight"].to_numpy()
    cell = cell_of(calibration, sample.data)
    ours = sample.data["pw"].to_numpy() * calibration.factor[cell]
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("design", SAMPLES)
def test_standard_errors_of_means_and_totals_are_those_of_r(design: str, name: str) -> None:
    sample = SAMPLES[design]
    calibration = fit(sample, name)
    theirs = from_r()["results"].query("design == @design and fit == @name").iloc[0]
    cell = cell_of(calibration, sample.data)
    weight = sample.data["pw"].to_numpy() * calibration.factor[cell]
    api00, enroll = (sample.data[c].to_numpy(float) for c in ("api00", "enroll"))
    mean = weight @ api00 / weight.sum()
    found = [
        mean,
        estimate(calibration, sample, (api00 - mean) / weight.sum()),
        weight @ enroll,
        estimate(calibration, sample, enroll),
    ]
    expected = theirs[["mean", "mean_se", "total", "total_se"]].to_numpy(float)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_replicate_weights_raked_one_by_one_are_those_of_r() -> None:
    sample = SAMPLES["clus1"]
    calibration = fit(sample, "raked")
    table = from_r()["replicates"]
    base = table.filter(like="base").to_numpy(float)
    theirs = table.filter(like="raked").to_numpy(float)
    cell = cell_of(calibration, sample.data)
    sums = np.stack([cell_sums(cell, b, calibration) for b in base.T], axis=1)
    np.testing.assert_allclose(base * calibration.refit(sums)[cell], theirs, rtol=1e-8)
