"""The first page: what a reader with one minute must know, said by rule and with caution."""

from __future__ import annotations

from huiyin.measure.bulletin import numbers
from huiyin.measure.bulletin.content import IndicatorInfo
from huiyin.measure.bulletin.context import Context
from huiyin.measure.bulletin.document import Note, Paragraph, Point, Points, Section, Tile
from huiyin.measure.bulletin.results import DOWN, SAME, UP, Row, best_first


def overview(context: Context) -> Section:
    """The points, then what the reader must know before using them."""
    writers = (sample, headline, indicators, areas, ranks, weak, modelled, quality, withheld)
    items = [point for writer in writers if (point := writer(context)) is not None]
    blocks: list[Points | Paragraph | Note] = [Points(items)]
    warnings = list(context.measurement.warnings)
    said = [context.words.of(warning) for warning in warnings]
    if context.results.published_only:
        said.insert(0, context.words("published_only"))
    if said:
        lead = context.words("warnings.lead")
        blocks.append(Points([Point(lead if n == 0 else "", text) for n, text in enumerate(said)]))
    return Section(context.words("section.overview"), blocks, "overview")


def tiles(context: Context) -> list[Tile]:
    """Headline figure, its change, respondents."""
    words, info = context.words, context.results.headline
    found = []
    row = context.results.one("estimates", **context.whole(info))
    if row and numbers.is_figure(row.get("estimate")):
        detail = interval_words(context, row, info)
        found.append(Tile(words.title(info), context.with_unit(info, row["estimate"]), detail))
    change = context.results.one("changes", **context.whole(info))
    if change and numbers.is_figure(change.get("change")):
        printed = numbers.figure(change["change"], info.places, signed=True)
        verdict = context.verdict(change, info)
        known = change.get("verdict") is not None
        found.append(
            Tile(
                words("tile.change", round=previous_name(context)),
                printed + words.change_unit(info),
                verdict.text if known else words("tile.unjudged"),
                verdict.tone,
            )
        )
    if context.results.current.n is not None:
        found.append(
            Tile(words("tile.n"), numbers.whole(context.results.current.n), area_counts(context))
        )
    return found


def previous_name(context: Context) -> str:
    previous = context.results.previous
    return context.words.round(previous) if previous else ""


def interval_words(context: Context, row: Row, info: IndicatorInfo) -> str:
    if not numbers.is_figure(row.get("ci_low")) or not numbers.is_figure(row.get("ci_high")):
        return ""
    span = context.between(row["ci_low"], row["ci_high"], info.places)
    return context.words("interval", confidence=context.confidence(), span=span)


def area_counts(context: Context) -> str:
    """How many areas of each level have a row, whether or not it is published."""
    info, results = context.results.headline, context.results
    counts = {
        level: len(results.current_rows("estimates", info.name, level))
        for level in results.levels_below()
    }
    counted = [
        context.words("count.level", count=f"{count:,}", level=context.level(level))
        for level, count in counts.items()
        if count
    ]
    return context.words("list.comma").join(counted)


def sample(context: Context) -> Point | None:
    words, current, previous = context.words, context.results.current, context.results.previous
    if current.n is None:
        return None
    text = words("point.sample", round=words.round(current), n=numbers.whole(current.n))
    if counts := area_counts(context):
        text += words("point.sample.areas", counts=counts)
    if previous is not None and previous.n is not None:
        text += words(
            "point.sample.previous", round=words.round(previous), n=numbers.whole(previous.n)
        )
    return Point(words("point.sample.lead"), text + words("stop"))


def headline(context: Context) -> Point | None:
    words, info = context.words, context.results.headline
    row = context.results.one("estimates", **context.whole(info))
    if row is None or not numbers.is_figure(row.get("estimate")):
        return None
    text = words(
        "point.headline.named" if context.whole_is_named() else "point.headline",
        area=context.whole_name(),
        title=words.title(info),
        figure=context.with_unit(info, row["estimate"]),
    )
    if span := interval_words(context, row, info):
        text += words("bracket", text=span)
    if change := change_words(context, info):
        text += words("list.clause") + change
    return Point(words("point.headline.lead"), text + words("stop"))


