"""Parquet, Excel, SPSS and Stata files keep their values, types and labels; faults are placed."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import Labels, labels, read
from huiyin.measure.reading.readstat import convert

BACKEND = connect()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REUSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def rows(path: Path | str, **options: Any) -> list[dict[str, Any]]:
    return read(path, BACKEND, **options).to_pyarrow().to_pylist()


def refused(path: Path | str, **options: Any) -> MeasureError:
    with pytest.raises(MeasureError) as wrong:
        read(path, BACKEND, **options)
    assert wrong.value.message_zh
    return wrong.value


# Which file


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "wave_2021.csv").write_text("a,b\n1,2\n")
    wrong = refused(tmp_path / "wave_2012.csv")
    assert wrong.code == "missing-file"
    assert "wave_2021.csv" in str(wrong)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert "the folder" in str(refused(tmp_path / "nowhere" / "a.csv"))


@pytest.mark.parametrize(
    ("name", "code"),
    [("a.xls", "unsupported-suffix"), ("a", "unsupported-suffix"), ("a.doc", "unsupported-suffix")],
)
def test_an_unknown_kind_of_file_is_refused(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    wrong = refused(tmp_path / name)
    assert wrong.code == code
    assert ".xlsx" in str(wrong)


def test_only_parquet_files_are_taken_many_at_once(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    assert refused(tmp_path / "*.csv").code == "several-files"
    assert rows(tmp_path / "a*.csv") == [{"a": 1, "b": 2}]


def test_a_folder_without_parquet_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "missing-file"


# Parquet


@pytest.mark.parametrize("pattern", ["wave", "wave/*.parquet", "wave/**/*.parquet"])
def test_many_parquet_files_are_one_table(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "wave" / "part[2]").mkdir(parents=True)
    for name, value in (("a.parquet", 1), ("part[2]/b.parquet", 2), ("_c.parquet", 3)):
        pq.write_table(pa.table({"x": [value], "c": ["010"]}), tmp_path / "wave" / name)
    expected = {"wave": {1, 2}, "wave/*.parquet": {1, 3}, "wave/**/*.parquet": {1, 2, 3}}
    got = rows(tmp_path / pattern)
    assert {row["x"] for row in got} == expected[pattern]
    assert {row["c"] for row in got} == {"010"}


def test_parquet_files_that_do_not_fit_name_file_and_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1], "y": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": ["1"], "y": [1]}), tmp_path / "b.parquet")
    wrong = refused(tmp_path / "*.parquet")
    assert wrong.code == "differing-schemas"
    assert "b.parquet, column x" in wrong.place
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    assert "b.parquet, column y" in refused(tmp_path / "*.parquet").place


def test_the_order_of_columns_may_differ_between_parquet_files(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"y": [2], "x": [1]}), tmp_path / "b.parquet")
    assert rows(tmp_path / "*.parquet") == [{"x": 1, "y": 2}] * 2


def test_nan_in_parquet_is_null_and_infinity_stays(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [float("nan"), float("inf")]}), tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == [{"x": None}, {"x": float("inf")}]


def test_parquet_with_one_name_twice_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["x", "x"]), tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet").code == "duplicate-columns"


def test_columns_of_parquet_are_chosen_and_cast(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"area": [13.0, 5.0], "w": ["1.5", "2"], "x": [1, 2]}), tmp_path / "a.parquet"
    )
    got = rows(tmp_path / "a.parquet", columns=["w", "area"], text=["area"], numbers=["w"])
    assert got == [{"w": 1.5, "area": "13"}, {"w": 2.0, "area": "5"}]
    pq.write_table(pa.table({"w": ["1.5", "two"]}), tmp_path / "b.parquet")
    assert "'two'" in str(refused(tmp_path / "b.parquet", numbers=["w"]))
    assert refused(tmp_path / "b.parquet", columns=["z"]).code == "unknown-column"


# Excel


def workbook(path: Path, *sheets: list[list[Any]], merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, cells in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in cells:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
    book.save(path)
    return path


def test_a_sheet_keeps_values_and_types(tmp_path: Path) -> None:
    begun = dt.datetime(2021, 6, 30, 9, 15)
    path = workbook(tmp_path / "a.xlsx", [
        ["区划", "满意度", "权数", "时间", "编号"],
        ["010", 1, 0.1, begun, "1"],
        ["011", None, 2.5, begun, 2],
        [None, None, None, None, None],
    ])  # fmt: skip
    assert rows(path) == [
        {"区划": "010", "满意度": 1, "权数": 0.1, "时间": begun, "编号": 1},
        {"区划": "011", "满意度": None, "权数": 2.5, "时间": begun, "编号": 2},
    ]


def test_titles_above_and_merged_headers_are_understood(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["2021年上半年调查", None, None, None],
            ["地区", "满意度", None, "样本量"],
            [None, "治安", "交通", None],
            ["朝阳", 1, 2, 100],
        ],
        merged=("A1:D1", "A2:A3", "B2:C2", "D2:D3"),
    )
    assert rows(path) == [{"地区": "朝阳", "满意度_治安": 1, "满意度_交通": 2, "样本量": 100}]


def test_the_sheet_is_the_first_that_holds_anything_or_the_one_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [], [["a", "b"], [1, 2]], [["a", "b"], [3, 4]])
    assert rows(path) == [{"a": 1, "b": 2}]
    assert rows(path, sheet="Sheet3") == rows(path, sheet=2) == [{"a": 3, "b": 4}]
    wrong = refused(path, sheet="Sheet4")
    assert wrong.code == "unknown-sheet"
    assert "Sheet3" in str(wrong)


def test_a_formula_without_a_stored_result_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, "=A2+1"]])
    wrong = refused(path)
    assert (wrong.code, wrong.place) == ("uncalculated-formula", "a.xlsx, cell B2")


def test_a_formula_with_a_stored_result_is_its_result(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_number(1, 0, 1)
        sheet.write_formula(1, 1, "=A2+1", None, 2)
    assert rows(tmp_path / "a.xlsx") == [{"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("cells", "merged", "code", "place"),
    [
        ([["a", "b"], [1, 2], [3, 4]], ("A2:A3",), "merged-cells", "a.xlsx, cells A2:A3"),
        ([["a", "b"], [1, "#DIV/0!"]], (), "error-cell", "a.xlsx, cell B2"),
        ([["a", "a"], [1, 2]], (), "duplicate-columns", "a.xlsx, column a"),
        ([[1, 2], [3, 4]], (), "no-header", "a.xlsx, row 1"),
        ([["x", None, None, "%", None], list("abcde"), [1] * 5], (), "no-header", "a.xlsx, row 1"),
        ([], (), "empty-file", "a.xlsx"),
    ],
)
def test_a_sheet_that_cannot_be_read_for_sure_is_refused(
    tmp_path: Path, cells: list[list[Any]], merged: tuple[str, ...], code: str, place: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", cells, merged=merged)
    wrong = refused(path)
    assert (wrong.code, wrong.place) == (code, place)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password-protected"),
        (OLE + b"BIFF", "unreadable-file"),
        (b"PK\x03\x04 cut short", "unreadable-file"),
        (b"a,b\n1,2\n", "unreadable-file"),
    ],
)
def test_what_is_no_workbook_is_said(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    assert refused(tmp_path / "a.xlsx").code == code


# SPSS and Stata


@pytest.fixture
def spss(tmp_path: Path) -> Path:
    frame = pd.DataFrame({
        "q1": [1.0, 2.0, 9.0, 95.0, None], "area": ["010", "朝阳", "", "a", "b"],
        "w": [0.5, 1.0, 1.5, 2.0, 2.5], "day": [dt.date(2021, 6, 30)] * 5,
    })  # fmt: skip
    pyreadstat.write_sav(
        frame, tmp_path / "a.sav",
        column_labels={"q1": "您觉得安全吗？"},
        variable_value_labels={"q1": {1.0: "安全", 2.0: "不安全", 9.0: "说不清"}},
        missing_ranges={"q1": [9.0, {"lo": 90.0, "hi": 99.0}]},
    )  # fmt: skip
    return tmp_path / "a.sav"


def test_declared_missing_values_are_null_and_labels_are_kept(spss: Path) -> None:
    table = read(spss, BACKEND)
    assert table.to_pyarrow().to_pydict() == {
        "q1": [1, 2, None, None, None],
        "area": ["010", "朝阳", None, "a", "b"],
        "w": [0.5, 1.0, 1.5, 2.0, 2.5],
        "day": [dt.date(2021, 6, 30)] * 5,
    }
    found = labels(table)
    assert found.variables == {"q1": "您觉得安全吗？"}
    assert found.values == {"q1": {1: "安全", 2: "不安全", 9: "说不清"}}
    assert set(found.missing["q1"]) == {9, (90, 99)}
    assert labels(spss) == found


def test_labels_are_found_from_a_table_derived_from_one_that_was_read(spss: Path) -> None:
    table = read(spss, BACKEND)
    derived = table.filter(table.w > 1).mutate(z=1).select("q1", "z")
    assert labels(derived).variables == {"q1": "您觉得安全吗？"}
    assert labels(read(spss, BACKEND, columns=["w"], text=["w"])).values


def test_other_tables_have_no_labels(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert labels(read(tmp_path / "a.csv", BACKEND)) == labels(tmp_path / "a.csv") == Labels()


def test_stata_files_are_read_with_labels(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q1": [1, 2], "地区": ["010", "海淀"], "w": [0.5, 1.5]})
    pyreadstat.write_dta(
        frame, tmp_path / "a.dta", column_labels={"q1": "问题一"},
        variable_value_labels={"q1": {1: "好", 2: "差"}},
    )  # fmt: skip
    table = read(tmp_path / "a.dta", BACKEND)
    assert table.to_pyarrow().to_pydict() == {
        "q1": [1, 2], "地区": ["010", "海淀"], "w": [0.5, 1.5],
    }  # fmt: skip
    assert labels(table).values == {"q1": {1: "好", 2: "差"}}


@pytest.mark.parametrize("suffix", ["sav", "zsav", "dta"])
@pytest.mark.parametrize("content", [b"", b"$FL2 but nothing more", b"<sta but no more", b"PK"])
def test_a_damaged_statistical_file_is_said(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    assert refused(path).code == ("unreadable-file" if content else "empty-file")


@pytest.mark.parametrize("at", [0.2, 0.5, 0.9])
def test_a_cut_or_overwritten_file_never_takes_the_process_along(spss: Path, at: float) -> None:
    whole = spss.read_bytes()
    cut = int(len(whole) * at)
    for damaged in (whole[:cut], whole[:cut] + b"\xff" * 64 + whole[cut + 64 :]):
        spss.write_bytes(damaged)
        with contextlib.suppress(MeasureError):
            read(spss, BACKEND)


# What is written is read back

# Excel keeps fifteen digits.
FIFTEEN = st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: float(f"{x:.15g}"))
NUMBERS = FIFTEEN.filter(lambda x: x % 1 != 0)
WORDS = st.text(st.sampled_from("安全感满意度abc 1,;'\"\n"), max_size=6).map("文".__add__)
KINDS = {"whole": st.integers(-9_999, 99_999), "number": NUMBERS, "text": WORDS}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    n = draw(st.integers(1, 8))
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    cells = {kind: st.one_of(st.none(), cell) for kind, cell in KINDS.items()}
    made = {}
    for at, kind in enumerate(kinds):
        values = draw(st.lists(cells[kind], min_size=n, max_size=n))
        # A column must say of which kind it is, and a row must not be blank.
        values[0] = draw(KINDS[kind])
        made[f"{kind}_{at}"] = values
    return made | {"key": list(range(1, n + 1))}


def test_no_part_of_a_replaced_file_is_kept_from_the_file_before() -> None:
    assert BACKEND.raw_sql("SELECT current_setting('enable_external_file_cache')").fetchone() == (
        False,
    )


@settings(max_examples=20, deadline=None, suppress_health_check=REUSED)
@given(tables())
def test_parquet_is_read_back(tmp_path: Path, table: dict[str, list[Any]]) -> None:
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", BACKEND).to_pyarrow().to_pydict() == table


@settings(max_examples=15, deadline=None, suppress_health_check=REUSED)
@given(tables())
def test_excel_is_read_back(tmp_path: Path, table: dict[str, list[Any]]) -> None:
    cells = [list(table), *(list(row) for row in zip(*table.values(), strict=True))]
    path = workbook(tmp_path / "a.xlsx", cells)
    assert read(path, BACKEND).to_pyarrow().to_pydict() == table


@settings(max_examples=15, deadline=None, suppress_health_check=REUSED)
@given(tables(), st.sampled_from(["sav", "zsav", "dta"]))
def test_spss_and_stata_are_read_back(
    tmp_path: Path, table: dict[str, list[Any]], suffix: str
) -> None:
    path, out = tmp_path / f"a.{suffix}", tmp_path / "a.arrow"
    frame = pd.DataFrame(table)
    if suffix == "dta":
        pyreadstat.write_dta(frame, path)
    else:
        pyreadstat.write_sav(frame, path, compress=suffix == "zsav")
    convert(path, out)
    # SPSS fills text with spaces to its width, so spaces at an end are not kept in the file.
    kept = table if suffix == "dta" else {name: list(map(stripped, table[name])) for name in table}
    assert pa.ipc.open_file(out).read_all().to_pydict() == kept


def stripped(value: Any) -> Any:
    return value.rstrip(" ") if isinstance(value, str) else value


SHARE = st.floats(0, 1, exclude_max=True)


@settings(max_examples=60, deadline=None, suppress_health_check=REUSED)
@given(
    st.sampled_from(["parquet", "xlsx"]),
    st.lists(st.tuples(SHARE, st.integers(0, 255)), max_size=6),
    st.one_of(st.just(1.0), SHARE),
)
def test_no_damage_gives_any_error_but_a_measure_error(
    tmp_path: Path, suffix: str, changes: list[tuple[float, int]], kept: float
) -> None:
    path = tmp_path / f"damaged.{suffix}"
    if suffix == "xlsx":
        workbook(path, [["a", "b"], [1, "x"], [2, "y"]])
    else:
        pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), path)
    content = bytearray(path.read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path.write_bytes(bytes(content[: int(kept * len(content))]))
    with contextlib.suppress(MeasureError):
        read(path, BACKEND)
