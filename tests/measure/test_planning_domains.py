"""The smallest sample that meets the precision of every domain (P-06)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning import sample_size, smallest_allocation
from huiyin.measure.planning.cheapest import Constraints, cheapest_sizes, whole_sizes


def city(towns=30, counties=4, seed=5):
    generator = np.random.Generator(np.random.PCG64(seed))
    return {
        "town": [f"T{i:02d}" for i in range(towns)],
        "county": [f"C{i % counties}" for i in range(towns)],
        "population": generator.integers(8_000, 90_000, towns).tolist(),
        "s": generator.uniform(15, 28, towns).tolist(),
    }


def test_the_solver_finds_the_published_optimum_for_two_variates():
    # Bracken & McCormick (1968), Selected Applications of Nonlinear Programming, chapter 10.2, as
    # in the GAMS model library (SAMPLE): optimum 726.6794 with its terms for finite populations.
    people = np.array([400_000.0, 300_000, 200_000, 100_000])
    weight = people / people.sum()
    variances = np.array([[25.0, 25, 25, 25], [1, 4, 16, 64]])
    finite = (weight * variances / people).sum(axis=1)
    loads = weight**2 * variances / (np.array([0.04, 0.01]) + finite)[:, None]
    constraints = Constraints(tuple(loads), (np.zeros(4, dtype=np.int64),) * 2)
    n, gap, _ = cheapest_sizes(constraints, np.ones(4), np.zeros(4), people)
    assert n.sum() == pytest.approx(726.6794, abs=1e-4)
    assert -1e-12 <= gap <= 1e-8
    whole = whole_sizes(constraints, n, np.ones(4), np.zeros(4), people)
    assert whole.sum() == 727
    assert all(used.max() <= 1 for used in constraints.used(whole.astype(float)))


def test_the_solver_finds_the_published_least_cost():
    # R's stratallo, help of optcost(): unit costs and an upper bound on the variance.
    a = np.array([3000.0, 4000, 5000, 2000])
    constraints = Constraints((a**2 / (1e6 + 70_000),), (np.zeros(4, dtype=np.int64),))
    n, gap, _ = cheapest_sizes(
        constraints, np.array([0.5, 0.6, 0.6, 0.3]), np.zeros(4), np.array([100.0, 90, 70, 80])
    )
    assert gap <= 1e-8
    assert n == pytest.approx([40.39682, 49.16944, 61.46181, 34.76805], abs=5e-6)


@pytest.mark.parametrize("seed", range(12))
def test_the_solver_agrees_with_a_general_optimiser(seed):
    generator = np.random.Generator(np.random.PCG64(seed))
    size = int(generator.integers(3, 12))
    loads = tuple(generator.uniform(1, 50, size) for _ in range(3))
    member = tuple(generator.permutation(np.arange(size) % k) for k in (1, 2, 3))
    cost, low = generator.uniform(0.5, 3, size), generator.choice([0.0, 2, 30], size)
    high = generator.choice([400.0, 10_000], size)
    constraints = Constraints(loads, member)
    assert max(u.max() for u in constraints.used(high)) < 1
    n, gap, _ = cheapest_sizes(constraints, cost, low, high)
    assert max(u.max() for u in constraints.used(n)) <= 1 + 1e-9
    assert gap <= 1e-8
    other = minimize(
        lambda t: np.sum(cost * np.exp(t)) / 100,
        np.log(n * 1.05 + 1e-3),
        jac=lambda t: cost * np.exp(t) / 100,
        constraints={"type": "ineq", "fun": lambda t: 1 - np.hstack(constraints.used(np.exp(t)))},
        bounds=list(zip(np.log(np.maximum(low, 1e-3)), np.log(high), strict=True)),
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 1000},
    )
    assert np.sum(cost * n) == pytest.approx(100 * other.fun, rel=1e-6)


def test_every_domain_of_every_level_gets_what_it_was_promised():
    strata = city()
    table = smallest_allocation(strata, {"town": 9.0, "county": 3.0, "all": 1.4}, sd="s", deff=1.3)
    domains = table.notes["domains"].rows()
    assert {d["level"] for d in domains} == {"town", "county", "all"}
    assert all(d["half_width"] <= d["wanted"] * (1 + 1e-9) for d in domains)
    assert any(d["binding"] for d in domains if d["level"] == "all")
    assert sum(d["n"] for d in domains if d["level"] == "county") == table.notes["n"]
    for row in table.rows():
        town = next(d for d in domains if d["area"] == row["town"])
        assert town["half_width"] == pytest.approx(row["half_width"])


def test_no_interview_could_be_left_out():
    strata = city(towns=8, counties=2)
    people, s = np.array(strata["population"], float), np.array(strata["s"])
    table = smallest_allocation(strata, {"town": 8.0, "county": 3.5, "all": 2.4}, sd="s")
    sizes = np.array(table["n"].to_pylist(), float)

    def half_widths(n):
        variance = s**2 * (1 / n - 1 / people)
        for member in (
            [np.arange(8) == i for i in range(8)]
            + [np.arange(8) % 2 == i for i in range(2)]
            + [np.ones(8, bool)]
        ):
            weight = people * member / people[member].sum()
            yield 1.959963984540054 * np.sqrt(np.sum(weight**2 * variance))

    wanted = [8.0] * 8 + [3.5] * 2 + [2.4]
    assert all(h <= w for h, w in zip(half_widths(sizes), wanted, strict=True))
    for town in range(8):
        fewer = sizes - (np.arange(8) == town)
        assert any(h > w for h, w in zip(half_widths(fewer), wanted, strict=True))


def test_town_targets_alone_are_the_sizes_of_each_town_alone():
    strata = city(towns=6)
    table = smallest_allocation(strata, {"town": 5.0}, sd="s")
    alone = [
        sample_size(5.0, kind="mean", sd=s, population=n)["completes"][0].as_py()
        for s, n in zip(strata["s"], strata["population"], strict=True)
    ]
    assert table["n"].to_pylist() == alone


def test_a_target_for_the_whole_alone_is_neymans_allocation():
    strata = city()
    table = smallest_allocation(strata, {"all": 1.0}, sd="s", minimum=0)
    ratio = np.array(strata["population"]) * np.array(strata["s"])
    shares = np.array(table["exact"].to_pylist())
    assert shares / shares.sum() == pytest.approx(ratio / ratio.sum(), rel=1e-6)


def test_several_items_must_all_meet_the_targets():
    strata = city() | {"other": [30.0] * 30}
    one = smallest_allocation(strata, {"county": 3.0, "all": 1.5}, sd="s")
    both = smallest_allocation(strata, {"county": 3.0, "all": 1.5}, sd=["s", "other"])
    assert both.notes["n"] > one.notes["n"]
    assert all(d["half_width"] <= d["wanted"] * (1 + 1e-9) for d in both.notes["domains"].rows())


def test_a_dear_town_gets_fewer_interviews():
    strata = {"population": [50_000, 50_000], "c": [1.0, 9.0]}
    table = smallest_allocation(strata, {"all": 3.0}, sd=20, cost="c")
    n = table["exact"].to_pylist()
    assert n[0] / n[1] == pytest.approx(3, rel=1e-6)
    assert table.notes["cost"] == pytest.approx(np.dot(table["n"].to_pylist(), [1, 9]))


def test_targets_may_name_single_areas():
    strata = city()
    table = smallest_allocation(strata, {"county": {"C0": 2.0}, "all": 2.0}, sd="s")
    domains = {d["area"]: d for d in table.notes["domains"].rows()}
    assert domains["C0"]["half_width"] <= 2.0
    assert domains["C1"]["wanted"] is None
    assert domains["C0"]["n"] > domains["C1"]["n"]


@pytest.mark.parametrize(
    ("targets", "options", "code"),
    [
        ({}, {}, "no-targets"),
        ({"village": 5}, {}, "unknown-column"),
        ({"town": 0}, {}, "bad-number"),
        ({"county": {"C9": 3}}, {}, "unknown-area"),
        ({"town": 3}, {"maximum": 50}, "out-of-reach"),
        ({"town": 3}, {"cost": 0}, "bad-number"),
    ],
)
def test_targets_that_cannot_be_met_are_refused(targets, options, code):
    with pytest.raises(MeasureError) as error:
        smallest_allocation(city(), targets, sd="s", **options)
    assert error.value.code == code
    assert error.value.message_zh


def test_the_area_out_of_reach_is_named():
    with pytest.raises(MeasureError, match="county C0"):
        smallest_allocation(city(), {"county": {"C0": 0.5}}, sd="s", maximum=50)


def test_a_town_without_a_county_is_named_by_row():
    strata = city(towns=3) | {"county": ["C0", None, "C1"]}
    with pytest.raises(MeasureError, match="row 2") as error:
        smallest_allocation(strata, {"county": 3}, sd="s")
    assert error.value.code == "missing-area"
