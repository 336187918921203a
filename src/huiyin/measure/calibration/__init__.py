"""Calibration of weights to population totals, and what its variance needs (METHODS section 2)."""

from __future__ import annotations

from huiyin.measure.calibration.api import calibrate, poststratify, rake
from huiyin.measure.calibration.model import Calibration
from huiyin.measure.calibration.report import Diagnostics

__all__ = ["Calibration", "Diagnostics", "calibrate", "poststratify", "rake"]
