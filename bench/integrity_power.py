"""Which share of coached interviews is found, and how often honest rounds are flagged.

``python -m bench.integrity_power`` prints both as tables in markdown. ``--quick`` makes a tenth of
the rounds.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from tests.measure.integrity_rounds import NAMES, coach, honest_round

from huiyin.measure.integrity_checks import (
    Interviews,
    all_best,
    false_discovery,
    integrity,
    lost_correlation,
    low_variance,
    straight_lining,
)

SHARES = (0.05, 0.10, 0.15, 0.20, 0.30, 0.40)
INTERVIEWS = (60, 110, 150, 300)
#: Name of a city, ease of its best answers: about 46 % and 69 % of all answers.
CITIES = (("divided city", 0.0), ("content city", 1.0))
ROUNDS_OF_POWER = 100
ROUNDS_OF_HONESTY = 100


def area_flags(table: dict[str, Any]) -> set[str]:
    """Areas flagged by any of the checks on answers alone, at a false-discovery rate of 5 %."""
    read = Interviews.read(table, items=NAMES, best=1, area="area", missing=[8])
    checks = (all_best, straight_lining, low_variance, lost_correlation)
    flags = false_discovery([check(read, read.areas) for check in checks]).to_pandas()
    return set(flags.loc[flags["flagged"], "unit"])


def power(n: int, ease: float, rounds: int) -> tuple[list[float], float, float]:
    """Probability that an area with each of ``SHARES`` coached is flagged among 102 areas, the
    false-discovery rate (mean share of false ones among the flags of a round), and the share of
    interviews best throughout before the coaching."""
    found, false, best = np.zeros(len(SHARES)), [], []
    towns = [f"{10 * k + 1:03d}" for k in range(len(SHARES))]
    for seed in range(rounds):
        table = honest_round(seed, smallest=n, largest=n, ease=ease)
        answers = np.stack([table[name] for name in NAMES], axis=1)
        best.append(((answers == 1) | (answers == 8)).all(axis=1).mean())
        for k, (town, share) in enumerate(zip(towns, SHARES, strict=True)):
            table = coach(table, town, share, seed=1000 * seed + k)
        flagged = area_flags(table)
        found += [town in flagged for town in towns]
        false.append(len(flagged - set(towns)) / max(len(flagged), 1))
    return (found / rounds).tolist(), float(np.mean(false)), float(np.mean(best))


def honest_alarms(rounds: int) -> dict[str, float]:
    """Share of honest rounds whose whole report flags at least one unit of each kind."""
    alarms: Counter[str] = Counter()
    for seed in range(rounds):
        table = honest_round(
            5000 + seed, area_sd=(0.2, 0.35, 0.6)[seed % 3], loading=(1.2, 2.2)[seed % 2],
            ease=(0.0, 1.0)[seed // 6 % 2],
        )  # fmt: skip
        report = integrity(
            table, items=NAMES, best=1, interviewer="interviewer", started="started",
            seconds="seconds", dont_know=[8], minimum_seconds=dict.fromkeys(NAMES, 3.0),
        )  # fmt: skip
        alarms.update(set(report.flagged["kind"].to_pylist()))
    return {kind: alarms[kind] / rounds for kind in ("area", "interviewer", "interview")}


def main(arguments: Sequence[str] = ()) -> None:
    scale = 10 if "--quick" in arguments else 1
    print(
        "| city | best throughout | interviews per town | "
        + " | ".join(f"{share:.0%} coached" for share in SHARES)
        + " | false discovery |"
    )
    print("|---|---|---|" + "---|" * (len(SHARES) + 1))
    for city, ease in CITIES:
        for n in INTERVIEWS:
            found, false, best = power(n, ease, ROUNDS_OF_POWER // scale)
            cells = " | ".join(f"{share:.2f}" for share in found)
            print(f"| {city} | {best:.1%} | {n} | {cells} | {false:.1%} |", flush=True)
    rounds = ROUNDS_OF_HONESTY // scale
    print(f"\nHonest rounds with any flag, of {rounds} (stated: at most 5 % for each kind):\n")
    print("| kind of unit | rounds with a flag |\n|---|---|")
    for kind, share in honest_alarms(rounds).items():
        print(f"| {kind} | {share:.1%} |")


if __name__ == "__main__":
    main(sys.argv[1:])
