"""The planner: sizes, precision, power, ranks; all of it as the measurement works it out (P-06)."""

from __future__ import annotations

import math

import pytest
from django.test import Client
from tests.survey import frames_cast as cast

from huiyin.measure.errors import MeasureError
from huiyin.organisation.models import Holding
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.survey import plan_queries, plan_rules
from huiyin.survey.plan_rules import Area, Assumptions, Wanted
from huiyin.territory.models import Population, Region

AREAS = [Area("a1", "甲镇", "a", 60_000), Area("a2", "乙乡", "a", 20_000),
         Area("b1", "丙镇", "b", 40_000)]  # fmt: skip
NAMES = {"": "安和市", "a": "清河县", "b": "东山区"}
KNOW = Assumptions(sd=22, deff=1.5, response=30, working=60, eligible=85)


def test_the_smallest_plan_gives_each_county_its_precision() -> None:
    made = plan_rules.plan(AREAS, NAMES, Wanted(county=3.0), KNOW)
    assert [line.name for line in made.counties] == ["清河县", "东山区"]
    for line in made.counties:
        assert line.half_width is not None
        assert line.half_width <= 3.0
    assert made.whole is not None
    assert made.whole.interviews == sum(line.interviews for line in made.areas)


def test_one_county_alone_needs_what_the_formula_says() -> None:
    """n = z²·deff·sd²/e², with the finite population: 1.96² · 1.5 · 22² / 3² = 309.9."""
    exact = 1.959964**2 * 1.5 * 22**2 / 9
    wanted = math.ceil(exact / (1 + exact / 40_000))
    made = plan_rules.plan(AREAS[2:], NAMES, Wanted(county=3.0), KNOW)
    assert made.counties[0].interviews in (wanted, wanted + 1)


def test_numbers_to_dial_are_interviews_over_the_three_rates() -> None:
    assert plan_rules.dial(100, KNOW) == math.ceil(100 / (0.3 * 0.6 * 0.85))
    assert plan_rules.dial(0, KNOW) == 0


@pytest.mark.parametrize("method", ["proportional", "neyman", "power", "equal"])
def test_each_other_way_shares_out_exactly_what_there_is(method: plan_rules.Method) -> None:
    made = plan_rules.plan(AREAS, NAMES, Wanted(method=method, interviews=1_000), KNOW)
    assert sum(line.interviews for line in made.areas) == 1_000


def test_in_proportion_means_in_proportion() -> None:
    made = plan_rules.plan(AREAS, NAMES, Wanted("proportional", 1_200), KNOW)
    assert [line.interviews for line in made.areas] == [600, 200, 400]


def test_a_precision_out_of_reach_is_said_in_chinese() -> None:
    tiny = [Area("c", "丁乡", "c", 3)]
    with pytest.raises(MeasureError) as raised:
        plan_rules.plan(tiny, NAMES, Wanted("proportional", 100), KNOW)
    assert "样本" in raised.value.message_zh


def test_2_52_points_are_found_four_times_in_five_with_the_size_that_is_said() -> None:
    """Two means: n = 2·deff·sd²·(z₀.₉₇₅ + z₀.₈)²/change²."""
    by_hand = 2 * 1.5 * 22**2 * (1.959964 + 0.841621) ** 2 / 2.52**2
    size = plan_rules.size_for_change(2.52, KNOW)
    assert size == pytest.approx(by_hand, rel=0.01)
    curve = {row["n"]: row["power"] for row in plan_rules.power_curve(2.52, KNOW)}
    assert curve[1500] < 80 < curve[2000]
    assert list(curve.values()) == sorted(curve.values())


def test_more_interviews_tell_more_counties_apart() -> None:
    rows = plan_rules.rank_curve(6, 3.0, KNOW)
    assert rows[0]["all_pairs"] == 15
    assert rows[0]["share"] < rows[-1]["share"]
    assert rows[0]["mean_set"] > rows[-1]["mean_set"]


# with a city


@pytest.mark.django_db
def test_strata_are_towns_where_there_are_figures_and_else_the_county() -> None:
    city = cast.city()
    with pytest.raises(Problem) as raised:
        plan_queries.areas_of(city, towns=False)
    assert raised.value.code == "plan-no-population"
    cast.populations()
    areas, names = plan_queries.areas_of(city, towns=False)
    assert [(a.name, a.people) for a in areas] == [("清河县", 480_000), ("东山区", 310_000)]
    assert names[""] == "安和市"
    for code, people in (("991101001000", 300_000), ("991101002000", 180_000)):
        town = Region.objects.get(code=code)
        Population.objects.create(
            region=town, year=2020, kind="census", people=people, source="七普"
        )
    towns, _names = plan_queries.areas_of(city, towns=True)
    assert [(a.name, a.county) for a in towns] == [
        ("清河镇", "991101000000"), ("石桥乡", "991101000000"), ("东山区", "991102000000"),
    ]  # fmt: skip


@pytest.fixture
def designer(client: Client) -> Client:
    cast.city()
    cast.populations()
    account = cast.people.somebody(Role.DESIGNER)
    Holding.objects.filter(account=account).update(role=Role.DESIGNER)
    client.force_login(account)
    return client


@pytest.mark.django_db
def test_the_planner_begins_with_a_plan_and_its_charts(designer: Client) -> None:
    answer = designer.get("/survey/planner/")
    assert not answer.context["form"].errors
    page = answer.content.decode()
    assert "清河县" in page
    assert page.count("<svg") >= 3
    assert "2.52" in page


@pytest.mark.django_db
def test_a_plan_is_taken_into_a_round(designer: Client) -> None:
    round = cast.round_of(Region.objects.get(level=2))
    answer = designer.get("/survey/planner/", {"county_width": "4"})
    form = answer.context["form"]
    sent = {field.html_name: field.value() or "" for field in form} | {"round": round.pk}
    answer = designer.post("/survey/planner/", sent)
    assert answer.status_code == 302
    round.refresh_from_db()
    assert set(round.allocation) == {"991101000000", "991102000000"}
    assert all(150 < count < 250 for count in round.allocation.values())


@pytest.mark.django_db
def test_what_the_planner_cannot_do_is_said_beside_the_field(designer: Client) -> None:
    for given, said in (
        ({"method": "proportional"}, "请填写总样本量"),
        ({"county_width": ""}, "请至少填写一级的精度要求"),
        ({"change": "0"}, "变动幅度不能为 0"),
        ({"method": "proportional", "interviews": "9000000"}, "超过"),
    ):
        answer = designer.get("/survey/planner/", given)
        assert answer.status_code == 422
        assert said in answer.content.decode(), given


@pytest.mark.django_db
def test_the_planner_answers_over_http(designer: Client) -> None:
    body = {"city": "991100000000", "county_width": 3}
    answer = designer.post("/api/v1/survey/plan", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    plan = answer.json()
    assert plan["whole"]["name"] == "安和市"
    assert plan["size_for_change"] == plan_rules.size_for_change(2.52, KNOW)
    answer = designer.post(
        "/api/v1/survey/plan", body | {"method": "equal", "interviews": 3},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json()["code"] == "plan-refused"
