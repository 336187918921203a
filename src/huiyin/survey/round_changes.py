"""What changed from one round to the next, and whether results can still be compared. Pure.

A new wording or new choices of a question that an indicator rests on, other people asked, another
way of asking or another frame: each can move a result without anything having changed in the city
(003-28, P-02). They are listed; whether the series breaks there is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from huiyin.survey import indicator_rules, questionnaire_diff

#: Title of each thing that a round says of itself → what it is, and whether a change of it suggests
#: a break in the series.
Setting = Mapping[str, tuple[str, bool]]


@dataclass(frozen=True)
class Change:
    """One thing that changed.

    Attributes:
        kind: question, indicator or setting.
        touches: names of the indicators whose results it can move.
        suggests_break: whether results before and after are not the same thing.
    """

    kind: str
    title: str | Promise
    before: str = ""
    after: str = ""
    touches: tuple[str, ...] = ()
    suggests_break: bool = False


def ordered(found: Iterable[Change]) -> list[Change]:
    """First what suggests a break."""
    return sorted(found, key=lambda change: not change.suggests_break)


def settings_changed(before: Setting, after: Setting) -> Iterator[Change]:
    """What changed of who is asked, how, and from which frame."""
    for title, (said, suggests) in after.items():
        was = before.get(title, ("", False))[0]
        if was != said:
            yield Change("setting", title, was, said, suggests_break=suggests)


def of_questions(
    found: Iterable[questionnaire_diff.Difference], rests: Mapping[str, Iterable[str]]
) -> Iterator[Change]:
    """Differences of two versions as changes of the round.

    Args:
        rests: names of the indicators that rest on each question.
    """
    for each in found:
        yield Change(
            "question", _title(each), each.before, each.after,
            touches=tuple(rests.get(each.name, ())) if each.breaks else (),
            suggests_break=each.breaks,
        )  # fmt: skip


def _title(difference: questionnaire_diff.Difference) -> str:
    titles = {
        "added": _("Question {name} added"),
        "removed": _("Question {name} dropped"),
        "moved": _("Place of question {name}"),
        "scale": _("Kind of answer of question {name}"),
        "wording": _("Wording of question {name}"),
        "hint": _("Hint of question {name}"),
        "choices": _("Choice {what} of question {name}"),
        "order": _("Order of the choices of question {name}"),
        "rule": _("Rule ({what}) of question {name}"),
    }
    said = titles[difference.kind.value].format(name=difference.name, what=difference.what)
    return f"{said} ({difference.language})" if difference.language else said


def of_indicators(found: Iterable[indicator_rules.Difference]) -> Iterator[Change]:
    """Differences of two sets of indicators: another scoring breaks, one more or less does not."""
    for each in found:
        counts_otherwise = bool(each.before or each.after)
        yield Change(
            "indicator", _("Indicator “{name}”: {what}").format(name=each.name, what=each.what),
            each.before, each.after,
            touches=(each.name,) if counts_otherwise else (), suggests_break=counts_otherwise,
        )  # fmt: skip


def suggestion(found: Iterable[Change]) -> str:
    """Why a break could be marked, ready to be edited; "" = nothing suggests one."""
    return "；".join(_reason(change) for change in found if change.suggests_break)


def _reason(change: Change) -> str:
    if not change.touches:
        return _("{what} changed").format(what=change.title)
    return _("{what} changed, on which {indicators} rest").format(
        what=change.title, indicators="、".join(change.touches)
    )
