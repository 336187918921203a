"""The command as other programs rely on it: exit status, tables, what is printed (P-18)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from huiyin.cli import main

ESTIMATES = (
    "round,indicator,level,area,n,sum_of_weights,estimate,se,ci_low,ci_high,df,deff,n_effective,"
    "published,why_not"
)
CHANGES = "round,previous,indicator,level,area,change,se,ci_low,ci_high,p,p_adjusted,verdict"
RANKS = (
    "round,indicator,level,area,rank,marginal_low,marginal_high,simultaneous_low,"
    "simultaneous_high,p_first,p_top5,p_bottom5,previous_rank,move,verdict"
)
SMALL = "round,indicator,level,area,direct,direct_se,model,mse,benchmarked,weight_on_direct"
DRIVERS = "item,stated,derived,derived_low,derived_high,satisfied,importance_satisfaction,quadrant"

SURVEY = """
[survey]
title = "A small survey"
[[rounds]]
name = "2021H1"
data = "first.csv"
[[rounds]]
name = "2021H2"
data = "second.csv"
[design]
weights = "w"
strata = "county"
[calibration]
method = "rake"
[[calibration.margins]]
columns = ["sex"]
totals = "sex.csv"
[[calibration.margins]]
columns = ["county"]
totals = "county.csv"
[areas]
county = "county"
town = "town"
[[indicators]]
name = "safety"
title = { zh = "安全感", en = "Safety" }
item = "q1"
share_of = [1, 2]
missing = [9]
[[indicators]]
name = "police"
title = { zh = "公安", en = "Police" }
item = "q2"
scores = { 1 = 100, 2 = 60, 3 = 0 }
missing = [9]
[[indicators]]
name = "age"
title = { zh = "年龄", en = "Age" }
item = "age"
numeric = true
statistic = "median"
[[composites]]
name = "total"
title = { zh = "总分", en = "Total" }
parts = { safety = 0.4, police = 0.6 }
[ranks]
of = ["total"]
level = "town"
draws = 500
[small_area]
of = ["total", "safety"]
level = "town"
covariates = "towns.csv"
benchmark = "county"
[drivers]
outcome = "safety"
items = ["police", "age_score"]
[publish]
minimum_n = 30
language = "en"
"""


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """Two rounds in 3 counties and 12 towns, one of them with hardly any interview."""
    rng = np.random.default_rng(7)
    towns = [f"0{county}{town:02d}" for county in (1, 2, 3) for town in range(4)]
    for name in ("first", "second"):
        lines = ["county,town,sex,age,q1,q2,w"]
        for town in towns:
            for _ in range(12 if town == "0303" else 45):
                q1, q2 = rng.choice([1, 2, 3, 4, 9], p=[0.3, 0.3, 0.2, 0.1, 0.1]), 9
                if rng.random() < 0.9:
                    q2 = rng.choice([1, 2, 3])
                sex, age = rng.integers(1, 3), rng.integers(16, 90)
                lines.append(f"{town[:2]},{town},{sex},{age},{q1},{q2},{rng.uniform(1, 4):.3f}")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="gbk")
    (tmp_path / "sex.csv").write_text("sex,total\n1,6100\n2,5900\n")
    (tmp_path / "county.csv").write_text("county,total\n01,4000\n02,4500\n03,3500\n")
    covariates = [f"{town},{i * 0.7 % 3:.2f},{900 + i}" for i, town in enumerate([*towns, "0304"])]
    (tmp_path / "towns.csv").write_text("area,income,population\n" + "\n".join(covariates))
    text = SURVEY.replace(
        "[[composites]]",
        '[[indicators]]\nname = "age_score"\ntitle = "Age"\nitem = "age"\nnumeric = true\n'
        "[[composites]]",
    ).replace('benchmark = "county"', 'benchmark = "all"')
    path = tmp_path / "survey.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(survey: Path, *more: str) -> int:
    return main(["measure", str(survey), "--out", str(survey.parent / "out"), *more])


def table(survey: Path, name: str) -> list[dict[str, str]]:
    with (survey.parent / "out" / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_table_of_the_contract_is_written_with_its_columns(survey: Path) -> None:
    assert run(survey, "--formats", "none", "--quiet") == 0
    out = survey.parent / "out"
    expected = {
        "estimates": ESTIMATES, "changes": CHANGES, "ranks": RANKS, "small_area": SMALL,
        "weights": "round,row,base,final",
    }  # fmt: skip
    for name, columns in expected.items():
        raw = (out / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark"
        assert raw[3:].split(b"\n")[0].decode().strip().replace('"', "") == columns
        assert ",".join(pq.read_schema(out / f"{name}.parquet").names) == columns
    assert (out / "drivers.csv").read_text("utf-8-sig").replace('"', "").startswith(DRIVERS)
    facts = json.loads((out / "weights.json").read_text())["2021H2"]
    assert {"iterations", "largest_margin_error", "deff_kish", "min", "max", "trimmed"} <= set(
        facts
    )
    assert facts["largest_margin_error"] < 1e-9
    assert facts["sum_of_weights"] == pytest.approx(12000, rel=1e-9)


def test_area_codes_keep_their_zero_and_all_is_always_there(survey: Path) -> None:
    run(survey, "--formats", "none", "--quiet")
    found = table(survey, "estimates")
    assert {row["level"] for row in found} == {"all", "county", "town"}
    assert {row["area"] for row in found if row["level"] == "county"} == {"01", "02", "03"}


def test_a_town_with_too_few_answers_is_withheld_everywhere_with_its_reason(survey: Path) -> None:
    run(survey, "--formats", "none", "--quiet")
    withheld = [row for row in table(survey, "estimates") if row["area"] == "0303"]
    assert withheld
    for row in withheld:
        assert row["published"] == "false"
        assert row["why_not"] == "few-answers"
        assert row["estimate"] == row["se"] == row["ci_low"] == row["deff"] == ""
    for name in ("changes", "ranks"):
        assert "0303" not in {row["area"] for row in table(survey, name)}
    modelled = [row for row in table(survey, "small_area") if row["area"] == "0303"]
    assert all(row["direct"] == "" and row["model"] != "" for row in modelled)


def test_a_town_without_an_interview_gets_a_model_figure_only(survey: Path) -> None:
    run(survey, "--formats", "none", "--quiet")
    for row in (r for r in table(survey, "small_area") if r["area"] == "0304"):
        assert row["direct"] == ""
        assert float(row["mse"]) > 0


def test_model_figures_add_up_to_the_published_whole(survey: Path) -> None:
    run(survey, "--formats", "none", "--quiet")
    sizes = {}
    for line in (survey.parent / "towns.csv").read_text().splitlines()[1:]:
        area, _, population = line.split(",")
        sizes[area] = float(population)
    rows = [
        r
        for r in table(survey, "small_area")
        if r["indicator"] == "total" and r["round"] == "2021H2"
    ]
    (whole,) = (
        r
        for r in table(survey, "estimates")
        if (r["indicator"], r["round"], r["level"]) == ("total", "2021H2", "all")
    )
    added = sum(sizes[r["area"]] * float(r["benchmarked"]) for r in rows) / sum(sizes.values())
    assert added == pytest.approx(float(whole["estimate"]), rel=1e-10)


def test_the_same_input_gives_the_same_tables(survey: Path) -> None:
    run(survey, "--formats", "none", "--quiet")
    out = survey.parent / "out"
    first = {path.name: path.read_bytes() for path in out.glob("*.csv")}
    run(survey, "--formats", "none", "--quiet")
    assert {path.name: path.read_bytes() for path in out.glob("*.csv")} == first


def test_json_prints_one_object_and_nothing_else(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(survey, "--formats", "none", "--json") == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert printed.err == ""
    assert [one["name"] for one in told["rounds"]] == ["2021H1", "2021H2"]
    assert {row["indicator"] for row in told["headline"]} >= {"safety", "police", "total"}
    assert all(Path(path).exists() for path in told["files"])


def test_quiet_prints_nothing(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(survey, "--formats", "none", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_bulletin_is_written_in_the_formats_asked_for(survey: Path) -> None:
    assert run(survey, "--formats", "html,xlsx", "--quiet") == 0
    written = {path.name for path in (survey.parent / "out").glob("bulletin.*")}
    assert written == {"bulletin.html", "bulletin.xlsx"}


@pytest.mark.parametrize(
    ("replace", "by", "named"),
    [
        ('weights = "w"', 'weights = "weight"', "weight"),
        ('item = "q1"', 'item = "Q1"', "q1"),
        ("scores = { 1 = 100, 2 = 60, 3 = 0 }", "scores = { 1 = 100, 2 = 60 }", "3"),
        ('data = "second.csv"', 'data = "secnd.csv"', "second.csv"),
        ("share_of = [1, 2]", 'share_of = [1, 2]\nshares_of = "x"', "shares_of"),
        ('level = "town"\ndraws', 'level = "village"\ndraws', "village"),
        ("parts = { safety = 0.4", "parts = { safty = 0.4", "safety"),
        ('totals = "sex.csv"', 'totals = "nowhere.csv"', "nowhere.csv"),
    ],
)
def test_wrong_input_ends_with_two_and_names_the_place(
    survey: Path, capsys: pytest.CaptureFixture[str], replace: str, by: str, named: str
) -> None:
    text = survey.read_text(encoding="utf-8")
    assert replace in text
    survey.write_text(text.replace(replace, by), encoding="utf-8")
    assert run(survey, "--formats", "none") == 2
    printed = capsys.readouterr()
    assert named in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_margins_that_miss_a_category_end_with_two(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (survey.parent / "sex.csv").write_text("sex,total\n1,12000\n")
    assert run(survey, "--formats", "none") == 2
    assert "sex" in capsys.readouterr().err


def test_margins_that_do_not_add_up_end_with_two(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (survey.parent / "sex.csv").write_text("sex,total\n1,6000\n2,5000\n")
    assert run(survey, "--formats", "none") == 2
    error = capsys.readouterr().err
    assert "11000" in error.replace(",", "")
    assert "12000" in error.replace(",", "")


def test_a_weight_below_zero_names_the_row(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = survey.parent / "first.csv"
    lines = first.read_text(encoding="gbk").splitlines()
    lines[5] = lines[5].rsplit(",", 1)[0] + ",-2.5"
    first.write_text("\n".join(lines), encoding="gbk")
    assert run(survey, "--formats", "none") == 2
    assert "5" in capsys.readouterr().err


def test_an_unknown_engine_ends_with_two(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(survey, "--formats", "none", "--engine", "abacus") == 2
    assert "duckdb" in capsys.readouterr().err


def test_an_unknown_format_ends_with_two_before_anything_is_written(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(survey, "--formats", "html,scroll") == 2
    assert "scroll" in capsys.readouterr().err
    assert not (survey.parent / "out").exists()


def test_messages_are_in_chinese_where_chinese_is_asked_for(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(survey, "--language", "zh", "--engine", "abacus") == 2
    assert "没有名为" in capsys.readouterr().err


def test_a_fault_of_ours_ends_with_one_and_without_a_traceback(
    survey: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the abacus fell over")

    monkeypatch.setattr("huiyin.measure.run.command.load", broken)
    assert run(survey, "--formats", "none") == 1
    error = capsys.readouterr().err
    assert "the abacus fell over" in error
    assert "Traceback" not in error


def test_names_for_codes_that_lost_a_zero_are_an_error(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey.write_text(survey.read_text() + '\n[area_names]\ncounty = "names.csv"\n')
    (survey.parent / "names.csv").write_text("area,name\n1,One\n2,Two\n3,Three\n")
    assert run(survey, "--formats", "none", "--quiet") == 2
    assert "names.csv has only with other leading zeros: 01, 02, 03" in capsys.readouterr().err


def test_an_area_without_a_name_is_told(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    survey.write_text(survey.read_text() + '\n[area_names]\ncounty = "names.csv"\n')
    (survey.parent / "names.csv").write_text("area,name\n01,One\n02,Two\n")
    assert run(survey, "--formats", "none") == 0
    assert "1 areas of level county have no name in names.csv" in capsys.readouterr().out
