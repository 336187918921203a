"""A version as a page shows it: every part, note, question and calculation in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.survey.engine.form import Field
from huiyin.survey.questionnaire_reading import (
    Reading,
    Tongue,
    fields_of,
    filters_of,
    is_asked,
    is_note,
    missing_words,
)
from huiyin.survey.questionnaire_words import Words

#: How each kind of answer is called.
KINDS: dict[str, str | Promise] = {
    "select1": _("One answer"), "select": _("Several answers"), "rank": _("Put in order"),
    "range": _("A point on a scale"), "trigger": _("To be confirmed"), "upload": _("A file"),
    "int": _("Whole number"), "integer": _("Whole number"), "decimal": _("Number"),
    "date": _("Date"), "time": _("Time of day"), "dateTime": _("Date and time"),
    "geopoint": _("Place"), "string": _("Text"),
}  # fmt: skip
#: What is kept open on paper for what is written down.
LINES = {"int": "short", "integer": "short", "decimal": "short", "date": "short", "time": "short"}


@dataclass(frozen=True)
class Option:
    """A choice of one question in one language."""

    code: str
    text: str
    alone: bool = False


@dataclass(frozen=True)
class Saying:
    """What is said of one entry in one language.

    Attributes:
        when: under which condition it is asked, in words; "" = always.
        must: which answers are taken, in words; "" = any.
        message: what is said where the answer is not taken.
        narrowed: which of the choices are offered, in words; "" = all.
        worked_out: how a calculated value comes about.
        skip: where to go on if it is not asked, for paper.
    """

    tongue: Tongue
    label: str
    hint: str
    options: tuple[Option, ...] = ()
    when: str = ""
    must: str = ""
    message: str = ""
    narrowed: str = ""
    worked_out: str = ""
    skip: str = ""


@dataclass(frozen=True)
class Entry:
    """One row of the preview.

    Attributes:
        kind: part, repeat, note, question or calculation.
        depth: how many parts it lies in.
        several: whether several choices may be taken.
    """

    kind: str
    name: str
    path: str
    depth: int
    number: int | None
    answer: str | Promise
    sayings: tuple[Saying, ...]
    required: bool = False
    shuffled: bool = False
    several: bool = False
    line: str = ""


@dataclass
class Preview:
    """A whole version in the languages wanted."""

    reading: Reading
    tongues: list[Tongue]
    entries: list[Entry] = field(default_factory=list)

    @property
    def calculations(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "calculation"]

    @property
    def shown(self) -> list[Entry]:
        """What an interviewer or a resident meets."""
        return [entry for entry in self.entries if entry.kind != "calculation"]


def preview_of(reading: Reading, language: str = "both") -> Preview:
    """The preview in one language, by its code, or in all."""
    wanted = [each for each in reading.tongues if each.code == language]
    preview = Preview(reading, wanted or reading.tongues)
    words = {tongue.name: Words(reading, tongue) for tongue in preview.tongues}
    fields = fields_of(reading.form)
    for at in fields:
        kind = kind_of(at)
        if kind:
            said = (_saying(words[each.name], at, fields) for each in preview.tongues)
            preview.entries.append(_entry(reading, at, kind, tuple(said)))
    return preview


def kind_of(at: Field) -> str:
    """What kind of entry a field is; "" = it is not shown."""
    if at.kind == "repeat":
        return "repeat"
    if at.kind == "group":
        return "part"
    if is_note(at) and at.texts.get("label"):
        return "note"
    if is_asked(at):
        return "question"
    return "calculation" if "calculate" in at.rules else ""


def answer_of(at: Field) -> str | Promise:
    """How the answer of a question is called."""
    if at.control in ("select1", "select", "rank", "range", "trigger", "upload"):
        return KINDS[at.control]
    return KINDS.get(at.type, KINDS["string"])


def _entry(reading: Reading, at: Field, kind: str, sayings: tuple[Saying, ...]) -> Entry:
    asked = kind == "question"
    return Entry(
        kind=kind, name=at.name, path=at.path, sayings=sayings,
        depth=sum(1 for above in at.above() if above.parent is not None) - 1,
        number=reading.numbers.get(at.path),
        answer=answer_of(at) if asked else "",
        required=asked and "required" in at.rules,
        shuffled=at.is_shuffled or bool(at.itemset and at.itemset.is_shuffled),
        several=at.control in ("select", "rank"),
        line="" if not asked or at.control in ("select1", "select", "rank")
        else LINES.get(at.type, "long"),
    )  # fmt: skip


def _saying(words: Words, at: Field, fields: list[Field]) -> Saying:
    reading, tongue = words.reading, words.tongue
    return Saying(
        tongue=tongue,
        label=reading.text(at, "label", tongue),
        hint=reading.text(at, "hint", tongue),
        options=tuple(_options(reading, at, tongue)),
        when=_rule(words, at, "relevant"),
        must=_rule(words, at, "constraint"),
        message=reading.text(at, "constraintMsg", tongue),
        narrowed=_narrowed(words, at),
        worked_out=_rule(words, at, "calculate"),
        skip=_skip(words, at, fields),
    )


def _rule(words: Words, at: Field, name: str) -> str:
    rule = at.rules.get(name)
    return words.said(rule.tree, at) if rule is not None else ""


def _options(reading: Reading, at: Field, tongue: Tongue) -> Iterator[Option]:
    rules = reading.questionnaire.choice_rules.get(at.path)
    for each in reading.choices(at):
        alone = bool(rules) and each.code in rules.exclusive  # type: ignore[union-attr]
        yield Option(each.code, each.texts.get(tongue.name) or each.code, alone)
    for name in ("dont_know", "refused"):
        code = getattr(rules, name, "")
        if code and all(each.code != code for each in reading.choices(at)):
            yield Option(code, missing_words(name, tongue.code), True)


def _narrowed(words: Words, at: Field) -> str:
    """Which choices are offered: those whose column agrees with another answer."""
    if at.itemset is None:
        return ""
    said = [words.said(each, at) for each in filters_of(at.itemset.nodes.tree)]
    return words.either("，并且", ", and ").join(said)


def _skip(words: Words, at: Field, fields: list[Field]) -> str:
    """The instruction on paper: go on elsewhere if the condition does not hold."""
    rule = at.rules.get("relevant")
    if rule is None or kind_of(at) == "calculation":
        return ""
    when, after = words.said(rule.tree, at), _after(words.reading, at, fields)
    target = words.either(
        f"第 {after} 题" if after else "结束处", f"question {after}" if after else "the end"
    )
    what = {"part": ("以下部分", "this part"), "repeat": ("以下部分", "this part"),
            "note": ("读出以下内容", "this")}  # fmt: skip
    asked = words.either(*what.get(kind_of(at), ("答本题", "this question")))
    if kind_of(at) == "note":
        return words.either(f"若{when}，则{asked}。", f"If {when}, read {asked} out.")
    verb = words.either("问" if kind_of(at) in ("part", "repeat") else "", "ask ")
    return words.either(
        f"若{when}，则{verb}{asked}；否则跳到{target}。",
        f"If {when}, {verb}{asked}; otherwise go to {target}.",
    )


def _after(reading: Reading, at: Field, fields: list[Field]) -> int | None:
    """The number of the question at which one goes on where a field is not asked."""
    inside = {each.path for each in at.below()}
    skipped = at.rules["relevant"].text.strip()
    for each in fields[fields.index(at) + 1 :]:
        conditions = (up.rules["relevant"] for up in each.above() if "relevant" in up.rules)
        same = any(condition.text.strip() == skipped for condition in conditions)
        if each.path in reading.numbers and each.path not in inside and not same:
            return reading.numbers[each.path]
    return None
