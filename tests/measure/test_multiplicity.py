"""Adjusted p-values keep the rules of Holm and of Benjamini and Hochberg, and agree with R."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.measure.errors import MeasureError
from huiyin.measure.multiplicity import Adjustment, adjust

p_values = st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=40)

needs_rscript = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is missing: install the Debian package r-base-core"
)


def _p_adjust_in_r(p: list[float], method: str) -> list[float]:
    listed = ", ".join("NA" if np.isnan(x) else repr(x) for x in p)
    script = f"cat(format(p.adjust(c({listed}), '{method}'), digits = 17), sep = '\\n')"
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
    return [float(x) if x.strip() != "NA" else float("nan") for x in done.stdout.split()]


@pytest.mark.needs_r
@needs_rscript
@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "BH"), ("none", "none")])
def test_adjusted_p_values_equal_those_of_r(ours: Adjustment, theirs: str) -> None:
    p = [0.01, 0.02, 0.03, 0.03, 0.04, 0.8, float("nan"), 0.0, 1.0, 0.0004]
    np.testing.assert_allclose(adjust(p, ours), _p_adjust_in_r(p, theirs), rtol=1e-14)


def test_the_published_example_of_benjamini_and_hochberg_rejects_four() -> None:
    # Benjamini & Hochberg 1995, section 4.1: fifteen tests of a myocardial infarction trial;
    # at 0.05 their procedure rejects four hypotheses, Bonferroni (and Holm) three.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
         0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert np.sum(adjust(p, "bh") <= 0.05) == 4
    assert np.sum(adjust(p, "holm") <= 0.05) == 3


@given(p_values)
def test_adjusting_never_lowers_a_p_value_and_keeps_it_within_one(p: list[float]) -> None:
    for method in ("holm", "bh"):
        adjusted = adjust(p, method)
        assert np.all(adjusted >= np.array(p) - 1e-15)
        assert np.all(adjusted <= 1)


@given(p_values)
def test_benjamini_hochberg_is_never_stricter_than_holm(p: list[float]) -> None:
    assert np.all(adjust(p, "bh") <= adjust(p, "holm") + 1e-12)


@given(p_values)
def test_the_order_of_the_p_values_is_kept(p: list[float]) -> None:
    for method in ("holm", "bh"):
        adjusted = adjust(p, method)
        order = np.argsort(p, kind="stable")
        assert np.all(np.diff(adjusted[order]) >= 0)


def test_a_test_that_was_not_made_is_not_counted() -> None:
    with_gap = adjust([0.01, float("nan"), 0.04], "holm")
    np.testing.assert_array_equal(with_gap[[0, 2]], adjust([0.01, 0.04], "holm"))
    assert np.isnan(with_gap[1])


def test_no_tests_give_no_adjusted_p_values() -> None:
    assert adjust([], "holm").size == 0
    assert adjust([], "bh").size == 0


def test_the_input_is_left_as_it_was() -> None:
    p = np.array([0.5, 0.01])
    adjust(p, "none")[0] = 9
    assert p[0] == 0.5


@pytest.mark.parametrize("p", [[-0.1], [0.2, 1.5], [float("inf")], ["x"], [[0.1, 0.2]]])
def test_what_is_not_a_p_value_is_refused(p: list[float]) -> None:
    with pytest.raises(MeasureError) as refused:
        adjust(p)
    assert refused.value.code == "bad-p-value"


def test_an_unknown_method_is_refused_by_name() -> None:
    with pytest.raises(MeasureError, match="holm, bh, none") as refused:
        adjust([0.1], "hochberg")  # type: ignore[arg-type]
    assert refused.value.code == "unknown-option"
