"""Forms of samples."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huiyin.survey.models import NumberList, Round, SegmentKind, SegmentTable
from huiyin.survey.sample_actions import OPEN
from huiyin.survey.sample_queries import Wish

#: More numbers than this are no sample of a city's round.
MOST = 2_000_000
LARGEST_SEED = 2**63 - 1


class DrawForm(forms.Form):
    """What is to be drawn, and for which round."""

    round = forms.ModelChoiceField(Round.objects.none(), label=_("Round"))
    table = forms.ModelChoiceField(
        SegmentTable.objects.order_by("-as_of", "-pk"), label=_("Segment table"), required=False,
        help_text=_("From which mobile numbers are drawn."),
    )  # fmt: skip
    mobile = forms.IntegerField(
        label=_("Mobile numbers"), min_value=0, max_value=MOST, required=False,
        help_text=_("The planner says how many must be dialled for the interviews wanted."),
    )  # fmt: skip
    virtual = forms.BooleanField(label=_("Also of virtual operators"), required=False)
    by = forms.ChoiceField(
        label=_("Shared out among the carriers by"),
        choices=[("numbers", _("numbers in the frame")), ("users", _("users they reported"))],
        widget=forms.RadioSelect, initial="numbers",
    )  # fmt: skip
    landline = forms.IntegerField(
        label=_("Landline numbers"), min_value=0, max_value=MOST, required=False
    )
    listed = forms.ModelChoiceField(
        NumberList.objects.order_by("-pk"), label=_("Or from a list"), required=False
    )
    listed_wanted = forms.IntegerField(
        label=_("Numbers from the list"), min_value=0, max_value=MOST, required=False
    )
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=LARGEST_SEED, required=False,
        help_text=_("Empty = one is made and recorded. The same seed draws the same numbers."),
    )  # fmt: skip

    def __init__(self, *args: Any, rounds: QuerySet[Round], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["round"].queryset = rounds.filter(status__in=OPEN)  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        """What the form asks for."""
        data = self.cleaned_data
        kinds = (SegmentKind.MOBILE.value,)
        return Wish(
            table=data["table"],
            kinds=(*kinds, SegmentKind.VIRTUAL.value) if data["virtual"] else kinds,
            mobile=data["mobile"] or 0,
            landline=data["landline"] or 0,
            listed=data["listed"],
            listed_wanted=data["listed_wanted"] or 0,
            by=data["by"],
        )


class LookUpForm(forms.Form):
    number = forms.CharField(
        label=_("Number"), max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
        help_text=_("For a resident who asks why he was called. It is not kept; the look is."),
    )  # fmt: skip
