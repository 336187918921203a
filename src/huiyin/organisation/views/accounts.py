"""Accounts: list, page, and what is done to one by whoever looks after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor, Place, may
from huiyin.audit.models import Event
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_signin as signin
from huiyin.organisation import accounts_rights as rights
from huiyin.organisation import holdings
from huiyin.organisation.account_forms import AccountForm, NewAccountForm, RoleForm
from huiyin.organisation.accounts_table import AccountTable, holdings_of, state_of, tone_of
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.queries import actor_of, place_of
from huiyin.organisation.roles import Role
from huiyin.organisation.views.frames import allowed, bound, confirm, fill, found, stem_of, today_of

#: Events on the page of an account.
HISTORY = 30


def at_account(account: int) -> Place:
    """Where an account stands; who looks after it must reach as far as its roles do."""
    return place_of(found(Account, account, "unit__region"), timezone.localdate())


def at_holding(holding: int) -> Place:
    held = found(Holding, holding, "unit__region", "region")
    return holdings.place_of_role(held.unit, held.region)


@page(acts.SEE_ACCOUNTS)
def accounts(request: Request) -> HttpResponse:
    """The accounts that the actor looks after."""
    can = allowed(
        request.actor, None, acts.CREATE_ACCOUNT, acts.IMPORT_ACCOUNTS, acts.INVITE_ACCOUNT
    )
    context = {"can": can}
    shown: HttpResponse = table_response(
        request, AccountTable(), "organisation/accounts_list.html", context
    )
    return shown


@page(acts.SEE_ACCOUNTS, at=at_account)
def account(request: Request, account: int) -> HttpResponse:
    """Everything about one account."""
    shown = found(Account, account, "unit__region")
    today = today_of(request)
    listed = [
        (holding, _is_revocable(request.actor, holding, today)) for holding in holdings_of(shown)
    ]
    context = {
        "account": shown,
        "state": state_of(shown),
        "tone": tone_of(shown),
        "locked": signin.is_locked(shown.username, request.now),
        "factor": is_mfa_enabled(shown),
        "facts": _facts(shown),
        "holdings": listed,
        "today": today,
        "tokens": shown.tokens.all(),
        "invitation": shown.invitations.first(),
        "can": allowed(
            request.actor, place_of(shown, today), acts.EDIT_ACCOUNT, acts.INVITE_ACCOUNT,
            acts.END_ACCOUNT, acts.REOPEN_ACCOUNT, acts.UNLOCK_ACCOUNT, acts.RESET_SECOND_FACTOR,
            acts.GRANT_ROLE,
        ),
        "events": _events(shown),
    }  # fmt: skip
    return render(request, "organisation/account.html", context)


def _is_revocable(actor: Actor, holding: Holding, today: date) -> bool:
    ended = holding.until is not None and holding.until < today
    place = holdings.place_of_role(holding.unit, holding.region)
    return not ended and may(actor, acts.REVOKE_ROLE, place)


def _events(account: Account) -> QuerySet[Event]:
    """What was done to an account, its links, and the roles that it holds or held."""
    found = Q(kind="organisation.account", key=str(account.pk))
    for things in (account.holdings, account.invitations):
        keys = [str(key) for key in things.values_list("pk", flat=True)]
        found |= Q(kind=things.model._meta.label_lower, key__in=keys)
    return Event.objects.filter(found).order_by("-id")[:HISTORY]


def _facts(account: Account) -> list[tuple[Any, Any]]:
    return [
        (_("Sign-in name"), account.username),
        (_("Unit"), account.unit.name if account.unit else ""),
        (_("Region"), account.unit.region if account.unit else ""),
        (_("E-mail"), account.email),
        (_("Created"), f"{timezone.localtime(account.created_at):%Y-%m-%d}"),
        (_("Last sign-in"), _moment(account.last_login)),
        (_("Password set"), _moment(account.password_set_at)),
    ]


def _moment(value: Any) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


@page(acts.CREATE_ACCOUNT)
def create_account(request: Request) -> HttpResponse:
    """One new account."""
    return fill(
        request,
        bound(NewAccountForm, request, stem=stem_of(request.actor)),
        lambda values: actions.create_account(request.actor, **values),
        title=_("Create an account"),
        back=reverse("organisation:accounts"),
        done=_("The account was created. Grant its roles, then make a sign-in link."),
        to=_url,
    )


def _url(account: Account) -> str:
    return reverse("organisation:account", args=[account.pk])


@page(acts.EDIT_ACCOUNT, at=at_account)
def edit_account(request: Request, account: int) -> HttpResponse:
    """Name, unit and e-mail of an account."""
    shown = found(Account, account, "unit__region")
    initial = {"name": shown.name, "unit": shown.unit, "email": shown.email}

    def do(values: dict[str, Any]) -> Account:
        actions.edit_account(request.actor, shown, **values, today=today_of(request))
        return shown

    return fill(
        request,
        bound(AccountForm, request, initial=initial, stem=stem_of(request.actor)),
        do,
        title=shown.name,
        back=_url(shown),
        done=_("Saved."),
        lead=_("Whoever leaves a unit loses the roles that he held in it."),
    )


@page(acts.END_ACCOUNT, at=at_account)
def end_account(request: Request, account: int) -> HttpResponse:
    """Close an account."""
    shown = found(Account, account, "unit__region")
    return confirm(
        request,
        lambda: actions.end_account(request.actor, shown, request.now, today_of(request)),
        title=_("Close the account of {name}").format(name=shown.name),
        consequence=_(
            "It signs in no more. Its sessions, tokens and links end at once, its roles today. What"
            " it did stays in the record. Reopened, it has no roles and needs a new link."
        ),
        submit=_("Close the account"),
        back=_url(shown),
        done=_("The account is closed."),
    )


@page(acts.REOPEN_ACCOUNT, at=at_account)
def reopen_account(request: Request, account: int) -> HttpResponse:
    """Open a closed account again."""
    shown = found(Account, account, "unit__region")
    return confirm(
        request,
        lambda: actions.reopen_account(request.actor, shown, today_of(request)),
        title=_("Reopen the account of {name}").format(name=shown.name),
        consequence=_("It has no roles and no password: grant roles, then make a sign-in link."),
        submit=_("Reopen the account"),
        back=_url(shown),
        done=_("The account is open."),
    )


@page(acts.UNLOCK_ACCOUNT, at=at_account)
def unlock_account(request: Request, account: int) -> HttpResponse:
    """Lift the lock after failures to sign in."""
    shown = found(Account, account, "unit__region")
    return confirm(
        request,
        lambda: actions.unlock_account(request.actor, shown, today_of(request)),
        title=_("Lift the sign-in lock of {name}").format(name=shown.name),
        consequence=_(
            "Five more failures are possible. Make sure first that it was the owner who failed."
        ),
        submit=_("Lift the lock"),
        back=_url(shown),
        done=_("The lock is lifted."),
    )


@page(acts.RESET_SECOND_FACTOR, at=at_account)
def reset_second_factor(request: Request, account: int) -> HttpResponse:
    """Take back the one-time password of somebody who lost the device."""
    shown = found(Account, account, "unit__region")
    return confirm(
        request,
        lambda: actions.reset_second_factor(request.actor, shown, today_of(request)),
        title=_("Take back the one-time password of {name}").format(name=shown.name),
        consequence=_(
            "The password alone is then enough to sign in, until a new device is set up; where the"
            " role needs one, that is the first thing asked. Sessions end."
        ),
        submit=_("Take it back"),
        back=_url(shown),
        done=_("The one-time password is taken back."),
    )


@page(acts.GRANT_ROLE, at=at_account)
def grant_role(request: Request, account: int) -> HttpResponse:
    """A role for an account."""
    shown = found(Account, account, "unit__region")
    initial = {"unit": shown.unit}

    def do(values: dict[str, Any]) -> Holding:
        role = Role(values.pop("role"))
        return holdings.grant_role(request.actor, shown, role, **values, today=today_of(request))

    return fill(
        request,
        bound(RoleForm, request, initial=initial, stem=stem_of(request.actor)),
        do,
        title=_("Grant a role to {name}").format(name=shown.name),
        back=_url(shown),
        done=_("The role is granted."),
        submit=_("Grant"),
    )


@page(acts.REVOKE_ROLE, at=at_holding)
def revoke_role(request: Request, holding: int) -> HttpResponse:
    """End a role."""
    held = found(Holding, holding, "account", "unit__region", "region")
    return confirm(
        request,
        lambda: holdings.revoke_role(request.actor, held, today_of(request)),
        title=_("Revoke “{role}” of {name}").format(
            role=held.get_role_display(), name=held.account.name
        ),
        consequence=_("It reaches nothing from now on; open pages refuse the next step."),
        submit=_("Revoke"),
        back=_url(held.account),
        done=_("The role is revoked."),
    )


@page(acts.SEE_ACCOUNTS, at=at_account)
def rights_of_account(request: Request, account: int) -> HttpResponse:
    """What this account may do, through which role and where."""
    shown = found(Account, account, "unit__region")
    actor = actor_of(shown, today_of(request))
    context = {"account": shown, "actor_shown": actor, "chapters": rights.rights_of(actor)}
    return render(request, "organisation/account_rights.html", context)


@page(acts.SEE_PERMISSIONS)
def permissions(request: Request) -> HttpResponse:
    """The table of permissions, as the code has it."""
    role, room = request.GET.get("role", ""), request.GET.get("room", "")
    roles = [Role(role)] if role in Role.values else list(Role)
    context = {
        "roles": roles,
        "all_roles": list(Role),
        "rooms": rights.rooms(),
        "chosen": {"role": role, "room": room},
        "chapters": rights.table_of(roles, room),
    }
    return render(request, "organisation/account_permissions.html", context)
