"""The regions that the tests of this room speak of: two real successions, with towns and villages.

邵东县 became 邵东市 on 2019-07-12, 马龙县 became 马龙区 on 2018-03-28.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from huiyin.territory import planning, queries, writing
from huiyin.territory.plans import Known, Plan, Row, Spot

UPGRADED = date(2019, 7, 12)
MALONG = date(2018, 3, 28)

BEFORE = (
    ("43", "湖南省"),
    ("4305", "邵阳市"),
    ("430503", "大祥区"),
    ("430521", "邵东县"),
    ("430521101", "牛马司镇"),
    ("430521102", "界岭镇"),
    ("430521101201", "牛马司村委会"),
    ("53", "云南省"),
    ("5303", "曲靖市"),
    ("530321", "马龙县"),
    ("530321100", "通泉镇"),
    ("530321100200", "昌隆村委会"),
)
AFTER = (
    ("43", "湖南省"),
    ("4305", "邵阳市"),
    ("430503", "大祥区"),
    ("430582", "邵东市"),
)


def rows(lines: Iterable[tuple[str, ...]], file: str = "区划.csv") -> list[Row]:
    """Rows of a file: code, name, and by name what else a row says."""
    return [Row(Spot(file, number), *line) for number, line in enumerate(lines, start=2)]


def plan(lines: Iterable[tuple[str, ...]], on: date = UPGRADED) -> Plan:
    """The plan of a file against what is stored."""
    return planning.plan(queries.known_in(()), rows(lines), on)


def store(lines: Iterable[tuple[str, ...]] = BEFORE, on: date = UPGRADED) -> Plan:
    """Write a file's regions; whoever calls is in a transaction."""
    made = plan(lines, on)
    assert not made.rejected, [str(each.problem) for each in made.rejected]
    writing.write(made)
    return made


def applied(present: Iterable[Known], made: Plan) -> list[Known]:
    """What holds after a plan, worked out without a database."""
    kept = {known.code: known for known in present}
    for ended in made.ended:
        del kept[ended.code]
    moves = [*made.moved, *made.implied]
    for move in moves:
        del kept[move.before]
    for move in moves:
        kept[move.code] = Known(
            move.code, move.name, move.level, move.parent, move.urban_rural, move.on
        )
    for new in made.added:
        kept[new.code] = Known(
            new.code, new.name, new.level, new.parent, new.urban_rural, new.since
        )
    for each in made.reclassed:
        kept[each.code] = kept[each.code]._replace(urban_rural=each.after)
    return list(kept.values())
