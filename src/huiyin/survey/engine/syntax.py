"""From the text of an expression to its tree: the grammar of XPath 1.0 as ODK XForms uses it.

The evaluator stands on a grammar of its own because it must do three things that a general XPath
library does not: say where a full-width sign or a misspelt name stands in the author's words, bind
an absolute path inside a repeat to the instance at hand, and name the questions that an expression
depends on, so that one answer re-evaluates only what it touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

#: Signs that Chinese input methods put where an operator belongs, and what to write: the full-width
#: forms of ASCII (U+FF01 to U+FF5E), and what only looks like a sign.
FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {
    "“": "'", "”": "'", "‘": "'", "’": "'", "＂": "'", "「": "'", "」": "'", "《": "<", "》": ">",
    "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "div", "。": ".", "、": ",", "　": " ",
    "【": "[", "】": "]", "—": "-", "–": "-", "−": "-",
    "＆": "and", "！": "not(…)", "％": "div 100",
}  # fmt: skip


#: What other languages write, and what is written here.
INSTEAD = {"==": "=", "&&": "and", "||": "or", "&": "and", "!": "not(…)", "%": "mod", "^": "pow(…)"}


class SyntaxProblem(ValueError):
    """An expression that cannot be read.

    Attributes:
        code: kebab-case name of the problem.
        at: position in the text, counted from 0.
        wrong: the piece that is wrong.
        instead: what to write instead; "" where nothing can be proposed.
    """

    def __init__(self, code: str, at: int, wrong: str, instead: str = "") -> None:
        super().__init__(f"{code} at {at}: {wrong}")
        self.code, self.at, self.wrong, self.instead = code, at, wrong, instead


@dataclass(frozen=True)
class Literal:
    """A string or a number as it is written."""

    value: str | float


@dataclass(frozen=True)
class Binary:
    """Two operands with an operator between them."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Negative:
    """Minus an operand."""

    operand: Tree


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Tree, ...]
    at: int


@dataclass(frozen=True)
class Step:
    """One step of a path: ``child`` by name, ``*`` for any, ``self``, ``parent`` or ``below``."""

    axis: str
    name: str = ""
    predicates: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Path:
    """Steps from the root, from the node at hand, or from what another expression gives."""

    absolute: bool
    steps: tuple[Step, ...]
    start: Tree | None = None
    predicates: tuple[Tree, ...] = ()  # of the start: (expression)[2]
    at: int = 0


Tree: TypeAlias = Literal | Binary | Negative | Call | Path


@dataclass(frozen=True)
class Token:
    kind: str  # string, number, name, sign, end
    text: str
    at: int


_TOKEN = re.compile(
    r"""[ \t\r\n\u00a0]*(?:
      (?P<string>"[^"]*"|'[^']*')
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<name>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)
    | (?P<sign>//|\.\.|::|!=|<=|>=|[-+*/|=<>()\[\],.@$])
    )""",
    re.VERBOSE,
)
_OPERATOR_NAMES = frozenset({"and", "or", "div", "mod"})
#: How tightly each binary operator binds.
_BINDS = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6, "|": 8,
}  # fmt: skip
_NEGATIVE_BINDS = 7
#: An expression nested deeper than this is refused: nobody can read it, and it would end the stack.
DEEPEST = 60
#: More operands than this in a row are refused likewise.
LONGEST = 150


