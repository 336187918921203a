"""From the results of a run to what the bulletin prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huiyin.measure.bulletin import Fact, IndicatorInfo, Measurement, RoundInfo, Suppressed
from huiyin.measure.design import SurveyDesign
from huiyin.measure.run.measuring import NO_INTERVALS, indicators_of, levels_of
from huiyin.measure.run.results import Fielded, Results
from huiyin.measure.survey_file.model import (
    CalibrationPlan,
    CompositeIndicator,
    Indicator,
    Round,
    Survey,
)

CALIBRATIONS = {
    "rake": ("raking", "迭代比例拟合（raking）"),
    "poststratify": ("post-stratification", "事后分层"),
    "linear": ("linear (GREG) calibration", "线性（GREG）校准"),
    "logit": ("bounded logit calibration", "有界 logit 校准"),
}

LONELY = {
    "fail": ("refused", "不允许出现"),
    "certainty": ("add no variance", "不计方差"),
    "average": ("take the average variance of the others", "取其他层方差的平均"),
    "centre": ("are centred at the grand mean", "以总均值为中心计算"),
    "collapse": ("are joined to the next stratum", "与相邻层合并"),
}


def measurement(results: Results, language: str) -> Measurement:
    """Everything the bulletin needs, in the words it prints.

    Args:
        results: of a run.
        language: ``zh`` or ``en``.
    """
    survey = results.survey
    return Measurement(
        title={"zh": survey.title.zh, "en": survey.title.en},
        rounds=list(_rounds(results)),
        indicators=_indicators(results),
        levels=levels_of(survey),
        language="en" if language == "en" else "zh",
        area_names=results.names,
        tables=results.tables,
        integrity=results.integrity,
        method=list(_facts(results)),
        weighting=_weighting(results),
        suppressed=list(_suppressed(results)),
        warnings=[{"en": en, "zh": zh} for en, zh in results.warnings if (en, zh) != NO_INTERVALS],
        parents=results.parents,
        confidence=survey.ranks.confidence if survey.ranks else 0.95,
    )


def _rounds(results: Results) -> Iterator[RoundInfo]:
    survey = results.survey
    if survey.published is not None:
        assert results.full is not None  # published figures were read
        for name in results.full.notes["rounds"]:
            yield RoundInfo(name, None, source=survey.published.data.name)
        return
    for one in survey.rounds:
        summary = results.weighting[one.name]
        yield RoundInfo(
            one.name,
            summary["n"],
            summary["sum_of_weights"],
            one.data.name,
            results.response.get(one.name),
        )


def _indicators(results: Results) -> list[IndicatorInfo]:
    survey = results.survey
    known = indicators_of(survey)
    assert results.full is not None  # there are estimates in every run
    present = dict.fromkeys(results.full.arrow["indicator"].to_pylist())
    infos = []
    for name in [*(n for n in known if n in present), *(n for n in present if n not in known)]:
        one = known.get(name)
        if one is None:
            infos.append(IndicatorInfo(name, name))
            continue
        composite = isinstance(one, CompositeIndicator)
        kind: Any = one.kind if isinstance(one, Indicator) else _composite_kind(survey, one)
        title = {"zh": one.title.zh, "en": one.title.en}
        infos.append(IndicatorInfo(name, title, kind, one.good, composite))
    return infos


def _composite_kind(survey: Survey, one: CompositeIndicator) -> str:
    """A composite of shares and scores is in points of 0-100; any other in its own unit."""
    parts = dict(one.parts)
    kinds = {i.kind for i in survey.indicators if i.name in parts}
    return "score" if kinds <= {"share", "score"} else "mean"


def _weighting(results: Results) -> dict[str, dict[str, Any]]:
    """Only rounds whose weights mean something: named or calibrated."""
    return {
        one.name: results.weighting[one.name]
        for one in results.rounds
        if one.design.weights is not None or one.design.calibration is not None
    }


def _suppressed(results: Results) -> Iterator[Suppressed]:
    table = results.tables["estimates"].arrow
    names = ("round", "indicator", "level", "area", "why_not")
    for row in zip(*(table[name].to_pylist() for name in names), strict=True):
        if row[4] is not None:
            yield Suppressed(*row)


def _facts(results: Results) -> Iterator[Fact]:
    survey = results.survey
    if survey.published is not None:
        yield Fact(
            {"en": "Source", "zh": "数据来源"},
            {
                "en": f"figures published as they are ({survey.published.data.name}),"
                " without sample sizes or standard errors",
                "zh": f"已公开发布的结果（{survey.published.data.name}），未附样本量和标准误",
            },
        )
    elif results.rounds:
        yield from _design_facts(results.rounds[-1], survey.rounds[-1])
    yield from _rank_facts(survey)
    yield from _rule_facts(survey)


def _design_facts(one: Fielded, plan: Round) -> Iterator[Fact]:
    design = one.base_design
    yield Fact({"en": "Sample design", "zh": "抽样设计"}, _design_words(design))
    yield Fact({"en": "Standard errors", "zh": "标准误"}, _variance_words(one.design))
    if plan.calibration is not None:
        yield Fact({"en": "Calibration", "zh": "权数校准"}, _calibration_words(plan.calibration))


def _design_words(design: SurveyDesign) -> dict[str, str]:
    strata, clusters = design.stratum_columns, design.cluster_columns
    english = [
        f"strata: {', '.join(strata)}" if strata else "no strata",
        f"clusters: {', '.join(clusters)}" if clusters else "respondents drawn singly",
        f"weights: {design.weights}" if design.weights else "equal weights",
    ]
    chinese = [
        f"分层变量：{'、'.join(strata)}" if strata else "不分层",
        f"整群变量：{'、'.join(clusters)}" if clusters else "直接抽取受访者",
        f"权数：{design.weights}" if design.weights else "等权",
    ]
    if design.fpc:
        english.append(f"finite population correction: {design.fpc}")
        chinese.append(f"有限总体校正：{design.fpc}")
    return {"en": "; ".join(english), "zh": "；".join(chinese)}


def _variance_words(design: SurveyDesign) -> dict[str, str]:
    if design.replicates is not None:
        kind = design.replicates.kind
        return {"en": f"replicate weights ({kind})", "zh": f"重复权数法（{kind}）"}
    lonely = LONELY[design.lonely]
    return {
        "en": "Taylor linearisation, ultimate clusters; intervals of shares are logit, or"
        f" Korn–Graubard where the rarer answer is rare; strata with one PSU {lonely[0]}",
        "zh": "泰勒线性化（最终群法）；占比的置信区间用 logit 法，少数一方回答过少时改用"
        f" Korn–Graubard 法；只有一个初级抽样单元的层：{lonely[1]}",
    }


def _calibration_words(plan: CalibrationPlan) -> dict[str, str]:
    english, chinese = CALIBRATIONS[plan.method]
    margins = [" × ".join(margin.columns) for margin in plan.margins]
    within_en = f", within {', '.join(plan.within)}" if plan.within else ""
    within_zh = f"，分别在各 {'、'.join(plan.within)} 内进行" if plan.within else ""
    return {
        "en": f"{english} to {'; '.join(margins)}{within_en}; the variance accounts for it",
        "zh": f"{chinese}，校准到 {'；'.join(margins)} 的总体数{within_zh}；方差计算已计入校准",
    }


def _rank_facts(survey: Survey) -> Iterator[Fact]:
    if survey.ranks is None or survey.published is not None:
        return
    percent = f"{survey.ranks.confidence * 100:g} %"
    yield Fact(
        {"en": "Ranks", "zh": "名次"},
        {
            "en": f"rank sets of Mogstad, Romano, Shaikh and Wilhelm (2024) at {percent},"
            f" {survey.ranks.draws} draws, seed {survey.ranks.seed}; areas are taken as"
            " independent samples",
            "zh": f"名次区间按 Mogstad 等（2024）的方法计算，置信水平 {percent}，"
            f"模拟 {survey.ranks.draws} 次，随机种子 {survey.ranks.seed}；各地区视为独立样本",
        },
    )


def _rule_facts(survey: Survey) -> Iterator[Fact]:
    if survey.published is not None:
        return
    rule = survey.publish
    english = f"a figure rests on at least {rule.minimum_n} respondents"
    chinese = f"每个数字至少有 {rule.minimum_n} 名受访者作答"
    if rule.max_half_width is not None:
        english += f", its interval is at most ±{rule.max_half_width:g}"
        chinese += f"，置信区间半宽不超过 {rule.max_half_width:g}"
    yield Fact({"en": "Publication rule", "zh": "公布规则"}, {"en": english, "zh": chinese})
