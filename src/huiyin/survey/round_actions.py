"""Change series and rounds; every act says before and after in its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Act, Actor, Changed, require
from huiyin.organisation.actions.writing import place_in, write
from huiyin.organisation.models import Account, Unit
from huiyin.organisation.roles import Role
from huiyin.problems import (
    QUOTA_TOO_YOUNG,
    REGION_OUTSIDE_SERIES,
    ROUND_CENTRE_JUDGED,
    ROUND_EXISTS,
    ROUND_FROZEN,
    ROUND_HAS_SAMPLE,
    ROUND_NEEDS_CENTRE,
    ROUND_NOT_SO_FAR,
    ROUND_REASON_MISSING,
    ROUND_STAFF_ALREADY,
    ROUND_STAFF_STRANGER,
    ROUND_WITHOUT_PREVIOUS,
)
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey import round_rules as rules
from huiyin.survey.models import (
    CallingHours,
    FrameKind,
    Half,
    Mode,
    Quota,
    Round,
    RoundStatus,
    Series,
    Staff,
)
from huiyin.survey.round_checklist import checklist
from huiyin.survey.round_hours import DAYS, DEFAULT_HOURS, Hours, check_hours, said
from huiyin.survey.round_queries import place_of
from huiyin.survey.round_rules import MOVES, Step
from huiyin.territory.models import Region, Sex
from huiyin.territory.population_rules import Cell, check_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a new round takes over from the one before.
_TAKEN_OVER = (
    "centre", "version", "indicators", "frames", "table", "design", "modes", "least_age",
    "resident_months",
)  # fmt: skip


def add_series(actor: Actor, *, name: str, region: Region, annual: str, note: str = "") -> Series:
    """Add a survey that will be repeated.

    Raises:
        Problem: the actor may not in the region.
    """
    with performing(actor, acts.MANAGE_SERIES, place_in(region)) as changed:
        series = Series()
        write(changed, series, {"name": name, "region": region, "annual": annual, "note": note})
    return series


def change_series(
    actor: Actor, series: Series, *, name: str, annual: str, note: str = ""
) -> Series:
    """Change a series' name, or how the result of a year comes about.

    Raises:
        Problem: the actor may not; ``round-frozen``: a year of it is published already.
    """
    with performing(actor, acts.MANAGE_SERIES, place_of(series)) as changed:
        series = Series.objects.select_for_update().get(pk=series.pk)
        if annual != series.annual and series.rounds.filter(status=RoundStatus.PUBLISHED).exists():
            raise ROUND_FROZEN(
                place="annual", what=_("How the year's result comes about"),
                state=RoundStatus.PUBLISHED.label, way=_("Begin another series instead."),
            )  # fmt: skip
        write(changed, series, {"name": name, "annual": annual, "note": note})
    return series


def add_round(actor: Actor, series: Series, *, year: int, half: str) -> Round:
    """Add a round with the rule's dates; what is asked of whom is taken over from the one before.

    Raises:
        Problem: the actor may not; ``round-exists``.
    """
    with performing(actor, acts.ADD_ROUND, place_of(series)) as changed:
        Series.objects.select_for_update().get(pk=series.pk)
        since, until = rules.default_dates(year, Half(half))
        round = Round(series=series, year=year, half=half)
        if Round.objects.filter(series=series, year=year, half=half).exists():
            raise ROUND_EXISTS(place="half", round=round)
        values = {
            "series": series, "year": year, "half": half, "field_from": since, "field_until": until,
        }  # fmt: skip
        before = queries.previous(round)
        if before is not None:
            values |= {name: getattr(before, name) for name in _TAKEN_OVER}
        write(changed, round, values)
        _name_lists(changed)
        _store_hours(round, queries.hours_of(before) if before else DEFAULT_HOURS)
    return round


def remove_round(actor: Actor, round: Round) -> None:
    """Remove a draft for which nothing was drawn.

    Raises:
        Problem: the actor may not; ``round-has-sample``.
    """
    with performing(actor, acts.REMOVE_ROUND, place_of(round)) as changed:
        round = _locked(round)
        if round.status != RoundStatus.DRAFT or round.samples.exists():
            raise ROUND_HAS_SAMPLE(round=round)
        touched(changed, round)
        changed.before = {"status": round.status}
        round.delete()


def _locked(round: Round) -> Round:
    rows = Round.objects.select_related(*queries.RELATED).select_for_update(of=("self",))
    return rows.get(pk=round.pk)


@contextmanager
def _changing(
    actor: Actor, act: Act, round: Round, names: Iterable[str], title: Any
) -> Iterator[tuple[Changed, Round]]:
    """Perform an act on a round whose named values or parts may still change."""
    with performing(actor, act, place_of(round)) as changed:
        round = _locked(round)
        rules.check_open(RoundStatus(round.status), names, title)
        touched(changed, round)
        yield changed, round


def change_dates(
    actor: Actor, round: Round, *, centre: Unit | None, field_from: date, field_until: date
) -> Round:
    """Set who makes the calls, and from which day to which.

    Raises:
        Problem: the actor may not; ``round-days-outside``; ``round-centre-judged``;
            ``round-frozen``.
    """
    rules.check_dates(round.year, Half(round.half), field_from, field_until)
    if centre is not None and not queries.is_centre(centre):
        raise ROUND_CENTRE_JUDGED(place="centre", unit=centre.name)
    values = {"centre": centre, "field_from": field_from, "field_until": field_until}
    return _change(actor, round, values, _("Field and centre"))


def change_content(actor: Actor, round: Round, **values: Any) -> Round:
    """Set what is asked of whom: version, indicators, modes, least_age, resident_months.

    Raises:
        Problem: the actor may not; ``round-frozen``.
    """
    return _change(actor, round, values, _("What is asked of whom"))


def change_sample(actor: Actor, round: Round, **values: Any) -> Round:
    """Set from what the sample is drawn, and how: frames, table, design.

    Raises:
        Problem: the actor may not; ``round-frozen``.
    """
    return _change(actor, round, values, _("Frame and sample design"))


def _change(actor: Actor, round: Round, values: Mapping[str, Any], title: Any) -> Round:
    """Change what differs; what stays as it is may be frozen, and leaves no event."""
    altered = _altered(round, values)
    if not altered:
        require(actor, acts.CHANGE_ROUND, place_of(round))
        return round
    with _changing(actor, acts.CHANGE_ROUND, round, altered, title) as (changed, round):
        write(changed, round, values)
        _name_lists(changed)
    return round


def _name_lists(changed: Changed) -> None:
    """Say lists of codes in words, as whoever reads the history knows them."""
    for name, choices in (("modes", Mode), ("frames", FrameKind)):
        for told in (changed.before, changed.after):
            if isinstance(codes := told.get(name), list):
                told[name] = queries.named(choices, codes)


def _altered(round: Round, values: Mapping[str, Any]) -> list[str]:
    """The columns that would change; what stays as it is may be frozen."""
    columns = {name: Round._meta.get_field(name).attname for name in values}  # type: ignore[union-attr]
    return [columns[name] for name, value in values.items() if getattr(round, name) != value]


def set_allocation(actor: Actor, round: Round, wanted: Mapping[str, int]) -> Round:
    """Set how many interviews are wanted, by the code of the region; zeros are left out.

    Raises:
        Problem: the actor may not; ``region-outside-series``; ``round-frozen``.
    """
    title = _("The interviews wanted")
    with _changing(actor, acts.SET_ALLOCATION, round, ("allocation",), title) as (changed, round):
        kept = {code: int(number) for code, number in sorted(wanted.items()) if number > 0}
        known = queries.regions_of(kept)
        for code in kept:
            if code not in known or not queries.lies_in(known[code], round.series):
                raise REGION_OUTSIDE_SERIES(code=code, region=round.series.region)
        changed.before = _sums(round.allocation)
        round.allocation = kept
        round.save(update_fields=["allocation"])
        changed.after = _sums(kept)
    return round


def _sums(wanted: Mapping[str, int]) -> dict[str, object]:
    return {"regions": len(wanted), "interviews": sum(wanted.values())}


def set_hours(actor: Actor, round: Round, hours: Iterable[Hours]) -> Round:
    """Set all calling hours of a round.

    Raises:
        Problem: the actor may not; ``hours-…``; ``round-frozen``.
    """
    wanted = list(hours)
    title = _("Calling hours")
    with _changing(actor, acts.SET_HOURS, round, ("calling_hours",), title) as (changed, round):
        check_hours(wanted)
        changed.before = _hours_said(queries.hours_of(round))
        round.calling_hours.all().delete()
        _store_hours(round, wanted)
        changed.after = _hours_said(wanted)
    return round


def _store_hours(round: Round, hours: Iterable[Hours]) -> None:
    CallingHours.objects.bulk_create(CallingHours(round=round, **h._asdict()) for h in hours)


def _hours_said(hours: Iterable[Hours]) -> dict[str, object]:
    kept = list(hours)
    days = sorted({each.weekday for each in kept})
    said_of = (f"{DAYS[day]} {said(h for h in kept if h.weekday == day)}" for day in days)
    return {"calling_hours": list(said_of)}


def add_staff(
    actor: Actor, round: Round, people: Iterable[tuple[Account, Role]], *, today: date
) -> Round:
    """Assign people of the survey centre to a round, each in a role.

    Raises:
        Problem: the actor may not; ``round-needs-centre``; ``round-staff-stranger``: somebody does
            not hold the role in the centre; ``round-asks-and-verifies``; ``round-staff-already``;
            ``round-frozen``.
    """
    with _changing(actor, acts.SET_STAFF, round, ("staff",), _("The staff")) as (changed, round):
        added = [_assign(round, account, role, today) for account, role in people]
        changed.after = {"staff": [_staff_said(each) for each in added]}
    return round


def _assign(round: Round, account: Account, role: Role, today: date) -> Staff:
    if round.centre is None:
        raise ROUND_NEEDS_CENTRE()
    held = queries.candidates(round.centre, today).filter(account=account, role=role)
    if not held.exists():
        raise ROUND_STAFF_STRANGER(name=account.name, role=role.label, centre=round.centre.name)
    roles = [
        Role(each) for each in round.staff.filter(account=account).values_list("role", flat=True)
    ]
    if role in roles:
        raise ROUND_STAFF_ALREADY(name=account.name, role=role.label)
    rules.check_staff(roles, role)
    return Staff.objects.create(round=round, account=account, role=role)


def _staff_said(staff: Staff) -> str:
    return f"{staff.account} ({staff.get_role_display()})"


def remove_staff(actor: Actor, staff: Staff) -> None:
    """Take somebody off a round.

    Raises:
        Problem: the actor may not; ``round-frozen``.
    """
    with _changing(actor, acts.SET_STAFF, staff.round, ("staff",), _("The staff")) as (
        changed, _round,
    ):  # fmt: skip
        changed.before = {"staff": [_staff_said(staff)]}
        staff.delete()


def set_quota(
    actor: Actor, round: Round, *, region: Region, sex: str, ages: tuple[int, int | None],
    target: int,
) -> Round:  # fmt: skip
    """Set the quota of one sex and age band in a region; a target of 0 drops it.

    Raises:
        Problem: the actor may not; ``region-outside-series``; ``population-overlap``: another quota
            counts the same people; ``quota-too-young``; ``round-frozen``.
    """
    with _changing(actor, acts.SET_QUOTAS, round, ("quotas",), _("Quotas")) as (changed, round):
        if not queries.lies_in(region, round.series):
            raise REGION_OUTSIDE_SERIES(
                place="region", code=region.code, region=round.series.region
            )
        wanted = Quota(
            round=round, region=region, sex=sex, age_from=ages[0], age_to=ages[1], target=target
        )
        old = round.quotas.filter(region=region, sex=sex, age_from=ages[0]).first()
        changed.before = {str(old): old.target} if old else {}
        if old:
            old.delete()
        if target:
            check_quota(wanted, round.quotas.filter(region=region))
            wanted.save()
            changed.after = {str(wanted): target}
    return round


def check_quota(wanted: Quota, others: Iterable[Quota]) -> None:
    """A quota asks whom the round asks, and counts nobody whom another counts.

    Raises:
        Problem: ``quota-too-young``; ``population-overlap``.
    """
    if wanted.age_to is not None and wanted.age_to < wanted.round.least_age:
        raise QUOTA_TOO_YOUNG(place="ages", least=wanted.round.least_age)
    check_cells(_cell(each) for each in [*others, wanted])


def _cell(quota: Quota) -> Cell:
    return Cell(Sex(quota.sex).value, quota.age_from, quota.age_to)


def mark_break(actor: Actor, round: Round, *, reason: str) -> Round:
    """Say why a round is not compared with the one before; an empty reason takes it back.

    A break stops every automatic comparison across it (003-28).

    Raises:
        Problem: the actor may not; ``round-without-previous``; ``round-reason-missing``: there is
            no break to take back; ``round-frozen``: the round is published.
    """
    title = _("The break in the series")
    with _changing(actor, acts.MARK_BREAK, round, ("break_reason",), title) as (changed, round):
        if queries.previous(round) is None:
            raise ROUND_WITHOUT_PREVIOUS(round=round)
        if not reason.strip() and not round.break_reason:
            raise ROUND_REASON_MISSING(place="reason")
        write(changed, round, {"break_reason": reason.strip()})
    return round


def take_step(actor: Actor, round: Round, step: Step, *, now: datetime, reason: str = "") -> Round:
    """Move a round on to its next state, or back to the draft.

    Args:
        reason: why it steps back; optional otherwise.

    Raises:
        Problem: the actor may not; ``round-step-impossible``: it names the state and the step;
            ``round-not-so-far``: it names all that does not hold; ``round-reason-missing``.
    """
    with performing(actor, acts.STEP_ACTS[step], place_of(round)) as changed:
        round = _locked(round)
        after = rules.moved(RoundStatus(round.status), step)
        if step is Step.BACK and not reason.strip():
            raise ROUND_REASON_MISSING(place="reason")
        _check_list(round, step, now)
        write(changed, round, {"status": after.value})
        if reason.strip():
            changed.after["reason"] = reason.strip()
    return round


def _check_list(round: Round, step: Step, now: datetime) -> None:
    items = checklist(queries.facts_of(round, now), step)
    lacking = [f"{item.title}: {item.missing}" for item in items if not item.holds]
    if lacking:
        raise ROUND_NOT_SO_FAR(step=MOVES[step].title, missing=" ".join(lacking))
