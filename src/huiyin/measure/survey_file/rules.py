"""What must hold of the data, each rule as one number that a scan counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.coding import coded, number
from huiyin.measure.statistics import Code, Statistic, share
from huiyin.measure.survey_file.columns import expand_replicates
from huiyin.measure.survey_file.findings import Log
from huiyin.measure.survey_file.model import Indicator, Round, Survey

if TYPE_CHECKING:
    import ibis

#: Most codes listed in a message.
LISTED = 12


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        count: aggregate to compute; ``message`` may show it as ``{count}``.
        broken_if: the rule is broken by a count that is not zero, or by one that is.
        where: rows at fault, to be named; None = none in particular.
        details: more for the message, found out only when the rule is broken.
    """

    code: str
    key: str
    count: Any
    message: str
    message_zh: str
    broken_if: Literal["some", "none"] = "some"
    where: Any = None
    details: Callable[[], tuple[str, str]] | None = None
    is_warning: bool = False

    def breaks(self, count: Any) -> bool:
        return bool(count) == (self.broken_if == "some")


def rules_of(survey: Survey, round_: Round, table: ibis.Table, log: Log) -> list[Rule]:
    """The rules for one round; what cannot even be asked of its columns goes to the log."""
    rules = _design_rules(round_, table, log)
    rules += [_with_area(level.column, f"areas.{level.name}", table) for level in survey.areas]
    for at, indicator in enumerate(survey.indicators, start=1):
        try:
            rules += _indicator_rules(indicator, f"indicators[{at}]", table)
        except MeasureError as wrong:
            log.caught(wrong.at(round_.data.name), f"indicators[{at}]")
    if survey.integrity is not None:
        rules += [_answered(item, "integrity.items", table) for item in survey.integrity.items]
    return rules


def _design_rules(round_: Round, table: ibis.Table, log: Log) -> list[Rule]:
    design, key = expand_replicates(round_.design, table.columns), round_.design_key
    rules: list[Rule] = []
    makers: list[tuple[Callable[..., list[Rule]], str | None, str]] = [
        (_weight_rules, design.weights, f"{key}.weights"),
        (_fpc_rules, design.fpc, f"{key}.fpc"),
    ]
    for column in design.replicates.weights if design.replicates else ():
        makers.append((_replicate_rules, column, f"{key}.replicates.weights"))
    for make, named, where in makers:
        if named is not None:
            try:
                rules += make(named, where, table)
            except MeasureError as wrong:
                log.caught(wrong.at(round_.data.name), where)
    for name, columns in (("strata", design.stratum_columns), ("clusters", design.cluster_columns)):
        rules += [_present(column, f"{key}.{name}", table) for column in columns]
    return rules


def _weight_rules(column: str, key: str, table: ibis.Table) -> list[Rule]:
    value = number(table[column], column)
    missing, infinite = value.isnull(), value.isinf().fill_null(False)
    negative = (value < 0).fill_null(False) & ~infinite
    named = f"column {column}: "
    named_zh = f"列 {column}："
    return [
        Rule("missing-weight", key, missing.sum(),
             named + "{count} rows have no weight, or one that is no number",
             named_zh + "{count} 行没有权数或权数不是数值", where=missing),
        Rule("negative-weight", key, negative.sum(), named + "{count} weights are negative",
             named_zh + "{count} 行权数为负", where=negative),
        Rule("infinite-weight", key, infinite.sum(), named + "{count} weights are infinite",
             named_zh + "{count} 行权数为无穷大", where=infinite),
        Rule("zero-weights", key, (value != 0).sum(), named + "all weights are zero",
             named_zh + "权数全部为零", broken_if="none"),
    ]  # fmt: skip


def _replicate_rules(column: str, key: str, table: ibis.Table) -> list[Rule]:
    value = number(table[column], column)
    wrong = ~((value >= 0) & ~value.isinf()).fill_null(False)
    return [
        Rule("invalid-weight", key, wrong.sum(),
             f"column {column}: {{count}} replicate weights are missing, negative or infinite",
             f"列 {column}：{{count}} 个重复权数缺失、为负或为无穷大", where=wrong),
    ]  # fmt: skip


def _fpc_rules(column: str, key: str, table: ibis.Table) -> list[Rule]:
    value = number(table[column], column)
    wrong = ~((value > 0) & ~value.isinf()).fill_null(False)
    return [
        Rule("invalid-fpc", key, wrong.sum(),
             f"column {column}: {{count}} rows have no fpc above zero; give the population number"
             " of clusters in the stratum, or the sampling fraction",
             f"列 {column}：{{count}} 行的 fpc 缺失或不大于零，应为该层总体群数或抽样比",
             where=wrong),
    ]  # fmt: skip


