"""The data of the rounds are held against the survey file in one scan, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huiyin.measure.engine import connect
from huiyin.measure.reading import as_ibis, read
from huiyin.measure.survey_file import (
    Finding,
    SurveyFileError,
    check_against,
    expand_replicates,
    load,
    read_rounds,
)
from huiyin.measure.survey_file.columns import used_columns
from huiyin.measure.survey_file.model import Survey
from huiyin.measure.survey_file.rows import first_rows

TEXT = """\
[survey]
title = "t"
[[rounds]]
name = "1"
data = "wave.parquet"
[design]
weights = "w"
strata = "s"
fpc = "fpc"
[areas]
region = "region"
[[indicators]]
name = "safety"
item = "q1"
scores = { 1 = 100, 2 = 50, 3 = 0 }
missing = [9]
[[indicators]]
name = "yes"
item = "q2"
share_of = ["yes"]
[[indicators]]
name = "spent"
item = "money"
numeric = true
missing = [-1]
"""
GOOD: dict[str, list[Any]] = {
    "w": [1.0, 2.0, 0.0, 1.5],
    "s": [1, 1, 2, 2],
    "fpc": [100, 100, 0.5, 0.5],
    "region": ["010", "010", "020", "020"],
    "q1": [1, 2, 3, 9],
    "q2": ["yes", "no", None, "no"],
    "money": [10, 20, -1, None],
}


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    return made(tmp_path, TEXT, GOOD)


def made(folder: Path, text: str, columns: dict[str, list[Any]]) -> Survey:
    pq.write_table(pa.table(columns), folder / "wave.parquet")
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    return load(folder / "survey.toml")


def problems(survey: Survey, table: Any) -> dict[str, Finding]:
    with pytest.raises(SurveyFileError) as wrong:
        check_against(survey, {"1": table})
    assert all(found.message_zh for found in wrong.value.findings)
    return {found.code: found for found in wrong.value.findings}


def test_data_that_fit_pass_without_a_word(survey: Survey) -> None:
    assert check_against(survey, {"1": GOOD}) == ()
    assert check_against(survey, read_rounds(survey)) == ()


@pytest.mark.parametrize(
    ("column", "values", "code", "key", "says"),
    [
        ("w", [1, None, 1, 1], "missing-weight", "design.weights", "first in data row 2"),
        ("w", [1, float("nan"), 1, 1], "missing-weight", "design.weights", "1 rows"),
        ("w", ["1", "2", "many", "1"], "missing-weight", "design.weights", "data row 3"),
        ("w", [1, -1, -2, 1], "negative-weight", "design.weights", "2 weights are negative"),
        ("w", [1, -1, -2, 1], "negative-weight", "design.weights", "data row 2, 3"),
        ("w", [1, 1, 1, float("inf")], "infinite-weight", "design.weights", "data row 4"),
        ("w", [1, 1, 1, float("-inf")], "infinite-weight", "design.weights", "data row 4"),
        ("w", [0, 0, 0, 0], "zero-weights", "design.weights", "all weights are zero"),
        ("s", [1, 1, None, 2], "missing-design-value", "design.strata", "data row 3"),
        ("fpc", [1, 0, 1, 1], "invalid-fpc", "design.fpc", "data row 2"),
        ("fpc", [1, None, 1, 1], "invalid-fpc", "design.fpc", "1 rows"),
        ("q1", [1, 2, 3, 4], "unscored-code", "indicators[1].scores", ": 4 (first in data row 4)"),
        ("q1", ["1", "2", "x", "9"], "unscored-code", "indicators[1].scores", ": x"),
        ("q1", [9, 9, 9, None], "all-missing", "indicators[1].item", "nobody answered"),
        ("q2", [None, None, None, None], "all-missing", "indicators[2].item", "nobody answered"),
        ("q2", [1, 2, 3, 4], "code-not-numeric", "indicators[2]", "'yes' is text"),
        ("money", ["1", "2", "x", None], "item-not-numeric", "indicators[3].item", ": x"),
        ("money", [1.0, float("inf"), 2, 3], "item-not-numeric", "indicators[3].item", "row 2"),
    ],
)
def test_a_value_at_fault_is_counted_and_its_first_rows_are_named(
    survey: Survey, column: str, values: list[Any], code: str, key: str, says: str
) -> None:
    found = problems(survey, GOOD | {column: values})[code]
    assert found.key == key
    assert says in found.message
    assert "wave.parquet" in found.message


def test_all_problems_of_all_rounds_are_said_at_once(tmp_path: Path) -> None:
    pq.write_table(pa.table(GOOD), tmp_path / "wave.parquet")
    second = '[[rounds]]\nname = "2"\ndata = "wave.parquet"\n[design]'
    (tmp_path / "s.toml").write_text(TEXT.replace("[design]", second), encoding="utf-8")
    bad = GOOD | {"w": [-1.0] * 4, "q1": [7] * 4}
    with pytest.raises(SurveyFileError) as wrong:
        check_against(load(tmp_path / "s.toml"), {"1": bad, "2": bad})
    codes = [found.code for found in wrong.value.findings]
    assert codes.count("negative-weight") == 2
    assert codes.count("unscored-code") == 2


def test_an_unknown_column_names_the_nearest_and_every_place_that_uses_it(survey: Survey) -> None:
    table = {("Q1" if name == "q1" else name): column for name, column in GOOD.items()}
    found = problems(survey, table)["unknown-column"]
    assert found.key == "indicators[1].item"
    assert "did you mean 'Q1'" in found.message
    assert found.line == 14


def test_braces_in_the_name_of_a_column_do_no_harm(tmp_path: Path) -> None:
    renamed = {("{q}" if name == "q1" else name): column for name, column in GOOD.items()}
    survey = made(tmp_path, TEXT.replace('"q1"', '"{q}"'), renamed)
    found = problems(survey, renamed | {"{q}": [1, 2, 3, 4]})["unscored-code"]
    assert "column {q}: 1 answers have no score" in found.message


def test_a_code_that_nobody_gave_is_only_a_warning(survey: Survey) -> None:
    warned = check_against(survey, {"1": GOOD | {"q1": [1, 2, 2, 1]}})
    assert [(each.code, each.key, each.severity) for each in warned] == [
        ("unseen-code", "indicators[1].scores", "warning")
    ]
    assert "3" in warned[0].message


def test_rows_without_an_area_are_a_warning(survey: Survey) -> None:
    warned = check_against(survey, {"1": GOOD | {"region": ["010", None, "020", None]}})
    assert warned[0].code == "missing-area"
    assert "2 rows have no area" in warned[0].message


def test_a_round_without_rows_or_without_a_table_is_an_error(survey: Survey) -> None:
    empty = pa.table(GOOD).slice(0, 0)
    assert "empty-round" in problems(survey, empty)
    with pytest.raises(SurveyFileError) as wrong:
        check_against(survey, {})
    assert wrong.value.code == "missing-round"


def test_a_code_outside_valid_is_an_error_that_lists_it(tmp_path: Path) -> None:
    text = TEXT.replace('share_of = ["yes"]', 'share_of = ["yes"]\nvalid = ["yes"]')
    found = problems(made(tmp_path, text, GOOD), GOOD)["invalid-code"]
    assert found.key == "indicators[2].valid"
    assert "2 answers" in found.message
    assert ": no" in found.message


def test_patterns_of_replicate_weights_match_columns_in_natural_order(tmp_path: Path) -> None:
    text = TEXT.replace('fpc = "fpc"', 'replicates = { weights = "rep_*", type = "jk1" }')
    weights = {f"rep_{n}": [1.0] * 4 for n in (10, 2, 1)}
    survey = made(tmp_path, text, GOOD | weights)
    design = expand_replicates(survey.rounds[0].design, [*GOOD, *weights])
    assert design.replicates is not None
    assert design.replicates.weights == ("rep_1", "rep_2", "rep_10")
    assert check_against(survey, {"1": GOOD | weights}) == ()
    assert "unknown-column" in problems(survey, GOOD)
    wrong = problems(survey, GOOD | weights | {"rep_2": [1.0, -1.0, 1.0, 1.0]})["invalid-weight"]
    assert "column rep_2" in wrong.message
    assert "data row 2" in wrong.message


def test_scales_of_another_number_than_the_replicates_are_refused(tmp_path: Path) -> None:
    brought = 'replicates = { weights = "rep_*", type = "jkn", rscales = [1, 1, 1] }'
    weights = {"rep_1": [1.0] * 4, "rep_2": [1.0] * 4}
    survey = made(tmp_path, TEXT.replace('fpc = "fpc"', brought), GOOD | weights)
    assert "replicate-scales" in problems(survey, GOOD | weights)


def test_weights_that_look_like_codes_are_read_as_numbers(tmp_path: Path) -> None:
    # Six digits in every row: a code by the rule of the reader, were it not the weight.
    (tmp_path / "wave.csv").write_text("w,region,q1\n615700,010,1\n615701,020,2\n")
    text = '[survey]\ntitle = "t"\n[[rounds]]\nname = "1"\ndata = "wave.csv"\n'
    text += '[design]\nweights = "w"\n[areas]\nregion = "region"\n'
    text += '[[indicators]]\nname = "i"\nitem = "q1"\nshare_of = [1]\n'
    (tmp_path / "s.toml").write_text(text)
    survey = load(tmp_path / "s.toml")
    table = read_rounds(survey)["1"]
    assert table.w.type().is_floating()
    assert table.region.type().is_string()
    assert check_against(survey, {"1": table}) == ()


def test_a_round_that_cannot_be_read_is_said_with_its_key(tmp_path: Path) -> None:
    survey = made(tmp_path, TEXT, GOOD)
    (tmp_path / "wave.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(SurveyFileError) as wrong:
        read_rounds(survey)
    assert [found.key for found in wrong.value.findings] == ["rounds[1].data"]


def test_parquet_damaged_inside_is_said_when_it_is_scanned(tmp_path: Path) -> None:
    columns = {name: values * 5000 for name, values in GOOD.items()}
    survey = made(tmp_path, TEXT, columns)
    path = tmp_path / "wave.parquet"
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    path.write_bytes(bytes(content))
    with pytest.raises(SurveyFileError) as wrong:
        check_against(survey, read_rounds(survey))
    assert wrong.value.code == "unreadable-file"


def test_the_caller_s_settings_of_the_engine_are_kept(survey: Survey) -> None:
    backend = connect()
    setting = "SELECT current_setting('preserve_insertion_order')"
    before = backend.con.execute(setting).fetchall()
    problems(survey, as_ibis(GOOD | {"w": [-1.0] * 4}, backend))
    assert backend.con.execute(setting).fetchall() == before


def test_every_column_in_use_is_looked_for(survey: Survey) -> None:
    used = {column for column, _ in used_columns(survey, survey.rounds[0])}
    assert used == set(GOOD)


def rows_of_many_groups(folder: Path) -> Path:
    """Three files of many row groups, read by several threads, with one bad row each 10,000."""
    folder.mkdir()
    for number in range(3):
        at = np.arange(50_000) + 50_000 * number
        table = pa.table({"at": at, "w": np.where(at % 10_000 == 9_999, -1.0, 1.0)})
        pq.write_table(table, folder / f"part{number}.parquet", row_group_size=5_000)
    return folder


def test_rows_are_counted_through_all_files_in_order(tmp_path: Path) -> None:
    table = read(rows_of_many_groups(tmp_path / "w"))
    assert first_rows(table, table.w < 0, 6) == [10_000 * k for k in range(1, 7)]
    assert first_rows(table, (table.w < 0) & (table.at > 140_000)) == [150_000]


SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data are not beside the project")
def test_a_score_that_misses_a_code_of_the_chilean_survey_names_it(tmp_path: Path) -> None:
    data = (SHARED / "enusc" / "enusc_2019.csv").as_posix()
    text = f"""\
