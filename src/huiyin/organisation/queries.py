"""Reads of who is who."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from huiyin.audit.acts import Actor, Held
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import JUDGED


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
