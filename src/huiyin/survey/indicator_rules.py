"""When a set of indicators can be measured with a questionnaire. Pure.

Every answer that counts must be said to count, and how; an answer that nobody thought of would
otherwise be counted as bad without anyone having decided so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from huiyin.problems import (
    COMPOSITE_CYCLE,
    COMPOSITE_DIRECTIONS,
    COMPOSITE_EMPTY,
    COMPOSITE_PART_UNKNOWN,
    COMPOSITE_WEIGHT,
    COMPOSITE_WEIGHTS,
    INDICATOR_ANSWERS_UNREADABLE,
    INDICATOR_ANSWERS_UNSCORED,
    INDICATOR_CODES_UNKNOWN,
    INDICATOR_COUNT_RANGE,
    INDICATOR_COUNTED_AND_MISSING,
    INDICATOR_MISSING_UNSAID,
    INDICATOR_NOTHING_COUNTS,
    INDICATOR_QUESTION_KIND,
    INDICATOR_QUESTION_UNKNOWN,
    Problem,
)

if TYPE_CHECKING:
    from django.utils.functional import Promise

SHARE, SCORE = "share", "score"
#: Weights of a composite sum to 1, to the four decimals in which they are kept.
ONE = Decimal(1)


@dataclass(frozen=True)
class Answers:
    """What can be answered to a question.

    Attributes:
        label: what is asked, in Chinese.
        choices: words of each answer by its code.
        dont_know: code of "don't know"; "" = the question takes none.
        refused: code of a refusal.
        single: exactly one of the choices is the answer.
    """

    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    dont_know: str = ""
    refused: str = ""
    single: bool = True

    @property
    def no_answer(self) -> dict[str, str | Promise]:
        """Words of the codes that are no answer."""
        said = {self.dont_know: _("Don't know"), self.refused: _("Refused")}
        return {code: words for code, words in said.items() if code}


@dataclass(frozen=True)
class Scored:
    """An indicator: the question it rests on and what each answer counts.

    Attributes:
        counts: by code; 0 or 1 of a share, 0 to 100 of a score.
        missing: codes that are left out of the base.
        direction: ``higher`` or ``lower`` is better.
    """

    code: str
    name: str
    question: str
    scoring: str
    counts: Mapping[str, float]
    missing: tuple[str, ...] = ()
    direction: str = "higher"
    name_en: str = ""


@dataclass(frozen=True)
class Weighted:
    """A composite: the weight of each part, by the code of an indicator or another composite."""

    code: str
    name: str
    parts: Mapping[str, Decimal]
    is_total: bool = False
    name_en: str = ""


@dataclass(frozen=True)
class Content:
    """What a set of indicators holds."""

    indicators: tuple[Scored, ...] = ()
    composites: tuple[Weighted, ...] = ()

    @property
    def by_code(self) -> dict[str, Scored | Weighted]:
        """Indicators and composites by their code."""
        both: list[Scored | Weighted] = [*self.indicators, *self.composites]
        return {each.code: each for each in both}

    @property
    def names(self) -> dict[str, str]:
        """Names of indicators and composites by code."""
        return {code: each.name for code, each in self.by_code.items()}


def findings(content: Content, asked: Mapping[str, Answers] | None = None) -> list[Problem]:
    """Everything that keeps the set from being measured.

    Args:
        asked: the questions of a version by name; None leaves out what needs a questionnaire.

    Returns:
        Problems, each with the code of its indicator or composite as its place.
    """
    found = [each for one in content.indicators for each in scoring_findings(one)]
    if asked is not None:
        found += [each for one in content.indicators for each in fit_findings(one, asked)]
    return found + [each for one in content.composites for each in composite_findings(one, content)]


def scoring_findings(indicator: Scored) -> Iterator[Problem]:
    """What is wrong with a scoring by itself: figures out of range, nothing that counts."""
    values = {"place": indicator.code, "indicator": indicator.name}
    for answer, value in indicator.counts.items():
        fits = value in (0, 1) if indicator.scoring == SHARE else 0 <= value <= 100
        if not fits:
            allowed = _("of a share, 0 or 1") if indicator.scoring == SHARE else _("0 to 100")
            yield INDICATOR_COUNT_RANGE(
                **values, answer=answer, value=f"{value:g}", allowed=allowed
            )
    if both := [code for code in indicator.counts if code in indicator.missing]:
        yield INDICATOR_COUNTED_AND_MISSING(**values, codes="、".join(both))
    if indicator.scoring == SHARE and indicator.counts and not any(indicator.counts.values()):
        yield INDICATOR_NOTHING_COUNTS(**values)


def fit_findings(indicator: Scored, asked: Mapping[str, Answers]) -> Iterator[Problem]:
    """What keeps an indicator from being read off a questionnaire."""
    values = {"place": indicator.code, "indicator": indicator.name, "question": indicator.question}
    question = asked.get(indicator.question)
    if question is None:
        yield INDICATOR_QUESTION_UNKNOWN(**values)
        return
    if not question.single or not question.choices:
        yield INDICATOR_QUESTION_KIND(**values)
        return
    said = set(indicator.counts) | set(indicator.missing)
    known = set(question.choices) | set(question.no_answer)
    if strange := sorted(said - known):
        yield INDICATOR_CODES_UNKNOWN(**values, codes="、".join(strange))
    if unscored := [code for code in question.choices if code not in said]:
        words = [f"{code}（{question.choices[code]}）" for code in unscored]
        yield INDICATOR_ANSWERS_UNSCORED(**values, codes="、".join(words))
    if unsaid := [code for code in question.no_answer if code not in said]:
        yield INDICATOR_MISSING_UNSAID(**values, codes="、".join(unsaid))


def composite_findings(composite: Weighted, content: Content) -> Iterator[Problem]:
    """What is wrong with a composite: weights, unknown parts, circles, contrary directions."""
    values = {"place": composite.code, "composite": composite.name}
    names = content.names
    if not composite.parts:
        yield COMPOSITE_EMPTY(**values)
        return
    for code, weight in composite.parts.items():
        if code not in names:
            yield COMPOSITE_PART_UNKNOWN(**values, part=code)
        if not 0 < weight <= ONE:
            yield COMPOSITE_WEIGHT(**values, part=names.get(code, code), weight=weight)
    if (total := sum_of(composite.parts.values())) != ONE:
        yield COMPOSITE_WEIGHTS(**values, sum=total)
    if path := circle(composite.code, content):
        yield COMPOSITE_CYCLE(**values, path=" → ".join(names.get(code, code) for code in path))
    else:
        yield from _contrary(composite, content)


def _contrary(composite: Weighted, content: Content) -> Iterator[Problem]:
    known = {each.code: each for each in content.indicators}
    parts = [known[code] for code in flattened(composite, content) if code in known]
    lower = [each.name for each in parts if each.direction == "lower"]
    if lower and len(lower) < len(parts):
        yield COMPOSITE_DIRECTIONS(
            place=composite.code, composite=composite.name, parts="、".join(lower)
        )


def sum_of(weights: Iterable[Decimal]) -> Decimal:
    """The sum of weights, without zeros at its end: 1, not 1.0000."""
    total = sum(weights, Decimal(0))
    return total.quantize(ONE) if total == total.to_integral_value() else total.normalize()


def circle(code: str, content: Content) -> list[str]:
    """The way by which a composite comes back to itself; empty where it does not."""
    parts = {each.code: tuple(each.parts) for each in content.composites}
    seen: set[str] = set()

    def back(at: str, way: list[str]) -> list[str]:
        for part in parts.get(at, ()):
            if part == code:
                return [*way, part]
            if part not in seen:
                seen.add(part)
                if found := back(part, [*way, part]):
                    return found
        return []

    return back(code, [code])


def flattened(composite: Weighted, content: Content) -> dict[str, Decimal]:
    """The weight of each indicator in a composite, through the composites in it.

    A part that is in a circle is left out; :func:`circle` finds it.
    """
    inner = {each.code: each for each in content.composites}
    weights: dict[str, Decimal] = {}

    def add(at: Weighted, share: Decimal, above: tuple[str, ...]) -> None:
        for code, weight in at.parts.items():
            if code in inner and code not in above:
                add(inner[code], share * weight, (*above, code))
            elif code not in inner:
                weights[code] = weights.get(code, Decimal(0)) + share * weight

    add(composite, ONE, (composite.code,))
    return weights


@dataclass(frozen=True)
class Difference:
    """What a set counts otherwise than another: what of it, and how it was and is."""

    name: str
    what: str | Promise
    before: str
    after: str


def differences(before: Content, after: Content) -> list[Difference]:
    """How a set counts otherwise than the one of the round before (003-28, P-02)."""
    old, new = before.by_code, after.by_code
    found = [Difference(new[code].name, _("Added"), "", "") for code in new if code not in old]
    found += [Difference(old[code].name, _("Dropped"), "", "") for code in old if code not in new]
    for code in (code for code in new if code in old):
        was, now = dict(_said(old[code])), dict(_said(new[code]))
        for what in now:
            if was.get(what, "") != now[what]:
                found.append(
                    Difference(new[code].name, _TITLES[what], was.get(what, ""), now[what])
                )
    return found


_TITLES: dict[str, str | Promise] = {
    "question": _("Question"),
    "scoring": _("Scoring"),
    "counts": _("Answers"),
    "missing": _("No answer"),
    "direction": _("Direction"),
    "parts": _("Weights"),
}


def _said(thing: Scored | Weighted) -> Iterator[tuple[str, str]]:
    if isinstance(thing, Weighted):
        parts = (f"{code} {weight.normalize():f}" for code, weight in sorted(thing.parts.items()))
        yield "parts", "；".join(parts)
        return
    yield "question", thing.question
    yield "scoring", thing.scoring
    yield "counts", written(thing.counts)
    yield "missing", "、".join(sorted(thing.missing))
    yield "direction", thing.direction


def written(counts: Mapping[str, float]) -> str:
    """What each answer counts, as a cell holds it, the best first: ``safe=1；unsafe=0``."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return "；".join(f"{code}={value:g}" for code, value in ordered)


def read_counts(text: str) -> dict[str, float]:
    """The figures of a cell that was written by :func:`written`; full-width signs are taken too.

    Raises:
        Problem: ``indicator-answers-unreadable``.
    """
    counts: dict[str, float] = {}
    for piece in text.replace("；", ";").replace("＝", "=").replace("，", ";").split(";"):
        if not piece.strip():
            continue
        code, sign, value = (part.strip() for part in piece.partition("="))
        try:
            counts[code] = float(value)
        except ValueError:
            raise INDICATOR_ANSWERS_UNREADABLE(value=piece.strip()) from None
        if not sign or not code:
            raise INDICATOR_ANSWERS_UNREADABLE(value=piece.strip())
    return counts
