"""Estimates of every indicator, round and level; changes between rounds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.estimation.estimate import COLUMNS, estimate
from huiyin.measure.estimation.prepare import ALL, By
from huiyin.measure.estimation.quantile import quantile
from huiyin.measure.ranks import moves
from huiyin.measure.survey_file.model import Indicator, Survey
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from huiyin.measure.run.results import Fielded

CHANGES = (
    "round", "previous", "indicator", "level", "area", "change", "se", "ci_low", "ci_high",
    "p", "p_adjusted", "verdict",
)  # fmt: skip


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


def changes(
    estimates: Tidy, rounds: Sequence[str], good: Mapping[str, str], confidence: float
) -> Tidy:
    """Each round against the one before: difference, interval, and a verdict controlled by Holm.

    Rounds are independent samples. The control is over all areas of a level, indicator by
    indicator. Degrees of freedom by Welch and Satterthwaite.

    Args:
        estimates: published rows only.
        rounds: names, oldest first.
        good: direction of each indicator.
        confidence: of the intervals; 1 - confidence is the level of the verdicts.
    """
    blocks: list[dict[str, Any]] = []
    table = estimates.arrow
    for previous, current in itertools.pairwise(rounds):
        for indicator, level in _families(table, current):
            before = _rows(table, previous, indicator, level)
            now = _rows(table, current, indicator, level)
            if before.num_rows and now.num_rows:
                block = _change(before, now, good.get(indicator, "higher"), confidence)
                count = len(block["area"])
                blocks.append(
                    {
                        "round": np.full(count, current, object),
                        "previous": np.full(count, previous, object),
                        "indicator": np.full(count, indicator, object),
                        "level": np.full(count, level, object),
                        **block,
                    }
                )
    return stacked(blocks, CHANGES)


def _change(before: pa.Table, now: pa.Table, good: str, confidence: float) -> dict[str, Any]:
    names = now["area"].to_pylist()
    previous = {a: i for i, a in enumerate(before["area"].to_pylist())}
    both = [(i, previous[a]) for i, a in enumerate(names) if a in previous]
    here = pa.array([i for i, _ in both], pa.int64())
    there = pa.array([j for _, j in both], pa.int64())
    now, before = now.take(here), before.take(there)
    first, second = _column(before, "estimate"), _column(now, "estimate")
    se_first, se_second = _column(before, "se"), _column(now, "se")
    found = moves(
        first, se_first, second, se_second,
        areas=now["area"].to_pylist(),
        df=_satterthwaite(se_first, _column(before, "df"), se_second, _column(now, "df")),
        good="lower" if good == "lower" else "higher",
        confidence=confidence,
    ).arrow  # fmt: skip
    renamed = {"change": "difference"}
    return {
        name: found[renamed.get(name, name)].to_pylist()
        for name in ("area", "change", "se", "ci_low", "ci_high", "p", "p_adjusted", "verdict")
    }


def _satterthwaite(
    se_first: np.ndarray, df_first: np.ndarray, se_second: np.ndarray, df_second: np.ndarray
) -> np.ndarray:
    """Degrees of freedom of a difference of independent estimates; 1 at least."""
    first, second = se_first**2, se_second**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (first + second) ** 2 / (
            first**2 / np.maximum(df_first, 1) + second**2 / np.maximum(df_second, 1)
        )
    return np.where(np.isfinite(found), np.maximum(found, 1.0), 1.0)


def _families(table: pa.Table, current: str) -> list[tuple[str, str]]:
    here = table.filter(pc.equal(table["round"], current)).select(["indicator", "level"])
    return list(dict.fromkeys(zip(*(here[c].to_pylist() for c in here.column_names), strict=True)))


def _rows(table: pa.Table, one: str, indicator: str, level: str) -> pa.Table:
    same = pc.and_(
        pc.equal(table["round"], one),
        pc.and_(pc.equal(table["indicator"], indicator), pc.equal(table["level"], level)),
    )
    return table.filter(same)


def _column(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(), np.float64)


def stacked(blocks: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Tidy:
    """Blocks of columns one below the other, in the order of ``columns``."""
    if not blocks:
        text = ("round", "previous", "indicator", "level", "area", "verdict", "why_null", "item")
        kinds = {name: pa.string() if name in text else pa.float64() for name in columns}
        return Tidy(pa.table({name: pa.array([], kind) for name, kind in kinds.items()}))
    return Tidy.of({name: [value for block in blocks for value in block[name]] for name in columns})
