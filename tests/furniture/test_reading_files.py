"""Files as people make them: read where the meaning is clear, refused with the place where not.

Proves the reading half of P-32 and the bad input of the house.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pytest
import xlsxwriter
from django.utils.translation import gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st

from huiyin.furniture.exchange import Field, Sheet, choice, code, day, number, read, text, whole
from huiyin.furniture.exchange.parsing import EXCEL_EPOCH
from huiyin.problems import Problem


class People(Sheet):
    name = "test-people"
    title = "People"
    columns: ClassVar = (
        Field("code", (gettext_lazy("Region"), "区划代码", "code"), required=True, parse=code()),
        Field("name", ("名称", "name"), parse=text(10)),
        Field("count", ("人口数", "people"), required=True, parse=whole(0, 10**9)),
        Field("since", ("日期", "since"), parse=day()),
    )


HEAD = ["区划代码", "名称", "人口数", "日期"]
Make = Callable[..., Path]


@pytest.fixture
def book(tmp_path: Path) -> Make:
    """``book([row, …], sheet=…)``: a workbook; ``change`` may alter it before it is saved."""

    def make(rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> Path:
        workbook = openpyxl.Workbook()
        workbook.active.title = "数据"
        for row in rows:
            workbook.active.append(row)
        if change:
            change(workbook)
        path = tmp_path / "file.xlsx"
        workbook.save(path)
        return path

    return make


def refusal(path: Path, kind: str = "xlsx") -> Problem:
    with pytest.raises(Problem) as wrong:
        read(People, path, kind)
    return wrong.value


def values(path: Path, kind: str = "xlsx") -> list[dict[str, Any]]:
    reading = read(People, path, kind)
    assert not reading.rejected, [str(p) for c in reading.rejected for p in c.problems]
    return [dict(row.values) for row in reading.rows]


def reasons(path: Path, kind: str = "xlsx") -> list[str]:
    with override("en"):
        reading = read(People, path, kind)
        return [str(problem) for change in reading.rejected for problem in change.problems]


# Encodings and separators


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_csv_file_is_read_in_every_encoding_that_excel_writes_here(
    tmp_path: Path, encoding: str, sign: str
) -> None:
    rows = [HEAD, ["430582", "邵东市，㼆", "1,234" if sign != "," else "1234", "2026-11-28"]]
    path = tmp_path / "file.csv"
    if encoding == "gbk":
        rows[1][1] = "邵东市"
    path.write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    assert values(path, "csv") == [
        {"code": "430582", "name": rows[1][1], "count": 1234, "since": date(2026, 11, 28)}
    ]


def test_a_csv_file_in_no_known_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("区划代码,人口数\n430582,1\n".encode("gbk") + b"430583\xff,2\n")
    wrong = refusal(path, "csv")
    assert wrong.code == "text-encoding"
    assert "3" in wrong.message


def test_an_open_quotation_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('区划代码,人口数\n430582,1\n"430583,2\n')
    assert refusal(path, "csv").code == "file-damaged"


# What people write in cells


def test_full_width_digits_and_letters_are_ordinary_ones_in_codes_and_numbers(book: Make) -> None:
    row = ["４３０５８２", "邵东市", "１，２３４", "２０２６－１１－２８"]
    assert values(book([HEAD, row])) == [
        {"code": "430582", "name": "邵东市", "count": 1234, "since": date(2026, 11, 28)}
    ]


@pytest.mark.parametrize(
    "written",
    [
        date(2026, 11, 28),
        datetime(2026, 11, 28),
        "2026-11-28",
        "2026/11/28",
        "2026.11.28",
        "2026年11月28日",
        "20261128",
        " 2026-11-28 ",
        "2026-11-28 00:00:00",
        (date(2026, 11, 28) - EXCEL_EPOCH).days,
        str((date(2026, 11, 28) - EXCEL_EPOCH).days),
    ],
)
def test_a_day_is_read_however_it_is_written(book: Make, written: Any) -> None:
    assert values(book([HEAD, ["1", "", 1, written]]))[0]["since"] == date(2026, 11, 28)


@given(st.dates(date(1900, 3, 1), date(2173, 10, 13)))
def test_a_serial_number_of_excel_is_the_day_that_excel_shows(found: date) -> None:
    assert day()((found - EXCEL_EPOCH).days) == found


@pytest.mark.parametrize("written", ["2026-02-30", "昨天", "13", "2026-13-01"])
def test_what_is_no_day_is_rejected_with_sheet_row_and_column(book: Make, written: str) -> None:
    found = reasons(book([HEAD, ["1", "", 1, written]]))
    assert found == [
        f"sheet “数据”, row 2, column D “日期”: “{written}” is not a date."
        " Enter it like 2026-11-28."
    ]


def test_a_code_keeps_its_leading_zeros_and_loses_its_blanks(book: Make) -> None:
    assert values(book([HEAD, [" 0430 582 ", "", 1]]))[0]["code"] == "0430582"


@pytest.mark.parametrize("written", ["4.31E+11", 4.31e20])
def test_a_code_that_has_lost_its_digits_is_rejected(book: Make, written: Any) -> None:
    assert "lost its last digits" in reasons(book([HEAD, [written, "", 1]]))[0]


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("12.5", "not a whole number"),
        ("一百", "not a number"),
        (-1, "does not lie between 0"),
        ("nan", "not a number"),
        ("#DIV/0!", "holds the error"),
        (None, "a value is needed"),
        ("　", "a value is needed"),
        (True, "not a number"),
    ],
)
def test_what_is_no_count_is_rejected_with_the_reason(book: Make, written: Any, part: str) -> None:
    assert part in reasons(book([HEAD, ["1", "", written]]))[0]


def test_text_too_long_is_rejected_and_says_how_long(book: Make) -> None:
    assert "11 characters, at most 10" in reasons(book([HEAD, ["1", "长" * 11, 1]]))[0]


def test_each_wrong_cell_of_a_row_is_named(book: Make) -> None:
    assert len(reasons(book([HEAD, ["x", "长" * 11, "y", "z"]]))) == 4


def test_a_choice_is_recognised_by_value_and_by_title_in_both_languages() -> None:
    parse = choice({"a": gettext_lazy("Yes"), "b": "否"})
    assert [parse(each) for each in ("a", "Yes", "ＹＥＳ", "否")] == ["a", "a", "a", "b"]


@given(st.decimals(-(10**9), 10**9, places=3))
def test_a_number_survives_thousands_separators_and_full_width(found: Any) -> None:
    full = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
    assert number()(f"{found:,}".translate(full)) == found


# Heads


def test_titles_and_remarks_above_the_head_are_passed_over(book: Make) -> None:
    def merge(workbook: Any) -> None:
        workbook.active.merge_cells("A1:D1")

    rows = [["2026年人口表"], ["单位：人"], HEAD, ["430582", "", 5]]
    assert values(book(rows, merge))[0]["count"] == 5


def test_columns_are_found_by_any_title_in_any_order_with_stars_and_blanks(book: Make) -> None:
    rows = [["people ", "备注", "Region*（必填）"], [7, "x", "430582"]]
    reading = read(People, book(rows), "xlsx")
    assert reading.rows[0]["code"] == "430582"
    assert "备注" in reading.notes[0]


def test_missing_columns_are_named(book: Make) -> None:
    wrong = refusal(book([["名称", "日期"], ["a", "b"]]))
    assert wrong.code == "columns-missing"
    assert "人口数" in wrong.message


def test_a_column_that_stands_twice_is_named_with_both_letters(book: Make) -> None:
    wrong = refusal(book([["code", "人口数", "区划代码"], ["1", 1, "2"]]))
    assert wrong.code == "column-twice"
    assert "A, C" in wrong.message


def test_a_file_without_rows_says_so(book: Make) -> None:
    assert refusal(book([HEAD])).code == "no-rows"
    assert refusal(book([])).code == "no-rows"


# Excel's own traps


def test_merged_cells_among_the_data_are_refused_by_their_name(book: Make) -> None:
    def merge(workbook: Any) -> None:
        workbook.active.merge_cells("A2:A3")

    wrong = refusal(book([HEAD, ["1", "", 1], [None, "", 2]], merge))
    assert (wrong.code, wrong.values["cells"]) == ("cells-merged", "A2:A3")


def test_merged_cells_in_the_head_are_refused(book: Make) -> None:
    def merge(workbook: Any) -> None:
        workbook.active.merge_cells("A1:B1")

    wrong = refusal(book([["区划代码", None, "人口数"], ["1", "a", 1]], merge))
    assert wrong.code == "cells-merged"


def test_a_formula_counts_by_its_stored_result_and_the_preview_says_so(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ["430582", "邵东"])
        sheet.write_formula(1, 2, "=1+2", None, 3)
    with override("en"):
        reading = read(People, path, "xlsx")
    assert reading.rows[0]["count"] == 3
    assert reading.notes == ["1 cells hold formulas; the results stored in the file were taken."]


def test_a_formula_without_a_stored_result_is_refused_by_its_cell(book: Make) -> None:
    wrong = refusal(book([HEAD, ["1", "", "=1+2"]]))
    assert (wrong.code, wrong.values["cell"]) == ("formula-uncalculated", "C2")


def test_hidden_and_other_sheets_are_not_read_and_named(book: Make) -> None:
    def more(workbook: Any) -> None:
        hidden = workbook.create_sheet("旧")
        hidden.append(HEAD)
        hidden.sheet_state = "hidden"
        workbook.create_sheet("说明").append(["只是说明"])

    reading = read(People, book([HEAD, ["1", "", 1]], more), "xlsx")
    assert len(reading.rows) == 1
    assert any("旧" in note for note in reading.notes)
    assert any("说明" in note for note in reading.notes)


def test_formatting_down_to_the_last_row_of_excel_costs_nothing_and_loses_no_row(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        form = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(5, 0, ["430582", "邵东", 5])
        for row in range(6, 60_000):
            sheet.write_blank(row, 0, None, form)
        sheet.write_blank(1_048_575, 0, None, form)
    reading = read(People, path, "xlsx")
    assert [row.where.row for row in reading.rows] == [6]


def test_more_rows_than_the_sheet_takes_are_refused(
    book: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(People, "row_limit", 10)
    rows = [HEAD, *([str(at), "", 1] for at in range(60))]
    assert refusal(book(rows)).code == "too-many-rows"


def rewritten(source: Path, path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with the markup of its first sheet changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part, change(content) if "sheet1.xml" in part.filename else content)
    return path


def prefixed(markup: bytes) -> bytes:
    markup = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", markup)
    return markup.replace(b"xmlns=", b"xmlns:x=")


def unnumbered(markup: bytes) -> bytes:
    return re.sub(rb'(<row) r="\d+"', rb"\1", markup)


@pytest.mark.parametrize("change", [prefixed, unnumbered])
def test_markup_with_prefixes_or_without_numbers_of_rows_is_read_all_the_same(
    book: Make, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    source = book([HEAD, *([str(at), "", 1] for at in range(5))])
    assert len(values(rewritten(source, tmp_path / "other.xlsx", change))) == 5


# Hostile and broken files


def swollen(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 * 2**20))
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert refusal(swollen(tmp_path / "bomb.xlsx")).code == "file-swells"


def test_a_workbook_of_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "parts.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for at in range(2_001):
            archive.writestr(f"xl/{at}", "")
    assert refusal(path).code == "file-swells"


def test_declared_entities_are_refused(book: Make, tmp_path: Path) -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    source = book([HEAD, ["1", "", 1]])
    path = rewritten(source, tmp_path / "entities.xlsx", lambda markup: declared + markup)
    assert refusal(path).code == "file-declares"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "file-empty"),
        (b"not a workbook", "file-kind"),
        (b"PK\x03\x04 cut off", "file-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old-excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file-protected",
        ),
    ],
)
def test_what_is_no_readable_workbook_says_what_it_is(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    assert refusal(path).code == problem


def test_a_workbook_cut_in_half_is_refused_as_damaged(book: Make) -> None:
    path = book([HEAD, *([str(at), "", 1] for at in range(500))])
    whole_file = path.read_bytes()
    path.write_bytes(whole_file[: len(whole_file) // 2])
    assert refusal(path).code == "file-damaged"
