"""P-20: rank sets cover the true ranks as stated, nest as they should, and agree with published
examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks import bottom_set, plain_ranks, rank_sets, tiers, top_set
from huiyin.measure.tidy import Tidy

Floats = npt.NDArray[np.float64]
KINDS = ["marginal", "simultaneous", "joint"]

# PISA 2018, mathematics, OECD countries: mean and standard error (OECD 2019, PISA 2018 Results,
# volume I, annex B1), the data of the csranks vignette "Inference for Ranks".
PISA = {
    "Australia": (491.3600, 1.9398), "Austria": (498.9423, 2.9710), "Belgium": (508.0703, 2.2627),
    "Canada": (512.0169, 2.3575), "Chile": (417.4066, 2.4159), "Colombia": (390.9323, 2.9896),
    "Czech Republic": (499.4677, 2.4607), "Denmark": (509.3984, 1.7350),
    "Estonia": (523.4146, 1.7436), "Finland": (507.3014, 1.9679), "France": (495.4076, 2.3202),
    "Germany": (500.0438, 2.6471), "Greece": (451.3703, 3.0912), "Hungary": (481.0826, 2.3196),
    "Iceland": (495.1874, 1.9531), "Ireland": (499.6329, 2.1986), "Israel": (463.0345, 3.4986),
    "Italy": (486.5899, 2.7800), "Japan": (526.9733, 2.4715), "Korea": (525.9330, 3.1214),
    "Latvia": (496.1263, 1.9628), "Lithuania": (481.1912, 1.9533),
    "Luxembourg": (483.4215, 1.0976), "Mexico": (408.8015, 2.4932),
    "Netherlands": (519.2310, 2.6323), "New Zealand": (494.4897, 1.7059),
    "Norway": (500.9638, 2.2190), "Poland": (515.6479, 2.6021), "Portugal": (492.4874, 2.6846),
    "Slovak Republic": (486.1649, 2.5556), "Slovenia": (508.8975, 1.3639),
    "Spain": (481.3926, 1.4625), "Sweden": (502.3877, 2.6543), "Switzerland": (515.3147, 2.9080),
    "Turkey": (453.5078, 2.2604), "United Kingdom": (501.7699, 2.5644),
    "United States": (478.2447, 3.2354),
}  # fmt: skip


def pisa() -> dict[str, Any]:
    estimates, se = zip(*PISA.values(), strict=True)
    return {"estimates": estimates, "se": se, "areas": list(PISA)}


def bounds(sets: Tidy) -> tuple[list[int], list[int]]:
    return sets["low"].to_pylist(), sets["high"].to_pylist()


def problem(areas: int, seed: int, spread: float = 3.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return spread * rng.standard_normal(areas), np.exp(0.4 * rng.standard_normal(areas))


def members(sets: Tidy) -> set[str]:
    return {row["area"] for row in sets.rows() if row["in_set"]}


def test_the_five_best_of_pisa_2018_are_among_the_published_twelve() -> None:
    # csranks vignette "Inference for Ranks": cstaubest(tau = 5) at 95 % and at 90 %.
    twelve = {"Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea",
              "Netherlands", "Poland", "Slovenia", "Sweden", "Switzerland"}  # fmt: skip
    assert members(top_set(top=5, **pisa())) == twelve
    assert members(top_set(top=5, confidence=0.9, **pisa())) == twelve - {"Sweden"}


def test_the_united_kingdom_of_pisa_2018_ranks_13th_with_the_published_marginal_set() -> None:
    # csranks vignette: rank 13, set 8..23 in its printed run, 7..23 in its text (1,000 draws).
    row = rank_sets(kind="marginal", **pisa()).rows()[list(PISA).index("United Kingdom")]
    assert row["rank"] == 13
    assert row["low"] in (7, 8)
    assert row["high"] == 23


def test_the_last_three_of_pisa_2018_are_apart_from_all_others() -> None:
    # csranks vignette: simultaneous sets of Chile, Mexico and Colombia overlap no other country's.
    rows = {row["area"]: row for row in rank_sets(kind="simultaneous", **pisa()).rows()}
    last = {"Chile", "Mexico", "Colombia"}
    assert all(rows[name]["low"] >= 35 for name in last)
    assert all(row["high"] <= 34 for name, row in rows.items() if name not in last)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("good", ["higher", "lower"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), areas=st.integers(1, 18), ties=st.booleans())
def test_the_set_contains_the_plain_rank_under_every_rule_for_ties(
    kind: Any, good: Any, seed: int, areas: int, ties: bool
) -> None:
    estimates, se = problem(areas, seed)
    estimates = np.round(estimates) if ties else estimates
    low, high = bounds(rank_sets(estimates, se, kind=kind, good=good, draws=200))
    for rule in ("min", "max", "average"):
        rank = plain_ranks(estimates, rule, good)
        assert np.all((low <= rank) & (rank <= high))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000), areas=st.integers(2, 16), spread=st.floats(0, 30),
    step_down=st.booleans(), draws=st.sampled_from([19, 200]),
)  # fmt: skip
def test_marginal_sets_lie_within_simultaneous_ones(
    seed: int, areas: int, spread: float, step_down: bool, draws: int
) -> None:
    estimates, se = problem(areas, seed, spread)
    options: dict[str, Any] = {"step_down": step_down, "draws": draws}
    low, high = bounds(rank_sets(estimates, se, kind="marginal", **options))
    wide_low, wide_high = bounds(rank_sets(estimates, se, kind="simultaneous", **options))
    assert np.all(np.array(wide_low) <= low)
    assert np.all(np.array(high) <= wide_high)


@pytest.mark.parametrize("areas", [17, 60, 250])
def test_with_many_areas_marginal_sets_are_narrower_throughout(areas: int) -> None:
    estimates, se = problem(areas, 3, 6.0)
    low, high = bounds(rank_sets(estimates, se, kind="marginal"))
    wide_low, wide_high = bounds(rank_sets(estimates, se, kind="simultaneous", draws=1000))
    assert np.all(np.array(wide_low) <= low)
    assert np.all(np.array(high) <= wide_high)
    assert sum(high) - sum(low) < sum(wide_high) - sum(wide_low)


@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
def test_stepping_down_never_widens_a_set(kind: Any) -> None:
    estimates, se = problem(60, 4, 6.0)
    low, high = bounds(rank_sets(estimates, se, kind=kind, draws=2000))
    single = rank_sets(estimates, se, kind=kind, draws=2000, step_down=False)
    single_low, single_high = bounds(single)
    assert np.all(np.array(single_low) <= low)
    assert np.all(np.array(high) <= single_high)
    assert sum(high) - sum(low) < sum(single_high) - sum(single_low)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("areas", [12, 230])
def test_sets_follow_their_areas_when_the_rows_are_shuffled(kind: Any, areas: int) -> None:
    estimates, se = problem(areas, 5)
    order = np.random.default_rng(1).permutation(areas)
    straight = rank_sets(estimates, se, kind=kind, draws=100)
    shuffled = rank_sets(estimates[order], se[order], kind=kind, draws=100)
    for column in ("rank", "low", "high"):
        assert np.asarray(straight[column])[order].tolist() == shuffled[column].to_pylist()


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_unit_or_of_zero_changes_no_set(kind: Any) -> None:
    estimates, se = problem(25, 6)
    plain = bounds(rank_sets(estimates, se, kind=kind, draws=300))
    assert bounds(rank_sets(1024 * estimates, 1024 * se, kind=kind, draws=300)) == plain
    assert bounds(rank_sets(estimates + 512, se, kind=kind, draws=300)) == plain


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("areas", [2, 7, 300])
def test_areas_far_apart_get_their_rank_and_nothing_else(kind: Any, areas: int) -> None:
    estimates = 100.0 * np.arange(areas)
    sets = rank_sets(estimates, np.ones(areas), kind=kind, draws=100)
    assert bounds(sets) == (sets["rank"].to_pylist(), sets["rank"].to_pylist())


@pytest.mark.parametrize("kind", KINDS)
def test_equal_areas_cannot_be_told_apart(kind: Any) -> None:
    sets = rank_sets([70.0] * 6, [1.0] * 6, kind=kind, draws=100)
    assert bounds(sets) == ([1] * 6, [6] * 6)
    assert sets["rank"].to_pylist() == [1] * 6


@pytest.mark.parametrize("kind", KINDS)
def test_one_area_is_first_of_one_and_no_areas_give_an_empty_table(kind: Any) -> None:
    assert bounds(rank_sets([70.0], [1.0], kind=kind)) == ([1], [1])
    assert len(rank_sets([], [], kind=kind)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_area_without_a_standard_error_may_have_any_rank_and_narrows_no_other(
    kind: Any,
) -> None:
    for missing in (float("nan"), 0.0):
        sets = rank_sets([90.0, 100.0, 0.0], [1.0, missing, 1.0], kind=kind, draws=100)
        assert bounds(sets) == ([1, 1, 2], [2, 3, 3])
        assert sets.notes["without_se"] == [2]
        assert sets["se"].to_pylist() == [1.0, None, 1.0]


@pytest.mark.parametrize("kind", KINDS)
def test_an_area_counted_in_full_is_known_exactly(kind: Any) -> None:
    estimates, se = [90.0, 85.0, 85.0, 80.0], [1.0, 0.0, 0.0, 1.0]
    sets = rank_sets(estimates, se, kind=kind, zero_se="exact", draws=1000)
    assert bounds(sets) == ([1, 2, 2, 4], [1, 3, 3, 4])
    all_exact = rank_sets([3.0, 1.0, 1.0], [0.0] * 3, kind=kind, zero_se="exact", draws=100)
    assert bounds(all_exact) == ([1, 2, 2], [1, 3, 3])


def test_without_standard_errors_ranks_are_given_and_sets_are_null_with_the_reason() -> None:
    for se in (None, [float("nan")] * 3):
        sets = rank_sets([70.0, 80.0, 70.0], se, ties="max")
        assert sets["rank"].to_pylist() == [3, 1, 3]
        assert sets["low"].to_pylist() == sets["high"].to_pylist() == [None] * 3
        assert set(sets.notes["why_null"]) == {"en", "zh"}


def test_the_same_seed_gives_the_same_sets_and_columns_are_as_promised() -> None:
    estimates, se = problem(30, 9)
    once, twice = (rank_sets(estimates, se, kind="simultaneous", draws=100) for _ in range(2))
    assert once.arrow.equals(twice.arrow)
    assert once.arrow.column_names == ["area", "estimate", "se", "rank", "low", "high"]
    assert once.notes == twice.notes


@pytest.mark.parametrize("kind", KINDS)
def test_a_diagonal_covariance_gives_the_sets_of_independent_areas(kind: Any) -> None:
    estimates, se = problem(15, 10)
    independent = bounds(rank_sets(estimates, se, kind=kind, draws=5000))
    matrix = bounds(rank_sets(estimates, covariance=np.diag(se**2), kind=kind, draws=5000))
    assert np.abs(np.array(independent) - np.array(matrix)).max() <= 1


def test_what_areas_share_does_not_blur_their_order() -> None:
    # A common error of 10 points moves all areas alike: differences have a standard error of 0.14.
    covariance = 100 * np.ones((4, 4)) + 0.01 * np.eye(4)
    estimates = [4.0, 3.0, 2.0, 1.0]
    for kind in ("marginal", "simultaneous"):
        sets = rank_sets(estimates, covariance=covariance, kind=kind, draws=500)
        assert bounds(sets) == ([1, 2, 3, 4], [1, 2, 3, 4])
    blind = rank_sets(estimates, np.sqrt(np.diagonal(covariance)), kind="simultaneous")
    assert bounds(blind) == ([1] * 4, [4] * 4)


def test_a_singular_covariance_is_taken() -> None:
    sets = rank_sets([2.0, 1.0], covariance=np.ones((2, 2)), kind="simultaneous", draws=100)
    assert bounds(sets) == ([1, 2], [1, 2])


def covered(kind: Any, truth: Floats, se: Floats, repetitions: int, **options: Any) -> Floats:
    """Share of repetitions in which each area's set holds its true rank, and all do (last)."""
    rng = np.random.default_rng(20)
    best, worst = plain_ranks(truth, "min"), plain_ranks(truth, "max")
    hits = np.zeros(truth.size + 1)
    for _ in range(repetitions):
        sets = rank_sets(truth + se * rng.standard_normal(truth.size), se, 0.9, kind, **options)
        low, high = (np.array(bound) for bound in bounds(sets))
        inside = (low <= best) & (worst <= high)
        hits += np.append(inside, inside.all())
    return hits / repetitions


