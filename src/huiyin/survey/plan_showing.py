"""The planner's charts: Vega-Lite definitions, drawn on the page and in print alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

SIZE = {"width": 420, "height": 220}


def _curve(
    values: Sequence[dict[str, float]], field: str, title: str, *, most: float | None = None
) -> dict[str, Any]:
    """A line with points: something against interviews."""
    y: dict[str, Any] = {"field": field, "type": "quantitative", "title": title}
    if most is not None:
        y["scale"] = {"domain": [0, most]}
    x = {"field": "n", "type": "quantitative", "title": _("Interviews"), "scale": {"type": "log"},
         "axis": {"values": [50, 100, 200, 400, 800, 1600, 3000]}}  # fmt: skip
    rounded = [{"n": row["n"], field: round(row[field], 2)} for row in values]
    return {**SIZE, "data": {"values": rounded}, "mark": {"type": "line", "point": True},
            "encoding": {"x": x, "y": y}}  # fmt: skip


def precision(values: Sequence[dict[str, float]]) -> dict[str, Any]:
    """± against interviews."""
    return _curve(values, "half_width", _("±, points"))


def power(values: Sequence[dict[str, float]]) -> dict[str, Any]:
    """How likely the change is found, against interviews per round."""
    return _curve(values, "power", _("Found, percent"), most=100)


def ranks(values: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Pairs of counties told apart, against interviews per county."""
    return _curve(values, "share", _("Pairs told apart, percent"), most=100)
