"""Import from Excel and CSV: read safely, show what would change, then change it in one go.

A room declares a :class:`Sheet` and adds its pages to its addresses::

    class PopulationImport(Sheet):
        name = "territory-populations"
        title = _("Import populations")
        act = acts.IMPORT_POPULATIONS
        columns = (
            Field("code", (_("Division code"), "区划代码"), required=True, parse=code()),
            Field("count", (_("Population"), "人口数"), required=True, parse=whole(0)),
        )
        back = "territory:populations"

        def plan(self, rows, actor):  # reads only
            return [added(row, row["code"], {"count": row["count"]}) for row in rows]

        def apply(self, changes, actor):  # inside the transaction of the act
            ...

    urlpatterns += import_pages("populations/import/", PopulationImport, "import_populations")

``reverse("territory:import_populations")`` is then the page to hand a file in.
"""

from __future__ import annotations

from huiyin.furniture.exchange.parsing import choice, code, day, number, text, whole, yes_no
from huiyin.furniture.exchange.places import Where
from huiyin.furniture.exchange.reading import Reading, read
from huiyin.furniture.exchange.sheet import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    rejected,
)
from huiyin.furniture.exchange.views import import_pages

__all__ = [
    "Change",
    "Field",
    "Outcome",
    "Reading",
    "Row",
    "Sheet",
    "Where",
    "added",
    "changed",
    "choice",
    "code",
    "day",
    "import_pages",
    "number",
    "read",
    "rejected",
    "text",
    "whole",
    "yes_no",
]
