"""Rounds: the list, one with its checklist, its steps, what it says of itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation.views.frames import allowed, bound, found, today_of
from huiyin.problems import NOT_FOUND
from huiyin.survey import round_actions as actions
from huiyin.survey import round_acts as acts
from huiyin.survey import round_changes, round_forms, round_showing
from huiyin.survey import round_queries as queries
from huiyin.survey.models import Round, RoundStatus, Series
from huiyin.survey.round_checklist import checklist, holds
from huiyin.survey.round_pages import (
    at_round,
    at_series,
    confirm,
    fill,
    path_to,
    round_of,
)
from huiyin.survey.round_rules import MOVES, Step, next_step
from huiyin.survey.round_tables import TONES, PublishedRoundTable, RoundTable

#: What the page of a round may offer.
_OFFERED = (
    acts.CHANGE_ROUND, acts.SET_ALLOCATION, acts.SET_HOURS, acts.SET_QUOTAS, acts.IMPORT_QUOTAS,
    acts.SET_STAFF, acts.IMPORT_STAFF, acts.MARK_BREAK, acts.REMOVE_ROUND,
)  # fmt: skip


@page(acts.SEE_ROUNDS)
def rounds(request: Request) -> HttpResponse:
    """All rounds that the actor may see."""
    shown = {
        "may_add_series": may(request.actor, acts.MANAGE_SERIES),
        "may_add_round": may(request.actor, acts.ADD_ROUND) and Series.objects.exists(),
    }
    return table_response(  # type: ignore[no-any-return]
        request, RoundTable(), template="survey/rounds.html", context=shown
    )


@page(acts.SEE_PUBLISHED_ROUNDS)
def published_rounds(request: Request) -> HttpResponse:
    """What everybody may know of rounds."""
    return table_response(  # type: ignore[no-any-return]
        request, PublishedRoundTable(), template="survey/rounds_published.html"
    )


@page(acts.SEE_ROUNDS, at=at_round)
def round(request: Request, round: int) -> HttpResponse:
    """One round: where it stands, what is missing, what it says of itself."""
    shown, actor = round_of(round), request.actor
    status, place = RoundStatus(shown.status), queries.place_of(shown)
    facts, before = queries.facts_of(shown, request.now), queries.previous(shown)
    step = next_step(status)
    items = checklist(facts, step) if step else []
    context = {
        "round": shown,
        "tone": TONES[status],
        "way": round_showing.way(status),
        "items": [round_showing.line(item, shown, actor) for item in items],
        "lacking": sum(not item.holds for item in items),
        "step": step,
        "step_title": MOVES[step].title if step else "",
        "may_step": step and may(actor, acts.STEP_ACTS[step], place),
        "may_back": status == RoundStatus.READY and may(actor, acts.STEP_ACTS[Step.BACK], place),
        "can": allowed(actor, place, *_OFFERED),
        "cards": round_showing.cards(shown, facts),
        "hours": round_showing.hours(shown),
        "calling": round_showing.calling(shown, request.now),
        "wanted": round_showing.wanted(shown),
        "planner": round_showing.planner(shown),
        "quotas": sum(facts.quotas.values()),
        "staff": round_showing.staff(shown),
        "previous": before,
        "events": queries.events_of(shown),
    }
    return render(request, "survey/round.html", {**context, **_changes(shown, before)})


def _changes(round: Round, before: Round | None) -> dict[str, Any]:
    found = queries.changes_of(round, before)
    return {
        "changes": found,
        "suggestion": round_changes.suggestion(found),
        "compared": round_showing.compared(round, before),
    }


@page(acts.MANAGE_SERIES)
def add_series(request: Request) -> HttpResponse:
    """Add a series."""
    initial = {"annual": "pooled"}
    return fill(
        request, bound(round_forms.SeriesForm, request, initial=initial),
        lambda values: actions.add_series(request.actor, **values),
        title=_("Add a series"), back=reverse("survey:rounds"), done=_("The series was added."),
        path=path_to(), to=lambda made: reverse("survey:series", args=[made.pk]),
    )  # fmt: skip


@page(acts.SEE_ROUNDS, at=at_series)
def series(request: Request, series: int) -> HttpResponse:
    """One series: its years, each with both halves and the annual result."""
    shown = found(Series, series, "region")
    context = {
        "series": shown,
        "years": round_showing.years(shown),
        "can": allowed(request.actor, queries.place_of(shown), acts.MANAGE_SERIES, acts.ADD_ROUND),
        "path": path_to(),
    }
    return render(request, "survey/round_series.html", context)


@page(acts.MANAGE_SERIES, at=at_series)
def change_series(request: Request, series: int) -> HttpResponse:
    """Change a series' name, note, or how the annual result comes about."""
    stored = found(Series, series, "region")
    initial = {name: getattr(stored, name) for name in ("name", "annual", "note")}
    return fill(
        request, bound(round_forms.SeriesChangeForm, request, initial=initial),
        lambda values: actions.change_series(request.actor, stored, **values),
        title=_("Change the series"), back=reverse("survey:series", args=[series]),
        done=_("The series was changed."), path=path_to(),
    )  # fmt: skip


