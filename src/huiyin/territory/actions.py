"""Every change to regions: one by one, each with its event, or by files, with one for the whole.

What an import did to a single region is found through the region itself: it keeps the import that
added it, and each succession the import that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Act, Actor, Place, may, require
from huiyin.problems import (
    DIVISION_CODE_TAKEN,
    DIVISION_ENDED,
    DIVISION_FUTURE,
    DIVISION_HAS_BELOW,
    DIVISION_MEANWHILE,
    DIVISION_OUTSIDE,
    DIVISION_REJECTED,
    DIVISION_TOO_EARLY,
)
from huiyin.territory import acts, planning, queries, rules, telling, writing
from huiyin.territory.models import DivisionImport, ImportStatus, Region
from huiyin.territory.plans import End, Plan, Row, Spot
from huiyin.territory.writing import Tell

#: Rows of a form stand in no file.
BY_HAND = Spot("", 0)


def place_of_region(region: Region) -> Place:
    return Place(region=region.code)


# One region


def add_region(
    actor: Actor, code: str, name: str, *, urban_rural: str = "", since: date | None = None
) -> Region:
    """Add a region below those that its code names.

    Raises:
        Problem: the code or name cannot be taken, the code is in force, nothing lies above it, or
            the actor may not.
    """
    full, _level = rules.parse_code(code)
    with performing(actor, acts.ADD_REGION, Place(region=full)) as changed:
        writing.lock()
        taken = queries.living().filter(code=full).first()
        if taken:
            raise DIVISION_CODE_TAKEN(place="code", code=full, name=taken.name)
        day = since.isoformat() if since else ""
        row = Row(BY_HAND, full, name, urban_rural=urban_rural, since=day)
        _write_row(row, since or date.min)
        region = queries.region_of(full)
        touched(changed, region)
        changed.after = _values(region)
    return region


def rename_region(actor: Actor, region: Region, name: str, on: date, today: date) -> Region:
    """Give a region a new name from a day on; the former name is kept with its dates.

    Raises:
        Problem: the name cannot be taken, the region has ended, the day is before it began or
            still to come, or the actor may not.
    """
    return _change(actor, acts.RENAME_REGION, region, [Row(BY_HAND, region.code, name)], on, today)


def succeed_region(
    actor: Actor,
    region: Region,
    successors: Sequence[tuple[str, str]],
    on: date,
    today: date,
) -> Region:
    """Record what follows a region from a day on.

    One new code: the region goes on under it, with all below. One code in force: it is merged into
    that region. Several: it is split among them, and what lies below ends unless a file says where
    it goes.

    Args:
        successors: code and name of each; an empty name keeps the name of the region in force.

    Raises:
        Problem: as for a file with these rows and this former code, or the actor may not.
    """
    rows = []
    for code, name in successors:
        full, _level = rules.parse_code(code)
        known = queries.living().filter(code=full).first()
        said = name or (known.name if known else region.name)
        require(actor, acts.SUCCEED_REGION, Place(region=full))
        rows.append(Row(BY_HAND, full, said, former=region.code))
    return _change(actor, acts.SUCCEED_REGION, region, rows, on, today)


def end_region(actor: Actor, region: Region, on: date, today: date) -> Region:
    """End a region that nothing follows; ``on`` is the first day on which it no longer holds.

    Raises:
        Problem: regions still lie in it, it has ended, the day is before it began or still to
            come, or the actor may not.
    """
    with performing(actor, acts.END_REGION, place_of_region(region)) as changed:
        writing.lock()
        region = _in_force(region, on, today)
        count = queries.below(region).count()
        if count:
            raise DIVISION_HAS_BELOW(name=region.name, count=count)
        changed.before = _values(region)
        writing.write(Plan(ended=[End(region.code, region.name, on)]))
        region.refresh_from_db()
        touched(changed, region)
        changed.after = _values(region)
    return region


def _change(
    actor: Actor, act: Act, region: Region, rows: Sequence[Row], on: date, today: date
) -> Region:
    with performing(actor, act, place_of_region(region)) as changed:
        writing.lock()
        region = _in_force(region, on, today)
        changed.before = _values(region)
        plan = _plan(rows, on)
        writing.write(plan)
        region.refresh_from_db()
        touched(changed, region)
        changed.after = _values(region)
        if plan.followed:
            changed.after["followed_by"] = [
                f"{each.after} {each.reason.value}" for each in plan.followed
            ]
        if plan.implied:
            changed.after["moved_along"] = len(plan.implied)
    return region


def _in_force(region: Region, on: date, today: date) -> Region:
    """The region as it is now, if it may change on the day."""
    if on > today:
        raise DIVISION_FUTURE(place="on", today=today.isoformat())
    region.refresh_from_db()
    if region.valid_until is not None:
        raise DIVISION_ENDED(name=region.name, until=region.valid_until.isoformat())
    if region.valid_from is not None and on <= region.valid_from:
        since = region.valid_from.isoformat()
        raise DIVISION_TOO_EARLY(place="on", code=region.code, since=since)
    return region


def _plan(rows: Sequence[Row], on: date) -> Plan:
    stems = {rules.stem(rules.parse_code(row.code)[0], rules.Level.PROVINCE) for row in rows}
    stems |= {row.former[:2] for row in rows if row.former}
    plan = planning.plan(queries.known_in(sorted(stems)), rows, on, by_name=False)
    for rejected in plan.rejected:
        rejected.problem.place = rejected.column
        raise rejected.problem
    return plan


def _write_row(row: Row, on: date) -> None:
    writing.write(_plan([row], on))


def _values(region: Region) -> dict[str, object]:
    return {
        "code": region.code,
        "name": region.name,
        "urban_rural": region.urban_rural,
        "valid_from": region.valid_from,
        "valid_until": region.valid_until,
    }


# Files


def stem_of(plan: Plan) -> str:
    """The digits that all codes that a plan changes have in common, cut to a level."""
    codes = [each.code for each in plan.added]
    for move in [*plan.moved, *plan.implied]:
        codes += [move.before, move.code]
    codes += [code for each in plan.followed for code in (each.before, each.after)]
    codes += [each.code for each in plan.ended] + [each.code for each in plan.reclassed]
    return rules.common_stem(codes)


def place_of_plan(plan: Plan) -> Place | None:
    """The smallest region that holds all that a plan changes; None = it changes nothing."""
    stem = stem_of(plan)
    if not plan.changes and not plan.followed:
        return None
    return Place(region=rules.full_code(stem) if stem else "")


def plan_files(rows: Sequence[Row], on: date) -> Plan:
    """What importing the rows would do now; rows that cannot be taken are in the plan too."""
    return planning.plan(queries.known_in(_provinces(rows)), rows, on)


def _provinces(rows: Sequence[Row]) -> list[str]:
    heads = {rules.half_width(code[:2]) for row in rows for code in (row.code, row.former) if code}
    return sorted(head for head in heads if len(head) == 2 and head.isdigit())


def write_files(
    actor: Actor,
    handed: DivisionImport,
    rows: Sequence[Row],
    *,
    leave_out: bool,
    now: datetime,
    tell: Tell | None = None,
) -> Plan:
    """Import the rows of files; all of it or nothing, with one event that holds the counts.

    Args:
        handed: the import; if it holds the digest of a preview, the plan must still be that one.
        leave_out: whether rows that cannot be taken are left out; otherwise they stop the import.

    Raises:
        Problem: ``division-rejected``, ``division-meanwhile``, ``division-outside``, or the actor
            may not import at all.
    """
    require(actor, acts.IMPORT_DIVISIONS)
    with transaction.atomic():
        writing.lock()
        plan = plan_files(rows, handed.on)
        _check_plan(actor, plan, handed, leave_out=leave_out)
        with performing(actor, acts.IMPORT_DIVISIONS, place_of_plan(plan)) as changed:
            writing.write(plan, handed, tell or (lambda share: None))
            handed.status, handed.done_at, handed.counts = ImportStatus.DONE, now, plan.counts()
            handed.save(update_fields=["status", "done_at", "counts"])
            touched(changed, handed, label=", ".join(map(str, handed.files)))
            changed.after = {"on": handed.on, **plan.counts()}
    return plan


def _check_plan(actor: Actor, plan: Plan, handed: DivisionImport, *, leave_out: bool) -> None:
    if handed.digest and telling.digest_of(plan) != handed.digest:
        raise DIVISION_MEANWHILE()
    if plan.rejected and not leave_out:
        raise DIVISION_REJECTED(count=len(plan.rejected))
    place = place_of_plan(plan)
    if place and not may(actor, acts.IMPORT_DIVISIONS, place):
        names = "、".join(queries.reach_of(actor).values_list("name", flat=True)[:5])
        raise DIVISION_OUTSIDE(region=names)
