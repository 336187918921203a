"""The answers: a tree of nodes, one for each place of the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huiyin.survey.engine.form import Field


class Node:
    """One place in the answers of an interview, or in a list of choices.

    Attributes:
        name: of the element.
        parent: None for a root.
        children: in order; the instances of a repeat stand side by side under one name.
        value: the answer as text; "" = none.
        field: what the form says of it; None in a list of choices.
        own: whether its own rule lets it be asked.
        relevant: whether it and all above it are asked.
    """

    __slots__ = ("children", "field", "name", "named", "own", "parent", "relevant", "value")

    def __init__(self, name: str, parent: Node | None = None, field: Field | None = None) -> None:
        self.name, self.parent, self.field = name, parent, field
        self.children: list[Node] = []
        self.named: dict[str, list[Node]] = {}
        self.value = ""
        self.own = self.relevant = True

    def text(self) -> str:
        """What an expression reads: nothing where it is not relevant."""
        return self.value if self.relevant else ""

    def add(self, child: Node) -> Node:
        """Put a child in its place: in the order of the form, after those of its name."""
        child.parent = self
        self.named.setdefault(child.name, []).append(child)
        at = len(self.children)
        while at and _order(self.children[at - 1]) > _order(child):
            at -= 1
        self.children.insert(at, child)
        return child

    def remove(self, child: Node) -> None:
        self.children.remove(child)
        self.named[child.name].remove(child)

    def position(self) -> int:
        """Among the siblings of its name, from 1; next to the last where it is not among them."""
        siblings = self.parent.named.get(self.name, []) if self.parent else [self]
        return siblings.index(self) + 1 if self in siblings else len(siblings) + 1

    def hand_down(self, above: bool) -> None:
        """Let all below know whether they are asked."""
        self.relevant = self.own and above
        for child in self.children:
            child.hand_down(self.relevant)

    def ancestors(self) -> Iterator[Node]:
        """The node itself and all above it, from below."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def below(self) -> Iterator[Node]:
        """The node itself and all below it, in order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    @property
    def path(self) -> str:
        """Its address, with a position where it lies in a repeat: ``/data/person[2]/age``."""
        parts = []
        for node in self.ancestors():
            repeated = node.field is not None and node.field.is_repeat
            parts.append(f"{node.name}[{node.position()}]" if repeated else node.name)
        return "/" + "/".join(reversed(parts))


def _order(node: Node) -> int:
    return node.field.order if node.field is not None else 0


def field_of(node: Node) -> Field:
    """The field of a node of the answers."""
    assert node.field is not None, "a node of the answers has its field"
    return node.field
