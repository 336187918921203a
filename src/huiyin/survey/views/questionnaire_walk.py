"""Walk through a version, question by question; nothing of it is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from huiyin.furniture.views import Request, page
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey import questionnaire_queries as queries
from huiyin.survey.engine import AnswerRefused
from huiyin.survey.models import Version
from huiyin.survey.questionnaire_forms import WalkForm
from huiyin.survey.questionnaire_reading import Reading
from huiyin.survey.questionnaire_walk import Walk

#: Under which name walks are kept in the session, the latest of each version; few at a time.
KEPT, MOST_KEPT = "survey_walks", 3


@page(acts.EVALUATE_INTERVIEW)
def walk(request: Request, pk: int) -> HttpResponse:
    """The question on which the walk stands; posted, its answer or where to go."""
    version = queries.version_of(pk)
    reading = queries.reading_of(version)
    form = WalkForm(
        request.POST or None if request.POST.get("do") == "begin" else None,
        languages=[(each.name, each.title) for each in reading.tongues],
    )
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        _keep(request, version, Walk.begin(reading, asked["seed"], asked["language"], request.now))
        return redirect("survey:walk", pk)
    found = _kept(request, version, reading)
    if found is None or form.is_bound or request.GET.get("again"):
        context = {"edition": version, "questionnaire": version.questionnaire, "form": form}
        status = 422 if form.errors else 200
        return render(request, "survey/questionnaire_walk_begin.html", context, status=status)
    wrong = False
    if request.method == "POST":
        wrong = not _moved(request, found)
        _keep(request, version, found)
        if not wrong:
            return redirect("survey:walk", pk)
    return render(
        request, "survey/questionnaire_walk.html", _shown(version, found, wrong),
        status=422 if wrong else 200,
    )  # fmt: skip


def _moved(request: Request, walk: Walk) -> bool:
    """Do what the page asks; whether it may go on."""
    do, to = request.POST.get("do", "answer"), request.POST.get("to", "")
    try:
        if do == "back":
            walk.at = walk.before(walk.at)
        elif do == "goto":
            walk.at = to if walk.is_here(to) else walk.at
        elif do == "anyway":
            walk.answer(request.POST)
            walk.forward()
        elif do == "add":
            walk.at = walk.after_adding(to)
        elif do == "remove":
            walk.remove_last(to)
        elif walk.answer(request.POST):
            walk.forward()
        else:
            return False
    except AnswerRefused:
        walk.at = walk.before(walk.at)
    return True


def _shown(version: Version, walk: Walk, wrong: bool) -> dict[str, Any]:
    state = walk.current()
    problem = None
    if wrong and state is not None:
        node = walk.interview.find(walk.at)
        problem = walk.interview.problem_of(node) if node else None
    return {
        "edition": version,
        "questionnaire": version.questionnaire,
        "walk": walk,
        "state": state,
        "number": walk.number(walk.at) if state else None,
        "is_read": state is not None and walk.is_read(state),
        "offers": walk.offers(state) if state else [],
        "places": _places(state) if state and state.type == "rank" else [],
        "wrong": problem,
        "steps": walk.steps(),
        "asked": len(walk.asked()),
        "problems": walk.problems(),
        "calculated": walk.calculated(),
        "repeats": walk.repeats(),
        "answers": [walk.step(each) for each in walk.asked() if each.value] if not state else [],
        "lang": "en" if walk.tongue == "en" else "zh-Hans",
    }


def _places(state: Any) -> list[tuple[Any, int]]:
    """Each choice to be ranked with the place it has, 0 = none."""
    order = state.value.split()
    return [
        (each, order.index(each.value) + 1 if each.value in order else 0) for each in state.choices
    ]


def _kept(request: Request, version: Version, reading: Reading) -> Walk | None:
    kept = request.session.get(KEPT, {}).get(str(version.pk))
    return Walk.resume(reading, kept) if kept else None


def _keep(request: Request, version: Version, walk: Walk) -> None:
    walks = request.session.get(KEPT, {})
    walks.pop(str(version.pk), None)
    walks[str(version.pk)] = walk.keep()
    request.session[KEPT] = dict(list(walks.items())[-MOST_KEPT:])
