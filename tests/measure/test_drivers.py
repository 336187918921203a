"""Stated and derived importance, satisfaction and the four quadrants. Requirement P-21."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers import QUADRANT_TITLES, drivers
from huiyin.measure.key_drivers.importance import quadrants
from huiyin.measure.statistics import composite, score, share

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "kansas-city"

COLUMNS = [
    "item", "stated", "derived", "derived_low", "derived_high", "satisfied",
    "importance_satisfaction", "quadrant", "correlation",
]  # fmt: skip


def answers(rows: int = 200, seed: int = 4) -> dict[str, list]:
    """Two items on 1 (best) to 5 with 9 = don't know, an outcome, two 'most important' columns."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=rows)
    table = {
        name: np.clip(np.round(3 + level + rng.normal(size=rows)), 1, 5).astype(int)
        for name in ("safety", "police", "courts")
    }
    table["police"][:10] = 9
    first = rng.choice([1, 2, 99], rows)
    second = np.where(first == 99, 99, rng.choice([1, 2, 99], rows))
    return {name: v.tolist() for name, v in (table | {"m1": first, "m2": second}).items()}


def run(table: dict[str, list] | None = None, **options: object):
    options = {
        "outcome": "safety", "items": ["police", "courts"], "missing": [9],
        "satisfied": [1, 2], "bootstrap": 50, **options,
    }  # fmt: skip
    return drivers(answers() if table is None else table, **options)


STATED = {"columns": ["m1", "m2"], "codes": {1: "police", 2: "courts"}}


def test_the_columns_are_those_of_the_contract_and_nothing_is_nan() -> None:
    found = run(stated=STATED)
    assert found.column_names == COLUMNS
    for row in found.rows():
        assert not any(isinstance(v, float) and math.isnan(v) for v in row.values())
        assert row["derived_low"] <= row["derived"] <= row["derived_high"]
    assert sum(found["derived"].to_pylist()) == pytest.approx(100)


# Kansas City resident survey, 2021 Q3: the city's report by ETC Institute, as in the README there.
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data/kansas-city")
def test_kansas_city_gets_its_published_importance_satisfaction() -> None:
    import pandas as pd

    wave = pd.read_csv(SHARED / "wave_2021q3.csv", low_memory=False)
    codes = {code: f"q3_{code:02d}" for code in range(1, 17)}
    found = drivers(
        wave,
        outcome="q2_05",
        items=list(codes.values()),
        missing=[9],
        satisfied=[4, 5],
        stated={"columns": ["q4_01", "q4_02", "q4_03"], "codes": codes},
        incomplete="pairwise",
        bootstrap=20,
    )
    rating = {row["item"]: row for row in found.rows()}
    assert round(rating["q3_03"]["importance_satisfaction"], 4) == 0.6045  # streets
    assert round(rating["q3_01"]["importance_satisfaction"], 4) == 0.2651  # police
    assert round(rating["q3_06"]["importance_satisfaction"], 4) == 0.1378  # neighbourhood services
    assert rating["q3_03"]["quadrant"] == "opportunity for improvement"
    assert found.notes["respondents"] == 1033
    assert found.notes["respondents_used"] < 1022  # q2_05 alone has 1,022 answers
    assert sum(row["derived"] for row in found.rows()) == pytest.approx(100)


def test_naming_an_item_twice_counts_once_and_naming_none_counts_in_the_base() -> None:
    table = {
        "safety": [1, 2, 3, 4, 5, 1, 2, 5], "police": [1, 2, 3, 5, 4, 1, 3, 5],
        "m1": [1, 1, 99, 1, 2, None, 1, 99], "m2": [1, 2, 99, 99, 1, None, 2, None],
    }  # fmt: skip
    found = run(table, items=["police"], stated={"columns": ["m1", "m2"], "codes": {1: "police"}})
    assert found["stated"].to_pylist() == [pytest.approx(100 * 5 / 8)]


def test_the_list_of_codes_may_be_a_table_and_may_name_more_than_the_items() -> None:
    codes = {"code": ["1", "2", "7"], "item": ["police", "courts", "traffic"]}
    text = {name: [str(v) for v in values] for name, values in answers().items()}
    mapped = run(stated=STATED)["stated"].to_pylist()
    listed = run(
        text, outcome=score("safety", {str(i): i for i in range(1, 6)}),
        items=[score(i, {str(k): k for k in range(1, 6)}, missing=["9"])
               for i in ("police", "courts")],
        missing=(), satisfied=None, stated={"columns": ["m1", "m2"], "codes": codes},
    )["stated"].to_pylist()  # fmt: skip
    assert listed == mapped


