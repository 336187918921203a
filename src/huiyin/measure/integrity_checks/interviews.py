"""The interviews of one round as compact arrays: what every check of this package reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks import columns as col
from huiyin.measure.integrity_checks.columns import FloatArray, IntArray

if TYPE_CHECKING:
    import pyarrow as pa

Codes = Mapping[str, Any]
Values = TypeVar("Values")


@dataclass(frozen=True)
class ListExperiment:
    """Where an item-count (list) experiment lies in the table.

    Attributes:
        count: column with the number of statements that apply.
        treatment: column that tells the half whose list held the sensitive statement.
        control_items: number of statements that are not sensitive (J).
        treated: code of the half with the sensitive statement.
    """

    count: str
    treatment: str
    control_items: int
    treated: Any = 1


@dataclass(frozen=True)
class Groups:
    """Which unit (area or interviewer) each interview belongs to.

    Attributes:
        kind: ``area`` or ``interviewer``.
        labels: names of the units, m of them.
        index: unit of each interview, shape (n,); -1 = none given, left out of the checks.
    """

    kind: str
    labels: list[str]
    index: IntArray

    @property
    def size(self) -> int:
        return len(self.labels)

    def count(self, where: npt.NDArray[np.bool_] | None = None) -> IntArray:
        """Interviews of each unit (among those marked), shape (m,)."""
        chosen = self.index >= 0 if where is None else where & (self.index >= 0)
        return np.bincount(self.index[chosen], minlength=self.size)

    def total(self, values: FloatArray) -> FloatArray:
        """Sum of ``values``, shape (n,), by unit, shape (m,)."""
        chosen = self.index >= 0
        sums = np.bincount(self.index[chosen], values[chosen], minlength=self.size)
        return np.asarray(sums, dtype=np.float64)


@dataclass(frozen=True)
class Interviews:
    """One round of interviews. Build it with :meth:`read`.

    Attributes:
        items: names of the items that have any answer, J of them.
        labels: per item, the codes that occur, in order.
        codes: position of the answer in ``labels``, shape (n, J), int16; -1 = no answer.
        best: position of the best answer, shape (J,); -1 = nobody gave it.
        units: name of each interview: its key, or ``row 1`` onwards.
        left_out: items without a single answer.
        no_answer: per item, the codes that are no answer.
        impossible_lengths: how many lengths were not above zero or infinite (read as missing).
    """

    items: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: npt.NDArray[np.int16]
    best: IntArray
    units: npt.NDArray[np.str_]
    areas: Groups
    interviewers: Groups | None = None
    started: FloatArray | None = None
    seconds: FloatArray | None = None
    item_seconds: Mapping[str, FloatArray] = field(default_factory=dict)
    aware: npt.NDArray[np.int8] | None = None
    knows: npt.NDArray[np.int8] | None = None
    told: npt.NDArray[np.int8] | None = None
    count: FloatArray | None = None
    treated: npt.NDArray[np.int8] | None = None
    dont_know: FloatArray | None = None
    refused: FloatArray | None = None
    left_out: tuple[str, ...] = ()
    no_answer: Mapping[str, frozenset[str]] = field(default_factory=dict)
    impossible_lengths: int = 0

    @classmethod
    def read(
        cls,
        table: Any,
        *,
        items: Sequence[str],
        best: Any,
        area: str,
        interviewer: str | None = None,
        started: str | None = None,
        seconds: str | None = None,
        item_seconds: Mapping[str, str] | None = None,
        awareness: Codes | None = None,
        knowledge: Codes | None = None,
        told: Codes | None = None,
        list_experiment: ListExperiment | None = None,
        missing: Any = None,
        dont_know: Any = None,
        refused: Any = None,
        key: str | None = None,
    ) -> Interviews:
        """Read the columns the checks need, and no others.

        Args:
            table: pandas, polars, pyarrow or Ibis table.
            items: the closed questions, at most 100 different answers each.
            best: the best answer: one code for all items, one per item in order, or a mapping
                of item to code.
            area, interviewer: columns naming the unit; empty = the interview is left out of the
                checks of that kind.
            started: when the interview began (timestamp, ISO text, or seconds).
            seconds: its length; lengths not above zero are read as missing and counted.
            item_seconds: item to column with the seconds spent on it.
            awareness, knowledge, told: mapping of column to the codes that mean yes. With
                several columns of knowledge, any one of them is knowing.
            missing: codes, for all items or by item, that are no answer.
            dont_know, refused: codes (for all items) of these two kinds of non-answer; they are
                missing too.
            key: column that names an interview; without it the row number does.

        Raises:
            MeasureError: ``unknown-column``, ``empty-table``, ``no-items``, ``no-best-answer``,
                ``not-a-closed-question``, ``not-numeric``, ``not-a-time``, ``not-finite``,
                ``repeated-key``.
        """
        items = list(dict.fromkeys(items))
        best_of = _best_answers(items, best)
        marks = [spec for spec in (awareness, knowledge, told) if spec]
        wanted = [
            *items, area, *filter(None, (interviewer, started, seconds, key)),
            *(item_seconds or {}).values(), *(name for spec in marks for name in spec),
        ]  # fmt: skip
        if list_experiment is not None:
            wanted += [list_experiment.count, list_experiment.treatment]
        data = col.read_columns(table, wanted, sort_by=key)
        answers = _Answers(data, items, best_of, missing, dont_know, refused)
        length, impossible = (None, 0) if seconds is None else col.lengths(data[seconds], seconds)
        timed = {i: col.lengths(data[c], c)[0] for i, c in (item_seconds or {}).items()}
        count, treated = _experiment(data, list_experiment)
        return cls(
            items=answers.items,
            labels=answers.labels,
            codes=answers.codes,
            best=answers.best,
            units=_units(data, key),
            areas=_groups(data, area, "area"),
            interviewers=_groups(data, interviewer, "interviewer") if interviewer else None,
            started=col.time_column(data[started], started) if started else None,
            seconds=length,
            item_seconds=timed,
            aware=_any_of(data, awareness),
            knows=_any_of(data, knowledge),
            told=_any_of(data, told),
            count=count,
            treated=treated,
            dont_know=answers.dont_know,
            refused=answers.refused,
            left_out=answers.left_out,
            no_answer=answers.no_answer,
            impossible_lengths=impossible,
        )

    @property
    def n(self) -> int:
        return int(self.codes.shape[0])

    @property
    def answered(self) -> IntArray:
        """Number of items each interview answered, shape (n,)."""
        counts: IntArray = (self.codes >= 0).sum(axis=1)
        return counts

    @property
    def is_best(self) -> npt.NDArray[np.bool_]:
        """Where the best answer was given, shape (n, J)."""
        marked: npt.NDArray[np.bool_] = (self.codes == self.best) & (self.codes >= 0)
        return marked

    def values(self) -> FloatArray:
        """Answers as numbers, shape (n, J), NaN where missing: the code itself where all codes
        of the item are numbers, otherwise 1 for the best answer and 0 for any other."""
        out = np.full(self.codes.shape, np.nan)
        for j, labels in enumerate(self.labels):
            numbers = [col.as_number(label) for label in labels]
            numeric = [n for n in numbers if n is not None]
            by_best = (np.arange(len(labels)) == self.best[j]).astype(np.float64)
            scale = np.array(numeric) if len(numeric) == len(labels) else by_best
            there = self.codes[:, j] >= 0
            out[there, j] = scale[self.codes[there, j]]
        return out

    def group_kinds(self) -> list[Groups]:
        """The kinds of unit there are: areas, and interviewers when known."""
        return [self.areas, *([self.interviewers] if self.interviewers is not None else [])]


def needed(values: Values | None, argument: str) -> Values:
    """What was read under this argument of :meth:`Interviews.read`, or an error if nothing was."""
    if values is None:
        raise MeasureError(
            "column-not-read",
            f"this check needs {argument}=, which was not given when the interviews were read",
            f"此项检查需要 {argument}= 参数，读取访问数据时未提供",
            place=argument,
        )
    return values


class _Answers:
    """The items read as codes, with the non-answers told apart."""

    def __init__(
        self, data: pa.Table, items: Sequence[str], best: Mapping[str, str],
        missing: Any, dont_know: Any, refused: Any,
    ) -> None:  # fmt: skip
        kinds = {"dont_know": col.key_set(dont_know), "refused": col.key_set(refused)}
        counts = {kind: np.zeros(data.num_rows) for kind in kinds}
        read: list[tuple[str, IntArray, list[str]]] = []
        self.no_answer: dict[str, frozenset[str]] = {}
        for item in items:
            codes, labels = col.factorise(data[item], item)
            _refuse_open_question(labels, item)
            for kind, keys in kinds.items():
                counts[kind] += np.isin(codes, _positions(labels, keys))
            gone = _missing_of(missing, item) | kinds["dont_know"] | kinds["refused"]
            self.no_answer[item] = gone
            read.append((item, *_without(codes, labels, gone)))
        kept = [entry for entry in read if entry[2]]
        self.left_out = tuple(item for item, _, labels in read if not labels)
        _refuse_no_items(kept)
        self.items = tuple(item for item, _, _ in kept)
        self.labels = tuple(tuple(labels) for _, _, labels in kept)
        self.codes = np.stack([codes for _, codes, _ in kept], axis=1).astype(np.int16)
        self.best = np.array(
            [labels.index(best[i]) if best[i] in labels else -1 for i, _, labels in kept]
        )
        self.dont_know = counts["dont_know"] if dont_know is not None else None
        self.refused = counts["refused"] if refused is not None else None


def _missing_of(missing: Any, item: str) -> frozenset[str]:
    return col.key_set(missing.get(item) if isinstance(missing, Mapping) else missing)


def _positions(labels: Sequence[str], keys: frozenset[str]) -> list[int]:
    return [at for at, label in enumerate(labels) if label in keys]


def _without(
    codes: IntArray, labels: list[str], gone: frozenset[str]
) -> tuple[IntArray, list[str]]:
    kept = [label for label in labels if label not in gone]
    new = {label: at for at, label in enumerate(kept)}
    lookup = np.array([new.get(label, -1) for label in labels] + [-1], dtype=np.int64)
    return lookup[codes], kept


def _best_answers(items: Sequence[str], best: Any) -> dict[str, str]:
    if not items:
        raise MeasureError("no-items", "name at least one item", "请至少指定一个题目")
    if isinstance(best, Mapping):
        lacking = [item for item in items if item not in best]
        if lacking:
            raise _no_best(lacking[0])
        return {item: col.code_key(best[item]) for item in items}
    if isinstance(best, Sequence) and not isinstance(best, str):
        if len(best) != len(items):
            raise _no_best(items[min(len(best), len(items) - 1)])
        return {item: col.code_key(code) for item, code in zip(items, best, strict=True)}
    return dict.fromkeys(items, col.code_key(best))


def _no_best(item: str) -> MeasureError:
    return MeasureError(
        "no-best-answer",
        "the best answer of each item must be named once: best={item: code}",
        "每个题目须且只须指定一个最好答案：best={题目: 代码}",
        place=f"item {item}",
    )


def _refuse_no_items(kept: Sequence[object]) -> None:
    if not kept:
        raise MeasureError(
            "no-items",
            "none of the items has a single answer; check the codes listed as missing",
            "所有题目均无有效答案，请检查缺失代码的设置",
        )


def _refuse_open_question(labels: Sequence[str], item: str) -> None:
    if len(labels) > col.MOST_ANSWERS:
        raise MeasureError(
            "not-a-closed-question",
            f"{len(labels)} different answers: an item must be a closed question with at most"
            f" {col.MOST_ANSWERS}",
            f"共有 {len(labels)} 种不同答案；题目应为选项不超过 {col.MOST_ANSWERS} 个的封闭题",
            place=f"item {item}",
        )


def _groups(data: pa.Table, name: str, kind: str) -> Groups:
    index, labels = col.factorise(data[name], name)
    return Groups(kind, labels, index)


def _units(data: pa.Table, key: str | None) -> npt.NDArray[np.str_]:
    if key is None:
        return np.char.add("row ", np.arange(1, data.num_rows + 1).astype(np.str_))
    names = np.array([col.code_key(value) for value in data[key].to_pylist()], dtype=np.str_)
    distinct, counts = np.unique(names, return_counts=True)
    if distinct.size < names.size:
        twice = str(distinct[counts > 1][0])
        raise MeasureError(
            "repeated-key",
            f"the key {twice!r} names more than one interview; each needs its own",
            f"键值 {twice!r} 对应多份访问，每份访问须有唯一键值",
            place=f"column {key}",
        )
    return names


def _any_of(data: pa.Table, spec: Codes | None) -> npt.NDArray[np.int8] | None:
    """1 if any column says yes, otherwise 0 if any was answered, otherwise -1."""
    if not spec:
        return None
    marks = [col.indicator(data[name], name, col.key_set(yes)) for name, yes in spec.items()]
    joined: npt.NDArray[np.int8] = np.max(np.stack(marks), axis=0)
    return joined


def _experiment(
    data: pa.Table, spec: ListExperiment | None
) -> tuple[FloatArray | None, npt.NDArray[np.int8] | None]:
    if spec is None:
        return None, None
    treated = col.indicator(data[spec.treatment], spec.treatment, col.key_set(spec.treated))
    return col.number_column(data[spec.count], spec.count), treated
