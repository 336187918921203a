"""GeoJSON as paths for a page: checked, projected, simplified. Pure.

Follows RFC 7946; what it does not allow (other coordinates than longitude and latitude) is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from huiyin.problems import (
    DIVISION_CODE,
    MAP_NO_CODES,
    MAP_PLANE,
    MAP_TOO_LARGE,
    MAP_TWICE,
    MAP_UNREADABLE,
    Problem,
)
from huiyin.territory import rules

Point = tuple[float, float]
Ring = list[Point]

WIDTH = 1000
TALLEST = 3000
MOST_FEATURES = 5_000
MOST_POINTS = 2_000_000
MOST_BYTES = 40 * 2**20
#: How far, in thousandths of the map's width, a line may move when it is simplified.
TOLERANCE = 0.6
#: Properties that hold codes in the files at hand, in the order in which they are tried.
CODE_PROPERTIES = ("adcode", "code", "区划代码", "代码", "xzqdm", "XZQDM", "gb", "id")


class Outline(NamedTuple):
    """One region as it is drawn.

    Attributes:
        code: full division code.
        path: of an SVG, in units of which the map is ``WIDTH`` wide.
        x, y: where its name stands.
    """

    code: str
    path: str
    x: float
    y: float


class Drawn(NamedTuple):
    """A map ready to be kept: its outlines, and its height in the same units."""

    outlines: list[Outline]
    height: int


def draw(content: Any, code_property: str = "") -> Drawn:
    """The regions of a FeatureCollection as outlines.

    Args:
        content: parsed GeoJSON.
        code_property: the property that holds the division code; "" = the usual ones are tried.

    Raises:
        Problem: ``map-unreadable``, ``map-too-large``, ``map-no-codes``, ``map-twice``,
            ``map-plane``.
    """
    features = _features(content)
    areas = dict(_areas(features, _code_property(features, code_property)))
    rings = [ring for parts in areas.values() for ring in parts]
    _check_size(rings)
    project, height = _projection(rings)
    outlines = [
        outline
        for code, parts in sorted(areas.items())
        if (outline := _outline(code, [[project(p) for p in ring] for ring in parts]))
    ]
    return Drawn(outlines, height)


def _features(content: Any) -> list[dict[str, Any]]:
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise MAP_UNREADABLE(place="file")
    if len(features) > MOST_FEATURES:
        raise MAP_TOO_LARGE(
            place="file", given=len(features), what=_("features"), limit=MOST_FEATURES
        )
    return features


def _code_property(features: Sequence[dict[str, Any]], asked: str) -> str:
    names = [asked] if asked else list(CODE_PROPERTIES)
    for name in names:
        if any(_code_of(feature, name) for feature in features):
            return name
    offered = {str(name) for each in features for name in _properties(each)}
    raise MAP_NO_CODES(
        place="code_property",
        given=asked or "、".join(names),
        offered="、".join(sorted(offered)[:20]),
    )


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _code_of(feature: dict[str, Any], name: str) -> str:
    """The code of a feature; "" = it has none."""
    value = _properties(feature).get(name, feature.get("id") if name == "id" else None)
    try:
        return rules.parse_code(str(value))[0] if value is not None else ""
    except Problem as wrong:
        if wrong.kind is DIVISION_CODE:
            return ""
        raise


def _areas(features: Iterable[dict[str, Any]], name: str) -> Iterator[tuple[str, list[Ring]]]:
    seen: set[str] = set()
    for feature in features:
        code = _code_of(feature, name)
        parts = _rings(feature.get("geometry"))
        if not code or not parts:
            continue  # the dashed line of the south sea, a frame, a label
        if code in seen:
            raise MAP_TWICE(place="file", code=code)
        seen.add(code)
        yield code, parts


def _rings(geometry: Any) -> list[Ring]:
    if not isinstance(geometry, dict):
        return []
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        return [ring for each in geometry.get("geometries") or [] for ring in _rings(each)]
    shapes: dict[str, Any] = {"Polygon": [coordinates], "MultiPolygon": coordinates}
    polygons = shapes.get(str(kind))
    try:
        return [
            [(float(point[0]), float(point[1])) for point in ring]
            for polygon in polygons or []
            for ring in polygon
            if len(ring) >= 4
        ]
    except (TypeError, ValueError, IndexError, KeyError) as wrong:
        raise MAP_UNREADABLE(place="file") from wrong


def _check_size(rings: Sequence[Ring]) -> None:
    if not rings:
        raise MAP_UNREADABLE(place="file")
    points = sum(map(len, rings))
    if points > MOST_POINTS:
        raise MAP_TOO_LARGE(place="file", given=points, what=_("points"), limit=MOST_POINTS)
    for ring in rings:
        for x, y in ring:
            if not (-180 <= x <= 180 and -85 <= y <= 85):  # also what is no number
                raise MAP_PLANE(place="file")


def _projection(rings: Sequence[Ring]) -> tuple[Any, int]:
    """Longitudes shortened by the cosine of the middle latitude, so that shapes keep theirs."""
    xs = [x for ring in rings for x, _y in ring]
    ys = [y for ring in rings for _x, y in ring]
    west, north = min(xs), max(ys)
    narrow = math.cos(math.radians((north + min(ys)) / 2))
    wide, tall = (max(xs) - west) * narrow, north - min(ys)
    if not wide or not tall:
        raise MAP_UNREADABLE(place="file")
    scale = min(WIDTH / wide, TALLEST / tall)

    def project(point: Point) -> Point:
        return (point[0] - west) * narrow * scale, (north - point[1]) * scale

    return project, max(1, math.ceil(tall * scale))


def _outline(code: str, rings: list[Ring]) -> Outline | None:
    """A region's path; islands too small to be seen are left out, but never all of them."""
    biggest = max(rings, key=lambda ring: abs(area(ring)))
    kept = [ring for ring in rings if ring is biggest or abs(area(ring)) > TOLERANCE]
    paths = [_path(simplified(ring, TOLERANCE)) for ring in kept]
    x, y = _middle(biggest)
    return Outline(code, "".join(paths), round(x, 1), round(y, 1))


