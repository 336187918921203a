"""Simulated rounds for the tests of integrity: honest people, unequal areas, and some coaching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

ITEMS = 12
NAMES = [f"q{j}" for j in range(1, ITEMS + 1)]


def honest_round(
    seed: int,
    *,
    areas: int = 102,
    interviewers: int = 40,
    items: int = ITEMS,
    smallest: int = 100,
    largest: int = 150,
    area_sd: float = 0.35,
    loading: float = 1.2,
    ease: float = 0.0,
) -> dict[str, Any]:
    """One latent contentment per person, shifted by area; five-point items, 1 the best (the
    likelier the higher ``ease``), 8 don't know; interviewers drawn at random, one interview after
    the other with pauses."""
    random = np.random.default_rng(seed)
    size = random.integers(smallest, largest + 1, areas)
    area = np.repeat(np.arange(areas), size)
    n = area.size
    content = random.normal(0, area_sd, areas)[area] + random.normal(0, loading, n)
    cuts = random.normal(0, 0.4, (items, 1)) + np.array([0.2, 1.4, 2.4, 3.4])
    cuts += ease
    answers = 1 + (random.logistic(-content[:, None], 0.6, (n, items))[:, :, None] > cuts).sum(2)
    answers[random.random(answers.shape) < 0.02] = 8
    who = random.integers(0, interviewers, n)
    seconds = np.exp(random.normal(6, 0.35, n) + random.normal(0, 0.1, interviewers)[who])
    table: dict[str, Any] = {f"q{j + 1}": answers[:, j] for j in range(items)}
    table["area"] = [f"{i + 1:03d}" for i in area]
    table["interviewer"] = [f"I{i:02d}" for i in who]
    table["seconds"] = seconds
    table["started"] = _starts(who, seconds, random)
    table["case"] = [f"c{i}" for i in range(n)]
    return table


def _starts(who: np.ndarray, seconds: np.ndarray, random: np.random.Generator) -> np.ndarray:
    started = np.zeros(who.size)
    for interviewer in np.unique(who):
        clock = 0.0
        for at, row in enumerate(random.permutation(np.flatnonzero(who == interviewer))):
            if at % 20 == 0:
                clock = (np.ceil(clock / 86_400) * 24 + 9) * 3600
            started[row] = clock
            clock += seconds[row] + random.exponential(400)
    return started + 1.7e9


def coach(table: dict[str, Any], area: str, share: float, seed: int = 1) -> dict[str, Any]:
    """The same round with this share of an area's interviews best throughout."""
    random = np.random.default_rng(seed)
    rows = np.flatnonzero(np.array(table["area"]) == area)
    chosen = rows[random.random(rows.size) < share]
    return _with_answers(table, chosen, lambda _: 1)


def copy_interviews(
    table: dict[str, Any], pairs: Sequence[tuple[int, int]], same: float = 0.95, seed: int = 1
) -> dict[str, Any]:
    """The same round with the second interview of each pair mostly copied from the first."""
    random = np.random.default_rng(seed)
    out = dict(table)
    for name in _questions(table):
        out[name] = np.array(table[name]).copy()
        for source, target in pairs:
            if random.random() < same:
                out[name][target] = out[name][source]
    return out


def _questions(table: dict[str, Any]) -> list[str]:
    return [name for name in table if name.startswith("q")]


def _with_answers(table: dict[str, Any], rows: np.ndarray, answer: Any) -> dict[str, Any]:
    out = dict(table)
    for name in _questions(table):
        out[name] = np.array(table[name]).copy()
        out[name][rows] = answer(name)
    return out
