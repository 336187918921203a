"""What a bulletin is made from: the result tables and the words that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

Language = Literal["zh", "en"]
#: A text in both languages, ``{"zh": ..., "en": ...}``; a plain string serves for both.
Text = str | Mapping[str, str]
Kind = Literal["share", "score", "mean", "ratio", "total", "median"]
Good = Literal["higher", "lower"]

#: Level of the whole area, always there and always first.
WHOLE = "all"

#: Names under which :attr:`Measurement.tables` is read; each may be absent.
TABLES = ("estimates", "changes", "ranks", "small_area", "drivers")

#: The day that stands in a file made without a date, so that the same input is the same file.
NO_DAY = date(1980, 1, 1)


@dataclass(frozen=True)
class RoundInfo:
    """One round of the survey.

    Attributes:
        name: as in the tables. ``2021H1``, ``2021Q3`` and ``2021`` print in words.
        n: respondents; ``None`` where only published figures are at hand.
        sum_of_weights: their weights added up.
        source: file or publication the data come from.
        response: AAPOR rates, columns ``rate`` (``RR1``, ...) and ``value`` (percent).
        title: name to print instead of the rule above.
    """

    name: str
    n: int | None
    sum_of_weights: float | None = None
    source: Text = ""
    response: Tidy | None = None
    title: Text | None = None


@dataclass(frozen=True)
class IndicatorInfo:
    """One indicator, its unit and the direction that is better.

    Attributes:
        kind: shares and scores are on 0 to 100, the others in their own unit.
        unit: printed after the figure; left out = percent for shares, points for scores.
        decimals: printed decimals; left out = none for totals, two for the others.
    """

    name: str
    title: Text
    kind: Kind = "share"
    good: Good = "higher"
    composite: bool = False
    unit: Text | None = None
    decimals: int | None = None

    @property
    def places(self) -> int:
        """Decimals to print."""
        if self.decimals is not None:
            return self.decimals
        return 0 if self.kind == "total" else 2

    @property
    def on_hundred(self) -> bool:
        """Whether its figures lie between 0 and 100."""
        return self.kind in ("share", "score")


class Suppressed(NamedTuple):
    """A figure that is withheld, and the reason as the publication rule names it."""

    round: str
    indicator: str
    level: str
    area: str
    why_not: str


class Fact(NamedTuple):
    """One line of the method page: what it is about, and what was done."""

    label: Text
    text: Text


@dataclass(frozen=True)
class Measurement:
    """Everything a bulletin prints. Nothing is computed here but differences and counts.

    Attributes:
        rounds: oldest first; the last one is reported on.
        indicators: in the order of printing. The first composite is the headline, or the
            first indicator where there is none.
        levels: ``all`` first, then from large to small.
        area_names: ``{level: {code: name}}``; the order of the codes is the order of lists.
            A code without a name prints as itself.
        tables: the tables of the contract by the names in :data:`TABLES`.
        integrity: flags, columns ``check, kind, unit, n, observed, expected, p_adjusted,
            flagged``, with the notes ``fdr``, ``expected_false_alarms``, ``rule_findings``.
        method: facts for the method page, in order.
        weighting: ``{round: {iterations, largest_margin_error, deff_kish, min, max, trimmed}}``.
        parents: ``{level: {code: code of its area one level up}}``. Where it is absent an area
            belongs to the upper area whose code its own code begins with, if all have one.
        level_names: what an area of a level is called; the usual ones are known.
        made_on: the day to print. There is no clock in here.
    """

    title: Text
    rounds: Sequence[RoundInfo]
    indicators: Sequence[IndicatorInfo]
    levels: Sequence[str] = (WHOLE,)
    language: Language = "zh"
    area_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Mapping[str, Tidy] = field(default_factory=dict)
    integrity: Tidy | None = None
    method: Sequence[Fact] = ()
    weighting: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    suppressed: Sequence[Suppressed] = ()
    warnings: Sequence[Text] = ()
    parents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    level_names: Mapping[str, Text] = field(default_factory=dict)
    confidence: float = 0.95
    made_on: date | None = None

    def __post_init__(self) -> None:
        for part in ("title", "rounds", "indicators"):
            if not getattr(self, part):
                raise MeasureError(
                    "empty-bulletin",
                    "a bulletin needs a title, at least one round and one indicator; name them",
                    "通报须有标题，并至少有一个轮次和一项指标，请补充",
                    place=part,
                )
        if self.language not in ("zh", "en"):
            raise MeasureError(
                "unknown-language",
                f"the language {self.language!r} is not known; use 'zh' or 'en'.",
                f"不支持语言“{self.language}”，请使用 zh 或 en。",
                place="language",
            )
        unknown = sorted(set(self.tables) - set(TABLES))
        if unknown:
            raise MeasureError(
                "unknown-table",
                f"no such table: {', '.join(unknown)}; the tables are {', '.join(TABLES)}.",
                f"没有名为 {'、'.join(unknown)} 的结果表；可用的有：{'、'.join(TABLES)}。",
                place="tables",
            )


def in_language(text: Text, language: Language) -> str:
    """The text in one language, or in the one it has."""
    if isinstance(text, str):
        return text
    return text.get(language) or next((part for part in text.values() if part), "")
