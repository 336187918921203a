"""P-19: sampling variances smoothed before they reach a small-area model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area import fay_herriot, smooth_variances


def column(result, name: str) -> np.ndarray:
    return np.array(result[name].to_pylist(), dtype=float)


def share_areas(m: int, n, seed: int = 1, spread: float = 0.05, deff: int = 1):
    """Shares near 90 %, each answer counted ``deff`` times: the design effect is ``deff``."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(0.9 / spread, 0.1 / spread, m)
    size = np.broadcast_to(n, m) // deff * deff
    independent = size // deff
    p = rng.binomial(independent, truth) / independent
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.where(independent > 1, p * (1 - p) / (independent - 1), np.nan)
    return truth, p, v, size


@pytest.mark.parametrize("n", [2, 4, 30])
def test_smoothed_variances_of_shares_are_right_on_average_however_small_the_samples(n):
    truth, p, v, size = share_areas(4000, n)
    smoothed = column(smooth_variances(p, v, size, unit="proportion"), "smoothed")
    true = truth * (1 - truth) / size
    assert smoothed.mean() == pytest.approx(true.mean(), rel=0.15)
    assert np.abs(smoothed - true).mean() < 0.6 * np.abs(v - true).mean() + 0.35 * true.mean()


def test_most_direct_variances_at_n_2_are_zero_and_no_smoothed_one_is():
    _, p, v, size = share_areas(4000, 2)
    smoothed = column(smooth_variances(p, v, size, unit="proportion"), "smoothed")
    assert np.mean(v == 0) > 0.6
    assert (smoothed > 0).all()


def test_the_design_effect_is_found():
    _, p, v, size = share_areas(3000, 60, deff=3)
    notes = smooth_variances(p, v, size, unit="proportion").notes
    assert notes["deff"] == pytest.approx(3, rel=0.08)


def test_simple_random_sampling_has_a_design_effect_of_one_exactly():
    _, p, v, size = share_areas(50, np.arange(2, 52))
    notes = smooth_variances(p, v, size, unit="proportion").notes
    assert notes["deff"] == pytest.approx(1, rel=1e-12)


def test_percent_and_proportion_give_the_same_variances():
    _, p, v, size = share_areas(100, 20)
    small = column(smooth_variances(p, v, size, unit="proportion"), "smoothed")
    large = column(smooth_variances(100 * p, 1e4 * v, size), "smoothed")
    assert large == pytest.approx(1e4 * small)


def test_variances_in_the_wrong_unit_are_refused():
    _, p, v, size = share_areas(100, 20)
    with pytest.raises(MeasureError) as caught:
        smooth_variances(100 * p, v, size)
    assert caught.value.code == "unit-mismatch"


def test_smoothed_variances_of_means_follow_n_and_keep_the_total():
    rng = np.random.default_rng(2)
    n = rng.integers(3, 200, 2000)
    v = 400 * n**-0.9 * rng.chisquare(n - 1) / (n - 1)
    result = smooth_variances(np.zeros(2000), v, n, kind="mean")
    assert result.notes["slope"] == pytest.approx(-0.9, abs=0.02)
    smoothed = column(result, "smoothed")
    assert smoothed.sum() == pytest.approx(v.sum())
    assert smoothed == pytest.approx(400 * n**-0.9, rel=0.1)


def test_an_area_without_a_sample_size_stays_without_a_variance():
    _, p, v, size = share_areas(30, 20)
    n = size.astype(float)
    n[0], n[1] = np.nan, 0
    result = smooth_variances(p, v, n, unit="proportion")
    assert result["smoothed"].null_count == 2


