"""A survey file held against the data of its rounds, in one scan of each."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_ibis
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.survey_file.columns import expand_replicates, used_columns
from huiyin.measure.survey_file.findings import Finding, Log
from huiyin.measure.survey_file.lines import key_lines
from huiyin.measure.survey_file.model import Round, Survey
from huiyin.measure.survey_file.rows import first_rows
from huiyin.measure.survey_file.rules import Rule, rules_of

if TYPE_CHECKING:
    import ibis


def check_against(survey: Survey, tables: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Check that the data of every round can be measured as the survey file says.

    Each table is scanned once; a second pass is made only where rows at fault are to be named.

    Args:
        survey: as :func:`load` gives it.
        tables: table of each round, by its name; whatever :func:`huiyin.measure.as_ibis` takes.

    Returns:
        warnings: codes of ``share_of`` and ``scores`` that nobody gave; rows without an area.

    Raises:
        SurveyFileError: with every problem: columns that are not there (the nearest are named);
            weights or fpc that are missing, negative, infinite, no numbers or all zero, with the
            first rows at fault; rows without stratum or cluster; answers that are no numbers,
            have no score or are not valid; items nobody answered; rounds without rows or tables;
            files that break off while they are read.
    """
    log = Log(survey.path, _lines(survey))
    for at, round_ in enumerate(survey.rounds, start=1):
        if round_.name not in tables:
            log.error(
                "missing-round", f"rounds[{at}]", f"no table is given for round {round_.name!r}",
                f"未提供轮次 {round_.name!r} 的数据表",
            )  # fmt: skip
            continue
        try:
            _check_round(survey, at, as_ibis(tables[round_.name]), log)
        except MeasureError as wrong:
            log.caught(wrong, f"rounds[{at}].data")
    log.raise_errors()
    return log.warnings


def _lines(survey: Survey) -> dict[str, int]:
    try:
        return key_lines(survey.path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):  # the survey was made in memory, or the file is gone
        return {}


def _check_round(survey: Survey, at: int, table: ibis.Table, log: Log) -> None:
    round_ = survey.rounds[at - 1]
    problems = len(log.errors)
    _check_columns(survey, round_, table, log)
    if len(log.errors) > problems:
        return
    rules = rules_of(survey, round_, table, log)
    found = _scan(table, rules)
    if not found["rows"]:
        log.error(
            "empty-round", f"rounds[{at}].data", "the file has columns but no rows",
            "文件只有列名，没有任何数据行",
        )  # fmt: skip
        return
    for number, rule in enumerate(rules):
        count = found[f"rule_{number}"]
        if rule.breaks(count):
            _note(rule, int(count or 0), round_, table, log)


def _check_columns(survey: Survey, round_: Round, table: ibis.Table, log: Log) -> None:
    file = round_.data.name
    for column, key in used_columns(survey, round_):
        if column not in table.columns:
            log.caught(unknown_column(column, table.columns, file), key)
    try:
        expand_replicates(round_.design, table.columns)
    except MeasureError as wrong:
        log.caught(wrong.at(file), f"{round_.design_key}.replicates")


def _scan(table: ibis.Table, rules: list[Rule]) -> dict[str, Any]:
    sums = {f"rule_{number}": rule.count for number, rule in enumerate(rules)}
    try:
        found = table.aggregate(rows=table.count(), **sums).to_pyarrow().to_pylist()
    except _engine_errors() as wrong:
        reason = str(wrong).strip().splitlines()[0][:300]
        raise MeasureError(
            "unreadable-file",
            f"the data break off while they are read ({reason}); the file may be damaged",
            f"读取数据时中断（{reason}），文件可能已损坏",
        ) from wrong
    return dict(found[0])


def _engine_errors() -> tuple[type[Exception], ...]:
    import duckdb

    if "pyspark" not in sys.modules:
        return (duckdb.Error,)
    from pyspark.errors import PySparkException

    # What Spark's gateway could not turn into an error of PySpark.
    return (duckdb.Error, PySparkException, sys.modules["py4j.protocol"].Py4JError)


def _note(rule: Rule, count: int, round_: Round, table: ibis.Table, log: Log) -> None:
    place, place_zh = "", ""
    if rule.where is not None:
        rows = ", ".join(str(row) for row in first_rows(table, rule.where))
        if rows:
            place, place_zh = f" (first in data row {rows})", f"（首见于第 {rows} 行数据）"
    details = ("", "") if rule.details is None else rule.details()
    # Not str.format: a column may have braces in its name.
    says = rule.message.replace("{count}", str(count)) + details[0] + place
    says_zh = rule.message_zh.replace("{count}", str(count)) + details[1] + place_zh
    add = log.warning if rule.is_warning else log.error
    file = round_.data.name
    add(rule.code, rule.key, f"{file}, {says}", f"{file}，{says_zh}")