[survey]
title = "ENUSC 2019"
[[rounds]]
name = "2019"
data = "{data}"
[design]
weights = "Fact_Pers"
strata = "VarStrat"
clusters = "Conglomerado"
[areas]
region = "enc_region"
[[indicators]]
name = "trend"
item = "P3_1_1"
scores = {{ 1 = 0, 2 = 50 }}
missing = [88, 99]
"""
    (tmp_path / "s.toml").write_text(text)
    survey = load(tmp_path / "s.toml")
    tables = read_rounds(survey)
    with pytest.raises(SurveyFileError) as wrong:
        check_against(survey, tables)
    # Counted by DuckDB's own reader, not by ours.
    down = duckdb.sql(f"SELECT count(*) FROM '{data}' WHERE P3_1_1 = 3").fetchall()[0][0]
    assert f"{down} answers have no score; add their codes here or to missing: 3" in str(
        wrong.value
    )


@pytest.mark.needs_java
def test_spark_finds_the_same_problems_in_the_same_rows(
    survey: Survey, spark: Any, tmp_path: Path
) -> None:
    bad = GOOD | {"q1": [1, 2, 7, 9]}
    pq.write_table(pa.table(bad), tmp_path / "wave.parquet")
    assert problems(survey, read_rounds(survey, spark)["1"]) == problems(survey, bad)


@pytest.mark.needs_java
def test_spark_takes_tables_in_memory(spark: Any) -> None:
    values = {"x": [1.0, float("nan")], "c": ["010", None], "n": [None, None]}
    assert as_ibis(values, spark).to_pyarrow().to_pydict() == values | {"x": [1.0, None]}


@pytest.mark.needs_java
def test_spark_reads_files_of_every_kind_as_duckdb_does(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("地区,x\n010,1\n朝阳,2.5\n", encoding="gbk")
    folder = tmp_path / "w[1]"
    folder.mkdir()
    values = {"x": [1.0, float("nan")], "c": ["010", None]}
    pq.write_table(pa.table(values), folder / "a{1}.parquet")
    for path in (tmp_path / "a.csv", folder):
        assert read(path, spark).to_pyarrow().to_pydict() == read(path).to_pyarrow().to_pydict()


@pytest.mark.needs_java
def test_spark_counts_rows_through_all_files_in_order(spark: Any, tmp_path: Path) -> None:
    table = read(rows_of_many_groups(tmp_path / "w"), spark)
    assert first_rows(table, table.w < 0, 6) == [10_000 * k for k in range(1, 7)]
