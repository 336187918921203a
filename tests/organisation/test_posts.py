"""Posts: one holder at a time, vacancies, pairings, what leaders did in person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.organisation.structure_cast import (
    COUNTY_OFFICE,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
    somebody,
)

from huiyin.audit.acts import SYSTEM
from huiyin.organisation import rules, unit_queries
from huiyin.organisation.actions import posts
from huiyin.organisation.models import Deed, Engagement, Holder, Pairing, Post, PostKind
from huiyin.organisation.roles import Role
from huiyin.problems import Problem

__all__ = ["browse", "place"]

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
SPANS = st.tuples(st.none() | DAYS, st.none() | DAYS).filter(
    lambda span: span[0] is None or span[1] is None or span[0] <= span[1]
)


@given(SPANS, SPANS)
def test_two_spans_overlap_exactly_when_they_share_a_day(
    one: rules.Span, other: rules.Span
) -> None:
    days = [day for span in (one, other) for day in span if day] + [date(2025, 1, 1)]
    probes = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
    shared = any(rules.is_current(*one, day) and rules.is_current(*other, day) for day in probes)
    assert rules.overlap(one, other) is shared
    assert rules.overlap(one, other) is rules.overlap(other, one)


def test_a_first_responsible_is_a_post_that_stays_when_the_person_goes(place: Place) -> None:
    """001-06 第一责任人, 001-07 直接责任人: posts with holders one after another."""
    first = place.post("局长", PostKind.FIRST)
    direct = place.post("副局长", PostKind.DIRECT)
    posts.appoint(SYSTEM, first, name="王建国", since=date(2024, 1, 1))
    posts.appoint(SYSTEM, direct, name="李明", since=date(2024, 1, 1))
    posts.appoint(SYSTEM, first, name="赵刚", since=date(2026, 3, 1), succeeds=True)
    assert list(first.holders.values_list("name", "since", "until")) == [
        ("赵刚", date(2026, 3, 1), None),
        ("王建国", date(2024, 1, 1), date(2026, 2, 28)),
    ]
    now = unit_queries.posts_on(place.police, TODAY)
    assert [(post.kind, post.now[0].name) for post in now] == [
        ("first", "赵刚"), ("direct", "李明"),
    ]  # fmt: skip


def test_a_post_never_has_two_holders_on_one_day(place: Place) -> None:
    post = place.post()
    posts.appoint(SYSTEM, post, name="王建国", since=date(2024, 1, 1), until=date(2024, 12, 31))
    with pytest.raises(Problem) as refused:
        posts.appoint(SYSTEM, post, name="赵刚", since=date(2024, 12, 31))
    assert refused.value.code == "post-held"
    assert "王建国" in refused.value.message
    posts.appoint(SYSTEM, post, name="赵刚", since=date(2025, 1, 1))


@pytest.mark.parametrize("since", [date(2024, 12, 31), date(2023, 1, 1)])
def test_the_database_itself_refuses_a_second_holder(place: Place, since: date) -> None:
    post = place.post()
    Holder.objects.create(
        post=post, name="王建国", since=date(2024, 1, 1), until=date(2024, 12, 31)
    )
    with pytest.raises(IntegrityError, match="post_one_holder"), transaction.atomic():
        Holder.objects.create(post=post, name="赵刚", since=since)
    Holder.objects.create(post=post, name="赵刚", since=date(2025, 1, 1))


def test_a_post_is_vacant_from_the_day_after_the_last_day(place: Place) -> None:
    post = place.post()
    holder = posts.appoint(SYSTEM, post, name="王建国", since=date(2024, 1, 1))
    posts.release(SYSTEM, holder, until=TODAY)
    assert not unit_queries.vacant_posts(TODAY).exists()
    assert list(unit_queries.vacant_posts(TODAY + timedelta(days=1))) == [post]


def test_an_abolished_post_keeps_its_history_and_takes_no_new_holder(place: Place) -> None:
    post = place.post()
    posts.appoint(SYSTEM, post, name="王建国", since=date(2024, 1, 1))
    posts.abolish_post(SYSTEM, post, on=TODAY)
    assert post.holders.get().until == TODAY
    assert not unit_queries.vacant_posts(TODAY + timedelta(days=1)).exists()
    with pytest.raises(Problem) as refused:
        posts.appoint(SYSTEM, post, name="赵刚", since=TODAY + timedelta(days=1))
    assert refused.value.code == "post-abolished"


def test_a_head_fills_posts_of_his_own_unit_only(place: Place) -> None:
    head = somebody(Role.HEAD, unit=place.police.pk)
    post = posts.add_post(head, place.police, title="联络员", kind=PostKind.LIAISON)
    posts.appoint(head, post, name="孙丽", since=TODAY)
    with pytest.raises(Problem) as refused:
        posts.add_post(head, place.government, title="联络员", kind=PostKind.LIAISON)
    assert refused.value.code == "not-permitted"


def test_a_leader_answers_for_regions_between_dates(place: Place) -> None:
    """000-10 包保: post ↔ region, with dates; never the same twice at a time."""
    post = place.post("副县长", PostKind.OTHER)
    pairing = posts.pair(COUNTY_OFFICE, post, place.town, since=date(2026, 1, 1))
    with pytest.raises(Problem) as refused:
        posts.pair(COUNTY_OFFICE, post, place.town, since=date(2026, 6, 1))
    assert refused.value.code == "paired-already"
    posts.end_pairing(COUNTY_OFFICE, pairing, until=date(2026, 5, 31))
    posts.pair(COUNTY_OFFICE, post, place.town, since=date(2026, 6, 1))
    assert unit_queries.pairings_on(date(2026, 5, 31)).get() == pairing
    assert unit_queries.pairings_on(TODAY).get().since == date(2026, 6, 1)


def test_the_database_itself_refuses_the_same_pairing_twice(place: Place) -> None:
    post = place.post()
    Pairing.objects.create(post=post, region=place.town, since=date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="pairing_once"), transaction.atomic():
        Pairing.objects.create(post=post, region=place.town, since=date(2026, 6, 1))
    Pairing.objects.create(post=post, region=place.village, since=date(2026, 6, 1))


def test_the_list_of_pairings_shows_how_many_regions_a_leader_has(
    place: Place, browse: Callable[..., Any]
) -> None:
    """000-10: four or five towns a leader; more is marked."""
    post = place.post("副县长", PostKind.OTHER)
    posts.appoint(SYSTEM, post, name="周敏", since=date(2026, 1, 1))
    for region in place.regions.values():
        posts.pair(SYSTEM, post, region, since=date(2026, 1, 1))
    page = body(browse(OFFICE, "/organisation/pairings/"))
    assert page.count("周敏") == 6
    assert unit_queries.with_load(Pairing.objects.all(), TODAY)[0].load == 6 > rules.USUAL_LOAD


def test_what_a_leader_did_in_person_is_logged_under_who_held_the_post_then(place: Place) -> None:
    """003-33 四个亲自: organise, command, study, solve."""
    post = place.post()
    posts.appoint(SYSTEM, post, name="王建国", since=date(2024, 1, 1), until=date(2026, 2, 28))
    posts.appoint(SYSTEM, post, name="赵刚", since=date(2026, 3, 1))
    for day, deed in ((date(2026, 2, 1), Deed.ORGANISE), (date(2026, 4, 1), Deed.SOLVE)):
        posts.log_engagement(
            SYSTEM, post, deed=deed, done_on=day, account_of_it="现场解决路灯问题", today=TODAY
        )
    assert list(Engagement.objects.order_by("done_on").values_list("person", flat=True)) == [
        "王建国", "赵刚",
    ]  # fmt: skip
    counts = unit_queries.engagement_counts([post], 2026)[post.pk]
    assert counts == {"organise": 1, "command": 0, "study": 0, "solve": 1}
    done = [deed for deed, times in counts.items() if times]
    assert rules.deeds_missing(done) == [Deed.COMMAND, Deed.STUDY]


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2023, 12, 31), "post-vacant"), (TODAY + timedelta(days=1), "day-in-future")],
)
def test_nothing_is_logged_for_a_day_without_a_holder_or_to_come(
    place: Place, day: date, code: str
) -> None:
    post = place.post()
    posts.appoint(SYSTEM, post, name="王建国", since=date(2024, 1, 1))
    with pytest.raises(Problem) as refused:
        posts.log_engagement(
            SYSTEM, post, deed=Deed.SOLVE, done_on=day, account_of_it="……", today=TODAY
        )
    assert refused.value.code == code


def test_a_post_is_added_filled_and_paired_by_screen(
    place: Place, browse: Callable[..., Any]
) -> None:
    """001-06, 000-10, 003-33, by screen."""
    unit = f"/organisation/units/{place.police.pk}"
    sent = {"title": "局长", "kind": "first", "order": "1"}
    assert browse(COUNTY_OFFICE, f"{unit}/posts/add/", sent).status_code == 302
    post = Post.objects.get(unit=place.police)
    assert "空缺" in body(browse(OFFICE, f"{unit}/"))
    at = f"/organisation/posts/{post.pk}"
    browse(COUNTY_OFFICE, f"{at}/appoint/", {"name": "王建国", "since": "2026-01-01"})
    browse(COUNTY_OFFICE, f"{at}/pair/", {"region": "清溪镇", "since": "2026-01-01"})
    sent = {"deed": "solve", "done_on": "2026-11-01", "account_of_it": "协调解决路灯问题"}
    assert browse(COUNTY_OFFICE, f"{at}/engagements/add/", sent).status_code == 302
    page = body(browse(OFFICE, f"{at}/"))
    for said in ("王建国", "清溪镇", "协调解决路灯问题"):
        assert said in page


def test_a_second_holder_is_refused_beside_the_day(
    place: Place, browse: Callable[..., Any]
) -> None:
    post = place.post()
    posts.appoint(SYSTEM, post, name="王建国", since=date(2026, 1, 1))
    sent = {"name": "赵刚", "since": "2026-02-01"}
    answer = browse(OFFICE, f"/organisation/posts/{post.pk}/appoint/", sent)
    assert answer.status_code == 422
    assert "王建国" in body(answer)
    assert 'id="id_since_error"' in body(answer)
