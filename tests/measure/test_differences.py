"""Differences between groups and rounds, and the figure of a year, are R's contrasts (P-18).

R: ``svycontrast(svyby(..., covmat=TRUE), ...)``, whose covariance holds whatever the groups share;
the pooled year is the stacked sample with the halves as strata.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from tests.measure.r_survey import Answers, hold_against, r_answers

from huiyin import measure as hm

R = r"""
api <- example("api"); nhanes <- example("nhanes")$nhanes
holes <- function(v, step) { v[seq_along(v) %% step == 0] <- NA; v }
for (name in c("apistrat", "apiclus1")) {
  api[[name]]$asked <- holes(api[[name]]$api00, 7); export(name, api[[name]])
}
export("nhanes", nhanes)
strata <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=api$apistrat)
designs <- list(
  strata=strata,
  clusters=svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=api$apiclus1),
  people=svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR, data=nhanes),
  poststratified=postStratify(strata, ~awards, data.frame(awards=c("No", "Yes"),
                                                         Freq=c(2027, 4167))))
schools <- list(
  statistic("mean", ~asked, svymean, "asked"),
  statistic("total", ~enroll, svytotal, "enroll"),
  statistic("ratio", ~api.stu, svyratio, c("api.stu", "enroll"), denominator=~enroll),
  statistic("share", ~I(100 * (awards == "Yes")), svymean, "awards"))
people <- list(statistic("share", ~I(100 * HI_CHOL), svymean, "HI_CHOL"))

note <- function(case, s, level, area, d, first, second, x) {
  df <- degf(d); t <- coef(x) / SE(x)
  record(case, s$name, level, area, first=first, second=second, change=coef(x),
         se=as.numeric(SE(x)), df=df, p=2 * pt(-abs(t), df),
         ci_low=coef(x) - qt(0.975, df) * SE(x), ci_high=coef(x) + qt(0.975, df) * SE(x))
}
contrast <- function(case, d, s, between, groups, level, area) {
  d <- answered(s, d)
  d <- d[which(d$variables[[between]] %in% groups), ]
  by <- do.call(svyby, c(list(s$formula, reformulate(between), d, s$fun, covmat=TRUE), s$more))
  names <- as.character(by[[1]])
  value <- coef(by)[match(groups, names)]
  x <- svycontrast(by, ifelse(names == groups[2], 1, -1))
  note(case, s, level, area, d, value[1], value[2], x)
}
# svyby cannot give the covariance of a calibrated design: the same contrast from totals
contrast_of_totals <- function(case, d, s, between, groups, level, area) {
  d <- answered(s, d)
  v <- d$variables
  zero <- function(x) ifelse(is.na(x), 0, x)
  top <- zero(model.matrix(s$formula, model.frame(s$formula, v, na.action=na.pass))[, 2])
  base <- s$more$denominator
  below <- if (is.null(base)) rep(1, nrow(v)) else zero(v[[all.vars(base)]])
  if (identical(s$fun, svytotal)) below <- NULL
  for (i in 1:2) {
    here <- zero(v[[between]] == groups[i])
    d <- if (i == 1) update(d, a1=top * here, b1=if (is.null(below)) 1 else below * here)
      else update(d, a2=top * here, b2=if (is.null(below)) 1 else below * here)
  }
  sums <- svytotal(~a1 + b1 + a2 + b2, d)
  x <- svycontrast(sums, if (is.null(below)) quote(a2 - a1) else quote(a2 / b2 - a1 / b1))
  c1 <- coef(sums)
  value <- if (is.null(below)) c1[c(1, 3)] else c1[c(1, 3)] / c1[c(2, 4)]
  note(case, s, level, area, d, value[1], value[2], x)
}
for (case in c("strata", "clusters", "poststratified")) for (s in schools) {
  d <- designs[[case]]
  f <- if (case == "poststratified") contrast_of_totals else contrast
  f(case, d, s, "comp.imp", c("No", "Yes"), "all", "all")
  for (area in c("E", "H", "M"))
    f(case, d[which(d$variables$stype == area), ], s, "comp.imp", c("No", "Yes"), "stype", area)
}
for (s in people) {
  contrast("people", designs$people, s, "RIAGENDR", c(1, 2), "all", "all")
  for (area in 1:4) contrast("people", designs$people[which(nhanes$race == area), ], s,
                             "RIAGENDR", c(1, 2), "race", area)
}

