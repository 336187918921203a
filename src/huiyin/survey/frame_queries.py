"""What a frame holds: segments of a city by carrier and kind, exchanges, users, lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from huiyin.survey import frame_rules as rules
from huiyin.survey.models import Exchange, NumberList, Segment, SegmentTable, Subscribers
from huiyin.survey.sample_rules import Block
from huiyin.territory.models import Region
from huiyin.territory.queries import living
from huiyin.territory.rules import Level


@dataclass(frozen=True)
class Users:
    """Users of a city by carrier, with their sum and shares (003-29).

    Attributes:
        rows: carrier, users, share in percent; the largest first.
        total: their sum.
        as_of, source: of the figures.
    """

    rows: list[tuple[str, int, float]]
    total: int
    as_of: date | None
    source: str


def latest_table(city: Region | None = None) -> SegmentTable | None:
    """The newest segment table that has segments of a city; without one, the newest at all."""
    tables = SegmentTable.objects.order_by("-as_of", "-pk")
    if city is None:
        return tables.first()
    return next((table for table in tables if city_in(table, city)), None)


def city_in(table: SegmentTable, city: Region) -> str:
    """How a table spells a city; "" = it has no segment of it."""
    wanted = city.name
    names = sorted(set(table.rows.order_by().values_list("city", flat=True).distinct()), key=len)
    fitting = [name for name in names if name and rules.same_city(name, wanted)]
    exact = [name for name in fitting if rules.bare_city(name) == rules.bare_city(wanted)]
    return (exact or fitting or [""])[-1]


def segments_of(table: SegmentTable, city: Region) -> QuerySet[Segment]:
    """The segments of a city in a table."""
    return Segment.objects.filter(table=table, city=city_in(table, city) or None)


def groups_of(table: SegmentTable, city: Region) -> list[rules.Group]:
    """Segments of a city by carrier and kind, in the order of the carriers."""
    counted = (
        segments_of(table, city).order_by().values_list("carrier", "kind").annotate(n=Count("pk"))
    )
    order = {carrier: at for at, carrier in enumerate(rules.CARRIERS)}
    return sorted(
        (rules.Group(carrier, kind, n) for carrier, kind, n in counted),
        key=lambda group: (order.get(group.carrier, 9), group.kind),
    )


def cities() -> QuerySet[Region]:
    """The cities for which there can be a frame."""
    return living().filter(level=Level.CITY).order_by("code")


def city_of(region: Region) -> Region:
    """The city that a region is or lies in; the region itself if there is none."""
    return living().filter(level=Level.CITY, code__startswith=region.code[:4]).first() or region


def users_of(city: Region) -> Users:
    """What the carriers reported of a city."""
    rows = list(Subscribers.objects.filter(region=city))
    total, shares = rules.shares({row.carrier: row.users for row in rows})
    order = sorted(rows, key=lambda row: -row.users)
    return Users(
        [(row.carrier, row.users, shares[row.carrier]) for row in order],
        total,
        max((row.as_of for row in rows), default=None),
        "、".join(sorted({row.source for row in rows})),
    )


def exchanges_of(city: Region) -> list[Exchange]:
    """Exchanges that ring in a city; those whose region is not known are of every city."""
    rows = Exchange.objects.select_related("region").order_by("area_code", "prefix")
    stem = city.code[:4]
    return [row for row in rows if row.region is None or row.region.code.startswith(stem)]


def block_of(exchange: Exchange) -> Block:
    """The numbers of an exchange."""
    prefix = exchange.area_code.removeprefix("0") + exchange.prefix
    return Block(prefix, exchange.digits - len(exchange.prefix))


def numbers_of(exchanges: list[Exchange]) -> int:
    """How many numbers exchanges hold."""
    return sum(block_of(each).size for each in exchanges)


def lists() -> QuerySet[NumberList]:
    """Lists of numbers, the newest first."""
    return NumberList.objects.order_by("-pk")
