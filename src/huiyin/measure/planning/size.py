"""How many interviews, and how many numbers to dial for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning.inputs import (
    FloatArray,
    IntArray,
    broadcast,
    chosen,
    counts,
    normal_quantile,
    numbers,
    percent_rate,
)
from huiyin.measure.tidy import Tidy

Kind = Literal["share", "mean"]
Interval = Literal["normal", "wilson", "exact", "t"]
_INTERVALS = {"share": ("normal", "wilson", "exact"), "mean": ("normal", "t")}

#: No survey is larger; where even this many interviews are too few, the wish is refused.
LARGEST_SAMPLE = 10**12


@dataclass(frozen=True)
class _Wish:
    """One figure to estimate: its spread and its design."""

    kind: Kind
    spread: float
    deff: float
    population: float
    confidence: float
    interval: Interval

    def half_width(self, n: float) -> float:
        """Half the length of the interval that n interviews give, in points."""
        effective = self.effective(n)
        if math.isinf(effective):
            return 0.0
        if self.interval == "wilson":
            return _wilson(self.spread / 100, effective, self.confidence)
        if self.interval == "exact":
            return _exact(self.spread / 100, effective, self.confidence)
        sd = math.sqrt(self.spread * (100 - self.spread)) if self.kind == "share" else self.spread
        return self._quantile(n) * sd / math.sqrt(effective)

    def effective(self, n: float) -> float:
        """Interviews of a simple random sample from an endless population worth these n.

        Cochran (1977), *Sampling Techniques*, 3rd ed., sections 4.4 and 4.6: (N−n)/(N−1) for a
        share, (N−n)/N for a mean.
        """
        if math.isinf(self.population):
            return n / self.deff
        others = max(self.population - 1, 1) if self.kind == "share" else self.population
        remaining = (self.population - n) / others
        return n / (self.deff * remaining) if remaining > 0 else math.inf

    def _quantile(self, n: float) -> float:
        if self.interval == "normal":
            return normal_quantile(self.confidence)
        from scipy.special import stdtrit

        return float(stdtrit(n - 1, (1 + self.confidence) / 2)) if n > 1 else math.inf


def sample_size(
    half_width: npt.ArrayLike,
    *,
    kind: Kind = "share",
    share: npt.ArrayLike = 50.0,
    sd: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    deff: npt.ArrayLike = 1.0,
    population: npt.ArrayLike | None = None,
    response_rate: npt.ArrayLike = 100.0,
    working_rate: npt.ArrayLike = 100.0,
    eligibility_rate: npt.ArrayLike = 100.0,
    interval: Interval = "normal",
) -> Tidy:
    """Interviews for a wanted half-width, and the telephone numbers to dial for them.

    Any of the numbers may be a list: one row for each, lists side by side.

    Args:
        half_width: half the length of the wanted interval, in points (percentage points for a
            share, the unit of the item for a mean).
        kind: ``share`` or ``mean`` (a 0-100 score is a mean).
        share: expected share in percent; 50 needs the most.
        sd: standard deviation of the item, for a mean.
        confidence: level of the interval.
        deff: design effect: variance of this design over that of a simple random sample.
        population: persons in the area; None = so many that it does not matter.
        response_rate: percent of eligible numbers that end in an interview.
        working_rate: percent of drawn numbers that work.
        eligibility_rate: percent of working numbers that belong to an eligible person.
        interval: ``normal``; for a share ``wilson`` (Wilson 1927, JASA 22) or ``exact``
            (Clopper & Pearson 1934, Biometrika 26, at the effective sample size, as Korn &
            Graubard 1998 do), which hold near 0 and 100; for a mean ``t``.

    Returns:
        kind, share or sd, wanted, confidence, interval, deff, population, completes (the fewest
        that will do), half_width (what they give), n_effective, numbers (to dial).

    Raises:
        MeasureError: ``bad-number``, ``unknown-option``, ``rate-not-percent``,
            ``degenerate-share``, ``out-of-reach``.
    """
    wishes, wanted = _wishes(half_width, kind, share, sd, confidence, deff, population, interval)
    completes = np.array([_fewest(w, float(d)) for w, d in zip(wishes, wanted, strict=True)])
    dial = numbers_to_dial(
        completes,
        response_rate=response_rate,
        working_rate=working_rate,
        eligibility_rate=eligibility_rate,
    )
    rows = np.broadcast(completes, dial).size
    if rows > len(completes):
        wishes, wanted = wishes * rows, np.repeat(wanted, rows)
        completes = np.repeat(completes, rows)
    return _table(wishes, completes, {"wanted": wanted}, {"numbers": dial})


def precision(
    n: npt.ArrayLike,
    *,
    kind: Kind = "share",
    share: npt.ArrayLike = 50.0,
    sd: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    deff: npt.ArrayLike = 1.0,
    population: npt.ArrayLike | None = None,
    interval: Interval = "normal",
) -> Tidy:
    """The half-width that n interviews give; the other way round from :func:`sample_size`.

    Args:
        n: number of interviews; the rest as in :func:`sample_size`.

    Returns:
        kind, share or sd, confidence, interval, deff, population, completes, half_width,
        n_effective.

    Raises:
        MeasureError: as :func:`sample_size`; ``sample-exceeds-population``.
    """
    wishes, sizes = _wishes(n, kind, share, sd, confidence, deff, population, interval, name="n")
    for wish, size in zip(wishes, sizes, strict=True):
        numbers(size, "n", low=2 if interval == "t" else 0, above=interval != "t")
        if size > wish.population:
            raise MeasureError(
                "sample-exceeds-population",
                f"{size:g} interviews are more than the {wish.population:g} people there are",
                f"访问量 {size:g} 超过总体人数 {wish.population:g}",
                place="n",
            )
    return _table(wishes, sizes, {}, {})


def numbers_to_dial(
    completes: npt.ArrayLike,
    *,
    response_rate: npt.ArrayLike = 100.0,
    working_rate: npt.ArrayLike = 100.0,
    eligibility_rate: npt.ArrayLike = 100.0,
) -> IntArray:
    """Telephone numbers to draw so that ``completes`` interviews are expected, rounded up.

    Args:
        completes: interviews wanted; the rates, in percent, as in :func:`sample_size`. With
            the response rate RR3 of an earlier round, ``working_rate`` and
            ``eligibility_rate`` are those of the numbers drawn then.

    Raises:
        MeasureError: ``bad-number``, ``rate-not-percent``.
    """
    wanted, response, working, eligible = broadcast(
        numbers(completes, "completes", low=0),
        percent_rate(response_rate, "response_rate"),
        percent_rate(working_rate, "working_rate"),
        percent_rate(eligibility_rate, "eligibility_rate"),
    )
    # A hair less than the quotient, so that 300 at 30 % asks for 1000 numbers and not for 1001.
    quotient = wanted * 1e6 / (response * working * eligible)
    dial: IntArray = np.ceil(quotient * (1 - 1e-12)).astype(np.int64)
    return np.atleast_1d(dial)


def design_effect(
    *, weights_cv: float = 0.0, cluster_size: float = 1.0, intraclass: float = 0.0
) -> float:
    """Kish's design effect from unequal weights and clusters: ``(1 + cv²)(1 + (b−1)ρ)``.

    Args:
        weights_cv: coefficient of variation of the weights.
        cluster_size: mean number of interviews per cluster, b.
        intraclass: correlation of two persons of one cluster, ρ.

    Source: Kish (1965), *Survey Sampling*, sections 5.4 and 11.7; Gabler, Häder & Lahiri (1999),
    Survey Methodology 25, for the product.

    Raises:
        MeasureError: ``bad-number``.
    """
    cv = float(numbers(weights_cv, "weights_cv", low=0))
    size = float(numbers(cluster_size, "cluster_size", low=1))
    rho = float(numbers(intraclass, "intraclass", low=-1, high=1))
    return float(numbers((1 + cv**2) * (1 + (size - 1) * rho), "design effect", above=True, low=0))


def fewest(enough: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest whole number in ``low``..``high`` that is enough, all larger ones being so."""
    if not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _fewest(wish: _Wish, wanted: float) -> int:
    limit = int(min(wish.population, LARGEST_SAMPLE))
    least = min(2 if wish.interval == "t" else 1, limit)
    size = fewest(lambda n: wish.half_width(n) <= wanted * (1 + 1e-12), least, limit)
    if size is None:
        raise MeasureError(
            "out-of-reach",
            f"even {limit:,} interviews would not give a half-width of {wanted:g}",
            f"即使访问 {limit:,} 人也达不到 {wanted:g} 的半宽",
            place="half_width",
        )
    return size


