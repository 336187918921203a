"""The words of the bulletin: all of them in both languages, and none left over (P-31)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from huiyin.measure import bulletin
from huiyin.measure.bulletin.content import RoundInfo
from huiyin.measure.bulletin.fonts import is_chinese
from huiyin.measure.bulletin.words import Words, catalogue
from huiyin.measure.publication import REASONS

FOLDER = Path(bulletin.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_text_is_there_in_both_languages_with_the_same_blanks(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == {"zh", "en"}
    assert bool(texts["zh"]) == bool(texts["en"]) or key.startswith("list.")
    assert fields(texts["zh"]) >= fields(texts["en"]) or key.startswith("point.headline")
    assert not is_chinese([texts["en"]])
    assert not re.search("[，。；：“”（）、～]", texts["en"])


def test_no_text_is_left_over() -> None:
    source = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    asked = set(re.findall(r'"([a-z_]+(?:\.[A-Za-z_0-9]+)*)"', source))
    starts = set(re.findall(r'f"([a-z_]+\.)\{', source)) | {
        "level.", "check.", "kind.", "reason.", "diagnostic.", "column.", "excel.", "sheet.",
        "reading.", "rate.", "change.meaning.", "ranks.intro.", "verdict.", "month.", "round.",
        "unit.", "axis.", "moved.", "counter.", "ties.", "change.",
    }  # fmt: skip
    spare = [
        key
        for key in catalogue()
        if key not in asked and not any(key.startswith(start) for start in starts)
    ]
    assert spare == []


def test_every_reason_for_withholding_has_words() -> None:
    assert {f"reason.{code}" for code in REASONS} <= set(catalogue())


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("2021H1", "2021年上半年", "2021 H1"),
        ("2021-H2", "2021年下半年", "2021 H2"),
        ("2021q3", "2021年第三季度", "2021 Q3"),
        ("2021", "2021年", "2021"),
        ("2023-12-31", "2023年12月31日", "31 December 2023"),
        ("wave 1", "wave 1", "wave 1"),
        ("2023-13-31", "2023-13-31", "2023-13-31"),
    ],
)
def test_a_round_prints_as_people_call_it(name: str, zh: str, en: str) -> None:
    assert Words("zh").round(RoundInfo(name, 1)) == zh
    assert Words("en").round(RoundInfo(name, 1)) == en


def test_a_round_may_bring_a_name_of_its_own() -> None:
    info = RoundInfo("w1", 1, title={"zh": "首轮", "en": "First"})
    assert (Words("zh").round(info), Words("en").round(info)) == ("首轮", "First")


def test_dates_print_in_both_languages() -> None:
    assert Words("zh").date(date(2025, 1, 10)) == "2025年1月10日"
    assert Words("en").date(date(2025, 1, 10)) == "10 January 2025"
