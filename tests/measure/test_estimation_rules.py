"""Rules that every estimate keeps, and what is refused as input (P-18).

Hypothesis draws small samples of strata, clusters, weights and answers; the tables of bad input are
worked off one fault at a time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.r_survey import engine

from huiyin import measure as hm
from huiyin.measure.estimation.estimate import COLUMNS
from huiyin.measure.statistics import Composite, Statistic

FIGURES = COLUMNS[3:]
ELEMENTS = hm.SurveyDesign(weights="w", strata="stratum", lonely="certainty")
DESIGN = ELEMENTS.replace(clusters="psu", nest=True)
ASKED: list[Statistic | Composite] = [
    hm.mean("y"),
    hm.total("y", name="total"),
    hm.ratio("y", "x", name="ratio"),
    hm.share("answer", of=[1], missing=[9], name="share"),
    hm.score("answer", {1: 100, 2: 60, 3: 0}, missing=[9], name="score"),
    hm.composite("both", {"share": 0.5, "y": 2.0}),
]


def sample(n: int = 40, seed: int = 1, gaps: float = 0.2) -> pd.DataFrame:
    """Respondents in up to 3 strata, 4 clusters each and 4 areas, some answers missing."""
    rng = np.random.Generator(np.random.PCG64(seed))
    answer = rng.choice([1, 2, 3, 9], n).astype(float)
    answer[rng.random(n) < gaps] = np.nan
    answer[0] = 1.0
    data = pd.DataFrame(
        {
            "w": np.round(rng.uniform(0.5, 9, n), 2),
            "stratum": rng.integers(1, 4, n),
            "psu": rng.integers(1, 5, n),
            "area": rng.choice(["01", "02", "03", "10"], n),
            "half": rng.choice(["a", "b"], n),
            "y": np.round(rng.normal(50, 20, n), 3),
            "x": np.round(rng.uniform(1, 5, n), 3),
            "answer": answer,
        }
    )
    data.loc[rng.random(n) < gaps, "y"] = np.nan
    data.loc[0, "y"] = 1.5
    return data


samples = functools.partial(
    st.builds, sample, st.integers(4, 40), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2])
)


def figures(
    data: Any, design: hm.SurveyDesign = DESIGN, asked: Any = None, by: Sequence[Any] = ("all",)
) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        data = hm.as_ibis(data, engine())
    found = hm.estimate(data, design, ASKED if asked is None else asked, by)
    return found.to_pandas().set_index(["indicator", "level", "area"])


def same_figures(
    one: pd.DataFrame, two: pd.DataFrame, columns: Sequence[str] = FIGURES, rel: float = 1e-9
) -> None:
    assert one.index.equals(two.index)
    for column in columns:
        first, second = one[column].to_numpy(float), two[column].to_numpy(float)
        np.testing.assert_allclose(first, second, rtol=rel, atol=1e-7, err_msg=column)


#: Compiling an expression takes most of a test's time, so most do without the composite.
PLAIN = ASKED[:5]

few = settings(max_examples=5, deadline=None)


# ---- what must not change a figure


@few
@given(data=samples(), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(data: pd.DataFrame, seed: int) -> None:
    shuffled = data.sample(frac=1, random_state=seed)
    same_figures(figures(data, by=["all", "area"]), figures(shuffled, by=["all", "area"]))


@few
@given(data=samples(), factor=st.sampled_from([1e-3, 0.5, 7.0, 1e6]))
def test_a_factor_on_all_weights_scales_totals_only(data: pd.DataFrame, factor: float) -> None:
    one = figures(data, asked=PLAIN, by=["all", "area"])
    two = figures(data.assign(w=data["w"] * factor), asked=PLAIN, by=["all", "area"])
    is_total = one.index.get_level_values("indicator") == "total"
    plain = [c for c in FIGURES if c != "sum_of_weights"]
    same_figures(one[~is_total], two[~is_total], plain)
    for column in ("estimate", "se", "ci_low", "ci_high"):
        expected = one.loc[is_total, column].to_numpy(float) * factor
        got = two.loc[is_total, column].to_numpy(float)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-7 * factor)
    np.testing.assert_allclose(two["sum_of_weights"], one["sum_of_weights"] * factor, rtol=1e-12)


@few
@given(data=samples())
def test_doubling_every_row_inside_its_cluster_leaves_means_and_their_errors(
    data: pd.DataFrame,
) -> None:
    """The cluster, not the row, is what was drawn."""
    doubled = pd.concat([data, data])
    is_total = hm.total("y", name="total")
    asked = [s for s in PLAIN if s.name != is_total.name]
    same_figures(
        figures(data, asked=asked, by=["all", "area"]),
        figures(doubled, asked=asked, by=["all", "area"]),
        ("estimate", "se", "df"),
    )


@few
@given(data=samples())
def test_totals_of_areas_add_up_to_the_total(data: pd.DataFrame) -> None:
    found = figures(data, asked=[hm.total("y", name="total")], by=["all", "area", ["area", "half"]])
    whole = found.loc["total", "all", "all"]
    for level in ("area", "area × half"):
        parts = found.loc["total", level]
        assert parts["estimate"].sum() == pytest.approx(whole["estimate"], rel=1e-12)
        assert parts["sum_of_weights"].sum() == pytest.approx(whole["sum_of_weights"], rel=1e-12)
        assert parts["n"].sum() == whole["n"]


@few
@given(data=samples())
def test_an_areas_figure_is_that_of_the_file_of_that_area(data: pd.DataFrame) -> None:
    """The value; the standard error differs, for the size of the area is random."""
    found = figures(data, ELEMENTS, asked=ASKED[:2], by=["area"])
    for area in data["area"].unique():
        own = data[data["area"] == area]
        if own["y"].isna().all():
            continue
        alone = figures(own, ELEMENTS, asked=ASKED[:2])
        for name in ("y", "total"):
            one, two = found.loc[name, "area", area], alone.loc[name, "all", "all"]
            assert one["estimate"] == pytest.approx(two["estimate"], rel=1e-10)
            assert (one["n"], one["df"]) == (two["n"], two["df"])


def test_the_level_all_is_the_same_as_no_level() -> None:
    data = sample()
    plain = hm.estimate(data, DESIGN, ASKED).to_pandas()
    for by in (["all"], "all", []):
        pd.testing.assert_frame_equal(hm.estimate(data, DESIGN, ASKED, by).to_pandas(), plain)
    beside = hm.estimate(data, DESIGN, ASKED, ["area", "all"]).to_pandas()
    beside = beside[beside["level"] == "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(beside, plain, rtol=1e-12)


@few
@given(data=samples())
def test_clusters_of_one_are_elements(data: pd.DataFrame) -> None:
    alone = DESIGN.replace(clusters="row", nest=False)
    numbered = data.assign(row=np.arange(len(data)))
    same_figures(
        figures(numbered, alone, PLAIN, ["all", "area"]),
        figures(numbered, ELEMENTS, PLAIN, ["all", "area"]),
    )


def test_pandas_polars_pyarrow_and_ibis_give_the_same() -> None:
    data = sample()
    arrow = pa.Table.from_pandas(data, preserve_index=False)
    connection = ibis.duckdb.connect()
    connection.con.register("respondents", arrow)
    kinds = [
        arrow,
        pl.from_arrow(arrow),
        connection.table("respondents"),
        ibis.memtable(data),
        data,
        data.to_dict("list"),
    ]
    expected = figures(data)
    for one in kinds:
        ours = hm.estimate(one, DESIGN, ASKED).to_pandas()
        same_figures(ours.set_index(["indicator", "level", "area"]), expected, rel=1e-12)


# ---- the formula itself, written out respondent by respondent


def textbook(data: pd.DataFrame, inside: pd.Series, lonely: str) -> tuple[float, float, float]:
    """Mean of y in a domain, its ultimate-cluster variance, and PSUs less strata."""
    counts = inside & data["y"].notna() & (data["w"] > 0)
    w = data["w"].where(counts, 0.0)
    mean = (w * data["y"].fillna(0)).sum() / w.sum()
    z = (w * (data["y"].fillna(mean) - mean) / w.sum()).groupby([data["stratum"], data["psu"]])
    sums, variance, used, averaged = z.sum(), 0.0, 0, 0
    for stratum, psus in sums.groupby(level=0):
        n = len(psus)
        kept = 1 - n / data.loc[data["stratum"] == stratum, "size"].iloc[0]
        answered = (counts & (data["stratum"] == stratum)).any()
        used += answered
        if n > 1:
            variance += kept * n / (n - 1) * ((psus - psus.mean()) ** 2).sum()
        elif lonely == "centre":
            variance += kept * (psus**2).sum()
        elif lonely == "average":
            averaged += answered
    if averaged:
        variance *= used / (used - averaged) if used > averaged else math.nan
    cells = data.loc[counts, ["stratum", "psu"]].drop_duplicates()
    return mean, variance, len(cells) - cells["stratum"].nunique()


@settings(max_examples=12, deadline=None)
@given(data=samples(), lonely=st.sampled_from(["certainty", "centre", "average"]))
def test_every_domain_follows_the_formula_of_the_ultimate_cluster(
    data: pd.DataFrame, lonely: Any
) -> None:
    """With missing answers, weights of zero, one-PSU strata and finite populations at once."""
    data = data.assign(size=8, w=data["w"].where(data.index % 5 != 3, 0.0))
    design = DESIGN.replace(lonely=lonely, fpc="size")
    found = figures(data, design, hm.mean("y"), ["all", "area"])
    for (_, level, area), row in found.iterrows():
        inside = pd.Series(level == "all", data.index) | (data["area"] == area)
        if row["n"] == 0:
            continue
        mean, variance, df = textbook(data, inside, lonely)
        assert row["estimate"] == pytest.approx(mean, rel=1e-10)
        assert row["se"] == pytest.approx(math.sqrt(variance), rel=1e-8, abs=1e-11, nan_ok=True)
        assert row["df"] == df


# ---- constants, zero and a hundred percent, large numbers


@few
@given(data=samples(), value=st.floats(-1e9, 1e9).map(lambda v: round(v, 4)))
def test_a_constant_area_has_zero_standard_error(data: pd.DataFrame, value: float) -> None:
    constant = data.assign(y=value, answer=2.0, z=value * data["x"])
    score = hm.score("answer", {2: 37.3}, name="score")
    asked = [hm.mean("y"), score, hm.ratio("z", "x", name="ratio")]
    for design in (DESIGN, ELEMENTS):
        found = figures(constant, design, asked, ["all", "area"])
        assert (found["se"] == 0).all()
        for name, expected in (("y", value), ("score", 37.3), ("ratio", value)):
            np.testing.assert_allclose(found.loc[name, "estimate"], expected, rtol=1e-13)


@pytest.mark.parametrize(("answer", "percent"), [(1, 100.0), (2, 0.0)])
@pytest.mark.parametrize("design", [DESIGN, ELEMENTS, hm.replicate(ELEMENTS, "jkn")])
def test_a_share_on_which_all_agree_has_no_error_and_still_an_interval(
    design: hm.SurveyDesign, answer: int, percent: float
) -> None:
    """Clopper-Pearson of the effective size: for 40 equal weights and 0 of 40, 0 to 8.8 %."""
    n = 40
    data = pd.DataFrame(
        {"answer": answer, "w": 2.5, "stratum": np.arange(n) % 2, "psu": np.arange(n) // 2}
    )
    (row,) = hm.estimate(data, design, hm.share("answer", of=[1])).rows()
    assert (row["estimate"], row["se"]) == (percent, 0.0)
    assert row["ci_low"] < row["ci_high"]
    assert percent in (row["ci_low"], row["ci_high"])
    assert 4 < row["ci_high"] - row["ci_low"] < 15


def test_nobody_of_forty_is_up_to_nine_percent() -> None:
    """Simple random sample: the interval is Clopper and Pearson's, 1 - (α/2)^(1/n)."""
    data = pd.DataFrame({"answer": [0] * 40})
    (row,) = hm.estimate(data, hm.SurveyDesign(), hm.share("answer", of=[1])).rows()
    assert row["ci_low"] == 0.0
    assert row["ci_high"] == pytest.approx(100 * (1 - 0.025 ** (1 / 40)), rel=1e-12)


