"""Charts: one Vega-Lite definition each, drawn as SVG for the web and PDF and as PNG for Word.

A definition is a function of the width alone, so that the page for a phone is drawn anew and
not shrunk. Colours keep apart for colour-blind readers and differ in shape as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from huiyin.measure.bulletin.labels import Frame, place, text_width
from huiyin.measure.bulletin.numbers import half_up, is_figure
from huiyin.measure.bulletin.words import Words

if TYPE_CHECKING:
    import altair as alt

Specification = dict[str, Any]
COLOURS = {"good": "#1b6ca8", "bad": "#c2410c", "noise": "#6b7280", "model": "#7c3aed"}
INK, GRID, BAND = "#1f2937", "#e5e7eb", "#b6c6d6"
#: Below this width in pixels a chart is laid out for a phone.
NARROW = 420
#: Type sizes in pixels: usual, and where lines are many.
LABEL, DENSE_LABEL = 12, 10.5
#: Characters that number the lines of a chart, taken off again before printing.
PREFIX = 5
FONTS = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
    "Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei", "sans-serif",
)  # fmt: skip


class Dot(NamedTuple):
    """A figure with its interval on one line of a chart; no value makes a line of dots."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    label: str = ""
    tone: str = "noise"
    shape: str = "circle"
    before: float | None = None


class RankBar(NamedTuple):
    """A rank and the ranks it cannot be told from: by itself, and all areas at once."""

    name: str
    rank: float | None
    low: float | None = None
    high: float | None = None
    all_low: float | None = None
    all_high: float | None = None


class Driver(NamedTuple):
    name: str
    importance: float
    satisfied: float
    first: bool


GAP = "……"


def changes(dots: Sequence[Dot], axis: str, words: Words, width: int) -> Specification:
    """Changes with their intervals about zero, coloured real or noise."""
    import altair as alt

    values = _values(dots)
    lines = _lines(values, width)
    scale = _scale(dots, 0.0)
    x = alt.X("value:Q", title=axis, scale=scale)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q")
    whiskers = _whiskers(lines, axis, scale, _colour(dots))
    return _finish(alt.layer(zero, whiskers, _marks(lines, dots, x)), dots, width)


def estimates(
    dots: Sequence[Dot], axis: str, reference: float | None, words: Words, width: int
) -> Specification:
    """Estimates with their intervals; hollow where the figure of the previous round was."""
    import altair as alt

    lines = _lines(_values(dots), width)
    scale = _scale(dots, reference)
    x = alt.X("value:Q", title=axis, scale=scale)
    layers = [_whiskers(lines, axis, scale)]
    if any(dot.before is not None for dot in dots):
        hollow = lines.mark_point(size=34, color=COLOURS["noise"], opacity=0.9, strokeWidth=1.2)
        layers.append(hollow.encode(x=alt.X("before:Q", title=axis, scale=scale)))
    layers.append(_marks(lines, dots, x))
    if reference is not None:
        whole = alt.Chart(alt.Data(values=[{"whole": _short(reference)}]))
        layers.insert(0, whole.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="whole:Q"))
    return _finish(alt.layer(*layers), dots, width)


def ranks(bars: Sequence[RankBar], axis: str, words: Words, width: int) -> Specification:
    """Rank intervals, best rank left: a wide bar for one area, a thin one for all at once."""
    import altair as alt

    values = [
        {"key": _key(n, bar.name), **{f: v for f, v in bar._asdict().items() if f != "name"}}
        for n, bar in enumerate(bars)
    ]
    lines = _lines(values, width)
    last = max(bar.all_high or bar.high or bar.rank or 1 for bar in bars)
    scale = alt.Scale(domain=[0.5, max(last, 2) + 0.5], nice=False, zero=False)
    ticks = alt.Axis(format="d", tickMinStep=1)
    x = alt.X("rank:Q", title=axis, scale=scale, axis=ticks)
    thin = lines.mark_rule(color=COLOURS["noise"], strokeWidth=1).encode(
        x=alt.X("all_low:Q", title=axis, scale=scale, axis=ticks), x2="all_high:Q"
    )
    wide = lines.mark_rule(color=BAND, strokeWidth=7, strokeCap="round").encode(
        x=alt.X("low:Q", title=axis, scale=scale, axis=ticks), x2="high:Q"
    )
    dot = lines.mark_point(filled=True, size=46, color=COLOURS["good"], opacity=1).encode(x=x)
    return _finish(alt.layer(thin, wide, dot), bars, width)


def quadrants(
    drivers: Sequence[Driver],
    cuts: tuple[float, float],
    axes: tuple[str, str],
    words: Words,
    width: int,
) -> Specification:
    """Importance against satisfaction; what is important and unsatisfied stands out."""
    import altair as alt

    inner, height = _inner(width, 60), min(width, 400)
    size = 11 if width > NARROW else 10
    spots = [(d.satisfied, d.importance) for d in drivers]
    frame = Frame.around([*spots, cuts], inner, height)
    labels = place([d.name for d in drivers], spots, frame, size)
    values = [
        {"name": d.name, "x": _short(x), "y": _short(y), "lx": _short(lx), "ly": _short(ly),
         "first": d.first}
        for d, (x, y), (lx, ly) in zip(drivers, spots, labels, strict=True)
    ]  # fmt: skip
    across = alt.Scale(domain=[_short(edge) for edge in frame.x], nice=False, zero=False)
    up = alt.Scale(domain=[_short(edge) for edge in frame.y], nice=False, zero=False)
    base = alt.Chart(alt.Data(values=values))
    cut = alt.Chart(alt.Data(values=[{"x": _short(cuts[0]), "y": _short(cuts[1])}]))
    rule = {"color": INK, "strokeDash": [4, 3]}
    chart = alt.layer(
        cut.mark_rule(**rule).encode(x=alt.X("x:Q", title=axes[0], scale=across)),
        cut.mark_rule(**rule).encode(y=alt.Y("y:Q", title=axes[1], scale=up)),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=alt.X("x:Q", title=axes[0], scale=across),
            y=alt.Y("y:Q", title=axes[1], scale=up),
            color=_first(alt.Color, [COLOURS["bad"], COLOURS["good"]]),
            shape=_first(alt.Shape, ["diamond", "circle"]),
        ),
        base.mark_text(fontSize=size, color=INK, baseline="middle").encode(
            x=alt.X("lx:Q", title=axes[0], scale=across),
            y=alt.Y("ly:Q", title=axes[1], scale=up),
            text="name:N",
        ),
    )
    return _configured(chart.properties(width=inner, height=height), width)


