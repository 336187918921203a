"""When interviews happen: bursts, and one interviewer in two interviews at once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks.checks import check_table, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import FEWEST_UNITS, qn
from huiyin.measure.integrity_checks.interviews import Groups, Interviews, needed
from huiyin.measure.tidy import Tidy

#: A pause longer than this, in seconds, ends a spell of work.
LONGEST_PAUSE = 3600.0
_FAST = 1.645  # robust standard deviations above the median pace: a fast honest interviewer


def bursts(
    interviews: Interviews,
    groups: Groups | None = None,
    *,
    window: float = 3600.0,
    minimum: int = 30,
) -> Tidy:
    """Most interviews begun by one interviewer within any window, against the pace of the others.

    The scan statistic for a Poisson process: probability of so many in some window of this
    length within the hours worked, by Alm's approximation (Alm 1983; Glaz, Naus & Wallenstein
    2001, Scan Statistics). The pace taken is that of a fast honest interviewer (median plus 1.645
    robust standard deviations of all paces). Real interviews take time and are spread
    more evenly than Poisson, so the test errs on the safe side.

    Args:
        groups: the interviewers; ``interviews.interviewers`` if left out.
        window: in seconds.
        minimum: interviews an interviewer needs.

    Returns:
        The common columns; observed = most starts in a window, expected = the number that a fast
        honest interviewer has in his busiest window with even odds; and ``hours``, the time worked
        (spells without a pause above an hour, plus one usual gap for each).

    Raises:
        MeasureError: ``column-not-read``, ``bad-window``.
    """
    started = needed(interviews.started, "started")
    groups = needed(interviews.interviewers, "interviewer") if groups is None else groups
    if not (np.isfinite(window) and window > 0):
        raise MeasureError(
            "bad-window", f"the window must be above 0 seconds, not {window}",
            f"时间窗口应大于 0 秒，不能是 {window}", place="window",
        )  # fmt: skip
    known = ~np.isnan(started)
    n = groups.count(known).astype(float)
    busiest, worked = _busiest_and_worked(started, known, groups, window)
    enough = (n >= minimum) & (worked > 0)
    few_units = bool(enough.sum() < FEWEST_UNITS)
    pace = _fast_pace(n[enough] / worked[enough]) if not few_units else 1.0
    ratio = np.maximum(worked / window, 1.0)
    p = scan_tail(busiest, pace * window, ratio)
    expected = _even_odds(pace * window, ratio)
    return check_table(
        "burst", groups.kind, groups.labels, n=n, observed=busiest, expected=expected,
        statistic=busiest / np.maximum(expected, 1), p=p,
        why_not=reasons(
            groups.size, (n == 0, "no-data"), (~enough, "few-interviews"),
            (few_units, "few-units"),
        ),
        more={"hours": worked / 3600},
    )  # fmt: skip


def overlaps(interviews: Interviews, *, tolerance: float = 60.0) -> Tidy:
    """Interviews that begin while the same interviewer's interview before is still going on.

    A rule, not a test: no p-value. One row per interview that begins too early.

    Args:
        tolerance: seconds by which two interviews may overlap (clocks are not exact).

    Returns:
        The common columns; observed = seconds of overlap, expected = 0; and ``interviewer`` and
        ``with``, the interview it overlaps.
    """
    started = needed(interviews.started, "started")
    seconds = needed(interviews.seconds, "seconds")
    groups = needed(interviews.interviewers, "interviewer")
    known = ~np.isnan(started) & ~np.isnan(seconds) & (groups.index >= 0)
    rows = np.flatnonzero(known)
    rows = rows[np.lexsort((started[rows], groups.index[rows]))]
    end = started[rows] + seconds[rows]
    latest = _latest_before(end, groups.index[rows])
    overlap = np.where(latest >= 0, end[latest] - started[rows], -np.inf)
    found = np.flatnonzero(overlap > tolerance)
    size = found.size
    return check_table(
        "overlap", "interview", interviews.units[rows[found]], n=np.ones(size),
        observed=overlap[found], expected=np.zeros(size), statistic=overlap[found],
        p=np.full(size, np.nan), why_not=[None] * size,
        more={
            "interviewer": [groups.labels[u] for u in groups.index[rows[found]]],
            "with": [str(unit) for unit in interviews.units[rows[latest[found]]]],
        },
    )  # fmt: skip


def scan_tail(k: FloatArray, mean: float, ratio: FloatArray) -> FloatArray:
    """P(some window holds at least k events) for a Poisson process, Alm's approximation.

    Args:
        k: shape (m,).
        mean: expected events per window.
        ratio: length observed in windows, at least 1, shape (m,).

    Returns:
        ``1 - F(k-1) exp(-(k - mean)/k * mean * (ratio - 1) * f(k-1))``, with F and f the Poisson
        distribution and probability (Glaz, Naus & Wallenstein 2001). Where k is not above the
        mean it is 1: such a window is certain to be found.
    """
    from scipy.special import gammaln, pdtr

    safe = np.maximum(k, 1)
    probability = np.exp((safe - 1) * np.log(mean) - mean - gammaln(safe))
    rate = np.maximum((safe - mean) / safe, 0) * mean * (ratio - 1) * probability
    tail = -np.expm1(np.log(np.maximum(pdtr(safe - 1, mean), 1e-300)) - rate)
    return np.where(k > mean, np.clip(tail, 0.0, 1.0), 1.0)


def _even_odds(mean: float, ratio: FloatArray) -> FloatArray:
    most = int(np.ceil(mean + 20 * np.sqrt(mean) + 20))
    counts = np.arange(1, most + 1, dtype=np.float64)
    tails = scan_tail(counts[:, None], mean, ratio[None, :])
    return counts[np.argmax(tails < 0.5, axis=0)] - 1


def _fast_pace(paces: FloatArray) -> float:
    logs = np.log(paces)
    return float(np.exp(np.median(logs) + _FAST * qn(logs)))


def _busiest_and_worked(
    started: FloatArray, known: BoolArray, groups: Groups, window: float
) -> tuple[FloatArray, FloatArray]:
    """Most starts within a window, and seconds worked, of each unit."""
    busiest, worked = np.zeros(groups.size), np.zeros(groups.size)
    rows = np.flatnonzero(known & (groups.index >= 0))
    order = rows[np.lexsort((started[rows], groups.index[rows]))]
    edges = np.searchsorted(groups.index[order], np.arange(groups.size + 1))
    spells = np.zeros(groups.size)
    usual_gap = _usual_gap(started[order], groups.index[order])
    for unit, (a, b) in enumerate(pairwise(edges)):
        if a == b:
            continue
        times = started[order[a:b]]
        inside = np.searchsorted(times, times + window, side="left") - np.arange(times.size)
        gaps = np.diff(times)
        busiest[unit] = inside.max()
        worked[unit] = gaps[gaps <= LONGEST_PAUSE].sum()
        spells[unit] = 1 + (gaps > LONGEST_PAUSE).sum()
    return busiest, worked + spells * usual_gap


def _usual_gap(times: FloatArray, unit: IntArray) -> float:
    same = np.diff(unit) == 0
    gaps = np.diff(times)[same]
    gaps = gaps[gaps <= LONGEST_PAUSE]
    return float(np.median(gaps)) if gaps.size else 0.0


def _latest_before(end: FloatArray, unit: IntArray) -> IntArray:
    """For interviews in order of start within unit, the earlier one that ends last (-1: none)."""
    latest = np.full(end.size, -1)
    for at in range(1, end.size):
        if unit[at] == unit[at - 1]:
            before = latest[at - 1]
            later = before < 0 or end[at - 1] >= end[before]
            latest[at] = at - 1 if later else before
    return latest
