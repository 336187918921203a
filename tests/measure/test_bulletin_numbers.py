"""How figures are printed: METHODS section 12, requirement P-31."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.measure.bulletin import numbers

FIGURES = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: float(format(x, ".9g")))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (2.345, "2.35"),
        (-0.005, "-0.01"),
        (0.125, "0.13"),
        (1.005, "1.01"),
        (93.705, "93.71"),
        (93.71498, "93.71"),
        (-2.345, "-2.35"),
        (76.09, "76.09"),
        (26.2613, "26.26"),
        (0.0, "0.00"),
        (99.995, "100.00"),
    ],
)
def test_figures_are_rounded_half_up_from_what_they_are_in_decimal(
    value: float, printed: str
) -> None:
    assert str(numbers.half_up(value)) == printed


def test_a_tie_hidden_by_binary_arithmetic_is_still_a_tie() -> None:
    product = 0.145 * 3
    assert product < 0.435  # 0.43499999999999994
    assert str(numbers.half_up(product)) == "0.44"


@given(FIGURES)
def test_rounding_is_never_off_by_more_than_half_a_unit(value: float) -> None:
    off = abs(Fraction(numbers.half_up(value)) - Fraction(repr(value)))
    assert off <= Fraction(1, 200)


@given(FIGURES)
def test_ties_go_away_from_zero_alike_on_both_sides(value: float) -> None:
    assert numbers.half_up(-value) == -numbers.half_up(value)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_whatever_is_no_figure_prints_as_a_dash(value: float) -> None:
    printed = numbers.figure(value)
    finite = value == value and abs(value) != float("inf")
    assert (printed == numbers.DASH) is not finite
    assert not re.search("nan|inf|none", printed, re.IGNORECASE)


def test_minus_zero_does_not_print() -> None:
    assert numbers.figure(-0.004) == "0.00"
    assert numbers.figure(-0.004, signed=True) == "0.00"


def test_signs_thousands_and_decimals_print_as_in_a_table() -> None:
    assert numbers.figure(2.52, signed=True) == "+2.52"
    assert numbers.figure(-1234567.891) == "−1,234,567.89"
    assert numbers.figure(11024, 0) == "11,024"
    assert numbers.interval(-0.5, 1.255, signed=True) == "−0.50～+1.26"
    assert numbers.interval(None, 1.0) == numbers.DASH
    assert numbers.percent(0.0125) == "1.25%"
    assert numbers.small(3.2e-10) == "<0.0001"
    assert numbers.small(0.0) == "0.0000"
    assert numbers.p_value(0.0004) == "<0.001"
    assert numbers.p_value(0.0125) == "0.013"


def test_a_difference_is_computed_before_it_is_rounded() -> None:
    new, old = 76.094, 73.565
    assert numbers.half_up(new - old) == Decimal("2.53")
    assert numbers.half_up(new) - numbers.half_up(old) == Decimal("2.52")
