"""From answers to numbers: the expressions that every estimator sums.

Each statistic is a ratio of two weighted sums, ``sum(w a) / sum(w b)``: for means, shares and
scores ``b`` is one where the person answered; a total has no denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.reading.text import as_number

if TYPE_CHECKING:
    import ibis
    from ibis.expr.types import BooleanValue, NumericValue, Value

    from huiyin.measure.statistics import Code, Statistic


@dataclass(frozen=True)
class Coded:
    """Expressions of one statistic over the rows of a table.

    Attributes:
        a: numerator value, null where the row does not count.
        b: denominator value, null where ``a`` is; None stands for one.
        answered: true where the item holds an answer that is not a missing code.
        item: the answers as they stand in the file.
    """

    a: NumericValue
    b: NumericValue | None
    answered: BooleanValue
    item: Value


def coded(table: ibis.Table, statistic: Statistic) -> Coded:
    """Expressions for ``statistic`` over ``table``.

    Raises:
        MeasureError: a column is absent, or its type cannot hold the codes.
    """
    item = _column(table, statistic.item)
    answered = item.notnull()
    if statistic.missing:
        answered = answered & ~_is_one_of(item, statistic.missing, statistic.item)
    if statistic.kind == "share":
        value = _share(item, statistic).cast("float64")
    elif statistic.kind == "score":
        value = _score(item, statistic)
    else:
        value = number(item, statistic.item)
    if statistic.missing:
        value = answered.ifelse(value, None)
    if statistic.denominator is None:
        return Coded(value, None, answered, item)
    return _with_denominator(table, statistic, value, answered)


def _with_denominator(
    table: ibis.Table, statistic: Statistic, value: NumericValue, answered: BooleanValue
) -> Coded:
    name = str(statistic.denominator)
    below = _column(table, name)
    base = number(below, name)
    answered = answered & below.notnull()
    if statistic.missing:
        answered = answered & ~_is_one_of(below, statistic.missing, name)
    both = answered & value.notnull() & base.notnull()
    return Coded(
        both.ifelse(value, None),
        both.ifelse(base, None),
        answered,
        table[statistic.item],
    )


def number(item: Value, name: str) -> NumericValue:
    """The column as float64; text is read as a number, what cannot be read becomes null."""
    kind = item.type()
    if kind.is_floating():
        return item.isnan().ifelse(None, item).cast("float64")
    if kind.is_numeric():
        return item.cast("float64")
    if kind.is_boolean():
        return item.cast("int8").cast("float64")
    if kind.is_string():
        return as_number(item)
    raise MeasureError(
        "item-not-numeric",
        f"the item is {kind}; a number is needed",
        f"该题的数据类型是 {kind}，这里需要数值",
        place=f"column {name}",
    )


def double(value: float) -> NumericValue:
    """A literal that is a double on every engine.

    DuckDB reads a literal 100.0 as a DECIMAL, whose arithmetic overflows; Ibis takes a float
    literal for a double already and drops the cast, hence the way through text.
    """
    import ibis

    return ibis.literal(repr(float(value))).cast("float64")


def _column(table: ibis.Table, name: str) -> Value:
    if name in table.columns:
        column = table[name]
        if column.type().is_floating():
            return column.isnan().ifelse(None, column)
        return column
    raise unknown_column(name, table.columns, f"column {name}")


def _is_one_of(item: Value, codes: Sequence[Code], name: str) -> BooleanValue:
    """Whether the answer is one of ``codes``; text and numbers meet as numbers if both can."""
    kind = item.type()
    if kind.is_string():
        if all(isinstance(code, str) for code in codes):
            return item.isin(list(codes))
        numbers = [code for code in codes if not isinstance(code, str)]
        texts = [code for code in codes if isinstance(code, str)]
        matched = number(item, name).isin([float(code) for code in numbers]).fill_null(False)
        matched = matched | item.isin(texts) if texts else matched
        return item.isnull().ifelse(None, matched)
    if kind.is_numeric() or kind.is_boolean():
        wanted = [_as_number(code, name) for code in codes]
        if kind.is_integer():
            whole = [int(code) for code in wanted if code.is_integer()]
            return item.isin(whole) if whole else item.isnull().ifelse(None, False)
        return number(item, name).isin(wanted)
    return item.cast("string").isin([str(code) for code in codes])


def _share(item: Value, statistic: Statistic) -> BooleanValue:
    """Whether the answer counts; text among codes that are all numbers is null, an unknown code."""
    codes = statistic.of
    if item.type().is_string() and not any(isinstance(code, str) for code in codes):
        return number(item, statistic.item).isin([float(code) for code in codes])
    return _is_one_of(item, codes, statistic.item)


def _as_number(code: Code, name: str) -> float:
    try:
        return float(code)
    except ValueError:
        raise MeasureError(
            "code-not-numeric",
            f"the column holds numbers, but the code {code!r} is text",
            f"该列是数值，编码 {code!r} 却是文本",
            place=f"column {name}",
        ) from None


def _score(item: Value, statistic: Statistic) -> NumericValue:
    """The score of the answer; a line through whole codes is computed, not looked up."""
    line = _line(statistic)
    if line is not None and item.type().is_integer():
        low, high, slope, start = line
        inside = item.between(low, high)
        return inside.ifelse(item.cast("float64") * slope + start, None)
    import ibis

    branches = [
        (_is_one_of(item, [code], statistic.item), double(value))
        for code, value in statistic.scores
    ]
    return ibis.cases(*branches, else_=None).cast("float64")


def _line(statistic: Statistic) -> tuple[int, int, float, float] | None:
    """(lowest code, highest code, slope, start) if consecutive codes score exactly on a line."""
    try:
        pairs = sorted((float(code), score) for code, score in statistic.scores)
    except (TypeError, ValueError):
        return None
    codes = [code for code, _ in pairs]
    if not codes[0].is_integer():
        return None
    low = int(codes[0])
    if codes != [float(low + i) for i in range(len(codes))] or len(codes) < 2:
        return None
    slope = pairs[1][1] - pairs[0][1]
    start = pairs[0][1] - slope * low
    if any(code * slope + start != score for code, score in pairs):
        return None
    return low, low + len(codes) - 1, slope, start
