"""Verify the chain: read every event as it stands, compute everything anew, name what is wrong.

The database only delivers the rows; every hash is computed here. Pages of rows are read by their
place in the lane within one snapshot, so memory does not grow with the chain and writers are not
held up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from huiyin.audit.acts import SEAL_CHAIN
from huiyin.audit.models import Lane
from huiyin.audit.rules import GENESIS, LANES, Head, Record, head_hash
from huiyin.audit.walk import Fault, Finding, LaneWalk, Seal, exchanged

#: The columns of :class:`~huiyin.audit.rules.Record`, in its order.
COLUMNS = (
    "id, at, actor, actor_name, address, act, region, kind, key, label,"
    " before::text, after::text, lane, number, previous, hash"
)
#: Rows read at a time.
PAGE = 5000
#: Findings that are kept with their place; beyond them they are only counted.
KEPT = 1000
#: The triggers without which the chain is not kept.
TRIGGERS = frozenset(
    {
        "audit_event_chain",
        "audit_event_head",
        "audit_event_keep",
        "audit_event_whole",
        "audit_lane_guard",
        "audit_lane_keep",
        "audit_lane_whole",
    }
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Anchor:
    """The heads of all lanes as they were written down outside the database.

    Attributes:
        name: what the report calls it.
        heads: of the lanes.
    """

    name: str
    heads: tuple[Head, ...]


@dataclass
class Report:
    """What a verification found.

    Attributes:
        checked: events read.
        heads: of the lanes, as the database keeps them.
        findings: what is wrong, at most :data:`KEPT`, in order of lane and number.
        count: how many things are wrong in all.
        unguarded: triggers that are off or gone.
        since: the moment from which on events were read; None = from the first.
    """

    checked: int = 0
    heads: tuple[Head, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    unguarded: list[str] = field(default_factory=list)
    since: datetime | None = None

    @property
    def head(self) -> str:
        return head_hash(self.heads)

    @property
    def whole(self) -> bool:
        return not self.count

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON is made of it."""
        return {
            "whole": self.whole,
            "checked": self.checked,
            "since": self.since.isoformat() if self.since else None,
            "head": self.head,
            "count": self.count,
            "findings": [finding_as_dict(each) for each in self.findings],
            "unguarded": self.unguarded,
        }


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as JSON is made of it."""
    return {
        "fault": finding.fault.value,
        "lane": finding.lane,
        "number": finding.number,
        "last": finding.last,
        "id": finding.id,
        "at": finding.at.isoformat() if finding.at else None,
        "act": finding.act,
        "values": finding.values,
        "message": finding.message,
    }


def heads_now() -> tuple[Head, ...]:
    """The heads of all lanes, as committed."""
    return tuple(Head(lane.number, lane.length, lane.hash) for lane in Lane.objects.all())


def verify(
    *,
    since: datetime | None = None,
    anchors: Sequence[Anchor] = (),
    progress: Progress = lambda _checked, _total: None,
) -> Report:
    """Verify the chain.

    Args:
        since: read only events from this moment on; the one before them is trusted.
        anchors: heads that were written down, to hold the chain against as well.
        progress: told how many events were read, of how many; may raise to stop.
    """
    with _snapshot():
        heads = heads_now()
        report = Report(heads=heads, since=since, unguarded=unguarded())
        starts = _starts(since) if since else {head.lane: 1 for head in heads}
        total = sum(head.length - starts[head.lane] + 1 for head in heads if head.lane in starts)
        suspects: list[Record] = []
        for lane, head in _lanes(heads):
            if lane in starts:
                walk = LaneWalk(head, _seals(lane, anchors), **_entry(lane, starts[lane]))
                for page in _pages(lane, starts[lane] - 1):
                    for event in page:
                        walk.feed(event)
                    report.checked += len(page)
                    progress(report.checked, max(total, report.checked))
                _take(report, walk.finish())
                suspects += walk.suspects
        _take(report, _outside(heads))
        _name_exchanged(report, suspects)
    return report


@contextmanager
def _snapshot() -> Iterator[None]:
    """One moment of the database for all that is read. Within a transaction: that transaction."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _lanes(heads: Iterable[Head]) -> Iterator[tuple[int, Head]]:
    """Every lane there must be, with its head; one whose head is gone is told by its events."""
    known = {head.lane: head for head in heads}
    for lane in sorted({*known, *range(LANES)} if known else {*range(LANES)}):
        yield lane, known.get(lane, Head(lane, 0, GENESIS))


def _starts(since: datetime) -> dict[int, int]:
    rows = _rows(
        "SELECT lane, min(number) FROM audit_event WHERE at >= %s GROUP BY lane ORDER BY lane",
        since,
    )
    return dict(rows)


