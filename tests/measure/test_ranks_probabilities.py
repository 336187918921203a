"""P-20: chances of places add up, agree with theory, and do not depend on how draws are cut."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from huiyin.measure.errors import MeasureError
from huiyin.measure.ranks import rank_probabilities
from huiyin.measure.ranks.expected import expected_rank


def test_two_areas_are_first_with_the_chance_of_their_difference() -> None:
    table = rank_probabilities([71.0, 70.0], [1.0, 2.0], top=1, bottom=1, draws=40_000)
    better = float(ndtr(1 / np.sqrt(5)))
    assert table["p_first"].to_pylist() == pytest.approx([better, 1 - better], abs=0.01)
    assert table["p_bottom1"].to_pylist() == pytest.approx([1 - better, better], abs=0.01)
    assert table["expected_rank"].to_pylist() == pytest.approx([2 - better, 1 + better])


def test_chances_of_the_top_places_add_up_to_their_number() -> None:
    rng = np.random.default_rng(1)
    table = rank_probabilities(rng.normal(70, 3, 25), np.ones(25), top=(3, 5), bottom=4, draws=500)
    assert table.arrow.column_names == [
        "area", "estimate", "se", "p_first", "p_top3", "p_top5", "p_bottom4", "expected_rank",
    ]  # fmt: skip
    for column, total in (("p_first", 1), ("p_top3", 3), ("p_top5", 5), ("p_bottom4", 4)):
        assert sum(table[column].to_pylist()) == pytest.approx(total)
    assert sum(table["expected_rank"].to_pylist()) == pytest.approx(25 * 26 / 2)


def test_equal_areas_have_equal_chances_and_the_middle_rank_expected() -> None:
    table = rank_probabilities([70.0] * 4, [1.0] * 4, top=2, bottom=2, draws=20_000)
    assert table["p_first"].to_pylist() == pytest.approx([0.25] * 4, abs=0.015)
    assert table["p_top2"].to_pylist() == pytest.approx([0.5] * 4, abs=0.015)
    assert table["expected_rank"].to_pylist() == pytest.approx([2.5] * 4)


def test_the_expected_rank_is_the_mean_rank_of_the_draws() -> None:
    rng = np.random.default_rng(2)
    estimates, se = rng.normal(70, 2, 30), rng.uniform(0.5, 2, 30)
    drawn = estimates + se * rng.standard_normal((20_000, 30))
    mean_rank = np.mean(1 + np.argsort(np.argsort(-drawn, axis=1), axis=1), axis=0)
    table = rank_probabilities(estimates, se, draws=1)
    np.testing.assert_allclose(table["expected_rank"].to_numpy(), mean_rank, atol=0.2)


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.8])
def test_expected_ranks_of_many_areas_equal_those_by_all_pairs(spread: float) -> None:
    rng = np.random.default_rng(4)
    score, se = rng.normal(70, 1, 3000), np.exp(spread * rng.uniform(-2, 2, 3000))
    t = (score[None, :] - score[:, None]) / np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    by_pairs = 0.5 + np.sum(ndtr(t), axis=1)
    np.testing.assert_allclose(expected_rank(score, se), by_pairs, atol=0.003)


def test_where_lower_is_good_the_chances_change_ends() -> None:
    table = rank_probabilities([1.0, 50.0, 99.0], [1.0] * 3, top=1, bottom=1, good="lower")
    assert table["p_first"].to_pylist() == [1.0, 0.0, 0.0]
    assert table["p_bottom1"].to_pylist() == [0.0, 0.0, 1.0]
    assert table["expected_rank"].to_pylist() == pytest.approx([1.0, 2.0, 3.0])


def test_fewer_areas_than_places_are_all_among_them() -> None:
    table = rank_probabilities([70.0, 60.0], [1.0, 1.0], draws=10)
    assert table["p_top5"].to_pylist() == table["p_bottom5"].to_pylist() == [1.0, 1.0]


def test_a_shared_error_leaves_the_order_certain() -> None:
    covariance = 100 * np.ones((2, 2)) + 0.01 * np.eye(2)
    table = rank_probabilities([71.0, 70.0], covariance=covariance, draws=1000)
    assert table["p_first"].to_pylist() == [1.0, 0.0]
    assert table["expected_rank"].to_pylist() == pytest.approx([1.0, 2.0], abs=1e-6)


def test_areas_counted_in_full_share_a_place_when_equal() -> None:
    table = rank_probabilities([70.0, 70.0], [0.0, 0.0], top=1, zero_se="exact", draws=1000)
    assert table["p_first"].to_pylist() == pytest.approx([0.5, 0.5], abs=0.06)
    assert table["expected_rank"].to_pylist() == [1.5, 1.5]


def test_an_area_without_a_standard_error_gets_no_chances() -> None:
    table = rank_probabilities([70.0, 60.0, 50.0], [1.0, 0.0, 1.0], top=1, draws=100)
    assert table["p_first"].to_pylist() == [1.0, None, 0.0]
    assert table["expected_rank"].to_pylist() == pytest.approx([1.0, None, 2.0])
    assert table.notes["without_se"] == [2]
    none = rank_probabilities([70.0, 60.0], None)
    assert none["p_first"].to_pylist() == [None, None]
    assert set(none.notes["why_null"]) == {"en", "zh"}


def test_the_same_seed_gives_the_same_chances() -> None:
    once, twice = (rank_probabilities([70.0, 69.0], [1.0, 1.0], draws=999) for _ in range(2))
    other = rank_probabilities([70.0, 69.0], [1.0, 1.0], draws=999, seed=2)
    assert once.arrow.equals(twice.arrow)
    assert not once.arrow.equals(other.arrow)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"top": 0}, "bad-count"), ({"bottom": (1, -1)}, "bad-count"), ({"draws": 0}, "too-few-draws"),
     ({"covariance": [[1, 2], [2, 1]]}, "bad-covariance")],
)  # fmt: skip
def test_wrong_input_is_refused(arguments: dict[str, object], code: str) -> None:
    with pytest.raises(MeasureError) as refused:
        rank_probabilities([1.0, 2.0], **({"se": None} | arguments))  # type: ignore[arg-type]
    assert refused.value.code == code
