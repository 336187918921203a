"""A questionnaire that has passed every check and can be run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from huiyin.survey.engine.dependencies import Plan
from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.form import Form
from huiyin.survey.engine.saving import restore

if TYPE_CHECKING:
    from huiyin.survey.engine.choices import Choice
    from huiyin.survey.engine.interview import Interview


@dataclass(frozen=True)
class ChoiceRules:
    """What the engine adds to XForms about the choices of a question.

    Attributes:
        exclusive: codes that stand alone where several may be chosen: none, don't know, refused.
        dont_know: the code of "don't know"; "" = the question has none.
        refused: the code of a refusal.
    """

    exclusive: frozenset[str] = frozenset()
    dont_know: str = ""
    refused: str = ""

    @property
    def missing(self) -> frozenset[str]:
        """Codes that are no answer in the sense of the question."""
        return frozenset(filter(None, (self.dont_know, self.refused)))


NO_RULES = ChoiceRules()


@dataclass(frozen=True)
class Questionnaire:
    """One version of a questionnaire, the same object for every interview with it.

    Attributes:
        form: what is asked.
        plan: the rules in their order.
        warnings: what the checks found and let pass.
        choice_rules: by the path of the question.
        offered: choices that are always the same, by path and language, kept once they are said.
    """

    form: Form
    plan: Plan
    xform: str
    warnings: tuple[Finding, ...] = ()
    choice_rules: Mapping[str, ChoiceRules] = field(default_factory=dict)
    offered: dict[tuple[str, str], list[Choice]] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        return self.form.title

    @property
    def languages(self) -> list[str]:
        """Names of its languages, the default first."""
        return list(self.form.languages)

    @cached_property
    def questions(self) -> int:
        """How many questions it has, those in a repeat once."""
        return sum(at.kind == "question" for at in self.form.fields.values())

    @cached_property
    def fingerprint(self) -> str:
        """What tells this version from any other: 16 hexadecimal digits."""
        return hashlib.sha256(self.xform.encode()).hexdigest()[:16]

    def to_xform(self) -> str:
        """The XForms document, for other engines."""
        return self.xform

    def start(
        self, seed: int | None = None, language: str = "zh", *, now: datetime | None = None
    ) -> Interview:
        """A new interview.

        Args:
            seed: of everything random in it; without one a seed is drawn and kept in
                ``interview.seed``.
            language: a code such as ``zh``, or the form's own name of the language.
            now: the moment, for ``today()`` and ``now()``; with its time zone.
        """
        from huiyin.survey.engine.interview import Interview

        return Interview(self, seed, language, now)

    def resume(self, dump: Mapping[str, Any], *, now: datetime | None = None) -> Interview:
        """An interview exactly as it was when ``Interview.dump()`` was called.

        Args:
            now: the moment; without one the clock stands where it stood.

        Raises:
            AnswerRefused: the dump is of another questionnaire, or another version.
        """
        from huiyin.survey.engine.interview import AnswerRefused, Interview

        if dump["form"] != self.fingerprint:
            raise AnswerRefused("other-questionnaire", self.form.name)
        moment = now or (datetime.fromisoformat(dump["now"]) if dump["now"] else None)
        interview = Interview(self, dump["seed"], dump["language"], moment, begun=False)
        restore(interview, dump)
        return interview
