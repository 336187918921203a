"""Estimates for areas too small for a direct one: area-level and unit-level models."""

from __future__ import annotations

from huiyin.measure.small_area.area_level import fay_herriot
from huiyin.measure.small_area.unit_level import battese_harter_fuller
from huiyin.measure.small_area.variances import smooth_variances

__all__ = ["battese_harter_fuller", "fay_herriot", "smooth_variances"]
