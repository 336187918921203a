"""Non-response: the weight of those who did not answer goes to those like them who did.

Weighting classes and response propensity strata: Little (1986), International Statistical Review
54, 139-157; Rosenbaum & Rubin (1984), JASA 79, 516-524, for the cut in fifths. Cases of unknown
eligibility are spread by AAPOR's e. Only cells of the classifying columns are held in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.design import SurveyDesign, WeightAdjustment
from huiyin.measure.dispositions import disposition_group
from huiyin.measure.errors import MeasureError
from huiyin.measure.propensity import propensities, propensity_strata
from huiyin.measure.response import eligibility_rate
from huiyin.measure.weighting_classes import Classes, ClassRule, leading_agreement

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Key = tuple[Any, ...]

#: What became of a case, by AAPOR group; a partial interview may count as answered or not.
_OUTCOME = {
    "I": "respondent", "R": "eligible", "NC": "eligible", "O": "eligible",
    "UH": "unknown", "UO": "unknown", "NE": "ineligible",
}  # fmt: skip

_RESULT_COLUMNS = ("factor", "class", "cases", "respondents", "response_rate", "propensity")


@dataclass(frozen=True)
class _Cells:
    """Sampled cases summed over the combinations of the classifying columns.

    Attributes:
        columns: the classifying columns.
        keys: their values, in order.
        respondents: number of respondents per cell.
        cases: number of sampled cases per cell, ineligible ones aside.
        answered: weight of the respondents per cell.
        due: weight they have to carry: theirs, that of eligible non-respondents, and e times that
            of the cases of unknown eligibility.
        statuses: raw values of the status column, and whether each is an answer.
    """

    columns: tuple[str, ...]
    keys: list[Key]
    respondents: IntArray
    cases: IntArray
    answered: FloatArray
    due: FloatArray
    statuses: dict[Any, bool]


def adjust_nonresponse(
    table: Any,
    design: SurveyDesign,
    *,
    responded: str | None = None,
    disposition: str | None = None,
    classes: str | Sequence[str] | None = None,
    propensity: str | Sequence[str] | None = None,
    strata: int = 5,
    minimum: int = 30,
    maximum_factor: float | None = None,
    collapse: bool = False,
    partial: bool = True,
    e: float | Literal["casro"] = "casro",
    codes: Mapping[Any, str] | None = None,
) -> SurveyDesign:
    """A design whose weights let the respondents stand for the whole sample.

    In every class the weights of respondents are multiplied by (weight of the eligible cases) /
    (weight of the respondents); everybody else gets weight 0. Cases of unknown eligibility count
    as eligible with e times their weight. Estimate with the returned design on the same file or
    on its respondents; do this before calibration.

    A class is too small with fewer than ``minimum`` respondents, or a factor above
    ``maximum_factor``. With ``collapse`` it joins a neighbour: of the classes before and after it
    in the order of ``classes``, the one that agrees with it in more of the leading columns, then
    the one with fewer respondents; this is repeated until none is too small.

    Args:
        table: one row per sampled case, respondents or not.
        design: its weights are the base weights.
        responded: column saying whether the case answered: true/false or 1/0. All cases are then
            taken as eligible.
        disposition: instead, column of AAPOR groups or final disposition codes.
        classes: columns whose combinations are the weighting classes, coarsest first.
        propensity: instead, columns to predict response from: weighted logistic regression on
            their main effects (each value a category), cut into strata of about equal numbers of
            cases. Cut a continuous variable into groups first.
        strata: number of propensity strata.
        minimum: smallest number of respondents in a class.
        maximum_factor: largest factor of a class.
        collapse: join classes that are too small instead of raising.
        partial: a partial interview counts as answered (otherwise as eligible non-response).
        e: share of the cases of unknown eligibility that are eligible, 0-1, or ``casro``: over
            the whole sample, by weight.
        codes: the office's own outcome codes, each with its AAPOR group.

    Returns:
        ``design`` with one more :class:`WeightAdjustment`. Its ``cells`` tell, beside the factor:
        class (number from 1), cases, respondents, response_rate (percent, by weight; of the
        class) and, with ``propensity``, the predicted propensity of the cell.

    Raises:
        MeasureError: ``unknown-option``, ``unknown-column``, ``already-calibrated``,
            ``missing-class``, ``bad-weight``, ``bad-status``, ``unknown-disposition``,
            ``no-respondents``, ``small-class``, ``too-many-cells``, ``no-known-cases``.
    """
    columns = _check_options(design, responded, disposition, classes, propensity, strata, minimum)
    status = responded or disposition or ""
    groups = _groups(table, design, status, columns)
    outcome = _outcomes(groups, status, disposition is not None, partial, codes)
    cells = _cells(groups, status, columns, outcome, e)
    predicted = None
    if propensity is None:
        start = np.arange(len(cells.keys))
    else:
        predicted = propensities(cells.columns, cells.keys, cells.answered, cells.due)
        start = propensity_strata(predicted, cells.cases, strata)
    rule = ClassRule(minimum, maximum_factor, collapse)
    assigned = _settled(cells, start, rule, ordered=predicted is not None)
    adjustment = WeightAdjustment(
        (status, *columns), _adjustment_cells(status, cells, assigned, predicted)
    )
    return design.replace(adjustments=(*design.adjustments, adjustment))


def _check_options(
    design: SurveyDesign,
    responded: str | None,
    disposition: str | None,
    classes: str | Sequence[str] | None,
    propensity: str | Sequence[str] | None,
    strata: int,
    minimum: int,
) -> tuple[str, ...]:
    named = classes if classes is not None else propensity
    columns = (named,) if isinstance(named, str) else tuple(named or ())
    wrong = None
    if (responded is None) == (disposition is None):
        wrong = ("give responded= or disposition=, one of them",
                 "responded 与 disposition 须且只须给出一个")  # fmt: skip
    elif (classes is None) == (propensity is None) or not columns:
        wrong = ("give classes= or propensity=, one of them, with at least one column",
                 "classes 与 propensity 须且只须给出一个，且至少含一列")  # fmt: skip
    elif strata < 2 or minimum < 1:
        wrong = ("strata must be 2 or more and minimum 1 or more",
                 "strata 不得小于 2，minimum 不得小于 1")  # fmt: skip
    elif {responded or disposition, *_RESULT_COLUMNS} & {*columns}:
        listed = ", ".join(_RESULT_COLUMNS)
        wrong = (f"the classifying columns may be neither the outcome nor called {listed}",
                 f"分类列不得是应答状态列，也不得名为 {listed}")  # fmt: skip
    if wrong:
        raise MeasureError("unknown-option", *wrong, place="adjust_nonresponse")
    if design.calibration is not None:
        raise MeasureError(
            "already-calibrated",
            "the design is already calibrated; adjust for non-response first, then calibrate",
            "该设计已完成校准，请先作无应答调整，再作校准",
            place="design",
        )
    return columns


def _groups(
    table: Any, design: SurveyDesign, status: str, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Cases and weights by status and cell, in a fixed order."""
    from huiyin.measure.reading import as_ibis
    from huiyin.measure.weights import WEIGHT, with_weight

    source = as_ibis(table)
    for column in (status, *columns):
        if column not in source.columns:
            raise MeasureError(
                "unknown-column",
                f"there is no column {column!r}; the table has {', '.join(source.columns)}",
                f"没有名为 {column!r} 的列；现有的列：{'、'.join(source.columns)}",
                place=f"column {column}",
            )
    weighted = with_weight(source, design)
    weight: ibis.expr.types.FloatingValue = weighted[WEIGHT]
    unfit = weight.isnull() | (weight < 0) | weight.isnan() | weight.isinf()
    by = [status, *columns]
    rows: list[dict[str, Any]] = (
        weighted.group_by(by)
        .aggregate(
            hy_cases=weighted.count(),
            hy_total=weight.sum(),
            hy_unfit=unfit.cast("int64").sum(),
        )
        .order_by(by)
        .to_pyarrow()
        .to_pylist()
    )
    _check_groups(rows, status, columns, design)
    return rows


