"""Units, posts and what leaders answer for, over HTTP."""
# no postponed annotations here: ninja's pagination reads them outside of this module

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.organisation import acts, unit_queries
from huiyin.organisation.actions import posts as post_actions
from huiyin.organisation.actions import units as unit_actions
from huiyin.organisation.forms.fields import find_region
from huiyin.organisation.models import (
    Account,
    Deed,
    Engagement,
    Holder,
    Pairing,
    Post,
    PostKind,
    Unit,
    UnitKind,
)
from huiyin.organisation.permissions import reach
from huiyin.organisation.views.frames import (
    at_holder,
    at_pairing,
    at_post,
    at_unit,
    found,
    today_of,
)
from huiyin.territory.models import Region

router = Router(tags=["organisation"])

Name = Annotated[str, Field(min_length=1, max_length=100)]
Short = Annotated[str, Field(min_length=1, max_length=60)]
Long = Annotated[str, Field(min_length=1, max_length=2000)]
SEAT = ("unit__region", "group__region")


def region_of(code: str | None) -> Region | None:
    """The region that holds now and has the code.

    Raises:
        Problem: ``region-unknown``.
    """
    return find_region(code) if code else None


def unit_of(key: int | None) -> Unit | None:
    """The unit with the key.

    Raises:
        Problem: ``not-found``.
    """
    return found(Unit, key, "region") if key is not None else None


class UnitOut(Schema):
    id: int
    name: str
    short_name: str
    kind: UnitKind
    region: str = Field(alias="region.code")
    parent: int | None = Field(None, alias="parent_id")
    judged: bool
    valid_from: date | None
    valid_until: date | None


class UnitIn(Schema):
    name: Name
    short_name: str = Field("", max_length=40)
    kind: UnitKind
    region: str
    parent: int | None = None
    judged: bool | None = Field(None, description="null = as the kind says")
    valid_from: date | None = None
    valid_until: date | None = None

    def values(self) -> dict[str, Any]:
        refs = {"region": region_of(self.region), "parent": unit_of(self.parent)}
        return {**self.dict(), **refs}


@router.get("/units", response=list[UnitOut])
@operation(acts.SEE_UNITS)
@paginate(Paged, ordering=("pk",))
def units(request: Request, kind: UnitKind | None = None, region: str = "") -> QuerySet[Unit]:
    """Units; ``region`` is a code, or the beginning of one."""
    rows = Unit.objects.select_related("region").filter(region__code__startswith=region)
    return rows.filter(kind=kind) if kind else rows


@router.get("/units/{unit}", response=UnitOut)
@operation(acts.SEE_UNITS)
def unit(request: Request, unit: int) -> Unit:
    """One unit."""
    return found(Unit, unit, "region")


@router.post("/units", response={201: UnitOut})
@operation(acts.MANAGE_UNITS)
def add_unit(request: Request, data: UnitIn) -> Status[Any]:
    """Add a unit."""
    return Status(201, unit_actions.add_unit(request.actor, **data.values()))


@router.put("/units/{unit}", response=UnitOut)
@operation(acts.MANAGE_UNITS, at=at_unit)
def change_unit(request: Request, unit: int, data: UnitIn) -> Unit:
    """Change a unit; everything that is not sent is emptied."""
    return unit_actions.change_unit(request.actor, found(Unit, unit, "region"), **data.values())


class ReadinessOut(Schema):
    unit: int
    name: str
    missing: list[str] = Field(description="first, direct, liaison, budget")


@router.get("/readiness", response=list[ReadinessOut])
@operation(acts.SEE_READINESS)
def readiness(request: Request, region: str = "") -> list[dict[str, Any]]:
    """The judged units that are not ready, and what each lacks (002-04)."""
    today = today_of(request)
    within = reach(request.actor, acts.SEE_READINESS).query(region="region__code", unit="pk")
    units = unit_queries.responsible_units(today).filter(within, region__code__startswith=region)
    lacking = unit_queries.with_readiness(units, today).exclude(unit_queries.READY)
    return [
        {"unit": unit.pk, "name": unit.name, "missing": unit_queries.needs_of(unit)}
        for unit in lacking.order_by("region__code", "pk")
    ]


class BudgetIn(Schema):
    amount: Decimal = Field(gt=0, max_digits=14, decimal_places=2, description="yuan")
    source: str = Field("", max_length=100)


class BudgetOut(Schema):
    year: int
    amount: Decimal
    source: str


@router.put("/units/{unit}/budget/{year}", response=BudgetOut)
@operation(acts.RECORD_BUDGET, at=lambda unit, year: at_unit(unit))
def record_budget(
    request: Request, unit: int, year: Annotated[int, Field(ge=2000, le=2100)], data: BudgetIn
) -> Any:
    """Enter or correct a unit's budget line of a year (002-17)."""
    stored = found(Unit, unit, "region")
    return unit_actions.record_budget(request.actor, stored, year=year, **data.dict())


class HolderOut(Schema):
    id: int
    name: str
    account: int | None = Field(None, alias="account_id")
    since: date
    until: date | None


class PostOut(Schema):
    id: int
    title: str
    kind: PostKind
    unit: int | None = Field(None, alias="unit_id")
    group: int | None = Field(None, alias="group_id")
    abolished_on: date | None


class ListedPostOut(PostOut):
    holder: str | None = Field(None, alias="holder_name")
    vacant: bool


class PostIn(Schema):
    title: Short
    kind: PostKind
    order: int = Field(0, ge=0, le=999)


