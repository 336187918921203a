"""The place and the people that the tests of units, posts and groups speak of.

安和市 with two counties, a town and two villages; an office, a police bureau, a town government.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.urls import resolve

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.organisation.actions import groups, posts, units
from huiyin.organisation.models import Group, GroupKind, Post, PostKind, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)

#: Code, name, level, code of the region above.
REGIONS = (
    ("439900000000", "安和市", 2, ""),
    ("439901000000", "云山县", 3, "439900000000"),
    ("439902000000", "临江县", 3, "439900000000"),
    ("439901100000", "清溪镇", 4, "439901000000"),
    ("439901100201", "东村", 5, "439901100000"),
    ("439901100202", "西村", 5, "439901100000"),
)


class Place:
    """Everything that stands before a test begins."""

    def __init__(self) -> None:
        self.regions: dict[str, Region] = {}
        for code, name, level, above in REGIONS:
            parent = self.regions.get(above)
            self.regions[code] = Region.objects.create(
                code=code, name=name, level=level, parent=parent
            )
        self.city, self.county = self.regions["439900000000"], self.regions["439901000000"]
        self.other, self.town = self.regions["439902000000"], self.regions["439901100000"]
        self.village, self.west = self.regions["439901100201"], self.regions["439901100202"]
        self.office = self.unit("安和市平安办", UnitKind.OFFICE, self.city)
        self.police = self.unit("云山县公安局", UnitKind.POLICE, self.county, self.office)
        self.government = self.unit("清溪镇人民政府", UnitKind.TOWN, self.town, self.police)

    def unit(self, name: str, kind: str, region: Region, parent: Unit | None = None) -> Unit:
        return units.add_unit(SYSTEM, name=name, kind=kind, region=region, parent=parent)

    def post(
        self, title: str = "局长", kind: str = PostKind.FIRST, seat: Unit | Group | None = None
    ) -> Post:
        return posts.add_post(SYSTEM, seat or self.police, title=title, kind=kind)

    def group(self, name: str = "云山县反电诈专班", **values: Any) -> Group:
        known: dict[str, Any] = {
            "kind": GroupKind.TASK_FORCE, "region": self.county, "lead_unit": self.police,
        }  # fmt: skip
        return groups.add_group(SYSTEM, name=name, **known | values)


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def somebody(role: Role, region: str | None = None, unit: int | None = None) -> Actor:
    """An account that holds one role."""
    judged = role in (Role.HANDLER, Role.HEAD)
    return Actor(1, "chen", held=(Held(role, region=region, unit=unit),), judged=judged)


OFFICE = somebody(Role.OFFICE)
COUNTY_OFFICE = somebody(Role.OFFICE, region="439901")
INTERVIEWER = somebody(Role.INTERVIEWER)


@pytest.fixture
def browse() -> Callable[..., Any]:
    """``browse(actor, "/organisation/")``: what the page answers to the actor; data = it is sent.

    The middleware of sign-in is left out; what refuses an actor is raised.
    """

    def browsing(actor: Actor, url: str, data: dict[str, Any] | None = None) -> Any:
        factory = RequestFactory()
        request: Any = factory.get(url) if data is None else factory.post(url, data)
        request.session, request.user = SessionStore(), AnonymousUser()
        request._messages = FallbackStorage(request)
        request.actor, request.now, request.htmx = actor, NOW, None
        found = resolve(request.path_info)
        request.resolver_match = found
        return found.func(request, *found.args, **found.kwargs)

    return browsing


def body(answer: Any) -> str:
    return str(answer.content.decode())