@pytest.mark.parametrize("kind", ["simultaneous", "joint"])
@pytest.mark.parametrize("spread", [0.0, 1.5, 12.0])
def test_sets_for_all_areas_hold_together_at_the_stated_level(kind: Any, spread: float) -> None:
    truth, se = problem(5, 3, spread)
    share = covered(kind, np.round(truth, 1), np.round(se), 200, draws=3999)[-1]
    assert share >= 0.9 - 3 * np.sqrt(0.09 / 200)
    if spread == 0 and kind == "simultaneous":  # all equal: the level is used up, not exceeded
        assert share <= 0.9 + 3 * np.sqrt(0.09 / 200)


def test_a_marginal_set_holds_at_the_stated_level_for_each_area() -> None:
    share = covered("marginal", np.zeros(4), np.array([1.0, 1.0, 3.0, 3.0]), 300)[:-1]
    assert np.all(np.abs(share - 0.9) <= 4 * np.sqrt(0.09 / 300))


@pytest.mark.parametrize(("areas", "expected"), [(12, 7), (30, 18)])
def test_counties_of_one_thousand_interviews_are_as_hard_to_rank_as_stated(
    areas: int, expected: float
) -> None:
    # METHODS section 6: 12 counties at n = 1,000 (spread 3 points, respondent standard deviation
    # 22, design effect 1.5) average 7 ranks, 30 of them 18.
    rng = np.random.default_rng(12)
    se = np.full(areas, 22 * np.sqrt(1.5 / 1000))
    widths = []
    for _ in range(60):
        estimates = 76 + 3 * rng.standard_normal(areas) + se * rng.standard_normal(areas)
        low, high = bounds(rank_sets(estimates, se, kind="simultaneous", draws=199))
        widths.append(np.mean(np.array(high) - np.array(low) + 1))
    assert np.mean(widths) == pytest.approx(expected, rel=0.15)


