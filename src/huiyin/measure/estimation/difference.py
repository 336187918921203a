"""Differences between two groups or two rounds, with whatever they share; the annual figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import composite
from huiyin.measure.estimation.calibrated import Residuals
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.intervals import mean_interval, share_interval
from huiyin.measure.estimation.keys import Key, label
from huiyin.measure.estimation.prepare import (
    ALL,
    By,
    calibrated_over,
    columns_of,
    name_of,
    prepare,
)
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import (
    Level,
    Linear,
    degrees_of_freedom,
    ratio_and_base,
    variance_of,
)
from huiyin.measure.estimation.variance import level as lay_out
from huiyin.measure.multiplicity import adjust as adjusted
from huiyin.measure.reading import as_ibis
from huiyin.measure.statistics import Composite, Statistic
from huiyin.measure.tidy import Tidy
from huiyin.measure.weights import with_weight

if TYPE_CHECKING:
    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]


def difference(
    table: Any,
    design: SurveyDesign,
    statistics: Statistic | Sequence[Statistic],
    between: str,
    groups: tuple[Any, Any],
    by: Sequence[By] | None = None,
    *,
    adjust: Literal["holm", "bh", "none"] = "holm",
    confidence: float = 0.95,
) -> Tidy:
    """Second group less first group in every domain, with their covariance.

    Rounds go into one table with a column that names the round; where clusters or people take
    part in both, their covariance enters through the PSU they share.

    Args:
        table: respondents of both groups.
        design: of the table as a whole.
        statistics: what to compare.
        between: the column that names the group.
        groups: (first, second) value of that column.
        by: levels, as in :func:`~huiyin.measure.estimation.estimate.estimate`.
        adjust: control of the verdicts over the areas of each level and statistic.
        confidence: of each interval by itself; 1 - confidence is the level of the verdicts.

    Returns:
        Columns indicator, level, area, first, second, change, se, ci_low, ci_high, df, p,
        p_adjusted, verdict (``up``, ``down``, ``not distinguishable``; null where no difference
        can be tested).

    Raises:
        MeasureError: a column or group is absent; replicate weights are asked for.
    """
    asked = [statistics] if isinstance(statistics, Statistic) else list(statistics)
    if design.replicates is not None:
        raise MeasureError(
            "replicates-not-here",
            "differences are linearised; leave the replicates out of the design",
            "差值采用线性化方差，请从设计中去掉重复权数",
            place="replicates",
        )
    rows = with_weight(as_ibis(table), design)
    blocks = []
    for one in [ALL] if by is None else by:
        crossed = [*columns_of(one), between]
        found, (joint,), strata = prepare(rows, design, asked, [crossed])
        over = calibrated_over(design, found, strata)
        sides = _sides(found, between, groups)
        areas = _areas(found, one)
        level = lay_out(name_of(one), _inside(areas, sides), strata)
        for statistic in asked:
            pieces = (found, joint, level, strata)
            blocks.append(_contrast(statistic, pieces, sides, over, (adjust, confidence)))
    names = tuple(blocks[0])
    return Tidy.of({name: np.concatenate([b[name] for b in blocks]) for name in names})


def _sides(found: Scan, between: str, groups: tuple[Any, Any]) -> npt.NDArray[np.int64]:
    """-1 in the first group, 1 in the second, 0 in neither."""
    values = np.array([label(v) for v in found.keys[between].to_pylist()], object)
    first, second = (values == label(group) for group in groups)
    for group, here in zip(groups, (first, second), strict=True):
        if not np.any(here):
            raise MeasureError(
                "unknown-group",
                f"no row has {between} = {label(group)!r}",
                f"没有任何记录的 {between} 等于 {label(group)!r}",
                place=f"column {between}",
            )
    return second.astype(np.int64) - first.astype(np.int64)


def _areas(found: Scan, by: By) -> Key:
    from huiyin.measure.estimation.keys import key

    return key(found.keys, columns_of(by))


def _inside(areas: Key, sides: npt.NDArray[np.int64]) -> Key:
    return Key(np.where(sides != 0, areas.index, -1), areas.labels)


def _contrast(
    statistic: Statistic,
    pieces: tuple[Scan, Level, Level, Strata],
    sides: npt.NDArray[np.int64],
    over: Residuals | None,
    rule: tuple[Literal["holm", "bh", "none"], float],
) -> dict[str, npt.NDArray[Any]]:
    found, joint, level, strata = pieces
    moments = found.moments[statistic.name]
    is_total = statistic.kind == "total"
    ratio, base = ratio_and_base(moments, joint, is_total=is_total)
    of_cell = joint.domains.index[level.inside]
    sign = sides[level.inside]
    variance = variance_of(
        moments, level, strata, Linear(ratio[of_cell], sign * base[of_cell]), over
    )
    estimate = joint.by_domain(moments.a) if is_total else ratio + moments.shift
    first, second = (np.full(level.count, np.nan) for _ in range(2))
    first[level.domain[sign < 0]] = estimate[of_cell[sign < 0]]
    second[level.domain[sign > 0]] = estimate[of_cell[sign > 0]]
    first, second = first * statistic.unit, second * statistic.unit
    se = np.sqrt(variance) * statistic.unit
    df = degrees_of_freedom(moments, level)
    return {
        "indicator": np.full(level.count, statistic.name, object),
        "level": np.full(level.count, level.name, object),
        "area": level.domains.labels,
        "first": first,
        "second": second,
        **_tested(second - first, se, df, rule),
    }


def _tested(
    change: Floats, se: Floats, df: Floats, rule: tuple[Literal["holm", "bh", "none"], float]
) -> dict[str, npt.NDArray[Any]]:
    from scipy.special import stdtr

    method, confidence = rule
    low, high = mean_interval(change, se, df, confidence)
    usable = (se > 0) & (df >= 1) & np.isfinite(change)
    p = np.full(len(change), np.nan)
    p[usable] = 2 * stdtr(df[usable], -np.abs(change[usable] / se[usable]))
    controlled = np.full(len(change), np.nan)
    controlled[usable] = adjusted(p[usable], method)
    verdict = np.full(len(change), None, object)
    real = controlled <= 1 - confidence
    verdict[usable] = "not distinguishable"
    verdict[real & (change > 0)] = "up"
    verdict[real & (change < 0)] = "down"
    known = np.where(np.isfinite(change), 1.0, np.nan)
    return {
        "change": change, "se": se * known, "ci_low": low, "ci_high": high, "df": df, "p": p,
        "p_adjusted": controlled, "verdict": verdict,
    }  # fmt: skip


def annual(
    halves: Sequence[tuple[Any, SurveyDesign]],
    statistics: Statistic | Composite | Sequence[Statistic | Composite],
    by: Sequence[By] | None = None,
    *,
    method: Literal["pooled", "mean"] = "pooled",
    confidence: float = 0.95,
) -> Tidy:
    """The figure of a year from its halves, which are independent samples.

    ``pooled`` takes all respondents together, so a half with more weight counts more; ``mean`` is
    the plain mean of the halves. Which one was used is in the notes, to be printed.

    Args:
        halves: (respondents, design) of each half; calibrated designs keep their residual
            variance.
        statistics: what to estimate; a composite is pooled only where its parts were answered
            by the same respondents.
        by: levels, as in :func:`~huiyin.measure.estimation.estimate.estimate`. A domain of one
            half only has that half's figure when pooled, and none when ``mean``.
        method: see above.
        confidence: of the intervals.

    Returns:
        Columns indicator, level, area, n, sum_of_weights, estimate, se, ci_low, ci_high, df,
        halves (how many the domain is in).

    Raises:
        MeasureError: no halves, an unknown method, or a composite that cannot be pooled.
    """
    if method not in ("pooled", "mean") or not halves:
        raise MeasureError(
            "unknown-option",
            "give at least one half, and method pooled or mean",
            "请至少给出一个半年，method 取 pooled 或 mean",
            place="annual",
        )
    asked = [statistics] if isinstance(statistics, Statistic | Composite) else list(statistics)
    levels = [ALL] if by is None else list(by)
    scored = [_half(table, design, asked, levels) for table, design in halves]
    names = [s for s in asked if all(s.name in one[0].moments for one in scored)]
    if missing := [s.name for s in asked if s not in names]:
        raise MeasureError(
            "composite-not-pooled",
            f"composites with parts that are no means: {', '.join(missing)}",
            f"综合指标的组成不是均值类指标，无法合并：{'、'.join(missing)}",
            place="annual",
        )
    blocks = [
        _of_year(s, at, scored, method, confidence) for at in range(len(levels)) for s in names
    ]
    return Tidy.of(
        {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]},
        {"method": method},
    )


Half = tuple[Scan, list[Level], Strata, Residuals | None]


def _half(
    table: Any, design: SurveyDesign, asked: Sequence[Statistic | Composite], levels: Sequence[By]
) -> Half:
    simple = [s for s in asked if isinstance(s, Statistic)]
    composites = [s for s in asked if isinstance(s, Composite)]
    composite.check_parts(composites, simple)
    rows, scores = composite.with_scores(with_weight(as_ibis(table), design), composites, simple)
    found, laid_out, strata = prepare(rows, design, [*simple, *scores], levels)
    for one in composites:
        if not composite.rides_along(one, found):
            raise MeasureError(
                "composite-not-pooled",
                "its parts were answered by different respondents; estimate the halves and"
                " compare them, or drop incomplete interviews",
                "其组成指标的作答人群不同；请分别估计两个半年，或剔除未答完的访问",
                place=f"composite {one.name}",
            )
    return found, laid_out, strata, calibrated_over(design, found, strata)


def _of_year(
    statistic: Statistic | Composite,
    at: int,
    halves: Sequence[Half],
    method: str,
    confidence: float,
) -> dict[str, npt.NDArray[Any]]:
    labels = np.array(
        sorted({str(a) for _, laid_out, _, _ in halves for a in laid_out[at].domains.labels}),
        object,
    )
    place = [np.searchsorted(labels, laid_out[at].domains.labels) for _, laid_out, _, _ in halves]
    is_total = isinstance(statistic, Statistic) and statistic.kind == "total"
    shift = halves[0][0].moments[statistic.name].shift
    parts = [_rebased(one[0], statistic.name, shift) for one in halves]
    sums = np.zeros((4, len(labels)))
    ratios = np.full((len(halves), len(labels)), np.nan)
    for i, (one, moments) in enumerate(zip(halves, parts, strict=True)):
        level = one[1][at]
        for row, values in enumerate((moments.n, moments.w, moments.a, moments.b)):
            sums[row, place[i]] += level.by_domain(values)
        ratios[i, place[i]] = (
            level.by_domain(moments.a)
            if is_total
            else ratio_and_base(moments, level, is_total=False)[0]
        )
    n, weight, a, b = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = a / len(halves) if is_total else np.where(b != 0, a / b, np.nan)
    estimate = ratios.mean(axis=0) if method == "mean" else pooled
    variance, df = np.zeros(len(labels)), np.zeros(len(labels))
    for i, (one, moments) in enumerate(zip(halves, parts, strict=True)):
        level, here = one[1][at], place[i]
        if is_total:
            ratio, base = np.zeros(level.count), np.full(level.count, float(len(halves)))
        elif method == "mean":
            ratio, own = ratio_and_base(moments, level, is_total=False)
            base = own * len(halves)
        else:
            ratio, base = pooled[here], b[here]
        linear = Linear.of_domains(ratio, base, level)
        variance[here] += np.nan_to_num(variance_of(moments, level, one[2], linear, one[3]))
        df[here] += degrees_of_freedom(moments, level)
    return _year_rows(
        statistic, halves[0][1][at].name, labels, (n, weight, df, np.isfinite(ratios).sum(axis=0)),
        (estimate + (0.0 if is_total else shift), variance), confidence,
    )  # fmt: skip


def _rebased(found: Scan, name: str, shift: float) -> Any:
    """Moments about a common shift: halves were each centred at their own mean."""
    m = found.moments[name]
    d = m.shift - shift
    if d == 0:
        return m
    return replace(
        m,
        a=m.a + d * m.b,
        aa=m.aa + 2 * d * m.ab + d * d * m.bb,
        ab=m.ab + d * m.bb,
        wwa=m.wwa + d * m.wwb,
        plain=None if m.plain is None else (m.plain[0] + d * m.plain[1], m.plain[1]),
        shift=shift,
    )


def _year_rows(
    statistic: Statistic | Composite,
    level: str,
    labels: npt.NDArray[np.object_],
    counts: tuple[Floats, Floats, Floats, npt.NDArray[np.int64]],
    figures: tuple[Floats, Floats],
    confidence: float,
) -> dict[str, npt.NDArray[Any]]:
    n, weight, df, halves = counts
    unit = statistic.unit if isinstance(statistic, Statistic) else 1.0
    estimate, se = figures[0] * unit, np.sqrt(figures[1]) * unit
    if isinstance(statistic, Statistic) and statistic.kind == "share":
        low, high = share_interval(estimate / 100, se / 100, n, n, df, confidence)
        low, high = low * 100, high * 100
    else:
        low, high = mean_interval(estimate, se, df, confidence)
    return {
        "indicator": np.full(len(labels), statistic.name, object),
        "level": np.full(len(labels), level, object),
        "area": labels,
        "n": n.astype(np.int64),
        "sum_of_weights": weight,
        "estimate": estimate,
        "se": np.where(np.isfinite(estimate), se, np.nan),
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "halves": halves,
    }
