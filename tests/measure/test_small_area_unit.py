"""P-19: unit-level estimates (Battese, Harter & Fuller) with mean squared errors."""

from __future__ import annotations

import json
import shutil
import subprocess

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import optimize

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area import battese_harter_fuller

# Hectares of corn and soybeans in sample segments of 12 Iowa counties, and LANDSAT pixels
# classified as corn and soybeans. Battese, Harter & Fuller 1988, JASA 83, 28-36, table 1;
# `cornsoybean` in R package sae. The authors leave out the second segment of Hardin (the 33rd).
SEGMENTS = [
    (1, 165.76, 374, 55),
    (2, 96.32, 209, 218),
    (3, 76.08, 253, 250),
    (4, 185.35, 432, 96),
    (4, 116.43, 367, 178),
    (5, 162.08, 361, 137),
    (5, 152.04, 288, 206),
    (5, 161.75, 369, 165),
    (6, 92.88, 206, 218),
    (6, 149.94, 316, 221),
    (6, 64.75, 145, 338),
    (7, 127.07, 355, 128),
    (7, 133.55, 295, 147),
    (7, 77.7, 223, 204),
    (8, 206.39, 459, 77),
    (8, 108.33, 290, 217),
    (8, 118.17, 307, 258),
    (9, 99.96, 252, 303),
    (9, 140.43, 293, 221),
    (9, 98.95, 206, 222),
    (9, 131.04, 302, 274),
    (10, 114.12, 313, 190),
    (10, 100.6, 246, 270),
    (10, 127.88, 353, 172),
    (10, 116.9, 271, 228),
    (10, 87.41, 237, 297),
    (11, 93.48, 221, 167),
    (11, 121.0, 369, 191),
    (11, 109.91, 343, 249),
    (11, 122.66, 342, 182),
    (11, 104.21, 294, 179),
    (12, 88.59, 220, 262),
    (12, 165.35, 355, 160),
    (12, 104.0, 261, 221),
    (12, 88.63, 187, 345),
    (12, 153.7, 350, 190),
]
COUNTIES = [
    (1, 545, 295.29, 189.7),
    (2, 566, 300.4, 196.65),
    (3, 394, 289.6, 205.28),
    (4, 424, 290.74, 220.22),
    (5, 564, 318.21, 188.06),
    (6, 570, 257.17, 247.13),
    (7, 402, 291.77, 185.37),
    (8, 567, 301.26, 221.36),
    (9, 687, 262.17, 247.09),
    (10, 569, 314.28, 198.66),
    (11, 965, 298.65, 204.61),
    (12, 556, 325.99, 177.05),
]
# Molina & Marhuenda 2015, R Journal 7-1, p. 95: eblupBHF, and coefficients of variation by 200
# bootstrap draws.
SAE_EBLUP = [
    122.1954,
    126.2280,
    106.6638,
    108.4222,
    144.3072,
    112.1586,
    112.7801,
    122.0020,
    115.3438,
    124.4144,
    106.8883,
    143.0312,
]
SAE_CV = [
    8.066110,
    7.825271,
    9.333344,
    7.598736,
    4.875002,
    6.020232,
    5.951520,
    5.700670,
    4.808813,
    4.495448,
    4.532518,
    3.504340,
]


def segments() -> dict[str, list]:
    county, corn, corn_pixels, soy_pixels = zip(*SEGMENTS, strict=True)
    return {
        "county": list(county),
        "corn": list(corn),
        "corn_pixels": list(corn_pixels),
        "soy_pixels": list(soy_pixels),
    }


def counties() -> dict[str, list]:
    county, size, corn_pixels, soy_pixels = zip(*COUNTIES, strict=True)
    return {
        "county": list(county),
        "size": list(size),
        "corn_pixels": list(corn_pixels),
        "soy_pixels": list(soy_pixels),
    }


def fit_corn(units=None, means=None, **options):
    options = {
        "y": "corn",
        "covariates": ["corn_pixels", "soy_pixels"],
        "area": "county",
        "mse": "analytic",
    } | options
    return battese_harter_fuller(
        segments() if units is None else units,
        population_means=counties() if means is None else means,
        **options,
    )


def column(result, name: str) -> np.ndarray:
    return np.array(result[name].to_pylist(), dtype=float)


def simulated(areas: int = 40, n=(2, 12), ratio: float = 0.5, seed: int = 1):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(*n, areas)
    area = np.repeat(np.arange(areas), sizes)
    x = rng.normal(5, 2, area.size)
    effect = np.sqrt(ratio) * 3 * rng.normal(size=areas)
    y = 10 + 2 * x + effect[area] + 3 * rng.normal(size=area.size)
    mean_x = rng.normal(5, 0.5, areas)
    units = {"area": area, "x": x, "y": y}
    return units, {"area": np.arange(areas), "x": mean_x}, 10 + 2 * mean_x + effect


