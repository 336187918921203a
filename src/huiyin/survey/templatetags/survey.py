"""Tags of the survey's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from huiyin.audit.acts import may
from huiyin.survey.parts import PARTS

register = template.Library()


@register.inclusion_tag("survey/tabs.html", takes_context=True)
def survey_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The parts of the room that the actor may open, the current one marked."""
    request = context["request"]
    tabs = [
        {"title": part.title, "url": reverse(f"survey:{part.url_name}"), "name": part.url_name}
        for part in PARTS
        if may(request.actor, part.act)
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {"tabs": [{**tab, "current": tab["name"] == here} for tab in tabs]}
