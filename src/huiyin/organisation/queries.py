"""Reads of who is who."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from huiyin.audit.acts import Actor, Held, Place
from huiyin.organisation.account_acts import SEE_ACCOUNTS
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.permissions import Reach, reach
from huiyin.organisation.roles import JUDGED
from huiyin.territory.rules import common_stem, full_code


def actor_of(account: Account, today: date, address: str = "") -> Actor:
    """The account as an actor, with the roles it holds today; two queries.

    A role that is held in a unit, without a region, reaches over the region of that unit.
    """
    holdings = list(
        held_on(today)
        .filter(account=account)
        .select_related("region", "unit__region")
        .order_by("pk")
    )
    return Actor(
        account=account.pk,
        name=account.username,
        address=address,
        held=tuple(_held(holding) for holding in holdings),
        judged=belongs_to_judged(account, holdings),
    )


def held_on(today: date) -> QuerySet[Holding]:
    """The roles that are held on a day."""
    return Holding.objects.filter(
        Q(since=None) | Q(since__lte=today), Q(until=None) | Q(until__gte=today)
    )


def _held(holding: Holding) -> Held:
    region = holding.region or (holding.unit.region if holding.unit else None)
    return Held(role=holding.role, region=region.stem if region else None, unit=holding.unit_id)


def belongs_to_judged(account: Account, holdings: Iterable[Holding]) -> bool:
    """Whether somebody belongs to a unit that is judged by its result, or answers for one."""
    units = [account.unit, *(holding.unit for holding in holdings)]
    return any(unit.judged for unit in units if unit) or any(
        holding.role in JUDGED for holding in holdings
    )


def place_of(account: Account, today: date) -> Place:
    """Where an account belongs for whoever looks after it: all that it reaches.

    Who may make a sign-in link for an account can act as it; so he must reach as far himself. The
    region is the least one that holds the account's unit and the regions of all its roles.
    """
    held = list(
        Holding.objects.filter(Q(until=None) | Q(until__gte=today), account=account).select_related(
            "region", "unit__region"
        )
    )
    reached = [_held(holding).region for holding in held]
    if account.unit is not None:
        reached.append(account.unit.region.stem)
    known = [region for region in reached if region is not None]
    common = common_stem(known) if len(known) == len(reached) else ""
    region = full_code(common) if common else ""
    return Place(region=region, unit=account.unit_id, account=account.pk)


def accounts_seen_by(actor: Actor, today: date) -> QuerySet[Account]:
    """The accounts that an actor may look after, or see as auditor."""
    found = reach(actor, SEE_ACCOUNTS)
    seen = Account.objects.filter(found.query(region="unit__region__code"))
    if found.everywhere:
        return seen
    beyond = Holding.objects.filter(
        Q(until=None) | Q(until__gte=today), account=OuterRef("pk")
    ).exclude(_within(found))
    return seen.exclude(Exists(beyond))


def _within(found: Reach) -> Q:
    """Roles held in one of the regions that an actor reaches."""
    inside = Q(pk__in=())
    for stem in found.regions:
        inside |= Q(region__code__startswith=stem)
        inside |= Q(region=None, unit__region__code__startswith=stem)
    return inside
