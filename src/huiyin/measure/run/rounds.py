"""Open each round, calibrate its weights, say what the weights look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from huiyin.measure.calibration import calibrate, poststratify, rake
from huiyin.measure.engine.rows import numbered
from huiyin.measure.errors import MeasureError
from huiyin.measure.run.results import Fielded
from huiyin.measure.survey_file.columns import expand_replicates
from huiyin.measure.survey_file.model import CalibrationPlan, Round
from huiyin.measure.survey_file.side_files import read_totals
from huiyin.measure.weights import BASE, WEIGHT, with_weight

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend

    from huiyin.measure.design import SurveyDesign


def calibrated(table: ibis.Table, one: Round, backend: BaseBackend) -> Fielded:
    """The round with its weights calibrated as the survey file says.

    Raises:
        MeasureError: as the calibration; the message names the round.
    """
    design = expand_replicates(one.design, table.columns)
    plan = one.calibration
    if plan is None:
        return Fielded(one.name, table, design, design)
    try:
        return Fielded(one.name, table, design, _calibrate(table, design, plan, backend))
    except MeasureError as wrong:
        raise wrong.at(f"round {one.name}, {one.calibration_key}") from wrong


def _calibrate(
    table: ibis.Table, design: SurveyDesign, plan: CalibrationPlan, backend: BaseBackend
) -> SurveyDesign:
    margins = [read_totals(margin, plan, backend) for margin in plan.margins]
    within: Sequence[str] | None = plan.within or None
    if plan.method == "rake":  # weighted residuals: R's unweighted ones can overstate the variance
        return rake(table, design, margins, within, plan.bounds, regression_weight="base")
    if plan.method == "poststratify":
        return poststratify(table, design, margins, within)
    return calibrate(table, design, margins, plan.method, plan.bounds, within)


def weight_summary(one: Fielded) -> dict[str, Any]:
    """What ``weights.json`` says of a round: range, Kish design effect, how calibration went."""
    weighed = with_weight(one.table, one.design)
    weight = weighed[WEIGHT]
    sums = weighed.aggregate(
        n=weighed.count(),
        w=weight.sum(),
        ww=(weight * weight).sum(),
        low=weight.min(),
        high=weight.max(),
    )
    (found,) = sums.to_pyarrow().to_pylist()
    summary: dict[str, Any] = {
        "n": found["n"],
        "sum_of_weights": found["w"],
        "iterations": None,
        "largest_margin_error": None,
        "deff_kish": found["n"] * found["ww"] / found["w"] ** 2,
        "min": found["low"],
        "max": found["high"],
        "trimmed": 0.0,
    }
    if one.design.calibration is not None:
        went = one.design.calibration.diagnostics
        summary |= {
            name: getattr(went, name) for name in ("iterations", "largest_margin_error", "trimmed")
        }
    return summary


def weight_rows(one: Fielded) -> ibis.Table:
    """Row number (from 1, in the order of the file), base and final weight of each respondent.

    To be computed inside :func:`~huiyin.measure.engine.rows.in_file_order`.
    """
    import ibis

    weighed = with_weight(numbered(one.table, "hy_row"), one.design)
    base = weighed[BASE] if BASE in weighed.columns else weighed[WEIGHT]
    return weighed.select(
        round=ibis.literal(one.name), row=weighed["hy_row"], base=base, final=weighed[WEIGHT]
    ).order_by("row")