def _entry(lane: int, start: int) -> dict[str, Any]:
    """Where the walk begins, and the hash that it takes on trust."""
    place = (lane, start - 1)
    before = _rows("SELECT hash FROM audit_event WHERE lane = %s AND number = %s", *place)
    return {"start": start, "previous": before[0][0] if before else GENESIS}


def _pages(lane: int, after: int) -> Iterator[list[Record]]:
    statement = (
        f"SELECT {COLUMNS} FROM audit_event WHERE lane = %s AND number > %s"
        f" ORDER BY number LIMIT {PAGE}"
    )
    while rows := _rows(statement, lane, after):
        yield [Record(*row) for row in rows]
        after = rows[-1][13]


def _outside(heads: Iterable[Head]) -> list[Finding]:
    """Events in lanes that do not exist."""
    lanes = sorted({head.lane for head in heads} | set(range(LANES)))
    rows = _rows(
        "SELECT lane, number, id, at, act FROM audit_event WHERE lane <> ALL(%s)"
        f" OR number < 1 ORDER BY lane, number LIMIT {KEPT}",
        lanes,
    )
    return [
        Finding(Fault.INSERTED, lane, number, number, key, at, act)
        for lane, number, key, at, act in rows
    ]


def _seals(lane: int, anchors: Iterable[Anchor]) -> list[Seal]:
    """What checkpoints and anchors say of a lane, one for each length."""
    rows = _rows(
        "SELECT after->'lanes'->>%s, id FROM audit_event WHERE act = %s ORDER BY id",
        str(lane),
        SEAL_CHAIN.name,
    )
    told = [(said, f"#{key}") for text, key in rows if (said := _said(text))]
    told += [
        ((head.length, head.hash), anchor.name)
        for anchor in anchors
        for head in anchor.heads
        if head.lane == lane
    ]
    seals: dict[tuple[int, str], Seal] = {}
    for (number, hashed), source in told:
        if number > 0:
            seals.setdefault((number, hashed), Seal(number, hashed, source))
    return list(seals.values())


def _said(text: str | None) -> tuple[int, str] | None:
    """Length and hash of a checkpoint's entry; what was tampered with says nothing."""
    try:
        number, hashed = json.loads(text or "")
    except (ValueError, TypeError):
        return None
    return (number, hashed) if isinstance(number, int) and isinstance(hashed, str) else None


def _take(report: Report, findings: Sequence[Finding]) -> None:
    report.count += len(findings)
    report.findings += findings[: max(0, KEPT - len(report.findings))]


def _name_exchanged(report: Report, suspects: list[Record]) -> None:
    places = exchanged(suspects)
    report.findings = [
        Finding(
            Fault.MOVED, each.lane, each.number, each.last, each.id, each.at, each.act,
            dict(zip(("lane", "number"), places[each.id], strict=True)),
        )
        if each.fault is Fault.CHANGED and each.id in places
        else each
        for each in report.findings
    ]  # fmt: skip


def unguarded() -> list[str]:
    """The triggers that are switched off or gone, by name."""
    on = _rows(
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        " AND tgrelid IN ('audit_event'::regclass, 'audit_lane'::regclass)"
    )
    return sorted(TRIGGERS - {name for (name,) in on})


def read_anchor(text: str, name: str) -> Anchor:
    """An anchor from what ``huiyin audit head --json`` printed.

    Raises:
        Problem: ``unreadable-anchor``.
    """
    from huiyin.problems import UNREADABLE_ANCHOR

    try:
        lanes = json.loads(text)["lanes"]
        heads = tuple(Head(int(lane), int(n), str(hashed)) for lane, (n, hashed) in lanes.items())
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise UNREADABLE_ANCHOR(place=name) from wrong
    if json.loads(text).get("head") != head_hash(heads):
        raise UNREADABLE_ANCHOR(place=name)
    return Anchor(name, heads)


def anchor_of_hash(head: str) -> Anchor:
    """The anchor of which only the hash was written down: a checkpoint that sealed it.

    Raises:
        Problem: ``unknown-anchor``: no checkpoint, and not the present head, has this hash.
    """
    from huiyin.problems import UNKNOWN_ANCHOR

    now = heads_now()
    if head_hash(now) == head:
        return Anchor(_("present head"), now)
    rows = _rows(
        "SELECT after::text FROM audit_event WHERE act = %s AND after->>'head' = %s LIMIT 1",
        SEAL_CHAIN.name,
        head,
    )
    if not rows:
        raise UNKNOWN_ANCHOR(place=head[:12])
    return read_anchor(rows[0][0], head[:12])


def head_as_dict(heads: Sequence[Head], now: datetime) -> Mapping[str, Any]:
    """The head of the chain as it is to be kept outside."""
    return {
        "format": 1,
        "at": now.isoformat(),
        "events": sum(head.length for head in heads),
        "head": head_hash(heads),
        "lanes": {str(head.lane): [head.length, head.hash] for head in sorted(heads)},
    }
