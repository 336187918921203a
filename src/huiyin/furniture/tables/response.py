"""What a view answers with: a page, the part of it that changed, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.shortcuts import render

from huiyin.furniture.tables.export import export_response
from huiyin.furniture.tables.listing import Listing
from huiyin.furniture.tables.table import Table
from huiyin.furniture.views import Request


def listing_of(request: Request, table: Table) -> Listing:
    """A table as the request asks for it, for pages that show more than the table."""
    listing = Listing(request, table)
    listing.keep_choice()
    return listing


def table_response(
    request: Request,
    table: Table,
    template: str = "furniture/table_page.html",
    context: Mapping[str, Any] | None = None,
) -> Any:
    """Show a table: as a page, as its part that htmx asked for, or as an exported file.

    The template gets ``table``, a :class:`Listing`; where it is not the furniture's own it includes
    ``furniture/table.html`` at the place of the table.

    Raises:
        Problem: a broken cursor; or an export that is not permitted, too large, or asked with a
            filter that cannot be read.
    """
    listing = listing_of(request, table)
    if kind := request.GET.get("export", ""):
        return export_response(listing, kind)
    if request.htmx and request.htmx.target == listing.id:
        template = "furniture/table.html"
    return render(request, template, {"table": listing, **(context or {})})
