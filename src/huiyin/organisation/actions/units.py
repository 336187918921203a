"""Acts on units and their budget lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from huiyin.audit.actions import performing
from huiyin.audit.acts import Actor, require
from huiyin.furniture.turns import in_turn
from huiyin.organisation import acts, rules
from huiyin.organisation.actions.writing import place_in, place_of, write
from huiyin.organisation.models import BudgetLine, Unit
from huiyin.problems import NAME_TAKEN, SUPERIOR_CIRCLE
from huiyin.territory.models import Region

#: The turn in which superiors change; an import of units takes it too.
UNITS = "organisation-units"


def add_unit(
    actor: Actor,
    *,
    name: str,
    kind: str,
    region: Region,
    short_name: str = "",
    parent: Unit | None = None,
    judged: bool | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Unit:
    """Add a unit.

    Args:
        judged: None = as its kind says.

    Raises:
        Problem: not permitted; ``days-out-of-order``; ``name-taken``.
    """
    values = {
        "name": name, "short_name": short_name, "kind": kind, "region": region, "parent": parent,
        "judged": rules.judged_by_default(kind) if judged is None else judged,
        "valid_from": valid_from, "valid_until": valid_until,
    }  # fmt: skip
    with performing(actor, acts.MANAGE_UNITS, place_in(region)) as changed:
        unit = Unit()
        _check(unit, values)
        write(changed, unit, values)
    return unit


def change_unit(actor: Actor, unit: Unit, **values: Any) -> Unit:
    """Change what is known of a unit; takes the names of :func:`add_unit`.

    Raises:
        Problem: not permitted, where it is or where it is to be; ``days-out-of-order``;
            ``name-taken``; ``superior-circle``.
    """
    if values.get("judged", False) is None:
        values["judged"] = rules.judged_by_default(values.get("kind", unit.kind))
    with performing(actor, acts.MANAGE_UNITS, place_of(unit)) as changed:
        if "parent" in values:
            in_turn(UNITS)  # else two changes, each sound alone, close a circle
        if "region" in values:
            require(actor, acts.MANAGE_UNITS, place_in(values["region"]))
        unit = Unit.objects.select_for_update().get(pk=unit.pk)
        _check(unit, values)
        write(changed, unit, values)
    return unit


def _check(unit: Unit, values: Mapping[str, Any]) -> None:
    def now(name: str) -> Any:
        return values[name] if name in values else getattr(unit, name)

    rules.check_days(now("valid_from"), now("valid_until"), place="valid_until")
    same = Unit.objects.filter(region=now("region"), name=now("name")).exclude(pk=unit.pk)
    if same.exists():
        raise NAME_TAKEN(place="name", name=now("name"), region=now("region"))
    parent = now("parent")
    if unit.pk and parent:
        superiors = dict(Unit.objects.values_list("pk", "parent"))
        if rules.would_circle(unit.pk, parent.pk, superiors):
            raise SUPERIOR_CIRCLE(place="parent", name=parent)


def record_budget(
    actor: Actor, unit: Unit, *, year: int, amount: Decimal, source: str = ""
) -> BudgetLine:
    """Enter what a unit set aside for a year, or correct it.

    Args:
        amount: in yuan, above zero.

    Raises:
        Problem: not permitted.
    """
    with performing(actor, acts.RECORD_BUDGET, place_of(unit)) as changed:
        line = unit.budget_lines.select_for_update().filter(year=year).first()
        values = {"unit": unit, "year": year, "amount": amount, "source": source}
        line = line or BudgetLine()
        write(changed, line, values)
    return line
