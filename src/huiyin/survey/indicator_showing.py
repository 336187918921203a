"""What the pages of indicators show, made from what is stored and a questionnaire's version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from huiyin.survey import indicator_queries as queries
from huiyin.survey import indicator_rules as rules
from huiyin.survey.indicator_content import asked_in, content_of, weighted
from huiyin.survey.indicator_rules import Answers
from huiyin.survey.models import Composite, Indicator, IndicatorSet, Version


def lines(indicator_set: IndicatorSet, asked: Mapping[str, Answers]) -> list[dict[str, Any]]:
    """Each indicator with its question and what every answer counts."""
    return [
        {"indicator": each, "label": _label(each.question, asked),
         "answers": answers(each, asked.get(each.question))}
        for each in indicator_set.indicators.all()
    ]  # fmt: skip


def _label(question: str, asked: Mapping[str, Answers]) -> str:
    """What is asked; "" where nothing is."""
    if question not in asked:
        return ""
    said = asked[question].label
    return said if said != question else _("Gathered from the questions that were asked")


def answers(indicator: Indicator, question: Answers | None) -> list[dict[str, Any]]:
    """Every answer: its words, and what it counts.

    Attributes of each: ``counts`` is a figure as text, "" where nobody said; ``tone`` good counts
    fully, neutral partly or not, info is no answer, overdue was forgotten or is not offered.
    """
    offered = dict(question.choices) if question else {}
    silent = question.no_answer if question else {}
    codes = dict.fromkeys([*offered, *silent, *indicator.counts, *indicator.missing])
    return [
        {"code": code, "words": offered.get(code) or silent.get(code) or code,
         **_counted(indicator, code, known=not question or code in offered or code in silent)}
        for code in codes
    ]  # fmt: skip


def _counted(indicator: Indicator, code: str, known: bool) -> dict[str, str]:
    if not known:
        return {"counts": _("not offered"), "tone": "overdue"}
    if code in indicator.missing:
        return {"counts": _("left out"), "tone": "info"}
    if code not in indicator.counts:
        return {"counts": _("not said"), "tone": "overdue"}
    value = indicator.counts[code]
    best = 1 if indicator.scoring == rules.SHARE else 100
    return {"counts": f"{value:g}", "tone": "good" if value == best else "neutral"}


def composites(indicator_set: IndicatorSet) -> list[dict[str, Any]]:
    """Each composite with its parts, their weights, and what they sum to."""
    found = indicator_set.composites.prefetch_related("parts__indicator", "parts__nested")
    ordered = sorted(found, key=lambda each: (not each.is_total, each.code))
    return [_composite(each) for each in ordered]


def _composite(composite: Composite) -> dict[str, Any]:
    parts = [
        {"name": part.of.name, "weight": f"{part.weight.normalize():f}",
         "percent": float(part.weight * 100), "nested": part.nested_id is not None}
        for part in composite.parts.all()
    ]  # fmt: skip
    total = rules.sum_of(weighted(composite).parts.values())
    return {"composite": composite, "parts": parts, "sum": total, "right": total == rules.ONE}


def check(indicator_set: IndicatorSet, version: Version | None) -> dict[str, Any]:
    """The findings of a set against a version, by what they concern."""
    asked = asked_in(version) if version else None
    content = content_of(indicator_set)
    found = rules.findings(content, asked)
    wrong = {each.place for each in found}
    return {
        "findings": [{"name": content.names.get(each.place, each.place), "said": each.message}
                     for each in found],
        "fit": sum(each.code not in wrong for each in content.indicators),
        "all": len(content.indicators),
    }  # fmt: skip


def changes(indicator_set: IndicatorSet) -> dict[str, Any]:
    """How the set counts otherwise than that of the round before."""
    previous = queries.previous_set(indicator_set)
    if previous is None:
        return {"previous": None, "differences": []}
    round, other = previous
    return {
        "previous": round,
        "differences": rules.differences(content_of(other), content_of(indicator_set)),
    }


def questions(indicator_set: IndicatorSet, version: Version) -> list[dict[str, Any]]:
    """The questions of a version on which an indicator can rest, and those that do."""
    used: dict[str, list[str]] = {}
    for each in indicator_set.indicators.all():
        used.setdefault(each.question, []).append(each.name)
    return [
        {"name": name, "label": answers.label, "used": used.get(name, []),
         "choices": "、".join(answers.choices.values())}
        for name, answers in asked_in(version).items()
        if answers.single and answers.choices and len(answers.choices) <= MOST_CHOICES
    ]  # fmt: skip


#: A list longer than this (townships) is no scale.
MOST_CHOICES = 30
