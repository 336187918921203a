"""Strata of a draw, what must not be drawn, and what was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q, QuerySet

from huiyin.audit.acts import Actor, Place
from huiyin.organisation.permissions import reach
from huiyin.problems import FRAME_EMPTY
from huiyin.survey import frame_queries, sample_acts
from huiyin.survey.frame_queries import city_of
from huiyin.survey.models import (
    DoNotCall,
    Drawn,
    Exchange,
    FrameKind,
    NumberList,
    Round,
    Sample,
    SegmentTable,
)
from huiyin.survey.models import Stratum as StoredStratum
from huiyin.survey.sample_rules import Block, Stratum, share_out
from huiyin.territory.models import Region

RELATED = ("round__series__region", "table", "listed")


@dataclass(frozen=True)
class Part:
    """A stratum before it is stored: what it is called, and what it consists of."""

    frame: str
    carrier: str
    region: Region | None
    stratum: Stratum

    @property
    def title(self) -> str:
        """What a person calls it."""
        frame = str(FrameKind(self.frame).label)
        parts = (frame, self.carrier, self.region.name if self.region else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Wish:
    """What somebody wants drawn.

    Attributes:
        table: segments to draw mobile numbers from.
        kinds: of which kinds, such as ``mobile`` and ``virtual``.
        mobile, landline, listed_wanted: how many numbers of each frame.
        listed: a list to draw from, instead.
        by: how mobile numbers are shared among the carriers: ``numbers`` of the frame, or
            ``users`` that the carriers reported.
    """

    table: SegmentTable | None = None
    kinds: tuple[str, ...] = ("mobile",)
    mobile: int = 0
    landline: int = 0
    listed: NumberList | None = None
    listed_wanted: int = 0
    by: str = "numbers"


def parts_of(round: Round, wish: Wish) -> list[Part]:
    """The strata of a wish, each with how many numbers are to be drawn.

    Mobile numbers are stratified by carrier, landlines by the region that the exchange rings in,
    lists by the region that each number was told with.

    Raises:
        Problem: ``frame-empty``.
    """
    city = city_of(round.series.region)
    parts: list[Part] = []
    if wish.mobile:
        parts += _mobile(city, wish)
    if wish.landline:
        parts += _landline(city, wish.landline)
    if wish.listed and wish.listed_wanted:
        parts += _listed(wish.listed, wish.listed_wanted)
    return [part for part in parts if part.stratum.wanted]


def _mobile(city: Region, wish: Wish) -> list[Part]:
    rows = (
        frame_queries.segments_of(wish.table, city)
        .filter(kind__in=wish.kinds)
        .order_by("carrier", "prefix")
        .values_list("carrier", "prefix")
        if wish.table
        else ()
    )
    blocks = {
        carrier: tuple(Block(prefix, 11 - len(prefix)) for _carrier, prefix in found)
        for carrier, found in groupby(rows, key=lambda row: row[0])
    }
    if not blocks:
        raise FRAME_EMPTY(place="table", city=city.name)
    wanted = share_out(wish.mobile, _sizes(city, blocks, wish.by))
    return [
        Part(FrameKind.MOBILE, carrier, None, Stratum(f"mobile/{carrier}", wanted[carrier], each))
        for carrier, each in blocks.items()
    ]


def _sizes(city: Region, blocks: Mapping[str, Sequence[Block]], by: str) -> dict[str, int]:
    """What the numbers are shared out in proportion to; unknown users count as the frame does."""
    sizes = {carrier: sum(block.size for block in each) for carrier, each in blocks.items()}
    if by != "users":
        return sizes
    users = {carrier: count for carrier, count, _share in frame_queries.users_of(city).rows}
    return {carrier: users.get(carrier, 0) for carrier in sizes} if users else sizes


def _landline(city: Region, wanted: int) -> list[Part]:
    by_region: dict[str, list[Exchange]] = {}
    for exchange in frame_queries.exchanges_of(city):
        by_region.setdefault(exchange.region.code if exchange.region else "", []).append(exchange)
    if not by_region:
        raise FRAME_EMPTY(place="landline", city=city.name)
    sizes = {code: frame_queries.numbers_of(each) for code, each in sorted(by_region.items())}
    shared = share_out(wanted, sizes)
    return [
        Part(
            FrameKind.LANDLINE, "", by_region[code][0].region,
            Stratum(f"landline/{code}", shared[code],
                    tuple(frame_queries.block_of(each) for each in by_region[code])),
        )
        for code in sizes
    ]  # fmt: skip


def _listed(listed: NumberList, wanted: int) -> list[Part]:
    found: dict[str, tuple[Region | None, list[bytes]]] = {}
    rows = listed.rows.exclude(number=None).select_related("region")
    for row in rows.order_by("region__code", "pk"):
        code = row.region.code if row.region else ""
        found.setdefault(code, (row.region, []))[1].append(bytes(row.digest))
    if not found:
        raise FRAME_EMPTY(place="listed", city=listed.name)
    shared = share_out(wanted, {code: len(each) for code, (_region, each) in found.items()})
    return [
        Part(FrameKind.LIST, "", region,
             Stratum(f"list/{listed.pk}/{code}", shared[code], (), tuple(digests)))
        for code, (region, digests) in found.items()
    ]  # fmt: skip


def stored_strata(sample: Sample) -> list[Stratum]:
    """The strata of a draw as they were, to repeat it."""
    return [_as_it_was(each, sample) for each in sample.strata.order_by("pk")]


def _as_it_was(stored: StoredStratum, sample: Sample) -> Stratum:
    if stored.frame != FrameKind.LIST:
        blocks = tuple(Block(prefix, open_) for prefix, open_ in stored.blocks)
        return Stratum(stored.key, stored.wanted, blocks)
    rows = sample.listed.rows.filter(region=stored.region) if sample.listed else ()
    return Stratum(stored.key, stored.wanted, (), tuple(bytes(row.digest) for row in rows))


def excluded(year: int, at: datetime, before: int | None = None) -> set[bytes]:
    """Hashes that must not be drawn: of the year's earlier draws, and those never called then.

    Args:
        at: the moment of the draw.
        before: key of the draw that is repeated; None = a new one, after all others.
    """
    drawn = Drawn.objects.filter(year=year, digest__isnull=False)
    if before is not None:
        drawn = drawn.filter(sample_id__lt=before)
    in_force = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
    never = DoNotCall.objects.filter(in_force)
    return {
        bytes(digest)
        for rows in (drawn, never)
        for digest in rows.values_list("digest", flat=True).iterator(10_000)
        if digest is not None
    }


def samples_for(actor: Actor) -> QuerySet[Sample]:
    """The samples that an actor may see."""
    within = reach(actor, sample_acts.SEE_SAMPLES).query(region="round__series__region__code")
    return Sample.objects.select_related(*RELATED).filter(within)


def place_of(sample: Sample) -> Place:
    return Place(region=sample.round.series.region.code)


def counts_of(sample: Sample) -> dict[str, int]:
    """Numbers drawn, and how many of them are still kept."""
    found: dict[str, int] = sample.numbers.aggregate(
        drawn=Count("pk"), kept=Count("pk", filter=Q(number__isnull=False))
    )
    return found
