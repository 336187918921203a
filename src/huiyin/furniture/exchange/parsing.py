"""From a cell to a value: what people write in Excel, understood or refused with the reason.

A cell holds text, a number, a day or a moment, a truth value, or nothing. Each parser here is made
for one field and is called with what the cell holds, never with an empty cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.db.models import Choices
from django.utils.functional import Promise

from huiyin.furniture.exchange.titles import spellings
from huiyin.problems import (
    CELL_BAD_CODE,
    CELL_LOST_DIGITS,
    CELL_NOT_A_CHOICE,
    CELL_NOT_A_DATE,
    CELL_NOT_A_NUMBER,
    CELL_NOT_WHOLE,
    CELL_OUT_OF_RANGE,
    CELL_TOO_LONG,
)

Parse = Callable[[Any], Any]
#: Excel counts days from here; its day 60, the 29th of February 1900, never was.
EXCEL_EPOCH = date(1899, 12, 30)
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00?:00(?::00)?)?"
)
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)


def plain(value: Any) -> str:
    """What a cell holds as text: a whole number without its point, text without outer blanks."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return (
            f"{value:%Y-%m-%d}"
            if value.time() == datetime.min.time()
            else f"{value:%Y-%m-%d %H:%M}"
        )
    return str(value).replace("\u3000", " ").replace("\xa0", " ").strip()


def narrow(value: Any) -> str:
    """The same with full-width digits, letters and signs made ordinary ones."""
    return unicodedata.normalize("NFKC", plain(value)).strip()


def text(longest: int = 200) -> Parse:
    """Text of at most ``longest`` characters; blanks inside are kept."""

    def parse(value: Any) -> str:
        found = unicodedata.normalize("NFC", plain(value))
        if len(found) > longest:
            raise CELL_TOO_LONG(limit=longest, length=len(found))
        return found

    return parse


def code(pattern: str = r"[0-9]+", example: str = "430582") -> Parse:
    """A code: blanks inside are dropped, full-width digits become ordinary ones.

    A code that Excel has shown as 4.31E+11 has lost its last digits and is refused.
    """
    shape = re.compile(pattern)

    def parse(value: Any) -> str:
        found = re.sub(r"\s", "", narrow(value)).removeprefix("'")
        if SCIENTIFIC.fullmatch(found) or (isinstance(value, float) and abs(value) >= 1e15):
            raise CELL_LOST_DIGITS(value=found)
        if not shape.fullmatch(found):
            raise CELL_BAD_CODE(value=found[:40], example=example)
        return found

    return parse


def number(low: float | None = None, high: float | None = None) -> Parse:
    """A decimal number between two bounds, both included."""

    def parse(value: Any) -> Decimal:
        found = _number(value)
        _within(found, low, high)
        return found

    return parse


def whole(low: int | None = 0, high: int | None = None) -> Parse:
    """A whole number between two bounds, both included; 12.0 is one, 12.5 is not."""

    def parse(value: Any) -> int:
        found = _number(value)
        if found != found.to_integral_value():
            raise CELL_NOT_WHOLE(value=plain(value))
        _within(found, low, high)
        return int(found)

    return parse


def _number(value: Any) -> Decimal:
    written = re.sub(r"[,\s]", "", narrow(value).replace("−", "-"))
    try:
        if isinstance(value, (bool, date)):
            raise InvalidOperation
        found = Decimal(written)
    except InvalidOperation as wrong:
        raise CELL_NOT_A_NUMBER(value=plain(value)[:40]) from wrong
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15:
        raise CELL_NOT_A_NUMBER(value=plain(value)[:40])
    return found


def _within(found: Decimal, low: float | None, high: float | None) -> None:
    if (low is not None and found < low) or (high is not None and found > high):
        raise CELL_OUT_OF_RANGE(
            value=found, low="−∞" if low is None else low, high="∞" if high is None else high
        )


def day(earliest: date = date(1900, 1, 1), latest: date = date(2199, 12, 31)) -> Parse:
    """A day: a date cell, Excel's serial number, or text such as 2026-11-28 or 2026年11月28日."""

    def parse(value: Any) -> date:
        found = _day(value)
        if found is None:
            raise CELL_NOT_A_DATE(value=plain(value)[:40])
        if not earliest <= found <= latest:
            raise CELL_OUT_OF_RANGE(value=found, low=earliest, high=latest)
        return found

    return parse


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = narrow(value)
    found = DAY.fullmatch(written) or COMPACT_DAY.fullmatch(written)
    if found:
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            return None
    if re.fullmatch(r"\d{2,5}", written) and int(written) > 60:
        return EXCEL_EPOCH + timedelta(days=int(written))
    return None


Offered = Mapping[Any, str | Promise] | type[Choices]


def choice(offered: Offered) -> Parse:
    """One of some values, written as the value or as its title in either language."""

    def parse(value: Any) -> Any:
        pairs = dict(offered.choices if isinstance(offered, type) else offered)
        found = narrow(value).casefold()
        for each, title in pairs.items():
            if found in (str(each).casefold(), *spellings(title)):
                return each
        titles = "、".join(str(title) for title in pairs.values())
        raise CELL_NOT_A_CHOICE(value=plain(value)[:40], choices=titles)

    return parse


class _Truth(Enum):
    YES = frozenset({"是", "有", "对", "√", "✓", "yes", "y", "true", "1"})
    NO = frozenset({"否", "无", "不", "×", "✗", "no", "n", "false", "0"})


def yes_no() -> Parse:
    """Yes or no: 是 否, √ ×, yes no, 1 0."""

    def parse(value: Any) -> bool:
        found = narrow(value).casefold()
        if found in _Truth.YES.value:
            return True
        if found in _Truth.NO.value:
            return False
        raise CELL_NOT_A_CHOICE(value=plain(value)[:40], choices="是、否")

    return parse
