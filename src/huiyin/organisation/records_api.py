"""Structure templates and the records that units keep, over HTTP."""
# no postponed annotations here: ninja's pagination reads them outside of this module

from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.organisation import acts, layouts, unit_queries
from huiyin.organisation.actions import records, structures
from huiyin.organisation.forms.fields import find_region
from huiyin.organisation.models import (
    CampaignType,
    GroupKind,
    ServiceKind,
    Street,
    StructureTemplate,
    StudyTopic,
    Unit,
    VillageService,
)
from huiyin.organisation.units_api import Short
from huiyin.organisation.views.frames import (
    at_service,
    at_street,
    at_study,
    at_unit,
    found,
    today_of,
)
from huiyin.organisation.views.records import regions_below
from huiyin.territory.models import Region

router = Router(tags=["organisation"])


class TemplateOut(Schema):
    id: int
    name: str
    note: str
    lines: str


class TemplateIn(Schema):
    name: Short
    note: str = Field("", max_length=200)
    lines: Annotated[str, Field(min_length=1, max_length=8000)]


@router.get("/templates", response=list[TemplateOut])
@operation(acts.SEE_GROUPS)
def templates(request: Request) -> QuerySet[StructureTemplate]:
    """Structure templates (002-16, 004-02)."""
    return StructureTemplate.objects.all()


@router.post("/templates", response={201: TemplateOut})
@operation(acts.MANAGE_TEMPLATES)
def add_template(request: Request, data: TemplateIn) -> Status[Any]:
    """Add a template."""
    return Status(201, structures.save_template(request.actor, None, **data.dict()))


@router.put("/templates/{template}", response=TemplateOut)
@operation(acts.MANAGE_TEMPLATES)
def change_template(request: Request, template: int, data: TemplateIn) -> StructureTemplate:
    """Change a template."""
    stored = found(StructureTemplate, template)
    return structures.save_template(request.actor, stored, **data.dict())


class LayOutIn(Schema):
    region: str
    lines: Annotated[str, Field(min_length=1, max_length=8000)]
    only_plan: bool = Field(False, description="say what would be made, and make nothing")


class PlannedOut(Schema):
    name: str
    kind: GroupKind
    superior: str
    exists: bool
    posts: list[str] = Field(description="titles of the posts that are added")


@router.post("/lay-out", response=list[PlannedOut])
@operation(acts.LAY_OUT)
def lay_out(request: Request, data: LayOutIn) -> list[dict[str, Any]]:
    """Lay out a structure in a region, or say what that would make; again changes nothing."""
    region = find_region(data.region)
    existing = unit_queries.posts_of_groups(region)
    planned = layouts.plan(layouts.read_parts(data.lines), region.name, existing)
    if not data.only_plan:
        structures.lay_out(request.actor, region, data.lines, on=today_of(request))
    return [
        {
            "name": each.part.name,
            "kind": each.part.kind,
            "superior": each.part.superior,
            "exists": each.exists,
            "posts": each.posts,
        }
        for each in planned
    ]


class StudyOut(Schema):
    id: int
    unit: int = Field(alias="unit_id")
    year: int
    month: int
    topic: str
    held_on: date
    speaker: str
    people: int


class StudyIn(Schema):
    topic: Annotated[str, Field(min_length=1, max_length=200)]
    held_on: date
    speaker: str = Field("", max_length=60)
    people: int = Field(ge=1, le=30000)
    notes: str = Field("", max_length=4000)


class StudyChange(Schema):
    topic: Annotated[str, Field(min_length=1, max_length=200)]
    speaker: str = Field("", max_length=60)
    people: int = Field(ge=1, le=30000)
    notes: str = Field("", max_length=4000)


@router.get("/study", response=list[StudyOut])
@operation(acts.SEE_GROUPS)
@paginate(Paged, ordering=("pk",))
def study(request: Request, unit: int | None = None, year: int | None = None) -> Any:
    """What units studied, month by month (004-06)."""
    rows = StudyTopic.objects.all()
    rows = rows.filter(unit=unit) if unit is not None else rows
    return rows.filter(year=year) if year is not None else rows


@router.post("/units/{unit}/study", response={201: StudyOut})
@operation(acts.RECORD_STUDY, at=at_unit)
def record_study(request: Request, unit: int, data: StudyIn) -> Status[Any]:
    """Record what a unit studied in a month."""
    stored, today = found(Unit, unit, "region"), today_of(request)
    return Status(201, records.record_study(request.actor, stored, today=today, **data.dict()))


@router.put("/study/{study}", response=StudyOut)
@operation(acts.RECORD_STUDY, at=at_study)
def change_study(request: Request, study: int, data: StudyChange) -> StudyTopic:
    """Correct a study topic."""
    stored = found(StudyTopic, study, "unit__region")
    return records.change_study(request.actor, stored, **data.dict())


