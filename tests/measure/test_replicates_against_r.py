"""Replicate variance is that of R's ``survey``, brought or made here (P-18).

R makes the replicate weights and exports them; the figures from them must be R's. Jackknife and
balanced replicates made here must give R's standard errors too. The bootstrap is random, so it is
held against what it stands for: the linearised standard error.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pytest
from tests.measure.r_survey import Answers, hold_against, r_answers

from huiyin import measure as hm

pytestmark = pytest.mark.needs_r

R = r"""
api <- example("api"); nhanes <- example("nhanes")$nhanes
holes <- function(v, step) { v[seq_along(v) %% step == 0] <- NA; v }
for (name in c("apiclus1", "apistrat")) api[[name]]$asked <- holes(api[[name]]$api00, 7)
pairs <- with(nhanes, tapply(SDMVPSU, SDMVSTRA, function(v) length(unique(v))))
nhanes <- nhanes[nhanes$SDMVSTRA %in% names(pairs)[pairs == 2], ]
nhanes <- nhanes[seq_len(nrow(nhanes)) %% 4 == 0, ]

clusters <- svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=api$apiclus1)
clusters_free <- svydesign(id=~dnum, weights=~pw, data=api$apiclus1)
thinned <- api$apistrat[seq_len(nrow(api$apistrat)) %% 3 == 0, ]
strata <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=thinned)
paired <- svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR, data=nhanes)
set.seed(20260401)
made <- list(
  jk1=list(clusters, type="JK1"), jk1_free=list(clusters_free, type="JK1"),
  jkn=list(strata, type="JKn"), brr=list(paired, type="BRR"),
  fay=list(paired, type="Fay", fay.rho=0.3),
  bootstrap=list(clusters_free, type="bootstrap", replicates=40),
  subbootstrap=list(strata, type="subbootstrap", replicates=40))
schools <- list(
  statistic("mean", ~asked, svymean, "asked"),
  statistic("total", ~enroll, svytotal, "enroll"),
  statistic("ratio", ~api.stu, svyratio, c("api.stu", "enroll"), denominator=~enroll),
  statistic("share", ~I(100 * (awards == "Yes")), svymean, "awards"))
people <- list(
  statistic("share", ~I(100 * HI_CHOL), svymean, "HI_CHOL"),
  statistic("total", ~HI_CHOL, svytotal, "HI_CHOL"),
  statistic("ratio", ~RIAGENDR, svyratio, c("RIAGENDR", "race"), denominator=~race))
