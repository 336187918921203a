"""From the tree of an expression to something that runs: one closure inside the other.

A path that names one place outside every repeat becomes a single look-up, which is what nearly all
paths of a questionnaire are; so an answer costs microseconds, not a walk over the form.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from huiyin.survey.engine.context import Context, Nodes, nodes_of
from huiyin.survey.engine.functions import TABLE
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.syntax import Binary, Call, Literal, Negative, Path, Step, Tree
from huiyin.survey.engine.values import Value, compare, to_boolean, to_number, to_string

Run: TypeAlias = Callable[[Context], Value]

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": to_string,
    "number": to_number,
    "boolean": to_boolean,
}


def compiled(tree: Tree) -> Run:
    """What evaluates the tree in a context.

    The tree has passed the checks: every function is known and has the arguments that it takes.
    """
    if isinstance(tree, Literal):
        value = tree.value
        return lambda context: value
    if isinstance(tree, Negative):
        operand = compiled(tree.operand)
        return lambda context: -to_number(operand(context))
    if isinstance(tree, Binary):
        return _binary(tree)
    return _call(tree) if isinstance(tree, Call) else _path(tree)


def _binary(tree: Binary) -> Run:
    left, right, sign = compiled(tree.left), compiled(tree.right), tree.operator
    if sign == "and":
        return lambda context: to_boolean(left(context)) and to_boolean(right(context))
    if sign == "or":
        return lambda context: to_boolean(left(context)) or to_boolean(right(context))
    if sign in _COMPARISONS:
        return lambda context: compare(sign, left(context), right(context))
    if sign == "|":
        return lambda context: _union(left(context), right(context))
    formula = _ARITHMETIC[sign]
    return lambda context: formula(to_number(left(context)), to_number(right(context)))


def _divided(one: float, other: float) -> float:
    if other != 0:
        return one / other
    if one == 0 or math.isnan(one):
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1, other)


def _remainder(one: float, other: float) -> float:
    """With the sign of the dividend (XPath 1.0, 3.5)."""
    if other == 0 or not math.isfinite(one) or math.isnan(other):
        return math.nan
    return math.fmod(one, other)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": _divided,
    "mod": _remainder,
}


def _union(left: Value, right: Value) -> Nodes:
    return list(dict.fromkeys([*nodes_of(left), *nodes_of(right)]))


def _call(tree: Call) -> Run:
    arguments = [compiled(argument) for argument in tree.arguments]
    if tree.name == "if":
        condition, then, otherwise = arguments
        return lambda context: (
            then(context) if to_boolean(condition(context)) else otherwise(context)
        )
    if tree.name == "coalesce":
        return lambda context: next(
            filter(None, (to_string(run(context)) for run in arguments)), ""
        )
    if tree.name == "once":
        return lambda context: context.node.value or to_string(arguments[0](context))
    known = TABLE[tree.name]
    if tree.name == "indexed-repeat":
        arguments = [
            run if at and at % 2 == 0 else _everywhere(run, part)
            for at, (run, part) in enumerate(zip(arguments, tree.arguments, strict=True))
        ]
    steps = [_converted(run, known.kind_of(at)) for at, run in enumerate(arguments)]
    body = known.body
    return lambda context: body(context, *[step(context) for step in steps])


def _everywhere(run: Run, tree: Tree) -> Run:
    """The nodes of a path in every instance of the repeats around it, not only in one's own."""
    is_plain = isinstance(tree, Path) and tree.absolute and _is_row(tree)
    written = "/" + "/".join(step.name for step in tree.steps) if isinstance(tree, Path) else ""

    def found(context: Context) -> Value:
        if is_plain:
            return [node for node in context.around.every(written) if node.relevant]
        fields = dict.fromkeys(node.field for node in nodes_of(run(context)))
        nodes = [node for at in fields if at for node in context.around.every(at.path)]
        return [node for node in nodes if node.relevant]

    return found


