"""Reads of who is who."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from huiyin.audit.acts import Actor, Held
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import JUDGED


def actor_of(account: Account, today: date, address: str = "") -> Actor:
    """The account as an actor, with the roles it holds today; two queries."""
    holdings = list(
        Holding.objects.filter(
            Q(since=None) | Q(since__lte=today),
            Q(until=None) | Q(until__gte=today),
            account=account,
        ).select_related("region", "unit")
    )
    units = [holding.unit for holding in holdings if holding.unit] + (
        [account.unit] if account.unit else []
    )
    return Actor(
        account=account.pk,
        name=account.username,
        address=address,
        held=tuple(
            Held(
                role=holding.role,
                region=holding.region.stem if holding.region else None,
                unit=holding.unit_id,
            )
            for holding in holdings
        ),
        judged=any(unit.judged for unit in units)
        or any(holding.role in JUDGED for holding in holdings),
    )
