"""What an expression is evaluated in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.values import NodeSet as Nodes
from huiyin.survey.engine.values import nodes_of

__all__ = ["Context", "NoMoment", "Nodes", "Surroundings", "nodes_of"]


class Surroundings(Protocol):
    """What an expression may ask of the interview around it."""

    spoken: str
    root: Node
    version: str

    def moment(self) -> datetime:
        """The moment that was passed in.

        Raises:
            NoMoment: none was.
        """

    def only(self, path: str) -> Node | None:
        """The node of a path that lies in no repeat; None where it lies in one, or is not there."""

    def every(self, path: str) -> list[Node]:
        """Every node of a field, by the path of the field."""

    def drawn(self, node: Node) -> Random:
        """The generator for the next random value at a node."""

    def seed_for(self, node: Node) -> int:
        """The seed of an order that stays the same at a node."""

    def secondary(self, name: str) -> Node | None:
        """The root of a secondary instance: a list of choices."""

    def choice_label(self, node: Node, value: str) -> str:
        """The label of a choice of the node's question, in the interview's language."""

    def itext(self, name: str) -> str:
        """A text of the form in the interview's language."""


@dataclass(slots=True)
class Context:
    """Where an expression stands.

    Attributes:
        node: the node that ``.`` means.
        current: the node that the whole expression belongs to, as ``current()``.
        around: the interview.
        position: of ``node`` among those that a predicate filters, from 1.
    """

    node: Node
    current: Node
    around: Surroundings
    position: int = 1

    def at(self, node: Node, position: int) -> Context:
        """The context of one node that a predicate looks at."""
        return Context(node, self.current, self.around, position)


class NoMoment(LookupError):
    """An expression asks for today's date or the time, and none was passed."""
