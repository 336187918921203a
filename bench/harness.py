"""How every benchmark is run: each repetition in a process of its own, figures as measured.

A file ``bench/<topic>.py`` lists its cases in ``CASES``. A case does its own set-up and returns
the seconds of the part it measures; the runner adds the wall time and the peak memory of the
whole process. Targets are printed beside the figures, never asserted.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Case:
    """One thing to time.

    Attributes:
        name: unique within its topic.
        call: does the set-up, then times the work; returns seconds.
        seconds: the target for the median of ``call``, if there is one.
        megabytes: the target for the peak resident memory of the process, if there is one.
        note: size of the input and what is compared, for the printed table.
        repeats: how often, each time in a fresh process.
        peer: the program that does the work, where it is not ours.
        baseline: name of the case in the same topic that the ratio is taken against.
        ratio: the target for ours / baseline, if there is one.
    """

    name: str
    call: Callable[[], float]
    seconds: float | None = None
    megabytes: float | None = None
    note: str = ""
    repeats: int = 5
    peer: str = "huiyin"
    baseline: str | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Measured:
    case: Case
    seconds: list[float]
    wall: list[float]
    peak_megabytes: float

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def cases(topic: str) -> dict[str, Case]:
    return {case.name: case for case in importlib.import_module(f"bench.{topic}").CASES}


def run(topic: str, case: Case, repeats: int | None = None) -> Measured:
    """Run one case ``repeats`` times (its own number by default), each in a fresh process."""
    seconds, wall, peak = [], [], 0.0
    for _ in range(repeats or case.repeats):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench.harness", topic, case.name],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ},
        )
        wall.append(time.perf_counter() - started)
        result = json.loads(done.stdout.splitlines()[-1])
        seconds.append(result["seconds"])
        peak = max(peak, result["peak_megabytes"])
    return Measured(case, seconds, wall, peak)


def _one(topic: str, name: str) -> None:
    import resource

    seconds = cases(topic)[name].call()
    peak = max(  # a peer may be a process of its own
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"seconds": seconds, "peak_megabytes": peak / 1024}))


if __name__ == "__main__":
    _one(sys.argv[1], sys.argv[2])
