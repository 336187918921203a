"""Weighted sums of statistics, with the covariance of their parts.

Where everybody who answered one part answered them all, a composite is the mean of a score formed
respondent by respondent, and rides in the same scan. Otherwise its linearised value in a domain,
z = Σ_k c_k z_k, is formed on the engine from the parts' estimates, and its variance is that of a
total of z.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import frame
from huiyin.measure.estimation.coding import coded, double
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.prepare import calibrated_over, scan_design
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import Figures, Level, figures, level
from huiyin.measure.statistics import Composite, Statistic

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]

MEAN_LIKE = ("mean", "share", "score")


def check_parts(composites: Sequence[Composite], statistics: Sequence[Statistic]) -> None:
    """Refuse a composite of something that is not estimated beside it.

    Raises:
        MeasureError: a part is not among ``statistics``.
    """
    known = {s.name for s in statistics}
    for one in composites:
        if absent := [part for part, _ in one.parts if part not in known]:
            raise MeasureError(
                "unknown-part",
                f"parts that are not estimated in the same call: {', '.join(absent)}",
                f"组成指标未在同一次计算中给出：{'、'.join(absent)}",
                place=f"composite {one.name}",
            )


def with_scores(
    rows: ibis.Table, composites: Sequence[Composite], statistics: Sequence[Statistic]
) -> tuple[ibis.Table, list[Statistic]]:
    """Add each composite's own score per respondent, where its parts are all means."""
    by_name = {s.name: s for s in statistics}
    added: dict[str, Any] = {}
    scores = []
    for i, one in enumerate(composites):
        parts = [(by_name[name], weight) for name, weight in one.parts]
        if any(part.kind not in MEAN_LIKE for part, _ in parts):
            continue
        column = f"hy_score_{i}"
        added[column] = sum(coded(rows, part).a * (weight * part.unit) for part, weight in parts)
        scores.append(Statistic(one.name, "value", column))
    return (rows.mutate(**added) if added else rows), scores


def rides_along(one: Composite, found: Scan) -> bool:
    """Whether all parts were answered by the same respondents, so that the score is exact."""
    own = found.moments.get(one.name)
    if own is None:
        return False
    answered = own.n.sum()
    return all(found.moments[part].n.sum() == answered for part, _ in one.parts)


def linearised_figures(
    rows: ibis.Table,
    design: SurveyDesign,
    composites: Sequence[Composite],
    statistics: Sequence[Statistic],
    laid_out: tuple[Level, Sequence[str], Scan],
    parts: Mapping[str, Figures],
) -> dict[str, Figures]:
    """Composites at one level through their linearised values: one more scan for all of them.

    Args:
        rows: respondents with their weight.
        design: of the sample.
        composites: those that do not ride along.
        statistics: the parts.
        laid_out: the level, its columns and the scan it was laid out on.
        parts: figures of the parts in that level, by name, in printed units.
    """
    if not composites:
        return {}
    at, columns, found = laid_out
    by_name = {s.name: s for s in statistics}
    linear = _linearised(rows, composites, by_name, laid_out, parts)
    sums = [Statistic(one.name, "value", f"hy_z_{i}") for i, one in enumerate(composites)]
    keys = list(dict.fromkeys(found.keys.column_names))
    second = scan_design(linear, design, sums, keys)
    strata = frame.strata(second, design)
    over = calibrated_over(design, second, strata)
    again = level(at.name, key(second.keys, columns), strata)
    result = {}
    for one in composites:
        of_total = figures(second.moments[one.name], again, strata, over, is_total=True)
        estimate = weighted_sum(one, {name: parts[name].estimate for name, _ in one.parts})
        known = np.isfinite(estimate)
        result[one.name] = replace(
            of_total,
            estimate=estimate,
            variance=np.where(known, of_total.variance, np.nan),
            deff=np.where(known, of_total.deff, np.nan),
        )
    return result


def weighted_sum(one: Composite, parts: Mapping[str, Floats]) -> Floats:
    """The composite of arrays of its parts, NaN where any of them is."""
    return np.sum([c * parts[name] for name, c in one.parts], axis=0, dtype=np.float64)


def _linearised(
    rows: ibis.Table,
    composites: Sequence[Composite],
    by_name: Mapping[str, Statistic],
    laid_out: tuple[Level, Sequence[str], Scan],
    parts: Mapping[str, Figures],
) -> ibis.Table:
    """The respondents with one column z per composite."""
    import ibis

    at, columns, found = laid_out
    used = sorted({name for one in composites for name, _ in one.parts})
    place = {name: i for i, name in enumerate(used)}
    facts = _facts(at, columns, found, [by_name[name] for name in used], parts)
    if columns:
        known = ibis.memtable(facts)
        joined = rows.left_join(
            known, [rows[c] == known[f"hy_at_{i}"] for i, c in enumerate(columns)]
        )
    else:
        only = facts.to_pylist()[0]
        joined = rows.mutate(**{name: double(value) for name, value in only.items()})
    added: dict[str, Any] = {}
    for i, one in enumerate(composites):
        terms = [
            _term(joined, by_name[name], place[name]) * coefficient
            for name, coefficient in one.parts
        ]
        anybody = terms[0].notnull()
        for term in terms[1:]:
            anybody = anybody | term.notnull()
        z = sum(term.fill_null(0.0) for term in terms)
        added[f"hy_z_{i}"] = anybody.ifelse(z, None)
    return joined.mutate(**added)


def _term(rows: ibis.Table, part: Statistic, i: int) -> Any:
    """unit (a - R b) / B of one part, null where it was not answered."""
    code = coded(rows, part)
    if part.kind == "total":
        return code.a
    below = 1.0 if code.b is None else code.b
    return (code.a - rows[f"hy_r_{i}"] * below) * rows[f"hy_f_{i}"]


def _facts(
    at: Level,
    columns: Sequence[str],
    found: Scan,
    used: Sequence[Statistic],
    parts: Mapping[str, Figures],
) -> pa.Table:
    """One row per domain: its key values, and R and unit/B of every part."""
    first = np.zeros(at.count, np.int64)
    first[at.domain[::-1]] = at.inside[::-1]
    table = {
        f"hy_at_{i}": found.keys[c].combine_chunks().take(pa.array(first))
        for i, c in enumerate(columns)
    }
    for i, part in enumerate(used):
        if part.kind == "total":
            continue
        base = at.by_domain(found.moments[part.name].b)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(base != 0, part.unit / base, 0.0)
        ratio = parts[part.name].estimate / part.unit
        table[f"hy_r_{i}"] = pa.array(np.nan_to_num(ratio))
        table[f"hy_f_{i}"] = pa.array(factor)
    return pa.table(table)
