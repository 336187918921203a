"""Keeping the rules of an interview up to date: each evaluated once, after all that it reads."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from huiyin.survey.engine.context import Context
from huiyin.survey.engine.dependencies import Rule
from huiyin.survey.engine.form import Action, Field
from huiyin.survey.engine.instance import Node, field_of
from huiyin.survey.engine.values import stored_text, to_boolean, to_number

if TYPE_CHECKING:
    from huiyin.survey.engine.interview import Interview

#: More instances than this are not asked, whatever a number says.
MOST_INSTANCES = 1000


class Upkeep:
    """The rules of one interview.

    Attributes:
        kept: instances of counted repeats that fell away, by the node that held them and their
            path; they return with their answers when the count grows again.
        working: whether rules are being evaluated; only then a random number is used up.
    """

    def __init__(self, interview: Interview) -> None:
        self.interview = interview
        self.plan = interview.questionnaire.plan
        self.kept: dict[tuple[Node, str], list[Node]] = {}
        self.working = False
        self._waiting: dict[int, Rule] = {}
        self._queue: list[int] = []

    def begin(self) -> None:
        """Evaluate every rule, then what is to happen once at the start of an interview."""
        self.settle(self.plan.rules)
        self.happen(self.interview.questionnaire.form.at_start)

    def changed(self, nodes: Iterable[Node]) -> None:
        """Evaluate what reads answers that have changed, then what they set off."""
        nodes = list(nodes)
        for node in nodes:
            self._wake_readers(node)
        self._work()
        for node in nodes:
            self.happen(field_of(node).sets_off, node)

    def added(self, node: Node) -> None:
        """Evaluate what holds in a new instance of a repeat, and what reads its number."""
        self._wake(self._rules_below(node))
        self._wake_readers(node)
        self._work()
        for below in list(node.below()):
            self.happen(field_of(below).when_added, below)

    def removed(self, node: Node) -> None:
        """Evaluate what read an instance that is gone, or its number."""
        self._wake_readers(node)
        self._work()

    def settle(self, rules: Iterable[Rule]) -> None:
        """Evaluate rules and whatever reads what they give."""
        self._wake(rules)
        self._work()

    def happen(self, actions: Iterable[Action], cause: Node | None = None) -> None:
        """Set the values that actions set; each may set off others."""
        for action in actions:
            for node in self._meant(action.target, cause):
                context = Context(node, node, self.interview)
                self.working = True
                text = "" if action.value is None else stored_text(action.value.run(context))
                self.working = False
                if text != node.value:
                    node.value = text
                    self.changed([node])

    def _meant(self, target: Field, cause: Node | None) -> list[Node]:
        """The nodes of a field in the same instance of every repeat that the cause lies in."""
        nodes = list(self.nodes_of(target))
        if len(nodes) < 2 or cause is None:
            return nodes
        own = {field_of(each): each for each in cause.ancestors() if field_of(each).is_repeat}
        return [
            node
            for node in nodes
            if all(own.get(field_of(each), each) is each for each in node.ancestors())
        ]

    def nodes_of(self, at: Field) -> Iterator[Node]:
        """Every node of a field."""
        only = self.interview.only(at.path)
        if only is not None:
            return iter((only,))
        if at.parent is None:
            return iter((self.interview.root,))
        return (
            node
            for holder in self.nodes_of(at.parent)
            for node in tuple(holder.named.get(at.name, ()))
        )

    def _rules_below(self, node: Node) -> list[Rule]:
        by_owner = self.plan.by_owner
        paths = dict.fromkeys(field_of(each).path for each in node.below())
        for below in field_of(node).below():  # counted repeats are not there yet
            paths.setdefault(below.path)
        return [rule for path in paths for rule in by_owner.get(path, ())]

    def _wake(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            if rule.order not in self._waiting:
                self._waiting[rule.order] = rule
                heapq.heappush(self._queue, rule.order)

    def _wake_readers(self, node: Node) -> None:
        for each in node.below():
            self._wake(self.plan.readers.get(field_of(each).path, ()))

    def _work(self) -> None:
        self.working = True
        try:
            while self._queue:
                rule = self._waiting.pop(heapq.heappop(self._queue))
                for moved in self._applied(rule):
                    self._wake_readers(moved)
                    if rule.name == "count":
                        self._wake(self._rules_below(moved))
        finally:
            self.working = False
            self._queue.clear()
            self._waiting.clear()

    def _applied(self, rule: Rule) -> list[Node]:
        """Evaluate a rule wherever it holds and give the nodes whose text changed by it."""
        if rule.name == "count":
            assert rule.at.parent is not None, "a repeat lies in something"
            holders = list(self.nodes_of(rule.at.parent))
            return [moved for holder in holders for moved in self._set_count(rule.at, holder)]
        apply = self._set_relevant if rule.name == "relevant" else self._set_value
        return [moved for node in list(self.nodes_of(rule.at)) for moved in apply(node)]

    def _context(self, node: Node) -> Context:
        return Context(node, node, self.interview)

    def _set_value(self, node: Node) -> list[Node]:
        text = stored_text(field_of(node).rules["calculate"].run(self._context(node)))
        if text == node.value:
            return []
        node.value = text
        return [node]

    def _set_count(self, at: Field, holder: Node) -> list[Node]:
        """Give a counted repeat its instances; those that fall away are kept for a return."""
        asked = to_number(at.rules["count"].run(self._context(_phantom(at, holder))))
        wanted = int(min(asked, MOST_INSTANCES)) if asked > 0 else 0
        kept = self.kept.setdefault((holder, at.path), [])
        moved = []
        while len(here := holder.named.get(at.name, [])) > wanted:
            moved.append(here[-1])
            kept.append(here[-1])
            holder.remove(here[-1])
        while len(holder.named.get(at.name, [])) < wanted:
            moved.append(self._returned(kept.pop(), holder) if kept else self._new(at, holder))
        return moved

    def _new(self, at: Field, holder: Node) -> Node:
        return self.interview.grown(at, holder)

    def _returned(self, node: Node, holder: Node) -> Node:
        holder.add(node)
        node.hand_down(holder.relevant)
        return node

    def _set_relevant(self, node: Node) -> list[Node]:
        above = node.parent is None or node.parent.relevant
        node.own = to_boolean(field_of(node).rules["relevant"].run(self._context(node)))
        if (node.own and above) == node.relevant:
            return []
        node.hand_down(above)
        return [node]


def _phantom(at: Field, holder: Node) -> Node:
    """A node where an instance of a repeat would stand, for the rule that counts them."""
    node = Node(at.name, None, at)
    node.parent = holder
    return node
