"""Forms of templates and of the records that units keep."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.forms.fields import AttachmentField, DayField, RegionField, UnitField
from huiyin.organisation.models import ServiceKind
from huiyin.territory.rules import Level

LINES = _(
    "One group a line: kind | name | superior | posts | duties. Kinds: 领导小组, 办公室, 指挥部, "
    "工作组, 专班. In names, {region} becomes the region's name. 双指挥长 makes two posts."
)


def _lines() -> forms.CharField:
    area = forms.Textarea({"rows": 12, "spellcheck": "false", "wrap": "off"})
    return forms.CharField(
        label=_("Groups, one a line"), max_length=8000, widget=area, help_text=LINES
    )


class TemplateForm(forms.Form):
    """A structure template."""

    name = forms.CharField(label=_("Name"), max_length=60)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    lines = _lines()


class LayOutForm(forms.Form):
    """Where a structure is laid out, and how it differs from its template there."""

    lines = _lines()
    field_order = ("region", "lines")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(
            label=_("Region"), stem=stem, levels=(Level.CITY, Level.COUNTY, Level.TOWN)
        )
        self.order_fields(self.field_order)


class StudyForm(forms.Form):
    """What a unit studied in a month."""

    topic = forms.CharField(label=_("Topic"), max_length=200)
    held_on = DayField(label=_("Held on"), help_text=_("Its month is the month of the topic"))
    speaker = forms.CharField(label=_("Speaker"), max_length=60, required=False)
    people = forms.IntegerField(label=_("People present"), min_value=1, max_value=30000)
    notes = forms.CharField(
        label=_("Notes"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4})
    )
    file = AttachmentField()


class ChangeStudyForm(StudyForm):
    """Correct a study topic; its month and file stay."""

    held_on = None  # type: ignore[assignment]
    file = None  # type: ignore[assignment]


class ServiceForm(forms.Form):
    """A village's adviser or officer."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ServiceKind, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Person's name"), max_length=60)
    employer = forms.CharField(
        label=_("Law firm or police station"), max_length=100, required=False
    )
    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False, help_text=_("Empty = until further notice"))
    field_order = ("region", "kind")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(label=_("Village"), stem=stem, levels=(Level.VILLAGE,))
        self.order_fields(self.field_order)


class StreetForm(forms.Form):
    """A responsibility street."""

    name = forms.CharField(label=_("Name"), max_length=60)
    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False, help_text=_("Empty = until further notice"))
    field_order = ("name", "region", "unit")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(label=_("Region"), stem=stem)
        self.fields["unit"] = UnitField(label=_("Responsible unit"), stem=stem)
        self.order_fields(self.field_order)


class CampaignTypeForm(forms.Form):
    """A type of campaign."""

    name = forms.CharField(label=_("Name"), max_length=40)
    purpose = forms.CharField(label=_("Purpose"), max_length=200, required=False)
    in_use = forms.BooleanField(label=_("In use"), required=False, initial=True)
