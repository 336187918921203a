"""The audit: acts of sixteen writers at once, and verifying and listing a million events.

The writers run on an embedded server of their own that keeps what it promises (``fsync`` on). The
million events are written once into a folder under the system's temporary folder and kept there.
"""

from __future__ import annotations

import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import Case

WRITERS, ACTS = 16, 250
EVENTS = 1_000_000
KEPT = Path(tempfile.gettempdir()) / "huiyin-bench-audit"
#: How a single chain takes its lane: there is one, and one waits for it.
WAIT = """
CREATE OR REPLACE FUNCTION audit_take_lane() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE taken smallint;
BEGIN
    SELECT number INTO taken FROM audit_lane WHERE number = 0 FOR UPDATE;
    RETURN taken;
END $$
"""
#: Like a year of a city: 500 people, 26 acts, 102 townships, ten events of each matter.
FILL = """
INSERT INTO audit_event
    (actor, actor_name, address, act, region, kind, key, label, before, after)
SELECT n %% 500, 'person' || n %% 500, '10.0.' || n %% 4 || '.' || n %% 250,
    'matters.' || chr((97 + n %% 26)::integer) || '_matter',
    '4305' || lpad((n %% 102)::text, 5, '0') || '000', 'matters.matter',
    (n / 10)::text, '事项' || n || '：东街社区路灯不亮',
    jsonb_build_object('status', 'assigned', 'due', '2026-11-' || 1 + n %% 28),
    jsonb_build_object('status', 'accepted', 'people', n)
FROM generate_series(%s::bigint, %s::bigint) AS n
"""


@contextmanager
def site(folder: Path) -> Iterator[None]:
    from huiyin.site.running import session

    with session.site(str(folder)):
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def sql(statement: str, *values: object) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def write_together(one_chain: bool) -> float:
    """Seconds in which all writers do all their acts."""
    folder = Path(tempfile.mkdtemp(prefix="huiyin-bench-"))
    try:
        with site(folder):
            sql("CREATE TABLE bench_thing (id integer PRIMARY KEY, value integer)")
            sql("INSERT INTO bench_thing SELECT n, 0 FROM generate_series(0, 15) AS n")
            if one_chain:
                sql(WAIT)
            return _timed()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _timed() -> float:
    from django.db import connections

    connections.close_all()  # each writer opens its own
    fork = multiprocessing.get_context("fork")
    ready, go = fork.Barrier(WRITERS + 1), fork.Barrier(WRITERS + 1)
    writers = [fork.Process(target=_write, args=(who, ready, go)) for who in range(WRITERS)]
    for writer in writers:
        writer.start()
    ready.wait()
    go.wait()
    started = time.perf_counter()
    for writer in writers:
        writer.join()
    seconds = time.perf_counter() - started
    assert not any(writer.exitcode for writer in writers)
    _check()
    return seconds


def _write(who: int, ready: Any, go: Any) -> None:
    from huiyin.audit.actions import performing
    from huiyin.audit.acts import SYSTEM, Act

    act = Act("trial.change", "change", changes=True)
    sql("SELECT 1")
    ready.wait()
    go.wait()
    for turn in range(ACTS):
        with performing(SYSTEM, act) as changed:
            sql("UPDATE bench_thing SET value = value + 1 WHERE id = %s", who)
            changed.kind, changed.key, changed.label = "bench.thing", str(who), f"事项{who}"
            changed.before, changed.after = {"value": turn}, {"value": turn + 1}


def _check() -> None:
    from huiyin.audit.verification import verify

    report = verify()
    assert report.whole
    assert report.checked == WRITERS * ACTS


def sixteen_lanes() -> float:
    return write_together(one_chain=False)


def one_chain() -> float:
    return write_together(one_chain=True)


@contextmanager
def million() -> Iterator[None]:
    """The site with a million events, written by the trigger like any other."""
    with site(KEPT):
        from huiyin.audit.models import Event

        if Event.objects.count() < EVENTS:
            for lane in range(16):
                _fill(lane)
            sql("VACUUM ANALYZE audit_event")
        yield


def _fill(lane: int) -> None:
    from django.db import transaction

    part = EVENTS // 16
    with transaction.atomic():
        sql("SELECT set_config('huiyin.lane', %s, true)", str(lane))
        sql(FILL, lane * part, (lane + 1) * part - 1)


def verify_a_million() -> float:
    with million():
        from huiyin.audit.verification import verify

        started = time.perf_counter()
        report = verify()
        seconds = time.perf_counter() - started
        assert report.whole
        assert report.checked >= EVENTS
        return seconds


def listing(address: str) -> Callable[[], float]:
    """The 95th percentile of the server's seconds for a page of the list."""

    def measured() -> float:
        with million():
            from huiyin.auditor.views import events

            requests = [_request(address) for _ in range(40)]
            seconds = []
            for request in requests:
                started = time.perf_counter()
                events(request)
                seconds.append(time.perf_counter() - started)
            return statistics.quantiles(seconds[2:], n=20)[18]

    return measured


def _request(address: str) -> Any:
    from types import SimpleNamespace

    from django.test import RequestFactory
    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM

    request: Any = RequestFactory().get(f"/audit/{_deep() if address == 'deep' else address}")
    request.actor, request.now, request.session = SYSTEM, timezone.now(), {}
    request.htmx = SimpleNamespace(target="table-audit-events")
    return request


def _deep() -> str:
    """The address of the page in the middle of the list."""
    from huiyin.audit.models import Event
    from huiyin.auditor.tables import EventTable
    from huiyin.furniture.tables import keyset

    keys = keyset.keys_of(Event.objects.all(), EventTable.order)
    middle = Event.objects.order_by("id")[EVENTS // 2]
    return f"?after={keyset.cursor(middle, keys, 'table.audit-events')}"


ALL_ACTS = f"{WRITERS * ACTS:,} acts of {WRITERS} processes; "
CASES = [
    Case(
        "one-chain", one_chain, note=ALL_ACTS + "every act waits for one chain", peer="single chain"
    ),
    Case(
        "sixteen-lanes",
        sixteen_lanes,
        seconds=WRITERS * ACTS / 300,
        note=ALL_ACTS + "300 acts a second is the target",
        baseline="one-chain",
    ),
    Case(
        "verify-a-million",
        verify_a_million,
        megabytes=250,
        note="1,000,000 events, every hash computed anew",
        repeats=3,
    ),
    Case("first-page", listing(""), seconds=0.15, note="p95 of 38 requests", repeats=3),
    Case("deep-page", listing("deep"), seconds=0.15, note="from the middle", repeats=3),
    Case("part-of-a-label", listing("?q=事项99999"), seconds=0.15, note="11 matches", repeats=3),
    Case("common-words", listing("?q=路灯"), seconds=0.15, note="every event", repeats=3),
    Case(
        "person-and-region",
        listing("?who=person7&region=430500007000"),
        seconds=0.15,
        note="39 matches",
        repeats=3,
    ),
]
