"""Base weights of two overlapping phone frames (P-04)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure.base_weights import two_frame_weights
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_ibis

PHONES = {
    "frame": "frame", "landline_lines": "lines", "mobile_numbers": "mobiles",
    "eligible_in_household": "adults",
    "drawn": {"landline": 100, "mobile": 300},
    "frame_size": {"landline": 10_000, "mobile": 90_000},
}  # fmt: skip

PEOPLE = {
    "frame": ["landline", "mobile", "mobile", "landline"],
    "lines": [1, 0, 2, 1],
    "mobiles": [0, 1, 1, 3],
    "adults": [2, None, 4, 3],
}


def weights(people=PEOPLE, **options):
    table, notes = two_frame_weights(people, **{**PHONES, **options})
    return table.to_pyarrow()["base_weight"].to_pylist(), notes


def person(**changes):
    one = {"frame": "landline", "lines": 1, "mobiles": 1, "adults": 2} | changes
    return {name: [PEOPLE[name][0], value, PEOPLE[name][3]] for name, value in one.items()}


def test_the_single_frame_weight_is_one_over_the_expected_selections():
    landline, mobile = Fraction(100, 10_000), Fraction(300, 90_000)
    expected = [
        1 / (landline / 2),
        1 / mobile,
        1 / (landline * 2 / 4 + mobile),
        1 / (landline / 3 + mobile * 3),
    ]
    found, notes = weights()
    assert found == pytest.approx([float(w) for w in expected], rel=1e-14)
    assert notes["sum_of_weights"] == pytest.approx(float(sum(expected)))
    assert notes["in_both"] == 2
    assert notes["lam"] is None
    cv2 = np.var(found) / np.mean(found) ** 2
    assert notes["deff_kish"] == pytest.approx(1 + cv2)


def test_hartleys_weight_is_that_of_the_own_frame_shared_where_both_could_reach():
    found, notes = weights(method="hartley", lam=0.25)
    assert found == pytest.approx([200, 300, 300 * 0.75, 300 * 0.25])
    assert notes["lam"] == 0.25


def test_the_optimal_factor_is_hartleys_for_a_count():
    # Own weights of those in both: landline 300, mobile 300 and 150; lam = V_M / (V_L + V_M).
    people = {name: [*column, extra] for (name, column), extra in
              zip(PEOPLE.items(), ["mobile", 1, 2, 1], strict=True)}  # fmt: skip
    _, notes = weights(people, method="hartley", lam="optimal")
    assert notes["lam"] == pytest.approx((300**2 + 150**2) / (300**2 + 300**2 + 150**2))


def test_the_optimal_factor_gives_all_to_the_only_frame_that_reached_the_overlap():
    people = {name: column[:3] for name, column in PEOPLE.items()}
    found, notes = weights(people, method="hartley", lam="optimal")
    assert notes["lam"] == 0
    assert found == pytest.approx([200, 300, 300])


def test_a_fixed_factor_that_would_lose_weight_is_refused():
    people = {name: column[:3] for name, column in PEOPLE.items()}
    with pytest.raises(MeasureError) as error:
        weights(people, method="hartley", lam=0.5)
    assert error.value.code == "no-overlap-in-frame"
    assert weights(people, method="hartley", lam=0)[0] == pytest.approx([200, 300, 300])


def test_counts_above_the_cap_are_taken_as_the_cap_and_reported():
    found, notes = weights(cap={"mobile_numbers": 2, "eligible_in_household": 3})
    assert found[2] == pytest.approx(1 / (0.01 * 2 / 3 + 1 / 300))
    assert found[3] == pytest.approx(1 / (0.01 / 3 + 2 / 300))
    assert notes["caps"] == [
        {"column": "mobiles", "cap": 2, "rows": 1, "share": 25.0, "largest": 3},
        {"column": "adults", "cap": 3, "rows": 1, "share": 25.0, "largest": 4},
    ]


def test_draws_may_differ_by_stratum_in_columns():
    people = PEOPLE | {"m": [100, 100, 50, 50], "M": [10_000, 10_000, 20_000, 20_000]}
    people = people | {"size": people.pop("M")}
    found, _ = weights(
        people, drawn={"landline": "m", "mobile": 300},
        frame_size={"landline": "size", "mobile": 90_000},
    )  # fmt: skip
    assert found[2] == pytest.approx(1 / (50 / 20_000 * 2 / 4 + 1 / 300))
    assert found[0] == pytest.approx(200)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"frame": "postal"}, "unknown-frame"),
        ({"frame": None}, "unknown-frame"),
        ({"lines": 0, "mobiles": 0}, "reachable-in-no-frame"),
        ({"lines": 0}, "frame-without-number"),
        ({"frame": "mobile", "mobiles": 0}, "frame-without-number"),
        ({"lines": None}, "bad-phone-count"),
        ({"mobiles": -1}, "bad-phone-count"),
        ({"lines": 1.5}, "bad-phone-count"),
        ({"mobiles": float("inf")}, "bad-phone-count"),
        ({"mobiles": float("nan")}, "bad-phone-count"),
        ({"adults": None}, "bad-household"),
        ({"adults": 0}, "bad-household"),
    ],
)
def test_a_respondent_who_cannot_be_weighted_is_named_by_row(changes, code):
    with pytest.raises(MeasureError) as error:
        weights(person(**changes))
    assert error.value.code == code
    assert error.value.place == "row 2"
    assert error.value.message_zh


def test_the_row_is_named_by_its_own_identifier_if_there_is_one():
    people = person(adults=0) | {"case": ["A-7", "B-2", "A-3"]}
    with pytest.raises(MeasureError, match="row B-2"):
        weights(people, row="case")


def test_a_table_of_an_engine_shows_the_values_as_its_rows_have_no_order():
    table = as_ibis(person(adults=0))
    with pytest.raises(MeasureError, match="adults = 0") as error:
        weights(table)
    assert error.value.place == ""


def test_draws_that_exceed_the_frame_are_refused():
    with pytest.raises(MeasureError) as error:
        weights(drawn={"landline": 20_000, "mobile": 300})
    assert (error.value.code, error.value.place) == ("bad-frame-size", "landline")
    people = PEOPLE | {"m": [100, 0, 100, 100]}
    with pytest.raises(MeasureError) as error:
        weights(people, drawn={"landline": 100, "mobile": "m"})
    assert (error.value.code, error.value.place) == ("bad-frame-size", "row 2")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "raking"}, "unknown-option"),
        ({"lam": 1.5}, "unknown-option"),
        ({"cap": 0}, "unknown-option"),
        ({"cap": {"phones": 3}}, "unknown-option"),
        ({"drawn": {"landline": 100}}, "unknown-option"),
        ({"frame": "sample"}, "unknown-column"),
        ({"name": "lines"}, "reserved-column"),
        ({"landline_lines": "frame"}, "not-numeric"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(options, code):
    with pytest.raises(MeasureError) as error:
        weights(**options)
    assert error.value.code == code


def test_an_empty_table_is_refused():
    empty = pa.table(PEOPLE).slice(0, 0)
    with pytest.raises(MeasureError) as error:
        weights(empty)
    assert error.value.code == "no-rows"


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_any_table_gives_the_same_weights(kind):
    assert weights(kind(PEOPLE))[0] == pytest.approx(weights()[0])


@pytest.mark.needs_java
def test_spark_gives_the_same_weights(spark):
    options = {**PHONES, "method": "hartley", "lam": "optimal", "cap": 2}
    numbered = PEOPLE | {"id": [1, 2, 3, 4]}
    on_spark, _ = two_frame_weights(as_ibis(numbered, spark), **options)
    found = sorted(on_spark.to_pyarrow().to_pylist(), key=lambda r: r["id"])
    assert [r["base_weight"] for r in found] == pytest.approx(weights(**options)[0], rel=1e-12)


respondent = st.tuples(
    st.sampled_from(["landline", "mobile"]),
    st.integers(0, 4), st.integers(0, 4), st.integers(1, 6),
).filter(lambda p: (p[1] if p[0] == "landline" else p[2]) > 0)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(respondent, min_size=1, max_size=15))
def test_weights_are_finite_and_positive_and_sum_to_what_the_notes_say(people):
    table = dict(zip(("frame", "lines", "mobiles", "adults"), map(list, zip(*people, strict=True)),
                     strict=True))  # fmt: skip
    found, notes = weights(table)
    assert all(np.isfinite(found))
    assert min(found) > 0
    assert notes["sum_of_weights"] == pytest.approx(sum(found))
    assert notes["rows"] == len(people)


def test_the_weights_estimate_the_population_without_bias():
    """Numbers drawn from two frames 300 times: the mean of both estimators is the true count."""
    generator = np.random.Generator(np.random.PCG64(7))
    households = 1500
    adults = generator.integers(1, 4, households)
    lines = generator.integers(0, 3, households)
    home = np.repeat(np.arange(households), adults)
    mobiles = np.where(lines[home] > 0, generator.integers(0, 3, home.size), 1)
    line_owner, mobile_owner = (
        np.repeat(np.arange(households), lines),
        np.repeat(np.arange(home.size), mobiles),
    )
    first = np.concatenate([[0], np.cumsum(adults)[:-1]])
    draws = []
    for draw in range(300):
        drawn_lines = generator.choice(line_owner, 80, replace=False)
        reached = first[drawn_lines] + generator.integers(0, adults[drawn_lines])
        who = np.concatenate([reached, generator.choice(mobile_owner, 120, replace=False)])
        people = {"frame": np.repeat(["landline", "mobile"], [80, 120]), "lines": lines[home[who]],
                  "mobiles": mobiles[who], "adults": adults[home[who]]}  # fmt: skip
        draws.append(pd.DataFrame(people).assign(draw=draw))
    sizes = {"landline": len(line_owner), "mobile": len(mobile_owner)}
    options = {**PHONES, "drawn": {"landline": 80, "mobile": 120}, "frame_size": sizes}
    for method in ("single-frame", "hartley"):
        weighted, _ = two_frame_weights(pd.concat(draws), **options, method=method, lam=0.4)
        totals = weighted.group_by("draw").agg(total=weighted.base_weight.sum()).to_pyarrow()
        found = totals["total"].to_numpy()
        error = np.std(found) / np.sqrt(len(found))
        assert abs(np.mean(found) - np.sum((lines[home] > 0) | (mobiles > 0))) < 4 * error
