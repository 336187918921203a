"""What needs somebody today: rounds that are not ready in time, fields to be opened or closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.audit.acts import Actor, may
from huiyin.furniture.home import Task
from huiyin.organisation.permissions import reach
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey.models import Round, RoundStatus
from huiyin.survey.round_checklist import checklist
from huiyin.survey.round_rules import MOVES, NEAR_DAYS, Step, next_step, urgency

#: Whoever may do one of these is told of a round that lacks something.
_PREPARING = (acts.CHANGE_ROUND, acts.SET_STAFF)


def tasks(actor: Actor, now: datetime) -> Iterator[Task]:
    """The rounds that wait for the actor."""
    if not any(may(actor, act) for act in _PREPARING):
        return
    today = timezone.localdate(now)
    within = reach(actor, acts.SEE_ROUNDS).query(region="series__region__code")
    soon = today + timedelta(days=NEAR_DAYS)
    begun = Round.objects.filter(within, field_from__lte=soon).select_related(*queries.RELATED)
    coming = begun.filter(status__in=[RoundStatus.DRAFT, RoundStatus.READY])
    for each in coming.order_by("field_from", "pk"):
        yield _to_come(each, today, now)
    over = begun.filter(status=RoundStatus.FIELDING, field_until__lt=today)
    if may(actor, acts.STEP_ACTS[Step.CLOSE]):
        for each in over.order_by("field_until", "pk"):
            yield Task(
                _("{round}: close the field").format(round=each), each.get_absolute_url(),
                tone="overdue", detail=_("Its last day was {day}.").format(day=each.field_until),
            )  # fmt: skip


def _to_come(each: Round, today: date, now: datetime) -> Task:
    step = next_step(RoundStatus(each.status))
    assert step is not None
    assert each.field_from is not None
    items = checklist(queries.facts_of(each, now), step)
    lacking = [str(item.title) for item in items if not item.holds]
    title = _("{round}: {step}").format(round=each, step=MOVES[step].title)
    said = _("The field begins on {day}.").format(day=each.field_from)
    missing = _("Missing: {items}.").format(items="、".join(lacking)) if lacking else ""
    return Task(
        title, each.get_absolute_url(), count=len(lacking) or None,
        tone=urgency(each.field_from, today), detail=f"{said} {missing}".strip(),
    )  # fmt: skip
