"""The table of permissions, how far it reaches, and the pages that show it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.organisation.account_cast import Cast, cast

from huiyin.audit import acts as audit_acts
from huiyin.audit.acts import SYSTEM, Act, Actor, Guarded, Held, Place
from huiyin.organisation import account_acts as acts
from huiyin.organisation import permissions
from huiyin.organisation.accounts_rights import rights_of, table_of
from huiyin.organisation.models import Account
from huiyin.organisation.permissions import TABLE, Reach, Scope, reach, refusal
from huiyin.organisation.roles import Role

__all__ = ["cast"]
SEE_NUMBER = Act("trial.see_number", "a number", False, frozenset({Guarded.NUMBERS}))
SEE_ANSWER = Act("trial.see_answer", "an answer", False, frozenset({Guarded.ANSWERS}))


@pytest.fixture
def numbers_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two acts that stand on either side of a wall, each for another role."""
    for act, role in ((SEE_NUMBER, Role.SUPERVISOR), (SEE_ANSWER, Role.DESIGNER)):
        monkeypatch.setitem(audit_acts.ACTS, act.name, act)
        monkeypatch.setitem(permissions.TABLE, act.name, {role: Scope.ALL})


def code_of(actor: Actor, act: Act, place: Place | None = None) -> str | None:
    found = refusal(actor, act, place)
    return found.code if found else None


def test_an_act_that_shows_numbers_beside_answers_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="nobody may see both"):
        audit_acts.act(
            "trial.see_both", "both", changes=False, guarded=(Guarded.NUMBERS, Guarded.ANSWERS)
        )
    assert "trial.see_both" not in audit_acts.ACTS


@pytest.mark.usefixtures("numbers_and_answers")
def test_nobody_reaches_numbers_and_answers_by_two_roles() -> None:
    numbers, answers = Held(Role.SUPERVISOR), Held(Role.DESIGNER)
    assert code_of(Actor(1, "a", held=(numbers,)), SEE_NUMBER) is None
    assert code_of(Actor(1, "a", held=(answers,)), SEE_ANSWER) is None
    both = Actor(1, "a", held=(numbers, answers))
    assert code_of(both, SEE_NUMBER) == code_of(both, SEE_ANSWER) == "numbers-and-answers"


@pytest.mark.parametrize(
    ("scope", "place", "permitted"),
    [
        (Scope.OWN, Place(account=1), True),
        (Scope.OWN, Place(account=2), False),
        (Scope.OWN, Place(), False),
        (Scope.UNIT, Place(unit=7), True),
        (Scope.UNIT, Place(unit=8), False),
        (Scope.UNIT, Place(), False),
        (Scope.REGION, Place(region="439901100000"), True),
        (Scope.REGION, Place(region="439902000000"), False),
        (Scope.REGION, Place(), False),
        (Scope.ALL, Place(), True),
    ],
)
def test_a_scope_reaches_so_far(
    scope: Scope, place: Place, permitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(permissions.TABLE, "trial.do", {Role.HEAD: scope})
    actor = Actor(1, "a", held=(Held(Role.HEAD, region="439901", unit=7),))
    assert (code_of(actor, Act("trial.do", "do", True), place) is None) is permitted


def test_the_reach_of_a_list_is_that_of_the_roles_together() -> None:
    administrator = Actor(
        1, "a", held=(Held(Role.ADMINISTRATOR, region="439901"), Held(Role.LEADER))
    )
    assert reach(administrator, acts.SEE_ACCOUNTS) == Reach(regions=("439901",))
    auditor = Actor(2, "b", held=(Held(Role.AUDITOR, region="439901"),))
    assert reach(auditor, acts.SEE_ACCOUNTS).everywhere
    assert reach(Actor(3, "c", held=(Held(Role.LEADER),)), acts.SEE_ACCOUNTS) == Reach()
    assert reach(SYSTEM, acts.SEE_ACCOUNTS).everywhere


@pytest.mark.django_db
def test_a_reach_of_nowhere_lists_nothing(cast: Cast) -> None:
    assert not Account.objects.filter(Reach().query(region="unit__region__code")).exists()
    near = Reach(regions=("439901",)).query(region="unit__region__code")
    assert set(Account.objects.filter(near)) == {cast.local}


def test_every_row_names_known_roles_and_scopes() -> None:
    """An empty row is an act that only the operator's commands do."""
    for row in TABLE.values():
        assert set(row) <= set(Role)
        assert set(row.values()) <= set(Scope)


# the pages


def test_the_table_can_be_narrowed_to_a_role_and_a_room() -> None:
    for _title, rows in table_of([Role.AUDITOR], "organisation"):
        assert all(row.act.room == "organisation" and row.cells[0] for row in rows)


@pytest.mark.django_db
def test_the_page_shows_every_act_of_the_table(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.root)
    page = client.get(reverse("organisation:permissions"))
    shown = {row.act.name for _title, rows in page.context["chapters"] for row in rows}
    assert shown == {name for name, row in TABLE.items() if row}
    one = client.get(reverse("organisation:permissions"), {"role": "auditor", "room": "audit"})
    assert [role.value for role in one.context["roles"]] == ["auditor"]


@pytest.mark.django_db
def test_what_an_account_may_do_is_told_with_role_and_place(cast: Cast) -> None:
    chapters = dict(rights_of(cast.actor(cast.local)))
    rights = {right.act.name: right for rows in chapters.values() for right in rows}
    (place,) = rights["organisation.create_account"].places
    assert "云山县" in place


@pytest.mark.django_db
def test_what_a_wall_closes_is_told_as_closed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    act = Act("trial.see_sample", "sample", False, frozenset({Guarded.SAMPLES}))
    monkeypatch.setitem(audit_acts.ACTS, act.name, act)
    monkeypatch.setitem(permissions.TABLE, act.name, {Role.OFFICE: Scope.ALL})
    judged = cast.account("zhang", "张伟", cast.police, Role.OFFICE)
    rights = [right for _title, rows in rights_of(cast.actor(judged)) for right in rows]
    (walled,) = [right for right in rights if right.act is act]
    assert walled.wall
