"""A city that never was, and the people who live in it: a survey to try everything on."""

from __future__ import annotations

from huiyin.demo.files import write_survey
from huiyin.demo.simulation import Round, Simulation, simulate, truth

__all__ = ["Round", "Simulation", "simulate", "truth", "write_survey"]
