"""Whatever a superuser of the database does to the events, the verification finds and names it.

All of them prove P-34.
"""

from __future__ import annotations

import pytest
from tests.audit.cast import Mallory, Write, sql, write

from huiyin.audit.actions import seal
from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.audit.verification import Anchor, heads_now, verify

__all__ = ["write"]
pytestmark = pytest.mark.django_db

Named = tuple[str, int, int, int | None]


@pytest.fixture
def events(write: Write) -> list[Event]:
    """Forty events in lane 3 and five in lane 7; the ones in lane 3 are returned."""
    for _ in range(5):
        write("another lane", lane=7)
    return [write(f"安和市 {turn}", lane=3, people=turn) for turn in range(40)]


def named(**how: object) -> list[Named]:
    """Fault, number, last number and key of everything found."""
    report = verify(**how)  # type: ignore[arg-type]
    assert report.count == len(report.findings)
    return [(each.fault.value, each.number, each.last, each.id) for each in report.findings]


def test_an_untouched_chain_is_whole(events: list[Event]) -> None:
    report = verify()
    assert report.whole
    assert report.checked == 45


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "安和市 2O"),
        ("actor_name", "system "),
        ("actor", 7),
        ("address", "10.0.0.1"),
        ("act", "trial.tri"),
        ("region", "4"),
        ("kind", "trial.thinq"),
        ("key", "2"),
        ("before", '{"people": 1}'),
        ("after", '{"people": 20.0}'),
        ("at", "2026-01-01 00:00:00.000001+00"),
        ("hash", "0" * 64),
        ("previous", "0" * 64),
    ],
)
def test_a_change_of_one_character_in_any_column_is_named(
    events: list[Event], column: str, value: object
) -> None:
    with Mallory() as mallory:
        mallory.change(events[20], **{column: value})
    assert named() == [("changed", 21, 21, events[20].pk)]