def test_top_and_bottom_sets_are_the_ends_of_the_simultaneous_sets() -> None:
    estimates, se = problem(30, 2, 6.0)
    sets = rank_sets(estimates, se, kind="simultaneous")
    low, high = (np.array(bound) for bound in bounds(sets))
    top, bottom = top_set(estimates, se, 3), bottom_set(estimates, se, 3)
    assert top["in_set"].to_pylist() == (low <= 3).tolist()
    assert bottom["in_set"].to_pylist() == (high >= 28).tolist()
    assert top.notes["top"] == bottom.notes["bottom"] == 3


def test_a_top_or_bottom_outside_the_number_of_areas_is_refused() -> None:
    for size in (0, 3, -1):
        with pytest.raises(MeasureError) as refused:
            top_set([1.0, 2.0], [1.0, 1.0], size)
        assert refused.value.code == "bad-count"


@pytest.mark.parametrize("rule", ["separated", "leader"])
def test_tiers_part_areas_that_are_apart_and_no_others(rule: Any) -> None:
    estimates = [10.0, 50.1, 10.1, 50.0, 90.0]
    assert tiers(estimates, [1.0] * 5, rule=rule)["tier"].to_pylist() == [3, 2, 3, 2, 1]
    worst_first = tiers(estimates, [1.0] * 5, rule=rule, good="lower")
    assert worst_first["tier"].to_pylist() == [1, 2, 1, 2, 3]
    assert tiers([5.0, 5.0], [1.0, 1.0], rule=rule)["tier"].to_pylist() == [1, 1]


