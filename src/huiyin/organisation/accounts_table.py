"""The list of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huiyin.furniture.tables import Choice, Column, DateRange, Empty, Flag, Search, Table
from huiyin.organisation import account_acts as acts
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.queries import accounts_seen_by, held_on
from huiyin.organisation.roles import Role


@dataclass(frozen=True)
class RoleChoice(Choice):
    """Accounts that hold a role today; a join would show some of them twice."""

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        values = self.chosen(asked, request)[-1:]
        if not values:
            return rows
        today = timezone.localdate(request.now)  # type: ignore[attr-defined]
        held = held_on(today).filter(account=OuterRef("pk"), role=values[0])
        return rows.filter(Exists(held))


def state_of(account: Account) -> str:
    """What a list says of an account."""
    if not account.is_active:
        return _("closed")
    return _("open") if account.last_login else _("never signed in")


def tone_of(account: Account) -> str:
    """The tone of what :func:`state_of` says."""
    if not account.is_active:
        return "neutral"
    return "near" if account.last_login is None else "good"


def roles_of(account: Account) -> list[str]:
    """The titles of the roles held today, each once; prefetched as ``held``."""
    return list(dict.fromkeys(holding.get_role_display() for holding in account.held))  # type: ignore[attr-defined]


def _link(account: Account) -> str:
    return reverse("organisation:account", args=[account.pk])


class AccountTable(Table):
    name = "organisation-accounts"
    title = gettext_lazy("Accounts")
    columns = (
        Column("name", pgettext_lazy("person", "Name"), field="name", link=_link),
        Column("username", gettext_lazy("Sign-in name"), field="username"),
        Column("unit", gettext_lazy("Unit"), field="unit__name"),
        Column(
            "region",
            gettext_lazy("Region"),
            field="unit__region__code",
            value=lambda account: account.unit.region if account.unit else "",
        ),
        Column("roles", gettext_lazy("Roles"), value=roles_of),
        Column("state", gettext_lazy("State"), value=state_of, tone=tone_of),
        Column("last_login", gettext_lazy("Last sign-in"), field="last_login"),
        Column("email", gettext_lazy("E-mail"), field="email", shown=False),
        Column("created_at", gettext_lazy("Created"), field="created_at", shown=False),
    )
    filters = (
        Search("q", gettext_lazy("Name, sign-in name or unit"),
               fields=("name", "username", "unit__name", "unit__short_name")),
        RoleChoice("role", gettext_lazy("Role"), choices=Role),
        Flag("open", gettext_lazy("May sign in"), field="is_active"),
        DateRange("login", gettext_lazy("Last sign-in"), field="last_login"),
    )  # fmt: skip
    order = ("name", "pk")
    empty = Empty(
        gettext_lazy("No accounts yet"),
        gettext_lazy("Create accounts one by one, or import a list from Excel."),
        url_name="organisation:create_account",
        action=gettext_lazy("Create an account"),
        act=acts.CREATE_ACCOUNT,
    )

    def rows(self, request: Any) -> QuerySet[Account]:
        today = timezone.localdate(request.now)
        held = Prefetch("holdings", held_on(today).order_by("pk"), to_attr="held")
        seen = accounts_seen_by(request.actor, today)
        return seen.select_related("unit__region").prefetch_related(held)


def holdings_of(account: Account) -> QuerySet[Holding]:
    """All roles that somebody holds, will hold or has held."""
    return account.holdings.select_related("unit__region", "region").order_by(
        "-until", "role", "pk"
    )
