"""One run, from the survey file to its tables."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from huiyin.measure.estimation.change import changes
from huiyin.measure.estimation.keys import label
from huiyin.measure.key_drivers import drivers
from huiyin.measure.publication import publish, without_withheld
from huiyin.measure.response import response_rates
from huiyin.measure.run import checking, estimating, modelling, ranking
from huiyin.measure.run.naming import check_names
from huiyin.measure.run.results import Fielded, Progress, Results, silent
from huiyin.measure.run.rounds import calibrated, weight_summary
from huiyin.measure.survey_file import (
    Survey,
    check_against,
    read_area_names,
    read_counts,
    read_published,
    read_rounds,
    read_stated_codes,
)
from huiyin.measure.survey_file.model import ALL, CompositeIndicator, Indicator
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

#: Published shares are ranked as printed.
DECIMALS = 2

#: Said where only published figures are at hand; the bulletin has its own words for it.
NO_INTERVALS = (
    "The figures were published without sample sizes or standard errors, so no intervals"
    " and no verdicts can be given; ranks and moves are plain comparisons.",
    "所用数据发布时未附样本量和标准误，因此无法给出置信区间，也无法判断变化是否显著；"
    "名次及其升降仅为数值上的直接比较。",
)


def measure(survey: Survey, backend: BaseBackend, progress: Progress = silent) -> Results:
    """Compute every table that the survey file asks for.

    Args:
        survey: as :func:`huiyin.measure.survey_file.load` gives it.
        backend: engine to compute on.
        progress: told the phase and how much is done.

    Raises:
        MeasureError: the data cannot be measured as the file says; every problem found by the
            check of files against data is in one message.
    """
    results = Results(survey, backend)
    results.names = {
        level.name: read_area_names(level, backend) for level in survey.areas if level.names
    }
    for finding in survey.warnings:
        results.warn(finding.in_language("en"), finding.in_language("zh"))
    if survey.published is not None:
        _published(results, progress)
        return results
    _open(results, progress)
    _estimate(results, progress)
    _rank(results, progress)
    _extras(results, progress)
    return results


def _open(results: Results, progress: Progress) -> None:
    survey, backend = results.survey, results.backend
    progress("read", 0.02)
    tables = read_rounds(survey, backend)
    progress("check", 0.10)
    for finding in check_against(survey, tables):
        results.warn(finding.in_language("en"), finding.in_language("zh"))
    for i, one in enumerate(survey.rounds):
        progress("weigh", 0.15 + 0.10 * i / len(survey.rounds))
        opened = calibrated(tables[one.name], one, backend)
        results.rounds.append(opened)
        results.weighting[one.name] = weight_summary(opened)
    results.parents = _parents(survey, results.rounds)


def _estimate(results: Results, progress: Progress) -> None:
    survey = results.survey
    confidence = survey.ranks.confidence if survey.ranks else 0.95
    parts = []
    for i, one in enumerate(results.rounds):
        progress("estimate", 0.25 + 0.30 * i / len(results.rounds))
        parts.append(estimating.estimate_round(survey, one, confidence).arrow)
    results.full = Tidy(pa.concat_tables(parts))
    check_names(results)
    rule = survey.publish
    marked = publish(
        results.full,
        minimum_n=rule.minimum_n,
        max_half_width=rule.max_half_width,
        suppression=rule.suppression,
        parents=results.parents,
    )
    results.tables["estimates"] = without_withheld(marked)
    progress("compare", 0.55)
    results.tables["changes"] = changes(_by_round(results), _good(survey), confidence=confidence)


def _rank(results: Results, progress: Progress) -> None:
    plan = results.survey.ranks
    if plan is None:
        return
    progress("rank", 0.60)
    results.tables["ranks"] = ranking.ranks(
        _shown(results.tables["estimates"]),
        results.tables["changes"],
        plan,
        _rounds(results),
        _good(results.survey),
        DECIMALS if results.survey.published is not None else None,
    )


def _extras(results: Results, progress: Progress) -> None:
    survey, backend = results.survey, results.backend
    if survey.small_area is not None and results.full is not None:
        progress("model", 0.70)
        modelled = modelling.small_areas(survey, results.full, results.parents, backend)
        results.tables["small_area"] = modelling.direct_shown(modelled, results.tables["estimates"])
    if survey.drivers is not None:
        progress("drivers", 0.78)
        results.tables["drivers"] = _drivers(results)
    if survey.integrity is not None:
        progress("integrity", 0.85)
        results.integrity = checking.integrity_flags(survey, results.rounds)
    if survey.response is not None:
        results.response = _response(survey, backend)


def _published(results: Results, progress: Progress) -> None:
    """Figures without sample sizes: ranks and moves, and no interval invented."""
    progress("read", 0.1)
    found = read_published(results.survey, results.backend)
    count = found.arrow.num_rows
    table = found.arrow
    for name in ("n", "sum_of_weights", "se", "ci_low", "ci_high", "df", "deff", "n_effective"):
        kind = pa.int64() if name == "n" else pa.float64()
        table = table.append_column(name, pa.nulls(count, kind))
    table = table.append_column("published", pa.array([True] * count))
    table = table.append_column("why_not", pa.nulls(count, pa.string()))
    results.full = Tidy(table, found.notes)
    check_names(results)
    results.tables["estimates"] = results.full
    results.warn(*NO_INTERVALS)
    progress("compare", 0.5)
    results.tables["changes"] = changes(_by_round(results), _good(results.survey))
    _rank(results, progress)


def _rounds(results: Results) -> list[str]:
    if results.rounds:
        return [one.name for one in results.rounds]
    assert results.full is not None  # published figures were read
    return list(results.full.notes["rounds"])


def _good(survey: Survey) -> dict[str, str]:
    return {name: one.good for name, one in indicators_of(survey).items()}


def _by_round(results: Results) -> dict[str, Tidy]:
    """The published estimates of each round, oldest first."""
    table = _shown(results.tables["estimates"]).arrow
    return {one: Tidy(table.filter(pc.equal(table["round"], one))) for one in _rounds(results)}


def _shown(estimates: Tidy) -> Tidy:
    return Tidy(estimates.arrow.filter(estimates.arrow["published"]), estimates.notes)


def _parents(survey: Survey, rounds: list[Fielded]) -> dict[str, dict[str, str]]:
    """The area one level up, for levels in which every area lies in exactly one."""
    levels = survey.areas
    found: dict[str, dict[str, str]] = {}
    for above, below in itertools.pairwise(levels):
        pairs: set[tuple[str, str]] = set()
        for one in rounds:
            both = one.table.select(up=one.table[above.column], down=one.table[below.column])
            table = both.filter(both.up.notnull() & both.down.notnull()).distinct().to_pyarrow()
            rows = zip(table["down"].to_pylist(), table["up"].to_pylist(), strict=True)
            pairs |= {(label(down), label(up)) for down, up in rows}
        if len({down for down, _ in pairs}) == len(pairs):
            found[below.name] = dict(sorted(pairs))
    return found


def _drivers(results: Results) -> Tidy:
    survey, last = results.survey, results.rounds[-1]
    plan = survey.drivers
    assert plan is not None  # the caller asks only where there is a plan
    simple = {i.name: i for i in survey.indicators}
    stated = None
    if plan.stated is not None:
        codes = read_stated_codes(plan.stated, results.backend)
        stated = {"columns": list(plan.stated.columns), "codes": codes}
    return drivers(
        last.table,
        last.design,
        outcome=simple[plan.outcome].as_statistic(),
        items=[simple[name].as_statistic() for name in plan.items],
        stated=stated,
        good={name: simple[name].good for name in plan.items},
    )


def _response(survey: Survey, backend: BaseBackend) -> dict[str, Tidy]:
    plan = survey.response
    assert plan is not None  # the caller asks only where there is a plan
    counts = read_counts(plan, backend)
    names = [one.name for one in survey.rounds]
    found = {}
    for name in names:
        rows = counts
        if "round" in counts.column_names:
            rows = counts.filter(pc.equal(counts["round"], name))
        elif name != names[-1]:
            continue
        if rows.num_rows:
            found[name] = response_rates(rows, weights="count")
    return found


def indicators_of(survey: Survey) -> dict[str, Indicator | CompositeIndicator]:
    """Indicators and composites by name, in the order of the survey file."""
    known: dict[str, Indicator | CompositeIndicator] = {i.name: i for i in survey.indicators}
    return known | {c.name: c for c in survey.composites}


def levels_of(survey: Survey) -> list[str]:
    """``all`` and the levels of the survey file, from large to small."""
    return [ALL, *(level.name for level in survey.areas)]
