"""Which questions an expression reads, and so which rules an answer touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from huiyin.survey.engine.form import Field, Form
from huiyin.survey.engine.syntax import Binary, Call, Literal, Negative, Path, Step, Tree

#: Rules that change the answers of others and so are kept up to date at once.
KEPT = ("relevant", "calculate", "count")


class UnknownReference(LookupError):
    """An expression names a place that the form does not have.

    Attributes:
        path: as it is written.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(eq=False)
class Rule:
    """A rule of a field that is kept up to date.

    Attributes:
        at: the field.
        name: ``relevant``, ``calculate``, or ``count`` of a repeat.
        order: no rule reads what a rule of a greater order gives.
    """

    at: Field
    name: str
    order: int = 0


@dataclass
class Plan:
    """The rules in the order of their evaluation, by what they read, and by whose they are.

    Attributes:
        readers: the rules that read each field, by its path.
        by_owner: the rules of each field, by its path.
    """

    rules: list[Rule] = field(default_factory=list)
    readers: dict[str, list[Rule]] = field(default_factory=dict)
    by_owner: dict[str, list[Rule]] = field(default_factory=dict)


class Cycle(ValueError):
    """Rules that wait for each other.

    Attributes:
        paths: of the fields in the circle; the first stands again at the end.
    """

    def __init__(self, paths: list[str]) -> None:
        super().__init__(" → ".join(paths))
        self.paths = paths


def planned(form: Form) -> Plan:
    """The rules of a form in an order in which each can be evaluated once.

    Raises:
        Cycle: rules read each other in a circle.
        UnknownReference: a rule reads what is not there.
    """
    rules = [Rule(at, name) for at in form.fields.values() for name in KEPT if name in at.rules]
    plan = Plan(readers={})
    for rule in rules:
        for path in sorted(reads(rule.at.rules[rule.name].tree, rule.at, form)):
            if not (path == rule.at.path and rule.name == "calculate" and _keeps_itself(rule)):
                plan.readers.setdefault(path, []).append(rule)
    plan.rules = _ordered(rules, plan.readers)
    for order, rule in enumerate(plan.rules):
        rule.order = order
        plan.by_owner.setdefault(rule.at.path, []).append(rule)
    return plan


def _keeps_itself(rule: Rule) -> bool:
    """Whether the rule reads itself only to keep what it has: ``once(…)``."""
    tree = rule.at.rules[rule.name].tree
    return isinstance(tree, Call) and tree.name == "once"


def _ordered(rules: list[Rule], readers: dict[str, list[Rule]]) -> list[Rule]:
    sorter: TopologicalSorter[Rule] = TopologicalSorter(dict.fromkeys(rules, ()))
    for rule in rules:
        for path in gives(rule):
            for reader in readers.get(path, ()):
                sorter.add(reader, rule)
    try:
        return list(sorter.static_order())
    except CycleError as wrong:
        raise Cycle([rule.at.path for rule in wrong.args[1]]) from wrong


def gives(rule: Rule) -> Iterator[str]:
    """Paths whose text the rule can change: its own, and all below but for a calculated value."""
    if rule.name == "calculate":
        yield rule.at.path
    else:
        yield from (below.path for below in rule.at.below())


def reads(tree: Tree, owner: Field, form: Form) -> set[str]:
    """Paths of the fields that an expression of the owner reads.

    Raises:
        UnknownReference: one of them is not in the form.
    """
    reading = _Reading(owner, form)
    reading.visit(tree, [owner])
    return reading.paths


class _Reading:
    """Walks an expression over the fields instead of over the answers."""

    def __init__(self, owner: Field, form: Form) -> None:
        self.owner, self.form = owner, form
        self.paths: set[str] = set()

    def visit(self, tree: Tree, here: list[Field]) -> list[Field]:
        """Note what is read; give the fields that the tree stands for, none if it is no path."""
        if isinstance(tree, Literal):
            return []
        if isinstance(tree, Path):
            return self.path(tree, here)
        parts: Iterable[Tree] = (
            tree.arguments if isinstance(tree, Call)
            else (tree.operand,) if isinstance(tree, Negative)
            else (tree.left, tree.right)
        )  # fmt: skip
        found = [self.visit(part, here) for part in parts]
        if isinstance(tree, Call):
            return self.called(tree, found, here)
        if isinstance(tree, Binary) and tree.operator == "|":
            return [*found[0], *found[1]]
        return []

    def called(self, call: Call, found: list[list[Field]], here: list[Field]) -> list[Field]:
        if call.name == "current":
            return [self.owner]
        if call.name in ("once", "normalize-space") and len(call.arguments) < 2:
            self.paths.update(at.path for at in here)
        return found[0] if call.name in ("randomize", "indexed-repeat") and found else []

    def path(self, tree: Path, here: list[Field]) -> list[Field]:
        listed = isinstance(tree.start, Call) and tree.start.name == "instance"
        if tree.absolute:
            at = [Field("", "", children=[self.form.root])]
        else:
            at = here if tree.start is None else self.visit(tree.start, here)
        for predicate in tree.predicates:
            self.visit(predicate, at)
        for step in tree.steps:
            at = self.stepped(tree, step, at, listed=listed)
        self.paths.update(each.path for each in at if each.path)
        return at

    def stepped(self, tree: Path, step: Step, at: list[Field], *, listed: bool) -> list[Field]:
        if listed or (not at and tree.start is not None):
            for predicate in step.predicates:
                self.visit(_outside(predicate), [])
            return []
        found = [each for field in at for each in _taken(step, field, self.owner)]
        if not found and at:
            raise UnknownReference(written(tree))
        for predicate in step.predicates:
            self.visit(predicate, found)
            self.paths.update(each.path for each in found)
        return found


def _outside(tree: Tree) -> Tree:
    """A predicate over a list of choices, without the columns of the list that it names."""
    if isinstance(tree, Path) and not tree.absolute and tree.start is None:
        return Literal("")
    if isinstance(tree, Binary):
        return Binary(tree.operator, _outside(tree.left), _outside(tree.right))
    if isinstance(tree, Call):
        return Call(tree.name, tuple(map(_outside, tree.arguments)), tree.at)
    return tree


def _taken(step: Step, at: Field, owner: Field) -> list[Field]:
    if step.axis == "self":
        return [at]
    if step.axis == "parent":
        return [at.parent] if at.parent is not None else []
    if step.axis == "below":
        return (
            [below for child in at.children for below in child.below()]
            if not at.path
            else list(at.below())
        )
    return [child for child in at.children if step.name in ("*", child.name)]


def written(path: Path) -> str:
    """A path as it is written, without its predicates."""
    names = {"self": ".", "parent": "..", "below": ""}
    steps = "/".join(names.get(step.axis, step.name) for step in path.steps)
    return f"/{steps}" if path.absolute else steps


def calls_in(tree: Tree) -> Iterator[Call]:
    """Every call of an expression."""
    return (each for each in trees_in(tree) if isinstance(each, Call))


def trees_in(tree: Tree) -> Iterator[Tree]:
    """A tree and every tree in it, in the order of the text."""
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(list(parts_of(found))))


def parts_of(tree: Tree) -> Iterator[Tree]:
    """The trees directly below a tree."""
    if isinstance(tree, Binary):
        yield from (tree.left, tree.right)
    elif isinstance(tree, Negative):
        yield tree.operand
    elif isinstance(tree, Call):
        yield from tree.arguments
    elif isinstance(tree, Path):
        if tree.start is not None:
            yield tree.start
        yield from tree.predicates
        for step in tree.steps:
            yield from step.predicates
