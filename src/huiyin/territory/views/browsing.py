"""Find a region: the tree, the search box, the list."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from huiyin.audit.acts import may
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.territory import acts, queries
from huiyin.territory.models import Region
from huiyin.territory.tables import RegionTable


@page(acts.SEE_REGIONS)
def tree(request: Request) -> HttpResponse:
    """Regions level by level, opened down to one of them; works with and without scripts."""
    opened = queries.region_of(request.GET["open"]) if request.GET.get("open") else None
    path = [*queries.way_up(opened), opened] if opened else []
    text = request.GET.get("q", "").strip()
    context = {
        "text": text,
        "found": queries.search(text) if text else [],
        "limit": queries.FOUND_AT_MOST,
    }
    if request.htmx and request.htmx.target == "territory-found":
        return render(request, "territory/found.html", context)
    context |= {
        "nodes": _nodes(None, path),
        "may_import": may(request.actor, acts.IMPORT_DIVISIONS),
    }
    return render(request, "territory/tree.html", context)


def _nodes(parent: Region | None, path: list[Region]) -> list[dict[str, object]]:
    """The regions below one, those on the path opened in turn."""
    on_path = path[0].pk if path else None
    return [
        {
            "region": child,
            "open": child.pk == on_path,
            "children": _nodes(child, path[1:]) if child.pk == on_path else [],
        }
        for child in queries.children_of(parent)
    ]


@page(acts.SEE_REGIONS)
def children(request: Request, code: str) -> HttpResponse:
    """The part of the tree below one region."""
    nodes = _nodes(queries.region_of(code), [])
    return render(request, "territory/nodes.html", {"nodes": nodes})


@page(acts.SEE_REGIONS)
def regions(request: Request) -> HttpResponse:
    """All regions as a list to filter and export."""
    return table_response(request, RegionTable(), template="territory/regions.html")  # type: ignore[no-any-return]
