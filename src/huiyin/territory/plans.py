"""The words in which a plan of an import is written: rows, what becomes of regions, and why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar

from huiyin.problems import (
    DIVISION_CLASS,
    DIVISION_LEVEL,
    DIVISION_WITHOUT_PARENT,
    Problem,
)
from huiyin.territory import rules
from huiyin.territory.rules import LEVEL_TITLES, Level, Reason

T = TypeVar("T")
_SEPARATORS = re.compile(r"[\s,;、，；/]+")
#: Other words for the levels, as files have them.
_SAID = {
    Level.PROVINCE: ("省", "省级", "自治区", "直辖市"),
    Level.CITY: ("市", "市级", "地", "地级", "州", "地市级"),
    Level.COUNTY: ("县", "县级", "区", "区县", "县市区", "区县级"),
    Level.TOWN: ("乡", "乡级", "镇", "街道", "乡镇", "乡镇街道", "乡镇级"),
    Level.VILLAGE: ("村", "村级", "社区", "村社区", "村居"),
    Level.GRID: ("网格",),
}


class Spot(NamedTuple):
    """Where a row stands: name of the file (and sheet), and its number there."""

    file: str
    row: int


class Row(NamedTuple):
    """One row as it was read; everything is text, "" = not given."""

    spot: Spot
    code: str
    name: str
    parent: str = ""
    level: str = ""
    urban_rural: str = ""
    former: str = ""
    since: str = ""


class Known(NamedTuple):
    """A region that holds now."""

    code: str
    name: str
    level: int
    parent: str
    urban_rural: str = ""
    since: date | None = None


class Wanted(NamedTuple):
    """A row that was understood."""

    spot: Spot
    code: str
    name: str
    level: Level
    urban_rural: str
    former: tuple[str, ...]
    since: date | None
    given_parent: str
    parent: str = ""


class Move(NamedTuple):
    """A region that goes on under a new code or name (or both)."""

    spot: Spot
    before: str
    code: str
    name: str
    former_name: str
    level: int
    parent: str
    urban_rural: str
    on: date
    reason: Reason


class Follow(NamedTuple):
    """An ended region and one that followed it, where one does not simply go on as the other."""

    spot: Spot
    before: str
    after: str
    on: date
    reason: Reason


class End(NamedTuple):
    """A region that ends."""

    code: str
    name: str
    on: date


class Reclass(NamedTuple):
    """A region whose urban–rural class is another than before."""

    spot: Spot
    code: str
    name: str
    before: str
    after: str


class Twice(NamedTuple):
    """A row that says again what another row says."""

    spot: Spot
    code: str
    name: str
    first: Spot


class Rejected(NamedTuple):
    """A row that cannot be taken, and why."""

    spot: Spot
    code: str
    name: str
    column: str
    problem: Problem


@dataclass
class Plan:
    """What an import would do.

    Attributes:
        added: regions that are new, those above before those below.
        moved: regions that are renamed, upgraded or re-coded, those above before those below.
        implied: regions below a moved one that the files do not list and that move with it.
        followed: links from regions that end to those that follow them (merged, split).
        ended: regions that end.
        reclassed: regions of another urban–rural class.
        unchanged: how many rows say what is known.
        duplicates: rows that say the same as an earlier row; taken once.
        rejected: rows that cannot be taken.
    """

    added: list[Wanted] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    implied: list[Move] = field(default_factory=list)
    followed: list[Follow] = field(default_factory=list)
    ended: list[End] = field(default_factory=list)
    reclassed: list[Reclass] = field(default_factory=list)
    unchanged: int = 0
    duplicates: list[Twice] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def renamed(self) -> list[Move]:
        return [move for move in self.moved if move.reason is Reason.RENAMED]

    @property
    def succeeded(self) -> list[Move]:
        return [move for move in self.moved if move.reason is not Reason.RENAMED]

    @property
    def without_parent(self) -> list[Rejected]:
        return [each for each in self.rejected if each.problem.kind is DIVISION_WITHOUT_PARENT]

    @property
    def conflicting(self) -> list[Rejected]:
        return [each for each in self.rejected if each.problem.kind is not DIVISION_WITHOUT_PARENT]

    @property
    def changes(self) -> int:
        """How many regions would be other than they are."""
        parts = (self.added, self.moved, self.implied, self.ended, self.reclassed)
        return sum(len(part) for part in parts)

    def counts(self) -> dict[str, int]:
        """How many of each kind, in the order in which people are told."""
        return {
            "added": len(self.added),
            "renamed": len(self.renamed),
            "succeeded": len(self.succeeded),
            "implied": len(self.implied),
            "merged_or_split": len(self.followed),
            "reclassed": len(self.reclassed),
            "ended": len(self.ended),
            "unchanged": self.unchanged,
            "duplicate": len(self.duplicates),
            "without_parent": len(self.without_parent),
            "conflicting": len(self.conflicting),
        }


def understood(row: Row) -> Wanted:
    """A row as code, level, name and the rest.

    Raises:
        Problem: what of it cannot be read; its place is the column.
    """
    code, level = rules.parse_code(row.code)
    if row.level:
        _check_level(row.level, code, level)
    return Wanted(
        row.spot,
        code,
        _at("name", rules.parse_name, row.name),
        level,
        _urban_rural(row.urban_rural) if row.urban_rural else "",
        _former(row.former) if row.former else (),
        _at("since", rules.parse_date, row.since) if row.since else None,
        _at("parent", rules.parse_code, row.parent)[0] if row.parent else "",
    )


def _at(column: str, parse: Callable[[str], T], text: str) -> T:
    """What the parser makes of a cell; a problem is told with its column."""
    try:
        return parse(text)
    except Problem as wrong:
        wrong.place = column
        raise


def _check_level(text: str, code: str, level: Level) -> None:
    given = rules.half_width(text)
    title = str(LEVEL_TITLES[level])
    if given.lower() not in {str(int(level)), level.name.lower(), title.lower(), *_SAID[level]}:
        raise DIVISION_LEVEL(place="level", code=code, found=title, given=given[:20])


def _urban_rural(text: str) -> str:
    given = rules.half_width(text).removesuffix(".0")
    if given not in rules.URBAN_RURAL_TITLES:
        raise DIVISION_CLASS(place="urban_rural", given=given[:20])
    return given


def _former(text: str) -> tuple[str, ...]:
    codes = (each for each in _SEPARATORS.split(text) if each)
    return tuple(_at("former", rules.parse_code, each)[0] for each in codes)
