"""From survey files and tables in memory to Ibis tables."""

from __future__ import annotations

from huiyin.measure.reading.files import read
from huiyin.measure.reading.labelling import Labels, labels
from huiyin.measure.reading.tables import as_ibis, without_nan
from huiyin.measure.reading.text import as_text

__all__ = ["Labels", "as_ibis", "as_text", "labels", "read", "without_nan"]
