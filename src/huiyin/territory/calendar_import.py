"""Days of the calendar from Excel or CSV: the State Council's notice as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor
from huiyin.furniture.exchange import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    choice,
    day,
    rejected,
    text,
)
from huiyin.problems import CALENDAR_DAY_TWICE, DAY_NOT_A_WEEKEND
from huiyin.territory import calendar_acts as acts
from huiyin.territory.calendar_models import Day, DayKind
from huiyin.territory.calendar_rules import SATURDAY

#: Words that notices and personnel offices use.
_WORDS = {
    "放假": DayKind.HOLIDAY, "休": DayKind.HOLIDAY, "节假日": DayKind.HOLIDAY,
    "假日": DayKind.HOLIDAY, "上班": DayKind.WORKDAY, "班": DayKind.WORKDAY,
    "调休上班": DayKind.WORKDAY, "补班": DayKind.WORKDAY,
}  # fmt: skip
_known = choice(DayKind)


def _kind(cell: Any) -> str:
    said = str(cell).strip()
    return str(_WORDS[said]) if said in _WORDS else str(_known(cell))


class CalendarImport(Sheet):
    """One row for each day off and each weekend that is worked instead."""

    name = "territory-calendar"
    title = _("Import days of the calendar")
    act: ClassVar[Act] = acts.IMPORT_CALENDAR
    lead = _(
        "One row for each day off, weekends in between included, and for each weekend that is"
        " worked instead, as the State Council announces them every autumn for the next year."
    )
    back = "territory:calendar"
    columns = (
        Field("date", (_("Day"), "日期", "date"), required=True, parse=day(), sample="2027-01-01"),
        Field("kind", (_("Kind"), "类别", "类型", "kind"), required=True, parse=_kind,
              choices=DayKind.labels, sample="放假"),
        Field("name", (_("Name"), "节日", "名称", "name"), required=True, parse=text(40),
              sample="元旦"),
        Field("source", (_("Source"), "来源", "依据", "source"), required=True, parse=text(200),
              sample="国办发明电〔2026〕×号"),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do; a day that stands twice, or a made-up weekday, is rejected."""
        kept = {each.date: each for each in Day.objects.filter(date__in=[r["date"] for r in rows])}
        seen: dict[date, Row] = {}
        return [_change(row, kept.get(row["date"]), seen) for row in rows]

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        Day.objects.bulk_create(
            [each.thing for each in changes if each.outcome is not Outcome.UNCHANGED],
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=["kind", "name", "source"],
        )


def _change(row: Row, old: Day | None, seen: dict[date, Row]) -> Change:
    first = seen.setdefault(row["date"], row)
    if first is not row:
        return rejected(row, row.wrong(CALENDAR_DAY_TWICE, "date", other=first.place()))
    if row["kind"] == DayKind.WORKDAY and row["date"].weekday() < SATURDAY:
        return rejected(row, row.wrong(DAY_NOT_A_WEEKEND, "kind", day=row["date"]))
    after = {name: row[name] for name in ("kind", "name", "source")}
    thing = Day(date=row["date"], **after)
    if old is None:
        return added(row, str(thing), after, thing)
    return changed(row, str(thing), {name: getattr(old, name) for name in after}, after, thing)
