"""Indicators: their sets, how each answer counts, weights, and whether a questionnaire fits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation.views.frames import allowed, bound
from huiyin.problems import NOT_FOUND
from huiyin.survey import bank, indicator_showing, questionnaire_acts, round_pages
from huiyin.survey import indicator_actions as actions
from huiyin.survey import indicator_acts as acts
from huiyin.survey import indicator_forms as own_forms
from huiyin.survey import indicator_queries as queries
from huiyin.survey import indicator_rules as rules
from huiyin.survey.indicator_content import asked_in, content_of, scored, weighted
from huiyin.survey.indicator_export import survey_lines
from huiyin.survey.indicator_tables import IndicatorSetTable, IndicatorTable
from huiyin.survey.models import Composite, Indicator, IndicatorSet

_OFFERED = (
    acts.ADD_INDICATOR_SET, acts.CHANGE_INDICATOR_SET, acts.REMOVE_INDICATOR_SET,
    acts.SET_INDICATOR, acts.SET_COMPOSITE, acts.IMPORT_INDICATORS,
)  # fmt: skip


@page(acts.SEE_INDICATORS)
def indicator_sets(request: Request) -> HttpResponse:
    """Every set."""
    context = {"can": allowed(request.actor, None, *_OFFERED)}
    return table_response(  # type: ignore[no-any-return]
        request, IndicatorSetTable(), template="survey/indicator_sets.html", context=context
    )


@page(acts.SEE_INDICATORS)
def indicator_set(request: Request, indicator_set: int) -> HttpResponse:
    """One set: how every answer counts, the weights, the findings against a version."""
    shown = queries.set_of(indicator_set)
    version = queries.version_for(shown, request.GET.get("version", ""))
    can = allowed(request.actor, None, *_OFFERED)
    holding = queries.holding(shown)
    context = {
        "set": shown,
        "held": version,
        "versions": queries.versions(),
        "lines": indicator_showing.lines(shown, asked_in(version) if version else {}),
        "composites": indicator_showing.composites(shown),
        "check": indicator_showing.check(shown, version),
        "rounds": queries.rounds_of(shown),
        "holding": holding,
        "can": can,
        "may_edit": can["set_indicator"] and not holding,
        "events": queries.events_of(shown),
        **indicator_showing.changes(shown),
    }
    return render(request, "survey/indicator_set.html", context)


@page(acts.SEE_INDICATORS)
def indicator_list(request: Request, indicator_set: int) -> HttpResponse:
    """The indicators of a set as a list: what Excel takes and gives back."""
    shown = queries.set_of(indicator_set)
    context = {"set": shown, "can": allowed(request.actor, None, *_OFFERED)}
    return table_response(  # type: ignore[no-any-return]
        request, IndicatorTable(shown), template="survey/indicator_list.html", context=context
    )


@page(acts.SEE_INDICATORS)
def survey_file(request: Request, indicator_set: int) -> HttpResponse:
    """The set as the tables that ``huiyin measure`` reads."""
    shown = queries.set_of(indicator_set)
    answer = HttpResponse(survey_lines(content_of(shown)), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="indicators-{shown.pk}.toml"'
    return answer


@page(acts.ADD_INDICATOR_SET)
def add_indicator_set(request: Request) -> HttpResponse:
    """Add an empty set."""
    return round_pages.fill(
        request, bound(own_forms.SetForm, request),
        lambda said: actions.add_set(request.actor, said["name"], said["note"]),
        title=_("Add a set of indicators"), back=reverse("survey:indicator_sets"),
        done=_("The set was added."), path=_path(), to=_page_of,
    )  # fmt: skip


@page(acts.ADD_INDICATOR_SET)
def copy_indicator_set(request: Request, indicator_set: int) -> HttpResponse:
    """Make a copy that can be changed."""
    source = queries.set_of(indicator_set)
    return round_pages.fill(
        request, bound(own_forms.SetForm, request),
        lambda said: actions.copy_set(request.actor, source, said["name"], said["note"]),
        title=_("Copy the set"), back=_page_of(source), done=_("The set was copied."),
        path=_path(source), to=_page_of, submit=_("Copy"),
    )  # fmt: skip


@page(acts.CHANGE_INDICATOR_SET)
def change_indicator_set(request: Request, indicator_set: int) -> HttpResponse:
    """Change name and note."""
    shown = queries.set_of(indicator_set)
    initial = {"name": shown.name, "note": shown.note}
    return round_pages.fill(
        request, bound(own_forms.SetForm, request, initial=initial),
        lambda said: actions.change_set(request.actor, shown, said["name"], said["note"]),
        title=_("Change name and note"), back=_page_of(shown), done=_("Saved."),
        path=_path(shown),
    )  # fmt: skip


@page(acts.REMOVE_INDICATOR_SET)
def remove_indicator_set(request: Request, indicator_set: int) -> HttpResponse:
    """Remove a set that no round is bound to."""
    shown = queries.set_of(indicator_set)
    return _confirm(
        request, lambda: actions.remove_set(request.actor, shown), shown,
        title=_("Remove the set"), to=reverse("survey:indicator_sets"),
        consequence=_("The set is removed with its indicators and composites."),
    )  # fmt: skip


@page(acts.SET_INDICATOR)
def add_indicator(request: Request, indicator_set: int) -> HttpResponse:
    """Choose the question that the indicator will rest on."""
    shown = queries.set_of(indicator_set)
    version = queries.version_for(shown, request.GET.get("version", ""))
    if asked := request.GET.get("question", ""):
        return _edit(request, shown, None, asked)
    context = {
        "set": shown, "held": version, "versions": queries.versions(), "path": _path(shown),
        "questions": indicator_showing.questions(shown, version) if version else [],
    }  # fmt: skip
    return render(request, "survey/indicator_question.html", context)


@page(acts.SET_INDICATOR)
def change_indicator(request: Request, indicator_set: int, indicator: int) -> HttpResponse:
    """How the answers of an indicator count."""
    shown = queries.set_of(indicator_set)
    old = queries.indicator_of(shown, indicator)
    return _edit(request, shown, old, request.GET.get("question", "") or old.question)


def _edit(request: Request, shown: IndicatorSet, old: Indicator | None, asked: str) -> HttpResponse:
    version = queries.version_for(shown, request.GET.get("version", ""))
    question = (asked_in(version) if version else {}).get(asked)
    if question is None and old is None:
        raise NOT_FOUND()
    before = scored(old) if old else None
    form = bound(
        own_forms.IndicatorForm, request, question=question or rules.Answers(asked), asked=asked,
        old=before,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        if _done(form, lambda: actions.set_indicator(request.actor, shown, wanted, old)):
            messages.success(request, str(_("Saved.")))
            return redirect(_page_of(shown))
    context = {
        "set": shown, "indicator": old, "form": form, "question": question, "asked": asked,
        "held": version, "path": _path(shown), "back": _page_of(shown),
    }  # fmt: skip
    return render(
        request, "survey/indicator_edit.html", context, status=422 if form.errors else 200
    )


@page(acts.REMOVE_INDICATOR)
def remove_indicator(request: Request, indicator_set: int, indicator: int) -> HttpResponse:
    """Take an indicator out."""
    shown = queries.set_of(indicator_set)
    old = queries.indicator_of(shown, indicator)
    return _confirm(
        request, lambda: actions.remove_indicator(request.actor, old), shown,
        title=_("Remove “{name}”").format(name=old.name), to=_page_of(shown),
        consequence=_("Rounds that are bound to this set will not report it."),
    )  # fmt: skip


@page(acts.SET_COMPOSITE)
def add_composite(request: Request, indicator_set: int) -> HttpResponse:
    """Add a composite."""
    return _weigh(request, queries.set_of(indicator_set), None)


@page(acts.SET_COMPOSITE)
def change_composite(request: Request, indicator_set: int, composite: int) -> HttpResponse:
    """Change the weights of a composite."""
    shown = queries.set_of(indicator_set)
    return _weigh(request, shown, queries.composite_of(shown, composite))


def _weigh(request: Request, shown: IndicatorSet, old: Composite | None) -> HttpResponse:
    before = weighted(old) if old else None
    form = bound(own_forms.CompositeForm, request, content=content_of(shown), old=before)
    total = rules.sum_of(before.parts.values()) if before else rules.sum_of([])
    if request.method == "POST" and form.is_valid():
        wanted, total = form.wanted(), rules.sum_of(form.weights().values())
        if request.htmx:  # only the sum is asked for, while weights are being entered
            return _sum(request, total)
        if _done(form, lambda: actions.set_composite(request.actor, shown, wanted, old)):
            messages.success(request, str(_("Saved.")))
            return redirect(_page_of(shown))
    elif request.method == "POST" and request.htmx:
        return _sum(request, None)
    context = {
        "set": shown, "composite": old, "form": form, "total": total, "right": total == rules.ONE,
        "path": _path(shown), "back": _page_of(shown),
    }  # fmt: skip
    return render(
        request, "survey/indicator_composite.html", context, status=422 if form.errors else 200
    )


def _sum(request: Request, total: Any) -> HttpResponse:
    context = {"total": total, "right": total == rules.ONE}
    return render(request, "survey/indicator_sum.html", context)


@page(acts.REMOVE_COMPOSITE)
def remove_composite(request: Request, indicator_set: int, composite: int) -> HttpResponse:
    """Take a composite out."""
    shown = queries.set_of(indicator_set)
    old = queries.composite_of(shown, composite)
    return _confirm(
        request, lambda: actions.remove_composite(request.actor, old), shown,
        title=_("Remove “{name}”").format(name=old.name), to=_page_of(shown),
        consequence=_("Its indicators stay; only their weighted sum is no longer reported."),
    )  # fmt: skip


@page(questionnaire_acts.FILL_BANK)
def install_bank(request: Request) -> HttpResponse:
    """Put the standard instrument and its indicators into the bank, or bring them up to date."""
    return round_pages.confirm(
        request, lambda: bank.install(request.actor), title=_("Fill the question bank"),
        consequence=_(
            "The standard instrument is written for the counties and townships recorded here. If"
            " they or its wording changed, it gets a new version; indicator sets that are there"
            " stay as they are."
        ),
        submit=_("Fill"), back=reverse("survey:bank"), to=reverse("survey:bank"),
        done=_("The question bank is up to date."),
        path=[{"title": _("Question bank"), "url": reverse("survey:bank")}],
    )  # fmt: skip


def _page_of(shown: IndicatorSet) -> str:
    return reverse("survey:indicator_set", args=[shown.pk])


def _path(shown: IndicatorSet | None = None) -> list[dict[str, Any]]:
    path = [{"title": _("Indicators"), "url": reverse("survey:indicator_sets")}]
    if shown is not None:
        path.append({"title": shown.name, "url": _page_of(shown)})
    return path


def _done(form: forms.Form, do: Any) -> bool:
    """Do what a form says; what is wrong with it is said beside its field."""
    with refusals_beside(form):
        do()
        return True
    return False


def _confirm(
    request: Request, do: Any, shown: IndicatorSet, *, title: Any, consequence: Any, to: str
) -> HttpResponse:
    return round_pages.confirm(
        request, do, title=title, consequence=consequence, submit=_("Remove"),
        back=_page_of(shown), to=to, done=_("Removed."), path=_path(shown),
    )  # fmt: skip
