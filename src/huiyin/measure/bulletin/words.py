"""The words of a bulletin in both languages, from one table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from huiyin.measure.bulletin.content import IndicatorInfo, Language, RoundInfo, Text, in_language

ROUND_NAME = re.compile(r"(?P<year>\d{4})(?:[-_ ]?(?P<part>H[12]|Q[1-4]))?", re.IGNORECASE)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """Key to ``{"zh": ..., "en": ...}``."""
    text = resources.files(__package__).joinpath("words.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


class Words:
    """Speaks one language.

    ``words("key", name=value)`` fills the text of the key; the other methods name things
    that come as codes. A code nobody has translated is spoken as itself.
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: Any) -> str:
        return catalogue()[key][self.language].format(**values)

    def of(self, text: Text) -> str:
        return in_language(text, self.language)

    def coded(self, group: str, code: str) -> str:
        """The words for a code of a group, such as a check or a reason."""
        known = catalogue().get(f"{group}.{code}")
        return known[self.language] if known else code

    def names(self, names: Sequence[str], at_most: int = 5) -> str:
        """A list in a sentence; beyond ``at_most`` it says how many there are."""
        shown = self("list.comma").join(names[:at_most])
        if len(names) <= at_most:
            return shown
        return self("list.more", names=shown, count=len(names))

    def round(self, info: RoundInfo) -> str:
        if info.title is not None:
            return self.of(info.title)
        match = ROUND_NAME.fullmatch(info.name)
        if not match:
            return self._day(info.name)
        part = (match["part"] or "year").upper()
        return self(f"round.{part}", year=match["year"])

    def _day(self, name: str) -> str:
        """A round named after a day prints that day; any other name stands for itself."""
        try:
            return self.date(date.fromisoformat(name)) if "-" in name else name
        except ValueError:
            return name

    def date(self, day: date) -> str:
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {self(f'month.{day.month}')} {day.year}"

    def title(self, info: IndicatorInfo) -> str:
        return self.of(info.title)

    def unit(self, info: IndicatorInfo) -> str:
        """The unit of the figure itself, with the space before it where one is written."""
        if info.unit is not None:
            spelled = self.of(info.unit)
            return f" {spelled}" if self.language == "en" and spelled else spelled
        return self(f"unit.{info.kind}")

    def change_unit(self, info: IndicatorInfo) -> str:
        """The unit of a difference: of shares, percentage points."""
        if info.unit is None and info.kind == "share":
            return self("unit.share.change")
        return self.unit(info)

    def between(self) -> str:
        """What stands between the ends of an interval."""
        return self("interval.between")
