"""The page of one region."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from huiyin.audit.acts import Place, may
from huiyin.audit.queries import history
from huiyin.furniture.views import Request, page
from huiyin.territory import acts, queries, rules
from huiyin.territory.maps import drawing
from huiyin.territory.models import PopulationKind, Region, Residence, Sex
from huiyin.territory.population_queries import (
    People,
    people_below,
    people_of,
    pyramid,
    years_of,
)
from huiyin.territory.sections import sections_of

#: More regions than this are no drawing any more.
DRAWN_AT_MOST = 300


@page(acts.SEE_REGIONS)
def region(request: Request, code: str) -> HttpResponse:
    """Facts, parts, map, history, and what later rooms say of the region."""
    found = queries.region_of(code)
    children = list(queries.children_of(found))
    context = {
        "region": found,
        "path": queries.way_up(found),
        "facts": _facts(found),
        "children": children,
        "map": _map(found, children),
        "successions": queries.history_of(found),
        "sections": sections_of(request, found),
        "events": history("territory.region", found.pk),
        "may": _may(request, found),
    }
    return render(request, "territory/region.html", context)


def _facts(found: Region) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Code"), found.code),
        (_("Level"), found.get_level_display()),
        (_("Valid from"), found.valid_from or _("always")),
    ]
    if found.urban_rural:
        facts.append((_("Urban–rural class"), found.get_urban_rural_display()))
    if found.valid_until:
        facts.append((_("Valid until"), found.valid_until))
    if found.source:
        facts.append((_("Imported by"), str(found.source)))
    return facts


def _map(found: Region, children: list[Region]) -> str:
    if not 1 < len(children) <= DRAWN_AT_MOST:
        return ""
    values = people_below(found) if found.level >= rules.Level.CITY else None
    title = _("Regions in {name}").format(name=found.name)
    return drawing.region_map(children, values or None, title=title)


def _may(request: Request, found: Region) -> dict[str, bool]:
    """Which acts the actor may do here; none on a region that has ended."""
    place = Place(region=found.code)
    wanted = {
        "add": acts.ADD_REGION,
        "rename": acts.RENAME_REGION,
        "succeed": acts.SUCCEED_REGION,
        "end": acts.END_REGION,
    }
    alive = found.valid_until is None
    return {name: alive and may(request.actor, act, place) for name, act in wanted.items()}


def populations_section(request: Request, found: Region) -> dict[str, Any] | None:
    """The people of the region in the year asked for, or the latest."""
    years = years_of(found)
    if not years:
        return {"years": [], "people": None}
    asked = request.GET.get("people", "")
    chosen = next((each for each in years if f"{each[0]}-{each[1]}" == asked), years[0])
    people = people_of(found, *chosen)
    return {
        "years": [(f"{y}-{k}", y, PopulationKind(k).label, (y, k) == chosen) for y, k in years],
        "people": people,
        "total": _count(people.total) if people else "",
        "table": _cross(people) if people else None,
        "chart": pyramid(people) if people else None,
    }


def _cross(people: People) -> dict[str, Any]:
    """The cells as a table: a row for each age band, a column for each sex and residence."""
    heads = sorted({(cell.sex, cell.residence) for cell in people.cells})
    bands = sorted({(c.age_from, c.ages) for c in people.cells})
    found = {(c.age_from, c.ages, c.sex, c.residence): n for c, n in people.cells.items()}
    return {
        "heads": [_head(sex, residence) for sex, residence in heads],
        "rows": [
            (ages or _("All ages"), [_count(found.get((low, ages, *head))) for head in heads])
            for low, ages in bands
        ],
        "sums": [
            _count(sum(n for c, n in people.cells.items() if (c.sex, c.residence) == head))
            for head in heads
        ],
    }


def _count(people: int | None) -> str:
    return "–" if people is None else f"{people:,}"


def _head(sex: str, residence: str) -> str:
    """Sex and residence in words; what is not told apart is left out."""
    words = [Sex(sex).label] if sex != Sex.ALL else []
    words += [Residence(residence).label] if residence != Residence.ALL else []
    return " · ".join(map(str, words)) or _("everybody")
