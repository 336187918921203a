"""The rules that calibrated weights keep, and what they say when they cannot (P-18)."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from huiyin.measure.calibration import Calibration, calibrate, poststratify, rake, regression
from huiyin.measure.design import SurveyDesign, WeightAdjustment
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_ibis
from huiyin.measure.weights import with_weight

DESIGN = SurveyDesign(weights="w")
FEW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def people(seed: int = 1, n: int = 400, regions: int = 1) -> pd.DataFrame:
    """Respondents with every combination of region, sex and age among them."""
    rng = np.random.Generator(np.random.PCG64(seed))
    full = np.array([(r, s, a) for r in range(regions) for s in (1, 2) for a in range(4)])
    more = np.column_stack(
        [rng.integers(0, regions, n), rng.integers(1, 3, n), rng.integers(0, 4, n)]
    )
    table = pd.DataFrame(np.vstack([full, more]), columns=["region", "sex", "age"])
    table["w"] = rng.choice([0.5, 1.0, 2.0, 3.0], len(table))
    table["income"] = rng.integers(10, 20, len(table))
    return table


def totals_of(
    table: pd.DataFrame, columns: list[str], shift: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """The weighted table with each row's weight shifted: margins that some weights do meet."""
    return table.assign(total=table["w"] * shift).groupby(columns, as_index=False)["total"].sum()


def shifts(table: pd.DataFrame, seed: int = 2, most: float = 1.6) -> npt.NDArray[np.float64]:
    rng = np.random.Generator(np.random.PCG64(seed))
    by_cell = rng.uniform(1 / most, most, (64, 2, 4))
    found: npt.NDArray[np.float64] = by_cell[table["region"], table["sex"] - 1, table["age"]]
    return found * 100.0


def margins_of(table: pd.DataFrame, within: str | None = None, seed: int = 2) -> list[Any]:
    shift = shifts(table, seed)
    region = [within] if within else []
    return [totals_of(table, [*region, "sex"], shift), totals_of(table, [*region, "age"], shift)]


def result(design: SurveyDesign) -> Calibration:
    assert isinstance(design.calibration, Calibration)
    return design.calibration


def weights(table: pd.DataFrame, design: SurveyDesign) -> pd.Series:
    """Calibrated weights by the definition: base weight times the factor of the cell."""
    calibration = result(design)
    columns = list(calibration.columns)
    factors = calibration.cells.select([*columns, "factor"]).to_pandas()
    joined = (
        table.merge(factors, on=columns, how="left")
        if columns
        else table.merge(factors, how="cross")
    )
    base = 1.0 if design.weights is None else joined["w"]
    return pd.Series((base * joined["factor"]).to_numpy(), index=table.index)


def weights_on_the_engine(table: pd.DataFrame, design: SurveyDesign) -> pd.Series:
    """Calibrated weights as every estimator gets them, in the order of the rows."""
    numbered = as_ibis(table.assign(row=np.arange(len(table))))
    found = with_weight(numbered, design).to_pandas().sort_values("row")
    return pd.Series(found["hy_weight"].to_numpy(), index=table.index)


def assert_margins_hold(table: pd.DataFrame, design: SurveyDesign, margins: list[Any]) -> None:
    weight = weights(table, design)
    for margin in margins:
        columns = [c for c in margin.columns if c != "total"]
        reached = table.assign(w=weight).groupby(columns)["w"].sum()
        wanted = margin.set_index(columns)["total"]
        np.testing.assert_allclose(reached.loc[wanted.index], wanted, rtol=1e-9)


def problem(call: Any) -> MeasureError:
    with pytest.raises(MeasureError) as caught:
        call()
    assert caught.value.message_zh
    return caught.value


def reject_unless(expected: bool) -> NoReturn:
    """Leave out an example whose bounds are too narrow; fail on any other error."""
    assert expected
    reject()


# --- what always holds ---------------------------------------------------------------------------


