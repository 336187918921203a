"""The integrity checks that the survey file asks for."""

from __future__ import annotations

from typing import Any

from huiyin.measure.integrity_checks import Interviews, ListExperiment, integrity, level_estimates
from huiyin.measure.run.results import Fielded
from huiyin.measure.survey_file.model import Integrity, Survey
from huiyin.measure.tidy import Tidy


def integrity_flags(survey: Survey, rounds: list[Fielded]) -> Tidy:
    """Every test made on the last round, flagged ones first; jumps against the round before.

    The notes hold the stated false-discovery rate and the number of false alarms to expect.
    """
    plan = survey.integrity
    assert plan is not None  # the caller asks only where there is a plan
    columns = _columns(survey, plan)
    previous = None
    if len(rounds) > 1:
        previous = level_estimates(Interviews.read(rounds[-2].table, **columns))
    report = integrity(rounds[-1].table, **columns, previous=previous)
    rate = {"false_discovery_rate": report.notes["fdr"]}
    return Tidy(report.flags.arrow, {**report.notes, **rate})


def _columns(survey: Survey, plan: Integrity) -> dict[str, Any]:
    """Where the checks find what they look at."""
    experiment = None
    if plan.list is not None:
        experiment = ListExperiment(plan.list.count, plan.list.treatment, plan.list.items)
    return {
        "items": list(plan.items),
        "best": plan.best,
        "area": survey.level(plan.area).column,
        "interviewer": plan.interviewer,
        "seconds": plan.seconds,
        "started": plan.started,
        "told": None if plan.told is None else {plan.told.column: list(plan.told.codes)},
        "list_experiment": experiment,
        "missing": list(plan.missing),
    }
