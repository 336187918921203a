"""One scan of the respondents: everything an estimate and its variance need, as sums by cell.

A cell is a combination of stratum, PSU (if the sample has clusters), calibration cell and areas.
METHODS section 3: with element sampling the moments Σw, Σwy, Σw², Σw²y, Σw²y² by cell are enough,
with clusters the totals by PSU are; nothing after this holds respondents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.coding import Coded, coded
from huiyin.measure.weights import BASE, WEIGHT

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from huiyin.measure.statistics import Statistic

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums of one statistic by cell; each array has shape (cells,).

    ``a`` and ``b`` are Σwa and Σwb; ``aa, ab, bb`` the sums of w²a², w²ab, w²b²; ``wwa, wwb``
    those of w²a, w²b; ``qaa, qab, qbb`` those of wa², wab, wb². ``n``, ``w`` and ``ww`` are the
    number of rows that answered, their Σw and their Σw². ``plain`` are Σa and Σb without weights,
    over rows that weigh something, where they were asked for.
    """

    n: Floats
    w: Floats
    ww: Floats
    a: Floats
    b: Floats
    aa: Floats
    ab: Floats
    bb: Floats
    wwa: Floats
    wwb: Floats
    qaa: Floats
    qab: Floats
    qbb: Floats
    #: subtracted from the item before summing, against cancellation; add it to a mean again
    shift: float = 0.0
    plain: tuple[Floats, Floats] | None = None


@dataclass(frozen=True)
class Scan:
    """What one scan brought: the cells' keys and the sums of every statistic.

    Attributes:
        keys: one row per cell: the key columns.
        n: rows per cell, whether they answered or not.
        w, ww: Σw and Σw² per cell, over all rows.
        moments: by name of statistic.
        extra: the further aggregates asked for, by name.
    """

    keys: pa.Table
    n: Floats
    w: Floats
    ww: Floats
    moments: Mapping[str, Moments]
    extra: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        return len(self.n)


def scan(
    table: ibis.Table,
    statistics: Sequence[Statistic],
    keys: Sequence[str],
    *,
    extra: Mapping[str, tuple[Any, str]] | None = None,
    plain: bool = False,
) -> Scan:
    """Sum everything by the combinations of ``keys``.

    Rows that do not answer an item are found by one count over all items; only if that count
    falls short are the items counted one by one, in a second scan.

    Args:
        table: respondents with the column ``hy_weight``.
        statistics: what to estimate.
        keys: columns that make a cell.
        extra: further aggregates to take in the same scan: name to (expression over ``table``,
            ``sum``, ``count``, ``min`` or ``max``).
        plain: also sum without weights.

    Raises:
        MeasureError: there are no rows; a weight is missing, negative or infinite; nobody
            answered an item, or it holds an infinite value, a code without a score, or text that
            is no number.
    """
    codings = {s.name: coded(table, s) for s in statistics}
    shifts = _shifts(table, statistics, codings)
    cell = {f"hy_key{i}": table[name] for i, name in enumerate(keys)}
    projected, names = _project(table, codings, shifts, cell, extra or {})
    sums = _aggregate(projected, statistics, names, list(cell), extra or {}, plain)
    _check_weights(table, sums)
    if _anybody_without_weight(sums):
        codings = {name: _weighing(table, code) for name, code in codings.items()}
        projected, names = _project(table, codings, shifts, cell, extra or {})
        sums = _aggregate(projected, statistics, names, list(cell), extra or {}, plain)
    complete = _total(sums["complete"]) == _total(sums["n"])
    everybody = (_floats(sums["n"]), _floats(sums["w"]), _floats(sums["ww"]))
    counted = None if complete else _count_items(table, codings, cell, sums)
    moments = {
        s.name: _moments(
            s,
            i,
            sums,
            everybody if counted is None else _those_who_answered(counted, i),
            shifts.get(s.name, 0.0),
        )
        for i, s in enumerate(statistics)
    }
    for s in statistics:
        _check_finite(s, moments[s.name])
        if s.kind != "value" and not np.any(moments[s.name].n):
            raise item_all_missing(s.name)
    return Scan(
        sums.select(list(cell)).rename_columns(list(keys)),
        *everybody,
        moments,
        {name: _floats(sums[name]) for name in extra or {}},
    )


