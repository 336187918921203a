"""AAPOR outcome rates (P-09)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.measure.dispositions import CATALOGUE, GROUPS, disposition_codes, disposition_group
from huiyin.measure.errors import MeasureError
from huiyin.measure.response import FORMULAE, eligibility_rate, response_rates

CASES = {"I": 760, "P": 339, "R": 59, "NC": 288, "O": 1, "UO": 173, "NE": 71}

# Printed output of R's outcomerate 1.0.1 (ropensci), vignette "Intro to outcomerate", for the
# same counts with e = eligibility_rate(): the formulae of the AAPOR calculator, version 4.0.
PUBLISHED = {
    "RR1": 0.46913580, "RR2": 0.67839506, "RR3": 0.47149080, "RR4": 0.68180052,
    "RR5": 0.52522460, "RR6": 0.75950242, "COOP1": 0.65573770, "COOP2": 0.94823123,
    "COOP3": 0.65630397, "COOP4": 0.94905009, "REF1": 0.03641975, "REF2": 0.03660258,
    "REF3": 0.04077402, "CON1": 0.71543210, "CON2": 0.71902347, "CON3": 0.80096752,
}  # fmt: skip


def values(table):
    return {row["rate"]: row["value"] for row in table.rows()}


def test_the_rates_are_those_that_another_program_published():
    found = values(response_rates(CASES))
    assert found == {rate: pytest.approx(100 * v, abs=5e-7) for rate, v in PUBLISHED.items()}


def test_weighted_rates_are_those_that_another_program_published():
    # README of outcomerate: RR2w 0.50, CON1w 0.69 from these dispositions and weights.
    cases = {
        "disposition": ["I", "P", "I", "UO", "R", "I", "NC", "I", "O", "P", "UH"],
        "w": [1.3] * 6 + [2.5] * 5,
    }
    found = values(response_rates(cases, None, weights="w"))
    assert round(found["RR2"] / 100, 2) == 0.50
    assert round(found["CON1"] / 100, 2) == 0.69


def test_the_rates_are_exact_fractions_of_the_tallies():
    i, p, r, nc, o, uh, uo, ne = 400, 30, 250, 180, 15, 500, 60, 700
    known = Fraction(i + p + r + nc + o)
    e = known / (known + ne)
    every, likely = known + uh + uo, known + e * (uh + uo)
    contacted = Fraction(i + p + r + o)
    expected = {
        "RR1": i / every, "RR2": (i + p) / every, "RR3": i / likely, "RR4": (i + p) / likely,
        "RR5": i / known, "RR6": (i + p) / known,
        "COOP1": i / contacted, "COOP2": (i + p) / contacted,
        "COOP3": Fraction(i, i + p + r), "COOP4": Fraction(i + p, i + p + r),
        "REF1": r / every, "REF2": r / likely, "REF3": r / known,
        "CON1": contacted / every, "CON2": contacted / likely, "CON3": contacted / known,
    }  # fmt: skip
    counts = {"I": i, "P": p, "R": r, "NC": nc, "O": o, "UH": uh, "UO": uo, "NE": ne}
    found = values(response_rates(counts))
    assert found == {rate: pytest.approx(float(100 * v), rel=1e-14) for rate, v in expected.items()}


def test_every_rate_prints_its_numerator_denominator_e_and_formula():
    rows = {row["rate"]: row for row in response_rates(CASES, 0.5).rows()}
    assert list(rows) == list(FORMULAE)
    assert rows["RR3"]["numerator"] == 760
    assert rows["RR3"]["denominator"] == 760 + 339 + 59 + 288 + 1 + 0.5 * 173
    assert rows["RR3"]["e"] == 0.5
    assert rows["RR1"]["e"] is None
    assert rows["RR3"]["formula"] == "I / ((I+P) + (R+NC+O) + e(UH+UO))"


def test_final_codes_count_with_their_group():
    codes = {"1.1": 760, 1.2: 339, "2.111": 40, 2.12: 19, "2.20": 288, "2.36": 1, "3.21": 173,
             "4.31": 50, "4.70": 21}  # fmt: skip
    assert values(response_rates(codes)) == values(response_rates(CASES))


def test_every_listed_code_has_a_group_and_a_name_in_both_languages():
    table = disposition_codes()
    assert set(table["group"].to_pylist()) == set(GROUPS)
    assert len({code for code, _, _ in CATALOGUE}) == len(CATALOGUE)
    assert all(english and chinese for _, english, chinese in CATALOGUE)


@pytest.mark.parametrize(
    ("code", "group"),
    [("2.10", "R"), ("２.１１", "R"), (" nc ", "NC"), ("2.1121", "R"), ("3.161", "UH"),
     (4, "NE"), ("4.0", "NE"), (3.9, "UO"), ("4.6", "NE")],
)  # fmt: skip
def test_zeros_widths_and_finer_codes_do_not_hide_the_group(code, group):
    assert disposition_group(code) == group


@pytest.mark.parametrize("code", ["1", "2.0", "3", "2.5", "5.1", "22.1", "", "refused", "2.1.1"])
def test_an_unknown_or_too_coarse_code_is_refused(code):
    with pytest.raises(MeasureError) as error:
        response_rates({"1.1": 5, code: 1})
    assert error.value.code == "unknown-disposition"
    assert code in error.value.message
    assert error.value.message_zh


def test_the_offices_own_codes_are_looked_at_first():
    own = {"成功": "I", "拒访": "R", "无人接听": "UH", 9: "NE"}
    counts = {"成功": 60, "拒访": 40, "无人接听": 100, "9": 100}
    assert values(response_rates(counts, codes=own))["RR3"] == pytest.approx(100 * 60 / 150)
    with pytest.raises(MeasureError, match="not an AAPOR group"):
        response_rates({"成功": 60}, codes={"成功": "done"})


def test_without_e_the_rates_that_need_it_are_left_out():
    found = values(response_rates(CASES, None))
    assert set(FORMULAE) - set(found) == {"RR3", "RR4", "REF2", "CON2"}


def test_e_of_nought_and_one_are_the_extreme_rates():
    low, high = values(response_rates(CASES, 1)), values(response_rates(CASES, 0))
    assert low["RR3"] == low["RR1"]
    assert high["RR3"] == high["RR5"]


@pytest.mark.parametrize("e", [-0.01, 1.01, 70, "council", True, float("nan")])
def test_an_e_outside_nought_to_one_is_refused(e):
    with pytest.raises(MeasureError) as error:
        response_rates(CASES, e)
    assert error.value.code == "bad-eligibility"


def test_e_cannot_be_estimated_when_nothing_is_known():
    with pytest.raises(MeasureError) as error:
        response_rates({"UH": 10})
    assert error.value.code == "no-known-cases"
    assert values(response_rates({"UH": 10}, 0.3))["RR3"] == 0


def test_a_rate_with_nobody_in_its_denominator_is_empty_not_a_number():
    found = values(response_rates({"NC": 10, "NE": 2}))
    assert found["COOP1"] is None
    assert found["RR1"] == 0


def test_no_cases_at_all_is_an_error():
    with pytest.raises(MeasureError) as error:
        response_rates({"I": 0, "R": 0})
    assert error.value.code == "no-cases"
    with pytest.raises(MeasureError):
        response_rates({"disposition": []})


@pytest.mark.parametrize("count", [-1, float("nan"), float("inf"), None, True])
def test_a_count_that_is_no_count_is_refused_with_its_disposition(count):
    with pytest.raises(MeasureError) as error:
        response_rates({"I": 5, "R": count})
    assert error.value.code == "bad-count"
    assert error.value.place == "disposition R"


def test_rates_by_group_are_those_of_each_group_alone():
    cases = {
        "disposition": ["1.1", "2.11", "3.13", "4.31", "1.1", "1.2", "2.2", "2.2"],
        "frame": ["landline"] * 4 + ["mobile"] * 4,
    }
    table = response_rates(cases, by="frame")
    found = {(row["frame"], row["rate"]): row["value"] for row in table.rows()}
    landline = values(response_rates({"I": 1, "R": 1, "UH": 1, "NE": 1}))
    mobile = values(response_rates({"I": 1, "P": 1, "NC": 2}))
    assert found == {
        **{("landline", rate): v for rate, v in landline.items()},
        **{("mobile", rate): v for rate, v in mobile.items()},
    }


def test_e_may_be_estimated_within_frames_and_pooled():
    # Hand-worked: landline e = 3/4, mobile e = 2/10; eligible unknown = 8 * 3/4 + 20 * 2/10 = 10.
    cases = {
        "disposition": ["I", "R", "NE", "UH", "I", "R", "NE", "UH"],
        "frame": ["landline"] * 4 + ["mobile"] * 4,
        "cases": [2, 1, 1, 8, 1, 1, 8, 20],
    }
    table = response_rates(cases, weights="cases", e_within="frame")
    rr3 = next(row for row in table.rows() if row["rate"] == "RR3")
    assert rr3["denominator"] == pytest.approx(5 + 10)
    assert rr3["value"] == pytest.approx(100 * 3 / 15)
    assert rr3["e"] == pytest.approx(10 / 28)


@pytest.mark.parametrize("weight", [None, -1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight):
    with pytest.raises(MeasureError) as error:
        response_rates({"disposition": ["I", "R"], "w": [1.0, weight]}, weights="w")
    assert error.value.code == "bad-weight"


def test_a_case_without_disposition_is_refused():
    with pytest.raises(MeasureError) as error:
        response_rates({"disposition": ["I", None, "R"]})
    assert error.value.code == "missing-disposition"


def test_unknown_columns_and_names_of_the_result_are_refused():
    cases = {"disposition": ["I", "R"], "e": ["x", "y"]}
    with pytest.raises(MeasureError) as error:
        response_rates(cases, by="frame")
    assert error.value.code == "unknown-column"
    with pytest.raises(MeasureError) as error:
        response_rates(cases, by="e")
    assert error.value.code == "reserved-column"
    with pytest.raises(MeasureError) as error:
        response_rates({"I": 1}, by="frame")
    assert error.value.code == "needs-cases"


tallies = st.fixed_dictionaries(
    {group: st.integers(min_value=0, max_value=10**6) for group in GROUPS}
)


@given(tallies)
def test_the_rates_keep_their_order_for_any_tally(tally):
    tally = {**tally, "I": tally["I"] + 1}
    found = values(response_rates(tally))
    assert all(0 <= v <= 100 for v in found.values())
    tolerance = 1e-9
    assert found["RR1"] <= found["RR3"] + tolerance
    assert found["RR3"] <= found["RR5"] + tolerance
    assert found["RR2"] <= found["RR4"] + tolerance
    assert found["RR4"] <= found["RR6"] + tolerance
    assert found["COOP1"] <= found["COOP3"] + tolerance
    assert found["CON1"] * found["COOP2"] / 100 == pytest.approx(found["RR2"])
    assert 0 <= eligibility_rate(tally) <= 1
