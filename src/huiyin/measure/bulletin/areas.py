"""Areas of the first level: headline table, dots with intervals, changes, all indicators."""

from __future__ import annotations

from functools import partial

from huiyin.measure.bulletin import charts, numbers
from huiyin.measure.bulletin.content import IndicatorInfo
from huiyin.measure.bulletin.context import CHART_CAP, TABLE_CAP, TABLE_ENDS, Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Note, Row, Section
from huiyin.measure.bulletin.overall import change_dot, rounding_note
from huiyin.measure.bulletin.overview import previous_name
from huiyin.measure.bulletin.results import Row as Record
from huiyin.measure.bulletin.results import best_first, ends

#: Areas for which all indicators are printed side by side.
MATRIX_CAP = 60
#: Indicators side by side on a page of A4.
MATRIX_COLUMNS = 6


class AreaTable:
    """The headline indicator at one level: rows for tables and charts."""

    def __init__(self, context: Context, level: str) -> None:
        self.context, self.level = context, level
        self.info = context.results.headline
        results, name = context.results, self.info.name
        self.now = results.current_rows("estimates", name, level)
        if not self.now and (other := results.ranked_indicator("estimates", level)):
            self.info, name = other, other.name
            self.now = results.current_rows("estimates", name, level)
        before = results.previous
        self.before = results.by_area("estimates", before.name, name, level) if before else {}
        self.changes = results.by_area("changes", results.current.name, name, level)
        self.models = results.by_area("small_area", results.current.name, name, level)
        self.best_first = best_first(self.now, self.info)

    @property
    def judged(self) -> bool:
        return any(row.get("verdict") for row in self.changes.values())

    @property
    def counted(self) -> bool:
        return any(numbers.is_figure(row.get("n")) for row in self.now)

    def cut(self) -> tuple[list[Record], bool]:
        """The lines to print, best first, and whether some had to be left out."""
        if len(self.now) <= TABLE_CAP:
            return self.best_first, False
        return ends(self.best_first, TABLE_ENDS)

    def columns(self, *, with_parent: bool = False) -> list[Column]:
        context, words = self.context, self.context.words
        found = [Column(context.area_heading(self.level), "name")]
        if with_parent:
            found.append(Column(words("column.parent"), "name"))
        if self.counted:
            found.append(Column(words("column.n")))
        found.append(Column(words("column.now") + context.in_brackets(self.info)))
        if context.results.has_intervals:
            label = words("column.interval", confidence=context.confidence())
            found.append(Column(label, "interval"))
        if self.models:
            found.append(Column(words("column.model")))
        if self.changes:
            found.append(Column(words("column.change")))
        if self.judged:
            found += [
                Column(words("column.change_interval"), "interval"),
                Column(words("column.verdict"), "verdict"),
            ]
        return found

    def line(self, row: Record, name: str, parent: str | None = None) -> Row:
        context, info, area = self.context, self.info, str(row["area"])
        change = self.changes.get(area)
        if change is None and row.get("why_not"):
            change = {"why_not": row["why_not"]}
        cells = [Cell(name)]
        if parent is not None:
            cells.append(Cell(parent))
        if self.counted:
            cells.append(context.value(row, "n", 0))
        cells.append(context.value(row, "estimate", info.places))
        if context.results.has_intervals:
            cells.append(context.span(row, "ci_low", "ci_high", info.places))
        if self.models:
            cells.append(self._model(area))
        if self.changes:
            cells.append(context.value(change, "change", info.places, signed=True))
        if self.judged:
            cells += [
                context.span(change, "ci_low", "ci_high", info.places, signed=True),
                context.verdict(change, info),
            ]
        return Row(cells)

    def _model(self, area: str) -> Cell:
        model = self.models.get(area)
        if model is None:
            return Cell(numbers.DASH)
        column = "benchmarked" if numbers.is_figure(model.get("benchmarked")) else "model"
        return self.context.value(model, column, self.info.places)._replace(tone="model")

    def notes(self, shown: list[Record]) -> list[str]:
        triples = [
            (
                row,
                self.before.get(str(row["area"])),
                self.changes.get(str(row["area"])),
                self.info.places,
            )
            for row in shown
        ]
        found = rounding_note(self.context, triples) if self.changes else []
        if self.models:
            found.append(self.context.words("note.model"))
        return found


def areas(context: Context) -> Section | None:
    """The first level below the whole: table, dots with intervals, all indicators, changes."""
    tables = (AreaTable(context, level) for level in context.results.levels_below())
    table = next((table for table in tables if table.now), None)
    if table is None:
        return None
    words, level = context.words, context.level(table.level)
    blocks: list[Block] = [_main_table(table)]
    if figure := _estimates_figure(table):
        blocks.append(figure)
    if table.judged and (figure := changes_figure(table)):
        blocks.append(figure)
    blocks += _matrices(table)
    return Section(words("section.areas", level=level), blocks, "areas")


