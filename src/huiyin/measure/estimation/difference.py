"""Differences between two groups or two rounds, with whatever they share; the annual figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import composite
from huiyin.measure.estimation.calibrated import Residuals
from huiyin.measure.estimation.estimate import listed
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.intervals import check_confidence, mean_interval, share_interval
from huiyin.measure.estimation.keys import Key, key, label
from huiyin.measure.estimation.prepare import (
    By,
    calibrated_over,
    columns_of,
    levels_of,
    linearised_only,
    name_of,
    prepare,
    respondents,
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
from huiyin.measure.multiplicity import check_adjustment
from huiyin.measure.statistics import Composite, Statistic
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]


def difference(
    table: Any,
    design: SurveyDesign,
    statistics: Statistic | Sequence[Statistic],
    between: str,
    groups: tuple[Any, Any],
    by: str | Sequence[By] | None = None,
    *,
    adjust: Literal["holm", "bh", "none"] = "holm",
    confidence: float = 0.95,
) -> Tidy:
    """Second group less first group in every domain, with their covariance.

    Rounds go into one table with a column that names the round; where clusters or people take
    part in both, their covariance enters through the PSU they share.

    Args:
        table: respondents of both groups.
        design: of the table as a whole; with replicates the variance is theirs.
        statistics: what to compare; a composite through a column of its own scores.
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
        MeasureError: a column or group is absent, both groups are the same, a composite is asked
            for, confidence is not between 0 and 1.
    """
    check_adjustment(adjust)
    check_confidence(confidence)
    asked = _simple(statistics)
    if label(groups[0]) == label(groups[1]):
        raise _same_group(label(groups[0]))
    levels = levels_of(by)
    rows = respondents(table, design, [*levels, [between]])
    blocks = []
    for one in levels:
        compared = _compared(rows, design, asked, one, (between, groups))
        blocks += [_contrast(s, compared, (adjust, confidence)) for s in asked]
    names = tuple(blocks[0])
    return Tidy.of({name: np.concatenate([b[name] for b in blocks]) for name in names})


def _simple(statistics: Statistic | Sequence[Statistic]) -> list[Statistic]:
    asked = listed(statistics)
    if composites := [s.name for s in asked if not isinstance(s, Statistic)]:
        raise MeasureError(
            "composite-not-here",
            f"differences are of single statistics, not of composites: {', '.join(composites)};"
            " compare their parts, or estimate each round and use hm.changes",
            f"此处只比较单项指标，不比较综合指标：{'、'.join(composites)}；"
            "请比较各组成指标，或分轮估计后用 hm.changes",
            place="difference",
        )
    return [s for s in asked if isinstance(s, Statistic)]


def _same_group(name: str) -> MeasureError:
    return MeasureError(
        "same-group",
        f"both groups are {name!r}; name two different ones",
        f"两组都是 {name!r}，请给出两个不同的组",
        place="groups",
    )


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


def _inside(areas: Key, sides: npt.NDArray[np.int64]) -> Key:
    return Key(np.where(sides != 0, areas.index, -1), areas.labels)


@dataclass(frozen=True)
class _Compared:
    """Two groups in the areas of one level.

    Attributes:
        found: sums of both groups.
        joint: domains of area and group; ``level`` the areas, over the cells of both groups.
        first, second: shape (areas,), the domain of ``joint`` on either side, -1 for none.
        variance: of the difference, by statistic, in the printed unit squared.
        df: degrees of freedom, by statistic.
    """

    found: Scan
    joint: Level
    level: Level
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    variance: Mapping[str, Floats]
    df: Mapping[str, Floats]


def _compared(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic],
    by: By,
    between: tuple[str, tuple[Any, Any]],
) -> _Compared:
    crossed = list(dict.fromkeys([*columns_of(by), between[0]]))
    if design.replicates is not None:
        return _replicated(rows, design, asked, by, crossed, between)
    found, (joint,), strata = prepare(rows, design, asked, [crossed])
    over = calibrated_over(design, found, strata)
    sides = _sides(found, *between)
    level = lay_out(name_of(by), _inside(key(found.keys, columns_of(by)), sides), strata)
    variance, df = {}, {}
    for s in asked:
        linear = _signed(found, joint, level, s, sides)
        of_unit = variance_of(found.moments[s.name], level, strata, linear, over)
        variance[s.name] = of_unit * s.unit**2
        df[s.name] = degrees_of_freedom(found.moments[s.name], level)
    return _Compared(found, joint, level, *_pairs(joint, level, sides), variance, df)


def _signed(
    found: Scan, joint: Level, level: Level, s: Statistic, sides: npt.NDArray[np.int64]
) -> Linear:
    ratio, base = ratio_and_base(found.moments[s.name], joint, is_total=s.kind == "total")
    of_cell = joint.domains.index[level.inside]
    return Linear(ratio[of_cell], sides[level.inside] * base[of_cell])


def _replicated(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic],
    by: By,
    crossed: list[str],
    between: tuple[str, tuple[Any, Any]],
) -> _Compared:
    """As :func:`_compared`, with the variance of the replicates' differences."""
    from huiyin.measure.replication.figures import contrast_variances
    from huiyin.measure.replication.sources import lay_out as replicated

    laid = replicated(rows, design, asked, [crossed])
    sides = _sides(laid.found, *between)
    areas = key(laid.found.keys, columns_of(by))
    level = lay_out(name_of(by), _inside(areas, sides), laid.strata)
    first, second = _pairs(laid.laid_out[0], level, sides)
    variance = contrast_variances(laid, asked, first, second)
    df = {s.name: laid.source.df(level, laid.found.moments[s.name]) for s in asked}
    return _Compared(laid.found, laid.laid_out[0], level, first, second, variance, df)