@router.get("/posts", response=list[ListedPostOut])
@operation(acts.SEE_UNITS)
@paginate(Paged, ordering=("pk",))
def posts(
    request: Request, unit: int | None = None, group: int | None = None, vacant: bool | None = None
) -> QuerySet[Post]:
    """Posts that are not abolished, with who holds each today."""
    rows = unit_queries.listed_posts(today_of(request))
    for name, value in (("unit", unit), ("group", group), ("vacant", vacant)):
        rows = rows.filter(**{name: value}) if value is not None else rows
    return rows


@router.post("/units/{unit}/posts", response={201: PostOut})
@operation(acts.MANAGE_POSTS, at=at_unit)
def add_post(request: Request, unit: int, data: PostIn) -> Status[Any]:
    """Add a post to a unit (001-06, 001-07)."""
    return Status(
        201, post_actions.add_post(request.actor, found(Unit, unit, "region"), **data.dict())
    )


@router.put("/posts/{post}", response=PostOut)
@operation(acts.MANAGE_POSTS, at=at_post)
def change_post(request: Request, post: int, data: PostIn) -> Post:
    """Change a post."""
    return post_actions.change_post(request.actor, found(Post, post, *SEAT), **data.dict())


class DayIn(Schema):
    on: date


@router.post("/posts/{post}/abolish", response=PostOut)
@operation(acts.MANAGE_POSTS, at=at_post)
def abolish(request: Request, post: int, data: DayIn) -> Post:
    """Abolish a post; its history stays."""
    return post_actions.abolish_post(request.actor, found(Post, post, *SEAT), on=data.on)


@router.get("/posts/{post}/holders", response=list[HolderOut])
@operation(acts.SEE_UNITS)
def holders(request: Request, post: int) -> QuerySet[Holder]:
    """Who held a post, the latest first."""
    return found(Post, post).holders.all()


class HolderIn(Schema):
    name: Short
    account: int | None = None
    since: date
    until: date | None = None
    succeeds: bool = Field(False, description="whoever holds the post now ends the day before")


@router.post("/posts/{post}/holders", response={201: HolderOut})
@operation(acts.MANAGE_POSTS, at=at_post)
def appoint(request: Request, post: int, data: HolderIn) -> Status[Any]:
    """Put a person into a post; never two at a time."""
    values = data.dict()
    if data.account is not None:
        values["account"] = found(Account, data.account)
    return Status(201, post_actions.appoint(request.actor, found(Post, post, *SEAT), **values))


@router.post("/holders/{holder}/release", response=HolderOut)
@operation(acts.MANAGE_POSTS, at=at_holder)
def release(request: Request, holder: int, data: DayIn) -> Holder:
    """End a holding on a day."""
    stored = found(Holder, holder, *(f"post__{path}" for path in SEAT))
    return post_actions.release(request.actor, stored, until=data.on)


class PairingOut(Schema):
    id: int
    post: int = Field(alias="post_id")
    region: str = Field(alias="region.code")
    since: date
    until: date | None


class PairingIn(Schema):
    region: str
    since: date
    until: date | None = None


@router.get("/pairings", response=list[PairingOut])
@operation(acts.SEE_UNITS)
@paginate(Paged, ordering=("pk",))
def pairings(request: Request, on: date | None = None) -> QuerySet[Pairing]:
    """Who answers for which region on a day; today, if none is given (000-10)."""
    day = on or timezone.localdate(request.now)
    return Pairing.objects.filter(unit_queries.holds(day)).select_related("region")


@router.post("/posts/{post}/pairings", response={201: PairingOut})
@operation(acts.PAIR_LEADERS, at=at_post)
def pair(request: Request, post: int, data: PairingIn) -> Status[Any]:
    """Let a post answer for a region."""
    region = find_region(data.region)
    stored = found(Post, post, *SEAT)
    made = post_actions.pair(request.actor, stored, region, since=data.since, until=data.until)
    return Status(201, made)


@router.post("/pairings/{pairing}/end", response=PairingOut)
@operation(acts.PAIR_LEADERS, at=at_pairing)
def end_pairing(request: Request, pairing: int, data: DayIn) -> Pairing:
    """End a pairing on a day."""
    stored = found(Pairing, pairing, "region", "post")
    return post_actions.end_pairing(request.actor, stored, until=data.on)


class EngagementOut(Schema):
    id: int
    post: int = Field(alias="post_id")
    person: str
    deed: Deed
    done_on: date
    account_of_it: str


class EngagementIn(Schema):
    deed: Deed
    done_on: date
    account_of_it: Long
    region: str | None = None


@router.get("/engagements", response=list[EngagementOut])
@operation(acts.SEE_GROUPS)
@paginate(Paged, ordering=("pk",))
def engagements(request: Request, post: int | None = None) -> QuerySet[Engagement]:
    """What leaders did in person (003-33)."""
    rows = Engagement.objects.all()
    return rows.filter(post=post) if post is not None else rows


@router.post("/posts/{post}/engagements", response={201: EngagementOut})
@operation(acts.LOG_ENGAGEMENT, at=at_post)
def log_engagement(request: Request, post: int, data: EngagementIn) -> Status[Any]:
    """Log what the holder of a post did in person."""
    values = {**data.dict(), "region": region_of(data.region)}
    stored = found(Post, post, *SEAT)
    made = post_actions.log_engagement(request.actor, stored, today=today_of(request), **values)
    return Status(201, made)
