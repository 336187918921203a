"""The whole area: every indicator, its change, and whether the change is real."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from huiyin.measure.bulletin import charts, numbers
from huiyin.measure.bulletin.content import IndicatorInfo
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Row, Section
from huiyin.measure.bulletin.overview import previous_name
from huiyin.measure.bulletin.results import Row as Record


def overall(context: Context) -> Section | None:
    """One table and, where changes are judged, one chart of them."""
    rows = _records(context)
    if not rows:
        return None
    words = context.words
    blocks: list[Block] = [_table(context, rows)]
    moved = _chart_rows(context, rows)
    if len(moved) > 1:
        blocks.append(
            context.figure(
                words("figure.changes", area=context.whole_name(), round=previous_name(context)),
                words("figure.changes.description", count=len(moved)),
                partial(charts.changes, moved, words("axis.change"), words),
            )
        )
    key = "section.overall" if context.whole_is_named() else "section.overall.unnamed"
    heading = words(key, area=context.whole_name())
    return Section(heading, blocks, "overall")


def _records(context: Context) -> list[tuple[IndicatorInfo, Record, Record | None, Record | None]]:
    """Indicator, estimate now, estimate before, change: composites first."""
    ordered = sorted(context.measurement.indicators, key=lambda info: not info.composite)
    before = context.results.previous
    found = []
    for info in ordered:
        where = context.whole(info)
        now = context.results.one("estimates", **where)
        if now is not None:
            then = (
                context.results.one("estimates", **{**where, "round": before.name})
                if before
                else None
            )
            found.append((info, now, then, context.results.one("changes", **where)))
    return found


def _table(
    context: Context,
    rows: list[tuple[IndicatorInfo, Record, Record | None, Record | None]],
) -> Block:
    words, intervals = context.words, context.results.has_intervals
    compared = any(change is not None for *_, change in rows)
    judged = any(change and change.get("verdict") for *_, change in rows)
    columns = [Column(words("column.indicator"), "label"), Column(words("column.now"))]
    if intervals:
        label = words("column.interval", confidence=context.confidence())
        columns.append(Column(label, "interval"))
    if compared:
        columns += [Column(words("column.before")), Column(words("column.change"))]
    if judged:
        columns += [
            Column(words("column.change_interval"), "interval"),
            Column(words("column.verdict"), "verdict"),
        ]
    shown = intervals, compared, judged
    lines = [Row(_cells(context, record, *shown)) for record in rows]
    triples = [(now, then, change, info.places) for info, now, then, change in rows]
    notes = rounding_note(context, triples)
    if any(info.good == "lower" for info, *_ in rows):
        lower = [words.title(info) for info, *_ in rows if info.good == "lower"]
        notes.append(words("note.lower", names=words.names(lower, 12)))
    return context.table(words("table.overall", area=context.whole_name()), columns, lines, notes)


def _cells(
    context: Context,
    record: tuple[IndicatorInfo, Record, Record | None, Record | None],
    intervals: bool,
    compared: bool,
    judged: bool,
) -> list[Cell]:
    info, now, then, change = record
    name = context.words.title(info) + context.in_brackets(info)
    cells = [Cell(name, "strong" if info.composite else "")]
    cells.append(context.value(now, "estimate", info.places))
    if intervals:
        cells.append(context.span(now, "ci_low", "ci_high", info.places))
    if compared:
        cells.append(context.value(then, "estimate", info.places))
        cells.append(context.value(change, "change", info.places, signed=True))
    if judged:
        cells.append(context.span(change, "ci_low", "ci_high", info.places, signed=True))
        cells.append(context.verdict(change, info))
    return cells


def rounding_note(
    context: Context,
    rows: Sequence[tuple[Record | None, Record | None, Record | None, int]],
) -> list[str]:
    """A note where a printed change is not the difference of the two printed figures."""
    for now, then, change, places in rows:
        if now is None or then is None or change is None:
            continue
        values = now.get("estimate"), then.get("estimate"), change.get("change")
        if not all(numbers.is_figure(value) for value in values):
            continue
        new, old, moved = (numbers.half_up(float(value or 0), places) for value in values)
        if new - old != moved:
            return [context.words("note.rounding")]
    return []


def _chart_rows(
    context: Context,
    rows: list[tuple[IndicatorInfo, Record, Record | None, Record | None]],
) -> list[charts.Dot]:
    """Only indicators on 0 to 100 share an axis."""
    return [
        change_dot(context, context.words.title(info), change, info)
        for info, _, _, change in rows
        if info.on_hundred
        and change
        and change.get("verdict")
        and numbers.is_figure(change.get("ci_low"))
        and numbers.is_figure(change.get("ci_high"))
    ]


def change_dot(context: Context, name: str, row: Record, info: IndicatorInfo) -> charts.Dot:
    """A change as a chart shows it."""
    verdict = context.verdict(row, info)
    shapes = {"up": "triangle-up", "down": "triangle-down"}
    return charts.Dot(
        name, row["change"], row["ci_low"], row["ci_high"],
        verdict.text, verdict.tone or "noise", shapes.get(str(row.get("verdict")), "circle"),
    )  # fmt: skip
