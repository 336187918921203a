"""How populations are told apart and added up. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.problems import POPULATION_AGES, POPULATION_OVERLAP
from huiyin.territory import rules

OLDEST = 150
_WORDS = {
    "male": gettext_lazy("Male"),
    "female": gettext_lazy("Female"),
    "urban": gettext_lazy("Urban"),
    "rural": gettext_lazy("Rural"),
}
ALL = "all"
_ALL_AGES = {"", "全部", "合计", "总计", "不分年龄", "all", "total"}
_BAND = re.compile(r"(\d{1,3})\s*(?:-|–|—|~|～|至|到)\s*(\d{1,3})\s*岁?")
_FROM = re.compile(r"(\d{1,3})\s*(?:\+|岁?\s*(?:及|以)?(?:以上|上))")
_ONE = re.compile(r"(\d{1,3})\s*岁?")


class Cell(NamedTuple):
    """Some of the people of a region: sex, ages from and to (None = and above), residence."""

    sex: str = ALL
    age_from: int = 0
    age_to: int | None = None
    residence: str = ALL

    @property
    def ages(self) -> str:
        """The age band as people write it: 18-24, 80+; "" = all ages."""
        if self.age_to is None:
            return f"{self.age_from}+" if self.age_from else ""
        one_year = self.age_from == self.age_to
        return str(self.age_from) if one_year else f"{self.age_from}-{self.age_to}"


def parse_ages(text: str) -> tuple[int, int | None]:
    """An age band: 18-24, 18～24岁, 80+, 80岁及以上, 7; 全部 is all ages.

    Raises:
        Problem: ``population-ages``.
    """
    given = rules.half_width(text)
    if given.lower() in _ALL_AGES:
        return 0, None
    if found := _FROM.fullmatch(given):
        low, high = int(found[1]), None
    elif found := _BAND.fullmatch(given):
        low, high = int(found[1]), int(found[2])
    elif found := _ONE.fullmatch(given):
        low = high = int(found[1])
    else:
        raise POPULATION_AGES(given=text[:20])
    if low > 120 or (high is not None and not low <= high <= OLDEST):
        raise POPULATION_AGES(given=text[:20])
    return low, high


def overlap(one: Cell, other: Cell) -> bool:
    """Whether two cells have people in common."""
    return (
        _same(one.sex, other.sex)
        and _same(one.residence, other.residence)
        and one.age_from <= (OLDEST if other.age_to is None else other.age_to)
        and other.age_from <= (OLDEST if one.age_to is None else one.age_to)
    )


def _same(one: str, other: str) -> bool:
    return ALL in (one, other) or one == other


def check_cells(cells: Iterable[Cell]) -> None:
    """The cells of one region, year and kind may be added up: no two have people in common.

    Raises:
        Problem: ``population-overlap``.
    """
    for one, other in combinations(cells, 2):
        if overlap(one, other):
            raise POPULATION_OVERLAP(one=said(one), other=said(other))


def said(cell: Cell) -> str:
    """A cell in short: male 18-24 urban."""
    parts = [_WORDS.get(cell.sex, ""), cell.ages, _WORDS.get(cell.residence, "")]
    return " ".join(str(part) for part in parts if part) or _("everybody")
