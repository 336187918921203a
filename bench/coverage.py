"""Do 95 % intervals cover 95 %? Each simulated survey is an area of one table, in one scan.

``python -m bench.coverage [SURVEYS]`` prints a markdown table.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from huiyin import measure as hm

#: Design of the simulated surveys: what is drawn, and the design that measures it.
DESIGNS = ("simple", "weighted", "clustered")
CLUSTER = 10
CORRELATION = 0.05


def main() -> int:
    """Print coverage by design, size and share."""
    surveys = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = np.random.Generator(np.random.PCG64(20_230))
    print(f"{surveys:,} simulated surveys per line.\n")
    print("| design | n | share | coverage % | too low % | too high % | mean width |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for kind in DESIGNS:
        for n in (110, 400):
            for share in (0.5, 0.95):
                print(line(kind, n, share, surveys, rng), flush=True)
    return 0


def line(kind: str, n: int, share: float, surveys: int, rng: np.random.Generator) -> str:
    """Simulate, measure and count one line of the table."""
    table, design = simulate(kind, n, share, surveys, rng)
    found = hm.estimate(table, design, hm.share("y", of=[1]), by=["survey"])
    low, high = (np.asarray(found[name].to_numpy()) / 100 for name in ("ci_low", "ci_high"))
    below, above = np.mean(high < share), np.mean(low > share)
    covered = 1 - below - above
    return (
        f"| {kind} | {n} | {share} | {100 * covered:.2f} | {100 * below:.2f} | {100 * above:.2f} |"
        f" {100 * np.mean(high - low):.2f} |"
    )


def simulate(
    kind: str, n: int, share: float, surveys: int, rng: np.random.Generator
) -> tuple[dict[str, Any], hm.SurveyDesign]:
    """Answers of all surveys in one table, with the design of each as strata of its own."""
    survey = np.repeat(np.arange(surveys), n)
    if kind == "simple":
        answers = rng.random(surveys * n) < share
        return (
            {"survey": survey, "y": answers.astype(np.int8)},
            hm.SurveyDesign(strata="survey"),
        )
    if kind == "weighted":
        return _weighted(survey, n, share, surveys, rng)
    size = n // CLUSTER
    cluster = np.repeat(np.arange(surveys * size), CLUSTER)
    spread = (1 - CORRELATION) / CORRELATION
    level = rng.beta(share * spread, (1 - share) * spread, surveys * size)
    answers = rng.random(surveys * n) < level[cluster]
    return (
        {"survey": survey, "psu": cluster, "y": answers.astype(np.int8)},
        hm.SurveyDesign(strata="survey", clusters="psu"),
    )


def _weighted(
    survey: np.ndarray, n: int, share: float, surveys: int, rng: np.random.Generator
) -> tuple[dict[str, Any], hm.SurveyDesign]:
    """Two strata of each area: half the sample from a fifth of the people, who answer otherwise."""
    minor = np.tile(np.arange(n) < n // 2, surveys)
    apart = 0.04 if share > 0.9 else 0.2
    rate = np.where(minor, share - apart * 0.8, share + apart * 0.2)
    answers = rng.random(surveys * n) < rate
    stratum = survey * 2 + minor
    weight = np.where(minor, 0.2 / (n // 2), 0.8 / (n - n // 2)) * 1000
    return (
        {"survey": survey, "stratum": stratum, "w": weight, "y": answers.astype(np.int8)},
        hm.SurveyDesign(weights="w", strata="stratum"),
    )


if __name__ == "__main__":
    sys.exit(main())
