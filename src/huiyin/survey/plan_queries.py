"""The people among whom a plan shares out interviews."""

from __future__ import annotations

from huiyin.problems import PLAN_NO_POPULATION
from huiyin.survey.plan_rules import Area
from huiyin.territory.models import Region
from huiyin.territory.population_queries import people_below
from huiyin.territory.queries import living
from huiyin.territory.rules import Level


def areas_of(city: Region, *, towns: bool) -> tuple[list[Area], dict[str, str]]:
    """The strata of a plan for a city, and the names of its counties (``""``: the city).

    Args:
        towns: whether townships are strata; a county without figures of them is one itself.

    Raises:
        Problem: ``plan-no-population``.
    """
    counties = list(living().filter(parent=city).order_by("code"))
    people = people_below(city)
    areas: list[Area] = []
    for county in counties:
        inside = _towns(county) if towns else []
        if inside:
            areas += inside
        elif count := people.get(county.code):
            areas.append(Area(county.code, county.name, county.code, int(count)))
    if not areas:
        raise PLAN_NO_POPULATION(name=city.name)
    return areas, {"": city.name, **{county.code: county.name for county in counties}}


def _towns(county: Region) -> list[Area]:
    people = people_below(county)
    names = living().filter(parent=county, level=Level.TOWN).order_by("code")
    return [
        Area(town.code, town.name, county.code, int(people[town.code] or 0))
        for town in names
        if people.get(town.code)
    ]
