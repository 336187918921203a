"""Lists: filter, sort, page, choose columns, and export exactly what is filtered.

A room declares a :class:`Table` and answers with :func:`table_response`::

    class RegionTable(Table):
        name = "territory-regions"
        title = _("Regions")
        columns = (Column("code", _("Code"), field="code"), Column("name", _("Name"), field="name"))
        filters = (Search("q", _("Name or code"), fields=("name", "code")),)
        order = ("code",)

        def rows(self, request):
            return Region.objects.all()
"""

from __future__ import annotations

from huiyin.furniture.tables.columns import Column
from huiyin.furniture.tables.filters import (
    Choice,
    DateRange,
    Filter,
    Flag,
    MultiChoice,
    NumberRange,
    RegionFilter,
    Search,
)
from huiyin.furniture.tables.listing import Listing
from huiyin.furniture.tables.response import listing_of, table_response
from huiyin.furniture.tables.table import Empty, Table

__all__ = [
    "Choice",
    "Column",
    "DateRange",
    "Empty",
    "Filter",
    "Flag",
    "Listing",
    "MultiChoice",
    "NumberRange",
    "RegionFilter",
    "Search",
    "Table",
    "listing_of",
    "table_response",
]
