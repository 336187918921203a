"""The page on data quality: flags are reasons to look, and some are false by design."""

from __future__ import annotations

from collections import Counter
from typing import Any

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Block, Cell, Column, Paragraph, Row, Section, Table
from huiyin.measure.bulletin.results import Row as Record

#: Flags printed one by one.
FLAG_CAP = 60


def quality(context: Context) -> Section | None:
    """What was looked for, how many flags there are and how many would come by chance."""
    flags = context.measurement.integrity
    if flags is None:
        return None
    rows = flags.rows()
    raised = [row for row in rows if row["flagged"]]
    raised.sort(key=_smallest_p_first)
    blocks: list[Block] = [Paragraph(context.words("quality.intro"))]
    blocks += [Paragraph(text) for text in _rates(context, flags.notes, len(rows), len(raised))]
    blocks.append(_by_check(context, rows))
    if raised:
        blocks.append(_flags(context, raised))
    return Section(context.words("section.quality"), blocks, "quality")


def _plain(value: Any) -> Cell:
    """Shares and coefficients with three decimals, lengths and counts with one."""
    return Cell(numbers.figure(value, 3 if numbers.is_figure(value) and abs(value) <= 1 else 1))


def _smallest_p_first(row: Record) -> tuple[float, str, str]:
    value = row.get("p_adjusted")
    p = float(value) if value is not None and numbers.is_figure(value) else 2.0
    return (p, str(row["check"]), str(row["unit"]))


def _rates(context: Context, notes: dict[str, Any], tested: int, raised: int) -> list[str]:
    """The stated rate of false alarms, the number to expect, and findings that are no tests."""
    found = []
    rate, expected = notes.get("fdr"), notes.get("expected_false_alarms")
    rules = int(notes.get("rule_findings", 0))
    if numbers.is_figure(rate):
        found.append(context.words("quality.rate", rate=numbers.percent(rate, 0)))
    if numbers.is_figure(expected):
        found.append(
            context.words(
                "quality.expected",
                tested=f"{tested - rules:,}",
                raised=f"{raised - rules:,}",
                expected=numbers.figure(expected, 1),
            )
        )
    if rules:
        found.append(context.words("quality.rules", count=f"{rules:,}"))
    return found


def _by_check(context: Context, rows: list[Record]) -> Table:
    words = context.words
    tested = Counter((str(row["check"]), str(row["kind"])) for row in rows)
    raised = Counter((str(row["check"]), str(row["kind"])) for row in rows if row["flagged"])
    columns = [
        Column(words("column.check"), "text"),
        Column(words("column.kind"), "verdict"),
        Column(words("column.tested")),
        Column(words("column.flagged")),
    ]
    lines = [
        Row(
            [
                Cell(words.coded("check", check)),
                Cell(words.coded("kind", kind)),
                Cell(numbers.whole(count)),
                Cell(numbers.whole(raised[check, kind])),
            ]
        )
        for (check, kind), count in tested.items()
    ]
    return context.table(words("table.checks"), columns, lines)


def _flags(context: Context, raised: list[Record]) -> Table:
    words = context.words
    columns = [
        Column(words("column.check"), "text"),
        Column(words("column.unit"), "name"),
        Column(words("column.n_interviews")),
        Column(words("column.observed")),
        Column(words("column.expected")),
        Column(words("column.p_adjusted")),
    ]
    lines = [
        Row(
            [
                Cell(words.coded("check", str(row["check"]))),
                Cell(context.unit(str(row["kind"]), row["unit"])),
                context.value(row, "n", 0),
                _plain(row.get("observed")),
                _plain(row.get("expected")),
                Cell(numbers.p_value(row.get("p_adjusted"))),
            ]
        )
        for row in raised[:FLAG_CAP]
    ]
    notes = [words("note.flags")]
    if len(raised) > FLAG_CAP:
        notes.insert(0, words("note.cut.flags", total=f"{len(raised):,}", shown=FLAG_CAP))
    return context.table(words("table.flags"), columns, lines, notes)
