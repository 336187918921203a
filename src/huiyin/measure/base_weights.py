"""Base weights of a telephone sample drawn from a landline and a mobile frame that overlap.

Bankier (1986), JASA 81, 1074-1079, and Kalton & Anderson (1986), JRSS A 149, 65-82: one weight
from the expected number of selections in both frames. Hartley (1962), Proceedings of the ASA
Social Statistics Section, 203-206, and (1974), Sankhya C 36, 99-118: a weight from the own frame,
with a factor for those who are in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from huiyin.measure.errors import MeasureError
from huiyin.measure.phone_frames import (
    FRAME_ZH,
    FRAMES,
    Phones,
    check_columns,
    check_rows,
    size_of,
)

if TYPE_CHECKING:
    import ibis

Method = Literal["single-frame", "hartley"]


def two_frame_weights(
    table: Any,
    *,
    frame: str,
    landline_lines: str,
    mobile_numbers: str,
    eligible_in_household: str,
    drawn: Mapping[str, float | str],
    frame_size: Mapping[str, float | str],
    method: Method = "single-frame",
    lam: float | Literal["optimal"] = 0.5,
    cap: int | Mapping[str, int] | None = None,
    name: str = "base_weight",
    row: str | None = None,
) -> tuple[ibis.Table, dict[str, Any]]:
    """Add the base weight of every respondent of a landline and mobile sample.

    With m numbers drawn of M in frame L (landline) and F (mobile), t numbers by which a person
    can be reached and a eligible persons sharing the landline:

    * ``single-frame``: ``w = 1 / ((m_L/M_L) t_L/a + (m_F/M_F) t_F)``, for everybody;
    * ``hartley``: ``w = 1 / ((m_L/M_L) t_L/a)`` for those reached by landline and
      ``1 / ((m_F/M_F) t_F)`` for those reached by mobile; who is in both frames gets that times
      ``lam`` (reached by landline) or ``1 - lam`` (reached by mobile).

    ``lam="optimal"`` is Hartley's optimum for the number of persons, numbers taken as drawn
    independently so that the covariances between a frame's two domains vanish:
    ``lam = V_F / (V_L + V_F)``, V being the sum of the squared own-frame weights of those in both
    frames. It is the same for every item, so that weighted tables add up.

    Args:
        table: respondents; any table.
        frame: column saying ``landline`` or ``mobile``: by which the person was reached.
        landline_lines: column of t_L, landlines by which the person can be reached (0 = none).
        mobile_numbers: column of t_F, mobile numbers of the person (0 = none).
        eligible_in_household: column of a; may be missing for a person without a landline.
        drawn: m of ``landline`` and ``mobile``: a number, or a column where it differs by
            stratum (by city, say).
        frame_size: M of the two frames, likewise.
        method: ``single-frame`` or ``hartley``.
        lam: Hartley's factor for the landline sample, 0-1, or ``optimal``.
        cap: largest count that is believed: one for all, or by ``landline_lines``,
            ``mobile_numbers``, ``eligible_in_household``. Larger counts are taken as the cap.
        name: of the new column.
        row: column that names a respondent in error messages; left out = the number of the
            row from 1, for a table in memory, whose rows have an order.

    Returns:
        The table with the new column, still an expression on its engine; and notes: method,
        formula, lam, rows, in_both, sum_of_weights, smallest, largest, deff_kish (1 + cv²(w)),
        caps (for each capped count: column, cap, rows, share in percent, largest).

    Raises:
        MeasureError: ``unknown-column``, ``reserved-column``, ``not-numeric``,
            ``unknown-option``, ``bad-frame-size``, ``no-rows``; naming the row:
            ``unknown-frame``, ``bad-phone-count``, ``reachable-in-no-frame``,
            ``frame-without-number``, ``bad-household``; ``no-overlap-in-frame``.
    """
    from huiyin.measure.reading import as_ibis, without_nan

    phones = Phones(frame, landline_lines, mobile_numbers, eligible_in_household, drawn, frame_size)
    _check_options(phones, method, lam)
    source = without_nan(as_ibis(table))
    check_columns(source, phones, name, row)
    check_rows(table, source, phones, row)
    caps = _caps(cap, phones)
    capped = _capped(source, phones, caps)
    weight, used = _weight(source, phones, capped, method, lam)
    weighted = source.mutate(**{name: weight})
    notes = {"method": method, "formula": _FORMULAE[method], "lam": used}
    return weighted, notes | _summary(weighted, phones, caps, name)


_FORMULAE = {
    "single-frame": "1 / ((m_L/M_L) t_L/a + (m_F/M_F) t_F)",
    "hartley": "lam a M_L/(m_L t_L) by landline, (1-lam) M_F/(m_F t_F) by mobile, for those in"
    " both frames; without the factor for those in one",
}


def _weight(
    table: ibis.Table,
    phones: Phones,
    capped: Mapping[str, Any],
    method: Method,
    lam: float | Literal["optimal"],
) -> tuple[Any, float | None]:
    """The weight as an expression, and Hartley's factor where there is one."""
    import ibis

    rates = _selection_rates(table, phones, capped)
    if method == "single-frame":
        return 1.0 / (rates["landline"] + rates["mobile"]), None
    by_landline = table[phones.frame] == "landline"
    own = 1.0 / ibis.ifelse(by_landline, rates["landline"], rates["mobile"])
    both = (table[phones.landline_lines] > 0) & (table[phones.mobile_numbers] > 0)
    factor = _hartley_factor(table, own, both, by_landline, lam)
    shared = ibis.ifelse(by_landline, factor, 1.0 - factor)
    return own * ibis.ifelse(both, shared, 1.0), factor


