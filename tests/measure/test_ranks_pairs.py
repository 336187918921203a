"""The search over pairs is exact: the pruned maximum, the counts and the step-down all equal what
going through every pair gives."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from huiyin.measure.ranks.correlated import AllPairs
from huiyin.measure.ranks.counts import count_beyond, group_by_se
from huiyin.measure.ranks.draws import standard_normals, upper_quantile
from huiyin.measure.ranks.joint import intervals_apart, joint_critical
from huiyin.measure.ranks.marginal import MarginalFamily, marginal_criticals
from huiyin.measure.ranks.pruned import PrunedPairs, pruned_maximum
from huiyin.measure.ranks.stepdown import critical_value

Floats = npt.NDArray[np.float64]


@st.composite
def problems(draw: st.DrawFn, most: int = 120) -> tuple[Floats, Floats, Floats]:
    """u, standard errors and scores: alike, unlike by orders of magnitude, related or tied."""
    count = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    u = rng.standard_normal(count)
    se = np.exp(draw(st.sampled_from([0.0, 0.3, 2.0, 6.0])) * rng.standard_normal(count))
    if draw(st.booleans()):
        u = np.abs(u)
    score = draw(st.sampled_from([0.0, 1.0, 10.0])) * rng.standard_normal(count)
    if draw(st.booleans()):
        score = np.round(score + u)
    return u, se, score


def every_pair(u: Floats, se: Floats, score: Floats, critical: float) -> tuple[float, float]:
    sd = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    value = (u * se)[:, None] - (u * se)[None, :]
    t = (score[:, None] - score[None, :]) / sd
    value = np.where(t > critical, 0.0, value / sd)
    place = int(np.argmax(value))
    return float(value.flat[place]), float(t.flat[place])


@settings(max_examples=300, deadline=None)
@given(problems(), st.sampled_from([math.inf, 4.0, 2.0, 0.5, 0.0]))
def test_the_pruned_maximum_is_the_maximum_over_every_pair(
    problem: tuple[Floats, Floats, Floats], critical: float
) -> None:
    expected, t = every_pair(*problem, critical)
    best, attained = pruned_maximum(*problem, critical)
    assert best == pytest.approx(expected, rel=1e-12, abs=1e-12)
    if best > 1e-9:
        assert attained == pytest.approx(t, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("spread", [0.0, 0.4, 3.0])
@pytest.mark.parametrize("critical", [math.inf, 3.0])
def test_the_pruned_maximum_is_exact_among_two_thousand_areas(
    spread: float, critical: float
) -> None:
    rng = np.random.default_rng(5)
    se = np.exp(spread * rng.standard_normal(2000))
    score = 5 * rng.standard_normal(2000)
    for _ in range(3):
        u = rng.standard_normal(2000)
        expected, _ = every_pair(u, se, score, critical)
        assert pruned_maximum(u, se, score, critical)[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(problems(), st.sampled_from([0.0, 0.7, 2.0, 5.0]))
def test_counts_of_significant_areas_equal_counting_every_pair(
    problem: tuple[Floats, Floats, Floats], critical: float
) -> None:
    u, se, score = problem
    limit = critical * (1 + np.abs(u))  # a critical value of its own for each area
    difference = score[None, :] - score[:, None]
    reach = limit[:, None] * np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    above, below = count_beyond(score, se, limit)
    assert above.tolist() == np.sum(difference > reach, axis=1).tolist()
    assert below.tolist() == np.sum(-difference > reach, axis=1).tolist()


@given(problems())
def test_groups_of_standard_errors_hold_every_area_once(
    problem: tuple[Floats, Floats, Floats],
) -> None:
    _, se, score = problem
    groups = group_by_se(score, se, 8)
    members = np.concatenate([group.members for group in groups])
    assert sorted(members.tolist()) == list(range(se.size))
    assert all(np.all(np.diff(group.score) >= 0) for group in groups)


def brute_step_down(score: Floats, se: Floats, z: Floats, confidence: float) -> tuple[float, int]:
    """As the paper's algorithm reads: a set of ordered pairs, shrunk until it stays."""
    sd = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    t = (score[:, None] - score[None, :]) / sd
    family = ~np.eye(score.size, dtype=bool)
    steps = 0
    while True:
        scaled = (z[:, :, None] - z[:, None, :]) / sd
        maxima = np.max(np.where(family, scaled, 0.0), axis=(1, 2))
        critical = upper_quantile(maxima, confidence)
        steps += 1
        rest = family & ~(t > critical)
        if np.array_equal(rest, family):
            return critical, steps
        family = rest


