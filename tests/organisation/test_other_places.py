"""Pages of things of another county, or of another unit: closed, whichever page it is.

The walk over all addresses proves acts; this one proves places. It needs nothing of a page: every
address of the room that names a stored thing is asked with one of 临江县 by people of 云山县.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, reverse
from tests.organisation.account_cast import refused
from tests.organisation.structure_cast import TODAY, Place, browse, place, somebody

from huiyin.audit.acts import SYSTEM, Actor, may
from huiyin.organisation import holdings
from huiyin.organisation.actions import groups, posts, records
from huiyin.organisation.models import Account, Holding, PostKind, UnitKind
from huiyin.organisation.permissions import TABLE, Scope
from huiyin.organisation.roles import Role
from huiyin.problems import Problem

__all__ = ["browse", "place"]


class Theirs:
    """One thing of every kind, all of them in 临江县."""

    def __init__(self, place: Place) -> None:
        self.unit = place.unit("临江县公安局", UnitKind.POLICE, place.other)
        self.group = place.group("临江县平安专班", region=place.other, lead_unit=self.unit)
        self.post = place.post(kind=PostKind.FIRST, seat=self.unit)
        self.holder = posts.appoint(SYSTEM, self.post, name="王芳", since=TODAY)
        self.pairing = posts.pair(SYSTEM, self.post, place.other, since=TODAY)
        self.member = groups.set_member(SYSTEM, self.group, place.government)
        self.meeting = groups.hold_meeting(
            SYSTEM, self.group, kind="regular", held_on=TODAY, chair="王芳", attendees="王芳",
            today=TODAY,
        )  # fmt: skip
        self.decision = groups.record_decision(
            SYSTEM, self.meeting, text="三日内整改", lead_unit=self.unit, due_on=TODAY
        )
        self.study = records.record_study(
            SYSTEM, self.unit, topic="反诈", held_on=TODAY, people=20, today=TODAY
        )
        self.street = records.assign_street(
            SYSTEM, name="滨江路", region=place.other, unit=self.unit, since=TODAY
        )
        self.account = Account.objects.create(username="wang", name="王芳", unit=self.unit)
        self.holding = Holding.objects.create(
            account=self.account, role=Role.HANDLER, unit=self.unit
        )


#: Roles of 云山县 whose acts are bounded by their region or their unit.
OF_COUNTY = (Role.OFFICE, Role.ADMINISTRATOR, Role.LEADER)
OF_UNIT = (Role.HANDLER, Role.HEAD)


def bounded_pages(role: Role) -> Iterator[tuple[str, str, Any]]:
    """Pages of one thing, with the name of their parameter, where the role's act has a bound."""
    namespaces: Any = get_resolver().namespace_dict
    _prefix, room = namespaces["organisation"]
    found: list[URLPattern] = [each for part in room.url_patterns for each in part.url_patterns]
    for each in found:
        parameters = list(each.pattern.converters)
        act = getattr(each.callback, "act", None)
        scope = TABLE.get(act.name, {}).get(role) if act else None
        if len(parameters) == 1 and scope in (Scope.REGION, Scope.UNIT):
            yield str(each.name), parameters[0], act


@pytest.mark.parametrize("role", [*OF_COUNTY, *OF_UNIT])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_opens_or_sends_a_page_of_a_thing_beyond_his_region_or_unit(
    place: Place, browse: Callable[..., Any], role: Role, method: str
) -> None:
    """site: permissions are asked of the place, on every page of a thing"""
    theirs = Theirs(place)
    unit = place.police.pk if role in OF_UNIT else None
    actor = somebody(role, region="439901", unit=unit)
    asked = 0
    for name, parameter, act in bounded_pages(role):
        thing = getattr(theirs, parameter, None)
        if thing is None:
            continue  # what belongs to no place, such as a template
        url = reverse(f"organisation:{name}", args=[thing.pk])
        with pytest.raises(Problem) as told:
            browse(actor, url, None if method == "get" else {})
        assert (told.value.status, name) == (403, name), act
        asked += 1
    assert asked or role is Role.LEADER


def test_a_role_in_a_unit_of_another_county_is_not_granted_by_naming_ones_own_region(
    place: Place,
) -> None:
    """site: who may do what; the unit is a place too, whatever region stands beside it"""
    theirs = Theirs(place)
    granter = somebody(Role.ADMINISTRATOR, region="439901")
    ours = Account.objects.create(username="zhang", name="张伟", unit=place.police)
    with refused("not-permitted"):
        holdings.grant_role(
            Actor(99, "local", held=granter.held), ours, Role.HANDLER, unit=theirs.unit,
            region=place.county, today=TODAY,
        )  # fmt: skip
    assert not Holding.objects.filter(account=ours).exists()


def test_a_role_that_ended_is_not_revoked_again_so_that_its_last_day_stays(place: Place) -> None:
    """site: roles tell their own history"""
    ours = Account.objects.create(username="zhang", name="张伟", unit=place.office)
    ended = Holding.objects.create(
        account=ours, role=Role.OFFICE, region=place.county, until=TODAY.replace(year=2020)
    )
    with refused("holding-ended"):
        holdings.revoke_role(SYSTEM, ended, TODAY)
    ended.refresh_from_db()
    assert ended.until == TODAY.replace(year=2020)


def test_the_event_of_a_granted_role_names_its_region_by_the_whole_code(place: Place) -> None:
    """audit: an event's region is the 12-digit code, as the list prints and finds it"""
    assert holdings.place_of_role(place.police, None).region == "439901000000"
    assert holdings.place_of_role(None, place.city).region == "439900000000"
    assert may(somebody(Role.ADMINISTRATOR, region="439901"), _grant(), _at(place.police))
    assert not may(somebody(Role.ADMINISTRATOR, region="439901"), _grant(), _at(place.office))


def _grant() -> Any:
    from huiyin.organisation.account_acts import GRANT_ROLE

    return GRANT_ROLE


def _at(unit: Any) -> Any:
    return holdings.place_of_role(unit, None)
