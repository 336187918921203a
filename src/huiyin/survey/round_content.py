"""What a questionnaire's version asks, as far as rounds compare it. Compiled once a process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from huiyin.survey import engine
from huiyin.survey.engine.form import Field, Form, Pieces
from huiyin.survey.engine.instance import Node
from huiyin.survey.models import Indicator, Version

_LIST = re.compile(r"instance\('([^']+)'\)")


@dataclass(frozen=True)
class Asked:
    """A question: its words in Chinese, and its choices as pairs of code and words."""

    label: str
    choices: tuple[tuple[str, str], ...] = ()


def asked_in(version: Version) -> Mapping[str, Asked]:
    """Every question of a version by its name, in order; none if it cannot be compiled."""
    return _asked(version.pk, version.digest)


@lru_cache(maxsize=32)
def _asked(key: int, digest: str) -> Mapping[str, Asked]:
    """The digest stands in the cache's key, so that a workbook is never taken for another."""
    workbook = Version.objects.values_list("workbook", flat=True).get(pk=key)
    try:
        form = engine.compile(bytes(workbook)).form
    except engine.QuestionnaireError:
        return {}
    return {
        field.name: Asked(_said(field.texts.get("label", {}), form), tuple(_choices(field, form)))
        for field in form.root.below()
        if field.kind == "question"
    }


def _said(texts: Mapping[str, Pieces], form: Form) -> str:
    """A text in Chinese, with what is filled in later as its expression."""
    pieces = texts.get(form.language("zh"), texts.get("", ()))
    return "".join(each if isinstance(each, str) else f"${{{each.text}}}" for each in pieces)


def _choices(field: Field, form: Form) -> Iterator[tuple[str, str]]:
    """All choices that a question may ever offer, filtered or not."""
    for code, words in field.items:
        yield code, _said(words, form)
    found = _LIST.search(field.itemset.nodes.text) if field.itemset else None
    if field.itemset and found and found[1] in form.lists:
        for item in _items(form.lists[found[1]]):
            value, label = (_text(item, n) for n in (field.itemset.value, field.itemset.label))
            if field.itemset.is_itext:
                texts = {language: said.get(label, ()) for language, said in form.itext.items()}
                label = _said(texts, form)
            yield value, label


def _items(top: Node) -> Iterator[Node]:
    for root in top.children:
        yield from root.children


def _text(item: Node, name: str) -> str:
    found = item.named.get(name)
    return found[0].text() if found else ""


def gaps(indicators: Iterable[Indicator], asked: Mapping[str, Asked]) -> list[str]:
    """What indicators want of a questionnaire that does not ask it, each as a sentence."""
    return [said for indicator in indicators if (said := _gap(indicator, asked))]


def _gap(indicator: Indicator, asked: Mapping[str, Asked]) -> str:
    question = asked.get(name_of(indicator.question))
    if question is None:
        return _("“{indicator}” needs the question {question}, which is not asked.").format(
            indicator=indicator.name, question=indicator.question
        )
    offered = {code for code, _label in question.choices}
    strange = sorted(set(indicator.counts) - offered) if offered else []
    if strange:
        return _(
            "“{indicator}” counts the answers {codes}, which {question} does not offer."
        ).format(indicator=indicator.name, codes="、".join(strange), question=indicator.question)
    return ""


def name_of(question: str) -> str:
    """The name of a question that may be given by its path."""
    return question.rpartition("/")[2]
