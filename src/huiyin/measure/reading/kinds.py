"""What the columns of a table of strings hold: whole numbers, numbers, moments, or text.

The rule (one for CSV and Excel) is decided on every value, not on a sample:

* whole numbers, also when written ``13.0`` → int64; any other number, ``inf`` included → float64;
* a column with a value that has a leading zero (``010``), or whose values are all digits of one
  length of six or more (``430102``), or longer than 18 digits, is a code → text;
* ``0,56`` is a decimal comma; ``1,234`` alone could be thousands, so it is a number only where the
  file shows decimal commas otherwise (another column, or ``;`` between fields), else text;
* ``2021-06-30 09:15:00`` in every row → timestamp;
* anything else, and a column without any value → text.

Empty fields and ``NA`` are null; in number columns ``NaN``, ``N/A``, ``#N/A``, ``NULL``, ``None``
and ``.`` are, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from huiyin.measure.errors import MeasureError

Kind = Literal["empty", "whole", "number", "comma", "moment", "text"]

NULL_TOKENS = ("", "NA")
NUMBER_NULLS = ("nan", "n/a", "#n/a", "null", "none", ".", "<na>")
CODE_LENGTH = 6
SAMPLE = 20_000

# One bit per shape of a value; a column's shapes are the bit_or of its values'.
PLAIN, POINT_ZERO, NUMBER, NULL, COMMA, THOUSANDS, MOMENT, CODE, TEXT = (1 << k for k in range(9))
# The shape of a value named v.
_SHAPE = f"""CASE
 WHEN strlen(v) = 1 AND v BETWEEN '0' AND '9' THEN {PLAIN}
 WHEN regexp_full_match(v, '\\s*[+-]?(0|[1-9]\\d{{0,17}})\\s*') THEN {PLAIN}
 WHEN regexp_full_match(v, '\\s*[+-]?0\\d+\\s*|\\s*[+-]?\\d{{19,}}\\s*') THEN {CODE}
 WHEN regexp_full_match(v, '\\s*[+-]?(0|[1-9]\\d{{0,14}})\\.0*\\s*') THEN {POINT_ZERO}
 WHEN regexp_full_match(v, '\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{{1,3}})?\\s*')
  THEN CASE WHEN isfinite(TRY_CAST(v AS DOUBLE)) THEN {NUMBER} ELSE {TEXT} END
 WHEN lower(trim(v)) IN ({", ".join(f"'{token}'" for token in NUMBER_NULLS)}) THEN {NULL}
 WHEN regexp_full_match(v, '(?i)\\s*[+-]?inf(inity)?\\s*') THEN {NUMBER}
 WHEN regexp_full_match(v, '\\s*[+-]?[1-9]\\d{{0,2}},\\d{{3}}\\s*') THEN {THOUSANDS}
 WHEN regexp_full_match(v, '\\s*[+-]?\\d*,\\d+\\s*') THEN {COMMA}
 WHEN strlen(v) BETWEEN 16 AND 26 AND TRY_CAST(v AS TIMESTAMP) IS NOT NULL
  AND regexp_matches(v, '^\\d{{4}}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d[:.\\d]*$') THEN {MOMENT}
 ELSE {TEXT} END"""


@dataclass(frozen=True)
class Shapes:
    """The shapes seen in a column, and the shortest and longest value."""

    seen: int
    shortest: int
    longest: int

    @property
    def holds_text(self) -> bool:
        """Whether no further value can make it anything but text."""
        return bool(self.seen & (CODE | TEXT)) or bool(self.seen & MOMENT and self.seen & ~MOMENT)


def kinds_of(
    connection: Any,
    source: str,
    columns: Sequence[str],
    *,
    text: frozenset[str] = frozenset(),
    decimal_comma: bool = False,
) -> dict[str, Kind]:
    """What each column holds.

    Args:
        connection: a DuckDB connection.
        source: a FROM clause whose columns are all VARCHAR.
        columns: the columns to look at.
        text: those of them that are text whatever they hold.
        decimal_comma: the file is known to use decimal commas.
    """
    open_ = [name for name in columns if name not in text]
    shapes = _shapes(connection, f"(SELECT * FROM {source} LIMIT {SAMPLE})", open_)
    open_ = [name for name in open_ if not shapes[name].holds_text]
    shapes |= _shapes(connection, source, open_)
    comma = decimal_comma or any(_kind(s, False) == "comma" for s in shapes.values())
    return {name: "text" if name in text else _kind(shapes[name], comma) for name in columns}


def expression(column: str, kind: Kind) -> str:
    """SQL that turns a VARCHAR column into its kind."""
    if kind == "text":
        return column
    if kind == "empty":
        return "CAST(NULL AS VARCHAR)"
    if kind == "comma":
        return f"CAST(replace({column}, ',', '.') AS DOUBLE)"
    if kind == "number":
        return f"nullif(TRY_CAST({column} AS DOUBLE), 'NaN'::DOUBLE)"
    return f"TRY_CAST({column} AS {'BIGINT' if kind == 'whole' else 'TIMESTAMP'})"


def refuse_text(
    connection: Any, source: str, kinds: Mapping[str, Kind], names: Mapping[str, str]
) -> dict[str, Kind]:
    """The kinds with ``names`` (column in ``source`` → its name) made numbers.

    Raises:
        MeasureError: ``not-a-number``, with the first value that is none and its row.
    """
    forced = dict(kinds)
    for column, name in names.items():
        if kinds[column] not in ("text", "moment"):
            continue
        wrong = connection.execute(
            f"SELECT row, v FROM (SELECT row, v, {_SHAPE} AS shape FROM"
            f" (SELECT row_number() OVER () AS row, {column} AS v FROM {source}))"
            f" WHERE v IS NOT NULL AND shape >= {COMMA} AND shape <> {CODE} ORDER BY row LIMIT 1"
        ).fetchall()
        if wrong:
            raise _not_a_number(name, *wrong[0])
        forced[column] = "number"
    return forced


def _shapes(connection: Any, source: str, columns: Sequence[str]) -> dict[str, Shapes]:
    if not columns:  # read all the same, so that a broken row is found now and not later
        connection.execute(f"SELECT count(*) FROM {source}").fetchall()
        return {}
    # Unpivoted, the expression is planned once instead of once per column.
    found = connection.execute(
        f"SELECT name, bit_or({_SHAPE}), min(strlen(v)), max(strlen(v))"
        f" FROM (UNPIVOT (FROM {source}) ON {', '.join(columns)} INTO NAME name VALUE v)"
        " GROUP BY name"
    ).fetchall()
    empty = dict.fromkeys(columns, Shapes(0, 0, 0))
    return empty | {name: Shapes(*map(int, shapes)) for name, *shapes in found}


def _kind(shapes: Shapes, decimal_comma: bool) -> Kind:
    seen = shapes.seen & ~NULL
    if not seen:
        return "empty"
    if seen == MOMENT and seen == shapes.seen:
        return "moment"
    if seen == PLAIN and shapes.shortest == shapes.longest >= CODE_LENGTH:
        return "text"
    if not seen & ~(PLAIN | POINT_ZERO):
        return "whole"
    if not seen & ~(PLAIN | POINT_ZERO | NUMBER):
        return "number"
    if not seen & ~(PLAIN | COMMA | THOUSANDS) and (seen & COMMA or decimal_comma):
        return "comma"
    return "text"


def _not_a_number(name: str, row: int, value: str) -> MeasureError:
    shown = value if len(value) <= 40 else value[:40] + "…"
    return MeasureError(
        "not-a-number",
        f"{shown!r} is not a number; correct it, or leave the field empty",
        f"{shown!r} 不是数值，请更正或留空",
        place=f"column {name}, row {row}",
    )
