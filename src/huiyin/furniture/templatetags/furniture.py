"""Template tags of the furniture; every template has them without loading anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.forms.widgets import DateTimeBaseInput
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from huiyin.audit.acts import ACTS
from huiyin.audit.models import Event
from huiyin.furniture.telling import Change, changes_of

register = template.Library()

#: What a badge may mean; each has a shape of its own beside its colour.
TONES = ("neutral", "good", "near", "due", "overdue", "info")
#: How values stand in the date and time controls of HTML, whatever the language of the page.
MACHINE_FORMATS = {"date": "%Y-%m-%d", "datetime-local": "%Y-%m-%dT%H:%M", "time": "%H:%M"}


@register.simple_tag
def badge(text: str | Promise, tone: str = "neutral") -> SafeString:
    """A word that says a state, with the shape and colour of its tone.

    Raises:
        TemplateSyntaxError: the tone is none of :data:`TONES`.
    """
    tone = tone or "neutral"
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"a badge takes one of {TONES}, not {tone!r}")
    return render_to_string("furniture/badge.html", {"text": text, "tone": tone})


@register.simple_tag
def progress(percent: float | None, label: str | Promise) -> SafeString:
    """A bar of 0 to 100 per cent with its words; what is outside is drawn at the end of the bar."""
    whole = round(min(max(percent or 0, 0), 100))
    return render_to_string("furniture/progress.html", {"percent": whole, "label": label})


@register.simple_tag
def facts(pairs: Iterable[tuple[str | Promise, Any]]) -> SafeString:
    """Names and values of one thing; what has no value is shown as a dash."""
    return render_to_string("furniture/facts.html", {"pairs": list(pairs)})


@register.simple_tag
def crumb(title: str | Promise, url: str = "") -> SafeString:
    """One step of the way to this page, for the block ``breadcrumbs``."""
    return render_to_string("furniture/crumb.html", {"title": title, "url": url})


@register.simple_tag
def chart(specification: dict[str, Any], alt: str | Promise) -> SafeString:
    """A Vega-Lite definition drawn as SVG, with the figures behind it as a table."""
    from huiyin.furniture.charts import figures, svg  # the renderer is heavy; few pages draw

    table = figures(specification)
    drawn = svg(specification, str(alt))
    return render_to_string("furniture/chart.html", {"svg": drawn, "table": table, "alt": alt})


@register.filter
def control_kind(field: BoundField) -> str:
    """How a field is laid out: ``group`` of choices, ``tick`` box, or ``plain``."""
    if field.use_fieldset:
        return "group"
    return "tick" if isinstance(field.field.widget, CheckboxInput) else "plain"


@register.filter
def control(field: BoundField) -> SafeString:
    """The control of a field; a date picker gets its date as HTML wants it, in every language."""
    widget = field.field.widget
    if isinstance(widget, DateTimeBaseInput) and widget.format is None:
        widget.format = MACHINE_FORMATS.get(widget.input_type)
    return field.as_widget()


@register.filter
def first_control(field: BoundField) -> str:
    """The id to which the summary of errors leads: the field's first control."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def act_title(name: str) -> str | Promise:
    """What a person calls an act that an event names."""
    return ACTS[name].title if name in ACTS else name


@register.filter
def changes(event: Event) -> list[Change]:
    """What an event changed, value by value, in the words of the thing that it changed."""
    return changes_of(event)
