"""Units from Excel: what a file would do is said row by row before anything is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.organisation.structure_cast import COUNTY_OFFICE, Place, place

from huiyin.audit.acts import SYSTEM
from huiyin.audit.acts import Place as Where
from huiyin.furniture.exchange import Change, Outcome, Row
from huiyin.furniture.exchange.places import Where as Spot
from huiyin.organisation.models import Unit
from huiyin.organisation.sheets import UnitImport

__all__ = ["place"]

COUNTY, OTHER, CITY = "439901000000", "439902000000", "439900000000"


def row(number: int, region: str, name: str, **values: Any) -> Row:
    known = {"region": region, "name": name, "kind": "department", **values}
    return Row(Spot("单位", number), known)


def plan(*rows: Row) -> list[Change]:
    return UnitImport().plan(rows, SYSTEM)


def codes(change: Change) -> list[str]:
    return [problem.code for problem in change.problems]


def test_new_units_are_added_and_known_ones_changed(place: Place) -> None:
    changes = plan(
        row(2, COUNTY, "云山县公安局", kind="police", short_name="县公安局"),
        row(3, COUNTY, "云山县教育局"),
        row(4, CITY, "安和市平安办", kind="office"),
    )
    assert [change.outcome for change in changes] == [
        Outcome.CHANGED, Outcome.ADDED, Outcome.UNCHANGED,
    ]  # fmt: skip
    assert changes[0].after == {"short_name": "县公安局"}
    UnitImport().apply(changes, SYSTEM)
    place.police.refresh_from_db()
    assert place.police.short_name == "县公安局"
    assert Unit.objects.get(name="云山县教育局").judged is True


def test_an_empty_cell_leaves_what_is_stored(place: Place) -> None:
    Unit.objects.filter(pk=place.police.pk).update(judged=False, short_name="县公安局")
    (change,) = plan(row(2, COUNTY, "云山县公安局", kind="police", judged=None, parent=None))
    assert change.outcome is Outcome.UNCHANGED


def test_a_superior_may_stand_in_the_same_file_behind_its_inferior(place: Place) -> None:
    """001-05."""
    changes = plan(
        row(2, COUNTY, "云山县教育局", parent="安和市教育局"), row(3, CITY, "安和市教育局")
    )
    UnitImport().apply(changes, SYSTEM)
    assert Unit.objects.get(name="云山县教育局").parent == Unit.objects.get(name="安和市教育局")


def test_of_superiors_with_one_name_the_nearest_above_is_meant(place: Place) -> None:
    changes = plan(
        row(2, COUNTY, "教育局"), row(3, OTHER, "教育局"), row(4, CITY, "教育局"),
        row(5, "439901100000", "清溪镇中心校", parent="教育局"),
        row(6, COUNTY, "招生办", parent="教育局"),
    )  # fmt: skip
    UnitImport().apply(changes, SYSTEM)
    for name in ("清溪镇中心校", "招生办"):
        superior = Unit.objects.get(name=name).parent
        assert superior is not None
        assert superior.region == place.county


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ((row(2, "439999000000", "某局"),), "region-unknown"),
        ((row(2, COUNTY, "甲局"), row(3, COUNTY, "甲局")), "name-taken"),
        ((row(2, COUNTY, "甲局", parent="没有的局"),), "unit-unknown"),
        ((row(2, COUNTY, "甲局", parent="甲局"),), "superior-circle"),
        (
            (
                row(2, COUNTY, "甲局", parent="乙局"),
                row(3, COUNTY, "乙局", parent="丙局"),
                row(4, COUNTY, "丙局", parent="甲局"),
            ),
            "superior-circle",
        ),
        (
            (row(2, CITY, "安和市平安办", kind="office", parent="清溪镇人民政府"),),
            "superior-circle",
        ),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(
    place: Place, rows: tuple[Row, ...], wrong: str
) -> None:
    rejected = plan(*rows)[-1]
    assert rejected.outcome is Outcome.REJECTED
    assert codes(rejected) == [wrong]


def test_each_row_falls_where_its_region_is(place: Place) -> None:
    """So that the office of a county imports units of that county only."""
    assert UnitImport().place_of(row(2, OTHER, "甲局")) == Where(region=OTHER)
    assert COUNTY_OFFICE.held[0].region == "439901"


def test_a_last_day_before_the_stored_first_day_is_refused_by_row_and_column(place: Place) -> None:
    """site: a clear message naming row and column, nothing half-imported"""
    Unit.objects.filter(pk=place.police.pk).update(valid_from=date(2026, 1, 1))
    (change,) = plan(row(2, COUNTY, "云山县公安局", kind="police", valid_until=date(2025, 12, 31)))
    assert codes(change) == ["days-out-of-order"]
