"""Intervals of drivers respect strata, clusters, weights and finite populations (P-21)."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import numpy as np
import pytest

from huiyin.measure import key_drivers as room
from huiyin.measure.design import Replicates, SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.key_drivers import resampling
from huiyin.measure.statistics import share


def survey(rows: int = 400, seed: int = 1) -> dict[str, np.ndarray]:
    """Four strata of five clusters; clusters differ, so clustering matters."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 20, rows)
    level = rng.normal(size=20)[cluster] + rng.normal(size=rows)
    table = {
        name: np.clip(np.round(3 + 0.8 * level + rng.normal(size=rows)), 1, 5)
        for name in ("police", "courts", "visits", "safety")
    }
    return table | {
        "w": rng.uniform(1, 3, rows),
        "c": cluster,
        "h": cluster % 4,
        "N": np.full(rows, 40),
        "top": rng.integers(1, 4, rows),
    }


def run(table: dict[str, np.ndarray], design: SurveyDesign | None = None, **options: object):
    options = {"outcome": "safety", "items": ["police", "courts", "visits"], **options}
    return room.drivers(table, design, **options)


def width(found) -> float:
    return float(np.subtract(found["derived_high"], found["derived_low"]).sum())


@pytest.mark.needs_r
def test_bootstrap_widths_of_shares_agree_with_taylor_linearisation_in_r_survey() -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is missing; install the Debian package r-base-core")
    code = """
    suppressMessages(library(survey)); data(api)
    d <- svydesign(id = ~dnum, weights = ~pw, data = apistrat, strata = ~stype, nest = TRUE)
    for (v in c("awards", "sch.wide", "both")) apistrat[[v]] <- as.character(apistrat[[v]])
    write.csv(apistrat[c("dnum", "stype", "pw", "awards", "sch.wide", "both", "api00")],
              row.names = FALSE)
    se <- sapply(list(~I(awards == "Yes"), ~I(sch.wide == "Yes")),
                 function(f) SE(svymean(f, d))[2])
    cat("SE", sprintf("%.10f", se), "\\n")
    """
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("R's survey is missing; install the Debian package r-cran-survey")
    lines = done.stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[:-1]))))
    table = {name: [row[name] for row in rows] for name in rows[0]}
    table |= {name: [float(value) for value in table[name]] for name in ("pw", "api00")}
    found = room.drivers(
        table,
        SurveyDesign(weights="pw", strata="stype", clusters="dnum", nest=True),
        outcome="api00",
        items=[share("awards", ["Yes"]), share("sch.wide", ["Yes"])],
        bootstrap=2000,
    )
    for name, se in zip(("awards", "sch.wide"), map(float, lines[-1].split()[1:]), strict=True):
        low, high = found.notes["intervals"]["satisfied"][name]
        assert (high - low) / 2 / 1.96 == pytest.approx(100 * se, rel=0.08)


def test_multipliers_have_mean_one_and_the_variance_of_rao_and_wu() -> None:
    psus = resampling.Psus(
        None, np.zeros((7, 1)), np.array([4, 2, 1]), np.array([0.25, 0.0, 0.0]), 1
    )
    drawn = psus._multipliers(40_000, np.random.default_rng(3))
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.02)
    # Var = (1 − f) · (n/(n−1))² · (n−1) · (1/n)(1 − 1/n) = 1 − f
    np.testing.assert_allclose(
        drawn.var(axis=0), [0.75, 0.75, 0.75, 0.75, 1.0, 1.0, 0.0], atol=0.03
    )


def test_clusters_that_differ_widen_the_intervals_and_a_known_population_narrows_them() -> None:
    def satisfied_width(**design: str) -> float:
        found = run(survey(), SurveyDesign(weights="w", strata="h", **design), satisfied=[4, 5])
        low, high = found.notes["intervals"]["satisfied"]["police"]
        return high - low

    clustered = satisfied_width(clusters="c")
    assert clustered > 1.5 * satisfied_width()
    assert satisfied_width(clusters="c", fpc="N") < clustered


def test_a_full_census_has_intervals_without_width() -> None:
    table = survey() | {"f": np.ones(400)}
    found = run(table, SurveyDesign(strata="h", fpc="f"))
    np.testing.assert_allclose(found["derived_low"], found["derived"], rtol=1e-12)
    np.testing.assert_allclose(found["derived_high"], found["derived"], rtol=1e-12)


