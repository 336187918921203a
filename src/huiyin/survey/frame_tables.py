"""Lists of frames and samples."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.furniture.tables import Choice, Column, DateRange, Empty, Flag, Search, Table
from huiyin.survey import frame_acts as acts
from huiyin.survey import sample_acts
from huiyin.survey.models import (
    DoNotCall,
    Exchange,
    NumberList,
    Sample,
    SegmentImport,
    SegmentTable,
)
from huiyin.survey.sample_queries import samples_for


class SegmentTableTable(Table):
    """Every segment table that was imported."""

    name = "survey-segment-tables"
    title = _("Segment tables")
    columns = (
        Column("name", _("Name"), field="name",
               link=lambda row: reverse("survey:segment_table", args=[row.pk])),
        Column("as_of", _("As of"), field="as_of"),
        Column("city", pgettext_lazy("of a frame", "City"), value=lambda row: row.city or _("all")),
        Column("segments", _("Segments"), field="segments", numeric=True),
        Column("origin", _("Origin"), field="origin"),
        Column("created_at", _("Imported at"), field="created_at", shown=False),
    )  # fmt: skip
    filters = (
        Search("q", _("Name or origin"), fields=("name", "origin")),
        DateRange("as_of", _("As of"), field="as_of"),
    )
    order = ("-as_of", "-id")
    empty = Empty(
        _("No segment table yet"),
        _("Import one: segment, province, city, carrier, kind."),
        url_name="survey:import_segments",
        action=_("Import segments"),
        act=acts.IMPORT_SEGMENTS,
    )

    def rows(self, request: Any) -> QuerySet[SegmentTable]:
        return SegmentTable.objects.all()


class SegmentImportTable(Table):
    """What was handed in, whether it was taken or not."""

    name = "survey-segment-imports"
    title = _("Imports of segments")
    columns = (
        Column("file", _("File"), field="file",
               link=lambda row: reverse("survey:segment_import", args=[row.pk])),
        Column("name", _("Name"), field="name"),
        Column("as_of", _("As of"), field="as_of"),
        Column("status", _("State"), value=lambda row: row.get_status_display(), field="status"),
        Column("created_at", _("Handed in at"), field="created_at"),
    )  # fmt: skip
    filters = (Search("q", _("File or name"), fields=("file", "name")),)
    order = ("-created_at", "-id")
    empty = Empty(_("Nothing was handed in yet"), "", url_name="survey:import_segments",
                  action=_("Import segments"), act=acts.IMPORT_SEGMENTS)  # fmt: skip

    def rows(self, request: Any) -> QuerySet[SegmentImport]:
        return SegmentImport.objects.all()


class ExchangeTable(Table):
    """Landline exchanges."""

    name = "survey-exchanges"
    title = _("Landline exchanges")
    columns = (
        Column("area_code", _("Area code"), field="area_code"),
        Column("prefix", _("Exchange prefix"), field="prefix"),
        Column("digits", _("Digits of a number"), numeric=True, field="digits"),
        Column("numbers", _("Numbers"), numeric=True,
               value=lambda row: 10 ** (row.digits - len(row.prefix))),
        Column("carrier", _("Carrier"), field="carrier"),
        Column("region", _("Region"), value=lambda row: row.region.name if row.region else ""),
        Column("as_of", _("As of"), field="as_of"),
        Column("origin", _("Origin"), field="origin", shown=False),
    )  # fmt: skip
    filters = (
        Search("q", _("Area code or prefix"), fields=("area_code", "prefix")),
        Flag("nowhere", _("Region not known"), condition=Q(region=None)),
    )
    order = ("area_code", "prefix")
    empty = Empty(
        _("No exchanges yet"),
        _("Without them no landline numbers can be drawn."),
        url_name="survey:import_exchanges",
        action=_("Import landline exchanges"),
        act=acts.IMPORT_EXCHANGES,
    )

    def rows(self, request: Any) -> QuerySet[Exchange]:
        return Exchange.objects.select_related("region")


class NumberListTable(Table):
    """Lists of numbers that are frames of their own."""

    name = "survey-lists"
    title = _("Lists of numbers")
    columns = (
        Column("name", _("Name"), field="name"),
        Column("numbers", _("Numbers"), field="numbers", numeric=True),
        Column("origin", _("Origin"), field="origin"),
        Column("created_at", _("Handed in at"), field="created_at"),
    )
    filters = (Search("q", _("Name or origin"), fields=("name", "origin")),)
    order = ("-created_at", "-id")
    empty = Empty(
        _("No list yet"),
        _("A list of numbers, such as of those who came to a window, is a frame of its own."),
        url_name="survey:hand_in_list",
        action=_("Hand in a list"),
        act=acts.HAND_IN_LIST,
    )

    def rows(self, request: Any) -> QuerySet[NumberList]:
        return NumberList.objects.all()


class DoNotCallTable(Table):
    """Numbers that are never called; only the beginning of each hash is shown."""

    name = "survey-do-not-call"
    title = _("Do-not-call list")
    columns = (
        Column("hash", _("Hash begins with"), value=lambda row: bytes(row.digest).hex()[:8]),
        Column("reason", _("Reason"), field="reason"),
        Column("since", _("Since"), field="since"),
        Column("until", _("Lifted at"), field="until"),
        Column("lift", _("Lift"), value=lambda row: "" if row.until else _("Lift"),
               link=lambda row: reverse("survey:lift_do_not_call", args=[row.pk])),
    )  # fmt: skip
    filters = (
        Search("q", _("Reason"), fields=("reason",)),
        Flag("in_force", _("In force"), condition=Q(until=None)),
    )
    order = ("-since", "-id")
    empty = Empty(
        _("No number is on the list"),
        _("Whoever does not want to be called is put here, and is never drawn again."),
        url_name="survey:add_do_not_call",
        action=_("Add a number"),
        act=acts.ADD_DO_NOT_CALL,
    )

    def rows(self, request: Any) -> QuerySet[DoNotCall]:
        return DoNotCall.objects.all()


class SampleTable(Table):
    """Every draw."""

    name = "survey-samples"
    title = _("Samples")
    columns = (
        Column("sample", _("Sample"), value=str,
               link=lambda row: reverse("survey:sample", args=[row.pk])),
        Column("round", _("Round"), value=lambda row: str(row.round), field="round__year"),
        Column("wanted", _("Numbers"), numeric=True, value=lambda row: row.drawn_count),
        Column("drawn_at", _("Drawn at"), field="drawn_at"),
        Column("seed", _("Seed"), field="seed", shown=False),
        Column("erased_at", _("Numbers erased at"), field="erased_at"),
    )  # fmt: skip
    filters = (
        Choice("half", _("Half"), field="round__half", choices={"H1": _("First half"),
                                                                "H2": _("Second half")}),
        Flag("kept", _("Numbers still kept"), condition=Q(erased_at=None)),
    )  # fmt: skip
    order = ("-drawn_at", "-id")
    empty = Empty(
        _("No sample was drawn yet"),
        _("A sample is drawn for a round, from a frame."),
        url_name="survey:draw_sample",
        action=_("Draw a sample"),
        act=sample_acts.DRAW_SAMPLE,
    )

    def rows(self, request: Any) -> QuerySet[Sample]:
        from django.db.models import Sum

        return samples_for(request.actor).annotate(drawn_count=Sum("strata__wanted"))
