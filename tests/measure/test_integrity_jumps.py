"""Jumps against the last round and against neighbours. Proves P-22."""

from __future__ import annotations

import numpy as np
import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    jumps,
    jumps_against_neighbours,
    level_estimates,
)


def _rounds(seed: int = 1, areas: int = 60, se: float = 2.0) -> tuple[dict, dict]:
    random = np.random.default_rng(seed)
    level = random.normal(80, 4, areas)
    names = [f"a{i:02d}" for i in range(areas)]
    spread = np.full(areas, se)
    previous = {"area": names, "estimate": level + random.normal(0, se, areas), "se": spread}
    current = {"area": names, "estimate": level + 1 + random.normal(0, se, areas), "se": spread}
    return current, previous


def test_a_leap_stands_out_and_a_rise_of_all_does_not() -> None:
    current, previous = _rounds()
    current["estimate"][7] += 18
    found = jumps(current, previous).to_pandas().set_index("unit")
    assert found.loc["a07", "p"] < 1e-4
    assert found.loc["a07", "expected"] == pytest.approx(1, abs=1)
    assert (found.drop("a07")["p"] > 1e-3).all()
    assert found.loc["a00", "se"] == pytest.approx(np.sqrt(8))


def test_noise_of_the_size_that_sampling_gives_raises_no_more_flags_than_stated() -> None:
    low = []
    for seed in range(60):
        low.extend(jumps(*_rounds(seed)).to_pandas()["p"] < 0.01)
    assert np.mean(low) <= 0.01 * 1.3


def test_a_leap_shared_by_the_neighbours_is_none_and_one_of_its_own_is() -> None:
    current, previous = _rounds(2)
    current["estimate"][:6] += 15
    names = current["area"]
    blocks = {a: names[i // 6 * 6 : i // 6 * 6 + 6] for i, a in enumerate(names)}
    found = jumps_against_neighbours(current, previous, blocks).to_pandas().set_index("unit")
    assert (found.iloc[:6]["p"] > 1e-3).all()
    assert (found["n"] == 5).all()
    current["estimate"][20] += 20
    again = jumps_against_neighbours(current, previous, blocks).to_pandas().set_index("unit")
    assert again["p"].idxmin() == "a20"
    assert again.loc["a20", "p"] < 1e-4


def test_an_area_without_a_last_round_or_a_standard_error_is_not_tested() -> None:
    current, previous = _rounds()
    current["area"] = ["new", *current["area"][1:]]
    current["se"][1], previous["se"][2] = 0.0, np.nan
    found = jumps(current, previous)
    assert found["why_not"].to_pylist()[:4] == ["no-data"] * 3 + [None]
    assert found["p"].to_pylist()[:3] == [None] * 3


def test_a_handful_of_areas_has_no_spread_to_compare_with() -> None:
    current, previous = _rounds(areas=5)
    assert set(jumps(current, previous)["why_not"].to_pylist()) == {"few-units"}


def test_an_area_named_twice_or_an_unknown_neighbour_is_refused() -> None:
    current, previous = _rounds()
    with pytest.raises(MeasureError) as wrong:
        jumps_against_neighbours(current, previous, {"a00": ["elsewhere"]})
    assert wrong.value.code == "unknown-area"
    current["area"][1] = "a00"
    with pytest.raises(MeasureError) as wrong:
        jumps(current, previous)
    assert wrong.value.code == "repeated-area"


def test_without_estimates_the_share_of_best_answers_is_compared() -> None:
    table = {"q": [1, 1, 2, 2, 1], "r": [1, 2, 2, 2, 1], "area": ["a", "a", "a", "b", "c"]}
    read = Interviews.read(table, items=["q", "r"], best=1, area="area")
    rows = level_estimates(read).rows()
    assert [row["estimate"] for row in rows] == [50.0, 0.0, 100.0]
    assert rows[0]["se"] == pytest.approx(np.std([100, 50, 0], ddof=1) / np.sqrt(3))
    assert rows[1]["se"] is None
