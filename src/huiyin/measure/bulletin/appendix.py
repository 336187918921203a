"""Appendices: the areas of each deeper level, under the area they belong to."""

from __future__ import annotations

from huiyin.measure.bulletin.areas import AreaTable, changes_figure
from huiyin.measure.bulletin.context import TABLE_ENDS, Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Paragraph, Row, Section
from huiyin.measure.bulletin.results import Row as Record


def appendices(context: Context) -> list[Section]:
    """One for each deeper level, its areas under the area they belong to."""
    levels = context.results.levels_below()
    shown = [level for level in levels if AreaTable(context, level).now]
    return [_appendix(context, AreaTable(context, level)) for level in shown[1:]]


def _appendix(context: Context, table: AreaTable) -> Section:
    words, level = context.words, context.level(table.level)
    parents = context.results.parent(table.level)
    if table.cut()[1]:
        lines, columns, shown = _cut_lines(table, parents)
        notes = [words("note.cut", total=f"{len(table.now):,}", half=TABLE_ENDS // 2)]
    else:
        lines, columns, shown = _grouped(table, parents), table.columns(), table.now
        notes = []
    caption = words("table.areas", level=level, title=words.title(table.info))
    block = context.table(caption, columns, lines, [*notes, *table.notes(shown)])
    blocks: list[Block] = [Paragraph(words("appendix.intro", level=level))]
    if table.judged and (figure := changes_figure(table)):
        blocks.append(figure)
    blocks.append(block)
    return Section(words("section.appendix", level=level), blocks, f"appendix-{table.level}")


def _cut_lines(table: AreaTable, parents: object) -> tuple[list[Row], list[Column], list[Record]]:
    shown, _ = table.cut()
    names = [table.context.parent_name(table.level, row["area"]) for row in shown]
    context, level = table.context, table.level
    lines = [
        table.line(row, context.plain_area(level, row["area"]), name if parents else None)
        for row, name in zip(shown, names, strict=True)
    ]
    return lines, table.columns(with_parent=bool(parents)), shown


def _grouped(table: AreaTable, parents: object) -> list[Row]:
    """In the order of the list of names, under a line with the name of the upper area."""
    context, level = table.context, table.level
    order = {code: n for n, code in enumerate(context.measurement.area_names.get(level, {}))}
    rows = sorted(
        table.now, key=lambda row: (order.get(str(row["area"]), len(order)), str(row["area"]))
    )
    if not parents:
        return [table.line(row, context.area(level, row["area"])) for row in rows]
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(context.parent_name(level, row["area"]), []).append(row)
    lines = []
    for name, members in groups.items():
        lines.append(Row([Cell(context.words("group", name=name, count=len(members)))], group=True))
        lines += [table.line(row, context.plain_area(level, row["area"])) for row in members]
    return lines
