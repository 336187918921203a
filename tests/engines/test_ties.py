"""Areas with the same answers share a rank, in whatever order an engine adds them up."""

from __future__ import annotations

import math

import pytest

from huiyin.measure.run.ranking import ranks
from huiyin.measure.survey_file.model import Ranks
from huiyin.measure.tidy import Tidy


@pytest.mark.parametrize("size", [1e-3, 61.2, 2e6])
def test_figures_that_differ_in_their_last_digit_tie(size: float) -> None:
    same = [size, math.nextafter(size, 0), math.nextafter(size, math.inf)]
    shown = [*same, size * (1 + 1e-7)]
    count = len(shown)
    estimates = Tidy.of(
        {
            "round": ["1"] * count, "indicator": ["x"] * count, "level": ["town"] * count,
            "area": [str(at) for at in range(count)], "estimate": shown, "se": [size / 10] * count,
        }
    )  # fmt: skip
    columns = ("round", "indicator", "level", "area", "verdict")
    changes = Tidy.of({name: ["none"] for name in columns})
    plan = Ranks(of=("x",), level="town", draws=100)
    assert ranks(estimates, changes, plan, ["1"], {})["rank"].to_pylist() == [2, 2, 2, 1]