def _anybody_without_weight(sums: pa.Table) -> bool:
    return bool(np.any(np.asarray(sums["low"].to_numpy(), np.float64) == 0))


def _weighing(table: ibis.Table, code: Coded) -> Coded:
    """Answers of rows that weigh something: a row of weight zero is in the sample, in no domain.

    So it counts as a PSU of its stratum, and neither in n nor in the degrees of freedom (as R).
    """
    weighs = table[WEIGHT] != 0
    return Coded(
        weighs.ifelse(code.a, None),
        None if code.b is None else weighs.ifelse(code.b, None),
        code.answered & weighs,
        code.item,
    )


def _shifts(
    table: ibis.Table, statistics: Sequence[Statistic], codings: Mapping[str, Coded]
) -> dict[str, float]:
    """The plain mean of each numeric item: squares are taken about it, so no digit is lost."""
    wanted = {
        f"s{i}": codings[s.name].a.mean() for i, s in enumerate(statistics) if s.kind == "mean"
    }
    if not wanted:
        return {}
    found = table.aggregate(**wanted).to_pyarrow().to_pylist()[0]
    shifts = {}
    for i, s in enumerate(statistics):
        value = found.get(f"s{i}")
        if s.kind == "mean" and value is not None and np.isfinite(value):
            shifts[s.name] = float(value)
    return shifts


def _project(
    table: ibis.Table,
    codings: Mapping[str, Coded],
    shifts: Mapping[str, float],
    cell: Mapping[str, Any],
    extra: Mapping[str, tuple[Any, str]],
) -> tuple[ibis.Table, list[tuple[str, str | None]]]:
    """Weighted values once per row: later sums multiply them and share the work."""
    columns: dict[str, Any] = dict(cell)
    columns["hy_w"] = table[WEIGHT]
    if BASE in table.columns:
        columns[BASE] = table[BASE]
    names: list[tuple[str, str | None]] = []
    for i, (name, code) in enumerate(codings.items()):
        value = code.a - shifts[name] if name in shifts else code.a
        columns[f"hy_y{i}"] = value
        columns[f"hy_a{i}"] = table[WEIGHT] * value
        if code.b is not None:
            columns[f"hy_x{i}"] = code.b
            columns[f"hy_b{i}"] = table[WEIGHT] * code.b
        names.append((f"hy_a{i}", None if code.b is None else f"hy_b{i}"))
    for name, (expression, _) in extra.items():
        columns[f"hy_extra_{name}"] = expression
    return table.select(**columns), names


def _given(table: ibis.Table, weight: str = WEIGHT) -> Any:
    """The weight before calibration, which may make it negative."""
    return table[BASE if BASE in table.columns else weight]


def _aggregate(
    rows: ibis.Table,
    statistics: Sequence[Statistic],
    names: Sequence[tuple[str, str | None]],
    keys: Sequence[str],
    extra: Mapping[str, tuple[Any, str]],
    plain: bool,
) -> pa.Table:
    weight = rows["hy_w"]
    everything = weight
    sums: dict[str, Any] = {"n": rows.count(), "w": weight.sum(), "ww": (weight * weight).sum()}
    sums["low"] = _given(rows, "hy_w").min()
    for i, (statistic, (a, b)) in enumerate(zip(statistics, names, strict=True)):
        everything = everything + rows[a]
        sums |= _sums_of(rows, i, a, b, binary=statistic.kind == "share")
        if plain:
            sums |= _plain_sums(rows, i, b)
    sums["complete"] = everything.count()
    sums |= {name: getattr(rows[f"hy_extra_{name}"], how)() for name, (_, how) in extra.items()}
    if not keys:
        return rows.aggregate(**sums).to_pyarrow()
    found = rows.group_by(list(keys)).aggregate(**sums).to_pyarrow()
    # threads return cells in any order, and sums over cells would differ in their last digits
    return found.take(_cell_order(found, keys))


