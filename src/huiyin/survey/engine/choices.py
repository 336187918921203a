"""The choices that a question offers at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiyin.survey.engine.context import Context, nodes_of
from huiyin.survey.engine.form import Field, Itemset, Pieces
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
    if at is None or not at.is_choice:
        return []
    fixed = _fixed(interview, at, node)
    if fixed is not None:
        return list(fixed)
    assert at.itemset is not None, "what is not fixed comes from a list"
    items = nodes_of(at.itemset.nodes.run(context))
    return [_choice(interview, at.itemset, item, node) for item in items]


def codes_of(interview: Interview, node: Node, context: Context) -> frozenset[str]:
    """The codes of the choices that a question offers."""
    at = node.field
    if at is None:
        return frozenset()
    if at.items:
        return at.codes
    if at.itemset is None:
        return frozenset()
    items = nodes_of(at.itemset.nodes.run(context))
    return frozenset(_child(item, at.itemset.value) for item in items)


def _fixed(interview: Interview, at: Field, node: Node) -> list[Choice] | None:
    """The choices of a list that nothing filters; said once where no answer stands in them."""
    if not at.items and at.itemset is not None:
        return None
    known = interview.questionnaire.offered.get((at.path, interview.language))
    if known is not None:
        return known
    form = interview.questionnaire.form
    words = [(value, form.in_language(said, interview.language)) for value, said in at.items]
    choices = [Choice(value, interview.said(pieces, node)) for value, pieces in words]
    if all(isinstance(piece, str) for _, pieces in words for piece in pieces):
        interview.questionnaire.offered[at.path, interview.language] = choices
    return choices


def _choice(interview: Interview, itemset: Itemset, item: Node, node: Node) -> Choice:
    value, label = _child(item, itemset.value), _child(item, itemset.label)
    if itemset.is_itext:
        pieces: Pieces = interview.questionnaire.form.text(label, interview.language)
        label = interview.said(pieces, node)
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
