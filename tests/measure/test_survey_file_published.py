"""Published shares without sample sizes: read, renamed, ranked with ties, no intervals."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.survey_file import SurveyFileError, load, read_published
from huiyin.measure.tidy import Tidy

DATA = """\
Date,Borough,Measure,Share,City,Kind
31/12/2023,North,Trust,"0,5","0,48",A
30/9/2023,North,Trust,"0,4","0,45",A
30/9/2023,south,Trust,"0,07","0,45",A
31/12/2023,South,Trust,,"0,48",A
31/12/2023,South,Help,"0,6",,A
31/12/2023,South,Help,"0,9",,B
"""
TEXT = """\
[survey]
title = "t"
[published]
data = "shares.csv"
area = "Borough"
round = "Date"
indicator = "Measure"
value = "Share"
overall = "City"
level = "borough"
scale = 100
round_format = "%d/%m/%Y"
filter = { Kind = "A" }
rename = { south = "South" }
"""


def published(folder: Path, text: str = TEXT, data: str = DATA) -> Tidy:
    (folder / "shares.csv").write_text(data, encoding="utf-8")
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    return read_published(load(folder / "survey.toml"))


def figures(table: Tidy) -> dict[tuple[str, str, str], float]:
    return {(row["round"], row["indicator"], row["area"]): row["estimate"] for row in table.rows()}


def test_shares_are_read_in_percent_by_date_with_spellings_made_one(tmp_path: Path) -> None:
    table = published(tmp_path)
    assert table.column_names == ["round", "indicator", "level", "area", "estimate"]
    assert figures(table) == {
        ("2023-09-30", "Trust", "all"): 45.0,
        ("2023-09-30", "Trust", "North"): 40.0,
        ("2023-09-30", "Trust", "South"): 7.0,
        ("2023-12-31", "Trust", "all"): 48.0,
        ("2023-12-31", "Trust", "North"): 50.0,
        ("2023-12-31", "Help", "South"): 60.0,
    }
    assert table.notes["rounds"] == ["2023-09-30", "2023-12-31"]


def test_indicators_and_rounds_can_be_chosen_and_named(tmp_path: Path) -> None:
    text = TEXT + 'rounds = ["2023-12-31"]\n[[indicators]]\nname = "trust"\nitem = "Trust"\n'
    assert set(figures(published(tmp_path, text))) == {
        ("2023-12-31", "trust", "all"), ("2023-12-31", "trust", "North"),
    }  # fmt: skip


def test_a_published_indicator_is_not_estimated(tmp_path: Path) -> None:
    published(tmp_path, TEXT + '[[indicators]]\nname = "Trust"\n')
    indicator = load(tmp_path / "survey.toml").indicators[0]
    assert (indicator.kind, indicator.on_hundred) == ("share", True)
    with pytest.raises(MeasureError):
        indicator.as_statistic()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (('filter = { Kind = "A" }\n', ""), "duplicate-figure", "South"),
        (('filter = { Kind = "A" }', 'filter = { Kind = "C" }'), "unknown-name", "south"),
        (("south =", "east ="), "unknown-name", "east"),
        (("%d/%m/%Y", "%Y-%m-%d"), "not-a-date", "31/12/2023"),
        (('"Share"', '"Shares"'), "unknown-column", "did you mean 'Share'"),
        (('"Share"', '"Kind"'), "not-a-number", "row 1"),
        (("scale = 100", 'scale = 100\nrounds = ["2023-12-30"]'), "unknown-name", "2023-12-31"),
        (("scale = 100\n", "scale = 100\n[[indicators]]\nname = 'Trusts'\n"), "x", ""),
    ],
)
def test_a_fault_of_published_figures_is_said(
    tmp_path: Path, change: tuple[str, str], code: str, says: str
) -> None:
    if code == "x":
        text, code = TEXT + "[[indicators]]\nname = 'Trusts'\n", "unknown-name"
        says = "did you mean 'Trust'"
    else:
        text = TEXT.replace(*change)
    with pytest.raises(MeasureError) as wrong:
        published(tmp_path, text)
    assert wrong.value.code == code
    assert says in str(wrong.value)
    assert wrong.value.place.startswith("shares.csv")


def test_an_overall_figure_that_differs_between_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasureError) as wrong:
        published(tmp_path, data=DATA.replace('"0,4","0,45"', '"0,4","0,44"'))
    assert wrong.value.code == "duplicate-figure"
    assert "all" in wrong.value.place


@pytest.mark.parametrize(
    "part", ["[design]\nweights = 'w'\n", "[[rounds]]\nname = 'a'\ndata = 'shares.csv'\n"]
)
def test_published_figures_and_answers_of_respondents_do_not_mix(tmp_path: Path, part: str) -> None:
    with pytest.raises(SurveyFileError) as wrong:
        published(tmp_path, TEXT + part)
    assert wrong.value.code == "contradictory-options"


SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data are not beside the project")
def test_the_london_dashboard_gives_the_published_moves(tmp_path: Path) -> None:
    """Moves of 2023-12-31 on 2023-09-30, ties sharing the best rank, as published."""
    data = (SHARED / "london-pas" / "PAS_Dashboard_Borough.csv").as_posix()
    text = f"""\
[survey]
title = "PAS"
[published]
data = "{data}"
area = "Borough"
round = "Date"
indicator = "Measure"
value = "Proportion"
overall = "MPS"
level = "borough"
scale = 100
round_format = "%d/%m/%Y"
rename = {{ "Richmond Upon Thames" = "Richmond upon Thames" }}
[[indicators]]
name = "good_job"
item = '"Good Job" local'
"""
    (tmp_path / "s.toml").write_text(text)
    table = read_published(load(tmp_path / "s.toml"))
    assert len(table.notes["rounds"]) == 37
    assert len({row["area"] for row in table.rows() if row["level"] == "borough"}) == 32
    before, now = (
        {row["area"]: row["estimate"] for row in table.rows()
         if row["round"] == name and row["level"] == "borough"}
        for name in ("2023-09-30", "2023-12-31")
    )  # fmt: skip
    moves = {area: _rank(before, area) - _rank(now, area) for area in now}
    expected = {
        "Kingston upon Thames": 8, "Hammersmith and Fulham": 6, "Greenwich": 4,
        "Havering": -9, "Hounslow": -5, "Redbridge": -4,
    }  # fmt: skip
    assert {area: moves[area] for area in expected} == expected
    assert (min(moves.values()), max(moves.values())) == (-9, 8)


def _rank(figures_: dict[str, float], area: str) -> int:
    return 1 + sum(value > figures_[area] for value in figures_.values())