@few
@given(data=samples(), offset=st.sampled_from([1e6, -1e9, 1e12]))
def test_a_huge_offset_leaves_the_variance_of_a_mean(data: pd.DataFrame, offset: float) -> None:
    digits = abs(offset) * 1e-14  # what a float of that size can still hold
    shifted = data.assign(y=data["y"] + offset)
    for design in (DESIGN, ELEMENTS):
        one = figures(data, design, hm.mean("y"), ["all", "half"])
        two = figures(shifted, design, hm.mean("y"), ["all", "half"])
        np.testing.assert_allclose(two["estimate"], one["estimate"] + offset, rtol=1e-13)
        np.testing.assert_allclose(two["se"], one["se"], rtol=1e-6, atol=10 * digits)


# ---- areas


def test_an_area_code_keeps_its_leading_zero_and_a_whole_float_loses_its_point() -> None:
    data = pd.DataFrame(
        {"town": ["010", "10", "010"], "code": [1.0, 13.0, None], "y": [1.0, 2.0, 3.0]}
    )
    found = hm.estimate(data, hm.SurveyDesign(), hm.mean("y"), ["town", "code", ["town", "code"]])
    assert [row["area"] for row in found.rows()] == ["010", "10", "1", "13", "010 × 1", "10 × 13"]


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_rows_without_an_area_leave_the_level_and_stay_in_all(nothing: float | None) -> None:
    table = {"town": [1.0, 1.0, nothing, nothing], "y": [1.0, 3.0, 10.0, 20.0]}
    for data in (table, ibis.memtable(pa.table(table))):
        found = hm.estimate(data, hm.SurveyDesign(), hm.mean("y"), ["all", "town"]).rows()
        assert [(row["area"], row["n"], row["estimate"]) for row in found] == [
            ("all", 4, 8.5),
            ("1", 2, 2.0),
        ]


