"""R's ``survey`` as the measuring rod: one run of Rscript for all tests of a file.

R exports its own example data and what it computes from them into a directory of the test run;
nothing of either is kept in the project. A script calls

* ``export(name, data)`` for a table that the test shall read,
* ``record(case, indicator, level, area, ...)`` for one figure with whatever belongs to it.
"""

from __future__ import annotations

import functools
import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from huiyin import measure as hm
from huiyin.measure.tidy import Tidy

PRELUDE = r"""
suppressMessages(library(survey))
options(survey.ultimate.cluster=TRUE, survey.lonely.psu="fail", warn=-1)
folder <- commandArgs(trailingOnly=TRUE)[1]
digits <- function(v) ifelse(is.na(v), "null",
  ifelse(is.finite(v), sprintf("%.17g", v), ifelse(v > 0, "Infinity", "-Infinity")))
quoted <- function(v) ifelse(is.na(v), "null", paste0('"', gsub('(["\\\\])', '\\\\\\1', v), '"'))
encode <- function(v) paste0("[", paste(if (is.numeric(v)) digits(v) else quoted(as.character(v)),
                                        collapse=","), "]")
write_table <- function(path, table) writeLines(paste0("{", paste0('"', names(table), '":',
  vapply(table, encode, ""), collapse=","), "}"), path)
export <- function(name, data) write_table(file.path(folder, paste0(name, ".json")),
                                           as.data.frame(data))
figures <- list()
record <- function(case, indicator, level, area, ...) figures[[length(figures) + 1]] <<-
  c(list(case=case, indicator=indicator, level=level, area=as.character(area)), list(...))
write_figures <- function() {
  if (!length(figures)) return()
  columns <- unique(unlist(lapply(figures, names)))
  get_one <- function(f, column) if (is.null(f[[column]])) NA else unname(f[[column]])[1]
  export("figures", setNames(data.frame(lapply(columns, function(column)
    unlist(lapply(figures, get_one, column))), stringsAsFactors=FALSE), columns))
}
example <- function(name) { home <- new.env(); data(list=name, package="survey", envir=home); home }

# a statistic: a formula, the function of package survey, and the columns it needs answered
statistic <- function(name, formula, fun, items, ...)
  list(name=name, formula=formula, fun=fun, items=items, more=list(...))
compute <- function(s, d) do.call(s$fun, c(list(s$formula, design=d, na.rm=TRUE), s$more))
answered <- function(s, d) d[complete.cases(d$variables[, s$items, drop=FALSE]), ]

# the statistic in the whole sample and in the domains of columns, which may have missing values
measure <- function(case, d, s, by=list()) {
  d <- answered(s, d)
  write_one(case, s, "all", "all", d)
  for (columns in by) {
    level <- paste(columns, collapse=" x ")
    parts <- d$variables[, columns, drop=FALSE]
    area <- do.call(paste, c(lapply(parts, as.character), sep=" x "))
    area[!complete.cases(parts)] <- NA
    for (one in sort(unique(area))) write_one(case, s, level, one, d[which(area == one), ])
  }
}
write_one <- function(case, s, level, area, d) {
  x <- compute(s, d)
  df <- degf(d)
  half <- qt(0.975, df) * SE(x)
  record(case, s$name, level, area, estimate=coef(x), se=as.numeric(SE(x)), df=df, n=nrow_used(d),
         ci_low=coef(x) - half, ci_high=coef(x) + half,
         deff=if (has_deff(s, d, x)) as.numeric(deff(x)) else NA,
         sum_of_weights=sum(weights(d, "sampling")))
}
# R divides rounding by zero where everybody answered alike, or one person did
has_deff <- function(s, d, x) !is.null(s$more$deff) && nrow_used(d) > 1 &&
  SE(x) > 1e-12 * abs(coef(x))
nrow_used <- function(d) sum(weights(d, "sampling") != 0)

if (!requireNamespace("MASS", quietly=TRUE)) {
  # survey takes one function from MASS, the pseudo-inverse in the Newton steps of calibrate
  pseudo <- function(x, tol) { s <- svd(x); k <- s$d > tol * s$d[1]
    s$v[, k, drop=FALSE] %*% (t(s$u[, k, drop=FALSE]) / s$d[k]) }
  g <- survey:::grake
  environment(g) <- list2env(list(`::`=function(...) pseudo), parent=asNamespace("survey"))
  assignInNamespace("grake", g, "survey")
}
"""


