"""Units: list, tree, page, readiness, and what is entered for them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.views import Request, page
from huiyin.organisation import acts, rules, tables, unit_queries
from huiyin.organisation.actions import units as actions
from huiyin.organisation.forms.units import BudgetForm, UnitForm
from huiyin.organisation.models import Unit
from huiyin.organisation.views.frames import (
    allowed,
    at_unit,
    bound,
    fill,
    found,
    listed,
    stem_of,
    today_of,
)


@page(acts.SEE_UNITS)
def units(request: Request) -> HttpResponse:
    """Every unit."""
    can = allowed(request.actor, None, acts.MANAGE_UNITS, acts.IMPORT_UNITS)
    return listed(
        request, tables.UnitTable(), {"can": can, "list_actions": "organisation/units_actions.html"}
    )


@page(acts.SEE_UNITS)
def tree(request: Request) -> HttpResponse:
    """Units by superior, with what each does at its level (001-05)."""
    listed = unit_queries.units_on(today_of(request)).select_related("region")
    branches = unit_queries.tree(listed.order_by("region__code", "pk"))
    return render(request, "organisation/tree.html", {"branches": branches})


@page(acts.SEE_READINESS)
def readiness(request: Request) -> HttpResponse:
    """Units that are not ready (002-04)."""
    return listed(request, tables.ReadinessTable())


@page(acts.SEE_UNITS)
def unit(request: Request, unit: int) -> HttpResponse:
    """Everything about one unit."""
    today = today_of(request)
    units = unit_queries.with_readiness(Unit.objects.filter(pk=unit), today)
    shown = units.select_related("region", "parent__region").first() or found(Unit, unit)
    place = at_unit(unit)
    posts = list(unit_queries.posts_on(shown, today))
    context = {
        "unit": shown,
        "facts": facts_of(shown),
        "posts": posts,
        "needs": _needs(shown),
        "groups": _groups_of(shown),
        "pairings": unit_queries.pairings_on(today).filter(post__unit=shown),
        "studies": shown.study_topics.all()[:12],
        "months_without": _months_without(shown, today),
        "budget": shown.budget_lines.all()[:5],
        "streets": shown.streets.filter(unit_queries.holds(today)).select_related("region"),
        "can": allowed(
            request.actor, place, acts.MANAGE_UNITS, acts.MANAGE_POSTS, acts.RECORD_BUDGET,
            acts.RECORD_STUDY, acts.SEE_READINESS, acts.SEE_GROUPS,
        ),
        "events": unit_queries.events_of_unit(shown),
    }  # fmt: skip
    return render(request, "organisation/unit.html", context)


def facts_of(unit: Unit) -> list[tuple[Any, Any]]:
    """What is known of a unit."""
    return [
        (_("Kind"), unit.get_kind_display()),
        (_("Region"), unit.region.name),
        (_("Superior unit"), unit.parent),
        (_("Part at its level"), rules.PART_OF_LEVEL.get(unit.region.level, "")),
        (_("Judged by survey results"), _("Yes") if unit.judged else _("No")),
        (_("Valid from"), unit.valid_from),
        (_("Valid until"), unit.valid_until),
    ]


def _needs(unit: Unit) -> list[tuple[Any, bool]]:
    """Each thing that a unit must have, and whether it has it."""
    lacking = unit_queries.needs_of(unit)
    return [(title, need not in lacking) for need, title in rules.NEED_TITLES.items()]


def _groups_of(unit: Unit) -> list[tuple[Any, Any, str]]:
    """The groups that a unit leads or belongs to, and what it does there (000-08)."""
    led = [(group, _("lead unit"), "") for group in unit.groups_led.all()]
    return led + [
        (member.group, _("member unit"), member.responsibility)
        for member in unit.memberships.select_related("group")
    ]


def _months_without(unit: Unit, today: Any) -> list[int]:
    done = unit.study_topics.filter(year=today.year).values_list("month", flat=True)
    return rules.months_without(list(done), today.year, today)


@page(acts.MANAGE_UNITS)
def add_unit(request: Request) -> HttpResponse:
    """Add a unit."""
    form = bound(UnitForm, request, stem=stem_of(request.actor))
    return fill(
        request, form, lambda values: actions.add_unit(request.actor, **values),
        title=_("Add a unit"), done=_("The unit was added."), back=reverse("organisation:units"),
        to=Unit.get_absolute_url, submit=_("Add the unit"),
    )  # fmt: skip


@page(acts.MANAGE_UNITS, at=at_unit)
def change_unit(request: Request, unit: int) -> HttpResponse:
    """Change a unit."""
    stored = found(Unit, unit, "region", "parent__region")
    names = [name for name in UnitForm().fields if name != "judged"]
    initial = {name: getattr(stored, name) for name in names}
    initial["judged"] = "yes" if stored.judged else "no"
    form = bound(UnitForm, request, stem=stem_of(request.actor), initial=initial)
    return fill(
        request, form, lambda values: actions.change_unit(request.actor, stored, **values),
        title=_("Change {unit}").format(unit=stored.name), done=_("The unit was changed."),
        back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.RECORD_BUDGET, at=at_unit)
def record_budget(request: Request, unit: int) -> HttpResponse:
    """Enter a unit's budget line (002-17)."""
    stored = found(Unit, unit, "region")
    form = bound(BudgetForm, request, initial={"year": today_of(request).year})
    return fill(
        request, form, lambda values: actions.record_budget(request.actor, stored, **values),
        title=_("Budget line of {unit}").format(unit=stored.name),
        done=_("The budget line was recorded."), back=stored.get_absolute_url(),
        lead=_("What was entered for the year before is replaced."),
    )  # fmt: skip
