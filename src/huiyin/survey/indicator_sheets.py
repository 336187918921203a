"""Indicators of a set from Excel or CSV, with a preview of every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor
from huiyin.furniture.exchange import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    choice,
    code,
    rejected,
    text,
)
from huiyin.problems import INDICATOR_SET_UNKNOWN, ROW_TWICE, Problem
from huiyin.survey import indicator_actions as actions
from huiyin.survey import indicator_acts as acts
from huiyin.survey import indicator_rules as rules
from huiyin.survey.indicator_content import scored
from huiyin.survey.indicator_rules import Scored
from huiyin.survey.models import Indicator, IndicatorSet
from huiyin.survey.models.indicators import Direction, Scoring


def _counts(cell: Any) -> dict[str, float]:
    return rules.read_counts(text(2000)(cell))


def _missing(cell: Any) -> tuple[str, ...]:
    words = text(500)(cell)
    for sign in "、，,；;":
        words = words.replace(sign, " ")
    return tuple(words.split())


class IndicatorImport(Sheet):
    """One row for each indicator; the export of a set can be handed in again."""

    name = "survey-indicators"
    title = _("Import indicators")
    act: ClassVar[Act] = acts.IMPORT_INDICATORS
    back = "survey:indicator_sets"
    lead = _(
        "One row for each indicator. “Answers” holds what each answer counts, such as safe=1；"
        "unsafe=0. Indicators that the file does not name stay as they are."
    )
    columns = (
        Field("set", (_("Set"), "指标集", "set"), required=True, parse=text(100),
              note=_("The name of a set that is there")),
        Field("code", (_("Code"), "代码", "编码", "code"), required=True,
              parse=code(r"[A-Za-z][A-Za-z0-9_-]{0,39}", "safety"), sample="safety"),
        Field("name", (_("Name"), "名称", "name"), required=True, parse=text(100),
              sample="安全感受"),
        Field("name_en", (_("English name"), "英文名称"), parse=text(100)),
        Field("question", (_("Question"), "题目", "question"), required=True, parse=text(100),
              sample="safety"),
        Field("scoring", (_("Scoring"), "计分方式", "scoring"), required=True,
              parse=choice(Scoring), choices=Scoring.labels),
        Field("counts", (_("Answers"), "各回答计分", "answers"), required=True, parse=_counts,
              sample="safe=1；fairly=1；not_very=0；unsafe=0"),
        Field("missing", (_("No answer"), "不计入的回答", "missing"), parse=_missing,
              sample="98、99"),
        Field("direction", (_("Direction"), "方向", "direction"), parse=choice(Direction),
              choices=Direction.labels),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do; whatever could not be measured is rejected."""
        sets = {each.name: each for each in IndicatorSet.objects.all()}
        kept = {(each.set_id, each.code): each for each in Indicator.objects.select_related("set")}
        seen: dict[tuple[str, str], Row] = {}
        return [_planned(row, sets, kept, seen) for row in rows]

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        for change in changes:
            if change.outcome in (Outcome.ADDED, Outcome.CHANGED):
                within, wanted, old = change.thing
                actions.write_imported(within, wanted, old)


def _planned(
    row: Row, sets: dict[str, IndicatorSet], kept: dict[tuple[int, str], Indicator],
    seen: dict[tuple[str, str], Row],
) -> Change:  # fmt: skip
    wanted = _wanted(row)
    try:
        within = _set_of(row, sets)
        first = seen.setdefault((row["set"], wanted.code), row)
        if first is not row:
            raise ROW_TWICE(row=first.where.row, label=wanted.code)
        actions.check_import(within, wanted)
    except Problem as wrong:
        column = wrong.place if wrong.place in row.values else "counts"
        return rejected(row, row.wrong(wrong.kind, column, **wrong.values), label=wanted.name)
    old = kept.get((within.pk, wanted.code))
    label, after = f"{within.name}: {wanted.name}", actions.told(wanted)
    if old is None:
        return added(row, label, after, (within, wanted, None))
    return changed(row, label, actions.told(scored(old)), after, (within, wanted, old))


def _set_of(row: Row, sets: dict[str, IndicatorSet]) -> IndicatorSet:
    if row["set"] not in sets:
        raise INDICATOR_SET_UNKNOWN(place="set", name=row["set"])
    return sets[row["set"]]


def _wanted(row: Row) -> Scored:
    return Scored(
        code=row["code"], name=row["name"], question=row["question"], scoring=row["scoring"],
        counts=row["counts"], missing=row.get("missing", ()),
        direction=row.get("direction", "higher"), name_en=row.get("name_en", ""),
    )  # fmt: skip