def fit(units, means, **options):
    options = {"y": "y", "covariates": ["x"], "area": "area", "mse": "analytic"} | options
    return battese_harter_fuller(units, population_means=means, **options)


# ---- against the outside -------------------------------------------------------------------


def test_corn_gives_the_variance_components_and_coefficients_of_the_paper():
    # Battese, Harter & Fuller 1988: 140 between, 147 within; 51 + .329 corn - .134 soybeans.
    notes = fit_corn().notes
    assert notes["area_variance"] == pytest.approx(140, abs=0.5)
    assert notes["error_variance"] == pytest.approx(147, abs=0.5)
    found = [c["estimate"] for c in notes["coefficients"]]
    assert found == pytest.approx([51, 0.329, -0.134], abs=0.1)
    assert found[1:] == pytest.approx([0.329, -0.134], abs=6e-4)


def test_corn_gives_the_published_predictions():
    assert column(fit_corn(sizes="size"), "model") == pytest.approx(SAE_EBLUP, abs=6e-5)


@pytest.mark.parametrize("how", [{"mse": "analytic"}, {"mse": "bootstrap", "draws": 400}])
def test_corn_gives_errors_within_the_noise_of_the_published_bootstrap(how):
    result = fit_corn(sizes="size", **how)
    cv = 100 * np.sqrt(column(result, "mse")) / column(result, "model")
    # 200 draws leave a standard error of 5 % in a coefficient of variation.
    assert cv == pytest.approx(SAE_CV, rel=0.17)
    assert np.mean(cv / SAE_CV) == pytest.approx(1, abs=0.06)


LME = """
library(nlme)
d <- read.csv(file("stdin"))
for (m in c("REML", "ML")) {
  f <- lme(corn ~ corn_pixels + soy_pixels, random = ~ 1 | county, data = d, method = m,
           control = lmeControl(tolerance = 1e-12, msTol = 1e-14))
  cat(sprintf("%.12g", c(as.matrix(getVarCov(f))[1, 1], sigma(f)^2, logLik(f), fixef(f),
                         sqrt(diag(vcov(f))), ranef(f)[, 1])), sep = ",")
  cat("\\n")
}
"""


def r_has(package: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True)
    return asked.returncode == 0


@pytest.mark.needs_r
def test_corn_agrees_with_lme():
    if not r_has("nlme"):
        pytest.skip("needs R with nlme (Debian: r-base-core, r-cran-nlme)")
    text = pd.DataFrame(segments()).to_csv(index=False)
    run = subprocess.run(
        ["Rscript", "-e", LME], input=text, capture_output=True, text=True, check=True
    )
    x = np.column_stack([np.ones(36), *np.array(SEGMENTS).T[2:]])
    for method, line in zip(("reml", "ml"), run.stdout.split(), strict=True):
        between, within, loglik, *rest = json.loads(f"[{line}]")
        result = fit_corn(method=method)
        notes = result.notes
        # lme's optimiser stops early in the flat direction; its likelihood is never the higher.
        assert notes["area_variance"] == pytest.approx(between, rel=1e-4)
        assert notes["error_variance"] == pytest.approx(within, rel=1e-5)
        # lme leaves out the determinant of the covariates, a constant.
        constant = 0.5 * np.linalg.slogdet(x.T @ x)[1]
        mine = notes["restricted_loglik"] - constant if method == "reml" else notes["loglik"]
        assert mine == pytest.approx(loglik, abs=1e-8)
        assert mine > loglik - 1e-11 * abs(loglik)
        assert [c["estimate"] for c in notes["coefficients"]] == pytest.approx(rest[:3], rel=1e-5)
        if method == "reml":  # by ML, lme inflates the standard errors to n - p
            assert [c["se"] for c in notes["coefficients"]] == pytest.approx(rest[3:6], rel=1e-5)
        means = np.column_stack([np.ones(12), *np.array(COUNTIES).T[2:]])
        effect = column(result, "model") - means @ rest[:3]
        assert effect == pytest.approx(rest[6:], abs=1e-3)