class CoverageOut(Schema):
    region: str = Field(alias="region.code")
    villages: int
    adviser: int
    auxiliary: int
    adviser_share: float | None = Field(description="percent")
    auxiliary_share: float | None = Field(description="percent")


@router.get("/coverage", response=list[CoverageOut])
@operation(acts.SEE_COVERAGE)
def coverage(request: Request, region: str = "") -> list[unit_queries.Coverage]:
    """Villages with an adviser and with an auxiliary officer: counties, or below a region."""
    above: Region | None = find_region(region) if region else None
    return unit_queries.coverage(regions_below(above), today_of(request))


class ServiceOut(Schema):
    id: int
    region: str = Field(alias="region.code")
    kind: ServiceKind
    name: str
    employer: str
    since: date
    until: date | None


class ServiceIn(Schema):
    region: str
    kind: ServiceKind
    name: Short
    employer: str = Field("", max_length=100)
    since: date
    until: date | None = None


class UntilIn(Schema):
    until: date


@router.get("/services", response=list[ServiceOut])
@operation(acts.SEE_COVERAGE)
@paginate(Paged, ordering=("pk",))
def services(request: Request, region: str = "") -> QuerySet[VillageService]:
    """Advisers and auxiliary officers of villages (004-19)."""
    rows = VillageService.objects.select_related("region")
    return rows.filter(region__code__startswith=region)


@router.post("/services", response={201: ServiceOut})
@operation(acts.RECORD_SERVICE)
def record_service(request: Request, data: ServiceIn) -> Status[Any]:
    """Enter a village's adviser or officer."""
    values = {**data.dict(), "region": find_region(data.region)}
    return Status(201, records.record_service(request.actor, **values))


@router.post("/services/{service}/end", response=ServiceOut)
@operation(acts.RECORD_SERVICE, at=at_service)
def end_service(request: Request, service: int, data: UntilIn) -> VillageService:
    """End a village's adviser or officer on a day."""
    stored = found(VillageService, service, "region")
    return records.end_service(request.actor, stored, until=data.until)


class StreetOut(Schema):
    id: int
    name: str
    region: str = Field(alias="region.code")
    unit: int = Field(alias="unit_id")
    since: date
    until: date | None


class StreetIn(Schema):
    name: Short
    region: str
    unit: int
    since: date
    until: date | None = None

    def values(self) -> dict[str, Any]:
        unit = found(Unit, self.unit, "region")
        return {**self.dict(), "region": find_region(self.region), "unit": unit}


@router.get("/streets", response=list[StreetOut])
@operation(acts.SEE_COVERAGE)
@paginate(Paged, ordering=("pk",))
def streets(request: Request, region: str = "") -> QuerySet[Street]:
    """Responsibility streets (003-34)."""
    return Street.objects.select_related("region").filter(region__code__startswith=region)


@router.post("/streets", response={201: StreetOut})
@operation(acts.MANAGE_STREETS)
def assign_street(request: Request, data: StreetIn) -> Status[Any]:
    """Make a unit answer for a street."""
    return Status(201, records.assign_street(request.actor, **data.values()))


@router.put("/streets/{street}", response=StreetOut)
@operation(acts.MANAGE_STREETS, at=at_street)
def change_street(request: Request, street: int, data: StreetIn) -> Street:
    """Change a street, or who answers for it."""
    stored = found(Street, street, "region", "unit__region")
    return records.change_street(request.actor, stored, **data.values())


class CampaignTypeOut(Schema):
    id: int
    name: str
    purpose: str
    in_use: bool


class CampaignTypeIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    purpose: str = Field("", max_length=200)
    in_use: bool = True


@router.get("/campaign-types", response=list[CampaignTypeOut])
@operation(acts.SEE_GROUPS)
def campaign_types(request: Request) -> QuerySet[CampaignType]:
    """Types of campaigns (000-05)."""
    return CampaignType.objects.all()


@router.post("/campaign-types", response={201: CampaignTypeOut})
@operation(acts.MANAGE_CAMPAIGN_TYPES)
def add_campaign_type(request: Request, data: CampaignTypeIn) -> Status[Any]:
    """Add a type of campaign."""
    return Status(201, records.save_campaign_type(request.actor, None, **data.dict()))


@router.put("/campaign-types/{campaign_type}", response=CampaignTypeOut)
@operation(acts.MANAGE_CAMPAIGN_TYPES)
def change_campaign_type(request: Request, campaign_type: int, data: CampaignTypeIn) -> Any:
    """Change a type of campaign."""
    stored = found(CampaignType, campaign_type)
    return records.save_campaign_type(request.actor, stored, **data.dict())
