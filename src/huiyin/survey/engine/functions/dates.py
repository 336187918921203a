"""Functions of dates and times. The clock is the moment that was passed in."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from huiyin.survey.engine.context import Context, NoMoment
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.values import (
    EPOCH,
    Value,
    at_home,
    date_of,
    days_of,
    moment_of,
    to_string,
)

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_DAYS_ZH = "一二三四五六日"
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:?\d{2})?\Z")


@function("today", gives="string")
def today(context: Context) -> str:
    return context.around.moment().date().isoformat()


@function("now", gives="string")
def now(context: Context) -> str:
    return _written(context.around.moment())


def _written(moment: datetime) -> str:
    zone = moment.strftime("%z") or "+0000"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{zone[:3]}:{zone[3:5]}"


@function("date", "any", gives="string")
def date(context: Context, value: Value) -> str:
    """The day, of a date, a dateTime, or a number of days since 1970; "" where it is none."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _day_of_number(float(value))
    day = date_of(to_string(value), _local(context))
    return day.isoformat() if day else ""


function("date-time", "any", gives="string")(date)


def _day_of_number(days: float) -> str:
    try:
        return (EPOCH + timedelta(days=math.floor(days))).isoformat()
    except (OverflowError, ValueError):
        return ""


@function("decimal-date-time", "any", gives="number")
def decimal_date_time(context: Context, value: Value) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    days = days_of(to_string(value), _local(context))
    return math.nan if days is None else days


@function("decimal-time", "string", gives="number")
def decimal_time(context: Context, text: str) -> float:
    """The share of the day that has passed at a time, or at a dateTime, where the interview is."""
    moment = moment_of(text, _local(context))
    if moment is not None:
        text = f"{at_home(moment, _local(context)):%H:%M:%S.%f}"
    match = _TIME.match(text)
    if not match:
        return math.nan
    hour, minute, second, fraction, zone = match.groups()
    passed = int(hour) * 3600 + int(minute) * 60 + int(second or 0) + float(f"0.{fraction or 0}")
    local = _local(context)
    if zone and local is not None and local.utcoffset() is not None:
        given = datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").utcoffset()
        passed += ((local.utcoffset() or timedelta()) - (given or timedelta())).total_seconds()
    return (passed % 86_400) / 86_400


@function("format-date", "any", "string", gives="string")
def format_date(context: Context, value: Value, pattern: str) -> str:
    return _formatted(context, value, pattern)


@function("format-date-time", "any", "string", gives="string")
def format_date_time(context: Context, value: Value, pattern: str) -> str:
    return _formatted(context, value, pattern)


def _formatted(context: Context, value: Value, pattern: str) -> str:
    text = to_string(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        text = _day_of_number(float(value))
    local = _local(context)
    moment, day = moment_of(text, local), date_of(text, local)
    if moment is not None:
        parts = _parts(at_home(moment, local), context.around.spoken)
    elif day is not None:
        parts = _parts(datetime(day.year, day.month, day.day), context.around.spoken)
    else:
        return ""
    return re.sub(r"%(.)", lambda match: parts.get(match[1], match[0]), pattern)


def _parts(moment: datetime, language: str) -> dict[str, str]:
    """What each identifier of a pattern stands for (ODK XForms, format-date-time)."""
    chinese = language == "zh"
    return {
        "Y": f"{moment.year:04d}", "y": f"{moment.year % 100:02d}",
        "m": f"{moment.month:02d}", "n": str(moment.month),
        "b": f"{moment.month}月" if chinese else _MONTHS[moment.month - 1],
        "d": f"{moment.day:02d}", "e": str(moment.day),
        "a": f"周{_DAYS_ZH[moment.weekday()]}" if chinese else _DAYS[moment.weekday()],
        "H": f"{moment.hour:02d}", "h": str(moment.hour),
        "M": f"{moment.minute:02d}", "S": f"{moment.second:02d}",
        "3": f"{moment.microsecond // 1000:03d}", "%": "%",
    }  # fmt: skip


def _local(context: Context) -> datetime | None:
    try:
        return context.around.moment()
    except NoMoment:
        return None
