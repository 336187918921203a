"""The forms of indicators; how answers count is entered beside each answer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huiyin.survey.indicator_rules import SHARE, Answers, Content, Scored, Weighted
from huiyin.survey.models.indicators import Direction, Scoring


class CodeField(forms.SlugField):
    """The code of an indicator or a composite."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Code"), max_length=40,
            help_text=_("Letters, digits and _, such as safety; the column of the result tables."),
        )  # fmt: skip


class SetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class IndicatorForm(forms.Form):
    """An indicator, with two fields for each answer of its question.

    Args:
        question: what can be answered; codes that the indicator counts besides are shown too, so
            that they can be taken out.
        old: the indicator that is changed.
    """

    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    code = CodeField()
    scoring = forms.ChoiceField(
        label=_("Scoring"), choices=Scoring.choices, widget=forms.RadioSelect, initial=SHARE,
        help_text=_("Of a share an answer counts 1 or 0; of a score 0 to 100."),
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("Direction"), choices=Direction.choices, widget=forms.RadioSelect,
        initial=Direction.HIGHER,
    )  # fmt: skip

    def __init__(
        self, *args: Any, question: Answers, asked: str, old: Scored | None, **options: Any
    ) -> None:
        super().__init__(*args, **{**options, "initial": _initial(asked, old)})
        self.asked, self.codes = asked, _codes(question, old)
        for at, (code, words) in enumerate(self.codes.items()):
            missing = code in (old.missing if old else question.no_answer)
            self.fields[f"count_{at}"] = forms.FloatField(
                label=_("Counts: {answer}").format(answer=words), required=False,
                min_value=0, max_value=100, initial=None if old is None else old.counts.get(code),
                widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
            )  # fmt: skip
            self.fields[f"missing_{at}"] = forms.BooleanField(
                label=_("No answer: {answer}").format(answer=words), required=False, initial=missing
            )

    def facts(self) -> list[forms.BoundField]:
        """The fields that are no answers."""
        return [self[name] for name in self.base_fields]

    def rows(self) -> list[dict[str, Any]]:
        """The answers, each with its two fields."""
        return [
            {"code": code, "words": words, "count": self[f"count_{at}"],
             "missing": self[f"missing_{at}"]}
            for at, (code, words) in enumerate(self.codes.items())
        ]  # fmt: skip

    def wanted(self) -> Scored:
        """What was entered."""
        said = self.cleaned_data
        counted = {code: said.get(f"count_{at}") for at, code in enumerate(self.codes)}
        missing = [code for at, code in enumerate(self.codes) if said.get(f"missing_{at}")]
        return Scored(
            code=said["code"], name=said["name"], name_en=said["name_en"], question=self.asked,
            scoring=said["scoring"], direction=said["direction"], missing=tuple(missing),
            counts={code: value for code, value in counted.items() if value is not None},
        )  # fmt: skip


def _initial(asked: str, old: Scored | None) -> dict[str, Any]:
    if old is None:
        return {"code": asked}
    return {
        "name": old.name, "name_en": old.name_en, "code": old.code, "scoring": old.scoring,
        "direction": old.direction,
    }  # fmt: skip


def _codes(question: Answers, old: Scored | None) -> dict[str, str]:
    known = {**question.choices, **{code: str(said) for code, said in question.no_answer.items()}}
    stored = [*old.counts, *old.missing] if old else []
    return known | {code: code for code in stored if code not in known}


class CompositeForm(forms.Form):
    """A composite, with one field for the weight of each indicator or other composite."""

    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    code = CodeField()
    is_total = forms.BooleanField(
        label=_("Total score of the round"), required=False,
        help_text=_("A set has one; it takes the place of the one before."),
    )  # fmt: skip

    def __init__(self, *args: Any, content: Content, old: Weighted | None, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": _composite_initial(old)})
        own = old.code if old else ""
        self.parts = {code: name for code, name in content.names.items() if code != own}
        self.composites = {each.code for each in content.composites}
        weights: Mapping[str, Decimal] = old.parts if old else {}
        for at, (code, name) in enumerate(self.parts.items()):
            self.fields[f"weight_{at}"] = forms.DecimalField(
                label=_("Weight: {name}").format(name=name), required=False, min_value=0,
                max_value=1, decimal_places=4, initial=_plain(weights.get(code)),
                widget=forms.NumberInput({"step": "0.0001", "inputmode": "decimal"}),
            )  # fmt: skip

    def facts(self) -> list[forms.BoundField]:
        """The fields that are no weights."""
        return [self[name] for name in self.base_fields]

    def rows(self) -> list[dict[str, Any]]:
        """The parts, each with the field of its weight."""
        return [
            {"code": code, "name": name, "weight": self[f"weight_{at}"],
             "composite": code in self.composites}
            for at, (code, name) in enumerate(self.parts.items())
        ]  # fmt: skip

    def weights(self) -> dict[str, Decimal]:
        """The weights that were entered and are above 0."""
        said = self.cleaned_data
        found = {code: said.get(f"weight_{at}") for at, code in enumerate(self.parts)}
        return {code: weight for code, weight in found.items() if weight}

    def wanted(self) -> Weighted:
        """What was entered."""
        said = self.cleaned_data
        return Weighted(
            said["code"], said["name"], self.weights(), said["is_total"], said["name_en"]
        )


def _composite_initial(old: Weighted | None) -> dict[str, Any]:
    if old is None:
        return {}
    return {"name": old.name, "name_en": old.name_en, "code": old.code, "is_total": old.is_total}


def _plain(weight: Decimal | None) -> str | None:
    """A weight without zeros at its end."""
    return None if weight is None else f"{weight.normalize():f}"
