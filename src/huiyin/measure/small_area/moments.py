"""From units to moments per area: what the unit-level model needs, in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_ibis, without_nan
from huiyin.measure.small_area.columns import FloatArray, numbers_of

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


@dataclass(frozen=True)
class Moments:
    """Sample moments by area; memory grows with areas x covariates, not with units.

    Attributes:
        names: the k sampled areas, in their own type.
        n: (k,) units with all values.
        y: (k,) means of y.
        x: (k, p) means of the covariates, a column of ones first if there is an intercept.
        within_y: (k,) sums of squares of y about the area means.
        within_xy: (p,) pooled sums of products about the area means.
        within_xx: (p, p) the same among the covariates.
        left_out: units with a missing value.
    """

    names: pa.Array
    n: FloatArray
    y: FloatArray
    x: FloatArray
    within_y: FloatArray
    within_xy: FloatArray
    within_xx: FloatArray
    left_out: int

    @cached_property
    def units(self) -> float:
        return float(self.n.sum())


def moments(units: Any, y: str, covariates: Sequence[str], area: str, intercept: bool) -> Moments:
    """Aggregate units by area; a unit with a missing value, or no area, is left out and counted.

    Covariances are the engine's own, which centre as they go: raw sums of squares would lose the
    digits that matter where a mean is large.

    Raises:
        MeasureError: ``unknown-column``, ``not-numeric``, ``not-finite``, ``no-units``.
    """
    table = without_nan(as_ibis(units))
    _check(table, [y, *covariates], area)
    taken = table.select(area=table[area], **_floats(table, [y, *covariates]))
    complete = taken.drop_null()
    grouped = complete.group_by("area").aggregate(**_moments(complete, len(covariates) + 1))
    result = grouped.order_by("area").to_pyarrow()
    counted = float(numbers_of(result["n"], "n").sum())
    _refuse_empty_or_infinite(result, [y, *covariates])
    left_out = int(table.count().to_pyarrow().as_py()) - int(counted)
    return _assembled(result, len(covariates), intercept, left_out)


def _check(table: ibis.Table, numeric: list[str], area: str) -> None:
    for name in [area, *numeric]:
        if name not in table.columns:
            raise MeasureError(
                "unknown-column",
                f"there is no such column; the units have {', '.join(table.columns)}",
                f"没有这一列，数据中的列有：{'、'.join(table.columns)}",
                place=f"column {name}",
            )
    for name in numeric:
        kind = table[name].type()
        if not (kind.is_numeric() or kind.is_boolean()) and _any_value(table[name]):
            raise MeasureError(
                "not-numeric",
                f"the values are {kind}, not numbers; convert the column first",
                f"该列的值为 {kind}，不是数值，请先转换",
                place=f"column {name}",
            )


def _any_value(column: ibis.Value) -> bool:
    """A column of no value at all comes as text, and is empty rather than no number."""
    return bool(column.count().to_pyarrow().as_py())


def _floats(table: ibis.Table, names: list[str]) -> dict[str, Any]:
    return {f"v{at}": table[name].cast("float64") for at, name in enumerate(names)}


def _moments(table: ibis.Table, variables: int) -> dict[str, Any]:
    """v0 is y, the others the covariates; products are per unit."""
    wanted: dict[str, Any] = {"n": table.count()}
    for i in range(variables):
        wanted[f"mean{i}"] = table[f"v{i}"].mean()
        for j in range(i, variables):
            wanted[f"product{i}_{j}"] = table[f"v{i}"].cov(table[f"v{j}"], how="pop")
    return wanted


def _refuse_empty_or_infinite(result: pa.Table, names: list[str]) -> None:
    if result.num_rows == 0:
        raise MeasureError(
            "no-units",
            "no unit has an area and all values; nothing can be estimated",
            "没有任何一条记录同时具备地区和全部变量值，无法估计",
            place="units",
        )
    for at, name in enumerate(names):
        wrong = ~np.isfinite(numbers_of(result[f"mean{at}"], name))
        if wrong.any():
            where = result["area"][int(np.flatnonzero(wrong)[0])].as_py()
            raise MeasureError(
                "not-finite",
                "a value is infinite; correct it or leave it empty",
                "存在无穷大的数值，请更正或留空",
                place=f"area {where}, column {name}",
            )


def _assembled(result: pa.Table, p: int, intercept: bool, left_out: int) -> Moments:
    def column(name: str) -> FloatArray:
        return numbers_of(result[name], name)

    n = column("n")
    products = np.zeros((p + 1, p + 1))
    for i in range(p + 1):
        for j in range(i, p + 1):
            products[i, j] = products[j, i] = n @ column(f"product{i}_{j}")
    means = [np.ones_like(n)] * intercept + [column(f"mean{i + 1}") for i in range(p)]
    xx = np.zeros((p + intercept, p + intercept))
    xx[intercept:, intercept:] = products[1:, 1:]
    return Moments(
        names=result["area"].combine_chunks(),
        n=n,
        y=column("mean0"),
        x=np.column_stack(means),
        within_y=n * column("product0_0"),
        within_xy=np.concatenate([np.zeros(int(intercept)), products[0, 1:]]),
        within_xx=xx,
        left_out=left_out,
    )
