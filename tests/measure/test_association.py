"""Association is tested as R's ``svychisq`` does, by Rao and Scott's second order (P-18)."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.measure.r_survey import Answers, r_answers

from huiyin import measure as hm

R = r"""
api <- example("api"); nhanes <- example("nhanes")$nhanes
nhanes$cholesterol <- ifelse(is.na(nhanes$HI_CHOL), NA, ifelse(nhanes$HI_CHOL == 1, "high", "low"))
for (name in c("apisrs", "apistrat", "apiclus1")) export(name, api[[name]])
export("nhanes", nhanes)
strata <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=api$apistrat)
people <- svydesign(id=~SDMVPSU, strata=~SDMVSTRA, nest=TRUE, weights=~WTMEC2YR, data=nhanes)
designs <- list(
  srs=svydesign(id=~1, weights=~pw, fpc=~fpc, data=api$apisrs),
  strata=strata,
  clusters=svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=api$apiclus1),
  poststratified=postStratify(strata, ~sch.wide, data.frame(sch.wide=c("No", "Yes"),
                                                            Freq=c(1072, 5122))))
test <- function(case, d, rows, columns) {
  x <- svychisq(reformulate(c(rows, columns)), d)
  unscaled <- suppressWarnings(chisq.test(svytable(reformulate(c(rows, columns)), d,
                                                   Ntotal=nrow(d)), correct=FALSE))
  record(case, "association", rows, columns, f=x$statistic, df1=x$parameter[1],
         df2=x$parameter[2], p=x$p.value, chi_square=unscaled$statistic, n=nrow(d))
}
for (case in names(designs)) {
  test(case, designs[[case]], "awards", "comp.imp")
  test(case, designs[[case]], "stype", "sch.wide")
}
people <- subset(people, !is.na(cholesterol))
test("people", people, "race", "cholesterol")
test("people", people, "race", "agecat")
"""

DESIGNS = {
    "srs": ("apisrs", hm.SurveyDesign(weights="pw", fpc="fpc")),
    "strata": ("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")),
    "clusters": ("apiclus1", hm.SurveyDesign(weights="pw", clusters="dnum", fpc="fpc")),
    "poststratified": ("apistrat", hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")),
    "people": (
        "nhanes",
        hm.SurveyDesign(weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU", nest=True),
    ),
}


def answers() -> Answers:
    return r_answers(R)


@pytest.mark.needs_r
@pytest.mark.parametrize("case", DESIGNS)
def test_f_degrees_of_freedom_and_p_are_rs(case: str) -> None:
    name, design = DESIGNS[case]
    data = answers().table(name)
    if case == "poststratified":
        design = hm.poststratify(data, design, {"sch.wide": {"No": 1072, "Yes": 5122}})
    if case == "people":
        data = data.filter(data["cholesterol"].notnull())
    for (_, rows, columns), expected in answers().of(case).iterrows():
        (found,) = hm.chi_square(data, design, rows, columns).rows()
        for figure in ("n", "chi_square", "f", "df1", "df2", "p"):
            assert found[figure] == pytest.approx(expected[figure], rel=1e-8), (rows, figure)


TABLE = pd.DataFrame(
    {
        "x": ["a", "a", "b", "b", "a", "b", "a", "b", "a", "b"] * 6,
        "y": ["p", "q", "p", "q", "p", "q", "p", "p", "q", "q"] * 6,
        "only": ["one"] * 60,
    }
)


def test_the_two_questions_may_change_places() -> None:
    one = hm.chi_square(TABLE, hm.SurveyDesign(), "x", "y").rows()[0]
    two = hm.chi_square(TABLE, hm.SurveyDesign(), "y", "x").rows()[0]
    for figure in ("chi_square", "f", "df1", "df2", "p"):
        assert one[figure] == pytest.approx(two[figure], rel=1e-10)


def test_respondents_without_one_of_the_answers_are_left_out() -> None:
    gaps = TABLE.assign(x=TABLE["x"].where(TABLE.index % 7 != 0), w=1.0)
    found = hm.chi_square(gaps, hm.SurveyDesign(), "x", "y").rows()[0]
    assert found["n"] == gaps["x"].notna().sum()


def test_a_question_that_all_answer_alike_is_an_error() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.chi_square(TABLE, hm.SurveyDesign(), "x", "only")
    assert wrong.value.code == "one-answer"


def test_replicate_weights_are_refused_here() -> None:
    design = hm.replicate(hm.SurveyDesign(), "bootstrap", 10)
    with pytest.raises(hm.MeasureError) as wrong:
        hm.chi_square(TABLE, design, "x", "y")
    assert wrong.value.code == "replicates-not-here"


def test_a_question_cannot_be_tested_against_itself() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.chi_square(TABLE, hm.SurveyDesign(), "x", "x")
    assert wrong.value.code == "same-column"
