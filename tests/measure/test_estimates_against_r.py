"""Estimates, standard errors, intervals and design effects are those of R's ``survey`` (P-18).

Every design of R's own examples is measured in the whole sample and in domains, by one column and
by combinations of two, with missing answers and missing areas; then strata with one PSU, calibrated
weights, weighted sums with their covariance, and a national survey (ENUSC 2019) where it is there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from tests.conftest import SHARED
from tests.measure.r_survey import Answers, hold_against, r_answers

from huiyin import measure as hm
from huiyin.measure.estimation.intervals import RARE

pytestmark = pytest.mark.needs_r

ENUSC = SHARED / "data" / "enusc" / "enusc_2019.csv"
ENUSC_COLUMNS = ["VarStrat", "Conglomerado", "Fact_Pers", "enc_region", "P3_1_1", "VP_DC"]

R = r"""
holes <- function(v, step) { v[seq_along(v) %% step == 0] <- NA; v }
api <- example("api")
with_holes <- function(data) {
  data$asked <- holes(data$api00, 7); data$base <- holes(data$enroll, 9)
  data$wide <- holes(as.character(data$sch.wide), 8); data
}
for (name in c("apisrs", "apistrat", "apiclus1", "apiclus2"))
  api[[name]] <- with_holes(api[[name]])
api$apistrat$rate <- c(E=100/4421, H=50/755, M=50/1018)[as.character(api$apistrat$stype)]
for (name in c("apisrs", "apistrat", "apiclus1", "apiclus2")) export(name, api[[name]])

# ---- the designs of the example data
simple <- list(
  srs=svydesign(id=~1, weights=~pw, fpc=~fpc, data=api$apisrs),
  srs_without_fpc=svydesign(id=~1, weights=~pw, data=api$apisrs),
  strata=svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=api$apistrat),
  strata_without_fpc=svydesign(id=~1, strata=~stype, weights=~pw, data=api$apistrat),
  strata_fraction=svydesign(id=~1, strata=~stype, weights=~pw, fpc=~rate, data=api$apistrat),
  clusters=svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=api$apiclus1),
  clusters_without_fpc=svydesign(id=~dnum, weights=~pw, data=api$apiclus1),
  two_stages=svydesign(id=~dnum+snum, weights=~pw, fpc=~fpc1+fpc2, data=api$apiclus2))
asked <- list(
  statistic("mean", ~api00, svymean, "api00", deff="replace"),
  statistic("mean with missing", ~asked, svymean, "asked", deff="replace"),
  statistic("total", ~api.stu, svytotal, "api.stu", deff="replace"),
  statistic("total with missing", ~base, svytotal, "base", deff="replace"),
  statistic("ratio", ~api.stu, svyratio, c("api.stu", "enroll"), denominator=~enroll,
            deff="replace"),
  statistic("ratio with missing", ~asked, svyratio, c("asked", "base"), denominator=~base,
            deff="replace"),
  statistic("share", ~I(100 * (awards == "Yes")), svymean, "awards", deff="replace"),
  statistic("share with missing", ~I(100 * (wide == "Yes")), svymean, "wide", deff="replace"))
domains <- list("stype", c("wide", "awards"))
for (case in c("srs", "strata", "clusters", "two_stages"))
  for (s in asked) measure(case, simple[[case]], s, domains)
for (case in c("srs_without_fpc", "strata_without_fpc", "strata_fraction", "clusters_without_fpc"))
  for (s in asked[c(2, 3, 5, 7)]) measure(case, simple[[case]], s, list("stype"))

# ---- other examples: strata with few PSUs, numbering that starts anew, two stages of counts
scd <- example("scd")$scd; scd$weight <- rep(c(2, 4, 6), each=2)
hospital <- example("hospital")$hospital
mu284 <- example("mu284")$mu284; mu284$weight <- mu284$n1 / 5 * mu284$n2 / 3
fpc <- example("fpc")$fpc; names(fpc)[names(fpc) == "Nh"] <- "population"
nhanes <- example("nhanes")$nhanes
pps <- example("election")$election_pps; pps$weight <- 1 / pps$p
export("scd", scd); export("hospital", hospital); export("mu284", mu284); export("fpc", fpc)
export("nhanes", nhanes); export("election", pps)
ratio <- function(top, below) statistic("ratio", reformulate(top), svyratio, c(top, below),
  denominator=reformulate(below), deff="replace")
