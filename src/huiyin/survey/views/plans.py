"""The planner: how many interviews, where, for how many numbers; taken into a round if wanted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.audit.acts import may
from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.views import Request, page
from huiyin.measure.errors import MeasureError
from huiyin.organisation.permissions import reach
from huiyin.organisation.views.frames import found
from huiyin.problems import PLAN_REFUSED
from huiyin.survey import plan_acts as acts
from huiyin.survey import plan_queries as queries
from huiyin.survey import plan_rules as rules
from huiyin.survey import plan_showing as showing
from huiyin.survey import round_actions, round_acts
from huiyin.survey.frame_queries import cities, city_of
from huiyin.survey.models import Round, RoundStatus
from huiyin.survey.plan_forms import PlanForm


@page(acts.USE_PLANNER)
def planner(request: Request) -> HttpResponse:
    """Enter what is wanted, see what it takes. Posted, the plan is taken into a round."""
    given = request.POST if request.method == "POST" else request.GET
    start = {**PlanForm.START, "city": _city_code(request)}
    form = PlanForm({**start, **{name: given[name] for name in given}})
    shown: dict[str, Any] = {"form": form, "query": request.GET.urlencode()}
    if form.is_valid():
        with refusals_beside(form, None):
            shown |= _worked_out(form)
            if request.method == "POST":
                return redirect(_taken(request, shown["plan"], shown["towns"]))
        shown["rounds"] = _rounds(request, form)
    status = 422 if form.errors and (request.GET or request.POST) else 200
    return render(request, "survey/planner.html", shown, status=status)


def _city_code(request: Request) -> str:
    """Of the round from which one comes, or the first city."""
    round = Round.objects.select_related("series__region").filter(
        pk=int(asked) if (asked := request.GET.get("round", "")).isdecimal() else 0
    )
    chosen = round.first()
    city = city_of(chosen.series.region) if chosen else cities().first()
    return city.code if city else ""


def _worked_out(form: PlanForm) -> dict[str, Any]:
    """The plan and its charts.

    Raises:
        Problem: ``plan-no-population``, ``plan-refused`` with what the measurement says.
    """
    city, towns = form.cleaned_data["city"], form.cleaned_data["strata"] == "town"
    areas, names = queries.areas_of(city, towns=towns)
    wanted, know = form.wanted(), form.assumptions()
    counties = len({area.county for area in areas})
    spread = form.cleaned_data["spread"]
    try:
        made = rules.plan(areas, names, wanted, know)
        ranks = rules.rank_curve(counties, spread, know) if counties > 1 else ()
        return {
            "plan": made,
            "towns": towns,
            "size_for_change": rules.size_for_change(wanted.change, know),
            "precision": showing.precision(rules.precision_curve(know)),
            "power": showing.power(rules.power_curve(wanted.change, know)),
            "ranks": showing.ranks(ranks) if ranks else None,
            "rank_rows": ranks,
        }
    except MeasureError as wrong:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        raise PLAN_REFUSED(reason=wrong.in_language(language)) from wrong


def _rounds(request: Request, form: PlanForm) -> list[Round]:
    """The rounds of the city into which the plan may be taken."""
    within = reach(request.actor, round_acts.SET_ALLOCATION).query(region="series__region__code")
    rows = Round.objects.filter(within, status=RoundStatus.DRAFT).select_related("series__region")
    stem = form.cleaned_data["city"].code[:4]
    return [each for each in rows if each.series.region.code.startswith(stem)]


def _taken(request: Request, plan: rules.Plan, towns: bool) -> str:
    """Take the plan into a round; where to go then."""
    key = request.POST.get("round", "")
    round = found(Round, int(key) if key.isdecimal() else 0, "series__region")
    lines = plan.areas if towns else plan.counties
    round_actions.set_allocation(
        request.actor, round, {line.code: line.interviews for line in lines}
    )
    messages.success(request, _("The interviews wanted are taken into the round."))
    if may(request.actor, round_acts.SEE_ROUNDS):
        return reverse("survey:round", args=[round.pk])
    return reverse("survey:planner")
