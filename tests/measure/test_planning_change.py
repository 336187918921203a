"""Power, detectable change and size for a change between rounds (P-06)."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from scipy import stats

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning import Comparison, detectable_change, power, size_for_change

SCORE = Comparison(sd=22)
SAFE = Comparison(kind="share", share=93)


def r(script):
    if shutil.which("Rscript") is None:
        pytest.skip("needs R (Debian: r-base-core)")
    run = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
    return [float(x) for x in run.stdout.split()]


def one(table, column):
    return table[column][0].as_py()


@pytest.mark.needs_r
def test_the_pooled_power_of_a_share_is_rs():
    expected = r("""
      a <- power.prop.test(n = 400, p1 = 0.93, p2 = 0.97)$power
      b <- power.prop.test(n = 110, p1 = 0.5, p2 = 0.6, alternative = "one.sided")$power
      c <- power.prop.test(p1 = 0.93, p2 = 0.9552, power = 0.8)$n
      d <- power.prop.test(n = 400, p1 = 0.5, power = 0.9)$p2
      cat(sprintf("%.10f", c(a, b, c, d)))""")
    pooled = Comparison(kind="share", share=93, test="pooled")
    half = Comparison(kind="share", share=50, test="pooled")
    sided = Comparison(kind="share", share=50, test="pooled", sides=1)
    assert one(power(4, 400, compare=pooled), "power") == pytest.approx(expected[0], abs=1e-9)
    assert one(power(10, 110, compare=sided), "power") == pytest.approx(expected[1], abs=1e-9)
    assert one(size_for_change(2.52, compare=pooled), "n") == np.ceil(expected[2])
    found = one(detectable_change(400, power=0.9, compare=half), "change")
    assert found == pytest.approx(100 * expected[3] - 50, abs=1e-3)  # R solves to 1e-5 of a share


@pytest.mark.needs_r
def test_the_t_power_of_a_mean_is_rs():
    expected = r("""
      a <- power.t.test(n = 20, delta = 15, sd = 22)$power
      b <- power.t.test(n = 400, delta = 2.52, sd = 22, sig.level = 0.01)$power
      c <- power.t.test(delta = 2.52, sd = 22, power = 0.8)$n
      d <- power.t.test(n = 30, delta = 10, sd = 22 * sqrt(2 * (1 - 0.6)), type = "paired")$power
      cat(sprintf("%.10f", c(a, b, c, d)))""")
    t = Comparison(sd=22, test="t")
    strict = Comparison(sd=22, test="t", confidence=0.99)
    paired = Comparison(sd=22, test="t", overlap=1, correlation=0.6)
    assert one(power(15, 20, compare=t), "power") == pytest.approx(expected[0], abs=1e-8)
    assert one(power(2.52, 400, compare=strict), "power") == pytest.approx(expected[1], abs=1e-8)
    assert one(size_for_change(2.52, compare=t), "n") == np.ceil(expected[2])
    assert one(power(10, 30, compare=paired), "power") == pytest.approx(expected[3], abs=1e-8)


def test_the_size_for_a_rise_of_two_and_a_half_points_is_the_textbooks():
    # n = 2 · deff · (z_.975 + z_.8)² · (S/δ)² = 2 · 1.5 · 7.8489 · (22/2.52)² = 1794.6
    compare = Comparison(sd=22, deff=1.5)
    assert one(size_for_change(2.52, compare=compare), "n") == 1795
    assert one(power(2.52, 1795, compare=compare), "power") >= 0.8
    assert one(power(2.52, 1794, compare=compare), "power") < 0.8


def test_the_detectable_change_of_a_score_is_the_textbooks():
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    table = detectable_change([110, 400], compare=SCORE)
    expected = [z * 22 * (2 / n) ** 0.5 for n in (110, 400)]
    assert table["change"].to_pylist() == pytest.approx(expected, rel=1e-9)
    assert table["power"].to_pylist() == pytest.approx([0.8, 0.8])


def test_overlap_with_correlation_lowers_the_error_of_a_change():
    # Kish 1965, section 12.4: variance of the difference 2S²(1 − Pρ)/n.
    half = Comparison(sd=20, overlap=0.5, correlation=0.6)
    assert half.standard_error(1, 100, 100) == pytest.approx(20 * (2 * (1 - 0.3) / 100) ** 0.5)
    assert half.standard_error(1, 100, 100) < Comparison(sd=20).standard_error(1, 100, 100)


def test_a_round_already_done_limits_what_can_be_told():
    found = one(size_for_change(4, n_before=600, compare=SCORE), "n")
    assert one(power(4, found, n_before=600, compare=SCORE), "power") >= 0.8
    assert one(power(4, found - 1, n_before=600, compare=SCORE), "power") < 0.8
    with pytest.raises(MeasureError) as error:
        size_for_change(2.52, n_before=300, compare=SCORE)
    assert error.value.code == "out-of-reach"


def test_testing_many_towns_at_once_needs_more_interviews():
    many = Comparison(sd=22, comparisons=102)
    assert one(size_for_change(5, compare=many), "n") > 2 * one(
        size_for_change(5, compare=SCORE), "n"
    )
    z = stats.norm.ppf(1 - 0.025 / 102) + stats.norm.ppf(0.8)
    assert one(size_for_change(5, compare=many), "n") == np.ceil(2 * (z * 22 / 5) ** 2)


def test_a_fall_of_a_high_share_is_harder_to_see_than_a_rise():
    up = one(detectable_change(400, compare=SAFE), "change")
    down = one(detectable_change(400, direction="down", compare=SAFE), "change")
    assert 0 < up < -down


def test_a_share_that_cannot_rise_enough_is_out_of_reach():
    with pytest.raises(MeasureError) as error:
        detectable_change(20, compare=Comparison(kind="share", share=99))
    assert error.value.code == "out-of-reach"
    with pytest.raises(MeasureError) as error:
        power(10, 100, compare=SAFE)
    assert error.value.code == "share-out-of-range"


def test_power_is_what_simulated_rounds_show():
    generator = np.random.Generator(np.random.PCG64(11))
    n, rounds = 400, 20_000
    before = generator.binomial(n, 0.93, rounds) / n
    after = generator.binomial(n, 0.97, rounds) / n
    error = np.sqrt((before * (1 - before) + after * (1 - after)) / n)
    seen = np.mean((after - before) / error > stats.norm.ppf(0.975))
    assert one(power(4, n, compare=SAFE), "power") == pytest.approx(seen, abs=0.02)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"sd": 0}, {"sd": 22, "deff": -1}, {"sd": 22, "overlap": 1.5},
        {"sd": 22, "correlation": 2}, {"sd": 22, "comparisons": 0}, {"sd": 22, "sides": 3},
        {"sd": 22, "confidence": 95}, {"sd": 22, "test": "pooled"}, {"kind": "share", "share": 101},
        {"kind": "share", "test": "t"}, {"kind": "total"},
    ],
)  # fmt: skip
def test_an_impossible_comparison_is_refused(options):
    with pytest.raises(MeasureError) as error:
        Comparison(**options)
    assert error.value.message_zh


@pytest.mark.parametrize("call", [
    lambda: power(2, 0, compare=SCORE),
    lambda: power([1, 2], [100, 200, 300], compare=SCORE),
    lambda: size_for_change(0, compare=SCORE),
    lambda: size_for_change(2, power=80, compare=SCORE),
    lambda: detectable_change(100, direction="sideways", compare=SCORE),
])  # fmt: skip
def test_impossible_numbers_are_refused(call):
    with pytest.raises(MeasureError):
        call()
