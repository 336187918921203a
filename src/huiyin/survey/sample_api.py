"""Frames and samples over HTTP: counts to read, never a number; and the planner's sums."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.db.models import QuerySet
from django.utils.translation import get_language
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.measure.errors import MeasureError
from huiyin.problems import PLAN_REFUSED
from huiyin.survey import frame_acts, frame_queries, plan_acts, plan_queries, plan_rules
from huiyin.survey import sample_acts as acts
from huiyin.survey import sample_queries as queries
from huiyin.survey.models import Sample, SegmentTable, Stratum
from huiyin.survey.views.samples import at_sample, sample_of
from huiyin.territory.queries import region_of

router = Router(tags=["survey"])


class TableOut(Schema):
    """A table of mobile segments."""

    id: int
    name: str
    origin: str
    as_of: date
    city: str
    segments: int


class GroupOut(Schema):
    carrier: str
    kind: str
    segments: int
    numbers: int


class UsersOut(Schema):
    carrier: str
    users: int
    share: float = Field(description="percent")


class FrameOut(Schema):
    """What can be drawn from in a city; ``users`` as the carriers reported them."""

    city: str
    table: TableOut | None
    groups: list[GroupOut]
    users: list[UsersOut]
    users_total: int
    exchanges: int
    landline_numbers: int


class StratumOut(Schema):
    """A stratum; ``probability`` with which each of its numbers was to be drawn."""

    frame: str
    carrier: str
    region: str
    size: int
    wanted: int
    probability: float

    @staticmethod
    def resolve_region(stratum: Stratum) -> str:
        return stratum.region.code if stratum.region else ""


class SampleOut(Schema):
    """A draw."""

    id: int
    round: int = Field(alias="round_id")
    number: int
    drawn_at: datetime
    erased_at: datetime | None


class SampleDetail(SampleOut):
    seed: int
    digest: str
    drawn: int
    kept: int
    strata: list[StratumOut]


class PlanIn(Schema):
    """What a plan is to give, and what is taken for granted; rates and shares in percent."""

    city: str
    towns: bool = False
    method: Literal["smallest", "proportional", "neyman", "power", "equal"] = "smallest"
    interviews: int | None = Field(None, ge=1, le=10_000_000)
    city_width: float | None = Field(None, gt=0, le=50)
    county_width: float | None = Field(None, gt=0, le=50)
    town_width: float | None = Field(None, gt=0, le=50)
    minimum: int = Field(2, ge=0, le=10_000)
    change: float = 2.52
    kind: Literal["share", "mean"] = "mean"
    share: float = Field(85, gt=0, lt=100)
    sd: float = Field(22, gt=0, le=60)
    deff: float = Field(1.5, gt=0, le=50)
    confidence: float = Field(95, ge=50, lt=100)
    response: float = Field(30, gt=0, le=100)
    working: float = Field(60, gt=0, le=100)
    eligible: float = Field(85, gt=0, le=100)


class LineOut(Schema):
    code: str
    name: str
    people: int
    interviews: int
    half_width: float | None
    dial: int


class PlanOut(Schema):
    """The plan; ``size_for_change`` interviews per round find the change four times in five."""

    areas: list[LineOut]
    counties: list[LineOut]
    whole: LineOut
    size_for_change: int


@router.get("/segment-tables", response=list[TableOut])
@operation(frame_acts.SEE_FRAMES)
@paginate(Paged, ordering=("-as_of", "-id"))
def segment_tables(request: Request) -> QuerySet[SegmentTable]:
    """List the tables of mobile segments."""
    return SegmentTable.objects.all()


@router.get("/frames/{city}", response=FrameOut)
@operation(frame_acts.SEE_FRAMES)
def frame(request: Request, city: str) -> dict[str, object]:
    """What can be drawn from in a city, by the newest table that has it."""
    region = frame_queries.city_of(region_of(city))
    table = frame_queries.latest_table(region)
    users = frame_queries.users_of(region)
    exchanges = frame_queries.exchanges_of(region)
    return {
        "city": region.code,
        "table": table,
        "groups": frame_queries.groups_of(table, region) if table else [],
        "users": [{"carrier": c, "users": n, "share": share} for c, n, share in users.rows],
        "users_total": users.total,
        "exchanges": len(exchanges),
        "landline_numbers": frame_queries.numbers_of(exchanges),
    }


@router.get("/samples", response=list[SampleOut])
@operation(acts.SEE_SAMPLES)
@paginate(Paged, ordering=("-drawn_at", "-id"))
def samples(request: Request) -> QuerySet[Sample]:
    """List the draws that one may see."""
    return queries.samples_for(request.actor)


@router.get("/samples/{int:sample}", response=SampleDetail)
@operation(acts.SEE_SAMPLES, at=at_sample)
def sample(request: Request, sample: int) -> dict[str, object]:
    """How a sample was drawn: strata, seed, counts, digest."""
    found = sample_of(sample)
    counts = queries.counts_of(found)
    return {
        "id": found.pk, "round_id": found.round_id, "number": found.number,
        "drawn_at": found.drawn_at, "erased_at": found.erased_at, "seed": found.seed,
        "digest": found.digest, **counts,
        "strata": list(found.strata.select_related("region").order_by("pk")),
    }  # fmt: skip


@router.post("/plan", response=PlanOut)
@operation(plan_acts.USE_PLANNER)
def plan(request: Request, body: PlanIn) -> dict[str, object]:
    """Work out how many interviews are needed, where, and for how many numbers."""
    areas, names = plan_queries.areas_of(region_of(body.city), towns=body.towns)
    wanted = plan_rules.Wanted(
        body.method, body.interviews, body.city_width, body.county_width,
        body.town_width if body.towns else None, body.minimum, body.change,
    )  # fmt: skip
    know = plan_rules.Assumptions(
        body.kind, body.share, body.sd, body.deff, body.confidence / 100, body.response,
        body.working, body.eligible,
    )  # fmt: skip
    try:
        made = plan_rules.plan(areas, names, wanted, know)
        size = plan_rules.size_for_change(body.change, know)
    except MeasureError as wrong:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        raise PLAN_REFUSED(reason=wrong.in_language(language)) from wrong
    return {**vars(made), "size_for_change": size}
