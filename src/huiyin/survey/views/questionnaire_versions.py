"""One version: how it looks, on paper, as a file, against another."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from huiyin.audit.acts import may
from huiyin.furniture.views import Request, page
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey import questionnaire_queries as queries
from huiyin.survey.models import Version
from huiyin.survey.questionnaire_diff import Difference, differences
from huiyin.survey.questionnaire_forms import CompareForm, WalkForm
from huiyin.survey.questionnaire_preview import preview_of
from huiyin.survey.views.questionnaires import download

WIDTHS = ("desk", "phone")


def _language_asked(request: Request, otherwise: str) -> str:
    asked = request.GET.get("language", otherwise)
    return asked if asked in ("zh", "en", "both") else otherwise


@page(acts.SEE_QUESTIONNAIRES)
def version(request: Request, pk: int) -> HttpResponse:
    """Every question with its choices, hints and conditions in words, in one language or both."""
    found = queries.version_of(pk)
    reading = queries.reading_of(found)
    language = _language_asked(request, "both" if len(reading.tongues) > 1 else "zh")
    width = request.GET.get("width", "desk")
    bound = queries.bound_questions()
    context = {
        "edition": found,
        "questionnaire": found.questionnaire,
        "preview": preview_of(reading, language),
        "bound": bound,
        "chosen": language,
        "languages": reading.tongues,
        "width": width if width in WIDTHS else "desk",
        "rounds": queries.rounds_of(found),
        "warnings": found.warnings,
        "english": (get_language() or "").startswith("en"),
        "walk_form": WalkForm(languages=[(each.name, each.title) for each in reading.tongues]),
        "may_walk": may(request.actor, acts.EVALUATE_INTERVIEW),
    }
    return render(request, "survey/questionnaire_version.html", context)


@page(acts.SEE_QUESTIONNAIRES)
def paper(request: Request, pk: int) -> HttpResponse:
    """The version to print and fill in by hand, with its skips in words."""
    found = queries.version_of(pk)
    reading = queries.reading_of(found)
    language = _language_asked(request, reading.tongues[0].code)
    context = {
        "edition": found,
        "questionnaire": found.questionnaire,
        "preview": preview_of(reading, language),
        "chosen": language,
        "languages": reading.tongues,
    }
    return render(request, "survey/questionnaire_paper.html", context)


@page(acts.SEE_QUESTIONNAIRES)
def workbook(request: Request, pk: int) -> HttpResponse:
    """The workbook as it was handed in."""
    found = queries.version_of(pk)
    return download(actions.workbook_of(found), f"{_file_name(found)}.xlsx")


@page(acts.SEE_QUESTIONNAIRES)
def xform(request: Request, pk: int) -> HttpResponse:
    """The XForms document, for other engines."""
    found = queries.version_of(pk)
    return download(
        queries.compiled(found).to_xform(), f"{_file_name(found)}.xml", "application/xml"
    )


def _file_name(version: Version) -> str:
    return f"{version.questionnaire.name}-v{version.number}"


@page(acts.SEE_QUESTIONNAIRES)
def compare(request: Request, pk: int) -> HttpResponse:
    """What differs between two versions, and what of it breaks comparability."""
    found = queries.questionnaire_of(pk)
    versions = queries.versions_of(found)
    offered = [(str(each.pk), f"v{each.number} {each.note}".strip()) for each in versions]
    latest = [key for key, _said in offered[:2]] or [""]
    given = {
        "newer": request.GET.get("newer") or latest[0],
        "older": request.GET.get("older") or latest[-1],
    }
    form = CompareForm(given, versions=offered)
    context = {"questionnaire": found, "form": form, "differences": None}
    if form.is_valid():
        context |= _compared(int(form.cleaned_data["older"]), int(form.cleaned_data["newer"]))
    return render(request, "survey/questionnaire_compare.html", context)


def _compared(older: int, newer: int) -> dict[str, Any]:
    before, after = (queries.reading_of(queries.version_of(key)) for key in (older, newer))
    bound = queries.bound_questions()
    found = differences(before, after, bound)
    return {
        "differences": found,
        "breaks": [(each, bound[each.name]) for each in found if each.breaks],
        "groups": _grouped(found),
        "any_bound": bool(bound),
    }


def _grouped(found: list[Difference]) -> list[tuple[str, list[Difference]]]:
    """Differences question by question, in their order."""
    groups: dict[str, list[Difference]] = {}
    for each in found:
        groups.setdefault(each.name, []).append(each)
    return list(groups.items())
