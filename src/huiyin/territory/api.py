"""The room over HTTP: list, search, get and resolve regions; populations."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Router, Schema
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.territory import acts, population_queries, queries
from huiyin.territory.models import Region

router = Router(tags=["territory"])


class RegionOut(Schema):
    """A region as a list gives it."""

    code: str
    name: str
    level: int
    urban_rural: str
    valid_from: date | None
    valid_until: date | None


class RegionDetail(RegionOut):
    """A region with those above it, the largest first."""

    full_name: str
    above: list[RegionOut]


class CellOut(Schema):
    sex: str
    age_from: int
    age_to: int | None
    residence: str
    people: int


class PeopleOut(Schema):
    """The people of a region in one year; ``own`` = its own figures, else those below added up."""

    year: int
    kind: str
    total: int
    own: bool
    regions_without: int
    sources: list[str]
    cells: list[CellOut]


@router.get("/regions", response=list[RegionOut])
@operation(acts.SEE_REGIONS)
@paginate(Paged, ordering=("code", "id"))
def regions(
    request: Request, below: str = "", level: int | None = None, in_force: bool = True
) -> QuerySet[Region]:
    """List regions: below a code, of a level, in force or all that ever were."""
    rows = queries.living() if in_force else Region.objects.all()
    if below:
        rows = rows.filter(code__startswith=queries.region_of(below).stem)
    return rows.filter(level=level) if level else rows


@router.get("/regions/search", response=list[RegionOut])
@operation(acts.SEE_REGIONS)
def search(request: Request, q: str) -> list[Region]:
    """Find regions by name, code or pinyin initials; at most 50."""
    return queries.search(q)


@router.get("/regions/{code}", response=RegionDetail)
@operation(acts.SEE_REGIONS)
def region(request: Request, code: str) -> dict[str, object]:
    """One region, with those above it."""
    found = queries.region_of(code)
    plain = RegionOut.from_orm(found).dict()
    return {**plain, "full_name": queries.full_name(found), "above": queries.way_up(found)}


@router.get("/regions/{code}/resolve", response=list[RegionOut])
@operation(acts.SEE_REGIONS)
def resolve(request: Request, code: str, on: date | None = None) -> tuple[Region, ...]:
    """What the region with a code is on a day, by default today; several if it was split."""
    return queries.resolve(code, on or timezone.localdate(request.now))


@router.get("/regions/{code}/populations", response=list[PeopleOut])
@operation(acts.SEE_POPULATIONS)
def populations(request: Request, code: str, year: int | None = None) -> list[dict[str, object]]:
    """The people of a region, for each year and kind that has figures; the latest first."""
    found = queries.region_of(code)
    years = [each for each in population_queries.years_of(found) if year in (None, each[0])]
    people = [population_queries.people_of(found, *each) for each in years]
    return [_people(each) for each in people if each]


def _people(people: population_queries.People) -> dict[str, object]:
    return {
        "year": people.year,
        "kind": people.kind,
        "total": people.total,
        "own": people.own,
        "regions_without": people.without,
        "sources": list(people.sources),
        "cells": [{**cell._asdict(), "people": count} for cell, count in people.cells.items()],
    }