m <- function(item) statistic("mean", reformulate(item), svymean, item, deff="replace")
total <- function(item) statistic("total", reformulate(item), svytotal, item, deff="replace")
d <- svydesign(id=~ambulance, strata=~ESA, nest=TRUE, weights=~weight, data=scd)
for (s in list(m("alive"), total("arrests"), ratio("alive", "arrests"))) measure("scd", d, s)
d <- svydesign(id=~hospno, strata=~oblevel, weights=~weighta, fpc=~tothosp, data=hospital)
for (s in list(m("births"), total("births"))) measure("hospital", d, s, list("oblevel"))
d <- svydesign(id=~id1+id2, weights=~weight, fpc=~n1+n2, data=mu284)
for (s in list(m("y1"), total("y1"), ratio("y1", "n2"))) measure("mu284", d, s)
d <- svydesign(id=~psuid, strata=~stratid, nest=TRUE, weights=~weight, fpc=~population, data=fpc)
for (s in list(m("x"), total("x"))) measure("fpc", d, s, list("stratid"))
d <- svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR, data=nhanes)
high <- statistic("share", ~I(100 * HI_CHOL), svymean, "HI_CHOL", deff="replace")
for (s in list(high, total("HI_CHOL")))
  measure("nhanes", d, s, list("race", c("race", "agecat")))
d <- svydesign(id=~1, weights=~weight, data=pps)
for (s in list(m("Bush"), total("Bush"), ratio("Bush", "Kerry"))) measure("election", d, s)

# ---- intervals of shares
interval <- function(case, d, formula, item, by) {
  note <- function(method, level, area, ci) record(paste(case, method), "share", level, area,
                                                   ci_low=100 * ci[1], ci_high=100 * ci[2])
  one <- function(level, area, d) {
    for (method in c("beta", "xlogit"))
      note(method, level, area, attr(svyciprop(formula, d, method=method), "ci"))
    # Korn and Graubard (1998): the effective size is at most n
    m <- svymean(reformulate(deparse(call("as.numeric", formula[[2]]))), d)
    size <- nrow(d) * (qt(0.025, nrow(d) - 1) / qt(0.025, degf(d)))^2
    p <- coef(m)
    note("capped", level, area, c(qbeta(0.025, size * p, size * (1 - p) + 1),
                                  qbeta(0.975, size * p + 1, size * (1 - p))))
  }
  d <- d[!is.na(d$variables[[item]]), ]
  one("all", "all", d)
  for (area in unique(d$variables[[by]])) one(by, area, d[d$variables[[by]] == area, ])
}
interval("strata", simple$strata, ~I(awards == "Yes"), "awards", "stype")
interval("clusters", simple$clusters, ~I(awards == "Yes"), "awards", "stype")
interval("rare", simple$strata, ~I(yr.rnd == "Yes"), "yr.rnd", "stype")
interval("nhanes", svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR,
                             data=nhanes), ~HI_CHOL, "HI_CHOL", "race")

# ---- weighted sums of statistics whose parts were answered by different respondents
composites <- list(
  "means"=quote(0.25 * u / one + 0.75 * v / one),
  "different respondents"=quote(0.5 * u / one + 0.3 * a / na - 0.2 * 100 * w / nw),
  "with a ratio and a total"=quote(2 * a / na + 10 * r / s + 0.001 * t))
