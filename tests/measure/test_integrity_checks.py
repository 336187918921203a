"""The parts the checks share: reading, expectation, flags; and campaign and spread. Proves P-22."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.integrity_rounds import NAMES, coach, honest_round

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    all_best,
    awareness_without_knowledge,
    false_discovery,
    lost_correlation,
    low_variance,
    straight_lining,
    told_how_to_answer,
)
from huiyin.measure.integrity_checks.campaign import exact_interval
from huiyin.measure.integrity_checks.checks import check_table
from huiyin.measure.integrity_checks.expectation import count_deviation, qn, value_deviation
from huiyin.measure.integrity_checks.shift import predicted_top_share
from huiyin.measure.multiplicity import adjust


def _interviews(table: dict, **more: object) -> Interviews:
    return Interviews.read(
        table, items=NAMES, best=1, area="area", interviewer="interviewer", missing=[8], **more
    )


def test_qn_is_the_standard_deviation_of_normal_values_and_ignores_a_third_of_outliers() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 2, 900)
    assert qn(values) == pytest.approx(2, rel=0.06)
    spoiled = np.concatenate([values, np.full(300, 1e6)])
    assert 2 < qn(spoiled) < 4.5
    assert qn(np.concatenate([values] * 10)) == pytest.approx(qn(values), rel=0.02)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_counts_that_vary_as_binomial_ones_give_p_values_that_are_not_too_small(
    share: float,
) -> None:
    random = np.random.default_rng(2)
    n = np.full(100, 120.0)
    p = np.concatenate(
        [count_deviation(random.binomial(120, share, 100) * 1.0, n).p for _ in range(60)]
    )
    assert (p <= 0.05).mean() <= 0.055
    assert (p <= 0.001).mean() <= 0.002


def test_honest_spread_between_units_widens_what_is_expected() -> None:
    random = np.random.default_rng(3)
    low = []
    for _ in range(40):
        eta = np.log(0.2 / 0.8) + random.normal(0, 0.6, 100)
        x = random.binomial(120, 1 / (1 + np.exp(-eta))).astype(float)
        found = count_deviation(x, np.full(100, 120.0))
        low.extend(found.p <= 0.01)
    assert np.mean(low) <= 0.013
    assert found.spread == pytest.approx(0.6, abs=0.2)


def test_a_fifth_of_odd_units_does_not_hide_itself() -> None:
    random = np.random.default_rng(4)
    y = random.normal(0, 1, 100)
    y[:20] += 8
    found = value_deviation(y, np.ones(100), side="upper")
    assert (found.p[:20] < 0.01).all()
    assert abs(found.expected[0]) < 0.4


def test_the_shift_model_predicts_the_top_of_shifted_normal_scores() -> None:
    random = np.random.default_rng(5)
    shift = random.normal(0, 0.5, 60)
    cuts = np.linspace(-1.5, 1.2, 9)
    scores = np.searchsorted(cuts, random.normal(shift[:, None], 1, (60, 4000)).ravel())
    histogram = np.bincount(np.repeat(np.arange(60), 4000) * 10 + scores, minlength=600)
    logit, variance, _ = predicted_top_share(histogram.reshape(60, 10).astype(float))
    seen = histogram.reshape(60, 10)[:, 9] / 4000
    assert np.abs(1 / (1 + np.exp(-logit)) - seen).max() < 0.05
    assert (variance < 0.02).all()


def test_a_coached_area_stands_out_by_all_best_and_a_truly_content_one_does_not() -> None:
    table = honest_round(6)
    content = np.array(table["area"]) == "011"
    for name in NAMES:
        answer = np.asarray(table[name])
        better = np.where(answer <= 5, np.maximum(answer - 1, 1), answer)
        table[name] = np.where(content, better, answer)
    coached = coach(table, "020", 0.3)
    read = _interviews(coached)
    found = all_best(read, read.areas).to_pandas().set_index("unit")
    assert found.loc["020", "p"] < 1e-4
    assert found.loc["011", "observed"] > 3 * found["observed"].median()
    assert found.loc["011", "p"] > 1e-3


def test_straight_lining_leaves_all_best_interviews_to_their_own_check() -> None:
    table = honest_round(7)
    rows = np.flatnonzero(np.array(table["area"]) == "030")[:40]
    for name in NAMES:
        table[name][rows] = 3
    read = _interviews(coach(table, "031", 0.5))
    found = straight_lining(read, read.areas).to_pandas().set_index("unit")
    assert found.loc["030", "p"] < 1e-5
    assert found.loc["031", "p"] > 0.01
    assert found.loc["030", "observed"] >= 0.26


def test_answers_made_up_item_by_item_lose_the_correlation_and_the_variance_of_people() -> None:
    table = honest_round(8)
    random = np.random.default_rng(1)
    rows = np.flatnonzero(np.array(table["area"]) == "040")
    for name in NAMES:
        table[name][rows] = random.permutation(table[name][rows])
    one_mind = np.flatnonzero(np.array(table["area"]) == "041")
    for name in NAMES:
        usual = int(np.bincount(table[name]).argmax())
        table[name][one_mind] = np.where(random.random(one_mind.size) < 0.8, usual, 2)
    read = _interviews(table)
    correlation = lost_correlation(read, read.areas).to_pandas().set_index("unit")
    variance = low_variance(read, read.areas).to_pandas().set_index("unit")
    assert correlation.loc["040", "p"] < 1e-6
    assert correlation["p"].nsmallest(2).index.sort_values().tolist() == ["040", "041"]
    assert variance["p"].idxmin() == "041"
    assert variance.loc["041", "p"] < 1e-3


def test_an_area_where_all_answer_alike_counts_as_without_variance_and_is_flagged() -> None:
    table = honest_round(9)
    rows = np.flatnonzero(np.array(table["area"]) == "050")
    for name in NAMES:
        table[name][rows] = 2
    read = _interviews(table)
    found = low_variance(read, read.areas).to_pandas().set_index("unit")
    assert found.loc["050", "observed"] == 0
    assert found.loc["050", "p"] < 1e-4
    lost = lost_correlation(read, read.areas).to_pandas().set_index("unit")
    assert lost.loc["050", "why_not"] == "no-variation"


def _campaign(table: dict, area: str) -> Interviews:
    random = np.random.default_rng(1)
    n = len(table["area"])
    odd = np.array(table["area"]) == area
    table["aware"] = np.where(random.random(n) < np.where(odd, 0.98, 0.6), 1, 2)
    table["slogan"] = np.where(random.random(n) < np.where(odd, 0.15, 0.7), 3, 4)
    table["told"] = np.where(random.random(n) < np.where(odd, 0.25, 0.02), 1, 2)
    return _interviews(
        table, awareness={"aware": [1]}, knowledge={"slogan": [3]}, told={"told": [1]}
    )


def test_awareness_without_knowledge_and_being_told_stand_out() -> None:
    read = _campaign(honest_round(10), "060")
    for check in (awareness_without_knowledge, told_how_to_answer):
        found = check(read, read.areas).to_pandas().set_index("unit")
        assert found.loc["060", "p"] < 1e-5
        assert (found.drop("060")["p"] > 1e-4).all()
    told = told_how_to_answer(read, read.areas).to_pandas()
    assert (told["ci_low"] <= told["observed"]).all()
    assert (told["ci_high"] >= told["observed"]).all()


def test_the_exact_interval_is_clopper_and_pearsons() -> None:
    # R: binom.test(3, 20)$conf.int and binom.test(0, 20)$conf.int.
    low, high = exact_interval(np.array([3.0, 0.0, 0.0]), np.array([20.0, 20.0, 0.0]))
    assert low[:2] == pytest.approx([0.03207094, 0.0], abs=1e-8)
    assert high[:2] == pytest.approx([0.37892683, 0.16843348], abs=1e-8)
    assert np.isnan(low[2])


def _check(kind: str, p: list[float | None], name: str = "c") -> object:
    size = len(p)
    values = [np.nan if x is None else x for x in p]
    return check_table(
        name, kind, [f"{kind}{i}" for i in range(size)], n=[50] * size, observed=[0.5] * size,
        expected=[0.4] * size, statistic=[1.0] * size, p=values, why_not=[None] * size,
    )  # fmt: skip


def test_flags_are_those_of_benjamini_and_hochberg_within_each_kind() -> None:
    area, interview = [0.001, 0.02, 0.8, 0.9], [0.02, 0.9]
    flags = false_discovery([_check("area", area), _check("interview", interview)], 0.05)
    found = flags.to_pandas().set_index("unit")
    assert found.loc[[f"area{i}" for i in range(4)], "p_adjusted"].tolist() == pytest.approx(
        adjust(area, "bh").tolist()
    )
    assert found["flagged"].sum() == 3
    assert flags.notes["tests"] == 6
    assert flags.notes["kinds"]["area"]["expected_false_alarms"] == pytest.approx(0.1)
    assert found.loc["area0", "expected_false_alarms"] == pytest.approx(0.1)


def test_the_expected_false_alarms_of_all_checks_add_up_to_the_stated_ones() -> None:
    checks = [_check("area", [1e-6, 0.5, 0.7], "one"), _check("area", [0.4] * 5, "two")]
    flags = false_discovery(checks, 0.1)
    by_check = flags.to_pandas().groupby("check")["expected_false_alarms"].first()
    assert by_check.sum() == pytest.approx(flags.notes["expected_false_alarms"])


def test_the_warning_that_a_flag_is_no_verdict_goes_with_every_set_of_flags() -> None:
    notes = false_discovery([_check("area", [0.5])]).notes
    assert "never a verdict on a person" in notes["en"]
    assert "绝不是对任何人的结论" in notes["zh"]
    assert false_discovery([]).notes["tests"] == 0


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_false_discovery_rate_outside_0_to_1_is_refused(rate: float) -> None:
    with pytest.raises(MeasureError) as wrong:
        false_discovery([], rate)
    assert wrong.value.code == "bad-rate"


def test_pandas_polars_arrow_and_ibis_give_the_same_interviews() -> None:
    import ibis

    table = honest_round(1, areas=4)
    arrow = pl.DataFrame(table).to_arrow()
    expected = _interviews(table, key="case", seconds="seconds")
    for form in (pd.DataFrame(table), pl.DataFrame(table), arrow):
        read = _interviews(form, key="case", seconds="seconds")
        assert (read.codes == expected.codes).all()
        assert read.areas.labels == expected.areas.labels
    read = _interviews(ibis.memtable(arrow), key="case", seconds="seconds")
    order = np.argsort(expected.units)
    assert (read.units == expected.units[order]).all()
    assert (read.codes == expected.codes[order]).all()


def test_codes_are_the_same_as_numbers_floats_or_text_and_area_codes_keep_their_zero() -> None:
    forms = ([1, 2, 9, None], [1.0, 2.0, 9.0, np.nan], ["1", "2", "9", ""])
    for form in forms:
        table = {"q": form, "area": ["011", "011", "012", "012"]}
        read = Interviews.read(table, items=["q"], best=1, area="area", missing=[9])
        assert read.codes[:, 0].tolist() == [0, 1, -1, -1]
        assert read.values()[:2, 0].tolist() == [1.0, 2.0]
        assert read.areas.labels == ["011", "012"]


def test_interviews_without_an_area_or_interviewer_are_left_out_of_its_checks() -> None:
    table = honest_round(1, areas=12)
    table["area"] = [None, *table["area"][1:]]
    read = _interviews(table)
    assert read.areas.index[0] == -1
    found = all_best(read, read.areas)
    assert sum(found["n"].to_pylist()) < read.n
    assert len(found) == 12


def test_items_without_answers_are_named_and_left_out() -> None:
    table = {"q": [1, 2], "empty": [None, None], "refused": [9, 9], "area": ["a", "b"]}
    read = Interviews.read(table, items=["q", "empty", "refused"], best=1, area="area", missing=[9])
    assert read.items == ("q",)
    assert read.left_out == ("empty", "refused")


@pytest.mark.parametrize(
    ("change", "arguments", "code"),
    [
        ({}, {"items": ["nowhere"]}, "unknown-column"),
        ({}, {"area": "nowhere"}, "unknown-column"),
        ({}, {"items": []}, "no-items"),
        ({}, {"best": {"r": 1}}, "no-best-answer"),
        ({}, {"best": [1, 2, 3]}, "no-best-answer"),
        ({}, {"missing": [1, 2, 3]}, "no-items"),
        ({"q": [1.0, float("inf"), 2.0]}, {}, "not-finite"),
        ({"seconds": ["fast", "slow", "1"]}, {"seconds": "seconds"}, "not-numeric"),
        ({"key": [1, 1, 2]}, {"key": "key"}, "repeated-key"),
        ({"q": [], "area": []}, {}, "empty-table"),
    ],
)
def test_bad_input_is_refused_in_both_languages(change: dict, arguments: dict, code: str) -> None:
    table = {"q": [1, 2, 3], "area": ["a", "b", "c"]} | change
    with pytest.raises(MeasureError) as wrong:
        Interviews.read(table, **({"items": ["q"], "best": 1, "area": "area"} | arguments))
    assert wrong.value.code == code
    assert wrong.value.message
    assert wrong.value.message_zh


def test_an_open_question_is_no_item() -> None:
    table = {"q": list(range(150)), "area": ["a"] * 150}
    with pytest.raises(MeasureError) as wrong:
        Interviews.read(table, items=["q"], best=1, area="area")
    assert wrong.value.code == "not-a-closed-question"


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_check_prints_a_nan_or_a_p_outside_0_to_1(data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 10_000))
    areas, n = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 400))
    levels = data.draw(st.integers(1, 5))
    random = np.random.default_rng(seed)
    table = {name: random.integers(1, levels + 1, n) for name in NAMES}
    gone = random.random(n) < data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    table["q1"] = np.where(gone, 8, table["q1"])
    table["area"] = random.integers(0, areas, n).astype(str)
    table["interviewer"] = random.integers(0, 3, n).astype(str)
    read = _interviews(table)
    for check in (all_best, straight_lining, low_variance, lost_correlation):
        for row in check(read, read.areas, minimum=5).rows():
            assert (row["p"] is None) == (row["why_not"] is not None)
            if row["p"] is not None:
                assert 0 <= row["p"] <= 1
                assert np.isfinite([row["expected"], row["statistic"]]).all()
