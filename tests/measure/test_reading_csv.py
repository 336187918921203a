"""CSV files: encoding, separator, decimal sign and types are found out; faults are placed.

An area code must not be read as a number and lose its zero.
"""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import delimited, read

BACKEND = connect()


def written(folder: Path, text: str | bytes, encoding: str = "utf-8", name: str = "d.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    return read(path, BACKEND, **options).to_pyarrow().to_pylist()


def refused(path: Path, **options: Any) -> MeasureError:
    with pytest.raises(MeasureError) as wrong:
        read(path, BACKEND, **options)
    assert wrong.value.place.startswith(path.name)
    assert wrong.value.message_zh
    return wrong.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "地区,满意\n朝阳区,1\n海淀区,2\n", encoding)
    assert rows(path) == [{"地区": "朝阳区", "满意": 1}, {"地区": "海淀区", "满意": 2}]


def test_a_file_of_two_encodings_names_a_line_of_each(tmp_path: Path) -> None:
    path = written(tmp_path, "地区,x\n".encode() + "a,1\n朝阳区,2\n".encode("gbk"))
    wrong = refused(path)
    assert wrong.code == "mixed-encodings"
    assert "line 1 is UTF-8 but line 3 is not" in str(wrong)
    assert wrong.place == "d.csv, line 3"


def test_bytes_of_no_encoding_are_placed(tmp_path: Path) -> None:
    wrong = refused(written(tmp_path, b"a,b\n1,2\n3,\xff\xff\n"))
    assert (wrong.code, wrong.place) == ("unknown-encoding", "d.csv, line 3")
    assert "byte 11" in str(wrong)


def test_a_western_encoding_is_not_taken_for_chinese(tmp_path: Path) -> None:
    wrong = refused(written(tmp_path, "Región,Opinión\nConcepción,1\n", "cp1252"))
    assert wrong.code == "unknown-encoding"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = f"name{separator}x\n李{separator}1\n王{separator}2\n"
    assert [row["x"] for row in rows(written(tmp_path, text))] == [1, 2]


def test_a_separator_inside_quotes_and_a_line_break_too_belong_to_the_value(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n"x,y","say ""hi""\nthere"\n')
    assert rows(path) == [{"a": "x,y", "b": 'say "hi"\nthere'}]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("c,x\n010,1\n011,2\n110,3\n", "c", ["010", "011", "110"]),
        ("c,x\n430102,1\n430103,2\n", "c", ["430102", "430103"]),
        ("c,x\n4301021111111111119,1\n1,2\n", "c", ["4301021111111111119", "1"]),
        ("c,x\n43010,1\n43011,2\n", "c", [43010, 43011]),
        ("c,x\n13.0,1\n5.0,2\n", "c", [13, 5]),
        ("c,x\n1,1\n2.5,2\n", "c", [1.0, 2.5]),
        ("c,x\n1e3,1\n2.5,2\n", "c", [1000.0, 2.5]),
        ("c,x\n1,1\nNA,2\n,3\n.,4\nNaN,5\n", "c", [1, None, None, None, None]),
        ("c,x\n1,1\n-inf,2\nInfinity,3\n", "c", [1.0, float("-inf"), float("inf")]),
        ("c,x\n1_000,1\n2,2\n", "c", ["1_000", "2"]),
        ("c,x\n1e400,1\n2,2\n", "c", ["1e400", "2"]),
        ("c,x\n0x1F,1\n2,2\n", "c", ["0x1F", "2"]),
        ('c,x\n"0,56",1\n"0,6",2\n1,3\n', "c", [0.56, 0.6, 1.0]),
        ('c,x\n"1,234",1\n"5,678",2\n', "c", ["1,234", "5,678"]),
        ('c,x\n"1,234","0,5"\n"5,678","0,7"\n', "c", [1.234, 5.678]),
        ("c;x\n1,234;1\n5,678;2\n", "c", [1.234, 5.678]),
        ("c,x\nTRUE,1\nFALSE,2\n", "c", ["TRUE", "FALSE"]),
        ("c,x\n,1\n,2\n", "c", [None, None]),
    ],
)
def test_a_column_is_numbers_only_if_every_value_is(
    tmp_path: Path, text: str, column: str, expected: list[Any]
) -> None:
    got = [row[column] for row in rows(written(tmp_path, text))]
    assert got == expected
    assert [type(value) for value in got] == [type(value) for value in expected]


def test_one_late_leading_zero_makes_the_whole_column_text(tmp_path: Path) -> None:
    lines = [f"{100 + n % 800},1" for n in range(30_000)]
    path = written(tmp_path, "area,x\n" + "\n".join(lines) + "\n010,1\n")
    table = read(path, BACKEND)
    assert table.area.type().is_string()
    assert table.filter(table.area == "010").count().execute() == 1


def test_moments_are_read_where_every_value_is_one(tmp_path: Path) -> None:
    path = written(tmp_path, "t,u\n2021-06-30 09:15:00,2021-06-30\n2021-07-01 10:00:00,x\n")
    table = read(path, BACKEND)
    assert table.t.type().is_timestamp()
    assert table.u.type().is_string()


def test_columns_can_be_forced_to_text_or_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "n,w\n1,615700\n2,615701\n")
    assert rows(path, text=["n"], numbers=["w"]) == [
        {"n": "1", "w": 615700.0}, {"n": "2", "w": 615701.0},
    ]  # fmt: skip
    assert rows(path, columns=["w"]) == [{"w": "615700"}, {"w": "615701"}]


