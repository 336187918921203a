"""The sheets of the workbook: which columns they have, and their rows with codes in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.content import TABLES
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.results import WITHHELD
from huiyin.measure.bulletin.words import catalogue

#: What a cell holds.
Value = str | float
#: Rows read from a table at a time.
BATCH = 20_000
#: Columns of codes, and the column of names that follows each.
NAMED = {"indicator": "indicator_title", "area": "area_name"}


@dataclass(frozen=True)
class Sheet:
    """A table on its way into the workbook."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    count: int


def sheets(context: Context) -> list[Sheet]:
    """All that have rows, in the order of the workbook."""
    tables = context.measurement.tables
    contract = [_contract(context, name) for name in TABLES if name in tables and len(tables[name])]
    others = (_flags(context), _response(context), _weighting(context), _withheld(context))
    return [*contract, *(sheet for sheet in others if sheet is not None)]


def _contract(context: Context, name: str) -> Sheet:
    table = context.measurement.tables[name].arrow
    columns = _columns(table.column_names, name)
    return Sheet(name, columns, _rows(context, name, table, columns), len(table))


def _columns(given: Sequence[str], name: str) -> list[str]:
    """Those of the table that are explained, names beside codes, reasons where withheld."""
    found: list[str] = []
    for column in given:
        if f"excel.{column}" in catalogue():
            found.append(column)
            if column in NAMED:
                found.append(NAMED[column])
    if name in WITHHELD and "why_not" not in found:
        found.append("why_not")
    return found


def _rows(
    context: Context, name: str, table: pa.Table, columns: Sequence[str]
) -> Iterator[Sequence[Value]]:
    speak = _spoken(context)
    for start in range(0, len(table), BATCH):
        batch = table.slice(start, BATCH)
        reasons = _reasons(context, name, batch)
        yield from zip(
            *(_column(batch, column, reasons, WITHHELD.get(name, ()), speak) for column in columns),
            strict=True,
        )


def _reasons(context: Context, name: str, batch: pa.Table) -> list[str]:
    """Why the figures of each row are withheld; nothing where they are not."""
    if name not in WITHHELD:
        return [""] * len(batch)
    rows = batch.select([c for c in ("round", "previous", *KEY[1:]) if c in batch.column_names])
    found = (context.results.reason(name, row) for row in rows.to_pylist())
    return ["" if why is None else context.reason(why) for why in found]


KEY = ("round", "indicator", "level", "area")


def _column(
    batch: pa.Table,
    column: str,
    reasons: Sequence[str],
    hidden: Sequence[str],
    speak: dict[str, Callable[..., str]],
) -> list[Value]:
    """The cells of one column of a batch."""
    if column == "why_not":
        return list(reasons)
    if column in NAMED.values():
        sources = ("level", "area") if column == "area_name" else ("indicator",)
        return _say(speak[column], *(batch[source].to_pylist() for source in sources))
    values = batch[column].to_pylist()
    if column in hidden:
        pairs = zip(values, reasons, strict=True)
        values = [None if reason else value for value, reason in pairs]
    if column == "verdict":
        return _say(speak[column], batch["indicator"].to_pylist(), values)
    if column in speak:
        return _say(speak[column], values)
    return [plain(value) for value in values]


def _say(speak: Callable[..., str], *columns: list[Any]) -> list[Value]:
    return [speak(*values) for values in zip(*columns, strict=True)]


def _spoken(context: Context) -> dict[str, Callable[..., str]]:
    """How codes are spoken; each code is looked up once."""

    def verdict(indicator: Any, value: Any) -> str:
        info = context.indicator(indicator)
        return context.verdict({"verdict": value}, info).text if info and value else numbers.DASH

    makers: dict[str, Callable[..., str]] = {
        "round": context.round,
        "previous": context.round,
        "indicator_title": context.item,
        "level": lambda code: context.level(str(code)),
        "area_name": lambda level, code: context.area(str(level), code),
        "verdict": verdict,
        "item": context.item,
        "quadrant": context.quadrant,
    }
    return {column: lru_cache(maxsize=None)(maker) for column, maker in makers.items()}


def plain(value: Any) -> Value:
    """A number as it is; nothing, and what is not finite, as a dash."""
    if value is None:
        return numbers.DASH
    if isinstance(value, bool | str):
        return str(value)
    return value if numbers.is_figure(value) else numbers.DASH


def _made(name: str, columns: Sequence[str], rows: list[list[Value]]) -> Sheet | None:
    return Sheet(name, columns, rows, len(rows)) if rows else None


def _flags(context: Context) -> Sheet | None:
    flags, words = context.measurement.integrity, context.words
    columns = ("check", "kind", "unit", "n", "observed", "expected", "p_adjusted", "flagged")
    rows: list[list[Value]] = [
        [
            words.coded("check", str(row["check"])),
            words.coded("kind", str(row["kind"])),
            context.unit(str(row["kind"]), row["unit"]),
            *(plain(row.get(column)) for column in columns[3:7]),
            words("yes" if row["flagged"] else "no"),
        ]
        for row in (flags.rows() if flags is not None else [])
    ]
    return _made("integrity", columns, rows)


def _response(context: Context) -> Sheet | None:
    rows: list[list[Value]] = [
        [context.words.round(info), str(row["rate"]), plain(row["value"])]
        for info in context.measurement.rounds
        if info.response is not None
        for row in info.response.rows()
    ]
    return _made("response", ("round", "rate", "value"), rows)


def _weighting(context: Context) -> Sheet | None:
    rows: list[list[Value]] = [
        [context.round(name), context.words.coded("diagnostic", key), plain(value)]
        for name, found in context.measurement.weighting.items()
        for key, value in found.items()
    ]
    return _made("weighting", ("round", "diagnostic", "amount"), rows)


def _withheld(context: Context) -> Sheet | None:
    rows: list[list[Value]] = [
        [
            context.round(name),
            context.item(indicator),
            context.level(level),
            area,
            context.area(level, area),
            context.reason(why),
        ]
        for (name, indicator, level, area), why in context.results.withheld.items()
    ]
    columns = ("round", "indicator_title", "level", "area", "area_name", "why_not")
    return _made("withheld", columns, rows)
