"""Which items matter for an outcome: what people say, and what their answers show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers.answers import FloatArray, read_answers
from huiyin.measure.key_drivers.figures import (
    Figures,
    Orders,
    columns,
    figure_notes,
    order_notes,
)
from huiyin.measure.key_drivers.importance import Lines, quadrant_lines
from huiyin.measure.key_drivers.moments import Incomplete, Moments, check_enough
from huiyin.measure.key_drivers.questions import Good, read_drivers, read_outcome, read_stated
from huiyin.measure.key_drivers.resampling import Psus, sum_by_psu
from huiyin.measure.key_drivers.shapley import EXACT_ITEMS, antithetic_orders
from huiyin.measure.statistics import Code, Statistic
from huiyin.measure.tidy import Tidy

Method = Literal["shapley", "exact", "sampled"]

#: Most items that ``exact`` takes: 2**20 subsets.
MOST_EXACT = 20

#: Orders per bootstrap replicate when sampled.
REPLICATE_ORDERS = 200


def drivers(
    table: Any,
    design: SurveyDesign | None = None,
    *,
    outcome: str | Statistic,
    items: Sequence[str | Statistic],
    stated: Mapping[str, Any] | None = None,
    scores: Mapping[Code, float] | None = None,
    missing: Sequence[Code] = (),
    satisfied: Sequence[Code] | Mapping[str, Sequence[Code]] | None = None,
    good: Good | Mapping[str, Good] = "higher",
    incomplete: Incomplete = "drop",
    method: Method = "shapley",
    orders: int = 1000,
    bootstrap: int = 500,
    confidence: float = 0.95,
    seed: int = 1,
    quadrant: Lines = "median",
) -> Tidy:
    """Stated and derived importance of items for an outcome, and the importance–satisfaction.

    *Stated*: weighted percent of all respondents who name the item. *Derived*: the item's part of
    the variance of the outcome that the items explain together in a weighted linear regression,
    by the Shapley value (LMG; Grömping 2006, J. Stat. Softw. 17(1)), in percent of R². Collinear
    items share what they explain together; an item without variance gets 0. *Satisfied*: weighted
    percent among those who answered. *Importance–satisfaction* (ETC DirectionFinder): importance
    × (1 − satisfied), both as fractions; importance is the stated one, or the derived one when
    nothing is stated.

    Args:
        table: respondents; pandas, polars, pyarrow or Ibis.
        design: weights, strata, clusters, fpc; None = equal weights, respondents drawn singly.
            One-PSU strata: ``fail`` is an error, ``certainty`` adds no variance, any other option
            joins the stratum to the next. Calibrated weights are held fixed over replicates.
        outcome: a numeric column, or ``hm.mean``, ``hm.share`` or ``hm.score`` of a column.
        items: the same, one per item; names must differ.
        stated: ``{"columns": [...], "codes": {code: item}}``; ``codes`` may be a table with the
            columns ``code`` and ``item``. A respondent names an item once however often it
            stands in the columns. Items without a code have no stated importance.
        scores: code -> score for outcome and items given as bare column names.
        missing: codes without an answer, for outcome and items given as bare column names.
        satisfied: the codes of a satisfied answer, for all items or by item. Left out: the
            counted codes of a share; the better half of the scores (the middle one of an odd
            number is not satisfied); a numeric item has none and gets no such figure.
        good: whether higher or lower values are good, for all items or by item.
        incomplete: ``drop`` respondents who did not answer outcome and every item, or correlate
            ``pairwise`` over those who answered both of two questions.
        method: ``shapley`` = ``exact`` up to 12 items and ``sampled`` above; or one of the two
            (``exact`` up to 20).
        orders: number of random orders when sampled, in pairs of opposite ones.
        bootstrap: replicates for the intervals; 0 = no intervals.
        confidence: of the intervals, which are percentile intervals of the Rao–Wu bootstrap over
            PSUs in strata. A part of R² is never negative, so an interval above 0 is no proof
            that an item matters.
        seed: of the bootstrap and of the sampled orders.
        quadrant: ``median``, or targets in percent ``{"importance": 30, "satisfied": 80}``.

    Returns:
        One row per item in the order given: item, stated, derived, derived_low, derived_high,
        satisfied (all in percent), importance_satisfaction (0-1), quadrant, correlation (with
        the outcome, on the values as coded). ``notes`` holds R² with its interval, numbers of
        respondents, the method, the lines of the quadrants, items without variance, and
        intervals of the other columns.

    Raises:
        MeasureError: wrong columns, codes, weights or options; a constant outcome; nothing
            explained; fewer complete respondents than items + 2; pairwise correlations that
            contradict each other.
    """
    _check_options(incomplete, method, orders, bootstrap, confidence)
    design = _usable(SurveyDesign() if design is None else design)
    target = read_outcome(outcome, scores, missing)
    asked = read_drivers(items, scores, missing, satisfied, good)
    names = [driver.statistic.name for driver in asked]
    named = None if stated is None else read_stated(stated, names)
    answers = read_answers(table, design, target, asked, named)
    used = check_enough(answers, [*names, target.name], incomplete)
    rng = np.random.Generator(np.random.PCG64(seed))
    psus = sum_by_psu(answers, Moments.of(answers, incomplete), design, rng)
    drawn = _orders(method, len(names), orders, rng)
    figures = Figures.of(psus.moments, psus.totals, drawn)
    figures.check(target.name)
    replicates = _replicates(psus, figures, psus.replicates(bootstrap, rng), drawn)
    lines = quadrant_lines(quadrant, figures.importance[0], figures.satisfied[0])
    notes = {
        "outcome": target.name,
        "respondents": int(answers.rows.sum()),
        "respondents_used": used,
        "incomplete": incomplete,
        "bootstrap": bootstrap,
        "psus_joined": psus.joined,
        "confidence": confidence,
        "seed": seed,
        **figure_notes(names, figures, replicates, confidence, lines),
        **order_notes(names, figures, drawn),
    }
    return Tidy.of(columns(names, figures, replicates, confidence, lines), notes)


def _replicates(psus: Psus, figures: Figures, sums: FloatArray, drawn: Orders | None) -> Figures:
    """Figures of the bootstrap samples.

    Replicates take the first of the sampled orders only. What that shifts is the same in the
    sample itself, where it is known and taken off.
    """
    if drawn is None:
        return Figures.of(psus.moments, sums, None).usable()
    few = drawn[:REPLICATE_ORDERS]
    shift = figures.explained - Figures.of(psus.moments, psus.totals, few).explained
    return Figures.of(psus.moments, sums, few).shifted(shift).usable()


def _check_options(
    incomplete: str, method: str, orders: int, bootstrap: int, confidence: float
) -> None:
    for name, value, allowed in (
        ("incomplete", incomplete, get_args(Incomplete)),
        ("method", method, get_args(Method)),
    ):
        if value not in allowed:
            raise MeasureError(
                "unknown-option",
                f"{name} must be one of {', '.join(allowed)}, not {value!r}",
                f"{name} 只能取 {'、'.join(allowed)}，不能是 {value!r}",
                place=name,
            )
    for name, number, low in (("orders", orders, 2), ("bootstrap", bootstrap, 0)):
        if isinstance(number, bool) or not isinstance(number, int) or number < low:
            raise MeasureError(
                "bad-number",
                f"{name} must be a whole number of at least {low}, not {number!r}",
                f"{name} 应为不小于 {low} 的整数，不能是 {number!r}",
                place=name,
            )
    if not 0 < confidence < 1:
        raise MeasureError(
            "bad-number",
            f"confidence lies between 0 and 1 (0.95 = 95 %), not {confidence!r}",
            f"confidence 应在 0 与 1 之间（0.95 即 95%），不能是 {confidence!r}",
            place="confidence",
        )


def _usable(design: SurveyDesign) -> SurveyDesign:
    """Refuse replicate weights that were brought: they say nothing of strata and clusters."""
    if design.replicates is not None and design.replicates.weights:
        raise MeasureError(
            "replicates-not-used",
            "intervals of drivers are bootstrapped over PSUs, replicate weights are not used;"
            " name strata and clusters and leave the replicates out",
            "驱动因素的区间由初级单元自助抽样得到，不使用复制权数；请给出层和群，并去掉复制权数",
            place="design, replicates",
        )
    return design


def _orders(method: Method, items: int, count: int, rng: np.random.Generator) -> Orders | None:
    """Orders to sample, or None when all subsets are taken."""
    if method == "exact" and items > MOST_EXACT:
        raise MeasureError(
            "too-many-items",
            f"{items} items have {2**items} subsets; sample orders above {MOST_EXACT} items",
            f"{items} 个项目有 {2**items} 个子集，超过 {MOST_EXACT} 个项目时请用抽样（sampled）",
            place="method",
        )
    exact = method == "exact" or (method == "shapley" and items <= EXACT_ITEMS)
    return None if exact else antithetic_orders(items, count, rng)
