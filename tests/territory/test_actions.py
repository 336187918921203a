"""Changes to one region, each with its permission and its event."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.territory import cast

from huiyin.audit.acts import SYSTEM, Actor, Held
from huiyin.audit.models import Event
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.territory import actions, queries
from huiyin.territory.models import Region

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)
OFFICE = Actor(1, "ban", held=(Held(Role.OFFICE, region="4305"),))
HANDLER = Actor(2, "jing", held=(Held(Role.HANDLER, region="4305"),))


def region(code: str) -> Region:
    return queries.region_of(code)


def refused(wrong: pytest.ExceptionInfo[Problem]) -> str:
    return wrong.value.code


def test_a_region_is_added_below_the_one_its_code_names() -> None:
    cast.store()
    made = actions.add_region(OFFICE, "430521103", "九龙岭镇", since=date(2020, 1, 1))
    assert (made.parent, made.valid_from) == (region("430521"), date(2020, 1, 1))
    assert made.initials == "jllz"
    event = Event.objects.get(act="territory.add_region")
    assert (event.key, event.region) == (str(made.pk), "430521103000")
    assert event.after["name"] == "九龙岭镇"


@pytest.mark.parametrize(
    ("code", "name", "problem"),
    [
        ("430521101", "又一镇", "division-code-taken"),
        ("430599001", "孤镇", "division-without-parent"),
        ("43052", "短码", "division-code"),
        ("430521103", "=1+1", "division-name"),
    ],
)
def test_what_cannot_be_added_is_refused_and_leaves_no_event(
    code: str, name: str, problem: str
) -> None:
    cast.store()
    with pytest.raises(Problem) as wrong:
        actions.add_region(OFFICE, code, name)
    assert refused(wrong) == problem
    assert not Event.objects.exists()


@pytest.mark.parametrize("actor", [HANDLER, Actor(3, "fang")])
def test_only_office_and_administrator_change_regions(actor: Actor) -> None:
    cast.store()
    town = region("430521101")
    for act in (
        lambda: actions.add_region(actor, "430521103", "新镇"),
        lambda: actions.rename_region(actor, town, "新名", cast.UPGRADED, TODAY),
        lambda: actions.end_region(actor, town, cast.UPGRADED, TODAY),
        lambda: actions.succeed_region(actor, town, [("430521103", "")], cast.UPGRADED, TODAY),
    ):
        with pytest.raises(Problem) as wrong:
            act()
        assert refused(wrong) == "not-permitted"


def test_an_office_changes_nothing_outside_its_region() -> None:
    cast.store()
    with pytest.raises(Problem) as wrong:
        actions.rename_region(OFFICE, region("530321"), "马龙", cast.UPGRADED, TODAY)
    assert refused(wrong) == "not-permitted"
    with pytest.raises(Problem) as out:
        actions.succeed_region(OFFICE, region("430521"), [("530399", "")], cast.UPGRADED, TODAY)
    assert refused(out) == "not-permitted"


def test_a_rename_records_the_name_before_and_after() -> None:
    cast.store()
    actions.rename_region(OFFICE, region("430521102"), "界岭新镇", cast.UPGRADED, TODAY)
    event = Event.objects.get(act="territory.rename_region")
    assert (event.before["name"], event.after["name"]) == ("界岭镇", "界岭新镇")


def test_a_succession_takes_along_what_lies_below_and_says_how_many() -> None:
    cast.store()
    made = actions.succeed_region(
        OFFICE, region("430521"), [("430582", "邵东市")], cast.UPGRADED, TODAY
    )
    assert made.code == "430582000000"
    assert region("430582101201").name == "牛马司村委会"
    event = Event.objects.get(act="territory.succeed_region")
    assert (event.before["code"], event.after["moved_along"]) == ("430521000000", 3)


def test_a_region_merges_into_one_in_force() -> None:
    cast.store()
    was = actions.succeed_region(
        OFFICE, region("430521102"), [("430521101", "")], cast.UPGRADED, TODAY
    )
    assert was.valid_until == cast.UPGRADED - timedelta(days=1)
    assert [r.name for r in queries.resolve("430521102", TODAY)] == ["牛马司镇"]


def test_a_merger_whose_villages_would_share_a_code_is_refused() -> None:
    cast.store([*cast.BEFORE, ("430521102201", "界岭村委会")])
    with pytest.raises(Problem) as wrong:
        actions.succeed_region(
            OFFICE, region("430521102"), [("430521101", "")], cast.UPGRADED, TODAY
        )
    assert refused(wrong) == "division-code-taken"
    assert region("430521102").valid_until is None


def test_a_region_ends_only_when_nothing_lies_in_it() -> None:
    cast.store()
    with pytest.raises(Problem) as wrong:
        actions.end_region(OFFICE, region("430521"), cast.UPGRADED, TODAY)
    assert refused(wrong) == "division-has-below"
    ended = actions.end_region(OFFICE, region("430521102"), cast.UPGRADED, TODAY)
    assert ended.valid_until == cast.UPGRADED - timedelta(days=1)
    with pytest.raises(Problem) as again:
        actions.end_region(OFFICE, ended, cast.UPGRADED, TODAY)
    assert refused(again) == "division-ended"


@pytest.mark.parametrize(("days", "taken"), [(0, True), (1, False)])
def test_a_change_is_recorded_on_its_day_at_the_earliest(days: int, taken: bool) -> None:
    cast.store()
    on = TODAY + timedelta(days=days)
    if taken:
        assert actions.rename_region(SYSTEM, region("430503"), "新区", on, TODAY).name == "新区"
        return
    with pytest.raises(Problem) as wrong:
        actions.rename_region(SYSTEM, region("430503"), "新区", on, TODAY)
    assert refused(wrong) == "division-future"


def test_two_names_cannot_begin_on_one_day() -> None:
    cast.store()
    actions.rename_region(SYSTEM, region("430503"), "甲区", cast.UPGRADED, TODAY)
    with pytest.raises(Problem) as wrong:
        actions.rename_region(SYSTEM, region("430503"), "乙区", cast.UPGRADED, TODAY)
    assert refused(wrong) == "division-too-early"
