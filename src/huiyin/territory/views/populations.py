"""Populations as a list."""

from __future__ import annotations

from django.http import HttpResponse

from huiyin.audit.acts import may
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.territory import acts
from huiyin.territory.tables import PopulationTable


@page(acts.SEE_POPULATIONS)
def populations(request: Request) -> HttpResponse:
    """All figures, to filter and export."""
    shown = {"may_import_populations": may(request.actor, acts.IMPORT_POPULATIONS)}
    return table_response(  # type: ignore[no-any-return]
        request, PopulationTable(), template="territory/populations.html", context=shown
    )
