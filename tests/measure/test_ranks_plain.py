"""Plain ranks: 1 is best, ties by a stated rule, rounding half up as figures are printed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks import plain_ranks
from huiyin.measure.ranks.plain import round_half_up

values = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [("min", [2, 1, 2, 4]), ("max", [3, 1, 3, 4]), ("average", [2.5, 1, 2.5, 4])],
)
def test_equal_values_share_the_best_the_worst_or_the_mean_place(
    ties: str, expected: list[float]
) -> None:
    assert plain_ranks([70.0, 80.0, 70.0, 60.0], ties=ties).tolist() == expected  # type: ignore[arg-type]


def test_where_lower_is_good_the_lowest_value_ranks_first() -> None:
    assert plain_ranks([3.0, 1.0, 2.0], good="lower").tolist() == [3, 1, 2]


@given(values, st.sampled_from(["min", "max", "average"]))
def test_ranks_equal_those_of_scipy(given_values: list[float], ties: str) -> None:
    expected = rankdata(-np.array(given_values), method=ties)
    assert plain_ranks(given_values, ties=ties).tolist() == expected.tolist()  # type: ignore[arg-type]


@given(values)
def test_turning_the_values_round_turns_the_ranks_round(given_values: list[float]) -> None:
    opposite = [-value for value in given_values]
    assert plain_ranks(given_values).tolist() == plain_ranks(opposite, good="lower").tolist()


def test_values_that_print_alike_are_tied_when_decimals_are_stated() -> None:
    assert plain_ranks([76.0949, 76.0851, 76.08], decimals=2).tolist() == [1, 1, 3]
    assert plain_ranks([76.0949, 76.0851, 76.08]).tolist() == [1, 2, 3]


def test_a_share_that_differs_only_by_binary_dust_is_tied() -> None:
    assert plain_ranks([0.1 + 0.2, 0.3], decimals=2).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(1.005, 2, 1.01), (2.675, 2, 2.68), (0.125, 2, 0.13), (-0.125, 2, -0.13), (76.085, 2, 76.09),
     (2.5, 0, 3.0), (1e300, 2, 1e300), (1e-300, 2, 0.0)],
)  # fmt: skip
def test_rounding_is_half_up_on_the_decimal_that_is_read(
    value: float, decimals: int, expected: float
) -> None:
    assert round_half_up(np.array([value]), decimals)[0] == expected


def test_one_area_ranks_first_and_no_areas_give_no_ranks() -> None:
    assert plain_ranks([5.0]).tolist() == [1]
    assert plain_ranks([]).tolist() == []


@pytest.mark.parametrize(
    ("given_values", "code"),
    [([1.0, float("nan")], "bad-estimate"), ([float("inf")], "bad-estimate"),
     (["a"], "not-numeric"), ([[1.0]], "not-numeric")],
)  # fmt: skip
def test_what_cannot_be_ranked_is_refused(given_values: list[float], code: str) -> None:
    with pytest.raises(MeasureError) as refused:
        plain_ranks(given_values)
    assert refused.value.code == code


def test_an_unknown_rule_for_ties_is_refused() -> None:
    with pytest.raises(MeasureError, match="min, max, average"):
        plain_ranks([1.0], ties="dense")  # type: ignore[arg-type]
