"""Names that one part of the survey file uses of another: they must exist, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from huiyin.measure.reading.suggest import hint
from huiyin.measure.survey_file.findings import Log
from huiyin.measure.survey_file.model import ALL, Indicator, Survey

ONLY_FOR_MICRODATA = (
    "rounds", "design", "calibration", "areas", "area_names", "composites",
    "small_area", "drivers", "integrity", "response",
)  # fmt: skip


def check_references(survey: Survey, log: Log) -> None:
    """Note names that are unknown, used twice, or out of place."""
    indicators = [each.name for each in survey.indicators]
    composites = [each.name for each in survey.composites]
    _check_names_once(_keyed("rounds", [each.name for each in survey.rounds]), log)
    _check_names_once(_keyed("indicators", indicators) + _keyed("composites", composites), log)
    names = indicators + composites
    levels = [level.name for level in survey.areas]
    if survey.ranks is not None:
        _check_known(survey.ranks.of, names, "ranks.of", log)
        _check_level(survey.ranks.level, levels, "ranks.level", log)
    _check_small_area(survey, names, levels, log)
    _check_drivers(survey, log)
    if survey.integrity is not None:
        _check_level(survey.integrity.area, levels, "integrity.area", log)


def check_complete(survey: Survey, log: Log) -> None:
    """Note what every survey file must have."""
    if survey.published is None and not survey.rounds:
        log.error(
            "missing-key", "rounds", "there is no round; add [[rounds]] with name and data",
            "没有任何轮次，请添加 [[rounds]]，写明 name 和 data",
        )  # fmt: skip
    if survey.published is None and not survey.indicators:
        log.error(
            "missing-key", "indicators", "there is no indicator; add [[indicators]]",
            "没有任何指标，请添加 [[indicators]]",
        )  # fmt: skip


def check_published_alone(keys: Iterable[str], log: Log) -> None:
    """Published figures leave nothing to weight or to estimate."""
    for key in keys:
        if key in ONLY_FOR_MICRODATA:
            log.error(
                "contradictory-options", key,
                f"[published] holds finished figures; [{key}] needs answers of respondents",
                f"[published] 中是现成的结果，[{key}] 则需要受访者的逐条作答",
            )  # fmt: skip


def _keyed(table: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"{table}[{at}].name", name) for at, name in enumerate(names, start=1)]


def _check_names_once(named: Sequence[tuple[str, str]], log: Log) -> None:
    seen: dict[str, str] = {}
    for key, name in named:
        if name and name in seen:
            log.error(
                "duplicate-name", key, f"{name!r} is the name of {seen[name]} already",
                f"{name!r} 已用作 {seen[name]}",
            )  # fmt: skip
        seen.setdefault(name, key)


def _check_known(used: Iterable[str], names: Sequence[str], key: str, log: Log) -> None:
    for name in used:
        if name and name not in names:
            english, chinese = hint(name, names)
            log.error(
                "unknown-indicator", key, f"no indicator is called {name!r}{english}",
                f"没有名为 {name!r} 的指标{chinese}",
            )  # fmt: skip


def _check_level(level: str, levels: Sequence[str], key: str, log: Log) -> None:
    if level and level not in levels:
        english, chinese = hint(level, levels)
        if not english:
            listed = ", ".join(levels) or "–"
            english, chinese = f"; the levels are {listed}", f"；现有层级：{listed}"
        log.error(
            "unknown-level", key, f"no level of [areas] is called {level!r}{english}",
            f"[areas] 中没有名为 {level!r} 的层级{chinese}",
        )  # fmt: skip


def _check_small_area(
    survey: Survey, names: Sequence[str], levels: Sequence[str], log: Log
) -> None:
    plan = survey.small_area
    if plan is None:
        return
    _check_known(plan.of, names, "small_area.of", log)
    _check_level(plan.level, levels, "small_area.level", log)
    if plan.benchmark is None or plan.benchmark == ALL:
        return
    _check_level(plan.benchmark, levels, "small_area.benchmark", log)
    known = plan.level in levels and plan.benchmark in levels
    if known and levels.index(plan.benchmark) >= levels.index(plan.level):
        log.error(
            "contradictory-options", "small_area.benchmark",
            f"{plan.benchmark!r} is not a larger level than {plan.level!r}",
            f"{plan.benchmark!r} 不是比 {plan.level!r} 更大的层级",
        )  # fmt: skip


def _check_drivers(survey: Survey, log: Log) -> None:
    plan = survey.drivers
    if plan is None:
        return
    by_name = {each.name: each for each in survey.indicators}
    for key, names in (("drivers.outcome", (plan.outcome,)), ("drivers.items", plan.items)):
        _check_known(names, list(by_name), key, log)
        for name in names:
            if name in by_name and not _has_values(by_name[name]):
                log.error(
                    "contradictory-options", key,
                    f"{name!r} has no value per respondent; use a share, a score or a mean",
                    f"{name!r} 在每位受访者上没有取值，请使用占比、得分或均值指标",
                )  # fmt: skip


def _has_values(indicator: Indicator) -> bool:
    return indicator.kind in ("share", "score", "mean")
