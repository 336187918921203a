"""Sample size, precision and numbers to dial (P-06)."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning import design_effect, numbers_to_dial, precision, sample_size

#: Cochran works with t = 2.
T_IS_2 = float(2 * stats.norm.cdf(2) - 1)


def completes(*args, **options):
    return sample_size(*args, **options)["completes"].to_pylist()


def test_the_textbook_sizes_for_a_share_come_out():
    # 1.96² · 50 · 50 / d²: 384.1, 1067.07, 2400.9, 9603.6, rounded up.
    assert completes([5, 3, 2, 1]) == [385, 1068, 2401, 9604]


def test_cochrans_example_of_a_share_in_a_finite_population_comes_out():
    # Cochran 1977, Sampling Techniques, section 4.4: d = 5 points, t = 2; 400, or 356 of 3,200.
    assert completes(5, confidence=T_IS_2) == [400]
    assert completes(5, confidence=T_IS_2, population=3200) == [356]


def test_cochrans_example_of_a_mean_in_a_finite_population_comes_out():
    # Cochran 1977, section 4.6: 430 beds of seedlings, S² = 85.6, wanted 10 % of 19: 95, or 78.
    options = {"kind": "mean", "sd": 85.6**0.5, "confidence": T_IS_2}
    assert completes(1.9, **options) == [95]
    assert completes(1.9, population=430, **options) == [78]


def test_a_design_effect_multiplies_the_sample_and_not_the_effective_one():
    table = sample_size(5, deff=1.5)
    assert table["completes"].to_pylist() == [577]  # 1.5 · 384.146
    assert table["n_effective"].to_pylist() == [pytest.approx(577 / 1.5)]


def test_numbers_to_dial_follow_from_response_working_and_eligibility_rates():
    # 385 / (0.30 · 0.60 · 0.90) = 2376.5
    table = sample_size(5, response_rate=30, working_rate=60, eligibility_rate=90)
    assert table["numbers"].to_pylist() == [2377]
    assert numbers_to_dial(300, response_rate=30).tolist() == [1000]
    assert numbers_to_dial([10, 20], response_rate=[100, 50]).tolist() == [10, 40]


def test_lists_give_one_row_each():
    table = sample_size(3, share=[50, 93], deff=[1, 1.5], response_rate=[20, 40])
    assert len(table) == 2
    assert len(sample_size(3, response_rate=[20, 40, 60])) == 3
    with pytest.raises(MeasureError) as error:
        sample_size([3, 4], share=[10, 20, 30])
    assert error.value.code == "ragged-columns"


def test_wilson_and_exact_need_more_near_nought_than_the_normal_promises():
    sizes = {i: completes(2, share=99, interval=i)[0] for i in ("normal", "wilson", "exact")}
    assert sizes["normal"] < sizes["wilson"] <= sizes["exact"]


@pytest.mark.parametrize("interval", ["wilson", "exact"])
def test_a_share_of_nought_can_be_planned_but_not_by_the_normal(interval):
    assert completes(2, share=0, interval=interval)[0] > 50
    with pytest.raises(MeasureError) as error:
        sample_size(2, share=0)
    assert error.value.code == "degenerate-share"


R_SCRIPT = """
exact <- binom.test(93, 110)$conf.int
wilson <- prop.test(93, 110, correct = FALSE)$conf.int
cat(sprintf("%.12f %.12f", 50 * diff(exact), 50 * diff(wilson)))
"""


@pytest.mark.needs_r
def test_exact_and_wilson_half_widths_are_rs():
    if shutil.which("Rscript") is None:
        pytest.skip("needs R (Debian: r-base-core)")
    run = subprocess.run(["Rscript", "-e", R_SCRIPT], capture_output=True, text=True, check=True)
    expected = [float(x) for x in run.stdout.split()]
    found = [
        precision(110, share=100 * 93 / 110, interval=i)["half_width"][0].as_py()
        for i in ("exact", "wilson")
    ]
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_t_interval_of_a_mean_is_that_of_the_t_distribution():
    found = precision(30, kind="mean", sd=22, interval="t")["half_width"][0].as_py()
    assert found == pytest.approx(stats.t.ppf(0.975, 29) * 22 / 30**0.5)


def test_a_census_has_no_half_width():
    assert precision(500, population=500)["half_width"].to_pylist() == [0]
    assert completes(1e-9, population=500) == [500]


def test_kishs_design_effect_multiplies_weighting_and_clustering():
    assert design_effect(weights_cv=0.5, cluster_size=11, intraclass=0.05) == pytest.approx(
        1.25 * 1.5
    )
    assert design_effect() == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"half_width": 0}, "bad-number"),
        ({"half_width": -3}, "bad-number"),
        ({"half_width": float("nan")}, "bad-number"),
        ({"half_width": "wide"}, "bad-number"),
        ({"share": 101}, "bad-number"),
        ({"kind": "mean"}, "bad-number"),
        ({"kind": "mean", "sd": 10, "interval": "wilson"}, "unknown-option"),
        ({"kind": "median"}, "unknown-option"),
        ({"confidence": 95}, "bad-number"),
        ({"deff": 0}, "bad-number"),
        ({"population": 0}, "bad-number"),
        ({"response_rate": 0.35}, "rate-not-percent"),
        ({"working_rate": 0}, "bad-number"),
        ({"eligibility_rate": 120}, "bad-number"),
        ({"half_width": 1e-9}, "out-of-reach"),
    ],
)
def test_a_plan_on_impossible_numbers_is_refused(options, code):
    with pytest.raises(MeasureError) as error:
        sample_size(**({"half_width": 5} | options))
    assert error.value.code == code
    assert error.value.message_zh


def test_more_interviews_than_people_are_refused():
    with pytest.raises(MeasureError) as error:
        precision(600, population=500)
    assert error.value.code == "sample-exceeds-population"


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.floats(0.5, 20), share=st.floats(1, 99), deff=st.floats(0.5, 4),
    population=st.one_of(st.none(), st.integers(50, 10**6)),
    interval=st.sampled_from(["normal", "wilson", "exact"]),
)  # fmt: skip
def test_the_size_is_the_smallest_that_keeps_its_promise(wanted, share, deff, population, interval):
    options = {"share": share, "deff": deff, "population": population, "interval": interval}
    n = completes(wanted, **options)[0]
    assert precision(n, **options)["half_width"][0].as_py() <= wanted * (1 + 1e-9)
    if n > 1:
        assert precision(n - 1, **options)["half_width"][0].as_py() > wanted * (1 - 1e-9)
