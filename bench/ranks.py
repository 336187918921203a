"""Rank sets of as many areas as China has counties (2,844) and townships (about 40,000).

Scores spread over three points, standard errors that differ by area: nothing is equal, so no
short cut for equal standard errors is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from bench.harness import Case
from huiyin.measure.ranks import moves, rank_probabilities, rank_sets, tiers

Floats = npt.NDArray[np.float64]

COUNTIES = 2_844
TOWNSHIPS = 40_000


def _areas(count: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    se = rng.lognormal(0.0, 0.3, count)
    return 76 + 3 * rng.standard_normal(count) + se * rng.standard_normal(count), se


def _timed(work: Callable[[], object]) -> float:
    rank_sets([1.0, 2.0], [1.0, 1.0])  # loads scipy.special and the like
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sets(count: int, kind: str, draws: int) -> float:
    estimates, se = _areas(count)
    return _timed(lambda: rank_sets(estimates, se, kind=kind, draws=draws))  # type: ignore[arg-type]


def _well_separated(count: int) -> float:
    estimates, se = _areas(count)
    return _timed(lambda: rank_sets(100 * estimates, se, kind="simultaneous", draws=1000))


def _correlated(count: int) -> float:
    estimates, se = _areas(count)
    matrix = 0.3 * np.outer(se, se) + 0.7 * np.diag(se**2)
    return _timed(lambda: rank_sets(estimates, covariance=matrix, kind="simultaneous", draws=1000))


def _tiers(count: int) -> float:
    estimates, se = _areas(count)
    return _timed(lambda: tiers(estimates, se, rule="leader", draws=1000))


def _probabilities(count: int, draws: int) -> float:
    estimates, se = _areas(count)
    return _timed(lambda: rank_probabilities(estimates, se, draws=draws))


def _moves(count: int) -> float:
    estimates, se = _areas(count)
    before = np.roll(estimates, 1)
    return _timed(lambda: moves(before, se, estimates, se))


CASES: list[Case] = [
    Case("joint, 40,000", partial(_sets, TOWNSHIPS, "joint", 1000), seconds=1, megabytes=1024,
         note="40,000 areas, Klein-Wright-Wieczorek region"),
    Case("simultaneous, 2,844", partial(_sets, COUNTIES, "simultaneous", 1000), seconds=2,
         megabytes=1024, note="2,844 areas, 1,000 draws, all pairs, step-down"),
    Case("simultaneous, 40,000", partial(_sets, TOWNSHIPS, "simultaneous", 1000), seconds=20,
         megabytes=1024, note="40,000 areas, 1,000 draws, all pairs, step-down", repeats=3),
    Case("simultaneous, 40,000 well separated", partial(_well_separated, TOWNSHIPS), seconds=20,
         megabytes=1024, note="the same with most pairs rejected", repeats=3),
    Case("simultaneous, 500 correlated", partial(_correlated, 500), megabytes=1024,
         note="500 areas with a covariance, 1,000 draws, step-down", repeats=3),
    Case("marginal, 2,844", partial(_sets, COUNTIES, "marginal", 1000), megabytes=1024,
         note="2,844 areas by quadrature, step-down", repeats=3),
    Case("marginal, 40,000", partial(_sets, TOWNSHIPS, "marginal", 1000), megabytes=1024,
         note="40,000 areas by quadrature, step-down", repeats=1),
    Case("tiers, 40,000", partial(_tiers, TOWNSHIPS), megabytes=1024,
         note="40,000 areas, tiers by their leaders, 1,000 draws", repeats=3),
    Case("probabilities, 40,000", partial(_probabilities, TOWNSHIPS, 10_000), megabytes=1024,
         note="40,000 areas, 10,000 draws, and exact expected ranks", repeats=1),
    Case("moves, 40,000", partial(_moves, TOWNSHIPS), megabytes=1024,
         note="40,000 areas, Holm", repeats=3),
]  # fmt: skip
