"""How it was done: method, samples and response, weights, what is withheld, how to read it."""

from __future__ import annotations

from collections import Counter

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import (
    Block,
    Cell,
    Column,
    Paragraph,
    Point,
    Points,
    Row,
    Section,
    Table,
)
from huiyin.measure.bulletin.ranking import bounded
from huiyin.measure.bulletin.words import Words

#: Withheld figures printed one by one.
WITHHELD_CAP = 60
#: Rates printed beside each round; the others are in Excel.
RATES = ("RR1", "RR3", "COOP1", "REF1", "CON1")
STOPS = ("。", ".", "！", "!", "；", "：")
DIAGNOSTICS = ("iterations", "largest_margin_error", "deff_kish", "min", "max", "trimmed")


def method(context: Context) -> Section:
    """The facts handed in, then the rules of this bulletin itself."""
    words = context.words
    facts = [
        Point(_ended(words.of(label), words), _ended(words.of(text), words))
        for label, text in context.measurement.method
    ]
    facts.append(Point(words("method.rounding.lead"), words("method.rounding")))
    if any(row.get("verdict") for row in _whole_changes(context)):
        facts.append(
            Point(
                words("method.verdict.lead"),
                words("method.verdict", confidence=context.confidence()),
            )
        )
    return Section(words("section.method"), [Points(facts)], "method")


def _ended(text: str, words: Words) -> str:
    """With a full stop, whether or not it came with one."""
    return text if text.rstrip().endswith(STOPS) else text + words("list.stop")


def samples(context: Context) -> Section:
    """Respondents, weights, sources and response by round; weighting diagnostics."""
    blocks: list[Block] = [_rounds(context)]
    if response := _response(context):
        blocks.append(response)
    if weighting := _weighting(context):
        blocks.append(weighting)
    return Section(context.words("section.samples"), blocks, "samples")


def _rounds(context: Context) -> Table:
    words, rounds = context.words, context.measurement.rounds
    columns = [
        Column(words("column.round"), "name"),
        Column(words("column.n")),
        Column(words("column.sum_of_weights")),
        Column(words("column.source"), "text"),
    ]
    lines = [
        Row(
            [
                Cell(words.round(info)),
                Cell(numbers.whole(info.n)),
                Cell(numbers.whole(info.sum_of_weights)),
                Cell(words.of(info.source) or numbers.DASH),
            ]
        )
        for info in rounds
    ]
    notes = [words("note.no_n")] if any(info.n is None for info in rounds) else []
    return context.table(words("table.rounds"), columns, lines, notes)


def _response(context: Context) -> Table | None:
    words = context.words
    rated = [info for info in context.measurement.rounds if info.response is not None]
    found = {
        info.name: {str(row["rate"]): row["value"] for row in info.response.rows()}
        for info in rated
        if info.response is not None
    }
    present = [rate for rate in RATES if any(rate in rates for rates in found.values())]
    if not present:
        return None
    columns = [
        Column(words("column.rate"), "text"),
        *(Column(words.round(info)) for info in rated),
    ]
    lines = [
        Row(
            [
                Cell(words(f"rate.{rate}")),
                *(_percent(found[info.name].get(rate)) for info in rated),
            ]
        )
        for rate in present
    ]
    return context.table(words("table.response"), columns, lines, [words("note.aapor")])


def _percent(value: float | None) -> Cell:
    return Cell(numbers.DASH if not numbers.is_figure(value) else f"{numbers.figure(value)}%")


def _weighting(context: Context) -> Table | None:
    words, given = context.words, context.measurement.weighting
    rounds = [info for info in context.measurement.rounds if info.name in given]
    keys = [
        key
        for key in DIAGNOSTICS
        if any(numbers.is_figure(given[info.name].get(key)) for info in rounds)
    ]
    if not keys:
        return None
    columns = [
        Column(words("column.diagnostic"), "text"),
        *(Column(words.round(info)) for info in rounds),
    ]
    lines = [
        Row(
            [
                Cell(words(f"diagnostic.{key}")),
                *(Cell(_diagnostic(key, given[info.name].get(key))) for info in rounds),
            ]
        )
        for key in keys
    ]
    return context.table(words("table.weighting"), columns, lines, [words("note.deff")])


