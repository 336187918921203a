"""Lists of indicator sets and of the indicators in one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.tables import Choice, Column, Empty, Search, Table
from huiyin.survey import indicator_acts as acts
from huiyin.survey import indicator_queries as queries
from huiyin.survey import indicator_rules as rules
from huiyin.survey.models import Indicator, IndicatorSet
from huiyin.survey.models.indicators import Direction, Scoring


class IndicatorSetTable(Table):
    """Every set, with how much is in it and how many rounds it is bound to."""

    name = "survey-indicator-sets"
    title = _("Indicators")
    columns = (
        Column("name", _("Set"), field="name",
               link=lambda row: reverse("survey:indicator_set", args=[row.pk])),
        Column("indicators", _("Indicators"), field="indicator_count", numeric=True,
               value=lambda row: row.indicator_count),
        Column("composites", _("Composites"), field="composite_count", numeric=True,
               value=lambda row: row.composite_count),
        Column("rounds", _("Rounds"), field="round_count", numeric=True,
               value=lambda row: row.round_count),
        Column("note", _("Note")),
    )  # fmt: skip
    filters = (Search("q", _("Name or note"), fields=("name", "note")),)
    order = ("name", "id")
    empty = Empty(
        _("No indicators yet"),
        _("They come with the standard instrument of the question bank, or are added here."),
        url_name="survey:add_indicator_set",
        action=_("Add a set of indicators"),
        act=acts.ADD_INDICATOR_SET,
    )

    def rows(self, request: Any) -> QuerySet[IndicatorSet]:
        return queries.sets()


class IndicatorTable(Table):
    """The indicators of a set, in the columns that the import reads."""

    name = "survey-indicators"
    title = _("Indicators as a list")
    columns = (
        Column("set", _("Set"), value=lambda row: row.set.name, shown=False),
        Column("code", _("Code"), field="code"),
        Column("name", _("Name"), field="name"),
        Column("name_en", _("English name"), field="name_en", shown=False),
        Column("question", _("Question"), field="question"),
        Column("scoring", _("Scoring"), field="scoring",
               value=lambda row: row.get_scoring_display()),
        Column("counts", _("Answers"), value=lambda row: rules.written(row.counts)),
        Column("missing", _("No answer"), value=lambda row: "、".join(row.missing)),
        Column("direction", _("Direction"), field="direction",
               value=lambda row: row.get_direction_display()),
    )  # fmt: skip
    filters = (
        Search("q", _("Name, code or question"), fields=("name", "code", "question")),
        Choice("scoring", _("Scoring"), field="scoring", choices=Scoring),
        Choice("direction", _("Direction"), field="direction", choices=Direction),
    )
    order = ("order", "code", "id")
    empty = Empty(_("No indicators yet"), _("Add one, or import them from Excel."))

    def __init__(self, within: IndicatorSet) -> None:
        self.within = within

    def rows(self, request: Any) -> QuerySet[Indicator]:
        return self.within.indicators.select_related("set")
