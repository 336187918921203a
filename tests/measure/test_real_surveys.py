"""Real survey files, measured by the command itself (P-18, P-20, P-21).

The files are not part of the project; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.conftest import SHARED

from huiyin.cli import main

REAL = Path(__file__).resolve().parents[1] / "real"

Rows = list[dict[str, str]]


def measured(name: str, out: Path, data: str) -> Path:
    if not (SHARED / "data" / data).exists():
        pytest.skip(f"the shared folder beside the project has no data/{data}")
    survey = REAL / f"{name}.toml"
    assert main(["measure", str(survey), "--out", str(out), "--formats", "none", "--quiet"]) == 0
    return out


@pytest.fixture(scope="module")
def kansas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measured("kansas_city", tmp_path_factory.mktemp("kansas"), "kansas-city")


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measured("london", tmp_path_factory.mktemp("london"), "london-pas")


@pytest.fixture(scope="module")
def enusc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measured("enusc", tmp_path_factory.mktemp("enusc"), "enusc")


def rows(folder: Path, table: str, **where: str) -> Rows:
    with (folder / f"{table}.csv").open(encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if all(row[k] == v for k, v in where.items())]


@pytest.mark.parametrize(
    ("indicator", "before", "after", "n"),
    [("city_safety", 28.77, 35.11, ("1022", "977")), ("neighbourhood_safety", 60.02, 62.96, None)],
)
def test_kansas_city_prints_the_published_shares(
    kansas: Path, indicator: str, before: float, after: float, n: tuple[str, str] | None
) -> None:
    found = rows(kansas, "estimates", indicator=indicator, level="all")
    assert [round(float(row["estimate"]), 2) for row in found] == [before, after]
    if n is not None:
        assert tuple(row["n"] for row in found) == n


def test_kansas_city_importance_and_satisfaction_are_those_published(tmp_path: Path) -> None:
    """The published table is of the first wave; the command takes the last round it is given."""
    if not (SHARED / "data" / "kansas-city").exists():
        pytest.skip("the shared folder beside the project has no data/kansas-city")
    whole = (REAL / "kansas_city.toml").read_text(encoding="utf-8")
    head, tail = whole.split("[[rounds]]", 2)[:1], whole.split("[[rounds]]", 2)[1:]
    first = head[0] + "[[rounds]]" + tail[0] + tail[1][tail[1].index("[areas]") :]
    data = (SHARED / "data" / "kansas-city").as_posix()
    first = first.replace("../../../shared/data/kansas-city", data)
    for name in ("kansas_districts.csv", "kansas_services.csv"):
        (tmp_path / name).write_bytes((REAL / name).read_bytes())
    survey = tmp_path / "first.toml"
    survey.write_text(first, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["measure", str(survey), "--out", str(out), "--formats", "none", "--quiet"]) == 0
    rating = {row["item"]: row["importance_satisfaction"] for row in rows(out, "drivers")}
    assert round(float(rating["streets"]), 4) == 0.6045
    assert round(float(rating["police"]), 4) == 0.2651
    assert round(float(rating["neighbourhoods"]), 4) == 0.1378


def test_kansas_city_ranks_six_districts_with_sets_that_hold_the_rank(kansas: Path) -> None:
    found = rows(kansas, "ranks", round="2022Q1", indicator="neighbourhood_safety")
    assert len(found) == 6
    for row in found:
        low, rank, high = (
            int(float(row[k])) for k in ("simultaneous_low", "rank", "simultaneous_high")
        )
        assert 1 <= low <= rank <= high <= 6
        assert int(float(row["marginal_low"])) >= low
        assert int(float(row["marginal_high"])) <= high
        assert row["verdict"] in ("up", "down", "not distinguishable")


def test_london_moves_are_those_published_and_nothing_is_said_about_noise(london: Path) -> None:
    found = {row["area"]: row for row in rows(london, "ranks", round="2023-12-31")}
    moves = {
        "Kingston upon Thames": 8,
        "Hammersmith and Fulham": 6,
        "Greenwich": 4,
        "Havering": -9,
        "Hounslow": -5,
        "Redbridge": -4,
    }
    assert {area: int(float(found[area]["move"])) for area in moves} == moves
    assert len(found) == 32
    for row in found.values():
        assert row["marginal_low"] == row["simultaneous_high"] == row["p_first"] == ""
        assert row["verdict"] == ""
    assert all(row["ci_low"] == "" for row in rows(london, "estimates"))


def test_london_boroughs_with_the_same_printed_share_have_the_same_rank(london: Path) -> None:
    figures = rows(london, "estimates", round="2023-12-31", level="borough")
    shares = {row["area"]: round(float(row["estimate"]), 2) for row in figures}
    ranks = {row["area"]: float(row["rank"]) for row in rows(london, "ranks", round="2023-12-31")}
    assert len(set(shares.values())) < len(shares), "there are ties in these data"
    for area, share in shares.items():
        assert ranks[area] == 1 + sum(other > share for other in shares.values())


def test_enusc_measures_the_nation_and_sixteen_regions(enusc: Path) -> None:
    found = rows(enusc, "estimates", indicator="crime_up")
    assert len([row for row in found if row["level"] == "region"]) == 16
    assert {row["area"] for row in found if row["level"] == "region"} == {
        str(code) for code in range(1, 17)
    }
    (nation,) = (row for row in found if row["level"] == "all")
    assert int(nation["n"]) == 24465 - 239 - 14
    assert float(nation["deff"]) > 1
    assert all(0 < float(row["se"]) < 10 for row in found)


def test_real_tables_hold_a_figure_or_nothing(kansas: Path, london: Path, enusc: Path) -> None:
    for folder in (kansas, london, enusc):
        for path in folder.glob("*.csv"):
            text = path.read_text(encoding="utf-8-sig").lower()
            assert not {"nan", "inf", "-inf", "null"} & set(text.replace('"', "").split(","))


def test_weights_of_a_real_survey_have_one_row_per_respondent(enusc: Path) -> None:
    found = rows(enusc, "weights")
    assert [int(row["row"]) for row in found] == list(range(1, 24466))
    facts = json.loads((enusc / "weights.json").read_text(encoding="utf-8"))["2019"]
    total = sum(float(row["final"]) for row in found)
    assert facts["sum_of_weights"] == pytest.approx(total, rel=1e-12)
