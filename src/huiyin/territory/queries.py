"""Reads of regions: by code, by what somebody typed, up, down, and through time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from huiyin.audit.acts import Actor, Place, may
from huiyin.problems import DIVISION_UNKNOWN, Problem
from huiyin.territory import rules
from huiyin.territory.acts import IMPORT_DIVISIONS
from huiyin.territory.models import DivisionImport, Region, Succession
from huiyin.territory.plans import Known
from huiyin.territory.rules import Asked

#: Reads the whole way up in one query: a grid has five regions above it.
UP = "parent__parent__parent__parent__parent"
FOUND_AT_MOST = 50


def living() -> QuerySet[Region]:
    """The regions that hold now."""
    return Region.objects.filter(valid_until=None)


def region_of(code: str) -> Region:
    """The region with a code, with all above it; the one that ended last, if none holds now.

    Raises:
        Problem: ``division-unknown``.
    """
    try:
        full, _level = rules.parse_code(code)
    except Problem as wrong:
        raise DIVISION_UNKNOWN(code=code[:40]) from wrong
    rows = list(Region.objects.filter(code=full).select_related(UP))
    if not rows:
        raise DIVISION_UNKNOWN(code=code[:40])
    return max(rows, key=lambda row: (row.valid_until is None, row.valid_until or date.min))


def way_up(region: Region) -> list[Region]:
    """The regions above, the largest first."""
    above: list[Region] = []
    parent = region.parent
    while parent is not None:
        above.insert(0, parent)
        parent = parent.parent
    return above


def full_name(region: Region) -> str:
    """The name with those of all above: 湖南省邵阳市邵东市."""
    return "".join(each.name for each in [*way_up(region), region])


def children_of(region: Region | None) -> QuerySet[Region]:
    """The regions directly below (None: those that lie in none), knowing whether they have any.

    Below an ended region, those that ended with it.
    """
    rows = Region.objects.filter(parent=region)
    if region is None or region.valid_until is None:
        rows = rows.filter(valid_until=None)
    below = Region.objects.filter(parent=OuterRef("pk"), valid_until=None)
    return rows.annotate(has_below=Exists(below)).order_by("code")


def below(region: Region) -> QuerySet[Region]:
    """All regions below that hold now, on every level."""
    return living().filter(code__startswith=region.stem, level__gt=region.level)


def matching(rows: QuerySet[Region], text: str) -> QuerySet[Region]:
    """The regions that somebody means: by code or initials from their beginning, by part of a name.

    A name of one character finds the names that begin with it.
    """
    understood = rules.understand(text)
    if understood is None:
        return rows
    asked, wanted = understood
    if asked is Asked.CODE:
        stem = wanted.rstrip("0") if len(wanted) >= rules.CODE_LENGTH else wanted
        return rows.filter(code__startswith=stem)
    if asked is Asked.INITIALS:
        return rows.filter(initials__startswith=wanted)
    if len(wanted) == 1:
        return rows.filter(name__startswith=wanted)
    pairs = RawSQL(
        "territory_pairs(territory_region.name) @> territory_pairs(%s)",
        [wanted],
        output_field=BooleanField(),
    )
    return rows.filter(pairs, name__contains=wanted)


def search(text: str, limit: int = FOUND_AT_MOST) -> list[Region]:
    """Regions that somebody means, those that hold now first, large before small."""
    if rules.understand(text) is None:
        return []
    found: list[Region] = []
    for rows in (living(), Region.objects.filter(valid_until__isnull=False)):
        if len(found) < limit:
            some = matching(rows, text).select_related(UP).order_by("level", "code", "id")
            found += some[: limit - len(found)]
    return found


def resolve(code: str, on: date) -> tuple[Region, ...]:
    """What the region with a code is on a day: itself, or what it became, or what it came from.

    Several, if it was split (or, looking back, merged). Empty, if it ended without a successor.

    Raises:
        Problem: ``division-unknown``: no region ever had the code.
    """
    full, _level = rules.parse_code(code)
    rows = list(Region.objects.filter(code=full))
    if not rows:
        raise DIVISION_UNKNOWN(code=code[:40])
    found: dict[int, Region] = {}
    seen: set[int] = set()
    while rows:
        seen |= {row.pk for row in rows}
        found |= {row.pk: row for row in rows if _holds(row, on)}
        if found:
            break
        rows = [row for row in _next(rows, on) if row.pk not in seen]
    return tuple(sorted(found.values(), key=lambda row: row.code))


def _holds(region: Region, on: date) -> bool:
    return rules.holds_on(region.valid_from, region.valid_until, on)


def _next(rows: Iterable[Region], on: date) -> list[Region]:
    """One step through time towards the day."""
    later = [row.pk for row in rows if row.valid_until and row.valid_until < on]
    earlier = [row.pk for row in rows if row.valid_from and row.valid_from > on]
    links = Succession.objects.filter(Q(before__in=later) | Q(after__in=earlier))
    return [
        link.after if link.before_id in later else link.before
        for link in links.select_related("before", "after")
    ]


def history_of(region: Region) -> list[Succession]:
    """How the region came to be and what became of it, the oldest first."""
    seen: dict[int, Succession] = {}
    front = {region.pk}
    known: set[int] = set()
    while front - known:
        links = Succession.objects.filter(
            Q(before__in=front - known) | Q(after__in=front - known)
        ).select_related("before", "after", "source")
        known |= front
        for link in links:
            seen[link.pk] = link
            front |= {link.before_id, link.after_id}
    return sorted(seen.values(), key=lambda link: (link.on, link.pk))


def known_in(stems: Iterable[str]) -> list[Known]:
    """The regions that hold now in some provinces, as planning takes them.

    Args:
        stems: the first digits of codes; none = everywhere.
    """
    inside = Q()
    for each in stems:
        inside |= Q(code__startswith=each)
    rows = living().filter(inside).values_list(
        "code", "name", "level", "parent__code", "urban_rural", "valid_from"
    )  # fmt: skip
    return [
        Known(code, name, level, parent or "", urban, since)
        for code, name, level, parent, urban, since in rows.iterator(chunk_size=20_000)
    ]


def imports_of(actor: Actor) -> QuerySet[DivisionImport]:
    """The imports that an actor may look at: his own, and everybody's if he imports everywhere."""
    if may(actor, IMPORT_DIVISIONS, Place()):
        return DivisionImport.objects.all()
    return DivisionImport.objects.filter(account=actor.account)


def reach_of(actor: Actor) -> QuerySet[Region]:
    """The regions at the top of those in which the actor holds a role; all tops, if everywhere."""
    stems = {held.region for held in actor.held}
    if None in stems or not stems:
        return living().filter(parent=None)
    codes = [rules.full_code(each) for each in stems if each]
    return living().filter(code__in=codes)