for (name in names(made)) {
  on_people <- name %in% c("brr", "fay")
  d <- do.call(as.svrepdesign, c(made[[name]], list(compress=FALSE)))
  for (mse in c(FALSE, TRUE)) {
    d$mse <- mse
    for (s in if (on_people) people else schools)
      measure(paste(name, if (mse) "about the estimate" else "about the mean"), d, s,
              list(if (on_people) "race" else "stype"))
    both <- if (on_people) function(w, x) 0.4 * 100 * sum((w * x$HI_CHOL)[!is.na(x$HI_CHOL)]) /
        sum(w[!is.na(x$HI_CHOL)]) + 0.6 * sum(w * x$RIAGENDR) / sum(w * x$race)
      else function(w, x) 0.4 * sum((w * x$asked)[!is.na(x$asked)]) / sum(w[!is.na(x$asked)]) +
        0.6 * sum(w * x$api.stu) / sum(w * x$enroll)
    x <- withReplicates(d, both)
    record(paste("both", name, mse), "both", "all", "all", estimate=coef(x), se=SE(x))
  }
  x <- matrix(as.numeric(unclass(weights(d, "analysis"))), nrow=nrow(d))
  colnames(x) <- paste0("rep_", seq_len(ncol(x)))
  export(name, cbind(d$variables, x))
  export(paste0(name, "_scales"), data.frame(scale=d$scale, rscales=rep_len(d$rscales, ncol(x))))
}
"""

SCHOOLS: list[Any] = [
    hm.mean("asked", name="mean"),
    hm.total("enroll", name="total"),
    hm.ratio("api.stu", "enroll", name="ratio"),
    hm.share("awards", of=["Yes"], name="share"),
]
PEOPLE: list[Any] = [
    hm.share("HI_CHOL", of=[1], name="share"),
    hm.total("HI_CHOL", name="total"),
    hm.ratio("RIAGENDR", "race", name="ratio"),
]
BROUGHT = ["jk1", "jk1_free", "jkn", "brr", "fay", "bootstrap", "subbootstrap"]
CENTRES = {"about the mean": False, "about the estimate": True}
EXACT = 1e-10


def answers() -> Answers:
    return r_answers(R)


def asked_of(kind: str) -> tuple[list[Any], str]:
    return (PEOPLE, "race") if kind in ("brr", "fay") else (SCHOOLS, "stype")


def brought(kind: str, centre_at_estimate: bool) -> hm.SurveyDesign:
    """The design as a user would describe R's replicate weights."""
    r = answers()
    scales = r[f"{kind}_scales"]
    weights = tuple(c for c in r[kind].columns if c.startswith("rep_"))
    known: dict[str, dict[str, Any]] = {
        "jk1_free": {"kind": "jk1"},
        "brr": {"kind": "brr"},
        "fay": {"kind": "fay", "rho": 0.3},
    }
    others = {
        "kind": "bootstrap" if kind.endswith("bootstrap") else kind,
        "scale": float(scales["scale"].iloc[0]),
        "rscales": tuple(scales["rscales"]),
    }
    says = known.get(kind, others)
    return hm.SurveyDesign(
        weights="WTMEC2YR" if kind in ("brr", "fay") else "pw",
        replicates=hm.Replicates(weights=weights, centre_at_estimate=centre_at_estimate, **says),
    )


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("kind", BROUGHT)
def test_replicate_weights_that_came_with_the_file_give_rs_standard_errors(
    kind: str, centre: str
) -> None:
    asked, by = asked_of(kind)
    ours = hm.estimate(answers().table(kind), brought(kind, CENTRES[centre]), asked, ["all", by])
    hold_against(ours, answers().of(f"{kind} {centre}"), ("n", "estimate", "se"), EXACT)


