"""From a Vega-Lite definition to SVG and PNG, with nothing fetched and the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from huiyin.measure.bulletin.fonts import packaged_folder

IDENTIFIER = re.compile(r'\bid="([^"]+)"')


def svg(specification: Mapping[str, Any], name: str) -> str:
    """The chart as SVG; ``name`` keeps its inner references apart from those of other charts.

    The renderer numbers clip paths by how many charts it has drawn before, so they are counted
    anew here: the same chart is the same text.
    """
    drawn: str = _renderer().vegalite_to_svg(dict(specification), vl_version=_version())
    for number, found in enumerate(dict.fromkeys(IDENTIFIER.findall(drawn))):
        drawn = drawn.replace(f'id="{found}"', f'id="{name}-{number}"')
        drawn = drawn.replace(f"url(#{found})", f"url(#{name}-{number})")
        drawn = drawn.replace(f'href="#{found}"', f'href="#{name}-{number}"')
    return drawn


def png(specification: Mapping[str, Any], scale: float = 2.5) -> bytes:
    """The chart as a picture."""
    picture: bytes = _renderer().vegalite_to_png(
        dict(specification), vl_version=_version(), scale=scale
    )
    return picture


@lru_cache(maxsize=1)
def _renderer() -> Any:
    import vl_convert

    folder = packaged_folder()
    if folder is not None:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


@lru_cache(maxsize=1)
def _version() -> str:
    """The Vega-Lite that Altair writes for."""
    import altair

    return ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
