"""Conditions in words: what an expression of a questionnaire says, in Chinese or English.

``${q5} = 'unsafe'`` reads 第 5 题选“不安全”. What has no words of its own is shown as it is
written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.survey.engine.form import Field
from huiyin.survey.engine.syntax import Binary, Call, Literal, Negative, Path, Tree
from huiyin.survey.engine.values import number_text
from huiyin.survey.questionnaire_reading import Reading, Tongue, field_at

CHOSEN = ("select1", "select", "rank")
#: Chinese and English of each comparison.
COMPARISONS = {
    "=": ("等于", "is"), "!=": ("不等于", "is not"), ">": ("大于", "is more than"),
    "<": ("小于", "is less than"), ">=": ("大于或等于", "is at least"),
    "<=": ("小于或等于", "is at most"),
}  # fmt: skip
MIRRORED = {"=": "=", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
SIGNS = {"+": "+", "-": "−", "*": "×", "div": "÷", "mod": "mod", "|": "|"}
#: Functions whose meaning has words; {0} … are the arguments.
FUNCTIONS = {
    "today": ("今天", "today"), "now": ("此刻", "now"), "true": ("总是", "always"),
    "false": ("从不", "never"), "random": ("随机数", "a random number"),
    "count-selected": ("{0}所选项数", "the number of choices in {0}"),
    "string-length": ("{0}的字数", "the length of {0}"),
    "coalesce": ("{0}（没有时用{1}）", "{0} (or else {1})"),
    "regex": ("{0}符合格式 {1}", "{0} fits the pattern {1}"),
    "contains": ("{0}含有{1}", "{0} contains {1}"),
    "starts-with": ("{0}以{1}开头", "{0} starts with {1}"),
    "ends-with": ("{0}以{1}结尾", "{0} ends with {1}"),
    "count": ("{0}的个数", "the count of {0}"), "sum": ("{0}之和", "the sum of {0}"),
    "int": ("取整（{0}）", "the whole part of ({0})"), "number": ("{0}", "{0}"),
    "string": ("{0}", "{0}"), "boolean": ("{0}", "{0}"), "date": ("{0}", "{0}"),
    "once": ("{0}（只算一次）", "{0} (worked out once)"),
    "jr:choice-name": ("{0}所选的文字", "the words chosen in {0}"),
    "selected-at": ("{0}所选的第 {1} 项（从 0 起）", "choice {1} of {0} (from 0)"),
}  # fmt: skip
#: Of these only the first argument is said; the others repeat it or are technical.
FIRST_ONLY = ("number", "string", "boolean", "date", "jr:choice-name")


@dataclass(frozen=True)
class Pick:
    """A choice that is, or is not, taken in a question."""

    at: Field
    code: str
    taken: bool


class Words:
    """Says the expressions of one questionnaire in one language."""

    def __init__(self, reading: Reading, tongue: Tongue) -> None:
        self.reading, self.tongue = reading, tongue
        self.which = 0 if tongue.code == "zh" else 1

    def said(self, tree: Tree, owner: Field) -> str:
        """What an expression of a field says, without a full stop."""
        return _Saying(self, owner).said(tree)

    def either(self, chinese: str, english: str) -> str:
        return (chinese, english)[self.which]


@dataclass(frozen=True)
class _Saying:
    """One expression of one field."""

    words: Words
    owner: Field

    def said(self, tree: Tree) -> str:
        if (picks := self.picks(tree)) is not None:
            return self.picked(picks)
        if isinstance(tree, Binary):
            return self.binary(tree)
        if isinstance(tree, Call):
            return self.call(tree)
        if isinstance(tree, Path):
            return self.path(tree)
        if isinstance(tree, Negative):
            return f"−{self.said(tree.operand)}"
        return self.literal(tree)

    # Choices taken

    def picks(self, tree: Tree) -> list[Pick] | None:
        """The choices of one question of which any is taken, or one that is not; else None."""
        found = [self.pick(each) for each in flat(tree, "or")]
        if any(each is None for each in found):
            return None
        picks = [each for each in found if each is not None]
        if len({each.at.path for each in picks}) > 1:
            return None
        return picks if len(picks) == 1 or all(each.taken for each in picks) else None

    def pick(self, tree: Tree) -> Pick | None:
        if isinstance(tree, Call) and tree.name == "not" and len(tree.arguments) == 1:
            inner = self.pick(tree.arguments[0])
            return Pick(inner.at, inner.code, not inner.taken) if inner else None
        if isinstance(tree, Call) and tree.name == "selected" and len(tree.arguments) == 2:
            return self.pair(tree.arguments[0], tree.arguments[1], True)
        if isinstance(tree, Binary) and tree.operator in ("=", "!="):
            taken = tree.operator == "="
            return self.pair(tree.left, tree.right, taken) or self.pair(
                tree.right, tree.left, taken
            )
        return None

    def pair(self, where: Tree, what: Tree, taken: bool) -> Pick | None:
        if not isinstance(where, Path) or not isinstance(what, Literal):
            return None
        at = field_at(where, self.owner, self.words.reading.form)
        code = _plain(what.value)
        if at is None or not (at.control in CHOSEN or code == "" or self.is_missing(at, code)):
            return None
        return Pick(at, code, taken)

    def is_missing(self, at: Field, code: str) -> bool:
        """Whether the code stands for "don't know" or a refusal of the question."""
        rules = self.words.reading.questionnaire.choice_rules.get(at.path)
        return rules is not None and code in rules.missing

    def picked(self, picks: list[Pick]) -> str:
        first = picks[0]
        name = self.name(first.at)
        if first.code == "":
            answered = not first.taken
            return self.words.either(
                f"{name}{'已' if answered else '未'}回答",
                f"{name} is {'' if answered else 'not '}answered",
            )
        texts = [self.quoted(self.choice(each)) for each in picks]
        said = self.words.either("或", " or ").join(texts)
        if first.taken:
            verb = "选" if first.at.control in CHOSEN else "答"
            return self.words.either(f"{name}{verb}{said}", f"{name} is {said}")
        return self.words.either(f"{name}未选{said}", f"{name} is not {said}")

    def choice(self, pick: Pick) -> str:
        return self.words.reading.choice_text(pick.at, pick.code, self.words.tongue)

    # All else

    def binary(self, tree: Binary) -> str:
        if tree.operator in ("and", "or"):
            return self.joined(tree)
        if tree.operator in COMPARISONS:
            return self.compared(tree)
        left, right = self.part(tree.left), self.part(tree.right)
        return f"{left} {SIGNS[tree.operator]} {right}"

    def joined(self, tree: Binary) -> str:
        """Parts with "and" or "or" between; choices of one question are drawn together."""
        if (span := self.span(tree)) is not None:
            return span
        parts = list(self.together(flat(tree, tree.operator), tree.operator))
        link = {"and": ("，并且", ", and "), "or": ("，或者", ", or ")}[tree.operator]
        return self.words.either(*link).join(parts)

    def span(self, tree: Binary) -> str | None:
        """Two limits of one value, said as a range; else None."""
        low, high = tree.left, tree.right
        if tree.operator != "and" or not (isinstance(low, Binary) and isinstance(high, Binary)):
            return None
        if (low.operator, high.operator) != (">=", "<=") or written(low.left) != written(high.left):
            return None
        name, least, most = self.said(low.left), self.said(low.right), self.said(high.right)
        return self.words.either(
            f"{name}在 {least} 到 {most} 之间", f"{name} is between {least} and {most}"
        )

    def together(self, parts: list[Tree], operator: str) -> Iterator[str]:
        waiting: list[Pick] = []
        for part in [*parts, None]:
            pick = self.pick(part) if part is not None and operator == "or" else None
            if waiting and not (pick and pick.taken and pick.at is waiting[0].at):
                yield self.picked(waiting)
                waiting = []
            if pick and pick.taken and pick.code:
                waiting.append(pick)
            elif part is not None:
                yield self.bracketed(part, operator)

    def bracketed(self, tree: Tree, outer: str) -> str:
        said = self.said(tree)
        inner = isinstance(tree, Binary) and tree.operator in ("and", "or")
        if not inner or self.picks(tree) is not None or self.span(tree) is not None:  # type: ignore[arg-type]
            return said
        if tree.operator != outer:  # type: ignore[union-attr]
            return self.words.either(f"（{said}）", f"({said})")
        return said

    def compared(self, tree: Binary) -> str:
        left, right, operator = tree.left, tree.right, tree.operator
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right, operator = right, left, MIRRORED[operator]
        said = COMPARISONS[operator][self.words.which]
        is_text = isinstance(right, Literal) and isinstance(right.value, str)
        if is_text and operator in ("=", "!=") and not self.words.which:
            return f"{self.part(left)}{'为' if operator == '=' else '不为'}{self.part(right)}"
        before = self.words.either("", " ")
        after = " " if self.words.which or isinstance(right, Literal) else ""
        return f"{self.part(left)}{before}{said}{after}{self.part(right)}"

    def part(self, tree: Tree) -> str:
        said = self.said(tree)
        is_sum = isinstance(tree, Binary) and tree.operator in ("+", "-")
        is_cases = isinstance(tree, Call) and tree.name == "if"
        return self.words.either(f"（{said}）", f"({said})") if is_sum or is_cases else said

    def call(self, tree: Call) -> str:
        if tree.name == "not" and len(tree.arguments) == 1:
            said = self.said(tree.arguments[0])
            return self.words.either(f"并非（{said}）", f"not ({said})")
        if tree.name == "selected" and len(tree.arguments) == 2:
            where, what = map(self.said, tree.arguments)
            return self.words.either(f"{where}含选项{what}", f"{where} has {what} among it")
        if tree.name == "if" and len(tree.arguments) == 3:
            return self.cases(tree)
        if tree.name not in FUNCTIONS:
            return written(tree)
        return self.with_words(tree)

    def cases(self, tree: Call) -> str:
        """``if(…)`` and those that follow it where it does not hold, case by case."""
        said, rest = [], tree
        while isinstance(rest, Call) and rest.name == "if" and len(rest.arguments) == 3:
            condition, value, other = rest.arguments
            when, then = self.said(condition), self.part(value)
            said.append(self.words.either(f"若{when}，则为{then}", f"if {when}: {then}"))
            rest = other  # type: ignore[assignment]
        last = self.said(rest)
        return self.words.either(
            f"{'；'.join(said)}；否则为{last}", f"{'; '.join(said)}; else {last}"
        )

    def with_words(self, tree: Call) -> str:
        template = FUNCTIONS[tree.name][self.words.which]
        needed = template.count("{")
        if len(tree.arguments) < needed or (
            len(tree.arguments) > needed and tree.name not in FIRST_ONLY
        ):
            return written(tree)
        said = [self.said(each) for each in tree.arguments[: max(needed, 1)]]
        return template.format(*said)

    def path(self, tree: Path) -> str:
        at = field_at(tree, self.owner, self.words.reading.form)
        return self.name(at) if at is not None else written(tree)

    def name(self, at: Field) -> str:
        if at is self.owner:
            return self.words.either("本题", "this answer")
        reading, number = self.words.reading, self.words.reading.numbers.get(at.path)
        if number is None:
            label = reading.text(at, "label", self.words.tongue)
            return self.words.either(f"“{label or at.name}”", f"“{label or at.name}”")
        return reading.called(at, self.words.tongue)

    def literal(self, tree: Literal) -> str:
        if isinstance(tree.value, float):
            return number_text(tree.value)
        if tree.value == "":
            return self.words.either("空", "empty")
        return self.quoted(tree.value)

    def quoted(self, text: str) -> str:
        return f"“{text}”"


def flat(tree: Tree, operator: str) -> list[Tree]:
    """The parts between which an operator stands, whatever the nesting."""
    if isinstance(tree, Binary) and tree.operator == operator:
        return [*flat(tree.left, operator), *flat(tree.right, operator)]
    return [tree]


def written(tree: Tree) -> str:
    """An expression as its author would write it."""
    if isinstance(tree, Literal):
        return number_text(tree.value) if isinstance(tree.value, float) else f"'{tree.value}'"
    if isinstance(tree, Negative):
        return f"-{written(tree.operand)}"
    if isinstance(tree, Binary):
        return f"{written(tree.left)} {tree.operator} {written(tree.right)}"
    if isinstance(tree, Call):
        return f"{tree.name}({', '.join(map(written, tree.arguments))})"
    return _written_path(tree)


def _written_path(tree: Path) -> str:
    steps = []
    for step in tree.steps:
        name = {"self": ".", "parent": "..", "below": ""}.get(step.axis, step.name)
        steps.append(name + "".join(f"[{written(each)}]" for each in step.predicates))
    start = written(tree.start) if tree.start is not None else ""
    start += "".join(f"[{written(each)}]" for each in tree.predicates)
    lead = "/" if tree.absolute or (start and steps) else ""
    return f"{start}{lead}{'/'.join(steps)}"


def _plain(value: str | float) -> str:
    return number_text(value) if isinstance(value, float) else value
