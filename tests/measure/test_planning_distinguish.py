"""How many ranks a plan will be able to tell apart (P-06, P-20)."""

from __future__ import annotations

import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning import distinguishable_ranks


def plan(n=1000, **options):
    given = {"sd": 22, "deff": 1.5, "areas": 12, "spread": 3.0, "surveys": 30, "draws": 500}
    return distinguishable_ranks(n, **given | options)


def test_twelve_counties_at_a_thousand_interviews_average_about_seven_ranks():
    row = plan().rows()[0]
    assert row["se"] == pytest.approx(22 * (1.5 / 1000) ** 0.5)
    assert 6 <= row["mean_set"] <= 8
    assert row["pairs"] == 66
    assert row["told_apart_share"] == pytest.approx(100 * row["told_apart"] / 66)


def test_the_same_seed_gives_the_same_table():
    assert plan(surveys=5).rows() == plan(surveys=5).rows()
    assert plan(surveys=5).rows() != plan(surveys=5, seed=2).rows()


def test_more_interviews_tell_more_pairs_apart():
    told = plan([100, 1000, 10_000], surveys=10)["told_apart"].to_pylist()
    assert told == sorted(told)
    assert told[0] < told[-1]


def test_areas_that_are_alike_are_not_told_apart():
    row = plan(spread=0.0).rows()[0]
    assert row["told_apart"] < 0.5
    assert row["covered"] >= 85


def test_areas_far_apart_all_get_their_rank():
    row = distinguishable_ranks(
        400, sd=20, true_values=[90, 70, 50, 30], top=1, surveys=5, draws=500
    ).rows()[0]
    assert row["told_apart"] == row["pairs"] == 6
    assert row["single"] == 4
    assert row["sure_top"] == row["sure_bottom"] == 1
    assert row["covered"] == 100


def test_a_plan_may_give_each_area_its_own_size():
    row = distinguishable_ranks(
        [[100, 200, 300]], sd=20, true_values=[1, 2, 3], top=1, surveys=3, draws=200
    ).rows()[0]
    assert row["n"] == 200
    with pytest.raises(MeasureError) as error:
        distinguishable_ranks([[100, 200]], sd=20, true_values=[1, 2, 3], top=1)
    assert error.value.code == "length-mismatch"


@pytest.mark.parametrize(
    "options",
    [{"sd": 0}, {"areas": None}, {"true_values": [1, 2, 3]}, {"areas": 1}, {"top": 13},
     {"surveys": 0}, {"n": 0}],
)  # fmt: skip
def test_an_impossible_plan_is_refused(options):
    with pytest.raises(MeasureError):
        plan(**options)
