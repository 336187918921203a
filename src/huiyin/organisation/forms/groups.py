"""Forms of groups, meetings and decisions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.forms.fields import (
    AttachmentField,
    DayField,
    GroupField,
    RegionField,
    UnitField,
    UnitsField,
)
from huiyin.organisation.models import Duty, Group, GroupKind, MeetingKind, Street

LONG = {"rows": 8}


class GroupForm(forms.Form):
    """A group."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=GroupKind)
    duties = forms.MultipleChoiceField(
        label=_("Duties"), choices=Duty, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Guide: charter and commitment. Coordinate: meetings. Advance: decisions. "
                    "Urge: reports that they are done. Assess: readiness of its units."),
    )  # fmt: skip
    founded_on = DayField(label=_("Founded on"), required=False)
    dissolved_on = DayField(label=_("Dissolved on"), required=False)
    field_order = ("name", "kind", "region", "superior", "lead_unit")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(label=_("Region"), stem=stem)
        self.fields["superior"] = GroupField(label=_("Superior group"), required=False, stem=stem)
        self.fields["lead_unit"] = UnitField(label=_("Lead unit"), required=False, stem=stem)
        self.order_fields(self.field_order)


class MemberForm(forms.Form):
    """A member unit of a group."""

    responsibility = forms.CharField(
        label=_("Responsibility"), max_length=1000, required=False,
        widget=forms.Textarea({"rows": 4}), help_text=_("What the unit does in this group"),
    )  # fmt: skip
    field_order = ("unit",)

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["unit"] = UnitField(label=_("Unit"), stem=stem)
        self.order_fields(self.field_order)


class _Document(forms.Form):
    """A text, a file, or both."""

    text = forms.CharField(
        label=_("Text"), max_length=20000, required=False, widget=forms.Textarea(LONG)
    )
    file = AttachmentField()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("text") and not values.get("file") and not self.errors:
            self.add_error("text", _("Write the text, or attach it as a file."))
        return values


class CharterForm(_Document):
    """A new edition of a charter."""

    adopted_on = DayField(label=_("Adopted on"))
    field_order = ("adopted_on",)


class CommitmentForm(_Document):
    """What the head of a group signed."""

    signed_by = forms.CharField(label=_("Signed by"), max_length=60)
    title = forms.CharField(label=_("Post"), max_length=60, required=False)
    signed_on = DayField(label=_("Signed on"))
    field_order = ("signed_by", "title", "signed_on")


class MeetingForm(forms.Form):
    """A meeting that was held."""

    kind = forms.ChoiceField(label=_("Kind"), choices=MeetingKind)
    number = forms.IntegerField(
        label=_("Number"), min_value=1, max_value=9999, required=False,
        help_text=_("Leave empty: it follows the last one. Only the first that is entered may "
                    "start at another number."),
    )  # fmt: skip
    held_on = DayField(label=_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=100, required=False)
    chair = forms.CharField(label=_("Chair"), max_length=60)
    attendees = forms.CharField(
        label=_("Attendees"), max_length=4000, widget=forms.Textarea({"rows": 4}),
        help_text=_("Names, one a line or parted by 、"),
    )  # fmt: skip
    units = UnitsField(label=_("Units present"), required=False)
    streets = forms.ModelMultipleChoiceField(
        label=_("Responsibility streets"), queryset=Street.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    minutes = forms.CharField(
        label=_("Minutes"), max_length=40000, required=False, widget=forms.Textarea(LONG)
    )
    file = AttachmentField()

    def __init__(self, *args: Any, group: Group, **options: Any) -> None:
        super().__init__(*args, **options)
        streets = Street.objects.filter(region__code__startswith=group.region.stem)
        if streets.exists():
            self.fields["streets"].queryset = streets  # type: ignore[attr-defined]
        else:
            del self.fields["streets"]


class MinutesForm(forms.Form):
    """A meeting's minutes."""

    minutes = forms.CharField(label=_("Minutes"), max_length=40000, widget=forms.Textarea(LONG))
    file = AttachmentField()


class DecisionForm(forms.Form):
    """What a meeting decided."""

    text = forms.CharField(label=_("Decision"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    due_on = DayField(label=_("Due on"))
    field_order = ("text", "lead_unit", "member_units", "due_on")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["lead_unit"] = UnitField(label=_("Lead unit"), stem=stem)
        self.fields["member_units"] = UnitsField(label=_("Member units"), required=False)
        self.order_fields(self.field_order)


class CloseForm(forms.Form):
    """What came of a decision."""

    done_on = DayField(label=_("Done on"))
    outcome = forms.CharField(
        label=_("Outcome"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
