"""Do rank sets hold their level, and do false verdicts on moves stay at the stated rate?

Each simulation makes new estimates around fixed true values, with a seed of its own, and looks
whether all true ranks are covered. With 199 draws the critical value is the 190th, which holds
95 % exactly over the draws, so few draws cost width but not level.

    python -m bench.ranks_coverage [simulations]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
import numpy.typing as npt

from huiyin.measure.ranks import moves, plain_ranks, rank_sets

Floats = npt.NDArray[np.float64]

SIZES = (20, 102, 2_844)
DRAWS = 199
#: True values: all equal; as near as townships at 110 interviews; far apart for the most part.
SPREADS = {"all equal": 0.0, "spread of one standard error": 1.0, "spread of ten": 10.0}


@dataclass(frozen=True)
class Study:
    """One line of the table."""

    what: str
    areas: int
    spread: str
    rate: float
    simulations: int
    stated: str

    @property
    def line(self) -> str:
        low, high = self._wilson()
        return (
            f"| {self.what} | {self.areas:,} | {self.spread} | {self.stated} "
            f"| {100 * self.rate:.2f} % | {100 * low:.2f}–{100 * high:.2f} "
            f"| {self.simulations:,} |"
        )

    def _wilson(self) -> tuple[float, float]:
        """95 % interval for the rate (Wilson 1927)."""
        n, z = self.simulations, 1.96
        centre = (self.rate + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(self.rate * (1 - self.rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        return max(centre - half, 0.0), min(centre + half, 1.0)


def _truth(areas: int, spread: str) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(areas)
    return SPREADS[spread] * rng.standard_normal(areas), rng.lognormal(0.0, 0.3, areas)


def _covers(kind: str, areas: int, spread: str, number: int) -> bool:
    truth, se = _truth(areas, spread)
    estimates = truth + se * np.random.default_rng([areas, number]).standard_normal(areas)
    sets = rank_sets(estimates, se, 0.95, kind, number, draws=DRAWS)  # type: ignore[arg-type]
    best, worst = plain_ranks(truth, "min"), plain_ranks(truth, "max")
    inside = (np.asarray(sets["low"]) <= best) & (worst <= np.asarray(sets["high"]))
    # a marginal set promises for one area: the first
    return bool(inside[0] if kind == "marginal" else inside.all())


def covered(kind: str, areas: int, spread: str, numbers: range) -> int:
    """In how many of the simulations the true ranks were covered."""
    return sum(_covers(kind, areas, spread, number) for number in numbers)


def false_verdicts(method: str, areas: int, changed: float, numbers: range) -> float:
    """Sum over simulations of: any false verdict (nothing changed), or the share that is false."""
    truth, se = _truth(areas, "spread of ten")
    moved = int(changed * areas)
    total = 0.0
    for number in numbers:
        rng = np.random.default_rng([areas, number, 7])
        now = truth + np.where(np.arange(areas) < moved, 5 * se, 0.0)
        found = moves(
            truth + se * rng.standard_normal(areas), se, now + se * rng.standard_normal(areas), se,
            adjust=method,  # type: ignore[arg-type]
        )  # fmt: skip
        real = np.array(found["verdict"].to_pylist()) != "not distinguishable"
        wrong = int(np.sum(real[moved:]))
        total += wrong > 0 if moved == 0 else wrong / max(int(np.sum(real)), 1)
    return total


def _parts(simulations: int) -> list[range]:
    return [range(start, min(start + 50, simulations)) for start in range(0, simulations, 50)]


def coverage(pool: ProcessPoolExecutor, simulations: int) -> Iterator[Study]:
    """Do sets cover the true ranks?

    The level is reached only where all areas are equal: a tenth of the simulations will do
    elsewhere, and a quarter for marginal sets, which are slow to make.
    """
    for kind, sizes in (("simultaneous", SIZES), ("joint", SIZES), ("marginal", SIZES[:1])):
        for areas, spread in product(sizes, SPREADS):
            fewer = (1 if spread == "all equal" else 10) * (4 if kind == "marginal" else 1)
            made = simulations // fewer
            jobs = [pool.submit(covered, kind, areas, spread, part) for part in _parts(made)]
            rate = sum(job.result() for job in jobs) / made
            yield Study(f"{kind} sets cover", areas, spread, rate, made, "≥ 95 %")


def verdicts(pool: ProcessPoolExecutor, simulations: int) -> Iterator[Study]:
    """Do false verdicts on moves stay at the stated rate?"""
    for method, changed, what in (
        ("holm", 0.0, "Holm: any false move"),
        ("bh", 0.0, "Benjamini-Hochberg: any false move"),
        ("bh", 0.2, "Benjamini-Hochberg: false share of moves"),
    ):
        for areas in SIZES:
            parts = _parts(simulations)
            jobs = [pool.submit(false_verdicts, method, areas, changed, part) for part in parts]
            rate = sum(job.result() for job in jobs) / simulations
            truth = "nothing changed" if changed == 0 else "a fifth changed by 5 se"
            yield Study(what, areas, truth, rate, simulations, "≤ 5 %")


def main() -> None:
    """Print the table."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    print("| what | areas | true values | stated | found | 95 % interval | simulations |")
    print("|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor() as pool:
        for study in chain(coverage(pool, simulations), verdicts(pool, simulations)):
            print(study.line, flush=True)


if __name__ == "__main__":
    main()