def test_the_variances_maximise_the_likelihood_written_out():
    units, means, _ = simulated(9, n=(2, 6), seed=4)
    x = np.column_stack([np.ones(units["x"].size), units["x"]])
    same = (units["area"][:, None] == units["area"][None, :]) * 1.0

    def loss(logs):
        v = np.exp(logs[0]) * same + np.exp(logs[1]) * np.eye(len(same))
        inverse = np.linalg.inv(v)
        inner = x.T @ inverse @ x
        b = np.linalg.solve(inner, x.T @ inverse @ units["y"])
        e = units["y"] - x @ b
        return np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] + e @ inverse @ e

    best = optimize.minimize(
        loss, [1.0, 2.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    notes = fit(units, means).notes
    assert notes["area_variance"] == pytest.approx(np.exp(best.x[0]), rel=1e-5)
    assert notes["error_variance"] == pytest.approx(np.exp(best.x[1]), rel=1e-5)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("sizes", [None, "size"])
def test_bootstrap_and_analytic_errors_agree_where_areas_are_many(method, sizes):
    units, means, _ = simulated(150, ratio=0.7)
    means["size"] = np.full(150, 40)
    means["area"] = np.arange(150)
    analytic = column(fit(units, means, method=method, sizes=sizes), "mse")
    drawn = column(fit(units, means, method=method, sizes=sizes, mse="bootstrap", draws=300), "mse")
    ratio = drawn / analytic
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert np.abs(ratio - 1).max() < 0.4


def test_the_errors_are_what_simulation_finds():
    squares, claimed = [], []
    for seed in range(25):
        units, means, truth = simulated(150, seed=seed)
        result = fit(units, means)
        squares.append(np.mean((column(result, "model") - truth) ** 2))
        claimed.append(column(result, "mse").mean())
    assert np.mean(claimed) == pytest.approx(np.mean(squares), rel=0.08)


# ---- rules ---------------------------------------------------------------------------------


def test_the_table_has_the_columns_of_the_contract():
    assert fit_corn().column_names == [
        "area",
        "direct",
        "direct_se",
        "model",
        "mse",
        "benchmarked",
        "weight_on_direct",
    ]


def test_one_unit_has_no_standard_error_of_its_own():
    result = fit_corn()
    assert result["direct"][0].as_py() == 165.76
    assert result["direct_se"][0].as_py() is None
    assert result["direct_se"][3].as_py() == pytest.approx(abs(185.35 - 116.43) / 2)


def test_an_area_without_a_sample_gets_the_prediction():
    means = {name: [*values, values[0]] for name, values in counties().items()}
    means["county"][-1] = 99
    result = fit_corn(means=means)
    b = [c["estimate"] for c in result.notes["coefficients"]]
    row = result.slice(12, 1).to_pylist()[0]
    assert row["model"] == pytest.approx(b[0] + b[1] * 295.29 + b[2] * 189.7)
    assert row["mse"] > result.notes["area_variance"]
    assert row["direct"] is None
    assert row["weight_on_direct"] == 0


def test_a_sample_that_is_the_whole_population_is_published_without_error():
    units, means, _ = simulated(10)
    area, count = np.unique(units["area"], return_counts=True)
    means["size"] = count
    means["x"] = np.array([units["x"][units["area"] == a].mean() for a in area])
    for how in ("analytic", "bootstrap"):
        result = fit(units, means, sizes="size", mse=how, draws=20)
        assert column(result, "model") == pytest.approx(column(result, "direct"), rel=1e-9)
        assert column(result, "mse") == pytest.approx(np.zeros(10), abs=1e-9)


def test_the_same_seed_gives_the_same_errors_and_another_seed_others():
    first, again = (fit_corn(mse="bootstrap", draws=20, seed=7) for _ in range(2))
    assert first.equals(again.arrow)
    other = fit_corn(mse="bootstrap", draws=20, seed=8)
    assert not np.allclose(column(first, "mse"), column(other, "mse"))


def test_a_change_of_unit_changes_nothing_but_the_unit():
    units, means, _ = simulated(20)
    moved = units | {"x": 1e3 * units["x"] + 1e6, "y": 1e-2 * units["y"] - 7}
    one = fit(units, means)
    two = fit(moved, means | {"x": 1e3 * means["x"] + 1e6})
    assert column(two, "model") == pytest.approx(1e-2 * column(one, "model") - 7, rel=1e-7)
    assert column(two, "mse") == pytest.approx(1e-4 * column(one, "mse"), rel=1e-6)


def test_areas_that_do_not_differ_give_synthetic_estimates():
    units, means, _ = simulated(30, ratio=0.0)
    within = units["y"] - 2 * units["x"]
    for a in range(30):
        inside = units["area"] == a
        units["y"][inside] -= within[inside].mean() - 10
    for how in ("analytic", "bootstrap"):
        result = fit(units, means, mse=how, draws=30)
        assert result.notes["area_variance"] == 0
        assert (column(result, "weight_on_direct") == 0).all()
        assert (column(result, "mse") > 0).all()


def test_a_covariate_that_is_the_same_inside_an_area_is_welcome():
    units, means, _ = simulated(30)
    level = np.random.default_rng(9).normal(size=30)
    units["level"], means["level"] = level[units["area"]], level
    result = fit(units, means, covariates=["x", "level"], mse="bootstrap", draws=10)
    assert len(result.notes["coefficients"]) == 3


def test_units_with_a_missing_value_are_left_out_and_counted():
    units, means, _ = simulated(20)
    broken = units | {"y": units["y"].copy(), "x": units["x"].copy()}
    broken["y"][0], broken["x"][1] = np.nan, np.nan
    kept = {name: values[2:] for name, values in units.items()}
    result = fit(broken, means)
    assert result.notes["units"]["left_out"] == 2
    assert column(result, "model") == pytest.approx(column(fit(kept, means), "model"))


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, lambda d: ibis.memtable(pd.DataFrame(d))]
)
def test_every_kind_of_table_gives_the_same_figures(make):
    units, means, _ = simulated(12)
    other = fit(make(units), pd.DataFrame(means))
    assert column(other, "model") == pytest.approx(column(fit(units, means), "model"), rel=1e-12)


