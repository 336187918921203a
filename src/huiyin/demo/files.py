"""The simulated survey as the files an office would have, ready to be measured."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from huiyin.demo import instrument
from huiyin.demo.city import AGE_BANDS, SEXES, City
from huiyin.demo.instrument import CONCERNS, FIVE_POINT, QUESTIONS, Question
from huiyin.demo.simulation import covariates, simulate, truth

_MISSING = f"[{instrument.DO_NOT_KNOW}, {instrument.REFUSED}]"
_MISSING_WINDOW = f"[{instrument.NOT_VISITED}, {instrument.DO_NOT_KNOW}, {instrument.REFUSED}]"

_HEAD = """\
# 安和市群众安全感满意度调查（模拟数据，安和市为虚构城市）
# A survey of a city that never was. Measure it with: huiyin measure survey.toml --out result

[survey]
title = { zh = "安和市群众安全感满意度调查", en = "Anhe residents' safety and satisfaction survey" }
"""

_ROUND = """
[[rounds]]
name = "{name}"
data = "{file}"
"""

_DESIGN = """
[design]
weights = "base_weight"
strata = "stratum"

[calibration]
method = "rake"
within = "county"
[[calibration.margins]]
columns = ["sex", "age_band"]
totals = "margins_sex_age.csv"
[[calibration.margins]]
columns = ["town"]
totals = "margins_town.csv"

[areas]
county = "county"
town = "town"

[area_names]
county = "names_county.csv"
town = "names_town.csv"
"""

_INDICATOR = """
[[indicators]]
name = "{name}"
title = {{ zh = "{zh}", en = "{en}" }}
item = "{name}"
{value}
missing = {missing}
good = "higher"
"""

_USES = """
[[composites]]
name = "total"
title = {{ zh = "总得分", en = "Total score" }}
parts = {{ {parts} }}

[ranks]
of = ["total"]
level = "town"
confidence = 0.95
ties = "min"
draws = 10000
seed = 1

[small_area]
of = ["total"]
level = "town"
covariates = "towns.csv"
method = "reml"
benchmark = "county"

[drivers]
outcome = "safety"
items = [{drivers}]
stated = {{ columns = ["concern_1", "concern_2", "concern_3"], codes = "concerns.csv" }}

[integrity]
items = [{items}]
best = 1
area = "town"
interviewer = "interviewer"
seconds = "seconds"
started = "started"
told = {{ column = "told_how", codes = [1] }}
list = {{ count = "list_count", treatment = "list_treatment", items = {list_items} }}
missing = {missing}

[response]
counts = "dispositions.csv"

