"""The rounds with their designs and calibrations."""

from __future__ import annotations

from pathlib import Path

from huiyin.measure.design import LONELY, REPLICATE_KINDS, Replicates, SurveyDesign
from huiyin.measure.survey_file.model import METHODS, CalibrationPlan, Margin, Round
from huiyin.measure.survey_file.section import Section


def read_rounds(root: Section) -> tuple[Round, ...]:
    """The rounds; a design or calibration of its own replaces the common one as a whole."""
    common = _optional_design(root) or SurveyDesign()
    calibration = _optional_calibration(root)
    rounds = []
    for section in root.sections("rounds"):
        rounds.append(_round(section, common, calibration))
        section.finish()
    return tuple(rounds)


def _round(section: Section, common: SurveyDesign, calibration: CalibrationPlan | None) -> Round:
    name = section.needed("name")
    data = section.file("data", required=True) or Path()
    design, plan = _optional_design(section), _optional_calibration(section)
    return Round(
        name,
        data,
        design or common,
        plan or calibration,
        _sheet(section),
        section.at("design") if design else "design",
        section.at("calibration") if plan else "calibration",
    )


def _sheet(section: Section) -> str | int | None:
    if isinstance(section.table.get("sheet"), str):
        return section.text("sheet")
    number = section.whole("sheet", -1, least=0)
    return number if number >= 0 else None


def _optional_design(parent: Section) -> SurveyDesign | None:
    section = parent.section("design")
    if section is None:
        return None
    design = SurveyDesign(
        weights=section.text("weights"),
        strata=section.texts("strata") or None,
        clusters=section.texts("clusters") or None,
        fpc=section.text("fpc"),
        nest=section.flag("nest"),
        lonely=section.choice("lonely", LONELY, "fail"),
        replicates=_replicates(section),
    )
    if design.nest and not (design.strata and design.clusters):
        section.error(
            "contradictory-options", "nest",
            "nest means that cluster ids repeat between strata; name strata and clusters, too",
            "nest 表示群编号在不同层之间重复，须同时给出 strata 和 clusters",
        )  # fmt: skip
    section.finish()
    return design


def _replicates(design: Section) -> Replicates | None:
    section = design.section("replicates")
    if section is None:
        return None
    if "type" not in section:
        section.error("missing-key", "type", "this key is required", "此键为必填项")
    kind = section.choice("type", REPLICATE_KINDS, "bootstrap")
    replicates = Replicates(
        kind=kind,
        weights=section.texts("weights"),
        count=section.whole("count", 0, least=2),
        rho=_rho(section),
        scale=section.number("scale", above=0.0),
        rscales=section.numbers("rscales"),
        seed=section.whole("seed", 0, least=0),
        centre_at_estimate=section.choice("centre", ("mean", "estimate"), "mean") == "estimate",
    )
    _check_replicates(section, replicates)
    section.finish()
    return replicates


def _rho(section: Section) -> float:
    rho = section.number("rho", below=1.0)
    if rho is not None and rho < 0:
        section.error("out-of-range", "rho", f"{rho:g} is below 0", f"{rho:g} 小于 0")
    return rho or 0.0


def _check_replicates(section: Section, replicates: Replicates) -> None:
    if replicates.rho and replicates.kind != "fay":
        section.error(
            "contradictory-options", "rho", "rho belongs to type = \"fay\" only",
            "rho 只用于 type = \"fay\"",
        )  # fmt: skip
    if replicates.kind == "fay" and not replicates.rho:
        section.error(
            "missing-key", "rho", "Fay's method needs rho, between 0 and 1",
            "Fay 方法须给出 0 与 1 之间的 rho",
        )  # fmt: skip
    if replicates.count and (replicates.weights or replicates.kind != "bootstrap"):
        section.error(
            "contradictory-options", "count",
            "count is the number of bootstrap replicates to make; leave out weights with it",
            "count 是要生成的自助重复数，只用于 bootstrap，且不能同时给出 weights",
        )  # fmt: skip
    if replicates.kind == "bootstrap" and not (replicates.weights or replicates.count):
        section.error(
            "missing-key", "weights",
            "name the columns of the replicate weights, or give count to have them made",
            "请给出重复权数所在的列，或用 count 指定要生成的个数",
        )  # fmt: skip
    if replicates.rscales is not None and any(scale < 0 for scale in replicates.rscales):
        section.error("out-of-range", "rscales", "none may be negative", "各值均不能为负")


def _optional_calibration(parent: Section) -> CalibrationPlan | None:
    section = parent.section("calibration")
    if section is None:
        return None
    margins = []
    for margin in section.sections("margins"):
        margins.append(
            Margin(
                margin.texts("columns", required=True),
                margin.file("totals", required=True) or Path(),
            )
        )
        margin.finish()
    plan = CalibrationPlan(
        section.choice("method", METHODS, "rake"),
        tuple(margins),
        section.texts("within"),
        _bounds(section),
    )
    _check_calibration(section, plan)
    section.finish()
    return plan


def _bounds(section: Section) -> tuple[float, float] | None:
    bounds = section.numbers("bounds")
    if bounds is None:
        return None
    if len(bounds) != 2 or not 0 <= bounds[0] < 1 < bounds[1]:
        section.error(
            "out-of-range", "bounds", "two numbers are expected, one below and one above 1",
            "应为两个数：一个小于 1，一个大于 1",
        )  # fmt: skip
        return None
    return bounds[0], bounds[1]


def _check_calibration(section: Section, plan: CalibrationPlan) -> None:
    if not plan.margins:
        section.error(
            "missing-key", "margins", "a calibration needs at least one margin",
            "校准至少要有一个边际总数",
        )  # fmt: skip
    if plan.method == "poststratify" and len(plan.margins) > 1:
        section.error(
            "contradictory-options", "method",
            "post-stratification has one margin; list its columns together, or use rake",
            "事后分层只能有一个边际；请把各列写在同一 columns 中，或改用 rake",
        )  # fmt: skip
    if plan.method == "logit" and plan.bounds is None and "bounds" not in section:
        section.error(
            "missing-key", "bounds", "the logit method needs bounds, such as [0.3, 3.0]",
            "logit 方法须给出 bounds，例如 [0.3, 3.0]",
        )  # fmt: skip
    for at, margin in enumerate(plan.margins, start=1):
        if both := set(margin.columns) & set(plan.within):
            section.error(
                "contradictory-options", f"margins[{at}].columns",
                f"{', '.join(sorted(both))} is in within already",
                f"{'、'.join(sorted(both))} 已列在 within 中",
            )  # fmt: skip
