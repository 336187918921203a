"""Charts on a page: a Vega-Lite definition becomes SVG that a strict page may carry.

The same definitions are drawn for PDF and Word; the renderer and its fonts are those of the
bulletins (``huiyin.measure.bulletin.drawing``). Nothing of the drawing may run, load or style:
what is not on the lists below is left out, because values in a definition come from people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from django.utils.safestring import SafeString, mark_safe

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = {
    "svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath",
    "linearGradient", "radialGradient", "stop",
}  # fmt: skip
ATTRIBUTES = {
    "viewBox", "width", "height", "d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "cx", "cy",
    "r", "rx", "ry", "transform", "fill", "fill-opacity", "stroke", "stroke-width",
    "stroke-opacity", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "opacity", "font-family", "font-size",
    "font-weight", "font-style", "text-anchor", "clip-path", "id", "class", "offset",
    "stop-color", "stop-opacity", "gradientUnits",
}  # fmt: skip
#: More lines than this make no table that anybody reads.
MOST_ROWS = 500


class Figures(NamedTuple):
    """The figures behind a chart: names of columns, and rows of values as long as these."""

    columns: list[str]
    rows: list[list[Any]]


def svg(specification: Mapping[str, Any], alt: str) -> SafeString:
    """A Vega-Lite definition as SVG that loads nothing, runs nothing and carries no style.

    Args:
        alt: what the chart says, for those who do not see it; the drawing's title.
    """
    from huiyin.measure.bulletin.drawing import svg as draw

    name = "chart-" + hashlib.sha256(_text(specification).encode()).hexdigest()[:12]
    root = fromstring(draw(specification, name))
    _clean(root)
    title = ElementTree.Element(f"{{{SVG}}}title", {"id": f"{name}-title"})
    title.text = alt
    root.insert(0, title)
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-title"}
    ElementTree.register_namespace("", SVG)
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))


def _text(specification: Mapping[str, Any]) -> str:
    return json.dumps(specification, sort_keys=True, ensure_ascii=False, default=str)


def _clean(element: ElementTree.Element) -> None:
    """Leave out every element and attribute that is not on the lists, to any depth."""
    for key, value in list(element.attrib.items()):
        inner = "url(" not in value or value.startswith("url(#")
        if key not in ATTRIBUTES or not inner:
            del element.attrib[key]
    for child in list(element):
        if str(child.tag).removeprefix(f"{{{SVG}}}") in ELEMENTS:
            _clean(child)
        else:
            element.remove(child)


def figures(specification: Mapping[str, Any]) -> Figures:
    """The figures behind a definition, as a table; the first set of data that it holds.

    Columns are what the chart encodes, named by its titles. Charts that load their data, which a
    page could not draw either, have no rows.
    """
    rows = next(_sets(specification), [])[:MOST_ROWS]
    titles = dict(_titles(specification))
    names = [name for name in titles if any(name in row for row in rows)]
    return Figures(
        [titles[name] for name in names], [[row.get(name, "") for name in names] for row in rows]
    )


def _sets(specification: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Every set of data in a definition, outer ones first, with at least one row of names."""
    stored = specification.get("datasets", {})
    for part in _parts(specification):
        data = part.get("data") or {}
        values = data.get("values") or stored.get(data.get("name"), [])
        if values and isinstance(values, list) and isinstance(values[0], Mapping):
            yield values


def _titles(specification: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields that a definition encodes, with their titles: the last title given wins."""
    for part in _parts(specification):
        for channel in (part.get("encoding") or {}).values():
            if isinstance(channel, Mapping) and isinstance(channel.get("field"), str):
                yield channel["field"], str(channel.get("title") or channel["field"])


def _parts(specification: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield specification
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for part in specification.get(key, ()):
            yield from _parts(part)
