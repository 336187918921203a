"""Attach a map to the regions that it shows, and remove it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, Place
from huiyin.problems import MAP_NAME_TAKEN, MAP_UNKNOWN_CODES, MAP_UNREADABLE
from huiyin.territory import acts, queries
from huiyin.territory.maps import geojson
from huiyin.territory.models import Region, RegionSet, Shape


class Attached(NamedTuple):
    """A map that was attached.

    Attributes:
        map: it.
        unknown: codes of features that are no regions here; they are left out.
        missing: regions beside those drawn that have no feature.
    """

    map: RegionSet
    unknown: list[str]
    missing: list[Region]


def read_map(file: Path, code_property: str = "") -> geojson.Drawn:
    """A GeoJSON file as outlines.

    Raises:
        Problem: see :func:`huiyin.territory.maps.geojson.draw`.
    """
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as wrong:
        raise MAP_UNREADABLE(place="file") from wrong
    return geojson.draw(content, code_property.strip())


def attach_map(actor: Actor, region: Region | None, name: str, drawn: geojson.Drawn) -> Attached:
    """Keep a map; the regions on it are found by their codes.

    Args:
        region: what the map shows the parts of; None = nothing in particular.

    Raises:
        Problem: ``map-name-taken``, ``map-unknown-codes`` (none of them is known), or the actor
            may not.
    """
    place = Place(region=region.code if region else "")
    with performing(actor, acts.ATTACH_MAP, place) as changed:
        if RegionSet.objects.filter(name=name).exists():
            raise MAP_NAME_TAKEN(place="name")
        inside = queries.living().filter(code__startswith=region.stem if region else "")
        codes = [outline.code for outline in drawn.outlines]
        known = {each.code: each for each in inside.filter(code__in=codes)}
        unknown = [code for code in codes if code not in known]
        if not known:
            raise MAP_UNKNOWN_CODES(place="file", codes="、".join(unknown[:10]))
        made = RegionSet.objects.create(name=name, region=region, height=drawn.height)
        Shape.objects.bulk_create(
            Shape(map=made, code=each.code, path=each.path, label_x=each.x, label_y=each.y)
            for each in drawn.outlines
            if each.code in known
        )
        touched(changed, made)
        changed.after = {"name": name, "shapes": len(known), "left_out": len(unknown)}
    return Attached(made, unknown, _missing(list(known.values())))


def _missing(drawn: list[Region]) -> list[Region]:
    """The regions that have a parent and a level in common with one drawn, and no feature."""
    parents = {region.parent_id for region in drawn if region.parent_id}
    levels = {region.level for region in drawn}
    codes = [region.code for region in drawn]
    beside = queries.living().filter(parent__in=parents, level__in=levels)
    return list(beside.exclude(code__in=codes).order_by("code"))


def remove_map(actor: Actor, found: RegionSet) -> None:
    """Remove a map; its regions are drawn as tiles again.

    Raises:
        Problem: the actor may not.
    """
    place = Place(region=found.region.code if found.region else "")
    with performing(actor, acts.REMOVE_MAP, place) as changed:
        touched(changed, found)
        changed.before = {"name": found.name, "shapes": found.shapes.count()}
        found.delete()
