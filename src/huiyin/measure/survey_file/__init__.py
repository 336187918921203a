"""The survey file: one TOML that says what is measured, read whole and checked whole."""

from __future__ import annotations

from huiyin.measure.survey_file.check import check_against
from huiyin.measure.survey_file.columns import expand_replicates
from huiyin.measure.survey_file.data import read_rounds
from huiyin.measure.survey_file.findings import Finding, SurveyFileError
from huiyin.measure.survey_file.load import load
from huiyin.measure.survey_file.model import (
    CalibrationPlan,
    CompositeIndicator,
    Indicator,
    Level,
    Publish,
    Published,
    Round,
    Survey,
    Title,
)
from huiyin.measure.survey_file.published import read_published
from huiyin.measure.survey_file.side_files import (
    read_area_names,
    read_counts,
    read_covariates,
    read_stated_codes,
    read_totals,
)

__all__ = [
    "CalibrationPlan",
    "CompositeIndicator",
    "Finding",
    "Indicator",
    "Level",
    "Publish",
    "Published",
    "Round",
    "Survey",
    "SurveyFileError",
    "Title",
    "check_against",
    "expand_replicates",
    "load",
    "read_area_names",
    "read_counts",
    "read_covariates",
    "read_published",
    "read_rounds",
    "read_stated_codes",
    "read_totals",
]
