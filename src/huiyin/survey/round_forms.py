"""The forms of rounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.forms.fields import DayField, RegionField
from huiyin.organisation.models import Holding
from huiyin.problems import Problem
from huiyin.survey import round_queries as queries
from huiyin.survey.models import (
    Annual,
    FrameKind,
    Half,
    IndicatorSet,
    Mode,
    Round,
    SegmentTable,
    Series,
    Version,
)
from huiyin.survey.round_hours import DAYS, HOLIDAY, Hours, parse_hours, said
from huiyin.survey.round_rules import LEAST_AGE, RESIDENCE_MONTHS
from huiyin.territory.models import Sex
from huiyin.territory.population_rules import parse_ages


class SeriesChangeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    annual = forms.ChoiceField(
        label=_("Annual result"), choices=Annual.choices, widget=forms.RadioSelect,
        help_text=_("The year's result is made of both halves; say how before one is published."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class SeriesForm(SeriesChangeForm):
    region = RegionField(label=_("Region"))
    field_order = ("name", "region", "annual", "note")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Series.objects.filter(name=name).exists():
            raise ValidationError(_("There is a series of this name already. Open that one."))
        return name


class RoundForm(forms.Form):
    series = forms.ModelChoiceField(
        Series.objects.none(), label=_("Survey series"), empty_label=None
    )
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    half = forms.ChoiceField(label=_("Half"), choices=Half.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, series: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["series"].queryset = series  # type: ignore[attr-defined]


class DatesForm(forms.Form):
    field_from = DayField(label=_("First day of the field"))
    field_until = DayField(label=_("Last day of the field"))
    centre = forms.ModelChoiceField(
        queries.centres().none(), label=_("Survey centre"), required=False,
        help_text=_("Only centres that no result judges are offered."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["centre"].queryset = queries.centres()  # type: ignore[attr-defined]


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A version of a questionnaire, the latest of each first."""

    def label_from_instance(self, obj: Any) -> str:
        said = _("{questionnaire}, version {number} of {day:%Y-%m-%d}, {questions} questions")
        return said.format(
            questionnaire=obj.questionnaire, number=obj.number, day=obj.created_at,
            questions=obj.questions,
        )  # fmt: skip


class ContentForm(forms.Form):
    version = VersionField(
        Version.objects.select_related("questionnaire").order_by("questionnaire__name", "-number"),
        label=_("Questionnaire version"), required=False,
    )  # fmt: skip
    indicators = forms.ModelChoiceField(
        IndicatorSet.objects.order_by("name"), label=_("Indicators"), required=False
    )
    modes = forms.MultipleChoiceField(
        label=_("Modes"), choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )
    least_age = forms.IntegerField(label=_("Age from"), min_value=LEAST_AGE, max_value=120)
    resident_months = forms.TypedChoiceField(
        label=_("Resident for at least"), coerce=int, widget=forms.RadioSelect,
        choices=[(each, _("{months} months").format(months=each)) for each in RESIDENCE_MONTHS],
    )  # fmt: skip


class SampleForm(forms.Form):
    frames = forms.MultipleChoiceField(
        label=_("Frames"), choices=FrameKind.choices, widget=forms.CheckboxSelectMultiple,
        required=False,
    )  # fmt: skip
    table = forms.ModelChoiceField(
        SegmentTable.objects.order_by("-as_of", "-pk"), label=_("Segment table"), required=False,
        help_text=_("The table from which mobile numbers are drawn."),
    )  # fmt: skip
    design = forms.CharField(
        label=_("Sample design"), required=False, max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_(
            "How the sample is drawn, as it is to stand in the report: strata, selection within a"
            " household, precision planned."
        ),
    )  # fmt: skip


class HoursForm(forms.Form):
    """One line for each kind of day."""

    def __init__(self, *args: Any, round: Round, **options: Any) -> None:
        super().__init__(*args, **options)
        kept = queries.hours_of(round)
        for day, title in enumerate(DAYS):
            self.fields[f"day_{day}"] = forms.CharField(
                label=title, required=False, max_length=100,
                initial=said(h for h in kept if h.weekday == day),
                help_text=_("Days off that were announced, whatever their weekday.")
                if day == HOLIDAY else "",
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found: list[Hours] = []
        for day in range(8):
            try:
                found += parse_hours(day, self.cleaned_data.get(f"day_{day}", ""))
            except Problem as wrong:
                self.add_error(f"day_{day}", wrong.message)
        return {**self.cleaned_data, "hours": found}


class StaffForm(forms.Form):
    """Everybody of the centre who is not yet assigned, to tick."""

    people = forms.MultipleChoiceField(
        label=_("People of the survey centre"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, holdings: Iterable[Holding], **options: Any) -> None:
        super().__init__(*args, **options)
        self.holdings = {f"{each.account_id}:{each.role}": each for each in holdings}
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (key, f"{each.get_role_display()}：{each.account} ({each.account.username})")
            for key, each in self.holdings.items()
        ]

    def chosen(self) -> list[Holding]:
        """The roles that were ticked."""
        return [self.holdings[key] for key in self.cleaned_data["people"]]


class QuotaForm(forms.Form):
    region = RegionField(label=_("Region"))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices)
    ages = forms.CharField(
        label=_("Age band"), required=False, max_length=20,
        help_text=_("18-24, 60+; empty = all ages"),
    )  # fmt: skip
    target = forms.IntegerField(
        label=_("Interviews wanted"), min_value=0, max_value=1_000_000,
        help_text=_("0 drops the quota."),
    )  # fmt: skip

    def clean_ages(self) -> tuple[int, int | None]:
        try:
            return parse_ages(self.cleaned_data["ages"])
        except Problem as wrong:
            raise ValidationError(wrong.message) from wrong


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))