def _check_groups(
    rows: list[dict[str, Any]], status: str, columns: tuple[str, ...], design: SurveyDesign
) -> None:
    unfit = sum(row["hy_unfit"] for row in rows)
    if unfit:
        raise MeasureError(
            "bad-weight",
            f"{unfit} cases have a base weight that is missing, negative or not finite",
            f"有 {unfit} 个样本的基础权数缺失、为负或非有限值",
            place=f"column {design.weights}",
        )
    for column in columns:
        missing = sum(row["hy_cases"] for row in rows if row[column] is None)
        if missing:
            raise MeasureError(
                "missing-class",
                f"{missing} cases have no value; give them a category of their own",
                f"有 {missing} 个样本缺少取值，请为其单设一类",
                place=f"column {column}",
            )


def _outcomes(
    rows: list[dict[str, Any]],
    status: str,
    by_code: bool,
    partial: bool,
    codes: Mapping[Any, str] | None,
) -> dict[Any, str]:
    """What each value of the status column means."""
    values = dict.fromkeys(row[status] for row in rows)
    answered = _OUTCOME | {"P": "respondent" if partial else "eligible"}
    outcomes = {}
    for value in values:
        if value is None or (not by_code and value not in (0, 1)):
            raise MeasureError(
                "bad-status",
                f"{value!r} does not say whether the case answered; use true/false, or"
                " disposition= for AAPOR codes",
                f"{value!r} 无法说明样本是否应答；请用真/假，或以 disposition= 给出 AAPOR 代码",
                place=f"column {status}",
            )
        if by_code:
            outcomes[value] = answered[disposition_group(value, codes)]
        else:
            outcomes[value] = "respondent" if value else "eligible"
    return outcomes


