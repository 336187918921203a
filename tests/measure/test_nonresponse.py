"""Non-response weighting: classes, propensity strata, unknown eligibility (P-18)."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.nonresponse import adjust_nonresponse
from huiyin.measure.reading import as_ibis
from huiyin.measure.response import response_rates
from huiyin.measure.weights import WEIGHT, with_weight

DESIGN = SurveyDesign(weights="w")

#: Two classes. Class a: weights 10, 20 answered of 10, 20, 30; class b: 5, 5 of 5, 5, 10, 20.
CASES = {
    "area": ["a", "a", "a", "b", "b", "b", "b"],
    "w": [10.0, 20, 30, 5, 5, 10, 20],
    "answered": [True, True, False, True, True, False, False],
}


def adjusted(cases, **options):
    """The adjusted weights in the order of the cases, and the cells."""
    options = {"responded": "answered", "classes": "area", "minimum": 1} | options
    design = adjust_nonresponse(cases, DESIGN, **options)
    numbered = pa.table(cases).append_column("row", [list(range(len(cases["w"])))])
    rows = with_weight(as_ibis(numbered), design).order_by("row").to_pyarrow()
    return rows[WEIGHT].to_pylist(), design.adjustments[-1].cells.to_pylist()


def sample(n=3000, seed=3):
    generator = np.random.Generator(np.random.PCG64(seed))
    cases = {
        "w": generator.uniform(1, 4, n),
        "sex": generator.choice(["m", "f"], n),
        "age": generator.integers(1, 5, n),
        "town": generator.choice(["T1", "T2", "T3", "T4", "T5", "T6"], n),
    }
    chance = 1 / (1 + np.exp(1.0 - 0.4 * cases["age"] + 0.5 * (cases["sex"] == "m")))
    return cases | {"answered": generator.random(n) < chance}


def test_respondents_of_a_class_carry_the_weight_of_all_its_cases():
    # Class a: (10 + 20 + 30) / (10 + 20) = 2; class b: (5 + 5 + 10 + 20) / (5 + 5) = 4.
    weights, cells = adjusted(CASES)
    assert weights == pytest.approx([20, 40, 0, 20, 20, 0, 0])
    assert {(c["area"], c["factor"]) for c in cells if c["answered"]} == {("a", 2.0), ("b", 4.0)}
    first = next(c for c in cells if c["area"] == "a")
    assert (first["cases"], first["respondents"], first["response_rate"]) == (3, 2, 50.0)


def test_the_respondents_alone_get_the_same_weights():
    design = adjust_nonresponse(CASES, DESIGN, responded="answered", classes="area", minimum=1)
    table = as_ibis(CASES)
    weights = with_weight(table.filter(table.answered), design).to_pyarrow()[WEIGHT].to_pylist()
    assert sorted(weights) == pytest.approx([20, 20, 20, 40])


def test_unknown_eligibility_is_spread_by_e_before_non_response():
    # By weight e = (10 + 20) / (10 + 20 + 10) = 3/4, so (10 + 20 + 3/4 * 40) / 10 = 6.
    cases = {
        "code": ["1.1", "2.11", "4.31", "3.13"],
        "area": ["a"] * 4,
        "w": [10.0, 20.0, 10.0, 40.0],
    }
    weights, _ = adjusted(cases, responded=None, disposition="code")
    assert weights == pytest.approx([60, 0, 0, 0])
    weights, _ = adjusted(cases, responded=None, disposition="code", e=0.25)
    assert weights == pytest.approx([40, 0, 0, 0])


def test_a_partial_interview_counts_as_answered_unless_told_otherwise():
    cases = {"code": ["I", "P", "R"], "area": ["a"] * 3, "w": [10.0, 10.0, 20.0]}
    assert adjusted(cases, responded=None, disposition="code")[0] == pytest.approx([20, 20, 0])
    assert adjusted(cases, responded=None, disposition="code", partial=False)[0] == pytest.approx(
        [40, 0, 0]
    )


def test_an_adjustment_builds_on_those_before_it():
    design = adjust_nonresponse(CASES, DESIGN, responded="answered", classes="area", minimum=1)
    again = adjust_nonresponse(CASES, design, responded="answered", classes="area", minimum=1)
    assert len(again.adjustments) == 2
    factors = [c["factor"] for c in again.adjustments[1].cells.to_pylist() if c["answered"]]
    assert factors == pytest.approx([1, 1])


def test_a_class_with_too_few_respondents_is_named():
    with pytest.raises(MeasureError, match="area = b: 2") as error:
        adjusted(CASES, minimum=3)
    assert error.value.code == "small-class"
    with pytest.raises(MeasureError, match="area = b"):
        adjusted(CASES, maximum_factor=3)


def test_a_class_without_respondents_is_named():
    cases = CASES | {"answered": [True, True, False, False, False, False, False]}
    with pytest.raises(MeasureError) as error:
        adjusted(cases)
    assert (error.value.code, error.value.place) == ("small-class", "area = b")


def test_a_small_class_joins_the_neighbour_that_shares_more_leading_columns():
    # Young women of town 1 (one respondent) join the old women of town 1, not those of town 2.
    cases = {
        "town": ["1"] * 5 + ["2"] * 4,
        "age": ["old"] * 4 + ["young"] + ["old"] * 4,
        "w": [1.0] * 9,
        "answered": [True, True, False, False, True, True, True, False, True],
    }
    _, cells = adjusted(cases, classes=["town", "age"], minimum=2, collapse=True)
    classes = {(c["town"], c["age"]): c["class"] for c in cells}
    assert classes["1", "young"] == classes["1", "old"] != classes["2", "old"]
    assert next(c["factor"] for c in cells if c["town"] == "1" and c["answered"]) == 5 / 3


def test_between_equal_neighbours_a_small_class_joins_the_one_with_fewer_respondents():
    cases = {"area": list("aaabcc"), "w": [1.0] * 6, "answered": [True] * 6}
    _, cells = adjusted(cases, minimum=2, collapse=True)
    classes = {c["area"]: c["class"] for c in cells}
    assert classes["b"] == classes["c"] != classes["a"]


def test_collapsing_everything_still_needs_enough_respondents():
    with pytest.raises(MeasureError) as error:
        adjusted(CASES, minimum=5, collapse=True)
    assert error.value.code == "small-class"


def test_propensity_strata_hold_about_equal_numbers_of_cases():
    _, cells = adjusted(sample(), classes=None, propensity=["sex", "age", "town"], minimum=30)
    strata = {c["class"]: c["cases"] for c in cells}
    assert sorted(strata) == [1, 2, 3, 4, 5]
    assert sum(strata.values()) == 3000
    assert all(400 <= cases <= 800 for cases in strata.values())
    ordered = sorted((c["propensity"], c["class"]) for c in cells)
    assert [c for _, c in ordered] == sorted(c for _, c in ordered)


def test_a_propensity_model_bears_a_category_in_which_all_or_none_answer():
    cases = sample(600)
    cases["answered"] = np.where(cases["town"] == "T1", True, cases["answered"])
    cases["answered"] &= cases["town"] != "T2"
    weights, cells = adjusted(
        cases, classes=None, propensity=["town", "sex"], minimum=5, collapse=True
    )
    assert sum(weights) == pytest.approx(cases["w"].sum())
    by_town = {c["town"]: c["propensity"] for c in cells}
    assert by_town["T1"] > 0.999
    assert by_town["T2"] < 0.001


R_SCRIPT = """
d <- read.csv(file("stdin"))
fit <- glm(answered ~ factor(sex) + factor(age) + factor(town), weights = w,
           family = quasibinomial, data = d, control = list(epsilon = 1e-14, maxit = 100))
