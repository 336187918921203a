"""What the writers of all sections share: words, results, numbering of tables and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.content import WHOLE, IndicatorInfo, Measurement, RoundInfo
from huiyin.measure.bulletin.document import Cell, Column, Figure, Row, Table
from huiyin.measure.bulletin.results import DOWN, SAME, UP, Results
from huiyin.measure.bulletin.results import Row as Record
from huiyin.measure.bulletin.words import Words

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
#: A table of the document longer than this is cut to its ends.
TABLE_CAP = 300
#: What is left of it: half from the top, half from the bottom.
TABLE_ENDS = 100
#: A chart shows at most this many areas.
CHART_CAP = 40


class Context:
    """One bulletin in the making."""

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self.results = Results(measurement)
        self.words = Words(measurement.language)
        self.reasons: list[str] = []
        self._shared: dict[str, set[str]] = {}
        self._tables = 0
        self._figures = 0

    # Numbering

    def table(
        self,
        caption: str,
        columns: Sequence[Column],
        rows: Iterable[Row],
        notes: Iterable[str] = (),
    ) -> Table:
        """The next table; what its dashes mean is added to its notes."""
        rows = list(rows)
        self._tables += 1
        return Table(
            self.words("table.label", number=self._tables),
            caption,
            columns,
            rows,
            [*notes, *self._legend(rows)],
            f"table-{self._tables}",
        )

    def figure(
        self,
        caption: str,
        description: str,
        specification: Callable[[int], dict[str, Any]],
    ) -> Figure:
        self._figures += 1
        return Figure(
            self.words("figure.label", number=self._figures),
            caption,
            description,
            specification,
            f"figure-{self._figures}",
        )

    def reason_code(self, why_not: str) -> str:
        """The sign of a reason, given out in order of first use."""
        if why_not not in self.reasons:
            self.reasons.append(why_not)
        number = self.reasons.index(why_not)
        return CIRCLED[number] if number < len(CIRCLED) else f"({number + 1})"

    def reason(self, why_not: str) -> str:
        return self.words.coded("reason", why_not) if why_not else self.words("reason.unstated")

    def _legend(self, rows: Sequence[Row]) -> list[str]:
        used = {cell.text for row in rows for cell in row.cells if cell.text.startswith("—")}
        signs = [
            self.words("legend.reason", sign=self.reason_code(why), reason=self.reason(why))
            for why in self.reasons
            if numbers.DASH + self.reason_code(why) in used
        ]
        if numbers.DASH in used:
            signs.append(self.words("legend.none"))
        joined = self.words("list.semicolon").join(signs)
        return [self.words("legend", signs=joined)] if signs else []

    # Cells

    def dash(self, row: Record | None) -> str:
        """A dash, with the sign of the reason where the row gives one."""
        why_not = row.get("why_not") if row else None
        return numbers.DASH + (self.reason_code(why_not) if why_not else "")

    def value(
        self, row: Record | None, column: str, places: int = 2, *, signed: bool = False
    ) -> Cell:
        if row is None or not numbers.is_figure(row.get(column)):
            return Cell(self.dash(row))
        return Cell(numbers.figure(row[column], places, signed=signed))

    def span(
        self, row: Record | None, low: str, high: str, places: int = 2, *, signed: bool = False
    ) -> Cell:
        if row is None or not all(numbers.is_figure(row.get(end)) for end in (low, high)):
            return Cell(self.dash(row))
        return Cell(self.between(row[low], row[high], places, signed=signed))

    def between(self, low: float, high: float, places: int = 2, *, signed: bool = False) -> str:
        separator = self.words.between()
        return numbers.interval(low, high, places, signed=signed, between=separator)

    def probability(self, row: Record | None, column: str) -> Cell:
        if row is None or not numbers.is_figure(row.get(column)):
            return Cell(self.dash(row))
        return Cell(numbers.percent(row[column], 0))

    def verdict(self, row: Record | None, info: IndicatorInfo) -> Cell:
        """Up, down or not distinguishable, in words; with what is better where less is."""
        verdict = row.get("verdict") if row else None
        if verdict not in (UP, DOWN, SAME):
            return Cell(self.dash(row))
        if verdict == SAME:
            return Cell(self.words("verdict.same"), "noise")
        better = (verdict == UP) == (info.good == "higher")
        key = f"verdict.{verdict}" if info.good == "higher" else f"verdict.{verdict}.lower"
        return Cell(self.words(key), "good" if better else "bad")

    # Names

    def area(self, level: str, code: Any) -> str:
        """The name, with that of the area above it where two areas of the level share it."""
        name = self.plain_area(level, code)
        if name not in self._shared_names(level):
            return name
        above = self.parent_name(level, code)
        return self.words("area.within", name=name, above=above) if above else f"{name} {code}"

    def plain_area(self, level: str, code: Any) -> str:
        named = self.measurement.area_names.get(level, {}).get(str(code))
        if named:
            return named
        return self.words("whole") if level == WHOLE else str(code)

    def parent_name(self, level: str, code: Any) -> str:
        """The area above, or nothing where it is not known."""
        parents = self.results.parent(level)
        above = parents.get(str(code)) if parents else None
        if above is None:
            return ""
        levels = self.results.levels_below()
        return self.plain_area(levels[levels.index(level) - 1], above)

    def _shared_names(self, level: str) -> set[str]:
        if level not in self._shared:
            counted = Counter(self.measurement.area_names.get(level, {}).values())
            self._shared[level] = {name for name, count in counted.items() if count > 1}
        return self._shared[level]

    def indicator(self, name: Any) -> IndicatorInfo | None:
        return next((info for info in self.measurement.indicators if info.name == name), None)

    def item(self, name: Any) -> str:
        """The title of the indicator of that name, or the name itself."""
        info = self.indicator(name)
        return self.words.title(info) if info else str(name)

    def round(self, name: Any) -> str:
        """A round by its name in the tables."""
        known = (info for info in self.measurement.rounds if info.name == name)
        return self.words.round(next(known, RoundInfo(str(name), None)))

    def quadrant(self, code: Any) -> str:
        """A quadrant of the matrix of importance and satisfaction in words."""
        from huiyin.measure.key_drivers.importance import QUADRANT_TITLES

        if not code:
            return numbers.DASH
        title = QUADRANT_TITLES.get(code)
        return self.words.of(title) if title else str(code)

    def unit(self, kind: str, code: Any) -> str:
        """What a check looked at: an area by its name, anything else as it is called."""
        levels = [level for level in self.measurement.levels[::-1] if kind in ("area", level)]
        known = (lv for lv in levels if str(code) in self.measurement.area_names.get(lv, {}))
        level = next(known, None)
        return str(code) if level is None else self.area(level, code)

    def whole(self, info: IndicatorInfo) -> dict[str, str]:
        """Where the figure of the whole area stands in a table."""
        return {"round": self.results.current.name, "indicator": info.name, "level": WHOLE}

    def whole_is_named(self) -> bool:
        return bool(self.measurement.area_names.get(WHOLE))

    def whole_name(self) -> str:
        names = self.measurement.area_names.get(WHOLE, {})
        return next(iter(names.values()), self.words("whole"))

    def level(self, level: str) -> str:
        """What an area of the level is called."""
        if level in self.measurement.level_names:
            return self.words.of(self.measurement.level_names[level])
        return self.words.coded("level", level)

    def area_heading(self, level: str) -> str:
        """The heading of a column of areas."""
        name = self.level(level)
        return name[:1].upper() + name[1:]

    def with_unit(self, info: IndicatorInfo, value: Any) -> str:
        return numbers.figure(value, info.places) + self.words.unit(info)

    def in_brackets(self, info: IndicatorInfo) -> str:
        """The unit behind a title, or nothing where there is none."""
        unit = self.words.unit(info).strip()
        return self.words("bracket", text=unit) if unit else ""

    def confidence(self) -> str:
        share = numbers.half_up(100 * self.measurement.confidence, 1).normalize()
        return f"{share:f}%"
