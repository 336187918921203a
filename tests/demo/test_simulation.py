"""The simulated city: the same for a seed, honest but for one township, and ready to measure."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from huiyin.demo import Simulation, simulate, truth, write_survey
from huiyin.demo.fieldwork import STARTS
from huiyin.demo.instrument import FIVE_POINT, NAMES, QUESTIONS
from huiyin.demo.opinion import INTERVIEWERS
from huiyin.demo.people import phone_kinds

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "cn-divisions"


@pytest.fixture(scope="module")
def city_survey() -> Simulation:
    return simulate(1)


@pytest.fixture(scope="module")
def known(city_survey: Simulation) -> dict[str, Any]:
    return truth(city_survey)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_survey(tmp_path_factory.mktemp("anhe"), 1).parent


def column(table: pa.Table, name: str) -> np.ndarray:
    return table[name].to_numpy()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    folder: Path, tmp_path: Path
) -> None:
    again = write_survey(tmp_path / "again", 1).parent
    other = write_survey(tmp_path / "other", 2).parent
    names = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in again.iterdir()) == names
    for name in names:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name
    changed = [n for n in names if (other / n).read_bytes() != (folder / n).read_bytes()]
    assert changed == [
        "dispositions.csv", "towns.csv", "truth.json", "wave_2021H1.parquet",
        "wave_2021H2.parquet",
    ]  # fmt: skip


def test_there_are_8_counties_102_townships_and_two_rounds_of_about_11000(
    city_survey: Simulation,
) -> None:
    city = city_survey.city
    assert (len(city.counties), len(city.towns), len(set(city.town_names))) == (8, 102, 102)
    for each in city_survey.rounds:
        assert 10_500 < each.interviews.num_rows < 11_700
        _, counts = np.unique(column(each.interviews, "town"), return_counts=True)
        assert len(counts) == 102
        assert counts.min() >= 100
        assert counts.max() <= 150


def test_codes_have_twelve_digits_nest_and_belong_to_no_province(city_survey: Simulation) -> None:
    city = city_survey.city
    for code in (*city.counties, *city.towns):
        assert len(code) == 12
        assert code.isdigit()
        assert code.startswith("9901")
    for at, code in enumerate(city.towns):
        assert city.counties[city.county_of_town[at]] == code[:6] + "000000"
    assert city.towns == sorted(set(city.towns))
    for code, name in zip(city.towns, city.town_names, strict=True):
        kind = {"0": "街道", "1": "镇", "2": "乡"}[code[6]]
        assert name.endswith(kind)


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data/cn-divisions")
def test_no_county_or_township_bears_the_name_of_a_real_one(city_survey: Simulation) -> None:
    real = {
        row["name"]
        for name in ("streets.csv", "areas.csv", "cities.csv")
        for row in rows_of(SHARED / name)
    }
    city = city_survey.city
    assert not real & {*city.town_names, *city.county_names, "安和市"}
    stems = {name.removesuffix("街道").rstrip("镇乡") for name in city.town_names}
    assert not {stem + kind for stem in stems for kind in ("街道", "镇", "乡")} & real


def test_the_true_totals_of_the_city_are_those_that_were_published(
    known: dict[str, Any],
) -> None:
    rounds = known["rounds"]
    totals = [rounds[name]["values"]["all"]["all"]["total"] for name in ("2021H1", "2021H2")]
    np.testing.assert_allclose(totals, [73.57, 76.09], atol=1e-6)
    assert round(totals[1] - totals[0], 2) == 2.52


def test_weights_of_the_indicators_sum_to_one_and_the_total_is_made_of_them(
    known: dict[str, Any],
) -> None:
    assert sum(q.weight for q in QUESTIONS) == pytest.approx(1)
    for areas in known["rounds"]["2021H1"]["values"].values():
        for values in areas.values():
            total = sum(q.weight * values[q.name] for q in QUESTIONS)
            assert values["total"] == pytest.approx(total)
            assert all(0 < value < 100 for value in values.values())


def test_only_twelve_townships_and_the_coached_one_move_apart_from_the_city(
    known: dict[str, Any],
) -> None:
    first, second = (known["rounds"][r]["values"]["town"] for r in ("2021H1", "2021H2"))
    moves = {town: second[town]["total"] - first[town]["total"] for town in first}
    moved = {*known["moved"]["up"], *known["moved"]["down"], known["coached"]["town"]}
    assert len(moved) == 13
    assert all(moves[town] > 6 for town in known["moved"]["up"])
    assert all(moves[town] < -4 for town in known["moved"]["down"])
    others = np.array([move for town, move in moves.items() if town not in moved])
    assert np.ptp(others) < 1.5


def test_coaching_changes_true_values_of_the_coached_and_what_holds_it_and_nothing_else(
    known: dict[str, Any],
) -> None:
    coached = known["coached"]["town"]
    assert known["rounds"]["2021H1"]["values"] == known["rounds"]["2021H1"]["honest"]
    last = known["rounds"]["2021H2"]
    for level, areas in last["values"].items():
        touched = {a for a in areas if areas[a] != last["honest"][level][a]}
        assert touched == {{"all": "all", "county": coached[:6] + "000000", "town": coached}[level]}


def shares(table: pa.Table, coached: str) -> dict[str, tuple[float, float]]:
    """Signs of coaching: in the coached township, in all others."""
    here = column(table, "town") == coached
    answers = np.stack([column(table, name) for name in FIVE_POINT if name != "window"], axis=1)
    treated, count = column(table, "list_treatment") == 1, column(table, "list_count")
    signs = {
        "all best": (answers == 1).all(axis=1),
        "told": column(table, "told_how") == 1,
        "seconds": column(table, "seconds"),
    }
    found = {name: (sign[here].mean(), sign[~here].mean()) for name, sign in signs.items()}
    listed = [count[w & treated].mean() - count[w & ~treated].mean() for w in (here, ~here)]
    return found | {"list": (listed[0], listed[1])}


def test_the_coached_township_differs_in_every_sign_and_only_in_the_second_round(
    city_survey: Simulation, known: dict[str, Any]
) -> None:
    coached = known["coached"]["town"]
    before, after = (shares(each.interviews, coached) for each in city_survey.rounds)
    assert after["all best"][0] > 0.45
    assert after["all best"][1] < 0.06
    assert 0.2 < after["told"][0] < 0.5
    assert after["told"][1] < 0.02
    assert after["seconds"][0] < 0.85 * after["seconds"][1]
    assert after["list"][0] == pytest.approx(0.6, abs=0.45)
    assert after["list"][1] == pytest.approx(0.005, abs=0.05)
    assert before["all best"][0] < 0.1
    assert before["told"][0] < 0.06
    assert before["seconds"][0] == pytest.approx(before["seconds"][1], rel=0.06)


def test_weighted_answers_come_near_the_true_values(
    city_survey: Simulation, known: dict[str, Any]
) -> None:
    city = city_survey.city
    for each in city_survey.rounds:
        table = each.interviews
        cell = (
            np.searchsorted(city.towns, column(table, "town")) * 10
            + (column(table, "sex") - 1) * 5 + column(table, "age_band") - 1
        )  # fmt: skip
        base = column(table, "base_weight")
        sampled = np.bincount(cell, base, minlength=1020)
        weight = base * (city.adults.ravel() / np.maximum(sampled, 1e-9))[cell]
        for question in QUESTIONS:
            codes = column(table, question.name)
            answered = codes <= len(question.answers)
            value = np.pad(question.scores, (1, 9 - len(question.scores)))[codes]
            w = weight * answered
            estimate = (w * value).sum() / w.sum()
            error = np.sqrt((w**2 * (value - estimate) ** 2).sum()) / w.sum()
            target = known["rounds"][each.name]["values"]["all"]["all"][question.name]
            assert abs(estimate - target) < 4 * error, (each.name, question.name)


def test_base_weights_are_those_of_two_overlapping_frames(city_survey: Simulation) -> None:
    from huiyin.measure.base_weights import two_frame_weights

    table = city_survey.rounds[0].interviews
    weighted, _ = two_frame_weights(
        table,
        frame="frame",
        landline_lines="landlines",
        mobile_numbers="mobiles",
        eligible_in_household="sharing",
        drawn={"landline": "landline_drawn", "mobile": "mobile_drawn"},
        frame_size={"landline": "landline_numbers", "mobile": "mobile_numbers"},
        name="again",
    )
    found = weighted.order_by("case_id").select("base_weight", "again").to_pyarrow()
    np.testing.assert_allclose(found["again"], found["base_weight"], rtol=1e-12)


def test_kinds_of_telephone_are_shares_and_nobody_is_without() -> None:
    phones = phone_kinds()
    np.testing.assert_allclose(phones.shares.sum(axis=2), 1)
    assert np.all((phones.lines > 0) | (phones.mobiles > 0))
    assert np.all((phones.sharing > 0) == (phones.lines > 0))


def test_an_interviewer_holds_one_interview_at_a_time_within_calling_hours(
    city_survey: Simulation,
) -> None:
    for each, start in zip(city_survey.rounds, STARTS, strict=True):
        table = each.interviews
        began = column(table, "started").astype("datetime64[s]")
        seconds = column(table, "seconds")
        who = column(table, "interviewer")
        assert len(set(who)) == INTERVIEWERS
        assert np.all((began - start).astype(int) % 86_400 < 12 * 3600)
        for interviewer in np.unique(who):
            mine = who == interviewer
            ends = began[mine] + seconds[mine].astype("timedelta64[s]")
            assert np.all(began[mine][1:] >= ends[:-1])


def test_every_answer_is_in_the_codebook(folder: Path, city_survey: Simulation) -> None:
    listed: dict[str, set[int]] = {}
    for row in rows_of(folder / "codebook.csv"):
        listed.setdefault(row["column"], set()).add(int(row["code"]))
    for each in city_survey.rounds:
        for name, codes in listed.items():
            assert set(each.interviews[name].drop_null().to_pylist()) <= codes, name
    assert set(NAMES) <= set(listed)


def test_dispositions_account_for_every_number_drawn(folder: Path, city_survey: Simulation) -> None:
    counts = rows_of(folder / "dispositions.csv")
    assert all(int(row["count"]) >= 0 for row in counts)
    for each in city_survey.rounds:
        own = [row for row in counts if row["round"] == each.name]
        interviews = sum(int(row["count"]) for row in own if row["disposition"] == "1.1")
        assert interviews == each.interviews.num_rows
        drawn = each.interviews.to_pandas().groupby("town")[["landline_drawn", "mobile_drawn"]]
        assert sum(int(row["count"]) for row in own) == drawn.first().to_numpy().sum()


def test_margins_agree_with_each_other(folder: Path) -> None:
    def by_county(name: str) -> dict[str, int]:
        totals: dict[str, int] = {}
        for row in rows_of(folder / name):
            totals[row["county"]] = totals.get(row["county"], 0) + int(row["total"])
        return totals

    assert by_county("margins_sex_age.csv") == by_county("margins_town.csv")


def test_registers_go_with_what_people_think(city_survey: Simulation, folder: Path) -> None:
    towns = rows_of(folder / "towns.csv")
    level = city_survey.opinion.level
    assert [row["area"] for row in towns] == city_survey.city.towns
    cases = np.array([float(row["cases_per_10000"]) for row in towns])
    visits = np.array([float(row["visits_per_100"]) for row in towns])
    assert cases.min() > 0
    assert np.corrcoef(cases, level)[0, 1] < -0.6
    assert np.corrcoef(visits, level)[0, 1] > 0.4


def test_the_survey_file_is_read_without_a_warning_and_names_files_that_are_there(
    folder: Path,
) -> None:
    from huiyin.measure.survey_file.load import load

    survey: Any = load(folder / "survey.toml")
    assert survey.warnings == ()
    assert [each.name for each in survey.rounds] == ["2021H1", "2021H2"]
    assert [each.name for each in survey.indicators] == list(NAMES)
    assert survey.composites[0].parts == tuple((q.name, q.weight) for q in QUESTIONS)
    assert json.loads((folder / "truth.json").read_text(encoding="utf-8"))["seed"] == 1
