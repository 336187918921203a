"""Accounts, roles and permissions over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from huiyin.audit.acts import ACTS, Place, may
from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_acts as acts
from huiyin.organisation import holdings
from huiyin.organisation.models import Account, Holding, Unit
from huiyin.organisation.permissions import TABLE
from huiyin.organisation.queries import accounts_seen_by, held_on, place_of
from huiyin.organisation.roles import Role
from huiyin.problems import NOT_FOUND, REGION_UNKNOWN, UNIT_UNKNOWN
from huiyin.territory.models import Region

router = Router(tags=["accounts"])


class RoleOut(Schema):
    """A role that an account holds today."""

    id: int
    role: Role
    unit: int | None = Field(None, alias="unit_id")
    region: str | None = Field(None, description="code; empty with no unit = everywhere")
    since: date | None
    until: date | None

    @staticmethod
    def resolve_region(holding: Holding) -> str | None:
        return holding.region.code if holding.region else None


class AccountOut(Schema):
    """An account, with the roles that it holds today."""

    id: int
    username: str
    name: str
    email: str
    unit: int | None = Field(None, alias="unit_id")
    is_active: bool
    last_login: datetime | None
    roles: list[RoleOut] = Field(alias="held")


class AccountIn(Schema):
    """A new account; it has no password until a sign-in link is used."""

    username: str = Field(max_length=150, pattern=r"^[\w.@-]+$")
    name: str = Field(min_length=1, max_length=60)
    unit: int | None = None
    email: str = Field("", max_length=254)


class RoleIn(Schema):
    """A role to grant: in a unit, in a region (by code), or with neither everywhere."""

    role: Role
    unit: int | None = None
    region: str | None = None
    since: date | None = None
    until: date | None = None


class MeOut(Schema):
    """Who asks, and which acts he may do at some place."""

    username: str
    judged: bool
    acts: list[str]


def at_account(account: int) -> Place:
    return place_of(_account(account), timezone.localdate())


def at_role(role: int) -> Place:
    held = _holding(role)
    return holdings.place_of_role(held.unit, held.region)


def _account(key: int) -> Account:
    found = Account.objects.select_related("unit__region").filter(pk=key).first()
    if found is None:
        raise NOT_FOUND()
    return found


def _holding(key: int) -> Holding:
    related = ("account", "unit__region", "region")
    found = Holding.objects.select_related(*related).filter(pk=key).first()
    if found is None:
        raise NOT_FOUND()
    return found


def _unit(key: int | None) -> Unit | None:
    if key is None:
        return None
    found = Unit.objects.select_related("region").filter(pk=key).first()
    if found is None:
        raise UNIT_UNKNOWN(place="unit", value=key)
    return found


def _region(code: str | None) -> Region | None:
    if not code:
        return None
    found = Region.objects.filter(code=code, valid_until=None).first()
    if found is None:
        raise REGION_UNKNOWN(place="region", value=code)
    return found


def _with_roles(accounts: QuerySet[Account], today: date) -> QuerySet[Account]:
    held = held_on(today).select_related("region").order_by("pk")
    return accounts.prefetch_related(Prefetch("holdings", held, to_attr="held"))


@router.get("/me", response=MeOut)
@operation(acts.SEE_OWN_ACCOUNT)
def me(request: Request) -> dict[str, Any]:
    """Who asks, and what he may do."""
    permitted = [name for name in sorted(TABLE) if may(request.actor, ACTS[name])]
    return {"username": request.actor.name, "judged": request.actor.judged, "acts": permitted}


@router.get("/accounts", response=list[AccountOut])
@operation(acts.SEE_ACCOUNTS)
@paginate(Paged, ordering=("pk",))
def accounts(request: Request) -> QuerySet[Account]:
    """The accounts that the actor looks after."""
    today = timezone.localdate(request.now)
    return _with_roles(accounts_seen_by(request.actor, today), today)


@router.get("/accounts/{int:account}", response=AccountOut)
@operation(acts.SEE_ACCOUNTS, at=at_account)
def account(request: Request, account: int) -> Account:
    """One account."""
    today = timezone.localdate(request.now)
    return _with_roles(Account.objects.filter(pk=account), today).get()


@router.post("/accounts", response={201: AccountOut})
@operation(acts.CREATE_ACCOUNT)
def create_account(request: Request, body: AccountIn) -> Status[Any]:
    """Make an account."""
    made = actions.create_account(
        request.actor, username=body.username, name=body.name, email=body.email,
        unit=_unit(body.unit),
    )  # fmt: skip
    made.held = []  # type: ignore[attr-defined]
    return Status(201, made)


@router.delete("/accounts/{int:account}", response={204: None})
@operation(acts.END_ACCOUNT, at=at_account)
def end_account(request: Request, account: int) -> Status[Any]:
    """Close an account; what it did stays in the record."""
    today = timezone.localdate(request.now)
    actions.end_account(request.actor, _account(account), request.now, today)
    return Status(204, None)


@router.post("/accounts/{int:account}/roles", response={201: RoleOut})
@operation(acts.GRANT_ROLE, at=at_account)
def grant_role(request: Request, account: int, body: RoleIn) -> Status[Any]:
    """Grant a role to an account."""
    held = holdings.grant_role(
        request.actor, _account(account), body.role, unit=_unit(body.unit),
        region=_region(body.region), since=body.since, until=body.until,
        today=timezone.localdate(request.now),
    )  # fmt: skip
    return Status(201, held)


@router.delete("/roles/{int:role}", response={204: None})
@operation(acts.REVOKE_ROLE, at=at_role)
def revoke_role(request: Request, role: int) -> Status[Any]:
    """Revoke a role; it reaches nothing from now on."""
    holdings.revoke_role(request.actor, _holding(role), timezone.localdate(request.now))
    return Status(204, None)


@router.get("/permissions", response=dict[str, dict[str, str]])
@operation(acts.SEE_PERMISSIONS)
def permissions(request: Request) -> dict[str, dict[str, str]]:
    """The table of permissions: act → role → how far (own, unit, region, all)."""
    return {
        name: {role.value: scope.value for role, scope in TABLE[name].items()}
        for name in sorted(TABLE)
    }
