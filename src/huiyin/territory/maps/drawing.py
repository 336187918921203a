"""Regions drawn as SVG: on an attached map if one has them all, else as tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from huiyin.territory.maps import colours, tiles
from huiyin.territory.models import Region, RegionSet, Shape


class Drawing(NamedTuple):
    """One region as the template draws it.

    Attributes:
        name, url, step, said: what it is, where it leads, the class of its value, and the value.
        path: its outline; "" = a tile.
        x, y: top left corner of the tile.
        middle: where its lines of text are centred.
        lines: heights and texts.
        size: of the letters.
    """

    name: str
    url: str
    step: int
    said: str
    path: str
    x: float
    y: float
    middle: float
    lines: list[tuple[float, str]]
    size: float


def region_map(
    regions: Sequence[Region],
    values: Mapping[str, float | None] | None = None,
    *,
    title: str | Promise = "",
    said: Callable[[float], str] = lambda value: f"{value:,.10g}",
    url: Callable[[Region], str] | None = None,
) -> SafeString:
    """Regions as a drawing that links each to its page; with values, coloured by them.

    Args:
        regions: those to draw; their order does not matter.
        values: by full code; None or missing = no value.
        title: what the drawing shows, for whoever cannot see it.
        said: how a value is written.
        url: where a region leads; its own page by default.
    """
    shown = sorted(regions, key=lambda region: region.code)
    if not shown:
        return SafeString("")
    known = {} if values is None else {c: v for c, v in values.items() if v is not None}
    made = colours.steps(known[r.code] for r in shown if r.code in known)
    found = map_with(shown)
    told = _Told(known, made, said, url or _own_page)
    drawings, width, height = _on_map(shown, found, told) if found else _as_tiles(shown, told)
    return render_to_string(
        "territory/map.html",
        {
            "drawings": drawings,
            "width": width,
            "height": height,
            "title": title,
            "legend": [(s.number, said(s.low), said(s.high)) for s in made],
            "gaps": values is not None and len(known) < len(shown),
            "map": found,
        },
    )


class _Told(NamedTuple):
    values: Mapping[str, float]
    steps: list[colours.Step]
    said: Callable[[float], str]
    url: Callable[[Region], str]

    def of(self, region: Region) -> dict[str, Any]:
        value = self.values.get(region.code)
        return {
            "name": region.name,
            "url": self.url(region),
            "step": colours.step_of(value, self.steps),
            "said": "" if value is None else self.said(value),
        }


def _own_page(region: Region) -> str:
    return reverse("territory:region", args=[region.code])


def map_with(regions: Sequence[Region]) -> RegionSet | None:
    """The latest map that has the shapes of all the regions; the one with the fewest others."""
    codes = {region.code for region in regions}
    maps = Shape.objects.filter(code__in=codes).values("map").annotate(n=Count("code"))
    complete = [each["map"] for each in maps if each["n"] == len(codes)]
    sized = RegionSet.objects.filter(pk__in=complete).annotate(n=Count("shapes"))
    return sized.order_by("n", "-pk").first()


def _on_map(
    regions: Sequence[Region], found: RegionSet, told: _Told
) -> tuple[list[Drawing], int, int]:
    codes = [region.code for region in regions]
    shapes = {shape.code: shape for shape in found.shapes.filter(code__in=codes)}
    size = round(found.width / 38, 1)
    drawings = [
        Drawing(
            **told.of(region), path=shape.path, x=0, y=0, middle=shape.label_x,
            lines=[(shape.label_y, region.name)], size=size,
        )
        for region in regions
        if (shape := shapes[region.code])
    ]  # fmt: skip
    return drawings, found.width, found.height


def _as_tiles(regions: Sequence[Region], told: _Told) -> tuple[list[Drawing], int, int]:
    places, width, height = tiles.layout(len(regions))
    drawings = [
        _tile(region, place, told.of(region)) for region, place in zip(regions, places, strict=True)
    ]
    return drawings, width, height


def _tile(region: Region, place: tiles.Tile, words: dict[str, Any]) -> Drawing:
    name = tiles.label(region.name, tiles.MOST_LINES - bool(words["said"]))
    lines = [*name.lines, words["said"]] if words["said"] else list(name.lines)
    step = name.size * 1.2
    top = place.y + tiles.TILE_HEIGHT / 2 - step * (len(lines) - 1) / 2
    return Drawing(
        **words, path="", x=place.x, y=place.y, middle=place.x + tiles.TILE_WIDTH / 2,
        lines=[(round(top + step * at, 1), line) for at, line in enumerate(lines)], size=name.size,
    )  # fmt: skip