def parse(text: str) -> Tree:
    """The tree of an expression.

    Raises:
        SyntaxProblem: it is no expression; says where and what to write instead.
    """
    return _Parser(text).whole()


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of an expression, ended by one of kind ``end``.

    Raises:
        SyntaxProblem: a sign that no expression has, such as a full-width one.
    """
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = str(match.lastgroup)
        if (doubled := text[match.start(kind) : match.start(kind) + 2]) in ("==", "||"):
            raise SyntaxProblem("unexpected", match.start(kind), doubled, INSTEAD[doubled])
        if kind in ("name", "number"):
            _check_width(match.group(kind), match.start(kind))
        yield Token(kind, match.group(kind), match.start(kind))
        at = match.end()
    yield Token("end", "", len(text))


def _full_width(text: str, at: int) -> SyntaxProblem:
    """A run of full-width signs, with what to write instead of all of it."""
    end = at
    while end < len(text) and text[end] in FULL_WIDTH:
        end += 1
    run = text[at:end]
    if text[at : at + 2] in ("！=", "！＝"):
        return SyntaxProblem("full-width-sign", at, text[at : at + 2], "!=")
    return SyntaxProblem("full-width-sign", at, run, "".join(FULL_WIDTH[sign] for sign in run))


def _check_width(word: str, at: int) -> None:
    """Full-width letters and digits look like others but are none of them."""
    for place, sign in enumerate(word):
        if sign in FULL_WIDTH:
            plain = "".join(FULL_WIDTH.get(each, each) for each in word)
            raise SyntaxProblem("full-width-sign", at + place, word, plain)


def _unreadable(text: str, at: int) -> SyntaxProblem:
    while text[at] in " \t\r\n\u00a0":
        at += 1
    sign = text[at]
    if sign in FULL_WIDTH:
        return _full_width(text, at)
    wrong = "&&" if text[at : at + 2] == "&&" else sign
    if wrong in INSTEAD:
        return SyntaxProblem("unexpected", at, wrong, INSTEAD[wrong])
    if sign in "\"'":
        return SyntaxProblem("open-quote", at, text[at:], sign)
    return SyntaxProblem("unreadable", at, sign)


def _unquoted(tree: Tree) -> Tree:
    """The path in a string, in which ``jr:choice-name`` names its question (ODK's manual)."""
    is_text = isinstance(tree, Literal) and isinstance(tree.value, str)
    return parse(str(tree.value)) if isinstance(tree, Literal) and is_text else tree


class _Parser:
    """Precedence climbing over the tokens."""

    def __init__(self, text: str) -> None:
        self.tokens = list(tokens_of(text))
        self.next = 0
        self.depth = 0

    def whole(self) -> Tree:
        if self.peek.kind == "end":
            raise SyntaxProblem("empty-expression", 0, "")
        tree = self.binary(0)
        if self.peek.kind != "end":
            raise self.unexpected()
        return tree

    @property
    def peek(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.tokens[self.next]
        self.next += 1
        return token

    def accept(self, sign: str) -> bool:
        found = self.peek.kind == "sign" and self.peek.text == sign
        self.next += found
        return found

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self.unexpected(sign)

    def unexpected(self, wanted: str = "") -> SyntaxProblem:
        token = self.peek
        if token.kind == "end":
            return SyntaxProblem("ends-early", token.at, "", wanted)
        return SyntaxProblem("unexpected", token.at, token.text, wanted)

    def binary(self, least: int) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SyntaxProblem("too-deep", self.peek.at, self.peek.text)
        left, parts = self.unary(), 1
        while (operator := self.operator()) and _BINDS[operator] > least:
            parts += 1
            if parts > LONGEST:
                raise SyntaxProblem("too-deep", self.peek.at, operator)
            self.take()
            left = Binary(operator, left, self.binary(_BINDS[operator]))
        self.depth -= 1
        return left

    def operator(self) -> str:
        """The operator that comes next; after an operand ``and``, ``div`` … are operators."""
        token = self.peek
        known = token.text in (_OPERATOR_NAMES if token.kind == "name" else _BINDS)
        return token.text if known and token.kind in ("name", "sign") else ""

    def unary(self) -> Tree:
        if self.accept("-"):
            return Negative(self.binary(_NEGATIVE_BINDS))
        return self.path()

    def path(self) -> Tree:
        token = self.peek
        if token.kind in ("string", "number") or token.text == "(" or self.is_call():
            return self.filtered(token.at)
        if token.kind == "sign" and token.text in ("/", "//"):
            return self.absolute(token.at)
        return Path(False, tuple(self.steps()), at=token.at)

    def is_call(self) -> bool:
        after = self.tokens[min(self.next + 1, len(self.tokens) - 1)]
        return self.peek.kind == "name" and after.kind == "sign" and after.text == "("

    def filtered(self, at: int) -> Tree:
        start = self.primary()
        predicates = tuple(self.predicates())
        steps: list[Step] = []
        if self.peek.kind == "sign" and self.peek.text in ("/", "//"):
            steps = list(self.further())
        if not predicates and not steps:
            return start
        return Path(False, tuple(steps), start=start, predicates=predicates, at=at)

    def primary(self) -> Tree:
        token = self.take()
        if token.kind == "string":
            return Literal(token.text[1:-1])
        if token.kind == "number":
            return Literal(float(token.text))
        if token.text == "(":
            inner = self.binary(0)
            self.expect(")")
            return inner
        return self.call(token)

    def call(self, name: Token) -> Call:
        self.expect("(")
        arguments: list[Tree] = []
        if not self.accept(")"):
            arguments.append(self.binary(0))
            while self.accept(","):
                arguments.append(self.binary(0))
            self.expect(")")
        if name.text == "jr:choice-name" and len(arguments) == 2:
            arguments[1] = _unquoted(arguments[1])
        return Call(name.text, tuple(arguments), name.at)

    def absolute(self, at: int) -> Path:
        steps: list[Step] = []
        if self.take().text == "//":
            steps = [Step("below"), *self.steps()]
        elif self.starts_step():
            steps = list(self.steps())
        return Path(True, tuple(steps), at=at)

    def starts_step(self) -> bool:
        token = self.peek
        return token.kind == "name" or (token.kind == "sign" and token.text in (".", "..", "*"))

    def steps(self) -> Iterator[Step]:
        yield self.step()
        yield from self.further()

    def further(self) -> Iterator[Step]:
        while self.peek.kind == "sign" and self.peek.text in ("/", "//"):
            if self.take().text == "//":
                yield Step("below")
            yield self.step()

    def step(self) -> Step:
        token = self.peek
        if not self.starts_step():
            raise self.unexpected()
        self.take()
        if token.text == ".":
            return Step("self", "", tuple(self.predicates()))
        if token.text == "..":
            return Step("parent", "", tuple(self.predicates()))
        if self.accept("::"):
            return self.with_axis(token)
        return Step("child", token.text, tuple(self.predicates()))

    def with_axis(self, axis: Token) -> Step:
        if axis.text not in ("child", "parent", "self"):
            raise SyntaxProblem("unknown-axis", axis.at, axis.text, "child, parent, self")
        if not self.starts_step():
            raise self.unexpected()
        return Step(axis.text, self.take().text, tuple(self.predicates()))

    def predicates(self) -> Iterator[Tree]:
        while self.accept("["):
            yield self.binary(0)
            self.expect("]")