def test_nan_of_an_engines_own_table_is_no_area_and_no_answer() -> None:
    connection = ibis.duckdb.connect()
    connection.raw_sql(
        "create table t as select * from (values (1.0::double, 2.0::double),"
        " ('nan'::double, 4.0), (1.0, 'nan'::double)) as v(town, y)"
    )
    found = hm.estimate(connection.table("t"), hm.SurveyDesign(), hm.mean("y"), ["all", "town"])
    assert [(row["area"], row["n"], row["estimate"]) for row in found.rows()] == [
        ("all", 2, 3.0),
        ("1", 1, 2.0),
    ]
    halves = hm.quantile(connection.table("t"), hm.SurveyDesign(), "y", [0.5], ["town"]).rows()
    assert [(row["area"], row["estimate"]) for row in halves] == [("1", 2.0)]


def test_an_area_in_which_nobody_answered_is_a_row_of_nulls() -> None:
    data = pd.DataFrame(
        {"town": ["a", "a", "b", "b"], "y": [1.0, 2.0, None, None], "z": [1, 2, 3, 4]}
    )
    asked: list[Any] = [hm.mean("y"), hm.mean("z"), hm.composite("c", {"y": 0.5, "z": 0.5})]
    found = {
        (r["indicator"], r["area"]): r
        for r in hm.estimate(data, hm.SurveyDesign(), asked, ["town"]).rows()
    }
    for name in ("y", "c"):
        row = found[name, "b"]
        assert [row[c] for c in ("estimate", "se", "ci_low", "ci_high", "deff")] == [None] * 5
    assert found["y", "b"]["n"] == 0