def _pairs(
    joint: Level, level: Level, sides: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The domain of ``joint`` that each area has on the first and on the second side."""
    of_cell, sign = joint.domains.index[level.inside], sides[level.inside]
    first, second = (np.full(level.count, -1, np.int64) for _ in range(2))
    first[level.domain[sign < 0]] = of_cell[sign < 0]
    second[level.domain[sign > 0]] = of_cell[sign > 0]
    return first, second


def _contrast(
    statistic: Statistic,
    compared: _Compared,
    rule: tuple[Literal["holm", "bh", "none"], float],
) -> dict[str, npt.NDArray[Any]]:
    joint, level = compared.joint, compared.level
    moments = compared.found.moments[statistic.name]
    is_total = statistic.kind == "total"
    ratio, _ = ratio_and_base(moments, joint, is_total=is_total)
    estimate = joint.by_domain(moments.a) if is_total else ratio + moments.shift
    printed = np.append(estimate * statistic.unit, np.nan)  # a side that is not there is last
    first, second = printed[compared.first], printed[compared.second]
    se = np.sqrt(compared.variance[statistic.name])
    return {
        "indicator": np.full(level.count, statistic.name, object),
        "level": np.full(level.count, level.name, object),
        "area": level.domains.labels,
        "first": first,
        "second": second,
        **_tested(second - first, se, compared.df[statistic.name], rule),
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
    by: str | Sequence[By] | None = None,
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
            half only has that half's figure when pooled, and none when ``mean``. A total is the
            mean of the halves' totals either way.
        method: see above.
        confidence: of the intervals.

    Returns:
        Columns indicator, level, area, n, sum_of_weights, estimate, se, ci_low, ci_high, df,
        halves (how many the domain is in).

    Raises:
        MeasureError: no halves, an unknown method, replicate weights, or a composite that cannot
            be pooled.
    """
    check_confidence(confidence)
    if method not in ("pooled", "mean") or not halves:
        raise MeasureError(
            "unknown-option",
            "give at least one half, and method pooled or mean",
            "请至少给出一个半年，method 取 pooled 或 mean",
            place="annual",
        )
    asked = listed(statistics)
    levels = levels_of(by)
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
    linearised_only(design)
    rows, scores = composite.with_scores(respondents(table, design, levels), composites, simple)
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
    levels = [laid_out[at] for _, laid_out, _, _ in halves]
    labels = list(dict.fromkeys(str(one) for level in levels for one in level.domains.labels))
    where = {one: i for i, one in enumerate(labels)}
    places = [np.array([where[one] for one in level.domains.labels], np.int64) for level in levels]
    shift = halves[0][0].moments[statistic.name].shift
    moments = [_rebased(one[0], statistic.name, shift) for one in halves]
    sums = {name: np.zeros((len(halves), len(labels))) for name in ("n", "w", "ww", "a", "b")}
    for i, level in enumerate(levels):
        for name, values in sums.items():
            values[i, places[i]] = level.by_domain(getattr(moments[i], name))
    is_total = isinstance(statistic, Statistic) and statistic.kind == "total"
    estimate, ratio, base = _yearly(sums, method, is_total=is_total)
    variance, df = np.zeros(len(labels)), np.zeros(len(labels))
    for i, (one, level, here) in enumerate(zip(halves, levels, places, strict=True)):
        linear = Linear.of_domains(ratio[i, here], base[i, here], level)
        own = variance_of(moments[i], level, one[2], linear, one[3])
        variance[here] += np.where(sums["n"][i, here] > 0, own, 0.0)
        df[here] += degrees_of_freedom(moments[i], level)
    figures = (estimate + (0.0 if is_total else shift), variance, df)
    return _year_rows(statistic, (levels[0].name, labels), sums, figures, (method, confidence))


def _yearly(
    sums: Mapping[str, Floats], method: str, *, is_total: bool
) -> tuple[Floats, Floats, Floats]:
    """Estimate of each area, and ratio and base of its linearised value in each half."""
    a, b, answered = sums["a"], sums["b"], sums["n"] > 0
    halves = len(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        if is_total:
            pooled = method == "pooled"
            count = answered.sum(axis=0) if pooled else np.full(a.shape[1], halves)
            known = answered.any(axis=0) if pooled else answered.all(axis=0)
            estimate = np.where(known, a.sum(axis=0) / count, np.nan)
            return estimate, np.zeros(a.shape), np.broadcast_to(count, a.shape)
        own = np.where(b != 0, a / b, np.nan)
        if method == "mean":
            return own.mean(axis=0), own, b * halves
        whole = b.sum(axis=0)
        ratio = np.where(whole != 0, a.sum(axis=0) / whole, np.nan)
        return ratio, np.broadcast_to(ratio, a.shape), np.broadcast_to(whole, a.shape)


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
    place: tuple[str, list[str]],
    sums: Mapping[str, Floats],
    figures: tuple[Floats, Floats, Floats],
    rule: tuple[str, float],
) -> dict[str, npt.NDArray[Any]]:
    level, labels = place
    method, confidence = rule
    n, weight = sums["n"].sum(axis=0), sums["w"].sum(axis=0)
    unit = statistic.unit if isinstance(statistic, Statistic) else 1.0
    estimate, se, df = figures[0] * unit, np.sqrt(figures[1]) * unit, figures[2]
    if isinstance(statistic, Statistic) and statistic.kind == "share":
        kish = _kish(sums, method)
        low, high = share_interval(estimate / 100, se / 100, n, kish, df, confidence)
        low, high = low * 100, high * 100
    else:
        low, high = mean_interval(estimate, se, df, confidence)
    return {
        "indicator": np.full(len(labels), statistic.name, object),
        "level": np.full(len(labels), level, object),
        "area": np.array(labels, object),
        "n": n.astype(np.int64),
        "sum_of_weights": weight,
        "estimate": estimate,
        "se": np.where(np.isfinite(estimate), se, np.nan),
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "halves": (sums["n"] > 0).sum(axis=0),
    }


def _kish(sums: Mapping[str, Floats], method: str) -> Floats:
    """Respondents of equal weight that would know as much: (Σw)²/Σw², or that of a plain mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "pooled":
            return np.asarray(sums["w"].sum(axis=0) ** 2 / sums["ww"].sum(axis=0))
        parts = sums["ww"] / sums["w"] ** 2
        return np.asarray(len(parts) ** 2 / parts.sum(axis=0))
