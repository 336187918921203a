"""Interviewer effects: intraclass correlation against R, and funnels. Proves P-22."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.measure.integrity_rounds import NAMES, honest_round

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import (
    Interviews,
    dont_know_share,
    interviewer_correlation,
    interviewer_mean,
    refusal_share,
)


def _interviews(table: dict, **more: object) -> Interviews:
    items = [name for name in table if name.startswith("q")]
    return Interviews.read(
        table, items=items, best=1, area="area", interviewer="interviewer", **more
    )


def _with_effect(effect: float, seed: int = 1, n: int = 3000) -> dict:
    random = np.random.default_rng(seed)
    who = random.integers(0, 30, n)
    area = random.integers(0, 15, n)
    shift = random.normal(0, np.sqrt(effect), 30)[who] + random.normal(0, 0.5, 15)[area]
    answer = np.clip(np.round(3 + shift + random.normal(0, np.sqrt(1 - effect), n)), 1, 5)
    return {"q": answer.astype(int), "area": area.astype(str), "interviewer": who.astype(str)}


R_CODE = """
d <- read.csv('{file}', colClasses = c('numeric', 'factor', 'factor'))
one <- anova(lm(q ~ interviewer, d)); both <- anova(lm(q ~ area + interviewer, d))
cat(format(c(one$F[1], one$'Pr(>F)'[1], both$F[2], both$'Pr(>F)'[2]), digits = 17), sep = '\\n')
"""


@pytest.mark.needs_r
def test_f_with_and_without_areas_is_rs_analysis_of_variance(tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is missing; install the Debian package r-base-core")
    table = _with_effect(0.05, n=700)
    file = tmp_path / "d.csv"
    rows = zip(table["q"], table["area"], table["interviewer"], strict=True)
    file.write_text("q,area,interviewer\n" + "\n".join(",".join(map(str, r)) for r in rows))
    code = R_CODE.format(file=file)
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    expected = [float(x) for x in done.stdout.split()]
    found = []
    for within in (False, True):
        row = interviewer_correlation(_interviews(table), within_areas=within).rows()[0]
        found += [row["f"], row["p"]]
    assert found == pytest.approx(expected, rel=1e-9)


def test_equal_loads_give_the_textbook_intraclass_correlation() -> None:
    # (MSB - MSW) / (MSB + (k - 1) MSW), here with MSB 4.5, MSW 0.5, k 2.
    table = {
        "q": [1, 2, 3, 4, 4, 5], "interviewer": ["a", "a", "b", "b", "c", "c"], "area": ["x"] * 6,
    }  # fmt: skip
    row = interviewer_correlation(_interviews(table), within_areas=False).rows()[0]
    assert (row["f"], row["n0"], row["icc"]) == pytest.approx((9.333333, 2, 25 / 31), rel=1e-6)
    assert row["ci_low"] < row["icc"] < row["ci_high"]


def test_the_interval_covers_the_true_correlation_and_areas_do_not_count_against_it() -> None:
    covered = 0
    for seed in range(60):
        row = interviewer_correlation(_interviews(_with_effect(0.06, seed, 1200))).rows()[0]
        # Rounding to five points adds about 1/12 to the variance of 1.
        covered += row["ci_low"] <= 0.06 / (1 + 1 / 12) <= row["ci_high"]
    assert covered >= 52


def test_interviewers_who_each_have_an_area_of_their_own_cannot_be_told_from_it() -> None:
    table = {"q": [1, 2, 3, 4], "area": ["x", "x", "y", "y"], "interviewer": ["a", "a", "b", "b"]}
    row = interviewer_correlation(_interviews(table)).rows()[0]
    assert row["icc"] is None
    assert row["why_not"] == "few-units"
    same = {"q": [1, 1, 1, 1], "area": ["x"] * 4, "interviewer": ["a", "a", "b", "b"]}
    assert interviewer_correlation(_interviews(same)).rows()[0]["why_not"] == "no-variation"


def test_an_interviewer_who_hears_only_praise_stands_out_among_the_others() -> None:
    table = honest_round(1, interviewers=30)
    rows = np.flatnonzero(np.array(table["interviewer"]) == "I07")
    for name in NAMES:
        table[name][rows[::2]] = 1
    found = interviewer_mean(_interviews(table, missing=[8])).to_pandas().set_index("unit")
    assert found.loc["I07", "p"] < 1e-6
    assert found.loc["I07", "observed"] > found.loc["I07", "limit998_high"]
    assert (found.drop("I07")["p"] > 1e-4).all()


def test_too_few_and_too_many_dont_knows_both_leave_the_funnel() -> None:
    table = honest_round(2, interviewers=30)
    who = np.array(table["interviewer"])
    random = np.random.default_rng(1)
    for name in NAMES:
        never = (who == "I03") & (table[name] == 8)
        often = (who == "I04") & (random.random(who.size) < 0.1)
        table[name] = np.where(never, 2, np.where(often, 8, table[name]))
    read = _interviews(table, dont_know=[8])
    found = dont_know_share(read, read.interviewers).to_pandas().set_index("unit")
    assert found.loc["I03", "observed"] < found.loc["I03", "limit998_low"]
    assert found.loc["I04", "observed"] > found.loc["I04", "limit998_high"]
    assert found["p"].nsmallest(2).index.sort_values().tolist() == ["I03", "I04"]


def test_wider_limits_hold_more_and_small_loads_have_wider_ones() -> None:
    table = honest_round(3, interviewers=30)
    read = _interviews(table, refused=[8])
    found = refusal_share(read, read.interviewers, minimum=1).to_pandas()
    assert (found["limit998_high"] > found["limit95_high"]).all()
    assert (found["limit998_low"] <= found["limit95_low"]).all()
    small, large = found["n"].idxmin(), found["n"].idxmax()
    assert found.loc[small, "limit95_high"] > found.loc[large, "limit95_high"]


def test_a_check_of_interviewers_without_the_column_is_refused() -> None:
    read = Interviews.read({"q": [1, 2], "area": ["a", "b"]}, items=["q"], best=1, area="area")
    with pytest.raises(MeasureError) as wrong:
        interviewer_correlation(read)
    assert wrong.value.code == "column-not-read"
    assert "interviewer" in wrong.value.message_zh
