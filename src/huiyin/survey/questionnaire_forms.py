"""Forms of the questionnaire pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.forms.fields import RegionField
from huiyin.problems import Problem
from huiyin.survey.questionnaire_walk import MOST_SEED
from huiyin.territory.rules import Level

T = TypeVar("T")


def done(form: forms.Form, act: Callable[[], T]) -> T | None:
    """What an act gives; None, with the problem beside its field, if it was refused."""
    try:
        return act()
    except Problem as wrong:
        form.add_error(wrong.place if wrong.place in form.fields else None, wrong.message)
        return None


class QuestionnaireForm(forms.Form):
    """Name and note of a questionnaire."""

    name = forms.CharField(label=_("Name"), max_length=100)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class VersionForm(forms.Form):
    """A workbook to be checked and, if nothing is wrong, taken as the next version."""

    file = forms.FileField(
        label=_("Workbook"),
        help_text=_(
            "Excel (.xlsx) with the sheets survey, choices and settings, written as XLSForm."
        ),
    )
    note = forms.CharField(
        label=_("What changed"), required=False, max_length=300,
        help_text=_("For those who later compare versions."),
    )  # fmt: skip


class InstrumentForm(QuestionnaireForm):
    """A questionnaire made of modules of the standard instrument."""

    region = RegionField(label=_("Region"), levels=(Level.CITY,))
    resident_months = forms.ChoiceField(
        label=_("Months of residence"), choices=[("6", _("6 months")), ("12", _("12 months"))],
        help_text=_("Whoever has lived there for a shorter time is not asked."),
    )  # fmt: skip
    modules = forms.MultipleChoiceField(
        label=_("Modules"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that every questionnaire needs are always taken along."),
    )  # fmt: skip
    field_order = ("name", "region", "resident_months", "modules", "note")

    def __init__(
        self, *args: Any, modules: Iterable[tuple[str, str]], **options: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.fields["modules"].choices = list(modules)  # type: ignore[attr-defined]
        self.fields["note"].widget.attrs["rows"] = 2


class WalkForm(forms.Form):
    """How a walk-through begins."""

    language = forms.ChoiceField(label=_("Language"))
    seed = forms.IntegerField(
        label=_("Seed"), required=False, min_value=0, max_value=MOST_SEED,
        help_text=_("Of everything random; the same seed gives the same orders and halves again."),
    )  # fmt: skip

    def __init__(self, *args: Any, languages: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["language"].choices = list(languages)  # type: ignore[attr-defined]


class CompareForm(forms.Form):
    """Two versions to be compared."""

    older = forms.ChoiceField(label=_("Older version"))
    newer = forms.ChoiceField(label=_("Newer version"))

    def __init__(self, *args: Any, versions: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.choices = list(versions)  # type: ignore[attr-defined]