def _wishes(
    lead: npt.ArrayLike,
    kind: Kind,
    share: npt.ArrayLike,
    sd: npt.ArrayLike | None,
    confidence: float,
    deff: npt.ArrayLike,
    population: npt.ArrayLike | None,
    interval: Interval,
    name: str = "half_width",
) -> tuple[list[_Wish], FloatArray]:
    chosen(kind, "kind", tuple(_INTERVALS))
    chosen(interval, "interval", _INTERVALS[kind])
    normal_quantile(confidence)
    leading = numbers(lead, name, low=0, above=True)
    effects = numbers(deff, "deff", low=0, above=True)
    people = np.array(math.inf)
    if population is not None:
        people = numbers(population, "population", low=1)
    if kind == "share":
        spread = numbers(share, "share", low=0, high=100)
        _check_degenerate(spread, interval)
    else:
        spread = numbers(sd, "sd", low=0)
    arrays = [np.atleast_1d(a) for a in broadcast(leading, spread, effects, people)]
    wishes = [
        _Wish(kind, float(s), float(d), float(p), confidence, interval)
        for _, s, d, p in zip(*arrays, strict=True)
    ]
    return wishes, arrays[0]


def _check_degenerate(share: FloatArray, interval: Interval) -> None:
    if interval == "normal" and np.any((share == 0) | (share == 100)):
        raise MeasureError(
            "degenerate-share",
            "at a share of 0 or 100 the normal interval has no width whatever n is; use"
            " interval='exact' or 'wilson'",
            "比例为 0 或 100 时正态区间宽度恒为零，请改用 interval='exact' 或 'wilson'",
            place="share",
        )


