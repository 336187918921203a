"""What differs between two versions, and which differences keep their answers from being compared.

Answers of two rounds are compared question by question, so what counts is the item as the resident
meets it: its wording, its choices, its scale, and who is asked at all (Groves et al., Survey
Methodology, 2nd ed. 2009, ch. 7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from huiyin.survey.engine.form import Field
from huiyin.survey.questionnaire_preview import answer_of, kind_of
from huiyin.survey.questionnaire_reading import Reading, bare, fields_of, filters_of
from huiyin.survey.questionnaire_words import Words


class Kind(StrEnum):
    """Kinds of difference."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    SCALE = "scale"
    WORDING = "wording"
    HINT = "hint"
    CHOICES = "choices"
    ORDER = "order"
    RULE = "rule"


#: These change what the resident answers to.
BREAKING = frozenset({Kind.REMOVED, Kind.SCALE, Kind.WORDING, Kind.CHOICES, Kind.ORDER})
RULES = ("relevant", "required", "constraint", "calculate", "choice_filter", "count")


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        name: of the question, in the workbook.
        label: of the question, in the first language.
        number: in the newer version, or in the older where it is gone; None = no number.
        language: of the text that differs; "" = all.
        what: of a rule its name; of choices the code.
        before: in words; "" = nothing.
        after: in words; "" = nothing.
        breaks: whether an indicator rests on the question and its results are not comparable.
    """

    kind: Kind
    name: str
    label: str
    number: int | None
    language: str = ""
    what: str = ""
    before: str = ""
    after: str = ""
    breaks: bool = False


def differences(older: Reading, newer: Reading, bound: Collection[str]) -> list[Difference]:
    """Everything that differs, in the order of the newer version; what is gone comes last.

    Args:
        bound: names of the questions on which indicators rest.
    """
    return list(_Comparison(older, newer, frozenset(bound)).all())


class _Comparison:
    def __init__(self, older: Reading, newer: Reading, bound: frozenset[str]) -> None:
        self.older, self.newer, self.bound = older, newer, bound
        self.before, self.after = _named(older), _named(newer)
        self.languages = [each for each in newer.tongues if each in older.tongues]

    def all(self) -> Iterator[Difference]:
        moved = self.moved()
        for key, at in self.after.items():
            if key not in self.before:
                yield self.made(Kind.ADDED, at, self.newer, after=self.label(at, self.newer))
                continue
            if key in moved:
                yield self.move(self.before[key], at)
            yield from self.changes(self.before[key], at)
        for key, at in self.before.items():
            if key not in self.after:
                yield self.made(Kind.REMOVED, at, self.older, before=self.label(at, self.older))

    def moved(self) -> set[str]:
        """Keys out of their former order: the fewest that explain the new one."""
        old = [key for key in self.before if key in self.after]
        new = [key for key in self.after if key in self.before]
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        kept = {new[block.b + at] for block in matcher.get_matching_blocks()
                for at in range(block.size)}  # fmt: skip
        return set(new) - kept

    def move(self, old: Field, new: Field) -> Difference:
        return self.made(
            Kind.MOVED, new, self.newer,
            before=self.place(old, self.older), after=self.place(new, self.newer),
        )  # fmt: skip

    def place(self, at: Field, reading: Reading) -> str:
        number = reading.numbers.get(at.path)
        return str(number) if number else at.path

    def changes(self, old: Field, new: Field) -> Iterator[Difference]:
        if (kind_of(old), old.control, old.type) != (kind_of(new), new.control, new.type):
            before, after = str(answer_of(old)), str(answer_of(new))
            yield self.made(Kind.SCALE, new, self.newer, before=before, after=after)
        for tongue in self.languages:
            for kind, name in ((Kind.WORDING, "label"), (Kind.HINT, "hint")):
                before = self.older.text(old, name, tongue)
                after = self.newer.text(new, name, tongue)
                if self.older.sense(old, name, tongue) != self.newer.sense(new, name, tongue):
                    yield self.made(
                        kind, new, self.newer, language=tongue.title, before=before, after=after
                    )
        yield from self.choices(old, new)
        yield from self.rules(old, new)

    def choices(self, old: Field, new: Field) -> Iterator[Difference]:
        before = {each.code: each for each in self.older.choices(old)}
        after = {each.code: each for each in self.newer.choices(new)}
        first = self.newer.tongues[0].name
        for code in [*after, *(code for code in before if code not in after)]:
            if code in before and code in after:
                for tongue in self.languages:
                    was, now = (side[code].texts.get(tongue.name, "") for side in (before, after))
                    if was != now:
                        yield self.made(Kind.CHOICES, new, self.newer, language=tongue.title,
                                        what=code, before=was, after=now)  # fmt: skip
            else:
                was, now = (
                    (side[code].texts.get(first) or code) if code in side else ""
                    for side in (before, after)
                )
                yield self.made(Kind.CHOICES, new, self.newer, what=code, before=was, after=now)
        kept = [code for code in before if code in after]
        if kept != (order := [code for code in after if code in before]):
            yield self.made(Kind.ORDER, new, self.newer,
                            before="、".join(kept), after="、".join(order))  # fmt: skip

    def rules(self, old: Field, new: Field) -> Iterator[Difference]:
        for name in RULES:
            if _bare(old, name) == _bare(new, name):
                continue
            tongue = self.newer.tongues[0]
            before = _said(Words(self.older, tongue), old, name)
            after = _said(Words(self.newer, tongue), new, name)
            yield self.made(Kind.RULE, new, self.newer, what=name, before=before, after=after)

    def made(self, kind: Kind, at: Field, reading: Reading, **said: str) -> Difference:
        breaking = kind in BREAKING or (kind is Kind.RULE and said.get("what") == "relevant")
        return Difference(
            kind, at.name, self.label(at, reading), reading.numbers.get(at.path),
            breaks=breaking and at.name in self.bound, **said,
        )  # fmt: skip

    def label(self, at: Field, reading: Reading) -> str:
        return reading.text(at, "label", reading.tongues[0])


def _named(reading: Reading) -> dict[str, Field]:
    """The fields by name; by path where a name stands twice."""
    fields = [at for at in fields_of(reading.form) if kind_of(at)]
    names = Counter(at.name for at in fields)
    return {at.name if names[at.name] == 1 else at.path: at for at in fields}


def _bare(at: Field, name: str) -> str:
    """A rule as it is compared."""
    if name == "choice_filter":
        return bare(at.itemset.nodes.text.partition("[")[2]) if at.itemset is not None else ""
    rule = at.rules.get(name)
    return bare(rule.text) if rule is not None else ""


def _said(words: Words, at: Field, name: str) -> str:
    if name == "choice_filter":
        trees = filters_of(at.itemset.nodes.tree) if at.itemset is not None else []
        return words.either("，并且", ", and ").join(words.said(each, at) for each in trees)
    rule = at.rules.get(name)
    return words.said(rule.tree, at) if rule is not None else ""
