"""P-19: area-level estimates (Fay & Herriot) with mean squared errors and benchmarking."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize

from huiyin.measure.errors import MeasureError
from huiyin.measure.small_area import fay_herriot

# Fresh milk expenditure in 43 US areas, 1989: direct estimate, standard error, major area.
# Arora & Lahiri 1997, Statistica Sinica 7, 1053-1063; major areas of You & Chapman 2006, Survey
# Methodology 32, 97-103; distributed as `milk` in R package sae.
MILK = [
    (1.099, 0.163, 1),
    (1.075, 0.08, 1),
    (1.105, 0.083, 1),
    (0.628, 0.109, 1),
    (0.753, 0.119, 1),
    (0.981, 0.141, 1),
    (1.257, 0.202, 1),
    (1.095, 0.127, 2),
    (1.405, 0.168, 2),
    (1.356, 0.178, 2),
    (0.615, 0.1, 2),
    (1.46, 0.201, 2),
    (1.338, 0.148, 2),
    (0.854, 0.143, 2),
    (1.176, 0.149, 3),
    (1.111, 0.145, 3),
    (1.257, 0.135, 3),
    (1.43, 0.172, 3),
    (1.278, 0.137, 3),
    (1.292, 0.163, 3),
    (1.002, 0.125, 3),
    (1.183, 0.247, 3),
    (1.044, 0.14, 3),
    (1.267, 0.171, 3),
    (1.193, 0.106, 3),
    (0.791, 0.121, 4),
    (0.795, 0.121, 4),
    (0.759, 0.259, 4),
    (0.796, 0.106, 4),
    (0.565, 0.089, 4),
    (0.886, 0.225, 4),
    (0.952, 0.205, 4),
    (0.807, 0.119, 4),
    (0.582, 0.067, 4),
    (0.684, 0.106, 4),
    (0.787, 0.126, 4),
    (0.44, 0.092, 4),
    (0.759, 0.132, 4),
    (0.77, 0.1, 4),
    (0.8, 0.113, 4),
    (0.756, 0.083, 4),
    (0.865, 0.121, 4),
    (0.64, 0.129, 4),
]
# mseFH(yi ~ as.factor(MajorArea), SD^2) of R package sae (Molina & Marhuenda 2015, R Journal 7-1,
# 81-98), as held by the tests of Python package samplics. sae stops when A changes by less than
# one part in 10^4, hence the tolerances.
SAE_REML_COEFFICIENTS = [0.9681890, 0.1327801, 0.2269462, -0.2413011]
SAE_REML_ERRORS = [0.06936208, 0.10300072, 0.09232981, 0.08161707]
SAE_REML = [
    1.0219703,
    1.0476018,
    1.0679513,
    0.7608170,
    0.8461574,
    0.9743727,
    1.0584523,
    1.0977762,
    1.2215449,
    1.1951455,
    0.7852155,
    1.2139456,
    1.2096593,
    0.9834967,
    1.1864247,
    1.1556982,
    1.2263411,
    1.2856486,
    1.2363247,
    1.2349600,
    1.0903019,
    1.1923057,
    1.1216470,
    1.2230296,
    1.1938054,
    0.7627195,
    0.7649550,
    0.7338443,
    0.7699294,
    0.6134418,
    0.7695558,
    0.7958250,
    0.7723187,
    0.6102302,
    0.7001782,
    0.7592787,
    0.5298867,
    0.7434466,
    0.7548996,
    0.7701918,
    0.7481164,
    0.8040773,
    0.6810870,
]
SAE_REML_MSE = [
    0.013460220,
    0.005372876,
    0.005701990,
    0.008541740,
    0.009579594,
    0.011670632,
    0.015926137,
    0.010586518,
    0.014184043,
    0.014901472,
    0.007694262,
    0.016336469,
    0.012562726,
    0.012117378,
    0.012031229,
    0.011709147,
    0.010859780,
    0.013690860,
    0.011034674,
    0.013079686,
    0.009948636,
    0.017243977,
    0.011292325,
    0.013625297,
    0.008065787,
    0.009205133,
    0.009205133,
    0.016476912,
    0.007800626,
    0.006098668,
    0.015441564,
    0.014657866,
    0.009024699,
    0.003870786,
    0.007800626,
    0.009646139,
    0.006404335,
    0.010155645,
    0.007209937,
    0.008470277,
    0.005484860,
    0.009205133,
    0.009903626,
]
SAE_ML_COEFFICIENTS = [0.9677986, 0.1278756, 0.2266909, -0.2425804]
SAE_ML = [
    1.0161733,
    1.0436968,
    1.0628168,
    0.7753489,
    0.8554903,
    0.9735857,
    1.0474786,
    1.0953436,
    1.2054092,
    1.1812565,
    0.8033701,
    1.1967756,
    1.1961592,
    0.9914053,
    1.1868829,
    1.1590363,
    1.2232369,
    1.2755188,
    1.2322850,
    1.2304422,
    1.0985768,
    1.1921598,
    1.1279920,
    1.2196285,
    1.1936256,
    0.7590651,
    0.7611232,
    0.7315647,
    0.7662730,
    0.6191454,
    0.7629389,
    0.7863747,
    0.7679782,
    0.6141348,
    0.7013109,
    0.7557564,
    0.5406643,
    0.7411316,
    0.7524506,
    0.7662423,
    0.7465360,
    0.7971405,
    0.6840976,
]
SAE_ML_MSE = [
    0.013579953,
    0.005512868,
    0.005850584,
    0.008735454,
    0.009774528,
    0.011840745,
    0.015934511,
    0.010821811,
    0.014345961,
    0.015036089,
    0.007911095,
    0.016404523,
    0.012771021,
    0.012334611,
    0.012192499,
    0.011877067,
    0.011041285,
    0.013805155,
    0.011213853,
    0.013213712,
    0.010138289,
    0.017193729,
    0.011467631,
    0.013741841,
    0.008251436,
    0.009344874,
    0.009344874,
    0.016390149,
    0.007941642,
    0.006222263,
    0.015404327,
    0.014655741,
    0.009165440,
    0.003946977,
    0.007941642,
    0.009782385,
    0.006532467,
    0.010285994,
    0.007347143,
    0.008612538,
    0.005597690,
    0.009344874,
    0.010037140,
]
MAJOR = ["major2", "major3", "major4"]


def milk() -> dict[str, np.ndarray]:
    y, se, major = np.array(MILK).T
    return {"y": y, "v": se**2, **{f"major{k}": (major == k) * 1.0 for k in (2, 3, 4)}}


def fit_milk(**options):
    return fay_herriot(milk(), direct="y", variance="v", covariates=MAJOR, **options)


def simulated(m: int = 60, a: float = 1.5, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=m)
    v = rng.uniform(0.5, 4.0, m)
    truth = 70 + 2 * x + np.sqrt(a) * rng.normal(size=m)
    return {"x": x, "v": v, "truth": truth, "y": truth + np.sqrt(v) * rng.normal(size=m)}


def fit(data, **options):
    return fay_herriot(data, direct="y", variance="v", **({"covariates": ["x"]} | options))


def column(result, name: str) -> np.ndarray:
    return np.array(result[name].to_pylist(), dtype=float)


# ---- against the outside -------------------------------------------------------------------


def test_milk_by_reml_gives_the_published_estimates_and_errors():
    result = fit_milk()
    assert column(result, "model") == pytest.approx(SAE_REML, abs=2e-6)
    assert column(result, "mse") == pytest.approx(SAE_REML_MSE, rel=1e-4)
    coefficients = result.notes["coefficients"]
    assert [c["estimate"] for c in coefficients] == pytest.approx(SAE_REML_COEFFICIENTS, abs=1e-6)
    assert [c["se"] for c in coefficients] == pytest.approx(SAE_REML_ERRORS, abs=1e-6)


def test_milk_by_ml_gives_the_published_estimates_and_errors():
    result = fit_milk(method="ml")
    assert column(result, "model") == pytest.approx(SAE_ML, abs=1e-5)
    assert column(result, "mse") == pytest.approx(SAE_ML_MSE, rel=1e-3)
    found = [c["estimate"] for c in result.notes["coefficients"]]
    assert found == pytest.approx(SAE_ML_COEFFICIENTS, abs=1e-5)


# By ML only: lme with a given error variance maximises another REML criterion (it still counts the
# error variance among the estimated ones), so REML is checked against the likelihood written out.
LME = """
library(nlme)
d <- read.csv(file("stdin"))
d$area <- factor(seq_len(nrow(d)))
f <- lme(y ~ major2 + major3 + major4, random = ~ 1 | area, weights = varFixed(~ v), data = d,
         method = "ML", control = lmeControl(sigma = 1, tolerance = 1e-12, msTol = 1e-14))
