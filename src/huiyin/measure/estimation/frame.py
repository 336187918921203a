"""The sample as the variance formula sees it: strata with their PSUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.coding import number
from huiyin.measure.estimation.keys import Ints, Key, key, pairs, tally

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.design import Lonely, SurveyDesign
    from huiyin.measure.estimation.scan import Scan

Floats = npt.NDArray[np.float64]

FPC_LOW, FPC_HIGH, FPC_KNOWN = "fpc_low", "fpc_high", "fpc_known"


@dataclass(frozen=True)
class Strata:
    """Strata and PSUs behind the cells of a scan.

    Attributes:
        of_cell: stratum of each cell, shape (cells,).
        psu_of_cell: PSU of each cell, or None when every row is one.
        psus: number of PSUs per stratum, shape (strata,).
        scale: what multiplies the centred sum of squares, (1 - f) n / (n - 1).
        centring: 1 where the stratum's own mean is subtracted, 0 where it is not.
        averaged: strata whose variance is taken from the others.
        fraction: sampling fraction of PSUs.
        labels: names of the strata.
    """

    of_cell: Ints
    psu_of_cell: Ints | None
    psus: Floats
    scale: Floats
    centring: Floats
    averaged: npt.NDArray[np.bool_]
    fraction: Floats
    labels: npt.NDArray[np.object_]


def fpc_sums(table: ibis.Table, design: SurveyDesign) -> dict[str, tuple[Any, str]]:
    """Aggregates that carry the finite population correction through the scan."""
    if design.fpc is None:
        return {}
    column = number(table[design.fpc], design.fpc)
    return {FPC_LOW: (column, "min"), FPC_HIGH: (column, "max"), FPC_KNOWN: (column, "count")}


def strata(found: Scan, design: SurveyDesign) -> Strata:
    """Lay out strata and PSUs, and apply the rule for strata with one PSU.

    Raises:
        MeasureError: a stratum or cluster is missing; a cluster lies in two strata; the fpc
            varies inside a stratum or is smaller than the sample; a stratum has one PSU and the
            design says ``fail``.
    """
    stratum = _required(found.keys, design.stratum_columns, "stratum", "层")
    psu_of_cell, psus = _psus(found, design, stratum)
    fraction = _fractions(found, design, stratum, psus)
    of_cell, labels = stratum.index, stratum.labels
    lonely = (psus == 1) & (fraction < 1 - 1e-7)
    if np.any(lonely) and design.lonely == "collapse":
        of_cell, labels, psus, fraction = _collapse(of_cell, labels, psus, fraction, lonely)
        lonely = (psus == 1) & (fraction < 1 - 1e-7)
    if np.any(lonely) and design.lonely in ("fail", "collapse"):
        _raise_lonely(labels[lonely], design.lonely)
    return Strata(
        of_cell,
        psu_of_cell,
        psus,
        *_scales(psus, fraction, lonely, design.lonely),
        fraction,
        labels,
    )


def _scales(
    psus: Floats, fraction: Floats, lonely: npt.NDArray[np.bool_], rule: Lonely
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    scale = (1 - fraction) * psus / np.maximum(psus - 1, 1)
    centring = np.ones(len(psus))
    scale[psus == 1] = 0.0
    if rule == "centre":
        scale[lonely] = 1 - fraction[lonely]
        centring[lonely] = 0.0
    return scale, centring, lonely & (rule == "average")


def _required(keys: pa.Table, columns: Sequence[str], what: str, zh: str) -> Key:
    found = key(keys, columns)
    if np.any(found.absent):
        raise MeasureError(
            f"{what}-missing",
            f"some rows have no {what} in {', '.join(columns)}; fill it in or leave them out",
            f"部分记录在 {'、'.join(columns)} 中没有{zh}，请补全或剔除",
            place="design",
        )
    return found


def _psus(found: Scan, design: SurveyDesign, stratum: Key) -> tuple[Ints | None, Floats]:
    if not design.cluster_columns:
        return None, tally(stratum.index, found.n, stratum.count)
    cluster = _required(found.keys, design.cluster_columns, "cluster", "群")
    if design.nest:
        index, in_stratum, _ = pairs(stratum.index, cluster.index, cluster.count)
        return index, np.bincount(in_stratum, minlength=stratum.count).astype(float)
    _, of_cluster, in_stratum = pairs(cluster.index, stratum.index, stratum.count)
    counts = np.bincount(of_cluster, minlength=cluster.count)
    if np.any(counts > 1):
        _raise_not_nested(cluster.labels[counts > 1])
    psus = np.bincount(in_stratum, minlength=stratum.count).astype(float)
    return cluster.index, psus


def _fractions(found: Scan, design: SurveyDesign, stratum: Key, psus: Floats) -> Floats:
    """Sampling fraction of PSUs per stratum."""
    if design.fpc is None:
        return np.zeros(stratum.count)
    low = np.full(stratum.count, np.inf)
    high = np.full(stratum.count, -np.inf)
    np.minimum.at(low, stratum.index, found.extra[FPC_LOW])
    np.maximum.at(high, stratum.index, found.extra[FPC_HIGH])
    known = tally(stratum.index, found.extra[FPC_KNOWN], stratum.count)
    bad = (known < tally(stratum.index, found.n, stratum.count)) | (low <= 0) | np.isinf(high)
    _refuse_fpc(
        stratum.labels, bad, "fpc-missing", "is missing, infinite or not above zero",
        "缺失、为无穷大或不大于零",
    )  # fmt: skip
    _refuse_fpc(stratum.labels, low != high, "fpc-varies", "varies", "在同一层内不一致")
    fraction = np.where(high <= 1, high, psus / np.maximum(high, 1e-300))
    over = fraction > 1 + 1e-9
    _refuse_fpc(
        stratum.labels, over, "fpc-smaller-than-sample",
        "is smaller than the number of PSUs sampled", "小于样本中的初级抽样单元数",
    )  # fmt: skip
    return np.minimum(fraction, 1.0)


def _refuse_fpc(
    labels: npt.NDArray[np.object_], bad: npt.NDArray[np.bool_], code: str, en: str, zh: str
) -> None:
    if not np.any(bad):
        return
    named = [str(label) for label in labels[bad][:5]]
    raise MeasureError(
        code,
        f"the finite population correction {en} in stratum {', '.join(named)}; give the number of"
        " PSUs in the population of each stratum, or a sampling fraction",
        f"有限总体校正数{zh}，所在层：{'、'.join(named)}；请给出各层总体的初级抽样单元数或抽样比",
        place="design.fpc",
    )


def _collapse(
    of_cell: Ints,
    labels: npt.NDArray[np.object_],
    psus: Floats,
    fraction: Floats,
    lonely: npt.NDArray[np.bool_],
) -> tuple[Ints, npt.NDArray[np.object_], Floats, Floats]:
    """Join each one-PSU stratum to the next one in order (the last to the one before)."""
    count = len(labels)
    target = np.arange(count)
    for h in range(count - 1):
        if lonely[h]:
            target[h] = h + 1
    for h in range(count - 1, -1, -1):  # a chain of lonely strata ends in the same stratum
        target[h] = target[target[h]] if target[h] != h else h
    if count > 1 and lonely[-1]:
        last = target[count - 2] if target[count - 2] != count - 1 else count - 1
        target[target == count - 1] = last
    kept, renumbered = np.unique(target, return_inverse=True)
    joined = tally(renumbered, psus, len(kept))
    population = tally(renumbered, psus / np.maximum(fraction, 1e-300), len(kept))
    return (
        renumbered[of_cell].astype(np.int64),
        labels[kept],
        joined,
        np.where(np.any(fraction > 0), joined / population, 0.0),
    )


def _raise_lonely(labels: npt.NDArray[np.object_], rule: str) -> None:
    named = ", ".join(str(label) for label in labels[:5])
    more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    raise MeasureError(
        "lonely-psu",
        f"strata with one PSU: {named}{more}; choose lonely = certainty, average, centre or"
        " collapse, or join strata yourself",
        f"只有一个初级抽样单元的层：{named}（共 {len(labels)} 个）；请选择 lonely = certainty、"
        "average、centre 或 collapse，或自行合并层",
        place="design.lonely",
    )


def _raise_not_nested(labels: npt.NDArray[np.object_]) -> None:
    named = ", ".join(str(label) for label in labels[:5])
    raise MeasureError(
        "clusters-not-nested",
        f"clusters that lie in more than one stratum: {named}; if cluster numbers start anew in"
        " each stratum, say nest = true",
        f"有群跨越多个层：{named}；如果群编号在每层内重新编排，请设 nest = true",
        place="design.clusters",
    )
