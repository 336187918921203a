"""From a TOML file to a :class:`Survey`, or to every reason why not."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.paths import missing_file
from huiyin.measure.survey_file.findings import Finding, Log, SurveyFileError
from huiyin.measure.survey_file.indicators import read_composites, read_indicators
from huiyin.measure.survey_file.lines import key_lines
from huiyin.measure.survey_file.model import Level, Survey, Title
from huiyin.measure.survey_file.references import (
    check_complete,
    check_published_alone,
    check_references,
)
from huiyin.measure.survey_file.rounds import read_rounds
from huiyin.measure.survey_file.section import Section
from huiyin.measure.survey_file.side_files import check_side_files
from huiyin.measure.survey_file.uses import (
    read_drivers,
    read_integrity,
    read_levels,
    read_publish,
    read_published,
    read_ranks,
    read_response,
    read_small_area,
)


def load(path: str | Path) -> Survey:
    """Read a survey file and check all that can be known without the data of the rounds.

    Raises:
        SurveyFileError: (a MeasureError) with every problem found, each with the path of the key
            and, where known, the line. One problem keeps its own code; several have the code
            ``survey-file``.
        MeasureError: ``missing-file``, ``unreadable-file``.
    """
    file = Path(path)
    text = _text(file)
    log = Log(file, key_lines(text))
    root = Section(log, _parsed(text, log), "", file.parent)
    survey = _survey(root, file)
    if survey.published is not None:
        check_published_alone(root.table, log)
    check_complete(survey, log)
    check_references(survey, log)
    if not log.errors:
        check_side_files(survey, log)
    log.raise_errors()
    return dataclasses.replace(survey, warnings=log.warnings)


def _text(file: Path) -> str:
    if not file.is_file():
        raise missing_file(file)
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        raise MeasureError(
            "unknown-encoding",
            f"a survey file is UTF-8, and byte {wrong.start + 1} is not; save it as UTF-8",
            f"调查配置文件须为 UTF-8 编码，第 {wrong.start + 1} 字节不是；请另存为 UTF-8",
            place=file.name,
        ) from wrong
    except OSError as wrong:
        raise MeasureError(
            "unreadable-file",
            f"the file cannot be opened ({wrong.strerror or wrong})",
            f"无法打开文件（{wrong.strerror or wrong}）",
            place=file.name,
        ) from wrong


def _parsed(text: str, log: Log) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(r"line (\d+)", str(wrong))
        line = int(at[1]) if at else None
        reason = str(wrong)
    except (RecursionError, ValueError) as wrong:  # nested too deeply; a number with 5,000 digits
        line, reason = None, str(wrong)
    finding = Finding(
        "not-toml", log.file, "", line,
        f"this is not TOML: {reason}; texts need quotes, and a key may stand once",
        f"不符合 TOML 语法：{reason}；文本须加引号，同一键只能出现一次",
    )  # fmt: skip
    raise SurveyFileError.of([finding])


def _survey(root: Section, file: Path) -> Survey:
    published = read_published(root)
    indicators = read_indicators(root, published=published is not None)
    levels = read_levels(root)
    if published is not None:
        levels = (Level(published.level, published.area),)
    survey = Survey(
        path=file,
        title=_title(root),
        rounds=read_rounds(root),
        areas=levels,
        indicators=indicators,
        composites=read_composites(root, indicators),
        ranks=read_ranks(root),
        small_area=read_small_area(root),
        drivers=read_drivers(root),
        integrity=read_integrity(root),
        response=read_response(root),
        publish=read_publish(root),
        published=published,
    )
    root.finish()
    return survey


def _title(root: Section) -> Title:
    section = root.section("survey")
    if section is None:
        if "survey" not in root:
            root.error(
                "missing-key", "survey", "a survey file begins with [survey] and its title",
                "调查配置文件应以 [survey] 及其 title 开头",
            )  # fmt: skip
        return Title("", "")
    title = section.title("title")
    section.finish()
    return title
