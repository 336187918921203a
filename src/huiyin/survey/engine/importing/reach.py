"""Questions that can never be asked, and rules that look at what comes later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from math import inf

from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.form import RANDOM_ORDER
from huiyin.survey.engine.importing.expressions import Expressions, Place
from huiyin.survey.engine.importing.messages import finding
from huiyin.survey.engine.importing.outline import Item
from huiyin.survey.engine.syntax import Binary, Call, Literal, Tree
from huiyin.survey.engine.values import compare

#: More circles than this are not told of at once.
MOST_CIRCLES = 20


def order_findings(expressions: Expressions) -> Iterator[Finding]:
    """Constraints and conditions that read an answer which is not there yet."""
    for read in expressions.read:
        item, column = read.place.item, read.place.column
        later = [each for each in read.named if each.order > item.order and each.kind == "question"]
        if column not in ("constraint", "relevant", "repeat_count") or not later:
            continue
        constraint = column == "constraint"
        yield finding(
            "looks-ahead" if constraint else "asked-too-early",
            "survey",
            item.row.number,
            column,
            "error" if constraint else "warning",
            question=later[0].name,
            later=later[0].row.number,
        )


def cycle_findings(expressions: Expressions) -> Iterator[Finding]:
    """Items whose conditions and calculations wait for each other; each circle once."""
    waits: dict[int, set[int]] = {}
    columns: dict[int, str] = {}
    for item in expressions.outline.items:
        waits[item.order] = {item.parent.order} if item.parent is not None else set()
    for read in expressions.read:
        item, column = read.place.item, read.place.column
        set_off = column == "calculation" and item.row["trigger"]
        if column in ("relevant", "calculation", "repeat_count") and not set_off:
            waits[item.order] |= {named.order for named in read.named}
            columns.setdefault(item.order, column)
    for circle in islice(_circles(waits), MOST_CIRCLES):
        items = [expressions.outline.items[order] for order in circle]
        first = next(item for item in items if item.order in columns)
        path = " → ".join(item.name for item in items)
        yield finding("cycle", "survey", first.row.number, columns[first.order], path=path)


def _circles(waits: dict[int, set[int]]) -> Iterator[list[int]]:
    """Circles of a graph that share no node."""
    while True:
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as wrong:
            circle = list(reversed(wrong.args[1]))
            yield circle
            gone = set(circle)
            waits = {at: to - gone for at, to in waits.items() if at not in gone}
        else:
            return


def random_findings(expressions: Expressions) -> Iterator[Finding]:
    """Rules that read across the parts of a group which are asked in random order."""
    for read in expressions.read:
        item, column = read.place.item, read.place.column
        for named in read.named if column in ("constraint", "relevant") else ():
            group = _shuffled_apart(item, named)
            if group is not None:
                yield finding(
                    "random-order-reads", "survey", item.row.number, column, "warning",
                    question=named.name, group=group.name,
                )  # fmt: skip


def _shuffled_apart(one: Item, other: Item) -> Item | None:
    """The group of random order of which two items lie in different parts."""
    above, part = list(other.above()), one
    for group in list(one.above())[1:]:
        if group in above and group is not other:
            apart = part is not above[above.index(group) - 1]
            shuffled = RANDOM_ORDER in group.row["appearance"].split()
            return group if apart and shuffled else None
        part = group
    return None


def trigger_findings(expressions: Expressions) -> Iterator[Finding]:
    """Triggers that set each other off for ever."""
    graph = {
        name: {item.name for item in set_off} for name, set_off in expressions.triggers.items()
    }
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as wrong:
        rows = {name: expressions.outline.named[name][0].row.number for name in wrong.args[1]}
        around = [str(name) for name in wrong.args[1][1:]]
        first = around.index(min(around, key=rows.__getitem__))
        names = [*around[first:], *around[: first + 1]]
        row = rows[names[0]]
        yield finding("trigger-circle", "survey", row, "trigger", path=" → ".join(names))


def reach_findings(expressions: Expressions) -> Iterator[Finding]:
    """Items whose condition, with those of the groups around them, cannot hold.

    What is looked at is what must hold at once: parts joined by ``and`` that ask a question of one
    choice for a code, and the conditions under which that question itself is asked.
    """
    for item in expressions.outline.items:
        own = expressions.of(item, "relevant")
        if own is None:
            continue
        reason = _contradiction(expressions, item)
        if reason:
            english, chinese = reason
            yield finding(
                "never-asked", "survey", item.row.number, "relevant",
                reason=english, reason_zh=chinese,
            )  # fmt: skip


@dataclass
class _Wanted:
    """What an answer must be for something to be asked: one code, and a number within bounds."""

    code: str = ""
    low: float = -inf
    high: float = inf
    open_low: bool = False
    open_high: bool = False

    def is_within(self) -> bool:
        is_point = self.low == self.high and not (self.open_low or self.open_high)
        return self.low < self.high or is_point

    def bound(self, operator: str, number: float) -> None:
        if operator in (">", ">=", "=") and number >= self.low:
            self.open_low = operator == ">" or (self.open_low and number == self.low)
            self.low = number
        if operator in ("<", "<=", "=") and number <= self.high:
            self.open_high = operator == "<" or (self.open_high and number == self.high)
            self.high = number


def _contradiction(expressions: Expressions, item: Item) -> tuple[str, str] | None:
    wanted: dict[str, _Wanted] = {}
    for part in _needed(expressions, item, set()):
        if _is_false(part):
            return "its condition is never true", "条件恒为假"
        name, code = _asks_for(expressions, part, item)
        if name:
            known = wanted.setdefault(name, _Wanted(code))
            if known.code != code:
                return (
                    f"${{{name}}} would have to be both “{known.code}” and “{code}”",
                    f"${{{name}}} 不可能既是“{known.code}”又是“{code}”",
                )
        name, operator, number = _bounds(expressions, part, item)
        if name:
            known = wanted.setdefault(name, _Wanted())
            known.bound(operator, number)
            if not known.is_within():
                return (
                    f"no number is what ${{{name}}} would have to be",
                    f"${{{name}}} 的范围自相矛盾",
                )
    return None


def _is_false(tree: Tree) -> bool:
    """Whether a condition reads nothing and is not true."""
    if isinstance(tree, Call):
        return tree.name == "false"
    is_fixed = isinstance(tree, Binary) and all(
        isinstance(each, Literal) for each in (tree.left, tree.right)
    )
    if not is_fixed or not isinstance(tree, Binary) or tree.operator not in _TURNED:
        return False
    assert isinstance(tree.left, Literal)
    assert isinstance(tree.right, Literal)
    return not compare(tree.operator, tree.left.value, tree.right.value)


_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _bounds(expressions: Expressions, tree: Tree, item: Item) -> tuple[str, str, float]:
    """The question of a number and how a comparison bounds it; an empty name where none."""
    if isinstance(tree, Binary) and tree.operator in _TURNED and tree.operator != "!=":
        turned = _TURNED[tree.operator]
        for one, other, operator in (
            (tree.left, tree.right, tree.operator),
            (tree.right, tree.left, turned),
        ):
            found = expressions.item_of(one, Place(item, "relevant"))
            number = other.value if isinstance(other, Literal) else None
            if found and found.value in ("int", "decimal", "number") and isinstance(number, float):
                return found.name, operator, number
    return "", "", 0.0


def _needed(expressions: Expressions, item: Item, seen: set[int]) -> Iterator[Tree]:
    """All that must hold for the item to be asked."""
    for above in item.above():
        if id(above) in seen:
            continue
        seen.add(id(above))
        read = expressions.of(above, "relevant")
        if read is None:
            continue
        for part in _joined(read.tree):
            yield part
            name, code = _asks_for(expressions, part, item)
            if name and code:
                asked = expressions.outline.named[name][0]
                yield from _needed(expressions, asked, seen)


def _joined(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, Binary) and tree.operator == "and":
        yield from _joined(tree.left)
        yield from _joined(tree.right)
    else:
        yield tree


def _asks_for(expressions: Expressions, tree: Tree, item: Item) -> tuple[str, str]:
    """The question of one choice and the code that a comparison asks for; empty where none."""
    if not isinstance(tree, Binary) or tree.operator != "=":
        return "", ""
    for one, other in ((tree.left, tree.right), (tree.right, tree.left)):
        found = expressions.item_of(one, Place(item, "relevant"))
        if found is not None and found.value == "choice" and isinstance(other, Literal):
            value = other.value
            return found.name, value if isinstance(value, str) else f"{value:g}"
    return "", ""
