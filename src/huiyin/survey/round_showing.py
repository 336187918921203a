"""What the pages of rounds show, made from what is stored and known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.audit.acts import ANYWHERE, Act, Actor, may
from huiyin.problems import Problem
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey.models import CALLER_ID, FrameKind, Half, Mode, Round, RoundStatus, Series
from huiyin.survey.round_checklist import Facts, Item
from huiyin.survey.round_hours import DAYS, calling_now, next_calling_moment, said
from huiyin.survey.round_rules import Step, default_dates, reached
from huiyin.survey.round_tables import TONES
from huiyin.survey.sample_acts import DRAW_SAMPLE
from huiyin.territory.calendar_acts import CHANGE_CALENDAR
from huiyin.territory.rules import LEVEL_TITLES, Level

#: What a step means for everybody else.
CONSEQUENCES = {
    Step.READY: gettext_lazy(
        "What is asked of whom is fixed. To change it, the round steps back to the draft."
    ),
    Step.BACK: gettext_lazy("The round can be changed again. Say why, for whoever reads it later."),
    Step.OPEN: gettext_lazy(
        "Calls begin. Questionnaire, indicators and sample design no longer change, in this or any"
        " later state."
    ),
    Step.CLOSE: gettext_lazy("No more calls are made. Hours and staff no longer change."),
    Step.MEASURE: gettext_lazy("The results that are registered are taken as those of the round."),
    Step.PUBLISH: gettext_lazy(
        "Everybody sees the round and its results. What is published is never changed in place."
    ),
}
#: Where an item is mended → the act that one needs there, and the address.
_MENDED: dict[str, tuple[Act, Callable[[Round], str]]] = {
    "calendar": (CHANGE_CALENDAR, lambda round: reverse("territory:calendar")),
    "round_dates": (acts.CHANGE_ROUND, lambda round: _own("round_dates", round)),
    "round_content": (acts.CHANGE_ROUND, lambda round: _own("round_content", round)),
    "round_sample": (acts.CHANGE_ROUND, lambda round: _own("round_sample", round)),
    "round_hours": (acts.SET_HOURS, lambda round: _own("round_hours", round)),
    "round_quotas": (acts.SET_QUOTAS, lambda round: _own("round_quotas", round)),
    "round_staff": (acts.SET_STAFF, lambda round: _own("add_staff", round)),
    "planner": (acts.SET_ALLOCATION, lambda round: planner(round)),
    "samples": (DRAW_SAMPLE, lambda round: f"{reverse('survey:draw_sample')}?round={round.pk}"),
}


def _own(name: str, round: Round) -> str:
    return reverse(f"survey:{name}", args=[round.pk])


def planner(round: Round) -> str:
    """The planner, for the city of a round."""
    return f"{reverse('survey:planner')}?round={round.pk}"


def compared(round: Round, before: Round | None) -> str:
    """The page that compares the versions of two rounds; "" = there is nothing to compare."""
    older, newer = before.version if before else None, round.version
    if not older or not newer or older == newer or older.questionnaire != newer.questionnaire:
        return ""
    page = reverse("survey:compare_versions", args=[newer.questionnaire_id])
    return f"{page}?older={older.pk}&newer={newer.pk}"


def line(item: Item, round: Round, actor: Actor) -> dict[str, Any]:
    """A line of the checklist, with where it is mended if the actor may mend it."""
    return {"item": item, "url": "" if item.holds else _mend(item, round, actor)}


def _mend(item: Item, round: Round, actor: Actor) -> str:
    if item.mend not in _MENDED:
        return ""
    act, address = _MENDED[item.mend]
    place = ANYWHERE if act is CHANGE_CALENDAR else queries.place_of(round)
    return address(round) if may(actor, act, place) else ""


def way(status: RoundStatus) -> list[dict[str, Any]]:
    """The states in their order, with how far the round has come."""
    return [
        {"title": each.label, "done": reached(status, each), "current": each == status,
         "tone": TONES[each]}
        for each in RoundStatus
    ]  # fmt: skip


def cards(round: Round, facts: Facts) -> list[dict[str, Any]]:
    """What a round says of itself, in the groups in which it is changed."""
    return [
        {"title": _("Field and centre"), "url": "survey:round_dates", "pairs": _field(round)},
        {"title": _("What is asked of whom"), "url": "survey:round_content",
         "pairs": _content(round, facts)},
        {"title": _("Frame and sample design"), "url": "survey:round_sample",
         "pairs": _sample(round, facts)},
    ]  # fmt: skip


def _field(round: Round) -> list[tuple[str, Any]]:
    since, until = default_dates(round.year, Half(round.half))
    off = (round.field_from, round.field_until) != (since, until)
    rule = _("{since} to {until}").format(since=since, until=until)
    return [
        (_("Field from"), round.field_from),
        (_("Field until"), round.field_until),
        *([(_("By the rule"), rule)] if off else []),
        (_("Survey centre"), round.centre.name if round.centre else None),
        (_("Caller number"), CALLER_ID),
    ]


def _content(round: Round, facts: Facts) -> list[tuple[str, Any]]:
    bound = str(round.indicators) if round.indicators else None
    if bound:
        bound = _("{set} ({count} indicators)").format(set=bound, count=facts.indicators)
    return [
        (_("Questionnaire version"), _version(round)),
        (_("Indicators"), bound),
        (_("Who is asked"), queries.population(round)),
        (_("Modes"), queries.named(Mode, round.modes)),
    ]


def _version(round: Round) -> Any:
    if round.version is None:
        return None
    url = reverse("survey:questionnaire_version", args=[round.version_id])
    return format_html('<a href="{}">{}</a>', url, round.version)


def _sample(round: Round, facts: Facts) -> list[tuple[str, Any]]:
    return [
        (_("Frames"), queries.named(FrameKind, round.frames)),
        (_("Segment table"), round.table.name if round.table else None),
        (_("Sample design"), round.design),
        (_("Numbers drawn"), f"{facts.drawn:,}"),
    ]


def hours(round: Round) -> list[tuple[Any, str]]:
    """Each kind of day with its calling hours."""
    kept = queries.hours_of(round)
    return [
        (title, said(h for h in kept if h.weekday == day) or _("no calls"))
        for day, title in enumerate(DAYS)
    ]


def calling(round: Round, now: datetime) -> dict[str, Any] | None:
    """Whether residents may be called at the moment, and from when on; None outside the field."""
    if round.status != RoundStatus.FIELDING or not (round.field_from and round.field_until):
        return None
    kept = queries.hours_of(round)
    try:
        calendar = queries.calendar_for(min(now.date(), round.field_from), round.field_until)
        return {
            "now": calling_now(kept, calendar, now),
            "next": next_calling_moment(kept, calendar, now, round.field_until),
        }
    except Problem as wrong:
        return {"problem": wrong.message}


def wanted(round: Round) -> dict[str, Any]:
    """The interviews wanted: in all, and by region, the larger regions first."""
    regions = queries.regions_of(round.allocation)
    rows = [
        {"region": regions.get(code), "code": code, "number": number}
        for code, number in sorted(round.allocation.items())
    ]
    levels: defaultdict[int, int] = defaultdict(int)
    for row in rows:
        if row["region"] is not None:
            levels[row["region"].level] += 1
    return {
        "rows": rows,
        "total": sum(round.allocation.values()),
        "levels": [(LEVEL_TITLES[Level(level)], count) for level, count in sorted(levels.items())],
    }


def staff(round: Round) -> list[tuple[str, int]]:
    """How many people work on a round in each role."""
    counts: defaultdict[str, int] = defaultdict(int)
    for each in round.staff.all():
        counts[str(each.get_role_display())] += 1
    return list(counts.items())


def years(series: Series) -> list[dict[str, Any]]:
    """The years of a series, the latest first: both rounds, and how far the annual result is."""
    found: dict[int, dict[str, Round]] = {}
    for round in series.rounds.order_by("-year", "half"):
        found.setdefault(round.year, {})[round.half] = round
    return [
        {
            "year": year,
            "halves": [_half(halves.get(half), half) for half in Half],
            "annual": _annual(halves),
        }
        for year, halves in found.items()
    ]


def _half(round: Round | None, half: Half) -> dict[str, Any]:
    tone = TONES[RoundStatus(round.status)] if round else "neutral"
    return {"round": round, "title": half.label, "tone": tone}


def _annual(halves: dict[str, Round]) -> str:
    """What is said of the annual result, which needs both halves measured (000-17)."""
    if len(halves) < len(Half):
        return _("needs both halves")
    measured = all(
        reached(RoundStatus(each.status), RoundStatus.MEASURED) for each in halves.values()
    )
    if not measured:
        return _("once both halves are measured")
    broken = halves[Half.H2].break_reason
    return _("broken off between the halves") if broken else _("can be made")


def next_half(today: date) -> dict[str, Any]:
    """The half whose field comes next, or is on."""
    first = today <= default_dates(today.year, Half.H1)[1]
    return {"year": today.year, "half": Half.H1 if first else Half.H2}
