"""From survey files and tables in memory to Ibis tables."""

from __future__ import annotations

from huiyin.measure.reading.tables import as_ibis, without_nan

__all__ = ["as_ibis", "without_nan"]
