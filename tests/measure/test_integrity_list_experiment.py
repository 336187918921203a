"""Item-count experiments: published results, the test for design effects, and areas. Proves P-22.

The counts are those of the 1991 National Race and Politics Survey (Kuklinski, Cobb & Gilens
1997), item "a black family moving in next door", as tabulated by Blair & Imai (2012, Political
Analysis 20, Table 1); estimates from Tables 1 and 3 there.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess

import numpy as np
import pytest

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    ListExperiment,
    list_design_effect,
    list_difference,
    list_experiment_by_area,
)
from huiyin.measure.integrity_checks.list_experiment import _chi_bar_weights, _project

CONTROL = [8, 132, 222, 227]
TREATED = [19, 123, 229, 219, 34]


def _expanded(control: list[int], treated: list[int]) -> tuple[np.ndarray, np.ndarray]:
    counts = np.concatenate([np.repeat(np.arange(len(c)), c) for c in (control, treated)])
    return counts, np.repeat([0, 1], [sum(control), sum(treated)])


def test_the_difference_in_means_is_the_published_one() -> None:
    found = list_difference(*_expanded(CONTROL, TREATED), 3).rows()[0]
    assert (found["n_control"], found["n_treated"]) == (589, 624)
    assert found["estimate"] == pytest.approx(0.0678, abs=5e-5)
    assert found["se"] == pytest.approx(0.0496, abs=5e-5)


@pytest.mark.needs_r
def test_the_standard_error_is_that_of_rs_unequal_variance_t_test() -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is missing; install the Debian package r-base-core")
    code = (
        f"y0 <- rep(0:3, c{tuple(CONTROL)}); y1 <- rep(0:4, c{tuple(TREATED)});"
        "t <- t.test(y1, y0); cat(format(c(mean(y1) - mean(y0), t$stderr), digits = 17))"
    )
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    estimate, se = map(float, done.stdout.split())
    found = list_difference(*_expanded(CONTROL, TREATED), 3).rows()[0]
    assert found["estimate"] == pytest.approx(estimate, rel=1e-12)
    assert found["se"] == pytest.approx(se, rel=1e-12)


def test_the_shares_of_the_types_of_people_are_the_published_ones() -> None:
    table = list_design_effect(*_expanded(CONTROL, TREATED), 3)
    found = {(row["y"], row["z"]): (row["share"], row["se"]) for row in table.rows()}
    published = {
        (0, 1): (-0.017, 0.008), (1, 1): (0.010, 0.024), (2, 1): (0.020, 0.028),
        (3, 1): (0.054, 0.009), (0, 0): (0.030, 0.007), (1, 0): (0.214, 0.017),
        (2, 0): (0.357, 0.026), (3, 0): (0.331, 0.022),
    }  # fmt: skip
    for cell, (share, se) in published.items():
        assert found[cell] == (pytest.approx(share, abs=6e-4), pytest.approx(se, abs=6e-4))
    assert sum(share for share, _ in found.values()) == pytest.approx(1)


def test_the_distance_of_one_negative_share_is_its_squared_z_when_the_others_do_not_bind() -> None:
    table = list_design_effect(*_expanded(CONTROL, TREATED), 3)
    negative = table.rows()[0]
    assert table.notes["lambda_z1"] == pytest.approx((negative["share"] / negative["se"]) ** 2)
    assert table.notes["lambda_z0"] == 0
    # One binding share of three: between the tails of one and of three degrees of freedom, halved.
    assert 0.022 <= table.notes["p_z1"] <= 0.256
    assert table.notes["p"] == 2 * table.notes["p_z1"]


def test_an_experiment_whose_list_scares_people_is_rejected() -> None:
    # With the sensitive statement on the list a fifth of the people say "none applies".
    counts, treated = _expanded([50, 200, 200, 50], [160, 160, 130, 45, 5])
    assert list_design_effect(counts, treated, 3).notes["p"] < 1e-6


def test_an_honest_experiment_is_rejected_no_more_often_than_stated() -> None:
    random = np.random.default_rng(3)
    rejected = 0
    for _ in range(300):
        treated = random.integers(0, 2, 600)
        # Half of the people hold the most extreme counts: the hardest honest case.
        counts = random.choice([0, 1, 2, 3], 600, p=[0.02, 0.48, 0.48, 0.02])
        counts = counts + treated * (random.random(600) < 0.01)
        rejected += list_design_effect(counts, treated, 3).notes["p"] < 0.05
    assert rejected / 300 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)


def test_the_chi_bar_square_weights_agree_with_simulation() -> None:
    random = np.random.default_rng(1)
    for size in (1, 2, 3):
        root = random.normal(size=(size, size)) + np.eye(size)
        covariance = root @ root.T
        draws = random.multivariate_normal(np.zeros(size), covariance, 100_000)
        _, free = _project(draws, covariance)
        simulated = np.bincount(size - free, minlength=size + 1) / len(draws)
        assert _chi_bar_weights(covariance, 1) == pytest.approx(simulated, abs=0.006)


def test_a_projection_is_never_farther_than_any_other_non_negative_point() -> None:
    random = np.random.default_rng(2)
    root = random.normal(size=(4, 4)) + np.eye(4)
    covariance = root @ root.T
    metric = np.linalg.inv(covariance)
    points = random.normal(size=(50, 4))
    nearest, _ = _project(points, covariance)
    assert (nearest >= 0).all()
    for other in (np.maximum(points, 0), nearest + 0.01, nearest * 0.99):
        gap, rival = points - nearest, points - other
        own = np.einsum("ij,jk,ik->i", gap, metric, gap)
        assert (own <= np.einsum("ij,jk,ik->i", rival, metric, rival) + 1e-9).all()


def _areas(told: dict[str, float], n: int = 200, seed: int = 1) -> Interviews:
    random = np.random.default_rng(seed)
    area = np.repeat(list(told), n)
    sensitive = random.random(area.size) < np.array([told[a] for a in area])
    treated = random.integers(0, 2, area.size)
    table = {
        "q": np.ones(area.size, dtype=int), "area": area, "treat": treated,
        "count": random.binomial(3, 0.5, area.size) + treated * sensitive,
    }  # fmt: skip
    return Interviews.read(
        table, items=["q"], best=1, area="area",
        list_experiment=ListExperiment("count", "treat", control_items=3),
    )  # fmt: skip


def test_an_area_where_most_were_told_how_to_answer_stands_out() -> None:
    rates = {f"t{i:02d}": 0.05 for i in range(40)} | {"coached": 0.9}
    table = list_experiment_by_area(_areas(rates), 3).to_pandas().set_index("unit")
    assert table.loc["coached", "p"] < 1e-4
    assert (table.drop("coached")["p"] > 1e-3).all()


def test_the_model_based_estimate_lies_between_direct_and_mean_and_is_more_certain() -> None:
    rates = {f"t{i:02d}": 0.05 + 0.01 * i for i in range(40)}
    table = list_experiment_by_area(_areas(rates), 3).to_pandas()
    mean = table["observed"].mean()
    pulled = (table["model"] - mean) / (table["observed"] - mean)
    assert pulled.between(-1e-6, 1 + 1e-6).all()
    assert (table["model_se"] < table["se"]).all()


def test_an_area_with_one_half_of_the_experiment_only_gets_a_model_estimate_and_no_test() -> None:
    interviews = _areas({f"t{i}": 0.1 for i in range(10)})
    first = interviews.areas.index == 0
    assert interviews.treated is not None
    assert interviews.count is not None
    halved = dataclasses.replace(
        interviews,
        treated=np.where(first, 0, interviews.treated).astype(np.int8),
        count=np.where(first, np.minimum(interviews.count, 3), interviews.count),
    )
    row = list_experiment_by_area(halved, 3).rows()[0]
    assert row["observed"] is None
    assert row["p"] is None
    assert row["why_not"] == "no-data"
    assert row["model"] is not None


@pytest.mark.parametrize(
    ("counts", "treated", "items", "code"),
    [
        ([0, 1, 2, 4], [0, 1, 0, 0], 3, "bad-count"),
        ([0, 1, 2.5, 1], [0, 1, 0, 1], 3, "bad-count"),
        ([0, 1, -1, 1], [0, 1, 0, 1], 3, "bad-count"),
        ([0, 1, 1, 1], [0, 1, 0, 1], 0, "bad-count"),
        ([0, 1, 1, 1], [0, 2, 0, 1], 3, "bad-treatment"),
        ([0, 1, 1, 1], [0, 0, 0, 1], 3, "one-sided-experiment"),
    ],
)
def test_impossible_experiments_are_refused(
    counts: list[float], treated: list[int], items: int, code: str
) -> None:
    with pytest.raises(MeasureError) as wrong:
        list_difference(counts, treated, items)
    assert wrong.value.code == code
    assert wrong.value.message_zh
