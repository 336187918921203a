"""The form of the planner. It is sent by address, so that a plan can be passed on."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.survey import frame_queries
from huiyin.survey.plan_rules import Assumptions, Wanted

METHODS = [
    ("smallest", _("the smallest that gives all wanted precisions")),
    ("proportional", _("in proportion to the people")),
    ("neyman", _("Neyman: best for the whole")),
    ("power", _("power: between the whole and each area")),
    ("equal", _("the same for each area")),
]
KINDS = [("mean", _("score, 0–100")), ("share", _("share of an answer"))]


def _number(label: Any, low: float, high: float, **options: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=low, max_value=high, **options)


class PlanForm(forms.Form):
    city = forms.ModelChoiceField(
        frame_queries.cities(), label=pgettext_lazy("of a frame", "City"), to_field_name="code"
    )
    strata = forms.ChoiceField(
        label=_("Shared out among"), choices=[("county", _("counties")), ("town", _("townships"))]
    )
    method = forms.ChoiceField(label=_("Share out"), choices=METHODS)
    interviews = forms.IntegerField(
        label=_("Interviews in all"), min_value=1, max_value=10_000_000, required=False,
        help_text=_("For every way but the smallest."),
    )  # fmt: skip
    county_width = _number(
        _("± wanted in each county, points"), 0.1, 50, required=False,
        help_text=_("Half the length of the interval."),
    )  # fmt: skip
    town_width = _number(_("± wanted in each township, points"), 0.1, 50, required=False)
    city_width = _number(_("± wanted in the city, points"), 0.1, 50, required=False)
    minimum = forms.IntegerField(label=_("At least in each area"), min_value=0, max_value=10_000)
    kind = forms.ChoiceField(label=_("What is measured"), choices=KINDS)
    share = _number(_("Share expected, percent"), 0.1, 99.9)
    sd = _number(_("Standard deviation of the score, points"), 0.1, 60)
    deff = _number(_("Design effect"), 0.1, 50)
    confidence = _number(_("Confidence, percent"), 50, 99.99)
    response = _number(_("Response rate, percent"), 0.1, 100)
    working = _number(_("Numbers that work, percent"), 0.1, 100)
    eligible = _number(_("Eligible persons, percent"), 0.1, 100)
    change = _number(
        _("Change to be told from noise, points"), -50, 50,
        help_text=_("Such as 2.52 points between two rounds."),
    )  # fmt: skip
    spread = _number(
        _("Spread of the counties' true values, points"), 0.1, 30,
        help_text=_("Standard deviation among the counties, from an earlier round."),
    )  # fmt: skip

    #: What the planner begins with.
    START: ClassVar[dict[str, Any]] = {
        "strata": "county", "method": "smallest", "county_width": 3.0, "minimum": 2,
        "kind": "mean", "share": 85, "sd": 22, "deff": 1.5, "confidence": 95, "response": 30,
        "working": 60, "eligible": 85, "change": 2.52, "spread": 3,
    }  # fmt: skip

    def clean_change(self) -> float:
        change: float = self.cleaned_data["change"]
        if not change:
            raise forms.ValidationError(_("No change at all cannot be told from noise."))
        return change

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") == "smallest":
            widths = [data.get(f"{level}_width") for level in ("city", "county", "town")]
            if not any(widths):
                self.add_error("county_width", _("Say how precise at least one level is to be."))
        elif not data.get("interviews") and "interviews" not in self.errors:
            self.add_error("interviews", _("Say how many interviews are to be shared out."))
        return data

    def wanted(self) -> Wanted:
        """What the plan is to give."""
        data = self.cleaned_data
        towns = data["strata"] == "town"
        return Wanted(
            data["method"], data["interviews"], data["city_width"], data["county_width"],
            data["town_width"] if towns else None, data["minimum"], data["change"],
        )  # fmt: skip

    def assumptions(self) -> Assumptions:
        """What is taken for granted."""
        data = self.cleaned_data
        return Assumptions(
            data["kind"], data["share"], data["sd"], data["deff"], data["confidence"] / 100,
            data["response"], data["working"], data["eligible"],
        )  # fmt: skip
