"""A region goes on under a new code; what was said of the old one still finds it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.territory import cast

from huiyin.problems import Problem
from huiyin.territory import queries
from huiyin.territory.models import Region, Succession
from huiyin.territory.rules import Reason

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def codes(regions: object) -> list[str]:
    return [region.code for region in regions]  # type: ignore[attr-defined]


def test_shaodong_county_becomes_shaodong_city_and_keeps_its_place() -> None:
    cast.store()
    county = queries.region_of("430521")
    made = cast.store(cast.AFTER)
    assert [(m.before, m.code, m.reason) for m in made.moved] == [
        ("430521000000", "430582000000", Reason.UPGRADED)
    ]
    county.refresh_from_db()
    assert (county.code, county.name, county.valid_from) == (
        "430582000000",
        "邵东市",
        cast.UPGRADED,
    )


def test_what_lies_below_is_recoded_along() -> None:
    cast.store()
    cast.store(cast.AFTER)
    city = queries.region_of("430582")
    assert codes(queries.below(city).order_by("code")) == [
        "430582101000",
        "430582101201",
        "430582102000",
    ]
    village = queries.region_of("430582101201")
    assert queries.full_name(village) == "湖南省邵阳市邵东市牛马司镇牛马司村委会"


def test_what_it_was_is_kept_with_its_own_tree() -> None:
    cast.store()
    cast.store(cast.AFTER)
    was = queries.region_of("430521101201")
    assert was.valid_until == cast.UPGRADED - DAY
    assert queries.full_name(was) == "湖南省邵阳市邵东县牛马司镇牛马司村委会"


@pytest.mark.parametrize(
    ("old", "new", "on"),
    [
        ("430521", "430582000000", cast.UPGRADED),
        ("430521101", "430582101000", date(2026, 1, 1)),
        ("430521101201", "430582101201", date(2026, 1, 1)),
        ("430521", "430521000000", cast.UPGRADED - DAY),
        ("430582", "430521000000", date(2015, 1, 1)),
        ("430503", "430503000000", date(2026, 1, 1)),
    ],
)
def test_a_code_resolves_to_what_the_region_is_on_the_day(old: str, new: str, on: date) -> None:
    cast.store()
    cast.store(cast.AFTER)
    assert codes(queries.resolve(old, on)) == [new]


def test_malong_county_resolves_to_malong_district_with_its_town_and_village() -> None:
    cast.store()
    cast.store([("530304", "马龙区", "", "", "", "530321", "2018-03-28")], date(2020, 1, 1))
    assert codes(queries.resolve("530321", cast.MALONG)) == ["530304000000"]
    assert codes(queries.resolve("530321100", cast.MALONG)) == ["530304100000"]
    assert codes(queries.resolve("530321100200", cast.MALONG)) == ["530304100200"]
    assert codes(queries.resolve("530321", cast.MALONG - DAY)) == ["530321000000"]


def test_a_code_resolves_through_several_successions() -> None:
    cast.store()
    cast.store([("430582", "邵东市", "", "", "", "430521")])
    cast.store([("430583", "邵东新市", "", "", "", "430582")], date(2022, 1, 1))
    assert codes(queries.resolve("430521102", date(2026, 1, 1))) == ["430583102000"]
    assert codes(queries.resolve("430583102", date(2020, 1, 1))) == ["430582102000"]


def test_a_new_name_keeps_the_code_and_the_former_name_can_be_found() -> None:
    cast.store()
    made = cast.store([("430521102", "界岭新镇")])
    assert [move.reason for move in made.moved] == [Reason.RENAMED]
    town = queries.region_of("430521102")
    assert town.name == "界岭新镇"
    (was,) = queries.resolve("430521102", cast.UPGRADED - DAY)
    assert was.name == "界岭镇"
    assert [region.name for region in queries.search("界岭镇")] == ["界岭镇"]


def test_two_towns_that_become_one_both_resolve_to_it() -> None:
    cast.store()
    cast.store([("430521103", "双镇", "", "", "", "430521101、430521102")])
    assert codes(queries.resolve("430521101", cast.UPGRADED)) == ["430521103000"]
    assert codes(queries.resolve("430521102", cast.UPGRADED)) == ["430521103000"]
    assert codes(queries.resolve("430521103", cast.UPGRADED - DAY)) == [
        "430521101000",
        "430521102000",
    ]
    assert codes(queries.resolve("430521101201", cast.UPGRADED)) == ["430521103201"]


def test_a_town_that_is_split_resolves_to_its_parts() -> None:
    cast.store()
    cast.store(
        [
            ("430521103", "东界镇", "", "", "", "430521102"),
            ("430521104", "西界镇", "", "", "", "430521102"),
        ]
    )
    assert codes(queries.resolve("430521102", cast.UPGRADED)) == ["430521103000", "430521104000"]
    assert set(Succession.objects.values_list("reason", flat=True)) == {"split"}


def test_a_town_that_the_file_no_longer_lists_below_a_moved_county_ends() -> None:
    cast.store()
    made = cast.store([*cast.AFTER, ("430582103", "牛马司镇")])
    assert [end.name for end in made.ended] == ["界岭镇"]
    assert codes(queries.resolve("430521101", cast.UPGRADED)) == ["430582103000"]
    assert codes(queries.resolve("430521101201", cast.UPGRADED)) == ["430582103201"]
    assert queries.resolve("430521102", cast.UPGRADED) == ()
    assert queries.region_of("430521102").parent == queries.region_of("430521")


def test_a_code_that_no_region_ever_had_is_named() -> None:
    with pytest.raises(Problem, match="999999") as wrong:
        queries.resolve("999999", cast.UPGRADED)
    assert wrong.value.code == "division-unknown"


def test_the_database_refuses_a_code_twice_at_one_time() -> None:
    cast.store()
    with pytest.raises(IntegrityError, match="region_code_once_at_a_time"), transaction.atomic():
        Region.objects.create(
            code="430521000000", name="又一个", level=3, valid_from=date(2020, 1, 1)
        )


@pytest.mark.parametrize(
    ("code", "level"), [("430521101201", 4), ("430521", 3), ("43052110", 4), ("４３", 1)]
)
def test_the_database_refuses_a_code_that_is_none_of_its_level(code: str, level: int) -> None:
    with pytest.raises(IntegrityError, match="region_code_fits_level"), transaction.atomic():
        Region.objects.create(code=code, name="错", level=level)


@pytest.mark.parametrize(("code", "level"), [("430503001000", 4), ("430522000000", 3)])
def test_the_database_refuses_a_region_below_one_whose_code_it_does_not_begin_with(
    code: str, level: int
) -> None:
    cast.store()
    parent = queries.region_of("430521")
    with pytest.raises(IntegrityError, match="does not lie in"), transaction.atomic():
        Region.objects.create(code=code, name="错", level=level, parent=parent)


def test_the_database_refuses_to_recode_a_region_away_from_those_below() -> None:
    cast.store()
    with pytest.raises(IntegrityError, match="does not lie in"), transaction.atomic():
        Region.objects.filter(code="430521000000").update(code="430582000000")


def test_the_database_refuses_an_end_before_the_beginning() -> None:
    with pytest.raises(IntegrityError, match="region_ends_after"), transaction.atomic():
        Region.objects.create(
            code="430000000000",
            name="湖南省",
            level=1,
            valid_from=date(2020, 1, 2),
            valid_until=date(2020, 1, 1),
        )


def test_writing_a_plan_leaves_no_table_behind() -> None:
    cast.store()
    cast.store(cast.AFTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^territory_(new|moves|was)'")
        assert cursor.fetchone() == (0,)


def test_a_city_kept_alone_is_put_below_its_province_once_that_is_imported() -> None:
    cast.store([("4305", "邵阳市"), ("430521", "邵东县")])
    cast.store([("43", "湖南省")])
    assert queries.full_name(queries.region_of("430521")) == "湖南省邵阳市邵东县"
