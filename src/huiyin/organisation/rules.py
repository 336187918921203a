"""What the room decides: validity, responsibility, readiness, duties and numbers of meetings.

Pure functions: no database, no clock. Days are ``date``; an open end is None and both ends belong
to the span.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.kinds import Deed, Duty, PostKind, UnitKind
from huiyin.problems import (
    DAY_IN_FUTURE,
    DAYS_OUT_OF_ORDER,
    DUE_BEFORE_MEETING,
    MEETING_NUMBER_FOLLOWS,
    MEETING_OUT_OF_ORDER,
)
from huiyin.territory.rules import Level

Key = TypeVar("Key", bound=Hashable)
Span = tuple[date | None, date | None]

#: Units that ask and count. Whoever is not one of these is behind the wall until the office says
#: otherwise: a kind that nobody thought of must not see samples.
NOT_JUDGED = frozenset({UnitKind.OFFICE, UnitKind.SURVEY_CENTRE})

#: What units do at their level: 州统筹协调、县市组织实施、乡镇强基固本 (001-05).
PART_OF_LEVEL: dict[int, str | Promise] = {
    Level.PROVINCE: _("plans and coordinates"),
    Level.CITY: _("plans and coordinates"),
    Level.COUNTY: _("organises and carries out"),
    Level.TOWN: _("strengthens the base"),
    Level.VILLAGE: _("strengthens the base"),
    Level.GRID: _("strengthens the base"),
}

#: Towns that a leader usually answers for (包保); a page marks who has more.
USUAL_LOAD = 5


def judged_by_default(kind: str) -> bool:
    """Whether units of a kind are judged by survey results, unless the office says otherwise."""
    return kind not in NOT_JUDGED


def is_current(since: date | None, until: date | None, today: date) -> bool:
    """Whether a span holds on a day."""
    return (since is None or since <= today) and (until is None or until >= today)


def check_days(since: date | None, until: date | None, *, place: str = "until") -> None:
    """Refuse a span that ends before it begins.

    Raises:
        Problem: ``days-out-of-order``.
    """
    if since and until and until < since:
        raise DAYS_OUT_OF_ORDER(place=place, since=since, until=until)


def check_past(day: date, today: date, *, place: str) -> None:
    """Refuse a day that has not come.

    Raises:
        Problem: ``day-in-future``.
    """
    if day > today:
        raise DAY_IN_FUTURE(place=place, day=day)


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a day."""
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (
        one[1] or date.max
    )


def would_circle(thing: Key, superior: Key | None, superiors: Mapping[Key, Key | None]) -> bool:
    """Whether a thing would stand below itself if it got this superior.

    Args:
        superiors: key → key of the superior, as it is now.
    """
    seen: set[Key] = set()
    while superior is not None and superior not in seen:
        if superior == thing:
            return True
        seen.add(superior)
        superior = superiors.get(superior)
    return False


class Need(StrEnum):
    """What a unit must have before it is ready (专人专费; 002-04, 001-06, 001-07, 002-17)."""

    FIRST = "first"
    DIRECT = "direct"
    LIAISON = "liaison"
    BUDGET = "budget"


NEED_TITLES: dict[Need, str | Promise] = {
    Need.FIRST: _("first-responsible person"),
    Need.DIRECT: _("direct-responsible person"),
    Need.LIAISON: _("named person for the work"),
    Need.BUDGET: _("budget line of the year"),
}
#: The posts that must be held.
NEEDED_POSTS = {
    Need.FIRST: PostKind.FIRST,
    Need.DIRECT: PostKind.DIRECT,
    Need.LIAISON: PostKind.LIAISON,
}


def missing(held: Collection[str], *, has_budget: bool) -> tuple[Need, ...]:
    """What a unit lacks to be ready.

    Args:
        held: kinds of the unit's posts that somebody holds today.
        has_budget: whether the unit has a budget line for the year.
    """
    lacking = [need for need, kind in NEEDED_POSTS.items() if kind not in held]
    return tuple(lacking if has_budget else [*lacking, Need.BUDGET])


