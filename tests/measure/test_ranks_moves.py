"""P-20, 003-05: a move is real or not distinguishable from noise, and the plain number stands
beside it."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from huiyin.measure.errors import MeasureError
from huiyin.measure.multiplicity import Adjustment, adjust
from huiyin.measure.ranks import moves

LONDON = Path(__file__).parents[2].parent / "shared/data/london-pas/PAS_Dashboard_Borough.csv"


def test_a_rise_beyond_chance_is_up_a_fall_down_and_the_rest_not_distinguishable() -> None:
    table = moves([70.0, 80.0, 75.0], [1.0] * 3, [80.0, 70.0, 75.5], [1.0] * 3)
    assert table["verdict"].to_pylist() == ["up", "down", "not distinguishable"]
    assert table["difference"].to_pylist() == [10.0, -10.0, 0.5]
    assert table["previous_rank"].to_pylist() == [3, 1, 2]
    assert table["rank"].to_pylist() == [1, 3, 2]
    assert table["move"].to_pylist() == [2, -2, 0]


def test_interval_and_p_of_one_area_are_those_of_the_textbook() -> None:
    row = moves([73.57], [0.9], [76.09], [0.8]).rows()[0]
    se = np.hypot(0.9, 0.8)
    assert row["difference"] == pytest.approx(2.52)
    assert row["se"] == pytest.approx(se)
    assert row["p"] == pytest.approx(2 * norm.sf(2.52 / se))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(norm.interval(0.95, 2.52, se))


def test_few_degrees_of_freedom_widen_the_interval() -> None:
    row = moves([70.0], [1.0], [73.0], [1.0], df=[4.0], confidence=0.9).rows()[0]
    se = np.sqrt(2)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(student.interval(0.9, 4, 3.0, se))
    assert row["p"] == pytest.approx(2 * student.sf(3 / se, 4))


def test_overlap_of_the_samples_enters_by_the_covariance() -> None:
    row = moves([70.0], [2.0], [71.0], [2.0], covariance=[3.0]).rows()[0]
    assert row["se"] == pytest.approx(np.sqrt(4 + 4 - 6))


@pytest.mark.parametrize("method", ["holm", "bh", "none"])
def test_verdicts_follow_the_adjusted_p_values(method: Adjustment) -> None:
    rng = np.random.default_rng(3)
    before, now = rng.normal(70, 3, 40), rng.normal(70, 3, 40)
    table = moves(before, np.ones(40), now, np.ones(40), adjust=method)
    expected = adjust(table["p"].to_numpy(), method)
    np.testing.assert_array_equal(table["p_adjusted"].to_numpy(), expected)
    real = np.array([v != "not distinguishable" for v in table["verdict"].to_pylist()])
    assert real.tolist() == (expected <= 0.05).tolist()
    assert table.notes["tests"] == 40


def test_one_outlier_among_many_areas_must_be_larger_than_one_looked_at_alone() -> None:
    alone = moves([70.0], [1.0], [73.0], [1.0])
    among = moves([70.0] * 50, [1.0] * 50, [73.0] + [70.0] * 49, [1.0] * 50)
    assert alone["verdict"].to_pylist() == ["up"]
    assert among["verdict"].to_pylist()[0] == "not distinguishable"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 20), st.sampled_from(["holm", "bh"]))
def test_a_real_move_has_an_interval_without_zero_on_the_side_of_its_verdict(
    seed: int, areas: int, method: Any
) -> None:
    rng = np.random.default_rng(seed)
    table = moves(
        rng.normal(70, 4, areas), rng.uniform(0.5, 2, areas),
        rng.normal(70, 4, areas), rng.uniform(0.5, 2, areas), adjust=method,
    )  # fmt: skip
    for row in table.rows():
        assert row["ci_low"] <= row["difference"] <= row["ci_high"]
        if row["verdict"] == "up":
            assert row["ci_low"] > 0
        if row["verdict"] == "down":
            assert row["ci_high"] < 0


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_false_verdicts_stay_at_the_stated_rate_when_nothing_changed(method: Any) -> None:
    rng = np.random.default_rng(6)
    truth, se, repetitions = rng.normal(70, 5, 30), rng.uniform(0.5, 2, 30), 500
    wrong = 0
    for _ in range(repetitions):
        before, now = (truth + se * rng.standard_normal(30) for _ in range(2))
        verdicts = moves(before, se, now, se, adjust=method)["verdict"].to_pylist()
        wrong += any(verdict != "not distinguishable" for verdict in verdicts)
    assert abs(wrong / repetitions - 0.05) <= 4 * np.sqrt(0.05 * 0.95 / repetitions)


def test_areas_of_one_round_only_are_said_and_not_dropped() -> None:
    table = moves(
        [70.0, 80.0, 60.0], [1.0] * 3, [81.0, 50.0], [1.0] * 2,
        areas=["b", "new"], previous_areas=["a", "b", "gone"],
    )  # fmt: skip
    assert table["area"].to_pylist() == ["b", "new", "a", "gone"]
    assert table["in_rounds"].to_pylist() == [
        "both", "current only", "previous only", "previous only",
    ]  # fmt: skip
    assert table["verdict"].to_pylist() == ["not distinguishable", None, None, None]
    assert table["move"].to_pylist() == [0, None, None, None]
    assert table["previous_rank"].to_pylist() == [1, None, 2, 3]
    assert table["rank"].to_pylist() == [1, 2, None, None]
    assert table["why_not"].to_pylist() == [
        None, "not in the previous round", "not in the current round", "not in the current round",
    ]  # fmt: skip
    assert table.notes["new_areas"] == ["new"]
    assert table.notes["gone_areas"] == ["a", "gone"]
    assert table.notes["tests"] == 1


def test_areas_are_matched_by_name_and_not_by_row() -> None:
    table = moves([70.0, 80.0], None, [81.0, 71.0], None, areas=["b", "a"],
                  previous_areas=["a", "b"])  # fmt: skip
    assert table["difference"].to_pylist() == [1.0, 1.0]


def test_without_standard_errors_moves_are_given_and_nothing_is_invented() -> None:
    for unknown in (None, [float("nan")] * 2):
        table = moves([70.0, 80.0], unknown, [80.0, 70.0], None)
        assert table["difference"].to_pylist() == [10.0, -10.0]
        assert table["move"].to_pylist() == [1, -1]
        for column in ("se", "ci_low", "ci_high", "p", "p_adjusted", "verdict"):
            assert table[column].to_pylist() == [None, None]
        assert set(table.notes["why_null"]) == {"en", "zh"}
        assert table["why_not"].to_pylist() == ["no standard error"] * 2


def test_an_area_with_a_zero_standard_error_is_not_tested_unless_counted_in_full() -> None:
    table = moves([70.0, 70.0], [0.0, 1.0], [75.0, 75.0], [1.0, 1.0])
    assert table["verdict"].to_pylist() == [None, "up"]
    assert table.notes["tests"] == 1
    full = moves([70.0, 70.0], [0.0, 0.0], [75.0, 70.0], [0.0, 0.0], zero_se="exact")
    assert full["verdict"].to_pylist() == ["up", "not distinguishable"]
    assert full["p"].to_pylist() == [0.0, 1.0]


def test_mean_ranks_move_by_halves_and_lower_can_be_better() -> None:
    table = moves([1.0, 1.0, 2.0], None, [1.0, 3.0, 2.0], None, ties="average", good="lower")
    assert table["previous_rank"].to_pylist() == [1.5, 1.5, 3.0]
    assert table["move"].to_pylist() == [0.5, -1.5, 1.0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"previous": [1.0, 2.0]}, "length-mismatch"),
        ({"current": [float("nan")]}, "bad-estimate"),
        ({"current_se": [-1.0]}, "bad-standard-error"),
        ({"previous_se": [1.0, 2.0]}, "length-mismatch"),
        ({"covariance": [5.0]}, "bad-covariance"),
        ({"covariance": [1.0, 1.0]}, "length-mismatch"),
        ({"df": [0.0]}, "bad-df"),
        ({"df": [float("nan")]}, "bad-df"),
        ({"adjust": "sidak"}, "unknown-option"),
        ({"zero_se": "?"}, "unknown-option"),
        ({"confidence": 1.2}, "bad-confidence"),
        ({"areas": ["a", "b"]}, "length-mismatch"),
        ({"previous": [1.0, 2.0], "previous_se": None, "previous_areas": ["a", "a"]},
         "duplicate-area"),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_with_its_place(arguments: dict[str, Any], code: str) -> None:
    good = {"previous": [1.0], "previous_se": [1.0], "current": [2.0], "current_se": [1.0]}
    with pytest.raises(MeasureError) as refused:
        moves(**(good | arguments))
    assert refused.value.code == code
    assert refused.value.place


@pytest.mark.skipif(not LONDON.exists(), reason="needs shared/data/london-pas beside the project")
def test_london_boroughs_move_as_published() -> None:
    # The data's own note: "Good Job" local, 30.9.2023 to 31.12.2023, ranked descending, ties
    # sharing the best rank.
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    with LONDON.open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            if row["Measure"].strip('"').startswith('Good Job" local'):
                borough = row["Borough"].replace(" Upon ", " upon ")  # Richmond is spelt both ways
                shares[row["Date"]][borough] = float(row["Proportion"].replace(",", "."))
    before, now = shares["30/9/2023"], shares["31/12/2023"]
    table = moves(list(before.values()), None, list(now.values()), None, areas=list(now),
                  previous_areas=list(before), decimals=2)  # fmt: skip
    move = {row["area"]: row["move"] for row in table.rows()}
    assert len(move) == 32
    assert [move[name] for name in ("Kingston upon Thames", "Hammersmith and Fulham", "Greenwich")
            ] == [8, 6, 4]  # fmt: skip
    assert [move[name] for name in ("Havering", "Hounslow", "Redbridge")] == [-9, -5, -4]
    assert max(move.values()) == 8
    assert min(move.values()) == -9
