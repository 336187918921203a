"""The integrity checks that the survey file asks for."""

from __future__ import annotations

from huiyin.measure.integrity import integrity
from huiyin.measure.run.results import Fielded
from huiyin.measure.survey_file.model import Survey
from huiyin.measure.tidy import Tidy


def integrity_report(survey: Survey, one: Fielded) -> Tidy:
    """Flags of one round, with the stated rate of false alarms in the notes."""
    plan = survey.integrity
    assert plan is not None  # the caller asks only where there is a plan
    level = survey.level(plan.area)
    report = integrity(
        one.table,
        items=list(plan.items),
        best=plan.best,
        area=level.column,
        interviewer=plan.interviewer,
        seconds=plan.seconds,
        started=plan.started,
        told=None if plan.told is None else (plan.told.column, plan.told.codes),
        list_experiment=None
        if plan.list is None
        else (plan.list.count, plan.list.treatment, plan.list.items),
        missing=plan.missing,
    )
    return report.flags
