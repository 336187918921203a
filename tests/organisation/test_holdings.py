"""Roles: granted within the granter's reach, never over a wall, ended at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from tests.organisation.account_cast import TODAY, Cast, cast, refused

from huiyin.audit.models import Event
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_rules as rules
from huiyin.organisation import holdings
from huiyin.organisation.account_rules import Clash, clash
from huiyin.organisation.models import Holding
from huiyin.organisation.roles import CENTRE, Role
from huiyin.problems import Problem

__all__ = ["cast"]


@pytest.mark.parametrize("other", [role for role in Role if role is not Role.AUDITOR])
def test_an_auditor_holds_no_other_role(other: Role) -> None:
    """GB/T 22239-2019, 8.1.5: separation of duties; administrator and auditor are two persons."""
    assert clash([Role.AUDITOR, other], judged=False) is Clash.AUDITOR


@pytest.mark.parametrize("role", sorted(CENTRE))
def test_a_member_of_a_judged_unit_gets_no_role_of_the_survey_centre(role: Role) -> None:
    assert clash([role], judged=True) is Clash.CENTRE
    assert clash([role], judged=False) is None


def test_a_handler_gets_no_role_of_the_centre_wherever_he_belongs() -> None:
    assert clash([Role.HANDLER, Role.DESIGNER], judged=False) is Clash.CENTRE


def test_whoever_makes_interviews_does_not_verify_them() -> None:
    assert clash([Role.INTERVIEWER, Role.VERIFIER], judged=False) is Clash.VERIFIER


def test_roles_that_together_show_numbers_and_answers_clash() -> None:
    kinds = rules.NEVER_TOGETHER
    assert clash([Role.SUPERVISOR, Role.DESIGNER], judged=False, shown=kinds) is Clash.NUMBERS


def test_a_granted_role_is_recorded_with_who_where_and_what(cast: Cast) -> None:
    """P-34."""
    zhang = cast.account("zhang", unit=cast.centre)
    holdings.grant_role(
        cast.actor(cast.root), zhang, Role.SUPERVISOR, region=cast.county, today=TODAY
    )
    event = Event.objects.get(act="organisation.grant_role")
    assert (event.actor_name, event.address) == ("root", "10.0.0.7")
    assert event.after["account"] == "zhang"
    assert event.after["role"] == "supervisor"
    assert event.after["region"] == "云山县"


def test_a_grant_reaches_no_further_than_the_granter(cast: Cast) -> None:
    zhang, local = cast.account("zhang"), cast.actor(cast.local)
    holdings.grant_role(local, zhang, Role.LEADER, region=cast.county, today=TODAY)
    for beyond in (cast.other, cast.city, None):
        with refused("not-permitted"):
            holdings.grant_role(local, zhang, Role.OFFICE, region=beyond, today=TODAY)
    with refused("not-permitted"):
        holdings.grant_role(local, zhang, Role.OFFICE, unit=cast.office, today=TODAY)


def test_nobody_grants_a_role_to_himself(cast: Cast) -> None:
    with refused("role-to-oneself"):
        holdings.grant_role(cast.actor(cast.root), cast.root, Role.DESIGNER, today=TODAY)


def test_a_member_of_a_judged_unit_is_refused_a_centre_role_by_name(cast: Cast) -> None:
    zhang = cast.account("zhang", "张伟", cast.police)
    with refused("centre-role-for-the-judged") as told:
        holdings.grant_role(cast.actor(cast.root), zhang, Role.INTERVIEWER, today=TODAY)
    assert "张伟" in told.value.message
    assert not zhang.holdings.exists()


def test_roles_clash_only_on_days_on_which_both_are_held(cast: Cast) -> None:
    zhang, root = cast.account("zhang", unit=cast.centre), cast.actor(cast.root)
    holdings.grant_role(root, zhang, Role.INTERVIEWER, until=date(2026, 12, 31), today=TODAY)
    with refused("verifier-of-own-interviews"):
        holdings.grant_role(root, zhang, Role.VERIFIER, since=date(2026, 12, 31), today=TODAY)
    holdings.grant_role(root, zhang, Role.VERIFIER, since=date(2027, 1, 1), today=TODAY)


def test_the_same_role_is_not_held_twice_in_one_place(cast: Cast) -> None:
    zhang, root = cast.account("zhang"), cast.actor(cast.root)
    holdings.grant_role(root, zhang, Role.OFFICE, region=cast.county, today=TODAY)
    with refused("role-held-already"):
        holdings.grant_role(root, zhang, Role.OFFICE, region=cast.county, today=TODAY)
    holdings.grant_role(root, zhang, Role.OFFICE, region=cast.other, today=TODAY)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD])
def test_roles_of_units_name_their_unit(role: Role, cast: Cast) -> None:
    with refused("role-needs-unit"):
        holdings.grant_role(
            cast.actor(cast.root), cast.account("zhang"), role, region=cast.county, today=TODAY
        )


def test_a_role_that_ends_before_it_begins_is_refused(cast: Cast) -> None:
    with refused("period-reversed"):
        holdings.grant_role(
            cast.actor(cast.root), cast.account("zhang"), Role.LEADER,
            since=TODAY, until=TODAY - timedelta(days=1), today=TODAY,
        )  # fmt: skip


def test_a_role_in_a_unit_reaches_over_its_region_and_no_further(cast: Cast) -> None:
    zhang = cast.account("zhang")
    cast.hold(zhang, Role.OFFICE, unit=cast.county_office)
    (held,) = cast.actor(zhang).held
    assert held.region == "439901"


def test_a_revoked_role_reaches_nothing_from_that_moment(cast: Cast) -> None:
    zhang = cast.account("zhang")
    held = cast.hold(zhang, Role.OFFICE, region=cast.county)
    holdings.revoke_role(cast.actor(cast.local), held, TODAY)
    assert cast.actor(zhang).held == ()
    held.refresh_from_db()
    assert held.until == TODAY - timedelta(days=1)


def test_a_role_that_has_not_begun_is_dropped_when_revoked(cast: Cast) -> None:
    zhang = cast.account("zhang")
    held = Holding.objects.create(
        account=zhang, role=Role.LEADER, region=cast.county, since=TODAY + timedelta(days=9)
    )
    holdings.revoke_role(cast.actor(cast.root), held, TODAY)
    assert not zhang.holdings.exists()


def test_the_last_administrator_of_everything_stays(cast: Cast) -> None:
    root = cast.actor(cast.root)
    with refused("last-administrator"):
        holdings.revoke_role(root, cast.root.holdings.get(), TODAY)
    second = cast.account("second", "赵强")
    holdings.grant_role(root, second, Role.ADMINISTRATOR, today=TODAY)
    holdings.revoke_role(root, cast.root.holdings.get(), TODAY)


def test_an_administrator_who_leaves_soon_is_not_counted_on(cast: Cast) -> None:
    second = cast.account("second", "赵强")
    holdings.grant_role(
        cast.actor(cast.root), second, Role.ADMINISTRATOR,
        until=TODAY + timedelta(days=1), today=TODAY,
    )  # fmt: skip
    with refused("last-administrator"):
        holdings.revoke_role(cast.actor(cast.root), cast.root.holdings.get(), TODAY)


def test_whoever_leaves_a_unit_loses_the_roles_he_held_in_it_and_no_others(cast: Cast) -> None:
    zhang = cast.account("zhang", unit=cast.police)
    cast.hold(zhang, Role.HANDLER, unit=cast.police)
    cast.hold(zhang, Role.LEADER, region=cast.county)
    actions.edit_account(
        cast.actor(cast.root), zhang, name="张伟", email="", unit=cast.county_office, today=TODAY
    )
    assert [held.role for held in cast.actor(zhang).held] == [Role.LEADER]


def test_nobody_with_a_centre_role_moves_into_a_judged_unit(cast: Cast) -> None:
    zhang = cast.account("zhang", unit=cast.centre)
    cast.hold(zhang, Role.VERIFIER, region=cast.county)
    with refused("centre-role-for-the-judged"):
        actions.edit_account(
            cast.actor(cast.root), zhang, name="张伟", email="", unit=cast.police, today=TODAY
        )
    zhang.refresh_from_db()
    assert zhang.unit == cast.centre


def test_a_closed_account_is_granted_nothing(cast: Cast) -> None:
    zhang = cast.account("zhang")
    zhang.is_active = False
    zhang.save()
    with refused("account-closed"):
        holdings.grant_role(cast.actor(cast.root), zhang, Role.LEADER, today=TODAY)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_revoke_each_other_at_once_one_stays() -> None:
    """site: whoever administers everything is never the last to go, whatever the timing"""
    with transaction.atomic():
        cast = Cast()
        other = cast.account("second", "赵敏", cast.office, Role.ADMINISTRATOR)
    both = [cast.root, other]
    held = [Holding.objects.get(account=each) for each in both]
    start, told = threading.Barrier(2), []

    def revoke(mine: int) -> None:
        start.wait()
        try:
            holdings.revoke_role(cast.actor(both[mine]), held[1 - mine], TODAY)
        except Problem as wrong:
            told.append(wrong.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=revoke, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["last-administrator"]
    assert Holding.objects.filter(role=Role.ADMINISTRATOR, region=None, until=None).count() == 1
