"""Questions that can never be asked, and rules that look at what comes later."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.form import RANDOM_ORDER
from huiyin.survey.engine.importing.expressions import Expressions, Place
from huiyin.survey.engine.importing.messages import finding
from huiyin.survey.engine.importing.outline import Item
from huiyin.survey.engine.syntax import Binary, Call, Literal, Tree


def order_findings(expressions: Expressions) -> Iterator[Finding]:
    """Constraints and conditions that read an answer which is not there yet."""
    for read in expressions.read:
        item, column = read.place.item, read.place.column
        later = [each for each in read.named if each.order > item.order and each.kind == "question"]
        if column not in ("constraint", "relevant") or not later:
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
        names = [str(name) for name in reversed(wrong.args[1])]
        row = expressions.outline.named[names[0]][0].row.number
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


def _contradiction(expressions: Expressions, item: Item) -> tuple[str, str] | None:
    wanted: dict[str, str] = {}
    for part in _needed(expressions, item, set()):
        if isinstance(part, Call) and part.name == "false":
            return "its condition is false()", "条件恒为 false()"
        name, code = _asks_for(expressions, part, item)
        if name and wanted.setdefault(name, code) != code:
            return (
                f"${{{name}}} would have to be both “{wanted[name]}” and “{code}”",
                f"${{{name}}} 不可能既是“{wanted[name]}”又是“{code}”",
            )
    return None


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