def _diagnostic(key: str, value: object) -> str:
    if not numbers.is_figure(value):
        return numbers.DASH
    amount = float(str(value))
    if key == "iterations":
        return numbers.whole(amount)
    if key == "largest_margin_error":
        return numbers.small(amount)
    if key == "trimmed":
        return numbers.percent(amount)
    return numbers.figure(amount)


def withheld(context: Context) -> Section | None:
    """What was withheld in this round: how many by reason, and which."""
    words, current = context.words, context.results.current.name
    keys = [(key, why) for key, why in context.results.withheld.items() if key[0] == current]
    if not keys:
        return None
    counted = Counter(why for _, why in keys)
    reasons = [
        Row([Cell(context.reason_code(why)), Cell(context.reason(why)), Cell(numbers.whole(count))])
        for why, count in counted.most_common()
    ]
    columns = [
        Column(words("column.sign"), "verdict"),
        Column(words("column.reason"), "text"),
        Column(words("column.figures")),
    ]
    intro = Paragraph(words("withheld.intro", count=f"{len(keys):,}"))
    blocks: list[Block] = [intro, context.table(words("table.reasons"), columns, reasons)]
    blocks.append(_withheld_areas(context, keys))
    return Section(words("section.withheld"), blocks, "withheld")


def _withheld_areas(context: Context, keys: list[tuple[tuple[str, str, str, str], str]]) -> Table:
    """One line for each area and reason, with the indicators it holds for."""
    words, infos = context.words, context.measurement.indicators
    grouped: dict[tuple[str, str, str], set[str]] = {}
    for (_, indicator, level, area), why in keys:
        grouped.setdefault((level, area, why), set()).add(indicator)
    lines = []
    for (level, area, why), named in list(grouped.items())[:WITHHELD_CAP]:
        titles = [words.title(info) for info in infos if info.name in named]
        whole = len(titles) == len(infos) > 1
        said = words("withheld.all") if whole else words.names(titles, 3)
        lines.append(
            Row(
                [
                    Cell(context.level(level)),
                    Cell(context.area(level, area)),
                    Cell(said),
                    Cell(context.reason_code(why)),
                ]
            )
        )
    columns = [
        Column(words("column.level"), "name"),
        Column(words("column.area"), "name"),
        Column(words("column.withheld"), "text"),
        Column(words("column.sign"), "verdict"),
    ]
    notes = []
    if len(grouped) > WITHHELD_CAP:
        notes = [words("note.cut.withheld", total=f"{len(grouped):,}", shown=WITHHELD_CAP)]
    return context.table(words("table.withheld"), columns, lines, notes)


def reading(context: Context) -> Section:
    """How to read it: only about what is in it."""
    words, results = context.words, context.results
    levels = results.levels_below()
    ranks = [row for level in levels for row in _rank_rows(context, level)]
    chosen = {
        "interval": results.has_intervals,
        "no_interval": results.published_only,
        "verdict": any(row.get("verdict") for row in _whole_changes(context)),
        "rank": bounded(ranks),
        "model": any(results.ranked_indicator("small_area", level) for level in levels),
        "dash": bool(results.withheld),
        "flag": context.measurement.integrity is not None,
        "rounding": True,
        "use": bool(levels),
    }
    items = [
        Point(
            words(f"reading.{key}.lead"),
            words(f"reading.{key}", confidence=context.confidence()),
        )
        for key, wanted in chosen.items()
        if wanted
    ]
    return Section(words("section.reading"), [Points(items)], "reading")


def _rank_rows(context: Context, level: str) -> list[dict[str, object]]:
    info = context.results.ranked_indicator("ranks", level)
    return context.results.current_rows("ranks", info.name, level) if info else []


def _whole_changes(context: Context) -> list[dict[str, object]]:
    found = (
        context.results.one("changes", **context.whole(info))
        for info in context.measurement.indicators
    )
    return [row for row in found if row]