def _selection_rates(
    table: ibis.Table, phones: Phones, capped: Mapping[str, Any]
) -> dict[str, Any]:
    """Expected selections of the person through each frame; 0 where it holds none."""
    import ibis

    fractions = {
        f: size_of(table, phones.drawn[f]) / size_of(table, phones.frame_size[f]) for f in FRAMES
    }
    through_landline = fractions["landline"] * capped["landline_lines"]
    return {
        "landline": ibis.ifelse(
            capped["landline_lines"] > 0,
            through_landline / capped["eligible_in_household"].nullif(0),
            0.0,
        ),
        "mobile": fractions["mobile"] * capped["mobile_numbers"],
    }


def _hartley_factor(
    table: ibis.Table, own: Any, both: Any, by_landline: Any, lam: float | Literal["optimal"]
) -> float:
    """The factor of the landline sample; settled where only one sample reached the overlap."""
    squares = (
        table.filter(both)
        .aggregate(
            landline=own.pow(2).sum(where=by_landline), mobile=own.pow(2).sum(where=~by_landline)
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    landline, mobile = (squares[f] or 0.0 for f in FRAMES)
    if lam == "optimal":
        return mobile / (landline + mobile) if landline and mobile else float(landline > 0)
    missed = [f for f, share in (("landline", lam), ("mobile", 1 - lam))
              if share > 0 and not squares[f] and landline + mobile > 0]  # fmt: skip
    if missed:
        raise MeasureError(
            "no-overlap-in-frame",
            f"nobody who has both phones was reached by {missed[0]}, so its part of the weight"
            " would be lost; use lam='optimal' or method='single-frame'",
            f"{FRAME_ZH[missed[0]]}样本中没有同时拥有两类电话的受访者，其权数份额将丢失；"
            "请改用 lam='optimal' 或 method='single-frame'",
            place="lam",
        )
    return float(lam)


def _capped(table: ibis.Table, phones: Phones, caps: Mapping[str, int]) -> dict[str, Any]:
    import ibis

    return {
        role: ibis.least(table[column], caps[role]) if role in caps else table[column]
        for role, column in phones.counts.items()
    }


def _caps(cap: int | Mapping[str, int] | None, phones: Phones) -> dict[str, int]:
    if cap is None:
        return {}
    caps = dict(cap) if isinstance(cap, Mapping) else dict.fromkeys(phones.counts, cap)
    for role, largest in caps.items():
        whole = isinstance(largest, int) and not isinstance(largest, bool)
        if role not in phones.counts or not whole or largest < 1:
            raise MeasureError(
                "unknown-option",
                f"cap takes whole numbers from 1 for {', '.join(phones.counts)}; {role}: {largest}"
                " is none",
                f"cap 只接受 {'、'.join(phones.counts)} 的正整数上限，不能是 {role}：{largest}",
                place="cap",
            )
    return caps


def _summary(
    weighted: ibis.Table, phones: Phones, caps: Mapping[str, int], name: str
) -> dict[str, Any]:
    weight = weighted[name]
    counts = phones.counts
    both = (weighted[phones.landline_lines] > 0) & (weighted[phones.mobile_numbers] > 0)
    measures = {
        "rows": weighted.count(),
        "in_both": both.cast("int64").sum(),
        "sum_of_weights": weight.sum(),
        "hy_squares": weight.pow(2).sum(),
        "smallest": weight.min(),
        "largest": weight.max(),
    }
    for role, cap in caps.items():
        measures[f"hy_over_{role}"] = (weighted[counts[role]] > cap).cast("int64").sum()
        measures[f"hy_max_{role}"] = weighted[counts[role]].max()
    found = weighted.aggregate(**measures).to_pyarrow().to_pylist()[0]
    report = [
        {
            "column": counts[role],
            "cap": cap,
            "rows": found[f"hy_over_{role}"] or 0,
            "share": 100 * (found[f"hy_over_{role}"] or 0) / found["rows"],
            "largest": found[f"hy_max_{role}"],
        }
        for role, cap in caps.items()
    ]
    deff = found["rows"] * found["hy_squares"] / found["sum_of_weights"] ** 2
    shown = {key: value for key, value in found.items() if not key.startswith("hy_")}
    return shown | {"deff_kish": deff, "caps": report}


def _check_options(phones: Phones, method: str, lam: object) -> None:
    if method not in _FORMULAE:
        raise MeasureError(
            "unknown-option",
            f"method must be single-frame or hartley, not {method!r}",
            f"method 只能取 single-frame 或 hartley，不能是 {method!r}",
            place="method",
        )
    fixed = isinstance(lam, int | float) and not isinstance(lam, bool) and 0 <= lam <= 1
    if lam != "optimal" and not fixed:
        raise MeasureError(
            "unknown-option",
            f"lam must be between 0 and 1, or 'optimal', not {lam!r}",
            f"lam 应在 0 与 1 之间或为 'optimal'，不能是 {lam!r}",
            place="lam",
        )
    for what, sizes in (("drawn", phones.drawn), ("frame_size", phones.frame_size)):
        if set(sizes) != set(FRAMES):
            raise MeasureError(
                "unknown-option",
                f"{what} needs exactly the keys landline and mobile",
                f"{what} 须且只须给出 landline 和 mobile 两项",
                place=what,
            )
    for f in FRAMES:
        _check_numbers(f, phones.drawn[f], phones.frame_size[f])


def _check_numbers(frame: str, drawn: float | str, size: float | str) -> None:
    numbers = [n for n in (drawn, size) if not isinstance(n, str)]
    wrong = any(not 0 < n < math.inf for n in numbers)
    if not wrong and len(numbers) == 2:
        wrong = numbers[0] > numbers[1]
    if wrong:
        raise MeasureError(
            "bad-frame-size",
            f"{drawn} numbers drawn of {size}: both must be above 0, and no more drawn than"
            " there are",
            f"从 {size} 个号码中抽取 {drawn} 个：两者均应大于 0，且抽取数不得超过总数",
            place=frame,
        )
