"""What the style page shows: each piece of furniture once, with its states.

The pieces are the real ones: the form is validated, the chart drawn, the list filtered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.home import Task
from huiyin.furniture.tables import Choice, Column, Empty, Search, Table
from huiyin.furniture.templatetags.furniture import TONES
from huiyin.furniture.views import Request
from huiyin.problems import (
    CONFLICT,
    INVALID,
    NOT_FOUND,
    NOT_PERMITTED,
    OUR_FAULT,
    TOO_MANY_REQUESTS,
    Problem,
)
from huiyin.site.acts import SEE_STYLE
from huiyin.territory.models import Region
from huiyin.territory.rules import LEVEL_TITLES

TONE_TITLES: dict[str, str | Promise] = {
    "neutral": _("Draft"),
    "good": _("Closed in time"),
    "near": _("Due in 2 days"),
    "due": _("Due today"),
    "overdue": _("5 days overdue"),
    "info": _("In hand"),
}
BUTTONS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("Save")),
    ("secondary", _("Export")),
    ("quiet", _("Cancel")),
    ("danger", _("Delete")),
    ("danger secondary", _("Withdraw")),
    ("small", _("Small")),
)
NOTICES: tuple[tuple[str, str | Promise], ...] = (
    ("info", _("The round is in the field until 12 December; figures follow after it.")),
    ("success", _("Saved. The unit has been told.")),
    ("warning", _("Two posts of this unit have no holder. Matters cannot be assigned to them.")),
    ("error", _("Nothing was imported: three rows are wrong.")),
)


class ShownForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=_("Title"), max_length=60, help_text=_("At most 60 characters."))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=(("", "—"), ("a", _("Hazard")), ("b", _("Dispute")))
    )
    due = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}))
    people = forms.IntegerField(label=_("People concerned"), required=False, min_value=0)
    text = forms.CharField(label=_("What has happened"), widget=forms.Textarea(attrs={"rows": 3}))
    way = forms.ChoiceField(
        label=_("How to answer"),
        widget=forms.RadioSelect,
        choices=(("call", _("By telephone")), ("page", _("On the page"))),
    )
    units = forms.MultipleChoiceField(
        label=_("Units that help"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=(("police", _("Police")), ("justice", _("Justice bureau"))),
    )
    paper = forms.FileField(
        label=_("Attachment"), required=False, help_text=_("PDF, Word or pictures, up to 20 MB.")
    )
    urgent = forms.BooleanField(label=_("Supervise by name"), required=False)


class ShownTable(Table):
    """The list of the style page: regions, since every installation has some."""

    name = "site-style"
    title = _("Regions")
    columns = (
        Column("code", _("Code"), field="code"),
        Column("name", _("Name"), field="name"),
        Column("level", _("Level"), field="level", value=lambda row: row.get_level_display()),
        Column("digits", _("Digits of the code"), value=lambda row: len(row.stem), numeric=True),
    )
    filters = (
        Search("q", _("Name or code"), fields=("name", "code")),
        Choice("level", _("Level"), field="level", choices=tuple(LEVEL_TITLES.items())),
    )
    order = ("code",)
    size = 5
    exports = ()
    empty = Empty(_("No regions yet"), _("Import a division file to begin."))

    def rows(self, request: Request) -> QuerySet[Region]:
        return Region.objects.all()


@dataclass(frozen=True)
class ShownEvent:
    """An event as the history shows it, without being one."""

    at: datetime
    act: str
    actor_name: str
    kind: str = "organisation.unit"
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def events(now: datetime) -> list[ShownEvent]:
    """Two events: a thing is made, then changed."""
    was, made = now - timedelta(days=40), {"name": "市委政法委员会", "short_name": "政法委"}
    before, after = {"short_name": "政法委"}, {"short_name": "市委政法委", "judged": False}
    return [
        ShownEvent(now - timedelta(hours=3), SEE_STYLE.name, "li.ming", before=before, after=after),
        ShownEvent(was, SEE_STYLE.name, "wang.fang", after=made),
    ]


def tasks() -> list[Task]:
    """One task of each urgency."""
    return [
        Task(_("Matters overdue"), "#tasks", 2, "overdue", _("The oldest since 23 November.")),
        Task(_("Matters to be accepted today"), "#tasks", 5, "due"),
        Task(_("Monthly report"), "#tasks", None, "near", _("Due on 30 November.")),
        Task(_("Notices to read"), "#tasks", 3),
    ]


def problems() -> list[Problem]:
    """One problem of each status that a page tells."""
    return [
        NOT_PERMITTED(act=_("Import divisions")),
        NOT_FOUND(),
        CONFLICT(),
        INVALID(),
        TOO_MANY_REQUESTS(seconds=30),
        OUR_FAULT(reference="4f1c09ab"),
    ]


def specification() -> dict[str, Any]:
    """Shares with their intervals: the chart that this house draws most."""
    rows = [
        {"area": "清河镇", "share": 95.2, "low": 92.1, "high": 98.3},
        {"area": "东山街道", "share": 93.4, "low": 89.9, "high": 96.9},
        {"area": "石桥乡", "share": 91.8, "low": 88.0, "high": 95.6},
        {"area": "南坪镇", "share": 88.5, "low": 84.2, "high": 92.8},
    ]
    unit = str(_("Residents who feel safe, %"))
    y = {"field": "area", "type": "nominal", "sort": None, "title": str(_("Area")),
         "axis": {"ticks": False, "domain": False, "labelPadding": 8}}  # fmt: skip
    x = {"type": "quantitative", "title": unit, "axis": {"title": unit},
         "scale": {"domain": [80, 100]}}  # fmt: skip
    rule = {"mark": {"type": "rule", "strokeWidth": 2, "color": "#b6c6d6"},
            "encoding": {"y": y, "x": {**x, "field": "low", "title": str(_("Lower bound"))},
                         "x2": {"field": "high", "title": str(_("Upper bound"))}}}  # fmt: skip
    dot = {"mark": {"type": "point", "filled": True, "size": 60, "color": "#1b6ca8", "opacity": 1},
           "encoding": {"y": y, "x": {**x, "field": "share"}}}  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": rows}, "width": 520, "height": {"step": 30}, "layer": [rule, dot],
        "config": {
            "font": "Noto Sans SC, Noto Sans CJK SC, sans-serif",
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
                     "labelColor": "#1f2937", "titleColor": "#1f2937", "gridColor": "#e5e7eb"},
            "view": {"stroke": None},
        },
    }  # fmt: skip


def showroom(now: datetime) -> dict[str, Any]:
    """All that the style page needs besides its list."""
    return {
        "form": ShownForm(prefix="plain", initial={"due": now.date()}),
        "wrong_form": ShownForm({"wrong-people": "-1", "wrong-name": "路灯"}, prefix="wrong"),
        "tones": [(tone, TONE_TITLES[tone]) for tone in TONES],
        "buttons": BUTTONS,
        "notices": NOTICES,
        "events": events(now),
        "tasks": tasks(),
        "problems": problems(),
        "specification": specification(),
        "pairs": [
            (_("Unit"), "市委政法委员会"),
            (_("Region"), "安和市"),
            (_("First responsible"), "李明"),
            (_("Telephone"), ""),
        ],
    }
