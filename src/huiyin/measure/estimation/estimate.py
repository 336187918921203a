"""``estimate``: every statistic in every domain, with standard errors, in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import composite, intervals
from huiyin.measure.estimation.prepare import (
    By,
    calibrated_over,
    columns_of,
    levels_of,
    prepare,
    respondents,
)
from huiyin.measure.estimation.variance import Figures, figures, in_unit
from huiyin.measure.statistics import Composite, Statistic
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

COLUMNS = (
    "indicator", "level", "area", "n", "sum_of_weights", "estimate", "se",
    "ci_low", "ci_high", "df", "deff", "n_effective",
)  # fmt: skip


def estimate(
    table: Any,
    design: SurveyDesign,
    statistics: Statistic | Composite | Sequence[Statistic | Composite],
    by: str | Sequence[By] | None = None,
    *,
    confidence: float = 0.95,
) -> Tidy:
    """Estimate statistics with design-based standard errors in every domain, in one scan.

    Args:
        table: respondents: an Ibis, pandas, polars or pyarrow table.
        design: the sample design; with replicate weights their variance is used instead of
            linearisation, with a calibration the variance uses residuals.
        statistics: what to estimate.
        by: levels; each is a column, or a list of columns for their combinations; ``"all"`` is
            the whole table. None = only the whole table.
        confidence: of the intervals.

    Returns:
        One row per indicator, level and area with the columns :data:`COLUMNS`. ``estimate``,
        ``se`` and interval are in percent for shares and in the unit of the item otherwise;
        null where a domain cannot say anything (nobody answered; no degrees of freedom).

    Raises:
        MeasureError: a column is absent, a weight or code is invalid, a stratum has one PSU and
            the design does not say what to do, a name is used twice.
    """
    asked = listed(statistics)
    intervals.check_confidence(confidence)
    levels = levels_of(by)
    rows = respondents(table, design, levels)
    parts: list[Tidy] = []
    for laid_out, found in design_figures(rows, design, asked, levels):
        parts.append(_rows(laid_out, found, asked, confidence))
    return _stacked(parts)


@dataclass(frozen=True)
class Areas:
    """Name of a level and the labels of its domains."""

    name: str
    labels: np.ndarray


LevelFigures = list[tuple[Areas, dict[str, Figures]]]


def design_figures(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic | Composite],
    levels: Sequence[By],
) -> LevelFigures:
    """Figures level by level, with the variance that the design has: replicates or linearised."""
    if design.replicates is None:
        return taylor_figures(rows, design, asked, levels)
    from huiyin.measure.replication.figures import replicate_figures

    return replicate_figures(rows, design, asked, levels)


def taylor_figures(
    rows: ibis.Table,
    design: SurveyDesign,
    asked: Sequence[Statistic | Composite],
    levels: Sequence[By],
) -> LevelFigures:
    """Figures by linearisation, level by level, from one scan (and one more for composites)."""
    simple = [s for s in asked if isinstance(s, Statistic)]
    composites = [s for s in asked if isinstance(s, Composite)]
    composite.check_parts(composites, simple)
    scored, scores = composite.with_scores(rows, composites, simple)
    found, laid_out, strata = prepare(scored, design, [*simple, *scores], levels)
    over = calibrated_over(design, found, strata)
    riding = [s for s in scores if composite.rides_along(_named(composites, s.name), found)]
    others = [one for one in composites if one.name not in {s.name for s in riding}]
    result: LevelFigures = []
    for one, by in zip(laid_out, levels, strict=True):
        by_name = {
            s.name: in_unit(
                figures(found.moments[s.name], one, strata, over, is_total=s.kind == "total"),
                s.unit,
            )
            for s in [*simple, *riding]
        }
        by_name |= composite.linearised_figures(
            rows, design, others, simple, (one, columns_of(by), found), by_name
        )
        result.append((Areas(one.name, one.domains.labels), by_name))
    return result


def _named(composites: Sequence[Composite], name: str) -> Composite:
    return next(one for one in composites if one.name == name)


def listed(
    statistics: Statistic | Composite | Sequence[Statistic | Composite],
) -> list[Statistic | Composite]:
    """What is asked for as a list, with names that differ."""
    asked = [statistics] if isinstance(statistics, Statistic | Composite) else list(statistics)
    names = [s.name for s in asked]
    if not names:
        raise MeasureError("nothing-asked", "no statistic is asked for", "没有指定要估计的指标")
    if repeated := {name for name in names if names.count(name) > 1}:
        raise MeasureError(
            "duplicate-name",
            f"names used twice: {', '.join(sorted(repeated))}; give each statistic its own",
            f"指标名称重复：{'、'.join(sorted(repeated))}，请分别命名",
        )
    return asked


def _rows(
    areas: Areas,
    by_name: dict[str, Figures],
    asked: Sequence[Statistic | Composite],
    confidence: float,
) -> Tidy:
    import pyarrow as pa

    blocks = [_block(s, by_name[s.name], confidence) for s in asked]
    count = len(areas.labels)
    labels = pa.array(areas.labels, pa.string())
    columns: dict[str, Any] = {
        "indicator": pa.concat_arrays([pa.repeat(s.name, count) for s in asked]),
        "level": pa.repeat(areas.name, count * len(asked)),
        "area": pa.concat_arrays([labels] * len(asked)),
    }
    for column in COLUMNS[3:]:
        columns[column] = np.concatenate([block[column] for block in blocks])
    columns["n"] = columns["n"].astype(np.int64)
    return Tidy.of(columns)


def _block(
    statistic: Statistic | Composite, found: Figures, confidence: float
) -> dict[str, np.ndarray]:
    se = np.sqrt(found.variance)
    if isinstance(statistic, Statistic) and statistic.kind == "share":
        low, high = intervals.share_interval(
            found.estimate / 100, se / 100, found.n, found.n_kish, found.df, confidence
        )
        low, high = low * 100, high * 100
    else:
        low, high = intervals.mean_interval(found.estimate, se, found.df, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(found.deff > 0, found.n / found.deff, np.nan)
    values = (
        found.n, found.weight, found.estimate, se, low, high, found.df, found.deff, effective,
    )  # fmt: skip
    return dict(zip(COLUMNS[3:], values, strict=True))


def _stacked(parts: Sequence[Tidy]) -> Tidy:
    import pyarrow as pa

    return Tidy(pa.concat_tables([part.arrow for part in parts]))