composed <- function(case, d, by=NULL) {
  d <- update(d, u=100 * (awards == "Yes"), v=api00, a=ifelse(is.na(asked), 0, asked), one=1,
    na=as.numeric(!is.na(asked)), w=ifelse(is.na(wide), 0, wide == "Yes"),
    nw=as.numeric(!is.na(wide)),
    t=ifelse(is.na(api.stu), 0, api.stu), r=ifelse(is.na(enroll), 0, t),
    s=ifelse(is.na(api.stu) | is.na(enroll), 0, enroll))
  one <- function(level, area, d) for (name in names(composites)) {
    x <- svycontrast(svytotal(~u+v+a+na+w+nw+r+s+t+one, d), composites[[name]])
    record(paste("composite", case), name, level, area, estimate=coef(x),
           se=as.numeric(SE(x)))
  }
  one("all", "all", d)
  for (area in unique(d$variables[[by]]))
    one(by, area, d[which(d$variables[[by]] == area), ])
}
for (case in c("srs", "strata", "clusters", "two_stages")) composed(case, simple[[case]], "stype")
wanted <- list(`sch.wide`=c(Yes=5122, No=1072), stype=c(E=4421, H=755, M=1018))
margin <- function(name) setNames(data.frame(names(wanted[[name]]), wanted[[name]]),
                                  c(name, "Freq"))
tight <- list(epsilon=1e-12, maxit=1000)
totals <- c(`(Intercept)`=6194, stypeH=755, stypeM=1018, api99=3914069)
calibrations <- list(
  poststratified=function(d) postStratify(d, ~sch.wide, margin("sch.wide")),
  raked=function(d) rake(d, list(~stype, ~sch.wide), list(margin("stype"), margin("sch.wide")),
                         control=tight),
  linear=function(d) calibrate(d, ~stype + api99, totals, epsilon=1e-12, maxit=200),
  logit=function(d) calibrate(d, ~stype + api99, totals, calfun="logit", bounds=c(0.4, 2.5),
                              epsilon=1e-12, maxit=200))
for (how in names(calibrations)) for (case in c("strata", "clusters")) {
  d <- calibrations[[how]](simple[[case]])
  name <- paste(how, case)
  for (s in asked[c(2, 3, 5, 7)]) { s$more$deff <- NULL; measure(name, d, s, list("stype")) }
  if (case == "clusters") composed(name, d, "stype")
}

# ---- strata with one PSU, in the design and in domains
lonely_elements <- api$apistrat
lonely_clusters <- subset(nhanes, !(SDMVSTRA %in% c(76, 81, 89) & SDMVPSU == 2))
lonely_clusters$asked <- holes(lonely_clusters$HI_CHOL, 5)
lonely_clusters$asked[lonely_clusters$SDMVSTRA %in% c(76, 80)] <- NA
export("lonely_clusters", lonely_clusters)
rules <- c(certainty="certainty", average="average", centre="adjust")
for (rule in names(rules)) {
  options(survey.lonely.psu=rules[[rule]])
  d <- svydesign(id=~1, strata=~cnum, weights=~pw, data=lonely_elements)
  for (s in asked[c(2, 4, 6, 8)]) {
    s$more$deff <- NULL; measure(paste("elements", rule), d, s, list("stype"))
  }
  d <- svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR, data=lonely_clusters)
  for (s in list(statistic("share", ~I(100 * HI_CHOL), svymean, "HI_CHOL"),
                 statistic("share with missing", ~I(100 * asked), svymean, "asked"),
                 statistic("total", ~HI_CHOL, svytotal, "HI_CHOL")))
    measure(paste("clusters", rule), d, s, list(c("race", "agecat")))
  d <- svydesign(id=~1, strata=~cnum, weights=~pw, data=lonely_elements)
  d <- calibrations$poststratified(d)
  measure(paste("poststratified", rule), d, statistic("mean", ~api00, svymean, "api00"),
          list("stype"))
  options(survey.lonely.psu="fail")
}