[publish]
minimum_n = 30
language = "zh"
"""


def write_survey(folder: str | Path, seed: int = 1) -> Path:
    """Simulate two rounds and write them with all that is needed to measure them.

    Written are ``wave_<round>.parquet``, ``margins_sex_age.csv``, ``margins_town.csv``,
    ``names_county.csv``, ``names_town.csv``, ``towns.csv`` (covariates), ``concerns.csv``,
    ``dispositions.csv``, ``codebook.csv``, ``truth.json`` and ``survey.toml``. The same seed
    writes the same bytes.

    Args:
        folder: made if it is not there; files of these names in it are replaced.
        seed: of opinions and sample; the city is always the same.

    Returns:
        Path of ``survey.toml``.
    """
    import pyarrow.parquet as pq

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    simulation = simulate(seed)
    for each in simulation.rounds:
        pq.write_table(each.interviews, target / _data_file(each.name))
    _write_margins(target, simulation.city)
    _write_names(target, simulation.city)
    _write_columns(target / "towns.csv", covariates(simulation))
    _write_rows(target / "concerns.csv", ("code", "item", "zh", "en"), CONCERNS)
    _write_rows(
        target / "dispositions.csv",
        ("round", "frame", "disposition", "count"),
        ((each.name, *row) for each in simulation.rounds for row in each.dispositions),
    )
    _write_rows(target / "codebook.csv", ("column", "code", "zh", "en"), _codebook())
    text = json.dumps(truth(simulation), ensure_ascii=False, indent=1)
    (target / "truth.json").write_text(text + "\n", encoding="utf-8")
    survey = target / "survey.toml"
    survey.write_text(survey_text([each.name for each in simulation.rounds]), encoding="utf-8")
    return survey


def survey_text(rounds: Sequence[str]) -> str:
    """The survey file, in the form of the measurement contract."""
    parts = ", ".join(f"{q.name} = {q.weight:.2f}" for q in QUESTIONS)
    concerns = {item for _, item, _, _ in CONCERNS}
    driving = [q.name for q in QUESTIONS if q.name in concerns]
    uses = _USES.format(
        parts=parts,
        drivers=_quoted(driving),
        items=_quoted(name for name in FIVE_POINT if name != "window"),
        list_items=instrument.LIST_ITEMS,
        missing=_MISSING,
    )
    data = "".join(_ROUND.format(name=name, file=_data_file(name)) for name in rounds)
    return _HEAD + data + _DESIGN + "".join(map(_indicator, QUESTIONS)) + uses


def _data_file(round_: str) -> str:
    return f"wave_{round_}.parquet"


def _indicator(question: Question) -> str:
    codes = range(1, len(question.answers) + 1)
    if question.share:
        counted = [code for code, score in zip(codes, question.scores, strict=True) if score]
        value = f"share_of = {counted}"
    else:
        pairs = ", ".join(f"{c} = {s}" for c, s in zip(codes, question.scores, strict=True))
        value = f"scores = {{ {pairs} }}"
    missing = _MISSING_WINDOW if question.name == "window" else _MISSING
    return _INDICATOR.format(
        name=question.name, zh=question.zh, en=question.en, value=value, missing=missing
    )


def _write_margins(folder: Path, city: City) -> None:
    county = [city.counties[at] for at in city.county_of_town]
    _write_rows(
        folder / "margins_sex_age.csv",
        ("county", "sex", "age_band", "total"),
        (
            (code, sex, age, int(city.adults[city.county_of_town == at, sex - 1, age - 1].sum()))
            for at, code in enumerate(city.counties)
            for sex in SEXES
            for age in AGE_BANDS
        ),
    )
    rows = zip(county, city.towns, city.town_adults.tolist(), strict=True)
    _write_rows(folder / "margins_town.csv", ("county", "town", "total"), rows)


def _write_names(folder: Path, city: City) -> None:
    for level, codes, names in (
        ("county", city.counties, city.county_names),
        ("town", city.towns, city.town_names),
    ):
        rows = zip(codes, names, strict=True)
        _write_rows(folder / f"names_{level}.csv", ("area", "name"), rows)


def _codebook() -> Iterable[tuple[str, int, str, str]]:
    """Column, code and labels of every coded question."""
    for question in QUESTIONS:
        for code, (zh, en) in enumerate(question.answers, start=1):
            yield question.name, code, zh, en
        if question.name == "window":
            yield question.name, instrument.NOT_VISITED, "没有去过", "Has not been to one"
        yield question.name, instrument.DO_NOT_KNOW, "不清楚", "Does not know"
        yield question.name, instrument.REFUSED, "拒答", "Refused"
    for column in ("concern_1", "concern_2", "concern_3"):
        for code, _, zh, en in CONCERNS:
            yield column, code, zh, en
    yield "concern_1", instrument.NO_CONCERN, "没有", "None"
    for code, zh, en in _OTHER_CODES["campaign_content"]:
        yield "campaign_content", code, zh, en
    for column in ("sex", "age_band", "told_how", "list_treatment"):
        for code, zh, en in _OTHER_CODES[column]:
            yield column, code, zh, en


_OTHER_CODES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "campaign_content": (
        (1, "打击走私犯罪", "Fighting smuggling"),
        (2, "整治环境污染", "Fighting pollution"),
        (3, "铲除黑恶势力及其“保护伞”", "Rooting out gangs and those who shield them"),
        (4, "查处偷税漏税", "Fighting tax evasion"),
        (8, "不清楚", "Does not know"),
    ),
    "sex": ((1, "男", "Male"), (2, "女", "Female")),
    "age_band": (
        (1, "18—29岁", "18-29"), (2, "30—39岁", "30-39"), (3, "40—49岁", "40-49"),
        (4, "50—59岁", "50-59"), (5, "60岁及以上", "60 and over"),
    ),
    "told_how": (
        (1, "有人告诉过怎么回答", "Was told how to answer"), (2, "没有", "Was not"),
        (9, "拒答", "Refused"),
    ),
    "list_treatment": (
        (0, "对照组（4条）", "Control (4 statements)"),
        (1, "实验组（另加“有人告诉过我怎么回答”）", "Treatment (+ I was told how to answer)"),
    ),
}  # fmt: skip


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _write_columns(path: Path, columns: dict[str, Any]) -> None:
    _write_rows(path, tuple(columns), zip(*columns.values(), strict=True))


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV that Excel opens with its Chinese intact (UTF-8 with BOM)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
