"""Walking through a questionnaire: one question after the other, any answers, nothing stored.

The interview is kept as the plain data that the engine dumps, in the session of who walks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from huiyin.survey.engine import AnswerRefused, Interview, QuestionState
from huiyin.survey.engine.form import Field
from huiyin.survey.questionnaire_reading import Reading, is_note, missing_words

#: Seeds are what a person can write down.
MOST_SEED = 10**9


@dataclass(frozen=True)
class Offer:
    """A choice as the page of a question offers it."""

    value: str
    label: str
    taken: bool


@dataclass(frozen=True)
class Step:
    """A question on the path taken.

    Attributes:
        answer: in words.
        state: answered, wrong, missing, read (a note), or open (still ahead).
    """

    path: str
    number: int | None
    label: str
    answer: str
    state: str


@dataclass
class Walk:
    """One walk.

    Attributes:
        at: address of the question on which it stands; "" = at the end.
    """

    reading: Reading
    interview: Interview
    at: str

    # Beginning and keeping

    @classmethod
    def begin(cls, reading: Reading, seed: int | None, language: str, now: datetime) -> Walk:
        walk = cls(reading, reading.questionnaire.start(seed, language, now=now), "")
        walk.at = walk.after("")
        return walk

    @classmethod
    def resume(cls, reading: Reading, kept: Mapping[str, Any]) -> Walk | None:
        """The walk that was kept; None if it is of another version."""
        try:
            interview = reading.questionnaire.resume(kept["interview"])
        except (AnswerRefused, KeyError, ValueError):
            return None
        walk = cls(reading, interview, kept["at"])
        if walk.at and not walk.is_here(walk.at):
            walk.at = walk.after(walk.at)
        return walk

    def keep(self) -> dict[str, Any]:
        """Plain data, for the session."""
        return {"interview": self.interview.dump(), "at": self.at}

    # Moving

    def asked(self) -> list[QuestionState]:
        """The questions and notes that are relevant, in the order of asking."""
        return [each for each in self.interview.state() if each.relevant]

    def is_here(self, path: str) -> bool:
        return any(each.path == path for each in self.asked())

    def after(self, path: str) -> str:
        """The address of what is asked next after a question, relevant or not; "" = the end."""
        passed = path == ""
        for each in self.interview.state():
            if passed and each.relevant:
                return each.path
            passed = passed or each.path == path
        return ""

    def before(self, path: str) -> str:
        """The address of what was asked before; the same where it is the first."""
        paths = [each.path for each in self.asked()]
        if path not in paths:
            return paths[-1] if paths else ""
        return paths[max(paths.index(path) - 1, 0)]

    def current(self) -> QuestionState | None:
        return next((each for each in self.interview.state() if each.path == self.at), None)

    def answer(self, posted: QueryDict) -> bool:
        """Store what a page posted for the current question; whether one may go on.

        An answer that cannot stand is kept as it came, and the page says what is wrong with it.
        """
        state = self.current()
        if state is None or self.is_read(state):
            return True
        stored = self.interview.answer(self.at, answer_in(posted, state))
        node = self.interview.find(self.at)
        return node is None or not stored.relevant or self.interview.problem_of(node) is None

    def forward(self) -> None:
        self.at = self.after(self.at) if self.at else ""

    def after_adding(self, repeat: str) -> str:
        """Add an instance to a repeat; the address of what is asked first in it.

        Raises:
            AnswerRefused: there is no such repeat, or the form counts its instances itself.
        """
        added = self.interview.add_repeat(repeat)
        inside = (each.path for each in self.asked() if each.path.startswith(f"{added}/"))
        return next(inside, self.at)

    def remove_last(self, repeat: str) -> None:
        """Take the last instance of a repeat out again.

        Raises:
            AnswerRefused: there is none, or the form counts its instances itself.
        """
        self.interview.remove_repeat(repeat, len(self.interview.instances(repeat)))
        if self.at and not self.is_here(self.at):
            self.at = self.after("")

    def is_read(self, state: QuestionState) -> bool:
        """Whether it is read out only."""
        field = self._field(state.path)
        return state.readonly or (field is not None and is_note(field))

    # Showing

    def offers(self, state: QuestionState) -> list[Offer]:
        """The choices now on offer, with "don't know" and a refusal where they are taken."""
        field = self._field(state.path)
        rules = self.reading.questionnaire.choice_rules.get(field.path) if field else None
        offered = [(each.value, each.label) for each in state.choices]
        for name in ("dont_know", "refused"):
            code = getattr(rules, name, "")
            if code and code not in dict(offered):
                offered.append((code, missing_words(name, self.tongue)))
        taken = state.value.split() if state.type == "select" else [state.value]
        return [Offer(value, label, value in taken) for value, label in offered]

    @property
    def tongue(self) -> str:
        return "en" if self.interview.language.lower().find("en") >= 0 else "zh"

    def number(self, path: str) -> int | None:
        field = self._field(path)
        return self.reading.numbers.get(field.path) if field else None

    def steps(self) -> list[Step]:
        """The path taken so far, up to the current question."""
        steps = []
        for state in self.asked():
            if state.path == self.at:
                break
            steps.append(self.step(state))
        return steps

    def step(self, state: QuestionState) -> Step:
        if self.is_read(state):
            status = "read"
        elif not state.valid:
            status = "wrong"
        elif state.value:
            status = "answered"
        else:
            status = "missing" if state.required else "open"
        return Step(state.path, self.number(state.path), state.label, self.said(state), status)

    def said(self, state: QuestionState) -> str:
        """An answer in words."""
        labels = {each.value: each.label for each in self.offers(state)}
        if state.type in ("select", "rank"):
            link = "、" if self.tongue == "zh" else ", "
            return link.join(labels.get(code, code) for code in state.value.split())
        return labels.get(state.value, state.value)

    def problems(self) -> list[Step]:
        """What is wrong or missing so far, at the end in all: steps whose answer is the message."""
        passed = {each.path for each in self.steps()} | {self.at}
        states = {each.path: each for each in self.asked() if not self.at or each.path in passed}
        return [
            Step(
                each.path, self.number(each.path), states[each.path].label, each.message, each.code
            )
            for each in self.interview.problems()
            if each.path in states
        ]

    def calculated(self) -> list[tuple[str, str]]:
        """Values worked out so far, by name."""
        asked = {each.path for each in self.interview.state()}
        return [
            (path.removeprefix("/data/"), value)
            for path, value in self.interview.values().items()
            if path not in asked
        ]

    def repeats(self) -> list[tuple[str, str, int]]:
        """Repeats whose instances one adds oneself: address, label, and how many there are."""
        found = []
        for at in self.reading.form.root.below():
            if at.is_repeat and "count" not in at.rules and not _inside_repeat(at):
                try:
                    instances = self.interview.instances(at.path)
                except AnswerRefused:
                    continue
                tongue = next(
                    each for each in self.reading.tongues if each.name == self.interview.language
                )
                label = self.reading.text(at, "label", tongue) or at.name
                found.append((at.path, label, len(instances)))
        return found

    def _field(self, path: str) -> Field | None:
        bare = "/".join(part.partition("[")[0] for part in path.split("/"))
        return self.reading.form.fields.get(bare)


def _inside_repeat(at: Any) -> bool:
    return any(above.is_repeat for above in at.above() if above is not at)


def answer_in(posted: QueryDict, state: QuestionState) -> str:
    """The answer that a page posted."""
    if state.type == "rank":
        places = [(posted.get(f"place-{each.value}", ""), each.value) for each in state.choices]
        given = [(int(place), code) for place, code in places if place.isdigit()]
        return " ".join(code for _place, code in sorted(given))
    if state.type == "select":
        return " ".join(posted.getlist("answer"))
    return posted.get("answer", "").replace("\x00", "").strip()
