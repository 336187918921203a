"""The whole report: honest rounds stay quiet, coaching and invention are found. Proves P-22."""

from __future__ import annotations

import numpy as np
import pytest
from tests.measure.integrity_rounds import NAMES, coach, copy_interviews, honest_round

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    IntegrityReport,
    Interviews,
    ListExperiment,
    all_best,
    false_discovery,
    integrity,
    lost_correlation,
    low_variance,
    straight_lining,
    usual_length,
)


def _report(table: dict, **more: object) -> IntegrityReport:
    defaults: dict = {
        "items": NAMES, "best": 1, "interviewer": "interviewer", "started": "started",
        "seconds": "seconds", "dont_know": [8], "key": "case",
        "minimum_seconds": dict.fromkeys(NAMES, 3.0),
    }  # fmt: skip
    return integrity(table, **(defaults | more))


def test_honest_rounds_raise_false_alarms_no_more_often_than_stated() -> None:
    # With no odd unit at all any flag is a false discovery, so at most one round in twenty may
    # have one of a kind. Levels of areas are unequal and answers of a person go together. The
    # same at a larger scale is in the benchmarks.
    rounds, alarms = 20, 0
    for seed in range(rounds):
        table = honest_round(
            200 + seed, area_sd=[0.2, 0.35, 0.6][seed % 3], loading=[1.2, 2.2][seed % 2]
        )
        read = Interviews.read(
            table, items=NAMES, best=1, area="area", missing=[8], seconds="seconds"
        )
        checks = (all_best, straight_lining, low_variance, lost_correlation, usual_length)
        flags = false_discovery([check(read, read.areas) for check in checks])
        alarms += any(flags["flagged"].to_pylist())
    assert alarms <= 3  # 20 rounds at 5 %: more than 3 happens once in 63 times


@pytest.mark.parametrize("loading", [1.2, 2.2])
def test_the_whole_report_of_an_honest_round_raises_no_flag(loading: float) -> None:
    assert len(_report(honest_round(300, loading=loading)).flagged) == 0


def test_a_coached_area_and_copied_interviews_are_flagged_and_said_to_be_no_verdict() -> None:
    table = coach(honest_round(1), "017", 0.3)
    rare = np.flatnonzero((np.stack([table[n] for n in NAMES], axis=1) >= 3).all(axis=1))
    report = _report(copy_interviews(table, [(int(rare[0]), 4000)], same=1.0))
    flagged = report.flagged.to_pandas()
    assert ("all_best", "017") in set(zip(flagged["check"], flagged["unit"], strict=True))
    assert set(flagged["unit"][flagged["kind"] == "area"]) == {"017"}
    assert "never a verdict on a person" in report.notes["en"]
    assert "绝不是对任何人的结论" in report.notes["zh"]
    assert report.notes["fdr"] == 0.05
    assert report.notes["tests"] == len(report.flags)
    assert report.notes["expected_false_alarms"] > 0


def test_what_could_not_be_looked_at_is_said() -> None:
    table = honest_round(2, areas=12)
    report = integrity(table, items=NAMES, best=dict.fromkeys(NAMES, 1), missing=[8])
    needs = {entry["need"] for entry in report.notes["not_looked_at"]}
    assert {"interviewer", "started", "seconds", "told", "previous", "callbacks"} <= needs
    assert "访问员列" in report.notes["zh"]
    assert set(report.tables) == {
        "all_best_area", "straight_lining_area", "low_variance_area", "lost_correlation_area",
        "near_duplicates",
    }  # fmt: skip


def test_everything_at_once_gives_every_table_and_no_nan() -> None:
    random = np.random.default_rng(1)
    table = honest_round(3, areas=24)
    n = len(table["case"])
    table |= {
        "aware": random.integers(1, 3, n), "slogan": random.integers(1, 3, n),
        "told": np.where(random.random(n) < 0.03, 1, 2), "treat": random.integers(0, 2, n),
        "count": random.binomial(3, 0.5, n), "refusals": np.zeros(n),
    }  # fmt: skip
    names = sorted(set(table["area"]))
    previous = {"area": names, "estimate": random.normal(60, 3, 24), "se": [3.0] * 24}
    second = {"case": table["case"][:500]} | {name: table[name][:500] for name in NAMES}
    report = _report(
        table, awareness={"aware": 1}, knowledge={"slogan": 1}, told={"told": 1},
        list_experiment=ListExperiment("count", "treat", 3), refused=[99], callbacks=second,
        previous=previous, neighbours={a: [b for b in names if b != a][:4] for a in names},
    )  # fmt: skip
    assert report.notes["not_looked_at"] == []
    assert len(report.tables) == 33
    for table_of in report.tables.values():
        for name in table_of.column_names:
            values = table_of[name].to_pylist()
            assert not any(isinstance(v, float) and np.isnan(v) for v in values)


def test_too_few_interviews_everywhere_means_no_test_and_no_flag() -> None:
    table = honest_round(4, areas=5, interviewers=3, smallest=4, largest=8)
    report = _report(table)
    assert len(report.flagged) == 0
    assert report.notes["not_tested"]["few-interviews"]["units"] > 0


def test_a_round_in_which_nobody_varies_is_not_judged() -> None:
    table = honest_round(5, areas=20)
    for name in NAMES:
        table[name] = np.ones(len(table["case"]), dtype=int)
    kinds = set(_report(table).flagged["check"].to_pylist())
    assert not kinds & {"all_best", "straight_lining", "low_variance", "near_duplicate"}


def test_the_same_input_and_seed_give_the_same_flags_bit_by_bit() -> None:
    table = coach(honest_round(6, areas=20), "004", 0.4)
    first, second = _report(table, seed=3), _report(table, seed=3)
    assert first.flags.arrow.equals(second.flags.arrow)
    assert first.notes == second.notes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"awareness": {"case": 1}}, "missing-argument"),
        ({"callbacks": {"case": [1]}, "key": None}, "missing-argument"),
        ({"fdr": 0}, "bad-rate"),
        ({"area": "nowhere"}, "unknown-column"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(arguments: dict, code: str) -> None:
    with pytest.raises(MeasureError) as wrong:
        _report(honest_round(1, areas=2), **arguments)
    assert wrong.value.code == code
    assert wrong.value.message_zh
