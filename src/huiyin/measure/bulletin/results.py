"""Reading the result tables: which figure may be printed, and where it is found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pyarrow as pa

from huiyin.measure.bulletin.content import WHOLE, IndicatorInfo, Measurement, RoundInfo

Row = dict[str, Any]
#: Columns that a withheld estimate, change, rank or direct figure must not show.
WITHHELD = {
    "estimates": ("estimate", "se", "ci_low", "ci_high", "df", "deff", "n_effective"),
    "changes": ("change", "se", "ci_low", "ci_high", "p", "p_adjusted", "verdict"),
    "ranks": (
        "rank", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high",
        "p_first", "p_top5", "p_bottom5", "previous_rank", "move", "verdict",
    ),
    "small_area": ("direct", "direct_se"),
}  # fmt: skip
#: Columns by which a table is taken apart first.
PART = ("round", "level")
UP, DOWN, SAME = "up", "down", "not distinguishable"


class Results:
    """The tables of a measurement with what is withheld taken out.

    A change is withheld when either of its two estimates is; a rank and the direct figure of
    a small-area estimate when their estimate is.
    """

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self._parents: dict[str, Mapping[str, str] | None] = {}
        self._parts: dict[tuple[str, ...], pa.Table] = {}
        self._rows: dict[tuple[object, ...], list[Row]] = {}

    @property
    def current(self) -> RoundInfo:
        return self.measurement.rounds[-1]

    @cached_property
    def previous(self) -> RoundInfo | None:
        """The round the current one is compared with: that of ``changes``, or the one before."""
        rounds = {info.name: info for info in self.measurement.rounds}
        for row in self.rows("changes", round=self.current.name, level=WHOLE):
            if row["previous"] in rounds:
                return rounds[row["previous"]]
        return self.measurement.rounds[-2] if len(self.measurement.rounds) > 1 else None

    @cached_property
    def headline(self) -> IndicatorInfo:
        indicators = self.measurement.indicators
        return next((info for info in indicators if info.composite), indicators[0])

    def levels_below(self) -> list[str]:
        return [level for level in self.measurement.levels if level != WHOLE]

    @cached_property
    def withheld(self) -> dict[tuple[str, str, str, str], str]:
        """``(round, indicator, level, area)`` to the reason, from both places it is told in."""
        found = {
            (item.round, item.indicator, item.level, item.area): item.why_not
            for item in self.measurement.suppressed
        }
        estimates = self.measurement.tables.get("estimates")
        if estimates is None or "published" not in estimates.column_names:
            return found
        for row in _matching(estimates.arrow, {"published": False}).to_pylist():
            found.setdefault(_key(row), row.get("why_not") or "")
        return found

    def rows(self, name: str, **equal: str) -> list[Row]:
        """Rows of a table where each named column has the value; kept, for they are asked again."""
        if name not in self.measurement.tables:
            return []
        key = (name, *sorted(equal.items()))
        if key not in self._rows:
            rest = {column: equal[column] for column in equal if column not in PART}
            part = self._part(name, *(equal.get(column, "") for column in PART))
            self._rows[key] = [self.cleared(name, row) for row in _matching(part, rest).to_pylist()]
        return list(self._rows[key])

    def _part(self, name: str, *where: str) -> pa.Table:
        """The rows of one round and level (of all, where it is empty)."""
        if (name, *where) not in self._parts:
            wanted = {column: value for column, value in zip(PART, where, strict=True) if value}
            self._parts[(name, *where)] = _matching(self.measurement.tables[name].arrow, wanted)
        return self._parts[(name, *where)]

    def one(self, name: str, **equal: str) -> Row | None:
        """The only row, or the first of them."""
        found = self.rows(name, **equal)
        return found[0] if found else None

    def current_rows(self, name: str, indicator: str, level: str) -> list[Row]:
        return self.rows(name, round=self.current.name, indicator=indicator, level=level)

    def by_area(self, name: str, round_name: str, indicator: str, level: str) -> dict[str, Row]:
        rows = self.rows(name, round=round_name, indicator=indicator, level=level)
        return {str(row["area"]): row for row in rows}

    def cleared(self, name: str, row: Row) -> Row:
        """The row of a table without what must not be shown."""
        row = {key: _finite(value) for key, value in row.items()}
        if name not in WITHHELD:
            return row
        reason = self.reason(name, row)
        if reason is not None:
            row.update({column: None for column in WITHHELD[name] if column in row})
            row["why_not"] = reason
        return row

    def reason(self, name: str, row: Row) -> str | None:
        """Why the figures of a row of this table are withheld, if they are."""
        reason = self.withheld.get(_key(row))
        if reason is None and name == "changes":
            reason = self.withheld.get((str(row.get("previous")), *_key(row)[1:]))
        return reason

    @cached_property
    def has_intervals(self) -> bool:
        """Whether any printed estimate of the current round has a standard error or interval."""
        table = self.measurement.tables.get("estimates")
        if table is None:
            return False
        rows = _matching(table.arrow, {"round": self.current.name})
        return any(
            rows[column].null_count < len(rows)
            for column in ("se", "ci_low")
            if column in rows.column_names
        )

    @property
    def published_only(self) -> bool:
        """Whether there are figures, but nothing to say how sure they are."""
        return "estimates" in self.measurement.tables and not self.has_intervals

    def ranked_indicator(self, name: str, level: str) -> IndicatorInfo | None:
        """The headline if ``name`` holds it at this level, or the first indicator it holds."""
        order = [self.headline, *self.measurement.indicators]
        present = self.indicators_in(name, level)
        return next((info for info in order if info.name in present), None)

    def indicators_in(self, name: str, level: str) -> set[str]:
        if name not in self.measurement.tables:
            return set()
        part = self._part(name, self.current.name, level)
        return set(part["indicator"].unique().to_pylist())

    def parent(self, level: str) -> Mapping[str, str] | None:
        """Area to the area above it, or ``None`` where that cannot be told for all."""
        if level not in self._parents:
            self._parents[level] = self._find_parents(level)
        return self._parents[level]

    def _find_parents(self, level: str) -> Mapping[str, str] | None:
        if level in self.measurement.parents:
            return self.measurement.parents[level]
        levels = self.levels_below()
        position = levels.index(level)
        if position == 0:
            return None
        above = set(self.measurement.area_names.get(levels[position - 1], {}))
        lengths = sorted({len(code) for code in above}, reverse=True)
        found = {
            code: next((code[:n] for n in lengths if code[:n] in above), "")
            for code in self.measurement.area_names.get(level, {})
        }
        return found if found and all(found.values()) else None


def best_first(rows: list[Row], info: IndicatorInfo, value: str = "estimate") -> list[Row]:
    """Printed figures from best to worst, then what has none; areas as the last resort."""
    sign = -1 if info.good == "higher" else 1
    return sorted(
        rows,
        key=lambda row: (
            row[value] is None,
            sign * row[value] if row[value] is not None else 0,
            str(row.get("area", "")),
        ),
    )


def ends(rows: list[Row], cap: int) -> tuple[list[Row], bool]:
    """All rows, or the first and last halves of ``cap`` where there are more; and whether cut."""
    if len(rows) <= cap:
        return rows, False
    return [*rows[: cap // 2], *rows[-(cap // 2) :]], True


def _key(row: Row) -> tuple[str, str, str, str]:
    return (
        str(row.get("round")), str(row.get("indicator")),
        str(row.get("level")), str(row.get("area")),
    )  # fmt: skip


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _matching(table: pa.Table, equal: Mapping[str, str | bool]) -> pa.Table:
    import pyarrow.compute as pc

    for column, wanted in equal.items():
        values = table[column]
        kept = values if isinstance(wanted, bool) else values.cast(pa.string())
        table = table.filter(pc.equal(kept, wanted))
    return table
