"""Respondents of two phone frames: which columns describe them, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import ibis

FRAMES = ("landline", "mobile")
FRAME_ZH = {"landline": "固定电话", "mobile": "手机"}


@dataclass(frozen=True)
class Phones:
    """Names of the columns, and the numbers (or columns) that describe the draw."""

    frame: str
    landline_lines: str
    mobile_numbers: str
    eligible_in_household: str
    drawn: Mapping[str, float | str]
    frame_size: Mapping[str, float | str]

    @property
    def counts(self) -> dict[str, str]:
        """Role of each count, and its column."""
        return {
            "landline_lines": self.landline_lines,
            "mobile_numbers": self.mobile_numbers,
            "eligible_in_household": self.eligible_in_household,
        }

    @property
    def numeric(self) -> list[str]:
        """Every column that must hold numbers."""
        sizes = [*self.drawn.values(), *self.frame_size.values()]
        return [*self.counts.values(), *(s for s in sizes if isinstance(s, str))]


def size_of(table: ibis.Table, size: float | str) -> Any:
    """A size given as a number or as a column."""
    return table[size].cast("float64") if isinstance(size, str) else float(size)


def check_columns(table: ibis.Table, phones: Phones, name: str, row: str | None) -> None:
    """Every column is there, counts are numbers, and the new name is free."""
    for column in [phones.frame, *phones.numeric, *([row] if row else [])]:
        if column not in table.columns:
            raise MeasureError(
                "unknown-column",
                f"there is no column {column!r}; the table has {', '.join(table.columns)}",
                f"没有名为 {column!r} 的列；现有的列：{'、'.join(table.columns)}",
                place=f"column {column}",
            )
    for column in phones.numeric:
        if not table[column].type().is_numeric():
            raise MeasureError(
                "not-numeric",
                f"the column is {table[column].type()}, not numbers",
                f"该列的类型是 {table[column].type()}，不是数值",
                place=f"column {column}",
            )
    if name in table.columns:
        raise MeasureError(
            "reserved-column",
            f"the table already has a column {name!r}; give the weight another name",
            f"表中已有名为 {name!r} 的列，请为权数另取列名",
            place=f"column {name}",
        )


@dataclass(frozen=True)
class _Fault:
    """What can be wrong with one respondent."""

    code: str
    wrong: Any
    message: str
    message_zh: str
    shown: tuple[str, ...]


def check_rows(data: Any, table: ibis.Table, phones: Phones, row: str | None) -> None:
    """Raise for the first kind of fault that any respondent has, naming the respondent."""
    faults = _faults(table, phones)
    counts = {f"hy_{i}": f.wrong.cast("int64").sum() for i, f in enumerate(faults)}
    found = table.aggregate(hy_rows=table.count(), **counts).to_pyarrow().to_pylist()[0]
    if not found["hy_rows"]:
        raise MeasureError("no-rows", "the table has no rows", "表中没有任何行")
    for i in range(len(faults)):
        if found[f"hy_{i}"]:
            raise _naming_row(data, table, phones, row, i, found[f"hy_{i}"])


def _faults(table: ibis.Table, phones: Phones) -> list[_Fault]:
    lines, numbers = table[phones.landline_lines], table[phones.mobile_numbers]
    eligible = table[phones.eligible_in_household]
    frame = table[phones.frame]
    both = (phones.landline_lines, phones.mobile_numbers)
    faults = [
        _Fault(
            "unknown-frame", frame.isnull() | frame.notin(list(FRAMES)),
            "the frame is neither landline nor mobile; recode the column",
            "抽样框既非 landline 也非 mobile，请重新编码该列", (phones.frame,),
        ),
        _Fault(
            "bad-phone-count", _no_count(lines) | _no_count(numbers),
            "numbers of phones must be whole numbers from 0; ask again or impute",
            "电话号码数应为不小于 0 的整数，请补问或插补", both,
        ),
        _Fault(
            "reachable-in-no-frame", (lines == 0) & (numbers == 0),
            "the person has neither landline nor mobile, so could not have been drawn",
            "受访者既无固定电话也无手机，不可能被抽中", both,
        ),
        _Fault(
            "frame-without-number",
            ((frame == "landline") & (lines == 0)) | ((frame == "mobile") & (numbers == 0)),
            "the person was reached through a frame, but reports no number in it",
            "受访者自报在其被抽中的抽样框中没有号码", (phones.frame, *both),
        ),
        _Fault(
            "bad-household", (lines > 0) & (_no_count(eligible) | (eligible < 1)),
            "who has a landline needs the number of eligible persons sharing it, from 1",
            "有固定电话的受访者须填写共用该电话的合格人数（不小于 1 的整数）",
            (phones.landline_lines, phones.eligible_in_household),
        ),
    ]  # fmt: skip
    return faults + [fault for f in FRAMES for fault in _size_faults(table, phones, f)]


def _no_count(values: Any) -> Any:
    """Missing, negative, not whole or not finite."""
    as_float = values.cast("float64")
    wrong = (as_float < 0) | (as_float % 1 != 0) | as_float.isinf()
    return values.isnull() | wrong


def _size_faults(table: ibis.Table, phones: Phones, frame: str) -> list[_Fault]:
    """Draws and frame sizes that come in columns; plain numbers were checked before."""
    drawn, size = phones.drawn[frame], phones.frame_size[frame]
    shown = tuple(s for s in (drawn, size) if isinstance(s, str))
    if not shown:
        return []
    m, total = size_of(table, drawn), size_of(table, size)
    wrong = (m <= 0) | (m > total)
    for column in shown:
        wrong = table[column].isnull() | wrong
    return [
        _Fault(
            "bad-frame-size", wrong,
            f"numbers drawn in the {frame} frame must be above 0 and no more than there are",
            f"{FRAME_ZH[frame]}抽样框的抽取数应大于 0 且不超过号码总数", shown,
        )
    ]  # fmt: skip


def _naming_row(
    data: Any, table: ibis.Table, phones: Phones, row: str | None, at: int, count: int
) -> MeasureError:
    """The error of fault ``at``, with the first respondent that has it."""
    if row is None:
        table, row = _numbered(data, table)
    fault = _faults(table, phones)[at]
    wanted = [*fault.shown, *([row] if row else [])]
    wrong = table.filter(fault.wrong).select(*dict.fromkeys(wanted))
    first = (wrong.order_by(row) if row else wrong).limit(1).to_pyarrow().to_pylist()[0]
    values = ", ".join(f"{c} = {first[c]}" for c in fault.shown)
    more = f" ({count} rows are like this)" if count > 1 else ""
    more_zh = f"（共有 {count} 行如此）" if count > 1 else ""
    return MeasureError(
        fault.code,
        f"{fault.message} ({values}){more}",
        f"{fault.message_zh}（{values}）{more_zh}",
        place=f"row {first[row]}" if row else "",
    )


def _numbered(data: Any, table: ibis.Table) -> tuple[ibis.Table, str | None]:
    """The table with its rows numbered from 1; an engine's own table has no order to number."""
    import ibis

    from huiyin.measure.reading import as_ibis
    from huiyin.measure.reading.arrow import to_arrow

    if isinstance(data, ibis.Table):
        return table, None
    arrow = to_arrow(data)
    return as_ibis(arrow.append_column("hy_row", [list(range(1, len(arrow) + 1))])), "hy_row"
