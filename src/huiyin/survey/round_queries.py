"""Reads of rounds: what a checklist needs, what changed, who may be staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.audit.acts import Actor, Place
from huiyin.audit.models import Event
from huiyin.organisation.models import Holding, Unit, UnitKind
from huiyin.organisation.permissions import reach
from huiyin.organisation.queries import held_on
from huiyin.problems import NOT_FOUND, ROUND_AMBIGUOUS, ROUND_UNKNOWN
from huiyin.survey import round_acts as acts
from huiyin.survey import round_changes, round_content, round_needs
from huiyin.survey.models import (
    STAFF_ROLES,
    CallingHours,
    Drawn,
    FrameKind,
    Mode,
    Round,
    RoundStatus,
    Series,
    Staff,
)
from huiyin.survey.round_checklist import Facts
from huiyin.survey.round_hours import Hours
from huiyin.territory.calendar_queries import calendar_of
from huiyin.territory.calendar_rules import Calendar
from huiyin.territory.models import Region
from huiyin.territory.rules import half_width, stem

RELATED = ("series__region", "centre__region", "version__questionnaire", "indicators", "table")
_CODE = re.compile(r"(\d{4})年?(H1|H2|上半年|下半年)", re.IGNORECASE)


def rounds_for(actor: Actor) -> QuerySet[Round]:
    """The rounds that an actor may see: all, or (with no right to more) those published."""
    rows, within = Round.objects.select_related(*RELATED), reach(actor, acts.SEE_ROUNDS)
    if within.everywhere:
        return rows
    published = Q(status=RoundStatus.PUBLISHED)
    return rows.filter(within.query(region="series__region__code") | published)


def place_of(thing: Round | Series) -> Place:
    """Where what happens in a series falls."""
    region = thing.region if isinstance(thing, Series) else thing.series.region
    return Place(region=region.code)


def hours_of(round: Round) -> list[Hours]:
    """The calling hours of a round."""
    rows: Iterable[CallingHours] = round.calling_hours.all()
    return [Hours(each.weekday, each.begins, each.ends) for each in rows]


def calendar_for(since: date, until: date) -> Calendar:
    """The calendar of all years that a period touches."""
    return calendar_of(range(since.year, until.year + 1))


def previous(round: Round) -> Round | None:
    """The round of the same series before this one."""
    earlier = Q(year__lt=round.year) | Q(year=round.year, half__lt=round.half)
    rows = Round.objects.filter(earlier, series=round.series).select_related(*RELATED)
    return rows.order_by("-year", "-half").first()


def compared_with(round: Round) -> Round | None:
    """The round with which results of this one are compared by themselves; a break stops it."""
    return None if round.break_reason else previous(round)


def facts_of(round: Round, now: datetime) -> Facts:
    """What is known of a round at a moment, as its checklists need it."""
    today = timezone.localdate(now)
    return Facts(
        today=today,
        field_from=round.field_from,
        field_until=round.field_until,
        years_missing=_years_missing(round),
        centre=round.centre.name if round.centre else "",
        centre_fits=bool(round.centre and is_centre(round.centre)),
        version=str(round.version) if round.version else "",
        indicators=round.indicators.indicators.count() if round.indicators else 0,
        indicator_gaps=tuple(_gaps(round)),
        modes=tuple(round.modes),
        frames=tuple(round.frames),
        table=round.table.name if round.table else "",
        design=round.design,
        wanted=round.allocation,
        quotas=_quota_sums(round),
        weekdays=frozenset(round.calling_hours.values_list("weekday", flat=True)),
        staff=staff_counts(round),
        strangers=tuple(strangers(round, today)),
        drawn=Drawn.objects.filter(sample__round=round).count(),
        needs=round_needs.needs_of(round),
    )


def _gaps(round: Round) -> list[str]:
    if round.indicators is None or round.version is None:
        return []
    return round_content.gaps(round.indicators, round.version)


def staff_counts(round: Round) -> dict[str, int]:
    """How many people work on a round, by role."""
    return dict(round.staff.order_by().values_list("role").annotate(Count("pk")))


def series_of(key: int) -> Series:
    """A series by its key.

    Raises:
        Problem: ``not-found``.
    """
    found = Series.objects.select_related("region").filter(pk=key).first()
    if found is None:
        raise NOT_FOUND(place="series")
    return found


def _quota_sums(round: Round) -> dict[str, int]:
    rows = round.quotas.order_by().values_list("region__code").annotate(Sum("target"))
    return dict(rows)


def _years_missing(round: Round) -> tuple[int, ...]:
    if round.field_from is None or round.field_until is None:
        return ()
    years = range(round.field_from.year, round.field_until.year + 1)
    calendar = calendar_of(years)
    return tuple(year for year in years if not calendar.knows(year))


def is_centre(unit: Unit) -> bool:
    """Whether a unit is a survey centre that no result judges."""
    return unit.kind == UnitKind.SURVEY_CENTRE and not unit.judged


def centres() -> QuerySet[Unit]:
    """The survey centres that no result judges."""
    rows = Unit.objects.filter(kind=UnitKind.SURVEY_CENTRE, judged=False, valid_until=None)
    return rows.select_related("region").order_by("region__code", "pk")


def candidates(centre: Unit, today: date) -> QuerySet[Holding]:
    """Who can be staff: roles held today by people of the centre, or in it."""
    theirs = Q(account__unit=centre) | Q(unit=centre)
    rows = held_on(today).filter(
        theirs, role__in=[role.value for role in STAFF_ROLES], account__is_active=True
    )
    judged = Q(account__unit__judged=True) | Q(unit__judged=True)
    return rows.exclude(judged).select_related("account").order_by("role", "account__username")


def strangers(round: Round, today: date) -> list[str]:
    """Names of the staff who do not, or no longer, hold their role in the centre."""
    if round.centre is None:
        return []
    known = set(candidates(round.centre, today).values_list("account_id", "role"))
    rows: Iterable[Staff] = round.staff.select_related("account").order_by("role", "pk")
    return [str(each.account) for each in rows if (each.account_id, each.role) not in known]


def _setting(round: Round) -> round_changes.Setting:
    """What a round says of whom it asks and how; another table of segments breaks nothing."""
    return {
        _("Who is asked"): (population(round), True),
        _("Modes"): (named(Mode, round.modes), True),
        _("Frames"): (named(FrameKind, round.frames), True),
        _("Segment table"): (round.table.name if round.table else "", False),
        _("Sample design"): (round.design, False),
    }


def changes_of(round: Round, before: Round | None) -> list[round_changes.Change]:
    """What changed against the round before, first what suggests a break; [] for the first."""
    if before is None:
        return []
    found = list(round_changes.settings_changed(_setting(before), _setting(round)))
    if before.version and round.version and before.version_id != round.version_id:
        rests = round_content.rests_on(round.indicators)
        differences = round_content.questions_changed(before.version, round.version, rests)
        found += round_changes.of_questions(differences, rests)
    if before.indicators and round.indicators and before.indicators_id != round.indicators_id:
        changed = round_content.indicators_changed(before.indicators, round.indicators)
        found += round_changes.of_indicators(changed)
    return round_changes.ordered(found)


def population(round: Round) -> str:
    """Who is asked, as a sentence."""
    return _("{age} and over, resident for at least {months} months").format(
        age=round.least_age, months=round.resident_months
    )


def named(choices: type[Mode] | type[FrameKind], values: Iterable[str]) -> str:
    """Values of a list as people call them."""
    titles = dict(choices.choices)
    return "、".join(str(titles.get(value, value)) for value in values)


def round_named(given: str, series: str = "") -> Round:
    """The round that a file names: 2026H1 or 2026年上半年, where needed with its series.

    Raises:
        Problem: ``round-unknown``; ``round-ambiguous``.
    """
    found = _CODE.fullmatch(half_width(given).replace(" ", ""))
    if found is None:
        raise ROUND_UNKNOWN(given=given[:40])
    half = {"上半年": "H1", "下半年": "H2"}.get(found[2], found[2].upper())
    rows = Round.objects.filter(year=int(found[1]), half=half).select_related(*RELATED)
    rows = rows.filter(series__name=series) if series else rows
    matching = list(rows[:2])
    if not matching:
        raise ROUND_UNKNOWN(given=f"{series} {given}".strip()[:60])
    if len(matching) > 1:
        raise ROUND_AMBIGUOUS(given=given)
    return matching[0]


def regions_of(codes: Iterable[str]) -> dict[str, Region]:
    """The regions that hold now, by code."""
    rows = Region.objects.filter(valid_until=None, code__in=set(codes))
    return {region.code: region for region in rows}


def lies_in(region: Region, series: Series) -> bool:
    """Whether a region is that of a series, or below it."""
    return region.code.startswith(stem(series.region.code, series.region.level))


def events_of(round: Round) -> QuerySet[Event]:
    """What happened to a round and its parts, the latest first."""
    return Event.objects.filter(kind="survey.round", key=str(round.pk)).order_by("-pk")[:50]
