"""The choices that a question offers at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiyin.survey.engine.context import Context
from huiyin.survey.engine.form import Itemset
from huiyin.survey.engine.instance import Node

if TYPE_CHECKING:
    from huiyin.survey.engine.interview import Interview


@dataclass(frozen=True)
class Choice:
    """One choice: its code and its label in the language of the interview."""

    value: str
    label: str


def choices_of(interview: Interview, node: Node, context: Context) -> list[Choice]:
    """The choices of a question in the order in which they are offered; none where it has none."""
    at = node.field
    if at is None:
        return []
    if at.itemset is not None:
        found = at.itemset.nodes.run(context)
        items = found if not isinstance(found, str | float | bool | int) else ()
        return [_choice(interview, at.itemset, item, node) for item in items]  # type: ignore[arg-type]
    return [
        Choice(value, interview.said(words.get(interview.language, words.get("", ())), node))
        for value, words in at.items
    ]


def _choice(interview: Interview, itemset: Itemset, item: Node, node: Node) -> Choice:
    value, label = _child(item, itemset.value), _child(item, itemset.label)
    if itemset.is_itext:
        texts = interview.questionnaire.form.itext.get(interview.language, {})
        label = interview.said(texts.get(label, ()), node)
    return Choice(value, label)


def _child(item: Node, name: str) -> str:
    """The text of a column of a list, or of a child of a repeat that serves as a list."""
    at = item
    for part in name.split("/"):
        same = at.named.get(part)
        if not same:
            return ""
        at = same[0]
    return at.text()
