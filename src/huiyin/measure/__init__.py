"""The statistics of Huiyin: a plain library, useful by itself.

    from huiyin import measure as hm

    design = hm.SurveyDesign(weights="pw", strata="stype", fpc="fpc")
    table = hm.read("apistrat.csv")
    hm.estimate(table, design, [hm.mean("api00"), hm.share("awards", of=["Yes"])], by=["stype"])

Nothing here knows Django, the clock or the network. Names are imported when they are first used,
so that importing the package costs little.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    from huiyin.measure.base_weights import two_frame_weights
    from huiyin.measure.calibration import Calibration, calibrate, poststratify, rake
    from huiyin.measure.design import Replicates, SurveyDesign, WeightAdjustment
    from huiyin.measure.engine import connect
    from huiyin.measure.estimation.association import chi_square
    from huiyin.measure.estimation.change import changes
    from huiyin.measure.estimation.difference import annual, difference
    from huiyin.measure.estimation.estimate import estimate
    from huiyin.measure.estimation.quantile import quantile
    from huiyin.measure.integrity_checks import integrity
    from huiyin.measure.key_drivers import drivers
    from huiyin.measure.multiplicity import adjust
    from huiyin.measure.nonresponse import adjust_nonresponse
    from huiyin.measure.planning import (
        Comparison,
        allocate,
        design_effect,
        detectable_change,
        distinguishable_ranks,
        numbers_to_dial,
        power,
        precision,
        sample_size,
        size_for_change,
        smallest_allocation,
    )
    from huiyin.measure.publication import publish, without_withheld
    from huiyin.measure.ranks import (
        bottom_set,
        moves,
        plain_ranks,
        rank_probabilities,
        rank_sets,
        tiers,
        top_set,
    )
    from huiyin.measure.reading import as_ibis, labels, read
    from huiyin.measure.replication import replicate, with_replicates
    from huiyin.measure.response import disposition_codes, response_rates
    from huiyin.measure.small_area import (
        battese_harter_fuller,
        fay_herriot,
        smooth_variances,
    )
    from huiyin.measure.statistics import (
        Composite,
        Statistic,
        composite,
        mean,
        ratio,
        score,
        share,
        total,
    )
    from huiyin.measure.tidy import Tidy

_WHERE = {
    "base_weights": ("two_frame_weights",),
    "calibration": ("Calibration", "calibrate", "poststratify", "rake"),
    "design": ("Replicates", "SurveyDesign", "WeightAdjustment"),
    "key_drivers": ("drivers",),
    "engine": ("connect",),
    "estimation.association": ("chi_square",),
    "estimation.change": ("changes",),
    "estimation.difference": ("annual", "difference"),
    "estimation.estimate": ("estimate",),
    "estimation.quantile": ("quantile",),
    "integrity_checks": ("integrity",),
    "multiplicity": ("adjust",),
    "nonresponse": ("adjust_nonresponse",),
    "planning": (
        "Comparison", "allocate", "design_effect", "detectable_change", "distinguishable_ranks",
        "numbers_to_dial", "power", "precision", "sample_size", "size_for_change",
        "smallest_allocation",
    ),
    "publication": ("publish", "without_withheld"),
    "ranks": (
        "bottom_set", "moves", "plain_ranks", "rank_probabilities", "rank_sets", "tiers", "top_set",
    ),
    "reading": ("as_ibis", "labels", "read"),
    "replication": ("replicate", "with_replicates"),
    "response": ("disposition_codes", "response_rates"),
    "small_area": ("battese_harter_fuller", "fay_herriot", "smooth_variances"),
    "statistics": (
        "Composite", "Statistic", "composite", "mean", "ratio", "score", "share", "total",
    ),
    "tidy": ("Tidy",),
}  # fmt: skip

_HOME = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Calibration",
    "Comparison",
    "Composite",
    "MeasureError",
    "Replicates",
    "Statistic",
    "SurveyDesign",
    "Tidy",
    "WeightAdjustment",
    "adjust",
    "adjust_nonresponse",
    "allocate",
    "annual",
    "as_ibis",
    "battese_harter_fuller",
    "bottom_set",
    "calibrate",
    "changes",
    "chi_square",
    "composite",
    "connect",
    "design_effect",
    "detectable_change",
    "difference",
    "disposition_codes",
    "distinguishable_ranks",
    "drivers",
    "estimate",
    "fay_herriot",
    "integrity",
    "labels",
    "mean",
    "moves",
    "numbers_to_dial",
    "plain_ranks",
    "poststratify",
    "power",
    "precision",
    "publish",
    "quantile",
    "rake",
    "rank_probabilities",
    "rank_sets",
    "ratio",
    "read",
    "replicate",
    "response_rates",
    "sample_size",
    "score",
    "share",
    "size_for_change",
    "smallest_allocation",
    "smooth_variances",
    "tiers",
    "top_set",
    "total",
    "two_frame_weights",
    "with_replicates",
    "without_withheld",
]


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
