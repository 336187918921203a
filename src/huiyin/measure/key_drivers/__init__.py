"""Drivers: which items matter for an outcome (METHODS section 7)."""

from __future__ import annotations

from huiyin.measure.key_drivers.analysis import drivers
from huiyin.measure.key_drivers.importance import QUADRANT_TITLES, Quadrant

__all__ = ["QUADRANT_TITLES", "Quadrant", "drivers"]
