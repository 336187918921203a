"""Quantiles by domain with Woodruff intervals, computed on the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.coding import coded, double
from huiyin.measure.estimation.estimate import design_figures
from huiyin.measure.estimation.intervals import check_confidence, t_quantile
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.prepare import (
    By,
    columns_of,
    levels_of,
    name_of,
    respondents,
)
from huiyin.measure.estimation.scan import item_all_missing
from huiyin.measure.estimation.variance import Figures
from huiyin.measure.statistics import Code, Statistic, mean
from huiyin.measure.tidy import Tidy
from huiyin.measure.weights import WEIGHT

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
    by: str | Sequence[By] | None = None,
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
        ci_high, df. One row per domain that occurs, whether anybody answered in it or not.

    Raises:
        MeasureError: a probability is not between 0 and 1, the item is absent, not numeric or
            without any answer.
    """
    if any(not 0 < p < 1 for p in probabilities) or not len(probabilities):
        raise MeasureError(
            "probability-out-of-range",
            f"quantiles are asked for at {list(probabilities)}; give numbers between 0 and 1",
            f"分位点 {list(probabilities)} 超出范围，请给出 0 与 1 之间的数",
        )
    check_confidence(confidence)
    levels = levels_of(by)
    rows = respondents(table, design, levels)
    rows = rows.mutate(hy_value=coded(rows, mean(item, missing=missing)).a)
    blocks = [
        block
        for one in levels
        for block in _of_level(_Domains(rows, one), design, list(probabilities), confidence, item)
    ]
    label = np.full(sum(len(block["area"]) for block in blocks), name or item, object)
    joined = {column: np.concatenate([b[column] for b in blocks]) for column in blocks[0]}
    return Tidy.of({"indicator": label, **joined})


class _Domains:
    """The domains of one level, as a table that the respondents can be joined with."""

    def __init__(self, rows: ibis.Table, by: By) -> None:
        self.rows, self.by, self.columns = rows, by, columns_of(by)
        self.count, self.keys = 1, None
        if self.columns:
            present = rows.filter([rows[c].notnull() for c in self.columns])
            self.keys = present.select(self.columns).distinct().to_pyarrow()
            order = key(self.keys, self.columns)
            self.keys = self.keys.take(pa.array(np.argsort(order.index)))
            self.count = order.count

    def join(self, rows: ibis.Table, columns: dict[str, Floats], *, keep: bool) -> ibis.Table:
        """``rows`` with one value per domain and column.

        Args:
            rows: with the columns of the level.
            columns: shape (domains,) each.
            keep: keep rows outside every domain, with nulls.
        """
        import ibis

        if self.keys is None:
            return rows.mutate(**{name: double(values[0]) for name, values in columns.items()})
        names = [f"hy_at_{i}" for i in range(len(self.columns))]
        facts = dict(zip(names, self.keys.columns, strict=True))
        facts |= {name: pa.array(values) for name, values in columns.items()}
        known = ibis.memtable(pa.table({**facts, "hy_place": pa.array(np.arange(self.count))}))
        same = [rows[c] == known[name] for c, name in zip(self.columns, names, strict=True)]
        return rows.left_join(known, same) if keep else rows.inner_join(known, same)


def _of_level(
    domains: _Domains,
    design: SurveyDesign,
    probabilities: list[float],
    confidence: float,
    item: str,
) -> list[dict[str, npt.NDArray[Any]]]:
    count = domains.count
    at = _invert(domains, [np.full(count, p) for p in probabilities])
    labels, shares = _shares_below(domains, design, at, item)
    halves = [t_quantile(confidence, f.df) * np.sqrt(f.variance) for f in shares]
    lows = [f.estimate - half for f, half in zip(shares, halves, strict=True)]
    highs = [f.estimate + half for f, half in zip(shares, halves, strict=True)]
    limits = _invert(domains, [*lows, *highs])
    blocks = []
    for i, p in enumerate(probabilities):
        low, high = limits[i], limits[i + len(probabilities)]
        low = np.where(lows[i] >= 0, low, np.nan)
        high = np.where(highs[i] <= 1, high, np.nan)
        blocks.append(
            {
                "level": np.full(count, name_of(domains.by), object),
                "area": labels,
                "quantile": np.full(count, p),
                "n": shares[i].n.astype(np.int64),
                "sum_of_weights": shares[i].weight,
                "estimate": at[i],
                "se": (high - low) / (2 * t_quantile(confidence, shares[i].df)),
                "ci_low": low,
                "ci_high": high,
                "df": shares[i].df,
            }
        )
    return blocks


def _invert(domains: _Domains, asked: Sequence[Floats]) -> list[Floats]:
    """Smallest value of each domain whose cumulated share of weight reaches what is asked.

    Args:
        domains: of one level.
        asked: per question one probability per domain; NaN finds nothing.
    """
    import ibis

    columns, rows = domains.columns, domains.rows
    heavy = rows.filter([rows[WEIGHT] > 0, rows["hy_value"].notnull()])
    weights = heavy.group_by([*columns, "hy_value"]).aggregate(hy_mass=heavy[WEIGHT].sum())
    order = ibis.window(group_by=columns, order_by="hy_value", preceding=None, following=0)
    whole = ibis.window(group_by=columns) if columns else ibis.window()
    steps = weights.mutate(
        hy_reached=weights.hy_mass.sum().over(order) / weights.hy_mass.sum().over(whole)
    )
    thresholds = {f"hy_p_{i}": np.nan_to_num(p, nan=2.0) for i, p in enumerate(asked)}
    joined = domains.join(steps, thresholds, keep=False)
    smallest = {
        f"hy_q_{i}": joined.hy_value.min(where=joined.hy_reached >= joined[f"hy_p_{i}"] - ROUNDING)
        for i in range(len(asked))
    }
    if not columns:
        joined = joined.mutate(hy_place=0)
    found = joined.group_by("hy_place").aggregate(**smallest).to_pyarrow()
    place = np.asarray(found["hy_place"].to_numpy()).astype(np.int64)
    result = []
    for name in smallest:
        values = np.full(domains.count, np.nan)
        values[place] = np.asarray(found[name].to_numpy(), np.float64)
        result.append(values)
    return result


def _shares_below(
    domains: _Domains, design: SurveyDesign, at: Sequence[Floats], item: str
) -> tuple[npt.NDArray[np.object_], list[Figures]]:
    """Labels of the domains, and the share at or below each quantile with its variance."""
    columns = {f"hy_q_{i}": values for i, values in enumerate(at)}
    joined = domains.join(domains.rows, columns, keep=True)
    below = {
        f"hy_below_{i}": (joined.hy_value <= joined[f"hy_q_{i}"]).cast("float64")
        for i in range(len(at))
    }
    marks = [Statistic(name, "value", name) for name in below]
    ((areas, by_name),) = design_figures(joined.mutate(**below), design, marks, [domains.by])
    shares = [by_name[mark.name] for mark in marks]
    if not np.any(shares[0].n):
        raise item_all_missing(item)
    return areas.labels, shares
