"""The room's forms. What is wrong with an act is told beside the field that the problem names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.problems import Problem
from huiyin.territory import rules

T = TypeVar("T")


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """One or several files."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(Files, self).clean(each, initial) for each in given or [None]]


class Day(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


def done(form: forms.Form, act: Callable[[], T]) -> T | None:
    """What an act gives; None, with the problem in the form, if it was refused."""
    try:
        return act()
    except Problem as wrong:
        field = wrong.place if wrong.place in form.fields else None
        form.add_error(field, wrong.message if field or not wrong.place else str(wrong))
        return None


class AddForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("2 to 12 digits; 15 for a grid.")
    )
    name = forms.CharField(label=_("Name"), max_length=rules.LONGEST_NAME)
    urban_rural = forms.ChoiceField(
        label=_("Urban–rural class"),
        required=False,
        choices=[("", _("not known")), *rules.URBAN_RURAL_TITLES.items()],
    )
    since = Day(label=_("Valid from"), required=False, help_text=_("Empty = always."))


class RenameForm(forms.Form):
    name = forms.CharField(label=_("New name"), max_length=rules.LONGEST_NAME)
    on = Day(label=_("Valid from"), help_text=_("The first day of the new name."))


class EndForm(forms.Form):
    on = Day(label=_("Ends on"), help_text=_("The first day on which it no longer holds."))


class SucceedForm(forms.Form):
    successors = forms.CharField(
        label=_("What follows it"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One per line: code, space, name. One new code: the region goes on under it, with all"
            " that lies below. The code of another region: it is merged into that one. Several"
            " codes: it is split."
        ),
    )
    on = Day(label=_("Valid from"), help_text=_("The first day of what follows."))

    def lines(self) -> list[tuple[str, str]]:
        """Code and name of each successor."""
        lines = [line.strip() for line in self.cleaned_data["successors"].splitlines()]
        parts = [line.replace("\u3000", " ").partition(" ") for line in lines if line]
        return [(code, name.strip()) for code, _space, name in parts]


class HandInForm(forms.Form):
    file = Files(
        label=_("Files"),
        help_text=_(
            "CSV (UTF-8 or GBK) or Excel with columns 代码 and 名称; several in one go."
            " May also have: 上级代码, 级别, 城乡分类代码, 原代码, 生效日期."
        ),
    )
    on = Day(
        label=_("Changes hold from"),
        help_text=_("For new names and codes in rows that do not say themselves."),
    )


class MapForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Such as: counties of 安和市, 2023.")
    )
    region = forms.CharField(
        label=_("Map of"), max_length=20, required=False,
        help_text=_("Code of the region whose parts it shows; empty = nothing in particular."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("GeoJSON file"),
        help_text=_("Areas in longitude and latitude (WGS 84), at most 20 MB."),
    )
    code_property = forms.CharField(
        label=_("Property with the division code"), max_length=60, required=False,
        help_text=_("Empty = adcode, code and the like are tried."),
    )  # fmt: skip
