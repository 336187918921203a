"""The audit over HTTP; it is only read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from ninja import FilterSchema, Query, Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from huiyin.audit.acts import SEE_EVENTS
from huiyin.audit.models import Event
from huiyin.audit.verification import head_as_dict, heads_now
from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.problems import NOT_FOUND

router = Router(tags=["audit"])
ASKED: Any = Query(...)  # type: ignore[type-arg]


class EventOut(Schema):
    """An event, with what hangs it into the chain."""

    id: int
    at: datetime
    actor: int | None
    actor_name: str
    address: str
    act: str
    region: str
    kind: str
    key: str
    label: str
    before: dict[str, Any]
    after: dict[str, Any]
    lane: int
    number: int
    previous: str
    hash: str


class HeadOut(Schema):
    """The head of the chain: what to keep outside."""

    format: int
    at: datetime
    events: int
    head: str = Field(description="SHA-256 over the heads of all lanes")
    lanes: dict[str, tuple[int, str]] = Field(description="length and last hash by lane")


class EventFilter(FilterSchema):
    """What the list can be narrowed by."""

    actor: int | None = None
    act: str | None = None
    kind: str | None = None
    key: str | None = None
    region: str | None = Field(None, json_schema_extra={"description": "code or stem"})
    since: datetime | None = None
    until: datetime | None = None

    def filter_region(self, value: str | None) -> Q:
        return _q(region__startswith=value)

    def filter_since(self, value: datetime | None) -> Q:
        return _q(at__gte=value)

    def filter_until(self, value: datetime | None) -> Q:
        return _q(at__lt=value)


def _q(**condition: object) -> Q:
    return Q() if None in condition.values() else Q(**condition)


@router.get("/events", response=list[EventOut])
@operation(SEE_EVENTS)
@paginate(Paged, ordering=("-id",))
def events(request: Request, filters: EventFilter = ASKED) -> QuerySet[Event]:
    """What was done, the latest first."""
    return filters.filter(Event.objects.all())


@router.get("/events/{int:event}", response=EventOut)
@operation(SEE_EVENTS)
def event(request: Request, event: int) -> Event:
    """One event."""
    found = Event.objects.filter(pk=event).first()
    if found is None:
        raise NOT_FOUND()
    return found


@router.get("/head", response=HeadOut)
@operation(SEE_EVENTS)
def head(request: Request) -> Any:
    """The head of the chain, to be kept outside."""
    return head_as_dict(heads_now(), timezone.now())