def change_words(context: Context, info: IndicatorInfo) -> str:
    """The change against the previous round: how much, how sure, and what that means."""
    row = context.results.one("changes", **context.whole(info))
    if row is None or not numbers.is_figure(row.get("change")):
        return ""
    change, words = row["change"], context.words
    span = ""
    if numbers.is_figure(row.get("ci_low")) and numbers.is_figure(row.get("ci_high")):
        inside = context.between(row["ci_low"], row["ci_high"], info.places, signed=True)
        span = words("bracket", text=words("interval.short", span=inside))
    rounded = numbers.half_up(change, info.places)
    direction = "level" if rounded == 0 else "up" if change > 0 else "down"
    return words(
        f"change.{direction}",
        round=previous_name(context),
        size=numbers.figure(abs(change), info.places) + words.change_unit(info),
        span=span,
        meaning=words(f"change.meaning.{meaning(row)}"),
    )


def meaning(row: Row) -> str:
    verdict = row.get("verdict")
    if verdict in (UP, DOWN):
        return "real"
    return "noise" if verdict == SAME else "unjudged"


def _point(context: Context, lead: str, sentences: list[str]) -> Point | None:
    words = context.words
    if not sentences:
        return None
    return Point(words(lead), words("list.sentence").join(sentences))


def indicators(context: Context) -> Point | None:
    """How many single indicators moved for better or worse beyond noise."""
    words = context.words
    moved = {
        info.name: context.results.one("changes", **context.whole(info))
        for info in context.measurement.indicators
        if not info.composite
    }
    judged = {name: row for name, row in moved.items() if row and row.get("verdict")}
    if len(judged) < 2:
        return None
    titles = {info.name: info for info in context.measurement.indicators}
    tones: dict[str, list[str]] = {"good": [], "bad": [], "noise": []}
    for name, row in judged.items():
        tones[context.verdict(row, titles[name]).tone].append(words.title(titles[name]))
    return Point(words("point.indicators.lead"), _sorted_words(context, tones, "indicators"))


def areas(context: Context) -> Point | None:
    """Best and worst area of the first level, and how many areas moved beyond noise."""
    words, info = context.words, context.results.headline
    sentences: list[str] = []
    for level in context.results.levels_below():
        rows = best_first(context.results.current_rows("estimates", info.name, level), info)
        printed = [row for row in rows if row["estimate"] is not None]
        if len(printed) > 1 and not sentences:
            sentences.append(_ends_words(context, level, printed, info))
        tones: dict[str, list[str]] = {"good": [], "bad": [], "noise": []}
        for row in context.results.current_rows("changes", info.name, level):
            tone = context.verdict(row, info).tone
            if tone in tones:
                tones[tone].append(context.area(level, row["area"]))
        if any(tones.values()):
            sentences.append(_sorted_words(context, tones, "areas", context.level(level)))
    return (
        Point(words("point.areas.lead"), words("list.sentence").join(sentences))
        if sentences
        else None
    )


def _ends_words(context: Context, level: str, rows: list[Row], info: IndicatorInfo) -> str:
    """The best and the worst, with all that print the same figure."""
    first, last = (
        context.with_unit(info, rows[0]["estimate"]),
        context.with_unit(info, rows[-1]["estimate"]),
    )
    named: dict[str, list[str]] = {first: [], last: []}
    for row in rows:
        printed = context.with_unit(info, row["estimate"])
        if printed in named:
            named[printed].append(context.area(level, row["area"]))
    if first == last:
        return ""
    return context.words(
        "point.areas.ends" if info.good == "higher" else "point.areas.ends.lower",
        level=context.level(level),
        title=context.words.title(info),
        first=context.words.names(named[first]),
        first_figure=first,
        last=context.words.names(named[last]),
        last_figure=last,
    )


def _sorted_words(context: Context, tones: dict[str, list[str]], what: str, level: str = "") -> str:
    words = context.words
    total = sum(len(names) for names in tones.values())
    counter = words(f"counter.{what}")
    parts = [
        words(
            f"moved.{tone}",
            count=len(tones[tone]), counter=counter, names=words.names(tones[tone]),
        )
        for tone in ("good", "bad")
        if tones[tone]
    ]  # fmt: skip
    if len(tones["noise"]) == total:
        parts = [words("moved.all_noise")]
    elif tones["noise"]:
        parts.append(words("moved.noise", count=len(tones["noise"]), counter=counter))
    joined = words("list.clause").join(parts)
    return words(f"moved.{what}", count=total, level=level, parts=joined)


