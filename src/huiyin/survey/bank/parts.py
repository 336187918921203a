"""What an instrument is written in: rows of questions, lists of choices, modules of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Codes of "don't know" and of a refusal, the same throughout, out of the way of every count.
DONT_KNOW, REFUSED = "98", "99"
#: Of the age, which may well be 98.
AGE_REFUSED = "999"


@dataclass(frozen=True)
class Choice:
    """One choice of a list.

    Attributes:
        exclusive: goes with no other choice of the question.
        more: further columns, such as the one that a choice_filter asks for.
    """

    code: str
    zh: str
    en: str
    exclusive: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One row of the sheet survey; ``columns`` holds whatever is not text that is read out."""

    type: str
    name: str
    zh: str = ""
    en: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_asked(self) -> bool:
        """Whether it wants an answer."""
        return self.type.split()[0] in ("select_one", "select_multiple", "integer", "text")


@dataclass(frozen=True)
class Module:
    """Questions that are asked or left out together.

    Attributes:
        key: what it is called in code; its group in the workbook is ``part_<key>``.
        lists: the lists of choices that only it uses.
        needs: keys of modules without which it cannot be asked.
        fixed: part of every questionnaire.
        before: asked before it is known whether the person belongs to the population.
    """

    key: str
    zh: str
    en: str
    rows: tuple[Row, ...]
    lists: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    fixed: bool = False
    before: bool = False
    relevant: str = ""


def note(name: str, zh: str, en: str, **columns: str) -> Row:
    """Something that is read out and wants no answer."""
    return Row("note", name, zh, en, columns=columns)


def one(name: str, listed: str, zh: str, en: str, **more: str) -> Row:
    """A question of one choice; "don't know" and a refusal are always taken."""
    return _asked(f"select_one {listed}", name, zh, en, more)


def recorded(name: str, listed: str, zh: str, en: str, **more: str) -> Row:
    """A question of one choice that cannot be left open: interviewer's records, eligibility."""
    return _asked(f"select_one {listed}", name, zh, en, {"dont_know": "", "refused": "", **more})


def scale(name: str, listed: Sequence[Choice], zh: str, en: str, **more: str) -> Row:
    """A question whose answers are read out with it, so that no answer is favoured by silence."""
    return one(name, NAMES[id(listed)], f"{zh}{read_zh(listed)}", f"{en} {read_en(listed)}", **more)


def many(name: str, listed: str, zh: str, en: str, **more: str) -> Row:
    """A question of several choices, offered in an order that is drawn for each interview."""
    order = {"parameters": "randomize=true, seed=${order_seed}"}
    return _asked(f"select_multiple {listed}", name, zh, en, {**order, **more})


def count(name: str, zh: str, en: str, most: int, least: int = 0, **more: str) -> Row:
    """A question for a number of things, with the range that is believed."""
    limits = {
        "constraint": f"(. >= {least} and . <= {most}) or . = {DONT_KNOW} or . = {REFUSED}",
        "message_zh": f"请核对：应在 {least} 到 {most} 之间",
        "message_en": f"Please check: it should lie between {least} and {most}",
    }
    return _asked("integer", name, zh, en, {**limits, **more})


def text(name: str, zh: str, en: str, **more: str) -> Row:
    """A question that is answered in words and may stay open."""
    return _asked("text", name, zh, en, {"required": "", "dont_know": "", "refused": "", **more})


def calculated(name: str, expression: str) -> Row:
    """Something that follows from answers, or from chance."""
    return Row("calculate", name, columns={"calculation": expression})


def first_of(cases: Sequence[tuple[str, str]], otherwise: str = "''") -> str:
    """An expression: the value of the first condition that holds."""
    if not cases:
        return otherwise
    (condition, value), rest = cases[0], cases[1:]
    return f"if({condition}, {value}, {first_of(rest, otherwise)})"


def read_zh(listed: Sequence[Choice]) -> str:
    """The choices as they are read out: 是满意、比较满意，还是不满意？"""
    *most, last = [choice.zh for choice in listed]
    return f"是{'、'.join(most)}，还是{last}？"


def read_en(listed: Sequence[Choice]) -> str:
    *most, last = [choice.en[0].lower() + choice.en[1:] for choice in listed]
    return f"Would you say: {', '.join(most)}, or {last}?"


def _asked(type: str, name: str, zh: str, en: str, more: Mapping[str, str]) -> Row:
    columns = {"required": "yes", "dont_know": DONT_KNOW, "refused": REFUSED, **more}
    hint_zh, hint_en = columns.pop("hint_zh", ""), columns.pop("hint_en", "")
    for column, given in (("zh", "message_zh"), ("en", "message_en")):
        if given in columns:
            columns[f"constraint_message::{column}"] = columns.pop(given)
    return Row(type, name, zh, en, hint_zh, hint_en, {k: v for k, v in columns.items() if v})


#: Names of the shared scales, by the identity of the list; filled by :mod:`.lists`.
NAMES: dict[int, str] = {}
