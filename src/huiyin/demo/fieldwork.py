"""How the interviews went: who asked, when, how long, and what became of every number."""

from __future__ import annotations

import numpy as np

from huiyin.demo.city import FloatArray, IntArray
from huiyin.demo.opinion import INTERVIEWERS
from huiyin.demo.people import WORKING, People

# First day and first second of calling; calls are made for twelve hours a day.
STARTS = (np.datetime64("2021-06-21T09:00:00"), np.datetime64("2021-11-08T09:00:00"))
_HOURS = 12 * 3600

#: Seconds the interview takes a coached person, as part of what it takes others.
COACHED_PACE = 0.58

_AGE_PACE = np.array([0.94, 0.96, 1.0, 1.05, 1.14])

# What becomes of working numbers without an interview (AAPOR codes), and of the others.
_UNFINISHED = {
    "1.2": 0.02, "2.11": 0.37, "2.12": 0.05, "2.21": 0.09, "2.32": 0.02, "2.33": 0.01,
    "3.12": 0.04, "3.13": 0.33, "3.21": 0.07,
}  # fmt: skip
_INELIGIBLE = {
    "landline": {"4.2": 0.06, "4.31": 0.55, "4.32": 0.14, "4.51": 0.25},
    "mobile": {"4.31": 0.58, "4.32": 0.16, "4.33": 0.26},
}


def assign_interviewers(count: int, rng: np.random.Generator) -> IntArray:
    """Interviews are dealt out at random, to each interviewer as many as to any other."""
    return rng.permutation(np.arange(count) % INTERVIEWERS)


def durations(
    age: IntArray, interviewer: IntArray, coached: np.ndarray, rng: np.random.Generator
) -> IntArray:
    """Seconds from the first question to the last."""
    pace = rng.lognormal(0, 0.08, INTERVIEWERS)[interviewer] * _AGE_PACE[age]
    pace = pace * np.where(coached, COACHED_PACE, 1.0)
    seconds: IntArray = np.round(415 * pace * rng.lognormal(0, 0.16, len(age))).astype(np.int64)
    return seconds


def start_times(
    round_: int, interviewer: IntArray, seconds: IntArray, rng: np.random.Generator
) -> np.ndarray:
    """When each interview began: an interviewer holds one at a time, with calls in between."""
    gap = 120 + rng.exponential(1700, len(seconds))
    order = np.lexsort((rng.random(len(seconds)), interviewer))
    elapsed = np.cumsum((seconds + gap)[order])
    first = np.flatnonzero(np.diff(interviewer[order], prepend=-1))
    since = np.concatenate([[0.0], elapsed])[first]
    at = np.empty(len(seconds))
    at[order] = elapsed - seconds[order] - since[interviewer[order]]
    day, second = np.divmod(np.round(at).astype(np.int64), _HOURS)
    times: np.ndarray = STARTS[round_] + (day * 86_400 + second).astype("timedelta64[s]")
    return times


def dispositions(people: People) -> list[tuple[str, str, int]]:
    """Frame, AAPOR code and count of every number drawn."""
    rows = []
    for at, frame in enumerate(WORKING):
        interviews = int((people.landline == (frame == "landline")).sum())
        drawn = int(people.drawn[:, at].sum())
        working = max(round(drawn * WORKING[frame]), interviews)
        counts = {"1.1": interviews}
        counts |= _parts(working - interviews, _UNFINISHED)
        counts |= _parts(drawn - working, _INELIGIBLE[frame])
        rows += [(frame, code, count) for code, count in counts.items()]
    return rows


def _parts(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Whole numbers in the given shares that add up to the total."""
    edges: FloatArray = np.cumsum([0.0, *shares.values()])
    whole = np.round(edges / edges[-1] * total).astype(int)
    return dict(zip(shares, np.diff(whole).tolist(), strict=True))
