"""Tags of the organisation's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.organisation import acts

register = template.Library()

#: The pages between which one goes to and fro: address, title, act.
PAGES = (
    ("units", _("Units"), acts.SEE_UNITS),
    ("tree", _("By superior"), acts.SEE_UNITS),
    ("readiness", _("Readiness"), acts.SEE_READINESS),
    ("posts", _("Posts"), acts.SEE_UNITS),
    ("pairings", _("Leaders and regions"), acts.SEE_UNITS),
    ("engagements", _("In person"), acts.SEE_GROUPS),
    ("groups", _("Groups"), acts.SEE_GROUPS),
    ("templates", _("Templates"), acts.SEE_GROUPS),
    ("meetings", _("Meetings"), acts.SEE_GROUPS),
    ("decisions", _("Decisions"), acts.SEE_GROUPS),
    ("study", _("Study topics"), acts.SEE_GROUPS),
    ("coverage", _("Coverage"), acts.SEE_COVERAGE),
    ("streets", _("Streets"), acts.SEE_COVERAGE),
    ("campaign_types", _("Campaign types"), acts.SEE_GROUPS),
)


@register.inclusion_tag("organisation/tabs.html", takes_context=True)
def organisation_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The room's pages that the actor may open, the current one marked."""
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "tabs": [
            {"title": title, "url": reverse(f"organisation:{name}"), "current": name == here}
            for name, title, act in PAGES
            if may(request.actor, act)
        ]
    }
