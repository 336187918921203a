"""Lists of a million rows: p95 of the server's time for a whole page, wherever in the list.

The rows are those of the audit with its own indexes, but without its triggers, so that they are
there in seconds. They are written once, into a folder under the system's temporary folder.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import Case

ROWS = 1_000_000
KEPT = Path(tempfile.gettempdir()) / "huiyin-bench-lists"
REQUESTS = 60
#: Every seventh row has no account; 26 acts share the rows; every moment is that of four rows.
FILL = f"""
INSERT INTO bench_event (id, at, actor, actor_name, address, act, region, kind, key, label,
    before, after, lane, number, previous, hash)
SELECT n, timestamptz '2026-01-01' + (n / 4) * interval '7 seconds',
    CASE WHEN n % 7 > 0 THEN n % 500 END, 'person' || n % 500, '10.0.0.' || n % 250,
    'matters.' || chr(97 + n % 26) || '_matter',
    '4305' || lpad((n % 102)::text, 5, '0') || '000', 'matters.matter', (n / 10)::text,
    '事项' || n || '：东街社区路灯不亮', '{{}}', '{{}}', n % 16, n, '', ''
FROM generate_series(1, {ROWS}) AS n
"""


@contextmanager
def million() -> Iterator[None]:
    from huiyin.site.running import session

    with session.site(str(KEPT)):
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        if "bench_event" not in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("CREATE TABLE bench_event (LIKE audit_event INCLUDING ALL)")
                cursor.execute(FILL)
                cursor.execute("COMMIT")
                cursor.execute("VACUUM ANALYZE bench_event")
        yield


def table() -> Any:
    """The list: what the audit shows, over the rows of the benchmark."""
    from django.db import models

    from huiyin.furniture.tables import Choice, Column, DateRange, RegionFilter, Search, Table

    class BenchEvent(models.Model):  # noqa: DJ008 (nobody prints it)
        at = models.DateTimeField()
        actor = models.BigIntegerField(null=True)
        actor_name = models.CharField(max_length=150)
        act = models.CharField(max_length=80)
        region = models.CharField(max_length=15)
        key = models.CharField(max_length=80)
        label = models.CharField(max_length=300)

        class Meta:
            app_label, db_table, managed = "audit", "bench_event", False

    class Events(Table):
        name, title = "bench-events", "Events"
        columns = (
            Column("at", "When", field="at"),
            Column("actor", "Account", field="actor"),
            Column("actor_name", "Who", field="actor_name"),
            Column("act", "Act", field="act"),
            Column("region", "Region"),
            Column("label", "Object"),
        )
        filters = (
            Search("q", "Find", fields=("label",)),
            Choice("act", "Act", field="act", choices=[(_act(n), _act(n)) for n in range(26)]),
            RegionFilter("region", "Region", field="region"),
            DateRange("at", "When", field="at"),
        )
        order = ("-at", "-id")

        def rows(self, request: Any) -> Any:
            return BenchEvent.objects.all()

    return Events()


def _act(number: int) -> str:
    return f"matters.{chr(97 + number)}_matter"


def page(address: str, *, deep: int | None = None) -> Callable[[], float]:
    """p95 of the seconds for one page.

    Args:
        deep: how many of the rows, in the order asked for, stand before the page.
    """

    def measured() -> float:
        with million():
            events = table()
            target = f"/?{address}"
            if deep is not None:
                target += f"&after={_behind(events, target, deep)}"
            _once(events, target)
            seconds = sorted(_once(events, target) for _ in range(REQUESTS))
            return statistics.quantiles(seconds, n=20)[18]

    return measured


def _behind(events: Any, target: str, deep: int) -> str:
    """The cursor of a row far down; found the slow way, before the clock runs."""
    from huiyin.furniture.tables import keyset
    from huiyin.furniture.tables.listing import Listing

    listing = Listing(_request(target), events)
    return keyset.cursor(listing.ordered_rows[deep], listing.keys, f"table.{events.name}")


def _once(events: Any, target: str) -> float:
    from huiyin.furniture.tables import table_response

    request = _request(target)
    started = time.perf_counter()
    answer = table_response(request, events)
    seconds = time.perf_counter() - started
    assert answer.content.count(b"<tr>") > 1, "the page has no rows"
    return seconds


def _request(target: str) -> Any:
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory
    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM

    request: Any = RequestFactory().get(target)
    request.actor, request.now, request.session = SYSTEM, timezone.now(), {}
    request.htmx, request.user = None, AnonymousUser()
    return request


def _case(name: str, address: str, note: str, deep: int | None = None) -> Case:
    return Case(name, page(address, deep=deep), seconds=0.15, note=note, repeats=3)


CASES = [
    _case("first-page", "", f"{ROWS:,} rows; whole page; p95 of {REQUESTS} requests"),
    _case("deep-page", "", "behind 500,000 rows", deep=500_000),
    _case("last-page", "end=1", "read backward from the end"),
    _case("deep-ties", "sort=act", "38,000 rows tie; behind 500,000", deep=500_000),
    _case("deep-empty-values", "sort=-actor", "a seventh is empty; behind 900,000", deep=900_000),
    _case("deep-two-columns", "sort=act,-at", "no index over both; behind 500,000", deep=500_000),
    _case("filtered-by-act", "act=matters.d_matter", "38,000 of them match"),
    _case("filtered-deep", "act=matters.d_matter", "behind 20,000 of them", deep=20_000),
    _case("filtered-and-sorted", "region=430500007000&sort=actor_name", "9,800 match"),
    _case("one-day", "at_from=2026-01-10&at_to=2026-01-10", "49,000 match"),
    _case("found-often", "q=路灯", "every row matches"),
    _case("found-rarely", "q=事项99999", "11 rows match; no index finds a part of a text"),
]
