"""What to estimate: means, shares, scores, totals, ratios, medians and their weighted sums.

A statistic names columns and codes; it knows nothing of the design. Shares and scores are in
percent (0-100), the others in the unit of the item.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from huiyin.measure.errors import MeasureError

Code = str | int | float | bool
Kind = Literal["mean", "share", "score", "total", "ratio", "value"]


@dataclass(frozen=True)
class Statistic:
    """One figure per domain, computed from one item (or two, for a ratio).

    Attributes:
        name: what the figure is called in the ``indicator`` column.
        kind: mean, share, score, total or ratio; ``value`` is the mean of a column that this
            library made itself.
        item: column of the item (the numerator, for a ratio).
        of: codes that count, for a share.
        scores: (code, score) pairs, for a score.
        denominator: column, for a ratio.
        missing: codes that count as no answer.
    """

    name: str
    kind: Kind
    item: str
    of: tuple[Code, ...] = ()
    scores: tuple[tuple[Code, float], ...] = ()
    denominator: str | None = None
    missing: tuple[Code, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.item,) if self.denominator is None else (self.item, self.denominator)

    @property
    def unit(self) -> float:
        """What one unit of the computed share is printed as: 100 for percent."""
        return 100.0 if self.kind == "share" else 1.0


@dataclass(frozen=True)
class Composite:
    """A weighted sum of other statistics, with their covariance.

    Attributes:
        name: what the figure is called.
        parts: (name of a statistic, coefficient) pairs.
    """

    name: str
    parts: tuple[tuple[str, float], ...]


def mean(item: str, *, name: str | None = None, missing: Sequence[Code] = ()) -> Statistic:
    """Weighted mean of a numeric item, in its own unit."""
    return Statistic(name or item, "mean", item, missing=tuple(missing))


def total(item: str, *, name: str | None = None, missing: Sequence[Code] = ()) -> Statistic:
    """Weighted total of a numeric item, in its own unit; no answer adds nothing.

    A spread of weight times item below a millionth of its size is taken for rounding.
    """
    return Statistic(name or item, "total", item, missing=tuple(missing))


def ratio(
    numerator: str,
    denominator: str,
    *,
    name: str | None = None,
    missing: Sequence[Code] = (),
) -> Statistic:
    """Ratio of two weighted totals over the rows that answer both."""
    return Statistic(
        name or f"{numerator}/{denominator}",
        "ratio",
        numerator,
        denominator=denominator,
        missing=tuple(missing),
    )


def share(
    item: str, of: Sequence[Code], *, name: str | None = None, missing: Sequence[Code] = ()
) -> Statistic:
    """Percent of those who answered whose answer is one of ``of``.

    Raises:
        MeasureError: ``of`` is empty or overlaps ``missing``.
    """
    chosen, absent = tuple(of), tuple(missing)
    if not chosen:
        raise MeasureError(
            "no-codes",
            "a share needs at least one code to count",
            "占比指标至少要指定一个计入的编码",
            place=f"share {name or item}",
        )
    if both := [code for code in chosen if code in absent]:
        raise MeasureError(
            "code-counted-and-missing",
            f"codes {both} are both counted and missing; take them out of one list",
            f"编码 {both} 既计入又列为缺失，请从其中一处删去",
            place=f"share {name or item}",
        )
    return Statistic(name or item, "share", item, of=chosen, missing=absent)


def score(
    item: str,
    scores: Mapping[Code, float],
    *,
    name: str | None = None,
    missing: Sequence[Code] = (),
) -> Statistic:
    """Weighted mean of the scores that the answers stand for (usually 0-100).

    Every code seen must be scored or missing; an unscored code is an error at estimation.

    Raises:
        MeasureError: no scores are given, or one is not a finite number.
    """
    if not scores:
        raise MeasureError(
            "no-codes",
            "a score needs a mapping of codes to scores",
            "得分指标需要给出编码与分值的对应关系",
            place=f"score {name or item}",
        )
    pairs = tuple((code, float(value)) for code, value in scores.items())
    _refuse_infinite(dict(pairs), f"score {name or item}")
    return Statistic(name or item, "score", item, scores=pairs, missing=tuple(missing))


def composite(name: str, parts: Mapping[str, float]) -> Composite:
    """Weighted sum of statistics named in the same call, covariance included.

    The coefficients are used as given: for an average they must sum to one.

    Raises:
        MeasureError: there are no parts, or a coefficient is not a finite number.
    """
    if not parts:
        raise MeasureError(
            "no-parts",
            "a composite needs at least one part",
            "综合指标至少要有一个组成指标",
            place=f"composite {name}",
        )
    pairs = tuple((part, float(weight)) for part, weight in parts.items())
    _refuse_infinite(dict(pairs), f"composite {name}")
    return Composite(name, pairs)


def _refuse_infinite(values: Mapping[Code, float], place: str) -> None:
    if bad := [str(key) for key, value in values.items() if not math.isfinite(value)]:
        raise MeasureError(
            "not-a-number",
            f"the number beside {', '.join(bad)} is missing or infinite",
            f"{'、'.join(bad)} 对应的数值缺失或为无穷大",
            place=place,
        )
