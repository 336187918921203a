"""Quantiles and their Woodruff intervals are R's ``svyquantile`` as it stands (P-18).

R's default: the ``math`` rule (the smallest value whose cumulated weight reaches the probability)
and ``interval.type = "mean"`` (the interval of the share at or below, inverted); the standard
error is the interval's width over twice the t quantile.

One difference: where a probability lies below the first step, R's rule gives the second smallest
value. The smallest already reaches it, so here it is the smallest.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.r_survey import Answers, r_answers, same

from huiyin import measure as hm

R = r"""
api <- example("api")
holes <- function(v, step) { v[seq_along(v) %% step == 0] <- NA; v }
for (name in c("apisrs", "apistrat", "apiclus1")) {
  api[[name]]$asked <- holes(api[[name]]$api00, 6)
  api[[name]]$coarse <- round(api[[name]]$asked, -2)
  api[[name]]$area <- holes(as.character(api[[name]]$stype), 10)
}
margin <- function(name, counts) setNames(data.frame(names(counts), counts), c(name, "Freq"))
strata <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=api$apistrat)
designs <- list(
  srs=svydesign(id=~1, weights=~pw, fpc=~fpc, data=api$apisrs),
  strata=strata,
  clusters=svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=api$apiclus1),
  raked=rake(strata, list(~stype, ~sch.wide), list(margin("stype", c(E=4421, H=755, M=1018)),
    margin("sch.wide", c(No=1072, Yes=5122))), control=list(epsilon=1e-12, maxit=1000)))
designs$replicates <- as.svrepdesign(designs$clusters, type="JK1", compress=FALSE)
x <- matrix(as.numeric(unclass(weights(designs$replicates, "analysis"))), nrow=183)
colnames(x) <- paste0("rep_", 1:15)
api$apiclus1 <- cbind(api$apiclus1, x)
scales <- with(designs$replicates, data.frame(scale=scale, rscales=rep_len(rscales, 15)))
export("scales", scales)
for (name in c("apisrs", "apistrat", "apiclus1")) export(name, api[[name]])
at <- c(0.1037, 0.247, 0.5, 0.753, 0.9031)
one <- function(case, item, level, area, d) {
  d <- d[!is.na(d$variables[[item]]), ]
  # a calibrated design keeps the rows it left out, with weight zero
  d$variables[[item]][is.na(d$variables[[item]])] <- 0
  df <- if (case == "replicates") 14 else degf(d)
  x <- sort(d$variables[[item]][weights(d, "sampling") != 0])
  q <- svyquantile(reformulate(item), d, at, df=df)[[1]]
  for (i in seq_along(at)) record(case, item, level, area, quantile=at[i], estimate=q[i, 1],
    ci_low=q[i, 2], ci_high=q[i, 3], se=q[i, 4], df=df,
    n=sum(weights(d, "sampling") != 0), lowest=x[1], second=x[2])
}
for (case in names(designs)) for (item in c("asked", "coarse")) {
  d <- designs[[case]]
  one(case, item, "all", "all", d)
  for (area in c("E", "H", "M")) one(case, item, "area", area, d[which(d$variables$area == area), ])
}
"""

DESIGNS = {
    "srs": ("apisrs", hm.SurveyDesign(weights="pw", fpc="fpc")),
    "strata": ("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")),
    "clusters": ("apiclus1", hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc")),
    "raked": ("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")),
    "replicates": ("apiclus1", hm.SurveyDesign(weights="pw")),
}
AT = [0.1037, 0.247, 0.5, 0.753, 0.9031]
MARGINS = [
    {"stype": {"E": 4421, "H": 755, "M": 1018}},
    {"sch.wide": {"No": 1072, "Yes": 5122}},
]


def answers() -> Answers:
    return r_answers(R)


@pytest.mark.needs_r
@pytest.mark.parametrize("case", DESIGNS)
def test_quantiles_are_rs_in_the_whole_and_in_domains_with_missing_values(case: str) -> None:
    name, design = DESIGNS[case]
    data = answers().table(name)
    if case == "raked":
        design = hm.rake(data, design, MARGINS, tolerance=1e-12)
    if case == "replicates":
        scales = answers()["scales"]
        columns = tuple(c for c in data.columns if c.startswith("rep_"))
        design = design.replace(
            replicates=hm.Replicates(
                "jk1", columns, scale=scales["scale"][0], rscales=tuple(scales["rscales"])
            )
        )
    for item in ("asked", "coarse"):
        ours = hm.quantile(data, design, item, AT, ["all", "area"])
        rows = {(row["level"], row["area"], row["quantile"]): row for row in ours.rows()}
        theirs = answers().of(case).loc[item].reset_index()
        assert len(rows) == len(theirs) == 20
        for expected in theirs.to_dict("records"):
            row = rows[expected["level"], expected["area"], expected["quantile"]]
            hold_row(row, expected)


def hold_row(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """Equal to R, except where R's lower limit is the second smallest value, not the first."""
    below = row["ci_low"] == expected["lowest"] and expected["ci_low"] == expected["second"]
    for column in ("df", "n", "estimate", "ci_high", *(() if below else ("ci_low", "se"))):
        assert same(row[column], expected[column], 1e-10), (column, row, expected)