@dataclass(frozen=True, eq=False)
class Answers:
    """What one run of R left: its tables by name, and its figures."""

    tables: dict[str, pd.DataFrame]

    @property
    def figures(self) -> pd.DataFrame:
        return self.tables["figures"]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def table(self, name: str) -> ibis.Table:
        """The table on one engine for all tests: opening one takes as long as an estimate."""
        return on_engine(name, self)

    def of(self, case: str) -> pd.DataFrame:
        """The figures of one case, indexed by indicator, level and area."""
        chosen = self.figures[self.figures["case"] == case]
        assert len(chosen), f"R recorded nothing for {case}"
        return chosen.set_index(["indicator", "level", "area"])


@functools.cache
def engine() -> Any:
    return hm.connect()


@functools.cache
def on_engine(name: str, answers: Answers) -> ibis.Table:
    return hm.as_ibis(answers[name], engine())


def r_answers(script: str, inputs: dict[str, pd.DataFrame] | None = None) -> Answers:
    """Run ``script`` after the prelude; a second call with the same script costs nothing.

    Args:
        script: in R; tables named in ``inputs`` are read by ``input("name")``.
        inputs: tables that R shall read.
    """
    done = _run(script, _Tables(inputs or {}))
    if isinstance(done, str):
        pytest.skip(done)
    return done


class _Tables(dict[str, pd.DataFrame]):
    """Input tables; the cache tells runs apart by their script alone."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Tables)


@functools.cache
def _run(script: str, inputs: _Tables) -> Answers | str:
    program = shutil.which("Rscript")
    if program is None:
        return "R is missing (Debian: r-base-core, r-cran-survey)"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for table, frame in inputs.items():
            frame.to_csv(folder / f"{table}.csv", index=False)
        reader = 'input <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))\n'
        (folder / "script.R").write_text(
            PRELUDE + reader + script + "\nwrite_figures()\n", encoding="utf-8"
        )
        done = subprocess.run(
            [program, "--vanilla", str(folder / "script.R"), name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if "no package called" in done.stderr:
            return "R's survey package is missing (Debian: r-base-core, r-cran-survey)"
        assert done.returncode == 0, done.stderr
        found = sorted(folder.glob("*.json"))
        return Answers({path.stem: _frame(json.loads(path.read_text("utf-8"))) for path in found})


def _frame(columns: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def hold_against(
    ours: Tidy, theirs: pd.DataFrame, columns: Iterable[str], rel: float, absolute: float = 0.0
) -> int:
    """Every figure of R stands in our table, equal to ``rel``; returns how many were compared."""
    rows = {
        (
            row["indicator"],
            row["level"].replace(" × ", " x "),
            row["area"].replace(" × ", " x "),
        ): row
        for row in ours.rows()
    }
    wrong = []
    compared = 0
    for place, expected in theirs.iterrows():
        assert place in rows, f"{place} is missing from our table"
        for column in columns:
            wanted, got = expected[column], rows[place][column]
            compared += 1
            if not same(got, wanted, rel, absolute):
                wrong.append(f"{place} {column}: R {wanted!r}, here {got!r}")
    assert not wrong, "\n".join(wrong[:12]) + f"\n({len(wrong)} of {compared})"
    return compared


def same(got: float | None, wanted: float | None, rel: float, absolute: float = 0.0) -> bool:
    """Equal to ``rel``; null here stands for R's NA, NaN and infinite limits."""
    nothing = wanted is None or not math.isfinite(wanted)
    if got is None or nothing:
        return got is None and nothing
    return math.isclose(got, float(wanted or 0.0), rel_tol=rel, abs_tol=absolute)
