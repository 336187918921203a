"""The regions of the city and the people who live there."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.audit.actions import performing
from huiyin.demo.city import CODE, NAME, City
from huiyin.demo.places import villages
from huiyin.demo.site.cast import MAKER, Cast
from huiyin.territory import acts
from huiyin.territory.actions import write_files
from huiyin.territory.models import DivisionImport, Population, PopulationKind, Region, Sex
from huiyin.territory.plans import Row, Spot

PROVINCE = ("990000000000", "示例省")
FILE = "anhe.csv"
#: Age from and to of each band, with the share of children under 18 before them.
AGES = ((18, 29), (30, 39), (40, 49), (50, 59), (60, None))
CHILDREN = 0.19
YEAR, SOURCE = 2020, "第七次全国人口普查（示例数据）"


def exist() -> bool:
    """Whether the city is there."""
    return Region.objects.filter(code=CODE).exists()


def make_regions(cast: Cast) -> None:
    """Import the divisions of the city as a division file would be."""
    handed = DivisionImport.objects.create(files=[FILE], on=cast.since)
    write_files(MAKER, handed, list(_rows(cast.city)), leave_out=False, now=cast.now)
    cast.regions = {region.code: region for region in Region.objects.all()}


def _rows(city: City) -> Iterator[Row]:
    places = [PROVINCE, (CODE, NAME)]
    places += zip(city.counties, city.county_names, strict=True)
    places += zip(city.towns, city.town_names, strict=True)
    for number, (code, name) in enumerate(places, start=2):
        yield Row(Spot(FILE, number), code, name)
    for number, village in enumerate(villages(city), start=len(places) + 2):
        yield Row(Spot(FILE, number), village.code, village.name)


def make_populations(cast: Cast) -> None:
    """Census figures of every township by sex and age."""
    with performing(MAKER, acts.IMPORT_POPULATIONS) as changed:
        rows = Population.objects.bulk_create(_populations(cast))
        changed.kind, changed.label = Population._meta.label_lower, SOURCE
        changed.after = {"added": len(rows)}


def _populations(cast: Cast) -> Iterator[Population]:
    for town, adults in zip(cast.city.towns, cast.city.adults, strict=True):
        for sex, by_age in zip((Sex.MALE, Sex.FEMALE), adults, strict=True):
            children = round(int(by_age.sum()) * CHILDREN / (1 - CHILDREN))
            for (low, high), people in zip(((0, 17), *AGES), (children, *by_age), strict=True):
                yield Population(
                    region=cast.regions[town], year=YEAR, kind=PopulationKind.CENSUS, sex=sex,
                    age_from=low, age_to=high, people=int(people), source=SOURCE,
                )  # fmt: skip