def test_a_level_without_any_answer_has_rows_of_nulls_beside_the_whole() -> None:
    """Who answered both parts has no town, so no town has the composite."""
    data = {"town": [None, None, "a"], "y": [1.0, 2.0, None], "z": [1.0, None, None]}
    asked: list[Any] = [hm.mean("y"), hm.mean("z"), hm.composite("c", {"y": 0.5, "z": 0.5})]
    found = hm.estimate(data, hm.SurveyDesign(), asked, ["all", "town"]).rows()
    by_place = {(row["indicator"], row["area"]): row["estimate"] for row in found}
    assert by_place == {
        ("y", "all"): 1.5, ("z", "all"): 1.0, ("c", "all"): 1.25,
        ("y", "a"): None, ("z", "a"): None, ("c", "a"): None,
    }  # fmt: skip


def test_one_respondent_has_a_figure_and_no_interval() -> None:
    data = pd.DataFrame({"town": ["a", "b", "b"], "y": [1.0, 2.0, 3.0]})
    row = hm.estimate(data, hm.SurveyDesign(), hm.mean("y"), ["town"]).rows()[0]
    assert (row["n"], row["estimate"], row["df"]) == (1, 1.0, 0.0)
    assert (row["ci_low"], row["ci_high"], row["deff"]) == (None, None, None)


