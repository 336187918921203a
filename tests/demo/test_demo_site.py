"""The city on a site: what a newcomer finds after ``make demo``."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from huiyin.audit.acts import Guarded
from huiyin.audit.models import Event
from huiyin.demo.city import build_city
from huiyin.demo.site import build
from huiyin.demo.site.accounts import PASSWORD
from huiyin.demo.site.rounds import latest_halves
from huiyin.organisation.models import Account, Group, Holder, Unit, VillageService
from huiyin.organisation.permissions import WALLED_FROM_JUDGED
from huiyin.organisation.queries import actor_of
from huiyin.organisation.roles import JUDGED, Role
from huiyin.survey.models import Round, RoundStatus
from huiyin.survey.round_checklist import checklist
from huiyin.survey.round_queries import facts_of
from huiyin.survey.round_rules import Step
from huiyin.territory.models import Population, Region
from huiyin.territory.rules import Level

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    """The city, built once for the tests of this file and taken away after them."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        told: list[tuple[float, str]] = []
        text = build(lambda share, phase: told.append((share, phase)))
        yield text, told
        transaction.set_rollback(True)


def test_it_has_a_city_eight_counties_a_hundred_and_two_towns_and_their_villages(city) -> None:  # type: ignore[no-untyped-def]
    count = {level: Region.objects.filter(level=level).count() for level in Level}
    assert (count[Level.CITY], count[Level.COUNTY], count[Level.TOWN]) == (1, 8, 102)
    assert 1000 <= count[Level.VILLAGE] <= 1200


def test_the_population_of_each_town_is_that_of_the_simulation(city) -> None:  # type: ignore[no-untyped-def]
    drawn = build_city()
    for code, adults in zip(drawn.towns[:5], drawn.town_adults, strict=False):
        rows = Population.objects.filter(region__code=code, age_from__gte=18)
        assert sum(row.people for row in rows) == adults


def test_every_town_has_its_government_and_no_person_holds_two_names(city) -> None:  # type: ignore[no-untyped-def]
    assert Unit.objects.filter(kind="town").count() == 102
    names = Holder.objects.values_list("name", flat=True)
    assert len(set(names)) == len(names)


def test_city_and_counties_each_have_one_office_two_groups_and_six_task_forces(city) -> None:  # type: ignore[no-untyped-def]
    """004-02."""
    for region in Region.objects.filter(level__in=(Level.CITY, Level.COUNTY)):
        kinds = list(Group.objects.filter(region=region).values_list("kind", flat=True))
        assert (kinds.count("office"), kinds.count("working"), kinds.count("task_force")) == (
            1,
            2,
            6,
        )


def test_nearly_every_village_has_an_adviser_and_some_have_none(city) -> None:  # type: ignore[no-untyped-def]
    """004-19."""
    villages = Region.objects.filter(level=Level.VILLAGE).count()
    advised = VillageService.objects.filter(kind="adviser").count()
    assert 0.9 < advised / villages < 1


def test_every_role_has_an_account_that_can_sign_in(city) -> None:  # type: ignore[no-untyped-def]
    text, _told = city
    held = {role for account in Account.objects.all() for role in _roles(account)}
    assert held == set(Role.values)
    for account in Account.objects.all():
        assert account.username in text
        assert account.check_password(PASSWORD)


def test_whoever_belongs_to_a_judged_unit_is_behind_the_wall(city) -> None:  # type: ignore[no-untyped-def]
    for account in Account.objects.all():
        if JUDGED & _roles(account):
            assert actor_of(account, date(2100, 1, 1)).judged
    assert Guarded.SAMPLES in WALLED_FROM_JUDGED


@pytest.mark.parametrize(
    ("today", "halves"),
    [
        (date(2026, 4, 30), ["2025H1", "2025H2"]),
        (date(2026, 5, 1), ["2025H2", "2026H1"]),
        (date(2026, 10, 31), ["2025H2", "2026H1"]),
        (date(2026, 11, 1), ["2026H1", "2026H2"]),
    ],
)
def test_its_rounds_are_the_two_whose_field_began_last(today: date, halves: list[str]) -> None:
    """000-13."""
    assert [f"{year}{half}" for year, half in latest_halves(today)] == halves


def test_its_rounds_have_instrument_frame_plan_sample_and_staff(city) -> None:  # type: ignore[no-untyped-def]
    """000-13, 000-14, P-02: only a year whose holidays nobody has announced keeps them drafts."""
    for made in Round.objects.all():
        facts = facts_of(made, timezone.now())
        lacking = {item.name for item in checklist(facts, Step.READY) if not item.holds}
        assert lacking <= {"calendar"}
        assert made.status == (RoundStatus.DRAFT if lacking else RoundStatus.FIELDING)
        assert facts.drawn > sum(facts.wanted.values())
    assert Round.objects.count() == 2


def test_the_audit_holds_how_it_came_about(city) -> None:  # type: ignore[no-untyped-def]
    assert Event.objects.filter(actor_name="demo").count() > 1000


def test_building_again_changes_nothing_and_says_the_accounts_again(city) -> None:  # type: ignore[no-untyped-def]
    text, _told = city
    before = Event.objects.count()
    assert build(lambda share, phase: None) == text
    assert Event.objects.count() == before


def test_it_tells_how_far_it_is_from_nothing_to_the_whole(city) -> None:  # type: ignore[no-untyped-def]
    _text, told = city
    shares = [share for share, _phase in told]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)


@pytest.mark.parametrize("username", ["admin", "office", "caller1", "head", "leader", "auditor"])
def test_their_home_page_answers_in_chinese(city, username: str) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    client.force_login(Account.objects.get(username=username))
    page = client.get("/")
    assert page.status_code == 200
    assert "首页" in page.content.decode()


def _roles(account: Account) -> set[str]:
    return set(account.holdings.values_list("role", flat=True))