cat(sprintf("%.12g", c(as.matrix(getVarCov(f))[1, 1], fixef(f), fitted(f))), sep = ",")
"""


def r_has(package: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True)
    return asked.returncode == 0


@pytest.mark.needs_r
def test_milk_agrees_with_lme_under_fixed_error_variances():
    if not r_has("nlme"):
        pytest.skip("needs R with nlme (Debian: r-base-core, r-cran-nlme)")
    text = pd.DataFrame(milk()).to_csv(index=False)
    run = subprocess.run(
        ["Rscript", "-e", LME], input=text, capture_output=True, text=True, check=True
    )
    variance, *rest = json.loads(f"[{run.stdout}]")
    result = fit_milk(method="ml")
    assert result.notes["model_variance"] == pytest.approx(variance, rel=1e-5)
    found = [c["estimate"] for c in result.notes["coefficients"]]
    assert found == pytest.approx(rest[:4], abs=1e-6)
    assert column(result, "model") == pytest.approx(rest[4:], abs=1e-6)


def dense_loglik(a: float, y, d, x, method: str) -> float:
    """The likelihood written out with m x m matrices, as in a textbook."""
    m, p = x.shape
    inverse = np.linalg.inv(np.diag(a + d))
    inner = x.T @ inverse @ x
    projection = inverse - inverse @ x @ np.linalg.inv(inner) @ x.T @ inverse
    value = -0.5 * (np.log(a + d).sum() + y @ projection @ y)
    if method == "ml":
        return value - 0.5 * m * np.log(2 * np.pi)
    value -= 0.5 * (np.linalg.slogdet(inner)[1] - np.linalg.slogdet(x.T @ x)[1])
    return value - 0.5 * (m - p) * np.log(2 * np.pi)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_model_variance_maximises_the_likelihood_written_out(method, seed):
    data = simulated(40, seed=seed)
    x = np.column_stack([np.ones(40), data["x"]])
    best = optimize.minimize_scalar(
        lambda a: -dense_loglik(a, data["y"], data["v"], x, method),
        bounds=(0, 20),
        method="bounded",
        options={"xatol": 1e-10},
    )
    notes = fit(data, method=method).notes
    assert notes["model_variance"] == pytest.approx(best.x, abs=1e-5)
    name = "restricted_loglik" if method == "reml" else "loglik"
    assert notes[name] == pytest.approx(-best.fun, abs=1e-9)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_the_mean_squared_error_is_what_simulation_finds(method):
    m, draws, rng = 40, 200, np.random.default_rng(5)
    x, v = rng.normal(size=m), np.repeat([0.3, 1.0, 2.0, 4.0], m // 4)
    squares, claimed = np.zeros(m), np.zeros(m)
    for _ in range(draws):
        truth = 50 + x + rng.normal(size=m)
        y = truth + np.sqrt(v) * rng.normal(size=m)
        y[0] = np.nan
        result = fit({"x": x, "v": v, "y": y}, method=method)
        squares += (column(result, "model") - truth) ** 2 / draws
        claimed += column(result, "mse") / draws
    ratio = claimed / squares
    for group in (slice(1, 10), slice(10, 20), slice(20, 30), slice(30, 40)):
        # 2,000 squared errors per group: standard error of their mean 3 %; o(1/m) terms beside.
        assert ratio[group].mean() == pytest.approx(1.0, abs=0.12)
    assert ratio[0] == pytest.approx(1.0, abs=0.25)


def test_the_explained_share_is_near_the_truth_in_many_areas():
    # var(2x) = 4, A = 1: four fifths are explained, however noisy the direct estimates.
    data = simulated(4000, a=1.0)
    assert fit(data).notes["r2"] == pytest.approx(0.8, abs=0.02)


def test_residuals_of_a_true_model_look_standard_normal():
    summary = fit(simulated(4000)).notes["residuals"]
    assert summary["sd"] == pytest.approx(1, abs=0.04)
    assert summary["skewness"] == pytest.approx(0, abs=0.15)
    assert summary["beyond_1.96"] == pytest.approx(0.05, abs=0.015)


# ---- rules ---------------------------------------------------------------------------------


def test_the_table_has_the_columns_of_the_contract():
    assert fit(simulated()).column_names == [
        "area",
        "direct",
        "direct_se",
        "model",
        "mse",
        "benchmarked",
        "weight_on_direct",
    ]


def test_an_estimate_lies_between_the_direct_one_and_the_prediction_by_its_weight():
    data = simulated()
    result = fit(data)
    b = [c["estimate"] for c in result.notes["coefficients"]]
    prediction = b[0] + b[1] * data["x"]
    weight = column(result, "weight_on_direct")
    a = result.notes["model_variance"]
    assert weight == pytest.approx(a / (a + data["v"]), rel=1e-12)
    mixed = weight * data["y"] + (1 - weight) * prediction
    assert column(result, "model") == pytest.approx(mixed, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    factor=st.floats(1e-4, 1e4),
    shift=st.floats(-1e3, 1e3),
    method=st.sampled_from(["reml", "ml"]),
)
def test_a_change_of_unit_changes_nothing_but_the_unit(seed, factor, shift, method):
    data = simulated(25, seed=seed)
    other = data | {
        "y": factor * data["y"] + shift,
        "v": factor**2 * data["v"],
        "x": 5 - 1e3 * data["x"],
    }
    one, two = fit(data, method=method), fit(other, method=method)
    size = factor * (100 + abs(shift / factor))
    assert column(two, "model") == pytest.approx(
        factor * column(one, "model") + shift, abs=1e-7 * size
    )
    assert column(two, "mse") == pytest.approx(factor**2 * column(one, "mse"), rel=1e-5)
    weight = column(two, "weight_on_direct")
    assert ((weight >= 0) & (weight <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_the_numbers_no_result_is_missing_or_negative(data):
    m = data.draw(st.integers(4, 12))
    number = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
    y = data.draw(st.lists(number, min_size=m, max_size=m))
    v = data.draw(st.lists(st.floats(1e-6, 1e6), min_size=m, max_size=m))
    result = fit({"y": y, "v": v}, covariates=[])
    for name in ("model", "mse", "weight_on_direct"):
        assert result[name].null_count == 0
    assert (column(result, "mse") >= 0).all()
    weight = column(result, "weight_on_direct")
    assert ((weight >= 0) & (weight <= 1)).all()
    model, tolerance = column(result, "model"), 1e-9 * (1 + np.abs(y).max())
    assert (model >= min(y) - tolerance).all()
    assert (model <= max(y) + tolerance).all()


def test_the_order_of_areas_does_not_matter():
    data = simulated()
    turned = {name: values[::-1] for name, values in data.items()}
    assert column(fit(turned), "model")[::-1] == pytest.approx(column(fit(data), "model"))


def test_when_areas_differ_no_more_than_by_sampling_every_estimate_is_synthetic():
    data = simulated(30, a=0.0)
    data["y"] = 70 + 2 * data["x"] + 0.1 * np.sin(np.arange(30))
    result = fit(data)
    notes = result.notes
    assert notes["model_variance"] == 0
    assert [caution["code"] for caution in notes["cautions"]] == ["model-variance-zero"]
    assert (column(result, "weight_on_direct") == 0).all()
    # g1 = 0; g2 = x'Qx; 2 g3 = 4 / (D sum D^-2).
    x, w = np.column_stack([np.ones(30), data["x"]]), 1 / data["v"]
    spread = np.einsum("ij,jk,ik->i", x, np.linalg.inv(x.T @ (w[:, None] * x)), x)
    assert column(result, "mse") == pytest.approx(spread + 4 * w / (w @ w))


def test_an_area_without_a_sample_gets_the_prediction_and_its_variance():
    data = simulated()
    data["y"][3], data["v"][4] = np.nan, np.nan
    result = fit(data)
    b = [c["estimate"] for c in result.notes["coefficients"]]
    a = result.notes["model_variance"]
    kept = np.delete(np.arange(60), [3, 4])
    x = np.column_stack([np.ones(60), data["x"]])
    w = 1 / (a + data["v"][kept])
    q = np.linalg.inv(x[kept].T @ (w[:, None] * x[kept]))
    for at in (3, 4):
        row = result.slice(at, 1).to_pylist()[0]
        assert row["model"] == pytest.approx(b[0] + b[1] * data["x"][at])
        assert row["mse"] == pytest.approx(a + x[at] @ q @ x[at])
        assert row["weight_on_direct"] == 0
        assert row["direct_se"] is None
    assert result["direct"][3].as_py() is None
    assert result.notes["without_estimate"] == 1
    assert result.notes["treated_as_unsampled"]["variance missing"] == [5]


def test_a_variance_of_zero_is_never_fed_to_the_model_nor_printed():
    data = simulated()
    data["v"][:2] = 0
    result = fit(data)
    without = fit({name: values[2:] for name, values in data.items()})
    assert result.notes["treated_as_unsampled"]["variance zero"] == [1, 2]
    assert result["direct_se"][0].as_py() is None
    assert column(result, "model")[2:] == pytest.approx(column(without, "model"))


def test_an_area_known_almost_exactly_keeps_its_direct_estimate():
    data = simulated()
    data["v"][0], data["v"][1] = 1e-12, 1e12
    result = fit(data)
    assert result["model"][0].as_py() == pytest.approx(data["y"][0], abs=1e-9)
    assert result["mse"][0].as_py() == pytest.approx(1e-12, rel=1e-3)
    b = [c["estimate"] for c in result.notes["coefficients"]]
    assert result["model"][1].as_py() == pytest.approx(b[0] + b[1] * data["x"][1])


def test_the_notes_can_be_written_as_json():
    data = simulated() | {"people": np.arange(1, 61), "n": np.arange(1, 61)}
    notes = fit(data, smooth="gvf", n="n", benchmark=("people", 70)).notes
    assert json.loads(json.dumps(notes)) == notes


def test_area_codes_keep_their_leading_zeros():
    data = simulated(20) | {"code": [f"0{at:03d}" for at in range(20)]}
    assert fit(data, area="code")["area"].to_pylist()[0] == "0000"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_every_kind_of_table_gives_the_same_figures(make):
    data = simulated(20)
    assert fit(make(data)).equals(fit(data).arrow)


def test_a_result_table_can_be_the_input_of_another_fit():
    first = fit(simulated(20))
    again = fay_herriot(first, direct="direct", variance="mse")
    assert len(again) == 20


# ---- shares on the logit and arcsine scale -------------------------------------------------


def shares(m: int = 80, seed: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=m)
    truth = 1 / (1 + np.exp(-(2.5 + 0.4 * x + 0.3 * rng.normal(size=m))))
    n = rng.integers(20, 200, m)
    p = rng.binomial(n, truth) / n
    return {"x": x, "n": n, "truth": 100 * truth, "y": 100 * p, "v": 1e4 * p * (1 - p) / (n - 1)}


@pytest.mark.parametrize("scale", ["logit", "arcsine"])
def test_a_modelled_share_stays_between_0_and_100_and_beats_the_direct_one(scale):
    data = shares()
    result = fit(data, scale=scale, n="n", smooth="gvf")
    model = column(result, "model")
    assert ((model > 0) & (model < 100)).all()
    direct_error = np.mean((data["y"] - data["truth"]) ** 2)
    model_error = np.mean((model - data["truth"]) ** 2)
    assert model_error < 0.8 * direct_error
    assert column(result, "mse").mean() == pytest.approx(model_error, rel=0.4)


@pytest.mark.parametrize("scale", ["logit", "arcsine"])
def test_percent_and_proportion_give_the_same_answer(scale):
    data = shares()
    small = data | {"y": data["y"] / 100, "v": data["v"] / 1e4}
    percent = fit(data, scale=scale, n="n")
    proportion = fit(small, scale=scale, n="n", unit="proportion")
    assert 100 * column(proportion, "model") == pytest.approx(column(percent, "model"))
    assert 1e4 * column(proportion, "mse") == pytest.approx(column(percent, "mse"))


def back(scale: str, t: float) -> float:
    if scale == "logit":
        return 1 / (1 + np.exp(-t))
    return np.sin(np.clip(t, 0, np.pi / 2)) ** 2


@pytest.mark.parametrize("scale", ["logit", "arcsine"])
def test_the_way_back_is_the_expectation_over_the_area_effect(scale):
    data = shares()
    mean = fit(data, scale=scale, n="n")
    median = fit(data, scale=scale, n="n", back="median")
    a = mean.notes["model_variance"]
    forward = (
        (lambda p: np.log(p / (1 - p))) if scale == "logit" else (lambda p: np.arcsin(np.sqrt(p)))
    )
    for at in range(0, 80, 9):
        weight = mean["weight_on_direct"][at].as_py()
        centre = forward(median["model"][at].as_py() / 100)
        sd = np.sqrt(a * (1 - weight))

        def density(t, centre=centre, sd=sd):
            normal = np.exp(-0.5 * ((t - centre) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
            return back(scale, t) * normal

        limits = centre - 12 * sd, centre + 12 * sd
        expected = integrate.quad(density, *limits, points=[centre], epsabs=1e-12)[0]
        assert mean["model"][at].as_py() == pytest.approx(100 * expected, abs=1e-4)


def test_an_area_of_100_percent_is_kept_when_its_sample_size_is_known():
    data = shares()
    data["y"][0], data["v"][0] = 100.0, 0.0
    known = fit(data, scale="logit", n="n", smooth="gvf")
    assert known["weight_on_direct"][0].as_py() > 0
    assert known["direct_se"][0].as_py() > 0
    assert 0 < known["model"][0].as_py() < 100
    unknown = fit(data | {"v": np.where(data["v"] > 0, data["v"], 4.0)}, scale="logit")
    left_out = unknown.notes["treated_as_unsampled"]["share of 0 or 100 % and no n"]
    assert 1 in left_out
    assert unknown["weight_on_direct"][0].as_py() == 0


def test_shares_that_look_like_proportions_are_asked_about():
    data = shares()
    with pytest.raises(MeasureError, match="unit='proportion'") as caught:
        fit(data | {"y": data["y"] / 100}, scale="logit")
    assert caught.value.code == "unit-mismatch"


# ---- bad input -----------------------------------------------------------------------------


def refused(data, code: str, place: str = "", **options) -> MeasureError:
    with pytest.raises(MeasureError) as caught:
        fit(data, **options)
    assert caught.value.code == code
    assert place in caught.value.place
    assert caught.value.message_zh
    return caught.value


def test_a_collinear_covariate_is_named():
    data = simulated()
    data["twice"] = 2 * data["x"] + 1
    refused(data, "collinear-covariates", "column twice", covariates=["x", "twice"])


def test_a_constant_covariate_is_collinear_with_the_intercept():
    data = simulated() | {"one": np.full(60, 1e6)}
    refused(data, "collinear-covariates", "column one", covariates=["one"])
    assert len(fit(data, covariates=["one"], intercept=False)) == 60


def test_a_missing_covariate_names_the_area_and_the_column():
    data = simulated() | {"code": [f"t{at}" for at in range(60)]}
    data["x"][7] = np.nan
    refused(data, "missing-covariate", "area t7, column x", area="code")


def test_too_few_areas_are_refused():
    small = {name: values[:3] for name, values in simulated().items()}
    refused(small, "too-few-areas")


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"y": np.inf}, "not-finite", "area 1, column y"),
        ({"v": -np.inf}, "not-finite", "area 1, column v"),
        ({"x": np.inf}, "not-finite", "area 1, column x"),
        ({"v": -1.0}, "bad-variance", "area 1, column v"),
    ],
)
def test_impossible_numbers_are_refused_with_area_and_column(change, code, place):
    data = simulated()
    for name, value in change.items():
        data[name][0] = value
    refused(data, code, place)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "bayes"}, "unknown-option"),
        ({"scale": "log"}, "unknown-option"),
        ({"smooth": "spline"}, "unknown-option"),
        ({"smooth": "gvf"}, "no-sample-size"),
        ({"covariates": ["nowhere"]}, "unknown-column"),
        ({"covariates": "x"}, "no-covariates"),
        ({"covariates": [], "intercept": False}, "no-covariates"),
        ({"area": "nowhere"}, "unknown-column"),
        ({"benchmark": "truth"}, "bad-benchmark"),
        ({"benchmark": ("truth", float("nan"))}, "no-figure"),
        ({"benchmark": ("truth", 70.0), "benchmark_method": "odds"}, "no-odds"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, code):
    refused(simulated(), code, **options)


def test_an_area_named_twice_is_refused():
    data = simulated() | {"code": ["a", *"abcdefghij", *(f"z{at}" for at in range(49))]}
    refused(data, "repeated-area", area="code")


def test_text_where_numbers_should_be_is_refused():
    refused(simulated() | {"x": ["high"] * 60}, "not-numeric", "column x")


def test_an_empty_table_is_refused():
    refused({"y": [], "v": [], "x": []}, "no-areas")


# ---- benchmarking --------------------------------------------------------------------------


def towns() -> dict[str, np.ndarray]:
    data = simulated() | {"people": np.arange(1.0, 61.0)}
    return data | {"county": np.array(["b", "a", "c"])[np.arange(60) % 3]}


@pytest.mark.parametrize("method", ["ratio", "difference", "mse"])
def test_benchmarked_areas_add_up_to_the_figure_of_the_whole(method):
    data = towns()
    result = fit(data, benchmark=("people", 71.25), benchmark_method=method)
    whole = np.average(column(result, "benchmarked"), weights=data["people"])
    assert whole == pytest.approx(71.25, rel=1e-14)


@pytest.mark.parametrize("figures", ["mapping", "column"])
def test_benchmarked_areas_add_up_inside_every_larger_area(figures):
    data = towns()
    wanted = {"a": 70.0, "b": 72.5, "c": 69.0}
    data["published"] = np.array([wanted[name] for name in data["county"]])
    source = wanted if figures == "mapping" else "published"
    result = fit(data, benchmark=("people", "county", source))
    for name, figure in wanted.items():
        inside = data["county"] == name
        found = np.average(column(result, "benchmarked")[inside], weights=data["people"][inside])
        assert found == pytest.approx(figure, rel=1e-14)
    assert {row["area"] for row in result.notes["benchmark"]["larger_areas"]} == set(wanted)


def nearest(t, w, phi, figure):
    """Minimum of sum phi (e - t)^2 subject to sum w e = figure, by its Lagrange equations."""
    m = t.size
    system = np.block([[np.diag(2 * phi), w[:, None]], [w[None, :], np.zeros((1, 1))]])
    return np.linalg.solve(system, np.append(2 * phi * t, figure))[:m]


def test_benchmarking_changes_the_estimates_as_little_as_its_weights_allow():
    data = towns()
    w = data["people"] / data["people"].sum()
    for method in ("ratio", "difference", "mse"):
        result = fit(data, benchmark=("people", 73.0), benchmark_method=method)
        t, mse = column(result, "model"), column(result, "mse")
        phi = {"ratio": w / t, "difference": w, "mse": w / mse}[method]
        assert column(result, "benchmarked") == pytest.approx(nearest(t, w, phi, 73.0), rel=1e-9)


def test_ratio_benchmarking_multiplies_by_one_factor():
    result = fit(towns(), benchmark=("people", 80.0))
    factor = column(result, "benchmarked") / column(result, "model")
    assert factor == pytest.approx(np.full(60, factor[0]))


def test_odds_keep_benchmarked_shares_inside_and_add_up():
    data = shares() | {"people": np.arange(1.0, 81.0)}
    options = {"scale": "logit", "n": "n", "benchmark": ("people", 99.0)}
    result = fit(data, benchmark_method="odds", **options)
    e = column(result, "benchmarked")
    assert ((e > 0) & (e < 100)).all()
    assert np.average(e, weights=data["people"]) == pytest.approx(99.0, rel=1e-12)
    odds = (e / (100 - e)) / (column(result, "model") / (100 - column(result, "model")))
    assert odds == pytest.approx(np.full(80, odds[0]))
    refused(data, "benchmark-leaves-range", **options)


def test_a_figure_that_shares_cannot_reach_is_refused():
    data = shares() | {"people": np.ones(80)}
    refused(
        data,
        "figure-out-of-reach",
        scale="logit",
        n="n",
        benchmark_method="odds",
        benchmark=("people", 100.0),
    )


def test_a_larger_area_without_a_figure_is_named():
    error = refused(towns(), "no-figure", benchmark=("people", "county", {"a": 70.0, "b": 70.0}))
    assert "'c'" in error.message


def test_figures_that_differ_inside_one_larger_area_are_refused():
    refused(towns(), "figures-differ", "column truth", benchmark=("people", "county", "truth"))


def test_a_share_of_the_population_is_needed_for_every_area():
    data = towns()
    data["people"][5] = 0
    refused(data, "bad-share-of-population", "area 6, column people", benchmark=("people", 70.0))
