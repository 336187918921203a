"""Ranks, with the ranks each area cannot be told from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from huiyin.measure.bulletin import charts, numbers
from huiyin.measure.bulletin.content import IndicatorInfo
from huiyin.measure.bulletin.context import CHART_CAP, TABLE_CAP, TABLE_ENDS, Context
from huiyin.measure.bulletin.document import (
    Block,
    Cell,
    Column,
    ColumnKind,
    Paragraph,
    Row,
    Section,
    Table,
)
from huiyin.measure.bulletin.results import Row as Record
from huiyin.measure.bulletin.results import ends

#: A longer table of ranks goes to the appendix.
MAIN_CAP = 40
#: With this few areas the first and last five say nothing.
FEW = 10


def ranking(context: Context) -> Section | None:
    """Figures for every ranked level, tables for the short ones."""
    blocks: list[Block] = []
    for level, info, rows in _ranked(context):
        blocks.append(_intro(context, level, info, rows, first=not blocks))
        if bounded(rows) and len(rows) > 1:
            blocks.append(_figure(context, level, info, rows))
        if len(rows) <= MAIN_CAP:
            blocks.append(_table(context, level, info, rows))
    if not blocks:
        return None
    return Section(context.words("section.ranks"), blocks, "ranks")


def rank_appendices(context: Context) -> list[Section]:
    """Tables of ranks too long for the main part."""
    return [
        Section(
            context.words("section.rank_appendix", level=context.level(level)),
            [_table(context, level, info, rows)],
            f"ranks-{level}",
        )
        for level, info, rows in _ranked(context)
        if len(rows) > MAIN_CAP
    ]


def _ranked(context: Context) -> list[tuple[str, IndicatorInfo, list[Record]]]:
    found = []
    for level in context.results.levels_below():
        info = context.results.ranked_indicator("ranks", level)
        if info is not None:
            rows = context.results.current_rows("ranks", info.name, level)
            rows.sort(key=_by_rank)
            found.append((level, info, rows))
    return found


def _by_rank(row: Record) -> tuple[bool, float, str]:
    return (row["rank"] is None, row["rank"] or 0, str(row["area"]))


def bounded(rows: list[Record]) -> bool:
    """Whether the ranks have intervals."""
    return any(numbers.is_figure(row.get("marginal_low")) for row in rows)


def _simultaneous(rows: list[Record]) -> bool:
    return any(numbers.is_figure(row.get("simultaneous_low")) for row in rows)


def _intro(
    context: Context, level: str, info: IndicatorInfo, rows: list[Record], *, first: bool
) -> Paragraph:
    words = context.words
    said = [words("ranks.intro", level=context.level(level), title=words.title(info))]
    if first:
        said.append(words(f"ranks.intro.{'bounded' if bounded(rows) else 'plain'}"))
    if len(rows) > MAIN_CAP:
        said.append(words("ranks.in_appendix"))
    rule = ties([row["rank"] for row in rows if row["rank"] is not None])
    if rule:
        said.append(words(f"ties.{rule}"))
    return Paragraph(words("list.sentence").join(said))


def ties(ranks: Sequence[float]) -> str:
    """How equal figures were ranked, seen from the ranks; nothing where none are equal.

    Of t equal areas behind k better ones ``min`` gives k + 1, ``max`` k + t and ``average``
    the middle.
    """
    for rank, count in sorted(Counter(ranks).items()):
        if count > 1:
            better = sum(other < rank for other in ranks)
            by_rule = {"min": better + 1, "max": better + count}
            return next((name for name, given in by_rule.items() if given == rank), "average")
    return ""


def _figure(context: Context, level: str, info: IndicatorInfo, rows: list[Record]) -> Block:
    words = context.words
    shown, cut = ends([row for row in rows if row["rank"] is not None], CHART_CAP)
    bars = [
        charts.RankBar(
            context.area(level, row["area"]), row["rank"],
            row.get("marginal_low"), row.get("marginal_high"),
            row.get("simultaneous_low"), row.get("simultaneous_high"),
        )
        for row in shown
    ]  # fmt: skip
    if cut:
        bars.insert(len(bars) // 2, charts.RankBar(charts.GAP, None))
    description = words("figure.ranks.description", confidence=context.confidence())
    if _simultaneous(rows):
        description += words("figure.ranks.simultaneous")
    if cut:
        description += words("figure.ranks.cut", half=CHART_CAP // 2)
    return context.figure(
        words("figure.ranks", level=context.level(level), title=words.title(info)),
        description,
        partial(charts.ranks, bars, words("axis.rank"), words),
    )


def _table(context: Context, level: str, info: IndicatorInfo, rows: list[Record]) -> Table:
    words = context.words
    cut = len(rows) > TABLE_CAP
    shown = ends(rows, TABLE_ENDS)[0] if cut else rows
    parts = _parts(rows)
    columns = [Column(context.area_heading(level), "name"), Column(words("column.rank"))]
    columns += [
        Column(words(f"column.{part}", confidence=context.confidence()), _kind(part))
        for part in parts
    ]
    lines = [_line(context, level, info, row, parts) for row in shown]
    notes = [words("note.cut.ranks", total=f"{len(rows):,}", half=TABLE_ENDS // 2)] if cut else []
    if "p_top5" in parts:
        notes.append(words("note.probabilities"))
    caption = words("table.ranks", level=context.level(level), title=words.title(info))
    return context.table(caption, columns, lines, notes)


def _parts(rows: list[Record]) -> list[str]:
    """The columns that hold anything."""
    found = []
    for part, column in (
        ("marginal", "marginal_low"), ("simultaneous", "simultaneous_low"),
        ("p_top5", "p_top5"), ("p_bottom5", "p_bottom5"),
        ("previous_rank", "previous_rank"), ("move", "move"), ("move_verdict", "verdict"),
    ):  # fmt: skip
        if any(row.get(column) is not None for row in rows):
            found.append(part)
    if len(rows) <= FEW:
        found = [part for part in found if part not in ("p_top5", "p_bottom5")]
    return found


def _kind(part: str) -> ColumnKind:
    return "verdict" if part == "move_verdict" else "number"


def _line(context: Context, level: str, info: IndicatorInfo, row: Record, parts: list[str]) -> Row:
    makers = {
        "marginal": lambda: context.span(row, "marginal_low", "marginal_high", 0),
        "simultaneous": lambda: context.span(row, "simultaneous_low", "simultaneous_high", 0),
        "p_top5": lambda: context.probability(row, "p_top5"),
        "p_bottom5": lambda: context.probability(row, "p_bottom5"),
        "previous_rank": lambda: rank(context, row, "previous_rank"),
        "move": lambda: move(context, row),
        "move_verdict": lambda: context.verdict(row, info),
    }
    head = [Cell(context.area(level, row["area"])), rank(context, row, "rank")]
    return Row([*head, *(makers[part]() for part in parts)])


def rank(context: Context, row: Record, column: str) -> Cell:
    """A rank; averaged ties may be halves."""
    value = row.get(column)
    if not numbers.is_figure(value):
        return Cell(context.dash(row))
    return Cell(numbers.figure(value, 0 if float(value or 0).is_integer() else 1))


def move(context: Context, row: Record) -> Cell:
    """Places won or lost, in words that need no sign."""
    value = row.get("move")
    if not numbers.is_figure(value) or value is None:
        return Cell(context.dash(row))
    if value == 0:
        return Cell(context.words("move.none"))
    places = numbers.figure(abs(value), 0 if float(value).is_integer() else 1)
    return Cell(context.words("move.up" if value > 0 else "move.down", places=places))
