"""Printing of figures: half up, from unrounded values (METHODS, section 12)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

DASH = "—"
MINUS = "\N{MINUS SIGN}"
#: Digits of a binary figure that carry meaning; a tie hidden by the rest is still a tie.
SIGNIFICANT = 12
#: The largest float has 309 digits before the point.
EVERY_DIGIT = Context(prec=340)


def half_up(value: float, places: int = 2) -> Decimal:
    """Round to ``places`` decimals, ties away from zero (四舍五入), never to minus zero.

    The value is first read to twelve significant digits, so that 1.005, which a computer
    holds as 1.00499999999999989, becomes 1.01.
    """
    exact = Decimal(format(float(value), f".{SIGNIFICANT}g"))
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EVERY_DIGIT)
    return abs(rounded) if rounded == 0 else rounded


def is_figure(value: Any) -> bool:
    """Whether there is a finite number to print."""
    return value is not None and not isinstance(value, str) and math.isfinite(value)


def figure(value: Any, places: int = 2, *, signed: bool = False) -> str:
    """The printed figure, thousands apart, or a dash where there is none."""
    if not is_figure(value):
        return DASH
    rounded = half_up(value, places)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,f}"


def interval(
    low: Any, high: Any, places: int = 2, *, signed: bool = False, between: str = "～"
) -> str:
    """Both ends, or a dash where one is missing."""
    if not (is_figure(low) and is_figure(high)):
        return DASH
    return f"{figure(low, places, signed=signed)}{between}{figure(high, places, signed=signed)}"


def whole(value: Any) -> str:
    """A count."""
    return figure(value, 0)


def percent(fraction: Any, places: int = 2) -> str:
    """A fraction between 0 and 1 in percent."""
    return f"{figure(100 * fraction, places)}%" if is_figure(fraction) else DASH


def p_value(value: Any) -> str:
    """A p-value; what would print as zero prints as a bound."""
    if not is_figure(value):
        return DASH
    return "<0.001" if value < 0.001 else figure(value, 3)


def small(value: float) -> str:
    """A tolerance: four decimals, or a bound where they would all be zero."""
    return "<0.0001" if 0 < abs(value) < 0.0001 else figure(value, 4)
