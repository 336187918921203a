"""From respondents and a design to the sums, strata and levels that variance needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import frame
from huiyin.measure.estimation.calibrated import Residuals, residuals
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.scan import Scan, scan
from huiyin.measure.estimation.variance import Level, level
from huiyin.measure.statistics import Statistic

if TYPE_CHECKING:
    import ibis

    from huiyin.measure.design import SurveyDesign

By = str | Sequence[str]
ALL = "all"


def prepare(
    rows: ibis.Table, design: SurveyDesign, statistics: Sequence[Statistic], levels: Sequence[By]
) -> tuple[Scan, list[Level], frame.Strata]:
    """Scan the respondents and lay out strata and levels."""
    columns = [columns_of(one) for one in levels]
    keys = [*design.stratum_columns, *design.cluster_columns]
    if design.calibration is not None:
        keys += design.calibration.columns
    keys += [name for names in columns for name in names]
    refuse_unknown(rows, keys)
    found = scan_design(rows, design, statistics, list(dict.fromkeys(keys)))
    strata = frame.strata(found, design)
    laid_out = [
        level(name_of(one), key(found.keys, names), strata)
        for one, names in zip(levels, columns, strict=True)
    ]
    return found, laid_out, strata


def scan_design(
    rows: ibis.Table, design: SurveyDesign, statistics: Sequence[Statistic], keys: Sequence[str]
) -> Scan:
    """Scan with whatever else the design needs summed."""
    calibration = design.calibration
    plain = calibration is not None and calibration.regression_weight == "unit"
    return scan(rows, statistics, keys, extra=frame.fpc_sums(rows, design), plain=plain)


def calibrated_over(design: SurveyDesign, found: Scan, strata: frame.Strata) -> Residuals | None:
    """The calibration of the design, if there is one, laid over the cells of a scan."""
    if design.calibration is None:
        return None
    return residuals(design.calibration, found, strata)


def columns_of(by: By) -> list[str]:
    """Columns that make the domains of a level; none for ``all``."""
    if by == ALL:
        return []
    return [by] if isinstance(by, str) else list(by)


def name_of(by: By) -> str:
    return by if isinstance(by, str) else " × ".join(by)


def refuse_unknown(rows: ibis.Table, columns: Sequence[str]) -> None:
    import difflib

    for name in columns:
        if name not in rows.columns:
            near = difflib.get_close_matches(name, rows.columns, n=3)
            hint = f"; near it: {', '.join(near)}" if near else ""
            raise MeasureError(
                "unknown-column",
                f"there is no column {name!r}{hint}",
                f"没有名为 {name!r} 的列" + (f"，相近的有：{'、'.join(near)}" if near else ""),
                place=f"column {name}",
            )
