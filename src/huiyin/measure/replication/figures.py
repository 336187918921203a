"""Estimates with replicate variance: Σ over replicates of (θ_r - centre)², scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from huiyin.measure.estimation import composite
from huiyin.measure.estimation.estimate import Areas, LevelFigures
from huiyin.measure.estimation.prepare import By
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import (
    Figures,
    Level,
    in_unit,
    ratio_and_base,
    simple_variance,
)
from huiyin.measure.replication.sources import Columns, Replication, Source, lay_out
from huiyin.measure.statistics import Composite, Statistic

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Replicates that differ from an estimate by less than this part of it are rounding.
ROUNDING = 1e-13


@dataclass
class Deviations:
    """Running sums of the replicates' deviations from the full-sample estimate, by domain."""

    squares: Floats
    weighted: Floats
    plain: Floats
    rscales: Floats
    positive: Floats
    used: Floats

    @classmethod
    def empty(cls, count: int) -> Deviations:
        return cls(*(np.zeros(count) for _ in range(6)))

    def add(self, deviation: Floats, rscales: Floats) -> None:
        """Add replicates: ``deviation`` has shape (domains, replicates)."""
        known = np.isfinite(deviation)
        delta = np.where(known, deviation, 0.0)
        scaled = known * rscales
        self.squares += (delta**2) @ rscales
        self.weighted += delta @ rscales
        self.rscales += scaled.sum(axis=1)
        self.plain += delta @ (rscales > 0)
        self.positive += (scaled > 0).sum(axis=1)
        self.used += known.sum(axis=1)

    def variance(self, laid: Replication) -> Floats:
        """Replicates in which a domain has no weight are left out, the others stand for them."""
        scale, count = laid.source.scale, laid.source.count
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(self.used > 0, count / self.used, np.nan)
            if laid.centre_at_estimate:
                return scale * share * self.squares
            mean = np.where(self.positive > 0, self.plain / self.positive, 0.0)
            centred = self.squares - 2 * mean * self.weighted + mean**2 * self.rscales
            centred[centred < 1e-12 * self.squares] = 0.0
            return scale * share * centred


def replicate_figures(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic | Composite],
    levels: Sequence[By],
) -> LevelFigures:
    """Figures of every statistic and level with replicate variance.

    Of a calibrated design each replicate is calibrated anew, to the same totals (R ``calibrate``,
    ``rake`` and ``postStratify`` of a ``svrepdesign``).

    Raises:
        MeasureError: as in :func:`~huiyin.measure.replication.sources.lay_out`; a replicate cannot
            be calibrated (it is named, counted from 1).
    """
    simple = [s for s in asked if isinstance(s, Statistic)]
    composites = [s for s in asked if isinstance(s, Composite)]
    composite.check_parts(composites, simple)
    laid = lay_out(rows, design, simple, levels)
    deviations = _deviations(laid, simple, composites)
    return [
        (Areas(one.name, one.domains.labels), _figures(one, laid, simple, composites, gathered))
        for one, gathered in zip(laid.laid_out, deviations, strict=True)
    ]


def _deviations(
    laid: Replication, simple: Sequence[Statistic], composites: Sequence[Composite]
) -> list[dict[str, Deviations]]:
    """Go through the replicates in runs, and gather each level's deviations."""
    asked = (simple, composites)
    names = [*(s.name for s in simple), *(c.name for c in composites)]
    result = [{name: Deviations.empty(one.count) for name in names} for one in laid.laid_out]
    centres = [_estimates(one, laid.found, asked) for one in laid.laid_out]
    for rscales, sums in laid.runs():
        for by_domain, centre, gathered in zip(sums, centres, result, strict=True):
            for name, theta in _thetas(by_domain, laid.columns, asked).items():
                gathered[name].add(theta - centre[name][:, None], rscales)
    return result


