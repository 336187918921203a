"""Fields that name a region, a unit or a group by words, with a list to choose from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.models import Account, Group, Unit
from huiyin.problems import (
    REGION_AMBIGUOUS,
    REGION_UNKNOWN,
    UNIT_AMBIGUOUS,
    UNIT_UNKNOWN,
    Problem,
)
from huiyin.territory.models import Region
from huiyin.territory.rules import Level

#: A list of suggestions is never longer than this; any other name can still be typed.
SUGGESTED = 300
#: Between a unit's name and its region's.
DOT = " · "


class Suggesting(forms.TextInput):
    """A text box with suggestions."""

    def __init__(self, suggest: Callable[[], Iterable[str]], attrs: Any = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.suggest = suggest

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = f"{(attrs or {}).get('id') or name}_list"
        box = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}">', ((each,) for each in self.suggest()))
        return format_html('{}<datalist id="{}">{}</datalist>', box, key, options)


class NamedField(forms.CharField):
    """A stored thing, named by what :meth:`label` says of it."""

    def __init__(self, *, stem: str = "", **options: Any) -> None:
        self.stem = stem
        super().__init__(max_length=200, widget=Suggesting(self.suggest), **options)

    def label_of(self, thing: Any) -> str:
        raise NotImplementedError

    def find(self, text: str) -> Model:
        raise NotImplementedError

    def suggest(self) -> Iterable[str]:
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        return self.label_of(value) if isinstance(value, Model) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.find(text)
        except Problem as wrong:
            raise ValidationError(wrong.message) from wrong

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


def find_region(text: str) -> Region:
    """The region that holds now and has a code or a name.

    Raises:
        Problem: ``region-unknown``; ``region-ambiguous``.
    """
    living = Region.objects.filter(valid_until=None)
    code = re.search(r"\d{12,15}", text)
    if code:
        found = list(living.filter(code=code[0])[:1])
    else:
        found = list(living.filter(name=text.strip()).order_by("level", "code")[:6])
    if not found:
        raise REGION_UNKNOWN(value=text)
    if len(found) > 1:
        raise REGION_AMBIGUOUS(value=text, codes="、".join(each.code for each in found))
    return found[0]


class RegionField(NamedField):
    """A region, by code or name.

    Args:
        stem: suggest regions below this one.
        levels: suggest regions of these levels.
    """

    def __init__(
        self, *, levels: Iterable[int] = (Level.CITY, Level.COUNTY, Level.TOWN), **options: Any
    ) -> None:
        self.levels = tuple(levels)
        super().__init__(help_text=_("Name, or 12-digit code"), **options)

    def label_of(self, thing: Region) -> str:
        return f"{thing.name} {thing.code}"

    def find(self, text: str) -> Region:
        return find_region(text)

    def suggest(self) -> Iterable[str]:
        near = Region.objects.filter(
            valid_until=None, code__startswith=self.stem, level__in=self.levels
        )
        return [self.label_of(each) for each in near.order_by("level", "code")[:SUGGESTED]]


def unit_label(unit: Unit) -> str:
    """A unit's name with its region's."""
    return f"{unit.name}{DOT}{unit.region.name}"


def find_unit(text: str) -> Unit:
    """The unit with a name or short name, where needed with its region's name behind a dot.

    Raises:
        Problem: ``unit-unknown``; ``unit-ambiguous``.
    """
    name, _dot, region = (part.strip() for part in text.partition("·"))
    units = Unit.objects.select_related("region").filter(Q(name=name) | Q(short_name=name))
    if region:
        units = units.filter(region__name=region)
    found = list(units[:6])
    if not found:
        raise UNIT_UNKNOWN(value=text)
    if len(found) > 1:
        raise UNIT_AMBIGUOUS(value=text, choices="、".join(map(unit_label, found)))
    return found[0]


class UnitField(NamedField):
    """A unit, by name."""

    def label_of(self, thing: Unit) -> str:
        return unit_label(thing)

    def find(self, text: str) -> Unit:
        return find_unit(text)

    def suggest(self) -> Iterable[str]:
        near = Unit.objects.select_related("region").filter(region__code__startswith=self.stem)
        return [unit_label(unit) for unit in near.order_by("region__code", "pk")[:SUGGESTED]]


class UnitsField(forms.CharField):
    """Several units, one a line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("One unit a line, by name"))
        super().__init__(max_length=8000, widget=forms.Textarea({"rows": 4}), **options)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return "\n".join(unit_label(unit) for unit in value)

    def clean(self, value: Any) -> Any:
        wrong: list[str] = []
        units: dict[int, Unit] = {}
        for line in filter(None, map(str.strip, re.split(r"[\n、，,;；]", super().clean(value)))):
            try:
                unit = find_unit(line)
            except Problem as problem:
                wrong.append(problem.message)
            else:
                units[unit.pk] = unit
        if wrong:
            raise ValidationError(wrong)
        return list(units.values())


class GroupField(NamedField):
    """A group, by name."""

    def label_of(self, thing: Group) -> str:
        return f"{thing.name}{DOT}{thing.region.name}"

    def find(self, text: str) -> Group:
        name, _dot, region = (part.strip() for part in text.partition("·"))
        groups = Group.objects.select_related("region").filter(name=name)
        found = list(groups.filter(region__name=region) if region else groups)
        if len(found) != 1:
            raise ValidationError(
                _("No group, or more than one, is called so. Choose one of the list.")
            )
        return found[0]

    def suggest(self) -> Iterable[str]:
        near = Group.objects.select_related("region").filter(region__code__startswith=self.stem)
        return [self.label_of(group) for group in near.order_by("region__code", "pk")[:SUGGESTED]]


class AccountField(NamedField):
    """An account, by sign-in name."""

    def label_of(self, thing: Account) -> str:
        return thing.username

    def find(self, text: str) -> Account:
        found = Account.objects.filter(username__iexact=text).first()
        if found is None:
            raise ValidationError(_("No account has this sign-in name. Leave it empty, or add it."))
        return found

    def suggest(self) -> Iterable[str]:
        return ()


class DayField(forms.DateField):
    """A day, with the browser's calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            widget=widget, input_formats=("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"), **options
        )


#: What can be attached.
ATTACHED = ("pdf", "docx", "xlsx", "png", "jpeg")


class AttachmentField(forms.FileField):
    """A document to attach; its content is checked when it is stored."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("File"))
        super().__init__(
            required=False, help_text=_("PDF, Word, Excel or picture, up to 20 MB"), **options
        )