def ranks(context: Context) -> Point | None:
    """How far the ranks can be told apart at all."""
    words = context.words
    sentences: list[str] = []
    for level in context.results.levels_below():
        info = context.results.ranked_indicator("ranks", level)
        if info is None:
            continue
        rows = context.results.current_rows("ranks", info.name, level)
        widths = [
            row["marginal_high"] - row["marginal_low"] + 1
            for row in rows
            if numbers.is_figure(row.get("marginal_low"))
            and numbers.is_figure(row.get("marginal_high"))
        ]
        if widths:
            sentences.append(
                words(
                    "point.ranks",
                    level=context.level(level),
                    count=len(widths),
                    width=numbers.figure(sum(widths) / len(widths), 1),
                    confidence=context.confidence(),
                )
            )
    if sentences:
        sentences.append(words("point.ranks.caution"))
    return (
        Point(words("point.ranks.lead"), words("list.sentence").join(sentences))
        if sentences
        else None
    )


def weak(context: Context) -> Point | None:
    """What to work on first: by the drivers, or else the lowest figures."""
    words = context.words
    drivers = context.results.rows("drivers")
    scored = [row for row in drivers if numbers.is_figure(row.get("importance_satisfaction"))]
    if scored:
        scored.sort(key=lambda row: (-row["importance_satisfaction"], str(row["item"])))
        names = [context.item(row["item"]) for row in scored[:3]]
        return Point(words("point.weak.lead"), words("point.weak", names=words.names(names)))
    lowest = weakest(context)
    if not lowest:
        return None
    named = [
        words("point.weak.figure", title=words.title(info), figure=context.with_unit(info, value))
        for info, value in lowest
    ]
    return Point(words("point.weak.lead"), words("point.weak.lowest", names=words.names(named)))


def weakest(context: Context) -> list[tuple[IndicatorInfo, float]]:
    """The three worst of the indicators on 0 to 100, where there are at least five."""
    found = []
    for info in context.measurement.indicators:
        row = context.results.one("estimates", **context.whole(info))
        if info.on_hundred and not info.composite and row and row["estimate"] is not None:
            found.append((info, row["estimate"]))
    found.sort(key=lambda pair: pair[1] if pair[0].good == "higher" else 100 - pair[1])
    return found[:3] if len(found) >= 5 else []


def modelled(context: Context) -> Point | None:
    words, sentences = context.words, []
    for level in context.results.levels_below():
        info = context.results.ranked_indicator("small_area", level)
        if info is not None:
            rows = context.results.current_rows("small_area", info.name, level)
            hidden = sum(row["direct"] is None for row in rows)
            sentences.append(
                words(
                    "point.modelled" if hidden else "point.modelled.all",
                    count=f"{len(rows):,}", level=context.level(level), hidden=f"{hidden:,}",
                )
            )  # fmt: skip
    return (
        Point(words("point.modelled.lead"), words("list.sentence").join(sentences))
        if sentences
        else None
    )


def quality(context: Context) -> Point | None:
    if context.measurement.integrity is None:
        return None
    table = context.measurement.integrity
    rules = int(table.notes.get("rule_findings", 0))
    flagged = sum(bool(flag) for flag in table["flagged"].to_pylist()) - rules
    expected = table.notes.get("expected_false_alarms")
    key = "point.quality" if numbers.is_figure(expected) else "point.quality.unknown"
    text = context.words(
        key,
        tested=f"{len(table) - rules:,}",
        flagged=f"{flagged:,}",
        expected=numbers.figure(expected, 1),
    )
    return Point(context.words("point.quality.lead"), text)


def withheld(context: Context) -> Point | None:
    now = [key for key in context.results.withheld if key[0] == context.results.current.name]
    if not now:
        return None
    text = context.words("point.withheld", count=f"{len(now):,}")
    return Point(context.words("point.withheld.lead"), text)
