"""From respondents and a design to the sums, strata and levels that variance needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation import frame
from huiyin.measure.estimation.calibrated import Residuals, residuals
from huiyin.measure.estimation.keys import key
from huiyin.measure.estimation.scan import Scan, scan
from huiyin.measure.estimation.variance import Level, level
from huiyin.measure.reading import as_ibis
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.statistics import Statistic
from huiyin.measure.weights import with_weight

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


def linearised_only(design: SurveyDesign) -> None:
    """Refuse replicate weights where only linearisation is offered.

    Raises:
        MeasureError: the design has replicates.
    """
    if design.replicates is not None:
        raise MeasureError(
            "replicates-not-here",
            "this variance is linearised; leave the replicates out of the design, or use"
            " hm.with_replicates with a function of your own",
            "此处采用线性化方差，请从设计中去掉重复权数，或用 hm.with_replicates 配合自定义函数",
            place="replicates",
        )


def columns_of(by: By) -> list[str]:
    """Columns that make the domains of a level; none for ``all``."""
    if by == ALL:
        return []
    return [by] if isinstance(by, str) else list(by)


def name_of(by: By) -> str:
    return by if isinstance(by, str) else " × ".join(by)


def levels_of(by: str | Sequence[By] | None) -> list[By]:
    """The levels asked for: one name is one level, nothing is the whole table."""
    if by is None:
        return [ALL]
    return [by] if isinstance(by, str) else list(by) or [ALL]


def respondents(table: Any, design: SurveyDesign, levels: Sequence[By] = ()) -> ibis.Table:
    """The rows with their weight; NaN in a column that names strata, clusters or areas is null.

    Raises:
        MeasureError: a column that the design or a level names is absent.
    """
    rows = as_ibis(table)
    named = [*design.stratum_columns, *design.cluster_columns]
    named += [name for one in levels for name in columns_of(one)]
    read = [*named, *(c for a in design.adjustments for c in a.columns)]
    read += [] if design.fpc is None else [design.fpc]
    read += [] if design.calibration is None else design.calibration.columns
    for name in read:
        if name not in rows.columns:
            raise unknown_column(name, rows.columns, f"column {name}")
    floats = {name: rows[name] for name in named if rows[name].type().is_floating()}
    cleaned = {name: column.isnan().ifelse(None, column) for name, column in floats.items()}
    return with_weight(rows.mutate(**cleaned) if cleaned else rows, design)
