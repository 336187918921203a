"""One interview: answers go in, the state of every question comes out."""

from __future__ import annotations

import heapq
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random

from huiyin.survey.engine.answers import Problem, text_of, wrong_answer
from huiyin.survey.engine.choices import Choice, choices_of
from huiyin.survey.engine.context import Context, NoMoment
from huiyin.survey.engine.dependencies import Rule
from huiyin.survey.engine.form import Expression, Field, Pieces
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.questionnaire import NO_RULES, Questionnaire
from huiyin.survey.engine.state import QuestionState, words
from huiyin.survey.engine.values import to_boolean, to_number, to_string

#: More instances than this are not asked, whatever a number says.
MOST_INSTANCES = 1000
_STEP = re.compile(r"/([^/\[\]]+)(?:\[(\d+)\])?")


class AnswerRefused(ValueError):
    """An answer that cannot be stored: there is no such question, or it takes none.

    Attributes:
        code: ``unknown-question``, ``no-answer-here``, ``no-such-repeat`` or ``repeat-is-counted``.
        path: the address that was given.
    """

    def __init__(self, code: str, path: str) -> None:
        super().__init__(f"{code}: {path}")
        self.code, self.path = code, path

    def in_language(self, language: str) -> str:
        """What is wrong, in ``zh`` or ``en``."""
        return words(self.code, language).format(path=self.path)


