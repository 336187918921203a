"""The parts of a round, each with its form: field, content, sample, hours, quotas, staff."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation.roles import Role
from huiyin.organisation.views.frames import allowed, bound, found, today_of
from huiyin.problems import ROUND_NEEDS_CENTRE
from huiyin.survey import round_actions as actions
from huiyin.survey import round_acts as acts
from huiyin.survey import round_forms
from huiyin.survey import round_queries as queries
from huiyin.survey.models import RoundStatus, Staff
from huiyin.survey.round_pages import at_round, at_staff, confirm, fill, path_to, round_of
from huiyin.survey.round_rules import frozen
from huiyin.survey.round_tables import QuotaTable, StaffTable

DONE = _("The round was changed.")


@page(acts.CHANGE_ROUND, at=at_round)
def dates(request: Request, round: int) -> HttpResponse:
    """When the field is, and who makes the calls."""
    stored = round_of(round)
    initial = {name: getattr(stored, name) for name in ("field_from", "field_until", "centre")}
    return fill(
        request, bound(round_forms.DatesForm, request, initial=initial),
        lambda values: actions.change_dates(request.actor, stored, **values),
        title=_("Field and centre"), back=stored.get_absolute_url(), done=DONE,
        path=path_to(stored),
    )  # fmt: skip


@page(acts.CHANGE_ROUND, at=at_round)
def content(request: Request, round: int) -> HttpResponse:
    """What is asked of whom."""
    stored = round_of(round)
    names = ("version", "indicators", "modes", "least_age", "resident_months")
    initial = {name: getattr(stored, name) for name in names}
    return fill(
        request, bound(round_forms.ContentForm, request, initial=initial),
        lambda values: actions.change_content(request.actor, stored, **values),
        title=_("What is asked of whom"), back=stored.get_absolute_url(), done=DONE,
        path=path_to(stored),
    )  # fmt: skip


@page(acts.CHANGE_ROUND, at=at_round)
def sample(request: Request, round: int) -> HttpResponse:
    """From what the sample is drawn, and how."""
    stored = round_of(round)
    initial = {name: getattr(stored, name) for name in ("frames", "table", "design")}
    return fill(
        request, bound(round_forms.SampleForm, request, initial=initial),
        lambda values: actions.change_sample(request.actor, stored, **values),
        title=_("Frame and sample design"), back=stored.get_absolute_url(), done=DONE,
        path=path_to(stored),
    )  # fmt: skip


@page(acts.SET_HOURS, at=at_round)
def hours(request: Request, round: int) -> HttpResponse:
    """When residents are called."""
    stored = round_of(round)
    return fill(
        request, bound(round_forms.HoursForm, request, round=stored),
        lambda values: actions.set_hours(request.actor, stored, values["hours"]),
        title=_("Calling hours"), back=stored.get_absolute_url(), done=DONE, path=path_to(stored),
        lead=_(
            "Write 09:00-12:00、14:00-20:30; empty = no calls. On a weekend that is worked instead"
            " the hours of the Friday or Monday beside it hold."
        ),
    )  # fmt: skip


@page(acts.SEE_ROUNDS, at=at_round)
def quotas(request: Request, round: int) -> HttpResponse:
    """The quotas of a round, to look through and to export."""
    stored = round_of(round)
    open_ = not frozen(RoundStatus(stored.status), "quotas")
    offered = (acts.SET_QUOTAS, acts.IMPORT_QUOTAS)
    shown = {
        "round": stored, "path": path_to(stored),
        "can": allowed(request.actor, queries.place_of(stored), *offered) if open_ else {},
    }  # fmt: skip
    return table_response(  # type: ignore[no-any-return]
        request, QuotaTable(stored), template="survey/round_quotas.html", context=shown
    )


@page(acts.SET_QUOTAS, at=at_round)
def add_quota(request: Request, round: int) -> HttpResponse:
    """Set one quota."""
    stored = round_of(round)
    stem = stored.series.region.stem
    form = bound(round_forms.QuotaForm, request)
    form.fields["region"].stem = stem
    back = reverse("survey:round_quotas", args=[round])
    return fill(
        request, form, lambda values: actions.set_quota(request.actor, stored, **values),
        title=_("Set a quota"), back=back, done=_("The quota was set."), path=path_to(stored),
    )  # fmt: skip


@page(acts.SEE_ROUNDS, at=at_round)
def staff(request: Request, round: int) -> HttpResponse:
    """Who works on a round."""
    stored = round_of(round)
    open_ = not frozen(RoundStatus(stored.status), "staff")
    offered = (acts.SET_STAFF, acts.IMPORT_STAFF)
    can = allowed(request.actor, queries.place_of(stored), *offered) if open_ else {}
    return table_response(  # type: ignore[no-any-return]
        request, StaffTable(stored, changes=can.get("set_staff", False)),
        template="survey/round_staff.html",
        context={"round": stored, "path": path_to(stored), "can": can},
    )  # fmt: skip


@page(acts.SET_STAFF, at=at_round)
def add_staff(request: Request, round: int) -> HttpResponse:
    """Assign people of the centre, by ticking them."""
    stored, today = round_of(round), today_of(request)
    if stored.centre is None:
        raise ROUND_NEEDS_CENTRE()
    there = set(stored.staff.values_list("account_id", "role"))
    holdings = [
        held for held in queries.candidates(stored.centre, today)
        if (held.account_id, held.role) not in there
    ]  # fmt: skip
    form = bound(round_forms.StaffForm, request, holdings=holdings)
    return fill(
        request, form,
        lambda values: actions.add_staff(
            request.actor, stored, [(h.account, Role(h.role)) for h in form.chosen()], today=today
        ),
        title=_("Assign staff"), back=reverse("survey:round_staff", args=[round]),
        done=_("The staff was assigned."), path=path_to(stored), submit=_("Assign"),
        lead=_("Whoever makes interviews in a round does not verify in it."),
    )  # fmt: skip


@page(acts.SET_STAFF, at=at_staff)
def remove_staff(request: Request, staff: int) -> HttpResponse:
    """Take somebody off a round."""
    stored = found(Staff, staff, "round__series__region", "account")
    back = reverse("survey:round_staff", args=[stored.round_id])
    return confirm(
        request, lambda: actions.remove_staff(request.actor, stored),
        title=_("Take {name} off the round").format(name=stored.account), submit=_("Take off"),
        consequence=_("No more calls of this round come to this person. What was done stays."),
        back=back, to=back, done=_("Taken off the round."), path=path_to(stored.round),
    )  # fmt: skip
