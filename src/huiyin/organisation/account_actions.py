"""Every change to an account: one function per act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, Place, require
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_rules as rules
from huiyin.organisation import account_signin as signin
from huiyin.organisation import holdings, tokens
from huiyin.organisation.models import Account, Invitation, Token, Unit
from huiyin.organisation.queries import place_of
from huiyin.problems import ACCOUNT_CLOSED, LINK_INVALID, USERNAME_TAKEN


def create_account(
    actor: Actor, *, username: str, name: str, unit: Unit | None, email: str = ""
) -> Account:
    """Make an account that has no password yet; a sign-in link gives it one.

    Raises:
        Problem: ``username-taken``, or the actor may not make accounts in that unit's region.
    """
    place = Place(region=unit.region.code if unit else "", unit=unit.pk if unit else None)
    with performing(actor, acts.CREATE_ACCOUNT, place) as changed:
        account = Account(username=username.strip(), name=name.strip(), unit=unit, email=email)
        account.set_unusable_password()
        _save_new(account)
        touched(changed, account)
        changed.after = {name: value for name, value in _facts(account).items() if value}
    return account


def _save_new(account: Account) -> None:
    if Account.objects.filter(username__iexact=account.username).exists():
        raise USERNAME_TAKEN(place="username", name=account.username)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as wrong:  # somebody made it at the same moment
        raise USERNAME_TAKEN(place="username", name=account.username) from wrong


def _facts(account: Account) -> dict[str, object]:
    return {
        "username": account.username,
        "name": account.name,
        "email": account.email,
        "unit": str(account.unit) if account.unit else "",
    }


def edit_account(
    actor: Actor, account: Account, *, name: str, email: str, unit: Unit | None, today: date
) -> None:
    """Change name, e-mail or unit. Whoever leaves a unit loses the roles that he held in it.

    Raises:
        Problem: a role that he keeps does not go with the new unit; or not permitted, where he is
            or where he goes.
    """
    with performing(actor, acts.EDIT_ACCOUNT, place_of(account, today)) as changed:
        account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        changed.before = _facts(account)
        if unit != account.unit:
            _move(actor, account, unit, today)
        account.name, account.email, account.unit = name.strip(), email, unit
        account.save(update_fields=["name", "email", "unit"])
        touched(changed, account)
        changed.after = _facts(account)


def _move(actor: Actor, account: Account, unit: Unit | None, today: date) -> None:
    """Leave one unit for another: its roles end, the others must go with the new one."""
    there = Place(region=unit.region.code if unit else "", unit=unit.pk if unit else None)
    require(actor, acts.EDIT_ACCOUNT, there)
    if account.unit is not None:
        holdings.end_in_unit(actor, account, account.unit, today)
    holdings.check_with_unit(account, unit, today)


def invite(actor: Actor, account: Account, now: datetime, today: date) -> tuple[str, Invitation]:
    """Make a sign-in link; former ones are good no more.

    Returns:
        the key of the link, told only here, and the invitation.

    Raises:
        Problem: the account is closed; or not permitted, which is also so where the account holds
            roles beyond the actor's reach.
    """
    with performing(actor, acts.INVITE_ACCOUNT, place_of(account, today)) as changed:
        if not account.is_active:
            raise ACCOUNT_CLOSED(name=account.name)
        _open_invitations(account).update(withdrawn_at=now)
        key = tokens.new_key()
        invitation = Invitation.objects.create(
            account=account,
            digest=tokens.digest_of(key),
            made_by=actor.name,
            made_at=now,
            expires_at=now + rules.INVITATION,
        )
        touched(changed, invitation, label=f"{account} ({account.username})")
        until = timezone.localtime(invitation.expires_at)
        changed.after = {"account": account.username, "expires_at": f"{until:%Y-%m-%d %H:%M}"}
    return key, invitation


def invite_all(
    actor: Actor, accounts: Iterable[Account], now: datetime, today: date
) -> list[tuple[Account, str]]:
    """Make sign-in links for many accounts, all or none."""
    with transaction.atomic():
        return [(account, invite(actor, account, now, today)[0]) for account in accounts]


def _open_invitations(account: Account) -> QuerySet[Invitation]:
    return Invitation.objects.filter(account=account, used_at=None, withdrawn_at=None)


def accept_invitation(key: str, password: str, now: datetime, address: str) -> Account:
    """Set a password by a sign-in link; the link is then used up.

    Raises:
        Problem: ``link-invalid``: used, expired or withdrawn, meanwhile perhaps.
        ValidationError: the password is not good enough.
    """
    with transaction.atomic():
        found = tokens.invitation_of(key, now)
        if found is None:
            raise LINK_INVALID()
        account = Account.objects.select_for_update(of=("self",)).get(pk=found.account_id)
        taken = _open_invitations(account).filter(pk=found.pk).update(used_at=now)
        if not taken or not account.is_active:
            raise LINK_INVALID()
        validate_password(password, account)
        account.set_password(password)
        account.password_set_at, account.must_change_password = now, False
        account.save(update_fields=["password", "password_set_at", "must_change_password"])
        signin.changed_password(account, address)
        signin.forgive(account.username)
        end_sessions(account)
    return account


def end_account(actor: Actor, account: Account, now: datetime, today: date) -> None:
    """Close an account: it signs in no more; its sessions, tokens, links and roles end at once.

    Raises:
        Problem: ``last-administrator``, ``account-closed``, or not permitted.
    """
    with performing(actor, acts.END_ACCOUNT, place_of(account, today)) as changed:
        if not account.is_active:
            raise ACCOUNT_CLOSED(name=account.name)
        changed.before = {"is_active": True}
        for holding in holdings.held_by(account, today):
            holdings.revoke_role(actor, holding, today)
        account.is_active = False
        account.save(update_fields=["is_active"])
        Token.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
        _open_invitations(account).update(withdrawn_at=now)
        end_sessions(account)
        touched(changed, account)
        changed.after = {"is_active": False}


def reopen_account(actor: Actor, account: Account, today: date) -> None:
    """Open a closed account again: without roles, and with a new password only."""
    with performing(actor, acts.REOPEN_ACCOUNT, place_of(account, today)) as changed:
        changed.before = {"is_active": account.is_active}
        account.is_active = True
        account.set_unusable_password()
        account.save(update_fields=["is_active", "password"])
        touched(changed, account)
        changed.after = {"is_active": True}


def unlock_account(actor: Actor, account: Account, today: date) -> None:
    """Lift the lock that failures to sign in have brought."""
    with performing(actor, acts.UNLOCK_ACCOUNT, place_of(account, today)) as changed:
        dropped = signin.forgive(account.username)
        touched(changed, account)
        changed.after = {"failures": dropped}


def reset_second_factor(actor: Actor, account: Account, today: date) -> None:
    """Take back the one-time password of somebody who has lost the device; his sessions end."""
    with performing(actor, acts.RESET_SECOND_FACTOR, place_of(account, today)) as changed:
        dropped = Authenticator.objects.filter(user=account).delete()[0]
        end_sessions(account)
        touched(changed, account)
        changed.after = {"dropped": dropped}


def end_other_sessions(actor: Actor, account: Account, but: str) -> int:
    """End all of one's sessions but the present one; how many there were."""
    with performing(actor, acts.END_OWN_SESSIONS, Place(account=account.pk)) as changed:
        ended = end_sessions(account, but=but)
        touched(changed, account)
        changed.after = {"ended": ended}
    return ended


