"""Excel workbooks: the cached values of one sheet, with titles and merged headers understood."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.kinds import NULL_TOKENS
from huiyin.measure.reading.strings import Strings, Wanted, check_header, typed_select
from huiyin.measure.reading.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ERROR_CELLS = frozenset({"#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
UNCALCULATED = re.compile(
    rb"<c\s(?P<attributes>[^>]*)>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet, its merged ranges, and where they begin.

    Attributes:
        rows: cached values, row by row, from row 1.
        merged: ranges as (first row, first column, last row, last column), from 0.
    """

    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...]


def read_excel(path: Path, wanted: Wanted) -> pa.Table:
    """One sheet as an Arrow table.

    Rows above the header with a single filled cell are titles and are skipped. Where the header
    holds merged cells it has as many rows as they need, and a name is its parts from top to
    bottom joined by ``_``. Blank rows are left out. Columns get their types by the same rule as
    those of a CSV file, so that numbers stored as text are numbers and ``010`` stays text.

    Raises:
        MeasureError: ``password-protected``, ``unreadable-file``, ``unknown-sheet``,
            ``empty-file``, ``no-header``, ``merged-cells``, ``error-cell``,
            ``uncalculated-formula``, ``duplicate-columns``, ``not-a-number``.
    """
    import duckdb

    _check_signature(path)
    sheet = _sheet(path, wanted.sheet)
    names, body_at = _header(sheet)
    body = _body(sheet, body_at, len(names))
    with duckdb.connect() as connection:
        connection.register("sheet", body)
        select = typed_select(connection, Strings("sheet", names), wanted)
        return connection.sql(select).to_arrow_table()


def _check_signature(path: Path) -> None:
    content = path.read_bytes()
    if not content:
        raise MeasureError("empty-file", "the file is empty", "文件为空")
    if content.startswith(OLE) and ENCRYPTED in content:
        raise MeasureError(
            "password-protected",
            "the workbook is protected by a password; save a copy without one",
            "工作簿设有打开密码，请另存一份不加密的副本",
        )
    if content.startswith(OLE):
        raise _unreadable("it is an old .xls workbook; save it as .xlsx")
    if not content.startswith(b"PK"):
        raise _unreadable("it is no workbook")


def _unreadable(reason: str) -> MeasureError:
    return MeasureError(
        "unreadable-file",
        f"not a readable Excel workbook ({reason})",
        f"无法作为 Excel 工作簿读取（{reason}）",
    )


def _sheet(path: Path, wanted: str | int | None) -> Sheet:
    try:
        with _workbook(path) as workbook:
            return _cells(_chosen(workbook, wanted), path)
    except MeasureError:
        raise
    except Exception as wrong:  # a damaged workbook fails anywhere inside openpyxl
        raise _unreadable(f"{type(wrong).__name__}: {wrong}") from wrong


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl on styles and extensions that hold no data
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield workbook
        finally:
            workbook.close()


def _chosen(workbook: Any, wanted: str | int | None) -> Any:
    sheets = workbook.worksheets
    if isinstance(wanted, int) and 0 <= wanted < len(sheets):
        return sheets[wanted]
    if wanted is not None:
        for sheet in sheets:
            if sheet.title == wanted:
                return sheet
        raise _unknown_sheet(str(wanted), [sheet.title for sheet in sheets])
    for sheet in sheets:
        sheet.reset_dimensions()
        visible = sheet.sheet_state == "visible"
        if visible and any(_filled(row) for row in sheet.iter_rows(values_only=True)):
            return sheet
    raise MeasureError("empty-file", "no sheet holds anything", "各工作表均为空")


def _unknown_sheet(name: str, titles: Sequence[str]) -> MeasureError:
    english, chinese = hint(name, titles)
    listed = ", ".join(titles)
    return MeasureError(
        "unknown-sheet",
        f"there is no sheet {name!r}{english or f'; there are {listed}'}",
        f"没有名为 {name!r} 的工作表{chinese or f'；现有：{listed}'}",
    )


def _cells(sheet: Any, path: Path) -> Sheet:
    from openpyxl.utils import range_boundaries

    sheet.reset_dimensions()
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    while rows and not _filled(rows[-1]):
        rows.pop()
    if not rows:
        raise MeasureError(
            "empty-file", f"the sheet {sheet.title!r} is empty", f"工作表 {sheet.title!r} 为空"
        )
    with zipfile.ZipFile(path) as archive:
        markup = archive.read(sheet._worksheet_path)
    _refuse_uncalculated(markup)
    ranges = [range_boundaries(found.decode()) for found in MERGED.findall(markup)]
    merged = tuple((top - 1, left - 1, low - 1, right - 1) for left, top, right, low in ranges)
    width = max(len(row) for row in rows)
    return Sheet(tuple(row + (None,) * (width - len(row)) for row in rows), merged)


