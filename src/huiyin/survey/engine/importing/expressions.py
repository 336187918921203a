"""Every expression of a questionnaire held against its questions, lists and functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from huiyin.survey.engine.dependencies import calls_in, parts_of, trees_in, written
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
    "coalesce": Function("coalesce", ("string",), 2, 2, "string", lambda: None),
    "once": Function("once", ("any",), 1, 1, "string", lambda: None),
}
ALGORITHMS = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"})
ENCODINGS = frozenset({"BASE64", "HEX"})
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

    def __init__(
        self, outline: Outline, lists: dict[str, list[str]], columns: Collection[str] = ()
    ) -> None:
        self.outline, self.lists, self.columns = outline, lists, columns
        self.paths = {item.path: item for item in outline.items}
        self.findings: list[Finding] = []
        self.triggers: dict[str, list[Item]] = {}
        self.read: list[Read] = []
        self._by_place: dict[tuple[int, str], Read] = {}
        for item in outline.items:
            for column in EXPRESSIONS:
                self._cell(item, column)
            self._default(item)
            self._texts(item)
            self._trigger(item)

    def of(self, item: Item, column: str) -> Read | None:
        """The expression of an item in a column, if there is one that could be read."""
        return self._by_place.get((item.order, column))

    def _wrong(self, code: str, place: Place, /, **values: object) -> None:
        row = place.item.row.number
        self.findings.append(finding(code, "survey", row, place.column, **values))

    def _cell(self, item: Item, column: str) -> None:
        text = item.row[column]
        if column in ("required", "readonly") and text.lower() in _YES_NO:
            return
        if text:
            self._expression(text, Place(item, column))

    def _default(self, item: Item) -> None:
        """A default that is calculated, as pyxform takes it: one that names a question or calls."""
        text = item.row["default"]
        if "${" in text or re.search(r"[a-z]\(", text):
            self._expression(text, Place(item, "default"))

    def _trigger(self, item: Item) -> None:
        place = Place(item, "trigger")
        for cause in self._references(item.row["trigger"], place):
            if cause.kind != "question" or _is_hidden(cause):
                self._wrong("trigger-not-asked", place, question=cause.name)
            else:
                self.triggers.setdefault(cause.name, []).append(item)

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
        read = Read(place, tree, named)
        self.read.append(read)
        self._by_place.setdefault((place.item.order, place.column), read)

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
        if problem.wrong == "$":
            hint = {"hint": "; write ${name}", "hint_zh": "；引用题目应写作 ${名称}"}
        elif problem.instead:
            hint = {
                "hint": f"; write “{problem.instead}”",
                "hint_zh": f"；应写“{problem.instead}”",
            }
        self._wrong(problem.code, place, wrong=problem.wrong, instead=problem.instead, **hint)

    def _check(self, tree: Tree, place: Place) -> None:
        for call in calls_in(tree):
            self._check_call(call, place)
        self._check_paths(tree, place)
        if place.column == "choice_filter":
            self._check_columns(tree, place)
        else:
            self._check_relative(tree, place)
        for part in trees_in(tree):
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
            self._check_words(call, place)

    def _check_arguments(self, call: Call, known: Function, place: Place) -> None:
        for at, argument in enumerate(call.arguments):
            if known.kind_of(at) == "nodes" and not _gives_nodes(argument):
                self._wrong("not-a-question", place, wrong=call.name, name="name")
        if call.name in ("selected", "jr:choice-name") and len(call.arguments) == 2:
            one, other = call.arguments
            choice, code = (one, other) if call.name == "selected" else (other, one)
            self._check_code(choice, code, place)

    def _check_words(self, call: Call, place: Place) -> None:
        """Patterns and algorithms that are written out."""
        words = [part.value if isinstance(part, Literal) else None for part in call.arguments]
        if call.name == "regex" and isinstance(words[1], str) and not _is_pattern(words[1]):
            self._wrong("bad-pattern", place, wrong=words[1])
        if call.name == "digest":
            for word, known in zip(words[1:], (ALGORITHMS, ENCODINGS), strict=False):
                if isinstance(word, str) and word.upper() not in known:
                    self._wrong("bad-algorithm", place, wrong=word)

    def _check_paths(self, tree: Tree, place: Place) -> None:
        """Paths written out by hand; those of ``${…}`` are right by themselves."""
        for part in trees_in(tree):
            if not isinstance(part, Path) or not part.absolute or not _is_plain(part):
                continue
            path = "/" + "/".join(step.name for step in part.steps)
            if path not in self.paths and path != "/data" and not path.startswith("/data/meta"):
                known = perhaps(near(path.rpartition("/")[2], filter(None, self.outline.named)))
                self._wrong("unknown-reference", place, wrong=path, **known)

    def _check_relative(self, tree: Tree, place: Place) -> None:
        """Paths that begin at the question itself."""
        for path in _outer_paths(tree):
            if path.absolute or path.start is not None or self._leads(path, place.item):
                continue
            if path.steps[0].axis == "child" and path.steps[0].name in self.outline.named:
                self._wrong("bare-name", place, wrong=path.steps[0].name)
            else:
                known = perhaps(near(path.steps[-1].name, filter(None, self.outline.named)))
                self._wrong("unknown-reference", place, wrong=written(path), **known)

    def _leads(self, path: Path, item: Item) -> bool:
        """Whether a relative path comes to a question, a group, or the whole."""
        at: Item | None = item
        for step in path.steps:
            if step.axis == "below" or step.name == "*":
                return True
            if step.axis == "parent":
                if at is None:
                    return False
                at = at.parent
            elif step.axis == "child":
                children = at.children if at is not None else self.outline.top
                at = next((each for each in children if each.name == step.name), None)
                if at is None:
                    return step.name == "meta"
        return True

    def _check_columns(self, tree: Tree, place: Place) -> None:
        """Names in a filter are columns of the sheet choices."""
        if "${" in place.item.listed:
            return
        for path in _outer_paths(tree):
            if path.absolute or path.start is not None or path.steps[0].axis != "child":
                continue
            name = path.steps[0].name
            if name not in self.columns:
                self._wrong(
                    "unknown-list-column", place, wrong=name, **perhaps(near(name, self.columns))
                )

    def _check_comparison(self, comparison: Binary, place: Place) -> None:
        for one, other in (
            (comparison.left, comparison.right),
            (comparison.right, comparison.left),
        ):
            self._check_code(one, other, place, only="choice")
            item = self.item_of(one, place)
            text = other.value if isinstance(other, Literal) else None
            is_number = item is not None and item.value in _NUMBERS
            if item and is_number and isinstance(text, str) and text and not _NUMBER.match(text):
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


def _outer_paths(tree: Tree) -> Iterator[Path]:
    """The paths of an expression that begin where it stands, not in a predicate."""
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Path):
            yield found
            waiting += [found.start] if found.start is not None else []
        else:
            waiting.extend(parts_of(found))


def _is_hidden(item: Item) -> bool:
    """Whether a question is calculated and not shown."""
    labels = any(column.startswith("label") for column in item.row.cells)
    return bool(item.row["calculation"]) and not labels


def _is_pattern(pattern: str) -> bool:
    """Whether a pattern means the same here as in JavaRosa, and can be read at all."""
    if re.search(r"\\[pPhHRXGQE]|&&|\[[^\]]*\[|[*+?}]\+", pattern):
        return False
    try:
        re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


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