# ---- a national survey
if (file.exists(file.path(folder, "enusc.csv"))) {
  enusc <- input("enusc")
  enusc$up <- ifelse(enusc$P3_1_1 %in% c(88, 99), NA, 100 * (enusc$P3_1_1 == 1))
  for (rule in c("average", "centre")) {
    options(survey.lonely.psu=rules[[rule]])
    d <- svydesign(id=~Conglomerado, strata=~VarStrat, weights=~Fact_Pers, data=enusc)
    measure(paste("enusc", rule), d, statistic("up", ~up, svymean, "up", deff="replace"),
            list("enc_region"))
    measure(paste("enusc", rule), d, statistic("victims", ~VP_DC, svytotal, "VP_DC"),
            list("enc_region"))
  }
}
"""


def answers() -> Answers:
    inputs = {}
    if ENUSC.exists():
        inputs["enusc"] = pd.read_csv(ENUSC, usecols=ENUSC_COLUMNS, low_memory=False)
    return r_answers(R, inputs)


@dataclass(frozen=True)
class Case:
    data: str
    design: hm.SurveyDesign


SIMPLE = {
    "srs": Case("apisrs", hm.SurveyDesign(weights="pw", fpc="fpc")),
    "srs_without_fpc": Case("apisrs", hm.SurveyDesign(weights="pw")),
    "strata": Case("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")),
    "strata_without_fpc": Case("apistrat", hm.SurveyDesign(weights="pw", strata="stype")),
    "strata_fraction": Case("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="rate")),
    "clusters": Case("apiclus1", hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc")),
    "clusters_without_fpc": Case("apiclus1", hm.SurveyDesign(weights="pw", clusters="dnum")),
    "two_stages": Case("apiclus2", hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc1")),
}
NHANES = hm.SurveyDesign(
    weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU", nest=True
)  # fmt: skip
DOMAINS = ["all", "stype", ["wide", "awards"]]
ASKED: list[Any] = [
    hm.mean("api00", name="mean"),
    hm.mean("asked", name="mean with missing"),
    hm.total("api.stu", name="total"),
    hm.total("base", name="total with missing"),
    hm.ratio("api.stu", "enroll", name="ratio"),
    hm.ratio("asked", "base", name="ratio with missing"),
    hm.share("awards", of=["Yes"], name="share"),
    hm.share("wide", of=["Yes"], name="share with missing"),
]
COMPOSITES = [
    hm.composite("means", {"share": 0.25, "mean": 0.75}),
    hm.composite(
        "different respondents",
        {"share": 0.5, "mean with missing": 0.3, "share with missing": -0.2},
    ),
    hm.composite("with a ratio and a total", {"mean with missing": 2, "ratio": 10, "total": 0.001}),
]
FIGURES = ("n", "sum_of_weights", "estimate", "se", "df", "deff")


@functools.cache
def measured(case: str) -> hm.Tidy:
    whole = case in ("srs", "strata", "clusters", "two_stages")
    asked = [*ASKED, *COMPOSITES] if whole else [ASKED[i] for i in (1, 2, 4, 6)]
    return hm.estimate(answers().table(SIMPLE[case].data), SIMPLE[case].design, asked, DOMAINS)


@pytest.mark.parametrize("case", SIMPLE)
def test_every_statistic_in_every_domain_is_that_of_r(case: str) -> None:
    hold_against(measured(case), answers().of(case), FIGURES, 1e-8, 1e-12)


@pytest.mark.parametrize("case", SIMPLE)
def test_intervals_of_means_totals_and_ratios_use_t_with_psus_less_strata(case: str) -> None:
    theirs = answers().of(case)
    theirs = theirs[~theirs.index.get_level_values("indicator").str.startswith("share")]
    hold_against(measured(case), theirs, ("ci_low", "ci_high"), 1e-8, 1e-9)


OTHERS: dict[str, tuple[hm.SurveyDesign, list[hm.Statistic], list[Any]]] = {
    "scd": (
        hm.SurveyDesign(weights="weight", strata="ESA", clusters="ambulance", nest=True),
        [
            hm.mean("alive", name="mean"),
            hm.total("arrests", name="total"),
            hm.ratio("alive", "arrests", name="ratio"),
        ],
        ["all"],
    ),
    "hospital": (
        hm.SurveyDesign(weights="weighta", strata="oblevel", clusters="hospno", fpc="tothosp"),
        [hm.mean("births", name="mean"), hm.total("births", name="total")],
        ["all", "oblevel"],
    ),
    "mu284": (
        hm.SurveyDesign(weights="weight", clusters="id1", fpc="n1"),
        [
            hm.mean("y1", name="mean"),
            hm.total("y1", name="total"),
            hm.ratio("y1", "n2", name="ratio"),
        ],
        ["all"],
    ),
    "fpc": (
        hm.SurveyDesign(
            weights="weight", strata="stratid", clusters="psuid", fpc="population", nest=True
        ),
        [hm.mean("x", name="mean"), hm.total("x", name="total")],
        ["all", "stratid"],
    ),
    "nhanes": (
        NHANES,
        [hm.share("HI_CHOL", of=[1], name="share"), hm.total("HI_CHOL", name="total")],
        ["all", "race", ["race", "agecat"]],
    ),
    "election": (
        hm.SurveyDesign(weights="weight"),
        [
            hm.mean("Bush", name="mean"),
            hm.total("Bush", name="total"),
            hm.ratio("Bush", "Kerry", name="ratio"),
        ],
        ["all"],
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_the_other_examples_of_the_package_agree_as_well(case: str) -> None:
    r = answers()
    design, asked, levels = OTHERS[case]
    hold_against(
        hm.estimate(r.table(case), design, asked, levels), r.of(case), FIGURES, 1e-8, 1e-12
    )


SHARES = {
    "strata": (SIMPLE["strata"], hm.share("awards", of=["Yes"], name="share"), "stype"),
    "clusters": (SIMPLE["clusters"], hm.share("awards", of=["Yes"], name="share"), "stype"),
    "rare": (SIMPLE["strata"], hm.share("yr.rnd", of=["Yes"], name="share"), "stype"),
    "nhanes": (Case("nhanes", NHANES), hm.share("HI_CHOL", of=[1], name="share"), "race"),
}


@pytest.mark.parametrize("case", SHARES)
def test_a_share_has_the_logit_interval_and_korn_graubards_where_one_answer_is_rare(
    case: str,
) -> None:
    """Rare: fewer than 30 effective answers, which are at most n, on the rarer side."""
    sample, share, by = SHARES[case]
    ours = hm.estimate(answers().table(sample.data), sample.design, share, ["all", by])
    compared = 0
    for row in ours.rows():
        p, n = row["estimate"] / 100, row["n"]
        if row["se"] == 0:
            continue  # R has no interval there; see the rules for constant domains
        effective = p * (1 - p) / (row["se"] / 100) ** 2
        method = "xlogit"
        if min(effective, n) * min(p, 1 - p) < RARE:
            method = "beta" if effective <= n else "capped"
        expected = answers().of(f"{case} {method}").loc["share", row["level"], row["area"]]
        assert row["ci_low"] == pytest.approx(expected["ci_low"], rel=1e-8)
        assert row["ci_high"] == pytest.approx(expected["ci_high"], rel=1e-8)
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize("case", ["srs", "strata", "clusters", "two_stages"])
def test_a_composite_is_the_contrast_of_its_parts_with_their_covariance(case: str) -> None:
    theirs = answers().of(f"composite {case}")
    hold_against(measured(case), theirs, ("estimate", "se"), 1e-8)


MARGINS: list[dict[str, dict[str, int]]] = [
    {"stype": {"E": 4421, "H": 755, "M": 1018}},
    {"sch.wide": {"Yes": 5122, "No": 1072}},
]
TYPES = [MARGINS[0]]
CALIBRATED = [
    (how, case)
    for how in ("poststratified", "raked", "linear", "logit")
    for case in ("strata", "clusters")
]


def calibrated(how: str, data: Any, design: hm.SurveyDesign) -> hm.SurveyDesign:
    numeric = {"api99": 3914069}
    if how == "poststratified":
        return hm.poststratify(data, design, MARGINS[1])
    if how == "raked":
        return hm.rake(data, design, MARGINS, tolerance=1e-12)
    bounds = (0.4, 2.5) if how == "logit" else None
    return hm.calibrate(
        data, design, TYPES, "logit" if bounds else "linear", bounds, numeric=numeric,
        tolerance=1e-12,
    )  # fmt: skip


@pytest.mark.parametrize(("how", "case"), CALIBRATED)
def test_calibrated_designs_agree_in_every_domain(how: str, case: str) -> None:
    r = answers()
    data = r.table(SIMPLE[case].data)
    design = calibrated(how, data, SIMPLE[case].design)
    asked = [*ASKED, *COMPOSITES] if case == "clusters" else [ASKED[i] for i in (1, 2, 4, 6)]
    ours = hm.estimate(data, design, asked, ["all", "stype"])
    exact = 1e-7 if how == "logit" else 1e-8
    figures = ("n", "sum_of_weights", "estimate", "se", "df")
    hold_against(ours, r.of(f"{how} {case}"), figures, exact, 1e-9)
    if case == "clusters":
        hold_against(ours, r.of(f"composite {how} {case}"), ("estimate", "se"), exact, 1e-9)


@pytest.mark.parametrize("rule", ["certainty", "average", "centre"])
def test_strata_with_one_psu_follow_the_rule_asked_for(rule: Any) -> None:
    r = answers()
    figures = ("n", "estimate", "se", "df")
    elements = hm.SurveyDesign(weights="pw", strata="cnum", lonely=rule)
    missing = [ASKED[i] for i in (1, 3, 5, 7)]
    ours = hm.estimate(r.table("apistrat"), elements, missing, ["all", "stype"])
    hold_against(ours, r.of(f"elements {rule}"), figures, 1e-8, 1e-12)
    asked = [
        hm.share("HI_CHOL", of=[1], name="share"),
        hm.share("asked", of=[1], name="share with missing"),
        hm.total("HI_CHOL", name="total"),
    ]
    ours = hm.estimate(
        r.table("lonely_clusters"), NHANES.replace(lonely=rule), asked, ["all", ["race", "agecat"]]
    )
    hold_against(ours, r.of(f"clusters {rule}"), figures, 1e-8, 1e-12)
    fitted = hm.poststratify(r.table("apistrat"), elements, MARGINS[1])
    ours = hm.estimate(r.table("apistrat"), fitted, hm.mean("api00", name="mean"), ["all", "stype"])
    hold_against(ours, r.of(f"poststratified {rule}"), figures, 1e-8, 1e-12)


def test_strata_with_one_psu_are_an_error_that_names_them() -> None:
    r = answers()
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(r.table("lonely_clusters"), NHANES, hm.mean("HI_CHOL"))
    assert wrong.value.code == "lonely-psu"
    assert "76, 81, 89" in wrong.value.message


@pytest.mark.skipif(not ENUSC.exists(), reason="the folder shared/data is not beside the project")
@pytest.mark.parametrize("rule", ["average", "centre"])
def test_a_national_survey_and_its_sixteen_regions_agree(rule: Any) -> None:
    r = answers()
    data = pd.read_csv(ENUSC, usecols=ENUSC_COLUMNS, low_memory=False)
    design = hm.SurveyDesign(
        weights="Fact_Pers", strata="VarStrat", clusters="Conglomerado", lonely=rule
    )
    asked = [
        hm.share("P3_1_1", of=[1], missing=[88, 99], name="up"),
        hm.total("VP_DC", name="victims"),
    ]
    ours = hm.estimate(data, design, asked, ["all", "enc_region"])
    assert len(ours) == 2 * 17
    theirs = r.of(f"enusc {rule}")
    hold_against(ours, theirs, ("n", "sum_of_weights", "estimate", "se", "df"), 1e-9)
    shares = theirs[theirs["deff"].notna()]
    hold_against(ours, shares, ("deff",), 1e-9)