def test_an_item_without_a_code_has_no_stated_importance_and_no_quadrant() -> None:
    found = run(stated={"columns": "m1", "codes": {1: "police"}})
    police, courts = found.rows()
    assert police["stated"] is not None
    assert (courts["stated"], courts["importance_satisfaction"], courts["quadrant"]) == (None,) * 3
    assert courts["derived"] > 0


def test_do_not_know_is_left_out_of_satisfaction() -> None:
    table = answers()
    known = [v for v in table["police"] if v != 9]
    found = run(stated=STATED)
    share_satisfied = 100 * sum(v <= 2 for v in known) / len(known)
    assert found["satisfied"][0].as_py() == pytest.approx(share_satisfied)
    rating = found["stated"][0].as_py() / 100 * (1 - share_satisfied / 100)
    assert found["importance_satisfaction"][0].as_py() == pytest.approx(rating)


def test_nothing_stated_sets_derived_importance_against_satisfaction() -> None:
    found = run()
    assert found["stated"].null_count == 2
    assert found.notes["importance"] == "derived"
    for row in found.rows():
        expected = row["derived"] / 100 * (1 - row["satisfied"] / 100)
        assert row["importance_satisfaction"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "satisfied"),
    [
        ({1: 100, 2: 80, 3: 60, 4: 30, 5: 0}, (1, 2)),
        ({1: 100, 2: 66, 3: 33, 4: 0, 5: 0}, (1, 2)),
        ({1: 100, 2: 50, 3: 0, 4: 0, 5: 0}, (1,)),
        ({1: 0, 2: 25, 3: 50, 4: 75, 5: 100}, (4, 5)),
    ],
)
def test_the_better_half_of_the_scores_is_satisfied(scores: dict, satisfied: tuple) -> None:
    by_rule = run(items=["courts"], scores=scores, satisfied=None)
    by_codes = run(items=["courts"], scores=scores, satisfied=satisfied)
    assert by_rule["satisfied"].to_pylist() == by_codes["satisfied"].to_pylist()


def test_where_lower_is_good_the_other_end_of_the_scale_is_satisfied() -> None:
    scores = {1: 100, 2: 80, 3: 60, 4: 30, 5: 0}
    lower = run(items=["courts"], scores=scores, satisfied=None, good="lower")
    assert lower["satisfied"] == run(items=["courts"], satisfied=[4, 5])["satisfied"]
    share_lower = run(items=[share("courts", [1, 2])], satisfied=None, good={"courts": "lower"})
    assert share_lower["satisfied"] == run(items=["courts"], satisfied=[3, 4, 5])["satisfied"]


def test_a_numeric_item_has_no_satisfied_share_unless_codes_are_given() -> None:
    found = run(satisfied={"police": [1, 2]})
    assert [row["satisfied"] is None for row in found.rows()] == [False, True]
    assert found["quadrant"][1].as_py() is None


def test_on_a_line_of_the_quadrants_counts_as_above_it() -> None:
    found = quadrants(
        np.array([30.0, 30.0, 29.9, 29.9, np.nan]),
        np.array([80.0, 79.9, 80.0, 79.9, 90.0]),
        (30.0, 80.0),
    )
    assert found == [
        "continued emphasis", "opportunity for improvement", "exceeding expectations",
        "less important", None,
    ]  # fmt: skip
    assert set(QUADRANT_TITLES) == set(found) - {None}


def test_targets_move_the_lines_of_the_quadrants() -> None:
    targets = {"importance": 0, "satisfied": 100}
    found = run(stated=STATED, quadrant=targets)
    assert found.notes["lines"] == targets
    assert set(found["quadrant"].to_pylist()) == {"opportunity for improvement"}


def test_a_constant_item_explains_nothing_and_has_no_correlation() -> None:
    table = answers() | {"same": [3] * 200}
    found = run(table, items=["police", "same"])
    assert found["derived"][1].as_py() == 0
    assert found["derived_high"][1].as_py() == 0
    assert found["correlation"][1].as_py() is None
    assert found.notes["constant"] == ["same"]


def test_an_item_listed_twice_under_two_names_shares_its_part() -> None:
    table = answers()
    found = run(table | {"again": table["courts"]}, items=["police", "courts", "again"])
    assert found["derived"][1].as_py() == pytest.approx(found["derived"][2].as_py())
    alone = run(table)
    assert found.notes["r_squared"] == pytest.approx(alone.notes["r_squared"], rel=1e-9)


def test_no_replicates_means_no_intervals() -> None:
    found = run(bootstrap=0)
    assert found["derived_low"].null_count == found["derived_high"].null_count == 2
    assert found.notes["r_squared_interval"] == [None, None]


