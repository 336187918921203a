"""Populations: read from Excel, kept apart so that nobody is counted twice, added up the tree."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.territory import cast

from huiyin.audit.acts import SYSTEM
from huiyin.furniture.exchange import Change, Outcome, read
from huiyin.problems import Problem
from huiyin.territory import queries
from huiyin.territory.models import Population
from huiyin.territory.population_queries import people_below, people_of, pyramid, years_of
from huiyin.territory.population_rules import Cell, check_cells, overlap, parse_ages
from huiyin.territory.populations import PopulationImport

HEAD = ("区划代码", "年份", "类别", "性别", "年龄段", "城乡", "人口数", "来源")
CELLS = st.builds(
    lambda sex, low, width, residence: Cell(
        sex, low, None if width is None else low + width, residence
    ),
    st.sampled_from(["all", "male", "female"]),
    st.integers(0, 90),
    st.none() | st.integers(0, 20),
    st.sampled_from(["all", "urban", "rural"]),
)


def line(code: str, people: object, **other: object) -> tuple[object, ...]:
    said = {"year": 2020, "kind": "普查", "sex": None, "ages": None, "residence": None} | other
    return (code, said["year"], said["kind"], said["sex"], said["ages"], said["residence"], people,
            "七普")  # fmt: skip


def imported(folder: Path, *lines: tuple[object, ...]) -> list[Change]:
    book = openpyxl.Workbook()
    assert book.active is not None
    for each in (HEAD, *lines):
        book.active.append(each)
    book.save(folder / "人口.xlsx")
    sheet = PopulationImport()
    reading = read(sheet, folder / "人口.xlsx", "xlsx")
    changes = [*reading.rejected, *sheet.plan(reading.rows, SYSTEM)]
    good = [c for c in changes if c.outcome in (Outcome.ADDED, Outcome.CHANGED)]
    sheet.apply(good, SYSTEM)
    return changes


def outcomes(changes: list[Change]) -> list[str]:
    return [change.outcome.value for change in changes]


def codes_of(changes: list[Change]) -> list[str]:
    return [wrong.code for change in changes for wrong in change.problems]


@pytest.mark.parametrize(
    ("text", "ages"),
    [("18-24", (18, 24)), ("18～24岁", (18, 24)), ("80+", (80, None)), ("80岁及以上", (80, None)),
     ("65以上", (65, None)), ("7", (7, 7)), ("全部", (0, None)), ("１８—２４", (18, 24))],
)  # fmt: skip
def test_age_bands_are_read_as_tables_write_them(text: str, ages: tuple[int, int | None]) -> None:
    assert parse_ages(text) == ages


@pytest.mark.parametrize("text", ["24-18", "青年", "-5", "130+", "18-"])
def test_what_is_no_age_band_is_refused(text: str) -> None:
    with pytest.raises(Problem) as wrong:
        parse_ages(text)
    assert wrong.value.code == "population-ages"


@given(CELLS, CELLS)
def test_two_cells_overlap_whichever_is_asked_first(one: Cell, other: Cell) -> None:
    assert overlap(one, other) is overlap(other, one)


@given(CELLS)
def test_a_cell_overlaps_with_itself_and_with_everybody(cell: Cell) -> None:
    assert overlap(cell, cell)
    assert overlap(cell, Cell())


@pytest.mark.parametrize(
    ("cells", "apart"),
    [
        ([Cell("male"), Cell("female")], True),
        ([Cell("male"), Cell("all")], False),
        ([Cell("male", 0, 17), Cell("male", 18, None)], True),
        ([Cell("male", 0, 18), Cell("male", 18, None)], False),
        ([Cell("all", 0, None, "urban"), Cell("all", 0, None, "rural")], True),
    ],
)
def test_cells_are_added_up_only_if_nobody_is_in_two(cells: list[Cell], apart: bool) -> None:
    if apart:
        check_cells(cells)
        return
    with pytest.raises(Problem) as wrong:
        check_cells(cells)
    assert wrong.value.code == "population-overlap"


@pytest.mark.django_db
def test_rows_are_imported_changed_and_left_alone(tmp_path: Path) -> None:
    cast.store()
    first = imported(tmp_path, line("430521101", 100, sex="男"), line("430521101", 90, sex="女"))
    assert outcomes(first) == ["added", "added"]
    again = imported(tmp_path, line("430521101", 100, sex="男"), line("430521101", 95, sex="女"))
    assert outcomes(again) == ["unchanged", "changed"]
    assert (again[1].before, again[1].after) == ({"people": 90}, {"people": 95})
    assert sum(Population.objects.values_list("people", flat=True)) == 195


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (line("430599", 5), "division-unknown"),
        (line("430521101", -5), "cell-out-of-range"),
        (line("430521101", 5.5), "cell-not-whole"),
        (line("430521101", 5, ages="青年"), "population-ages"),
        (line("430521101", 5, sex="不详"), "cell-not-a-choice"),
        (line("43052x", 5), "division-code"),
        (line("430521101", 5, year="二〇二〇"), "cell-not-a-number"),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_row(
    tmp_path: Path, bad: tuple[object, ...], code: str
) -> None:
    cast.store()
    changes = imported(tmp_path, line("430521102", 7), bad)
    (wrong,) = [problem for change in changes for problem in change.problems]
    assert wrong.code == code
    assert "3" in wrong.place


@pytest.mark.django_db
def test_a_sum_beside_its_parts_is_rejected_in_the_file_and_against_what_is_kept(
    tmp_path: Path,
) -> None:
    cast.store()
    both = imported(tmp_path, line("430521101", 10), line("430521101", 5, sex="男"))
    assert codes_of(both) == ["population-overlap"] * 2
    imported(tmp_path, line("430521101", 10))
    assert codes_of(imported(tmp_path, line("430521101", 5, sex="男"))) == ["population-overlap"]


@pytest.mark.django_db
def test_the_same_cell_twice_in_a_file_is_rejected(tmp_path: Path) -> None:
    cast.store()
    changes = imported(tmp_path, line("430521101", 10), line("４３０５２１１０１", 11))
    assert codes_of(changes) == ["population-twice"]


@pytest.mark.django_db
def test_the_people_of_a_county_are_those_of_its_towns_added_up(tmp_path: Path) -> None:
    cast.store()
    imported(tmp_path, line("430521101", 100, sex="男"), line("430521101", 90, sex="女"),
             line("430521102", 10, sex="男"))  # fmt: skip
    county = people_of(queries.region_of("430521"), 2020, "census")
    assert county is not None
    assert (county.total, county.own, county.regions, county.without) == (200, False, 2, 0)
    assert county.by("sex") == {"male": 110, "female": 90}


@pytest.mark.django_db
def test_own_figures_of_a_region_stand_above_those_below(tmp_path: Path) -> None:
    cast.store()
    imported(tmp_path, line("430521", 1000), line("430521101", 100), line("430521101201", 40))
    city = people_of(queries.region_of("4305"), 2020, "census")
    assert city is not None
    assert (city.total, city.without) == (1000, 1)  # 大祥区 has none
    assert people_below(queries.region_of("4305")) == {"430503000000": None, "430521000000": 1000}


@pytest.mark.django_db
def test_figures_follow_a_region_to_its_new_code(tmp_path: Path) -> None:
    cast.store()
    imported(tmp_path, line("430521101", 100))
    cast.store(cast.AFTER)
    city = queries.region_of("430582")
    assert years_of(city) == [(2020, "census")]
    people = people_of(city, 2020, "census")
    assert people is not None
    assert people.total == 100


@pytest.mark.django_db
def test_a_pyramid_needs_sex_and_age(tmp_path: Path) -> None:
    cast.store()
    imported(tmp_path, line("430521101", 100, sex="男", ages="0-59"),
             line("430521101", 30, sex="男", ages="60+"), line("430521102", 10))  # fmt: skip
    told = people_of(queries.region_of("430521101"), 2020, "census")
    plain = people_of(queries.region_of("430521102"), 2020, "census")
    assert told is not None
    assert plain is not None
    assert pyramid(told) is not None
    assert pyramid(plain) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"people": -1}, "population_not_negative"),
        ({"age_from": 20, "age_to": 10}, "population_age_band"),
        ({"sex": "x"}, "population_words"),
        ({"year": 20}, "population_year"),
    ],
)
def test_the_database_refuses_impossible_figures(wrong: dict[str, object], name: str) -> None:
    cast.store()
    fields = {"year": 2020, "kind": "census", "people": 1, "source": "七普"} | wrong
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Population.objects.create(region=queries.region_of("430521"), **fields)
