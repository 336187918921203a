"""Small-area figures, marked as what they are: estimates of a model."""

from __future__ import annotations

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.content import IndicatorInfo
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Paragraph, Row, Section, Table
from huiyin.measure.bulletin.results import Row as Record
from huiyin.measure.bulletin.results import best_first, ends

#: Longer tables show their ends; all figures are in the appendix or in Excel.
MAIN_CAP = 40


def modelled(context: Context) -> Section | None:
    """For each level with a model: what it is, and its figures beside the direct ones."""
    blocks: list[Block] = []
    for level in context.results.levels_below():
        info = context.results.ranked_indicator("small_area", level)
        if info is None:
            continue
        rows = context.results.current_rows("small_area", info.name, level)
        text = context.words(
            "modelled.intro", level=context.level(level), title=context.words.title(info)
        )
        blocks += [Paragraph(text), _table(context, level, info, rows)]
    return Section(context.words("section.modelled"), blocks, "modelled") if blocks else None


def _table(context: Context, level: str, info: IndicatorInfo, rows: list[Record]) -> Table:
    words = context.words
    value = "benchmarked" if any(numbers.is_figure(r.get("benchmarked")) for r in rows) else "model"
    shown, cut = ends(best_first(rows, info, value), MAIN_CAP)
    columns = [
        Column(context.area_heading(level), "name"),
        Column(words("column.direct")),
        Column(words("column.direct_se")),
        Column(words("column.model")),
        Column(words("column.rmse")),
        Column(words("column.weight_on_direct")),
    ]
    lines = [
        Row(
            [
                Cell(context.area(level, row["area"])),
                context.value(row, "direct", info.places),
                context.value(row, "direct_se", info.places),
                context.value(row, value, info.places)._replace(tone="model"),
                _root(context, row, info.places),
                context.probability(row, "weight_on_direct"),
            ]
        )
        for row in shown
    ]
    notes = [words("note.model")]
    if value == "benchmarked":
        notes.append(words("note.benchmarked"))
    if cut:
        notes.insert(0, words("note.cut.modelled", total=f"{len(rows):,}", half=MAIN_CAP // 2))
    caption = words("table.modelled", level=context.level(level), title=words.title(info))
    return context.table(caption, columns, lines, notes)


def _root(context: Context, row: Record, places: int) -> Cell:
    """The root of the mean squared error: in the unit of the figure itself."""
    mse = row.get("mse")
    if not numbers.is_figure(mse) or mse is None or mse < 0:
        return Cell(context.dash(None))
    return Cell(numbers.figure(mse**0.5, places))
