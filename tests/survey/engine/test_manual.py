"""What the manual tells authors to write can be imported, and means what the manual says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.survey.engine.forms import findings, started

MANUAL = Path(__file__).parents[3] / "docs" / "survey-centre" / "questionnaires.md"
SURVEY = """
|type|name|label|relevant|constraint|calculation|
|integer|age|年龄||||
|date|birthday|生日||||
|select_one l|safe|安全吗？||||
|select_multiple l|factors|因素||||
|calculate|drawn||||once(random())|
|begin_repeat|person|家人||||
|integer|years|年龄||||
|calculate|place||||position(..)|
|end_repeat||||||
"""
CHOICES = "|list_name|name|label|\n|l|1|一|\n|l|2|二|\n|l|3|三|"


def examples() -> list[str]:
    """The expressions of the manual's table of conditions."""
    table = MANUAL.read_text(encoding="utf-8").partition("| 想说 | 写法 |")[2].partition("\n\n")[0]
    return [text for line in table.splitlines() for text in re.findall(r"`([^`]+)`", line)]


def test_every_example_of_the_manual_can_be_imported() -> None:
    found = examples()
    assert len(found) > 10
    for text in found:
        if text == "drawn":
            continue
        judged = "(.)" in text or "(., " in text
        row = f"|text|x|X||{text}||" if judged else f"|calculate|x||||{text}|"
        wrong = [each for each in findings(SURVEY + row, CHOICES) if each.severity == "error"]
        assert not wrong, (text, wrong)


def test_completed_years_are_counted_as_the_manual_says() -> None:
    row = "|calculate|x||||int((today() - ${birthday}) div 365.25)|"
    interview = started(SURVEY + row, CHOICES)
    for birthday, years in (("2010-11-28", "16"), ("2010-11-30", "15"), ("1966-01-01", "60")):
        interview.answer("birthday", birthday)
        assert interview.values()["/data/x"] == years


def test_what_is_not_answered_makes_no_number() -> None:
    row = "|calculate|x||||${age} + 1|\n|calculate|y||||${age} < 5|"
    assert started(SURVEY + row, CHOICES).values().get("/data/x") is None
    assert started(SURVEY + row, CHOICES).values()["/data/y"] == "false"