def _path(ring: Ring) -> str:
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in ring)
    return f"M{steps}Z"


def area(ring: Sequence[Point]) -> float:
    """The signed area of a ring."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x * v - u * y for (x, y), (u, v) in pairs) / 2


def _middle(ring: Sequence[Point]) -> Point:
    """The centre of gravity of a ring."""
    size = area(ring) * 6
    if not size:
        return ring[0]
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    x = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in pairs) / size
    y = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in pairs) / size
    return x, y


def simplified(ring: Sequence[Point], tolerance: float) -> Ring:
    """A ring with fewer points, none further from the old line than the tolerance.

    Douglas and Peucker (1973), from the point furthest from the first, so that both halves have
    an end; at least a triangle is left.
    """
    far = max(range(len(ring)), key=lambda at: math.dist(ring[0], ring[at]))
    keep = {0, far, len(ring) - 1}
    stack = [(0, far), (far, len(ring) - 1)]
    while stack:
        first, last = stack.pop()
        at, away = _furthest(ring, first, last)
        if away > tolerance:
            keep.add(at)
            stack += [(first, at), (at, last)]
    line = [ring[at] for at in sorted(keep)]
    return line if len(line) >= 4 else [ring[at] for at in sorted({*keep, far // 2})]


def _furthest(ring: Sequence[Point], first: int, last: int) -> tuple[int, float]:
    """The point between two that is furthest from the line through them, and how far."""
    (x, y), (u, v) = ring[first], ring[last]
    length = math.hypot(u - x, v - y)
    best, away = first, 0.0
    for at in range(first + 1, last):
        p, q = ring[at]
        if length:
            far = abs((u - x) * (y - q) - (x - p) * (v - y)) / length
        else:
            far = math.hypot(p - x, q - y)
        if far > away:
            best, away = at, far
    return best, away
