"""Ranks of the areas of a level in every round, with their rank sets and moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.estimation.change import stacked
from huiyin.measure.ranks import plain_ranks, rank_probabilities, rank_sets
from huiyin.measure.survey_file.model import Ranks
from huiyin.measure.tidy import Tidy

COLUMNS = (
    "round", "indicator", "level", "area", "rank", "marginal_low", "marginal_high",
    "simultaneous_low", "simultaneous_high", "p_first", "p_top5", "p_bottom5",
    "previous_rank", "move", "verdict",
)  # fmt: skip


def ranks(
    estimates: Tidy,
    changes: Tidy,
    plan: Ranks,
    rounds: Sequence[str],
    good: Mapping[str, str],
    decimals: int | None = None,
) -> Tidy:
    """Ranks among the published areas of ``plan.level``.

    Args:
        estimates: published rows; a null ``se`` means that nothing is known of uncertainty, and
            the sets are null.
        changes: verdicts on the scores, taken over as the verdict on the move.
        plan: what to rank and how.
        rounds: names, oldest first.
        good: direction of each indicator.
        decimals: rank the figures as printed with so many decimals.
    """
    verdicts = {
        (row["round"], row["indicator"], row["area"]): row["verdict"]
        for row in changes.arrow.filter(pc.equal(changes.arrow["level"], plan.level)).to_pylist()
    }
    blocks: list[dict[str, Any]] = []
    for indicator in plan.of:
        before: dict[str, float] = {}
        for one in rounds:
            block = _round(estimates.arrow, plan, indicator, one, good, decimals)
            if block is None:
                continue
            areas = block["area"]
            count = len(areas)
            block["previous_rank"] = [before.get(area) for area in areas]
            block["move"] = [
                None if area not in before else before[area] - rank
                for area, rank in zip(areas, block["rank"], strict=True)
            ]
            block["verdict"] = [verdicts.get((one, indicator, area)) for area in areas]
            block |= {
                "round": [one] * count,
                "indicator": [indicator] * count,
                "level": [plan.level] * count,
            }
            before = dict(zip(areas, block["rank"], strict=True))
            blocks.append(block)
    return stacked(blocks, COLUMNS)


def _round(
    table: pa.Table,
    plan: Ranks,
    indicator: str,
    one: str,
    good: Mapping[str, str],
    decimals: int | None,
) -> dict[str, Any] | None:
    chosen = table.filter(
        pc.and_(
            pc.and_(pc.equal(table["round"], one), pc.equal(table["indicator"], indicator)),
            pc.equal(table["level"], plan.level),
        )
    )
    if not chosen.num_rows:
        return None
    areas = chosen["area"].to_pylist()
    value = _told_apart(np.asarray(chosen["estimate"].to_numpy(), np.float64))
    se = np.asarray(chosen["se"].to_numpy(), np.float64)
    direction: Any = good.get(indicator, "higher")
    block: dict[str, Any] = {
        "area": areas,
        "rank": plain_ranks(value, plan.ties, direction, decimals).tolist(),
    }
    for kind in ("marginal", "simultaneous"):
        sets = rank_sets(
            value, se, plan.confidence, kind, plan.seed,
            draws=plan.draws, ties=plan.ties, good=direction, areas=areas, decimals=decimals,
        ).arrow  # fmt: skip
        block[f"{kind}_low"] = sets["low"].to_pylist()
        block[f"{kind}_high"] = sets["high"].to_pylist()
    chances = rank_probabilities(
        value, se, top=5, bottom=5, draws=plan.draws, seed=plan.seed, good=direction, areas=areas
    ).arrow
    block["p_first"] = chances["p_first"].to_pylist()
    block["p_top5"] = chances["p_top5"].to_pylist()
    block["p_bottom5"] = chances["p_bottom5"].to_pylist()
    return block


def _told_apart(value: np.ndarray) -> np.ndarray:
    """The figures to 1e-9 of the largest, so that equal ones tie.

    Sums taken in another order differ in their last digits, from engine to engine and from run to
    run; that must not part two areas with the same answers.
    """
    largest = float(np.max(np.abs(value), initial=0.0))
    return value if largest == 0 else np.round(value, 9 - int(np.floor(np.log10(largest))))
