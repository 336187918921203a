"""Figures that were published as estimates, without sample sizes.

There is nothing to compute a standard error from; the table made here has none, and what is made
of it (ranks and moves, with ties) has no intervals and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_text, read
from huiyin.measure.reading.suggest import hint
from huiyin.measure.survey_file.columns import natural
from huiyin.measure.survey_file.model import ALL, Published, Survey
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

Row = dict[str, Any]
#: (round, indicator, level, area) → the figure.
Figures = dict[tuple[str, str, str, str], float]
#: Decimals kept after scaling, so that 0.07 × 100 is 7 and ties stay ties.
DECIMALS = 12


def read_published(survey: Survey, backend: BaseBackend | None = None) -> Tidy:
    """The published figures as a table.

    Rows without a value are left out: an indicator may begin later than the others. Without
    ``[[indicators]]`` every indicator of the file is taken.

    Returns:
        Columns round, indicator, level, area, estimate; rounds from old to new, indicators in
        the order of the survey file, areas by name. Figures of the ``overall`` column have the
        level and the area ``all``. The notes ``rounds`` and ``indicators`` list them in order.

    Raises:
        MeasureError: as :func:`huiyin.measure.read`; ``no-figures`` when nothing is left;
            ``duplicate-figure`` when a figure is there twice, or the overall one differs between
            rows; ``unknown-name`` for a round, indicator or spelling that does not occur;
            ``not-a-date``; ``empty-field``; ``infinite-figure``.
    """
    plan = survey.published
    if plan is None:
        raise MeasureError(
            "missing-key", "the survey file has no [published]", "配置文件中没有 [published]"
        )
    try:
        return _published(survey, plan, backend)
    except MeasureError as wrong:
        file = Path(plan.data).name
        raise (wrong if wrong.place.startswith(file) else wrong.at(file)) from wrong.__cause__


def _published(survey: Survey, plan: Published, backend: BaseBackend | None) -> Tidy:
    rows = _rows(plan, backend)
    rounds = _rounds(plan, rows)
    indicators = _indicators(survey, rows)
    figures = _figures(plan, rows, rounds, indicators)
    if not figures:
        raise MeasureError(
            "no-figures", "no row is left after filter, rounds and indicators",
            "经筛选、轮次和指标限定后没有剩下任何数据",
        )  # fmt: skip
    places = {name: at for at, name in enumerate(dict.fromkeys(rounds.values()))}
    order = {name: at for at, name in enumerate(dict.fromkeys(indicators.values()))}
    keys = sorted(figures, key=lambda k: (places[k[0]], order[k[1]], k[2] != ALL, natural(k[3])))
    names = ("round", "indicator", "level", "area")
    columns = {name: [key[at] for key in keys] for at, name in enumerate(names)}
    notes = {"rounds": list(places), "indicators": list(order)}
    return Tidy.of({**columns, "estimate": [figures[key] for key in keys]}, notes)


def _rows(plan: Published, backend: BaseBackend | None) -> list[Row]:
    numbers = [plan.value, *([plan.overall] if plan.overall else [])]
    columns = dict.fromkeys([plan.area, plan.round, plan.indicator, *numbers, *plan.filter])
    table = read(
        plan.data, backend, plan.sheet, list(columns), [plan.round, plan.indicator], numbers
    )
    for column, kept in plan.filter.items():
        table = table.filter(as_text(table[column]).isin(kept))
    chosen = table.select(
        area=as_text(table[plan.area]).strip(),
        round=as_text(table[plan.round]).strip(),
        indicator=as_text(table[plan.indicator]).strip(),
        value=table[plan.value].cast("float64"),
        **({"overall": table[plan.overall].cast("float64")} if plan.overall else {}),
    )
    rows: list[Row] = chosen.filter(chosen.value.notnull()).to_pyarrow().to_pylist()
    _check_rows(rows)
    return _renamed(plan, rows)


def _check_rows(rows: Iterable[Row]) -> None:
    for row in rows:
        if not (row["area"] and row["round"] and row["indicator"]):
            raise MeasureError(
                "empty-field",
                f"a row with the value {row['value']:g} lacks area, round or indicator",
                f"值为 {row['value']:g} 的一行缺少地区、轮次或指标",
            )  # fmt: skip
        if abs(row["value"]) == float("inf"):
            raise MeasureError(
                "infinite-figure", "the figure is infinite", "数值为无穷大",
                place=f"{row['round']}, {row['indicator']}, {row['area']}",
            )  # fmt: skip


def _renamed(plan: Published, rows: list[Row]) -> list[Row]:
    there = {row["area"] for row in rows}
    for spelling in plan.rename:
        _known(spelling, there, "[published.rename]")
    for row in rows:
        row["area"] = plan.rename.get(row["area"], row["area"])
    return rows


def _rounds(plan: Published, rows: Sequence[Row]) -> dict[str, str]:
    """Text of each round in the file → its name, from old to new."""
    texts = list(dict.fromkeys(row["round"] for row in rows))
    if plan.round_format is None:
        named = {text: text for text in sorted(texts, key=natural)}
    else:
        dates = {text: _date(text, plan.round_format) for text in texts}
        named = {text: dates[text].isoformat() for text in sorted(texts, key=dates.__getitem__)}
    if not plan.rounds:
        return named
    for name in plan.rounds:
        _known(name, set(named.values()), "[published] rounds")
    place = {name: at for at, name in enumerate(plan.rounds)}
    kept = [text for text, name in named.items() if name in place]
    return {text: named[text] for text in sorted(kept, key=lambda text: place[named[text]])}


def _date(text: str, format_: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, format_).date()
    except ValueError as wrong:
        raise MeasureError(
            "not-a-date",
            f"the round {text!r} is no date of the form {format_!r}; correct round_format",
            f"轮次 {text!r} 不符合日期格式 {format_!r}，请更正 round_format",
        ) from wrong


def _indicators(survey: Survey, rows: Sequence[Row]) -> dict[str, str]:
    """Text of each indicator in the file → its name."""
    there = dict.fromkeys(row["indicator"] for row in rows)
    if not survey.indicators:
        return {text: text for text in there}
    for indicator in survey.indicators:
        _known(indicator.item, there, "[[indicators]] item")
    return {indicator.item: indicator.name for indicator in survey.indicators}


def _known(name: str, there: Iterable[str], place: str) -> None:
    names = list(there)
    if name not in names:
        english, chinese = hint(name, names)
        raise MeasureError(
            "unknown-name", f"{name!r} does not occur in the data{english}",
            f"数据中没有出现 {name!r}{chinese}", place=place,
        )  # fmt: skip


def _figures(
    plan: Published, rows: Iterable[Row], rounds: Mapping[str, str], indicators: Mapping[str, str]
) -> Figures:
    figures: Figures = {}
    for row in rows:
        if row["round"] not in rounds or row["indicator"] not in indicators:
            continue
        round_, indicator = rounds[row["round"]], indicators[row["indicator"]]
        own = (round_, indicator, plan.level, row["area"])
        if own in figures:
            raise _duplicate(own)
        figures[own] = round(row["value"] * plan.scale, DECIMALS)
        overall = row.get("overall")
        if overall is not None:
            whole = (round_, indicator, ALL, ALL)
            figure = round(overall * plan.scale, DECIMALS)
            if figures.setdefault(whole, figure) != figure:
                raise _duplicate(whole)
    return figures


def _duplicate(key: tuple[str, str, str, str]) -> MeasureError:
    return MeasureError(
        "duplicate-figure",
        "the figure is there more than once; filter the rows, or correct the data",
        "该数值重复出现，请用 filter 筛选或更正数据",
        place=", ".join(key),
    )
