"""Item-count (list) experiments: how many hold for true what nobody need admit.

Half of the sample is read J harmless statements, the other half the same and a sensitive one,
such as "somebody told me how to answer this survey"; each person says only how many apply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError
from huiyin.measure.integrity_checks.checks import check_table, column, reasons
from huiyin.measure.integrity_checks.columns import BoolArray, FloatArray, IntArray
from huiyin.measure.integrity_checks.expectation import over_tested, value_deviation
from huiyin.measure.integrity_checks.interviews import Interviews, needed
from huiyin.measure.tidy import Tidy

_MOST_ITEMS = 10
_DRAWS = 20_000
_FEWEST_TO_FIT = 3


def list_difference(
    count: npt.ArrayLike,
    treated: npt.ArrayLike,
    control_items: int,
    *,
    confidence: float = 0.95,
) -> Tidy:
    """Share for whom the sensitive statement holds: the difference in means.

    Args:
        count: number of statements that apply, shape (n,).
        treated: 1 for the half that heard the sensitive statement, 0 for the other, shape (n,).
        control_items: J, the number of harmless statements.

    Returns:
        One row: n_treated, n_control, estimate, se (unequal variances), ci_low, ci_high (normal),
        in shares of 0..1. The estimate may fall outside 0..1 by sampling; it is not cut off.

    Raises:
        MeasureError: ``bad-count``, ``bad-treatment``, ``one-sided-experiment`` (a half has fewer
            than two answers).
    """
    from scipy.special import ndtri

    y, t = _checked(count, treated, control_items)
    one, zero = y[t == 1], y[t == 0]
    estimate = float(one.mean() - zero.mean())
    se = float(np.sqrt(one.var(ddof=1) / one.size + zero.var(ddof=1) / zero.size))
    reach = float(ndtri((1 + confidence) / 2)) * se
    return Tidy.of(
        {
            "n_treated": [one.size], "n_control": [zero.size], "estimate": [estimate],
            "se": [se], "ci_low": [estimate - reach], "ci_high": [estimate + reach],
        }
    )  # fmt: skip


def list_design_effect(
    count: npt.ArrayLike, treated: npt.ArrayLike, control_items: int, *, seed: int = 1
) -> Tidy:
    """Test whether the sensitive statement changes the answers to the harmless ones.

    Without such a design effect the shares of the types of people (y harmless statements apply,
    the sensitive one does, z = 1, or does not, z = 0) cannot be negative. Blair & Imai (2012,
    Political Analysis 20, 47-77, section 3): for z = 1 and z = 0 apart, the statistic is the
    least squares distance of the estimated shares to the non-negative ones, in the metric of their
    covariance; its null distribution is a chi-bar-square; shares that lie more than sqrt(log n)
    standard errors above 0 are left out (generalised moment selection, Andrews & Soares 2010); the
    smaller p-value is doubled (Bonferroni).

    Args:
        seed: of the draws for the weights of the chi-bar-square with more than three shares; with
            up to three they are exact.

    Returns:
        One row per type: y, z, share, se, tested (bool). Notes: ``p`` (Bonferroni), ``p_z1``,
        ``p_z0``, ``lambda_z1``, ``lambda_z0``. A p below the chosen level rejects the experiment.

    Raises:
        MeasureError: as :func:`list_difference`.
    """
    y, t = _checked(count, treated, control_items)
    cells = _type_shares(y, t, control_items)
    results = {z: _cone_test(cells, z, y.size, seed) for z in (1, 0)}
    return Tidy.of(
        {
            "y": cells.y, "z": cells.z, "share": cells.share, "se": cells.se,
            "tested": results[1].used | results[0].used,
        },
        {
            "p": min(2 * min(results[1].p, results[0].p), 1.0),
            "p_z1": results[1].p, "p_z0": results[0].p,
            "lambda_z1": results[1].distance, "lambda_z0": results[0].distance,
        },
    )  # fmt: skip


def list_experiment_by_area(
    interviews: Interviews, control_items: int, *, minimum: int = 30, confidence: float = 0.95
) -> Tidy:
    """The list experiment area by area: direct difference, and model-based estimate.

    The model-based estimate is that of Fay & Herriot (1979) with a common mean, by
    :func:`huiyin.measure.small_area.fay_herriot`; the sampling variance comes from the pooled
    variance of each half, so that no area has none. An area is tested by its direct difference
    against the others, with at least the spread that sampling gives; one-sided: too many.

    Returns:
        The common columns (observed = direct difference, expected = that of the others; shares),
        and ``se`` (of the direct difference), ``model``, ``model_se`` (root of the mean squared
        error), ``ci_low``, ``ci_high`` (of the model-based estimate; areas without interviews have
        one too). With fewer than three areas to fit, the model columns are null.

    Raises:
        MeasureError: ``column-not-read`` and as :func:`list_difference`.
    """
    y = needed(interviews.count, "list_experiment")
    t = needed(interviews.treated, "list_experiment").astype(np.int64)
    areas = interviews.areas
    known = ~np.isnan(y) & (t >= 0) & (areas.index >= 0)
    _checked(y[known], t[known], control_items)
    direct, variance, n = _by_area(y[known], t[known], areas.index[known], areas.size)
    there = np.isfinite(direct) & (variance > 0)
    deviation, few_units = over_tested(
        there & (n >= minimum),
        lambda units: value_deviation(
            direct[units], variance[units], side="upper", smallest_spread=1.0
        ),
    )
    return check_table(
        "list_experiment", "area", areas.labels, n=n, observed=direct,
        expected=deviation.expected, statistic=deviation.statistic, p=deviation.p,
        why_not=reasons(
            n.size, (~there, "no-data"), (n < minimum, "few-interviews"),
            (few_units, "few-units"),
        ),
        more={"se": np.sqrt(variance)} | _model_based(areas.labels, direct, variance, confidence),
    )  # fmt: skip


def _model_based(
    areas: list[str], direct: FloatArray, variance: FloatArray, confidence: float
) -> dict[str, FloatArray]:
    from scipy.special import ndtri

    from huiyin.measure.small_area import fay_herriot

    empty = np.full(direct.size, np.nan)
    if (np.isfinite(direct) & (variance > 0)).sum() < _FEWEST_TO_FIT:
        return dict.fromkeys(("model", "model_se", "ci_low", "ci_high"), empty)
    table = {"area": areas, "direct": direct, "variance": variance}
    fitted = fay_herriot(table, direct="direct", variance="variance", area="area")
    row = {area: at for at, area in enumerate(fitted["area"].to_pylist())}
    order = np.array([row[area] for area in areas])
    model, se = column(fitted, "model")[order], np.sqrt(column(fitted, "mse")[order])
    reach = float(ndtri((1 + confidence) / 2)) * se
    return {"model": model, "model_se": se, "ci_low": model - reach, "ci_high": model + reach}


def _checked(
    count: npt.ArrayLike, treated: npt.ArrayLike, control_items: int
) -> tuple[FloatArray, IntArray]:
    y, t = np.asarray(count, dtype=np.float64), np.asarray(treated, dtype=np.float64)
    if not np.isin(t, (0, 1)).all() or y.shape != t.shape:
        raise MeasureError(
            "bad-treatment", "the treatment must be 0 or 1 for every count",
            "处理标记须为 0 或 1，且与计数一一对应", place="list_experiment",
        )  # fmt: skip
    if not 1 <= control_items <= _MOST_ITEMS:
        raise MeasureError(
            "bad-count", f"the number of harmless statements must be 1 to {_MOST_ITEMS}",
            f"非敏感陈述的数目应为 1 至 {_MOST_ITEMS}", place="list_experiment",
        )  # fmt: skip
    if not ((y == np.floor(y)) & (y >= 0) & (y <= control_items + t)).all():
        raise MeasureError(
            "bad-count",
            f"counts must be whole, 0 to {control_items} without the sensitive statement and 0 to "
            f"{control_items + 1} with it; list other codes as missing",
            f"计数须为整数：未含敏感陈述者 0 至 {control_items}，含敏感陈述者 0 至 "
            f"{control_items + 1}；其他代码请列为缺失",
            place="list_experiment",
        )
    if min((t == 1).sum(), (t == 0).sum()) < 2:
        raise MeasureError(
            "one-sided-experiment", "each half of the experiment needs at least two answers",
            "实验的两组各需至少两个回答", place="list_experiment",
        )  # fmt: skip
    return y, t.astype(np.int64)


@dataclass(frozen=True)
class _Types:
    """Estimated share of each type (y, z) with its standard error and the covariance of all."""

    y: IntArray
    z: IntArray
    share: FloatArray
    se: FloatArray
    covariance: FloatArray


def _type_shares(y: FloatArray, t: IntArray, items: int) -> _Types:
    """pi(y, 1) = F0(y) - F1(y) and pi(y, 0) = F1(y) - F0(y - 1), F the distributions of the two
    halves (Blair & Imai 2012)."""
    points = np.arange(-1, items + 1)
    below = {z: y[t == z][:, None] <= points for z in (0, 1)}
    cdf = {z: below[z].mean(axis=0) for z in (0, 1)}
    # The covariance of two points of an empirical distribution is F(min) (1 - F(max)) / n.
    cov = {
        z: np.minimum.outer(cdf[z], cdf[z]) * (1 - np.maximum.outer(cdf[z], cdf[z])) / len(below[z])
        for z in (0, 1)
    }
    levels = np.arange(items + 1)
    at = np.concatenate([levels + 1, levels + 1])
    before = np.concatenate([levels + 1, levels])
    sign = np.repeat([-1.0, 1.0], items + 1)  # of F1
    share = sign * (cdf[1][at] - cdf[0][before])
    joint = np.outer(sign, sign) * (cov[1][np.ix_(at, at)] + cov[0][np.ix_(before, before)])
    z = np.repeat([1, 0], items + 1)
    return _Types(np.tile(levels, 2), z, share, np.sqrt(np.diag(joint)), joint)


@dataclass(frozen=True)
class _ConeTest:
    distance: float
    p: float
    used: BoolArray


def _cone_test(cells: _Types, z: int, n: int, seed: int) -> _ConeTest:
    binding = cells.share <= np.sqrt(np.log(n)) * cells.se
    used = (cells.z == z) & (cells.se > 0) & binding
    if not used.any():
        return _ConeTest(0.0, 1.0, used)
    covariance = cells.covariance[np.ix_(used, used)]
    projected, _ = _project(cells.share[used][None], covariance)
    gap = cells.share[used] - projected[0]
    distance = float(gap @ np.linalg.solve(covariance, gap))
    return _ConeTest(distance, _chi_bar_tail(distance, covariance, seed), used)


def _chi_bar_tail(distance: float, covariance: FloatArray, seed: int) -> float:
    from scipy.special import chdtrc

    weights = _chi_bar_weights(covariance, seed)
    tails = [1.0 if k == 0 else float(chdtrc(k, distance)) for k in range(weights.size)]
    if distance <= 0:
        return 1.0
    tails[0] = 0.0
    return float(np.clip(weights @ np.array(tails), 0.0, 1.0))


def _chi_bar_weights(covariance: FloatArray, seed: int) -> FloatArray:
    """Probability that 0, 1, ... of the constraints bind (Kudo 1963, Biometrika 50)."""
    size = covariance.shape[0]
    scale = np.sqrt(np.diag(covariance))
    r = np.clip(covariance / np.outer(scale, scale), -1, 1)
    if size == 1:
        return np.array([0.5, 0.5])
    if size == 2:
        none = 0.5 - np.arccos(r[0, 1]) / (2 * np.pi)
        return np.array([none, 0.5, 0.5 - none])
    if size == 3:
        return _three_weights(r)
    random = np.random.Generator(np.random.PCG64(seed))
    draws = random.multivariate_normal(np.zeros(size), covariance, _DRAWS, method="cholesky")
    _, free = _project(draws, covariance)
    return np.bincount(size - free, minlength=size + 1) / _DRAWS


def _three_weights(r: FloatArray) -> FloatArray:
    none = (2 * np.pi - np.arccos(r[0, 1]) - np.arccos(r[0, 2]) - np.arccos(r[1, 2])) / (4 * np.pi)
    partial = 0.0
    for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        given = (r[i, j] - r[i, k] * r[j, k]) / np.sqrt((1 - r[i, k] ** 2) * (1 - r[j, k] ** 2))
        partial += float(np.arccos(np.clip(given, -1, 1)))
    one = (3 * np.pi - partial) / (4 * np.pi)
    return np.array([none, one, 0.5 - none, 0.5 - one])


def _project(points: FloatArray, covariance: FloatArray) -> tuple[FloatArray, IntArray]:
    """Nearest non-negative points in the metric of the covariance, and how many of their
    coordinates are free (positive): all active sets are tried, the optimal one is unique."""
    size = covariance.shape[0]
    metric = np.linalg.inv(covariance)
    nearest, free = np.zeros_like(points), np.zeros(points.shape[0], dtype=np.int64)
    open_rows = np.ones(points.shape[0], dtype=np.bool_)
    for code in range(2**size - 1, -1, -1):
        inside = (code >> np.arange(size)) & 1 == 1
        guess = np.zeros((int(open_rows.sum()), size))
        x = points[open_rows]
        if inside.any():
            cross = np.linalg.solve(metric[np.ix_(inside, inside)], metric[np.ix_(inside, ~inside)])
            guess[:, inside] = x[:, inside] + x[:, ~inside] @ cross.T
        slope = (guess - x) @ metric
        right = (guess[:, inside] >= 0).all(axis=1) & (slope[:, ~inside] >= -1e-12).all(axis=1)
        rows = np.flatnonzero(open_rows)[right]
        nearest[rows], free[rows] = guess[right], int(inside.sum())
        open_rows[rows] = False
        if not open_rows.any():
            break
    return nearest, free


def _by_area(
    y: FloatArray, t: IntArray, area: IntArray, areas: int
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Direct difference (NaN if a half is empty), its variance, and n of each area."""
    means, counts, pooled = [], [], []
    for half in (0, 1):
        rows = t == half
        n = np.bincount(area[rows], minlength=areas)
        mean = np.bincount(area[rows], y[rows], minlength=areas) / np.maximum(n, 1)
        residual = y[rows] - mean[area[rows]]
        pooled.append(float(residual @ residual) / max(int(rows.sum() - (n > 0).sum()), 1))
        means.append(mean)
        counts.append(n)
    both = (counts[0] > 0) & (counts[1] > 0)
    variance = pooled[0] / np.maximum(counts[0], 1) + pooled[1] / np.maximum(counts[1], 1)
    direct = np.where(both, means[1] - means[0], np.nan)
    return direct, np.where(both, variance, np.nan), counts[0] + counts[1]