@pytest.mark.parametrize("spread", [0.5, 3.0, 30.0])
@pytest.mark.parametrize("areas", [2, 3, 9, 25])
def test_the_pruned_and_the_dense_step_down_equal_the_algorithm_of_the_paper(
    areas: int, spread: float
) -> None:
    rng = np.random.default_rng(areas)
    score, se = spread * rng.standard_normal(areas), np.exp(0.5 * rng.standard_normal(areas))
    draws = 400
    z = standard_normals(3, range(draws), areas) * se
    expected, _ = brute_step_down(score, se, z, 0.9)
    sd = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    for maxima in (AllPairs(score, sd, z), PrunedPairs(score, se, 3)):
        assert critical_value(maxima, draws, 0.9, True).value == pytest.approx(expected, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(problems(), st.floats(0.0, 3.0))
def test_intervals_apart_are_those_that_do_not_touch(
    problem: tuple[Floats, Floats, Floats], critical: float
) -> None:
    _, se, score = problem
    lower, upper = score - critical * se, score + critical * se
    above, below = intervals_apart(score, critical * se)
    assert above.tolist() == np.sum(lower[None, :] > upper[:, None], axis=1).tolist()
    assert below.tolist() == np.sum(upper[None, :] < lower[:, None], axis=1).tolist()


def test_joint_critical_values_are_those_printed_for_51_states_at_90_percent() -> None:
    # Klein, Wright & Wieczorek (2020), as in the RankingProject vignette "joint": "around 3.081"
    # for independent intervals, "around 3.096" for Bonferroni's.
    assert round(joint_critical(51, 0.9, "sidak", draws=1, seed=1), 3) == 3.081
    assert round(joint_critical(51, 0.9, "bonferroni", draws=1, seed=1), 3) == 3.096


def test_max_t_under_a_covariance_comes_to_sidak_for_independent_areas() -> None:
    drawn = joint_critical(8, 0.95, "max-t", np.eye(8), draws=20_000, seed=1)
    assert drawn == pytest.approx(joint_critical(8, 0.95, "sidak", draws=1, seed=1), abs=0.03)


@pytest.mark.parametrize(
    # Dunnett (1964), Biometrics 20, 482-491, two-sided comparison with a control, infinite
    # degrees of freedom, joint confidence 95 % and 99 %.
    ("others", "at_95", "at_99"),
    [(1, 1.96, 2.58), (2, 2.21, 2.79), (3, 2.35, 2.92), (5, 2.51, 3.06), (9, 2.69, 3.22)],
)
def test_marginal_critical_values_are_dunnetts_for_equal_standard_errors(
    others: int, at_95: float, at_99: float
) -> None:
    alike = np.ones(others + 1)
    for confidence, expected in ((0.95, at_95), (0.99, at_99)):
        found = MarginalFamily(0 * alike, alike, confidence).single_step
        np.testing.assert_allclose(found, expected, atol=0.006)


@pytest.mark.parametrize("ratio", [1e-6, 0.01, 1.0, 100.0])
def test_two_areas_have_the_critical_value_of_one_comparison(ratio: float) -> None:
    se = np.array([1.0, ratio])
    apart = np.array([1000.0 * (1 + ratio), 0.0])
    family = MarginalFamily(apart, se, 0.95)
    np.testing.assert_allclose(family.single_step, -ndtri(0.025), atol=2e-4)
    # once their order is settled only the opposite order is left to test
    stepped = marginal_criticals(apart, se, 0.95, True)
    np.testing.assert_allclose(stepped, -ndtri(0.05), atol=2e-4)


@pytest.mark.parametrize(("areas", "draws"), [(6, 20_000), (70, 3_000)])
def test_marginal_critical_values_agree_with_simulation(areas: int, draws: int) -> None:
    rng = np.random.default_rng(8)
    score, se = 3 * rng.standard_normal(areas), np.exp(0.6 * rng.standard_normal(areas))
    z = standard_normals(2, range(draws), areas) * se
    drawn = AllPairs(score, np.sqrt(se[:, None] ** 2 + se[None, :] ** 2), z)
    exact = marginal_criticals(score, se, 0.95, True)
    np.testing.assert_allclose(exact, drawn.marginal_criticals(0.95, True), atol=0.12)


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 60), st.sampled_from([0.1, 1.0, 4.0]), st.integers(0, 1000))
def test_marginal_critical_values_lie_between_one_comparison_and_bonferronis(
    areas: int, spread: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    se = np.exp(spread * rng.standard_normal(areas))
    se[0] = 1e-6 * np.min(se)
    found = marginal_criticals(3 * rng.standard_normal(areas), se, 0.95, True)
    assert np.all(found >= -ndtri(0.05) - 0.01)
    assert np.all(found <= -ndtri(0.025 / (areas - 1)) + 0.01)


@pytest.mark.needs_r
@pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is missing: install the Debian package r-base-core"
)
def test_the_simultaneous_critical_value_is_tukeys_for_equal_standard_errors() -> None:
    sizes = [3, 10, 50, 250]
    script = f"cat(qtukey(0.95, c({', '.join(map(str, sizes))}), Inf) / sqrt(2))"
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
    for areas, expected in zip(sizes, map(float, done.stdout.split()), strict=True):
        pruned = PrunedPairs(np.zeros(areas), np.ones(areas), 11)
        found = critical_value(pruned, 3000, 0.95, False).value
        assert found == pytest.approx(expected, abs=0.08)


def test_a_draw_depends_on_the_seed_and_its_number_only() -> None:
    together = standard_normals(7, range(5), 4)
    np.testing.assert_array_equal(standard_normals(7, [3], 4)[0], together[3])
    assert not np.array_equal(standard_normals(8, [3], 4)[0], together[3])


def test_the_quantile_leaves_the_stated_share_above_it() -> None:
    maxima = np.arange(1.0, 1000.0)
    assert upper_quantile(maxima, 0.95) == 950
    assert upper_quantile(maxima[:19], 0.95) == 19
