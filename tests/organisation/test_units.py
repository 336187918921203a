"""Units: the wall's default, superiors, names, and what the event says."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from tests.organisation.structure_cast import (
    COUNTY_OFFICE,
    INTERVIEWER,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
)

from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.organisation import rules, unit_queries
from huiyin.organisation.actions import units
from huiyin.organisation.models import Unit, UnitKind
from huiyin.problems import Problem

__all__ = ["browse", "place"]


@pytest.mark.parametrize(
    ("kind", "judged"),
    [
        (UnitKind.OFFICE, False),
        (UnitKind.SURVEY_CENTRE, False),
        (UnitKind.TOWN, True),
        (UnitKind.POLICE, True),
        (UnitKind.OTHER, True),
    ],
)
def test_all_but_offices_and_survey_centres_are_judged_unless_said_otherwise(
    place: Place, kind: UnitKind, judged: bool
) -> None:
    assert place.unit("某单位", kind, place.city).judged is judged
    said = units.add_unit(SYSTEM, name="另一单位", kind=kind, region=place.city, judged=not judged)
    assert said.judged is not judged


def test_a_unit_cannot_stand_below_itself(place: Place) -> None:
    with pytest.raises(Problem) as refused:
        units.change_unit(SYSTEM, place.office, parent=place.government)
    assert refused.value.code == "superior-circle"
    assert refused.value.place == "parent"


def test_a_name_is_taken_once_in_a_region_and_free_in_another(place: Place) -> None:
    with pytest.raises(Problem) as refused:
        place.unit("云山县公安局", UnitKind.POLICE, place.county)
    assert refused.value.code == "name-taken"
    assert place.unit("云山县公安局", UnitKind.POLICE, place.other).pk


def test_a_unit_does_not_end_before_it_begins(place: Place) -> None:
    with pytest.raises(Problem) as refused:
        units.change_unit(
            SYSTEM, place.police, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 31)
        )
    assert refused.value.code == "days-out-of-order"


def test_the_office_of_a_county_changes_units_of_that_county_and_no_other(place: Place) -> None:
    units.change_unit(COUNTY_OFFICE, place.police, short_name="县公安局")
    with pytest.raises(Problem) as refused:
        units.change_unit(COUNTY_OFFICE, place.office, short_name="平安办")
    assert refused.value.code == "not-permitted"
    with pytest.raises(Problem):
        units.change_unit(COUNTY_OFFICE, place.police, region=place.other)


def test_the_event_of_a_change_says_only_what_changed(place: Place) -> None:
    units.change_unit(SYSTEM, place.police, short_name="县公安局", name=place.police.name)
    event = Event.objects.filter(act="organisation.manage_units").latest("pk")
    assert (event.before, event.after) == ({"short_name": ""}, {"short_name": "县公安局"})
    assert event.region == "439901000000"


def test_the_tree_says_what_each_unit_does_at_its_level(place: Place) -> None:
    """001-05: 州统筹协调、县市组织实施、乡镇强基固本."""
    (top,) = unit_queries.tree(Unit.objects.select_related("region").order_by("pk"))
    below = top.below[0]
    assert [top.unit, below.unit, below.below[0].unit] == [
        place.office, place.police, place.government,
    ]  # fmt: skip
    parts = [rules.PART_OF_LEVEL[each.unit.region.level] for each in (top, below, below.below[0])]
    assert [str(part) for part in parts] == [top.part, below.part, below.below[0].part]
    assert len(set(map(str, parts))) == 3


def test_the_tree_shows_units_whose_superior_has_ended_at_the_top(place: Place) -> None:
    units.change_unit(SYSTEM, place.office, valid_until=date(2026, 11, 27))
    branches = unit_queries.tree(unit_queries.units_on(TODAY).select_related("region"))
    assert [branch.unit for branch in branches] == [place.police]


def test_a_unit_is_added_by_its_form_with_region_and_superior_named_in_words(
    place: Place, browse: Callable[..., Any]
) -> None:
    """001-05, by screen."""
    sent = {"name": "云山县司法局", "kind": "justice", "region": "云山县", "parent": "安和市平安办"}
    answer = browse(OFFICE, "/organisation/units/add/", sent)
    assert answer.status_code == 302
    unit = Unit.objects.get(name="云山县司法局")
    assert (unit.region, unit.parent, unit.judged) == (place.county, place.office, True)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("region", "无名县", "无名县"),
        ("parent", "没有的单位", "没有的单位"),
        ("valid_until", "2025-01-01", "2025-01-01"),
    ],
)
def test_what_is_wrong_with_a_unit_is_said_beside_the_field(
    place: Place, browse: Callable[..., Any], field: str, value: str, says: str
) -> None:
    sent = {
        "name": "云山县司法局", "kind": "justice", "region": "439901000000",
        "valid_from": "2026-01-01", field: value,
    }  # fmt: skip
    answer = browse(OFFICE, "/organisation/units/add/", sent)
    assert answer.status_code == 422
    assert says in body(answer)
    assert f'id="id_{field}_error"' in body(answer)
    assert not Unit.objects.filter(name="云山县司法局").exists()


def test_a_region_named_by_a_name_that_several_have_is_asked_for_by_its_code(
    place: Place, browse: Callable[..., Any]
) -> None:
    place.regions["x"] = type(place.town).objects.create(
        code="439902100000", name="清溪镇", level=4, parent=place.other
    )
    sent = {"name": "清溪派出所", "kind": "police", "region": "清溪镇"}
    answer = browse(OFFICE, "/organisation/units/add/", sent)
    assert answer.status_code == 422
    assert "439901100000、439902100000" in body(answer)


def test_interviewers_see_units_but_change_none(place: Place, browse: Callable[..., Any]) -> None:
    page = body(browse(INTERVIEWER, f"/organisation/units/{place.police.pk}/"))
    assert "云山县公安局" in page
    assert "/change/" not in page
    with pytest.raises(Problem) as refused:
        browse(INTERVIEWER, f"/organisation/units/{place.police.pk}/change/")
    assert refused.value.code == "not-permitted"


def test_a_unit_that_does_not_exist_is_not_found(place: Place, browse: Callable[..., Any]) -> None:
    with pytest.raises(Problem) as refused:
        browse(OFFICE, "/organisation/units/999999/")
    assert refused.value.code == "not-found"


@pytest.mark.django_db(transaction=True)
def test_two_units_made_each_others_superior_at_once_close_no_circle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """organisation: units form a tree, whatever the timing; a circle would hide them from it"""
    with transaction.atomic():
        place = Place()
    one, other = (place.unit(name, UnitKind.DEPARTMENT, place.city) for name in ("甲局", "乙局"))
    met, told = threading.Barrier(2), []
    check = units._check

    def both_look_first(*asked: Any) -> None:
        check(*asked)
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait(0.7)

    def change(unit: Unit, parent: Unit) -> None:
        try:
            units.change_unit(SYSTEM, unit, parent=parent)
        except Problem as wrong:
            told.append(wrong.code)
        finally:
            connection.close()

    monkeypatch.setattr(units, "_check", both_look_first)
    threads = [threading.Thread(target=change, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["superior-circle"]
