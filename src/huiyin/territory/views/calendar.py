"""The calendar of holidays: look, change a day, take in what ships with the software."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.territory import calendar_actions as actions
from huiyin.territory import calendar_acts as acts
from huiyin.territory import calendar_queries as queries
from huiyin.territory.calendar_forms import DayForm
from huiyin.territory.calendar_models import Day
from huiyin.territory.calendar_rules import years_known
from huiyin.territory.calendar_tables import calendar_table
from huiyin.territory.forms import done


@page(acts.SEE_CALENDAR)
def calendar(request: Request) -> HttpResponse:
    """All days, and for which years the calendar can be relied on."""
    this_year = timezone.localdate(request.now).year
    asked = {*queries.years(), this_year, this_year + 1}
    known = years_known(queries.calendar_of(asked), asked)
    shown = {
        "known": known,
        "missing": [year for year in (this_year, this_year + 1) if year not in known],
        "may_change": may(request.actor, acts.CHANGE_CALENDAR),
    }
    return table_response(  # type: ignore[no-any-return]
        request, calendar_table(request), template="territory/calendar.html", context=shown
    )


@page(acts.CHANGE_CALENDAR)
def add_day(request: Request) -> HttpResponse:
    """Add a day."""
    return _form(request, None)


@page(acts.CHANGE_CALENDAR)
def change_day(request: Request, pk: int) -> HttpResponse:
    """Change a day."""
    return _form(request, get_object_or_404(Day, pk=pk))


def _form(request: Request, stored: Day | None) -> HttpResponse:
    initial = {name: getattr(stored, name) for name in DayForm.base_fields} if stored else {}
    form = DayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if done(form, lambda: actions.set_day(
            request.actor, on=asked["date"], kind=asked["kind"], name=asked["name"],
            origin=asked["source"], stored=stored,
        )):  # fmt: skip
            messages.success(request, _("The day was saved."))
            return redirect("territory:calendar")
    shown = {"form": form, "day": stored}
    return render(request, "territory/calendar_day.html", shown, status=422 if form.errors else 200)


@page(acts.CHANGE_CALENDAR)
def remove_day(request: Request, pk: int) -> HttpResponse:
    """Let a day be again what its weekday says, after saying what that means."""
    found = get_object_or_404(Day, pk=pk)
    if request.method == "POST":
        actions.remove_day(request.actor, found)
        messages.success(request, _("The day was removed."))
        return redirect("territory:calendar")
    return render(request, "territory/calendar_remove.html", {"day": found})


@page(acts.CHANGE_CALENDAR)
def take_in(request: Request) -> HttpResponse:
    """Take in the years that ship with the software and are missing here."""
    if request.method == "POST":
        years = actions.take_in_shipped(request.actor)
        said = "、".join(str(year) for year in years)
        messages.success(request, _("Taken in: %(years)s.") % {"years": said})
        return redirect("territory:calendar")
    return render(request, "territory/calendar_take_in.html")
