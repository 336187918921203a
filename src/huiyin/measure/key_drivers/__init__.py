"""Drivers: which items matter for an outcome (METHODS section 7)."""

from __future__ import annotations

from huiyin.measure.drivers.analysis import drivers
from huiyin.measure.drivers.importance import QUADRANT_TITLES, Quadrant

__all__ = ["QUADRANT_TITLES", "Quadrant", "drivers"]
