"""What an act leaves behind: one event, in the same transaction, without what must not be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from tests.audit.cast import TRY

from huiyin.audit.actions import changes_of, looked_at, performing, record, state_of, touched
from huiyin.audit.acts import SYSTEM, VISITOR, Actor, Changed
from huiyin.audit.models import Event
from huiyin.audit.queries import history
from huiyin.audit.rules import WITHHELD, is_sensitive
from huiyin.problems import Problem

pytestmark = pytest.mark.django_db


def thing(name: str = "shop") -> ContentType:
    """A small stored thing."""
    return ContentType.objects.create(app_label="trial", model=name)


def fail_after(work: Callable[[Changed], object]) -> None:
    """An act that does something, then fails."""
    with performing(SYSTEM, TRY) as changed:
        work(changed)
        raise ZeroDivisionError


def inner_act() -> None:
    with performing(SYSTEM, TRY) as inner:
        inner.kind = "trial.thing"


def test_an_act_leaves_one_event_with_what_changed_and_nothing_else() -> None:
    """P-34"""
    with performing(Actor(7, "li.ming", "10.1.2.3", is_system=True), TRY) as changed:
        shop = thing()
        before = state_of(shop)
        shop.model = "market"
        shop.save()
        touched(changed, shop, label="东街市场")
        changed.before, changed.after = changes_of(before, state_of(shop))
    event = Event.objects.get()
    assert (event.actor, event.actor_name, event.address) == (7, "li.ming", "10.1.2.3")
    assert (event.act, event.kind, event.key) == (
        "trial.try", "contenttypes.contenttype", str(shop.pk),
    )  # fmt: skip
    assert (event.before, event.after) == ({"model": "shop"}, {"model": "market"})


def test_an_act_that_fails_leaves_neither_change_nor_event() -> None:
    """P-34"""
    with pytest.raises(ZeroDivisionError):
        fail_after(lambda changed: touched(changed, thing()))
    assert not Event.objects.exists()
    assert not ContentType.objects.filter(app_label="trial").exists()


def test_an_act_that_says_nothing_of_what_it_changed_is_refused() -> None:
    """P-34"""
    with pytest.raises(ValueError, match=r"trial\.try"), performing(SYSTEM, TRY):
        pass
    assert not Event.objects.exists()


def test_an_act_within_an_act_leaves_its_own_event_before_the_outer_one() -> None:
    """P-34"""
    with performing(SYSTEM, TRY) as outer:
        with performing(SYSTEM, TRY) as inner:
            inner.kind, inner.label = "trial.thing", "inner"
        outer.kind, outer.label = "trial.thing", "outer"
    told = Event.objects.order_by("number").values_list("label", "number")
    assert list(told) == [("inner", 1), ("outer", 2)]


def test_an_inner_act_that_failed_and_was_caught_leaves_no_event_and_no_gap() -> None:
    """P-34"""
    with performing(SYSTEM, TRY) as outer:
        with pytest.raises(ZeroDivisionError):
            fail_after(lambda _: record(SYSTEM, TRY, Changed("trial.thing")))
        outer.kind = "trial.thing"
    assert [event.number for event in Event.objects.all()] == [1]


def test_an_outer_act_that_fails_takes_the_inner_events_with_it() -> None:
    """P-34"""
    with pytest.raises(ZeroDivisionError):
        fail_after(lambda _: inner_act())
    assert not Event.objects.exists()


def test_who_looked_at_a_number_is_recorded_and_the_number_is_not() -> None:
    """P-34"""
    looked_at(Actor(9, "wang.fang", is_system=True), TRY, thing(), fields=["phone"])
    event = Event.objects.get()
    assert event.actor_name == "wang.fang"
    assert event.after == {"shown": ["phone"]}


def test_whoever_may_not_look_is_refused_and_leaves_no_event() -> None:
    """P-34"""
    with pytest.raises(Problem) as refused:
        looked_at(VISITOR, TRY, thing())
    assert refused.value.code == "not-signed-in"
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["phone", "home_phone", "password", "password_hash", "access_token", "id_card", "answers"],
)
def test_sensitive_values_are_recorded_as_changed_only(name: str) -> None:
    """P-34"""
    before, after = changes_of({name: "old"}, {name: "new"})
    assert (before, after) == ({name: WITHHELD}, {name: WITHHELD})


@pytest.mark.parametrize("name", ["answered_at", "telephone_interviews", "token_count", "region"])
def test_names_that_only_resemble_sensitive_ones_are_recorded(name: str) -> None:
    """P-34"""
    assert not is_sensitive(name)


def test_sensitive_values_deep_within_are_withheld_whoever_filled_them_in(db: None) -> None:
    """P-34"""
    changed = Changed("trial.thing", after={"people": [{"phone": "13812345678", "age": 40}]})
    record(SYSTEM, TRY, changed)
    assert Event.objects.get().after == {"people": [{"phone": WITHHELD, "age": 40}]}


def test_that_a_secret_was_set_for_the_first_time_or_removed_can_be_seen() -> None:
    """P-34"""
    assert changes_of({"phone": ""}, {"phone": "13812345678"}) == (
        {"phone": ""},
        {"phone": WITHHELD},
    )


def test_only_what_differs_is_recorded_and_names_may_come_and_go() -> None:
    """P-34"""
    before, after = changes_of({"a": 1, "b": date(2026, 1, 1), "c": 3}, {"b": 2, "c": 3, "d": None})
    assert before == {"a": 1, "b": date(2026, 1, 1)}
    assert after == {"b": 2, "d": None}


def test_the_history_of_a_thing_is_its_own_events_the_latest_first() -> None:
    """P-34"""
    one, other = thing("one"), thing("other")
    for label, each in (("first", one), ("elsewhere", other), ("second", one)):
        with transaction.atomic(), performing(SYSTEM, TRY) as changed:
            touched(changed, each, label=label)
    told = history("contenttypes.contenttype", one.pk)
    assert [event.label for event in told] == ["second", "first"]
