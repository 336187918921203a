"""What a survey file says, as values that cannot change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.statistics import Code, Composite, Statistic, composite
from huiyin.measure.survey_file.findings import Finding

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Method = Literal["rake", "poststratify", "linear", "logit"]
METHODS: tuple[Method, ...] = ("rake", "poststratify", "linear", "logit")
Good = Literal["higher", "lower"]
GOOD: tuple[Good, ...] = ("higher", "lower")
Summary = Literal["mean", "total", "median"]
SUMMARIES: tuple[Summary, ...] = ("mean", "total", "median")
Ties = Literal["min", "max", "average"]
TIES: tuple[Ties, ...] = ("min", "max", "average")
Fit = Literal["reml", "ml"]
FITS: tuple[Fit, ...] = ("reml", "ml")
Suppression = Literal["primary", "complementary"]
SUPPRESSIONS: tuple[Suppression, ...] = ("primary", "complementary")

#: The level that is always there.
ALL = "all"


@dataclass(frozen=True)
class Title:
    """A text in both languages; where one is not given it is the other."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Margin:
    """One margin of a calibration.

    Attributes:
        columns: its columns; several make a joint margin.
        totals: file with those columns, ``within`` where the plan has it, and ``total``.
    """

    columns: tuple[str, ...]
    totals: Path


@dataclass(frozen=True)
class CalibrationPlan:
    """How weights are calibrated.

    Attributes:
        within: columns; the margins hold inside each combination of their values.
        bounds: of the logit calibration, or of trimming relative to the mean weight.
    """

    method: Method
    margins: tuple[Margin, ...]
    within: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Round:
    """One round: its data, and the design and calibration that hold for it.

    Attributes:
        data: a file, or a folder or glob of Parquet files.
        design: its own, or the common one. Replicate weights may still be patterns such as
            ``rep_*``, see :func:`~huiyin.measure.survey_file.expand_replicates`.
        design_key: path of the key that the design came from; so ``calibration_key``.
    """

    name: str
    data: Path
    design: SurveyDesign
    calibration: CalibrationPlan | None = None
    sheet: str | int | None = None
    design_key: str = "design"
    calibration_key: str = "calibration"


@dataclass(frozen=True)
class Level:
    """A level of areas: its column in the data and, if given, a file of ``area`` and ``name``."""

    name: str
    column: str
    names: Path | None = None


@dataclass(frozen=True)
class Indicator:
    """An indicator; exactly one of ``share_of``, ``scores``, ``numeric``, ``ratio_to`` is set.

    Attributes:
        item: column of the data; for a published figure, the value in its indicator column.
        share_of: codes that count, for a share in percent.
        scores: (code, score) pairs.
        numeric: the item is a number, summed up as ``statistic``.
        ratio_to: column of the denominator of a ratio of totals.
        missing: codes that count as no answer.
        valid: every code that may occur beside the missing ones; None = not checked.
        good: direction that is better.
        published: it was published as it is, in percent unless ``numeric``; none of the four
            need be set.
    """

    name: str
    title: Title
    item: str
    share_of: tuple[Code, ...] = ()
    scores: tuple[tuple[Code, float], ...] = ()
    numeric: bool = False
    statistic: Summary = "mean"
    ratio_to: str | None = None
    missing: tuple[Code, ...] = ()
    valid: tuple[Code, ...] | None = None
    good: Good = "higher"
    published: bool = False

    @property
    def kind(self) -> Literal["share", "score", "ratio", "mean", "total", "median"]:
        if self.share_of or (self.published and not self.numeric):
            return "share"
        if self.scores:
            return "score"
        return "ratio" if self.ratio_to is not None else self.statistic

    @property
    def on_hundred(self) -> bool:
        """Whether its figures are percent or points from 0 to 100."""
        return self.kind in ("share", "score")

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.item,) if self.ratio_to is None else (self.item, self.ratio_to)

    def as_statistic(self) -> Statistic:
        """The statistic to estimate.

        Raises:
            MeasureError: it is a median, which :func:`huiyin.measure.quantile` estimates, or a
                published figure, which nothing does.
        """
        if self.published:
            raise MeasureError(
                "not-a-statistic",
                f"{self.name} was published as it is; there is nothing to estimate",
                f"{self.name} 为已发布的结果，无须估计",
            )
        if self.kind == "median":
            raise MeasureError(
                "not-a-statistic",
                f"{self.name} is a median; estimate it with quantile(..., [0.5])",
                f"{self.name} 为中位数，请用 quantile(..., [0.5]) 估计",
            )
        return Statistic(
            self.name, self.kind, self.item, self.share_of, self.scores, self.ratio_to, self.missing
        )


@dataclass(frozen=True)
class CompositeIndicator:
    """A weighted mean of indicators.

    Attributes:
        parts: (indicator, weight) pairs; the weights sum to 1, and parts that were composites
            themselves have been replaced by theirs.
    """

    name: str
    title: Title
    parts: tuple[tuple[str, float], ...]
    good: Good = "higher"

    def as_statistic(self) -> Composite:
        """The composite to estimate beside its parts."""
        return composite(self.name, dict(self.parts))


