"""Indicators and composites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from huiyin.measure.reading.suggest import hint
from huiyin.measure.statistics import Code
from huiyin.measure.survey_file.model import (
    GOOD,
    SUMMARIES,
    CompositeIndicator,
    Good,
    Indicator,
)
from huiyin.measure.survey_file.section import Section, is_number

KINDS = ("share_of", "scores", "numeric", "ratio_to")


def read_indicators(root: Section, *, published: bool) -> tuple[Indicator, ...]:
    """The indicators; among published figures they need no kind, and ``item`` names the value."""
    indicators = []
    for section in root.sections("indicators"):
        indicators.append(_published(section) if published else _indicator(section))
        section.finish()
    return tuple(indicators)


def read_composites(
    root: Section, indicators: tuple[Indicator, ...]
) -> tuple[CompositeIndicator, ...]:
    """The composites, with parts that are composites resolved and weights made to sum to 1."""
    known: dict[str, Indicator | CompositeIndicator] = {each.name: each for each in indicators}
    composites: list[CompositeIndicator] = []
    for section in root.sections("composites"):
        composite = _composite(section, known)
        known.setdefault(composite.name, composite)
        composites.append(composite)
        section.finish()
    return tuple(composites)


def _published(section: Section) -> Indicator:
    name = section.needed("name")
    return Indicator(
        name,
        section.title("title", name),
        section.text("item") or name,
        numeric=section.flag("numeric"),
        good=section.choice("good", GOOD, "higher"),
        published=True,
    )


def _indicator(section: Section) -> Indicator:
    name = section.needed("name")
    indicator = Indicator(
        name,
        section.title("title", name),
        section.needed("item"),
        share_of=section.codes("share_of"),
        scores=_scores(section),
        numeric=section.flag("numeric"),
        statistic=section.choice("statistic", SUMMARIES, "mean"),
        ratio_to=section.text("ratio_to"),
        missing=section.codes("missing"),
        valid=section.codes("valid") or None,
        good=section.choice("good", GOOD, "higher"),
    )
    _check_kind(section, indicator)
    _check_codes(section, indicator)
    return indicator


def _scores(section: Section) -> tuple[tuple[Code, float], ...]:
    table = section.section("scores")
    if table is None:
        return ()
    if not table.table:
        section.error("empty-list", "scores", "no scores are given", "未给出任何分值")
    pairs = []
    for key in table.table:
        value = table.number(key)
        if value is not None:
            pairs.append((_code(key), value))
    if any(not 0 <= value <= 100 for _, value in pairs):
        section.warning(
            "unusual-scores", "scores",
            "a score is outside 0 to 100; figures are then not on that scale",
            "有分值不在 0 到 100 之间，结果将不是百分制",
        )  # fmt: skip
    return tuple(pairs)


def _code(key: str) -> Code:
    """Keys of TOML are text: ``1 = 100`` means the code 1. ``01`` is a text code."""
    try:
        number = float(key)
    except ValueError:
        return key
    if not math.isfinite(number) or (key.lstrip("-").startswith("0") and key.lstrip("-") != "0"):
        return key
    return int(number) if number.is_integer() and is_number(int(number)) else number


def _check_kind(section: Section, indicator: Indicator) -> None:
    given = [key for key in KINDS if section.table.get(key, False) is not False]
    if not given:
        section.error(
            "missing-key", "",
            "say what is computed: share_of, scores, numeric = true, or ratio_to",
            "请说明计算方式：share_of、scores、numeric = true 或 ratio_to",
        )  # fmt: skip
    if len(given) > 1:
        section.error(
            "contradictory-options", given[1],
            f"only one of {' and '.join(given)} can be used",
            f"{'、'.join(given)} 只能用其一",
        )  # fmt: skip
    if "statistic" in section and not indicator.numeric:
        section.error(
            "contradictory-options", "statistic", "statistic belongs to numeric = true only",
            "statistic 只能与 numeric = true 同用",
        )  # fmt: skip


def _check_codes(section: Section, indicator: Indicator) -> None:
    scored = tuple(code for code, _ in indicator.scores)
    counted, key = (indicator.share_of, "share_of") if indicator.share_of else (scored, "scores")
    if both := [code for code in counted if code in indicator.missing]:
        section.error(
            "contradictory-options", "missing",
            f"codes {_listed(both)} are also in {key}; take them out of one",
            f"编码 {_listed(both)} 同时出现在 {key} 中，请从一处删去",
        )  # fmt: skip
    if indicator.valid is not None:
        absent = [code for code in counted if code not in indicator.valid]
        if absent:
            section.error(
                "contradictory-options", "valid",
                f"codes {_listed(absent)} of {key} are not among the valid ones",
                f"{key} 中的编码 {_listed(absent)} 不在 valid 之列",
            )  # fmt: skip


def _composite(
    section: Section, known: Mapping[str, Indicator | CompositeIndicator]
) -> CompositeIndicator:
    name = section.needed("name")
    title = section.title("title", name)
    parts = _parts(section, known)
    good = _direction(section, [known[part].good for part, _ in parts])
    _check_units(section, [known[part] for part, _ in parts])
    flat: dict[str, float] = {}
    for part, weight in parts:
        for leaf, share in _leaves(known[part]):
            flat[leaf] = flat.get(leaf, 0.0) + weight * share
    return CompositeIndicator(name, title, _normalised(section, flat), good)


def _parts(
    section: Section, known: Mapping[str, Indicator | CompositeIndicator]
) -> list[tuple[str, float]]:
    table = section.section("parts")
    if table is None or not table.table:
        section.error(
            "missing-key", "parts", "a composite needs parts: indicator = weight",
            "综合指标须给出组成部分：指标 = 权重",
        )  # fmt: skip
        return []
    parts = []
    for part in table.table:
        weight = table.number(part, above=0.0)
        if part not in known:
            english, chinese = hint(part, known)
            table.error(
                "unknown-indicator", part,
                f"no indicator or earlier composite is called {part!r}{english}",
                f"没有名为 {part!r} 的指标或在前的综合指标{chinese}",
            )  # fmt: skip
        elif weight is not None:
            parts.append((part, weight))
    return parts


def _leaves(part: Indicator | CompositeIndicator) -> tuple[tuple[str, float], ...]:
    return part.parts if isinstance(part, CompositeIndicator) else ((part.name, 1.0),)


def _normalised(section: Section, parts: dict[str, float]) -> tuple[tuple[str, float], ...]:
    total = math.fsum(parts.values())
    if not 0.0 < total < math.inf:
        return ()
    if abs(total - 1.0) <= 1e-9:
        return tuple(parts.items())
    section.warning(
        "weights-normalised", "parts",
        f"the weights sum to {total:g}, not to 1; they are used as proportions",
        f"各权重之和为 {total:g} 而非 1，按比例归一后使用",
    )  # fmt: skip
    return tuple((part, weight / total) for part, weight in parts.items())


def _direction(section: Section, ways: list[Good]) -> Good:
    default: Good = ways[0] if ways else "higher"
    good = section.choice("good", GOOD, default)
    if len(set(ways)) > 1 and "good" not in section:
        section.error(
            "mixed-directions", "parts",
            "for some parts higher is better, for others lower, so that the sum has no direction;"
            " turn the codes of some round, or state good",
            "组成指标的优劣方向不一致，加总后没有方向；请调整部分指标的编码，或写明 good",
        )  # fmt: skip
    return good


def _check_units(section: Section, parts: list[Indicator | CompositeIndicator]) -> None:
    units = {part.on_hundred for part in parts if isinstance(part, Indicator)}
    if len(units) > 1:
        section.warning(
            "mixed-units", "parts",
            "shares or scores from 0 to 100 are added to figures in another unit",
            "百分制指标与其他单位的指标相加",
        )  # fmt: skip


def _listed(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)
