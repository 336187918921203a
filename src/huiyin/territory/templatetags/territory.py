"""Maps in templates of other rooms: ``{% load territory %}{% region_map regions values %}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.safestring import SafeString

from huiyin.territory.maps import drawing
from huiyin.territory.models import Region
from huiyin.territory.queries import full_name as _full_name

register = template.Library()


@register.simple_tag
def region_map(
    regions: Sequence[Region], values: Mapping[str, float | None] | None = None, title: str = ""
) -> SafeString:
    """Regions as a map, or as tiles; see :func:`huiyin.territory.maps.drawing.region_map`.

    The page that draws one loads ``territory/territory.css``.
    """
    return drawing.region_map(list(regions), values, title=title)


@register.filter
def full_name(region: Region) -> str:
    """The name with those of all above."""
    return _full_name(region)
