"""Groups, meetings, decisions, templates and records, over HTTP."""
# no postponed annotations here: ninja's pagination reads them outside of this module

from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.organisation import acts
from huiyin.organisation.actions import groups as actions
from huiyin.organisation.actions import posts as post_actions
from huiyin.organisation.forms.fields import find_region
from huiyin.organisation.models import (
    Charter,
    Commitment,
    Decision,
    Duty,
    Group,
    GroupKind,
    Meeting,
    MeetingKind,
    Member,
    Street,
    Unit,
)
from huiyin.organisation.units_api import Long, Name, PostIn, PostOut, Short, unit_of
from huiyin.organisation.views.frames import (
    at_decision,
    at_group,
    at_meeting,
    at_member,
    found,
    today_of,
)
from huiyin.problems import NOT_FOUND

router = Router(tags=["organisation"])


def units_of(keys: list[int]) -> list[Unit]:
    """The units with these keys.

    Raises:
        Problem: ``not-found``: one of them does not exist.
    """
    units = list(Unit.objects.filter(pk__in=keys))
    if len(units) != len(set(keys)):
        raise NOT_FOUND()
    return units


class GroupOut(Schema):
    id: int
    name: str
    kind: GroupKind
    region: str = Field(alias="region.code")
    superior: int | None = Field(None, alias="superior_id")
    lead_unit: int | None = Field(None, alias="lead_unit_id")
    duties: list[Duty]
    founded_on: date | None
    dissolved_on: date | None


class GroupIn(Schema):
    name: Name
    kind: GroupKind
    region: str
    superior: int | None = None
    lead_unit: int | None = None
    duties: list[Duty] = Field(default_factory=lambda: list(Duty))
    founded_on: date | None = None
    dissolved_on: date | None = None

    def values(self) -> dict[str, Any]:
        superior = found(Group, self.superior, "region") if self.superior is not None else None
        return {
            **self.dict(),
            "duties": [duty.value for duty in self.duties],
            "region": find_region(self.region),
            "superior": superior,
            "lead_unit": unit_of(self.lead_unit),
        }


@router.get("/groups", response=list[GroupOut])
@operation(acts.SEE_GROUPS)
@paginate(Paged, ordering=("pk",))
def groups(request: Request, kind: GroupKind | None = None, region: str = "") -> QuerySet[Group]:
    """Groups; ``region`` is a code, or the beginning of one."""
    rows = Group.objects.select_related("region").filter(region__code__startswith=region)
    return rows.filter(kind=kind) if kind else rows


@router.get("/groups/{group}", response=GroupOut)
@operation(acts.SEE_GROUPS)
def group(request: Request, group: int) -> Group:
    """One group."""
    return found(Group, group, "region")


@router.post("/groups", response={201: GroupOut})
@operation(acts.MANAGE_GROUPS)
def add_group(request: Request, data: GroupIn) -> Status[Any]:
    """Add a group."""
    return Status(201, actions.add_group(request.actor, **data.values()))


@router.put("/groups/{group}", response=GroupOut)
@operation(acts.MANAGE_GROUPS, at=at_group)
def change_group(request: Request, group: int, data: GroupIn) -> Group:
    """Change a group; everything that is not sent is emptied."""
    return actions.change_group(request.actor, found(Group, group, "region"), **data.values())


@router.post("/groups/{group}/posts", response={201: PostOut})
@operation(acts.MANAGE_POSTS, at=at_group)
def add_group_post(request: Request, group: int, data: PostIn) -> Status[Any]:
    """Add a post to a group (004-01)."""
    return Status(
        201, post_actions.add_post(request.actor, found(Group, group, "region"), **data.dict())
    )


class MemberOut(Schema):
    id: int
    unit: int = Field(alias="unit_id")
    responsibility: str


class MemberIn(Schema):
    unit: int
    responsibility: str = Field("", max_length=1000)


@router.get("/groups/{group}/members", response=list[MemberOut])
@operation(acts.SEE_GROUPS)
def members(request: Request, group: int) -> QuerySet[Member]:
    """A group's member units, beside its lead unit (000-08)."""
    return found(Group, group).members.all()


@router.put("/groups/{group}/members", response=MemberOut)
@operation(acts.MANAGE_GROUPS, at=at_group)
def set_member(request: Request, group: int, data: MemberIn) -> Member:
    """Take a unit into a group, or change what it is responsible for there."""
    unit = found(Unit, data.unit, "region")
    stored = found(Group, group, "region")
    return actions.set_member(request.actor, stored, unit, responsibility=data.responsibility)


@router.delete("/members/{member}", response={204: None})
@operation(acts.MANAGE_GROUPS, at=at_member)
def remove_member(request: Request, member: int) -> Status[Any]:
    """Let a unit leave a group."""
    actions.remove_member(request.actor, found(Member, member, "group__region", "unit"))
    return Status(204, None)


class CharterOut(Schema):
    id: int
    number: int
    adopted_on: date
    text: str


class CharterIn(Schema):
    adopted_on: date
    text: Annotated[str, Field(min_length=1, max_length=20000)]


@router.get("/groups/{group}/charters", response=list[CharterOut])
@operation(acts.SEE_GROUPS)
def charters(request: Request, group: int) -> QuerySet[Charter]:
    """A group's charters, the latest edition first (001-19)."""
    return found(Group, group).charters.all()