def _is_row(path: Path) -> bool:
    """Whether a path is a row of names."""
    return all(
        step.axis == "child" and step.name != "*" and not step.predicates for step in path.steps
    )


def _converted(run: Run, kind: str) -> Callable[[Context], Any]:
    if kind == "nodes":
        return lambda context: nodes_of(run(context))
    convert = _CONVERSIONS.get(kind)
    return run if convert is None else lambda context: convert(run(context))


def _path(tree: Path) -> Run:
    if tree.absolute:
        return _absolute(tree)
    first = None if tree.start is None else compiled(tree.start)
    filters = [compiled(predicate) for predicate in tree.predicates]
    steps = [_Stepper(step) for step in tree.steps]
    if first is None and len(steps) == 1 and tree.steps[0] == Step("self"):
        return lambda context: [context.node]

    def run(context: Context) -> Value:
        nodes: Nodes = [context.node] if first is None else nodes_of(first(context))
        for predicate in filters:
            nodes = _filtered(nodes, predicate, context)
        return _walk(nodes, steps, context)

    return run


def _absolute(tree: Path) -> Run:
    steps = [_Stepper(step, absolute=True) for step in tree.steps]
    plain = bool(steps) and _is_row(tree)
    path = "/" + "/".join(step.name for step in tree.steps)

    def run(context: Context) -> Value:
        only = context.around.only(path) if plain else None
        if only is not None:
            return [only] if only.relevant else []
        return _walk([_document(context.around.root)], steps, context)

    return run


def _document(root: Node) -> Node:
    """What stands above the root element, so that ``/data`` is a step like any other."""
    above = Node("")
    above.children, above.named = [root], {root.name: [root]}
    return above


def _walk(nodes: Nodes, steps: list[_Stepper], context: Context) -> Nodes:
    """What lies at the end of the steps; upwards also what is not asked: ``position(..)``."""
    for step in steps:
        nodes = step.taken(nodes, context)
    if all(step.axis in ("self", "parent") for step in steps):
        return nodes
    return [node for node in nodes if node.relevant]


class _Stepper:
    """One step of a path, ready to be taken."""

    def __init__(self, step: Step, *, absolute: bool = False) -> None:
        self.axis, self.name = step.axis, step.name
        self.is_bound = absolute and not step.predicates
        self.filters = [compiled(predicate) for predicate in step.predicates]

    def taken(self, nodes: Nodes, context: Context) -> Nodes:
        found: list[Node] = []
        for node in nodes:
            candidates = self.candidates(node)
            if self.is_bound:
                candidates = _bound(candidates, context)
            for predicate in self.filters:
                candidates = _filtered(candidates, predicate, context)
            found.extend(candidates)
        return found if len(nodes) < 2 else list(dict.fromkeys(found))

    def candidates(self, node: Node) -> Nodes:
        if self.axis == "child":
            return node.children if self.name == "*" else node.named.get(self.name, [])
        if self.axis == "self":
            return [node]
        if self.axis == "below":
            return list(node.below()) if node.name else list(node.children[0].below())
        return [node.parent] if node.parent is not None else []


def _bound(nodes: Nodes, context: Context) -> Nodes:
    """Of the instances of a repeat the one that the expression itself lies in, if it lies in one.

    An absolute path is meant relative to the repeat at hand (ODK XForms, "A Big Deviation with
    XForms"); a relative path and a filtered step are not, as in JavaRosa.
    """
    if len(nodes) < 2 or nodes[0].field is None or not nodes[0].field.is_repeat:
        return nodes
    above = set(map(id, context.current.ancestors()))
    own = [node for node in nodes if id(node) in above]
    return own or nodes


def _filtered(nodes: Nodes, predicate: Run, context: Context) -> Nodes:
    kept = []
    for position, node in enumerate(nodes, start=1):
        value = predicate(context.at(node, position))
        is_number = isinstance(value, float | int) and not isinstance(value, bool)
        if value == position if is_number else to_boolean(value):
            kept.append(node)
    return kept