class Interview:
    """One interview with a questionnaire.

    Addresses are paths such as ``/data/household/person[2]/age``; the short form ``age`` does where
    the name stands once in the form and outside every repeat.

    Attributes:
        questionnaire: what is run.
        seed: of everything random in it; the same seed and answers give the same interview.
        root: the answers.
        language: the form's name of the language in use.
    """

    def __init__(
        self, questionnaire: Questionnaire, seed: int | None, language: str, now: datetime | None
    ) -> None:
        self.questionnaire = questionnaire
        self.seed = secrets.randbits(48) if seed is None else seed
        self.random = Random(self.seed)
        self.language = questionnaire.form.language(language)
        self._now = now
        self._single: dict[str, Node] = {}
        self._kept: dict[tuple[int, str], list[Node]] = {}
        self._readers = questionnaire.plan.readers
        self.root = self._grown(questionnaire.form.root, None)
        self._settle(questionnaire.plan.rules)

    # What expressions ask (context.Surroundings)

    def moment(self) -> datetime:
        """The moment that was passed in.

        Raises:
            NoMoment: none was.
        """
        if self._now is None:
            raise NoMoment("the questionnaire asks for the date or time: pass now=…")
        return self._now

    def only(self, path: str) -> Node | None:
        """The node of a path that lies in no repeat."""
        return self._single.get(path)

    def secondary(self, name: str) -> Node | None:
        return self.questionnaire.form.lists.get(name)

    def choice_label(self, node: Node, value: str) -> str:
        found = next((each for each in self.choices(node) if each.value == value), None)
        return found.label if found else ""

    def itext(self, name: str) -> str:
        pieces = self.questionnaire.form.itext.get(self.language, {}).get(name, ())
        return self.said(pieces, self.root)

    # What callers do

    def set_now(self, now: datetime) -> None:
        """Move the clock; rules that ask it are evaluated when something they read changes."""
        self._now = now

    def set_language(self, language: str) -> None:
        """Go on in another language of the form."""
        self.language = self.questionnaire.form.language(language)

    def answer(self, path: str, value: object) -> QuestionState:
        """Store an answer, bring everything that depends on it up to date, and say how it stands.

        An answer of the wrong kind or outside the choices is kept as it came and marked invalid, so
        that nothing that was said is lost.

        Args:
            value: text, a number, a date, a list of codes; None clears.

        Raises:
            AnswerRefused: there is no such question, or it takes no answer.
        """
        node = self._question(path)
        self._change(node, text_of(value))
        return self._state_of(node)

    def clear(self, path: str) -> QuestionState:
        """Take an answer back."""
        return self.answer(path, None)

    def add_repeat(self, path: str) -> str:
        """Add an instance of a repeat at its end and give its address.

        Raises:
            AnswerRefused: there is no such repeat, or the form counts its instances itself.
        """
        parent, at = self._repeat(path)
        node = self._grown(at, parent)
        self._settle(self._rules_below(node), changed=[node])
        return node.path

    def remove_repeat(self, path: str, n: int) -> None:
        """Remove the n-th instance of a repeat, counted from 1, with its answers.

        Raises:
            AnswerRefused: there is none, or the form counts its instances itself.
        """
        parent, at = self._repeat(path)
        instances = parent.named.get(at.name, [])
        if not 1 <= n <= len(instances):
            raise AnswerRefused("no-such-repeat", f"{path}[{n}]")
        gone = instances[n - 1]
        parent.remove(gone)
        self._settle([], changed=[gone])

    def state(self) -> list[QuestionState]:
        """Every question in order, relevant or not."""
        return [self._state_of(node) for node in self.questions()]

    def questions(self) -> Iterator[Node]:
        """The nodes of the questions, in order."""
        for node in self.root.below():
            if node.field is not None and node.field.kind == "question":
                yield node

    def problems(self) -> list[Problem]:
        """What keeps the interview from being finished: required and missing, or not valid."""
        found = (self.problem_of(node) for node in self.questions() if node.relevant)
        return [problem for problem in found if problem is not None]

    def values(self) -> dict[str, str]:
        """Answers and calculated values by address: those that are relevant and not empty."""
        return {
            node.path: node.value
            for node in self.root.below()
            if node.relevant and node.value and not node.children
        }

    # One node

    def problem_of(self, node: Node) -> Problem | None:
        """What is wrong with the answer of a question; None = nothing."""
        at = _field(node)
        if not node.value:
            missing = node.relevant and self.holds(node, "required")
            return self._problem(node, "required", "requiredMsg") if missing else None
        rules = self.questionnaire.choice_rules.get(at.path, NO_RULES)
        if node.value in rules.missing:
            return None
        code = wrong_answer(at, node.value, self.choices(node), rules)
        if code:
            return self._problem(node, code, "")
        if "constraint" in at.rules and not self.holds(node, "constraint"):
            return self._problem(node, "constraint", "constraintMsg")
        return None

    def _problem(self, node: Node, code: str, text: str) -> Problem:
        own = self.text(node, text) if text else ""
        return Problem(node.path, code, own or words(code, self.language).format(path=node.path))

    def holds(self, node: Node, rule: str) -> bool:
        """Whether a rule of the node's field is true; false where it has none."""
        found = _field(node).rules.get(rule)
        return found is not None and to_boolean(found.run(self._context(node)))

    def choices(self, node: Node) -> list[Choice]:
        """The choices now on offer, in the order in which they are offered."""
        return choices_of(self, node, self._context(node))

    def text(self, node: Node, name: str) -> str:
        """The label, hint or message of a node in the language of the interview."""
        by_language = _field(node).texts.get(name, {})
        return self.said(by_language.get(self.language, by_language.get("", ())), node)

    def said(self, pieces: Pieces, node: Node) -> str:
        """A text with its values filled in."""
        context = self._context(node)
        return "".join(
            to_string(piece.run(context)) if isinstance(piece, Expression) else piece
            for piece in pieces
        ).strip()

    def _state_of(self, node: Node) -> QuestionState:
        at, problem = _field(node), self.problem_of(node)
        return QuestionState(
            path=node.path,
            label=self.text(node, "label"),
            hint=self.text(node, "hint"),
            type=at.control if at.control in ("select1", "select", "rank") else at.type,
            relevant=node.relevant,
            required=self.holds(node, "required"),
            readonly=self.holds(node, "readonly") or "calculate" in at.rules,
            valid=problem is None or problem.code == "required",
            message=problem.message if problem else "",
            value=node.value,
            choices=self.choices(node),
        )

    def _context(self, node: Node) -> Context:
        return Context(node, node, self)

    # The tree

    def _grown(self, at: Field, parent: Node | None) -> Node:
        """The node of a field with all that belongs below it; a counted repeat begins empty."""
        node = Node(at.name, None, at)
        if parent is not None:
            parent.add(node)
        node.value = "" if at.children else at.default
        if not any(above.is_repeat for above in at.above()):
            self._single[at.path] = node
        for child in at.children:
            if "count" not in child.rules:
                self._grown(child, node)
        node.relevant = parent is None or parent.relevant
        return node

    def _question(self, path: str) -> Node:
        node = self.find(path)
        if node is None:
            raise AnswerRefused("unknown-question", path)
        if _field(node).kind != "question" or "calculate" in _field(node).rules:
            raise AnswerRefused("no-answer-here", path)
        return node

    def find(self, path: str) -> Node | None:
        """The node at an address; None where there is none."""
        if not path.startswith("/"):
            named = [at for at in self._single if at.rpartition("/")[2] == path]
            return self._single[named[0]] if len(named) == 1 else None
        node: Node | None = None
        for name, position in _STEP.findall(path):
            same = [self.root] if node is None else node.named.get(name, [])
            at = int(position or 1) - 1
            if not 0 <= at < len(same) or same[at].name != name:
                return None
            node = same[at]
        return node

    def _repeat(self, path: str) -> tuple[Node, Field]:
        above, _, name = path.rpartition("/")
        parent = self.find(above) if above else None
        at = next(
            (each for each in (_field(parent).children if parent else ()) if each.name == name),
            None,
        )
        if parent is None or at is None or not at.is_repeat:
            raise AnswerRefused("no-such-repeat", path)
        if "count" in at.rules:
            raise AnswerRefused("repeat-is-counted", path)
        return parent, at

    # Bringing up to date

    def _change(self, node: Node, text: str) -> None:
        if node.value != text:
            node.value = text
            self._settle([], changed=[node])

    def _rules_below(self, node: Node) -> list[Rule]:
        paths = {_field(each).path for each in node.below()}
        return [rule for rule in self.questionnaire.plan.rules if rule.at.path in paths]

    def _settle(self, rules: list[Rule], changed: list[Node] | None = None) -> None:
        """Evaluate rules, and those that read what changed, each after all that it reads."""
        waiting: dict[int, Rule] = {}
        queue: list[int] = []
        self._wake(rules, waiting, queue)
        for node in changed or ():
            self._wake_readers(node, waiting, queue)
        while queue:
            rule = waiting.pop(heapq.heappop(queue))
            for moved in self._applied(rule):
                self._wake_readers(moved, waiting, queue)
                if rule.name == "count":
                    self._wake(self._rules_below(moved), waiting, queue)

    def _wake(self, rules: Iterable[Rule], waiting: dict[int, Rule], queue: list[int]) -> None:
        for rule in rules:
            if rule.order not in waiting:
                waiting[rule.order] = rule
                heapq.heappush(queue, rule.order)

    def _wake_readers(self, node: Node, waiting: dict[int, Rule], queue: list[int]) -> None:
        for each in node.below():
            self._wake(self._readers.get(_field(each).path, ()), waiting, queue)

    def _nodes_of(self, at: Field) -> Iterator[Node]:
        """Every node of a field."""
        if (only := self._single.get(at.path)) is not None:
            return iter((only,))
        above = at.parent
        if above is None:
            return iter((self.root,))
        return (
            node for holder in self._nodes_of(above) for node in list(holder.named.get(at.name, ()))
        )

    def _applied(self, rule: Rule) -> list[Node]:
        """Evaluate a rule wherever it holds and give the nodes whose text changed by it."""
        if rule.name == "count":
            assert rule.at.parent is not None, "a repeat lies in something"
            holders = list(self._nodes_of(rule.at.parent))
            return [moved for holder in holders for moved in self._set_count(rule.at, holder)]
        apply = self._set_relevant if rule.name == "relevant" else self._set_value
        return [moved for node in list(self._nodes_of(rule.at)) for moved in apply(node)]

    def _set_value(self, node: Node) -> list[Node]:
        text = to_string(_field(node).rules["calculate"].run(self._context(node)))
        if text == node.value:
            return []
        node.value = text
        return [node]

    def _set_count(self, at: Field, holder: Node) -> list[Node]:
        """Give a counted repeat its instances; those that fall away are kept for when they return."""
        asked = to_number(at.rules["count"].run(self._context(_phantom(at, holder))))
        wanted = min(int(asked), MOST_INSTANCES) if asked > 0 else 0
        here, kept = holder.named.get(at.name, []), self._kept.setdefault((id(holder), at.path), [])
        moved = []
        while len(here) > wanted:
            moved.append(here[-1])
            kept.append(here[-1])
            holder.remove(here[-1])
        while len(holder.named.get(at.name, [])) < wanted:
            moved.append(holder.add(kept.pop()) if kept else self._grown(at, holder))
        return moved

    def _set_relevant(self, node: Node) -> list[Node]:
        above = node.parent is None or node.parent.relevant
        node.own = to_boolean(_field(node).rules["relevant"].run(self._context(node)))
        if (node.own and above) == node.relevant:
            return []
        _spread(node, above)
        return [node]


def _phantom(at: Field, holder: Node) -> Node:
    """A node where an instance of a repeat would stand, for the rule that counts them."""
    node = Node(at.name, None, at)
    node.parent = holder
    return node


def _spread(node: Node, above: bool) -> None:
    """Hand relevance down."""
    node.relevant = node.own and above
    for child in node.children:
        _spread(child, node.relevant)


def _field(node: Node) -> Field:
    assert node.field is not None, "a node of the answers has its field"
    return node.field
