"""Functions of numbers and of yes and no."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from huiyin.survey.engine.context import Context, Nodes
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.values import Value, to_boolean, to_number, to_string

NAN = math.nan


@function("number", "any", gives="number")
def number(context: Context, value: Value) -> float:
    return to_number(value)


@function("random", gives="number")
def random(context: Context) -> float:
    return context.around.random.random()


@function("int", "number", gives="number")
def integer(context: Context, value: float) -> float:
    return value if math.isnan(value) or math.isinf(value) else float(math.trunc(value))


@function("round", "number", "number", gives="number", least=1)
def rounded(context: Context, value: float, decimals: float = 0.0) -> float:
    """Half away from zero, on the decimal number as it is written (as JavaRosa)."""
    if not math.isfinite(value) or not math.isfinite(decimals):
        return value
    unit = Decimal(1).scaleb(-int(decimals))
    return float(Decimal(repr(value)).quantize(unit, rounding=ROUND_HALF_UP))


@function("sum", "nodes", gives="number")
def total(context: Context, nodes: Nodes) -> float:
    return math.fsum(to_number(node.text()) for node in nodes)


@function("max", "any", gives="number", least=1, most=None)
def largest(context: Context, *values: Value) -> float:
    return _extreme(max, values)


@function("min", "any", gives="number", least=1, most=None)
def smallest(context: Context, *values: Value) -> float:
    return _extreme(min, values)


def _extreme(choose: Callable[..., float], values: tuple[Value, ...]) -> float:
    """NaN as soon as one of them is none, as XPath 3."""
    numbers: list[float] = []
    for value in values:
        plain = isinstance(value, str | float | bool)
        numbers += [to_number(value)] if plain else [to_number(node.text()) for node in value]  # type: ignore[union-attr]
    return NAN if not numbers or any(map(math.isnan, numbers)) else choose(numbers)


def _mathematical(name: str, formula: Callable[..., float], arguments: int = 1) -> None:
    """Enter a function of numbers that gives NaN where it is not defined."""

    def body(context: Context, *values: float) -> float:
        try:
            return float(formula(*values))
        except (ValueError, OverflowError, ZeroDivisionError):
            return NAN

    function(name, *["number"] * arguments, gives="number")(body)


def _logarithm(formula: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else formula(value)


for _name, _formula in {
    "abs": abs, "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin,
    "acos": math.acos, "atan": math.atan, "sqrt": math.sqrt, "exp": math.exp,
    "exp10": lambda value: math.pow(10, value),
    "log": _logarithm(math.log), "log10": _logarithm(math.log10),
}.items():  # fmt: skip
    _mathematical(_name, _formula)
_mathematical("pow", math.pow, 2)
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
    return text.strip().lower() in ("true", "1")


@function("checklist", "number", "number", "any", gives="boolean", least=2, most=None)
def checklist(context: Context, least: float, most: float, *answers: Value) -> bool:
    return _within(sum(_ticked(answer) for answer in answers), least, most)


@function("weighted-checklist", "number", "number", "any", gives="boolean", least=4, most=None)
def weighted_checklist(context: Context, least: float, most: float, *pairs: Value) -> bool:
    weights = map(to_number, pairs[1::2])
    weighed = zip(pairs[::2], weights, strict=False)
    return _within(math.fsum(weight for answer, weight in weighed if _ticked(answer)), least, most)


def _ticked(answer: Value) -> bool:
    """Whether an answer counts: what is, as a number, above 0, or says ``true``."""
    return to_string(answer) == "true" or to_number(answer) > 0


def _within(count: float, least: float, most: float) -> bool:
    """Between the limits; -1 is no limit."""
    return (least < 0 or count >= least) and (most < 0 or count <= most)