@page(acts.ADD_ROUND)
def add_round(request: Request) -> HttpResponse:
    """Add a round, with the dates of the rule and what the round before it asked."""
    initial = round_showing.next_half(today_of(request))
    initial["series"] = request.GET.get("series") or None
    form = bound(round_forms.RoundForm, request, initial=initial, series=Series.objects.all())
    return fill(
        request, form,
        lambda values: actions.add_round(
            request.actor, values["series"], year=values["year"], half=values["half"]
        ),
        title=_("Add a round"), back=reverse("survey:rounds"), done=_("The round was added."),
        path=path_to(), to=Round.get_absolute_url, submit=_("Add the round"),
        lead=_(
            "The field's dates follow the rule: the first half's lasts until 31 July, the second's"
            " is November and December. What is asked of whom is taken over from the round before."
        ),
    )  # fmt: skip


@page(acts.REMOVE_ROUND, at=at_round)
def remove_round(request: Request, round: int) -> HttpResponse:
    """Remove a draft."""
    stored = round_of(round)
    return confirm(
        request, lambda: actions.remove_round(request.actor, stored), title=_("Remove the draft"),
        consequence=_("The draft, its calling hours, quotas and staff are gone. The record stays."),
        submit=_("Remove"), back=stored.get_absolute_url(), to=reverse("survey:rounds"),
        done=_("The draft was removed."), path=path_to(stored),
    )  # fmt: skip


def _step_page(step: Step) -> Any:
    """The page of a step: what must hold, what happens then, and the button."""

    @page(acts.STEP_ACTS[step], at=at_round)
    def view(request: Request, round: int) -> HttpResponse:
        stored = round_of(round)
        if request.method == "POST" and step is not Step.BACK:
            actions.take_step(request.actor, stored, step, now=request.now)
            return redirect(stored.get_absolute_url())
        if step is Step.BACK:
            return _step_back(request, stored)
        facts = queries.facts_of(stored, request.now)
        if stored.status != MOVES[step].before:
            return redirect(stored.get_absolute_url())
        shown = {
            "round": stored, "title": MOVES[step].title, "path": path_to(stored),
            "consequence": round_showing.CONSEQUENCES[step], "holds": holds(facts, step),
            "back": stored.get_absolute_url(),
            "items": [
                round_showing.line(item, stored, request.actor) for item in checklist(facts, step)
            ],
        }  # fmt: skip
        return render(request, "survey/round_step.html", shown)

    return view


def _step_back(request: Request, stored: Round) -> HttpResponse:
    return fill(
        request, bound(round_forms.ReasonForm, request),
        lambda values: actions.take_step(
            request.actor, stored, Step.BACK, now=request.now, reason=values["reason"]
        ),
        title=MOVES[Step.BACK].title, back=stored.get_absolute_url(), path=path_to(stored),
        done=_("The round is a draft again."), lead=round_showing.CONSEQUENCES[Step.BACK],
        submit=MOVES[Step.BACK].title,
    )  # fmt: skip


STEP_PAGES = {step: _step_page(step) for step in Step}


@page(acts.MARK_BREAK, at=at_round)
def mark_break(request: Request, round: int) -> HttpResponse:
    """Say why a round is not compared with the one before."""
    stored = round_of(round)
    before = queries.previous(stored)
    if before is None:
        raise NOT_FOUND()
    suggested = round_changes.suggestion(queries.changes_of(stored, before))
    initial = {"reason": stored.break_reason or suggested}
    return fill(
        request, bound(round_forms.ReasonForm, request, initial=initial),
        lambda values: actions.mark_break(request.actor, stored, reason=values["reason"]),
        title=_("Mark a break in the series"), back=stored.get_absolute_url(),
        path=path_to(stored), done=_("The break is marked."), submit=_("Mark the break"),
        lead=_("Nothing compares this round with {previous} by itself any more.").format(
            previous=before.name
        ),
    )  # fmt: skip


@page(acts.MARK_BREAK, at=at_round)
def lift_break(request: Request, round: int) -> HttpResponse:
    """Take a break back."""
    stored = round_of(round)
    return confirm(
        request, lambda: actions.mark_break(request.actor, stored, reason=""),
        title=_("Take the break back"), submit=_("Take the break back"),
        consequence=_("Results of this round are compared with those of the round before again."),
        back=stored.get_absolute_url(), to=stored.get_absolute_url(),
        done=_("The break was taken back."), path=path_to(stored),
    )  # fmt: skip
