"""Every expression of a questionnaire held against its questions, lists and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.survey.engine.dependencies import calls_in, parts_of
from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.functions import REFUSED, TABLE, Function
from huiyin.survey.engine.importing.messages import finding, perhaps
from huiyin.survey.engine.importing.outline import Item, Outline, near
from huiyin.survey.engine.importing.words import takes
from huiyin.survey.engine.syntax import (
    Binary,
    Call,
    Literal,
    Path,
    Step,
    SyntaxProblem,
    Tree,
    parse,
)

#: Columns that hold expressions, in the order in which they are checked.
EXPRESSIONS = (
    "relevant", "constraint", "required", "readonly", "calculation", "choice_filter",
    "repeat_count",
)  # fmt: skip
#: Functions that the evaluator knows by itself, with the number of their arguments.
BUILT_IN = {
    "if": Function("if", ("any",), 3, 3, "any", lambda: None),
    "coalesce": Function("coalesce", ("string",), 2, None, "string", lambda: None),
    "once": Function("once", ("any",), 1, 1, "string", lambda: None),
}
KNOWN = {**TABLE, **BUILT_IN}
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_YES_NO = frozenset({"", "yes", "no", "true", "false", "true()", "false()"})
_NUMBERS = frozenset({"int", "decimal", "number"})
_NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*\Z")


@dataclass(frozen=True)
class Place:
    """Where an expression is written, and whose it is."""

    item: Item
    column: str


@dataclass(frozen=True)
class Read:
    """An expression that could be read, with the questions that it names by ``${…}``."""

    place: Place
    tree: Tree
    named: tuple[Item, ...]


class Expressions:
    """Reads and checks every expression.

    Attributes:
        read: those that could be read.
        findings: what is wrong with the rest, and with these.
    """

    def __init__(self, outline: Outline, lists: dict[str, list[str]]) -> None:
        self.outline, self.lists = outline, lists
        self.paths = {item.path: item for item in outline.items}
        self.findings: list[Finding] = []
        self.read: list[Read] = []
        for item in outline.items:
            for column in EXPRESSIONS:
                self._cell(item, column)
            self._texts(item)

    def of(self, item: Item, column: str) -> Read | None:
        """The expression of an item in a column, if there is one that could be read."""
        return next(
            (each for each in self.read if each.place.item is item and each.place.column == column),
            None,
        )

    def _wrong(self, code: str, place: Place, /, **values: object) -> None:
        row = place.item.row.number
        self.findings.append(finding(code, "survey", row, place.column, **values))

    def _cell(self, item: Item, column: str) -> None:
        text = item.row[column]
        if column in ("required", "readonly") and text.lower() in _YES_NO:
            return
        if text:
            self._expression(text, Place(item, column))

    def _texts(self, item: Item) -> None:
        """References in labels, hints and messages."""
        for column, text in item.row.cells.items():
            if column.split("::")[0] in ("label", "hint", "constraint_message", "required_message"):
                list(self._references(text, Place(item, column)))

    def _expression(self, text: str, place: Place) -> None:
        wrong = len(self.findings)
        named = tuple(self._references(text, place))
        if len(self.findings) > wrong:
            return
        try:
            tree = parse(_REFERENCE.sub(lambda match: self._path_of(match[1]), text))
        except SyntaxProblem as problem:
            self._unreadable(problem, place)
            return
        self._check(tree, place)
        self.read.append(Read(place, tree, named))

    def _path_of(self, name: str) -> str:
        return f" {self.outline.named[name][0].path} "

    def _references(self, text: str, place: Place) -> Iterator[Item]:
        for name in _REFERENCE.findall(text):
            items = self.outline.named.get(name, [])
            if not items:
                known = perhaps(near(name, filter(None, self.outline.named)))
                self._wrong("unknown-reference", place, wrong=name, **known)
            elif len(items) > 1:
                rows = ", ".join(str(each.row.number) for each in items)
                self._wrong("ambiguous-reference", place, wrong=name, rows=rows)
            else:
                yield items[0]
        if "${" in _REFERENCE.sub("", text):
            self._wrong("unclosed-reference", place, name="name")

    def _unreadable(self, problem: SyntaxProblem, place: Place) -> None:
        hint = {"hint": "", "hint_zh": ""}
        if problem.instead:
            hint = {
                "hint": f"; write “{problem.instead}”",
                "hint_zh": f"；应写“{problem.instead}”",
            }
        self._wrong(problem.code, place, wrong=problem.wrong, instead=problem.instead, **hint)

    def _check(self, tree: Tree, place: Place) -> None:
        for call in calls_in(tree):
            self._check_call(call, place)
        self._check_paths(tree, place)
        for part in _all(tree):
            if isinstance(part, Binary) and part.operator in ("=", "!=", "<", "<=", ">", ">="):
                self._check_comparison(part, place)

    def _check_call(self, call: Call, place: Place) -> None:
        known = KNOWN.get(call.name)
        if call.name in REFUSED:
            reason, reason_zh = REFUSED[call.name]
            self._wrong(
                "refused-function", place, wrong=call.name, reason=reason, reason_zh=reason_zh
            )
        elif known is None:
            self._wrong(
                "unknown-function", place, wrong=call.name, **perhaps(near(call.name, KNOWN))
            )
        elif not known.least <= len(call.arguments) <= (known.most or len(call.arguments)):
            has = len(call.arguments)
            self._wrong("wrong-arguments", place, wrong=call.name, has=has, **takes(known))
        else:
            self._check_arguments(call, known, place)

    def _check_arguments(self, call: Call, known: Function, place: Place) -> None:
        for at, argument in enumerate(call.arguments):
            if known.kind_of(at) == "nodes" and not _gives_nodes(argument):
                self._wrong("not-a-question", place, wrong=call.name, name="name")
        if call.name in ("selected", "jr:choice-name") and len(call.arguments) == 2:
            one, other = call.arguments
            choice, code = (one, other) if call.name == "selected" else (other, one)
            self._check_code(choice, code, place)

    def _check_paths(self, tree: Tree, place: Place) -> None:
        """Paths written out by hand; those of ``${…}`` are right by themselves."""
        for part in _all(tree):
            if not isinstance(part, Path) or not part.absolute or not _is_plain(part):
                continue
            path = "/" + "/".join(step.name for step in part.steps)
            if path not in self.paths and path != "/data" and not path.startswith("/data/meta"):
                known = perhaps(near(path.rpartition("/")[2], filter(None, self.outline.named)))
                self._wrong("unknown-reference", place, wrong=path, **known)

    def _check_comparison(self, comparison: Binary, place: Place) -> None:
        for one, other in (
            (comparison.left, comparison.right),
            (comparison.right, comparison.left),
        ):
            self._check_code(one, other, place, only="choice")
            item = self.item_of(one, place)
            text = other.value if isinstance(other, Literal) else None
            if item and item.value in _NUMBERS and isinstance(text, str) and text:
                if not _NUMBER.match(text):
                    self._wrong("compared-with-text", place, question=item.name, wrong=text)

    def _check_code(self, choice: Tree, code: Tree, place: Place, only: str = "") -> None:
        item = self.item_of(choice, place)
        if item is None or not item.listed or (only and item.value != only):
            return
        codes = [*self.lists.get(item.listed, []), item.row["dont_know"], item.row["refused"]]
        codes += ["other"] if item.or_other else []
        if not isinstance(code, Literal) or item.listed not in self.lists:
            return
        wanted = str(code.value) if isinstance(code.value, str) else f"{code.value:g}"
        if wanted and wanted not in codes:
            shown = ", ".join(filter(None, codes[:12]))
            self._wrong("unknown-code", place, list=item.listed, code=wanted, codes=shown)

    def item_of(self, tree: Tree, place: Place) -> Item | None:
        """The question that a tree stands for: a path to it, or ``.`` in its own constraint."""
        if not isinstance(tree, Path) or tree.start is not None:
            return None
        if tree.steps == (Step("self"),) and not tree.absolute:
            return place.item if place.column in ("constraint", "relevant") else None
        if tree.absolute and _is_plain(tree):
            return self.paths.get("/" + "/".join(step.name for step in tree.steps))
        return None


def _all(tree: Tree) -> Iterator[Tree]:
    yield tree
    for part in parts_of(tree):
        yield from _all(part)


def _is_plain(path: Path) -> bool:
    """Whether a path is a row of names."""
    return all(step.axis == "child" and not step.predicates for step in path.steps)


def _gives_nodes(tree: Tree) -> bool:
    if isinstance(tree, Path):
        return True
    if isinstance(tree, Binary):
        return tree.operator == "|"
    known = KNOWN.get(tree.name) if isinstance(tree, Call) else None
    return known is not None and known.gives in ("nodes", "any")