@router.post("/groups/{group}/charters", response={201: CharterOut})
@operation(acts.WRITE_CHARTER, at=at_group)
def adopt_charter(request: Request, group: int, data: CharterIn) -> Status[Any]:
    """Adopt a charter as the next edition."""
    stored = found(Group, group, "region")
    return Status(201, actions.adopt_charter(request.actor, stored, **data.dict()))


class CommitmentOut(Schema):
    id: int
    signed_by: str
    title: str
    signed_on: date
    text: str


class CommitmentIn(Schema):
    signed_by: Short
    title: str = Field("", max_length=60)
    signed_on: date
    text: Annotated[str, Field(min_length=1, max_length=20000)]


@router.get("/groups/{group}/commitments", response=list[CommitmentOut])
@operation(acts.SEE_GROUPS)
def commitments(request: Request, group: int) -> QuerySet[Commitment]:
    """What heads of a group signed (001-20)."""
    return found(Group, group).commitments.all()


@router.post("/groups/{group}/commitments", response={201: CommitmentOut})
@operation(acts.ATTACH_COMMITMENT, at=at_group)
def attach_commitment(request: Request, group: int, data: CommitmentIn) -> Status[Any]:
    """Attach what the head of a group signed."""
    stored = found(Group, group, "region")
    return Status(201, actions.attach_commitment(request.actor, stored, **data.dict()))


class MeetingOut(Schema):
    id: int
    group: int = Field(alias="group_id")
    kind: MeetingKind
    number: int
    held_on: date
    place: str
    chair: str
    attendees: str
    minutes: str


class MeetingIn(Schema):
    kind: MeetingKind
    number: int | None = Field(None, ge=1, le=9999)
    held_on: date
    place: str = Field("", max_length=100)
    chair: Short
    attendees: Annotated[str, Field(min_length=1, max_length=4000)]
    minutes: str = Field("", max_length=40000)
    units: list[int] = Field(default_factory=list)
    streets: list[int] = Field(default_factory=list)


@router.get("/meetings", response=list[MeetingOut])
@operation(acts.SEE_GROUPS)
@paginate(Paged, ordering=("pk",))
def meetings(
    request: Request, group: int | None = None, kind: MeetingKind | None = None
) -> QuerySet[Meeting]:
    """Meetings (000-04, 003-34)."""
    rows = Meeting.objects.all()
    rows = rows.filter(group=group) if group is not None else rows
    return rows.filter(kind=kind) if kind else rows


@router.post("/groups/{group}/meetings", response={201: MeetingOut})
@operation(acts.HOLD_MEETING, at=at_group)
def hold_meeting(request: Request, group: int, data: MeetingIn) -> Status[Any]:
    """Record a meeting; it gets the next number of its series."""
    streets = list(Street.objects.filter(pk__in=data.streets))
    if len(streets) != len(set(data.streets)):
        raise NOT_FOUND()
    values = {**data.dict(), "units": units_of(data.units), "streets": streets}
    stored = found(Group, group, "region")
    return Status(
        201, actions.hold_meeting(request.actor, stored, today=today_of(request), **values)
    )


class MinutesIn(Schema):
    minutes: Annotated[str, Field(min_length=1, max_length=40000)]


@router.put("/meetings/{meeting}/minutes", response=MeetingOut)
@operation(acts.HOLD_MEETING, at=at_meeting)
def write_minutes(request: Request, meeting: int, data: MinutesIn) -> Meeting:
    """Write or correct minutes."""
    stored = found(Meeting, meeting, "group__region", "file")
    return actions.write_minutes(request.actor, stored, minutes=data.minutes)


class DecisionOut(Schema):
    id: int
    meeting: int = Field(alias="meeting_id")
    number: int
    text: str
    lead_unit: int = Field(alias="lead_unit_id")
    member_units: list[int]
    due_on: date
    done_on: date | None
    outcome: str

    @staticmethod
    def resolve_member_units(decision: Decision) -> list[int]:
        return [unit.pk for unit in decision.member_units.all()]


class DecisionIn(Schema):
    text: Long
    lead_unit: int
    member_units: list[int] = Field(default_factory=list)
    due_on: date


@router.get("/decisions", response=list[DecisionOut])
@operation(acts.SEE_GROUPS)
@paginate(Paged, ordering=("pk",))
def decisions(
    request: Request, meeting: int | None = None, open: bool | None = None
) -> QuerySet[Decision]:
    """What meetings decided."""
    rows = Decision.objects.prefetch_related("member_units")
    rows = rows.filter(meeting=meeting) if meeting is not None else rows
    return rows if open is None else rows.filter(done_on__isnull=open)


@router.post("/meetings/{meeting}/decisions", response={201: DecisionOut})
@operation(acts.RECORD_DECISION, at=at_meeting)
def record_decision(request: Request, meeting: int, data: DecisionIn) -> Status[Any]:
    """Record what a meeting decided, with lead and member units (000-08)."""
    values = {
        **data.dict(),
        "lead_unit": found(Unit, data.lead_unit, "region"),
        "member_units": units_of(data.member_units),
    }
    stored = found(Meeting, meeting, "group__region")
    return Status(201, actions.record_decision(request.actor, stored, **values))


class CloseIn(Schema):
    done_on: date
    outcome: Long


@router.post("/decisions/{decision}/close", response=DecisionOut)
@operation(acts.CLOSE_DECISION, at=at_decision)
def close_decision(request: Request, decision: int, data: CloseIn) -> Decision:
    """Report a decision done."""
    stored = found(Decision, decision, "meeting__group__region")
    return actions.close_decision(request.actor, stored, today=today_of(request), **data.dict())