def _table(
    wishes: list[_Wish],
    sizes: npt.NDArray[np.int64] | FloatArray,
    first: dict[str, FloatArray],
    last: dict[str, IntArray],
) -> Tidy:
    kind = wishes[0].kind
    population = [w.population for w in wishes]
    pairs = list(zip(wishes, sizes, strict=True))
    return Tidy.of(
        {
            "kind": [kind] * len(wishes),
            "share" if kind == "share" else "sd": [w.spread for w in wishes],
            **first,
            "confidence": [w.confidence for w in wishes],
            "interval": [w.interval for w in wishes],
            "deff": [w.deff for w in wishes],
            "population": np.where(np.isinf(population), np.nan, population),
            "completes": counts(sizes),
            "half_width": [w.half_width(float(n)) for w, n in pairs],
            "n_effective": [float(n) / w.deff for w, n in pairs],
            **{name: np.broadcast_to(v, len(wishes)) for name, v in last.items()},
        }
    )


def _wilson(p: float, n: float, confidence: float) -> float:
    z = normal_quantile(confidence)
    return 100 * z / (n + z * z) * math.sqrt(n * p * (1 - p) + z * z / 4)


def _exact(p: float, n: float, confidence: float) -> float:
    from scipy.special import betaincinv

    tail, hits = (1 - confidence) / 2, n * p
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return 50 * (high - low)