def _sums_of(rows: ibis.Table, i: int, a: str, b: str | None, *, binary: bool) -> dict[str, Any]:
    weight, value, weighted = rows["hy_w"], rows[f"hy_y{i}"], rows[a]
    sums = {f"a{i}": weighted.sum()}
    if b is None:
        sums[f"ab{i}"] = (weight * weighted).sum()
        if not binary:  # a share is 0 or 1: its square is itself
            sums[f"aa{i}"] = (weighted * weighted).sum()
            sums[f"qaa{i}"] = (weighted * value).sum()
        return sums
    below, base = rows[b], rows[f"hy_x{i}"]
    return sums | {
        f"b{i}": below.sum(),
        f"aa{i}": (weighted * weighted).sum(),
        f"ab{i}": (weighted * below).sum(),
        f"bb{i}": (below * below).sum(),
        f"wwa{i}": (weight * weighted).sum(),
        f"wwb{i}": (weight * below).sum(),
        f"qaa{i}": (weighted * value).sum(),
        f"qab{i}": (weighted * base).sum(),
        f"qbb{i}": (below * base).sum(),
    }


def _plain_sums(rows: ibis.Table, i: int, b: str | None) -> dict[str, Any]:
    """Sums without weights over rows that weigh something."""
    value = (rows["hy_w"] > 0).ifelse(rows[f"hy_y{i}"], None)
    if b is None:
        return {f"pa{i}": value.sum(), f"pb{i}": value.count()}
    base = (rows["hy_w"] > 0).ifelse(rows[f"hy_x{i}"], None)
    return {f"pa{i}": value.sum(), f"pb{i}": base.sum()}


def _count_items(
    table: ibis.Table, codings: Mapping[str, Coded], cell: Mapping[str, Any], sums: pa.Table
) -> dict[str, Floats]:
    """Rows, Σw and Σw² per item, where some rows do not answer; in the cell order of ``sums``."""
    weight, keys = table[WEIGHT], list(cell)
    wanted: dict[str, Any] = {}
    columns: dict[str, Any] = dict(cell)
    for i, code in enumerate(codings.values()):
        columns[f"hy_u{i}"] = code.a.notnull().ifelse(weight, None)
        columns[f"hy_bad{i}"] = (code.answered & code.a.isnull()).cast("int64")
    rows = table.select(**columns)
    for i in range(len(codings)):
        used = rows[f"hy_u{i}"]
        wanted |= {
            f"n{i}": used.count(),
            f"w{i}": used.sum(),
            f"ww{i}": (used * used).sum(),
            f"bad{i}": rows[f"hy_bad{i}"].sum(),
        }
    counts = (
        rows.group_by(keys).aggregate(**wanted) if keys else rows.aggregate(**wanted)
    ).to_pyarrow()
    counted = _in_order_of(counts, sums, keys)
    for i, (name, code) in enumerate(codings.items()):
        if counted[f"bad{i}"].sum() > 0:
            _raise_uncodable(table, name, code)
    return counted


def _in_order_of(counts: pa.Table, sums: pa.Table, keys: Sequence[str]) -> dict[str, Floats]:
    """Two group-bys come in any order; the sums are put in the order of the first."""
    values = [name for name in counts.column_names if name not in keys]
    if not keys:
        return {name: _floats(counts[name]) for name in values}
    order = _cell_order(sums, keys)
    theirs = _cell_order(counts, keys)
    place = np.empty(len(order), np.int64)
    place[order] = theirs
    return {name: _floats(counts[name])[place] for name in values}


def _cell_order(table: pa.Table, keys: Sequence[str]) -> npt.NDArray[np.int64]:
    import pyarrow.compute as pc

    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in keys])
    return np.asarray(order).astype(np.int64)


def _those_who_answered(counted: Mapping[str, Floats], i: int) -> tuple[Floats, Floats, Floats]:
    return counted[f"n{i}"], counted[f"w{i}"], counted[f"ww{i}"]


