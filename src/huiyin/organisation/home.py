"""What needs somebody today: units not ready, vacant posts, decisions that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor, may
from huiyin.furniture.home import Task
from huiyin.organisation import acts, rules, unit_queries
from huiyin.organisation.models import Decision
from huiyin.organisation.permissions import reach


def tasks(actor: Actor, now: datetime) -> Iterator[Task]:
    """The room's tasks of an actor."""
    today = timezone.localdate(now)
    if may(actor, acts.SEE_READINESS):
        units = unit_queries.with_readiness(unit_queries.responsible_units(today), today)
        within = reach(actor, acts.SEE_READINESS).query(region="region__code", unit="pk")
        if lacking := units.filter(within).exclude(unit_queries.READY).count():
            yield Task(
                _("Units not ready"), reverse("organisation:readiness"), lacking, "",
                _("A named person or the budget line is missing."),
            )  # fmt: skip
    if may(actor, acts.MANAGE_POSTS):
        unit_posts = reach(actor, acts.MANAGE_POSTS).query(region="unit__region__code", unit="unit")
        in_groups = reach(actor, acts.MANAGE_POSTS).query(
            region="group__region__code", unit="group__lead_unit"
        )
        if vacant := unit_queries.vacant_posts(today).filter(unit_posts | in_groups).count():
            yield Task(_("Vacant posts"), f"{reverse('organisation:posts')}?vacant=yes", vacant)
    if may(actor, acts.CLOSE_DECISION):
        yield from _decisions(actor, today)


def _decisions(actor: Actor, today: date) -> Iterator[Task]:
    """Decisions that wait for the actor's report and are overdue or due soon."""
    within = reach(actor, acts.CLOSE_DECISION)
    theirs = within.query(region="meeting__group__region__code", unit="meeting__group__lead_unit")
    if not within.everywhere:
        theirs |= Q(lead_unit__in=within.units)
    soon = today + timedelta(days=rules.NEAR_DAYS)
    found = Decision.objects.filter(theirs, done_on=None, due_on__lte=soon).aggregate(
        first=Min("due_on"), count=Count("pk")
    )
    if found["count"]:
        yield Task(
            _("Decisions of meetings that are due"),
            f"{reverse('organisation:decisions')}?open=yes",
            found["count"],
            rules.standing(found["first"], None, today).value,
        )
