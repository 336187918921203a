"""The bulletin: result tables as a page, a Word document, a workbook and a PDF."""

from __future__ import annotations

from huiyin.measure.bulletin.content import (
    Fact,
    IndicatorInfo,
    Measurement,
    RoundInfo,
    Suppressed,
    Text,
)
from huiyin.measure.bulletin.write import FORMATS, write_bulletin

__all__ = [
    "FORMATS",
    "Fact",
    "IndicatorInfo",
    "Measurement",
    "RoundInfo",
    "Suppressed",
    "Text",
    "write_bulletin",
]
