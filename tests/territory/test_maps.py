"""Maps from GeoJSON, and tiles where there is none."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.territory import cast

from huiyin.audit.acts import SYSTEM
from huiyin.problems import Problem
from huiyin.territory import map_actions, queries
from huiyin.territory.maps import colours, drawing, geojson, tiles
from huiyin.territory.models import RegionSet


def square(code: object, x: float = 110, y: float = 27, name: str = "adcode") -> dict[str, Any]:
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {
        "type": "Feature",
        "properties": {name: code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def test_features_are_matched_by_the_usual_properties_as_numbers_or_text() -> None:
    drawn = geojson.draw(collection(square(430503), square("430521", 111)))
    assert [each.code for each in drawn.outlines] == ["430503000000", "430521000000"]
    assert drawn.outlines[0].path.startswith("M")
    assert drawn.outlines[0].x < drawn.outlines[1].x


def test_a_map_keeps_its_shape_at_its_latitude() -> None:
    drawn = geojson.draw(collection(square(430503, y=60)))
    assert drawn.height == pytest.approx(geojson.WIDTH / math.cos(math.radians(60.5)), abs=2)


@pytest.mark.parametrize(
    ("content", "prop", "code"),
    [
        ([], "", "map-unreadable"),
        ({"type": "FeatureCollection"}, "", "map-unreadable"),
        (collection(), "", "map-no-codes"),
        (collection(square("甲")), "", "map-no-codes"),
        (collection(square(430503)), "nothere", "map-no-codes"),
        (collection(square(430503), square(430503)), "", "map-twice"),
        (collection(square(430503, x=500_000)), "", "map-plane"),
        (collection(square(430503, x=float("nan"))), "", "map-plane"),
    ],
)
def test_what_is_no_usable_map_says_why(content: Any, prop: str, code: str) -> None:
    with pytest.raises(Problem) as wrong:
        geojson.draw(content, prop)
    assert wrong.value.code == code


def test_the_properties_offered_are_named_when_none_holds_codes() -> None:
    with pytest.raises(Problem, match="地区号"):
        geojson.draw(collection(square(430503, name="地区号")))


def test_too_many_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "MOST_POINTS", 4)
    with pytest.raises(Problem) as wrong:
        geojson.draw(collection(square(430503)))
    assert wrong.value.code == "map-too-large"


@given(st.integers(8, 400), st.floats(0.1, 5))
def test_a_simplified_line_stays_within_the_tolerance(count: int, tolerance: float) -> None:
    ring = [
        (100 * math.cos(2 * math.pi * at / count), 100 * math.sin(2 * math.pi * at / count))
        for at in range(count)
    ]
    ring.append(ring[0])
    simple = geojson.simplified(ring, tolerance)
    assert len(simple) <= len(ring)
    assert len(simple) >= 3
    lost = abs(geojson.area(ring)) - abs(geojson.area(simple))
    assert -1e-6 <= lost <= 2 * math.pi * 100 * tolerance


@given(st.integers(1, 400))
def test_tiles_never_cover_each_other_and_stay_inside(count: int) -> None:
    places, width, height = tiles.layout(count)
    assert len(set(places)) == count
    assert all(p.x + tiles.TILE_WIDTH <= width for p in places)
    assert all(p.y + tiles.TILE_HEIGHT <= height for p in places)
    assert places == tiles.layout(count)[0]


@given(st.text("天地玄黄宇宙洪荒县市区AB1", min_size=1, max_size=40), st.integers(1, 3))
def test_every_name_fits_into_its_tile(name: str, room: int) -> None:
    label = tiles.label(name, room)
    assert len(label.lines) <= room
    assert label.size >= tiles.SMALLEST
    for line in label.lines:
        assert tiles.width_of(line) * label.size <= tiles.TILE_WIDTH


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_every_value_has_one_colour_and_larger_values_are_never_lighter(
    values: list[float],
) -> None:
    steps = colours.steps(values)
    found = [colours.step_of(value, steps) for value in sorted(values)]
    assert all(1 <= step <= colours.CLASSES for step in found)
    assert found == sorted(found)


@pytest.mark.django_db
def test_regions_are_tiles_until_a_map_has_them_all() -> None:
    cast.store()
    both = [queries.region_of("430503"), queries.region_of("430521")]
    assert "<rect" in drawing.region_map(both)
    city = queries.region_of("4305")
    half = geojson.draw(collection(square(430503)))
    attached = map_actions.attach_map(SYSTEM, city, "一半", half)
    assert [region.name for region in attached.missing] == ["邵东县"]
    assert "<rect" in drawing.region_map(both)
    whole = geojson.draw(collection(square(430503), square(430521, 111), square(430599, 112)))
    attached = map_actions.attach_map(SYSTEM, city, "全部", whole)
    assert attached.unknown == ["430599000000"]
    drawn = drawing.region_map(both, {"430503000000": 5.0})
    assert "<path" in drawn
    assert "/territory/430503000000/" in drawn
    assert "大祥区 5" in drawn


@pytest.mark.django_db
def test_names_are_escaped_in_a_drawing() -> None:
    cast.store([*cast.BEFORE, ("430522", "<b>县")])
    drawn = drawing.region_map([queries.region_of("430522")])
    assert "<b>" not in drawn


@pytest.mark.django_db
def test_a_map_of_no_known_region_is_refused_and_two_of_one_name() -> None:
    cast.store()
    with pytest.raises(Problem) as wrong:
        map_actions.attach_map(SYSTEM, None, "别处", geojson.draw(collection(square(110101))))
    assert wrong.value.code == "map-unknown-codes"
    drawn = geojson.draw(collection(square(430503)))
    made = map_actions.attach_map(SYSTEM, None, "本地", drawn).map
    with pytest.raises(Problem) as taken:
        map_actions.attach_map(SYSTEM, None, "本地", drawn)
    assert taken.value.code == "map-name-taken"
    map_actions.remove_map(SYSTEM, made)
    assert not RegionSet.objects.exists()
