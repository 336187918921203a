"""What every function on ranks takes, checked once.

The rules that hold everywhere in this package:

* an estimate that is missing or infinite is refused, with the name of its area;
* a standard error that is missing (NaN) makes the area *unmeasured*: it has a rank, but nothing
  is claimed about it, so its rank set is 1..p and it counts neither above nor below any other;
* a standard error of exactly 0 is what a sample gives when everybody answers alike. It is no
  evidence of certainty, so the area is unmeasured too, unless ``zero_se="exact"`` says that such
  areas were counted in full;
* a negative or infinite standard error is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Good = Literal["higher", "lower"]
Ties = Literal["min", "max", "average"]
ZeroSe = Literal["unknown", "exact"]
GOOD: tuple[Good, ...] = ("higher", "lower")
TIES: tuple[Ties, ...] = ("min", "max", "average")
ZERO_SE: tuple[ZeroSe, ...] = ("unknown", "exact")

#: An area counted in full gets this fraction of the smallest other standard error, so that every
#: formula with a ratio of standard errors stays defined and no figure moves in its sixth digit.
EXACT = 1e-9


@dataclass(frozen=True)
class Areas:
    """Areas with their estimates, turned so that more is better.

    Attributes:
        names: one per area.
        estimates: as given.
        score: the estimates, negated where lower is good.
        se: standard errors to reckon with, positive where ``measured``.
        printed_se: standard errors for a table, NaN where unknown.
        measured: areas whose uncertainty is known.
        covariance: of the estimates, or None = independent.
    """

    names: list[Any]
    estimates: FloatArray
    score: FloatArray
    se: FloatArray
    printed_se: FloatArray
    measured: BoolArray
    covariance: FloatArray | None

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def unmeasured(self) -> list[Any]:
        """Names of the areas about which nothing is claimed."""
        return [name for name, known in zip(self.names, self.measured, strict=True) if not known]


def read_areas(
    estimates: npt.ArrayLike,
    se: npt.ArrayLike | None,
    *,
    areas: Sequence[Hashable] | None = None,
    covariance: npt.ArrayLike | None = None,
    good: str = "higher",
    zero_se: str = "unknown",
) -> Areas:
    """Check the input and bring it into one form.

    Raises:
        MeasureError: with the codes of the checks below.
    """
    check_option(good, GOOD, "good")
    check_option(zero_se, ZERO_SE, "zero_se")
    values = numbers(estimates, "estimates")
    names = area_names(areas, values.size)
    check_finite(values, names, "estimates")
    matrix = _covariance(covariance, values.size)
    if se is None and matrix is not None:
        se = np.sqrt(np.diagonal(matrix))
    given = standard_errors(se, names)
    measured = ~np.isnan(given) if zero_se == "exact" else given > 0
    _check_diagonal(matrix, given, measured)
    score = values if good == "higher" else -values
    printed = np.where(measured, given, np.nan)
    return Areas(names, values, score, _positive(given, values), printed, measured, matrix)


def numbers(values: npt.ArrayLike, place: str) -> FloatArray:
    """One list of numbers, as float64; None becomes NaN."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise MeasureError(
            "not-numeric", "must be a list of numbers", "必须是数值列表", place=place
        ) from None
    if array.ndim != 1:
        raise MeasureError(
            "not-numeric",
            f"must be one list of numbers, not {array.ndim}-dimensional",
            f"必须是一维数列，而不是 {array.ndim} 维",
            place=place,
        )
    return array


def area_names(areas: Sequence[Hashable] | None, count: int, place: str = "areas") -> list[Any]:
    """The names as given, or 1, 2, …; refused if they repeat or their number differs."""
    if areas is None:
        return list(range(1, count + 1))
    arrow = getattr(areas, "to_pylist", None)
    names = arrow() if arrow else list(getattr(areas, "tolist", lambda: areas)())
    check_length(len(names), count, place)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        twice = repeated[0]
        raise MeasureError(
            "duplicate-area",
            f"area {twice!r} is there more than once; give each area one row",
            f"地区 {twice!r} 出现多次，每个地区只能有一行",
            place=place,
        )
    return names


def check_length(found: int, wanted: int, place: str) -> None:
    """Refuse a list that has not one value per area."""
    if found != wanted:
        raise MeasureError(
            "length-mismatch",
            f"has {found} values for {wanted} areas; give one per area, in the same order",
            f"共 {found} 个值，而地区有 {wanted} 个，应按相同顺序每个地区给一个值",
            place=place,
        )


def check_finite(values: FloatArray, names: Sequence[Any], place: str) -> None:
    """Refuse estimates that are missing or infinite."""
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        name = names[int(bad[0])]
        raise MeasureError(
            "bad-estimate",
            f"area {name!r} has no finite value; leave out areas without an estimate",
            f"地区 {name!r} 没有有效数值，请先剔除没有估计值的地区",
            place=place,
        )