def _present(column: str, key: str, table: ibis.Table) -> Rule:
    absent = table[column].isnull()
    return Rule(
        "missing-design-value", key, absent.sum(), f"column {column}: {{count}} rows are empty",
        f"列 {column}：{{count}} 行为空", where=absent,
    )  # fmt: skip


def _with_area(column: str, key: str, table: ibis.Table) -> Rule:
    absent = table[column].isnull()
    return Rule(
        "missing-area", key, absent.sum(),
        f"column {column}: {{count}} rows have no area; they count for the whole, for no area here",
        f"列 {column}：{{count}} 行没有地区，只计入总体，不计入该层级任何地区",
        where=absent, is_warning=True,
    )  # fmt: skip


def _answered(column: str, key: str, table: ibis.Table) -> Rule:
    return Rule(
        "all-missing", key, table[column].notnull().sum(), f"column {column}: nobody answered",
        f"列 {column}：无人作答", broken_if="none",
    )  # fmt: skip


def _indicator_rules(indicator: Indicator, key: str, table: ibis.Table) -> list[Rule]:
    item = indicator.item
    rules = []
    for column in indicator.columns:
        answered = _answered_of(table, column, indicator)
        rules.append(
            Rule("all-missing", f"{key}.item", answered.sum(),
                 f"column {column}: nobody answered, or all answers are among missing",
                 f"列 {column}：无人作答，或全部回答均列为缺失", broken_if="none")
        )  # fmt: skip
    if indicator.kind in ("share", "score"):
        counted = indicator.share_of or tuple(code for code, _ in indicator.scores)
        name = "share_of" if indicator.share_of else "scores"
        rules += [_seen(item, code, f"{key}.{name}", table) for code in counted]
    else:
        rules += [_numeric(column, indicator, f"{key}.item", table) for column in indicator.columns]
    if indicator.scores:
        scored = tuple(code for code, _ in indicator.scores)
        rules.append(_only(item, scored, indicator, f"{key}.scores", "unscored-code", table))
    if indicator.valid is not None:
        rules.append(_only(item, indicator.valid, indicator, f"{key}.valid", "invalid-code", table))
    return rules


def _seen(item: str, code: Code, key: str, table: ibis.Table) -> Rule:
    return Rule(
        "unseen-code", key, coded(table, share(item, [code])).a.sum(),
        f"column {item}: nobody gave the code {code}", f"列 {item}：没有编码为 {code} 的回答",
        broken_if="none", is_warning=True,
    )  # fmt: skip


def _numeric(column: str, indicator: Indicator, key: str, table: ibis.Table) -> Rule:
    value = number(table[column], column)
    answered = _answered_of(table, column, indicator)
    wrong = answered & (value.isnull() | value.isinf().fill_null(False))
    return Rule(
        "item-not-numeric", key, wrong.sum(),
        f"column {column}: {{count}} answers are no finite numbers; correct them, or list their"
        " codes as missing",
        f"列 {column}：{{count}} 个回答不是有限数值，请更正或将其编码列入 missing",
        where=wrong, details=lambda: _codes(table, column, wrong),
    )  # fmt: skip


def _only(
    item: str, codes: Sequence[Code], indicator: Indicator, key: str, code: str, table: ibis.Table
) -> Rule:
    """Every answer is one of the codes."""
    among = coded(table, share(item, codes)).a
    wrong = _answered_of(table, item, indicator) & (among.fill_null(0) == 0)
    says, says_zh = {
        "unscored-code": ("have no score", "没有对应分值"),
        "invalid-code": ("are not valid", "不在有效编码之列"),
    }[code]
    return Rule(
        code, key, wrong.sum(),
        f"column {item}: {{count}} answers {says}; add their codes here or to missing",
        f"列 {item}：{{count}} 个回答{says_zh}，请在此处或 missing 中补列其编码",
        details=lambda: _codes(table, item, wrong), where=wrong,
    )  # fmt: skip


def _answered_of(table: ibis.Table, column: str, indicator: Indicator) -> Any:
    """Rows with an answer that is not among the missing codes."""
    # Which code is counted does not matter here; a number fits columns of every type.
    probe = Statistic(column, "share", column, of=(0,), missing=indicator.missing)
    return coded(table, probe).answered


def _codes(table: ibis.Table, column: str, wrong: Any) -> tuple[str, str]:
    """The values at fault, as a clause of a message."""
    found = table.filter(wrong).select(column).distinct().order_by(column).limit(LISTED + 1)
    values = [str(value) for value in found.to_pyarrow().column(0).to_pylist()]
    listed = ", ".join(values[:LISTED]) + (", …" if len(values) > LISTED else "")
    return f": {listed}", f"：{listed}"
