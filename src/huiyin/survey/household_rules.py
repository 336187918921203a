"""Whom to ask in a household that a landline reaches: the last birthday, or Kish's tables. Pure.

Kish (1949), "A Procedure for Objective Respondent Selection within the Household", JASA 44,
380–387. Eligible persons are numbered, men from the oldest to the youngest, then women likewise;
the table that the household was given says which of them is asked. Everybody's chance is the same
as everybody else's in the household, but for households of five, where the third and the fifth
have 1/4 instead of 1/5 and the others 1/6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext_lazy as _

#: Name → share of households that get it, and who is asked of 1, 2, 3, 4, 5, 6 or more persons.
KISH: dict[str, tuple[Fraction, tuple[int, ...]]] = {
    "A": (Fraction(1, 6), (1, 1, 1, 1, 1, 1)),
    "B1": (Fraction(1, 12), (1, 1, 1, 1, 2, 2)),
    "B2": (Fraction(1, 12), (1, 1, 1, 2, 2, 2)),
    "C": (Fraction(1, 6), (1, 1, 2, 2, 3, 3)),
    "D": (Fraction(1, 6), (1, 2, 2, 3, 4, 4)),
    "E1": (Fraction(1, 12), (1, 2, 3, 3, 3, 5)),
    "E2": (Fraction(1, 12), (1, 2, 3, 4, 5, 5)),
    "F": (Fraction(1, 6), (1, 2, 3, 4, 5, 6)),
}
MOST = 6
_TWELFTHS = tuple(name for name, (share, _row) in KISH.items() for _n in range(int(share * 12)))

LAST_BIRTHDAY_INSTRUCTION = _(
    "Among those aged {age} or over who live here, I should like to speak with the one whose"
    " birthday was the last to come round. Is that you?"
)
KISH_INSTRUCTION = _(
    "How many persons aged {age} or over live here? Please tell me the men from the oldest to the"
    " youngest, then the women likewise. I should like to speak with number {number}."
)


@dataclass(frozen=True)
class Person:
    """An eligible person of a household."""

    sex: Literal["male", "female"]
    age: int


def kish_table(place: int) -> str:
    """The table of the household at a place (from 0) in the order of release.

    The twelve twelfths go round in turn, so tables are used exactly as often as Kish says.
    """
    return _TWELFTHS[place % 12]


def kish_number(table: str, eligible: int) -> int:
    """Which person of so many is asked; of more than six, as of six.

    Raises:
        ValueError: nobody is eligible.
    """
    if eligible < 1:
        raise ValueError("nobody in the household is eligible, so nobody can be chosen")
    return KISH[table][1][min(eligible, MOST) - 1]


def kish_person(table: str, household: Sequence[Person]) -> int:
    """Index of the person who is asked, in the order in which the household was told."""
    ordered = sorted(
        range(len(household)), key=lambda at: (household[at].sex != "male", -household[at].age)
    )
    return ordered[kish_number(table, len(household)) - 1]


def kish_chances(eligible: int) -> list[Fraction]:
    """The chance of each numbered person to be asked, in a household of so many."""
    chances = [Fraction(0)] * eligible
    for table, (share, _row) in KISH.items():
        chances[kish_number(table, eligible) - 1] += share
    return chances


def last_birthday(birthdays: Sequence[tuple[int, int]], today: date) -> int:
    """Index of the person whose birthday (month, day) was the last to come round.

    Today's counts as come round. Of two on one day the one told first is asked. A birthday on
    the 29th of February comes round on the 1st of March in other years.

    Raises:
        ValueError: nobody is told.
    """
    if not birthdays:
        raise ValueError("nobody in the household is eligible, so nobody can be chosen")
    return min(range(len(birthdays)), key=lambda at: (_days_since(birthdays[at], today), at))


def _days_since(birthday: tuple[int, int], today: date) -> int:
    for year in (today.year, today.year - 1):
        came = _in_year(birthday, year)
        if came <= today:
            return (today - came).days
    raise AssertionError("every day comes round within a year")


def _in_year(birthday: tuple[int, int], year: int) -> date:
    try:
        return date(year, *birthday)
    except ValueError:
        if birthday != (2, 29):
            raise
        return date(year, 3, 1)
