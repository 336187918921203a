"""Response, cooperation, refusal and contact rates of AAPOR's Standard Definitions.

The American Association for Public Opinion Research (2023), *Standard Definitions: Final
Dispositions of Case Codes and Outcome Rates for Surveys*, 10th edition. The rates are functions
of eight tallies: I complete, P partial, R refusal and break-off, NC non-contact, O other, UH
unknown if a household, UO unknown otherwise, NE not eligible.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from huiyin.measure.dispositions import GROUPS, disposition_codes, disposition_group
from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import ibis

__all__ = ["disposition_codes", "disposition_group", "eligibility_rate", "response_rates"]

_KNOWN = "(I+P) + (R+NC+O)"
#: Rate: (numerator, denominator); U is UH+UO, eU is e times it.
FORMULAE: dict[str, tuple[str, str]] = {
    "RR1": ("I", f"{_KNOWN} + (UH+UO)"),
    "RR2": ("(I+P)", f"{_KNOWN} + (UH+UO)"),
    "RR3": ("I", f"{_KNOWN} + e(UH+UO)"),
    "RR4": ("(I+P)", f"{_KNOWN} + e(UH+UO)"),
    "RR5": ("I", _KNOWN),
    "RR6": ("(I+P)", _KNOWN),
    "COOP1": ("I", "(I+P) + R + O"),
    "COOP2": ("(I+P)", "(I+P) + R + O"),
    "COOP3": ("I", "(I+P) + R"),
    "COOP4": ("(I+P)", "(I+P) + R"),
    "REF1": ("R", f"{_KNOWN} + (UH+UO)"),
    "REF2": ("R", f"{_KNOWN} + e(UH+UO)"),
    "REF3": ("R", _KNOWN),
    "CON1": ("((I+P) + R + O)", f"{_KNOWN} + (UH+UO)"),
    "CON2": ("((I+P) + R + O)", f"{_KNOWN} + e(UH+UO)"),
    "CON3": ("((I+P) + R + O)", _KNOWN),
}

Tally = dict[str, float]
Key = tuple[Any, ...]


def response_rates(
    counts: Any,
    e: float | Literal["casro"] | None = "casro",
    *,
    weights: str | None = None,
    disposition: str = "disposition",
    by: str | Sequence[str] | None = None,
    e_within: str | Sequence[str] | None = None,
    codes: Mapping[Any, str] | None = None,
) -> Tidy:
    """RR1-RR6, COOP1-COOP4, REF1-REF3 and CON1-CON3.

    Args:
        counts: a mapping of disposition (group or code) to number of cases; or a table with one
            row per case, or per disposition with the number of cases in ``weights``.
        e: share (0-1) of the cases of unknown eligibility that are eligible; ``casro`` = the
            share of eligible cases among those whose eligibility is known,
            ``(I+P+R+NC+O) / (I+P+R+NC+O+NE)``, with the same weights; None leaves out the rates
            that need it.
        weights: column of base weights (or of counts); left out = each row counts once.
        disposition: column of the disposition.
        by: column or columns; the rates are given for each combination of their values.
        e_within: column or columns in whose combinations (a frame, say) ``casro`` is worked out
            separately; the printed ``e`` is then the pooled one.
        codes: the office's own outcome codes, each with its AAPOR group.

    Returns:
        The columns of ``by``, then rate, value (percent; null where nobody is in the
        denominator), numerator, denominator, e (null where the rate has none), formula.
        Notes: edition, e, weighted, tallies.

    Raises:
        MeasureError: ``unknown-disposition``, ``missing-disposition``, ``bad-count``,
            ``bad-weight``, ``no-cases``, ``no-known-cases``, ``bad-eligibility``,
            ``unknown-column``, ``unknown-option``.
    """
    _check_eligibility(e)
    columns, inner = _names(by), _names(e_within)
    if isinstance(counts, Mapping) and not any(map(_is_column, counts.values())):
        if columns or inner or weights:
            raise _needs_cases()
        tallies = {(): {(): _tally_of_mapping(counts, codes)}}
    else:
        tallies = _tally_of_table(counts, weights, disposition, columns, inner, codes)
    return _rates(tallies, e, columns, weighted=weights is not None)


def eligibility_rate(tally: Mapping[str, float]) -> float:
    """CASRO's e of one tally by group; 1 where no case is of unknown eligibility.

    Raises:
        MeasureError: ``no-known-cases``.
    """
    eligible = sum(tally.get(g, 0.0) for g in ("I", "P", "R", "NC", "O"))
    known = eligible + tally.get("NE", 0.0)
    if known > 0:
        return eligible / known
    if tally.get("UH", 0.0) + tally.get("UO", 0.0) == 0:
        return 1.0
    raise MeasureError(
        "no-known-cases",
        "e cannot be worked out where the eligibility of no case is known; give e as a number",
        "没有任何样本的资格是已知的，无法推算 e，请直接给出 e 的数值",
    )


def _rates(
    tallies: Mapping[Key, Mapping[Key, Tally]],
    e: float | Literal["casro"] | None,
    columns: tuple[str, ...],
    *,
    weighted: bool,
) -> Tidy:
    rows = []
    for key in sorted(tallies, key=_sortable):
        sums = _with_eligible_unknown(tallies[key], e, _place(columns, key))
        rows += [(*key, *row) for row in _rows(sums)]
    names = (*columns, "rate", "value", "numerator", "denominator", "e", "formula")
    notes = {
        "edition": "AAPOR Standard Definitions, 10th edition (2023)",
        "e": "given" if isinstance(e, int | float) else e,
        "weighted": weighted,
        "tallies": {key: _pooled(parts.values()) for key, parts in tallies.items()},
    }
    table: dict[str, Any] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    for column in ("value", "e"):
        table[column] = np.array(table[column], dtype=np.float64)
    return Tidy.of(table, notes)


def _with_eligible_unknown(
    parts: Mapping[Key, Tally], e: float | Literal["casro"] | None, place: str
) -> Tally:
    """The pooled tally with U = UH+UO and, unless e is None, eU = the eligible among them."""
    sums = _pooled(parts.values())
    sums["U"] = sums["UH"] + sums["UO"]
    if sum(sums[g] for g in GROUPS) == 0:
        raise MeasureError("no-cases", "there are no cases", "没有任何样本", place=place)
    if e is None:
        return sums
    try:
        shares = [eligibility_rate(p) if e == "casro" else float(e) for p in parts.values()]
    except MeasureError as wrong:
        raise (wrong.at(place) if place else wrong) from None
    unknown = [p["UH"] + p["UO"] for p in parts.values()]
    sums["eU"] = math.fsum(s * u for s, u in zip(shares, unknown, strict=True))
    sums["e"] = sums["eU"] / sums["U"] if sums["U"] else _pooled_share(sums, e)
    return sums


def _pooled_share(sums: Tally, e: float | Literal["casro"]) -> float:
    return eligibility_rate(sums) if e == "casro" else float(e)


def _rows(sums: Tally) -> Iterable[tuple[str, float | None, float, float, float | None, str]]:
    for rate, (top, bottom) in FORMULAE.items():
        uses_e = "e(" in bottom
        if uses_e and "eU" not in sums:
            continue
        numerator, denominator = _evaluate(top, sums), _evaluate(bottom, sums)
        value = 100 * numerator / denominator if denominator else None
        e = sums["e"] if uses_e else None
        yield rate, value, numerator, denominator, e, f"{top} / ({bottom})"


def _evaluate(expression: str, sums: Tally) -> float:
    """The sum that a formula names, such as ``(I+P) + R + e(UH+UO)``."""
    terms = expression.replace("e(UH+UO)", "eU").replace("(", "").replace(")", "").split("+")
    return math.fsum(sums[term.strip()] for term in terms)


def _is_column(values: object) -> bool:
    return hasattr(values, "__iter__") and not isinstance(values, str)


def _tally_of_mapping(counts: Mapping[Any, Any], codes: Mapping[Any, str] | None) -> Tally:
    tally = dict.fromkeys(GROUPS, 0.0)
    for code, count in counts.items():
        group = disposition_group(code, codes)
        cases = float(count) if isinstance(count, Real) and not isinstance(count, bool) else -1.0
        if not 0 <= cases < math.inf:
            raise MeasureError(
                "bad-count",
                f"{count!r} is not a number of cases; give 0 or more",
                f"{count!r} 不是有效的样本数，应为不小于 0 的数",
                place=f"disposition {code}",
            )
        tally[group] += cases
    return tally


def _tally_of_table(
    counts: Any,
    weights: str | None,
    disposition: str,
    by: tuple[str, ...],
    within: tuple[str, ...],
    codes: Mapping[Any, str] | None,
) -> dict[Key, dict[Key, Tally]]:
    from huiyin.measure.reading import as_ibis

    table = as_ibis(counts)
    _check_columns(table, (*by, *within, disposition, *([weights] if weights else [])), by)
    tallies: dict[Key, dict[Key, Tally]] = defaultdict(
        lambda: defaultdict(lambda: dict.fromkeys(GROUPS, 0.0))
    )
    for row in _grouped(table, weights, disposition, tuple(dict.fromkeys((*by, *within)))):
        _check_group(row, weights, disposition)
        group = disposition_group(row[disposition], codes)
        tally = tallies[tuple(row[c] for c in by)][tuple(row[c] for c in within)]
        tally[group] += row["hy_total"]
    if not tallies:
        raise MeasureError("no-cases", "the table has no rows", "表中没有任何行")
    return tallies


def _grouped(
    table: ibis.Table, weights: str | None, disposition: str, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    import ibis

    counted = ibis.literal(1.0) if weights is None else table[weights].cast("float64")
    table = table.mutate(hy_weight=counted)
    weight = table["hy_weight"]
    unfit = weight.isnull() | (weight < 0) | weight.isnan() | weight.isinf()
    rows: list[dict[str, Any]] = (
        table.group_by([*columns, disposition])
        .aggregate(hy_total=weight.sum(), hy_rows=table.count(), hy_unfit=unfit.cast("int64").sum())
        .order_by([*columns, disposition])
        .to_pyarrow()
        .to_pylist()
    )
    return rows


def _check_group(row: Mapping[str, Any], weights: str | None, disposition: str) -> None:
    if row[disposition] is None:
        raise MeasureError(
            "missing-disposition",
            f"{row['hy_rows']} cases have no disposition; code them (3.11 for not attempted)",
            f"有 {row['hy_rows']} 个样本没有拨打结果，请补录（未拨打记为 3.11）",
            place=f"column {disposition}",
        )
    if row["hy_unfit"]:
        raise MeasureError(
            "bad-weight",
            f"{row['hy_unfit']} cases with disposition {row[disposition]} have a weight that is"
            " missing, negative or not finite; mend the weights",
            f"拨打结果为 {row[disposition]} 的样本中有 {row['hy_unfit']} 个"
            "权数缺失、为负或非有限值，请改正",
            place=f"column {weights}",
        )


def _check_columns(table: ibis.Table, columns: Iterable[str], by: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table.columns:
            raise MeasureError(
                "unknown-column",
                f"there is no column {column!r}; the table has {', '.join(table.columns)}",
                f"没有名为 {column!r} 的列；现有的列：{'、'.join(table.columns)}",
                place=f"column {column}",
            )
    for column in set(by) & {"rate", "value", "numerator", "denominator", "e", "formula"}:
        raise MeasureError(
            "reserved-column",
            f"{column!r} is a column of the result; rename the column to group by",
            f"{column!r} 是结果表的列名，请将分组列改名",
            place=f"column {column}",
        )


def _check_eligibility(e: object) -> None:
    if e is None or e == "casro":
        return
    if isinstance(e, bool) or not isinstance(e, int | float) or not 0 <= e <= 1:
        raise MeasureError(
            "bad-eligibility",
            f"e is a share between 0 and 1, 'casro' or None, not {e!r}",
            f"e 应为 0 至 1 之间的比例、'casro' 或 None，不能是 {e!r}",
            place="e",
        )


def _needs_cases() -> MeasureError:
    return MeasureError(
        "needs-cases",
        "weights, by and e_within need a table of cases, not a mapping of counts",
        "使用 weights、by 或 e_within 时须传入样本表，不能是计数映射",
    )


def _pooled(parts: Iterable[Tally]) -> Tally:
    parts = list(parts)
    return {g: math.fsum(p[g] for p in parts) for g in GROUPS}


def _names(named: str | Sequence[str] | None) -> tuple[str, ...]:
    if named is None:
        return ()
    return (named,) if isinstance(named, str) else tuple(named)


def _place(columns: tuple[str, ...], key: Key) -> str:
    return ", ".join(f"{c} {v}" for c, v in zip(columns, key, strict=True))


def _sortable(key: Key) -> tuple[tuple[bool, Any], ...]:
    return tuple((v is None, "" if v is None else v) for v in key)
