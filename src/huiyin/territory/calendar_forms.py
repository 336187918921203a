"""The form of a day of the calendar."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.territory.calendar_models import DayKind
from huiyin.territory.forms import Day


class DayForm(forms.Form):
    date = Day(label=_("Day"))
    kind = forms.ChoiceField(label=_("Kind"), choices=DayKind.choices)
    name = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("The holiday, or that for which it is worked.")
    )
    source = forms.CharField(
        label=_("Source"), max_length=200,
        help_text=_("The State Council's notice, such as 国办发明电〔2025〕7号."),
    )  # fmt: skip