def test_only_respondents_who_answered_everything_are_used_unless_pairwise() -> None:
    assert run().notes["respondents_used"] == 190
    dropped = {name: values[10:] for name, values in answers().items()}
    complete = run(bootstrap=0)["derived"].to_pylist()
    assert complete == pytest.approx(run(dropped, bootstrap=0)["derived"].to_pylist())
    pairwise = run(incomplete="pairwise", bootstrap=0)["derived"].to_pylist()
    assert pairwise != pytest.approx(complete)


def test_pandas_and_polars_and_arrow_give_the_same_bits() -> None:
    import pandas as pd

    expected = run()
    for table in (pd.DataFrame(answers()), pa.table(answers())):
        assert run(table).arrow.equals(expected.arrow)
    polars = pytest.importorskip("polars")
    assert run(polars.DataFrame(answers())).arrow.equals(expected.arrow)


def test_large_offsets_lose_no_digits() -> None:
    table = answers()
    moved = table | {"courts": [1e9 + v for v in table["courts"]]}
    options = {"satisfied": {"police": [1, 2]}, "bootstrap": 0}
    assert run(moved, **options)["derived"][1].as_py() == pytest.approx(
        run(table, **options)["derived"][1].as_py(), rel=1e-6
    )


@pytest.mark.parametrize(
    ("change", "options", "code", "place"),
    [
        ({}, {"items": []}, "bad-items", "items"),
        ({}, {"items": ["police", "police"]}, "bad-items", "items"),
        ({}, {"items": ["police", "nowhere"]}, "unknown-column", "nowhere"),
        ({}, {"outcome": "nowhere"}, "unknown-column", "nowhere"),
        ({}, {"outcome": composite("total", {"police": 1})}, "not-one-answer", "outcome"),
        ({"police": [9] * 200}, {}, "no-answers", "police"),
        ({"police": [9] * 198 + [1, 2]}, {}, "too-few-answers", "police"),
        ({"safety": [3] * 200}, {}, "constant-outcome", "safety"),
        ({"police": [3] * 200}, {"items": ["police"]}, "nothing-explained", "safety"),
        ({"police": [math.inf] * 200}, {}, "infinite-value", "police"),
        ({"police": ["good"] * 200}, {"satisfied": None, "missing": ()}, "unread-answers",
         "police"),
        ({}, {"scores": {1: 100, 2: 0}, "satisfied": None}, "unread-answers", "column"),
        ({}, {"satisfied": {"court": [1]}}, "unknown-item", "items"),
        ({}, {"satisfied": [9]}, "code-counted-and-missing", "police"),
        ({}, {"good": {"court": "lower"}}, "unknown-item", "items"),
        ({}, {"good": "up"}, "unknown-option", "good"),
        ({}, {"method": "guess"}, "unknown-option", "method"),
        ({}, {"incomplete": "guess"}, "unknown-option", "incomplete"),
        ({}, {"confidence": 95}, "bad-number", "confidence"),
        ({}, {"bootstrap": -1}, "bad-number", "bootstrap"),
        ({}, {"orders": 1}, "bad-number", "orders"),
        ({}, {"quadrant": "mean"}, "bad-targets", "quadrant"),
        ({}, {"quadrant": {"importance": 30}}, "bad-targets", "quadrant"),
        ({}, {"quadrant": {"importance": 30, "satisfied": math.nan}}, "bad-targets", "quadrant"),
        ({}, {"stated": {"columns": ["m1"]}}, "stated-incomplete", "stated"),
        ({}, {"stated": {"columns": ["m9"], "codes": {1: "police"}}}, "unknown-column", "m9"),
        ({}, {"stated": {"columns": ["m1"], "codes": {1: "trains"}}}, "stated-codes", "stated"),
        ({}, {"stated": {"columns": ["m1"], "codes": {8: "police"}}}, "stated-codes", "stated"),
        ({}, {"stated": {"columns": ["m1"], "codes": pa.table({"item": ["police"]})}},
         "codes-columns", "stated"),
    ],
)  # fmt: skip
def test_input_that_cannot_give_a_true_figure_is_refused_and_the_place_named(
    change: dict, options: dict, code: str, place: str
) -> None:
    with pytest.raises(MeasureError) as refused:
        run(answers() | change, **options)
    assert refused.value.code == code
    assert place in str(refused.value)
    assert refused.value.message_zh


def test_correlations_that_contradict_each_other_are_refused() -> None:
    blank = [None] * 4
    table = {  # x = z, z = y, but x = −y where they meet
        "x": [1, 2, 3, 4, *blank, 1, 2, 3, 4],
        "z": [1, 2, 3, 4, 1, 2, 3, 4, *blank],
        "y": [*blank, 1, 2, 3, 4, 4, 3, 2, 1],
    }
    with pytest.raises(MeasureError, match="contradict"):
        drivers(table, outcome="y", items=["x", "z"], incomplete="pairwise")


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(MeasureError, match="no rows"):
        run({name: np.array([], dtype=float) for name in answers()})
