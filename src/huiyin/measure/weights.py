"""The weight of each respondent as one expression: base weight times the factors of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.suggest import unknown_column

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.design import SurveyDesign

WEIGHT = "hy_weight"
BASE = "hy_base"


def with_weight(table: ibis.Table, design: SurveyDesign, *, calibrated: bool = True) -> ibis.Table:
    """Add the column ``hy_weight`` (float64), and ``hy_base`` where the design is calibrated.

    Args:
        table: respondents.
        design: names the weight column and carries adjustments and calibration.
        calibrated: False leaves the calibration out.

    Raises:
        MeasureError: the weight column is absent or not numeric.
    """
    import ibis

    weight: ibis.expr.types.NumericValue = ibis.literal("1.0").cast("float64")
    if design.weights is not None:
        weight = _numeric(table, design.weights)
    table = table.mutate(**{WEIGHT: weight})
    for adjustment in design.adjustments:
        table = _multiply(table, adjustment.columns, adjustment.cells)
    if design.calibration is not None and calibrated:
        table = table.mutate(**{BASE: table[WEIGHT]})
        table = _multiply(table, design.calibration.columns, design.calibration.cells)
    return table


def _numeric(table: ibis.Table, column: str) -> ibis.expr.types.NumericValue:
    if column not in table.columns:
        raise unknown_column(column, table.columns, "weights")
    values = table[column]
    if not values.type().is_numeric():
        raise MeasureError(
            "weight-not-numeric",
            f"the weights are {values.type()}, not numbers; mend the column or name another",
            f"权数列的类型是 {values.type()}，不是数值，请改正该列或另指定一列",
            place=f"column {column}",
        )
    return values.cast("float64")


def _multiply(table: ibis.Table, columns: tuple[str, ...], cells: pa.Table) -> ibis.Table:
    """Multiply the weight by the factor of the row's cell; a row in no cell gets no weight."""
    import ibis

    kept = list(table.columns)
    factors = ibis.memtable(
        cells.select([*columns, "factor"]).rename_columns(
            [*(f"hy_cell_{i}" for i in range(len(columns))), "hy_factor"]
        )
    )
    matches = [table[column] == factors[f"hy_cell_{i}"] for i, column in enumerate(columns)]
    if not matches:
        return table.mutate(**{WEIGHT: table[WEIGHT] * float(cells["factor"][0].as_py())})
    joined = table.left_join(factors, matches)
    return joined.select(
        *[c for c in kept if c != WEIGHT], **{WEIGHT: joined[WEIGHT] * joined["hy_factor"]}
    )
