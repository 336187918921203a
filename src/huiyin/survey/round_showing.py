"""What the pages of rounds show, made from what is stored and known."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.audit.acts import Act, Actor, Place, may
from huiyin.problems import Problem
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey.models import CALLER_ID, FrameKind, Half, Mode, Round, RoundStatus, Series
from huiyin.survey.round_checklist import Facts, Item
from huiyin.survey.round_forms import DAYS
from huiyin.survey.round_hours import calling_now, next_calling_moment, said
from huiyin.survey.round_rules import Step, default_dates, reached
from huiyin.survey.round_tables import TONES
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
#: Where an item is mended → the act that one needs there, and its address's namespace.
_MENDED: dict[str, tuple[str, Act | None, bool]] = {
    "calendar": ("territory:calendar", CHANGE_CALENDAR, False),
    "round_dates": ("survey:round_dates", acts.CHANGE_ROUND, True),
    "round_content": ("survey:round_content", acts.CHANGE_ROUND, True),
    "round_sample": ("survey:round_sample", acts.CHANGE_ROUND, True),
    "round_hours": ("survey:round_hours", acts.SET_HOURS, True),
    "round_quotas": ("survey:round_quotas", acts.SET_QUOTAS, True),
    "round_staff": ("survey:add_staff", acts.SET_STAFF, True),
    "planner": ("survey:planner", acts.SET_ALLOCATION, False),
    "samples": ("survey:samples", None, False),
}


def line(item: Item, round: Round, actor: Actor) -> dict[str, Any]:
    """A line of the checklist, with where it is mended if the actor may mend it."""
    return {"item": item, "url": "" if item.holds else _mend(item, round, actor)}


def _mend(item: Item, round: Round, actor: Actor) -> str:
    name, act, of_round = _MENDED.get(item.mend, ("", None, False))
    place: Place | None = queries.place_of(round) if of_round else None
    if not name or (act is not None and not may(actor, act, place)):
        return ""
    try:
        return reverse(name, args=[round.pk] if of_round else ())
    except NoReverseMatch:
        return ""


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
    try:
        url = reverse("survey:version", args=[round.version_id])
    except NoReverseMatch:
        return str(round.version)
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
