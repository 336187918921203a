"""The do-not-call list: by number or by file; only the beginning of each hash is shown."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation.views.frames import allowed, found
from huiyin.problems import NOT_FOUND, Problem
from huiyin.survey import frame_actions as actions
from huiyin.survey import frame_acts as acts
from huiyin.survey import frame_forms as forms
from huiyin.survey.frame_tables import DoNotCallTable
from huiyin.survey.models import DoNotCall
from huiyin.survey.numbers import Number, normalise
from huiyin.survey.round_pages import confirm, fill
from huiyin.survey.views.frames import numbers_page


def _path() -> list[dict[str, Any]]:
    return [
        {"title": _("Frames"), "url": reverse("survey:frames")},
        {"title": _("Do-not-call list"), "url": reverse("survey:do_not_call")},
    ]


@page(acts.SEE_DO_NOT_CALL)
def do_not_call(request: Request) -> HttpResponse:
    """Every number on the list, by its hash."""
    can = allowed(request.actor, None, acts.ADD_DO_NOT_CALL)
    return table_response(  # type: ignore[no-any-return]
        request, DoNotCallTable(), template="survey/do_not_call.html", context={"can": can}
    )


@page(acts.ADD_DO_NOT_CALL)
def add(request: Request) -> HttpResponse:
    """Add one number."""
    form = forms.NeverForm(request.POST or None)
    return fill(
        request, form,
        lambda data: actions.never_call(request.actor, _number(data["number"]), data["reason"]),
        title=_("Add a number"), back=reverse("survey:do_not_call"),
        done=_("The number is never called again."), path=_path(),
    )  # fmt: skip


def _number(text: str) -> Number:
    try:
        return normalise(text)
    except Problem as wrong:
        raise Problem(wrong.kind, place="number", values=wrong.values) from None


@page(acts.ADD_DO_NOT_CALL)
def add_file(request: Request) -> HttpResponse:
    """Add the numbers of a file."""
    form = forms.NeverFileForm(request.POST or None, request.FILES or None)

    def take(data: dict[str, Any], entries: list[actions.Entry]) -> str:
        added, there = actions.never_call_all(
            request.actor, entries, data["reason"], leave_out=data["leave_out"]
        )
        told = _("{added:,} numbers were added; {there:,} were on the list already.")
        return told.format(added=added, there=there)

    return numbers_page(
        request, form, take, title=_("Add a file"), back=reverse("survey:do_not_call"),
        path=_path(),
    )  # fmt: skip


@page(acts.LIFT_DO_NOT_CALL)
def lift(request: Request, pk: int) -> HttpResponse:
    """Take a number off the list."""
    entry = found(DoNotCall, pk)
    if entry.until is not None:
        raise NOT_FOUND()
    back = reverse("survey:do_not_call")
    return confirm(
        request, lambda: actions.lift(request.actor, entry, request.now),
        title=_("Lift from the do-not-call list"),
        consequence=_("The number can be drawn again. Its entry stays, with today as its end."),
        submit=_("Lift"), back=back, to=back, done=_("The number may be called again."),
        path=_path(),
    )  # fmt: skip
