"""One interview: answers go in, the state of every question comes out."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from random import Random
from typing import Any

from huiyin.survey.engine import saving
from huiyin.survey.engine.answers import Problem, text_of, wrong_answer
from huiyin.survey.engine.choices import Choice, choices_of, codes_of
from huiyin.survey.engine.context import Context, NoMoment
from huiyin.survey.engine.form import Expression, Field, Pieces
from huiyin.survey.engine.instance import Node, field_of
from huiyin.survey.engine.questionnaire import NO_RULES, Questionnaire
from huiyin.survey.engine.shuffling import shuffled
from huiyin.survey.engine.state import QuestionState, spoken, words
from huiyin.survey.engine.upkeep import Upkeep
from huiyin.survey.engine.values import to_boolean, to_string

_STEP = re.compile(r"/([^/\[\]]+)(?:\[(\d+)\])?")


class AnswerRefused(ValueError):
    """An answer that cannot be stored: there is no such question, or it takes none.

    Attributes:
        code: ``unknown-question``, ``no-answer-here``, ``no-such-repeat``, ``repeat-is-counted``,
            ``too-many-instances`` or ``other-questionnaire``.
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
        spoken: ``zh`` or ``en``: what the engine itself speaks.
        version: of the questionnaire.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        seed: int | None = None,
        language: str = "zh",
        now: datetime | None = None,
        *,
        begun: bool = True,
    ) -> None:
        self.questionnaire = questionnaire
        self.seed = secrets.randbits(48) if seed is None else seed
        self.version = questionnaire.form.version
        self.draws: dict[str, int] = {}
        self._now = now
        self._single: dict[str, Node] = {}
        self.set_language(language)
        self.upkeep = Upkeep(self)
        self.root = self.grown(questionnaire.form.root, None, bare=not begun)
        if begun:
            self._preload()
            self.upkeep.begin()

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

    def every(self, path: str) -> list[Node]:
        """Every node of a field, by the path of the field."""
        at = self.questionnaire.form.fields.get(path)
        return [] if at is None else list(self.upkeep.nodes_of(at))

    def secondary(self, name: str) -> Node | None:
        return self.questionnaire.form.lists.get(name)

    def choice_label(self, node: Node, value: str) -> str:
        found = next((each for each in self.choices(node) if each.value == value), None)
        return found.label if found else ""

    def itext(self, name: str) -> str:
        return self.said(self.questionnaire.form.text(name, self.language), self.root)

    def drawn(self, node: Node) -> Random:
        """The generator for the next random value at a node.

        It follows from the seed, the node and how many were drawn there before, and so from nothing
        that is done elsewhere. Looking at a question uses none up.
        """
        path = node.path
        number = self.draws.get(path, 0)
        if self.upkeep.working:
            self.draws[path] = number + 1
        return Random(f"{self.seed} {path} {number}")

    def seed_for(self, node: Node) -> int:
        """The seed of an order that stays the same throughout the interview at a node."""
        digest = hashlib.sha256(f"{self.seed} {node.path}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    # What callers do

    def set_now(self, now: datetime) -> None:
        """Move the clock; rules that ask it are evaluated when something they read changes."""
        self._now = now

    def set_language(self, language: str) -> None:
        """Go on in another language of the form."""
        self.language = self.questionnaire.form.language(language)
        self.spoken = spoken(language)

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
        text = text_of(value)
        if node.value != text:
            node.value = text
            self.upkeep.changed([node])
        return self._state_of(node)

    def clear(self, path: str) -> QuestionState:
        """Take an answer back."""
        return self.answer(path, None)

    def fill(self, answers: Mapping[str, object]) -> None:
        """Store the answers of a whole interview at once, as ``values()`` gives them.

        Instances of repeats are added where an address asks for one. What the form calculates is
        passed over: it follows from the rest.

        Raises:
            AnswerRefused: an address leads nowhere; nothing after it is stored.
        """
        waiting = dict(answers)
        while waiting:
            nodes = {path: self._reached(path) for path in waiting}
            found = {path: node for path, node in nodes.items() if node is not None}
            if not found:
                raise AnswerRefused("unknown-question", next(iter(waiting)))
            self._store({node: text_of(waiting.pop(path)) for path, node in found.items()})

    def _store(self, texts: Mapping[Node, str]) -> None:
        changed = []
        for node, text in texts.items():
            at = field_of(node)
            if at.kind == "question" and "calculate" not in at.rules and node.value != text:
                node.value = text
                changed.append(node)
        self.upkeep.changed(changed)

    def _reached(self, path: str) -> Node | None:
        """The node of an address, with the instances of uncounted repeats that it asks for."""
        for step in re.finditer(r"\[(\d{1,4})\]", path):
            try:
                missing = int(step[1]) - len(self.instances(path[: step.start()]))
                for _ in range(missing):
                    self.add_repeat(path[: step.start()])
            except AnswerRefused:
                return None
        return self.find(path)

    def instances(self, path: str) -> list[str]:
        """The addresses of the instances of a repeat.

        Raises:
            AnswerRefused: there is no such repeat.
        """
        parent, at = self._repeat(path)
        return [node.path for node in parent.named.get(at.name, [])]

    def add_repeat(self, path: str) -> str:
        """Add an instance of a repeat at its end and give its address.

        Raises:
            AnswerRefused: there is no such repeat, or the form counts its instances itself.
        """
        parent, at = self._uncounted(path)
        if len(parent.named.get(at.name, [])) >= MOST_ADDED:
            raise AnswerRefused("too-many-instances", path)
        node = self.grown(at, parent)
        self.upkeep.added(node)
        return node.path

    def remove_repeat(self, path: str, n: int) -> None:
        """Remove the n-th instance of a repeat, counted from 1, with its answers.

        Raises:
            AnswerRefused: there is none, or the form counts its instances itself.
        """
        parent, at = self._uncounted(path)
        instances = parent.named.get(at.name, [])
        if not 1 <= n <= len(instances):
            raise AnswerRefused("no-such-repeat", f"{path}[{n}]")
        gone = instances[n - 1]
        parent.remove(gone)
        self.upkeep.removed(gone)

    def finish(self, now: datetime) -> None:
        """Note the end of the interview where the form asks for it (type ``end``)."""
        self._now = now
        for at in self.questionnaire.form.fields.values():
            if at.settings.get("preload") == "timestamp/end":
                for node in self.upkeep.nodes_of(at):
                    node.value = now.isoformat(timespec="milliseconds")

    def state(self) -> list[QuestionState]:
        """Every question in the order of asking, relevant or not."""
        return [self._state_of(node) for node in self.questions()]

    def questions(self) -> Iterator[Node]:
        """The nodes of the questions, in the order of asking."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if field_of(node).kind == "question":
                yield node
            waiting.extend(reversed(self._asked(node)))

    def orders(self) -> dict[str, list[str]]:
        """The orders that were drawn: of the parts of a group, and of the choices of a question.

        They follow from the seed, so the record of an interview need hold no more than the seed;
        they are given here to be stored beside the answers.
        """
        found: dict[str, list[str]] = {}
        for node in self.root.below():
            at = field_of(node)
            if at.is_shuffled:
                found[node.path] = self._order(node)
            elif at.itemset is not None and at.itemset.is_shuffled:
                found[node.path] = [choice.value for choice in self.choices(node)]
        return found

    def problems(self) -> list[Problem]:
        """What keeps the interview from being finished: required and missing, or not valid."""
        found = (self.problem_of(node) for node in self.questions() if node.relevant)
        return [problem for problem in found if problem is not None]

    def values(self) -> dict[str, str]:
        """Answers and calculated values by address: those that are relevant and not empty."""
        return {
            node.path: node.value
            for node in self.root.below()
            if node.value and node.relevant and not node.children and not field_of(node).is_meta
        }

    def dump(self) -> dict[str, Any]:
        """Everything of the interview as plain data, for ``Questionnaire.resume``."""
        return saving.dumped(self, self._now)

    # One node

    def problem_of(self, node: Node) -> Problem | None:
        """What is wrong with the answer of a question; None = nothing."""
        at = field_of(node)
        if not node.value:
            missing = node.relevant and self.holds(node, "required")
            return self._problem(node, "required", "requiredMsg") if missing else None
        rules = self.questionnaire.choice_rules.get(at.path, NO_RULES)
        if node.value in rules.missing:
            return None
        offered = codes_of(self, node, self._context(node)) if at.is_choice else frozenset()
        code = wrong_answer(at, node.value, offered, rules)
        if code:
            return self._problem(node, code, "")
        if "constraint" in at.rules and not self.holds(node, "constraint"):
            return self._problem(node, "constraint", "constraintMsg")
        return None

    def _problem(self, node: Node, code: str, text: str) -> Problem:
        own = self.text(node, text) if text else ""
        return Problem(node.path, code, own or words(code, self.spoken).format(path=node.path))

    def holds(self, node: Node, rule: str) -> bool:
        """Whether a rule of the node's field is true; false where it has none."""
        found = field_of(node).rules.get(rule)
        return found is not None and to_boolean(found.run(self._context(node)))

    def choices(self, node: Node) -> list[Choice]:
        """The choices now on offer, in the order in which they are offered."""
        return choices_of(self, node, self._context(node))

    def text(self, node: Node, name: str) -> str:
        """The label, hint or message of a node in the language of the interview."""
        by_language = field_of(node).texts.get(name)
        if not by_language:
            return ""
        return self.said(self.questionnaire.form.in_language(by_language, self.language), node)

    def said(self, pieces: Pieces, node: Node) -> str:
        """A text with its values filled in."""
        context = self._context(node)
        return "".join(
            to_string(piece.run(context)) if isinstance(piece, Expression) else piece
            for piece in pieces
        ).strip()

    def _state_of(self, node: Node) -> QuestionState:
        at, problem = field_of(node), self.problem_of(node)
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

    def grown(self, at: Field, parent: Node | None, *, bare: bool = False) -> Node:
        """The node of a field with all that belongs below it.

        A counted repeat begins empty, any other with one instance; a bare node has no repeats.
        """
        node = Node(at.name, None, at)
        if parent is not None:
            parent.add(node)
        node.value = "" if at.children else at.default
        if not at.is_repeated:
            self._single[at.path] = node
        for child in at.children:
            if not (child.is_repeat and (bare or "count" in child.rules)):
                self.grown(child, node, bare=bare)
        node.relevant = parent is None or parent.relevant
        return node

    def _preload(self) -> None:
        """What the form notes by itself when an interview begins."""
        for at in self.questionnaire.form.fields.values():
            text = self._noted(at.settings.get("preload", ""))
            for node in self.upkeep.nodes_of(at) if text else ():
                node.value = text

    def _noted(self, what: str) -> str:
        if what.startswith("uid/"):
            return f"uuid:{saving.uuid_of(self.drawn(self.root))}"
        if self._now is None:
            return ""
        if what == "timestamp/start":
            return self._now.isoformat(timespec="milliseconds")
        return self._now.date().isoformat() if what == "date/today" else ""

    def _asked(self, node: Node) -> list[Node]:
        """The children of a node in the order of asking."""
        if not field_of(node).is_shuffled:
            return node.children
        place = {name: at for at, name in enumerate(self._order(node))}
        return sorted(node.children, key=lambda child: place[child.name])

    def _order(self, node: Node) -> list[str]:
        return shuffled([child.name for child in field_of(node).children], self.seed_for(node))

    def _question(self, path: str) -> Node:
        node = self.find(path)
        if node is None:
            raise AnswerRefused("unknown-question", path)
        if field_of(node).kind != "question" or "calculate" in field_of(node).rules:
            raise AnswerRefused("no-answer-here", path)
        return node

    def find(self, path: str) -> Node | None:
        """The node at an address; None where there is none."""
        if not path.startswith("/"):
            return self._single.get(self.questionnaire.form.short.get(path, ""))
        if (only := self._single.get(path)) is not None:
            return only
        node: Node | None = None
        steps = _STEP.findall(path)
        if "".join(f"/{name}[{at}]" if at else f"/{name}" for name, at in steps) != path:
            return None
        for name, position in steps:
            same: Iterable[Node] = [self.root] if node is None else node.named.get(name, [])
            found = [each for each in same if each.name == name]
            at = int(position or 1) - 1
            if not 0 <= at < len(found):
                return None
            node = found[at]
        return node

    def _repeat(self, path: str) -> tuple[Node, Field]:
        """The node that holds a repeat, and its field, by an address or a short name."""
        path = path if path.startswith("/") else self.questionnaire.form.short_repeat(path)
        above, _, name = path.rpartition("/")
        parent = self.find(above) if above else None
        children = field_of(parent).children if parent else ()
        at = next((each for each in children if each.name == name and each.is_repeat), None)
        if parent is None or at is None:
            raise AnswerRefused("no-such-repeat", path)
        return parent, at

    def _uncounted(self, path: str) -> tuple[Node, Field]:
        parent, at = self._repeat(path)
        if "count" in at.rules:
            raise AnswerRefused("repeat-is-counted", path)
        return parent, at


#: More instances than this nobody adds by hand.
MOST_ADDED = 1000
