"""What importing a division file would do, worked out before anything is done.

Pure: regions that hold now and rows of files in, a plan out. Importing the same file twice changes
nothing the second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from huiyin.problems import (
    DIVISION_CODE_TAKEN,
    DIVISION_FORMER_STAYS,
    DIVISION_FORMER_UNKNOWN,
    DIVISION_OTHER_PARENT,
    DIVISION_TOO_EARLY,
    DIVISION_TWICE,
    DIVISION_WITHOUT_PARENT,
    Problem,
)
from huiyin.territory import rules
from huiyin.territory.plans import (
    End,
    Follow,
    Known,
    Move,
    Plan,
    Reclass,
    Rejected,
    Row,
    Spot,
    Twice,
    Wanted,
    understood,
)
from huiyin.territory.rules import STEM_LENGTH, Level, Reason


def plan(present: Iterable[Known], rows: Iterable[Row], on: date, *, by_name: bool = True) -> Plan:
    """What importing the rows would do to the regions that hold now.

    A region follows another if its row names the former code, or if the old code is no longer in
    the files and exactly one new code of the same level and parent has the same name but for the
    word for its kind (邵东县 → 邵东市). What lies below moves along: to the code of the row with
    its name, else to the same last digits below the new code; where the files list what lies below
    and it is not among that, it ends.

    Args:
        present: the regions that hold now, of at least the provinces that the rows speak of.
        rows: as read from the files, in their order.
        on: the day from which changes hold, for rows that do not say.
        by_name: whether names show what follows what; not where a person names one region.
    """
    return _Planner(present, on, by_name).plan(rows)


class _Planner:
    """The state of working out one plan."""

    def __init__(self, present: Iterable[Known], on: date, by_name: bool) -> None:
        self.by_name = by_name
        self.present = {known.code: known for known in present}
        self.on = on
        self.result = Plan()
        self.wanted: dict[str, Wanted] = {}
        #: Codes of regions that move on, with their new codes.
        self.moves: dict[str, str] = {}
        #: Codes of regions that end because others followed them.
        self.left: dict[str, date] = {}

    def plan(self, rows: Iterable[Row]) -> Plan:
        self._understand(rows)
        self._find_parents()
        self._sort_out()
        self._carry_along()
        self._end()
        self.result.added.sort(key=lambda each: (each.level, each.code))
        return self.result

    # Rows

    def _understand(self, rows: Iterable[Row]) -> None:
        torn: set[str] = set()
        for row in rows:
            try:
                wanted = understood(row)
            except Problem as wrong:
                self._reject(row, wrong.place or "code", wrong)
                continue
            first = self.wanted.setdefault(wanted.code, wanted)
            if first is wanted:
                continue
            if first.name == wanted.name:
                self.result.duplicates.append(
                    Twice(wanted.spot, wanted.code, wanted.name, first.spot)
                )
            else:
                torn.add(wanted.code)
                self._reject(wanted, "name", _twice(wanted, first))
        for code in torn:  # which of them is right is not ours to say: none is taken
            first = self.wanted.pop(code)
            other = next(each for each in self.result.rejected if each.code == code)
            self._reject(first, "name", _twice(first, other))

    def _reject(self, row: Row | Wanted, column: str, wrong: Problem) -> None:
        self.result.rejected.append(Rejected(row.spot, row.code, row.name, column, wrong))

    def _find_parents(self) -> None:
        """Give each row the nearest region above it, here or in the files; drop those without."""
        root = self._root()
        for code in sorted(self.wanted, key=lambda code: (self.wanted[code].level, code)):
            wanted = self.wanted[code]
            parent = next(rules.ancestors(code), "")
            known = parent in self.wanted or parent in self.present
            if not known and code != root and (parent or wanted.level > Level.PROVINCE):
                values = {"code": code, "name": wanted.name, "parent": parent}
                self._drop(wanted, "code", DIVISION_WITHOUT_PARENT(**values))
            elif wanted.given_parent and known and wanted.given_parent != parent:
                values = {"code": code, "found": parent, "given": wanted.given_parent}
                self._drop(wanted, "parent", DIVISION_OTHER_PARENT(**values))
            else:
                self.wanted[code] = wanted._replace(parent=parent if known else "")

    def _root(self) -> str:
        """The one region that may lie in none: a city or county in which all others lie."""
        roots = [code for code, known in self.present.items() if not known.parent]
        if roots:
            return min(roots) if len(roots) == 1 else ""
        top = min(self.wanted.values(), key=lambda each: (each.level, each.code), default=None)
        if top is None or top.level > Level.COUNTY:
            return ""
        stem = rules.stem(top.code, top.level)
        spoken_of = [*self.wanted, *(each.code for each in self.result.rejected)]
        return top.code if all(code.startswith(stem) for code in spoken_of) else ""

    def _drop(self, wanted: Wanted, column: str, wrong: Problem) -> None:
        del self.wanted[wanted.code]
        self._reject(wanted, column, wrong)

    # What becomes of each

    def _sort_out(self) -> None:
        by_level: defaultdict[int, list[Wanted]] = defaultdict(list)
        for wanted in self.wanted.values():
            by_level[wanted.level].append(wanted)
        claims = self._claims()
        for level in sorted(by_level):
            new = []
            for wanted in by_level[level]:
                if self._stands_on_nothing(wanted):
                    continue
                if wanted.former and self._claim(wanted, claims):
                    continue
                known = self.present.get(wanted.code)
                if known:
                    self._compare(wanted, known)
                else:
                    new.append(wanted)
            self._match_by_name(level, new)

    def _stands_on_nothing(self, wanted: Wanted) -> bool:
        """Drop a row whose region above was dropped, or goes on under another code."""
        old = next(filter(self._gone_on, rules.ancestors(wanted.code)), "")
        parent = wanted.parent
        if old:
            self._drop(wanted, "code", DIVISION_FORMER_STAYS(former=old))
        elif parent and parent not in self.wanted and parent not in self.present:
            values = {"code": wanted.code, "name": wanted.name, "parent": parent}
            self._drop(wanted, "code", DIVISION_WITHOUT_PARENT(**values))
        else:
            return False
        return True

    def _gone_on(self, code: str) -> bool:
        return code in self.moves or code in self.left

    def _claims(self) -> Mapping[str, int]:
        """How many rows name each former code that holds now."""
        claims: defaultdict[str, int] = defaultdict(int)
        for wanted in self.wanted.values():
            for former in wanted.former:
                claims[former] += former in self.present
        return claims

    def _claim(self, wanted: Wanted, claims: Mapping[str, int]) -> bool:
        """Take a row that names former codes; False = it has nothing more to do than others."""
        known = self.present.get(wanted.code)
        living = [f for f in wanted.former if f in self.present and f != wanted.code]
        if known and not living:
            return False  # it was imported before
        if any(former not in self.present for former in wanted.former):
            unknown = next(f for f in wanted.former if f not in self.present)
            self._drop(wanted, "former", DIVISION_FORMER_UNKNOWN(former=unknown))
            return True
        stays = next((f for f in living if f in self.wanted), None)
        if stays:
            self._drop(wanted, "former", DIVISION_FORMER_STAYS(former=stays))
            return True
        if any(self._too_early(wanted, self.present[former]) for former in living):
            return True
        if len(living) == 1 and claims[living[0]] == 1 and not known:
            self._move(wanted, self.present[living[0]])
            return True
        self._follow(wanted, living, claims)
        return known is None  # a region that takes in another may have a new name besides

    def _follow(self, wanted: Wanted, living: list[str], claims: Mapping[str, int]) -> None:
        on = wanted.since or self.on
        for former in living:
            reason = Reason.SPLIT if claims[former] > 1 else Reason.MERGED
            self.result.followed.append(Follow(wanted.spot, former, wanted.code, on, reason))
            self.left[former] = on
        if wanted.code not in self.present:
            self.result.added.append(wanted._replace(since=on))

    def _compare(self, wanted: Wanted, known: Known) -> None:
        if wanted.name != known.name:
            if not self._too_early(wanted, known):
                self._move(wanted, known)
        elif wanted.urban_rural and wanted.urban_rural != known.urban_rural:
            self.result.reclassed.append(
                Reclass(
                    wanted.spot, wanted.code, wanted.name, known.urban_rural, wanted.urban_rural
                )
            )
        else:
            self.result.unchanged += 1

    def _too_early(self, wanted: Wanted, known: Known) -> bool:
        if known.since is None or (wanted.since or self.on) > known.since:
            return False
        values = {"code": known.code, "since": known.since.isoformat()}
        self._drop(wanted, "since", DIVISION_TOO_EARLY(**values))
        return True

    def _move(self, wanted: Wanted, known: Known) -> None:
        same_code, same_name = wanted.code == known.code, wanted.name == known.name
        reason = Reason.RENAMED if same_code else Reason.UPGRADED
        if not same_code:
            self.moves[known.code] = wanted.code
            reason = Reason.RECODED if same_name else Reason.UPGRADED
        self.result.moved.append(
            Move(
                wanted.spot, known.code, wanted.code, wanted.name, known.name, wanted.level,
                wanted.parent, wanted.urban_rural or known.urban_rural, wanted.since or self.on,
                reason,
            )
        )  # fmt: skip

    def _match_by_name(self, level: int, new: list[Wanted]) -> None:
        """Sort new codes into those that follow an old one by their name, and those that do not."""
        gone = self._gone(level) if new and self.by_name else {}
        rivals: defaultdict[tuple[str, str], list[Wanted]] = defaultdict(list)
        for wanted in new if gone else ():
            rivals[wanted.parent, rules.base_name(wanted.name)].append(wanted)
        for wanted in new:
            key = (wanted.parent, rules.base_name(wanted.name)) if gone else ("", "")
            old = gone.get(key, [])
            if len(old) != 1 or len(rivals[key]) != 1:
                self.result.added.append(wanted)
            elif not self._too_early(wanted, old[0]):
                self._move(wanted, old[0])

    def _gone(self, level: int) -> dict[tuple[str, str], list[Known]]:
        """Regions of a level that no row names, by where they would lie now and their name."""
        gone: defaultdict[tuple[str, str], list[Known]] = defaultdict(list)
        spoken_of = {each.parent for each in self.wanted.values() if each.level == level}
        for known in self.present.values():
            parent = self.moves.get(known.parent, known.parent)
            if known.level == level and parent in spoken_of and self._goes(known.code):
                gone[parent, rules.base_name(known.name)].append(known)
        return gone

    def _goes(self, code: str) -> bool:
        return code not in self.wanted and not self._gone_on(code)

    # What lies below

    def _carry_along(self) -> None:
        """Move, or end, what lies below the regions that moved or ended."""
        if not self.moves and not self.left:
            return
        listed = {each.parent for each in self.wanted.values()}
        targets = self._targets()
        spots = {move.before: (move.spot, move.on) for move in self.result.moved}
        spots |= {each.before: (each.spot, each.on) for each in self.result.followed}
        for known in sorted(self.present.values(), key=lambda each: each.level):
            if known.parent in targets and known.code not in targets and self._goes(known.code):
                spots[known.code] = spots[known.parent]
                self._carry(known, targets, listed, *spots[known.code])

    def _targets(self) -> dict[str, str]:
        """Where each region that moved or ended goes on; "" = nowhere in particular."""
        after: defaultdict[str, list[str]] = defaultdict(list)
        for each in self.result.followed:
            after[each.before].append(each.after)
        merged = {code: new[0] if len(new) == 1 else "" for code, new in after.items()}
        return merged | self.moves

    def _carry(
        self, known: Known, targets: dict[str, str], listed: set[str], spot: Spot, on: date
    ) -> None:
        above = targets[known.parent]
        if not above or above in listed:
            self.left[known.code] = on
            targets[known.code] = ""
            return
        at = STEM_LENGTH[rules.level_of(above)]
        code = above[:at] + known.code[at:]
        taken = self.present.get(code) or self.wanted.get(code)
        if taken or code in self.moves.values():
            name = taken.name if taken else known.name
            wrong = DIVISION_CODE_TAKEN(code=code, name=name)
            self.result.rejected.append(Rejected(spot, known.code, known.name, "code", wrong))
            self.left[known.code] = on
            targets[known.code] = ""
            return
        targets[known.code] = self.moves[known.code] = code
        self.result.implied.append(
            Move(
                spot, known.code, code, known.name, known.name, known.level, above,
                known.urban_rural, on, Reason.RECODED,
            )
        )  # fmt: skip

    def _end(self) -> None:
        for code, on in self.left.items():
            if code not in self.moves:
                self.result.ended.append(End(code, self.present[code].name, on))


def _twice(row: Wanted, other: Wanted | Rejected) -> Problem:
    where = f"{other.spot.file}:{other.spot.row}"
    return DIVISION_TWICE(code=row.code, name=row.name, other=other.name, place_of_other=where)
