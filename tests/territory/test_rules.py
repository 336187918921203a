"""Division codes, names, dates and what a search means."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.problems import Problem
from huiyin.territory import names, rules
from huiyin.territory.rules import Asked, Level

SOME = st.integers(1, 99).map("{:02}".format)
TAIL = st.integers(1, 999).map("{:03}".format)


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, Level]:
    """Digits of a code that all say something, and their level."""
    level = draw(st.sampled_from(list(Level)))
    parts = [draw(SOME), draw(SOME), draw(SOME), draw(TAIL), draw(TAIL), draw(TAIL)]
    parts[0] = str(draw(st.integers(11, 99)))
    return "".join(parts[:level]), level


@pytest.mark.parametrize(
    ("written", "code", "level"),
    [
        ("43", "430000000000", Level.PROVINCE),
        ("4305", "430500000000", Level.CITY),
        ("430500", "430500000000", Level.CITY),
        ("430582", "430582000000", Level.COUNTY),
        ("430582101", "430582101000", Level.TOWN),
        ("430582101201", "430582101201", Level.VILLAGE),
        ("430582101201003", "430582101201003", Level.GRID),
        ("４３０５８２", "430582000000", Level.COUNTY),
        (" 430582000000.0 ", "430582000000", Level.COUNTY),
        ("441900003", "441900003000", Level.TOWN),
    ],
)
def test_a_code_is_read_with_6_9_or_12_digits_full_width_or_as_a_number(
    written: str, code: str, level: Level
) -> None:
    assert rules.parse_code(written) == (code, level)


@pytest.mark.parametrize(
    "written", ["", "4", "430", "43058210", "00", "001234", "430582abc", "四三", "4305821012010000"]
)
def test_what_is_no_code_is_refused_by_name(written: str) -> None:
    with pytest.raises(Problem) as wrong:
        rules.parse_code(written)
    assert wrong.value.code == "division-code"


@given(codes())
def test_a_code_keeps_its_level_however_many_zeros_are_written(given: tuple[str, Level]) -> None:
    digits, level = given
    full, found = rules.parse_code(digits)
    assert found == level
    assert rules.parse_code(full) == (full, level)
    assert rules.stem(full, level) == digits


@given(codes())
def test_every_region_lies_in_all_its_ancestors_and_each_is_larger(
    given: tuple[str, Level],
) -> None:
    full, level = rules.parse_code(given[0])
    above = list(rules.ancestors(full))
    assert len(above) == level - 1
    levels = [rules.level_of(code) for code in above]
    assert levels == sorted(levels, reverse=True)
    for code, its in zip(above, levels, strict=True):
        assert rules.lies_in(full, rules.stem(code, its))


def test_a_town_of_a_city_without_counties_lies_in_the_city() -> None:
    assert list(rules.ancestors("441900003000")) == ["441900000000", "440000000000"]


@pytest.mark.parametrize(
    ("codes", "stem"),
    [
        (["430521000000", "430582000000"], "4305"),
        (["430521101000", "430521102000"], "430521"),
        (["430521101000"], "430521101000"[:12]),
        (["430000000000", "530000000000"], ""),
        ([], ""),
    ],
)
def test_the_smallest_region_that_holds_all_is_found(codes: list[str], stem: str) -> None:
    assert rules.common_stem(codes) == stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("邵东县", "邵东市"),
        ("马龙县", "马龙区"),
        ("大禾塘镇", "大禾塘街道"),
        ("桥头村委会", "桥头社区居委会"),
    ],
)
def test_names_that_differ_only_in_kind_have_one_base(one: str, other: str) -> None:
    assert rules.base_name(one) == rules.base_name(other)


def test_a_name_of_one_character_keeps_its_kind() -> None:
    assert rules.base_name("滦县") == "滦县"


DAY_WRITTEN = (
    "2019-7-12",
    "2019/07/12",
    "2019.7.12",
    "20190712",
    "2019年7月12日",
    "２０１９年７月１２日",
    "2019-07-12 00:00:00",
)


@pytest.mark.parametrize("text", DAY_WRITTEN)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert rules.parse_date(text) == date(2019, 7, 12)


@pytest.mark.parametrize("text", ["2019-13-01", "去年", "43658", "2019", "1019-01-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Problem, match=text):
        rules.parse_date(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("４３０５", (Asked.CODE, "4305")),
        ("DHT", (Asked.INITIALS, "dht")),
        (" 大禾塘 ", (Asked.NAME, "大禾塘")),
        ("   ", None),
    ],
)
def test_one_box_understands_codes_initials_and_names(
    text: str, meant: tuple[Asked, str] | None
) -> None:
    assert rules.understand(text) == meant


@pytest.mark.parametrize(
    ("name", "level", "initials"),
    [
        ("重庆市", 1, "cqs"),
        ("厦门市", 2, "xms"),
        ("大禾塘街道", 4, "dhtjd"),
        ("新村 2号", 5, "xc2h"),
    ],
)
def test_initials_follow_the_reading_of_the_name(name: str, level: int, initials: str) -> None:
    assert names.initials_of(name, level) == initials


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2018, 12, 31), False), (date(2019, 1, 1), True), (date(2020, 12, 31), True),
     (date(2021, 1, 1), False)],
)  # fmt: skip
def test_both_ends_belong_to_the_time_in_which_a_region_holds(day: date, holds: bool) -> None:
    assert rules.holds_on(date(2019, 1, 1), date(2020, 12, 31), day) is holds