SMALL = pd.DataFrame({"y": [3.0, 1.0, 2.0, 4.0], "w": [1.0, 1.0, 1.0, 1.0]})


def test_a_probability_that_is_reached_exactly_gives_the_value_that_reaches_it() -> None:
    """Boundaries of the rule: just below, at and just above the step of two in four."""
    design = hm.SurveyDesign(weights="w")
    found = hm.quantile(SMALL, design, "y", [0.5 - 1e-6, 0.5, 0.5 + 1e-6])
    assert [row["estimate"] for row in found.rows()] == [2.0, 2.0, 3.0]


def test_thirds_that_add_up_but_for_rounding_have_been_reached() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 3.0], "w": [0.1, 0.1, 0.1]})
    found = hm.quantile(data, hm.SurveyDesign(weights="w"), "y", [1 / 3, 2 / 3])
    assert [row["estimate"] for row in found.rows()] == [1.0, 2.0]


def test_an_area_where_nobody_answered_keeps_its_row_and_moves_no_other() -> None:
    data = pd.DataFrame(
        {
            "area": ["a", "a", "a", "b", "b", "c", "c", "c"],
            "y": [1.0, 2.0, 3.0, None, None, 7.0, 8.0, 9.0],
        }
    )
    found = hm.quantile(data, hm.SurveyDesign(), "y", [0.5], ["area"]).rows()
    assert [(row["area"], row["n"], row["estimate"]) for row in found] == [
        ("a", 3, 2.0),
        ("b", 0, None),
        ("c", 3, 8.0),
    ]
    assert [row["df"] for row in found] == [2.0, 0.0, 2.0]


def test_rows_without_an_area_leave_the_level_and_stay_in_the_whole() -> None:
    data = pd.DataFrame({"area": ["a", "a", "a", None, None], "y": [1.0, 2.0, 3.0, 10.0, 20.0]})
    found = {
        r["area"]: r
        for r in hm.quantile(data, hm.SurveyDesign(), "y", [0.5], ["all", "area"]).rows()
    }
    assert (found["all"]["n"], found["all"]["estimate"]) == (5, 3.0)
    assert (found["a"]["n"], found["a"]["estimate"]) == (3, 2.0)


def test_rows_without_weight_do_not_count() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 3.0, 99.0], "w": [1.0, 1.0, 1.0, 0.0]})
    (row,) = hm.quantile(data, hm.SurveyDesign(weights="w"), "y", [0.99]).rows()
    assert (row["estimate"], row["n"], row["df"]) == (3.0, 3, 2.0)


def test_codes_of_missing_answers_are_left_out() -> None:
    data = pd.DataFrame({"y": [1, 2, 3, 99, 99, 99]})
    (row,) = hm.quantile(data, hm.SurveyDesign(), "y", [0.5], missing=[99]).rows()
    assert (row["estimate"], row["n"]) == (2.0, 3)


@pytest.mark.parametrize("at", [[0.0], [1.0], [-0.1], [1.5], [math.nan], []])
def test_probabilities_lie_between_zero_and_one(at: list[float]) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.quantile(SMALL, hm.SurveyDesign(), "y", at)
    assert wrong.value.code == "probability-out-of-range"


def test_an_item_without_any_answer_is_an_error() -> None:
    data = pd.DataFrame({"y": [None, None], "area": ["a", "b"]}, dtype=object)
    with pytest.raises(hm.MeasureError) as wrong:
        hm.quantile(data, hm.SurveyDesign(), "y", [0.5], ["area"])
    assert wrong.value.code == "item-all-missing"


@settings(max_examples=12, deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=30),
    p=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_a_quantile_is_a_value_of_the_file_with_that_share_of_weight_at_or_below(
    values: list[float], p: float, seed: int
) -> None:
    """Whatever the digits of the values: what is compared on the engine must not be rounded."""
    weights = np.random.Generator(np.random.PCG64(seed)).uniform(0.5, 2, len(values))
    data = pd.DataFrame({"y": values, "w": weights})
    (row,) = hm.quantile(data, hm.SurveyDesign(weights="w"), "y", [p]).rows()
    assert row["estimate"] in values
    share = weights / weights.sum()
    y = np.array(values)
    assert share[y <= row["estimate"]].sum() >= p - 1e-11
    assert share[y < row["estimate"]].sum() < p + 1e-11
