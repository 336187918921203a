"""Rao-Scott test of association between two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.estimation.calibrated import Residuals
from huiyin.measure.estimation.frame import Strata
from huiyin.measure.estimation.keys import Key, key, tally
from huiyin.measure.estimation.prepare import (
    calibrated_over,
    linearised_only,
    prepare,
    respondents,
)
from huiyin.measure.estimation.scan import Scan
from huiyin.measure.estimation.variance import Level, Linear, variance_of
from huiyin.measure.estimation.variance import level as lay_out
from huiyin.measure.statistics import Statistic
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    from huiyin.measure.design import SurveyDesign

Floats = npt.NDArray[np.float64]


def chi_square(table: Any, design: SurveyDesign, rows: str, columns: str) -> Tidy:
    """Pearson's chi-square with the second-order correction of Rao & Scott (1984), as an F test.

    As R ``svychisq(statistic = "F")``. Respondents who lack one of the answers are left out.

    Args:
        table: respondents.
        design: of the sample.
        rows, columns: two categorical columns.

    Returns:
        One row: rows, columns, n, chi_square (Pearson's, on shares times n), f, df1, df2, p.

    Raises:
        MeasureError: a question has fewer than two answers, both are the same, or nobody answered
            both; the design uses replicates.
    """
    linearised_only(design)
    if rows == columns:
        raise MeasureError(
            "same-column",
            "association needs two different questions",
            "检验关联性需要两道不同的题",
            place=f"column {rows}",
        )
    weighed = respondents(table, design, [[rows, columns]]).mutate(hy_one=1.0)
    one = Statistic("hy_one", "value", "hy_one")
    found, _, strata = prepare(weighed, design, [one], [[rows, columns]])
    over = calibrated_over(design, found, strata)
    first, second = key(found.keys, [rows]), key(found.keys, [columns])
    _refuse_single(first, rows)
    _refuse_single(second, columns)
    shape = (first.count, second.count)
    cell = np.where(first.absent | second.absent, -1, first.index * shape[1] + second.index)
    shares = _shares(found, cell, shape[0] * shape[1])
    covariance = _covariance((found, strata, over), cell, shares)
    n = float(found.moments[one.name].n[cell >= 0].sum())
    df = _freedom(strata)
    return Tidy.of(
        {"rows": [rows], "columns": [columns], **_test(shares, covariance, n, df, shape)}
    )


def _refuse_single(answers: Key, name: str) -> None:
    if answers.count < 2:
        raise MeasureError(
            "one-answer",
            "association needs at least two different answers",
            "检验关联性至少需要两种不同的答案",
            place=f"column {name}",
        )


def _shares(found: Scan, cell: npt.NDArray[np.int64], cells: int) -> Floats:
    inside = cell >= 0
    weight = tally(cell[inside], found.w[inside], cells)
    if weight.sum() <= 0:
        raise MeasureError(
            "item-all-missing",
            "nobody answered both questions",
            "没有人同时回答这两道题",
            place="association",
        )
    return weight / weight.sum()


def _covariance(
    scanned: tuple[Scan, Strata, Residuals | None], cell: npt.NDArray[np.int64], shares: Floats
) -> Floats:
    """Covariance of the cell shares, from variances of their pairwise sums."""
    cells = len(shares)
    everybody = Key(np.where(cell >= 0, 0, -1), np.array(["all"], object))
    level = lay_out("all", everybody, scanned[1])

    def variance(chosen: set[int]) -> float:
        marked = np.isin(cell, list(chosen)).astype(float)
        return _share_variance(scanned, level, marked)

    single = [variance({i}) for i in range(cells)]
    result = np.diag(np.array(single))
    for i in range(cells):
        for j in range(i):
            both = (variance({i, j}) - single[i] - single[j]) / 2
            result[i, j] = result[j, i] = both
    return result


def _share_variance(
    scanned: tuple[Scan, Strata, Residuals | None], level: Level, marked: Floats
) -> float:
    """Variance of the share of those marked, among those in the table."""
    from dataclasses import replace

    found, strata, over = scanned
    m = found.moments["hy_one"]
    counted = replace(
        m, a=m.b * marked, aa=m.bb * marked, ab=m.bb * marked, wwa=m.wwb * marked,
        plain=None if m.plain is None else (m.plain[1] * marked, m.plain[1]),
    )  # fmt: skip
    base = level.by_domain(counted.b)
    ratio = level.by_domain(counted.a) / base
    linear = Linear.of_domains(ratio, base, level)
    return float(variance_of(counted, level, strata, linear, over)[0])


def _freedom(strata: Strata) -> float:
    """PSUs less strata of the whole sample, as R."""
    return float(strata.psus.sum() - np.count_nonzero(strata.psus))


def _test(
    shares: Floats, covariance: Floats, n: float, df: float, shape: tuple[int, int]
) -> dict[str, list[float]]:
    from scipy.special import fdtrc

    table = shares.reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = n * np.nansum((table - expected) ** 2 / expected)
    contrasts = _interactions(shape)
    inverse = np.diag(np.where(shares > 0, 1 / np.where(shares > 0, shares, 1), 0))
    plain = contrasts.T @ (inverse / n) @ contrasts
    actual = contrasts.T @ inverse @ covariance @ inverse @ contrasts
    delta = np.linalg.solve(plain, actual)
    trace, squared = np.trace(delta), np.trace(delta @ delta)
    d0 = trace**2 / squared
    f = pearson / trace
    return {
        "n": [n], "chi_square": [float(pearson)], "f": [float(f)], "df1": [float(d0)],
        "df2": [float(d0 * df)], "p": [float(fdtrc(d0, d0 * df, f))],
    }  # fmt: skip


def _interactions(shape: tuple[int, int]) -> Floats:
    """Interaction contrasts orthogonal to both margins; columns span what independence forbids."""
    rows, columns = (np.eye(size)[:, 1:] - 1 / size for size in shape)
    return np.asarray(np.kron(rows, columns), np.float64)
