"""What the table of permissions says, laid out to be read: by act and role, or for one account."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huiyin.audit.acts import ACTS, Act, Actor, Held
from huiyin.organisation.models import Unit
from huiyin.organisation.permissions import SCOPE_TITLES, TABLE, WALLED_FROM_JUDGED, Scope, refusal
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region


@dataclass(frozen=True)
class ActRow:
    """One row of the table: an act, and how far each of the roles asked for may do it.

    Attributes:
        cells: one per role: the title of its scope, "" = not at all.
        walled: whether it is closed to whoever belongs to a judged unit.
    """

    act: Act
    cells: list[str]
    walled: bool


def rooms() -> list[tuple[str, str]]:
    """Rooms that have acts: name and title."""
    found = sorted({act.room for act in ACTS.values()})
    return [(room, title_of_room(room)) for room in found]


def title_of_room(room: str) -> str:
    """What a person calls a room."""
    try:
        return str(apps.get_app_config(room).verbose_name)
    except LookupError:
        return room


def table_of(roles: list[Role], room: str = "") -> list[tuple[str, list[ActRow]]]:
    """The table of permissions by room: acts that at least one of the roles may do."""
    chapters: dict[str, list[ActRow]] = {}
    for act in sorted(ACTS.values(), key=lambda each: each.name):
        row = TABLE.get(act.name, {})
        if (not room or act.room == room) and row.keys() & set(roles):
            cells = [str(SCOPE_TITLES[row[role]]) if role in row else "" for role in roles]
            walled = bool(act.guarded & WALLED_FROM_JUDGED)
            chapters.setdefault(title_of_room(act.room), []).append(ActRow(act, cells, walled))
    return list(chapters.items())


@dataclass(frozen=True)
class Right:
    """Whether an account may do an act, and why.

    Attributes:
        places: each role that permits it, with where.
        wall: the sentence of the wall that forbids it all the same; "" = none.
    """

    act: Act
    places: list[str]
    wall: str


def rights_of(actor: Actor) -> list[tuple[str, list[Right]]]:
    """What an account may do, by room; what a wall forbids stands there with its reason."""
    names = _Names(actor)
    chapters: dict[str, list[Right]] = {}
    for act in sorted(ACTS.values(), key=lambda each: each.name):
        row = TABLE.get(act.name, {})
        held = [each for each in actor.held if Role(each.role) in row]
        if not held:
            continue
        refused = refusal(actor, act, None)
        places = [names.said(each, row[Role(each.role)]) for each in held]
        right = Right(act, list(dict.fromkeys(places)), refused.message if refused else "")
        chapters.setdefault(title_of_room(act.room), []).append(right)
    return list(chapters.items())


class _Names:
    """Names of the regions and units in which an actor holds roles; two queries."""

    def __init__(self, actor: Actor) -> None:
        stems = {held.region for held in actor.held if held.region}
        named = Region.objects.filter(
            code__in={stem.ljust(12, "0") for stem in stems}, valid_until=None
        )
        self.regions = {region.stem: region.name for region in named}
        units = Unit.objects.filter(pk__in={held.unit for held in actor.held if held.unit})
        self.units: dict[int | None, str | Promise] = {unit.pk: str(unit) for unit in units}

    def said(self, held: Held, scope: Scope) -> str:
        """Such as “Office: 安和市 and below”."""
        return _("{role}: {place}").format(
            role=Role(held.role).label, place=self._place(held, scope)
        )

    def _place(self, held: Held, scope: Scope) -> str:
        if scope is Scope.UNIT:
            return str(self.units.get(held.unit, _("no unit")))
        if scope is Scope.REGION and held.region:
            region = self.regions.get(held.region, held.region)
            return _("{region} and below").format(region=region)
        return str(SCOPE_TITLES[Scope.OWN if scope is Scope.OWN else Scope.ALL])
