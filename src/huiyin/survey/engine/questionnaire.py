"""A questionnaire that has passed every check and can be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from huiyin.survey.engine.dependencies import Plan
from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.form import Form

if TYPE_CHECKING:
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
    """

    form: Form
    plan: Plan
    xform: str
    warnings: tuple[Finding, ...] = ()
    choice_rules: Mapping[str, ChoiceRules] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.form.title

    @property
    def languages(self) -> list[str]:
        """Names of its languages, the default first."""
        return list(self.form.languages)

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
