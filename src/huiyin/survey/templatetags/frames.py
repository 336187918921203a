"""How counts are printed on the pages of frames, samples and the planner."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def thousands(count: int | None) -> str:
    """A count in groups of three, as lists and exports have it: Django's Chinese groups by four."""
    return "" if count is None else f"{count:,}"