def end_sessions(account: Account, but: str = "") -> int:
    """End the sessions of an account, at once and everywhere."""
    listed = UserSession.objects.filter(user=account).exclude(session_key=but)
    Session.objects.filter(session_key__in=listed.values("session_key")).delete()
    ended: int = listed.delete()[0]
    return ended


def make_token(
    actor: Actor, account: Account, *, name: str, scopes: list[str], days: int, now: datetime
) -> tuple[str, Token]:
    """Make a token for programs that act for oneself.

    Args:
        scopes: names of acts; those that one may not do oneself give nothing.
        days: for how long it is good; at most a year.

    Returns:
        its key, told only here, and the token.
    """
    with performing(actor, acts.MAKE_TOKEN, Place(account=account.pk)) as changed:
        key = tokens.PREFIX + tokens.new_key()
        token = Token.objects.create(
            account=account,
            name=name.strip(),
            hint=key[:8],
            digest=tokens.digest_of(key),
            scopes=sorted(scopes),
            made_at=now,
            expires_at=now + timedelta(days=min(days, rules.TOKEN_DAYS)),
        )
        touched(changed, token)
        changed.after = {"scopes": token.scopes, "expires_at": token.expires_at}
    return key, token


def revoke_token(actor: Actor, token: Token, now: datetime) -> None:
    """End a token of one's own at once."""
    with performing(actor, acts.REVOKE_TOKEN, Place(account=token.account_id)) as changed:
        token.revoked_at = token.revoked_at or now
        token.save(update_fields=["revoked_at"])
        touched(changed, token)
        changed.after = {"revoked_at": token.revoked_at}
