"""Signing in: attempts are counted in the database, so that all processes know of a lock.

An attempt is stored before the password is looked at, and counted afterwards: however many are
made at the same moment, no more than the limit ever reach the password.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.crypto import salted_hmac

from huiyin.audit.actions import record
from huiyin.audit.acts import Act, Actor, Changed
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_rules as rules
from huiyin.organisation.models import Account, SignInAttempt

#: Attempts are of no use after this time and are dropped.
KEPT = timedelta(days=1)


def digest_of(name: str) -> str:
    """The digest under which attempts with a sign-in name are counted, existing or not."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    return salted_hmac("huiyin.sign-in", plain, algorithm="sha256").hexdigest()


def begin(name: str, address: str, now: datetime) -> tuple[SignInAttempt | None, timedelta | None]:
    """Store an attempt, unless sign-in is locked.

    Returns:
        the attempt and None; or None and for how long it is locked.
    """
    SignInAttempt.objects.filter(at__lt=now - KEPT).delete()
    attempt = SignInAttempt.objects.create(name=digest_of(name), address=address, at=now)
    wait = _lock(attempt, now)
    if wait is None and _failures_by_name(attempt) > rules.NAME_FAILURES:
        wait = rules.LOCK  # others at the same moment reached the limit
    if wait is not None:
        attempt.delete()
        return None, wait
    return attempt, None


def _lock(attempt: SignInAttempt, now: datetime) -> timedelta | None:
    locks = Q(name=attempt.name, locks_name=True)
    if attempt.address:
        locks |= Q(address=attempt.address, locks_address=True)
    last = SignInAttempt.objects.filter(locks).order_by("-at").first()
    return rules.locked_for(last.at if last else None, now)


def _failures_by_name(attempt: SignInAttempt) -> int:
    """Failures of the name within half an hour, since it last signed in."""
    made = SignInAttempt.objects.filter(name=attempt.name, at__gt=attempt.at - rules.LOCK)
    success = made.filter(failed=False).order_by("-at").first()
    if success is not None:
        made = made.filter(at__gt=success.at)
    return made.filter(failed=True).count()


def _failures_by_address(attempt: SignInAttempt) -> int:
    if not attempt.address:
        return 0
    since = attempt.at - rules.LOCK
    return SignInAttempt.objects.filter(address=attempt.address, at__gt=since, failed=True).count()


def fail(attempt: SignInAttempt, name: str) -> bool:
    """Record that an attempt failed; whether it began a lock."""
    attempt.locks_name = rules.begins_lock(_failures_by_name(attempt), rules.NAME_FAILURES)
    attempt.locks_address = rules.begins_lock(_failures_by_address(attempt), rules.ADDRESS_FAILURES)
    attempt.save(update_fields=["locks_name", "locks_address"])
    account = Account.objects.filter(username__iexact=name.strip()).first()
    _tell(acts.FAIL_TO_SIGN_IN, account, attempt.address)
    if attempt.locks_name or attempt.locks_address:
        by = "name" if attempt.locks_name else "address"
        _tell(acts.LOCK_SIGN_IN, account, attempt.address, {"by": by})
        return True
    return False


def succeed(attempt: SignInAttempt) -> None:
    """The password was right: failures before it count no more against the name."""
    attempt.failed = False
    attempt.save(update_fields=["failed"])


def forgive(name: str) -> int:
    """Drop the failures of a sign-in name, and so its lock; how many there were."""
    return SignInAttempt.objects.filter(name=digest_of(name), failed=True).delete()[0]


def is_locked(name: str, now: datetime) -> bool:
    """Whether sign-in with this name is locked now."""
    last = (
        SignInAttempt.objects.filter(name=digest_of(name), locks_name=True).order_by("-at").first()
    )
    return rules.locked_for(last.at if last else None, now) is not None


def signed_in(account: Account, address: str, method: str) -> None:
    """Record that somebody signed in, and how: by password, by single sign-on."""
    _tell(acts.SIGN_IN, account, address, {"method": method})


def signed_out(account: Account, address: str, why: str) -> None:
    """Record that somebody signed out: himself, after idling, or at the end of the day."""
    _tell(acts.SIGN_OUT, account, address, {"why": why})


def changed_password(account: Account, address: str) -> None:
    """Record that somebody changed his password."""
    _tell(acts.CHANGE_PASSWORD, account, address)


def changed_second_factor(account: Account, address: str, what: str) -> None:
    """Record that somebody set up, renewed or gave up his one-time password."""
    _tell(acts.CHANGE_SECOND_FACTOR, account, address, {"what": what})


def _tell(
    act: Act, account: Account | None, address: str, after: dict[str, object] | None = None
) -> None:
    """An event of somebody who may not have proved who he is; a name that is none is not kept."""
    actor = Actor(account.pk if account else None, account.username if account else "", address)
    changed = Changed(
        "organisation.account",
        str(account.pk) if account else "",
        str(account) if account else "",
        after=after or {},
    )
    record(actor, act, changed)
