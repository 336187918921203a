"""What to work on: drivers by importance and satisfaction, or else the weakest items."""

from __future__ import annotations

from functools import partial
from statistics import median

from huiyin.measure.bulletin import charts, numbers
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Paragraph, Row, Section, Table
from huiyin.measure.bulletin.overview import weakest
from huiyin.measure.bulletin.results import Row as Record

#: Drivers named in the chart; more would lie over each other.
CHART_DRIVERS = 25


def priorities(context: Context) -> Section | None:
    """Drivers with their quadrants, and the weakest indicators."""
    words = context.words
    blocks: list[Block] = []
    if lowest := weakest(context):
        named = [
            words("point.weak.figure", title=words.title(i), figure=context.with_unit(i, value))
            for i, value in lowest
        ]
        blocks.append(Paragraph(words("point.weak.lowest", names=words.names(named))))
    drivers = context.results.rows("drivers")
    drivers.sort(key=_most_urgent_first)
    if drivers:
        blocks.append(Paragraph(words("drivers.intro")))
        if figure := _figure(context, drivers):
            blocks.append(figure)
        blocks.append(_table(context, drivers))
    return Section(words("section.priorities"), blocks, "priorities") if blocks else None


def _most_urgent_first(row: Record) -> tuple[bool, float, str]:
    value = row.get("importance_satisfaction")
    return (value is None, -(value or 0), str(row["item"]))


def _table(context: Context, drivers: list[Record]) -> Table:
    words = context.words
    quadrants = any(row.get("quadrant") for row in drivers)
    stated = any(numbers.is_figure(row.get("stated")) for row in drivers)
    columns = [Column(words("column.item"), "label")]
    if stated:
        columns.append(Column(words("column.stated")))
    columns += [
        Column(words("column.derived")),
        Column(words("column.interval", confidence=context.confidence()), "interval"),
        Column(words("column.satisfied")),
        Column(words("column.importance_satisfaction")),
    ]
    if quadrants:
        columns.append(Column(words("column.quadrant"), "verdict"))
    lines = []
    for row in drivers:
        cells = [Cell(context.item(row["item"]))]
        if stated:
            cells.append(context.value(row, "stated"))
        cells += [
            context.value(row, "derived"),
            context.span(row, "derived_low", "derived_high"),
            context.value(row, "satisfied"),
            context.value(row, "importance_satisfaction", 4),
        ]
        if quadrants:
            cells.append(Cell(context.quadrant(row.get("quadrant")), "bad" if _urgent(row) else ""))
        lines.append(Row(cells))
    return context.table(words("table.drivers"), columns, lines, [words("note.drivers")])


def _urgent(row: Record) -> bool:
    return row.get("quadrant") == "opportunity for improvement"


def _figure(context: Context, drivers: list[Record]) -> Block | None:
    """The matrix, divided where the quadrants were."""
    words = context.words
    notes = context.measurement.tables["drivers"].notes
    stated = any(numbers.is_figure(row.get("stated")) for row in drivers)
    column = notes.get("importance") or ("stated" if stated else "derived")
    drawn = [
        row
        for row in drivers
        if numbers.is_figure(row.get("satisfied")) and numbers.is_figure(row.get(column))
    ]
    if len(drawn) < 3:
        return None
    lines = notes.get("lines") or {
        "importance": median(row[column] for row in drawn),
        "satisfied": median(row["satisfied"] for row in drawn),
    }
    points = [
        charts.Driver(context.item(row["item"]), row[column], row["satisfied"], _urgent(row))
        for row in drawn[:CHART_DRIVERS]
    ]
    axes = words("axis.satisfied"), words(f"axis.{column}")
    return context.figure(
        words("figure.drivers"),
        words("figure.drivers.description"),
        partial(charts.quadrants, points, (lines["satisfied"], lines["importance"]), axes, words),
    )
