"""The room's lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.tables import Choice, Column, Empty, Flag, RegionFilter, Search, Table
from huiyin.furniture.tables.filters import text_of
from huiyin.territory import acts
from huiyin.territory.models import DivisionImport, Population, PopulationKind, Region, Sex
from huiyin.territory.population_rules import Cell
from huiyin.territory.queries import imports_of, matching
from huiyin.territory.rules import LEVEL_TITLES, URBAN_RURAL_TITLES


@dataclass(frozen=True)
class RegionSearch(Search):
    """The one box of the room: digits are a code, letters pinyin initials, all else a name."""

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        return matching(rows, text_of(asked, self.name))


def _page_of(region: Region) -> str:
    return reverse("territory:region", args=[region.code])


class RegionTable(Table):
    """All regions."""

    name = "territory-regions"
    title = _("Regions")
    columns = (
        Column("code", _("Code"), field="code", link=_page_of),
        Column("name", _("Name"), field="name", link=_page_of),
        Column("level", _("Level"), field="level", value=lambda row: row.get_level_display()),
        Column("parent", _("Lies in"), value=lambda row: row.parent.name if row.parent else ""),
        Column(
            "urban_rural", _("Urban–rural class"), shown=False,
            value=lambda row: row.get_urban_rural_display(),
        ),
        Column("initials", _("Pinyin initials"), field="initials", shown=False),
        Column("valid_from", _("Valid from"), value=lambda row: row.valid_from),
        Column("valid_until", _("Valid until"), value=lambda row: row.valid_until),
    )  # fmt: skip
    filters = (
        RegionSearch("q", _("Name, code or pinyin initials")),
        RegionFilter("in", _("Lies in"), field="code"),
        Choice("level", _("Level"), field="level", choices=LEVEL_TITLES),
        Choice("class", _("Urban–rural class"), field="urban_rural", choices=URBAN_RURAL_TITLES),
        Flag("in_force", _("In force"), condition=Q(valid_until=None)),
    )  # fmt: skip
    order = ("code", "id")
    empty = Empty(
        _("No regions yet"),
        _("Import a division file to begin."),
        url_name="territory:hand_in",
        action=_("Import divisions"),
        act=acts.IMPORT_DIVISIONS,
    )

    def rows(self, request: Any) -> QuerySet[Region]:
        return Region.objects.select_related("parent")


class PopulationTable(Table):
    """All figures of populations, as they were imported."""

    name = "territory-populations"
    title = _("Populations")
    columns = (
        Column("code", _("Code"), value=lambda row: row.region.code, field="region__code",
               link=lambda row: _page_of(row.region)),
        Column("region", _("Region"), value=lambda row: row.region.name),
        Column("year", _("Year"), field="year", numeric=True, grouped=False),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("sex", _("Sex"), value=lambda row: row.get_sex_display()),
        Column("ages", _("Age band"),
               value=lambda row: Cell(row.sex, row.age_from, row.age_to).ages or _("All ages")),
        Column("residence", _("Residence"), value=lambda row: row.get_residence_display()),
        Column("people", _("People"), field="people", numeric=True),
        Column("source", _("Source"), shown=False),
    )  # fmt: skip
    filters = (
        RegionFilter("in", _("Lies in"), field="region__code"),
        Choice("year", _("Year"), field="year", choices=lambda: _years()),
        Choice("kind", _("Kind"), field="kind", choices=PopulationKind),
        Choice("sex", _("Sex"), field="sex", choices=Sex),
    )
    order = ("region__code", "year", "id")
    empty = Empty(
        _("No populations yet"),
        _("Import them from Excel: one row for each sex, age band and residence."),
        url_name="territory:import_populations",
        action=_("Import populations"),
        act=acts.IMPORT_POPULATIONS,
    )

    def rows(self, request: Any) -> QuerySet[Population]:
        return Population.objects.select_related("region")


def _years() -> list[tuple[int, str]]:
    years = Population.objects.order_by().values_list("year", flat=True).distinct()
    return [(year, str(year)) for year in sorted(years, reverse=True)]


class ImportTable(Table):
    """Division files that were handed in."""

    name = "territory-imports"
    title = _("Imports of divisions")
    columns = (
        Column("id", _("Import number"), field="id", value=lambda row: f"#{row.pk}",
               link=lambda row: reverse("territory:import", args=[row.pk])),
        Column("files", _("Files"), value=lambda row: ", ".join(row.files)),
        Column("status", _("State"), value=lambda row: row.get_status_display(),
               tone=lambda row: {"done": "good", "planned": "near", "refused": "overdue"}.get(
                   row.status, "neutral")),
        Column("added", _("Added"), value=lambda row: row.counts.get("added", ""), numeric=True),
        Column("created_at", _("Handed in at"), field="created_at"),
        Column("done_at", _("Imported at"), value=lambda row: row.done_at),
    )  # fmt: skip
    order = ("-id",)
    empty = Empty(
        _("No files yet"),
        _("Hand in the division files of your province or of the whole country."),
        url_name="territory:hand_in",
        action=_("Import divisions"),
        act=acts.IMPORT_DIVISIONS,
    )

    def rows(self, request: Any) -> QuerySet[DivisionImport]:
        return imports_of(request.actor)
