"""The room's jobs, which every process reads at start; each part has its own module."""

from __future__ import annotations

from huiyin.survey import frame_jobs, questionnaire_checks

__all__ = ["frame_jobs", "questionnaire_checks"]
