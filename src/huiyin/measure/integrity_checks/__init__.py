"""Interference and fabrication: looked for in every round, at a stated false-discovery rate.

:func:`integrity` makes the whole report. Each check is a function of its own on
:class:`Interviews`, returning a table with the same first columns, and :func:`false_discovery`
draws flags from any set of them. A flag is a reason to look, never a verdict on a person.
"""

from __future__ import annotations

from huiyin.measure.integrity_checks.answering import all_best, straight_lining
from huiyin.measure.integrity_checks.call_backs import (
    call_back_agreement,
    call_back_disagreement,
    cohen_kappa,
    gwet_ac1,
)
from huiyin.measure.integrity_checks.campaign import awareness_without_knowledge, told_how_to_answer
from huiyin.measure.integrity_checks.checks import false_discovery
from huiyin.measure.integrity_checks.duplicates import near_duplicates
from huiyin.measure.integrity_checks.durations import too_fast, unusual_lengths, usual_length
from huiyin.measure.integrity_checks.interviewer_effects import (
    dont_know_share,
    interviewer_correlation,
    interviewer_mean,
    refusal_share,
)
from huiyin.measure.integrity_checks.interviews import Groups, Interviews, ListExperiment
from huiyin.measure.integrity_checks.jumps import jumps, jumps_against_neighbours, level_estimates
from huiyin.measure.integrity_checks.list_experiment import (
    list_design_effect,
    list_difference,
    list_experiment_by_area,
)
from huiyin.measure.integrity_checks.report import IntegrityReport, integrity
from huiyin.measure.integrity_checks.spread import lost_correlation, low_variance
from huiyin.measure.integrity_checks.timing import bursts, overlaps

__all__ = [
    "Groups",
    "IntegrityReport",
    "Interviews",
    "ListExperiment",
    "all_best",
    "awareness_without_knowledge",
    "bursts",
    "call_back_agreement",
    "call_back_disagreement",
    "cohen_kappa",
    "dont_know_share",
    "false_discovery",
    "gwet_ac1",
    "integrity",
    "interviewer_correlation",
    "interviewer_mean",
    "jumps",
    "jumps_against_neighbours",
    "level_estimates",
    "list_design_effect",
    "list_difference",
    "list_experiment_by_area",
    "lost_correlation",
    "low_variance",
    "near_duplicates",
    "overlaps",
    "refusal_share",
    "straight_lining",
    "told_how_to_answer",
    "too_fast",
    "unusual_lengths",
    "usual_length",
]