def test_the_first_and_the_last_event_are_guarded_like_any_other(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.change(events[0], label="x")
        mallory.change(events[39], label="x")
    assert named() == [("changed", 1, 1, events[0].pk), ("changed", 40, 40, events[39].pk)]


def test_one_deleted_in_the_middle_is_missing(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.delete(events[20])
    assert named() == [("missing", 21, 21, None)]


def test_one_deleted_is_missing_though_the_later_ones_were_renumbered(
    events: list[Event],
) -> None:
    with Mallory() as mallory:
        mallory.delete(events[20], events[21])
        mallory.renumber(3, beyond=22, by=-2)
    assert named() == [("missing", 21, 22, None)]


def test_the_tail_cut_off_is_missing(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.delete(*events[35:])
    assert named() == [("missing", 36, 40, None)]


def test_the_tail_cut_off_stays_missing_when_events_are_written_after(
    events: list[Event], write: Write
) -> None:
    with Mallory() as mallory:
        mallory.delete(*events[35:])
    write("later", lane=3)
    assert named() == [("missing", 36, 40, None)]


def test_the_tail_cut_off_with_its_head_is_missing_from_the_last_checkpoint(
    events: list[Event], write: Write
) -> None:
    write("in another lane, as the checkpoint", lane=7)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    seal(SYSTEM)
    with Mallory() as mallory:
        mallory.delete(*events[35:])
        sql("UPDATE audit_lane SET length = 35, hash = %s WHERE number = 3", events[34].hash)
    assert named() == [("missing", 36, 40, None)]


def test_everything_cut_off_is_missing_from_the_anchor_kept_outside(events: list[Event]) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    anchor = Anchor("on paper", heads_now())
    with Mallory() as mallory:
        mallory.delete(*events[35:])
        sql("UPDATE audit_lane SET length = 35, hash = %s WHERE number = 3", events[34].hash)
    assert named() == []
    assert named(anchors=[anchor]) == [("missing", 36, 40, None)]


def test_one_forged_onto_the_end_with_a_right_hash_was_inserted(events: list[Event]) -> None:
    with Mallory() as mallory:
        forged = mallory.forge(3, 41, events[39].hash)
    assert named() == [("inserted", 41, 41, forged.pk)]


def test_one_forged_into_the_middle_was_inserted_though_the_later_ones_make_room(
    events: list[Event],
) -> None:
    with Mallory() as mallory:
        mallory.renumber(3, beyond=20, by=1)
        forged = mallory.forge(3, 21, events[19].hash)
    assert named() == [("inserted", 21, 21, forged.pk)]


def test_a_forged_lane_was_inserted(events: list[Event]) -> None:
    with Mallory() as mallory:
        forged = mallory.forge(77, 1, "0" * 64)
    assert named() == [("inserted", 1, 1, forged.pk)]


def test_one_replaced_by_another_with_a_right_hash_is_named(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.delete(events[20])
        forged = mallory.forge(3, 21, events[19].hash)
    assert named() == [("replaced", 21, 21, forged.pk)]


def test_one_changed_with_its_hash_computed_anew_was_replaced(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.change(events[20], label="x")
        mallory.rehash(events[20])
    assert named() == [("replaced", 21, 21, events[20].pk)]


@pytest.mark.parametrize("other", [21, 25, 39])
def test_two_that_exchanged_their_numbers_are_both_named(events: list[Event], other: int) -> None:
    with Mallory() as mallory:
        mallory.exchange(events[20], events[other], "number")
    assert sorted(named()) == [
        ("moved", 21, 21, events[other].pk),
        ("moved", other + 1, other + 1, events[20].pk),
    ]


def test_two_that_exchanged_their_contents_are_both_named(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.exchange(events[10], events[30], "label", "after", "at")
    assert sorted(named()) == [
        ("moved", 11, 11, events[10].pk),
        ("moved", 31, 31, events[30].pk),
    ]


def test_a_changed_head_is_named(events: list[Event]) -> None:
    with Mallory():
        sql("UPDATE audit_lane SET hash = repeat('a', 64) WHERE number = 3")
    assert named() == [("head", 40, 40, events[39].pk)]


def test_a_head_that_promises_more_than_there_is_tells_of_missing_events(
    events: list[Event],
) -> None:
    with Mallory():
        sql("UPDATE audit_lane SET length = 42 WHERE number = 3")
    assert named() == [("missing", 41, 42, None)]


def test_a_lane_rewritten_to_its_end_with_its_head_breaks_the_checkpoint(
    events: list[Event], write: Write
) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    write("the checkpoint's lane", lane=7)
    seal(SYSTEM)
    with Mallory() as mallory:
        mallory.rewrite(events[20], label="x")
    assert named() == [("rewritten", 40, 40, events[39].pk)]


def test_what_was_done_before_a_day_is_not_read_when_only_later_events_are_asked_for(
    events: list[Event],
) -> None:
    with Mallory() as mallory:
        mallory.change(events[10], label="x")
        mallory.change(events[30], label="x")
    assert named(since=events[20].at) == [("changed", 31, 31, events[30].pk)]


def test_several_tamperings_in_one_lane_are_each_named(events: list[Event]) -> None:
    with Mallory() as mallory:
        mallory.change(events[5], label="x")
        mallory.delete(events[10])
        mallory.change(events[15], label="y")
        mallory.rehash(events[15])
        mallory.exchange(events[20], events[22], "number")
        mallory.delete(*events[38:])
    assert sorted(named()) == sorted(
        [
            ("changed", 6, 6, events[5].pk),
            ("missing", 11, 11, None),
            ("replaced", 16, 16, events[15].pk),
            ("moved", 21, 21, events[22].pk),
            ("moved", 23, 23, events[20].pk),
            ("missing", 39, 40, None),
        ]
    )


def test_triggers_switched_off_are_named(events: list[Event]) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_keep")
    assert "audit_event_keep" in verify().unguarded