def test_lists_and_series_are_taken_with_none_for_missing():
    _, p, v, size = share_areas(30, 20)
    one = smooth_variances(p, v, size, unit="proportion")
    two = smooth_variances(pd.Series(p), [*v.tolist()], size.tolist(), unit="proportion")
    assert column(one, "smoothed") == pytest.approx(column(two, "smoothed"))
    three = smooth_variances(
        [*p[:-1].tolist(), None], [*v[:-1].tolist(), None], size, unit="proportion"
    )
    assert three["smoothed"].null_count == 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_the_answers_every_area_with_a_sample_gets_a_positive_variance(data):
    m = data.draw(st.integers(2, 15))
    n = np.array(data.draw(st.lists(st.integers(1, 50), min_size=m, max_size=m)))
    yes = np.array([data.draw(st.integers(0, int(k))) for k in n])
    p = yes / n
    v = p * (1 - p) / np.maximum(n - 1, 1)
    try:
        result = smooth_variances(p, v, n, unit="proportion")
    except MeasureError as refused:
        assert refused.code == "no-variance-function"  # noqa: PT017
        assert not (v[n >= 2] > 0).any()
        return
    smoothed = column(result, "smoothed")
    assert (smoothed > 0).all()
    assert (smoothed <= result.notes["deff"] * 0.25 / n * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("direct", "variance", "n", "code"),
    [
        ([0.5, 0.5], [0.1], [3, 3], "ragged-columns"),
        ([0.5, 0.5], [-0.1, 0.1], [3, 3], "bad-variance"),
        ([0.5, 0.5], [0.1, 0.1], [-3, 3], "bad-sample-size"),
        ([0.5, 1.5], [0.1, 0.1], [3, 3], "bad-share"),
        ([0.5, np.inf], [0.1, 0.1], [3, 3], "not-finite"),
        ([1.0, 1.0], [0.0, 0.0], [3, 3], "no-variance-function"),
        ([0.5, 0.5], [np.nan, np.nan], [3, 3], "no-variance-function"),
        (["a", "b"], [0.1, 0.1], [3, 3], "not-numeric"),
    ],
)
def test_impossible_input_is_refused(direct, variance, n, code):
    with pytest.raises(MeasureError) as caught:
        smooth_variances(direct, variance, n, unit="proportion")
    assert caught.value.code == code
    assert caught.value.message_zh


def test_no_mean_varies_no_function():
    with pytest.raises(MeasureError) as caught:
        smooth_variances([1.0, 2.0], [0.0, 0.0], [3, 3], kind="mean")
    assert caught.value.code == "no-variance-function"


# ---- inside the model ----------------------------------------------------------------------


def towns():
    _, p, v, size = share_areas(300, np.arange(2, 302))
    return {"y": 100 * p, "v": 1e4 * v, "n": size}


def test_only_areas_below_the_limit_or_with_a_variance_of_zero_are_smoothed():
    data = towns()
    data["v"][200] = 0
    fitted = fay_herriot(
        data, direct="y", variance="v", n="n", smooth="gvf", smooth_kind="share", smooth_below=30
    )
    used = column(fitted, "direct_se") ** 2
    kept = (data["n"] >= 30) & (data["v"] > 0)
    assert used[kept] == pytest.approx(data["v"][kept])
    function = smooth_variances(data["y"], data["v"], data["n"])
    assert used[~kept] == pytest.approx(column(function, "smoothed")[~kept])
    assert fitted.notes["variance_function"]["smoothed"] == int((~kept).sum())


def test_smoothed_variances_let_towns_with_two_interviews_take_part():
    _, p, v, size = share_areas(2000, 2, spread=0.02)
    data = {"y": 100 * p, "v": 1e4 * v, "n": size}
    raw = fay_herriot(data, direct="y", variance="v")
    smoothed = fay_herriot(data, direct="y", variance="v", n="n", smooth="gvf", smooth_kind="share")
    assert raw.notes["areas"]["fitted"] < 700
    assert smoothed.notes["areas"]["fitted"] == 2000
    # Without smoothing only the towns that disagree inside take part, all at 50 %.
    assert column(raw, "model").mean() == pytest.approx(50)
    assert column(smoothed, "model").mean() == pytest.approx(90, abs=1)