def _cells(
    rows: list[dict[str, Any]],
    status: str,
    columns: tuple[str, ...],
    outcome: dict[Any, str],
    e: float | Literal["casro"],
) -> _Cells:
    keys = sorted({tuple(row[c] for c in columns) for row in rows})
    at = {key: i for i, key in enumerate(keys)}
    weight = {kind: np.zeros(len(keys)) for kind in {*_OUTCOME.values()}}
    count = {kind: np.zeros(len(keys), dtype=np.int64) for kind in weight}
    for row in rows:
        kind, i = outcome[row[status]], at[tuple(row[c] for c in columns)]
        weight[kind][i] += row["hy_total"]
        count[kind][i] += row["hy_cases"]
    if not weight["respondent"].sum() > 0:
        raise MeasureError(
            "no-respondents", "nobody answered", "没有任何应答者", place=f"column {status}"
        )
    share = _share_eligible(weight, e)
    return _Cells(
        columns,
        keys,
        respondents=count["respondent"],
        cases=count["respondent"] + count["eligible"] + count["unknown"],
        answered=weight["respondent"],
        due=weight["respondent"] + weight["eligible"] + share * weight["unknown"],
        statuses={value: kind == "respondent" for value, kind in outcome.items()},
    )


def _share_eligible(weight: Mapping[str, FloatArray], e: float | Literal["casro"]) -> float:
    if e == "casro":
        sums = {kind: float(values.sum()) for kind, values in weight.items()}
        return eligibility_rate(
            {"I": sums["respondent"], "R": sums["eligible"], "NE": sums["ineligible"],
             "UH": sums["unknown"]}
        )  # fmt: skip
    if isinstance(e, bool) or not isinstance(e, int | float) or not 0 <= e <= 1:
        raise MeasureError(
            "unknown-option",
            f"e is a share between 0 and 1, or 'casro', not {e!r}",
            f"e 应为 0 至 1 之间的比例或 'casro'，不能是 {e!r}",
            place="e",
        )
    return float(e)


def _settled(cells: _Cells, start: IntArray, rule: ClassRule, *, ordered: bool) -> IntArray:
    """The class of each cell once none is too small.

    ``ordered``: the classes are propensity strata, neighbours by number and not by columns.
    """
    _, number = np.unique(start, return_inverse=True)

    def label(c: int) -> str:
        if ordered:
            return f"propensity stratum {c + 1}"
        return ", ".join(f"{n} = {v}" for n, v in zip(cells.columns, cells.keys[c], strict=True))

    def agreement(earlier: int, later: int) -> int:
        if ordered:
            return 0
        return leading_agreement(cells.keys[classes.last_member(earlier)], cells.keys[later])

    classes = Classes(
        np.bincount(number, cells.respondents).astype(np.int64).tolist(),
        np.bincount(number, cells.answered).tolist(),
        np.bincount(number, cells.due).tolist(),
        label,
        agreement,
    )
    return classes.settle(rule)[number]


def _adjustment_cells(
    status: str, cells: _Cells, assigned: IntArray, predicted: FloatArray | None
) -> pa.Table:
    import pyarrow as pa

    _, number = np.unique(assigned, return_inverse=True)
    answered, due = np.bincount(number, cells.answered), np.bincount(number, cells.due)
    factor = np.divide(due, answered, out=np.zeros_like(due), where=answered > 0)
    rate = 100 * np.divide(answered, due, out=np.zeros_like(due), where=due > 0)
    members = np.bincount(number, cells.cases), np.bincount(number, cells.respondents)
    repeated = {value: len(cells.keys) for value in cells.statuses}
    keys = list(zip(*cells.keys, strict=True))
    table: dict[str, Any] = {
        status: [value for value, times in repeated.items() for _ in range(times)]
    }
    for name, values in zip(cells.columns, keys, strict=True):
        table[name] = list(values) * len(repeated)
    is_answer = np.repeat([float(a) for a in cells.statuses.values()], len(cells.keys))
    table["factor"] = np.tile(factor[number], len(repeated)) * is_answer
    table["class"] = np.tile(number + 1, len(repeated))
    table["cases"] = np.tile(members[0][number].astype(np.int64), len(repeated))
    table["respondents"] = np.tile(members[1][number].astype(np.int64), len(repeated))
    table["response_rate"] = np.tile(rate[number], len(repeated))
    if predicted is not None:
        table["propensity"] = np.tile(predicted, len(repeated))
    return pa.table(table)