def test_a_row_without_weight_is_in_the_sample_and_in_no_area() -> None:
    """It counts as a PSU of its stratum; not in n, nor in the degrees of freedom (as R)."""
    data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 9.0], "w": [1.0, 1.0, 1.0, 0.0]})
    (row,) = hm.estimate(data, hm.SurveyDesign(weights="w"), hm.mean("y")).rows()
    mean = 7 / 3
    z = np.array([1 - mean, 2 - mean, 4 - mean, 0.0]) / 3
    assert (row["n"], row["df"]) == (3, 2.0)
    assert row["se"] == pytest.approx(math.sqrt(4 / 3 * (z**2).sum()), rel=1e-12)


# ---- codes


def share_of(values: Any, of: list[Any], **options: Any) -> float | None:
    found = hm.estimate({"q": values}, hm.SurveyDesign(), hm.share("q", of=of, **options)).rows()
    return found[0]["estimate"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("values", "of", "missing"),
    [
        ([1, 2, 1, 9], [1], [9]),
        ([1.0, 2.0, 1.0, 9.0], [1], [9]),
        ([1, 2, 1, None], [1], []),
        (["1", "2", "1", "9"], ["1"], ["9"]),
        (["1", "2", "1", "9"], [1], [9]),
        (["1.0", "2", " 1 ", "9"], [1], [9.0]),
        ([1, 2, 1, 9], ["1"], ["9"]),
        (["yes", "no", "yes", "refused"], ["yes"], ["refused"]),
        (["yes", "no", "1", "9"], ["yes", 1], [9]),
        ([True, False, True, None], [True], []),
        ([True, False, True, None], [1], []),
        ([1, 2, 1, 9], [1, 1.5, math.inf, math.nan], [9]),
    ],
)
def test_codes_meet_answers_as_text_or_as_numbers_whichever_both_can_be(
    values: list[Any], of: list[Any], missing: list[Any]
) -> None:
    assert share_of(values, of, missing=missing) == pytest.approx(200 / 3)


def test_a_code_that_cannot_be_a_number_is_refused_on_a_column_of_numbers() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        share_of([1, 2, 1], ["yes"])
    assert wrong.value.code == "code-not-numeric"


def test_a_ratio_leaves_out_missing_codes_of_both_its_columns() -> None:
    data = {"top": [2.0, 4.0, 99.0, 6.0], "below": [1.0, 99.0, 1.0, 3.0]}
    (row,) = hm.estimate(data, hm.SurveyDesign(), hm.ratio("top", "below", missing=[99])).rows()
    assert (row["n"], row["estimate"]) == (2, 2.0)


def test_a_ratio_over_zero_is_null() -> None:
    data = {"top": [2.0, 4.0], "below": [0.0, 0.0]}
    (row,) = hm.estimate(data, hm.SurveyDesign(), hm.ratio("top", "below")).rows()
    assert (row["estimate"], row["se"], row["ci_low"]) == (None, None, None)


# ---- bad input: an error that names the place

GOOD: dict[str, list[Any]] = {
    "y": [1.0, 2.0, 3.0, 4.0],
    "q": [1, 2, 1, 3],
    "w": [1.0, 2.0, 1.0, 2.0],
    "stratum": ["a", "a", "b", "b"],
    "psu": [1, 2, 3, 4],
    "size": [10, 10, 20, 20],
}
FULL = hm.SurveyDesign(weights="w", strata="stratum", clusters="psu", fpc="size")

