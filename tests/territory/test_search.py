"""One box finds a region by name, code or pinyin initials."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.territory import cast

from huiyin.territory import queries
from huiyin.territory.models import Region

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("马司", ["牛马司镇", "牛马司村委会"]),
        ("牛马司镇", ["牛马司镇"]),
        ("邵", ["邵阳市", "邵东县"]),
        ("430521", ["邵东县", "牛马司镇", "界岭镇", "牛马司村委会"]),
        ("430521000000", ["邵东县", "牛马司镇", "界岭镇", "牛马司村委会"]),
        ("４３０５２１１０２", ["界岭镇"]),
        ("nms", ["牛马司镇", "牛马司村委会"]),
        ("SDX", ["邵东县"]),
        ("不存在", []),
        ("%", []),
        ("", []),
    ],
)
def test_one_box_finds_by_part_of_a_name_by_code_and_by_initials(
    text: str, found: list[str]
) -> None:
    cast.store()
    assert [region.name for region in queries.search(text)] == found


def test_what_has_ended_is_found_after_what_holds() -> None:
    cast.store()
    cast.store(cast.AFTER)
    names = [(region.name, region.valid_until is None) for region in queries.search("邵东")]
    assert names == [("邵东市", True), ("邵东县", False)]


def test_the_index_of_pairs_answers_for_names() -> None:
    cast.store([*cast.BEFORE, *((f"430521101{n:03}", f"第{n}村") for n in range(202, 900))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE territory_region")
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "region_name_pairs" in queries.matching(Region.objects.all(), "牛马司").explain()


def test_full_names_of_results_cost_no_further_queries(django_assert_num_queries: object) -> None:
    cast.store()
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = queries.search("牛马司")
        assert queries.full_name(found[-1]) == "湖南省邵阳市邵东县牛马司镇牛马司村委会"
