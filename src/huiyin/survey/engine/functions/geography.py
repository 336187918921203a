"""Functions of places on the Earth, a sphere of 6,378,100 m as ODK takes it."""

from __future__ import annotations

import math
from itertools import pairwise

from huiyin.survey.engine.context import Context
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.values import Value, texts_of

RADIUS = 6_378_100.0
Point = tuple[float, float]


@function("distance", "any", gives="number", least=1, most=None)
def distance(context: Context, *places: Value) -> float:
    """Metres along the points, one after the other."""
    points = _points(places)
    if points is None:
        return math.nan
    return math.fsum(_between(one, other) for one, other in pairwise(points))


@function("area", "any", gives="number", least=1, most=None)
def area(context: Context, *places: Value) -> float:
    """Square metres within the points."""
    points = _points(places)
    if points is None:
        return math.nan
    if len(points) < 3:
        return 0.0
    ring = points if points[0] == points[-1] else [*points, points[0]]
    parts = (
        (math.radians(east2) - math.radians(east1))
        * (2 + math.sin(math.radians(north1)) + math.sin(math.radians(north2)))
        for (north1, east1), (north2, east2) in pairwise(ring)
    )
    return abs(math.fsum(parts)) * RADIUS * RADIUS / 2


function("enclosed-area", "any", gives="number", least=1, most=None)(area)


@function("geofence", "string", "string", gives="boolean")
def geofence(context: Context, place: str, shape: str) -> bool:
    """Whether a point lies in a shape: a ray from it crosses the edge an odd number of times."""
    point, ring = _points((place,)), _points((shape,))
    if not point or not ring or len(ring) < 3:
        return False
    (north, east), inside = point[0], False
    for (north1, east1), (north2, east2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (north1 > north) != (north2 > north):
            inside ^= east < (east2 - east1) * (north - north1) / (north2 - north1) + east1
    return inside


def _points(places: tuple[Value, ...]) -> list[Point] | None:
    """The points that texts or nodes name; None where one of them is no point."""
    texts = [text for place in places for text in texts_of(place)]
    pieces = [piece.split() for text in texts for piece in text.split(";") if piece.strip()]
    try:
        return [(float(piece[0]), float(piece[1])) for piece in pieces]
    except (ValueError, IndexError):
        return None


def _between(one: Point, other: Point) -> float:
    """Great-circle distance by the haversine."""
    north1, north2 = math.radians(one[0]), math.radians(other[0])
    east = math.radians(other[1] - one[1])
    half = math.sin((north2 - north1) / 2) ** 2
    half += math.cos(north1) * math.cos(north2) * math.sin(east / 2) ** 2
    return 2 * RADIUS * math.asin(math.sqrt(min(1.0, half)))
