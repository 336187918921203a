"""What the analysis is asked: the items, when a respondent is satisfied, who names what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from huiyin.measure.errors import MeasureError
from huiyin.measure.statistics import Code, Statistic, mean, score, share

if TYPE_CHECKING:
    import pyarrow as pa

Good = Literal["higher", "lower"]


@dataclass(frozen=True)
class Driver:
    """An item that may move the outcome.

    Attributes:
        statistic: names the item and turns its answers into numbers.
        satisfied: share of the satisfied; None = not defined for this item.
        dissatisfied: ``satisfied`` holds the opposite (the item is a share where lower is good).
    """

    statistic: Statistic
    satisfied: Statistic | None
    dissatisfied: bool = False


@dataclass(frozen=True)
class Stated:
    """Questions in which respondents name what matters most to them.

    Attributes:
        columns: the questions; each holds one code, or nothing.
        codes: the codes that name each item, by item.
    """

    columns: tuple[str, ...]
    codes: Mapping[str, tuple[Code, ...]]


def read_outcome(
    outcome: str | Statistic, scores: Mapping[Code, float] | None, missing: Sequence[Code]
) -> Statistic:
    """The outcome as a statistic.

    Raises:
        MeasureError: it is not a mean, share or score of one item.
    """
    return _statistic(outcome, scores, missing, "outcome")


def read_drivers(
    items: Sequence[str | Statistic],
    scores: Mapping[Code, float] | None,
    missing: Sequence[Code],
    satisfied: Sequence[Code] | Mapping[str, Sequence[Code]] | None,
    good: Good | Mapping[str, Good],
) -> tuple[Driver, ...]:
    """The items with what counts as satisfied.

    Raises:
        MeasureError: no items, a name twice, an unknown name in ``satisfied`` or ``good``; a code
            both satisfied and missing.
    """
    statistics = [_statistic(item, scores, missing, "items") for item in items]
    names = [statistic.name for statistic in statistics]
    _check_names(names, satisfied, good)
    _check_good(good)
    if isinstance(satisfied, Mapping):
        chosen: Mapping[str, Sequence[Code]] = satisfied
    else:
        chosen = {} if satisfied is None else dict.fromkeys(names, satisfied)
    ways = good if isinstance(good, Mapping) else dict.fromkeys(names, good)
    return tuple(_driver(s, chosen.get(s.name), ways.get(s.name, "higher")) for s in statistics)


def read_stated(stated: Mapping[str, Any], items: Sequence[str]) -> Stated:
    """Columns and codes of the questions that ask what matters most.

    Args:
        stated: ``columns``: names of the questions; ``codes``: a mapping of code to item, or a
            table with the columns ``code`` and ``item``. A code without an item here (none,
            something else) names nothing.
        items: names of the items analysed.

    Raises:
        MeasureError: ``columns`` or ``codes`` is missing, or no code names any of the items.
    """
    columns = stated.get("columns", ())
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    if not columns or stated.get("codes") is None:
        raise MeasureError(
            "stated-incomplete",
            "stated importance needs the columns of the question and the list of its codes",
            "陈述重要性需要给出题目各列（columns）和编码表（codes）",
            place="stated",
        )
    pairs = _code_pairs(stated["codes"])
    codes = {item: tuple(code for code, named in pairs if named == item) for item in items}
    if not any(codes.values()):
        listed = _listed(list(dict.fromkeys(item for _, item in pairs)))
        raise MeasureError(
            "stated-codes",
            f"no code names an item; the list names {listed}, the items are {_listed(items)}",
            f"编码表中的项目（{listed}）与所分析的项目（{_listed(items)}）没有一个相同",
            place="stated, codes",
        )
    return Stated(columns, {item: named for item, named in codes.items() if named})


def _statistic(
    item: str | Statistic,
    scores: Mapping[Code, float] | None,
    missing: Sequence[Code],
    place: str,
) -> Statistic:
    if isinstance(item, str):
        return (
            mean(item, missing=missing) if scores is None else score(item, scores, missing=missing)
        )
    if not isinstance(item, Statistic) or item.kind not in ("mean", "share", "score"):
        raise MeasureError(
            "not-one-answer",
            f"{getattr(item, 'name', item)!r} is not a mean, share or score of one item, so no"
            " respondent has a value of it",
            f"{getattr(item, 'name', item)!r} 不是单个题目的均值、占比或得分，无法对应到每位受访者",
            place=place,
        )
    return item


def _check_names(names: Sequence[str], *named: Any) -> None:
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if not names or repeated:
        raise MeasureError(
            "bad-items",
            "name at least one item, and each once" + (f": {_listed(repeated)}" * bool(repeated)),
            "至少指定一个项目，且每个项目只出现一次" + (f"：{_listed(repeated)}" * bool(repeated)),
            place="items",
        )
    for mapping in named:
        unknown = [n for n in mapping if n not in names] if isinstance(mapping, Mapping) else []
        if unknown:
            raise MeasureError(
                "unknown-item",
                f"{_listed(unknown)} is not among the items {_listed(names)}",
                f"{_listed(unknown)} 不在所分析的项目之中：{_listed(names)}",
                place="items",
            )


def _check_good(good: object) -> None:
    for way in good.values() if isinstance(good, Mapping) else [good]:
        if way not in get_args(Good):
            raise MeasureError(
                "unknown-option",
                f"good must be higher or lower, not {way!r}",
                f"good 只能取 higher 或 lower，不能是 {way!r}",
                place="good",
            )


def _driver(statistic: Statistic, chosen: Sequence[Code] | None, good: Good) -> Driver:
    if statistic.kind == "share" and chosen is None:
        return Driver(statistic, statistic, dissatisfied=good == "lower")
    codes = _better_codes(statistic, good) if chosen is None else tuple(chosen)
    if not codes:
        return Driver(statistic, None)
    content = share(statistic.item, codes, name=statistic.name, missing=statistic.missing)
    return Driver(statistic, content)


def _better_codes(statistic: Statistic, good: Good) -> tuple[Code, ...]:
    """The better half of the scale; the middle of an odd number of scores is not satisfied."""
    levels = sorted({value for _, value in statistic.scores}, reverse=good == "higher")
    better = levels[: len(levels) // 2]
    return tuple(code for code, value in statistic.scores if value in better)


def _code_pairs(codes: Any) -> list[tuple[Code, str]]:
    if isinstance(codes, Mapping) and not {"code", "item"} <= set(codes):
        return [(code, str(item)) for code, item in codes.items()]
    from huiyin.measure.reading.arrow import to_arrow

    table: pa.Table = to_arrow(codes)
    if not {"code", "item"} <= set(table.column_names):
        raise MeasureError(
            "codes-columns",
            f"the list of codes needs the columns code and item, not {_listed(table.column_names)}",
            f"编码表应有 code 和 item 两列，现有：{_listed(table.column_names)}",
            place="stated, codes",
        )
    pairs = zip(table["code"].to_pylist(), table["item"].to_pylist(), strict=True)
    return [(code, str(item)) for code, item in pairs if code is not None and item is not None]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(str(name) for name in names[:12]) + (", …" if len(names) > 12 else "")
