"""Maps: attach, look at, remove."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Place, may
from huiyin.furniture.uploads import MOST_BYTES, handed_in, say_if_refused, store
from huiyin.furniture.views import Request, page
from huiyin.territory import acts, forms, map_actions, queries
from huiyin.territory.maps import drawing
from huiyin.territory.models import RegionSet


@page(acts.SEE_REGIONS)
def maps(request: Request) -> HttpResponse:
    """All maps."""
    rows = RegionSet.objects.select_related("region").annotate(count=Count("shapes"))
    shown = {"maps": rows, "may_attach": may(request.actor, acts.ATTACH_MAP)}
    return render(request, "territory/maps.html", shown)


@page(acts.SEE_REGIONS)
def show(request: Request, pk: int) -> HttpResponse:
    """One map with all its regions."""
    found = get_object_or_404(RegionSet.objects.select_related("region"), pk=pk)
    codes = found.shapes.values("code")
    regions = list(queries.living().filter(code__in=codes))
    shown = {
        "found": found,
        "drawn": drawing.region_map(regions, title=found.name),
        "may_remove": may(request.actor, acts.REMOVE_MAP, _place(found)),
    }
    return render(request, "territory/map_page.html", shown)


def _place(found: RegionSet) -> Place:
    return Place(region=found.region.code if found.region else "")


@page(acts.ATTACH_MAP)
def attach(request: Request) -> HttpResponse:
    """Attach a GeoJSON file."""
    initial = {"region": request.GET.get("region", "")}
    form = forms.MapForm(request.POST or None, request.FILES or None, initial=initial)
    say_if_refused(request, form)
    if request.method == "POST" and form.is_valid():
        made = forms.done(form, lambda: _attach(request, form))
        if made:
            _tell(request, made)
            return redirect("territory:map", pk=made.map.pk)
    shown = {"form": form, "title": _("Attach a map"), "submit": _("Attach")}
    return render(request, "territory/edit.html", shown, status=422 if form.errors else 200)


def _attach(request: Request, form: forms.MapForm) -> map_actions.Attached:
    asked = form.cleaned_data
    region = queries.region_of(asked["region"]) if asked["region"] else None
    upload = store(request.actor, handed_in(request), ("geojson",), MOST_BYTES)
    drawn = map_actions.read_map(Path(upload.file.path), asked["code_property"])
    return map_actions.attach_map(request.actor, region, asked["name"].strip(), drawn)


def _tell(request: Request, made: map_actions.Attached) -> None:
    messages.success(request, _("The map was attached."))
    if made.unknown:
        codes = {"codes": "、".join(made.unknown[:20]), "count": len(made.unknown)}
        text = _("%(count)s codes of the map are no regions here and were left out: %(codes)s.")
        messages.warning(request, text % codes)
    if made.missing:
        names = "、".join(region.name for region in made.missing[:20])
        text = _("%(count)s regions have no shape on the map: %(names)s.")
        messages.warning(request, text % {"names": names, "count": len(made.missing)})


@page(acts.REMOVE_MAP)
def remove(request: Request, pk: int) -> HttpResponse:
    """Remove a map, after saying what that means."""
    found = get_object_or_404(RegionSet.objects.select_related("region"), pk=pk)
    if request.method == "POST":
        map_actions.remove_map(request.actor, found)
        messages.success(request, _("The map was removed."))
        return redirect("territory:maps")
    return render(request, "territory/map_remove.html", {"found": found})
