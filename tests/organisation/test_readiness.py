"""Readiness is computed from posts, holders and budget lines, never stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.organisation.structure_cast import (
    NOW,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
    somebody,
)

from huiyin.audit.acts import SYSTEM
from huiyin.organisation import home, rules, unit_queries
from huiyin.organisation.actions import posts, units
from huiyin.organisation.models import PostKind, Unit
from huiyin.organisation.roles import Role
from huiyin.organisation.rules import Need
from huiyin.problems import Problem

__all__ = ["browse", "place"]


@given(st.sets(st.sampled_from(PostKind.values)), st.booleans())
def test_a_unit_is_ready_only_with_three_named_people_and_a_budget(
    held: set[str], budget: bool
) -> None:
    lacking = rules.missing(held, has_budget=budget)
    assert (Need.BUDGET in lacking) is not budget
    for need, kind in rules.NEEDED_POSTS.items():
        assert (need in lacking) is (kind not in held)


def needs(unit: Unit, today: date = TODAY) -> tuple[Need, ...]:
    return unit_queries.needs_of(
        unit_queries.with_readiness(Unit.objects.filter(pk=unit.pk), today).get()
    )


def make_ready(place: Place, unit: Unit) -> None:
    for kind in (PostKind.FIRST, PostKind.DIRECT, PostKind.LIAISON):
        post = place.post(str(kind.value), kind, unit)
        posts.appoint(SYSTEM, post, name="王建国", since=date(2026, 1, 1), until=TODAY)
    units.record_budget(SYSTEM, unit, year=2026, amount=Decimal(50000), source="平安建设专项经费")


def test_what_a_unit_lacks_follows_from_its_posts_and_budget(place: Place) -> None:
    """002-04 专人专费, 002-17 经费纳入预算."""
    assert needs(place.police) == tuple(Need)
    make_ready(place, place.police)
    assert needs(place.police) == ()


def test_a_post_without_a_holder_names_nobody(place: Place) -> None:
    make_ready(place, place.police)
    tomorrow = date(2026, 11, 29)
    assert needs(place.police, tomorrow) == (Need.FIRST, Need.DIRECT, Need.LIAISON)


def test_the_budget_line_of_last_year_does_not_count(place: Place) -> None:
    """002-17: each year has its own line."""
    make_ready(place, place.police)
    assert Need.BUDGET in needs(place.police, date(2027, 1, 1))


def test_a_budget_line_entered_again_replaces_the_first(place: Place) -> None:
    for amount in (50000, 60000):
        units.record_budget(SYSTEM, place.police, year=2026, amount=Decimal(amount))
    assert place.police.budget_lines.get().amount == 60000


def test_the_list_names_judged_units_that_lack_something(
    place: Place, browse: Callable[..., Any]
) -> None:
    """002-04, by screen: the office itself is not judged and so not listed."""
    make_ready(place, place.police)
    page = body(browse(OFFICE, "/organisation/readiness/"))
    assert "清溪镇人民政府" in page
    assert "云山县公安局" not in page
    assert "安和市平安办" not in page
    assert "年度经费预算" in page


def test_a_unit_sees_whether_it_is_ready_itself_and_no_other(
    place: Place, browse: Callable[..., Any]
) -> None:
    handler = somebody(Role.HANDLER, unit=place.government.pk)
    page = body(browse(handler, "/organisation/readiness/"))
    assert "清溪镇人民政府" in page
    assert "云山县公安局" not in page
    sent = {"year": "2026", "amount": "30000"}
    browse(handler, f"/organisation/units/{place.government.pk}/budget/", sent)
    assert place.government.budget_lines.get().amount == 30000
    with pytest.raises(Problem):
        browse(handler, f"/organisation/units/{place.police.pk}/budget/", sent)


@pytest.mark.parametrize("amount", ["0", "-5", "很多"])
def test_a_budget_is_an_amount_above_zero(
    place: Place, browse: Callable[..., Any], amount: str
) -> None:
    url = f"/organisation/units/{place.police.pk}/budget/"
    answer = browse(OFFICE, url, {"year": "2026", "amount": amount})
    assert answer.status_code == 422
    assert 'id="id_amount_error"' in body(answer)


def test_the_home_page_counts_units_not_ready_and_vacant_posts(place: Place) -> None:
    place.post()
    tasks = {str(task.url): task.count for task in home.tasks(OFFICE, NOW)}
    assert tasks == {"/organisation/readiness/": 2, "/organisation/posts/?vacant=yes": 1}
    make_ready(place, place.police)
    make_ready(place, place.government)
    place.police.posts.filter(holders=None).delete()
    assert list(home.tasks(OFFICE, NOW)) == []


def test_home_tasks_take_a_moment_of_the_site(place: Place) -> None:
    """At 16:00 UTC the next day has begun in Shanghai."""
    make_ready(place, place.police)
    late = datetime.fromisoformat("2026-11-28T16:00:00+00:00")
    counts = [task.count for task in home.tasks(OFFICE, late) if "readiness" in task.url]
    assert counts == [2]
