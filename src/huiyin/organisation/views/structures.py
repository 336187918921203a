"""Structure templates: their list, changing them, and laying one out in a region."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.views import Request, page
from huiyin.organisation import acts, layouts, unit_queries
from huiyin.organisation.actions import structures as actions
from huiyin.organisation.forms.records import LayOutForm, TemplateForm
from huiyin.organisation.models import GroupKind, StructureTemplate
from huiyin.organisation.views.frames import allowed, bound, fill, found, stem_of, today_of
from huiyin.territory.models import Region


@page(acts.SEE_GROUPS)
def templates(request: Request) -> HttpResponse:
    """Every template, with what it lays out."""
    listed = [
        (template, counts_shown(layouts.read_parts(template.lines)))
        for template in StructureTemplate.objects.all()
    ]
    can = allowed(request.actor, None, acts.MANAGE_TEMPLATES, acts.LAY_OUT)
    return render(request, "organisation/templates.html", {"templates": listed, "can": can})


@page(acts.SEE_GROUPS)
def template(request: Request, template: int) -> HttpResponse:
    """One template, group by group."""
    shown = found(StructureTemplate, template)
    context = {
        "template": shown,
        "parts": parts_shown(layouts.read_parts(shown.lines)),
        "can": allowed(request.actor, None, acts.MANAGE_TEMPLATES, acts.LAY_OUT),
        "events": unit_queries.events_of(("organisation.structuretemplate", [shown.pk])),
    }
    return render(request, "organisation/template.html", context)


def counts_shown(parts: list[layouts.Part]) -> list[tuple[Any, int]]:
    """Title of each kind of group, and how many of it."""
    return [(GroupKind(kind).label, number) for kind, number in layouts.counts(parts)]


def parts_shown(parts: list[layouts.Part]) -> list[tuple[Any, layouts.Part]]:
    """Parts with the title of their kind."""
    return [(GroupKind(part.kind).label, part) for part in parts]


@page(acts.MANAGE_TEMPLATES)
def add_template(request: Request) -> HttpResponse:
    """Add a template."""
    return _save(request, None, _("Add a template"), reverse("organisation:templates"), {})


@page(acts.MANAGE_TEMPLATES)
def change_template(request: Request, template: int) -> HttpResponse:
    """Change a template."""
    stored = found(StructureTemplate, template)
    initial = {"name": stored.name, "note": stored.note, "lines": stored.lines}
    title = _("Change {name}").format(name=stored.name)
    return _save(request, stored, title, stored.get_absolute_url(), initial)


def _save(
    request: Request, stored: StructureTemplate | None, title: Any, back: str, initial: Any
) -> HttpResponse:
    return fill(
        request, bound(TemplateForm, request, initial=initial),
        lambda values: actions.save_template(request.actor, stored, **values),
        title=title, done=_("The template was saved."), back=back,
        to=StructureTemplate.get_absolute_url,
        lead=_("What was laid out by it already does not change."),
    )  # fmt: skip


@page(acts.LAY_OUT)
def lay_out(request: Request, template: int) -> HttpResponse:
    """Lay a template out: choose the region, edit, see what would be made, confirm (004-02)."""
    stored = found(StructureTemplate, template)
    form = bound(LayOutForm, request, stem=stem_of(request.actor), initial={"lines": stored.lines})
    planned = None
    if request.method == "POST" and form.is_valid():
        region, lines = form.cleaned_data["region"], form.cleaned_data["lines"]
        with refusals_beside(form):
            if "apply" in request.POST:
                return _apply(request, region, lines)
            planned = _plan(region, lines)
    context = {"template": stored, "form": form, "planned": planned}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "organisation/lay_out.html", context, status=status)


def _plan(region: Region, lines: str) -> list[tuple[Any, layouts.Planned]]:
    existing = unit_queries.posts_of_groups(region)
    planned = layouts.plan(layouts.read_parts(lines), region.name, existing)
    return [(GroupKind(each.part.kind).label, each) for each in planned]


def _apply(request: Request, region: Region, lines: str) -> HttpResponse:
    made = actions.lay_out(request.actor, region, lines, on=today_of(request))
    said = _("{groups} groups and {posts} posts were made in {region}.")
    messages.success(request, said.format(groups=made.groups, posts=made.posts, region=region.name))
    return redirect(f"{reverse('organisation:groups')}?region={region.code}")
