"""What a questionnaire's version lets answer, and what a set of indicators holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from huiyin.survey import engine
from huiyin.survey.engine.form import Field, Form, Pieces
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.syntax import Call, Literal, Path, Tree
from huiyin.survey.indicator_rules import Answers, Content, Scored, Weighted
from huiyin.survey.models import Composite, Indicator, IndicatorSet, Version
from huiyin.survey.questionnaire_queries import compiled

_LIST = re.compile(r"instance\('([^']+)'\)")


def asked_in(version: Version) -> Mapping[str, Answers]:
    """What can be answered in a version, by the question's name, in order.

    A calculated value that is always the answer to one question or another, or a fixed code, can be
    counted as well: its answers are theirs.
    """
    try:
        return answers_of(compiled(version))
    except engine.QuestionnaireError:
        return {}


def answers_of(questionnaire: engine.Questionnaire) -> dict[str, Answers]:
    """What can be answered in a questionnaire, by the question's name."""
    form = questionnaire.form
    asked = {field.path: _question(field, questionnaire) for field in form.root.below()
             if field.kind == "question"}  # fmt: skip
    for field in form.root.below():
        rule = field.rules.get("calculate")
        if rule is not None and field.path not in asked:
            made = gathered(rule.tree, asked)
            if made is not None:
                asked[field.path] = replace(made, label=field.name)
    return {path.rpartition("/")[2]: answers for path, answers in asked.items()}


def gathered(tree: Tree, asked: Mapping[str, Answers]) -> Answers | None:
    """The answers that an expression hands on from questions; None if it makes anything else."""
    leaves = list(_leaves(tree))
    paths = [each for each in leaves if isinstance(each, Path)]
    codes = [str(each.value) for each in leaves if isinstance(each, Literal)]
    found = [asked.get("/" + "/".join(step.name for step in each.steps)) for each in paths]
    questions = [each for each in found if each is not None and each.single and each.choices]
    if not paths or len(questions) + len(codes) < len(leaves):
        return None
    choices = {code: words for each in reversed(questions) for code, words in each.choices.items()}
    return Answers(
        "", choices | {code: code for code in codes if code and code not in choices},
        next((each.dont_know for each in questions if each.dont_know), ""),
        next((each.refused for each in questions if each.refused), ""),
    )  # fmt: skip


def _leaves(tree: Tree) -> Iterator[Tree]:
    """What an expression can give: the parts of if(), coalesce() and once() that are values."""
    if isinstance(tree, Call) and tree.name in ("if", "coalesce", "once"):
        for part in tree.arguments[1:] if tree.name == "if" else tree.arguments:
            yield from _leaves(part)
    else:
        yield tree


def _question(field: Field, questionnaire: engine.Questionnaire) -> Answers:
    rules = questionnaire.choice_rules.get(field.path, engine.ChoiceRules())
    form = questionnaire.form
    return Answers(
        label=_said(field.texts.get("label", {}), form),
        choices=dict(_choices(field, form)),
        dont_know=rules.dont_know,
        refused=rules.refused,
        single=field.control == "select1",
    )


def _said(texts: Mapping[str, Pieces], form: Form) -> str:
    """A text in Chinese; what is filled in while asking stands as its name."""
    pieces = texts.get(form.language("zh"), texts.get("", ()))
    return "".join(
        each if isinstance(each, str) else f"〔{each.text.strip().rpartition('/')[2]}〕"
        for each in pieces
    ).strip()


def _choices(field: Field, form: Form) -> Iterator[tuple[str, str]]:
    """All choices that a question may ever offer, filtered or not."""
    for code, words in field.items:
        yield code, _said(words, form)
    found = _LIST.search(field.itemset.nodes.text) if field.itemset else None
    if field.items or field.itemset is None or found is None or found[1] not in form.lists:
        return
    for item in (item for root in form.lists[found[1]].children for item in root.children):
        value, label = (_text(item, name) for name in (field.itemset.value, field.itemset.label))
        if field.itemset.is_itext:
            said = {language: texts.get(label, ()) for language, texts in form.itext.items()}
            label = _said(said, form)
        yield value, label


def _text(item: Node, name: str) -> str:
    found = item.named.get(name)
    return found[0].text() if found else ""


# Sets of indicators


def content_of(indicator_set: IndicatorSet) -> Content:
    """What a stored set holds."""
    composites = indicator_set.composites.prefetch_related("parts__indicator", "parts__nested")
    return Content(
        tuple(scored(each) for each in indicator_set.indicators.all()),
        tuple(weighted(each) for each in composites),
    )


def scored(indicator: Indicator) -> Scored:
    return Scored(
        code=indicator.code, name=indicator.name, question=indicator.question,
        scoring=indicator.scoring, counts=dict(indicator.counts),
        missing=tuple(indicator.missing), direction=indicator.direction,
        name_en=indicator.name_en,
    )  # fmt: skip


def weighted(composite: Composite) -> Weighted:
    parts = {part.of.code: part.weight for part in composite.parts.all()}
    return Weighted(composite.code, composite.name, parts, composite.is_total, composite.name_en)
