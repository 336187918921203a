"""From respondents to numbers: values of outcome and items, who is satisfied, who names what.

The table is read as its distinct rows with how often each occurs: rows that are the same in
everything that is used are interchangeable, and the result does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.questions import Driver, Stated

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.statistics import Statistic

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ROWS = "hy_rows"


@dataclass(frozen=True)
class Answers:
    """The distinct rows (m of them) of a survey, as numbers.

    Attributes:
        rows: how many respondents each stands for, (m,).
        weight: of one such respondent, (m,).
        stratum: index of the stratum, (m,).
        strata: name of each stratum.
        cluster: index of the PSU over all strata, (m,); None = each respondent is one.
        fpc: population number of PSUs or sampling fraction, (m,); None = infinite.
        values: items, then the outcome, (m, p + 1), NaN where there is no answer.
        satisfied: 1 satisfied, 0 not, NaN no answer or no definition, (m, p).
        named: 1 where the item is named as important, 0 where not, (m, p); NaN = cannot be named.
    """

    rows: IntArray
    weight: FloatArray
    stratum: IntArray
    strata: Sequence[str]
    cluster: IntArray | None
    fpc: FloatArray | None
    values: FloatArray
    satisfied: FloatArray
    named: FloatArray


def read_answers(
    table: Any,
    design: SurveyDesign,
    outcome: Statistic,
    drivers: Sequence[Driver],
    stated: Stated | None,
) -> Answers:
    """Read what the analysis needs, in one scan.

    Raises:
        MeasureError: unknown or non-numeric columns, codes without a score, missing or negative
            weights, respondents without a stratum or cluster, an empty table.
    """
    distinct = _distinct_rows(table, design, outcome, drivers, stated)
    stratum, strata = _index(distinct, design.stratum_columns)
    cluster = None
    if design.clusters is not None:
        cluster = _psus(stratum, _index(distinct, design.cluster_columns)[0], design)
    items = len(drivers)
    satisfied = _matrix(distinct, "hy_satisfied", items)
    inverted = np.array([driver.dissatisfied for driver in drivers])
    return Answers(
        rows=distinct[_ROWS].to_numpy().astype(np.int64),
        weight=_weights(distinct),
        stratum=stratum,
        strata=strata,
        cluster=cluster,
        fpc=None if design.fpc is None else _population(distinct, design.fpc),
        values=_values(distinct, [*(d.statistic for d in drivers), outcome]),
        satisfied=np.where(inverted, 1 - satisfied, satisfied),
        named=_matrix(distinct, "hy_named", items) if stated is None else _named(distinct, drivers),
    )


def _named(distinct: pa.Table, drivers: Sequence[Driver]) -> FloatArray:
    named = _matrix(distinct, "hy_named", len(drivers))
    if not np.nansum(named):
        raise MeasureError(
            "stated-codes",
            "no respondent names any of the items; check the list of codes against the columns",
            "没有受访者提及任何一个项目，请核对编码表与各列的编码是否一致",
            place="stated",
        )
    return named


def _distinct_rows(
    table: Any,
    design: SurveyDesign,
    outcome: Statistic,
    drivers: Sequence[Driver],
    stated: Stated | None,
) -> pa.Table:
    from huiyin.measure.reading import as_ibis
    from huiyin.measure.weights import WEIGHT, with_weight

    respondents = as_ibis(table)
    _check_columns(respondents, [*design.columns, *(stated.columns if stated else ())])
    weighted = with_weight(respondents, design)
    columns = [*design.stratum_columns, *design.cluster_columns]
    columns += [] if design.fpc is None else [design.fpc]
    keys = {name: weighted[name] for name in dict.fromkeys([*columns, WEIGHT])}
    values, unread = _item_expressions(weighted, [*(d.statistic for d in drivers), outcome])
    keys |= values | _satisfied_expressions(weighted, drivers)
    keys |= {} if stated is None else _named_expressions(weighted, drivers, stated)
    coded = weighted.select(**keys, **unread)
    counts = {_ROWS: coded.count()} | {name: coded[name].sum() for name in unread}
    # Ordered, because engines return groups in any order and the bootstrap draws by position.
    distinct = coded.group_by(list(keys)).aggregate(**counts).to_pyarrow()
    if distinct.num_rows == 0:
        raise MeasureError(
            "no-rows",
            "the table has no rows; check the file and its filter",
            "表中没有任何记录，请检查数据文件和筛选条件",
        )
    # The weight last: its last digits differ from engine to engine.
    order = [*(name for name in keys if name != WEIGHT), WEIGHT]
    return distinct.sort_by([(name, "ascending") for name in order])


def _item_expressions(
    table: ibis.Table, statistics: Sequence[Statistic]
) -> tuple[dict[str, ibis.Value], dict[str, ibis.Value]]:
    """The value of each statistic, and 1 where an answer was given that has none."""
    from huiyin.measure.estimation.coding import coded

    items = [coded(table, statistic) for statistic in statistics]
    values = {f"hy_value{at}": item.a.cast("float64") for at, item in enumerate(items)}
    unread = {
        f"hy_unread{at}": (item.answered & item.a.isnull()).cast("int64")
        for at, item in enumerate(items)
    }
    return values, unread


def _satisfied_expressions(table: ibis.Table, drivers: Sequence[Driver]) -> dict[str, ibis.Value]:
    from huiyin.measure.estimation.coding import coded

    return {
        f"hy_satisfied{at}": coded(table, driver.satisfied).a.cast("float64")
        for at, driver in enumerate(drivers)
        if driver.satisfied is not None
    }


def _named_expressions(
    table: ibis.Table, drivers: Sequence[Driver], stated: Stated
) -> dict[str, ibis.Value]:
    """Whether any of the columns holds a code of the item; naming it twice counts once."""
    from huiyin.measure.estimation.coding import coded
    from huiyin.measure.statistics import share

    expressions: dict[str, ibis.Value] = {}
    for at, driver in enumerate(drivers):
        codes = stated.codes.get(driver.statistic.name)
        if codes:
            hits = [coded(table, share(c, codes)).a.fill_null(0.0) for c in stated.columns]
            named = sum(hits[1:], hits[0]) > 0
            expressions[f"hy_named{at}"] = named.cast("float64")
    return expressions


def _check_columns(table: ibis.Table, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in table.columns:
            raise MeasureError(
                "unknown-column",
                f"there is no column {column!r}; the table has {', '.join(table.columns[:20])}",
                f"没有名为 {column!r} 的列，表中的列有：{'、'.join(table.columns[:20])}",
                place=f"column {column}",
            )


def _values(distinct: pa.Table, statistics: Sequence[Statistic]) -> FloatArray:
    values = _matrix(distinct, "hy_value", len(statistics))
    for at, statistic in enumerate(statistics):
        unread = int(distinct[f"hy_unread{at}"].to_numpy().sum())
        if unread:
            raise MeasureError(
                "unread-answers",
                f"{unread} answers have no score or are not numbers; score their codes or list"
                " them as missing",
                f"有 {unread} 个答案没有对应分值或不是数值，请赋分或列入缺失编码",
                place=f"column {statistic.item}",
            )
        if np.isinf(values[:, at]).any():
            raise MeasureError(
                "infinite-value",
                "an answer is infinite; mend it or make it empty",
                "有答案为无穷大，请改正或置空",
                place=f"column {statistic.item}",
            )
    return values


def _matrix(distinct: pa.Table, prefix: str, width: int) -> FloatArray:
    """The columns ``prefix0``, ``prefix1``, ... side by side; NaN for null or an absent one."""
    present = [at for at in range(width) if f"{prefix}{at}" in distinct.column_names]
    nothing = np.broadcast_to(np.nan, (distinct.num_rows, width))
    if not present:
        return nothing
    matrix = nothing.copy()
    for at in present:
        matrix[:, at] = distinct[f"{prefix}{at}"].to_numpy()
    return matrix


def _weights(distinct: pa.Table) -> FloatArray:
    from huiyin.measure.weights import WEIGHT

    weight = distinct[WEIGHT].to_numpy().astype(np.float64)
    wrong = ~np.isfinite(weight) | (weight < 0)
    if wrong.any():
        count = int(distinct[_ROWS].to_numpy()[wrong].sum())
        raise MeasureError(
            "bad-weight",
            f"{count} rows have a missing, negative or infinite weight; give each respondent"
            " a weight of 0 or more",
            f"有 {count} 条记录的权数缺失、为负或无穷大，请为每位受访者填写不小于 0 的权数",
            place="weights",
        )
    if not weight.any():
        raise MeasureError(
            "bad-weight",
            "all weights are 0; name the column that holds the weights",
            "所有权数均为 0，请指定正确的权数列",
            place="weights",
        )
    return weight


def _index(distinct: pa.Table, columns: Sequence[str]) -> tuple[IntArray, Sequence[str]]:
    from huiyin.measure.estimation.keys import key

    found = key(distinct, columns)
    if found.absent.any():
        raise MeasureError(
            "missing-design",
            "a respondent has no stratum or cluster; fill the column or drop those rows",
            "有受访者缺少层或群的编号，请补全该列或剔除这些记录",
            place=f"column {', '.join(columns)}",
        )
    return found.index, [str(label) for label in found.labels]


def _psus(stratum: IntArray, cluster: IntArray, design: SurveyDesign) -> IntArray:
    """Index of the PSU; a cluster in two strata is two PSUs if the design nests them."""
    found, psu = np.unique(np.stack([stratum, cluster]), axis=1, return_inverse=True)
    if not design.nest and np.unique(found[1]).size < found.shape[1]:
        raise MeasureError(
            "clusters-not-nested",
            "the same cluster occurs in several strata; if cluster ids are unique only inside"
            " a stratum, set nest = true",
            "同一个群出现在多个层中；若群编号仅在层内唯一，请设置 nest = true",
            place=f"column {', '.join(design.cluster_columns)}",
        )
    return psu.reshape(-1).astype(np.int64)


def _population(distinct: pa.Table, column: str) -> FloatArray:
    import pyarrow as pa

    kind = distinct[column].type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise MeasureError(
            "fpc-not-numeric",
            f"the population sizes are {kind}, not numbers",
            f"总体规模列的类型是 {kind}，不是数值",
            place=f"column {column}",
        )
    population = distinct[column].cast(pa.float64()).to_numpy()
    if not (np.isfinite(population) & (population > 0)).all():
        raise MeasureError(
            "bad-fpc",
            "a population size is missing, infinite or not above 0",
            "总体规模有缺失、无穷大或不大于 0 的值",
            place=f"column {column}",
        )
    return population