BAD_DATA: dict[str, tuple[dict[str, list[Any]], str]] = {
    "a missing weight": ({"w": [1.0, None, 1.0, 1.0]}, "weight-missing"),
    "a weight that is NaN": ({"w": [1.0, math.nan, 1.0, 1.0]}, "weight-missing"),
    "a negative weight": ({"w": [1.0, -0.1, 1.0, 1.0]}, "weight-negative"),
    "an infinite weight": ({"w": [1.0, math.inf, 1.0, 1.0]}, "weight-infinite"),
    "weights that are all zero": ({"w": [0.0] * 4}, "weights-all-zero"),
    "weights of text": ({"w": ["1", "2", "1", "2"]}, "weight-not-numeric"),
    "an infinite answer": ({"y": [1.0, math.inf, 2.0, 3.0]}, "item-infinite"),
    "both infinities": ({"y": [math.inf, -math.inf, 2.0, 3.0]}, "item-infinite"),
    "an answer too large to square": ({"y": [1.0, 1e200, 2.0, 3.0]}, "item-infinite"),
    "an item without any answer": ({"y": [None] * 4}, "item-all-missing"),
    "an item of NaN alone": ({"y": [math.nan] * 4}, "item-all-missing"),
    "text in a numeric item": ({"y": ["1", "2", "none", "4"]}, "code-unknown"),
    "text that spells NaN": ({"y": ["1", "2", "nan", "4"]}, "code-unknown"),
    "text that spells infinity": ({"y": ["1", "2", "inf", "4"]}, "item-infinite"),
    "a code without a score": ({"q": [1, 2, 4, 3]}, "code-unknown"),
    "a missing stratum": ({"stratum": ["a", None, "b", "b"]}, "stratum-missing"),
    "a missing cluster": ({"psu": [1, None, 3, 4]}, "cluster-missing"),
    "a cluster in two strata": ({"psu": [1, 2, 1, 4]}, "clusters-not-nested"),
    "a stratum with one cluster": ({"psu": [1, 2, 3, 3]}, "lonely-psu"),
    "an fpc smaller than the sample": ({"size": [10, 10, 1.5, 1.5]}, "fpc-smaller-than-sample"),
    "an fpc that varies in a stratum": ({"size": [10, 11, 20, 20]}, "fpc-varies"),
    "a missing fpc": ({"size": [10, None, 20, 20]}, "fpc-missing"),
    "an fpc of zero": ({"size": [10, 10, 0, 0]}, "fpc-missing"),
    "a negative fpc": ({"size": [10, 10, -1, -1]}, "fpc-missing"),
    "an infinite fpc": ({"size": [10, 10, math.inf, math.inf]}, "fpc-missing"),
    "an fpc that is no number": ({"size": ["10", "10", "many", "many"]}, "fpc-missing"),
}


@pytest.mark.parametrize("what", BAD_DATA)
def test_bad_data_are_refused(what: str) -> None:
    change, code = BAD_DATA[what]
    asked = [hm.mean("y"), hm.score("q", {1: 100, 2: 50, 3: 0})]
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(hm.as_ibis({**GOOD, **change}, engine()), FULL, asked, ["all", "stratum"])
    assert wrong.value.code == code, wrong.value
    assert wrong.value.message_zh
    assert wrong.value.place


def test_an_infinite_answer_of_weight_zero_is_not_taken_for_nothing() -> None:
    """0 times infinity is NaN, which must not become a zero on the way."""
    data = {**GOOD, "w": [1.0, 0.0, 1.0, 2.0], "y": [1.0, math.inf, 2.0, 3.0]}
    (row,) = hm.estimate(data, hm.SurveyDesign(weights="w"), hm.mean("y")).rows()
    assert row["estimate"] == pytest.approx(9 / 4)


@pytest.mark.parametrize("by", [["all"], ["stratum"]])
def test_an_empty_table_is_refused(by: list[str]) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(pd.DataFrame(GOOD).iloc[:0], FULL, hm.mean("y"), by)
    assert wrong.value.code == "no-rows"


def test_the_message_counts_the_weights_that_are_wrong() -> None:
    with pytest.raises(hm.MeasureError, match="2 weights are negative, the smallest is -3"):
        hm.estimate({"w": [1.0, -3.0, -1.0]}, hm.SurveyDesign(weights="w"), hm.mean("w", name="m"))


def test_the_message_lists_answers_without_a_score() -> None:
    with pytest.raises(hm.MeasureError, match=r"4 \(2\), 5 \(1\)"):
        hm.estimate({"q": [1, 4, 4, 5]}, hm.SurveyDesign(), hm.score("q", {1: 100, 2: 0}))


@pytest.mark.parametrize(
    ("design", "asked", "by", "near"),
    [
        ({"weights": "ww"}, "y", ["all"], "'w'"),
        ({"strata": "strata"}, "y", ["all"], "'stratum'"),
        ({"clusters": "psuu"}, "y", ["all"], "'psu'"),
        ({"fpc": "sise"}, "y", ["all"], "'size'"),
        ({}, "yy", ["all"], "'y'"),
        ({}, "y", ["Stratums"], "'stratum'"),
    ],
)
def test_an_unknown_column_is_named_with_the_nearest(
    design: dict[str, Any], asked: str, by: list[str], near: str
) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(GOOD, FULL.replace(**design), hm.mean(asked), by)
    assert wrong.value.code == "unknown-column"
    assert near in wrong.value.message
    assert near in wrong.value.message_zh


