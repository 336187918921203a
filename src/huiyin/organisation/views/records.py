"""Study topics, villages with advisers and officers, streets, and campaign types."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.views import Request, page
from huiyin.organisation import acts, tables, unit_queries
from huiyin.organisation.actions import records as actions
from huiyin.organisation.forms.fields import find_region
from huiyin.organisation.forms.records import (
    CampaignTypeForm,
    ChangeStudyForm,
    ServiceForm,
    StreetForm,
    StudyForm,
)
from huiyin.organisation.forms.units import EndForm
from huiyin.organisation.models import CampaignType, Street, StudyTopic, Unit, VillageService
from huiyin.organisation.views.frames import (
    allowed,
    at_service,
    at_street,
    at_study,
    at_unit,
    bound,
    fill,
    found,
    listed,
    stem_of,
    today_of,
)
from huiyin.territory.models import Region
from huiyin.territory.rules import Level


@page(acts.SEE_GROUPS)
def study(request: Request) -> HttpResponse:
    """What units studied (004-06)."""
    return listed(request, tables.StudyTable())


@page(acts.RECORD_STUDY, at=at_unit)
def record_study(request: Request, unit: int) -> HttpResponse:
    """Record what a unit studied this month."""
    stored, today = found(Unit, unit, "region"), today_of(request)
    form = bound(StudyForm, request, initial={"held_on": today})
    return fill(
        request, form,
        lambda values: actions.record_study(request.actor, stored, today=today, **values),
        title=_("Study topic of {unit}").format(unit=stored.name),
        done=_("The topic was recorded."),
        back=stored.get_absolute_url(), lead=_("One topic a month."),
    )  # fmt: skip


@page(acts.RECORD_STUDY, at=at_study)
def change_study(request: Request, study: int) -> HttpResponse:
    """Correct a study topic."""
    stored = found(StudyTopic, study, "unit__region")
    names = ("topic", "speaker", "people", "notes")
    form = bound(ChangeStudyForm, request, initial={name: getattr(stored, name) for name in names})
    return fill(
        request, form, lambda values: actions.change_study(request.actor, stored, **values),
        title=_("Correct the topic of {month}").format(month=f"{stored.year}-{stored.month:02}"),
        done=_("The topic was corrected."), back=stored.unit.get_absolute_url(),
    )  # fmt: skip


@page(acts.SEE_COVERAGE)
def coverage(request: Request) -> HttpResponse:
    """How many villages have an adviser and an auxiliary officer (004-19)."""
    code = request.GET.get("region", "")
    above = find_region(code) if code else None
    rows = unit_queries.coverage(regions_below(above), today_of(request))
    context = {
        "above": above,
        "rows": rows,
        "whole": unit_queries.total(rows),
        "can": allowed(request.actor, None, acts.RECORD_SERVICE),
    }
    return render(request, "organisation/coverage.html", context)


def regions_below(above: Region | None) -> list[Region]:
    """The counties, or the regions directly below one."""
    living = Region.objects.filter(valid_until=None).order_by("code")
    if above is None:
        return list(living.filter(level=Level.COUNTY))
    return list(living.filter(parent=above, level__lte=Level.VILLAGE))


@page(acts.SEE_COVERAGE)
def services(request: Request) -> HttpResponse:
    """Advisers and officers, village by village."""
    can = allowed(request.actor, None, acts.RECORD_SERVICE)
    return listed(
        request,
        tables.ServiceTable(),
        {"can": can, "list_actions": "organisation/services_actions.html"},
    )


@page(acts.RECORD_SERVICE)
def add_service(request: Request) -> HttpResponse:
    """Enter a village's adviser or officer."""
    form = bound(
        ServiceForm, request, stem=stem_of(request.actor), initial={"since": today_of(request)}
    )
    return fill(
        request, form, lambda values: actions.record_service(request.actor, **values),
        title=_("Adviser or auxiliary officer of a village"), done=_("It was entered."),
        back=reverse("organisation:services"),
    )  # fmt: skip


@page(acts.RECORD_SERVICE, at=at_service)
def end_service(request: Request, service: int) -> HttpResponse:
    """End a village's adviser or officer."""
    stored = found(VillageService, service, "region")
    return fill(
        request, bound(EndForm, request, initial={"until": today_of(request)}),
        lambda values: actions.end_service(request.actor, stored, until=values["until"]),
        title=_("{name} no longer serves {region}").format(
            name=stored.name, region=stored.region.name
        ),
        done=_("The last day was entered."), back=reverse("organisation:services"),
        submit=_("Enter the last day"),
    )  # fmt: skip


@page(acts.SEE_COVERAGE)
def streets(request: Request) -> HttpResponse:
    """Responsibility streets (003-34)."""
    can = allowed(request.actor, None, acts.MANAGE_STREETS)
    return listed(
        request,
        tables.StreetTable(),
        {"can": can, "list_actions": "organisation/streets_actions.html"},
    )


@page(acts.MANAGE_STREETS)
def add_street(request: Request) -> HttpResponse:
    """Assign a street to a unit."""
    form = bound(
        StreetForm, request, stem=stem_of(request.actor), initial={"since": today_of(request)}
    )
    return fill(
        request, form, lambda values: actions.assign_street(request.actor, **values),
        title=_("Assign a responsibility street"), done=_("The street was assigned."),
        back=reverse("organisation:streets"),
    )  # fmt: skip


@page(acts.MANAGE_STREETS, at=at_street)
def change_street(request: Request, street: int) -> HttpResponse:
    """Change a street, or who answers for it."""
    stored = found(Street, street, "region", "unit__region")
    names = ("name", "region", "unit", "since", "until")
    form = bound(
        StreetForm, request, stem=stored.region.stem,
        initial={name: getattr(stored, name) for name in names},
    )  # fmt: skip
    return fill(
        request, form, lambda values: actions.change_street(request.actor, stored, **values),
        title=_("Change {name}").format(name=stored.name), done=_("The street was changed."),
        back=reverse("organisation:streets"),
    )  # fmt: skip


@page(acts.SEE_GROUPS)
def campaign_types(request: Request) -> HttpResponse:
    """Types of campaigns (000-05)."""
    context = {
        "types": CampaignType.objects.all(),
        "can": allowed(request.actor, None, acts.MANAGE_CAMPAIGN_TYPES),
    }
    return render(request, "organisation/campaign_types.html", context)


@page(acts.MANAGE_CAMPAIGN_TYPES)
def add_campaign_type(request: Request) -> HttpResponse:
    """Add a type of campaign."""
    return _save_type(request, None)


@page(acts.MANAGE_CAMPAIGN_TYPES)
def change_campaign_type(request: Request, campaign_type: int) -> HttpResponse:
    """Change a type of campaign."""
    return _save_type(request, found(CampaignType, campaign_type))


def _save_type(request: Request, stored: CampaignType | None) -> HttpResponse:
    names = ("name", "purpose", "in_use")
    initial = {name: getattr(stored, name) for name in names} if stored else {}
    return fill(
        request, bound(CampaignTypeForm, request, initial=initial),
        lambda values: actions.save_campaign_type(request.actor, stored, **values),
        title=_("Change the campaign type") if stored else _("Add a campaign type"),
        done=_("The campaign type was saved."), back=reverse("organisation:campaign_types"),
    )  # fmt: skip
