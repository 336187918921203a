"""The data of the rounds, read as the survey file needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import read
from huiyin.measure.survey_file.columns import number_columns
from huiyin.measure.survey_file.findings import Log
from huiyin.measure.survey_file.model import Survey

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend


def read_rounds(survey: Survey, backend: BaseBackend | None = None) -> dict[str, ibis.Table]:
    """Table of each round by its name, all on one backend.

    Columns that the survey file uses as numbers (weights, fpc, numeric items) are read as numbers
    even where they look like codes; columns that are absent are left to :func:`check_against`,
    which names the nearest.

    Raises:
        SurveyFileError: a file that cannot be read, for each such round.
    """
    backend = connect() if backend is None else backend
    log = Log(survey.path)
    tables: dict[str, ibis.Table] = {}
    for at, round_ in enumerate(survey.rounds, start=1):
        try:
            table = read(round_.data, backend, round_.sheet)
            looks_text = [
                name
                for name in number_columns(survey, round_)
                if name in table.columns and table[name].type().is_string()
            ]
            if looks_text:
                table = read(round_.data, backend, round_.sheet, numbers=looks_text)
            tables[round_.name] = table
        except MeasureError as wrong:
            log.caught(wrong, f"rounds[{at}].data")
    log.raise_errors()
    return tables
