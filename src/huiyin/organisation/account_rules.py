"""Rules of accounts: which roles go together, when a password is too old, when sign-in is locked.

The numbers follow the third level of classified protection (GB/T 22239-2019, 8.1.4.1 identity and
8.1.4.2 access control) as it is commonly assessed: passwords of at least three kinds of characters
that are changed at intervals, a limit on failures, an end of idle sessions, two factors where the
operator asks for them, and the separation of who runs the system from who audits it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from huiyin.audit.acts import Guarded
from huiyin.organisation.roles import CENTRE, JUDGED, Role

#: A password is at least this long (8.1.4.1 a asks for complexity; assessors ask for 8, we for 10).
PASSWORD_LENGTH = 10
#: … of at least this many of: lower case, upper case, digits, anything else.
PASSWORD_KINDS = 3
#: … is none of the last five, the one in use included.
PASSWORD_HISTORY = 5
#: … and is changed after 90 days.
PASSWORD_AGE = timedelta(days=90)

#: After five failures for one name sign-in with it is locked for half an hour (8.1.4.1 b).
NAME_FAILURES = 5
#: From one address more may fail, since a whole town hall may share it.
ADDRESS_FAILURES = 30
LOCK = timedelta(minutes=30)

#: A session ends after half an hour without a page (8.1.4.1 b), and after twelve hours in any case.
IDLE = timedelta(minutes=30)
SESSION = timedelta(hours=12)

#: A sign-in link is good for a week, since it may have to be handed over on paper.
INVITATION = timedelta(days=7)
#: A token is good for a year at most.
TOKEN_DAYS = 365

#: What nobody may see both of, whatever roles he holds.
NEVER_TOGETHER = frozenset({Guarded.NUMBERS, Guarded.ANSWERS})


class Clash(StrEnum):
    """Why roles do not go together."""

    AUDITOR = "auditor"
    CENTRE = "centre"
    VERIFIER = "verifier"
    NUMBERS = "numbers"


def clash(roles: Iterable[Role], *, judged: bool, shown: Iterable[Guarded] = ()) -> Clash | None:
    """Why one person cannot hold all these roles at the same time; None = he can.

    Args:
        roles: all roles that he would hold.
        judged: whether he belongs to a unit that is judged by its result.
        shown: what stands behind walls and is shown to any of these roles.

    An auditor holds no other role (separation of duties, GB/T 22239-2019, 8.1.5). Nobody of a
    judged unit works in the survey centre. Who verifies interviews does not make them.
    """
    held = set(roles)
    if Role.AUDITOR in held and len(held) > 1:
        return Clash.AUDITOR
    if held & CENTRE and (judged or held & JUDGED):
        return Clash.CENTRE
    if {Role.INTERVIEWER, Role.VERIFIER} <= held:
        return Clash.VERIFIER
    if set(shown) >= NEVER_TOGETHER:
        return Clash.NUMBERS
    return None


def kinds_of_characters(password: str) -> int:
    """How many of the four kinds a password has: lower, upper, digits, anything else."""
    return sum(
        (
            any(each.islower() for each in password),
            any(each.isupper() for each in password),
            any(each.isdigit() for each in password),
            any(not (each.islower() or each.isupper() or each.isdigit()) for each in password),
        )
    )


def password_expired(set_at: datetime, now: datetime) -> bool:
    """Whether a password must be changed: on its 90th day it still holds, thereafter not."""
    return now - set_at > PASSWORD_AGE


def begins_lock(failures: int, limit: int) -> bool:
    """Whether a failure begins a lock: the fifth within half an hour does."""
    return failures >= limit


def locked_for(locked_at: datetime | None, now: datetime) -> timedelta | None:
    """For how long sign-in is still locked; None = it is not."""
    if locked_at is None or now >= locked_at + LOCK:
        return None
    return locked_at + LOCK - now


def session_ended(begun: datetime, seen: datetime, now: datetime) -> bool:
    """Whether a session is over: half an hour after the last page, or 12 hours after sign-in."""
    return now - seen >= IDLE or now - begun >= SESSION