@FEW
@given(seed=st.integers(0, 10**6), regions=st.integers(1, 6))
def test_after_raking_every_margin_holds_in_every_region(seed: int, regions: int) -> None:
    table = people(seed, regions=regions)
    margins = margins_of(table, "region", seed)
    design = rake(table, DESIGN, margins, "region")
    assert_margins_hold(table, design, margins)
    assert result(design).diagnostics.largest_margin_error <= 1e-9
    assert (result(design).factor > 0).all()


@FEW
@given(seed=st.integers(0, 10**6), method=st.sampled_from(["linear", "logit", "raking"]))
def test_after_calibration_every_margin_and_numeric_total_holds(seed: int, method: Any) -> None:
    table = people(seed, regions=3)
    margins = margins_of(table, "region", seed)
    table["total"] = table["w"] * shifts(table, seed) * table["income"]
    income = table.groupby("region", as_index=False)["total"].sum()
    income = income.rename(columns={"total": "income"})
    table["w"] *= 100.0
    bounds = (0.1, 10.0) if method == "logit" else None
    design = calibrate(table, DESIGN, margins, method, bounds, "region", numeric=income)
    assert_margins_hold(table, design, margins)
    reached = (weights(table, design) * table["income"]).groupby(table["region"]).sum()
    np.testing.assert_allclose(reached, income["income"], rtol=1e-9)


@FEW
@given(seed=st.integers(0, 10**6))
def test_raking_one_joint_margin_is_poststratification(seed: int) -> None:
    table = people(seed)
    joint = totals_of(table, ["sex", "age"], shifts(table, seed))
    raked, stratified = rake(table, DESIGN, [joint]), poststratify(table, DESIGN, joint)
    np.testing.assert_allclose(result(raked).factor, result(stratified).factor, rtol=1e-12)
    assert result(stratified).diagnostics.iterations <= 2


@FEW
@given(seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e6))
def test_scaling_the_totals_scales_the_weights(seed: int, scale: float) -> None:
    table = people(seed)
    margins = margins_of(table, None, seed)
    scaled = [m.assign(total=m["total"] * scale) for m in margins]
    ours, theirs = rake(table, DESIGN, margins), rake(table, DESIGN, scaled)
    np.testing.assert_allclose(result(theirs).factor, result(ours).factor * scale, rtol=1e-8)


@FEW
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    table = people(seed)
    margins = margins_of(table)
    mixed = table.sample(frac=1, random_state=seed % 1000)
    turned = [m.iloc[::-1] for m in margins]
    np.testing.assert_allclose(
        result(rake(mixed, DESIGN, turned)).factor,
        result(rake(table, DESIGN, margins)).factor,
        rtol=1e-12,
    )


@FEW
@given(seed=st.integers(0, 10**6), low=st.floats(0.0, 0.5), high=st.floats(2.0, 4.0))
def test_trimmed_weights_stay_within_their_bounds_and_meet_the_margins(
    seed: int, low: float, high: float
) -> None:
    table = people(seed, regions=2)
    margins = margins_of(table, "region", seed)
    try:
        design = rake(table, DESIGN, margins, "region", (low, high))
    except MeasureError as wrong:
        reject_unless(wrong.code == "infeasible-bounds")
    assert_margins_hold(table, design, margins)
    weight = weights(table, design)
    relative = weight / weight.groupby(table["region"]).transform("mean")
    assert relative.min() >= low - 1e-8
    assert relative.max() <= high + 1e-8


def test_a_region_does_not_depend_on_the_other_regions() -> None:
    table = people(5, regions=7)
    margins = margins_of(table, "region")
    together = result(rake(table, DESIGN, margins, "region")).cells.to_pandas()
    for region in range(7):
        alone = rake(
            table[table["region"] == region],
            DESIGN,
            [m[m["region"] == region] for m in margins],
            "region",
        )
        same = together[together["region"] == region]["factor"].to_numpy()
        np.testing.assert_array_equal(result(alone).factor, same)


def test_raking_and_exponential_calibration_give_the_same_weights() -> None:
    table = people(3, regions=2)
    margins = margins_of(table, "region")
    raked = result(rake(table, DESIGN, margins, "region"))
    solved = result(calibrate(table, DESIGN, margins, "raking", within="region"))
    np.testing.assert_allclose(raked.factor, solved.factor, rtol=1e-8)