def test_every_area_of_a_separated_tier_is_above_every_area_of_the_next() -> None:
    estimates, se = problem(80, 7, 30.0)
    rows = tiers(estimates, se).rows()
    number = max(row["tier"] for row in rows)
    assert number > 1
    for tier in range(1, number):
        upper = [row for row in rows if row["tier"] <= tier]
        assert max(row["high"] for row in upper) == len(upper)


def test_a_chain_of_near_areas_has_leaders_apart_but_no_separation() -> None:
    estimates, se = np.arange(20.0), np.ones(20)
    assert max(tiers(estimates, se, rule="leader")["tier"].to_pylist()) > 1
    assert max(tiers(estimates, se, rule="separated")["tier"].to_pylist()) == 1


def test_an_area_without_a_standard_error_starts_no_tier_after_itself() -> None:
    estimates, se = [90.0, 50.0, 10.0], [1.0, float("nan"), 1.0]
    assert tiers(estimates, se, rule="leader")["tier"].to_pylist() == [1, 1, 2]
    assert tiers(estimates, se, rule="separated")["tier"].to_pylist() == [1, 1, 1]


def test_tiers_and_top_sets_need_standard_errors() -> None:
    with pytest.raises(MeasureError, match="standard errors") as refused:
        tiers([1.0, 2.0], None)
    assert refused.value.code == "no-standard-error"
    with pytest.raises(MeasureError, match="standard errors"):
        top_set([1.0, 2.0], None, 1)


