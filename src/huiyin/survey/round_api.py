"""Rounds over HTTP: list, read, the checklist and the changes; and every step as an act."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.organisation.permissions import reach
from huiyin.survey import round_actions as actions
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey.models import CallingHours, Half, Quota, Round, RoundStatus
from huiyin.survey.round_checklist import checklist
from huiyin.survey.round_pages import at_round, round_of
from huiyin.survey.round_rules import Step, next_step

router = Router(tags=["survey"])


class RoundOut(Schema):
    """A round as a list gives it."""

    id: int
    series: str
    year: int
    half: Half
    status: RoundStatus
    field_from: date | None
    field_until: date | None

    @staticmethod
    def resolve_series(round: Round) -> str:
        return round.series.name


class HoursOut(Schema):
    """Calling hours: weekday 0 = Monday … 6 = Sunday, 7 = public holiday."""

    weekday: int
    begins: str
    ends: str

    @staticmethod
    def resolve_begins(hours: CallingHours) -> str:
        return f"{hours.begins:%H:%M}"

    @staticmethod
    def resolve_ends(hours: CallingHours) -> str:
        return f"{hours.ends:%H:%M}"


class QuotaOut(Schema):
    region: str
    sex: str
    age_from: int
    age_to: int | None
    target: int

    @staticmethod
    def resolve_region(quota: Quota) -> str:
        return quota.region.code


class RoundDetail(RoundOut):
    """All that a round says of itself; staff by how many in each role."""

    centre: str | None
    caller_id: str
    least_age: int
    resident_months: int
    modes: list[str]
    frames: list[str]
    design: str
    version: int | None
    indicators: int | None
    table: int | None
    allocation: dict[str, int]
    break_reason: str
    annual: str
    calling_hours: list[HoursOut]
    quotas: list[QuotaOut]
    staff: dict[str, int]

    @staticmethod
    def resolve_centre(round: Round) -> str | None:
        return round.centre.name if round.centre else None

    @staticmethod
    def resolve_version(round: Round) -> int | None:
        return round.version_id

    @staticmethod
    def resolve_indicators(round: Round) -> int | None:
        return round.indicators_id

    @staticmethod
    def resolve_table(round: Round) -> int | None:
        return round.table_id

    @staticmethod
    def resolve_annual(round: Round) -> str:
        return round.series.annual

    @staticmethod
    def resolve_quotas(round: Round) -> list[Quota]:
        return list(round.quotas.select_related("region"))

    @staticmethod
    def resolve_staff(round: Round) -> dict[str, int]:
        return queries.staff_counts(round)


class ItemOut(Schema):
    """A line of the checklist; what is missing is empty if it holds."""

    name: str
    title: str
    holds: bool
    missing: str


class ChecklistOut(Schema):
    """What must hold before the next step; no step after the last."""

    status: RoundStatus
    step: Step | None
    items: list[ItemOut]


class ChangeOut(Schema):
    """What changed since the round before; touches names the indicators that it can move."""

    kind: str
    title: str
    before: str
    after: str
    touches: list[str]
    suggests_break: bool


class RoundIn(Schema):
    series: int
    year: int
    half: Half


class StepIn(Schema):
    """Why a round steps back; may be left out for other steps."""

    reason: str = ""


@router.get("/rounds", response=list[RoundOut])
@operation(acts.SEE_ROUNDS)
@paginate(Paged, ordering=("-field_from", "-id"))
def rounds(request: Request, status: RoundStatus | None = None) -> QuerySet[Round]:
    """List the rounds that you may see, those whose field began last first."""
    within = reach(request.actor, acts.SEE_ROUNDS).query(region="series__region__code")
    rows = Round.objects.filter(within).select_related("series")
    return rows.filter(status=status) if status else rows


@router.post("/rounds", response=RoundDetail)
@operation(acts.ADD_ROUND)
def add_round(request: Request, given: RoundIn) -> Round:
    """Add a round with the rule's dates; what is asked is taken over from the round before."""
    series = queries.series_of(given.series)
    return actions.add_round(request.actor, series, year=given.year, half=given.half)


@router.get("/rounds/{round}", response=RoundDetail)
@operation(acts.SEE_ROUNDS, at=at_round)
def read_round(request: Request, round: int) -> Round:
    """One round."""
    return round_of(round)


@router.get("/rounds/{round}/checklist", response=ChecklistOut)
@operation(acts.SEE_ROUNDS, at=at_round)
def read_checklist(request: Request, round: int) -> dict[str, Any]:
    """What must hold before the round's next step, and whether it does."""
    found = round_of(round)
    step = next_step(RoundStatus(found.status))
    items = checklist(queries.facts_of(found, request.now), step) if step else []
    said = [
        {"name": i.name, "title": str(i.title), "holds": i.holds, "missing": str(i.missing)}
        for i in items
    ]
    return {"status": found.status, "step": step, "items": said}


@router.get("/rounds/{round}/changes", response=list[ChangeOut])
@operation(acts.SEE_ROUNDS, at=at_round)
def read_changes(request: Request, round: int) -> list[dict[str, Any]]:
    """What changed since the round before, first what suggests a break in the series."""
    found = round_of(round)
    return [
        {
            "kind": each.kind, "title": str(each.title), "before": each.before,
            "after": each.after, "touches": list(each.touches),
            "suggests_break": each.suggests_break,
        }
        for each in queries.changes_of(found, queries.previous(found))
    ]  # fmt: skip


@router.post("/rounds/{round}/break", response=RoundDetail)
@operation(acts.MARK_BREAK, at=at_round)
def mark_break(request: Request, round: int, given: StepIn) -> Round:
    """Mark a break in the series; an empty reason takes it back."""
    return actions.mark_break(request.actor, round_of(round), reason=given.reason)


def _add_step(step: Step, summary: str) -> None:
    @router.post(f"/rounds/{{round}}/{step}", response=RoundDetail, description=summary,
                 operation_id=f"survey_round_{step}")  # fmt: skip
    @operation(acts.STEP_ACTS[step], at=at_round)
    def take(request: Request, round: int, given: StepIn) -> Round:
        return actions.take_step(
            request.actor, round_of(round), step, now=request.now, reason=given.reason
        )


for _step, _summary in (
    (Step.READY, "Make a round ready, if its checklist holds."),
    (Step.BACK, "Step back from ready to draft, with a reason."),
    (Step.OPEN, "Open the field, if its checklist holds."),
    (Step.CLOSE, "Close the field, if its checklist holds."),
    (Step.MEASURE, "Take the registered results as those of the round."),
    (Step.PUBLISH, "Publish a round that is measured."),
):
    _add_step(_step, _summary)
