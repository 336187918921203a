"""The way out of a misspelt name: the nearest ones that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from huiyin.measure.errors import MeasureError


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Up to ``count`` of ``names`` that look like ``name``, best first, regardless of case."""
    by_folded = {other.casefold(): other for other in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.6)
    return [by_folded[folded] for folded in found]


def hint(name: str, names: Iterable[str]) -> tuple[str, str]:
    """A clause for a message, in English and Chinese: what was probably meant, or nothing."""
    found = nearest(name, names)
    if not found:
        return "", ""
    listed = ", ".join(repr(other) for other in found)
    return f"; did you mean {listed}?", f"；是否应为 {listed}？"


def unknown_column(name: str, columns: Iterable[str], place: str = "") -> MeasureError:
    """The error for a column that the data do not have."""
    known = [one for one in columns if not one.startswith("hy_")]  # those are our own
    english, chinese = hint(name, known)
    if not english:
        shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
        english, chinese = f"; the columns are {shown}", f"；现有列：{shown}"
    return MeasureError(
        "unknown-column",
        f"the data have no column {name!r}{english}",
        f"数据中没有名为 {name!r} 的列{chinese}",
        place=place,
    )