def test_a_value_that_is_no_number_is_placed_by_row(tmp_path: Path) -> None:
    wrong = refused(written(tmp_path, "w,x\n1,1\n2.5,1\nmany,1\n"), numbers=["w"])
    assert (wrong.code, wrong.place) == ("not-a-number", "d.csv, column w, row 3")


def test_an_unknown_column_names_the_nearest(tmp_path: Path) -> None:
    wrong = refused(written(tmp_path, "weight,x\n1,2\n"), columns=["wieght"])
    assert wrong.code == "unknown-column"
    assert "did you mean 'weight'" in str(wrong)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty-file", "d.csv"),
        ("\n \n", "empty-file", "d.csv"),
        ("1,2\n3,4\n", "no-header", "d.csv, row 1"),
        ("a,b,a\n1,2,3\n", "duplicate-columns", "d.csv, column a"),
        ("a,A\n1,2\n", "duplicate-columns", "d.csv, column a"),
        ("a,b\n1,2\n3\n", "ragged-row", "d.csv, line 3"),
        ("a,b\n1,2\n3,4,5\n", "ragged-row", "d.csv, line 3"),
        ('a,b\n"1\n2",2\n3\n', "ragged-row", "d.csv, line 4"),
        ('a,b\n1,"2\n3,4\n', "broken-csv", "d.csv, line 3"),
        ("a\n1\n2,\n", "ragged-row", "d.csv, line 3"),
        ("a,b\n1,\0\n", "not-text", "d.csv"),
    ],
)
def test_a_fault_is_said_with_its_place(tmp_path: Path, text: str, code: str, place: str) -> None:
    wrong = refused(written(tmp_path, text))
    assert (wrong.code, wrong.place) == (code, place)


def test_a_file_of_only_a_header_is_an_empty_table(tmp_path: Path) -> None:
    assert rows(written(tmp_path, "a,b\n")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\r\n1,2\n3,4\r\n", [{"a": 1, "b": 2}, {"a": 3, "b": 4}]),
        ("a,b\r1,2\r3,4\r", [{"a": 1, "b": 2}, {"a": 3, "b": 4}]),
        ("a,b\n\n1,2\n\n", [{"a": 1, "b": 2}]),
        ("a\n1\n\n2\n\n", [{"a": 1}, {"a": 2}]),
        ("a,b,,\n1,2,,\n", [{"a": 1, "b": 2}]),
        ('"",b\n1,2\n2,3\n', [{"column_1": 1, "b": 2}, {"column_1": 2, "b": 3}]),
        (" a , b\n1,2\n", [{"a": 1, "b": 2}]),
        ("a,b\n1,2", [{"a": 1, "b": 2}]),
    ],
)
def test_harmless_untidiness_is_read(
    tmp_path: Path, text: str, expected: list[dict[str, Any]]
) -> None:
    assert rows(written(tmp_path, text)) == expected


def test_a_header_of_any_length_is_read(tmp_path: Path) -> None:
    names = [f"question_number_{n}" for n in range(6_000)]
    text = ",".join(names) + "\n" + ",".join(["1"] * 6_000) + "\n"
    assert delimited._look_at(written(tmp_path, text)).names == tuple(names)


def test_glob_characters_in_a_name_are_only_characters(tmp_path: Path) -> None:
    assert rows(written(tmp_path, "a,b\n1,2\n", name="w[1] 'x'.csv")) == [{"a": 1, "b": 2}]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_large_file_stays_on_disk_and_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    path = written(tmp_path, "地区,x\n010,1\n朝阳,2.5\n", encoding)
    small = rows(path)
    monkeypatch.setattr(delimited, "LARGE", 4)
    table = read(path, BACKEND)
    assert sorted(table.to_pyarrow().to_pylist(), key=str) == sorted(small, key=str)


HANZI = st.sampled_from("安全感满意度派出所社区治理调查问卷回访")
TEXT = st.text(st.one_of(HANZI, st.sampled_from("abz ,;'\"\n.|")), max_size=8).map("文".__add__)
CELLS = {
    "whole": st.integers(-9_999, 99_999),
    "number": st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x % 1 != 0),
    "text": TEXT,
    "code": st.from_regex(r"\A0[0-9]{1,11}\Z"),
}


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[Any]]:
    n = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    cell = {kind: st.one_of(st.none(), strategy) for kind, strategy in CELLS.items()}
    return {
        f"{kind}_{at}": draw(st.lists(cell[kind], min_size=n, max_size=n))
        for at, kind in enumerate(kinds)
    }


def as_csv(table: dict[str, list[Any]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow(["" if v is None else repr(v) if isinstance(v, float) else v for v in row])
    return text.getvalue()


REUSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, deadline=None, suppress_health_check=REUSED)
@given(columns(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), st.sampled_from(",;\t|"))
def test_what_was_written_is_read_back(
    tmp_path: Path, table: dict[str, list[Any]], encoding: str, separator: str
) -> None:
    found = separator if len(table) > 1 else ","  # one column shows no separator to be found
    path = written(tmp_path, as_csv(table, found), encoding)
    assert read(path, BACKEND).to_pyarrow().to_pydict() == table


@settings(max_examples=60, deadline=None, suppress_health_check=REUSED)
@given(st.one_of(st.binary(max_size=300), st.text('a1,;"\n\r. 甲', max_size=60).map(str.encode)))
def test_no_bytes_give_any_error_but_a_measure_error(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with contextlib.suppress(MeasureError):
        read(path, BACKEND).to_pyarrow()
