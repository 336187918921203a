"""The holidays of the package chinesecalendar, which records the State Council's notices.

A release of it knows the years up to that in which it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from typing import NamedTuple

from chinese_calendar import constants  # type: ignore[import-untyped]

PACKAGE = "chinesecalendar"


class ShippedDay(NamedTuple):
    """A day as the package has it: date, "holiday" or "workday", Chinese name."""

    date: date
    kind: str
    name: str


def shipped_days() -> Iterator[ShippedDay]:
    """Every day off and every make-up working day that the package knows."""
    titles = {each.value: each.chinese for each in constants.Holiday}
    for kind, days in (("holiday", constants.holidays), ("workday", constants.workdays)):
        for day, name in days.items():
            yield ShippedDay(day, kind, _official(titles[name]))


def _official(name: str) -> str:
    """The name as the State Council writes it: 清明节, not 清明; New Year's Day has no 节."""
    return name if name.endswith(("节", "元旦", "日")) or "周年" in name else f"{name}节"


def source() -> str:
    """Where the days come from, as each of them says."""
    return f"国务院办公厅通知（{PACKAGE} {version(PACKAGE)}）"
