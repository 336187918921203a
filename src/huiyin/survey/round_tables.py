"""Rounds, quotas and staff as lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.furniture.tables import (
    Choice,
    Column,
    DateRange,
    Empty,
    MultiChoice,
    RegionFilter,
    Search,
    Table,
)
from huiyin.organisation.permissions import reach
from huiyin.survey import round_acts as acts
from huiyin.survey.models import Half, Quota, Round, RoundStatus, Series, Staff
from huiyin.survey.round_queries import RELATED, rounds_for
from huiyin.territory.models import Sex

_PERSON = pgettext_lazy("person", "Name")
TONES = {
    RoundStatus.DRAFT: "neutral",
    RoundStatus.READY: "info",
    RoundStatus.FIELDING: "near",
    RoundStatus.CLOSED: "neutral",
    RoundStatus.MEASURED: "info",
    RoundStatus.PUBLISHED: "good",
}


def _page_of(round: Round) -> str:
    return reverse("survey:round", args=[round.pk])


def _series() -> list[tuple[int, str]]:
    return list(Series.objects.order_by("name").values_list("pk", "name"))


class RoundTable(Table):
    """Every round that the actor may see, the latest first."""

    name = "survey-rounds"
    title = _("Rounds")
    columns = (
        Column("name", _("Round"), link=_page_of),
        Column("series", _("Survey series"), field="series__name",
               link=lambda row: reverse("survey:series", args=[row.series_id])),
        Column("status", _("State"), field="status", value=lambda row: row.get_status_display(),
               tone=lambda row: TONES[RoundStatus(row.status)]),
        Column("field_from", _("Field from"), field="field_from"),
        Column("field_until", _("Field until"), field="field_until"),
        Column("wanted", _("Interviews wanted"), numeric=True,
               value=lambda row: sum(row.allocation.values()) or None),
        Column("version", _("Questionnaire version")),
        Column("indicators", _("Indicators"), shown=False),
        Column("centre", _("Survey centre"), field="centre__name", shown=False),
        Column("table", _("Segment table"), shown=False),
        Column("broken", _("Break in the series"), value=lambda row: bool(row.break_reason)),
    )  # fmt: skip
    filters = (
        Choice("series", _("Survey series"), field="series_id", choices=_series),
        MultiChoice("status", _("State"), field="status", choices=RoundStatus),
        Choice("half", _("Half"), field="half", choices=Half),
        DateRange("field", _("Field from"), field="field_from"),
    )
    order = ("-year", "-half", "series__name", "id")
    empty = Empty(
        _("No rounds yet"),
        _("Add a series first, then its first round."),
        url_name="survey:add_series",
        action=_("Add a series"),
        act=acts.MANAGE_SERIES,
    )

    def rows(self, request: Any) -> QuerySet[Round]:
        within = reach(request.actor, acts.SEE_ROUNDS).query(region="series__region__code")
        return Round.objects.filter(within).select_related(*RELATED)


class PublishedRoundTable(Table):
    """What everybody may know of rounds: that they were, and when; once they are published."""

    name = "survey-published-rounds"
    title = _("Published rounds")
    columns = (
        Column("series", _("Survey series"), field="series__name"),
        Column("name", _("Round")),
        Column("field_from", _("Field from"), field="field_from"),
        Column("field_until", _("Field until"), field="field_until"),
    )
    filters = (Choice("series", _("Survey series"), field="series_id", choices=_series),)
    order = ("-year", "-half", "series__name", "id")
    empty = Empty(
        _("No round is published yet"),
        _("Rounds stand here once their results are published, and not before."),
    )

    def rows(self, request: Any) -> QuerySet[Round]:
        return rounds_for(request.actor).filter(status=RoundStatus.PUBLISHED)


def _sex(quota: Quota) -> Any:
    return quota.get_sex_display()


class QuotaTable(Table):
    """The quotas of a round, in the columns that the import reads."""

    name = "survey-quotas"
    title = _("Quotas")
    columns = (
        Column("series", _("Survey series"), value=lambda row: row.round.series.name, shown=False),
        Column("round", _("Round"), value=lambda row: row.round.code),
        Column("code", _("Division code"), field="region__code",
               value=lambda row: row.region.code),
        Column("region", _("Region"), field="region__name"),
        Column("sex", _("Sex"), field="sex", value=_sex),
        Column("ages", _("Age band"), field="age_from"),
        Column("target", _("Interviews wanted"), field="target", numeric=True),
    )  # fmt: skip
    filters = (
        Search("q", _("Region"), fields=("region__name",)),
        RegionFilter("within", _("Code of the region"), field="region__code"),
        Choice("sex", _("Sex"), field="sex", choices=Sex),
    )
    order = ("region__code", "sex", "age_from", "id")
    empty = Empty(
        _("No quotas"),
        _("A round may do without. Import them, or add them one by one."),
        url_name="survey:import_quotas",
        action=_("Import quotas"),
        act=acts.IMPORT_QUOTAS,
    )

    def __init__(self, round: Round) -> None:
        self.round = round

    def rows(self, request: Any) -> QuerySet[Quota]:
        return self.round.quotas.select_related("region", "round__series")


class StaffTable(Table):
    """The staff of a round, in the columns that the import reads."""

    name = "survey-staff"
    title = _("Staff")
    filters = (Search("q", _PERSON, fields=("account__name", "account__username")),)
    order = ("role", "account__username", "id")
    empty = Empty(_("Nobody yet"), _("A supervisor assigns people of the survey centre."))

    def __init__(self, round: Round, changes: bool) -> None:
        """Args: changes: whether somebody can be taken off by a link in his row."""
        self.round = round
        take_off: Callable[[Any], str] = lambda row: reverse("survey:remove_staff", args=[row.pk])  # noqa: E731
        self.columns = (
            Column("round", _("Round"), value=lambda row: row.round.code),
            Column("username", _("Sign-in name"), field="account__username",
                   value=lambda row: row.account.username),
            Column("name", _PERSON, field="account__name", value=lambda row: row.account.name),
            Column("role", _("Role"), field="role", value=lambda row: row.get_role_display()),
            *([Column("off", _("Change"), value=lambda row: _("Take off"), link=take_off,
                      export=lambda row: "")] if changes else []),
        )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Staff]:
        return self.round.staff.select_related("account", "round")