def _first(channel: Any, signs: list[str]) -> Any:
    import altair as alt

    return channel("first:N", legend=None, scale=alt.Scale(domain=[True, False], range=signs))


def _values(dots: Sequence[Dot]) -> list[dict[str, Any]]:
    numbers = ("value", "low", "high", "before")
    return [
        {
            "key": _key(n, dot.name),
            "label": dot.label,
            **{f: _short(getattr(dot, f)) for f in numbers},
        }
        for n, dot in enumerate(dots)
    ]


def _key(number: int, name: str) -> str:
    """Unique and in order, even where two areas share a name."""
    return f"{number:0{PREFIX}d}{name}"


def _short(value: float | None) -> float | None:
    """Four decimals are finer than any screen."""
    return float(half_up(value, 4)) if is_figure(value) and value is not None else None


def _lines(values: list[dict[str, Any]], width: int) -> alt.Chart:
    import altair as alt

    axis = alt.Axis(
        labelExpr=f"slice(datum.value, {PREFIX})",
        labelLimit=int(width * (0.36 if width < NARROW else 0.3)),
        labelFontSize=LABEL if len(values) <= 20 else DENSE_LABEL,
        ticks=False,
        domain=False,
        labelPadding=6,
        grid=True,
    )
    order = [row["key"] for row in values]
    return alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("key:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=axis)
    )


def _scale(dots: Sequence[Dot], other: float | None) -> alt.Scale:
    """One scale for all layers that holds every figure, every interval and ``other``."""
    import altair as alt

    found = [x for dot in dots for x in (dot.value, dot.low, dot.high, dot.before) if x is not None]
    found += [other] if other is not None else []
    low, high = min(found), max(found)
    margin = 0.03 * (high - low) or 1.0
    return alt.Scale(domain=[_short(low - margin), _short(high + margin)], nice=False, zero=False)


def _whiskers(
    lines: alt.Chart, axis: str, scale: alt.Scale, colour: alt.Color | None = None
) -> alt.Chart:
    import altair as alt

    x = alt.X("low:Q", title=axis, scale=scale)
    if colour is None:
        return lines.mark_rule(strokeWidth=2, color=BAND).encode(x=x, x2="high:Q")
    drawn = lines.transform_filter("isValid(datum.value)").mark_rule(strokeWidth=2, opacity=0.45)
    return drawn.encode(x=x, x2="high:Q", color=colour)


def _signs(dots: Sequence[Dot]) -> dict[str, tuple[str, str]]:
    """Label to colour and shape."""
    found = {dot.label: (COLOURS[dot.tone], dot.shape) for dot in dots if dot.label}
    return dict(sorted(found.items()))


def _legend() -> alt.Legend:
    import altair as alt

    return alt.Legend(orient="top", title=None, symbolOpacity=1, labelLimit=240)


def _colour(dots: Sequence[Dot]) -> alt.Color | None:
    import altair as alt

    signs = _signs(dots)
    if not signs:
        return None
    scale = alt.Scale(domain=list(signs), range=[colour for colour, _ in signs.values()])
    return alt.Color("label:N", legend=_legend(), scale=scale)


def _marks(lines: alt.Chart, dots: Sequence[Dot], x: alt.X) -> alt.Chart:
    """Points whose colour and shape say the same, with a legend where they say anything."""
    import altair as alt

    colour = _colour(dots)
    if colour is None:
        return lines.mark_point(filled=True, size=52, color=COLOURS["good"], opacity=1).encode(x=x)
    signs = _signs(dots)
    shapes = alt.Scale(domain=list(signs), range=[shape for _, shape in signs.values()])
    drawn = lines.transform_filter("isValid(datum.value)")
    return drawn.mark_point(filled=True, size=58, opacity=1).encode(
        x=x, color=colour, shape=alt.Shape("label:N", legend=_legend(), scale=shapes)
    )


def _finish(chart: alt.LayerChart, lines: Sequence[Any], width: int) -> Specification:
    step = 24 if len(lines) <= 12 else 20 if len(lines) <= 20 else 12
    longest = max(text_width(line.name, LABEL) for line in lines)
    labels = min(round(longest), int(width * (0.36 if width < NARROW else 0.3)))
    sized = chart.properties(width=_inner(width, labels + 30), height={"step": step})
    return _configured(sized, width)


def _inner(width: int, margin: int) -> int:
    return max(width - margin, 120)


def _configured(chart: alt.LayerChart, width: int) -> Specification:
    size = LABEL
    font = ", ".join(FONTS)
    configured = (
        chart.configure(font=font, aria=False, background="white", padding=6)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=size, titleFontSize=size, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, gridColor=GRID, domainColor=INK, tickColor=INK,
            tickCount=6 if width > NARROW else 4,
        )
        .configure_legend(labelFontSize=size, labelColor=INK, columns=0 if width > NARROW else 1)
    )  # fmt: skip
    found: Specification = configured.to_dict()
    return found
