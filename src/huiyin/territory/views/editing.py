"""Change one region: add, rename, record what follows, end."""

from __future__ import annotations

from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Place
from huiyin.furniture.views import Request, page
from huiyin.territory import actions, acts, forms, queries, rules
from huiyin.territory.models import Region


def _at(code: str) -> Place:
    return Place(region=rules.parse_code(code)[0] if code.isdigit() else code)


@page(acts.ADD_REGION)
def add(request: Request) -> HttpResponse:
    """Add a region; where it lies is asked when its code is known."""
    form = forms.AddForm(request.POST or None, initial={"code": request.GET.get("below", "")})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = forms.done(
            form,
            lambda: actions.add_region(
                request.actor, asked["code"], asked["name"],
                urban_rural=asked["urban_rural"], since=asked["since"],
            ),
        )  # fmt: skip
        if made:
            messages.success(request, _("%(name)s was added.") % {"name": made.name})
            return redirect("territory:region", code=made.code)
    shown = {"form": form, "title": _("Add a region"), "submit": _("Add")}
    return render(request, "territory/edit.html", shown, status=422 if form.errors else 200)


@page(acts.RENAME_REGION, at=_at)
def rename(request: Request, code: str) -> HttpResponse:
    """Give a region a new name from a day on."""
    found = queries.region_of(code)
    today = timezone.localdate(request.now)
    form = forms.RenameForm(request.POST or None, initial={"name": found.name, "on": today})
    return _edit(
        request, found, form, _("Rename"),
        lambda: actions.rename_region(
            request.actor, found, form.cleaned_data["name"], form.cleaned_data["on"], today
        ),
        lead=_("The code stays. The former name is kept with its dates and can still be found."),
    )  # fmt: skip


@page(acts.SUCCEED_REGION, at=_at)
def succeed(request: Request, code: str) -> HttpResponse:
    """Record what follows a region."""
    found = queries.region_of(code)
    today = timezone.localdate(request.now)
    form = forms.SucceedForm(request.POST or None, initial={"on": today})
    return _edit(
        request, found, form, _("Record what follows"),
        lambda: actions.succeed_region(
            request.actor, found, form.lines(), form.cleaned_data["on"], today
        ),
        lead=_("Units, populations and other records stay with the region that goes on."),
    )  # fmt: skip


@page(acts.END_REGION, at=_at)
def end(request: Request, code: str) -> HttpResponse:
    """End a region that nothing follows."""
    found = queries.region_of(code)
    today = timezone.localdate(request.now)
    form = forms.EndForm(request.POST or None, initial={"on": today})
    return _edit(
        request, found, form, _("End the region"),
        lambda: actions.end_region(request.actor, found, form.cleaned_data["on"], today),
        lead=_("Nothing follows it. It is kept, and its code finds it, but nothing new is recorded"
               " in it."),
        danger=True,
    )  # fmt: skip


def _edit(
    request: Request,
    found: Region,
    form: django_forms.Form,
    title: str | Promise,
    act: Callable[[], Region],
    *,
    lead: str | Promise = "",
    danger: bool = False,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        changed = forms.done(form, act)
        if changed:
            messages.success(request, _("%(name)s was changed.") % {"name": changed.name})
            return redirect("territory:region", code=changed.code)
    shown = {
        "region": found,
        "path": [*queries.way_up(found), found],
        "form": form,
        "title": title,
        "submit": title,
        "lead": lead,
        "danger": danger,
    }
    return render(request, "territory/edit.html", shown, status=422 if form.errors else 200)