def test_the_same_seed_gives_the_same_bits_whatever_the_order_of_the_rows() -> None:
    table = survey()
    order = np.random.default_rng(9).permutation(400)
    shuffled = {name: values[order] for name, values in table.items()}
    design = SurveyDesign(weights="w", strata="h")
    first, second = run(table, design), run(shuffled, design)
    assert first.arrow.equals(second.arrow)
    assert first.notes == second.notes
    assert not first.arrow.equals(run(table, design, seed=2).arrow)


def test_a_weight_counts_as_so_many_equal_rows() -> None:
    table = survey()
    times = 1 + np.arange(400) % 3
    repeated = {name: np.repeat(values, times) for name, values in table.items()}
    weighted = run(table | {"w": times}, SurveyDesign(weights="w"), bootstrap=0)
    np.testing.assert_allclose(
        weighted["derived"], run(repeated, bootstrap=0)["derived"], rtol=1e-12
    )


def test_joining_psus_at_random_leaves_the_widths_about_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = survey(rows=6000)
    design = SurveyDesign(weights="w", strata="h")
    single = run(table, design)
    monkeypatch.setattr(resampling, "_SUMS", 30_000)
    joined = run(table, design)
    assert joined.notes["psus_joined"] > 1
    np.testing.assert_allclose(joined["derived"], single["derived"], rtol=1e-12)
    assert width(joined) == pytest.approx(width(single), rel=0.15)


def test_a_stratum_with_one_psu_is_refused_unless_the_design_says_what_to_do() -> None:
    table = survey()
    table["h"] = np.where(table["c"] == 7, 9, table["h"])
    design = SurveyDesign(weights="w", strata="h", clusters="c")
    with pytest.raises(MeasureError, match="strata with one PSU: 9"):
        run(table, design)
    for option in ("certainty", "collapse", "average", "centre"):
        assert run(table, design.replace(lonely=option))["derived_low"].null_count == 0


@pytest.mark.parametrize(
    ("sizes", "target"),
    [
        ([3, 2], [0, 1]),
        ([1, 3, 2], [0, 0, 1]),
        ([1, 1, 3], [0, 0, 1]),
        ([3, 1], [0, 0]),
        ([1], [0]),
        ([2, 1, 2, 1], [0, 1, 1, 1]),
    ],
)
def test_a_lonely_stratum_joins_the_next_and_the_last_the_one_before(
    sizes: list[int], target: list[int]
) -> None:
    assert resampling._collapsed(np.array(sizes)).tolist() == target


@pytest.mark.parametrize(
    ("change", "design", "code"),
    [
        ({"c": None}, {"clusters": "c"}, "missing-design"),
        ({"N": np.full(400, 2)}, {"strata": "h", "fpc": "N"}, "bad-fpc"),
        ({"N": np.arange(400) + 900}, {"strata": "h", "fpc": "N"}, "bad-fpc"),
        ({"N": np.full(400, -1)}, {"fpc": "N"}, "bad-fpc"),
        ({"N": np.array(["many"] * 400)}, {"fpc": "N"}, "fpc-not-numeric"),
        ({"c": np.arange(400) % 3}, {"strata": "h", "clusters": "c"}, "clusters-not-nested"),
        ({"w": np.full(400, -1.0)}, {"weights": "w"}, "bad-weight"),
        ({"w": np.zeros(400)}, {"weights": "w"}, "bad-weight"),
        ({"w": np.full(400, np.inf)}, {"weights": "w"}, "bad-weight"),
        ({}, {"weights": "no_such"}, "unknown-column"),
        ({}, {"replicates": Replicates("jk1", ("w",))}, "replicates-not-used"),
    ],
)
def test_a_design_that_does_not_fit_the_table_is_refused(
    change: dict, design: dict, code: str
) -> None:
    table = survey() | change
    if change.get("c", 0) is None:
        table["c"] = [None, *survey()["c"][1:].tolist()]
    with pytest.raises(MeasureError) as refused:
        run(table, SurveyDesign(**design))
    assert refused.value.code == code
