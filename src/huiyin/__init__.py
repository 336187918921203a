"""Huiyin 回音: ask, measure, act, answer, assess, publish."""

__version__ = "0.1.0"
