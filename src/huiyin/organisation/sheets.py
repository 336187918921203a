"""What can be imported from Excel: units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor, Place
from huiyin.furniture.exchange import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    choice,
    code,
    day,
    rejected,
    text,
    yes_no,
)
from huiyin.furniture.tables.filters import stem_of
from huiyin.organisation import acts, rules
from huiyin.organisation.models import Unit, UnitKind
from huiyin.problems import (
    DAYS_OUT_OF_ORDER,
    NAME_TAKEN,
    REGION_UNKNOWN,
    SUPERIOR_CIRCLE,
    UNIT_AMBIGUOUS,
    UNIT_UNKNOWN,
    Problem,
)
from huiyin.territory.models import Region

#: A unit is known by the code of its region and its name.
Key = tuple[str, str]
#: Values that a row may leave open: an empty cell leaves a stored unit as it is.
OPTIONAL = ("short_name", "judged", "valid_from", "valid_until")


class UnitImport(Sheet):
    """Units, known by the code of their region and their name."""

    name = "organisation-units"
    title = _("Import units")
    act = acts.IMPORT_UNITS
    lead = _(
        "A unit is known by its region's code and its name: a row with both of a stored unit "
        "changes that unit. A superior may stand in the same file, before or after."
    )
    back = "organisation:units"
    columns = (
        Field("region", (_("Region's code"), "区划代码", "code"), required=True,
              parse=code(r"[0-9]{12,15}", "430582000000"), sample="430582000000"),
        Field("name", (_("Name"), "单位名称", "name"), required=True, parse=text(100),
              sample="市公安局"),
        Field("short_name", (_("Short name"), "简称"), parse=text(40)),
        Field("kind", (_("Kind"), "单位类型", "kind"), required=True, parse=choice(UnitKind),
              choices=UnitKind.labels),
        Field("parent", (_("Superior unit"), "上级单位"), parse=text(100),
              note=_("Its name; where several units have it, the one of the nearest region above")),
        Field("judged", (_("Judged by survey results"), "是否被考评"), parse=yes_no(),
              note=_("Empty = as the kind says")),
        Field("valid_from", (_("Valid from"), "启用日期"), parse=day()),
        Field("valid_until", (_("Valid until"), "停用日期"), parse=day()),
    )  # fmt: skip

    def place_of(self, row: Row) -> Place | None:
        return Place(region=row["region"])

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        return _Plan(rows).changes()

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        """Write units first, superiors afterwards, because a superior may be new itself."""
        written = {}
        for change in changes:
            if change.outcome in (Outcome.ADDED, Outcome.CHANGED):
                planned: _Planned = change.thing
                for name, value in planned.values.items():
                    setattr(planned.unit, name, value)
                planned.unit.save()
                written[planned.key] = planned
        for planned in written.values():
            if planned.superior:
                planned.unit.parent = _superior(planned.superior, written)
                planned.unit.save(update_fields=("parent",))


def _superior(key: Key, written: dict[Key, _Planned]) -> Unit:
    if key in written:
        return written[key].unit
    return Unit.objects.get(region__code=key[0], name=key[1])


@dataclass(frozen=True)
class _Planned:
    """A unit that a row adds or changes."""

    key: Key
    unit: Unit
    values: dict[str, Any]
    superior: Key | None


class _Plan:
    """What a file of units would do; reads all that it needs in three queries."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        living = Region.objects.filter(valid_until=None, code__in={row["region"] for row in rows})
        self.regions = {region.code: region for region in living}
        self.stored = {
            (unit.region.code, unit.name): unit
            for unit in Unit.objects.filter(region__in=living).select_related("region", "parent")
        }
        self.above: dict[Key, Key | None] = {
            (code, name): (above, parent) if parent else None
            for code, name, above, parent in Unit.objects.values_list(
                "region__code", "name", "parent__region__code", "parent__name"
            )
        }
        self.above |= {_key(row): self.above.get(_key(row)) for row in rows}
        self.named: dict[str, list[Key]] = defaultdict(list)
        for key in self.above:
            self.named[key[1]].append(key)
        self.seen: set[Key] = set()

    def changes(self) -> list[Change]:
        for row in self.rows:
            if row.get("parent") and len(found := self.superiors(row)) == 1:
                self.above[_key(row)] = found[0]
        return [self.change(row) for row in self.rows]

    def superiors(self, row: Row) -> list[Key]:
        """The units that a row's superior may be: those of the nearest region above, or any."""
        own = _key(row)
        named = [key for key in self.named.get(row["parent"], []) if key != own]
        above = [key for key in named if own[0].startswith(stem_of(key[0]))]
        nearest = max((len(stem_of(key[0])) for key in above), default=0)
        return [key for key in above if len(stem_of(key[0])) == nearest] or named

    def change(self, row: Row) -> Change:
        key = _key(row)
        problems = self.wrong(row, key)
        self.seen.add(key)
        if problems:
            return rejected(row, *problems, label=row["name"])
        unit = self.stored.get(key)
        values = self.values(row, unit)
        superior = self.above[key] if row.get("parent") else None
        planned = _Planned(
            key, unit or Unit(region=self.regions[key[0]], name=key[1]), values, superior
        )
        shown = {**values, "kind": UnitKind(values["kind"]).label}
        shown |= {"parent": superior[1]} if superior else {}
        if unit is None:
            return added(row, row["name"], shown, thing=planned)
        before = {name: getattr(unit, name) for name in values} | {"kind": unit.get_kind_display()}
        before |= {"parent": unit.parent.name if unit.parent else None}
        return changed(row, row["name"], before, shown, thing=planned)

    def values(self, row: Row, unit: Unit | None) -> dict[str, Any]:
        """What the row sets; a new unit is judged as its kind says, unless the row says it."""
        values = {"kind": row["kind"]}
        values |= {name: row[name] for name in OPTIONAL if row.get(name) is not None}
        if unit is None and "judged" not in values:
            values["judged"] = rules.judged_by_default(row["kind"])
        return values

    def wrong(self, row: Row, key: Key) -> list[Problem]:
        """Everything for which a row cannot be taken."""
        problems = []
        if key[0] not in self.regions:
            problems.append(row.wrong(REGION_UNKNOWN, "region", value=key[0]))
        if key in self.seen:
            problems.append(row.wrong(NAME_TAKEN, "name", name=key[1], region=key[0]))
        stored = self.stored.get(key)
        since, until = (
            row.get(name, getattr(stored, name, None)) for name in ("valid_from", "valid_until")
        )
        if since and until and until < since:
            wrong = row.wrong(DAYS_OUT_OF_ORDER, "valid_until", since=since, until=until)
            problems.append(wrong)
        return problems + (self.wrong_superior(row, key) if row.get("parent") else [])

    def wrong_superior(self, row: Row, key: Key) -> list[Problem]:
        found, name = self.superiors(row), row["parent"]
        if not found and name == key[1]:
            return [row.wrong(SUPERIOR_CIRCLE, "parent", name=name)]
        if not found:
            return [row.wrong(UNIT_UNKNOWN, "parent", value=name)]
        if len(found) > 1:
            choices = "、".join(f"{each[1]} {each[0]}" for each in found)
            return [row.wrong(UNIT_AMBIGUOUS, "parent", value=name, choices=choices)]
        if rules.would_circle(key, found[0], self.above):
            return [row.wrong(SUPERIOR_CIRCLE, "parent", name=name)]
        return []


def _key(row: Row) -> Key:
    return (row["region"], row["name"])