@dataclass(frozen=True)
class Ranks:
    """What is ranked, and how."""

    of: tuple[str, ...]
    level: str
    confidence: float = 0.95
    ties: Ties = "min"
    draws: int = 10_000
    seed: int = 1


@dataclass(frozen=True)
class SmallArea:
    """Fay-Herriot estimates; ``benchmark`` is the level whose published figures they add up to."""

    of: tuple[str, ...]
    level: str
    covariates: Path
    method: Fit = "reml"
    benchmark: str | None = None


@dataclass(frozen=True)
class StatedImportance:
    """Questions in which respondents name what matters; ``codes`` has columns code and item."""

    columns: tuple[str, ...]
    codes: Path


@dataclass(frozen=True)
class Drivers:
    """Key drivers: indicators that may move the outcome indicator."""

    outcome: str
    items: tuple[str, ...]
    stated: StatedImportance | None = None


@dataclass(frozen=True)
class CodedQuestion:
    """A question and the codes of it that count as yes."""

    column: str
    codes: tuple[Code, ...]


@dataclass(frozen=True)
class ListQuestion:
    """An item-count experiment: the count named, the treatment group, the control items."""

    count: str
    treatment: str
    items: int


@dataclass(frozen=True)
class Integrity:
    """Columns for the checks of answers and times.

    Attributes:
        items: columns of the questions answered on one scale.
        best: the code of the best answer: one for all items, or by item.
        area: the level of areas to compare.
        interviewer: column; ``seconds`` duration; ``started`` time of start.
    """

    items: tuple[str, ...]
    best: Code | Mapping[str, Code] | None
    area: str
    interviewer: str | None = None
    seconds: str | None = None
    started: str | None = None
    told: CodedQuestion | None = None
    list: ListQuestion | None = None
    missing: tuple[Code, ...] = ()


@dataclass(frozen=True)
class Response:
    """Final dispositions: a file with ``disposition`` and ``count``, and ``round`` if several."""

    counts: Path


@dataclass(frozen=True)
class Publish:
    """When a figure is published, and in which language the bulletin is.

    Attributes:
        minimum_n: fewest respondents.
        max_half_width: widest half confidence interval, in the unit of the figure.
        suppression: ``primary`` withholds only what breaks the rule; ``complementary`` also the
            next figure, where a withheld one could be found by subtraction.
    """

    minimum_n: int = 30
    language: Language = "zh"
    max_half_width: float | None = None
    suppression: Suppression = "primary"


@dataclass(frozen=True)
class Published:
    """Figures that were published as estimates, without sample sizes.

    Attributes:
        data: long table, one row per area, round and indicator.
        area: column; so are ``round``, ``indicator`` and ``value``.
        overall: column with the figure of the whole, repeated on every row.
        level: what its areas are called.
        scale: factor on the value: 100 turns 0.56 into 56 percent.
        round_format: of dates such as 31/12/2014 (``%d/%m/%Y``); rounds are then named by the
            ISO date. Without it they are named by the text as it stands.
        rounds: those to use, oldest first; empty = all, in order of date or else of the text.
        filter: column → values to keep.
        rename: spelling of an area → the spelling to use.
    """

    data: Path
    area: str
    round: str
    indicator: str
    value: str
    overall: str | None = None
    level: str = "area"
    scale: float = 1.0
    round_format: str | None = None
    rounds: tuple[str, ...] = ()
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    sheet: str | int | None = None


@dataclass(frozen=True)
class Survey:
    """A whole survey file.

    Attributes:
        path: of the file; other paths in it have been resolved against its folder.
        rounds: oldest first; empty when ``published`` is there.
        areas: from large to small, without ``all``.
        warnings: what is allowed and yet worth saying.
    """

    path: Path
    title: Title
    rounds: tuple[Round, ...]
    areas: tuple[Level, ...]
    indicators: tuple[Indicator, ...]
    composites: tuple[CompositeIndicator, ...] = ()
    ranks: Ranks | None = None
    small_area: SmallArea | None = None
    drivers: Drivers | None = None
    integrity: Integrity | None = None
    response: Response | None = None
    publish: Publish = Publish()
    published: Published | None = None
    warnings: tuple[Finding, ...] = ()

    def indicator(self, name: str) -> Indicator | CompositeIndicator:
        """The indicator or composite of that name; KeyError if there is none."""
        known: dict[str, Indicator | CompositeIndicator] = {}
        known |= {each.name: each for each in self.indicators}
        known |= {each.name: each for each in self.composites}
        return known[name]

    def level(self, name: str) -> Level:
        """The level of that name; KeyError if there is none (``all`` has no column)."""
        return {each.name: each for each in self.areas}[name]
