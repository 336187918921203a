"""The chain is kept by the database: what it gives, what it refuses, and how writers share it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.audit.cast import TRY, Write, stored, write

from huiyin.audit.actions import record
from huiyin.audit.acts import SYSTEM, Changed
from huiyin.audit.models import Event, Lane
from huiyin.audit.rules import GENESIS, digest
from huiyin.audit.verification import verify

__all__ = ["write"]
pytestmark = pytest.mark.django_db


def test_the_first_event_of_a_lane_is_number_one_and_follows_nothing(write: Write) -> None:
    """P-34"""
    event = write()
    assert (event.number, event.previous) == (1, GENESIS)


def test_each_event_follows_the_one_before_in_its_lane(write: Write) -> None:
    """P-34"""
    first, second, third = write(), write(), write()
    assert {first.lane, second.lane, third.lane} == {first.lane}
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert (second.previous, third.previous) == (first.hash, second.hash)


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False,
    allow_infinity=False) | texts,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(texts, each, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(label=texts, before=st.dictionaries(texts, values, max_size=4), name=texts)
def test_database_and_python_agree_on_the_hash_of_whatever_is_recorded(
    db: None, label: str, before: dict[str, object], name: str
) -> None:
    """P-34. Quotes, line ends, control characters, plane-1 Han, large and tiny numbers."""
    event = record(SYSTEM, TRY, Changed("trial.thing", name, label, before=before))
    assert digest(stored(event.pk)) == event.hash


def test_what_a_caller_says_of_lane_number_time_and_hash_is_overwritten(db: None) -> None:
    """P-34"""
    forged = Event.objects.create(
        actor_name="mallory", act="trial.try", kind="trial.thing",
        at=datetime(2001, 1, 1, tzinfo=UTC),
        lane=3, number=99, previous="f" * 64, hash="f" * 64,
    )  # fmt: skip
    kept = stored(forged.pk)
    assert kept.at.year > 2001
    assert kept.number == 1
    assert kept.hash == digest(kept)


def test_a_rollback_leaves_no_gap(write: Write) -> None:
    """P-34"""
    first = write()
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert write().number == first.number + 1


def test_time_never_runs_back_within_a_lane(write: Write) -> None:
    """P-34"""
    moments = [write().at for _ in range(50)]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET label = 'x'",
        "UPDATE audit_event SET label = label WHERE false",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_lane SET length = length + 1, hash = repeat('a', 64)",
        "UPDATE audit_lane SET length = 0",
        "DELETE FROM audit_lane",
        "TRUNCATE audit_lane",
        "INSERT INTO audit_lane VALUES (99, 5, repeat('a', 64))",
    ],
)
def test_the_database_refuses_every_change_but_an_append(write: Write, statement: str) -> None:
    """P-34"""
    write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_whole")
        cursor.execute("ALTER TABLE audit_lane ENABLE TRIGGER audit_lane_whole")
        with pytest.raises(DatabaseError, match="audit"), transaction.atomic():
            cursor.execute(statement)


def test_a_database_role_that_may_only_append_can_append_and_nothing_else(write: Write) -> None:
    """P-34. The site can be served by a role that owns nothing; the triggers run as their owner."""
    write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE ROLE audit_trial_server")
        cursor.execute("GRANT SELECT, INSERT ON audit_event TO audit_trial_server")
        cursor.execute("GRANT USAGE ON SEQUENCE audit_event_id_seq TO audit_trial_server")
        cursor.execute("SET LOCAL ROLE audit_trial_server")
        assert write().number == 2
        for statement in (
            "ALTER TABLE audit_event DISABLE TRIGGER ALL",
            "SET LOCAL session_replication_role = replica",
            "DELETE FROM audit_event",
            "UPDATE audit_lane SET length = 0",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


def test_the_head_of_a_lane_is_its_last_event_once_committed(write: Write) -> None:
    """P-34"""
    write()
    last = write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    head = Lane.objects.get(number=last.lane)
    assert (head.length, head.hash) == (last.number, last.hash)


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_at_once_some_rolling_back_leave_a_whole_chain_without_gaps() -> None:
    """P-34"""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None), parameters.pop("context", None)
    threads = [threading.Thread(target=_work, args=(parameters, who)) for who in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Event.objects.count() == 16 * 20
    for lane in Lane.objects.all():
        numbers = Event.objects.filter(lane=lane.number).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, lane.length + 1))
    assert not verify().findings


INSERT = """
INSERT INTO audit_event (actor_name, address, act, region, kind, key, label, before, after)
VALUES ('writer', '', 'trial.try', '', 'trial.thing', %s, '', '{}', '{}')
"""


def _work(parameters: dict[str, object], who: int) -> None:
    with psycopg.connect(**parameters) as own:  # type: ignore[arg-type]
        for turn in range(25):
            own.execute(INSERT, [str(who)])
            if turn % 5 == 4:
                own.rollback()
            else:
                own.commit()


@pytest.mark.django_db(transaction=True)
def test_a_writer_who_holds_a_lane_does_not_hold_up_another() -> None:
    """P-34"""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None), parameters.pop("context", None)
    with psycopg.connect(**parameters) as one, psycopg.connect(**parameters) as other:
        other.execute("SET lock_timeout = '1s'")
        one.execute(INSERT, ["one"])
        other.execute(INSERT, ["other"])
        lanes = other.execute("SELECT DISTINCT lane FROM audit_event").fetchall()
        other.commit()
        one.commit()
    assert len(lanes) == 1, "the other sees its own event only, in a lane of its own"
    assert Event.objects.values("lane").distinct().count() == 2
