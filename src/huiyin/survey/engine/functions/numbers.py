"""Functions of numbers and of yes and no."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal, localcontext

from huiyin.survey.engine.context import Context, Nodes
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.values import Value, texts_of, to_boolean, to_number, to_string

NAN = math.nan
#: More places than this no float has, after its point or before it.
MOST_DECIMALS = 330


@function("number", "any", gives="number")
def number(context: Context, value: Value) -> float:
    return to_number(value)


@function("random", gives="number")
def random(context: Context) -> float:
    return context.around.drawn(context.current).random()


@function("int", "number", gives="number")
def integer(context: Context, value: float) -> float:
    return value if math.isnan(value) or math.isinf(value) else float(math.trunc(value))


@function("round", "number", "number", gives="number", least=1)
def rounded(context: Context, value: float, decimals: float = 0.0) -> float:
    """Half upwards, so that -2.5 becomes -2 (XPath 1.0), on the number as it is written."""
    places = int(decimals) if math.isfinite(decimals) else 0
    if not math.isfinite(value) or places > MOST_DECIMALS:
        return value
    unit = Decimal(1).scaleb(-max(places, -MOST_DECIMALS))
    half = ROUND_HALF_UP if value > 0 else ROUND_HALF_DOWN
    with localcontext(prec=400):  # a float has at most 309 digits before its point
        return float(Decimal(repr(value)).quantize(unit, rounding=half))


@function("sum", "nodes", gives="number")
def total(context: Context, nodes: Nodes) -> float:
    """What is no number counts nothing, as in JavaRosa: an unanswered question adds 0."""
    found = [to_number(node.text()) for node in nodes]
    return math.fsum(number for number in found if not math.isnan(number))


@function("max", "any", gives="number", least=1, most=None)
def largest(context: Context, *values: Value) -> float:
    return _extreme(max, values)


@function("min", "any", gives="number", least=1, most=None)
def smallest(context: Context, *values: Value) -> float:
    return _extreme(min, values)


def _extreme(choose: Callable[..., float], values: tuple[Value, ...]) -> float:
    """Among what is a number, as in JavaRosa: unanswered questions are passed over."""
    numbers: list[float] = []
    for value in values:
        numbers += map(to_number, texts_of(value))
    numbers = [number for number in numbers if not math.isnan(number)]
    return choose(numbers) if numbers else NAN


def _mathematical(name: str, formula: Callable[..., float], arguments: int = 1) -> None:
    """Enter a function of numbers that gives NaN where it is not defined."""

    def body(context: Context, *values: float) -> float:
        try:
            return float(formula(*values))
        except OverflowError:
            return math.inf
        except ValueError:
            return NAN

    function(name, *["number"] * arguments, gives="number")(body)


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf


def _logarithm(formula: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else formula(value)


_FORMULAS: dict[str, Callable[..., float]] = {
    "abs": abs, "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin,
    "acos": math.acos, "atan": math.atan, "sqrt": math.sqrt, "exp": math.exp,
    "exp10": lambda value: math.pow(10, value),
    "log": _logarithm(math.log), "log10": _logarithm(math.log10),
}  # fmt: skip
for _name, _formula in _FORMULAS.items():
    _mathematical(_name, _formula)
_mathematical("pow", _power, 2)
_mathematical("atan2", math.atan2, 2)


@function("pi", gives="number")
def pi(context: Context) -> float:
    return math.pi


@function("true", gives="boolean")
def true(context: Context) -> bool:
    return True


@function("false", gives="boolean")
def false(context: Context) -> bool:
    return False


@function("boolean", "any", gives="boolean")
def boolean(context: Context, value: Value) -> bool:
    return to_boolean(value)


@function("not", "boolean", gives="boolean")
def negation(context: Context, value: bool) -> bool:
    return not value


@function("boolean-from-string", "string", gives="boolean")
def boolean_from_string(context: Context, text: str) -> bool:
    return text.lower() in ("true", "1")


@function("checklist", "number", "number", "any", gives="boolean", least=2, most=None)
def checklist(context: Context, least: float, most: float, *answers: Value) -> bool:
    return _within(sum(_ticked(answer) for answer in answers), least, most)


@function("weighted-checklist", "number", "number", "any", gives="boolean", least=4, most=None)
def weighted_checklist(context: Context, least: float, most: float, *pairs: Value) -> bool:
    weights = map(to_number, pairs[1::2])
    weighed = zip(pairs[::2], weights, strict=False)
    return _within(math.fsum(weight for answer, weight in weighed if _ticked(answer)), least, most)


def _ticked(answer: Value) -> bool:
    """Whether an answer counts: above 0 as a number (specification), or ``yes`` (ODK's manual)."""
    return to_string(answer) in ("true", "yes") or to_number(answer) > 0


def _within(count: float, least: float, most: float) -> bool:
    """Between the limits; -1 is no limit."""
    return (least < 0 or count >= least) and (most < 0 or count <= most)