def test_names_used_twice_are_refused() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(GOOD, FULL, [hm.mean("y"), hm.total("y")])
    assert wrong.value.code == "duplicate-name"


def test_columns_used_twice_are_refused() -> None:
    twice = pa.table([[1.0, 2.0], [3.0, 4.0]], names=["y", "y"])
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(twice, hm.SurveyDesign(), hm.mean("y"))
    assert wrong.value.code == "duplicate-columns"


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, -0.5, math.nan])
def test_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate(GOOD, FULL, hm.mean("y"), confidence=confidence)
    assert wrong.value.code == "confidence-out-of-range"


UNKNOWN: Any = "adjust"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: hm.share("q", of=[]), "no-codes"),
        (lambda: hm.share("q", of=[1, 9], missing=[9]), "code-counted-and-missing"),
        (lambda: hm.score("q", {}), "no-codes"),
        (lambda: hm.score("q", {1: math.nan}), "not-a-number"),
        (lambda: hm.composite("c", {}), "no-parts"),
        (lambda: hm.composite("c", {"a": math.inf}), "not-a-number"),
        (lambda: hm.SurveyDesign(lonely=UNKNOWN), "unknown-option"),
        (lambda: hm.estimate(GOOD, FULL, []), "nothing-asked"),
        (lambda: hm.estimate(GOOD, FULL, hm.composite("c", {"x": 1})), "unknown-part"),
        (lambda: hm.replicate(FULL, UNKNOWN), "unknown-option"),
        (lambda: hm.replicate(FULL, "brr", rho=0.5), "rho-out-of-range"),
        (lambda: hm.replicate(FULL, "fay", rho=1.0), "rho-out-of-range"),
        (lambda: hm.replicate(FULL, "bootstrap", 1), "replicates-too-few"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(make: Any, code: str) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        make()
    assert wrong.value.code == code


def test_collapse_joins_a_lonely_stratum_to_the_next() -> None:
    data = pd.DataFrame({"stratum": [1, 2, 2, 3, 3, 4], "y": [1.0, 5.0, 7.0, 2.0, 9.0, 4.0]})
    joined = data.assign(stratum=[2, 2, 2, 3, 3, 3])
    design = hm.SurveyDesign(strata="stratum", lonely="collapse")
    (one,) = hm.estimate(data, design, hm.mean("y")).rows()
    (two,) = hm.estimate(joined, design, hm.mean("y")).rows()
    assert one["se"] == pytest.approx(two["se"], rel=1e-12)


def test_average_with_nothing_to_average_says_nothing() -> None:
    data = pd.DataFrame({"stratum": [1, 2, 3], "y": [1.0, 5.0, 7.0], "q": [1, 1, 2]})
    design = hm.SurveyDesign(strata="stratum", lonely="average")
    asked = [hm.mean("y"), hm.share("q", of=[1])]
    for row in hm.estimate(data, design, asked).rows():
        assert row["estimate"] is not None
        assert (row["se"], row["ci_low"], row["ci_high"]) == (None, None, None)


def test_linear_calibration_may_make_a_weight_negative() -> None:
    """The weights of the file may not be negative; those that calibration finds may (as in R)."""
    data = {"x": [1.0, 1.0, 1.0, 1.0, 30.0], "w": [1.0] * 5, "y": [1.0, 2.0, 3.0, 4.0, 9.0]}
    plain = hm.SurveyDesign(weights="w")
    design = hm.calibrate(data, plain, method="linear", numeric={"x": 3.0})
    (row,) = hm.estimate(data, design, hm.total("x")).rows()
    assert row["estimate"] == pytest.approx(3.0)
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate({**data, "w": [1.0, 1.0, 1.0, 1.0, -1.0]}, plain, hm.total("x"))
    assert wrong.value.code == "weight-negative"


# ---- replicate weights that came with the file

BROUGHT = {**GOOD, "r1": [0.0, 4.0, 1.0, 2.0], "r2": [2.0, 0.0, 1.0, 2.0]}


@pytest.mark.parametrize(
    ("change", "says", "code"),
    [
        ({"r2": [2.0, None, 1.0, 2.0]}, {}, "replicate-weight-invalid"),
        ({"r2": [2.0, math.nan, 1.0, 2.0]}, {}, "replicate-weight-invalid"),
        ({"r2": [2.0, math.inf, 1.0, 2.0]}, {}, "replicate-weight-invalid"),
        ({"r2": ["a", "b", "c", "d"]}, {}, "replicate-weight-invalid"),
        ({}, {"weights": ("r1", "r9")}, "unknown-column"),
        ({}, {"weights": ("r1",)}, "replicates-too-few"),
        ({}, {"rscales": (1.0,)}, "rscales-length"),
        ({}, {"kind": "jkn"}, "rscales-missing"),
        ({}, {"kind": "fay", "rho": 1.0}, "rho-out-of-range"),
    ],
)
def test_replicate_weights_must_be_finite_complete_and_scaled(
    change: dict[str, list[Any]], says: dict[str, Any], code: str
) -> None:
    replicates = hm.Replicates(**{"kind": "bootstrap", "weights": ("r1", "r2"), **says})
    design = hm.SurveyDesign(weights="w", replicates=replicates)
    data = {**BROUGHT, **change}
    calls: list[Callable[[], Any]] = [
        lambda: hm.estimate(data, design, hm.mean("y"), ["all", "stratum"]),
        lambda: hm.with_replicates(data, design, lambda _, w: float(w.sum())),
    ]
    for call in calls:
        with pytest.raises(hm.MeasureError) as wrong:
            call()
        assert wrong.value.code == code


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("jk1", {}, "jk1-with-strata"),
        ("jkn", {"lonely": "certainty", "strata": "y"}, "jackknife-unsuitable"),
        ("brr", {"strata": None}, "brr-needs-pairs"),
        ("bootstrap", {"lonely": "average", "strata": "y", "fpc": None}, "replicates-lonely"),
        ("bootstrap", {"lonely": "centre", "strata": "y", "fpc": None}, "replicates-lonely"),
    ],
)
def test_replicates_that_the_design_cannot_have_are_refused(
    kind: Any, change: dict[str, Any], code: str
) -> None:
    design = hm.replicate(hm.SurveyDesign(**{"weights": "w", "strata": "stratum", **change}), kind)
    calls: list[Callable[[], Any]] = [
        lambda: hm.estimate(GOOD, design, hm.mean("q")),
        lambda: hm.with_replicates(GOOD, design, lambda _, w: float(w.sum())),
    ]
    for call in calls:
        with pytest.raises(hm.MeasureError) as wrong:
            call()
        assert wrong.value.code == code


