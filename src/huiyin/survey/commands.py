"""Commands of the survey room."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from huiyin.survey import frame_commands

if TYPE_CHECKING:
    from huiyin.survey.engine import Finding, Questionnaire

FINE, WRONG = 0, 2


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Enter the commands of the room."""
    frame_commands.add(commands)
    questionnaire = commands.add_parser("questionnaire", help="questionnaires written in Excel")
    below = questionnaire.add_subparsers(dest="questionnaire_command", required=True)
    check = below.add_parser(
        "check",
        help="everything that is wrong with a questionnaire",
        description="Reads a questionnaire (XLSForm) and names everything that is wrong with it,"
        " with sheet, row, column and what to write instead. Exit status: 0 = it can run,"
        " 2 = it cannot.",
    )
    check.add_argument("file", metavar="FILE.xlsx")
    check.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    check.add_argument(
        "--language", choices=("zh", "en"), default="zh", help="of the findings (default: zh)"
    )
    check.set_defaults(run=_check, needs_site=False)


def _check(parsed: argparse.Namespace) -> int:
    from huiyin.survey import engine

    path = Path(parsed.file)
    if not path.is_file():
        print(_NO_FILE[parsed.language].format(path=path), file=sys.stderr)
        return WRONG
    questionnaire, findings = None, []
    try:
        questionnaire = engine.compile(path)
        findings = list(questionnaire.warnings)
    except engine.QuestionnaireError as wrong:
        findings = wrong.findings
    if parsed.json:
        print(json.dumps(_as_data(questionnaire, findings), ensure_ascii=False, indent=2))
    else:
        _tell(path, questionnaire, findings, parsed.language)
    return WRONG if questionnaire is None else FINE


def _as_data(questionnaire: Questionnaire | None, findings: list[Finding]) -> dict[str, object]:
    return {
        "fine": questionnaire is not None,
        "questions": 0 if questionnaire is None else questionnaire.questions,
        "languages": [] if questionnaire is None else questionnaire.languages,
        "findings": [asdict(each) for each in findings],
    }


def _tell(
    path: Path, questionnaire: Questionnaire | None, findings: list[Finding], language: str
) -> None:
    for each in findings:
        print(f"{_SEVERITY[language][each.severity]} {each.in_language(language)}")
    if questionnaire is None:
        errors = sum(each.severity == "error" for each in findings)
        print(_TOTAL[language][0].format(path=path, errors=errors))
    else:
        print(_TOTAL[language][1].format(path=path, questions=questionnaire.questions))


_NO_FILE = {"zh": "没有文件 {path}。", "en": "There is no file {path}."}
_SEVERITY = {
    "zh": {"error": "错误", "warning": "提醒"},
    "en": {"error": "error", "warning": "warning"},
}
_TOTAL = {
    "zh": ("{path}：有 {errors} 处错误，问卷不能使用。", "{path}：可以使用，共 {questions} 题。"),
    "en": (
        "{path}: {errors} errors; the questionnaire cannot run.",
        "{path}: fine, {questions} questions.",
    ),
}
