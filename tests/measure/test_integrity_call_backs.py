"""Agreement between interviews and call-backs, against published tables. Proves P-22."""

from __future__ import annotations

import numpy as np
import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    call_back_agreement,
    call_back_disagreement,
    cohen_kappa,
    gwet_ac1,
)


def _ratings(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    first, second = np.array(cells).T
    return first, second


def test_kappa_and_ac1_are_those_published_for_three_by_three_ratings() -> None:
    # Two abstractors, 100 patients (Gwet 2014, Handbook of Inter-Rater Reliability; also the
    # example cont3x3abstractors of R's irrCAC). Its standard errors divide by n, ours by n - 1.
    first, second = _ratings([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    kappa, kappa_se = cohen_kappa(first, second)
    ac1, ac1_se = gwet_ac1(first, second)
    assert kappa == pytest.approx(0.7964094, abs=1e-7)
    assert kappa_se == pytest.approx(0.05891072 * np.sqrt(100 / 99), abs=1e-7)
    assert ac1 == pytest.approx(0.8493305, abs=1e-7)
    assert ac1_se == pytest.approx(0.04321747 * np.sqrt(100 / 99), abs=1e-7)


@pytest.mark.parametrize(
    ("table", "kappa", "ac1"),
    [([[40, 9], [6, 45]], 0.70, 0.70), ([[80, 10], [5, 5]], 0.32, 0.81)],
)
def test_the_kappa_paradox_is_reproduced_and_ac1_is_free_of_it(
    table: list[list[int]], kappa: float, ac1: float
) -> None:
    # Feinstein & Cicchetti 1990, Journal of Clinical Epidemiology 43: 85 % agreement twice.
    assert cohen_kappa(*_ratings(table))[0] == pytest.approx(kappa, abs=0.005)
    assert gwet_ac1(*_ratings(table))[0] == pytest.approx(ac1, abs=0.005)


def test_one_single_answer_throughout_has_no_kappa_and_an_ac1_of_one() -> None:
    same = np.zeros(10, dtype=np.int64)
    assert np.isnan(cohen_kappa(same, same)[0])
    assert gwet_ac1(same, same) == (1.0, 0.0)


def _interviews(n: int = 600) -> tuple[dict[str, np.ndarray], Interviews]:
    random = np.random.default_rng(1)
    table = {f"q{j}": random.integers(1, 6, n) for j in range(4)}
    table |= {"case": np.arange(n), "area": np.repeat("a", n)}
    table["interviewer"] = np.array([f"i{k}" for k in random.integers(0, 12, n)])
    items = ["q0", "q1", "q2", "q3"]
    return table, Interviews.read(
        table, items=items, best=1, area="area", interviewer="interviewer", key="case", missing=[9]
    )


def test_an_interviewer_whose_answers_the_call_backs_contradict_stands_out() -> None:
    table, interviews = _interviews()
    random = np.random.default_rng(2)
    second = {"case": table["case"]}
    for j in range(4):
        wrong = random.random(600) < np.where(table["interviewer"] == "i3", 0.8, 0.1)
        second[f"q{j}"] = np.where(wrong, table[f"q{j}"] % 5 + 1, table[f"q{j}"])
    found = call_back_disagreement(interviews, second, "case").to_pandas().set_index("unit")
    assert found.loc["i3", "p"] < 1e-4
    assert (found.drop("i3")["p"] > 1e-3).all()


def test_call_backs_are_matched_by_key_and_an_answer_no_interview_gave_disagrees() -> None:
    table, interviews = _interviews()
    second = {"case": [5, 3, 9999], "q1": [int(table["q1"][5]), 77, 1], "other": [0, 0, 0]}
    found = call_back_agreement(interviews, second, "case")
    assert [(row["item"], row["n"], row["agreement"]) for row in found.rows()] == [("q1", 2, 0.5)]
    assert found.notes["unmatched"] == 1


def test_a_missing_answer_in_either_interview_is_not_compared() -> None:
    table, interviews = _interviews()
    second = {"case": [1, 2, 3], "q0": [9, None, int(table["q0"][3])]}
    assert call_back_agreement(interviews, second, "case").rows()[0]["n"] == 1


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({"case": [1, 1], "q0": [1, 1]}, "repeated-key"),
        ({"case": [-1], "q0": [1]}, "no-call-backs"),
        ({"case": [1], "z": [1]}, "no-call-backs"),
        ({"number": [1], "q0": [1]}, "unknown-column"),
    ],
)
def test_call_backs_that_cannot_be_matched_are_refused(second: dict, code: str) -> None:
    with pytest.raises(MeasureError) as wrong:
        call_back_agreement(_interviews()[1], second, "case")
    assert wrong.value.code == code
