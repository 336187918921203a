"""What a run brings, before it is written anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from huiyin.measure.survey_file.model import Survey
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend

    from huiyin.measure.design import SurveyDesign

#: Told the phase (a key) and how much of the whole is done (0-1).
Progress = Callable[[str, float], None]


def silent(_phase: str, _done: float) -> None:
    """A progress that nobody watches."""


@dataclass(frozen=True)
class Fielded:
    """A round whose data are open: the table, and the design after calibration."""

    name: str
    table: ibis.Table
    base_design: SurveyDesign
    design: SurveyDesign


@dataclass
class Results:
    """Tables of one run and the facts around them.

    Attributes:
        survey: what was asked for.
        backend: the engine that computed.
        rounds: open rounds, oldest first; empty for published figures.
        tables: by the names of the contract, withheld figures blanked.
        full: the estimates before anything was withheld, for models and ranks.
        weighting: by round, what ``weights.json`` says.
        parents: ``{level: {area: area one level up}}`` where every area has one.
        names: ``{level: {area: name}}``.
        response: AAPOR rates by round.
        integrity: flags and their notes, if checks were asked for.
        warnings: (English, Chinese) lines worth saying.
    """

    survey: Survey
    backend: BaseBackend
    rounds: list[Fielded] = field(default_factory=list)
    tables: dict[str, Tidy] = field(default_factory=dict)
    full: Tidy | None = None
    weighting: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    response: dict[str, Tidy] = field(default_factory=dict)
    integrity: Any = None
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, english: str, chinese: str) -> None:
        if (english, chinese) not in self.warnings:
            self.warnings.append((english, chinese))
