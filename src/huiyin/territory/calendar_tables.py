"""The calendar as a list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.furniture.tables import Choice, Column, DateRange, Empty, Search, Table
from huiyin.territory import calendar_acts as acts
from huiyin.territory.calendar_models import Day, DayKind
from huiyin.territory.calendar_queries import years


def _years() -> list[tuple[int, str]]:
    return [(year, str(year)) for year in years()]


class CalendarTable(Table):
    """Days that are not what their weekday says, the latest first."""

    name = "territory-calendar"
    title = _("Holidays and make-up working days")
    filters = (
        Choice("year", _("Year"), field="date__year", choices=_years),
        Choice("kind", _("Kind"), field="kind", choices=DayKind),
        Search("q", _("Name"), fields=("name",)),
        DateRange("day", _("Day"), field="date"),
    )
    order = ("-date",)
    empty = Empty(
        _("The calendar is empty"),
        _("Without it no deadline and no calling hours can be worked out. Import the days."),
        url_name="territory:import_calendar",
        action=_("Import days of the calendar"),
        act=acts.IMPORT_CALENDAR,
    )

    def __init__(self, changes: bool = False) -> None:
        """Args: changes: whether each day leads to its form."""
        self.columns = (
            Column("date", _("Day"), field="date", link=_form_of if changes else None),
            Column("weekday", _("Weekday"), value=lambda row: date_format(row.date, "l")),
            Column("kind", _("Kind"), field="kind", value=lambda row: row.get_kind_display(),
                   tone=lambda row: "info" if row.kind == DayKind.HOLIDAY else "neutral"),
            Column("name", _("Name"), field="name"),
            Column("source", _("Source"), field="source"),
        )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Day]:
        return Day.objects.all()


def _form_of(row: Day) -> str:
    return reverse("territory:change_day", args=[row.pk])


def calendar_table(request: Any) -> CalendarTable:
    """The list as the actor may use it."""
    return CalendarTable(may(request.actor, acts.CHANGE_CALENDAR))
