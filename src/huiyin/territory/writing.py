"""A plan written to the database, in the transaction now open.

Rows go in by COPY and are joined to their parents level by level, so the time grows with the rows
and with nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from huiyin.furniture.turns import in_turn
from huiyin.territory.models import DivisionImport, Region, Succession
from huiyin.territory.names import initials_of
from huiyin.territory.plans import Follow, Move, Plan, Wanted
from huiyin.territory.rules import Level, ancestors

#: Told the share done, 0–1.
Tell = Callable[[float], None]
CHUNK = 50_000


def _silent(share: float) -> None:
    return None


def lock() -> None:
    """Let no other plan be made or written until this transaction ends."""
    in_turn("territory.divisions")


def write(plan: Plan, source: DivisionImport | None = None, tell: Tell = _silent) -> None:
    """Do what a plan says. Rejected rows are left out; whether that may be is asked before.

    Args:
        source: the import that it comes from, kept with each region and succession.
        tell: told the share of the work done.
    """
    key = source.pk if source else None
    moves = [*plan.moved, *plan.implied]
    if moves:  # codes of parents and children change one after the other
        _execute("SET CONSTRAINTS region_lies_in_its_parent DEFERRED")
        _stage_moves(moves)
    _move(moves)
    _add(plan.added, key, tell)
    _settle(moves, key)
    _end(plan)
    _follow(plan.followed, key)
    _reclass(plan)
    if moves:
        _execute("SET CONSTRAINTS region_lies_in_its_parent IMMEDIATE")
        _execute("DROP TABLE territory_moves, territory_was")
    if len(plan.added) > CHUNK // 10:
        _execute("ANALYZE territory_region")
    tell(1.0)


def _execute(statement: str, values: Sequence[int | None] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _copy(statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


# New regions


def _add(added: Sequence[Wanted], source: int | None, tell: Tell) -> None:
    """Insert new regions; they come sorted with those above before those below."""
    if not added:
        return
    _execute(
        "CREATE TEMP TABLE territory_new (code varchar, name varchar, level smallint,"
        " parent varchar, initials varchar, urban_rural varchar, since date) ON COMMIT DROP"
    )
    done = 0
    for level in Level:
        rows = [each for each in added if each.level == level]
        for at in range(0, len(rows), CHUNK):
            _add_chunk(rows[at : at + CHUNK], source)
            done += len(rows[at : at + CHUNK])
            tell(done / len(added))
    _execute("DROP TABLE territory_new")
    _adopt()


def _adopt() -> None:
    """Put regions that lay in none below what they lie in, where that is here now."""
    alone = Region.objects.filter(parent=None, valid_until=None, level__gt=Level.PROVINCE)
    for region in alone:
        above = list(ancestors(region.code))
        found = Region.objects.filter(code__in=above, valid_until=None).order_by("-level").first()
        if found:
            region.parent = found
            region.save(update_fields=["parent"])


def _add_chunk(rows: Sequence[Wanted], source: int | None) -> None:
    _copy(
        "COPY territory_new FROM STDIN",
        (
            (
                each.code, each.name, int(each.level), each.parent or None,
                initials_of(each.name, each.level), each.urban_rural, each.since,
            )
            for each in rows
        ),
    )  # fmt: skip
    _execute(
        "INSERT INTO territory_region"
        " (code, name, level, parent_id, initials, urban_rural, valid_from, source_id)"
        " SELECT new.code, new.name, new.level, parent.id, new.initials, new.urban_rural,"
        " new.since, %s FROM territory_new new LEFT JOIN territory_region parent"
        " ON parent.code = new.parent AND parent.valid_until IS NULL ORDER BY new.code",
        [source],
    )
    _execute("TRUNCATE territory_new")


# Regions that go on under another name or code


def _stage_moves(moves: Sequence[Move]) -> None:
    _execute(
        "CREATE TEMP TABLE territory_moves (former varchar PRIMARY KEY, code varchar,"
        " name varchar, parent varchar, initials varchar, urban_rural varchar, since date,"
        " reason varchar) ON COMMIT DROP"
    )
    _copy(
        "COPY territory_moves FROM STDIN",
        (
            (
                each.before, each.code, each.name, each.parent,
                initials_of(each.name, each.level), each.urban_rural, each.on, each.reason.value,
            )
            for each in moves
        ),
    )  # fmt: skip
    _execute(
        "CREATE TEMP TABLE territory_was ON COMMIT DROP AS SELECT r.*, m.since, m.reason"
        " FROM territory_region r JOIN territory_moves m"
        " ON m.former = r.code AND r.valid_until IS NULL"
    )


def _move(moves: Sequence[Move]) -> None:
    """Give the regions their new names and codes; whatever refers to them goes along."""
    if moves:
        _execute(
            "UPDATE territory_region r SET code = m.code, name = m.name, initials = m.initials,"
            " urban_rural = m.urban_rural, valid_from = m.since"
            " FROM territory_moves m WHERE m.former = r.code AND r.valid_until IS NULL"
        )


def _settle(moves: Sequence[Move], source: int | None) -> None:
    """Put moved regions below their parents, and keep beside each what it was."""
    if not moves:
        return
    _execute(
        "UPDATE territory_region r SET parent_id = parent.id FROM territory_moves m"
        " JOIN territory_region parent ON parent.code = m.parent AND parent.valid_until IS NULL"
        " WHERE r.code = m.code AND r.valid_until IS NULL"
        " AND r.parent_id IS DISTINCT FROM parent.id"
    )
    for level in Level:  # what a region was lay in what the region above was
        _execute(
            "INSERT INTO territory_region (code, name, level, parent_id, initials, urban_rural,"
            " valid_from, valid_until, source_id)"
            " SELECT was.code, was.name, was.level, coalesce(above.id, was.parent_id),"
            " was.initials, was.urban_rural, was.valid_from, was.since - 1, was.source_id"
            " FROM territory_was was"
            " LEFT JOIN territory_was parent ON parent.id = was.parent_id"
            " LEFT JOIN territory_region above ON above.code = parent.code"
            " AND above.valid_until = parent.since - 1"
            " WHERE was.level = %s",
            [int(level)],
        )
    _execute(  # what ended, or ends now, below a region that moved stays below what that was
        "UPDATE territory_region r SET parent_id = old.id FROM territory_was was"
        " JOIN territory_region old ON old.code = was.code AND old.valid_until = was.since - 1"
        " JOIN territory_region new ON new.id = was.id"
        " WHERE r.parent_id = was.id AND NOT starts_with(r.code,"
        " territory_stem(new.code, new.level))"
    )
    _execute(
        'INSERT INTO territory_succession (before_id, after_id, "on", reason, source_id)'
        " SELECT old.id, was.id, was.since, was.reason, %s FROM territory_was was"
        " JOIN territory_region old ON old.code = was.code AND old.valid_until = was.since - 1",
        [source],
    )


# Regions that end, and what follows them


def _end(plan: Plan) -> None:
    ended = {each.code: each.on - timedelta(days=1) for each in plan.ended}
    regions = list(Region.objects.filter(code__in=ended, valid_until=None))
    for region in regions:
        region.valid_until = ended[region.code]
    Region.objects.bulk_update(regions, ["valid_until"], batch_size=1000)


def _follow(followed: Sequence[Follow], source: int | None) -> None:
    """Link ended regions to those that follow them."""
    codes = {each.after for each in followed}
    after = {r.code: r.pk for r in Region.objects.filter(code__in=codes, valid_until=None)}
    before: dict[tuple[str, Any], int] = {
        (r.code, r.valid_until): r.pk
        for r in Region.objects.filter(code__in={each.before for each in followed})
    }
    Succession.objects.bulk_create(
        Succession(
            before_id=before[each.before, each.on - timedelta(days=1)],
            after_id=after[each.after],
            on=each.on,
            reason=each.reason.value,
            source_id=source,
        )
        for each in followed
    )


def _reclass(plan: Plan) -> None:
    classes = {each.code: each.after for each in plan.reclassed}
    for at in range(0, len(plan.reclassed), CHUNK):
        codes = [each.code for each in plan.reclassed[at : at + CHUNK]]
        regions = list(Region.objects.filter(code__in=codes, valid_until=None))
        for region in regions:
            region.urban_rural = classes[region.code]
        Region.objects.bulk_update(regions, ["urban_rural"], batch_size=1000)
