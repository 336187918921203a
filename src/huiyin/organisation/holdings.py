"""Granting and revoking roles: within the granter's reach, and never over a wall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, Place, require
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_rules as rules
from huiyin.organisation.models import Account, Holding, Unit
from huiyin.organisation.permissions import shown
from huiyin.organisation.queries import held_on
from huiyin.organisation.roles import JUDGED, Role
from huiyin.problems import (
    ACCOUNT_CLOSED,
    HOLDING_ENDED,
    LAST_ADMINISTRATOR,
    NOT_FOUND,
    PERIOD_REVERSED,
    ROLE_HELD_ALREADY,
    ROLE_NEEDS_UNIT,
    ROLE_TO_ONESELF,
    ROLES_CLASH_AUDITOR,
    ROLES_CLASH_CENTRE,
    ROLES_CLASH_NUMBERS,
    ROLES_CLASH_VERIFIER,
)
from huiyin.territory.models import Region

CLASHES = {
    rules.Clash.AUDITOR: ROLES_CLASH_AUDITOR,
    rules.Clash.CENTRE: ROLES_CLASH_CENTRE,
    rules.Clash.VERIFIER: ROLES_CLASH_VERIFIER,
    rules.Clash.NUMBERS: ROLES_CLASH_NUMBERS,
}


def place_of_role(unit: Unit | None, region: Region | None) -> Place:
    """Where a role that is held there reaches: what its granter must reach himself."""
    reached = region or (unit.region if unit else None)
    return Place(region=reached.code if reached else "", unit=unit.pk if unit else None)


def grant_role(
    actor: Actor,
    account: Account,
    role: Role,
    *,
    unit: Unit | None = None,
    region: Region | None = None,
    since: date | None = None,
    until: date | None = None,
    today: date,
) -> Holding:
    """Grant a role in a unit, in a region, or (with neither) everywhere.

    Raises:
        Problem: its region or its unit lies beyond the granter's own reach; it is granted to
            oneself; it does not go with what the account holds or where it belongs (see
            ``account_rules.clash``); it is held already; the account is closed.
    """
    require(actor, acts.GRANT_ROLE, place_of_role(unit, None if unit else region))
    with performing(actor, acts.GRANT_ROLE, place_of_role(unit, region)) as changed:
        account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        wanted = Holding(
            account=account, role=role, unit=unit, region=region, since=since, until=until
        )
        _check(actor, account, wanted, today)
        wanted.save()
        touched(changed, wanted, label=label_of(wanted))
        changed.after = facts(wanted)
    return wanted


def label_of(holding: Holding) -> str:
    """What a person calls a role held, with the sign-in name that finds its owner."""
    return f"{holding.account} ({holding.account.username}): {holding.get_role_display()}"


def facts(holding: Holding) -> dict[str, object]:
    """A role held, as the audit prints it."""
    known = {
        "account": holding.account.username,
        "role": holding.role,
        "unit": str(holding.unit) if holding.unit else "",
        "region": str(holding.region) if holding.region else "",
        "since": holding.since,
        "until": holding.until,
    }
    return {name: value for name, value in known.items() if value}


def _check(actor: Actor, account: Account, wanted: Holding, today: date) -> None:
    if actor.account == account.pk:
        raise ROLE_TO_ONESELF()
    if not account.is_active:
        raise ACCOUNT_CLOSED(name=account.name)
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise PERIOD_REVERSED(place="until")
    if wanted.role in JUDGED and wanted.unit is None:
        raise ROLE_NEEDS_UNIT(place="unit", role=wanted.get_role_display())
    others = list(_during(account, wanted.since or today, wanted.until))
    if any(_same(other, wanted) for other in others):
        raise ROLE_HELD_ALREADY(place="role", name=account.name, role=wanted.get_role_display())
    _refuse_clash(account, [*others, wanted], account.unit)


def _during(account: Account, since: date, until: date | None) -> QuerySet[Holding]:
    """Roles held on at least one day of a period."""
    held = Holding.objects.filter(Q(until=None) | Q(until__gte=since), account=account)
    if until is not None:
        held = held.filter(Q(since=None) | Q(since__lte=until))
    return held.select_related("unit")


def _same(one: Holding, other: Holding) -> bool:
    return (one.role, one.unit_id, one.region_id) == (other.role, other.unit_id, other.region_id)


def _refuse_clash(account: Account, held: Iterable[Holding], unit: Unit | None) -> None:
    held = list(held)
    roles = [Role(holding.role) for holding in held]
    units = [unit, *(holding.unit for holding in held)]
    judged = any(each.judged for each in units if each)
    clash = rules.clash(roles, judged=judged, shown=shown(roles))
    if clash is not None:
        raise CLASHES[clash](
            place="role", name=account.name, role=held[-1].get_role_display() if held else ""
        )


def check_with_unit(account: Account, unit: Unit | None, today: date) -> None:
    """Refuse a unit with which the roles that somebody keeps do not go.

    Raises:
        Problem: such as a centre role for a member of a judged unit.
    """
    _refuse_clash(account, _during(account, today, None), unit)


def revoke_role(actor: Actor, holding: Holding, today: date) -> None:
    """End a role at once: yesterday was its last day. One that begins later is dropped.

    Raises:
        Problem: ``last-administrator``, ``holding-ended``, or it lies beyond the actor's own reach.
    """
    place = place_of_role(holding.unit, holding.region)
    with performing(actor, acts.REVOKE_ROLE, place) as changed:
        if holding.role == Role.ADMINISTRATOR:
            _keep_one_administrator(holding, today)  # locks first, and in one order
        holding = _running(holding, today)
        touched(changed, holding, label=label_of(holding))
        changed.before = facts(holding)
        yesterday = today - timedelta(days=1)
        if holding.since and holding.since > yesterday:
            holding.delete()
        else:
            holding.until = yesterday
            holding.save(update_fields=["until"])
        changed.after = {"until": yesterday}


def _running(holding: Holding, today: date) -> Holding:
    """The role held, locked; the last day of one that has ended is history and stays."""
    found = Holding.objects.select_for_update(of=("self",)).filter(pk=holding.pk).first()
    if found is None:  # dropped meanwhile
        raise NOT_FOUND()
    if found.until and found.until < today:
        raise HOLDING_ENDED(day=found.until)
    return found


def _keep_one_administrator(holding: Holding, today: date) -> None:
    """Whoever administers everything must not be the last; the rows are locked against a race."""
    others = held_on(today).filter(
        role=Role.ADMINISTRATOR, region=None, unit=None, account__is_active=True, until=None
    )
    locked = others.order_by("pk").select_for_update(of=("self",))
    keys = set(locked.values_list("account_id", flat=True))
    if holding.region_id is None and holding.unit_id is None and keys <= {holding.account_id}:
        raise LAST_ADMINISTRATOR()


def held_by(account: Account, today: date) -> list[Holding]:
    """Roles that an account holds today or later."""
    return list(_during(account, today, None).select_related("account", "unit__region", "region"))


def end_in_unit(actor: Actor, account: Account, unit: Unit, today: date) -> None:
    """End the roles that somebody held in a unit which he leaves."""
    for holding in held_by(account, today):
        if holding.unit_id == unit.pk:
            revoke_role(actor, holding, today)