def _moments(
    statistic: Statistic,
    i: int,
    sums: pa.Table,
    answered: tuple[Floats, Floats, Floats],
    shift: float,
) -> Moments:
    def column(name: str) -> Floats:
        return _floats(sums[f"{name}{i}"])

    n, w, ww = answered
    a, ab = column("a"), column("ab")
    plain = (column("pa"), column("pb")) if f"pa{i}" in sums.column_names else None
    if statistic.denominator is not None:
        b, bb = column("b"), column("bb")
        return Moments(
            n, w, ww, a, b, column("aa"), ab, bb, column("wwa"), column("wwb"),
            column("qaa"), column("qab"), column("qbb"), shift, plain,
        )  # fmt: skip
    aa, qaa = (ab, a) if statistic.kind == "share" else (column("aa"), column("qaa"))
    return Moments(n, w, ww, a, w, aa, ab, ww, ab, ww, qaa, a, w, shift, plain)


def _floats(column: pa.ChunkedArray) -> Floats:
    """Sums as numbers: nothing summed is 0; a NaN stays, for it means bad input."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(column, 0).to_numpy(), np.float64)


def _total(column: pa.ChunkedArray) -> int:
    return int(np.sum(column.to_numpy()))


def _check_weights(table: ibis.Table, sums: pa.Table) -> None:
    if _total(sums["n"]) == 0:
        raise MeasureError("no-rows", "the data hold no rows", "数据中没有任何记录", place="data")
    low = np.asarray(sums["low"].to_numpy(), np.float64)
    heavy = np.asarray(sums["w"].to_numpy(), np.float64)
    weight = table[WEIGHT]
    if _total(sums["complete"]) < _total(sums["n"]):
        missing = int(weight.isnull().sum().to_pyarrow().as_py() or 0)
        if missing:
            raise MeasureError(
                "weight-missing",
                f"{missing} rows have no weight, or are in no weighting cell;"
                " give them one or leave them out",
                f"有 {missing} 行没有权数或不属于任何加权单元，请补上权数或剔除这些记录",
                place="weights",
            )
    if np.any(low < 0):
        count = int((_given(table) < 0).sum().to_pyarrow().as_py())
        raise MeasureError(
            "weight-negative",
            f"{count} weights are negative, the smallest is {np.nanmin(low):g};"
            " a weight must be zero or more",
            f"有 {count} 个权数为负，最小的是 {np.nanmin(low):g}；权数不得小于零",
            place="weights",
        )
    if not np.all(np.isfinite(heavy)):
        raise MeasureError(
            "weight-infinite",
            "a weight is infinite or not a number; mend the weight column",
            "有权数为无穷大或非数值，请改正权数列",
            place="weights",
        )
    if float(np.sum(heavy)) <= 0:
        raise MeasureError(
            "weights-all-zero", "all weights are zero", "全部权数都是零", place="weights"
        )


def item_all_missing(name: str) -> MeasureError:
    """The error for an item or indicator that nobody answered."""
    return MeasureError(
        "item-all-missing",
        "nobody answered this item; take the indicator out or mend its codes",
        "该题没有任何有效答案，请删去该指标或改正编码",
        place=f"indicator {name}",
    )


def _check_finite(statistic: Statistic, moments: Moments) -> None:
    sums = (moments.a, moments.b, moments.aa, moments.bb)
    if all(np.all(np.isfinite(values)) for values in sums):
        return
    raise MeasureError(
        "item-infinite",
        "the item holds infinite values or numbers too large to square;"
        " mend them or declare their codes missing",
        "该题含有无穷大或过大的数值，请改正或列为缺失编码",
        place=f"column {statistic.item}",
    )


def _raise_uncodable(table: ibis.Table, name: str, code: Coded) -> None:
    bad = table.filter(code.answered & code.a.isnull()).select(value=code.item)
    counts = bad.group_by("value").aggregate(n=bad.count()).order_by("value").limit(6)
    listed = ", ".join(f"{row['value']!r} ({row['n']})" for row in counts.to_pyarrow().to_pylist())
    raise MeasureError(
        "code-unknown",
        f"answers that are neither scored, nor numbers, nor missing: {listed};"
        " score them or list them as missing",
        f"有答案既未赋分、也不是数值、又未列为缺失：{listed}；请赋分或列入缺失编码",
        place=f"indicator {name}",
    )
