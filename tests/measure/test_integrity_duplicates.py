"""Near-duplicates: found when copied, left alone when honest. Proves P-22."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.integrity_rounds import copy_interviews, honest_round

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import Interviews, false_discovery, near_duplicates
from huiyin.measure.integrity_checks.duplicates import _closest, _expected_others, _one_hot


def _interviews(table: dict, **more: object) -> Interviews:
    items = [name for name in table if name.startswith("q")]
    return Interviews.read(table, items=items, best=1, area="area", missing=[8], **more)


def _flags(table: dict) -> set[str]:
    found = false_discovery([near_duplicates(_interviews(table))]).to_pandas()
    return set(found.loc[found["flagged"], "unit"])


def test_copied_interviews_are_found_with_their_partner() -> None:
    # Copies of people who answer as many others do cannot be told apart; the rest must be found.
    table = honest_round(1, areas=20, items=40)
    pairs = [(10 * k, 10 * k + 1005) for k in range(10)]
    copied = copy_interviews(table, pairs)
    flagged = _flags(copied)
    expected = {f"row {row + 1}" for pair in pairs for row in pair}
    found = sum(bool({f"row {a + 1}", f"row {b + 1}"} & flagged) for a, b in pairs)
    assert found >= 5
    assert len(flagged - expected) <= 1
    rows = near_duplicates(_interviews(copied)).to_pandas().set_index("unit")
    first = rows.loc["row 11"]
    assert first["partner"] == "row 1016"
    assert first["observed"] > first["expected"]


@pytest.mark.parametrize(("loading", "items"), [(1.2, 12), (1.2, 30), (2.5, 30), (0.6, 20)])
def test_honest_rounds_have_no_near_duplicates(loading: float, items: int) -> None:
    for seed in (11, 12):
        table = honest_round(seed, areas=20, items=items, loading=loading)
        assert not _flags(table)


def test_people_who_praise_everything_are_not_taken_for_copies() -> None:
    table = honest_round(3, areas=20)
    rows = np.arange(0, 2000, 4)
    for name in [name for name in table if name.startswith("q")]:
        table[name][rows] = 1
    found = near_duplicates(_interviews(table)).to_pandas().set_index("unit")
    assert (found.loc[[f"row {row + 1}" for row in rows], "p"] > 0.5).all()
    assert not _flags(table)


def test_the_threshold_follows_the_questionnaire_and_is_not_85_percent() -> None:
    short = near_duplicates(_interviews(honest_round(4, areas=10, items=8, loading=2.5)))
    random = np.random.default_rng(1)
    long = {f"q{j}": random.integers(1, 6, 1000) for j in range(40)}
    long |= {"area": np.repeat("a", 1000)}
    varied = near_duplicates(Interviews.read(long, items=list(long)[:40], best=1, area="area"))
    assert short.notes["threshold"] == 1.0
    assert varied.notes["threshold"] < 0.6
    assert varied.notes["classes"] == 1


def test_p_values_of_random_answers_are_not_too_small() -> None:
    random = np.random.default_rng(5)
    table = {f"q{j}": random.integers(1, 6, 1500) for j in range(25)} | {"area": ["a"] * 1500}
    p = near_duplicates(_interviews(table)).to_pandas()["p"]
    for level in (0.1, 0.01):
        assert (p <= level).mean() <= level * 1.3


def test_a_missing_answer_matches_nothing() -> None:
    table = honest_round(6, areas=10)
    names = [name for name in table if name.startswith("q")]
    for name in names[:6]:
        table[name][:2] = 8
    found = near_duplicates(_interviews(table)).to_pandas()
    assert (found.loc[:1, "n"] <= 6).all()
    for name in names[6:7]:
        table[name][:2] = 8
    assert "row 1" not in set(near_duplicates(_interviews(table)).to_pandas()["unit"])


def test_within_areas_partners_come_from_the_same_area() -> None:
    table = honest_round(7, areas=10)
    read = _interviews(table)
    found = near_duplicates(read, within=read.areas).to_pandas()
    area = dict(zip(found["unit"], found["area"], strict=True))
    assert all(area[row.partner] == row.area for row in found.itertuples())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_the_closest_interview_is_the_one_a_double_loop_finds(seed: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(-1, 3, (40, 6)).astype(np.int16)
    group = random.integers(0, groups, 40)
    one_hot, _, missing = _one_hot(codes, [3] * 6)
    one_hot[:, missing] = 0
    level = random.integers(0, 7, 40)
    found = _closest(one_hot, group, level)
    for i in range(40):
        others = [k for k in range(40) if k != i and group[k] == group[i]]
        same = [int(((codes[i] == codes[k]) & (codes[i] >= 0)).sum()) for k in others]
        assert found.matches[i] == max(same, default=-1)
        assert found.at_level[i] == sum(s >= level[i] for s in same)
        if others:
            assert same[others.index(int(found.partner[i]))] == found.matches[i]


def test_expected_matches_are_exact_tails_of_a_sum_of_unequal_chances() -> None:
    codes = np.array([[0, 1, -1], [1, 0, 0]], dtype=np.int16)
    starts = np.array([0, 3, 6])
    logs = np.log(np.array([[0.5, 0.4, 0.1, 0.2, 0.7, 0.1, 0.6, 0.4]]))
    found = _expected_others(codes, starts, logs, np.array([[10.0], [1.0]]))
    # First: chances 0.5 and 0.7, the third answer missing. Second: 0.4, 0.2, 0.6.
    assert found[0] == pytest.approx([10, 10 * (1 - 0.5 * 0.3), 10 * 0.35, 0], rel=1e-6)
    assert found[1][3] == pytest.approx(0.4 * 0.2 * 0.6, rel=1e-6)
    assert found[1][1] == pytest.approx(1 - 0.6 * 0.8 * 0.4, rel=1e-6)


def test_a_handful_of_interviews_is_not_compared_and_few_items_are_refused() -> None:
    small = honest_round(1, areas=1, smallest=20, largest=20)
    found = near_duplicates(_interviews(small))
    assert set(found["why_not"].to_pylist()) == {"few-interviews"}
    table = {f"q{j}": [1, 2] for j in range(4)} | {"area": ["a", "b"]}
    with pytest.raises(MeasureError) as wrong:
        near_duplicates(_interviews(table))
    assert wrong.value.code == "too-few-items"


def test_the_same_seed_gives_the_same_figures() -> None:
    table = honest_round(8, areas=10)
    first, second = (near_duplicates(_interviews(table), seed=4) for _ in range(2))
    assert first.arrow.equals(second.arrow)