def _main_table(table: AreaTable) -> Block:
    context, words = table.context, table.context.words
    shown, cut = table.cut()
    notes = table.notes(shown)
    if cut:
        notes.insert(0, words("note.cut", total=f"{len(table.now):,}", half=TABLE_ENDS // 2))
    caption = words("table.areas", level=context.level(table.level), title=words.title(table.info))
    lines = [table.line(row, context.area(table.level, row["area"])) for row in shown]
    return context.table(caption, table.columns(), lines, notes)


def _estimates_figure(table: AreaTable) -> Block | None:
    context, words, info = table.context, table.context.words, table.info
    printed = [row for row in table.best_first if row["estimate"] is not None]
    if len(printed) < 2:
        return None
    shown, cut = ends(printed, CHART_CAP)
    dots = [
        charts.Dot(
            context.area(table.level, row["area"]), row["estimate"],
            row.get("ci_low"), row.get("ci_high"),
            before=(table.before.get(str(row["area"])) or {}).get("estimate"),
        )
        for row in shown
    ]  # fmt: skip
    whole = context.results.one("estimates", **context.whole(info))
    reference = whole.get("estimate") if whole else None
    axis = words("axis.value", title=words.title(info), unit=words.unit(info).strip())
    level = context.level(table.level)
    caption = words("figure.areas", level=level, title=words.title(info))
    if context.results.has_intervals:
        caption += words("bracket", text=words("figure.areas.interval"))
    said = [words("figure.areas.whole")] if reference is not None else []
    if table.before:
        said.append(words("figure.areas.before", round=previous_name(context)))
    description = words("list.semicolon").join(said)
    if cut:
        description += words("list.semicolon") + words("figure.cut", half=CHART_CAP // 2)
    return context.figure(
        caption,
        description,
        partial(charts.estimates, _with_gap(dots, cut), axis, reference, words),
    )


def _with_gap(dots: list[charts.Dot], cut: bool) -> list[charts.Dot]:
    if not cut:
        return dots
    half = len(dots) // 2
    return [*dots[:half], charts.Dot(charts.GAP, None), *dots[half:]]


def changes_figure(table: AreaTable) -> Block | None:
    """Changes of the areas with their intervals, or nothing where there are none."""
    context, words, info = table.context, table.context.words, table.info
    rows = [
        row
        for row in table.changes.values()
        if numbers.is_figure(row.get("change")) and numbers.is_figure(row.get("ci_low"))
    ]
    if len(rows) < 2:
        return None
    shown, cut = ends(best_first(rows, info, "change"), CHART_CAP)
    dots = [change_dot(context, context.area(table.level, row["area"]), row, info) for row in shown]
    description = words("figure.changes.description", count=len(shown))
    if cut:
        description += words("list.semicolon") + words("figure.cut", half=CHART_CAP // 2)
    return context.figure(
        words(
            "figure.area_changes",
            level=context.level(table.level),
            title=words.title(info),
            round=previous_name(context),
        ),
        description,
        partial(charts.changes, _with_gap(dots, cut), words("axis.change"), words),
    )


def _matrices(table: AreaTable) -> list[Block]:
    """All other indicators, a few side by side; an arrow only where a change is real."""
    context, words = table.context, table.context.words
    others = [info for info in context.measurement.indicators if info.name != table.info.name]
    if not others:
        return []
    if len(table.now) > MATRIX_CAP:
        return [Note(words("note.matrix_in_excel"))]
    parts = -(-len(others) // MATRIX_COLUMNS)
    size = -(-len(others) // parts)
    chunks = [others[start : start + size] for start in range(0, len(others), size)]
    return [_matrix(table, chunk, n + 1, len(chunks)) for n, chunk in enumerate(chunks)]


def _matrix(table: AreaTable, chunk: list[IndicatorInfo], number: int, parts: int) -> Block:
    context, words, level = table.context, table.context.words, table.level
    now = {info.name: _by_area(context, "estimates", info, level) for info in chunk}
    moved = {info.name: _by_area(context, "changes", info, level) for info in chunk}
    columns = [Column(context.area_heading(level), "name")]
    columns += [Column(words.title(info) + context.in_brackets(info)) for info in chunk]
    lines = []
    for row in table.best_first:
        area = str(row["area"])
        cells = [Cell(context.area(level, area))]
        for info in chunk:
            estimate = now[info.name].get(area)
            cells.append(_marked(context, estimate, moved[info.name].get(area), info))
        lines.append(Row(cells))
    caption = words("table.matrix", level=context.level(level))
    if parts > 1:
        caption += words("bracket", text=words("table.part", number=number, parts=parts))
    notes = [words("note.arrows")] if any(moved.values()) else []
    return context.table(caption, columns, lines, notes)


def _by_area(context: Context, name: str, info: IndicatorInfo, level: str) -> dict[str, Record]:
    return context.results.by_area(name, context.results.current.name, info.name, level)


def _marked(
    context: Context, estimate: Record | None, change: Record | None, info: IndicatorInfo
) -> Cell:
    cell = context.value(estimate, "estimate", info.places)
    tone = context.verdict(change, info).tone if change and change.get("verdict") else ""
    if change is None or tone not in ("good", "bad"):
        return cell
    arrow = "↑" if change["verdict"] == "up" else "↓"
    return Cell(arrow + cell.text, tone)