def test_ranking_by_printed_figures_keeps_the_rank_inside_the_set() -> None:
    sets = rank_sets([90.001, 90.004], [1e-6, 1e-6], kind="joint", decimals=2)
    assert sets["rank"].to_pylist() == [1, 1]
    assert bounds(sets) == ([1, 1], [2, 1])


NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"estimates": [1.0, NAN], "se": [1.0, 1.0]}, "bad-estimate"),
        ({"estimates": [1.0, np.inf], "se": [1.0, 1.0]}, "bad-estimate"),
        ({"estimates": ["a"], "se": [1.0]}, "not-numeric"),
        ({"estimates": [[1.0]], "se": [1.0]}, "not-numeric"),
        ({"estimates": [1.0, 2.0], "se": [1.0]}, "length-mismatch"),
        ({"estimates": [1.0, 2.0], "se": [1.0, -1.0]}, "bad-standard-error"),
        ({"estimates": [1.0, 2.0], "se": [1.0, np.inf]}, "bad-standard-error"),
        ({"estimates": [1.0, 2.0], "areas": ["a"]}, "length-mismatch"),
        ({"estimates": [1.0, 2.0], "areas": ["a", "a"]}, "duplicate-area"),
        ({"estimates": [1.0], "se": [1.0], "confidence": 1.0}, "bad-confidence"),
        ({"estimates": [1.0], "se": [1.0], "confidence": 95}, "bad-confidence"),
        ({"estimates": [1.0], "se": [1.0], "confidence": NAN}, "bad-confidence"),
        ({"estimates": [1.0], "se": [1.0], "draws": 18}, "too-few-draws"),
        ({"estimates": [1.0], "se": [1.0], "kind": "global"}, "unknown-option"),
        ({"estimates": [1.0], "se": [1.0], "method": "tukey"}, "unknown-option"),
        ({"estimates": [1.0], "se": [1.0], "good": "up"}, "unknown-option"),
        ({"estimates": [1.0], "se": [1.0], "zero_se": "drop"}, "unknown-option"),
        ({"estimates": [1.0, 2.0], "covariance": np.eye(3)}, "bad-covariance"),
        ({"estimates": [1.0, 2.0], "covariance": [["a", 1], [1, 1]]}, "bad-covariance"),
        ({"estimates": [1.0, 2.0], "covariance": [[1, 0.5], [0.2, 1]]}, "bad-covariance"),
        ({"estimates": [1.0, 2.0], "covariance": [[1, NAN], [NAN, 1]]}, "bad-covariance"),
        ({"estimates": [1.0, 2.0], "covariance": [[-1, 0], [0, 1]]}, "bad-covariance"),
        ({"estimates": [1.0, 2.0], "covariance": [[1, 2], [2, 1]], "kind": "simultaneous"},
         "bad-covariance"),
        ({"estimates": [1.0, 2.0], "se": [1.0, 2.0], "covariance": np.eye(2)}, "bad-covariance"),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_with_its_place_in_both_languages(
    arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(MeasureError) as refused:
        rank_sets(**arguments)
    assert refused.value.code == code
    assert refused.value.place
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message_zh)


def test_columns_of_arrow_and_pandas_are_taken() -> None:
    expected = rank_sets([3.0, 1.0, 2.0], [1.0, NAN, 1.0], areas=["a", "b", "c"])
    table = pa.table({"x": [3.0, 1.0, 2.0], "s": [1.0, None, 1.0], "area": ["a", "b", "c"]})
    frame = table.to_pandas()
    for found in (
        rank_sets(table["x"], table["s"], areas=table["area"]),
        rank_sets(frame["x"], frame["s"], areas=frame["area"]),
    ):
        assert found.arrow.equals(expected.arrow)


def test_area_names_are_kept_as_they_are() -> None:
    sets = rank_sets([1.0, 2.0], [1.0, 1.0], areas=["010203", "110101"])
    assert sets["area"].to_pylist() == ["010203", "110101"]


def test_one_measured_area_leaves_one_tier() -> None:
    for rule in ("leader", "separated"):
        found = tiers([9.0, 1.0], [1.0, NAN], rule=rule)
        assert found["tier"].to_pylist() == [1, 1]
