"""Estimates of every indicator of a round at every level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from huiyin.measure.estimation.estimate import COLUMNS, estimate
from huiyin.measure.estimation.prepare import ALL, By
from huiyin.measure.estimation.quantile import quantile
from huiyin.measure.survey_file.model import Indicator, Survey
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from huiyin.measure.run.results import Fielded


def estimate_round(survey: Survey, one: Fielded, confidence: float) -> Tidy:
    """All indicators of a round at all levels, in one scan (medians take their own)."""
    levels: list[By] = [ALL, *(level.column for level in survey.areas)]
    means = [i for i in survey.indicators if i.kind != "median"]
    asked = [i.as_statistic() for i in means] + [c.as_statistic() for c in survey.composites]
    parts = []
    if asked:
        parts.append(estimate(one.table, one.design, asked, levels, confidence=confidence).arrow)
    for indicator in survey.indicators:
        if indicator.kind == "median":
            parts.append(_median(one, indicator, levels, confidence))
    table = pa.concat_tables(parts)
    names = {level.column: level.name for level in survey.areas}
    named = pa.array([names.get(name, name) for name in table["level"].to_pylist()])
    table = table.set_column(table.column_names.index("level"), "level", named)
    rounds = pa.array([one.name] * table.num_rows)
    return Tidy(table.add_column(0, "round", rounds))


def _median(
    one: Fielded, indicator: Indicator, levels: Sequence[By], confidence: float
) -> pa.Table:
    found = quantile(
        one.table, one.design, indicator.item, [0.5], levels,
        name=indicator.name, missing=indicator.missing, confidence=confidence,
    ).arrow  # fmt: skip
    empty = pa.nulls(found.num_rows, pa.float64())
    return found.append_column("deff", empty).append_column("n_effective", empty).select(COLUMNS)
