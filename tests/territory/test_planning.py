"""What a division file would change, worked out without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.territory import cast

from huiyin.territory import rules
from huiyin.territory.planning import plan
from huiyin.territory.plans import Known, Plan
from huiyin.territory.rules import Reason

ON = cast.UPGRADED
NAMES = st.sampled_from(["大桥", "小桥", "城关", "新村", "石门", "河口"])
KINDS = st.sampled_from(["县", "市", "区", "镇", "街道"])
LINES = st.lists(
    st.tuples(
        st.sampled_from(["43", "4305", "430521", "430582", "430503", "430521101", "430521102",
                         "430582101", "430582102", "430503001", "430521101201", "430582101201",
                         "4406", "440605001"]),
        st.builds(str.__add__, NAMES, KINDS),
    ),
    max_size=14,
)  # fmt: skip
ROOTS = (("43", "湖南省"), ("4305", "邵阳市"))


def present(lines: tuple[tuple[str, ...], ...] = cast.BEFORE) -> list[Known]:
    return cast.applied([], plan([], cast.rows(lines), ON))


def told(made: Plan) -> dict[str, int]:
    return {kind: count for kind, count in made.counts().items() if count}


@given(LINES, LINES)
def test_importing_the_same_file_twice_changes_nothing(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    here = cast.applied([], plan([], cast.rows([*ROOTS, *before]), date(2000, 1, 1)))
    rows = cast.rows([*ROOTS, *after])
    there = cast.applied(here, plan(here, rows, ON))
    again = plan(there, rows, date(2020, 1, 1))
    assert again.changes == 0
    assert again.followed == []


@given(LINES, LINES)
def test_after_every_import_each_region_lies_in_one_that_holds_and_whose_digits_it_begins_with(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    here = cast.applied([], plan([], cast.rows([*ROOTS, *before]), date(2000, 1, 1)))
    there = {k.code: k for k in cast.applied(here, plan(here, cast.rows([*ROOTS, *after]), ON))}
    for known in there.values():
        assert known.level == rules.level_of(known.code)
        if known.parent:
            above = there[known.parent]
            assert above.level < known.level
            assert rules.lies_in(known.code, rules.stem(above.code, above.level))
        else:
            assert known.level == rules.Level.PROVINCE


def test_an_empty_database_takes_every_row_as_new() -> None:
    assert told(plan([], cast.rows(cast.BEFORE), ON)) == {"added": len(cast.BEFORE)}


def test_a_county_that_becomes_a_city_is_known_by_its_name_and_takes_along_those_below() -> None:
    made = plan(present(), cast.rows(cast.AFTER), ON)
    assert told(made) == {"succeeded": 1, "implied": 3, "unchanged": 3}
    assert made.moved[0].reason is Reason.UPGRADED
    assert {move.reason for move in made.implied} == {Reason.RECODED}


def test_a_name_that_two_new_codes_share_is_no_proof() -> None:
    lines = [*cast.AFTER, ("430583", "邵东区")]
    assert told(plan(present(), cast.rows(lines), ON)) == {"added": 2, "unchanged": 3}


def test_a_region_that_the_file_does_not_list_stays() -> None:
    made = plan(present(), cast.rows([("43", "湖南省"), ("4305", "邵阳市")]), ON)
    assert told(made) == {"unchanged": 2}


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        (("430599001", "孤镇"), "without_parent", "division-without-parent"),
        (("430522", "新邵县", "5303"), "conflicting", "division-other-parent"),
        (("430522", "新邵县", "", "乡级"), "conflicting", "division-level"),
        (("430522", "新邵县", "", "", "999"), "conflicting", "division-class"),
        (("430522", "新邵县", "", "", "", "430599"), "conflicting", "division-former-unknown"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(line: tuple[str, ...], kind: str, code: str) -> None:
    made = plan(present(), cast.rows([line]), ON)
    assert told(made) == {kind: 1}
    assert made.rejected[0].problem.code == code
    assert made.rejected[0].spot.row == 2


def test_a_code_with_two_names_takes_neither_and_names_both_places() -> None:
    made = plan(present(), cast.rows([("430522", "新邵县"), ("430522", "新绍县")]), ON)
    assert told(made) == {"conflicting": 2}
    assert "区划.csv:2" in made.rejected[0].problem.message
    assert "区划.csv:3" in made.rejected[1].problem.message


def test_the_same_row_twice_is_taken_once() -> None:
    made = plan(present(), cast.rows([("430522", "新邵县"), ("430522", "新邵县")]), ON)
    assert told(made) == {"added": 1, "duplicate": 1}


def test_a_child_of_a_row_that_cannot_be_taken_is_not_taken_either() -> None:
    lines = [("430522", "新邵县", "", "", "999"), ("430522101", "酿溪镇")]
    assert told(plan(present(), cast.rows(lines), ON)) == {"without_parent": 1, "conflicting": 1}


def test_a_former_code_that_a_row_keeps_in_force_is_refused() -> None:
    lines = [("430582", "邵东市", "", "", "", "430521"), ("430521", "邵东县")]
    made = plan(present(), cast.rows(lines), ON)
    assert [each.problem.code for each in made.rejected] == ["division-former-stays"]


@pytest.mark.parametrize(("day", "taken"), [(1, False), (2, True)])
def test_a_change_begins_after_what_it_changes(day: int, taken: bool) -> None:
    here = [each._replace(since=date(2019, 7, 1)) for each in present()]
    made = plan(here, cast.rows([("430503", "大祥新区")]), date(2019, 7, day))
    assert (len(made.moved) == 1) is taken
    assert [each.problem.code for each in made.rejected] == (
        [] if taken else ["division-too-early"]
    )


@pytest.mark.parametrize("level", ["3", "县级", "county"])
def test_a_level_may_be_said_in_words_or_as_a_number(level: str) -> None:
    made = plan(present(), cast.rows([("430522", "新邵县", "", level)]), ON)
    assert told(made) == {"added": 1}


def test_a_new_urban_rural_class_is_told_from_a_new_name() -> None:
    made = plan(present(), cast.rows([("430521101201", "牛马司村委会", "", "", "220")]), ON)
    assert told(made) == {"reclassed": 1}


def test_a_city_alone_may_be_the_top_of_what_is_kept() -> None:
    lines = [("9901", "安和市"), ("990102", "砚江区")]
    assert told(plan([], cast.rows(lines), ON)) == {"added": 2}


def test_a_city_does_not_become_the_top_because_its_province_cannot_be_taken() -> None:
    lines = [("43", "湖南省"), ("43", "胡南省"), ("4305", "邵阳市")]
    assert told(plan([], cast.rows(lines), ON)) == {"without_parent": 1, "conflicting": 2}