def _refuse_uncalculated(markup: bytes) -> None:
    """A formula that was never calculated has no value, and reading on would call it missing."""
    for found in UNCALCULATED.finditer(markup):
        attributes = found["attributes"]
        if b't="str"' in attributes:  # a formula whose result is the empty text
            continue
        cell = re.search(rb'\br="([A-Z]+\d+)"', attributes)
        name = cell[1].decode() if cell else "?"
        raise MeasureError(
            "uncalculated-formula",
            "the formula has no stored result; open the workbook, let it calculate, and save it",
            "公式没有保存计算结果，请用 Excel 或 WPS 打开、重新计算并保存",
            place=f"cell {name}",
        )


def _filled(row: Row) -> int:
    return sum(value is not None and str(value).strip() != "" for value in row)


def _header(sheet: Sheet) -> tuple[tuple[str, ...], int]:
    """The column names, and the index of the first row of data."""
    top = _header_row(sheet)
    depth = 1
    for first, left, last, right in sheet.merged:
        if first == top:
            depth = max(depth, last - top + 1 if last > top else 1 + (right > left))
    names = _names(sheet, top, top + depth)
    check_header(names)
    width = max((_last_filled(row) for row in sheet.rows[top:]), default=0)
    if sum(not name for name in names[:width]) > width / 2:
        raise MeasureError(
            "no-header",
            f"row {top + 1} names fewer than half of the {width} columns; put the names in one row",
            f"第 {top + 1} 行只为 {width} 列中不到一半的列命名，请将列名写在同一行",
            place=f"row {top + 1}",
        )
    return names, top + depth


def _header_row(sheet: Sheet) -> int:
    widest = max(_filled(row) for row in sheet.rows)
    for at, row in enumerate(sheet.rows):
        if _filled(row) > 1 or (_filled(row) and widest == 1):
            return at
    return 0


def _last_filled(row: Row) -> int:
    return max((at for at, value in enumerate(row, 1) if value is not None), default=0)


def _names(sheet: Sheet, top: int, end: int) -> tuple[str, ...]:
    block = [list(row) for row in sheet.rows[top:end]]
    for first, left, last, right in sheet.merged:
        for row in range(max(first, top), min(last + 1, end)):
            for column in range(left, min(right + 1, len(block[0]))):
                block[row - top][column] = sheet.rows[max(first, top)][left]
    return tuple(_name(parts) for parts in zip(*block, strict=True))


def _name(parts: Row) -> str:
    texts = [" ".join(str(_text(part) or "").split()) for part in parts]
    return "_".join(dict.fromkeys(text for text in texts if text))


def _body(sheet: Sheet, start: int, width: int) -> pa.Table:
    import pyarrow as pa

    _refuse_merged(sheet, start)
    rows = [
        [_checked(value, at, column) for column, value in enumerate(row)]
        for at, row in enumerate(sheet.rows[start:], start)
        if _filled(row)
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    return pa.table({f"c{at}": pa.array(values, pa.string()) for at, values in enumerate(columns)})


def _refuse_merged(sheet: Sheet, start: int) -> None:
    for first, left, last, right in sheet.merged:
        if last >= start:
            place = f"cells {_cell(first, left)}:{_cell(last, right)}"
            raise MeasureError(
                "merged-cells",
                "cells among the data are merged, so it is unclear whose value it is; unmerge"
                " them and fill in every row",
                "数据区存在合并单元格，无法确定其值属于哪一行，请取消合并并逐行填写",
                place=place,
            )


def _cell(row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column + 1)}{row + 1}"


def _checked(value: Any, row: int, column: int) -> str | None:
    text = _text(value)
    if text in ERROR_CELLS:
        raise MeasureError(
            "error-cell",
            f"the cell holds the error {text}; correct the formula or empty the cell",
            f"单元格的值为错误 {text}，请更正公式或清空该单元格",
            place=f"cell {_cell(row, column)}",
        )
    return None if text in NULL_TOKENS or text == "#N/A" else text


def _text(value: Any) -> str | None:
    """A cell as the text a CSV file would hold."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        day = value.time() == dt.time(0)
        return value.date().isoformat() if day else value.isoformat(sep=" ")
    return str(value)
