"""A questionnaire as it reads on paper: numbers, texts and choices, without any interview."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.survey.engine import Questionnaire
from huiyin.survey.engine.form import Expression, Field, Form, Pieces
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.syntax import Binary, Call, Literal, Negative, Path, Tree

_CODE = re.compile(r"\(([A-Za-z]{2,3})\b[^)]*\)\s*$")

#: What stands before the name of a question in a path from the root.
_LEADS = re.compile(r"(?<![\w.)\]])/(?:[\w.\-]+/)*")


@dataclass(frozen=True)
class Tongue:
    """One language of a questionnaire.

    Attributes:
        name: as the form calls it: ``中文 (zh)``; "" where the form names no language.
        code: ``zh`` or ``en``: in which the system's own words stand beside it.
    """

    name: str
    code: str

    @property
    def title(self) -> str:
        return _CODE.sub("", self.name).strip() or self.name

    @property
    def html(self) -> str:
        """The value of the attribute ``lang``."""
        return {"zh": "zh-Hans"}.get(self.code, self.code)


def tongues_of(form: Form) -> list[Tongue]:
    """The languages of a form, the default first; one without a name where it names none."""
    return [_tongue(name) for name in form.languages] or [Tongue("", "zh")]


def _tongue(name: str) -> Tongue:
    found = _CODE.search(name)
    is_english = found[1].lower() == "en" if found else name.lower().startswith("en")
    return Tongue(name, "en" if is_english else "zh")


@dataclass(frozen=True)
class Listed:
    """A choice as it stands in the workbook.

    Attributes:
        texts: by the form's name of the language.
        columns: further columns of its row, such as the one that a choice_filter reads.
    """

    code: str
    texts: dict[str, str]
    columns: dict[str, str]


class Reading:
    """The texts of one questionnaire.

    Attributes:
        numbers: of the questions that want an answer, by path, in the order of the workbook.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire, self.form = questionnaire, questionnaire.form
        self.tongues = tongues_of(self.form)
        asked = (at for at in self.form.root.below() if is_asked(at))
        self.numbers = {at.path: number for number, at in enumerate(asked, 1)}
        self._choices: dict[str, list[Listed]] = {}

    def text(self, at: Field, name: str, tongue: Tongue) -> str:
        """The label, hint or message of a field; a value filled in later shows whose it is."""
        return self._said(_pieces(at, name, tongue), at, tongue)

    def sense(self, at: Field, name: str, tongue: Tongue) -> str:
        """The same with the names of questions in place of their numbers, to compare versions."""
        pieces = _pieces(at, name, tongue)
        return "".join(
            f"〔{bare(piece.text)}〕" if isinstance(piece, Expression) else piece
            for piece in pieces
        ).strip()

    def _said(self, pieces: Pieces, at: Field, tongue: Tongue) -> str:
        said = [
            f"〔{self._place(piece.tree, at, tongue)}〕" if isinstance(piece, Expression) else piece
            for piece in pieces
        ]
        text = "".join(said).strip()
        return "" if text == "-" else text  # what pyxform writes where a translation is missing

    def _place(self, tree: Tree, at: Field, tongue: Tongue) -> str:
        reached = (field_at(path, at, self.form) for path in paths_in(tree))
        found = next((each for each in reached if each is not None), None)
        if found is None:
            return "计算得出" if tongue.code == "zh" else "worked out"
        return self.called(found, tongue)

    def called(self, at: Field, tongue: Tongue) -> str:
        """What a field is called in a sentence: by its number, else by its name."""
        number = self.numbers.get(at.path)
        if number is None:
            return at.name
        return f"第 {number} 题" if tongue.code == "zh" else f"question {number}"

    def choices(self, at: Field) -> list[Listed]:
        """All choices of a question in the order of the workbook, whatever filters them."""
        if at.path not in self._choices:
            self._choices[at.path] = list(self._listed(at))
        return self._choices[at.path]

    def _listed(self, at: Field) -> Iterator[Listed]:
        for code, texts in at.items:
            words = {
                each.name: self._said(texts.get(each.name, texts.get("", ())), at, each)
                for each in self.tongues
            }
            yield Listed(code, words, {})
        if at.itemset is not None and not at.items:
            listed = self.form.lists.get(list_name(at.itemset.nodes.tree))
            for item in items_of(listed):
                columns = {child.name: child.value for child in item.children}
                words = {each.name: self._label(at, columns, each) for each in self.tongues}
                yield Listed(columns.get(at.itemset.value, ""), words, columns)

    def _label(self, at: Field, columns: dict[str, str], tongue: Tongue) -> str:
        assert at.itemset is not None
        label = columns.get(at.itemset.label, "")
        if not at.itemset.is_itext:
            return label
        return self._said(self.form.itext.get(tongue.name, {}).get(label, ()), at, tongue)

    def choice_text(self, at: Field, code: str, tongue: Tongue) -> str:
        """The words of a choice; of "don't know" and a refusal, ours; else the code."""
        rules = self.questionnaire.choice_rules.get(at.path)
        for each in self.choices(at):
            if each.code == code:
                return each.texts.get(tongue.name) or code
        if rules and code and code in (rules.dont_know, rules.refused):
            return missing_words("dont_know" if code == rules.dont_know else "refused", tongue.code)
        return code


