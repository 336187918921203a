"""Which columns of the data a survey file uses, and where it says so."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from huiyin.measure.design import SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.survey_file.model import Integrity, Round, Survey


def expand_replicates(design: SurveyDesign, columns: Iterable[str]) -> SurveyDesign:
    """The design with patterns of replicate weights (``rep_*``) replaced by the columns they match.

    Columns come in their natural order, ``rep_2`` before ``rep_10``.

    Raises:
        MeasureError: ``unknown-column`` when a pattern matches nothing; ``replicate-scales`` when
            ``rscales`` has another length.
    """
    brought = design.replicates
    if brought is None or not brought.weights:
        return design
    known = sorted(columns, key=natural)
    found: list[str] = []
    for pattern in brought.weights:
        matched = [pattern] if pattern in known else [c for c in known if fnmatchcase(c, pattern)]
        if not matched:
            raise MeasureError(
                "unknown-column",
                f"no column of replicate weights matches {pattern!r}",
                f"没有与 {pattern!r} 匹配的重复权数列",
            )
        found += matched
    expanded = tuple(dict.fromkeys(found))
    if brought.rscales is not None and len(brought.rscales) != len(expanded):
        raise MeasureError(
            "replicate-scales",
            f"there are {len(expanded)} replicate weights and {len(brought.rscales)} rscales",
            f"重复权数有 {len(expanded)} 列，而 rscales 有 {len(brought.rscales)} 个",
        )
    return design.replace(replicates=dataclasses.replace(brought, weights=expanded))


def number_columns(survey: Survey, round_: Round) -> list[str]:
    """Columns that must be numbers, though they may look like codes."""
    design = round_.design
    named = [design.weights, design.fpc]
    named += design.replicates.weights if design.replicates else ()
    for indicator in survey.indicators:
        if indicator.numeric or indicator.ratio_to is not None:
            named += indicator.columns
    if survey.integrity is not None:
        named.append(survey.integrity.seconds)
    return list(dict.fromkeys(name for name in named if name is not None))


def used_columns(survey: Survey, round_: Round) -> list[tuple[str, str]]:
    """(column, key path) pairs of everything the measurement of a round reads.

    Patterns of replicate weights are left out.
    """
    used = _of_design(round_)
    if round_.calibration is not None:
        key = round_.calibration_key
        used += [(column, f"{key}.within") for column in round_.calibration.within]
        for at, margin in enumerate(round_.calibration.margins, start=1):
            used += [(column, f"{key}.margins[{at}].columns") for column in margin.columns]
    used += [(level.column, f"areas.{level.name}") for level in survey.areas]
    for at, indicator in enumerate(survey.indicators, start=1):
        used.append((indicator.item, f"indicators[{at}].item"))
        if indicator.ratio_to is not None:
            used.append((indicator.ratio_to, f"indicators[{at}].ratio_to"))
    if survey.drivers is not None and survey.drivers.stated is not None:
        used += _each(survey.drivers.stated.columns, "drivers.stated.columns")
    if survey.integrity is not None:
        used += _of_integrity(survey.integrity)
    return used


def _of_design(round_: Round) -> list[tuple[str, str]]:
    design, key = round_.design, round_.design_key
    used = _each(design.stratum_columns, f"{key}.strata")
    used += _each(design.cluster_columns, f"{key}.clusters")
    used += [
        (column, f"{key}.{name}")
        for name, column in (("weights", design.weights), ("fpc", design.fpc))
        if column is not None
    ]
    return used


def _of_integrity(plan: Integrity) -> list[tuple[str, str]]:
    named = {
        "integrity.interviewer": plan.interviewer,
        "integrity.seconds": plan.seconds,
        "integrity.started": plan.started,
        "integrity.told.column": plan.told.column if plan.told else None,
        "integrity.list.count": plan.list.count if plan.list else None,
        "integrity.list.treatment": plan.list.treatment if plan.list else None,
    }
    used = _each(plan.items, "integrity.items")
    return used + [(column, key) for key, column in named.items() if column is not None]


def _each(columns: Sequence[str], key: str) -> list[tuple[str, str]]:
    return [(column, key) for column in columns]


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that counts: ``rep_2`` before ``rep_10``."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
