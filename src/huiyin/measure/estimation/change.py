"""Changes between rounds that are independent samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.multiplicity import Adjustment
from huiyin.measure.ranks import moves
from huiyin.measure.tidy import Tidy

COLUMNS = (
    "round", "previous", "indicator", "level", "area", "change", "se", "ci_low", "ci_high",
    "p", "p_adjusted", "verdict",
)  # fmt: skip


def changes(
    estimates: Mapping[str, Tidy],
    good: Mapping[str, str] | None = None,
    *,
    adjust: Adjustment = "holm",
    confidence: float = 0.95,
) -> Tidy:
    """Each round against the one before: difference, interval, and a verdict.

    Rounds are independent samples; where clusters or people take part in both, use
    :func:`~huiyin.measure.estimation.difference.difference`. The verdict is controlled over all
    areas of a level, indicator by indicator. Degrees of freedom by Welch and Satterthwaite.

    Args:
        estimates: by round, oldest first, as :func:`~huiyin.measure.estimate` gives them. An area
            without a standard error gets its change and no verdict.
        good: ``higher`` or ``lower`` by indicator; higher where nothing is said.
        adjust: ``holm``, ``bh`` or ``none``.
        confidence: of each interval by itself; 1 - confidence is the level of the verdicts.

    Returns:
        Columns :data:`COLUMNS`; areas that both rounds have.

    Raises:
        MeasureError: as :func:`~huiyin.measure.ranks.moves`.
    """
    blocks: list[dict[str, Any]] = []
    for (previous, first), (current, second) in pairwise(estimates.items()):
        for indicator, level in _families(second.arrow):
            before = _rows(first.arrow, indicator, level)
            now = _rows(second.arrow, indicator, level)
            if before.num_rows and now.num_rows:
                direction = (good or {}).get(indicator, "higher")
                block = _change(before, now, direction, adjust, confidence)
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
    return stacked(blocks, COLUMNS)


def _change(
    before: pa.Table, now: pa.Table, good: str, adjust: Adjustment, confidence: float
) -> dict[str, Any]:
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
        confidence=confidence, adjust=adjust,
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


def _families(table: pa.Table) -> list[tuple[str, str]]:
    here = table.select(["indicator", "level"])
    return list(dict.fromkeys(zip(*(here[c].to_pylist() for c in here.column_names), strict=True)))


def _rows(table: pa.Table, indicator: str, level: str) -> pa.Table:
    same = pc.and_(pc.equal(table["indicator"], indicator), pc.equal(table["level"], level))
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