# two halves of a year as one stacked sample
first <- api$apistrat; second <- api$apistrat[seq_len(nrow(api$apistrat)) %% 3 != 0, ]
second$pw <- second$pw * 1.7; second$api00 <- second$api00 + 12 + second$meals / 10
second$awards[seq_len(nrow(second)) %% 5 == 0] <- "No"; second$asked <- holes(second$api00, 4)
export("first_half", first); export("second_half", second)
stacked <- rbind(cbind(first, half=1), cbind(second, half=2))
year <- svydesign(id=~1, strata=~interaction(half, stype), weights=~pw, data=stacked)
for (s in schools[c(1, 3, 4)]) measure("year", year, s, list("awards", c("stype", "awards")))
"""

SCHOOLS = [
    hm.mean("asked", name="mean"),
    hm.total("enroll", name="total"),
    hm.ratio("api.stu", "enroll", name="ratio"),
    hm.share("awards", of=["Yes"], name="share"),
]
STRATA = hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")
DESIGNS = {
    "strata": ("apistrat", STRATA),
    "clusters": ("apiclus1", hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc")),
    "poststratified": ("apistrat", STRATA),
}
NHANES = hm.SurveyDesign(weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU", nest=True)
FIGURES = ("first", "second", "change", "se", "df", "ci_low", "ci_high", "p")


def answers() -> Answers:
    return r_answers(R)


@pytest.mark.needs_r
@pytest.mark.parametrize("case", DESIGNS)
def test_a_difference_between_groups_is_rs_contrast_with_what_they_share(case: str) -> None:
    """Clusters hold schools of both groups, so the covariance is not zero."""
    name, design = DESIGNS[case]
    data = answers().table(name)
    if case == "poststratified":
        design = hm.poststratify(data, design, {"awards": {"No": 2027, "Yes": 4167}})
    ours = hm.difference(data, design, SCHOOLS, "comp.imp", ("No", "Yes"), ["all", "stype"])
    theirs = answers().of(case)
    constant = theirs["se"] < 1e-6  # none against all: R prints rounding, see the rule below
    assert constant.sum() == (0 if case == "clusters" else 1)
    hold_against(ours, theirs[~constant], FIGURES, 1e-8, 1e-9)


@pytest.mark.needs_r
def test_men_and_women_of_the_same_clusters_are_compared_as_r_does() -> None:
    share = hm.share("HI_CHOL", of=[1], name="share")
    ours = hm.difference(
        answers().table("nhanes"), NHANES, share, "RIAGENDR", (1, 2), ["all", "race"], adjust="none"
    )
    hold_against(ours, answers().of("people"), FIGURES, 1e-8, 1e-9)


@functools.cache
def halves() -> list[tuple[Any, hm.SurveyDesign]]:
    design = hm.SurveyDesign(weights="pw", strata="stype")
    return [(answers().table(name), design) for name in ("first_half", "second_half")]


YEAR = [SCHOOLS[0], SCHOOLS[2], SCHOOLS[3]]


@pytest.mark.needs_r
def test_the_pooled_year_is_the_stacked_sample() -> None:
    ours = hm.annual(halves(), YEAR, ["all", "awards", ["stype", "awards"]])
    assert ours.notes["method"] == "pooled"
    figures = ("n", "sum_of_weights", "estimate", "se", "df")
    hold_against(ours, answers().of("year"), figures, 1e-8, 1e-9)
    means = answers().of("year")
    means = means[means.index.get_level_values("indicator") != "share"]
    hold_against(ours, means, ("ci_low", "ci_high"), 1e-8, 1e-9)


@pytest.mark.needs_r
def test_the_mean_of_halves_has_half_the_root_of_their_summed_variances() -> None:
    levels = ["all", ["stype", "awards"]]
    one, two = (hm.estimate(t, d, SCHOOLS, levels).to_pandas() for t, d in halves())
    year = hm.annual(halves(), SCHOOLS, levels, method="mean").to_pandas()
    assert year["area"].tolist() == one["area"].tolist() == two["area"].tolist()
    mean, se = (one["estimate"] + two["estimate"]) / 2, (one["se"] ** 2 + two["se"] ** 2) ** 0.5 / 2
    assert year["estimate"].tolist() == pytest.approx(mean.tolist(), rel=1e-12, nan_ok=True)
    assert year["se"].tolist() == pytest.approx(se.tolist(), rel=1e-12, nan_ok=True)
    assert (year["halves"] == 2).all()


TOWNS = pd.DataFrame(
    {
        "town": ["a", "a", "a", "a", "b", "b", "b", "b"],
        "y": [1.0, 2.0, 3.0, 5.0, 10.0, 11.0, 13.0, 12.0],
        "x": [1, 0, 1, 1, 0, 1, 0, 1],
        "round": [1, 1, 2, 2, 1, 1, 2, 2],
    }
)
PLAIN = hm.SurveyDesign()


def year_of(method: Any, statistic: hm.Statistic) -> dict[str, dict[str, Any]]:
    first, second = TOWNS[TOWNS["town"] == "a"], TOWNS
    found = hm.annual([(first, PLAIN), (second, PLAIN)], statistic, ["town"], method=method)
    return {row["area"]: row for row in found.rows()}


def test_a_town_of_one_half_keeps_that_halfs_figure_when_pooled_and_has_no_mean() -> None:
    alone = hm.estimate(TOWNS, PLAIN, hm.mean("y"), ["town"]).rows()[1]
    pooled, mean = year_of("pooled", hm.mean("y"))["b"], year_of("mean", hm.mean("y"))["b"]
    assert (pooled["estimate"], pooled["halves"]) == (alone["estimate"], 1)
    assert pooled["se"] == pytest.approx(alone["se"], rel=1e-12)
    assert (mean["estimate"], mean["se"], mean["ci_low"]) == (None, None, None)


def test_the_total_of_a_year_is_the_mean_of_the_halves_that_have_one() -> None:
    pooled = year_of("pooled", hm.total("y"))
    assert (pooled["a"]["estimate"], pooled["b"]["estimate"]) == (11.0, 46.0)
    assert year_of("mean", hm.total("y"))["b"]["estimate"] is None


def test_a_year_in_which_all_agree_still_has_an_interval() -> None:
    everybody = TOWNS.assign(x=1)
    share = hm.share("x", of=[1])
    (row,) = hm.annual([(everybody, PLAIN), (everybody, PLAIN)], share).rows()
    assert (row["estimate"], row["se"]) == (100.0, 0.0)
    assert row["ci_low"] < 100.0 == row["ci_high"]


def test_swapping_the_groups_turns_every_difference_round() -> None:
    one, two = (
        hm.difference(TOWNS, PLAIN, hm.mean("y"), "round", groups, ["all", "town"]).rows()
        for groups in ((1, 2), (2, 1))
    )
    for a, b in zip(one, two, strict=True):
        assert (a["change"], a["first"], a["ci_low"]) == (-b["change"], b["second"], -b["ci_high"])
        assert (a["se"], a["p"], a["df"]) == (b["se"], b["p"], b["df"])


def test_verdicts_are_controlled_over_the_areas_of_a_level() -> None:
    many = pd.concat([TOWNS.assign(town=f"{i:02d}") for i in range(20)])
    found = hm.difference(many, PLAIN, hm.mean("y"), "round", (1, 2), ["town"]).to_pandas()
    plain = hm.difference(many, PLAIN, hm.mean("y"), "round", (1, 2), ["town"], adjust="none")
    assert (found["p"] == plain.to_pandas()["p"]).all()
    assert (found["p_adjusted"] >= found["p"]).all()
    assert found["p_adjusted"].iloc[0] == pytest.approx(min(1.0, 20 * found["p"].iloc[0]))
    assert set(found["verdict"]) == {"not distinguishable"}


def test_a_clear_rise_is_up_and_a_clear_fall_down() -> None:
    rising = pd.DataFrame({"y": [1.0, 2, 1, 2, 8, 9, 8, 9], "round": [1, 1, 1, 1, 2, 2, 2, 2]})
    (up,) = hm.difference(rising, PLAIN, hm.mean("y"), "round", (1, 2)).rows()
    (down,) = hm.difference(rising, PLAIN, hm.mean("y"), "round", (2, 1)).rows()
    assert (up["verdict"], down["verdict"]) == ("up", "down")


def test_an_area_with_one_group_only_has_no_difference() -> None:
    gap = TOWNS[(TOWNS["town"] == "a") | (TOWNS["round"] == 1)]
    found = {
        r["area"]: r
        for r in hm.difference(gap, PLAIN, hm.mean("y"), "round", (1, 2), ["town"]).rows()
    }
    empty = found["b"]
    assert (empty["first"], empty["second"], empty["change"]) == (10.5, None, None)
    assert (empty["se"], empty["ci_low"], empty["p"], empty["verdict"]) == (None,) * 4


def test_a_difference_without_variance_has_no_verdict() -> None:
    """0 % against 100 %: the standard error is zero, which is no evidence of certainty."""
    flat = TOWNS.assign(x=(TOWNS["round"] == 2).astype(int))
    (row,) = hm.difference(flat, PLAIN, hm.share("x", of=[1]), "round", (1, 2)).rows()
    assert (row["change"], row["se"], row["p"], row["verdict"]) == (100.0, 0.0, None, None)


REFUSED: dict[str, Callable[[], Any]] = {
    "same-group": lambda: hm.difference(TOWNS, PLAIN, hm.mean("y"), "round", (1, 1.0)),
    "unknown-group": lambda: hm.difference(TOWNS, PLAIN, hm.mean("y"), "round", (1, 3)),
    "unknown-column": lambda: hm.difference(TOWNS, PLAIN, hm.mean("y"), "rund", (1, 2)),
    "unknown-option": lambda: hm.difference(
        TOWNS,
        PLAIN,
        hm.mean("y"),
        "round",
        (1, 2),
        adjust="bonferoni",  # type: ignore[arg-type]
    ),
    "confidence-out-of-range": lambda: hm.difference(
        TOWNS, PLAIN, hm.mean("y"), "round", (1, 2), confidence=95
    ),
    "composite-not-here": lambda: hm.difference(
        TOWNS,
        PLAIN,
        hm.composite("c", {"y": 1.0}),  # type: ignore[arg-type]
        "round",
        (1, 2),
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_compared_is_refused_by_name(code: str) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        REFUSED[code]()
    assert wrong.value.code == code


def test_the_year_refuses_replicates_and_composites_of_different_respondents() -> None:
    halves = [(TOWNS, hm.replicate(PLAIN, "jk1"))]
    with pytest.raises(hm.MeasureError) as wrong:
        hm.annual(halves, hm.mean("y"))
    assert wrong.value.code == "replicates-not-here"
    gaps = TOWNS.assign(z=TOWNS["y"].where(TOWNS.index % 2 == 0))
    asked: list[Any] = [hm.mean("y"), hm.mean("z"), hm.composite("c", {"y": 0.5, "z": 0.5})]
    with pytest.raises(hm.MeasureError) as wrong:
        hm.annual([(gaps, PLAIN)], asked)
    assert wrong.value.code == "composite-not-pooled"
