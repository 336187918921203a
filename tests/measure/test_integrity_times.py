"""Lengths, reading speed, bursts and overlaps. Proves P-22."""

from __future__ import annotations

import numpy as np
import pytest
from tests.measure.integrity_rounds import NAMES, honest_round

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    bursts,
    false_discovery,
    overlaps,
    too_fast,
    unusual_lengths,
    usual_length,
)
from huiyin.measure.integrity_checks.timing import scan_tail


def _interviews(table: dict, **more: object) -> Interviews:
    defaults = {"interviewer": "interviewer", "seconds": "seconds", "started": "started"}
    return Interviews.read(
        table, items=NAMES, best=1, area="area", missing=[8], key="case", **(defaults | more)
    )


def test_very_short_and_very_long_interviews_stand_out_and_honest_ones_do_not() -> None:
    table = honest_round(1, areas=30)
    assert not any(false_discovery([unusual_lengths(_interviews(table))])["flagged"].to_pylist())
    table["seconds"][5], table["seconds"][6] = 12, 12_000
    found = false_discovery([unusual_lengths(_interviews(table))]).to_pandas()
    assert set(found.loc[found["flagged"], "unit"]) == {"c5", "c6"}


def test_long_tails_of_honest_lengths_are_not_flagged() -> None:
    random = np.random.default_rng(2)
    table = honest_round(2, areas=30)
    table["seconds"] = np.exp(6 + 0.3 * random.standard_t(4, len(table["case"])))
    flags = false_discovery([unusual_lengths(_interviews(table))])["flagged"].to_pylist()
    assert sum(flags) <= 2


def test_an_interviewer_who_is_through_in_half_the_time_stands_out() -> None:
    table = honest_round(3)
    table["seconds"] = np.where(
        np.array(table["interviewer"]) == "I09", table["seconds"] / 2, table["seconds"]
    )
    read = _interviews(table)
    found = usual_length(read, read.interviewers).to_pandas().set_index("unit")
    assert found.loc["I09", "p"] < 1e-4
    assert found["p"].nsmallest(2).index[0] == "I09"
    assert found.loc["I09", "observed"] == pytest.approx(np.exp(6) / 2, rel=0.3)


def test_lengths_that_cannot_be_are_read_as_missing_and_counted() -> None:
    table = honest_round(4, areas=10)
    table["seconds"][:4] = [0, -5, np.inf, np.nan]
    read = _interviews(table)
    assert read.impossible_lengths == 3
    found = unusual_lengths(read)
    assert found["why_not"].to_pylist()[:5] == ["no-data"] * 4 + [None]
    assert found.notes["impossible_lengths"] == 3


def test_equal_lengths_are_no_ground_to_test() -> None:
    table = honest_round(4, areas=10)
    table["seconds"] = np.full(len(table["case"]), 300.0)
    read = _interviews(table)
    assert set(unusual_lengths(read)["why_not"].to_pylist()) == {"no-variation"}
    assert set(usual_length(read, read.areas)["why_not"].to_pylist()) == {"no-variation"}


def test_interviews_shorter_than_it_takes_to_read_them_are_counted_by_interviewer() -> None:
    table = honest_round(5)
    who = np.array(table["interviewer"]) == "I11"
    table["seconds"] = np.where(who, 30.0, table["seconds"])
    read = _interviews(table)
    found = too_fast(read, read.interviewers, dict.fromkeys(NAMES, 4.0)).to_pandas()
    worst = found.set_index("unit").loc["I11"]
    assert worst["observed"] == 1
    assert worst["p"] < 1e-6
    assert (found.loc[found["unit"] != "I11", "p"] > 0.01).all()


@pytest.mark.parametrize(("seconds", "fast"), [(3.99, True), (4.0, False), (4.01, False)])
def test_an_answer_is_too_fast_only_below_the_least_time(seconds: float, fast: bool) -> None:
    table = {"q": [1, 2], "area": ["a", "a"], "t": [seconds, 60.0]}
    read = Interviews.read(table, items=["q"], best=1, area="area", item_seconds={"q": "t"})
    found = too_fast(read, read.areas, {"q": 4.0})
    assert found.notes["too_fast_interviews"] == (["row 1"] if fast else [])


