"""The integrity report of one round: every check that the columns at hand allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from huiyin.measure.integrity_checks import answering, call_backs, campaign, durations, timing
from huiyin.measure.integrity_checks import interviewer_effects as effects
from huiyin.measure.integrity_checks import list_experiment as lists
from huiyin.measure.integrity_checks.checks import check_rate, false_discovery
from huiyin.measure.integrity_checks.duplicates import near_duplicates
from huiyin.measure.integrity_checks.interviews import Codes, Interviews, ListExperiment, needed
from huiyin.measure.integrity_checks.jumps import (
    jumps,
    jumps_against_neighbours,
    level_estimates,
)
from huiyin.measure.integrity_checks.spread import lost_correlation, low_variance
from huiyin.measure.tidy import Tidy

_NEED = {
    "interviewer": ("the column of the interviewer", "访问员列"),
    "started": ("the start of each interview", "访问开始时间"),
    "seconds": ("the length of each interview", "访问时长"),
    "minimum_seconds": (
        "times, and the least seconds in which each item can be read",
        "作答用时及各题最短阅读秒数",
    ),
    "awareness": ("the questions on awareness and on knowledge", "知晓与知晓内容的题目"),
    "told": ("the question whether people were told how to answer", "是否被告知如何作答的题目"),
    "list_experiment": ("an item-count (list) experiment", "清单实验题目"),
    "dont_know": ('the codes of "don\'t know"', "“不知道”的代码"),
    "refused": ("the codes of refusals", "拒答的代码"),
    "callbacks": ("a table of call-backs and the key", "回访表及键列"),
    "previous": ("the estimates of the previous round", "上一轮的估计值"),
    "neighbours": ("which areas are neighbours", "相邻地区关系"),
    "five_items": ("5 to 127 items with answers", "5 至 127 个有答案的题目"),
}


@dataclass(frozen=True)
class IntegrityReport:
    """What was looked at in a round, and what stands out.

    Attributes:
        flags: every test made, flagged ones first (see
            :func:`~huiyin.measure.integrity_checks.checks.false_discovery`).
        tables: the table of each check by its name, ``<check>_<kind>`` where a check is made for
            areas and for interviewers, such as ``all_best_area``.
        notes: false-discovery rate, tests, expected false alarms, what was left out and what was
            not looked at and why, with sentences in English (``en``) and Chinese (``zh``).
    """

    flags: Tidy
    tables: Mapping[str, Tidy]
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def flagged(self) -> Tidy:
        """The flags that were raised."""
        return Tidy(self.flags.arrow.filter(self.flags["flagged"]), self.flags.notes)


def integrity(
    table: Any,
    *,
    items: Sequence[str],
    best: Any,
    area: str = "area",
    interviewer: str | None = None,
    started: str | None = None,
    seconds: str | None = None,
    item_seconds: Mapping[str, str] | None = None,
    minimum_seconds: Mapping[str, float] | None = None,
    awareness: Codes | None = None,
    knowledge: Codes | None = None,
    told: Codes | None = None,
    list_experiment: ListExperiment | None = None,
    missing: Any = None,
    dont_know: Any = None,
    refused: Any = None,
    key: str | None = None,
    callbacks: Any = None,
    previous: Any = None,
    estimates: Any = None,
    neighbours: Mapping[str, Sequence[str]] | None = None,
    minimum: int = 30,
    window: float = 3600.0,
    fdr: float = 0.05,
    seed: int = 1,
) -> IntegrityReport:
    """Look for coaching and invention in a round of interviews.

    All checks that the given columns allow are made for areas and for interviewers; what could not
    be looked at is listed. What stands out is flagged at a false-discovery rate that holds within
    each kind of unit. A flag is a reason to look, never a verdict on a person.

    Args:
        table: pandas, polars, pyarrow or Ibis table, one row per interview. Only the columns named
            are read, into compact arrays.
        items, best, area, interviewer, started, seconds, item_seconds, awareness, knowledge, told,
            list_experiment, missing, dont_know, refused, key: see :meth:`Interviews.read`.
        minimum_seconds: item to the least seconds in which it can be read and answered.
        callbacks: table of second interviews with the same ``key`` and item columns.
        previous: estimates of the round before: ``area``, ``estimate``, ``se``.
        estimates: those of this round in the same columns and unit; left out = share of best
            answers in percent, unweighted.
        neighbours: area to its neighbours.
        minimum: interviews a unit needs to be tested.
        window: seconds within which starts are counted for bursts.
        fdr: false-discovery rate.
        seed: of the latent class fit and the chi-bar-square weights.

    Raises:
        MeasureError: ``bad-rate``, ``missing-argument`` (knowledge without awareness, call-backs
            without key), and what the reading and the checks raise.
    """
    check_rate(fdr)
    _refuse_half_given(awareness, knowledge, callbacks, key)
    interviews = Interviews.read(
        table, items=items, best=best, area=area, interviewer=interviewer, started=started,
        seconds=seconds, item_seconds=item_seconds, awareness=awareness, knowledge=knowledge,
        told=told, list_experiment=list_experiment, missing=missing, dont_know=dont_know,
        refused=refused, key=key,
    )  # fmt: skip
    checks = _Checks(interviews, minimum)
    checks.answers(seed)
    checks.campaign()
    checks.times(minimum_seconds, window)
    checks.interviewers()
    checks.list_experiment(list_experiment, seed)
    checks.call_backs(callbacks, key)
    checks.jumps(previous, estimates, neighbours)
    flags = false_discovery([checks.tables[name] for name in checks.tested], fdr)
    return IntegrityReport(flags, checks.tables, _notes(flags, interviews, checks.absent))


class _Checks:
    """Runs what the columns allow; keeps the tables, and the names of those with tests."""

    def __init__(self, interviews: Interviews, minimum: int) -> None:
        self.interviews = interviews
        self.minimum = minimum
        self.tables: dict[str, Tidy] = {}
        self.tested: list[str] = []
        self.absent: list[str] = []

    def by_unit(self, name: str, check: Any, *more: Any) -> None:
        for groups in self.interviews.group_kinds():
            table = check(self.interviews, groups, *more, minimum=self.minimum)
            self.test(f"{name}_{groups.kind}", table)

    def test(self, name: str, table: Tidy) -> None:
        self.tables[name] = table
        self.tested.append(name)

    def have(self, there: bool, need: str) -> bool:
        if not there and need not in self.absent:
            self.absent.append(need)
        return there

    def answers(self, seed: int) -> None:
        self.by_unit("all_best", answering.all_best)
        self.by_unit("straight_lining", answering.straight_lining)
        self.by_unit("low_variance", low_variance)
        self.by_unit("lost_correlation", lost_correlation)
        if self.have(5 <= len(self.interviews.items) <= 127, "five_items"):
            self.test("near_duplicates", near_duplicates(self.interviews, seed=seed))

    def campaign(self) -> None:
        if self.have(self.interviews.aware is not None, "awareness"):
            self.by_unit("awareness_without_knowledge", campaign.awareness_without_knowledge)
        if self.have(self.interviews.told is not None, "told"):
            self.by_unit("told_how_to_answer", campaign.told_how_to_answer)

    def times(self, minimum_seconds: Mapping[str, float] | None, window: float) -> None:
        has_length = self.interviews.seconds is not None
        if self.have(has_length, "seconds"):
            self.test("unusual_length", durations.unusual_lengths(self.interviews))
            self.by_unit("usual_length", durations.usual_length)
        timed = has_length or bool(self.interviews.item_seconds)
        if self.have(timed and bool(minimum_seconds), "minimum_seconds"):
            self.by_unit("too_fast", durations.too_fast, minimum_seconds)
        known = self.have(self.interviews.interviewers is not None, "interviewer")
        if self.have(self.interviews.started is not None, "started") and known:
            self.test("bursts", timing.bursts(self.interviews, window=window, minimum=self.minimum))
            if has_length:
                self.test("overlaps", timing.overlaps(self.interviews))

    def interviewers(self) -> None:
        if self.interviews.interviewers is not None:
            correlation = effects.interviewer_correlation(self.interviews)
            self.tables["interviewer_correlation"] = correlation
            mean = effects.interviewer_mean(self.interviews, minimum=self.minimum)
            self.test("interviewer_mean", mean)
        if self.have(self.interviews.dont_know is not None, "dont_know"):
            self.by_unit("dont_know", effects.dont_know_share)
        if self.have(self.interviews.refused is not None, "refused"):
            self.by_unit("refusals", effects.refusal_share)

    def list_experiment(self, spec: ListExperiment | None, seed: int) -> None:
        if not self.have(spec is not None, "list_experiment") or spec is None:
            return
        count = needed(self.interviews.count, "list_experiment")
        treated = needed(self.interviews.treated, "list_experiment")
        known = ~np.isnan(count) & (treated >= 0)
        given = (count[known], treated[known], spec.control_items)
        self.tables["list_difference"] = lists.list_difference(*given)
        self.tables["list_design_effect"] = lists.list_design_effect(*given, seed=seed)
        by_area = lists.list_experiment_by_area(
            self.interviews, spec.control_items, minimum=self.minimum
        )
        self.test("list_experiment_area", by_area)

    def call_backs(self, callbacks: Any, key: str | None) -> None:
        if not self.have(callbacks is not None, "callbacks") or key is None:
            return
        agreement = call_backs.call_back_agreement(self.interviews, callbacks, key)
        self.tables["call_back_agreement"] = agreement
        if self.interviews.interviewers is not None:
            self.test(
                "call_back_disagreement",
                call_backs.call_back_disagreement(
                    self.interviews, callbacks, key, minimum=self.minimum
                ),
            )

    def jumps(
        self, previous: Any, estimates: Any, neighbours: Mapping[str, Sequence[str]] | None
    ) -> None:
        if not self.have(previous is not None, "previous"):
            return
        current = level_estimates(self.interviews) if estimates is None else estimates
        self.test("jumps", jumps(current, previous))
        if self.have(bool(neighbours), "neighbours") and neighbours:
            against = jumps_against_neighbours(current, previous, neighbours)
            self.test("jumps_against_neighbours", against)


def _refuse_half_given(
    awareness: Codes | None, knowledge: Codes | None, callbacks: Any, key: str | None
) -> None:
    from huiyin.measure.errors import MeasureError

    if bool(awareness) != bool(knowledge):
        raise MeasureError(
            "missing-argument", "awareness= and knowledge= go together: give both or neither",
            "awareness= 与 knowledge= 须同时给出或同时省略", place="integrity",
        )  # fmt: skip
    if callbacks is not None and key is None:
        raise MeasureError(
            "missing-argument", "call-backs need key=, the column that names an interview in both",
            "使用回访数据须给出 key=，即两表中标识访问的列", place="integrity",
        )  # fmt: skip


def _notes(flags: Tidy, interviews: Interviews, absent: Sequence[str]) -> dict[str, Any]:
    not_looked_at = [{"need": n, "en": _NEED[n][0], "zh": _NEED[n][1]} for n in absent]
    left_out = {groups.kind: int((groups.index < 0).sum()) for groups in interviews.group_kinds()}
    notes = dict(flags.notes) | {
        "interviews": interviews.n,
        "without_unit": left_out,
        "items_without_answers": list(interviews.left_out),
        "impossible_lengths": interviews.impossible_lengths,
        "not_looked_at": not_looked_at,
    }
    if absent:
        notes["en"] += f" Not looked at for want of: {'; '.join(_NEED[n][0] for n in absent)}."
        notes["zh"] += f"因缺少下列资料未作检查：{'；'.join(_NEED[n][1] for n in absent)}。"
    return notes
