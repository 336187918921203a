"""A source of strings, CSV or worksheet, made a table with typed columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.arrow import refuse_repeated_names
from huiyin.measure.reading.kinds import Kind, expression, kinds_of, refuse_text
from huiyin.measure.reading.suggest import unknown_column


@dataclass(frozen=True)
class Wanted:
    """What the caller asked of a file.

    Attributes:
        columns: the columns to read, None = all.
        text: columns to read as text, whatever they hold.
        numbers: columns that must be numbers.
        sheet: the worksheet, by name or by position from 0; None = the first that holds anything.
    """

    columns: tuple[str, ...] | None = None
    text: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    sheet: str | int | None = None


@dataclass(frozen=True)
class Strings:
    """A FROM clause with VARCHAR columns c0, c1, … and the names they are to have."""

    source: str
    names: tuple[str, ...]
    decimal_comma: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"c{at}" for at in range(len(self.names)))


def typed_select(connection: Any, strings: Strings, wanted: Wanted) -> str:
    """The SELECT that gives the strings their names and types.

    A column without a name and without a value is left out; one with values but no name is
    called ``column_`` and its position.

    Raises:
        MeasureError: ``duplicate-columns``, ``unknown-column``, ``no-header``, ``not-a-number``.
    """
    named = _named(connection, strings)
    refuse_repeated_names(list(named.values()))
    chosen = _chosen(named, wanted)
    kinds = _kinds(connection, strings, chosen, wanted)
    shown = ", ".join(
        f"{expression(column, kinds[column])} AS {quoted(name)}" for column, name in chosen.items()
    )
    return f"SELECT {shown} FROM {strings.source}"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def check_header(names: Sequence[str]) -> None:
    """Raise ``no-header`` if the first row can hold no names: all numbers, or nothing."""
    filled = [name for name in names if name]
    if not filled or all(_is_number(name) for name in filled):
        shown = ", ".join(filled[:5]) or "''"
        raise MeasureError(
            "no-header",
            f"the first row ({shown}) holds no column names; put a row with names on top",
            f"首行（{shown}）不是列名，请在首行写明各列名称",
            place="row 1",
        )


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _named(connection: Any, strings: Strings) -> dict[str, str]:
    unnamed = [c for c, name in zip(strings.columns, strings.names, strict=True) if not name]
    filled: tuple[int, ...] = ()
    if unnamed:
        counts = ", ".join(f"count({column})" for column in unnamed)
        filled = connection.execute(f"SELECT {counts} FROM {strings.source}").fetchall()[0]
    empty = {column for column, count in zip(unnamed, filled, strict=True) if not count}
    return {
        column: name or f"column_{at}"
        for at, (column, name) in enumerate(zip(strings.columns, strings.names, strict=True), 1)
        if column not in empty
    }


def _chosen(named: dict[str, str], wanted: Wanted) -> dict[str, str]:
    known = set(named.values())
    for name in (*(wanted.columns or ()), *wanted.text, *wanted.numbers):
        if name not in known:
            raise unknown_column(name, named.values())
    if wanted.columns is None:
        return named
    column_of = {name: column for column, name in named.items()}
    return {column_of[name]: name for name in wanted.columns}


def _kinds(
    connection: Any, strings: Strings, chosen: dict[str, str], wanted: Wanted
) -> dict[str, Kind]:
    kinds = kinds_of(
        connection,
        strings.source,
        list(chosen),
        text=frozenset(column for column, name in chosen.items() if name in wanted.text),
        decimal_comma=strings.decimal_comma,
    )
    forced = {c: name for c, name in chosen.items() if name in wanted.numbers}
    return refuse_text(connection, strings.source, kinds, forced)
