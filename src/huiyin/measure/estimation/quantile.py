"""Quantiles by domain with Woodruff intervals, computed on the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.coding import coded
from huiyin.measure.estimation.intervals import t_quantile
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.prepare import (
    ALL,
    By,
    calibrated_over,
    columns_of,
    name_of,
    prepare,
)
from huiyin.measure.estimation.variance import figures
from huiyin.measure.reading import as_ibis
from huiyin.measure.statistics import Code, Statistic, mean
from huiyin.measure.tidy import Tidy
from huiyin.measure.weights import WEIGHT, with_weight

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]

#: cumulated weights that reach p but for rounding have reached it
ROUNDING = 1e-12


def quantile(
    table: Any,
    design: SurveyDesign,
    item: str,
    probabilities: Sequence[float],
    by: Sequence[By] | None = None,
    *,
    name: str | None = None,
    missing: Sequence[Code] = (),
    confidence: float = 0.95,
) -> Tidy:
    """Weighted quantiles of a numeric item in every domain.

    The quantile is the smallest answer whose cumulated share of weight reaches the probability
    (R ``qrule = "math"``). The interval is Woodruff's (1952): the interval of the share at or
    below the quantile, carried back to the item (R ``interval.type = "mean"``); ``se`` is its
    width over twice the t quantile. Where the share's interval leaves 0-1 there is no interval.

    Args:
        table: respondents.
        design: of the sample.
        item: a numeric column.
        probabilities: between 0 and 1, exclusive.
        by: levels, as in :func:`~huiyin.measure.estimation.estimate.estimate`.
        name: in the ``indicator`` column; the item's own name by default.
        missing: codes that are no answer.
        confidence: of the intervals.

    Returns:
        Columns indicator, level, area, quantile, n, sum_of_weights, estimate, se, ci_low,
        ci_high, df.

    Raises:
        MeasureError: a probability is not between 0 and 1, the item is absent or not numeric.
    """
    if any(not 0 < p < 1 for p in probabilities) or not len(probabilities):
        raise MeasureError(
            "probability-out-of-range",
            f"quantiles are asked for at {list(probabilities)}; give numbers between 0 and 1",
            f"分位点 {list(probabilities)} 超出范围，请给出 0 与 1 之间的数",
        )
    rows = with_weight(as_ibis(table), design)
    answers = coded(rows, mean(item, missing=missing)).a
    rows = rows.mutate(hy_value=answers)
    blocks = [
        _of_level(rows, design, one, list(probabilities), confidence)
        for one in ([ALL] if by is None else by)
    ]
    label = np.full(sum(len(block["area"]) for block in blocks), name or item, object)
    joined = {column: np.concatenate([b[column] for b in blocks]) for column in blocks[0]}
    return Tidy.of({"indicator": label, **joined})


def _of_level(
    rows: ibis.Table,
    design: SurveyDesign,
    by: By,
    probabilities: list[float],
    confidence: float,
) -> dict[str, npt.NDArray[Any]]:
    columns = columns_of(by)
    present = rows.filter([rows[c].notnull() for c in ["hy_value", *columns]])
    points = _points(present, columns)
    count = 1 if points is None else points.num_rows
    asked = [np.full(count, p) for p in probabilities]
    at = _invert(present, columns, points, asked)
    blocks = []
    se_df = _share_at(rows, design, by, points, at)
    for p, values, (share, se, df, n, weight, labels) in zip(probabilities, at, se_df, strict=True):
        half = t_quantile(confidence, df) * se
        low_p, high_p = share - half, share + half
        low, high = _invert(present, columns, points, [low_p, high_p])
        low = np.where((low_p < 0) | np.isnan(half), np.nan, low)
        high = np.where((high_p > 1) | np.isnan(half), np.nan, high)
        spread = (high - low) / (2 * t_quantile(confidence, df))
        blocks.append(
            {
                "level": np.full(count, name_of(by), object),
                "area": labels,
                "quantile": np.full(count, p),
                "n": n.astype(np.int64),
                "sum_of_weights": weight,
                "estimate": values,
                "se": spread,
                "ci_low": low,
                "ci_high": high,
                "df": df,
            }
        )
    return {column: np.concatenate([b[column] for b in blocks]) for column in blocks[0]}


def _points(rows: ibis.Table, columns: Sequence[str]) -> pa.Table | None:
    """The domains, one row each in order; None for the whole table."""
    if not columns:
        return None
    found = rows.select(columns).distinct().to_pyarrow()
    return found.sort_by([(name, "ascending") for name in columns])


def _invert(
    rows: ibis.Table, columns: Sequence[str], points: pa.Table | None, asked: Sequence[Floats]
) -> list[Floats]:
    """Smallest value of each domain whose cumulated share of weight reaches what is asked.

    Args:
        asked: per question one probability per row of ``points``.
    """
    import ibis

    heavy = rows.filter(rows[WEIGHT] > 0)
    weights = heavy.group_by([*columns, "hy_value"]).aggregate(hy_mass=heavy[WEIGHT].sum())
    order = ibis.window(group_by=list(columns), order_by="hy_value", preceding=None, following=0)
    whole = ibis.window(group_by=list(columns)) if columns else ibis.window()
    steps = weights.mutate(
        hy_reached=weights.hy_mass.sum().over(order) / weights.hy_mass.sum().over(whole)
    )
    thresholds = {f"hy_p_{i}": pa.array(np.nan_to_num(p, nan=2.0)) for i, p in enumerate(asked)}
    if points is None:
        limits = {name: float(values[0].as_py()) for name, values in thresholds.items()}
        found = steps.aggregate(
            **{
                f"hy_q_{i}": steps.hy_value.min(
                    where=steps.hy_reached >= limits[f"hy_p_{i}"] - ROUNDING
                )
                for i in range(len(asked))
            }
        ).to_pyarrow()
        return [_column(found[f"hy_q_{i}"]) for i in range(len(asked))]
    renamed = points.rename_columns([f"hy_at_{i}" for i in range(len(columns))])
    place = pa.array(np.arange(points.num_rows))
    table = pa.table({**dict(zip(renamed.column_names, renamed.columns, strict=True)),
                      **thresholds, "hy_place": place})  # fmt: skip
    known = ibis.memtable(table)
    joined = steps.inner_join(
        known, [steps[c] == known[f"hy_at_{i}"] for i, c in enumerate(columns)]
    )
    found = (
        joined.group_by("hy_place")
        .aggregate(
            **{
                f"hy_q_{i}": joined.hy_value.min(
                    where=joined.hy_reached >= joined[f"hy_p_{i}"] - ROUNDING
                )
                for i in range(len(asked))
            }
        )
        .to_pyarrow()
    )
    row = np.asarray(found["hy_place"].to_numpy()).astype(np.int64)
    result = []
    for i in range(len(asked)):
        values = np.full(points.num_rows, np.nan)
        values[row] = _column(found[f"hy_q_{i}"])
        result.append(values)
    return result


def _column(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), np.float64)


def _share_at(
    rows: ibis.Table,
    design: SurveyDesign,
    by: By,
    points: pa.Table | None,
    at: Sequence[Floats],
) -> list[tuple[Floats, Floats, Floats, Floats, Floats, npt.NDArray[np.object_]]]:
    """Share at or below each domain's quantile: (share, se, df, n, Σw, labels) per question.

    In the order of ``points``.
    """
    import ibis

    columns = columns_of(by)
    if points is None:
        marked = rows.mutate(
            **{
                f"hy_below_{i}": (rows.hy_value <= float(values[0])).cast("float64")
                for i, values in enumerate(at)
            }
        )
        order = np.zeros(1, np.int64)
        labels = np.array(["all"], object)
    else:
        names = [f"hy_at_{i}" for i in range(len(columns))]
        renamed = points.rename_columns(names)
        facts = pa.table({**dict(zip(names, renamed.columns, strict=True)),
                          **{f"hy_q_{i}": pa.array(v) for i, v in enumerate(at)}})  # fmt: skip
        known = ibis.memtable(facts)
        joined = rows.left_join(
            known, [rows[c] == known[name] for c, name in zip(columns, names, strict=True)]
        )
        marked = joined.mutate(
            **{
                f"hy_below_{i}": (joined.hy_value <= joined[f"hy_q_{i}"]).cast("float64")
                for i in range(len(at))
            }
        )
        domains = key(points, columns)
        order, labels = domains.index, domains.labels[domains.index]
    marks = [Statistic(f"hy_below_{i}", "value", f"hy_below_{i}") for i in range(len(at))]
    found, (level,), strata = prepare(marked, design, marks, [by])
    result = []
    over = calibrated_over(design, found, strata)
    for mark in marks:
        f = figures(found.moments[mark.name], level, strata, over, is_total=False)
        se = np.sqrt(f.variance)
        result.append(
            (f.estimate[order], se[order], f.df[order], f.n[order], f.weight[order], labels)
        )
    return result