#: What each duty of a group permits to be done in the group (001-09). The table of roles says who
#: may do these acts; a group without the duty can have nobody do them.
DUTY_ACTS: dict[str, frozenset[str]] = {
    Duty.GUIDE: frozenset({"organisation.write_charter", "organisation.attach_commitment"}),
    Duty.COORDINATE: frozenset({"organisation.hold_meeting"}),
    Duty.ADVANCE: frozenset({"organisation.record_decision"}),
    Duty.URGE: frozenset({"organisation.close_decision"}),
    Duty.ASSESS: frozenset({"organisation.see_group_readiness"}),
}


def acts_of(duties: Iterable[str]) -> frozenset[str]:
    """Names of the acts that a group with these duties can do."""
    return frozenset().union(*(DUTY_ACTS[duty] for duty in duties))


def duty_for(act: str) -> Duty | None:
    """The duty that an act needs; None = it needs none."""
    return next((Duty(duty) for duty, acts in DUTY_ACTS.items() if act in acts), None)


def next_number(series: Iterable[tuple[int, date]], held_on: date, asked: int | None = None) -> int:
    """The number of the next meeting of a series: no gap, no number twice, in order of days.

    Args:
        series: number and day of each meeting so far.
        held_on: when the new one was held.
        asked: a number that somebody gave. The first meeting that is entered may carry any number,
            because earlier ones were held before this system.

    Raises:
        Problem: ``meeting-out-of-order`` or ``meeting-number-follows``.
    """
    last = max(series, default=None)
    if last is None:
        return asked or 1
    if held_on < last[1]:
        raise MEETING_OUT_OF_ORDER(place="held_on", number=last[0], day=last[1])
    if asked not in (None, last[0] + 1):
        raise MEETING_NUMBER_FOLLOWS(place="number", number=last[0] + 1)
    return last[0] + 1


def check_due(due_on: date, held_on: date) -> None:
    """Refuse a decision that is due before the meeting that made it.

    Raises:
        Problem: ``due-before-meeting``.
    """
    if due_on < held_on:
        raise DUE_BEFORE_MEETING(place="due_on", day=held_on)


class Standing(StrEnum):
    """How a decision stands on a day; the values are tones of a badge."""

    DONE = "good"
    OVERDUE = "overdue"
    DUE = "due"
    NEAR = "near"
    OPEN = "neutral"


STANDING_TITLES: dict[Standing, str | Promise] = {
    Standing.DONE: _("Done"),
    Standing.OVERDUE: _("Overdue"),
    Standing.DUE: _("Due today"),
    Standing.NEAR: _("Due soon"),
    Standing.OPEN: _("Under way"),
}
NEAR_DAYS = 3


def standing(due_on: date, done_on: date | None, today: date) -> Standing:
    """How a decision stands on a day."""
    if done_on:
        return Standing.DONE
    left = (due_on - today).days
    if left < 0:
        return Standing.OVERDUE
    if left == 0:
        return Standing.DUE
    return Standing.NEAR if left <= NEAR_DAYS else Standing.OPEN


def names_in(text: str) -> list[str]:
    """The names in a list of people, each once: one a line, or parted by 、 , ; or their kin."""
    names = (name.strip() for name in re.split(r"[\n、,，;；]", text))
    return list(dict.fromkeys(name for name in names if name))


def months_without(months: Collection[int], year: int, today: date) -> list[int]:
    """Months of a year, up to the current one, in which no topic was studied (004-06)."""
    if year > today.year:
        return []
    last = today.month if year == today.year else 12
    return [month for month in range(1, last + 1) if month not in months]


def deeds_missing(done: Collection[str]) -> list[Deed]:
    """Which of the four things a leader has not yet done in person (003-33)."""
    return [deed for deed in Deed if deed not in done]


def share(part: int, whole: int) -> float | None:
    """Percent; None where there is nothing to take a share of (004-19)."""
    return round(100 * part / whole, 2) if whole else None
