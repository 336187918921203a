"""Sharing out a sample among strata (P-06)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning import allocate, precision, sample_size

# The example population of R's stratallo (README and help of opt()).
STRATA = {"population": [3000, 4000, 5000, 2000], "s": [48.0, 79, 76, 16]}


def exact(strata, n, **options):
    table = allocate(strata, n, **{"method": "neyman", "sd": "s", "minimum": 0} | options)
    return table["exact"].to_pylist()


def test_neymans_allocation_is_the_published_one():
    expected = [31.376147, 68.853211, 82.798165, 6.972477]
    assert exact(STRATA, 190) == pytest.approx(expected, abs=5e-7)


def test_neymans_allocation_under_upper_bounds_is_the_published_one():
    strata = STRATA | {"most": [100, 90, 70, 80]}
    expected = [35.121951, 77.073171, 70.0, 7.804878]
    assert exact(strata, 190, maximum="most") == pytest.approx(expected, abs=5e-7)


def test_neymans_allocation_under_lower_bounds_is_the_published_one():
    assert exact(STRATA | {"least": [50, 120, 1, 2]}, 190, minimum="least") == pytest.approx(
        [50, 120, 18, 2]
    )


def test_neymans_allocation_under_both_bounds_is_the_published_one():
    strata = STRATA | {"least": [100, 90, 500, 50], "most": [300, 400, 800, 90]}
    expected = [228.9496, 400.0, 604.1727, 50.8777]
    assert exact(strata, 1284, minimum="least", maximum="most") == pytest.approx(expected, abs=5e-5)


def test_neymans_variance_is_the_published_one():
    # var_st_tsi() of the same help page, for the total: 3940753053 before rounding.
    people, s = np.array(STRATA["population"], float), np.array(STRATA["s"])
    n = np.array(exact(STRATA, 190))
    assert np.sum(people**2 * s**2 / n * (1 - n / people)) == pytest.approx(3940753053, rel=1e-9)
    table = allocate(STRATA, 190, method="neyman", sd="s", minimum=0)
    whole = np.array(table["n"].to_pylist())
    variance = np.sum(people**2 * s**2 / whole * (1 - whole / people))
    assert table.notes["se"] == pytest.approx(np.sqrt(variance) / people.sum())


def test_proportional_allocation_follows_the_population():
    table = allocate(STRATA, 140, minimum=0)
    assert table["n"].to_pylist() == [30, 40, 50, 20]
    assert table["sampling_fraction"].to_pylist() == pytest.approx([0.01] * 4)


def test_equal_allocation_gives_the_remainder_to_the_first_rows():
    assert allocate(STRATA, 42, method="equal")["n"].to_pylist() == [11, 11, 10, 10]


def test_power_allocation_lies_between_equal_precision_and_neyman():
    # Bankier 1988: n proportional to X^q S/Ȳ. q = 0 gives equal coefficients of variation, and
    # q = 1 with X the stratum total gives Neyman's allocation.
    strata = STRATA | {"m": [60.0, 70, 80, 90]}
    strata["total"] = [n * m for n, m in zip(strata["population"], strata["m"], strict=True)]
    options = {"method": "power", "mean": "m", "size": "total"}
    even = exact(strata, 190, **options, exponent=0)
    cv = np.array(strata["s"]) / np.array(strata["m"])
    assert even == pytest.approx(190 * cv / cv.sum())
    assert exact(strata, 190, **options, exponent=1) == pytest.approx(exact(strata, 190))
    between = exact(strata, 190, **options, exponent=0.5)
    ratio = np.sqrt(strata["total"]) * cv
    assert between == pytest.approx(190 * ratio / ratio.sum())


def test_a_dear_stratum_gets_fewer_and_a_clustered_one_more():
    # Cochran 1977, equation 5.22: n proportional to N S / √c; the design effect acts as S².
    strata = {"population": [1000, 1000], "s": [20.0, 20], "c": [1.0, 4.0], "d": [1.0, 4.0]}
    assert exact(strata, 90, cost="c") == pytest.approx([60, 30])
    assert exact(strata, 90, deff="d") == pytest.approx([30, 60])


def test_the_promised_half_width_is_that_of_the_stratum_alone():
    table = allocate(STRATA, 1400, share=93.0)
    for row in table.rows():
        alone = precision(row["n"], share=93, population=row["population"])
        assert row["half_width"] == pytest.approx(alone["half_width"][0].as_py())


def test_without_a_spread_the_largest_possible_is_assumed():
    assert (
        allocate(STRATA, 1400)["se"].to_pylist() == allocate(STRATA, 1400, sd=50)["se"].to_pylist()
    )


def test_the_smallest_sample_for_a_wanted_half_width_is_shared_out():
    one = {"population": [14_000]}
    table = allocate(one, half_width=3.0, sd=50)
    alone = sample_size(3.0, kind="mean", sd=50, population=14_000)
    assert table["n"].to_pylist() == alone["completes"].to_pylist()
    neyman = allocate(STRATA, half_width=3.0, method="neyman", sd="s")
    assert neyman.notes["half_width"] <= 3.0
    fewer = allocate(STRATA, neyman.notes["n"] - 1, method="neyman", sd="s")
    assert fewer.notes["half_width"] > 3.0


def test_a_town_smaller_than_the_minimum_is_taken_whole():
    table = allocate({"population": [5, 1000]}, 105, minimum=30)
    assert table["n"].to_pylist() == [5, 100]
    assert table["se"][0].as_py() == 0


def test_a_stratum_without_interviews_promises_nothing():
    table = allocate({"population": [1, 100_000]}, 10, minimum=0)
    assert table["half_width"][0].as_py() is None
    assert table.notes["half_width"] is None


def test_columns_of_the_strata_are_kept():
    strata = STRATA | {"town": ["东山街道", "望春门街道", "金薮乡", "金石镇"]}
    assert allocate(strata, 100)["town"].to_pylist() == strata["town"]


@pytest.mark.parametrize(
    ("strata", "options", "code"),
    [
        (STRATA, {"n": 5, "minimum": 2}, "sample-too-small"),
        (STRATA, {"n": 15_000}, "sample-too-large"),
        (STRATA, {"n": 100, "half_width": 3}, "unknown-option"),
        (STRATA, {}, "unknown-option"),
        (STRATA, {"n": 100, "method": "best"}, "unknown-option"),
        (STRATA, {"n": 100, "sd": 20, "share": 50}, "unknown-option"),
        (STRATA, {"n": 100, "population": "people"}, "unknown-column"),
        (STRATA, {"n": 100, "share": 120}, "bad-number"),
        (STRATA, {"n": 100, "minimum": 30, "maximum": 20}, "contradictory-bounds"),
        (STRATA, {"half_width": 1e-6, "maximum": 50}, "out-of-reach"),
        (STRATA | {"n": [1, 2, 3, 4]}, {"n": 100}, "reserved-column"),
        ({"population": []}, {"n": 100}, "no-rows"),
    ],
)
def test_an_impossible_share_out_is_refused(strata, options, code):
    with pytest.raises(MeasureError) as error:
        allocate(strata, **options)
    assert error.value.code == code
    assert error.value.message_zh


@pytest.mark.parametrize("value", [None, -1, 0, float("nan"), float("inf")])
def test_a_population_that_is_none_is_named_by_row(value):
    with pytest.raises(MeasureError, match="row 2") as error:
        allocate({"population": [100, value, 50]}, 20)
    assert error.value.code == "bad-number"


strata_rows = st.lists(
    st.tuples(st.integers(1, 50_000), st.floats(0, 50), st.integers(0, 40)), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(strata_rows, st.floats(0, 1), st.sampled_from(["proportional", "equal", "neyman", "power"]))
def test_whole_numbers_sum_exactly_and_keep_to_the_bounds(rows, part, method):
    population, s, least = map(list, zip(*rows, strict=True))
    low = np.minimum(least, population)
    n = int(low.sum() + part * (sum(population) - low.sum()))
    if n == 0:
        return
    table = allocate(
        {"population": population, "s": s, "least": least}, n, method=method, sd="s",
        minimum="least",
    )  # fmt: skip
    sizes = np.array(table["n"].to_pylist())
    assert sizes.sum() == n
    assert np.all((low <= sizes) & (sizes <= population))
