"""What may be published, and why the rest is withheld (P-18)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.r_survey import engine

from huiyin import measure as hm
from huiyin.measure.publication import REASONS, WITHHELD, without_withheld

#: The figures of a table of estimates that the rules look at.
FIGURES = ("estimate", "ci_low", "ci_high")


def estimates(rows: list[dict[str, Any]]) -> hm.Tidy:
    plain = {
        "indicator": "safe", "level": "town", "area": "a", "n": 100, "sum_of_weights": 1.0,
        "estimate": 90.0, "se": 2.0, "ci_low": 86.0, "ci_high": 94.0, "df": 99.0, "deff": 1.0,
        "n_effective": 100.0,
    }  # fmt: skip
    filled = [{**plain, **row} for row in rows]
    return hm.Tidy.of({name: [row[name] for row in filled] for name in plain})


def reasons(marked: hm.Tidy) -> list[str | None]:
    return [row["why_not"] for row in marked.rows()]


@pytest.mark.parametrize(("n", "why"), [(29, "few-answers"), (30, None), (31, None)])
def test_a_figure_needs_the_least_number_of_answers(n: int, why: str | None) -> None:
    marked = hm.publish(estimates([{"n": n}]), minimum_n=30)
    assert reasons(marked) == [why]
    assert marked.rows()[0]["published"] is (why is None)


@pytest.mark.parametrize(("high", "why"), [(93.9, None), (94.0, None), (94.1, "wide-interval")])
def test_a_figure_may_not_be_wider_than_allowed(high: float, why: str | None) -> None:
    marked = hm.publish(estimates([{"ci_high": high}]), max_half_width=4.0)
    assert reasons(marked) == [why]


def test_a_figure_that_cannot_say_how_sure_it_is_stays_in_the_house() -> None:
    marked = hm.publish(estimates([{"ci_low": math.nan, "ci_high": math.nan}]))
    assert reasons(marked) == ["no-interval"]


def test_an_area_in_which_nobody_answered_is_named_as_such() -> None:
    nothing = dict.fromkeys(FIGURES, math.nan)
    assert reasons(hm.publish(estimates([{"n": 0, **nothing}]))) == ["nobody-answered"]


def test_the_first_reason_that_holds_is_the_one_given() -> None:
    row = {"n": 3, "ci_low": math.nan, "ci_high": math.nan}
    assert reasons(hm.publish(estimates([row]), max_half_width=1.0)) == ["few-answers"]


def test_withheld_rows_lose_the_figure_and_keep_n_and_the_reason() -> None:
    marked = hm.publish(estimates([{"n": 3}, {"area": "b"}]))
    hidden, shown = without_withheld(marked).rows()
    assert (hidden["n"], hidden["why_not"], hidden["area"]) == (3, "few-answers", "a")
    assert all(hidden[name] is None for name in WITHHELD)
    assert shown == marked.rows()[1]


def test_marking_changes_no_figure() -> None:
    table = estimates([{"n": 3}, {"area": "b"}])
    assert hm.publish(table).select(table.column_names).equals(table.arrow)


def test_a_single_withheld_area_takes_the_next_smallest_with_it() -> None:
    """Otherwise subtraction from the larger area would give it away."""
    rows = [{"area": "a", "n": 5}, {"area": "b", "n": 90}, {"area": "c", "n": 60}]
    marked = hm.publish(estimates(rows), suppression="complementary")
    assert reasons(marked) == ["few-answers", None, "complementary"]
    assert reasons(hm.publish(estimates(rows))) == ["few-answers", None, None]


def test_two_withheld_areas_protect_each_other() -> None:
    rows = [{"area": "a", "n": 5}, {"area": "b", "n": 6}, {"area": "c", "n": 60}]
    marked = hm.publish(estimates(rows), suppression="complementary")
    assert reasons(marked) == ["few-answers", "few-answers", None]


def test_the_larger_area_decides_who_protects_whom() -> None:
    rows = [{"area": x, "n": n} for x, n in (("a", 5), ("b", 90), ("c", 6), ("d", 80))]
    parents = {"town": {"a": "east", "b": "east", "c": "west", "d": "west"}}
    marked = hm.publish(estimates(rows), suppression="complementary", parents=parents)
    assert reasons(marked) == ["few-answers", "complementary", "few-answers", "complementary"]


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(
        st.tuples(st.sampled_from("EWN"), st.integers(0, 60), st.sampled_from(["s", "t"])),
        min_size=1, max_size=14,
    )
)  # fmt: skip
def test_no_larger_area_is_left_with_exactly_one_withheld_among_several(
    sizes: list[tuple[str, int, str]],
) -> None:
    rows = [
        {"area": f"{i}", "n": n, "indicator": item, "estimate": 50.0 if n else math.nan}
        for i, (_, n, item) in enumerate(sizes)
    ]
    above = {f"{i}": city for i, (city, _, _) in enumerate(sizes)}
    marked = hm.publish(
        estimates(rows), suppression="complementary", parents={"town": above}
    ).to_pandas()
    marked["city"] = marked["area"].map(above)
    for _, family in marked.groupby(["indicator", "city"]):
        withheld = (~family["published"]).sum()
        assert len(family) == 1 or withheld != 1
    assert (marked.loc[marked["n"] < 30, "published"] == False).all()  # noqa: E712
    assert set(marked["why_not"].dropna()) <= set(REASONS)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_published_table_holds_no_nan_and_a_figure_or_a_reason(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    n = int(rng.integers(1, 60))
    data = pd.DataFrame(
        {
            "town": rng.choice(np.array(["1", "2", "3", None], object), n),
            "answer": rng.choice([1.0, 2.0, 9.0, np.nan], n),
            "y": np.where(rng.random(n) < 0.5, rng.normal(size=n), np.nan),
            "w": rng.choice([0.0, 1.0, 2.5], n),
            "stratum": rng.integers(0, 2, n),
        }
    )
    data.loc[0, ["answer", "y", "w"]] = [1.0, 0.5, 1.0]  # somebody answers every item
    design = hm.SurveyDesign(weights="w", strata="stratum", lonely="average")
    asked: list[Any] = [
        hm.share("answer", of=[1], missing=[9], name="share"),
        hm.mean("y"),
        hm.total("y", name="total"),
        hm.composite("both", {"share": 0.5, "y": 2.0}),
    ]
    found = hm.estimate(hm.as_ibis(data, engine()), design, asked, ["all", "town"])
    out = without_withheld(hm.publish(found, minimum_n=3))
    for row in out.rows():
        numbers = [v for v in row.values() if isinstance(v, float)]
        assert all(math.isfinite(v) for v in numbers), row
        assert (row["estimate"] is not None) is row["published"]
        assert (row["why_not"] is None) is row["published"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"minimum_n": 0}, "publication-rule"),
        ({"max_half_width": 0.0}, "publication-rule"),
        ({"max_half_width": math.nan}, "publication-rule"),
        ({"suppression": "complimentary"}, "unknown-option"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rule: dict[str, Any], code: str) -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.publish(estimates([{}]), **rule)
    assert wrong.value.code == code


def test_a_table_that_is_no_table_of_estimates_is_refused() -> None:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.publish(hm.Tidy.of({"area": ["a"], "n": [3]}))
    assert wrong.value.code == "unknown-column"