def test_the_notes_can_be_written_as_json():
    notes = fit_corn(benchmark=("size", 121.0)).notes
    assert json.loads(json.dumps(notes)) == notes


def test_benchmarked_areas_add_up_to_the_figure_of_the_whole():
    result = fit_corn(benchmark=("size", 121.0))
    weights = counties()["size"]
    assert np.average(column(result, "benchmarked"), weights=weights) == pytest.approx(
        121.0, rel=1e-14
    )


# ---- bad input -----------------------------------------------------------------------------


def refused(code: str, place: str = "", units=None, means=None, **options) -> MeasureError:
    with pytest.raises(MeasureError) as caught:
        fit_corn(units, means, **options)
    assert caught.value.code == code
    assert place in caught.value.place
    assert caught.value.message_zh
    return caught.value


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "anova"}, "unknown-option"),
        ({"mse": "jackknife"}, "unknown-option"),
        ({"benchmark_method": "odds"}, "unknown-option"),
        ({"draws": 0, "mse": "bootstrap"}, "bad-draws"),
        ({"y": "wheat"}, "unknown-column"),
        ({"covariates": "corn_pixels"}, "no-covariates"),
        ({"sizes": "wheat"}, "unknown-column"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, code):
    refused(code, **options)


def test_a_sampled_area_missing_from_the_population_is_named():
    means = {name: values[:-1] for name, values in counties().items()}
    assert "12" in refused("unknown-area", means=means).message


def test_a_population_smaller_than_its_sample_is_named():
    means = counties()
    means["size"][9] = 4
    refused("bad-population-size", "area 10, column size", means=means, sizes="size")


def test_a_missing_population_mean_names_the_area():
    means = counties()
    means["soy_pixels"][2] = None
    refused("missing-covariate", "area 3, column soy_pixels", means=means)


def test_a_collinear_covariate_is_named():
    units, means = segments(), counties()
    units["sum"] = [a + b for a, b in zip(units["corn_pixels"], units["soy_pixels"], strict=True)]
    means["sum"] = [a + b for a, b in zip(means["corn_pixels"], means["soy_pixels"], strict=True)]
    refused(
        "collinear-covariates",
        "column sum",
        units,
        means,
        covariates=["corn_pixels", "soy_pixels", "sum"],
    )


def test_a_constant_covariate_is_collinear_with_the_intercept():
    units, means = segments(), counties()
    units["one"], means["one"] = [1e5 + 0.1] * 36, [1e5 + 0.1] * 12
    refused("collinear-covariates", "column one", units, means, covariates=["one"])


def test_a_covariate_far_from_zero_that_varies_little_is_kept():
    units, means, _ = simulated(20)
    far = fit(units | {"x": 1e7 + 0.1 * units["x"]}, means | {"x": 1e7 + 0.1 * means["x"]})
    # Numbers near 1e7 are known to 2e-9 only.
    assert column(far, "model") == pytest.approx(column(fit(units, means), "model"), rel=1e-6)


def test_one_unit_per_area_cannot_tell_the_variances_apart():
    units = pd.DataFrame(segments()).drop_duplicates("county")
    refused("no-variation-within", units=units, covariates=[])


def test_an_item_that_the_covariates_explain_exactly_is_refused():
    units = segments()
    units["corn"] = [2.0 * v for v in units["corn_pixels"]]
    refused("no-variation-within", units=units)


def test_infinite_values_are_refused_with_area_and_column():
    units = segments()
    units["corn"][4] = float("inf")
    refused("not-finite", "area 4, column corn", units)


def test_no_complete_unit_at_all_is_refused():
    refused("no-units", units=segments() | {"corn": [None] * 36})


def test_area_codes_as_text_in_one_table_and_numbers_in_the_other_are_refused():
    units = segments() | {"county": [f"{c:02d}" for c in segments()["county"]]}
    refused("area-types-differ", "column county", units)


def test_text_where_numbers_should_be_is_refused():
    refused("not-numeric", "column corn", segments() | {"corn": ["much"] * 36})