def check_option(value: object, options: Sequence[str], place: str) -> None:
    """Refuse a value that is not one of the options, naming them."""
    if value not in options:
        raise MeasureError(
            "unknown-option",
            f"must be one of {', '.join(options)}, not {value!r}",
            f"只能取 {'、'.join(options)}，不能是 {value!r}",
            place=place,
        )


def check_confidence(confidence: float) -> None:
    """Refuse levels below one half (a set that is more often wrong than right) and from 1 on."""
    if not 0.5 <= confidence < 1:
        raise MeasureError(
            "bad-confidence",
            f"must be at least 0.5 and below 1, such as 0.95; it is {confidence!r}",
            f"置信水平应不小于 0.5 且小于 1（如 0.95），现为 {confidence!r}",
            place="confidence",
        )


def check_draws(draws: int, confidence: float = 0.5) -> None:
    """Refuse fewer draws than the quantile at ``confidence`` needs, and none at all."""
    least = int(np.ceil(confidence / (1 - confidence) - 1e-9))
    if draws < least:
        raise MeasureError(
            "too-few-draws",
            f"{draws} draws are too few here; use {least} or more",
            f"模拟次数 {draws} 太少，此处至少需要 {least} 次",
            place="draws",
        )


def check_count(size: int, areas: int, place: str) -> None:
    """Refuse a top or bottom that is empty or larger than the number of areas."""
    if not 1 <= size <= areas:
        raise MeasureError(
            "bad-count",
            f"must be between 1 and the number of areas, {areas}; it is {size}",
            f"应在 1 与地区数 {areas} 之间，现为 {size}",
            place=place,
        )


def standard_errors(
    se: npt.ArrayLike | None, names: Sequence[Any], place: str = "se"
) -> FloatArray:
    """Standard errors, NaN where there is none; refused if negative or infinite."""
    if se is None:
        return np.full(len(names), np.nan)
    errors = numbers(se, place)
    check_length(errors.size, len(names), place)
    bad = np.flatnonzero((errors < 0) | np.isinf(errors))
    if bad.size:
        first = int(bad[0])
        raise MeasureError(
            "bad-standard-error",
            f"area {names[first]!r} has the standard error {errors[first]:g}; it must be finite "
            "and not negative (leave it empty if it is not known)",
            f"地区 {names[first]!r} 的标准误为 {errors[first]:g}，标准误应为有限的非负数"
            "（未知时请留空）",
            place=place,
        )
    return errors


def _positive(errors: FloatArray, estimates: FloatArray) -> FloatArray:
    """The same with 0 replaced by something that is as good as 0 and can be divided by."""
    scale = np.min(errors[errors > 0], initial=np.inf)
    if np.isinf(scale):
        scale = np.min(np.diff(np.unique(estimates)), initial=1.0)
    return np.where(errors == 0, EXACT * scale, errors)


def _covariance(covariance: npt.ArrayLike | None, count: int) -> FloatArray | None:
    if covariance is None:
        return None
    try:
        matrix = np.array(covariance, dtype=np.float64)
    except (TypeError, ValueError):
        raise _bad_covariance("must be numbers", "必须是数值") from None
    if matrix.shape != (count, count):
        raise _bad_covariance(
            f"must have {count} rows and columns, one per area", f"应为 {count} 行 {count} 列"
        )
    if not np.all(np.isfinite(matrix)):
        raise _bad_covariance("must be finite everywhere", "各元素必须为有限数值")
    if np.any(np.diagonal(matrix) < 0):
        raise _bad_covariance("has a negative variance on its diagonal", "对角线上有负方差")
    scale = np.sqrt(np.outer(np.diagonal(matrix), np.diagonal(matrix)))
    if np.any(np.abs(matrix - matrix.T) > 1e-8 * scale + 1e-300):
        raise _bad_covariance("must be symmetric", "必须对称")
    return (matrix + matrix.T) / 2


def _check_diagonal(matrix: FloatArray | None, errors: FloatArray, measured: BoolArray) -> None:
    if matrix is None:
        return
    variance = np.diagonal(matrix)[measured]
    if not np.allclose(variance, errors[measured] ** 2, rtol=1e-6, atol=1e-300):
        raise _bad_covariance(
            "has a diagonal that is not the square of se; leave se out or make them agree",
            "对角线与 se 的平方不一致，请省略 se 或使两者一致",
        )


def _bad_covariance(what: str, what_zh: str) -> MeasureError:
    return MeasureError(
        "bad-covariance", f"the matrix {what}", f"协方差矩阵{what_zh}", place="covariance"
    )
