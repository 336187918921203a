"""Forms of frames and of the do-not-call list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.survey import frame_queries
from huiyin.survey.frame_rules import CARRIERS
from huiyin.territory.models import Region


class Day(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


class SegmentsForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel or CSV with the columns 号段 (7 digits), 省份, 城市, 运营商; 类型 may be"
            " missing: then the first digits tell it."
        ),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Such as: segments of the first half of 2026.")
    )
    origin = forms.CharField(
        label=_("Origin"), max_length=200, help_text=_("Who gave it out, and under which title.")
    )
    as_of = Day(label=_("As of"), help_text=_("The day whose state it gives."))
    city = forms.CharField(
        label=_("Only of the city"), max_length=40, required=False,
        help_text=_("Segments of another city are then findings; empty = of all cities."),
    )  # fmt: skip


class ListForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    origin = forms.CharField(
        label=_("Origin"),
        max_length=200,
        help_text=_("Who gave it out, for what it may serve."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel or CSV with the column 号码; 区划代码 may stand beside it. Numbers are encrypted"
            " on arrival; the file itself is not kept."
        ),
    )
    area_code = forms.RegexField(
        r"^0\d{2,3}$", label=_("Area code"), required=False,
        help_text=_("Of landline numbers that are written without one, such as 0731."),
    )  # fmt: skip
    leave_out = forms.BooleanField(label=_("Leave out rows that cannot be taken"), required=False)


class NeverForm(forms.Form):
    number = forms.CharField(
        label=_("Number"), max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
        help_text=_("It is turned into a hash at once and not kept."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Such as: asked not to be called."),
    )


class NeverFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel or CSV with the column 号码; 原因 may stand beside it. The file is not kept."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For rows that do not say their own.")
    )
    area_code = forms.RegexField(
        r"^0\d{2,3}$", label=_("Area code"), required=False,
        help_text=_("Of landline numbers that are written without one, such as 0731."),
    )  # fmt: skip
    leave_out = forms.BooleanField(label=_("Leave out rows that cannot be taken"), required=False)


class UsersForm(forms.Form):
    """How many users each carrier reported for a city, in persons, not in ten thousands."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for at, carrier in enumerate(CARRIERS):
            self.fields[f"users_{at}"] = forms.IntegerField(
                label=carrier, min_value=0, max_value=500_000_000, required=False,
                help_text=_("Users; 360000, not 36 万") if not at else "",
            )  # fmt: skip
        self.fields["as_of"] = Day(label=_("As of"))
        self.fields["source"] = forms.CharField(label=_("Source"), max_length=200)

    def users(self) -> dict[str, int | None]:
        """Users by carrier."""
        found = self.cleaned_data
        return {carrier: found[f"users_{at}"] for at, carrier in enumerate(CARRIERS)}

    @classmethod
    def known(cls, city: Region) -> dict[str, Any]:
        """What is recorded of a city, to begin with."""
        users = frame_queries.users_of(city)
        counts = {carrier: count for carrier, count, _share in users.rows}
        told = {f"users_{at}": counts.get(carrier) for at, carrier in enumerate(CARRIERS)}
        return {**told, "as_of": users.as_of, "source": users.source}