@pytest.mark.parametrize("wrong", [{"q99": 3.0}, {"q1": 0.0}, {"q1": float("nan")}])
def test_least_times_for_unknown_items_or_of_no_length_are_refused(wrong: dict) -> None:
    read = _interviews(honest_round(1, areas=2))
    with pytest.raises(MeasureError) as error:
        too_fast(read, read.areas, wrong)
    assert error.value.code in {"unknown-item", "bad-minimum-seconds"}


def test_twenty_interviews_in_one_hour_are_a_burst_and_honest_days_are_not() -> None:
    table = honest_round(6)
    assert (bursts(_interviews(table)).to_pandas()["p"] > 0.01).all()
    rows = np.flatnonzero(np.array(table["interviewer"]) == "I13")[:20]
    table["started"][rows] = 1.8e9 + np.arange(20) * 170.0
    found = bursts(_interviews(table)).to_pandas().set_index("unit")
    assert found.loc["I13", "observed"] >= 20
    assert found.loc["I13", "p"] < 1e-3
    assert found["p"].idxmin() == "I13"


def test_the_scan_tail_agrees_with_simulated_poisson_processes() -> None:
    random = np.random.default_rng(7)
    mean, ratio, found = 3.0, 20.0, []
    for _ in range(4000):
        times = np.sort(random.random(random.poisson(mean * ratio)) * ratio)
        inside = np.searchsorted(times, times + 1) - np.arange(times.size)
        found.append(inside.max(initial=0))
    for k in (9, 10, 11):
        simulated = np.mean(np.array(found) >= k)
        tail = float(scan_tail(np.array([float(k)]), mean, np.array([ratio]))[0])
        assert tail == pytest.approx(simulated, abs=0.03)


def test_a_window_of_one_event_is_certain_and_more_events_are_less_likely() -> None:
    tails = scan_tail(np.arange(1.0, 15.0), 1.5, np.full(14, 8.0))
    assert tails[0] == 1
    assert (np.diff(tails[2:]) < 0).all()


@pytest.mark.parametrize(("second_start", "found"), [(540.0, 0), (539.0, 1), (600.0, 0), (0.0, 1)])
def test_an_overlap_counts_beyond_the_tolerance(second_start: float, found: int) -> None:
    table = {
        "q": [1, 1], "area": ["a", "a"], "interviewer": ["x", "x"],
        "started": [0.0, second_start], "seconds": [600.0, 600.0],
    }  # fmt: skip
    read = Interviews.read(
        table, items=["q"], best=1, area="area", interviewer="interviewer", started="started",
        seconds="seconds",
    )  # fmt: skip
    rows = overlaps(read, tolerance=60).rows()
    assert len(rows) == found
    if found:
        assert (rows[0]["with"], rows[0]["p"]) == ("row 1", None)
        flags = false_discovery([overlaps(read, tolerance=60)])
        assert flags["basis"].to_pylist() == ["rule"]
        assert flags.notes["tests"] == 0


def test_an_overlap_with_a_long_interview_before_the_last_is_found() -> None:
    table = {
        "q": [1, 1, 1], "area": ["a"] * 3, "interviewer": ["x"] * 3,
        "started": [0.0, 100.0, 900.0], "seconds": [3000.0, 100.0, 50.0],
    }  # fmt: skip
    read = Interviews.read(
        table, items=["q"], best=1, area="area", interviewer="interviewer", started="started",
        seconds="seconds",
    )  # fmt: skip
    assert [row["with"] for row in overlaps(read).rows()] == ["row 1", "row 1"]


def test_starts_are_taken_as_text_timestamps_or_seconds() -> None:
    seconds = [1714527000.0, 1714530600.0]
    texts = ["2024-05-01 01:30:00", "2024-05-01 02:30:00"]
    stamps = np.array(texts, dtype="datetime64[s]")
    for form in (seconds, texts, stamps):
        table = {"q": [1, 2], "area": ["a", "b"], "s": form}
        read = Interviews.read(table, items=["q"], best=1, area="area", started="s")
        assert read.started is not None
        assert read.started.tolist() == seconds
    with pytest.raises(MeasureError) as wrong:
        Interviews.read(
            {"q": [1], "area": ["a"], "s": ["noon"]}, items=["q"], best=1, area="area", started="s"
        )
    assert wrong.value.code == "not-a-time"