MADE: dict[str, tuple[hm.SurveyDesign, str]] = {
    "jk1": (hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc"), "jk1"),
    "jk1_free": (hm.SurveyDesign(weights="pw", clusters="dnum"), "jk1"),
    "jkn": (hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc"), "jkn"),
}
PAIRED = hm.SurveyDesign(weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU", nest=True)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("case", MADE)
def test_a_jackknife_made_here_is_rs(case: str, centre: str) -> None:
    design, kind = MADE[case]
    made = hm.replicate(design, kind, centre_at_estimate=CENTRES[centre])  # type: ignore[arg-type]
    ours = hm.estimate(answers().table(case), made, SCHOOLS, ["all", "stype"])
    hold_against(ours, answers().of(f"{case} {centre}"), ("n", "estimate", "se"), 1e-9)


@functools.cache
def linearised(case: str) -> pd.DataFrame:
    design = PAIRED if case in ("brr", "fay") else MADE[case][0]
    asked, by = asked_of(case)
    return hm.estimate(answers().table(case), design, asked, ["all", by]).to_pandas()


@pytest.mark.parametrize(("kind", "rho"), [("brr", 0.0), ("fay", 0.3)])
def test_balanced_replicates_of_a_total_are_the_linearised_variance(kind: Any, rho: float) -> None:
    """With two PSUs a stratum, full orthogonal balance is exact for totals; so it is R's too."""
    ours = hm.estimate(
        answers()[kind], hm.replicate(PAIRED, kind, rho=rho), PEOPLE, ["all", "race"]
    )
    totals = ours.to_pandas().query("indicator == 'total'")
    expected = linearised(kind).query("indicator == 'total'")
    np.testing.assert_allclose(totals["se"], expected["se"], rtol=1e-9)
    r = answers().of(f"{kind} about the mean")
    r = r[r.index.get_level_values("indicator") == "total"]
    hold_against(ours, r, ("estimate", "se"), 1e-9)


@pytest.mark.parametrize(("kind", "rho"), [("brr", 0.0), ("fay", 0.3)])
def test_balanced_replicates_of_ratios_are_near_the_linearised_ones(kind: Any, rho: float) -> None:
    """Which half-samples are drawn depends on the Hadamard matrix, so only nearly R's."""
    ours = hm.estimate(
        answers()[kind], hm.replicate(PAIRED, kind, rho=rho), PEOPLE, ["all", "race"]
    )
    np.testing.assert_allclose(ours.to_pandas()["se"], linearised(kind)["se"], rtol=0.1)


REPLICATES = 2000
#: A standard error from R normal replicates has itself the relative standard error 1/√(2R);
#: four of them are 6.3 %. Statistics here are linear, so there is no other difference.
TOLERANCE = 4 / np.sqrt(2 * REPLICATES)


@pytest.mark.parametrize("case", ["jk1", "jk1_free", "jkn"])
def test_the_bootstrap_converges_to_the_linearised_variance_with_its_fpc(case: str) -> None:
    design = hm.replicate(MADE[case][0], "bootstrap", REPLICATES, seed=20260401)
    total = [SCHOOLS[1]]
    ours = hm.estimate(answers().table(case), design, total, ["all", "stype"]).to_pandas()
    expected = linearised(case).query("indicator == 'total'")
    assert ours["estimate"].tolist() == pytest.approx(expected["estimate"].tolist(), rel=1e-12)
    np.testing.assert_allclose(ours["se"], expected["se"], rtol=TOLERANCE)


def test_the_bootstrap_is_the_same_whatever_the_order_of_the_rows() -> None:
    data = answers()["jkn"]
    design = hm.replicate(MADE["jkn"][0], "bootstrap", 30, seed=7)
    shuffled = data.sample(frac=1, random_state=3)
    one, two = (hm.estimate(d, design, SCHOOLS, ["all", "stype"]) for d in (data, shuffled))
    np.testing.assert_allclose(one.to_pandas()["se"], two.to_pandas()["se"], rtol=1e-12)
    other = hm.estimate(data, hm.replicate(MADE["jkn"][0], "bootstrap", 30, seed=8), SCHOOLS)
    assert other.rows()[0]["se"] != pytest.approx(one.rows()[0]["se"], rel=1e-6)


COMPOSED = {
    "schools": hm.composite("both", {"mean": 0.4, "ratio": 0.6}),
    "people": hm.composite("both", {"share": 0.4, "ratio": 0.6}),
}


@pytest.mark.parametrize("kind", BROUGHT)
def test_a_composite_moves_with_its_parts_in_every_replicate(kind: str) -> None:
    asked, _ = asked_of(kind)
    both = COMPOSED["people" if asked is PEOPLE else "schools"]
    ours = hm.estimate(answers().table(kind), brought(kind, False), [*asked, both])
    hold_against(ours, answers().of(f"both {kind} FALSE"), ("estimate", "se"), EXACT)


def weighted(data: pa.Table, weight: npt.NDArray[np.float64]) -> float:
    """0.4 times a mean with missing answers and 0.6 times a ratio, as in the script of R."""
    asked = data["asked"].to_numpy()
    known = ~np.isnan(asked)
    stu, enroll = (np.asarray(data[c].to_numpy(), float) for c in ("api.stu", "enroll"))
    mean = (weight * np.nan_to_num(asked)).sum() / weight[known].sum()
    return float(0.4 * mean + 0.6 * (weight * stu).sum() / (weight * enroll).sum())


@pytest.mark.parametrize("mse", [False, True])
@pytest.mark.parametrize("kind", ["jk1", "jkn", "bootstrap", "subbootstrap"])
def test_any_statistic_of_the_users_own_gets_rs_standard_error(kind: str, mse: bool) -> None:
    found = hm.with_replicates(answers().table(kind), brought(kind, mse), weighted).rows()[0]
    expected = answers().of(f"both {kind} {str(mse).upper()}").iloc[0]
    assert found["estimate"] == pytest.approx(expected["estimate"], rel=EXACT)
    assert found["se"] == pytest.approx(expected["se"], rel=EXACT)


@pytest.mark.parametrize("case", MADE)
def test_any_statistic_works_with_replicates_made_here(case: str) -> None:
    design, kind = MADE[case]
    made = hm.replicate(design, kind)  # type: ignore[arg-type]
    found = hm.with_replicates(answers().table(case), made, weighted).rows()[0]
    expected = answers().of(f"both {case} FALSE").iloc[0]
    assert found["se"] == pytest.approx(expected["se"], rel=1e-9)
