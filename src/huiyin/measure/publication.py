"""Which figures may be published, and why the others are not.

A figure is withheld when too few people answered, when it says nothing about its own uncertainty,
or when its interval is too wide (METHODS section 5). With complementary suppression one more area
is withheld where a single withheld one could be found by subtraction from the area above.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.errors import MeasureError
from huiyin.measure.reading.suggest import unknown_column
from huiyin.measure.tidy import Tidy

#: Reasons, in the order in which they are looked for.
REASONS = ("nobody-answered", "few-answers", "no-interval", "wide-interval", "complementary")

#: What the rules look at.
NEEDED = ("indicator", "level", "area", "n", "estimate", "ci_low", "ci_high")

#: What a withheld row no longer tells.
WITHHELD = ("estimate", "se", "ci_low", "ci_high", "df", "deff", "n_effective")


def publish(
    estimates: Tidy,
    *,
    minimum_n: int = 30,
    max_half_width: float | None = None,
    suppression: Literal["primary", "complementary"] = "primary",
    parents: Mapping[str, Mapping[str, str]] | None = None,
) -> Tidy:
    """Mark every row as published or not, with the reason.

    Args:
        estimates: columns indicator, level, area, n, ci_low, ci_high, estimate; maybe round.
        minimum_n: fewest respondents behind a published figure.
        max_half_width: widest half interval, in the unit of the figure.
        suppression: ``complementary`` also withholds the area with the next fewest respondents
            where exactly one area under the same larger area would be withheld.
        parents: ``{level: {area: area one level up}}``, for complementary suppression.

    Returns:
        the same rows with ``published`` (bool) and ``why_not`` (one of :data:`REASONS`, null for
        published rows). Nothing is blanked; see :func:`without_withheld`.

    Raises:
        MeasureError: ``minimum_n`` is below 1, ``max_half_width`` is not positive, ``suppression``
            is unknown, or a column is absent.
    """
    if minimum_n < 1 or (max_half_width is not None and not max_half_width > 0):
        raise MeasureError(
            "publication-rule",
            "minimum_n must be at least 1 and max_half_width above zero",
            "minimum_n 至少为 1，max_half_width 必须大于零",
            place="publish",
        )
    if suppression not in ("primary", "complementary"):
        raise MeasureError(
            "unknown-option",
            f"suppression must be primary or complementary, not {suppression!r}",
            f"suppression 只能取 primary 或 complementary，不能是 {suppression!r}",
            place="publish",
        )
    for name in NEEDED:
        if name not in estimates.arrow.column_names:
            raise unknown_column(name, estimates.arrow.column_names, "publish")
    why = _primary(estimates.arrow, minimum_n, max_half_width)
    if suppression == "complementary":
        _complement(estimates.arrow, why, parents or {})
    published = np.array([reason is None for reason in why])
    table = estimates.arrow.append_column("published", pa.array(published))
    table = table.append_column("why_not", pa.array(why.tolist(), pa.string()))
    return Tidy(table, estimates.notes)


def without_withheld(marked: Tidy) -> Tidy:
    """The table that may leave the house: withheld rows keep n and reason, and lose the figure."""
    import pyarrow.compute as pc

    table = marked.arrow
    shown = table["published"]
    for name in WITHHELD:
        if name in table.column_names:
            place = table.column_names.index(name)
            blank = pa.scalar(None, table.schema.field(name).type)
            table = table.set_column(place, name, pc.if_else(shown, table[name], blank))
    return Tidy(table, marked.notes)


def _primary(
    table: pa.Table, minimum_n: int, max_half_width: float | None
) -> npt.NDArray[np.object_]:
    n = np.asarray(table["n"].to_numpy())
    estimate, low, high = (
        np.asarray(table[name].to_numpy(), np.float64) for name in ("estimate", "ci_low", "ci_high")
    )
    why = np.full(len(n), None, object)
    if max_half_width is not None:
        why[(high - low) / 2 > max_half_width] = "wide-interval"
    why[np.isnan(low) | np.isnan(high)] = "no-interval"
    why[n < minimum_n] = "few-answers"
    why[(n == 0) | np.isnan(estimate)] = "nobody-answered"
    return why


def _complement(
    table: pa.Table, why: npt.NDArray[np.object_], parents: Mapping[str, Mapping[str, str]]
) -> None:
    """Withhold a second area under every larger area in which exactly one is withheld."""
    names = [name for name in ("round", "indicator", "level") if name in table.column_names]
    rows: list[dict[str, Any]] = table.select([*names, "area", "n"]).to_pylist()
    families: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(rows):
        above = parents.get(row["level"], {}).get(row["area"], "")
        families.setdefault((*(row[name] for name in names), above), []).append(i)
    for members in families.values():
        withheld = [i for i in members if why[i] is not None]
        shown = [i for i in members if why[i] is None]
        if len(withheld) == 1 and len(shown) > 0 and len(members) > 1:
            why[min(shown, key=lambda i: (rows[i]["n"], rows[i]["area"]))] = "complementary"