def test_trimming_finds_the_weights_of_truncated_raking() -> None:
    # With equal base weights the limits on weights are limits on factors, so that the exponential
    # calibration with those bounds must find the same weights by another algorithm.
    table = people(4).assign(w=1.0)
    shift = shifts(table, 3, 1.8) / 100
    margins = [totals_of(table, ["sex"], shift), totals_of(table, ["age"], shift)]
    mean = margins[0]["total"].sum() / len(table)
    trimmed = result(rake(table, DESIGN, margins, bounds=(0.65, 1.45)))
    solved = result(calibrate(table, DESIGN, margins, "raking", (0.65 * mean, 1.45 * mean)))
    assert trimmed.diagnostics.trimmed > 0
    np.testing.assert_allclose(trimmed.factor, solved.factor, rtol=1e-7)
    assert trimmed.diagnostics.trimmed == solved.diagnostics.trimmed


def test_bounds_that_bind_nobody_change_nothing() -> None:
    table = people(4)
    margins = margins_of(table)
    free = weights(table, rake(table, DESIGN, margins))
    bound = weights(table, rake(table, DESIGN, margins, bounds=(0, 1000)))
    np.testing.assert_allclose(free, bound, rtol=1e-9)


# --- residuals -----------------------------------------------------------------------------------


