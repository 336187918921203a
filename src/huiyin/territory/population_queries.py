"""Populations of a region: its own, or those of the regions below added up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from huiyin.territory import rules
from huiyin.territory.models import Population, Region, Sex
from huiyin.territory.population_rules import Cell
from huiyin.territory.queries import living


@dataclass(frozen=True)
class People:
    """The people of a region in one year.

    Attributes:
        year, kind: of which census or estimate.
        cells: how many people in each cell.
        own: whether the figures are the region's own; else those below are added up.
        regions: how many regions were added up.
        without: how many regions directly below have no figures, so that the sum is too small.
        sources: where the figures come from.
    """

    year: int
    kind: str
    cells: dict[Cell, int]
    own: bool
    regions: int
    without: int
    sources: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    def by(self, name: str) -> dict[Any, int]:
        """How many people by one part of the cells, such as ``sex``."""
        sums: defaultdict[Any, int] = defaultdict(int)
        for cell, people in self.cells.items():
            sums[getattr(cell, name)] += people
        return dict(sums)


def years_of(region: Region) -> list[tuple[int, str]]:
    """The years and kinds for which there are figures of the region or of some below; latest first.

    A census stands before an estimate of the same year.
    """
    rows = _inside(region).order_by().values_list("year", "kind").distinct()
    return sorted(rows, key=lambda each: (-each[0], each[1]))


def _inside(region: Region) -> Any:
    """Figures of the region and of what lies below it now."""
    return Population.objects.filter(
        region__code__startswith=region.stem, region__level__gte=region.level
    )


def people_of(region: Region, year: int, kind: str) -> People | None:
    """The people of a region; of those below only the highest with figures of their own count.

    None, if there are no figures.
    """
    counted = _highest(region, year, kind, region.level)
    if not counted:
        return None
    rows = Population.objects.filter(region__in=counted, year=year, kind=kind).order_by()
    cells = {
        Cell(sex, low, high, residence): people
        for sex, low, high, residence, people in rows.values_list(
            "sex", "age_from", "age_to", "residence"
        ).annotate(people=Sum("people"))
    }
    sources = sorted(rows.values_list("source", flat=True).distinct()[:5])
    own = region.pk in counted
    without = 0 if own else _without(region, list(counted.values()))
    return People(year, kind, cells, own, len(counted), without, tuple(sources))


def _highest(region: Region, year: int, kind: str, level: int) -> dict[int, str]:
    """The regions with figures, from a level down, that lie in no other such: keys and codes."""
    has = Population.objects.filter(region=OuterRef("pk"), year=year, kind=kind)
    rows = Region.objects.filter(
        Exists(has), code__startswith=region.stem, level__gte=level
    ).values_list("pk", "code")
    codes = {code for _pk, code in rows}
    return {pk: code for pk, code in rows if codes.isdisjoint(rules.ancestors(code))}


def _without(region: Region, counted: list[str]) -> int:
    """How many of the regions directly below have no figures at all in them."""
    children = living().filter(parent=region)
    return sum(not any(rules.lies_in(code, child.stem) for code in counted) for child in children)


def pyramid(people: People) -> dict[str, Any] | None:
    """The people by sex and age as a Vega-Lite definition; None = they are not told apart so."""
    sexed = {c: n for c, n in people.cells.items() if c.sex != Sex.ALL and c.ages}
    if not sexed:
        return None
    sums: defaultdict[tuple[str, int, str], int] = defaultdict(int)
    for cell, count in sexed.items():
        sums[cell.ages, cell.age_from, cell.sex] += count
    values = [
        {"ages": ages, "from": low, "sex": str(Sex(sex).label), "people": count}
        for (ages, low, sex), count in sorted(sums.items(), key=lambda item: item[0][1])
    ]
    return _bars(values)


def _bars(values: list[dict[str, Any]]) -> dict[str, Any]:
    from django.utils.translation import gettext as _

    ages = list(dict.fromkeys(each["ages"] for each in values))
    return {
        "data": {"values": values},
        "mark": "bar",
        "width": 420,
        "height": {"step": 20},
        "encoding": {
            "y": {"field": "ages", "type": "ordinal", "sort": ages[::-1], "title": _("Age")},
            "x": {
                "field": "people",
                "type": "quantitative",
                "title": _("People"),
                "axis": {"tickCount": 4},
            },
            "color": {"field": "sex", "type": "nominal", "title": _("Sex")},
            "yOffset": {"field": "sex", "type": "nominal"},
        },
    }


def people_below(region: Region) -> dict[str, float | None]:
    """The people of each region directly below, by code, in the latest year that has any."""
    years = years_of(region)
    if not years:
        return {}
    year, kind = years[0]
    counted = _highest(region, year, kind, region.level + 1)
    rows = Population.objects.filter(region__in=counted, year=year, kind=kind).order_by()
    sums = list(rows.values_list("region__code").annotate(people=Sum("people")))
    found: dict[str, float | None] = {}
    for child in living().filter(parent=region):
        inside = [people for code, people in sums if rules.lies_in(code, child.stem)]
        found[child.code] = sum(inside) if inside else None
    return found
