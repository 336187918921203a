"""Whether an answer is of the kind that its question asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from huiyin.survey.engine.form import Field
from huiyin.survey.engine.questionnaire import ChoiceRules
from huiyin.survey.engine.values import date_of, moment_of, number_text

_INT = re.compile(r"-?\d{1,18}\Z", re.ASCII)
_DECIMAL = re.compile(r"-?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?\Z", re.ASCII)
_POINT = re.compile(r"-?\d+(\.\d+)?( -?\d+(\.\d+)?){1,3}\Z", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer.

    Attributes:
        path: address of the question.
        code: ``required``, ``constraint``, ``not-a-number``, ``not-a-choice`` …
        message: what to say, in the language of the interview.
    """

    path: str
    code: str
    message: str


def text_of(value: object) -> str:
    """An answer as XForms stores it: codes of several choices with spaces between.

    Raises:
        TypeError: it is of a kind that no question takes.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(float(value)) if isinstance(value, float) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Iterable):
        return " ".join(text_of(each) for each in value)
    raise TypeError(f"no question takes an answer of type {type(value).__name__}")


def wrong_answer(at: Field, text: str, offered: frozenset[str], rules: ChoiceRules) -> str:
    """The code of what is wrong with an answer that is not empty; "" = nothing.

    Args:
        offered: the codes of the choices now on offer.
    """
    if at.control in ("select1", "select", "rank"):
        return _wrong_choice(at, text, offered, rules)
    check = _CHECKS.get(at.type)
    return check(text) if check else _wrong_range(at, text)


def _wrong_choice(at: Field, text: str, offered: frozenset[str], rules: ChoiceRules) -> str:
    codes = [text] if at.control == "select1" else text.split()
    if not set(codes) <= offered:
        return "not-a-choice"
    if len(set(codes)) < len(codes):
        return "chosen-twice"
    if len(codes) > 1 and rules.exclusive & set(codes):
        return "not-alone"
    return "not-all-ranked" if at.control == "rank" and set(codes) != offered else ""


def _wrong_range(at: Field, text: str) -> str:
    if at.control != "range":
        return ""
    if not _DECIMAL.match(text):
        return "not-a-number"
    low, high = (float(at.settings.get(name, "nan")) for name in ("start", "end"))
    return "" if min(low, high) <= float(text) <= max(low, high) else "out-of-range"


def _wrong_int(text: str) -> str:
    return "" if _INT.match(text) else "not-a-whole-number"


def _wrong_decimal(text: str) -> str:
    return "" if _DECIMAL.match(text) else "not-a-number"


def _wrong_date(text: str) -> str:
    return "" if len(text) == 10 and date_of(text) else "not-a-date"  # with both zeros


def _wrong_moment(text: str) -> str:
    return "" if moment_of(text) else "not-a-moment"


def _wrong_time(text: str) -> str:
    return "" if _TIME.match(text) else "not-a-time"


def _wrong_point(text: str) -> str:
    return "" if _POINT.match(text) else "not-a-place"


_CHECKS = {
    "int": _wrong_int, "integer": _wrong_int, "decimal": _wrong_decimal, "date": _wrong_date,
    "dateTime": _wrong_moment, "time": _wrong_time, "geopoint": _wrong_point,
}  # fmt: skip
