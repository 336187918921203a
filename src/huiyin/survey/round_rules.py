"""Rules of rounds: when their halves are, how they move on, and what is then fixed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.roles import Role
from huiyin.problems import (
    ROUND_ASKS_AND_VERIFIES,
    ROUND_DAYS_OUTSIDE,
    ROUND_FROZEN,
    ROUND_STEP_IMPOSSIBLE,
)
from huiyin.survey.round_kinds import Half, RoundStatus

#: First and last day (month, day) of the field of each half (000-13): the first half's field lasts
#: until the end of July, the second's is November and December. When the first half's begins is
#: left open there; three months are as many as its interviews have taken.
FIELD_DAYS = {Half.H1: ((5, 1), (7, 31)), Half.H2: ((11, 1), (12, 31))}
#: How a resident is defined: months of living there, at least.
RESIDENCE_MONTHS = (6, 12)
LEAST_AGE = 16
#: A round whose field begins within so many days should be ready.
NEAR_DAYS = 14


def default_dates(year: int, half: Half) -> tuple[date, date]:
    """First and last day of the field of a half."""
    first, last = FIELD_DAYS[half]
    return date(year, *first), date(year, *last)


def check_dates(year: int, half: Half, since: date, until: date) -> None:
    """The field lies in the round's year, and does not run into the other half's.

    Raises:
        Problem: ``round-days-outside``: it begins or ends where it may not.
    """
    if half is Half.H1:
        first, last = date(year, 1, 1), default_dates(year, Half.H1)[1]
    else:
        first, last = date(year, 8, 1), date(year, 12, 31)
    if not first <= since <= last:
        raise ROUND_DAYS_OUTSIDE(place="field_from", first=first, last=last)
    if not since <= until <= last:
        raise ROUND_DAYS_OUTSIDE(place="field_until", first=since, last=last)


def urgency(field_from: date, today: date) -> str:
    """How urgent it is that a round takes its next step: overdue once its field should have begun.

    "due" on the first day, "near" in the days before.
    """
    if today > field_from:
        return "overdue"
    return "due" if today == field_from else "near"


class Step(StrEnum):
    """What moves a round on, or back."""

    READY = "ready"
    BACK = "back"
    OPEN = "open"
    CLOSE = "close"
    MEASURE = "measure"
    PUBLISH = "publish"


@dataclass(frozen=True)
class Move:
    """From which state a step leads to which, and what it is called."""

    before: RoundStatus
    after: RoundStatus
    title: str | Promise


MOVES: dict[Step, Move] = {
    Step.READY: Move(RoundStatus.DRAFT, RoundStatus.READY, _("Make the round ready")),
    Step.BACK: Move(RoundStatus.READY, RoundStatus.DRAFT, _("Step back to the draft")),
    Step.OPEN: Move(RoundStatus.READY, RoundStatus.FIELDING, _("Open the field")),
    Step.CLOSE: Move(RoundStatus.FIELDING, RoundStatus.CLOSED, _("Close the field")),
    Step.MEASURE: Move(RoundStatus.CLOSED, RoundStatus.MEASURED, _("Take the round as measured")),
    Step.PUBLISH: Move(RoundStatus.MEASURED, RoundStatus.PUBLISHED, _("Publish the round")),
}


def moved(status: RoundStatus, step: Step) -> RoundStatus:
    """The state after a step.

    Raises:
        Problem: ``round-step-impossible``: it names the state and the step.
    """
    move = MOVES[step]
    if status != move.before:
        raise ROUND_STEP_IMPOSSIBLE(state=status.label, step=move.title, needed=move.before.label)
    return move.after


def next_step(status: RoundStatus) -> Step | None:
    """The step that leads on from a state; None = there is none."""
    forward = (step for step in Step if step is not Step.BACK)
    return next((step for step in forward if MOVES[step].before == status), None)


#: From which state on what a round says of itself no longer changes. The database holds the same
#: (migration 0002_rounds). What is asked of whom is fixed once the office has found it ready: to
#: change it, the round steps back to the draft, with a reason.
FROZEN_FROM: dict[str, RoundStatus] = {
    "series_id": RoundStatus.READY,
    "year": RoundStatus.READY,
    "half": RoundStatus.READY,
    "centre_id": RoundStatus.READY,
    "caller_id": RoundStatus.READY,
    "least_age": RoundStatus.READY,
    "resident_months": RoundStatus.READY,
    "version_id": RoundStatus.READY,
    "indicators_id": RoundStatus.READY,
    "frames": RoundStatus.READY,
    "table_id": RoundStatus.READY,
    "design": RoundStatus.READY,
    "modes": RoundStatus.READY,
    "field_from": RoundStatus.READY,
    "allocation": RoundStatus.FIELDING,
    "field_until": RoundStatus.CLOSED,
    "break_reason": RoundStatus.PUBLISHED,
}
#: The same for what belongs to a round, by the name under which it refers to it.
PARTS_FROZEN_FROM: dict[str, RoundStatus] = {
    "quotas": RoundStatus.FIELDING,
    "calling_hours": RoundStatus.CLOSED,
    "staff": RoundStatus.CLOSED,
}
_ORDER = list(RoundStatus)


def reached(status: RoundStatus, least: RoundStatus) -> bool:
    """Whether a round has come as far as a state, or further."""
    return _ORDER.index(status) >= _ORDER.index(least)


def frozen(status: RoundStatus, name: str) -> bool:
    """Whether a value or a part of a round no longer changes."""
    return reached(status, {**FROZEN_FROM, **PARTS_FROZEN_FROM}[name])


def check_open(status: RoundStatus, changes: Iterable[str], title: str | Promise) -> None:
    """Go on only if all that would change may still change.

    Args:
        changes: names of values or parts.
        title: what a person calls them together.

    Raises:
        Problem: ``round-frozen``, which says the state and the way out.
    """
    if any(frozen(status, name) for name in changes):
        way = _WAYS.get(status, _("A change of it is a matter of the next round."))
        raise ROUND_FROZEN(what=title, state=status.label, way=way)


_WAYS = {RoundStatus.READY: _("Step back to the draft first, with a reason.")}


def check_staff(roles: Iterable[Role], wanted: Role) -> None:
    """Nobody verifies interviews of a round in which he makes some.

    Args:
        roles: what the person is in the round already.

    Raises:
        Problem: ``round-asks-and-verifies``.
    """
    if {Role.INTERVIEWER, Role.VERIFIER} <= {*roles, wanted}:
        raise ROUND_ASKS_AND_VERIFIES(place="role")
