"""How a frame is shown: its groups as rows and as a chart, its warnings as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from huiyin.survey.frame_rules import CARRIERS, Group
from huiyin.survey.models import SegmentKind


def sentence(code: str, what: str, city: str) -> str:
    """A warning in words, with the way out."""
    if code == "old":
        return _(
            "The table is {months} months old; newer segments are missing. Import a newer one."
        ).format(months=what)
    if code == "empty":
        return _("The table has no segment of {city}. Import one that has.").format(city=city)
    return _(
        "There is no segment of {carrier}: whoever is its customer cannot be drawn. Ask the carrier"
        " for its segments."
    ).format(carrier=what)


def matrix(groups: Sequence[Group]) -> dict[str, Any]:
    """Numbers by carrier (rows) and kind (columns), with sums."""
    kinds = [kind for kind in SegmentKind.values if any(g.kind == kind for g in groups)]
    found = {(g.carrier, g.kind): g for g in groups}
    carriers = [c for c in CARRIERS if any(g.carrier == c for g in groups)]
    rows = []
    for carrier in carriers:
        cells = [found.get((carrier, kind)) for kind in kinds]
        rows.append(
            {
                "carrier": carrier,
                "cells": [each.numbers if each else 0 for each in cells],
                "segments": sum(each.segments for each in cells if each),
                "numbers": sum(each.numbers for each in cells if each),
            }
        )
    return {
        "kinds": [SegmentKind(kind).label for kind in kinds],
        "rows": rows,
        "segments": sum(group.segments for group in groups),
        "numbers": sum(group.numbers for group in groups),
        "sums": [sum(g.numbers for g in groups if g.kind == kind) for kind in kinds],
    }


def chart(groups: Sequence[Group]) -> dict[str, Any]:
    """Segments by carrier, coloured by kind: a Vega-Lite definition."""
    values = [
        {
            "carrier": group.carrier,
            "kind": str(SegmentKind(group.kind).label),
            "segments": group.segments,
        }
        for group in groups
    ]
    return {
        "width": 420,
        "height": {"step": 26},
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "y": {"field": "carrier", "type": "nominal", "title": _("Carrier"),
                  "sort": list(CARRIERS)},
            "x": {"field": "segments", "type": "quantitative", "title": _("Segments")},
            "color": {"field": "kind", "type": "nominal", "title": _("Kind"),
                      "sort": [str(label) for label in SegmentKind.labels]},
        },
    }  # fmt: skip
