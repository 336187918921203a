"""What the views of rounds share: where one stands, forms, confirmations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Place
from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.views import Request
from huiyin.organisation.views.frames import found
from huiyin.survey.models import Round, Series, Staff
from huiyin.survey.round_queries import RELATED, place_of

__all__ = ["at_round", "at_series", "at_staff", "confirm", "fill", "path_to", "round_of"]


def round_of(key: int) -> Round:
    """A round by its key.

    Raises:
        Problem: ``not-found``.
    """
    return found(Round, key, *RELATED)


def at_round(round: int) -> Place:
    return place_of(round_of(round))


def at_series(series: int) -> Place:
    return place_of(found(Series, series, "region"))


def at_staff(staff: int) -> Place:
    return place_of(found(Staff, staff, "round__series__region").round)


def path_to(round: Round | None = None) -> list[dict[str, Any]]:
    """The way to a round's pages, for the breadcrumbs."""
    path = [{"title": _("Rounds"), "url": reverse("survey:rounds")}]
    if round is not None:
        path.append({"title": str(round), "url": round.get_absolute_url()})
    return path


def fill(
    request: Request,
    form: forms.Form,
    do: Callable[[dict[str, Any]], Any],
    *,
    title: str | Promise,
    back: str,
    done: str | Promise,
    path: list[dict[str, Any]],
    to: Callable[[Any], str] | None = None,
    submit: str | Promise = "",
    lead: str | Promise = "",
) -> HttpResponse:
    """Show a form; when it is sent, do what it says, or show beside each field what is wrong.

    Args:
        do: the act; it is given the form's values and gives back the thing.
        back: where to go afterwards, or without doing it.
        to: gives from the thing where to go instead.
        done: what is said afterwards.
    """
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            thing = do(form.cleaned_data)
            messages.success(request, str(done))
            return redirect(to(thing) if to else back)
    shown = {
        "form": form, "title": title, "back": back, "submit": submit, "lead": lead, "path": path,
    }  # fmt: skip
    return render(request, "survey/form_page.html", shown, status=422 if form.errors else 200)


def confirm(
    request: Request,
    do: Callable[[], Any],
    *,
    title: str | Promise,
    consequence: str | Promise,
    submit: str | Promise,
    back: str,
    to: str,
    done: str | Promise,
    path: list[dict[str, Any]],
) -> HttpResponse:
    """Ask before something is done that is not easily undone, and say what follows from it."""
    if request.method == "POST":
        do()
        messages.success(request, str(done))
        return redirect(to)
    shown = {
        "title": title, "consequence": consequence, "submit": submit, "back": back, "path": path,
    }  # fmt: skip
    return render(request, "survey/round_confirm.html", shown)
