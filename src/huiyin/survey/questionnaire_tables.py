"""Lists of questionnaires and of their versions."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.tables import Column, Empty, Flag, Search, Table
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey.models import Questionnaire, Version

#: What a list says of the latest version.
LATEST = ("number", "questions", "languages", "created_at")


def _with_latest(in_bank: bool) -> QuerySet[Questionnaire]:
    """Questionnaires with the facts of their latest version, in one query."""
    versions = Version.objects.filter(questionnaire=OuterRef("pk")).order_by("-number")
    latest = {name: Subquery(versions.values(name)[:1]) for name in LATEST}
    return Questionnaire.objects.filter(in_bank=in_bank).annotate(**latest)


COLUMNS = (
    Column("name", _("Name"), field="name",
           link=lambda row: reverse("survey:questionnaire", args=[row.pk])),
    Column("number", _("Latest version"), field="number", numeric=True,
           value=lambda row: row.number),
    Column("questions", _("Questions"), field="questions", numeric=True),
    Column("languages", _("Languages"), value=lambda row: row.languages or []),
    Column("created_at", _("Handed in at"), field="created_at"),
)  # fmt: skip


class QuestionnaireTable(Table):
    """The questionnaires of one's own; those of the bank are listed apart."""

    name = "survey-questionnaires"
    title = _("Questionnaires")
    columns = (*COLUMNS, Column("note", _("Note"), shown=False))
    filters = (
        Search("q", _("Name or note"), fields=("name", "note")),
        Flag("empty", _("Without a version"), condition=Q(number=None)),
    )
    order = ("name", "id")
    empty = Empty(
        _("No questionnaires yet"),
        _("Copy the standard instrument from the question bank, or hand in one of your own."),
        url_name="survey:bank",
        action=_("To the question bank"),
        act=acts.ADD_QUESTIONNAIRE,
    )

    def rows(self, request: Any) -> QuerySet[Questionnaire]:
        return _with_latest(in_bank=False)


class BankTable(Table):
    """The standard instruments and their modules."""

    name = "survey-bank"
    title = _("Question bank")
    columns = (*COLUMNS, Column("note", _("Note")))
    filters = (Search("q", _("Name or note"), fields=("name", "note")),)
    order = ("name", "id")
    empty = Empty(
        _("The question bank is empty"),
        _("Whole instruments that were put in beside the modules are listed here."),
    )

    def rows(self, request: Any) -> QuerySet[Questionnaire]:
        return _with_latest(in_bank=True)