def by_least_squares(
    calibration: Calibration, z: npt.NDArray[np.float64], v: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Fitted values by a dense regression on indicators, for cells of weight ``v``."""
    cells = calibration.cells.to_pandas()
    x = pd.get_dummies(
        pd.DataFrame(
            {
                "a": cells["region"].astype(str) + "/" + cells["sex"].astype(str),
                "b": cells["region"].astype(str) + "/" + cells["age"].astype(str),
            }
        )
    ).to_numpy(float)
    root = np.sqrt(v)[:, None]
    return np.asarray(x @ np.linalg.lstsq(root * x, root * z, rcond=None)[0])


def test_fitted_values_are_those_of_a_weighted_regression_on_indicators() -> None:
    table = people(6, regions=5)
    calibration = result(calibrate(table, DESIGN, margins_of(table, "region"), within="region"))
    z = np.random.Generator(np.random.PCG64(1)).normal(size=(len(calibration.n), 3))
    ours = calibration.fitted(z * calibration.base[:, None])
    np.testing.assert_allclose(ours, by_least_squares(calibration, z, calibration.base), atol=1e-10)


def test_ten_sweeps_of_two_margins_are_as_good_as_the_regression() -> None:
    table = people(6, regions=5)
    calibration = result(rake(table, DESIGN, margins_of(table, "region"), "region"))
    z = np.random.Generator(np.random.PCG64(1)).normal(size=(len(calibration.n), 3))
    ours = calibration.fitted(z * calibration.n[:, None])
    np.testing.assert_allclose(ours, by_least_squares(calibration, z, calibration.n), atol=1e-8)


def test_raking_with_weighted_residuals_has_those_of_exponential_calibration() -> None:
    table = people(6, regions=5)
    margins = margins_of(table, "region")
    raked = result(rake(table, DESIGN, margins, "region", regression_weight="base"))
    solved = result(calibrate(table, DESIGN, margins, "raking", within="region"))
    sums = np.random.Generator(np.random.PCG64(1)).normal(size=(len(raked.n), 2))
    np.testing.assert_allclose(raked.fitted(sums), solved.fitted(sums), atol=1e-10)


@pytest.mark.parametrize("kind", ["unit", "base"])
@pytest.mark.parametrize("method", ["rake", "linear"])
def test_a_small_system_is_solved_as_a_large_one(
    monkeypatch: pytest.MonkeyPatch, kind: Any, method: str
) -> None:
    table = people(6)
    margins = margins_of(table)
    income = {"income": float((table["w"] * table["income"]).sum() * 100)}
    calibration = result(
        rake(table, DESIGN, margins, regression_weight=kind)
        if method == "rake"
        else calibrate(table, DESIGN, margins, numeric=income)
    )
    sums = np.random.Generator(np.random.PCG64(1)).normal(size=(len(calibration.n), 2))
    small = calibration.fitted(sums, 0)
    monkeypatch.setattr(regression, "_SMALL", 0)
    np.testing.assert_allclose(calibration.fitted(sums), small, atol=1e-10)


def test_a_replicate_without_a_cell_keeps_it_at_zero_when_trimming() -> None:
    table = people(12)
    calibration = result(rake(table, DESIGN, margins_of(table), bounds=(0.05, 8)))
    base = calibration.base[:, None].copy()
    base[5] = 0
    weight = base * calibration.refit(base)
    for margin in calibration.constraints.margins:
        np.testing.assert_allclose(margin.sums(weight[:, 0]), margin.totals, rtol=1e-9)


@pytest.mark.parametrize("method", ["linear", "rake"])
def test_one_region_can_be_fitted_by_itself(method: str) -> None:
    table = people(6, regions=5)
    margins = margins_of(table, "region")
    design = (
        rake(table, DESIGN, margins, "region")
        if method == "rake"
        else calibrate(table, DESIGN, margins, within="region")
    )
    calibration = result(design)
    sums = np.random.Generator(np.random.PCG64(1)).normal(size=(len(calibration.n), 2))
    whole = calibration.fitted(sums)
    group = calibration.cells["group"].to_numpy()
    for region in range(5):
        mine = group == region
        np.testing.assert_allclose(calibration.fitted(sums[mine], region), whole[mine], atol=1e-12)


def test_what_the_margins_explain_has_no_residual() -> None:
    table = people(8, regions=3)
    margins = margins_of(table, "region")
    calibration = result(calibrate(table, DESIGN, margins, within="region"))
    cells = calibration.cells.to_pandas()
    z = np.column_stack([cells["sex"] == 1, 3.0 * cells["age"] + cells["region"]]).astype(float)
    fitted = calibration.fitted(z * calibration.base[:, None])
    np.testing.assert_allclose(fitted, z, atol=1e-10)


def test_nested_margins_are_one_too_many_but_do_no_harm() -> None:
    table = people(8, regions=3)
    shift = shifts(table)
    fine, coarse = (totals_of(table, c, shift) for c in (["region", "age"], ["region"]))
    both = result(calibrate(table, DESIGN, [fine, coarse]))
    one = result(calibrate(table, DESIGN, [fine]))
    np.testing.assert_allclose(both.factor, one.factor, rtol=1e-9)
    z = np.arange(len(both.n), dtype=float)[:, None]
    np.testing.assert_allclose(
        both.fitted(z * both.base[:, None]), one.fitted(z * one.base[:, None]), atol=1e-9
    )


# --- what is taken -------------------------------------------------------------------------------


def test_margins_may_come_from_any_kind_of_table_and_as_mappings() -> None:
    table = people(9)
    sex, age = margins_of(table)
    expected = result(rake(table, DESIGN, [sex, age])).factor
    mapping = {c: dict(zip(m[c], m["total"], strict=True)) for c, m in (("sex", sex), ("age", age))}
    given_as: list[Any] = [
        [pl.from_pandas(sex), pa.Table.from_pandas(age, preserve_index=False)],
        [sex.to_dict("list"), {"age": mapping["age"]}],
        mapping,
    ]
    for margins in given_as:
        np.testing.assert_allclose(result(rake(table, DESIGN, margins)).factor, expected)


def test_a_category_is_the_same_as_number_and_as_text() -> None:
    table = people(9)
    margins = margins_of(table)
    as_text = [m.assign(**{m.columns[0]: m.iloc[:, 0].astype(str)}) for m in margins]
    np.testing.assert_array_equal(
        result(rake(table, DESIGN, as_text)).factor, result(rake(table, DESIGN, margins)).factor
    )


def test_truth_values_meet_their_usual_spellings() -> None:
    table = people(9).assign(employed=lambda t: t["age"] > 1)
    margin = {"employed": {"TRUE": 300.0, "False": 200.0}}
    design = poststratify(table, DESIGN, margin)
    employed = weights(table, design)[table["employed"]].sum()
    assert employed == pytest.approx(300)


def test_without_weights_every_respondent_counts_one() -> None:
    table = people(9)
    design = poststratify(table, SurveyDesign(), {"sex": {1: 50, 2: 70}})
    weight = weights(table, design)
    np.testing.assert_allclose(weight[table["sex"] == 1], 50 / (table["sex"] == 1).sum())


def test_only_the_population_may_be_given() -> None:
    table = people(9)
    design = calibrate(table, DESIGN, population=1000)
    assert weights(table, design).sum() == pytest.approx(1000)


def test_adjustments_come_before_calibration() -> None:
    table = people(9)
    factors = pa.table({"sex": [1, 2], "factor": [3.0, 1.0]})
    adjusted = DESIGN.replace(adjustments=(WeightAdjustment(("sex",), factors),))
    by_hand = table.assign(w=table["w"] * table["sex"].map({1: 3.0, 2: 1.0}))
    margins = margins_of(table)[1:]
    for bounds in (None, (0.1, 5.0)):
        np.testing.assert_allclose(
            weights_on_the_engine(table, rake(table, adjusted, margins, bounds=bounds)),
            weights(by_hand, rake(by_hand, DESIGN, margins, bounds=bounds)),
            rtol=1e-9,
        )


def test_respondents_of_weight_zero_stay_out_and_keep_zero() -> None:
    table = people(9)
    absent = table.iloc[:5].assign(w=0.0, age=99)
    margins = margins_of(table)
    design = rake(pd.concat([table, absent]), DESIGN, margins)
    np.testing.assert_allclose(
        weights(table, design), weights(table, rake(table, DESIGN, margins)), rtol=1e-12
    )
    calibration = result(design)
    assert (calibration.cells["group"].to_numpy() == -1).sum() == 2
    assert calibration.diagnostics.n == len(table)
    fitted = calibration.fitted(np.ones((len(calibration.n), 1)))
    assert np.isfinite(fitted).all()


def test_a_category_that_nobody_has_and_nobody_needs_is_left_out() -> None:
    table = people(9)
    margin = {"sex": {1: 10, 2: 20, 3: 0}}
    assert result(poststratify(table, DESIGN, margin)).constraints.margins[0].size == 2


# --- what is reported ----------------------------------------------------------------------------


def test_the_diagnostics_are_those_of_the_weights() -> None:
    table = people(11, regions=2)
    design = rake(table, DESIGN, margins_of(table, "region"), "region", (0.2, 2.5))
    weight = weights(table, design)
    found = result(design).diagnostics
    assert found.min == pytest.approx(weight.min())
    assert found.max == pytest.approx(weight.max())
    assert found.deff_kish == pytest.approx(1 + weight.var(ddof=0) / weight.mean() ** 2)
    assert found.sum_of_weights == pytest.approx(weight.sum())
    relative = weight / weight.groupby(table["region"]).transform("mean")
    at_bound = (relative > 2.5 - 1e-7) | (relative < 0.2 + 1e-7)
    assert found.trimmed == pytest.approx(at_bound.mean())
    assert found.n == len(table)
    assert found.regions == 2


def test_the_report_of_margins_shows_total_before_and_after() -> None:
    table = people(11, regions=2)
    margins = margins_of(table, "region")
    report = result(rake(table, DESIGN, margins, "region")).margin_report()
    assert len(report) == 2 * (2 + 4)
    first = report.rows()[0]
    assert first["region"] == "region=0"
    assert first["margin"] == "margin sex"
    assert first["category"] == "sex=1"
    mine = table[(table["region"] == 0) & (table["sex"] == 1)]
    assert first["n"] == len(mine)
    assert first["base"] == pytest.approx(mine["w"].sum())
    assert first["calibrated"] == pytest.approx(first["total"])


def test_negative_weights_of_linear_calibration_are_reported() -> None:
    table = pd.DataFrame({"x": [0, 1, 2, 10], "w": [1.0] * 4})
    design = calibrate(table, DESIGN, population=4, numeric={"x": -5})
    assert result(design).diagnostics.negative == 0.25
    assert result(design).diagnostics.min < 0


# --- replicates ----------------------------------------------------------------------------------


def test_refitting_the_same_base_weights_gives_the_same_factors() -> None:
    table = people(12, regions=2)
    calibration = result(rake(table, DESIGN, margins_of(table, "region"), "region"))
    again = calibration.refit(np.stack([calibration.base, 2 * calibration.base], axis=1))
    np.testing.assert_array_equal(again[:, 0], calibration.factor)
    np.testing.assert_allclose(again[:, 1], calibration.factor / 2, rtol=1e-12)


def test_a_replicate_that_empties_a_category_is_named() -> None:
    table = people(12)
    calibration = result(rake(table, DESIGN, margins_of(table)))
    base = np.stack([calibration.base, calibration.base], axis=1)
    base[calibration.cells["age"].to_numpy() == 3, 1] = 0
    wrong = problem(lambda: calibration.refit(base))
    assert wrong.code == "empty-margin-cell"
    assert wrong.place == "replicate 2, margin age, category age=3"


# --- what is refused -----------------------------------------------------------------------------


def shifted(margin: pd.DataFrame, row: int, total: float | None) -> pd.DataFrame:
    changed = margin.copy()
    changed["total"] = changed["total"].astype(object)
    changed.loc[row, "total"] = total
    changed["total"] = changed["total"].astype(float)
    return changed


def test_an_empty_cell_is_named_with_margin_category_and_region() -> None:
    table = people(13, regions=2)
    sex, age = margins_of(table, "region")
    rest = table[~((table["region"] == 1) & (table["age"] == 3))]
    wrong = problem(lambda: rake(rest, DESIGN, [sex, age], "region"))
    assert wrong.code == "empty-margin-cell"
    assert wrong.place == "margin age, category age=3, region region=1"


def test_a_category_without_total_is_named_with_its_number_of_respondents() -> None:
    table = people(13)
    wrong = problem(lambda: rake(table, DESIGN, {"age": {0: 10, 1: 20, 2: 30}}))
    assert wrong.code == "category-without-total"
    assert wrong.place == "margin age, category age=3"
    assert f"{(table['age'] == 3).sum()} respondent" in wrong.message


def test_a_lost_leading_zero_is_recognised() -> None:
    table = people(13).assign(area=lambda t: "0" + t["age"].astype(str))
    wrong = problem(lambda: rake(table, DESIGN, {"area": dict.fromkeys(range(4), 10)}))
    assert wrong.code == "category-without-total"
    assert "leading zeros" in wrong.message
    assert "前导零" in wrong.message_zh


def test_a_region_without_totals_is_named() -> None:
    table = people(13, regions=3)
    margins = [m[m["region"] != 2] for m in margins_of(table, "region")]
    wrong = problem(lambda: rake(table, DESIGN, margins, "region"))
    assert wrong.code == "region-without-total"
    assert wrong.place == "margin sex, region region=2"


def test_a_region_without_respondents_is_named() -> None:
    table = people(13, regions=3)
    margins = margins_of(table, "region")
    wrong = problem(lambda: rake(table[table["region"] != 2], DESIGN, margins, "region"))
    assert wrong.code == "empty-margin-cell"
    assert wrong.place == "margin sex, category sex=1, region region=2"


def test_a_total_of_zero_with_respondents_is_refused() -> None:
    table = people(13)
    wrong = problem(lambda: rake(table, DESIGN, {"sex": {1: 0, 2: 30}}))
    assert wrong.code == "zero-total-with-sample"
    assert wrong.place == "margin sex, category sex=1"


def test_margins_that_do_not_add_up_are_both_named_with_their_sums_and_the_region() -> None:
    table = people(13, regions=2)
    sex, age = margins_of(table, "region")
    wrong = problem(
        lambda: rake(table, DESIGN, [sex, shifted(age, 5, age["total"][5] * 1.001)], "region")
    )
    assert wrong.code == "margins-disagree"
    assert wrong.place == "margin sex and margin age, region region=1"
    assert f"{sex[sex['region'] == 1]['total'].sum():.10g}"[:8] in wrong.message
    assert "1e-11" in wrong.message


def test_margins_that_differ_by_rounding_of_floating_point_pass() -> None:
    table = people(13)
    sex, age = margins_of(table)
    assert_margins_hold(
        table, rake(table, DESIGN, [sex, shifted(age, 1, age["total"][1] * (1 + 1e-13))]), [sex]
    )


@pytest.mark.parametrize("total", [-1.0, float("nan"), float("inf"), None])
def test_a_total_that_is_no_count_is_refused(total: float | None) -> None:
    table = people(13)
    sex, _ = margins_of(table)
    for margins in ([shifted(sex, 1, total)], {"sex": {1: 10, 2: total}}):
        wrong = problem(lambda given=margins: rake(table, DESIGN, given))
        assert wrong.code == "bad-total"
        assert wrong.place == "margin sex, category sex=2"


def test_missing_values_in_a_margin_column_are_counted() -> None:
    table = people(13)
    table["age"] = table["age"].where(table.index % 10 > 0)
    wrong = problem(lambda: rake(table, DESIGN, {"age": dict.fromkeys(range(4), 10)}))
    assert wrong.code == "missing-in-margin"
    assert f"{table['age'].isna().sum()} of {len(table)}" in wrong.message


def test_raking_that_cannot_converge_names_the_cell_furthest_from_its_total() -> None:
    # Nobody is (sex 1, age 2): sex 1 must weigh 90 while age 1, to which it is confined, is 50.
    table = pd.DataFrame({"sex": [1, 2, 2], "age": [1, 1, 2], "w": [1.0, 1, 1]})
    margins = {"sex": {1: 90, 2: 10}, "age": {1: 50, 2: 50}}
    wrong = problem(lambda: rake(table, DESIGN, margins))
    assert wrong.code == "no-convergence"
    assert wrong.place.startswith("margin sex, category sex=")


def test_contradictory_linear_totals_name_the_cell_too() -> None:
    table = pd.DataFrame({"x": [1.0, 1.0], "sex": [1, 2], "w": [1.0, 1]})
    wrong = problem(lambda: calibrate(table, DESIGN, {"sex": {1: 5, 2: 5}}, numeric={"x": 11}))
    assert wrong.code == "no-convergence"
    assert wrong.place == "numeric x"


def test_bounds_that_cannot_be_met_name_the_category_and_what_it_can_reach() -> None:
    table = pd.DataFrame({"sex": [1] * 9 + [2], "w": [1.0] * 10})
    wrong = problem(lambda: rake(table, DESIGN, {"sex": {1: 50, 2: 50}}, bounds=(0.5, 2)))
    assert wrong.code == "infeasible-bounds"
    assert wrong.place == "margin sex, category sex=2"
    assert "sum to 5 to 20" in wrong.message
    wrong = problem(lambda: calibrate(table, DESIGN, {"sex": {1: 5, 2: 5}}, "logit", (0.5, 3)))
    assert wrong.code == "infeasible-bounds"
    assert wrong.place == "margin sex, category sex=2"


def test_bounds_that_each_margin_alone_could_meet_are_refused_too() -> None:
    table = pd.DataFrame(
        {
            "sex": [1, 1, 1, 2, 2, 2],
            "age": [1, 1, 2, 1, 2, 2],
            "w": [1.0] * 6,
        }
    )
    margins = {"sex": {1: 4.2, 2: 1.8}, "age": {1: 1.8, 2: 4.2}}
    wrong = problem(lambda: rake(table, DESIGN, margins, bounds=(0.5, 1.5)))
    assert wrong.code == "infeasible-bounds"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"w": [None, 1, 1, 1]}, "bad-weights"),
        ({"w": [-1.0, 1, 1, 1]}, "bad-weights"),
        ({"w": [float("inf"), 1, 1, 1]}, "bad-weights"),
        ({"w": [0, 0, 0, 0]}, "no-weight"),
        ({"w": ["a", "b", "c", "d"]}, "weight-not-numeric"),
        ({"sex": [None] * 4}, "missing-in-margin"),
    ],
)
def test_bad_data_are_refused(change: dict[str, Any], code: str) -> None:
    table = {"sex": [1, 1, 2, 2], "w": [1.0, 1, 1, 1]} | change
    assert problem(lambda: rake(table, DESIGN, {"sex": {1: 5, 2: 5}})).code == code


def test_no_respondents_at_all_are_refused() -> None:
    table = people(1).iloc[:0]
    assert problem(lambda: rake(table, DESIGN, {"sex": {1: 5, 2: 5}})).code == "no-rows"


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ([], "no-margins"),
        ({"sex": {1: 5, 2: 5}, "height": {1: 5}}, "unknown-column"),
        ([{"sex": {1: 5, 2: 5}}, {"sex": {1: 5, 2: 5}}], "repeated-margin"),
        ({"sex": {1: 5, "1": 5, 2: 5}}, "duplicate-category"),
        ([{"sex": [1, 2], "count": [5, 5]}], "margin-without-total"),
        ([{"total": [5, 5]}], "margin-without-columns"),
        ([{"sex": [1, None], "total": [5, 5]}], "missing-category"),
        ([{"sex": [1, 2], "total": ["five", "5"]}], "bad-total"),
        ({"sex": {1: "five", 2: 5}}, "bad-total"),
        ({"sex": {}}, "empty-margin"),
        ({"group": {1: 5, 2: 5}}, "reserved-name"),
        (["sex"], "not-a-table"),
        ({"sex": 5}, "not-a-margin"),
    ],
)
def test_bad_margins_are_refused(margins: Any, code: str) -> None:
    table = people(1).assign(group=1)
    assert problem(lambda: rake(table, DESIGN, margins)).code == code


def test_a_margin_without_its_region_is_refused() -> None:
    table = people(1, regions=2)
    for margins in ({"sex": {1: 5, 2: 5}}, margins_of(table)):
        wrong = problem(lambda given=margins: rake(table, DESIGN, given, "region"))
        assert wrong.code == "margin-without-region"


def test_several_margins_cannot_be_poststratified() -> None:
    table = people(1)
    assert problem(lambda: poststratify(table, DESIGN, margins_of(table))).code == "one-margin-only"


def test_a_calibrated_design_is_not_calibrated_again() -> None:
    table = people(1)
    design = rake(table, DESIGN, margins_of(table))
    assert problem(lambda: rake(table, design, margins_of(table))).code == "already-calibrated"


@pytest.mark.parametrize("bounds", [(1, 2), (0.5, 1), (-1, 2), (0.5,), "ab", (0.5, float("nan"))])
def test_trimming_bounds_must_hold_the_mean(bounds: Any) -> None:
    table = people(1)
    assert problem(lambda: rake(table, DESIGN, margins_of(table), bounds=bounds)).code == (
        "bad-bounds"
    )


@pytest.mark.parametrize("bounds", [None, (1, 2), (0.5, float("inf"))])
def test_logit_needs_two_finite_bounds_around_one(bounds: Any) -> None:
    table = people(1)
    wrong = problem(lambda: calibrate(table, DESIGN, margins_of(table), "logit", bounds))
    assert wrong.code == "bad-bounds"


def test_options_that_make_no_sense_are_refused() -> None:
    table = people(1)
    margins = margins_of(table)
    method: Any = "ridge"
    assert (
        problem(lambda: rake(table, DESIGN, margins, regression_weight=method)).code
        == "unknown-option"
    )
    assert problem(lambda: calibrate(table, DESIGN, margins, method)).code == "unknown-option"
    assert problem(lambda: rake(table, DESIGN, margins, tolerance=0)).code == "bad-setting"
    text = table.assign(income="high")
    assert problem(lambda: calibrate(text, DESIGN, numeric={"income": 5})).code == "not-numeric"
    for totals in ({"numeric": {"income": 5}}, {"population": 5}):
        assert (
            problem(lambda given=totals: calibrate(table, DESIGN, within="region", **given)).code
            == "margin-without-region"
        )


def test_fitted_says_which_shape_it_wants() -> None:
    table = people(1)
    calibration = result(rake(table, DESIGN, margins_of(table)))
    with pytest.raises(ValueError, match="one row per cell"):
        calibration.fitted(np.ones((3, 1)))