@few
@given(data=samples(), seed=st.integers(0, 9))
def test_the_bootstrap_of_any_statistic_does_not_depend_on_the_order_of_rows(
    data: pd.DataFrame, seed: int
) -> None:
    design = hm.replicate(ELEMENTS, "bootstrap", 20, seed=seed)

    def total(table: pa.Table, w: np.ndarray) -> float:
        return float(np.nansum(w * table["x"].to_numpy()))

    one = hm.with_replicates(data, design, total).rows()[0]
    two = hm.with_replicates(data[::-1], design, total).rows()[0]
    assert one["se"] == pytest.approx(two["se"], rel=1e-12)


def test_replicates_of_constant_answers_have_no_error_at_all() -> None:
    data = pd.DataFrame({"y": [3.7] * 12, "w": np.linspace(1, 3, 12), "stratum": [1, 2] * 6})
    for kind in ("bootstrap", "jkn"):
        design = hm.replicate(hm.SurveyDesign(weights="w", strata="stratum"), kind, 40)
        (row,) = hm.estimate(data, design, hm.mean("y")).rows()
        assert row["se"] == 0.0


def test_text_among_codes_that_are_numbers_is_an_unknown_code_of_a_share() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.estimate({"y": ["1", "x", "2"]}, hm.SurveyDesign(), hm.share("y", of=[1]))
    assert wrong.value.code == "code-unknown"
    kept = hm.share("y", of=[1], missing=["x"])
    (row,) = hm.estimate({"y": ["1", "x", "2"]}, hm.SurveyDesign(), kept).rows()
    assert (row["n"], row["estimate"]) == (2, 50.0)
