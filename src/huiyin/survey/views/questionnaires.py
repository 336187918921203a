"""Questionnaires: the list, the bank, one with its versions; add, rename, copy, hand in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.furniture.tables import table_response
from huiyin.furniture.uploads import handed_in
from huiyin.furniture.views import Request, page
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey import questionnaire_bank, questionnaire_checks, questionnaire_forms
from huiyin.survey import questionnaire_queries as queries
from huiyin.survey.models import Questionnaire
from huiyin.survey.questionnaire_forms import done
from huiyin.survey.questionnaire_tables import BankTable, QuestionnaireTable
from huiyin.survey.questionnaire_workbooks import marked, with_cells

#: The way to whatever is not of the bank.
OWN = ((_("Questionnaires"), "survey:questionnaires"),)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(acts.SEE_QUESTIONNAIRES)
def questionnaires(request: Request) -> HttpResponse:
    """All questionnaires of one's own."""
    context = {"may_add": may(request.actor, acts.ADD_QUESTIONNAIRE)}
    return table_response(  # type: ignore[no-any-return]
        request, QuestionnaireTable(), "survey/questionnaires.html", context
    )


@page(acts.SEE_QUESTIONNAIRES)
def bank(request: Request) -> HttpResponse:
    """The standard instrument, module by module, and the instruments that were put in beside it."""
    context = {
        "modules": questionnaire_bank.modules(_language()),
        "may_copy": may(request.actor, acts.COPY_QUESTIONNAIRE),
        "may_fill": may(request.actor, acts.FILL_BANK),
    }
    return table_response(  # type: ignore[no-any-return]
        request, BankTable(), "survey/questionnaire_bank.html", context
    )


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


@page(acts.COPY_QUESTIONNAIRE)
def from_instrument(request: Request) -> HttpResponse:
    """Make a questionnaire of one's own of modules of the standard instrument."""
    form = questionnaire_forms.InstrumentForm(
        request.POST or None,
        modules=questionnaire_bank.choosable(_language()),
        initial={"modules": [key for key, _title in questionnaire_bank.choosable("zh")],
                 "name": questionnaire_bank.TITLE},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = done(form, lambda: questionnaire_bank.take(request.actor, **asked))
        if made:
            messages.success(request, _("%(name)s was made.") % {"name": made.name})
            return redirect("survey:questionnaire", made.pk)
    return _form(
        request, form, _("Make one from the standard instrument"), _("Make"),
        back="survey:bank", path=[(_("Question bank"), "survey:bank")],
    )  # fmt: skip


@page(acts.ADD_QUESTIONNAIRE)
def add(request: Request) -> HttpResponse:
    """Add a questionnaire; its first workbook is handed in next."""
    form = questionnaire_forms.QuestionnaireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: actions.add_questionnaire(request.actor, **form.cleaned_data))
        if made:
            return redirect("survey:hand_in_version", made.pk)
    return _form(request, form, _("Add a questionnaire"), _("Add"))


@page(acts.SEE_QUESTIONNAIRES)
def questionnaire(request: Request, pk: int) -> HttpResponse:
    """One questionnaire with its versions and its history."""
    found = queries.questionnaire_of(pk)
    versions = queries.versions_of(found)
    context = {
        "questionnaire": found,
        "versions": versions,
        "may_change": not found.in_bank and may(request.actor, acts.HAND_IN_VERSION),
        "may_copy": bool(versions) and may(request.actor, acts.COPY_QUESTIONNAIRE),
        "events": queries.events_of_questionnaire(found, versions),
    }
    return render(request, "survey/questionnaire.html", context)


@page(acts.RENAME_QUESTIONNAIRE)
def rename(request: Request, pk: int) -> HttpResponse:
    """Give a questionnaire another name or note."""
    found = queries.questionnaire_of(pk)
    given = {"name": found.name, "note": found.note}
    form = questionnaire_forms.QuestionnaireForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if done(form, lambda: actions.rename_questionnaire(request.actor, found, **asked)):
            return redirect("survey:questionnaire", pk)
    return _form(request, form, _("Rename"), _("Save"), of=found)


@page(acts.COPY_QUESTIONNAIRE)
def copy(request: Request, pk: int) -> HttpResponse:
    """Copy the latest version into a questionnaire of one's own."""
    found = queries.questionnaire_of(pk)
    source = actions.version_to_copy(found)
    form = questionnaire_forms.QuestionnaireForm(request.POST or None, initial={"note": found.note})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = done(form, lambda: actions.copy_questionnaire(request.actor, source, **asked))
        if made:
            messages.success(request, _("%(name)s was made.") % {"name": made.name})
            return redirect("survey:questionnaire", made.pk)
    return _form(request, form, _("Copy"), _("Copy"), of=found)


@page(acts.HAND_IN_VERSION)
def hand_in(request: Request, pk: int) -> HttpResponse:
    """Hand in a workbook: it is checked, and taken if nothing is wrong."""
    found = queries.questionnaire_of(pk)
    form = questionnaire_forms.VersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        url = done(
            form,
            lambda: questionnaire_checks.hand_in(
                request.actor, found, handed_in(request), form.cleaned_data["note"]
            ),
        )
        if url:
            return redirect(url)
    lead = _(
        "It is checked at once: every mistake is named by sheet, row and column. It becomes the"
        " next version only if there is none."
    )
    return _form(request, form, _("Hand in a version"), _("Check and hand in"), of=found, lead=lead)


def _form(
    request: Request,
    form: Any,
    title: Any,
    submit: Any,
    *,
    of: Questionnaire | None = None,
    lead: Any = "",
    back: str = "survey:questionnaires",
    path: Any = (),
) -> HttpResponse:
    shown = [{"title": name, "url": reverse(url)} for name, url in path or OWN]
    address = reverse(back)
    if of is not None:
        address = reverse("survey:questionnaire", args=[of.pk])
        shown.append({"title": of.name, "url": address})
    context = {
        "form": form, "title": title, "submit": submit, "lead": lead, "path": shown,
        "back": address,
    }  # fmt: skip
    return render(request, "survey/form_page.html", context, status=422 if form.errors else 200)


@page(acts.HAND_IN_VERSION)
def check(request: Request, pk: int) -> HttpResponse:
    """What was found in a workbook, with the rows it was found in."""
    found = queries.check_of(pk, request.actor.account)
    findings = _in_language(found.findings or [])
    content = questionnaire_checks.content_of(found.upload)
    context = {
        "check": found,
        "findings": with_cells(content, findings) if findings else [],
        "errors": sum(each["severity"] == "error" for each in findings),
        "can_mark": any(each["sheet"] for each in findings),
    }
    return render(request, "survey/questionnaire_check.html", context)


def _in_language(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    said = "message_zh" if _language() == "zh" else "message"
    parted = questionnaire_checks.parted
    return [
        {**each, "wrong": parted(each[said])[0], "instead": parted(each[said])[1]}
        for each in findings
    ]


@page(acts.HAND_IN_VERSION)
def check_workbook(request: Request, pk: int) -> HttpResponse:
    """The workbook as it was handed in, with its mistakes written into a last column."""
    found = queries.check_of(pk, request.actor.account)
    content = questionnaire_checks.content_of(found.upload)
    said = "message_zh" if _language() == "zh" else "message"
    name = found.upload.name.removesuffix(".xlsx")
    return download(marked(content, found.findings or [], said), f"{name}-检查结果.xlsx")


def download(content: bytes | str, name: str, kind: str = XLSX) -> HttpResponse:
    """A file as a download."""
    answer = HttpResponse(content, content_type=kind)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Disposition"] = disposition or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
