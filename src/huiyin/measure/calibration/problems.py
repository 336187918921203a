"""Everything that can be wrong with a calibration, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from huiyin.measure.errors import MeasureError


def _place(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _in_category(category: str) -> str:
    return f"category {category}" if category else ""


def _in_region(region: str) -> str:
    return f"region {region}" if region else ""


def already_calibrated() -> MeasureError:
    return MeasureError(
        "already-calibrated",
        "the design is calibrated already, and its variance would no longer be known; start from"
        " the design before it and give all margins at once",
        "该设计已做过校准，再次校准将无法得到正确的方差；请从校准前的设计出发，一次给出全部边际总数",
        place="design",
    )


def unknown_option(name: str, value: object, known: Iterable[str]) -> MeasureError:
    listed = list(known)
    return MeasureError(
        "unknown-option",
        f"{name} must be one of {', '.join(listed)}, not {value!r}",
        f"{name} 只能取 {'、'.join(listed)}，不能是 {value!r}",
        place="calibration",
    )


def bad_bounds(bounds: object, wanted_en: str, wanted_zh: str) -> MeasureError:
    return MeasureError(
        "bad-bounds",
        f"bounds must be {wanted_en}, not {bounds!r}",
        f"bounds 应为{wanted_zh}，而不是 {bounds!r}",
        place="bounds",
    )


def bad_setting(name: str, value: object) -> MeasureError:
    return MeasureError(
        "bad-setting",
        f"{name} must be above zero, not {value!r}",
        f"{name} 应大于零，而不是 {value!r}",
        place=name,
    )


def no_constraints() -> MeasureError:
    return MeasureError(
        "no-margins",
        "there is nothing to calibrate to; give margins, numeric totals or the population",
        "没有可校准的对象，请给出边际总数、数值变量总数或总体规模",
        place="margins",
    )


def one_margin_only(count: int) -> MeasureError:
    return MeasureError(
        "one-margin-only",
        f"post-stratification takes one margin, {count} were given; join their columns in one"
        " table of totals, or rake",
        f"事后分层只接受一个边际，但给出了 {count} 个；"
        "请将各列合并为一张联合总数表，或改用耙式加权（rake）",
        place="margins",
    )


def repeated_margin(name: str) -> MeasureError:
    return MeasureError(
        "repeated-margin",
        "the same margin is given twice; leave one out",
        "同一边际重复给出，请删去一个",
        place=name,
    )


def not_a_margin(place: str, value: Any) -> MeasureError:
    return MeasureError(
        "not-a-margin",
        f"a margin is a table, or a mapping of category to total, not {type(value).__name__}",
        f"边际应为总数表或“类别 → 总数”的映射，而不是 {type(value).__name__}",
        place=place,
    )


def needs_table(place: str, within: Sequence[str]) -> MeasureError:
    listed, enumerated = ", ".join(within), "、".join(within)
    return MeasureError(
        "margin-without-region",
        f"the totals must hold within each {listed}: give a table with the column(s) {listed}",
        f"总数须在每个 {enumerated} 内成立，请改用含有 {enumerated} 列的总数表",
        place=place,
    )


def no_region_column(place: str, column: str) -> MeasureError:
    return MeasureError(
        "margin-without-region",
        f"the table of totals lacks the column {column!r}, within which the totals must hold",
        f"总数表缺少列 {column!r}，而总数须在该列的每个取值内成立",
        place=place,
    )


def no_total_column(place: str, columns: Sequence[str]) -> MeasureError:
    return MeasureError(
        "margin-without-total",
        f"the table of totals has no column 'total'; its columns are {', '.join(columns)}",
        f"总数表没有名为 total 的列，现有列为 {'、'.join(columns)}",
        place=place,
    )


def no_margin_columns(columns: Sequence[str]) -> MeasureError:
    return MeasureError(
        "margin-without-columns",
        f"the table of totals has only {', '.join(columns)}; add the column(s) of the categories"
        " (the size of the population goes into calibrate's population=)",
        f"总数表只有 {'、'.join(columns)}，"
        "请补上类别所在的列（总体规模请用 calibrate 的 population 参数给出）",
        place="margins",
    )


def total_not_a_number(place: str, reason: str) -> MeasureError:
    return MeasureError(
        "bad-total",
        f"a total is not a number ({reason}); mend the table of totals",
        f"总数不是数值（{reason}），请改正总数表",
        place=place,
    )


def bad_total(name: str, region: str, category: str, value: float) -> MeasureError:
    shown = "missing" if value != value else f"{value:g}"
    shown_zh = "缺失" if value != value else f"{value:g}"
    return MeasureError(
        "bad-total",
        f"the total is {shown}; a total is a finite number, and a count is not negative",
        f"总数为 {shown_zh}；总数必须是有限数值，人数不得为负",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def no_rows(name: str) -> MeasureError:
    return MeasureError(
        "empty-margin", "the table of totals has no rows", "总数表没有任何行", place=name
    )


def category_missing(name: str, column: str, rows: int) -> MeasureError:
    return MeasureError(
        "missing-category",
        f"{rows} row(s) of the table of totals have no value in {column!r}; fill or drop them",
        f"总数表有 {rows} 行在列 {column!r} 上为空，请补齐或删除",
        place=name,
    )


def unknown_column(column: str, known: Sequence[str]) -> MeasureError:
    listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    return MeasureError(
        "unknown-column",
        f"the data have no column {column!r}; they have {listed}",
        f"数据中没有列 {column!r}，现有列为 {listed}",
        place=f"column {column}",
    )


def reserved_name(column: str) -> MeasureError:
    return MeasureError(
        "reserved-name",
        f"a calibration keeps its own figures under the name {column!r}; rename the column",
        f"列名 {column!r} 被校准结果占用，请将该列改名",
        place=f"column {column}",
    )


def not_numeric(column: str, kind: str) -> MeasureError:
    return MeasureError(
        "not-numeric",
        f"a numeric variable is wanted, the column is {kind}; give it as a margin or convert it",
        f"此处需要数值变量，而该列类型为 {kind}；请作为边际给出，或先转换为数值",
        place=f"column {column}",
    )


def no_respondents() -> MeasureError:
    return MeasureError(
        "no-rows", "there are no respondents to calibrate", "没有可供校准的受访者", place="data"
    )


def no_weight() -> MeasureError:
    return MeasureError(
        "no-weight",
        "all weights are zero; nothing can be scaled to the totals",
        "全部权数为零，无法调整到总数",
        place="weights",
    )


def bad_weights(place: str, rows: int) -> MeasureError:
    counted = f"{rows} weight(s) are" if rows else "weights are"
    counted_zh = f"有 {rows} 个权数" if rows else "有权数"
    return MeasureError(
        "bad-weights",
        f"{counted} missing, negative or infinite; mend them or leave those respondents out",
        f"{counted_zh}缺失、为负或为无穷大，请改正，或剔除这些受访者",
        place=place,
    )


def missing_values(column: str, missing: int, rows: int) -> MeasureError:
    return MeasureError(
        "missing-in-margin",
        f"{missing:,} of {rows:,} respondents have no value; calibration needs each respondent in"
        " a category: impute the value, or make missing a category with a total of its own, or"
        " leave these respondents out",
        f"{rows:,} 名受访者中有 {missing:,} 名缺失该值；校准要求每名受访者都归入一个类别："
        "请插补，或将缺失设为有总数的单独类别，或剔除这些受访者",
        place=f"column {column}",
    )


def duplicate_category(name: str, region: str, category: str) -> MeasureError:
    return MeasureError(
        "duplicate-category",
        "the table of totals has this row more than once; keep one (add the totals if they are"
        " parts)",
        "总数表中此行重复，请只保留一行（若为分项则先相加）",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def category_without_total(
    name: str, region: str, category: str, rows: int, zeros_lost: bool
) -> MeasureError:
    hint = (
        "; the totals have it without or with leading zeros: read both columns as text"
        if zeros_lost
        else ""
    )
    hint_zh = "；总数表中有前导零不同的同一编码，请将两处都按文本读取" if zeros_lost else ""
    return MeasureError(
        "category-without-total",
        f"{rows:,} respondent(s) are in this category, which the totals lack; add its total or"
        f" recode them{hint}",
        f"有 {rows:,} 名受访者属于该类别，但总数表中没有；请补充其总数，或重新编码{hint_zh}",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def region_without_total(name: str, region: str) -> MeasureError:
    return MeasureError(
        "region-without-total",
        "there are respondents in this region, but no totals; add its rows or leave it out of the"
        " data",
        "该地区有受访者但没有总数，请补充该地区的总数，或从数据中剔除该地区",
        place=_place(name, _in_region(region)),
    )


def empty_cell(name: str, region: str, category: str, total: float, count: int) -> MeasureError:
    more = f" ({count} such cells in all)" if count > 1 else ""
    more_zh = f"（此类格子共 {count} 个）" if count > 1 else ""
    return MeasureError(
        "empty-margin-cell",
        f"the total is {total:g}, but nobody with a positive weight is in the sample{more}; join"
        " the category with a neighbouring one in the data and in the totals",
        f"总数为 {total:g}，但样本中没有权数为正的受访者{more_zh}；"
        "请在数据和总数表中将其与相邻类别合并",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def zero_total(name: str, region: str, category: str, total: float, count: int) -> MeasureError:
    more = f" ({count} such cells in all)" if count > 1 else ""
    more_zh = f"（此类格子共 {count} 个）" if count > 1 else ""
    return MeasureError(
        "zero-total-with-sample",
        f"the total is {total:g}, but there are respondents with a positive weight{more}; correct"
        " the total, or leave them out of the data",
        f"总数为 {total:g}，但样本中有权数为正的受访者{more_zh}；"
        "请更正总数，或从数据中剔除这些受访者",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def margins_disagree(
    first: tuple[str, float], second: tuple[str, float], region: str, tolerance: float
) -> MeasureError:
    return MeasureError(
        "margins-disagree",
        f"{first[0]} adds up to {first[1]:.15g}, {second[0]} to {second[1]:.15g}; they must be"
        f" the same to {tolerance:g} relative, and nothing is rescaled silently: correct the"
        " totals, or rescale one yourself",
        f"{first[0]} 合计为 {first[1]:.15g}，{second[0]} 合计为 {second[1]:.15g}；"
        f"两者相对差须不超过 {tolerance:g}，程序不会自行缩放：请更正总数，或自行按比例调整其一",
        place=_place(f"{first[0]} and {second[0]}", _in_region(region)),
    )


def out_of_reach(
    where: tuple[str, str, str],
    total: float,
    reach: tuple[float, float],
    bounds: tuple[float, float],
) -> MeasureError:
    name, category, region = where
    return MeasureError(
        "infeasible-bounds",
        f"within the bounds {bounds[0]:g} to {bounds[1]:g} the weights here can sum to"
        f" {reach[0]:.6g} to {reach[1]:.6g}, but the total is {total:.6g}; widen the bounds or"
        " join categories",
        f"在 {bounds[0]:g} 至 {bounds[1]:g} 的界限内，此处权数之和只能在 {reach[0]:.6g} 至"
        f" {reach[1]:.6g} 之间，而总数为 {total:.6g}；请放宽界限或合并类别",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def no_convergence(
    where: tuple[str, str, str],
    wanted: float,
    reached: float,
    iterations: int,
    bounds: tuple[float, float] | None,
    regions: int,
) -> MeasureError:
    name, category, region = where
    code = "no-convergence" if bounds is None else "infeasible-bounds"
    others = f" ({regions} regions in all)" if regions > 1 else ""
    others_zh = f"（共 {regions} 个地区）" if regions > 1 else ""
    cause = "combinations of categories that the sample lacks"
    cause_zh = "样本缺少某些类别组合"
    if bounds is not None:
        cause = f"the bounds {bounds[0]:g} to {bounds[1]:g} are too narrow together"
        cause_zh = f"界限 {bounds[0]:g} 至 {bounds[1]:g} 合起来过窄"
    return MeasureError(
        code,
        f"after {iterations} iterations the largest error is here: total {wanted:.9g}, reached"
        f" {reached:.9g}{others}; the usual cause: {cause}: join categories, drop a margin or"
        " widen the bounds",
        f"迭代 {iterations} 次后此处误差最大：总数 {wanted:.9g}，达到 {reached:.9g}{others_zh}；"
        f"通常是因为{cause_zh}：请合并类别、减少边际或放宽界限",
        place=_place(name, _in_category(category), _in_region(region)),
    )


def bad_replicate(replicate: int, wrong: MeasureError) -> MeasureError:
    return wrong.at(f"replicate {replicate + 1}")


def empty_in_replicate(where: tuple[str, str, str], total: float) -> MeasureError:
    return empty_cell(where[0], where[2], where[1], total, 1)
