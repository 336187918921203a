"""Replicate weights that came with the file: what they must be, and their scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.design import Replicates

Floats = npt.NDArray[np.float64]


def number_weight(rows: ibis.Table, name: str) -> Any:
    """A column of replicate weights as float64.

    Raises:
        MeasureError: it does not hold numbers.
    """
    column = rows[name]
    if not column.type().is_numeric():
        raise bad_replicate_weight(name)
    return column.cast("float64")


def number_weights(data: pa.Table, name: str) -> Floats:
    """A column of replicate weights in memory, NaN where there is none."""
    import pyarrow as pa

    kind = data.schema.field(name).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise bad_replicate_weight(name)
    return np.asarray(data[name].to_numpy(), np.float64)


def bad_replicate_weight(name: str) -> MeasureError:
    """The error for replicate weights that are not all finite numbers."""
    return MeasureError(
        "replicate-weight-invalid",
        "replicate weights must be finite numbers in every row; mend the column or leave out the"
        " replicate",
        "重复权数在每一行都应为有限数值，请改正该列或剔除该重复",
        place=f"column {name}",
    )


def brought_scales(replicates: Replicates) -> tuple[float, Floats]:
    """Scale and rscales of replicate weights that came with the file.

    As in R ``svrepdesign``: JK1 (R-1)/R, JKn needs its rscales, BRR 1/R, Fay 1/(R(1-ρ)²),
    bootstrap 1/(R-1).

    Raises:
        MeasureError: fewer than two columns, a ρ outside 0-1, rscales of another length, or JKn
            without a scale or rscales.
    """
    count = len(replicates.weights)
    if count < 2:
        raise MeasureError(
            "replicates-too-few",
            f"{count} replicate weight column cannot show a variance; give all of them",
            f"只给出 {count} 列重复权数，无法计算方差，请给出全部列",
            place="replicates.weights",
        )
    if not 0 <= replicates.rho < 1:
        raise MeasureError(
            "rho-out-of-range",
            "rho belongs to Fay's method and lies between 0 and 1",
            "rho 只用于 Fay 方法，取值在 0 与 1 之间",
            place="replicates.rho",
        )
    if replicates.kind == "jkn" and replicates.rscales is None and replicates.scale is None:
        raise MeasureError(
            "rscales-missing",
            "JKn weights need rscales, (n-1)/n of the stratum that a replicate leaves a PSU out"
            " of; the documentation of the file gives them",
            "JKn 重复权数需要 rscales（该重复所剔除的初级抽样单元所在层的 (n-1)/n），"
            "请按数据说明给出",
            place="replicates.rscales",
        )
    usual = {
        "jk1": (count - 1) / count,
        "jkn": 1.0,
        "brr": 1 / count,
        "fay": 1 / (count * (1 - replicates.rho) ** 2),
        "bootstrap": 1 / (count - 1),
    }[replicates.kind]
    if replicates.rscales is not None and len(replicates.rscales) != count:
        raise MeasureError(
            "rscales-length",
            f"{count} replicate weights but {len(replicates.rscales)} rscales; give one each",
            f"有 {count} 列重复权数，却给出 {len(replicates.rscales)} 个 rscales，请一一对应",
            place="replicates.rscales",
        )
    rscales = np.ones(count) if replicates.rscales is None else np.array(replicates.rscales)
    return (usual if replicates.scale is None else replicates.scale), rscales
