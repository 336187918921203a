"""``huiyin questionnaire check``: for those who have a file and no site."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.survey.engine.forms import workbook

from huiyin.cli import main

GOOD = "|type|name|label|\n|text|a|甲|"
BAD = "|type|name|label|relevant|\n|integer|age|年龄||\n|text|a|甲|${age} ＞ 1|"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "问卷.xlsx"
    path.write_bytes(workbook(BAD))
    return path


def test_a_questionnaire_that_can_run_is_fine(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """000-14."""
    file.write_bytes(workbook(GOOD))
    assert main(["questionnaire", "check", str(file)]) == 0
    assert "可以使用，共 1 题" in capsys.readouterr().out


def test_findings_are_printed_with_their_place_and_the_status_is_two(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["questionnaire", "check", str(file)]) == 2
    out = capsys.readouterr().out
    assert "错误 survey 第 3 行 relevant 列：“＞”是全角符号；请改为半角“>”" in out
    assert main(["questionnaire", "check", str(file), "--language", "en"]) == 2
    assert "error survey!3 relevant: “＞” is a full-width sign" in capsys.readouterr().out


def test_json_holds_every_finding_in_both_languages(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["questionnaire", "check", str(file), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["fine"] is False
    (found,) = told["findings"]
    assert (found["code"], found["sheet"], found["row"]) == ("full-width-sign", "survey", 3)
    assert found["message"]
    assert found["message_zh"]


def test_a_file_that_is_not_there_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["questionnaire", "check", str(tmp_path / "no.xlsx")]) == 2
    assert "没有文件" in capsys.readouterr().err


def test_the_engine_knows_nothing_of_django() -> None:
    """The contract: pure Python, no Django, no clock of its own."""
    code = "import sys, huiyin.survey.engine; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
