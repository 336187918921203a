"""What changed from one round to the next, and whether results can still be compared. Pure.

A new wording or new choices of a question that an indicator rests on, other people asked, another
way of asking or another frame: each can move a result without anything having changed in the city
(003-28, P-02). They are listed; whether the series breaks there is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huiyin.survey.round_content import Asked


@dataclass(frozen=True)
class Measured:
    """An indicator as rounds compare it: the question's name, and what each answer counts."""

    name: str
    question: str
    counts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Told:
    """What a round says of itself, as far as it bears on comparing results.

    Attributes:
        questions: by name.
        indicators: by code.
        setting: title of each other thing → (what it is, whether a change of it suggests a break).
    """

    questions: Mapping[str, Asked] = field(default_factory=dict)
    indicators: Mapping[str, Measured] = field(default_factory=dict)
    setting: Mapping[str, tuple[str, bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One thing that changed.

    Attributes:
        kind: question, choices, indicator or setting.
        touches: names of the indicators whose results it can move; they suggest a break.
        suggests: whether it suggests a break whatever it touches.
    """

    kind: str
    title: str | Promise
    before: str = ""
    after: str = ""
    touches: tuple[str, ...] = ()
    suggests: bool = False

    @property
    def suggests_break(self) -> bool:
        return self.suggests or bool(self.touches)


def changes(before: Told, after: Told) -> list[Change]:
    """What changed from one round to the next: first what suggests a break."""
    found = [
        *_settings(before, after), *_questions(before, after), *_indicators(before, after)
    ]  # fmt: skip
    return sorted(found, key=lambda change: not change.suggests_break)


def _settings(before: Told, after: Told) -> Iterator[Change]:
    for title, (said, suggests) in after.setting.items():
        was = before.setting.get(title, ("", False))[0]
        if was != said:
            yield Change("setting", title, was, said, suggests=suggests)


def _questions(before: Told, after: Told) -> Iterator[Change]:
    resting = _resting(before, after)
    for name in dict.fromkeys([*before.questions, *after.questions]):
        old, new = before.questions.get(name), after.questions.get(name)
        touches = tuple(resting.get(name, ()))
        if old is None and new is not None:
            yield Change("question", _("Question {name} added").format(name=name), "", new.label)
        elif new is None and old is not None:
            title = _("Question {name} dropped").format(name=name)
            yield Change("question", title, old.label, "", touches)
        elif old is not None and new is not None:
            yield from _of_question(name, old, new, touches)


def _of_question(name: str, old: Asked, new: Asked, touches: tuple[str, ...]) -> Iterator[Change]:
    if old.label != new.label:
        title = _("Wording of question {name}").format(name=name)
        yield Change("question", title, old.label, new.label, touches)
    if old.choices != new.choices:
        title = _("Choices of question {name}").format(name=name)
        yield Change("choices", title, _listed(old), _listed(new), touches)


def _listed(question: Asked) -> str:
    return "；".join(f"{code} {label}" for code, label in question.choices)


def _resting(before: Told, after: Told) -> dict[str, list[str]]:
    """The indicators of both rounds by the question that they rest on."""
    found: dict[str, list[str]] = {}
    for code, now in after.indicators.items():
        if code in before.indicators:
            for question in {before.indicators[code].question, now.question}:
                found.setdefault(question, []).append(now.name)
    return found


def _indicators(before: Told, after: Told) -> Iterator[Change]:
    for code in dict.fromkeys([*before.indicators, *after.indicators]):
        old, new = before.indicators.get(code), after.indicators.get(code)
        if old is None and new is not None:
            yield Change("indicator", _("Indicator added"), "", new.name)
        elif new is None and old is not None:
            yield Change("indicator", _("Indicator dropped"), old.name, "")
        elif old is not None and new is not None and _scoring(old) != _scoring(new):
            title = _("Scoring of “{name}”").format(name=new.name)
            yield Change("indicator", title, _scoring(old), _scoring(new), (new.name,))


def _scoring(indicator: Measured) -> str:
    return f"{indicator.question}: " + "、".join(f"{a}={n}" for a, n in indicator.counts)


def suggestion(found: Iterable[Change]) -> str:
    """Why a break could be marked, ready to be edited; "" = nothing suggests one."""
    reasons = [change for change in found if change.suggests_break]
    return "；".join(_reason(change) for change in reasons)


def _reason(change: Change) -> str:
    if not change.touches:
        return _("{what} changed").format(what=change.title)
    return _("{what} changed, on which {indicators} rest").format(
        what=change.title, indicators="、".join(change.touches)
    )