cell <- unique(d[, c("sex", "age", "town")])
cell$p <- predict(fit, cell, type = "response")
cat(sprintf("%s %s %s %.15g\\n", cell$sex, cell$age, cell$town, cell$p))
"""


@pytest.mark.needs_r
def test_propensities_are_those_of_rs_weighted_logistic_regression():
    if shutil.which("Rscript") is None:
        pytest.skip("needs R (Debian: r-base-core)")
    cases = sample(800)
    lines = ["w,sex,age,town,answered"]
    lines += [
        f"{w!r},{s},{a},{t},{int(y)}"
        for w, s, a, t, y in zip(
            cases["w"].tolist(), cases["sex"], cases["age"], cases["town"], cases["answered"],
            strict=True,
        )
    ]  # fmt: skip
    run = subprocess.run(
        ["Rscript", "-e", R_SCRIPT], input="\n".join(lines), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    expected = {}
    for line in run.stdout.split("\n"):
        if line.strip():
            sex, age, town, p = line.split()
            expected[sex, int(age), town] = float(p)
    _, cells = adjusted(cases, classes=None, propensity=["sex", "age", "town"], minimum=1)
    found = {(c["sex"], c["age"], c["town"]): c["propensity"] for c in cells}
    assert found == {cell: pytest.approx(p, rel=1e-8) for cell, p in expected.items()}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"disposition": "answered"}, "unknown-option"),
        ({"responded": None}, "unknown-option"),
        ({"classes": None}, "unknown-option"),
        ({"propensity": "area"}, "unknown-option"),
        ({"classes": []}, "unknown-option"),
        ({"classes": ["answered"]}, "unknown-option"),
        ({"strata": 1}, "unknown-option"),
        ({"minimum": 0}, "unknown-option"),
        ({"classes": "region"}, "unknown-column"),
        ({"responded": "w"}, "bad-status"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(options, code):
    with pytest.raises(MeasureError) as error:
        adjusted(CASES, **options)
    assert error.value.code == code
    assert error.value.message_zh


@pytest.mark.parametrize(
    ("column", "values", "code"),
    [
        ("w", [10.0, None, 30, 5, 5, 10, 20], "bad-weight"),
        ("w", [10.0, -1, 30, 5, 5, 10, 20], "bad-weight"),
        ("area", ["a", None, "a", "b", "b", "b", "b"], "missing-class"),
        ("answered", [True, None, False, True, True, False, False], "bad-status"),
        ("answered", [2, 1, 0, 1, 1, 0, 0], "bad-status"),
        ("answered", [False] * 7, "no-respondents"),
    ],
)
def test_data_that_would_give_a_wrong_weight_are_refused(column, values, code):
    with pytest.raises(MeasureError) as error:
        adjusted(CASES | {column: values})
    assert error.value.code == code


def test_a_calibrated_design_is_refused():
    calibrated = DESIGN.replace(calibration=object())
    with pytest.raises(MeasureError) as error:
        adjust_nonresponse(CASES, calibrated, responded="answered", classes="area")
    assert error.value.code == "already-calibrated"


@pytest.mark.needs_java
def test_spark_gives_the_same_cells_and_rates(spark):
    cases = {"code": ["1.1", "1.1", "2.11", "4.31", "3.13", "1.1"], "area": list("aabbab"),
             "w": [10.0, 20, 30, 5, 5, 7]}  # fmt: skip
    on_spark = as_ibis(cases, spark)
    options = {"disposition": "code", "classes": "area", "minimum": 1}
    cells = [
        adjust_nonresponse(table, DESIGN, **options).adjustments[0].cells.to_pylist()
        for table in (cases, on_spark)
    ]
    assert [c["factor"] for c in cells[1]] == pytest.approx([c["factor"] for c in cells[0]])
    rates = [
        response_rates(table, disposition="code", weights="w", by="area")["value"].to_pylist()
        for table in (cases, on_spark)
    ]
    assert rates[1] == pytest.approx(rates[0], rel=1e-12)


case = st.tuples(
    st.sampled_from("abcdef"), st.sampled_from("xy"), st.floats(0.1, 50), st.booleans()
)


@settings(max_examples=15, deadline=None)
@given(st.lists(case, min_size=2, max_size=40).filter(lambda cs: any(c[3] for c in cs)),
       st.integers(1, 4), st.booleans())  # fmt: skip
def test_the_weights_of_the_respondents_sum_to_the_weight_of_the_sample(cases, minimum, model):
    answers = sum(answered for *_, answered in cases)
    columns = dict(zip(("area", "sex", "w", "answered"), map(list, zip(*cases, strict=True)),
                       strict=True))  # fmt: skip
    by = {"propensity": ["area", "sex"], "classes": None} if model else {"classes": ["area", "sex"]}
    weights, cells = adjusted(columns, **by, minimum=min(minimum, answers), collapse=True)
    assert sum(weights) == pytest.approx(sum(columns["w"]))
    assert all((w > 0) == a for w, a in zip(weights, columns["answered"], strict=True))
    assert json.dumps(cells)
    assert min(c["respondents"] for c in cells) >= min(minimum, answers)
