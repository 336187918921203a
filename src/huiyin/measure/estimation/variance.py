"""Taylor-linearised variance of every domain of a level at once.

A statistic is R = A/B (a total has B fixed at 1). Its linearised value is z = w(a - R b)/B inside
the domain and 0 outside; the ultimate-cluster variance is
Σ_h (1-f_h) n_h/(n_h-1) Σ_c (z_hc - z̄_h)², with all PSUs of the stratum in n_h (METHODS section 3;
R ``survey:::svyrecvar``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from huiyin.measure.estimation import calibrated
from huiyin.measure.estimation.calibrated import Residuals
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.keys import Ints, Key, pairs, tally
from huiyin.measure.estimation.scan import Moments

Floats = npt.NDArray[np.float64]

#: A centred sum of squares below this part of its terms is rounding, not variance.
ROUNDING = 1e-12
#: A difference of two sums below this part of them is rounding: a constant ratio has no error.
DIGITS = 1e-13


@dataclass(frozen=True)
class Level:
    """The domains of one level over the cells of a scan.

    Attributes:
        name: of the level.
        domains: their key; cells outside every domain have index -1.
        inside: cells that lie in a domain, as indices.
        pair: index of (stratum, domain) per inside cell; ``pair_stratum`` and ``pair_domain``
            say which. Sums over strata only ever visit pairs that occur.
        unit: index of (PSU, domain) per inside cell, with ``unit_pair`` the pair it lies in;
            None without clusters. Where each inside cell is a unit by itself, both follow the
            cells' own order and nothing need be summed.
        single: each inside cell is a unit by itself.
    """

    name: str
    domains: Key
    inside: Ints
    domain: Ints
    pair: Ints
    pair_stratum: Ints
    pair_domain: Ints
    unit: Ints | None
    unit_pair: Ints | None
    single: bool = False
    _kept: dict[tuple[str, int], tuple[Floats, Floats]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def count(self) -> int:
        return self.domains.count

    def by_domain(self, values: Floats) -> Floats:
        """Sum a cell array over each domain."""
        return tally(self.domain, values[self.inside], self.count)

    def summed(self, values: Floats) -> Floats:
        """As :meth:`by_domain`, for a column of a scan: items share columns, which are kept."""
        return self.kept("domain", values, self.by_domain)

    def kept(self, what: str, values: Floats, make: Callable[[Floats], Floats]) -> Floats:
        """What ``make`` says of a column of a scan, made once."""
        found = self._kept.get((what, id(values)))
        if found is None:  # the column is kept beside it, so that its id is not given anew
            found = self._kept[what, id(values)] = (values, make(values))
        return found[1]

    def by_pair(self, values: Floats) -> Floats:
        """Sum an array over inside cells by (stratum, domain)."""
        return tally(self.pair, values, len(self.pair_domain))


def level(name: str, domains: Key, strata: Strata) -> Level:
    """Lay out the domains of one level."""
    inside = np.flatnonzero(domains.index >= 0)
    domain = domains.index[inside]
    pair, pair_stratum, pair_domain = pairs(strata.of_cell[inside], domain, domains.count)
    unit = unit_pair = None
    single = False
    if strata.psu_of_cell is not None:
        unit, _, _ = pairs(strata.psu_of_cell[inside], domain, domains.count)
        unit_pair = np.zeros(int(unit.max(initial=-1)) + 1, np.int64)
        unit_pair[unit] = pair
        single = len(unit_pair) == len(inside)
        if single:
            unit, unit_pair = np.arange(len(inside)), pair
    return Level(
        name, domains, inside, domain, pair, pair_stratum, pair_domain, unit, unit_pair, single
    )


@dataclass(frozen=True)
class Figures:
    """Estimates of one statistic in every domain of a level, each of shape (domains,).

    Attributes:
        n: rows that answered.
        weight: their sum of weights.
        estimate: NaN where nobody answered or the denominator is zero.
        variance: of the estimate.
        df: PSUs less strata, counting those with answers in the domain.
        deff: variance over that of simple random sampling with replacement of the same n.
        n_kish: (Σw)²/Σw².
    """

    n: Floats
    weight: Floats
    estimate: Floats
    variance: Floats
    df: Floats
    deff: Floats
    n_kish: Floats


@dataclass(frozen=True)
class Linear:
    """A linearised statistic, z = (w a - ratio w b) / base.

    Attributes:
        ratio, base: of each cell inside the level, shape (inside cells,). Cells of one domain
            share them, except in a contrast, where the sides differ in sign.
    """

    ratio: Floats
    base: Floats

    @classmethod
    def of_domains(cls, ratio: Floats, base: Floats, level: Level) -> Linear:
        """Ratio and base given per domain."""
        return cls(ratio[level.domain], base[level.domain])


def ratio_and_base(moments: Moments, level: Level, *, is_total: bool) -> tuple[Floats, Floats]:
    """A/B and B of each domain, NaN where B is zero; 0 and 1 for a total."""
    if is_total:
        return np.zeros(level.count), np.ones(level.count)
    a, b = level.summed(moments.a), level.summed(moments.b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b != 0, a / b, np.nan), np.where(b != 0, b, np.nan)


def variance_of(
    moments: Moments, level: Level, strata: Strata, linear: Linear, over: Residuals | None = None
) -> Floats:
    """Variance of a linearised statistic in each domain, with residuals if calibrated."""
    if over is None:
        answered = level.kept("pair", moments.n, lambda n: level.by_pair(n[level.inside])) > 0
        return combine(*pair_sums(moments, level, linear), level, strata, answered)
    return calibrated.variance(moments, level, linear, over)


def figures(
    moments: Moments,
    level: Level,
    strata: Strata,
    over: Residuals | None = None,
    *,
    is_total: bool,
) -> Figures:
    """Estimate one statistic, with its variance, in every domain of a level.

    Args:
        moments: sums of the statistic by cell.
        level: its domains.
        strata: of the sample.
        over: the calibration, if the weights are calibrated.
        is_total: the statistic has no denominator.
    """
    ratio, base = ratio_and_base(moments, level, is_total=is_total)
    n = level.summed(moments.n)
    answered = n > 0
    linear = Linear.of_domains(ratio, base, level)
    variance = variance_of(moments, level, strata, linear, over)
    estimate = level.summed(moments.a) if is_total else ratio
    simple = simple_variance(moments, level, (ratio, base), n, is_total=is_total)
    weight, squares = level.summed(moments.w), level.summed(moments.ww)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(simple > 0, variance / simple, np.nan)
        kish = np.where(squares > 0, weight**2 / squares, np.nan)
    known = answered & np.isfinite(estimate)
    return Figures(
        n,
        weight,
        np.where(known, estimate + (0.0 if is_total else moments.shift), np.nan),
        np.where(known, variance, np.nan),
        degrees_of_freedom(moments, level),
        np.where(known, deff, np.nan),
        kish,
    )


def pair_sums(moments: Moments, level: Level, linear: Linear) -> tuple[Floats, Floats]:
    """Σz and Σz² over the PSUs of each (stratum, domain).

    With clusters z is formed per PSU before it is squared, so no digit is lost by cancellation.
    """
    ratio, base = linear.ratio, linear.base
    a, expected = moments.a[level.inside], ratio * moments.b[level.inside]
    with np.errstate(invalid="ignore"):
        z = a - expected
        size = np.abs(expected, out=expected)
        size += np.abs(a, out=a)
        size *= DIGITS
        z[np.abs(z) < size] = 0.0
        z /= base
    if level.unit is not None and level.unit_pair is not None:
        by_unit = z if level.single else tally(level.unit, z, len(level.unit_pair))
        pairs_count = len(level.pair_domain)
        return (
            tally(level.unit_pair, by_unit, pairs_count),
            tally(level.unit_pair, by_unit**2, pairs_count),
        )
    aa, ab, bb = (m[level.inside] for m in (moments.aa, moments.ab, moments.bb))
    with np.errstate(invalid="ignore"):
        squares = aa - 2 * ratio * ab + ratio**2 * bb
        terms = np.abs(aa) + 2 * np.abs(ratio * ab) + ratio**2 * np.abs(bb)
    squares[squares < ROUNDING * terms] = 0.0
    return level.by_pair(z), level.by_pair(squares / base**2)


def combine(
    first: Floats,
    second: Floats,
    level: Level,
    strata: Strata,
    answered: npt.NDArray[np.bool_],
) -> Floats:
    """Variance of each domain from Σz and Σz² by (stratum, domain).

    Args:
        answered: pairs in which anybody answered: the others have no part in the average that
            stands for strata with one PSU.
    """
    h, d = level.pair_stratum, level.pair_domain
    centred = second - strata.centring[h] * first**2 / strata.psus[h]
    centred[centred < ROUNDING * second] = 0.0
    variance = tally(d, strata.scale[h] * centred, level.count)
    if np.any(strata.averaged):
        present = tally(d, answered, level.count)
        usable = tally(d, answered & ~strata.averaged[h], level.count)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = variance * np.where(usable > 0, present / usable, np.nan)
    return variance


def degrees_of_freedom(moments: Moments, level: Level) -> Floats:
    """PSUs less strata among the rows of the domain that answered (R ``degf`` of the subset)."""
    return level.kept("df", moments.n, lambda n: _psus_less_strata(n[level.inside], level))


def _psus_less_strata(n: Floats, level: Level) -> Floats:
    by_pair = level.by_pair(n)
    strata_count = tally(level.pair_domain, by_pair > 0, level.count)
    if level.unit is None or level.unit_pair is None:
        psus = tally(level.pair_domain, by_pair, level.count)
    else:
        answered = tally(level.unit, n, len(level.unit_pair)) > 0
        psus = tally(level.pair_domain[level.unit_pair], answered, level.count)
    return psus - strata_count


def simple_variance(
    moments: Moments,
    level: Level,
    ratio_base: tuple[Floats, Floats],
    n: Floats,
    *,
    is_total: bool,
) -> Floats:
    """Variance of the same estimate under simple random sampling with replacement of n rows.

    R: ``svymean(deff = "replace")`` and ``svytotal(deff = "replace")``.
    """
    aa, ab, bb = (level.summed(q) for q in (moments.qaa, moments.qab, moments.qbb))
    w = level.summed(moments.w)
    ratio, base = ratio_base
    if is_total:
        a = level.summed(moments.a)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = aa / w - (a / w) ** 2
            spread = np.where(spread < ROUNDING * aa / w, 0.0, spread)
            return np.where(n > 1, spread * w**2 / (n - 1), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = aa - 2 * ratio * ab + ratio**2 * bb
        residual[residual < ROUNDING * np.abs(aa)] = 0.0
        mean_base = base / w
        return np.where(n > 1, residual / w / mean_base**2 / (n - 1), np.nan)


def in_unit(found: Figures, unit: float) -> Figures:
    """The figures with estimate and variance in the unit they are printed in."""
    if unit == 1.0:
        return found
    return Figures(
        found.n,
        found.weight,
        found.estimate * unit,
        found.variance * unit**2,
        found.df,
        found.deff,
        found.n_kish,
    )
