"""Forms of units, posts and pairings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.forms.fields import AccountField, DayField, RegionField, UnitField
from huiyin.organisation.models import Deed, PostKind, UnitKind
from huiyin.territory.rules import Level

JUDGED = (("", _("As the kind says")), ("yes", _("Yes")), ("no", _("No")))


class UnitForm(forms.Form):
    """A unit."""

    name = forms.CharField(label=_("Name"), max_length=100)
    short_name = forms.CharField(label=_("Short name"), max_length=40, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind)
    judged = forms.ChoiceField(
        label=_("Judged by survey results"), choices=JUDGED, required=False,
        help_text=_("Members of a judged unit never see samples, interviews or unpublished "
                    "results. Offices and survey centres are not judged; all others are."),
    )  # fmt: skip
    valid_from = DayField(label=_("Valid from"), required=False)
    valid_until = DayField(label=_("Valid until"), required=False)
    field_order = ("name", "short_name", "kind", "region", "parent")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(label=_("Region"), stem=stem)
        self.fields["parent"] = UnitField(label=_("Superior unit"), required=False, stem=stem)
        self.order_fields(self.field_order)

    def clean_judged(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["judged"])


class BudgetForm(forms.Form):
    """A unit's budget line of a year."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    amount = forms.DecimalField(
        label=_("Amount (yuan)"), min_value=0.01, max_digits=14, decimal_places=2
    )  # fmt: skip
    source = forms.CharField(
        label=_("Budget item"), max_length=100, required=False,
        help_text=_("As it stands in the budget, such as 平安建设专项经费"),
    )  # fmt: skip


class PostForm(forms.Form):
    """A post."""

    title = forms.CharField(
        label=_("Title"), max_length=60, help_text=_("The post, not the person: 局长, 联络员")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=PostKind)
    order = forms.IntegerField(
        label=_("Order"), min_value=0, max_value=999, initial=0, help_text=_("Small numbers first")
    )


class AppointForm(forms.Form):
    """Who takes a post."""

    name = forms.CharField(label=_("Person's name"), max_length=60)
    account = AccountField(
        label=_("Account"), required=False, help_text=_("Sign-in name, if the person has one")
    )
    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False, help_text=_("Empty = until further notice"))
    succeeds = forms.BooleanField(
        label=_("Whoever holds the post now ends on the day before"), required=False, initial=True
    )


class EndForm(forms.Form):
    """The last day of something."""

    until = DayField(label=_("Last day"))


class PairForm(forms.Form):
    """The region that a post answers for."""

    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False, help_text=_("Empty = until further notice"))
    field_order = ("region",)

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        levels = (Level.COUNTY, Level.TOWN, Level.VILLAGE)
        self.fields["region"] = RegionField(label=_("Region"), stem=stem, levels=levels)
        self.order_fields(self.field_order)


class EngagementForm(forms.Form):
    """What a leader did in person."""

    deed = forms.ChoiceField(
        label=_("What was done in person"), choices=Deed, widget=forms.RadioSelect
    )
    done_on = DayField(label=_("Day"))
    account_of_it = forms.CharField(
        label=_("What happened"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    field_order = ("deed", "done_on", "region")

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"] = RegionField(label=_("Region"), required=False, stem=stem)
        self.order_fields(self.field_order)
