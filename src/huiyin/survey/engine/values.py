"""The four kinds of value of an expression, and how each becomes another.

A value is a string, a number (float), a boolean, or a list of nodes. Conversions are those of XPath
1.0 section 3 and 4 with the extension of the ODK XForms specification: a date or dateTime as a
number is the days since 1 January 1970 UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeAlias

from huiyin.survey.engine.instance import Node

NodeSet: TypeAlias = Sequence[Node]
Value: TypeAlias = str | float | bool | NodeSet

EPOCH = date(1970, 1, 1)
SECONDS_A_DAY = 86_400
_NUMBER = re.compile(r"[ \t\r\n]*-?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*\Z")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?\Z",
    re.ASCII,
)
_NUMERIC = frozenset({"int", "integer", "decimal"})


def to_string(value: Value) -> str:
    """As ``string()``: a node-set is the text of its first node, a whole number has no point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return number_text(float(value))
    return value[0].text() if value else ""


def stored_text(value: Value) -> str:
    """What is stored of a result: nothing where it is no number, as in JavaRosa."""
    if isinstance(value, float) and math.isnan(value):
        return ""
    return to_string(value)


def number_text(number: float) -> str:
    """The number as XPath prints it: ``3`` not ``3.0``, never in powers of ten."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number):
        return str(int(number))
    text = repr(number)
    return text if "e" not in text else f"{number:.20f}".rstrip("0")


def to_number(value: Value) -> float:
    """As ``number()``: text that is no number is NaN, a date is days since 1970."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float | int):
        return float(value)
    text = to_string(value)
    if _NUMBER.match(text):
        return float(text)
    days = days_of(text)
    return math.nan if days is None else days


def to_boolean(value: Value) -> bool:
    """As ``boolean()``: what is empty, zero or NaN is false.

    A node-set is what its first answer is: an unanswered question is false, so is the number 0, and
    so is what was calculated as ``false``. So JavaRosa has it, and so authors mean it; XPath 1.0
    (4.3) would call every question true.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, float | int):
        return value != 0 and not math.isnan(value)
    return value != "" if isinstance(value, str) else _is_answered(value)


def _is_answered(nodes: NodeSet) -> bool:
    text = nodes[0].text() if nodes else ""
    at = nodes[0].field if nodes else None
    if at is None or not text:
        return text != ""
    calculated = "calculate" in at.rules
    if at.type in _NUMERIC or (calculated and _NUMBER.match(text)):
        return to_boolean(to_number(text))
    return not (calculated and text == "false")


def nodes_of(value: Value) -> NodeSet:
    """The nodes of a node-set; none of any other value."""
    return () if isinstance(value, str | float | bool | int) else value


def texts_of(value: Value) -> list[str]:
    """The text of every node of a node-set; of any other value its own."""
    if isinstance(value, str | float | bool | int):
        return [to_string(value)]
    return [node.text() for node in value]


def days_of(text: str, local: datetime | None = None) -> float | None:
    """Days since 1 January 1970 UTC of a date or dateTime; None where it is neither.

    Args:
        local: a moment with the time zone in which a dateTime without one is meant.
    """
    if match := _DATE.match(text):
        day = _day(*match.groups())
        return None if day is None else float((day - EPOCH).days)
    moment = moment_of(text, local)
    return None if moment is None else moment.timestamp() / SECONDS_A_DAY


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def moment_of(text: str, local: datetime | None = None) -> datetime | None:
    """The moment that a dateTime names; None where it names none."""
    match = _MOMENT.match(text)
    if not match:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    try:
        bare = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second or '00'}")
        zoned = bare.replace(tzinfo=_zone(zone, local))
    except ValueError:
        return None
    return zoned + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))


def _zone(text: str | None, local: datetime | None) -> tzinfo | None:
    if text is None:
        return local.tzinfo if local is not None else UTC
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo


def date_of(text: str, local: datetime | None = None) -> date | None:
    """The day of a date, or of a dateTime where the interview is; None where it is neither."""
    if match := _DATE.match(text):
        return _day(*match.groups())
    moment = moment_of(text, local)
    return None if moment is None else at_home(moment, local).date()


def at_home(moment: datetime, local: datetime | None) -> datetime:
    """A moment in the time zone of the interview."""
    return moment if local is None or local.tzinfo is None else moment.astimezone(local.tzinfo)


def compare(operator: str, left: Value, right: Value) -> bool:
    """``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` of two values (XPath 1.0, 3.4).

    With a node-set on either side the comparison holds if it holds for any of its nodes; one
    without nodes counts as empty text, as in JavaRosa.
    """
    for one in _each(left):
        for other in _each(right):
            if _holds(operator, one, other):
                return True
    return False


def _each(value: Value) -> Sequence[str | float | bool]:
    if isinstance(value, str | float | bool | int):
        return (value,)
    return texts_of(value) or ("",)


def _holds(operator: str, left: str | float | bool, right: str | float | bool) -> bool:
    if operator in ("=", "!="):
        same = _equal(left, right)
        return same if operator == "=" else not same
    one, other = to_number(left), to_number(right)
    if operator == "<":
        return one < other
    if operator == "<=":
        return one <= other
    return one > other if operator == ">" else one >= other


def _equal(left: str | float | bool, right: str | float | bool) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        return to_number(left) == to_number(right)
    return left == right
