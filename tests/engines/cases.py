"""What is computed on every engine: each case takes a table of respondents to a result table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from tests.engines.survey import AGE, NO_ANSWER, REPLICATES, SEX

from huiyin import measure as hm

FIVE = {1: 0, 2: 25, 3: 50, 4: 75, 5: 100}
UNEVEN = {1: 0, 2: 10, 3: 50, 4: 90, 5: 100}
LEVELS = ["all", "region", "town", ["region", "sex"]]

#: Every kind of statistic, over every type of column.
STATISTICS = [
    hm.mean("income"),
    hm.mean("spent"),
    hm.mean("told"),
    hm.mean("visits", missing=["0"]),
    hm.share("safe", of=[4, 5], missing=NO_ANSWER, name="safe share"),
    hm.share("knows", of=["Yes"]),
    hm.score("police", FIVE),
    hm.score("courts", UNEVEN),
    hm.score("safe", FIVE, missing=NO_ANSWER, name="safe score"),
    hm.total("visits", name="visits in all"),
    hm.ratio("spent", "seconds"),
]
SIMPLE = hm.SurveyDesign(weights="w")
STRATIFIED = hm.SurveyDesign(weights="w", strata="stratum", fpc="fraction")
CLUSTERED = hm.SurveyDesign(weights="w", strata="stratum", clusters="psu", fpc="psus")
NESTED = hm.SurveyDesign(
    weights="w", strata=["half", "stratum"], clusters="psu_in_stratum", nest=True
)
FEW = [STATISTICS[i] for i in (0, 4, 7, 9, 10)]

Case = Callable[[Any], Any]


def estimated(design: hm.SurveyDesign, statistics: Any = STATISTICS) -> Case:
    return lambda table: hm.estimate(table, design, statistics, LEVELS)


def rides_along(table: Any) -> Any:
    """All parts were answered by the same respondents."""
    parts = [hm.score("police", FIVE), hm.mean("income")]
    whole = hm.composite("whole", {"police": 0.4, "income": 0.6})
    return hm.estimate(table, CLUSTERED, [*parts, whole], LEVELS)


def linearised(table: Any) -> Any:
    """The parts were answered by different respondents, and one is no mean."""
    parts = [hm.score("police", FIVE), hm.share("safe", of=[4, 5], missing=NO_ANSWER),
             hm.ratio("spent", "seconds")]  # fmt: skip
    wholes = [hm.composite("two", {"police": 0.3, "safe": 0.7}),
              hm.composite("three", {"safe": 0.5, "spent/seconds": 2.0})]  # fmt: skip
    return hm.estimate(table, CLUSTERED, [*parts, *wholes], LEVELS)


def quantiles(table: Any) -> Any:
    return hm.quantile(table, CLUSTERED, "spent", [0.25, 0.9], ["all", ["region", "sex"]])


def quantile_of_codes(table: Any) -> Any:
    return hm.quantile(table, STRATIFIED, "safe", [0.5], ["town"], missing=NO_ANSWER)


MARGINS = [pa.table(SEX), pa.table(AGE)]


def raked(table: Any) -> Any:
    return hm.rake(table, CLUSTERED, MARGINS, within="region")


def trimmed(table: Any) -> Any:
    return hm.rake(table, STRATIFIED, MARGINS, within="region", bounds=(0.1, 5.0))


def poststratified(table: Any) -> Any:
    return hm.poststratify(table, STRATIFIED, [pa.table(SEX)], within="region")


def linear(table: Any) -> Any:
    return hm.calibrate(table, CLUSTERED, MARGINS, method="linear", within="region")


def logit(table: Any) -> Any:
    bounds = (0.01, 20.0)
    return hm.calibrate(table, SIMPLE, MARGINS, method="logit", bounds=bounds, within="region")


def after(calibrate: Callable[[Any], hm.SurveyDesign]) -> Case:
    """Estimates with the variance after calibration."""
    return lambda table: hm.estimate(table, calibrate(table), FEW, ["all", "region", "town"])


def quantile_after(table: Any) -> Any:
    return hm.quantile(table, raked(table), "income", [0.5], ["all", "region"])


def brought(kind: Any) -> Case:
    names = tuple(f"rep_{r + 1}" for r in range(REPLICATES))
    design = SIMPLE.replace(replicates=hm.Replicates(kind, names, rho=0.5 if kind == "fay" else 0))
    return estimated(design, FEW)


def made(design: hm.SurveyDesign, kind: Any = "bootstrap") -> Case:
    """Replicates made here; a second seed would give other numbers."""
    return estimated(hm.replicate(design, kind, 30, seed=5), FEW)


def calibrated_anew(calibrate: Callable[[Any], hm.SurveyDesign], kind: Any = "bootstrap") -> Case:
    """Each replicate calibrated to the totals of the sample."""
    return lambda table: hm.estimate(
        table, hm.replicate(calibrate(table), kind, 20, seed=5), FEW, ["all", "region"]
    )


def differing_by_replicates(table: Any) -> Any:
    design = hm.replicate(poststratified(table), "bootstrap", 20, seed=5)
    return hm.difference(table, design, FEW, "sex", ("男", "女"), ["all", "region"])


def of_any_statistic(table: Any) -> Any:
    def middle(data: pa.Table, weights: np.ndarray) -> float:
        income = data["income"].to_numpy()
        order = np.argsort(income)
        reached = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
        return float(income[order][reached])

    return hm.with_replicates(table, hm.replicate(CLUSTERED, "jkn"), middle, ["income"])


def differing(table: Any) -> Any:
    return hm.difference(table, CLUSTERED, FEW, "sex", ("男", "女"), ["all", "region", "town"])


def of_the_year(method: Any) -> Case:
    def both(table: Any) -> Any:
        respondents = hm.as_ibis(table)
        later = respondents.filter(respondents.seconds > 500)
        halves = [(table, CLUSTERED), (later, raked(later))]
        return hm.annual(halves, FEW, ["all", "town"], method=method)

    return both


def associated(table: Any) -> Any:
    return hm.chi_square(table, CLUSTERED, "sex", "age")


def driven(table: Any) -> Any:
    items = [hm.score("police", FIVE), hm.score("courts", UNEVEN), hm.mean("visits")]
    stated = {"columns": ["first", "second"], "codes": {1: "police", 2: "courts", 3: "visits"}}
    return hm.drivers(table, raked(table), outcome=hm.mean("spent"), items=items, stated=stated)


def by_unit_level_model(table: Any) -> Any:
    towns = [town * 11 for town in range(13)]
    means = pa.table({"town": towns, "seconds": [800.0 + 3 * t for t in towns]})
    return hm.battese_harter_fuller(
        table, y="spent", covariates=["seconds"], area="town", population_means=means, draws=30
    )


def suspected(table: Any) -> Any:
    return hm.integrity(
        table, items=["police", "courts", "age"], best={"police": 5, "courts": 5, "age": 3},
        area="region", interviewer="interviewer", seconds="seconds", started="started",
        told={"told": [True]},
    ).flags  # fmt: skip


#: By name; over :func:`tests.engines.survey.survey`.
OF_RESPONDENTS: dict[str, Case] = {
    "simple": estimated(SIMPLE),
    "stratified with a sampling fraction": estimated(STRATIFIED),
    "clustered with a population of clusters": estimated(CLUSTERED),
    "nested": estimated(NESTED),
    "composite that rides along": rides_along,
    "composites through their linearised values": linearised,
    "quantiles": quantiles,
    "quantile of codes": quantile_of_codes,
    "raked": after(raked),
    "raked and trimmed": after(trimmed),
    "post-stratified": after(poststratified),
    "linear calibration": after(linear),
    "logit calibration": after(logit),
    "quantile after raking": quantile_after,
    "brought replicates, BRR": brought("brr"),
    "brought replicates, Fay": brought("fay"),
    "bootstrap of clusters": made(CLUSTERED),
    "bootstrap of respondents": made(STRATIFIED),
    "jackknife": made(CLUSTERED, "jkn"),
    "bootstrap of respondents, post-stratified": calibrated_anew(poststratified),
    "jackknife, calibrated": calibrated_anew(linear, "jkn"),
    "differences by replicates": differing_by_replicates,
    "any statistic by replicates": of_any_statistic,
    "differences": differing,
    "year, pooled": of_the_year("pooled"),
    "year, mean of halves": of_the_year("mean"),
    "association": associated,
    "drivers": driven,
    "unit-level model": by_unit_level_model,
    "integrity": suspected,
}


def two_frames(table: Any, **options: Any) -> Any:
    weighted, _ = hm.two_frame_weights(
        table, frame="frame", landline_lines="landlines", mobile_numbers="mobiles",
        eligible_in_household="persons", drawn={"landline": "drawn_landline", "mobile": 2000},
        frame_size={"landline": 50_000, "mobile": 90_000}, **options,
    )  # fmt: skip
    return weighted


def single_frame_and_classes(table: Any) -> Any:
    weighted = two_frames(table, cap=2)
    design = hm.adjust_nonresponse(
        weighted, hm.SurveyDesign(weights="base_weight"), disposition="disposition",
        classes=["city", "age"], minimum=5,
    )  # fmt: skip
    return hm.estimate(weighted, design, [hm.mean("safe")], ["all", "city"])


def hartley_and_propensity(table: Any) -> Any:
    weighted = two_frames(table, method="hartley", lam="optimal")
    design = hm.adjust_nonresponse(
        weighted, hm.SurveyDesign(weights="base_weight"), responded="answered",
        propensity=["sex", "age"], minimum=5,
    )  # fmt: skip
    return hm.estimate(weighted, design, [hm.mean("safe")], ["all", "city"])


def bootstrap_after_nonresponse(table: Any) -> Any:
    weighted = two_frames(table)
    design = hm.adjust_nonresponse(
        weighted, hm.SurveyDesign(weights="base_weight"), responded="answered", classes="city"
    )
    return hm.estimate(weighted, hm.replicate(design, "bootstrap", 30), [hm.mean("safe")])


#: By name; over :func:`tests.engines.survey.cases`.
OF_CASES: dict[str, Case] = {
    "single-frame weights, weighting classes": single_frame_and_classes,
    "Hartley's weights, propensity strata": hartley_and_propensity,
    "bootstrap after non-response": bootstrap_after_nonresponse,
}
