"""The list of events, fast on a million of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import ACTS, EXPORT_EVENTS
from huiyin.audit.models import Bigrams, Event
from huiyin.furniture.tables import (
    Choice,
    Column,
    DateRange,
    Empty,
    RegionFilter,
    Search,
    Table,
)
from huiyin.furniture.tables.filters import text_of


@dataclass(frozen=True)
class Exactly(Search):
    """A value that is known whole, so that an index finds it: a sign-in name, an address, a key."""

    field: str = ""

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        value = text_of(asked, self.name)
        return rows.filter(**{self.field: value}) if value else rows


class Holds(Func):
    """``pairs @> pairs``: every element of the second is in the first."""

    template = "%(expressions)s"
    arg_joiner = " @> "
    arity = 2
    output_field = BooleanField()


@dataclass(frozen=True)
class InLabel(Search):
    """Every word stands somewhere in the object's name, found by its pairs of letters."""

    def narrow(self, rows: QuerySet[Any], asked: QueryDict, request: HttpRequest) -> QuerySet[Any]:
        for word in text_of(asked, self.name).split():
            rows = rows.filter(label__icontains=word)
            if len(word) > 1:
                rows = rows.filter(Holds(Bigrams(F("label")), Bigrams(Value(word))))
        return rows


def kinds() -> list[tuple[str, str]]:
    """What events are about, by what a person calls it."""
    models = [model for model in apps.get_models() if model.__module__.startswith("huiyin.")]
    named = [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models]
    return sorted(named, key=lambda pair: pair[1])


def act_names() -> list[tuple[str, str]]:
    """Acts that leave events."""
    return sorted((act.name, f"{act.title} ({act.name})") for act in ACTS.values())


def title_of_act(name: str) -> str:
    """What a person calls an act; its name, where the act is no more."""
    return str(ACTS[name].title) if name in ACTS else name


def title_of_kind(kind: str) -> str:
    """What a person calls a kind of object; its label, where there is no such model."""
    try:
        return capfirst(str(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind


def to_the_second(event: Event) -> str:
    return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"


def address_of(event: Event) -> str:
    return reverse("audit:event", args=[event.pk])


class EventTable(Table):
    """Everything that was done, the latest first."""

    name = "audit-events"
    title = _("Audit")
    columns = (
        Column(
            "at",
            _("When"),
            field="at",
            value=to_the_second,
            export=lambda event: event.at,
            link=address_of,
        ),
        Column("actor_name", _("Who"), value=lambda event: event.actor_name or "—"),
        Column("act", _("Act"), value=lambda event: title_of_act(event.act)),
        Column("kind", _("Kind of object"), value=lambda event: title_of_kind(event.kind)),
        Column("label", _("Object")),
        Column("region", _("Region")),
        Column("address", _("From"), shown=False),
        Column("key", _("Key"), shown=False),
        Column("act_name", _("Act in the log"), value=lambda event: event.act, shown=False),
        Column("id", _("Event"), numeric=True, grouped=False, shown=False),
        Column("lane", _("Lane"), numeric=True, shown=False),
        Column("number", _("Number in the lane"), numeric=True, shown=False),
        Column("hash", _("Hash"), shown=False),
    )
    filters = (
        InLabel("q", _("Words in the object's name")),
        Exactly("who", _("Sign-in name"), field="actor_name"),
        Choice("act", _("Act"), field="act", choices=act_names),
        DateRange("at", _("When"), field="at"),
        RegionFilter("region", _("Region code"), field="region"),
        Choice("kind", _("Kind of object"), field="kind", choices=kinds),
        Exactly("key", _("Key"), field="key"),
        Exactly("address", _("From (address)"), field="address"),
    )
    order = ("-at", "-id")
    empty = Empty(
        _("Nothing has been done yet"),
        _("Every act that changes something is recorded here by itself."),
    )
    export_act = EXPORT_EVENTS

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Event.objects.defer("before", "after", "previous")
