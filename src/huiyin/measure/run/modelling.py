"""Small-area figures of the survey file's plan, round by round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.change import stacked
from huiyin.measure.small_area import fay_herriot
from huiyin.measure.survey_file.model import ALL, SmallArea, Survey
from huiyin.measure.survey_file.side_files import read_covariates
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

COLUMNS = (
    "round", "indicator", "level", "area", "direct", "direct_se", "model", "mse",
    "benchmarked", "weight_on_direct",
)  # fmt: skip

#: Column of the covariates' file that is not a covariate but the size of the area.
POPULATION = "population"


def small_areas(
    survey: Survey, full: Tidy, parents: Mapping[str, Mapping[str, str]], backend: BaseBackend
) -> Tidy:
    """Fay-Herriot figures for every area of the covariates' file.

    Shares are modelled on the logit scale. Sampling variances of small samples are smoothed.
    Benchmarking weighs areas by the column ``population`` of the covariates, or by their sums of
    weights where there is none.

    Args:
        survey: with a plan for small areas.
        full: direct estimates, nothing withheld.
        parents: area one level up, by level, for benchmarking to a middle level.
        backend: to read the covariates with.

    Raises:
        MeasureError: as :func:`~huiyin.measure.small_area.fay_herriot`; the areas of the data are
            not those of the covariates; the benchmark level cannot be reached.
    """
    plan = survey.small_area
    assert plan is not None  # the caller asks only where there is a plan
    known = read_covariates(plan, backend)
    blocks = []
    for indicator in plan.of:
        for one in survey.rounds:
            areas = _areas(full.arrow, known, plan, indicator, one.name)
            block = _model(survey, plan, areas, full.arrow, parents, (one.name, indicator))
            count = len(block["area"])
            block |= {
                "round": [one.name] * count,
                "indicator": [indicator] * count,
                "level": [plan.level] * count,
            }
            blocks.append(block)
    return stacked(blocks, COLUMNS)


def direct_shown(modelled: Tidy, estimates: Tidy) -> Tidy:
    """The model figures, with direct ones only where those are published."""
    shown = estimates.arrow.filter(estimates.arrow["published"])
    names = ("round", "indicator", "level", "area")
    known = set(zip(*(shown[name].to_pylist() for name in names), strict=True))
    rows = zip(*(modelled.arrow[name].to_pylist() for name in names), strict=True)
    keep = pa.array([row in known for row in rows], pa.bool_())
    table = modelled.arrow
    for name in ("direct", "direct_se"):
        place = table.column_names.index(name)
        blank = pa.scalar(None, pa.float64())
        table = table.set_column(place, name, pc.if_else(keep, table[name], blank))
    return Tidy(table, modelled.notes)


def _areas(full: pa.Table, known: pa.Table, plan: SmallArea, indicator: str, one: str) -> pa.Table:
    """Covariates with the direct figures beside them; null where nobody was interviewed."""
    direct = full.filter(_same(full, round=one, indicator=indicator, level=plan.level))
    place = {area: i for i, area in enumerate(direct["area"].to_pylist())}
    if unknown := [area for area in place if area not in set(known["area"].to_pylist())]:
        raise MeasureError(
            "area-without-covariates",
            f"{len(unknown)} areas of the data are not among the covariates:"
            f" {', '.join(unknown[:5])}; add them",
            f"有 {len(unknown)} 个地区在协变量文件中没有：{'、'.join(unknown[:5])}，请补充",
            place=plan.covariates.name,
        )
    index = pa.array([place.get(area) for area in known["area"].to_pylist()], pa.int64())
    se = direct["se"].take(index)
    return (
        known.append_column("hy_direct", direct["estimate"].take(index))
        .append_column("hy_variance", pc.multiply(se, se))
        .append_column("hy_n", pc.cast(direct["n"].take(index), pa.float64()))
        .append_column("hy_weight", direct["sum_of_weights"].take(index))
    )


def _model(
    survey: Survey,
    plan: SmallArea,
    areas: pa.Table,
    full: pa.Table,
    parents: Mapping[str, Mapping[str, str]],
    what: tuple[str, str],
) -> dict[str, Any]:
    one, indicator = what
    given = [c for c in areas.column_names if not c.startswith("hy_") and c != "area"]
    covariates = [c for c in given if c != POPULATION]
    is_share = indicator in {i.name for i in survey.indicators if i.kind == "share"}
    order = [level.name for level in survey.areas]
    areas, benchmark = _benchmark(plan, areas, full, parents, what, order)
    try:
        found = fay_herriot(
            areas, direct="hy_direct", variance="hy_variance", covariates=covariates,
            area="area", method=plan.method, scale="logit" if is_share else "identity",
            n="hy_n", smooth="gvf", benchmark=benchmark,
            benchmark_method="odds" if is_share else "ratio",
        ).arrow  # fmt: skip
    except MeasureError as wrong:
        raise wrong.at(f"small_area, round {one}, indicator {indicator}") from wrong
    block = {name: found[name].to_pylist() for name in COLUMNS[3:]}
    block["area"] = [str(area) for area in block["area"]]
    return block


def _benchmark(
    plan: SmallArea,
    areas: pa.Table,
    full: pa.Table,
    parents: Mapping[str, Mapping[str, str]],
    what: tuple[str, str],
    order: list[str],
) -> tuple[pa.Table, Any]:
    if plan.benchmark is None:
        return areas, None
    size = POPULATION if POPULATION in areas.column_names else "hy_weight"
    if size == "hy_weight":
        filled = pc.fill_null(areas["hy_weight"], 0.0)
        areas = areas.set_column(areas.column_names.index("hy_weight"), "hy_weight", filled)
    larger = full.filter(_same(full, round=what[0], indicator=what[1], level=plan.benchmark))
    figures = dict(zip(larger["area"].to_pylist(), larger["estimate"].to_pylist(), strict=True))
    if plan.benchmark == ALL:
        return areas, (size, figures[ALL])
    above = _ancestors(areas["area"].to_pylist(), plan, parents, order)
    return areas.append_column("hy_larger", pa.array(above)), (size, "hy_larger", figures)


def _ancestors(
    names: list[str], plan: SmallArea, parents: Mapping[str, Mapping[str, str]], order: list[str]
) -> list[str]:
    """The area of the benchmark level that each area lies in, level by level upwards."""
    climb = order[order.index(str(plan.benchmark)) + 1 : order.index(plan.level) + 1]
    found = []
    for name in names:
        area: str | None = name
        for level in reversed(climb):
            area = parents.get(level, {}).get(area or "")
        if area is None:
            raise MeasureError(
                "no-larger-area",
                f"area {name} lies in no area of level {plan.benchmark} in the data;"
                " benchmark to 'all', or take it out of the covariates",
                f"数据中找不到 {name} 所属的 {plan.benchmark}，请改用 all 作基准，或从协变量中删去",
                place="small_area.benchmark",
            )
        found.append(area)
    return found


def _same(table: pa.Table, **values: str) -> Any:
    mask = None
    for name, value in values.items():
        here = pc.equal(table[name], value)
        mask = here if mask is None else pc.and_(mask, here)
    return mask