def _pieces(at: Field, name: str, tongue: Tongue) -> Pieces:
    by_language = at.texts.get(name, {})
    return by_language.get(tongue.name, by_language.get("", ()))


def bare(expression: str) -> str:
    """An expression without its spaces and without the parts in which its questions lie."""
    return "".join(_LEADS.sub("", expression).split())


MISSING_WORDS = {"dont_know": ("不知道/说不清", "Don't know"), "refused": ("拒绝回答", "Refused")}


def missing_words(name: str, code: str) -> str:
    """How ``dont_know`` and ``refused`` are said."""
    return MISSING_WORDS[name][0 if code == "zh" else 1]


def is_note(at: Field) -> bool:
    """Whether it is read out and wants no answer."""
    fixed = at.rules.get("readonly")
    readonly = fixed is not None and fixed.text.replace(" ", "") == "true()"
    return at.kind == "question" and (readonly or "calculate" in at.rules)


def fields_of(form: Form) -> list[Field]:
    """The fields that an author wrote, in their order: without the whole and without metadata."""
    return [
        at
        for at in form.root.below()
        if at.parent is not None and at.path != "/data/meta" and not at.is_meta
    ]


def is_asked(at: Field) -> bool:
    """Whether it wants an answer."""
    return at.kind == "question" and not is_note(at)


def list_name(tree: Tree) -> str:
    """The list that an expression takes its choices from; "" = no list of the workbook."""
    for each in below(tree):
        if isinstance(each, Call) and each.name == "instance" and each.arguments:
            first = each.arguments[0]
            return str(first.value) if isinstance(first, Literal) else ""
    return ""


def items_of(listed: Node | None) -> Iterator[Node]:
    """The rows of a list of choices."""
    for top in listed.children if listed else ():
        yield from top.children if top.name == "root" else [top]


def filters_of(tree: Tree) -> list[Tree]:
    """The conditions by which an itemset is narrowed."""
    return [
        condition
        for each in below(tree)
        if isinstance(each, Path) and each.start is not None
        for step in each.steps
        for condition in step.predicates
    ]


def below(tree: Tree) -> Iterator[Tree]:
    """An expression and all expressions in it."""
    yield tree
    if isinstance(tree, Binary):
        parts: tuple[Tree, ...] = (tree.left, tree.right)
    elif isinstance(tree, Negative):
        parts = (tree.operand,)
    elif isinstance(tree, Call):
        parts = tree.arguments
    elif isinstance(tree, Path):
        held = [each for step in tree.steps for each in step.predicates]
        parts = (*((tree.start,) if tree.start else ()), *tree.predicates, *held)
    else:
        parts = ()
    for part in parts:
        yield from below(part)


def paths_in(tree: Tree) -> Iterator[Path]:
    return (each for each in below(tree) if isinstance(each, Path))


def field_at(path: Path, owner: Field, form: Form) -> Field | None:
    """The field that a path leads to; None where it has conditions or leads nowhere."""
    if path.start is not None and not (
        isinstance(path.start, Call) and path.start.name == "current"
    ):
        return None
    at: Field | None = None if path.absolute else owner
    for step in path.steps:
        if step.predicates or step.axis not in ("child", "self", "parent"):
            return None
        if step.axis == "parent":
            at = at.parent if at else None
        elif step.axis == "child":
            at = form.fields.get(f"{at.path if at else ''}/{step.name}")
        if at is None:
            return None
    return at
