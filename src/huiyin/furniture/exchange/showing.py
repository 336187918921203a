"""The part of a preview that a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from huiyin.furniture.exchange.preview import Preview
from huiyin.furniture.exchange.sheet import OUTCOME_TITLES, Outcome
from huiyin.furniture.tables.columns import printed

ON_A_PAGE = 100


@dataclass(frozen=True)
class Line:
    """One row of the file as the page shows it.

    Attributes:
        pairs: title, value before (None where it is added) and value after.
    """

    row: int | None
    outcome: str
    title: Any
    tone: str
    label: str
    pairs: list[tuple[str, Any, Any]]
    reasons: list[str]


@dataclass(frozen=True)
class Shown:
    """What the page shows.

    Attributes:
        outcome: the outcome whose rows are shown; "" = all.
        tabs: outcome, its title and how many rows it has.
    """

    outcome: str
    tabs: list[tuple[str, Any, int]]
    page: Page[dict[str, Any]]
    lines: list[Line]


TONES = {
    Outcome.ADDED: "good",
    Outcome.CHANGED: "near",
    Outcome.UNCHANGED: "neutral",
    Outcome.REJECTED: "overdue",
}


def shown_page(preview: Preview, asked: QueryDict) -> Shown:
    """The rows of one outcome, or all, a hundred on a page."""
    outcome = asked.get("show", "")
    outcome = outcome if outcome in preview.counts else ""
    entries = [each for each in preview.entries if outcome in ("", each["outcome"])]
    page = Paginator(entries, ON_A_PAGE).get_page(asked.get("page"))
    tabs = [(each.value, OUTCOME_TITLES[each], preview.counts[each]) for each in Outcome]
    return Shown(outcome, tabs, page, [_line(entry) for entry in page])


def _line(entry: dict[str, Any]) -> Line:
    outcome = Outcome(entry["outcome"])
    before, after = entry["before"], entry["after"]
    pairs = [(name, _text(before.get(name)), _text(value)) for name, value in after.items()]
    return Line(
        entry["row"],
        outcome.value,
        OUTCOME_TITLES[outcome],
        TONES[outcome],
        entry["label"],
        pairs,
        entry["reasons"],
    )


def _text(value: Any) -> Any:
    return printed(value, grouped=False)
