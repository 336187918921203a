"""The common shape of a check's result, and the flags drawn from many checks together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.integrity_checks.columns import FloatArray
from huiyin.measure.multiplicity import adjust
from huiyin.measure.tidy import Tidy

#: Why a unit was not tested; every check uses these and no others.
WHY_NOT = {
    "few-interviews": ("too few interviews", "访问份数过少"),
    "few-units": ("too few other units to compare with", "可供比较的单位过少"),
    "no-variation": ("all answers are the same, nothing to compare", "答案全部相同，无从比较"),
    "no-data": ("the answers or times needed are missing", "缺少所需的答案或时间"),
}

#: Printed with every set of flags.
A_FLAG_IS_NO_VERDICT = {
    "en": "A flag is a reason to look, never a verdict on a person.",
    "zh": "标记只表示需要核查，绝不是对任何人的结论。",
}


def check_table(
    check: str,
    kind: str,
    units: Sequence[str] | npt.NDArray[np.str_],
    *,
    n: npt.ArrayLike,
    observed: npt.ArrayLike,
    expected: npt.ArrayLike,
    statistic: npt.ArrayLike,
    p: npt.ArrayLike,
    why_not: Sequence[str | None],
    more: Mapping[str, Any] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Tidy:
    """The table of one check: one row per unit, in the columns that all checks share.

    Where ``why_not`` is given, observed stays and expected, statistic and p become null.
    """
    reason = np.array(why_not, dtype=object)
    skip = np.array([r is not None for r in reason], dtype=np.bool_)
    size = len(units)
    return Tidy.of(
        {
            "check": [check] * size,
            "kind": [kind] * size,
            "unit": [str(unit) for unit in units],
            "n": np.asarray(n, dtype=np.int64),
            "observed": np.asarray(observed, dtype=np.float64),
            "expected": _where_tested(expected, skip),
            "statistic": _where_tested(statistic, skip),
            "p": _where_tested(p, skip),
            "why_not": [None if r is None else str(r) for r in reason],
            **(more or {}),
        },
        notes,
    )


def _where_tested(values: npt.ArrayLike, skip: npt.NDArray[np.bool_]) -> FloatArray:
    return np.where(skip, np.nan, np.asarray(values, dtype=np.float64))


def reasons(size: int, *rules: tuple[npt.NDArray[np.bool_] | bool, str]) -> list[str | None]:
    """For each unit the first rule that keeps it from being tested, or None."""
    out: list[str | None] = [None] * size
    for wrong, why in reversed(rules):
        for at in np.flatnonzero(np.broadcast_to(wrong, size)):
            out[at] = why
    return out


def column(table: Tidy, name: str) -> FloatArray:
    """A numeric column of a result table, NaN for null."""
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def false_discovery(checks: Sequence[Tidy], fdr: float = 0.05) -> Tidy:
    """Flag what stands out over all checks, at a stated false-discovery rate.

    Within each kind of unit (areas, interviewers, interviews) the p-values of all checks are
    adjusted together by Benjamini & Hochberg (1995): among the flags of one kind the expected
    share of false alarms is at most ``fdr``, and with honest data throughout the chance of any
    flag of that kind is at most ``fdr``. Findings that are rules (an interviewer in two
    interviews at once) have no p-value, are flagged as they are, and do not count.

    Args:
        checks: result tables of the checks of this package.
        fdr: the false-discovery rate, between 0 and 1.

    Returns:
        One row per test made: check, kind, unit, n, observed, expected, statistic, p,
        p_adjusted, flagged, expected_false_alarms (how many of this check's units would be
        flagged by chance at the threshold used), basis (``test`` or ``rule``). Flags come first,
        smallest p first. Notes: fdr, tests, flags and expected false alarms by kind, units not
        tested and why, and the warning in both languages.

    Raises:
        MeasureError: ``bad-rate``.
    """
    import pyarrow as pa

    check_rate(fdr)
    tables = [_common(check) for check in checks if len(check)]
    joined = Tidy(pa.concat_tables(tables)) if tables else Tidy(_common(_nothing()))
    skipped = _count_skipped(joined)
    made = joined.arrow.filter(pa.compute.is_null(joined["why_not"])).drop_columns("why_not")
    return _flagged(Tidy(made), fdr, skipped)


def check_rate(fdr: float) -> None:
    from huiyin.measure.errors import MeasureError

    if not 0 < fdr < 1:
        raise MeasureError(
            "bad-rate",
            f"the false-discovery rate must lie between 0 and 1, not {fdr}",
            f"错误发现率应在 0 与 1 之间，不能是 {fdr}",
            place="fdr",
        )


def _nothing() -> Tidy:
    return check_table("", "", [], n=[], observed=[], expected=[], statistic=[], p=[], why_not=[])


def _common(check: Tidy) -> Any:
    import pyarrow as pa

    texts = ["check", "kind", "unit", "why_not"]
    numbers = ["observed", "expected", "statistic", "p"]
    schema = pa.schema(
        [(name, pa.string()) for name in texts]
        + [("n", pa.int64())]
        + [(name, pa.float64()) for name in numbers]
    )
    return check.arrow.select(schema.names).cast(schema)


def _count_skipped(joined: Tidy) -> dict[str, int]:
    counts: dict[str, int] = {}
    for why in joined["why_not"].to_pylist():
        if why is not None:
            counts[why] = counts.get(why, 0) + 1
    return counts


def _flagged(made: Tidy, fdr: float, skipped: Mapping[str, int]) -> Tidy:
    kinds = np.array(made["kind"].to_pylist(), dtype=object)
    checks = np.array(made["check"].to_pylist(), dtype=object)
    p = column(made, "p")
    adjusted, threshold = np.full(p.size, np.nan), np.full(p.size, np.nan)
    summary: dict[str, dict[str, float]] = {}
    for kind in dict.fromkeys(kinds):
        pool = np.flatnonzero((kinds == kind) & ~np.isnan(p))
        adjusted[pool] = adjust(p[pool], "bh")
        flags = int((adjusted[pool] <= fdr).sum())
        threshold[pool] = fdr * max(flags, 1) / max(pool.size, 1)
        summary[str(kind)] = {
            "tests": pool.size,
            "flags": flags,
            "expected_false_alarms": fdr * max(flags, 1) if pool.size else 0.0,
        }
    rule = np.isnan(p)
    flagged = np.where(rule, True, adjusted <= fdr)
    order = np.lexsort((np.where(rule, 2.0, p), ~flagged))
    columns = {name: made[name] for name in made.column_names}
    columns |= {
        "p_adjusted": adjusted,
        "flagged": flagged,
        "expected_false_alarms": _expected(kinds, checks, rule, threshold),
        "basis": np.where(rule, "rule", "test"),
    }
    table = Tidy.of(columns)
    return Tidy(table.arrow.take(order), _notes(fdr, summary, skipped, int(rule.sum())))


def _expected(
    kinds: npt.NDArray[np.object_],
    checks: npt.NDArray[np.object_],
    rule: npt.NDArray[np.bool_],
    threshold: FloatArray,
) -> FloatArray:
    """Tests of the same check and kind, times the p-value at which they would be flagged."""
    expected = np.full(rule.size, np.nan)
    for kind, check in set(zip(kinds, checks, strict=True)):
        same = (kinds == kind) & (checks == check) & ~rule
        expected[same] = same.sum() * threshold[same]
    return expected


def _notes(
    fdr: float, summary: Mapping[str, Mapping[str, float]], skipped: Mapping[str, int], rules: int
) -> dict[str, Any]:
    tests = int(sum(kind["tests"] for kind in summary.values()))
    alarms = float(sum(kind["expected_false_alarms"] for kind in summary.values()))
    return {
        "fdr": fdr,
        "method": "Benjamini-Hochberg within each kind of unit",
        "kinds": summary,
        "tests": tests,
        "rule_findings": rules,
        "expected_false_alarms": alarms,
        "not_tested": {
            why: {"units": count, "en": WHY_NOT[why][0], "zh": WHY_NOT[why][1]}
            for why, count in skipped.items()
        },
        "en": (
            f"{tests} tests; of the flags of each kind of unit at most {fdr:.0%} are expected to "
            f"be false, at most {alarms:.1f} in all. {A_FLAG_IS_NO_VERDICT['en']}"
        ),
        "zh": (
            f"共 {tests} 项检验；每类单位的标记中，预计误报比例不超过 {fdr:.0%}，"
            f"合计预计误报不超过 {alarms:.1f} 个。{A_FLAG_IS_NO_VERDICT['zh']}"
        ),
    }