def contrast_variances(
    laid: Replication, statistics: Sequence[Statistic], first: Ints, second: Ints
) -> dict[str, Floats]:
    """Variance of the second domain less the first, by statistic, in the printed unit squared.

    Args:
        laid: one level.
        statistics: those laid out.
        first, second: shape (contrasts,), domains of that level; -1 gives NaN.
    """
    (one,) = laid.laid_out
    centres = _estimates(one, laid.found, (statistics, []))
    gathered = {s.name: Deviations.empty(len(first)) for s in statistics}
    for rscales, (by_domain,) in laid.runs():
        for name, theta in _thetas(by_domain, laid.columns, (statistics, [])).items():
            deviation = theta - centres[name][:, None]
            gathered[name].add(deviation[second] - deviation[first], rscales)
    result = {}
    for name, deviations in gathered.items():
        sizes = np.abs(centres[name][first]) + np.abs(centres[name][second])
        variance = deviations.variance(laid)
        variance = np.where(variance < (ROUNDING * sizes) ** 2, 0.0, variance)
        result[name] = np.where((first >= 0) & (second >= 0), variance, np.nan)
    return result


def _thetas(
    by_domain: Floats, columns: Columns, asked: tuple[Sequence[Statistic], Sequence[Composite]]
) -> dict[str, Floats]:
    thetas: dict[str, Floats] = {}
    for i, s in enumerate(asked[0]):
        below = columns.denominator[i]
        top = by_domain[:, columns.numerator[i]]
        if below is None:
            thetas[s.name] = top * s.unit
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            thetas[s.name] = top / by_domain[:, below] * s.unit
    for one in asked[1]:
        thetas[one.name] = composite.weighted_sum(one, thetas)
    return thetas


def _estimates(
    one: Level, found: Scan, asked: tuple[Sequence[Statistic], Sequence[Composite]]
) -> dict[str, Floats]:
    values: dict[str, Floats] = {}
    for s in asked[0]:
        moments = found.moments[s.name]
        if s.kind == "total":
            values[s.name] = one.by_domain(moments.a)
        else:
            ratio = ratio_and_base(moments, one, is_total=False)[0] + moments.shift
            values[s.name] = ratio * s.unit
    for c in asked[1]:
        values[c.name] = composite.weighted_sum(c, values)
    return values


def _figures(
    one: Level,
    laid: Replication,
    simple: Sequence[Statistic],
    composites: Sequence[Composite],
    deviations: dict[str, Deviations],
) -> dict[str, Figures]:
    found = laid.found
    centres = _estimates(one, found, (simple, composites))
    result: dict[str, Figures] = {}
    for s in simple:
        variance = deviations[s.name].variance(laid)
        result[s.name] = _with_variance(one, found, s, variance, centres[s.name], laid.source)
    for c in composites:
        parts = [result[name] for name, _ in c.parts]
        variance = deviations[c.name].variance(laid)
        least = parts[int(np.argmin([part.n.sum() for part in parts]))]
        result[c.name] = Figures(
            least.n, least.weight, centres[c.name], variance, least.df,
            np.full(one.count, np.nan), least.n_kish,
        )  # fmt: skip
    return result


def _with_variance(
    one: Level, found: Scan, s: Statistic, variance: Floats, estimate: Floats, source: Source
) -> Figures:
    moments = found.moments[s.name]
    is_total = s.kind == "total"
    n, weight = one.by_domain(moments.n), one.by_domain(moments.w)
    linear = ratio_and_base(moments, one, is_total=is_total)
    simple = simple_variance(moments, one, linear, n, is_total=is_total)
    squares = one.by_domain(moments.ww)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(simple > 0, variance / s.unit**2 / simple, np.nan)
        kish = np.where(squares > 0, weight**2 / squares, np.nan)
    known = (n > 0) & np.isfinite(estimate)
    variance = np.where(variance < (ROUNDING * estimate) ** 2, 0.0, variance)
    return in_unit(
        Figures(
            n,
            weight,
            np.where(known, estimate / s.unit, np.nan),
            np.where(known, variance / s.unit**2, np.nan),
            source.df(one, moments),
            deff,
            kish,
        ),
        s.unit,
    )
