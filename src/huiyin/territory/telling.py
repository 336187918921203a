"""A plan in words: as a file that lists every change, and as examples for a page."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.furniture.tables.export import guarded
from huiyin.problems import DIVISION_WITHOUT_PARENT
from huiyin.territory.plans import Move, Plan, Rejected, Spot
from huiyin.territory.rules import REASON_TITLES, Reason

#: How many of each kind a page shows; all of them are in the file.
SHOWN = 100
KINDS: dict[str, str | Promise] = {
    "without_parent": gettext_lazy("Without a region above"),
    "conflicting": gettext_lazy("Cannot be taken"),
    "succeeded": gettext_lazy("Follow another region"),
    "implied": gettext_lazy("Move along with the region above"),
    "merged_or_split": gettext_lazy("Merged or split"),
    "renamed": gettext_lazy("Renamed"),
    "ended": gettext_lazy("Ended with nothing after it"),
    "reclassed": gettext_lazy("Other urban–rural class"),
    "added": gettext_lazy("Added"),
    "duplicate": gettext_lazy("Said twice, taken once"),
}
COLUMNS: dict[str, str | Promise] = {
    "code": gettext_lazy("Code"),
    "name": gettext_lazy("Name"),
    "parent": gettext_lazy("Code of the region above"),
    "level": gettext_lazy("Level"),
    "urban_rural": gettext_lazy("Urban–rural class"),
    "former": gettext_lazy("Former code"),
    "since": gettext_lazy("Valid from"),
}
#: Kind, file, row, code, name, before, note.
Line = tuple[str, str, int, str, str, str, str]


def place_of(spot: Spot) -> str:
    """File and row, as people say it."""
    return _("{file}, row {row}").format(file=spot.file, row=spot.row)


def lines(plan: Plan) -> Iterator[Line]:
    """Every change and every row that is not taken, kind by kind; what matters most first."""
    for each in [*plan.without_parent, *plan.conflicting]:
        yield _rejected(each)
    for kind, moves in (
        ("succeeded", plan.succeeded),
        ("implied", plan.implied),
        ("renamed", plan.renamed),
    ):
        yield from (_moved(kind, move) for move in moves)
    for follow in plan.followed:
        note = str(REASON_TITLES[follow.reason])
        yield ("merged_or_split", *follow.spot, follow.after, "", follow.before, note)
    for end in plan.ended:
        yield ("ended", "", 0, end.code, end.name, "", end.on.isoformat())
    for re in plan.reclassed:
        yield ("reclassed", *re.spot, re.code, re.name, re.before, re.after)
    for new in plan.added:
        yield ("added", *new.spot, new.code, new.name, "", "")
    for twice in plan.duplicates:
        yield ("duplicate", *twice.spot, twice.code, twice.name, "", place_of(twice.first))


def _rejected(each: Rejected) -> Line:
    lost = each.problem.kind is DIVISION_WITHOUT_PARENT
    column = COLUMNS.get(each.column, "")
    note = each.problem.message
    if column:
        note = _("{column}: {message}").format(column=column, message=note)
    kind = "without_parent" if lost else "conflicting"
    return (kind, *each.spot, each.code, each.name, "", note)


def _moved(kind: str, move: Move) -> Line:
    before = f"{move.before} {move.former_name}"
    if move.reason is Reason.RENAMED:
        before = move.former_name
    note = f"{REASON_TITLES[move.reason]} {move.on.isoformat()}"
    return (kind, *move.spot, move.code, move.name, before, note)


def digest_of(plan: Plan) -> str:
    """What tells one plan from another, whatever language it is told in."""
    sha = hashlib.sha256()
    for line in lines(plan):
        sha.update("\t".join(map(str, line[:6])).encode())
    sha.update(str(plan.unchanged).encode())
    return sha.hexdigest()


def examples(plan: Plan) -> dict[str, list[list[Any]]]:
    """The first lines of each kind, for a page."""
    shown: dict[str, list[list[Any]]] = {}
    for line in lines(plan):
        kept = shown.setdefault(line[0], [])
        if len(kept) < SHOWN:
            kept.append(list(line[1:]))
    return shown


def write_listing(plan: Plan, file: IO[str]) -> None:
    """The whole plan as CSV; the reason stands in the last column."""
    writer = csv.writer(file)
    writer.writerow(
        [_("What happens"), _("File"), _("Row"), _("Code"), _("Name"), _("Before"), _("Reason")]
    )
    for kind, name, row, *rest in lines(plan):
        cells = [str(KINDS[kind]), name, row or "", *rest]
        writer.writerow([guarded(cell) for cell in cells])


def first_rejected(plan: Plan, most: int = 20) -> list[str]:
    """The first rows that cannot be taken, a sentence each."""
    return [
        f"{place_of(each.spot)}: {each.code} {each.name}: {each.problem.message}"
        for each in islice(plan.rejected, most)
    ]
