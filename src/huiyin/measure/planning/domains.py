"""The smallest sample that is precise enough for every town, every county and the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from huiyin.measure.errors import MeasureError
from huiyin.measure.planning.allocation import bounds, checked_strata, standard_errors
from huiyin.measure.planning.cheapest import Constraints, cheapest_sizes, whole_sizes
from huiyin.measure.planning.inputs import (
    FloatArray,
    IntArray,
    normal_quantile,
    numbers,
    standard_deviations,
    stratum_numbers,
)
from huiyin.measure.tidy import Tidy

if TYPE_CHECKING:
    import pyarrow as pa

#: The level that holds all strata; it needs no column.
WHOLE = "all"

#: A sample that may be this much (relative) dearer than need be is not called the smallest.
_LARGEST_GAP = 0.001


@dataclass(frozen=True)
class _Level:
    """Domains of one level: their names, the domain of each stratum, the wanted half-widths."""

    name: str
    domains: list[Any]
    member: IntArray
    wanted: FloatArray


def smallest_allocation(
    strata: Any,
    targets: Mapping[str, float | Mapping[Any, float]],
    *,
    population: str = "population",
    sd: float | str | Sequence[str] | None = None,
    share: float | str | Sequence[str] | None = None,
    cost: float | str = 1.0,
    deff: float | str = 1.0,
    minimum: float | str = 2,
    maximum: float | str | None = None,
    confidence: float = 0.95,
) -> Tidy:
    """The cheapest sample that gives every domain of every level its wanted half-width.

    A domain is a set of strata; its estimate is their mean weighted by population. Solved as
    Bethel (1989) does, with Chromy's (1987) iteration, then in whole numbers that hold every
    target (see :mod:`huiyin.measure.planning.cheapest`).

    Args:
        strata: a table, one row per stratum.
        targets: half-width in points for each level: a column of ``strata`` (such as ``town``
            and ``county``), or ``all`` for the whole. One number for all domains of the level, or
            a mapping of domain to number (domains left out have no target).
        population: column of the number of persons.
        sd: standard deviation of the item in points: a number, a column, or a list of columns,
            one per item, all of which must meet the targets; or
        share: expected share in percent, likewise. With neither, 50 points.
        cost: of an interview, a number or a column. With equal costs the smallest sample.
        deff: design effect within the stratum, a number or a column.
        minimum, maximum: bounds of a stratum's sample, a number or a column.
        confidence: level of the intervals.

    Returns:
        The columns of ``strata``, n, exact (before rounding), sampling_fraction, and se and
        half_width of the item that varies most. Notes: n, cost, iterations, gap (how
        far the cost before rounding may be from the least, relative), confidence, and
        ``domains``: a table of level, area, n, wanted, half_width (promised), binding (bool).

    Raises:
        MeasureError: ``unknown-column``, ``bad-number``, ``unknown-option``, ``no-targets``,
            ``unknown-area``, ``missing-area``, ``reserved-column``, ``contradictory-bounds``,
            ``out-of-reach`` (naming the domain), ``not-converged``.
    """
    table = checked_strata(strata)
    people = stratum_numbers(table, population, "population", above=True)
    spreads = _spreads(table, sd, share, people)
    effect = stratum_numbers(table, deff, "deff", above=True)
    price = stratum_numbers(table, cost, "cost", above=True)
    low, high = bounds(table, people, minimum, maximum)
    levels = [_level(table, name, wanted) for name, wanted in targets.items()]
    if not levels:
        raise MeasureError("no-targets", "give at least one target", "至少须给出一项精度要求")
    z = normal_quantile(confidence)
    constraints = _constraints(levels, people, spreads, effect, z)
    _check_reach(constraints, levels, high)
    exact, gap, iterations = cheapest_sizes(constraints, price, low, high)
    if gap > _LARGEST_GAP:
        raise _not_converged(gap, iterations)
    sizes = whole_sizes(constraints, exact, price, low, high)
    widest = np.max(spreads, axis=0)
    se = standard_errors(sizes, people, widest, effect)
    result = {
        **{name: table[name] for name in table.column_names},
        "n": sizes,
        "exact": exact,
        "sampling_fraction": sizes / people,
        "se": se,
        "half_width": z * se,
    }
    notes = {
        "n": int(sizes.sum()),
        "cost": float(np.sum(price * sizes)),
        "iterations": iterations,
        "gap": gap,
        "confidence": confidence,
        "domains": _promised(levels, sizes, people, spreads, effect, z, constraints.used(exact)),
    }
    return Tidy.of(result, notes)


def _spreads(
    table: pa.Table,
    sd: float | str | Sequence[str] | None,
    share: float | str | Sequence[str] | None,
    people: FloatArray,
) -> list[FloatArray]:
    """Standard deviations per item."""
    sds = [sd] if sd is None or isinstance(sd, str | float | int) else list(sd)
    shares = [share] if share is None or isinstance(share, str | float | int) else list(share)
    return [standard_deviations(table, s, p, people) for s in sds for p in shares]


def _level(table: pa.Table, name: str, wanted: float | Mapping[Any, float]) -> _Level:
    if name != WHOLE and name not in table.column_names:
        raise MeasureError(
            "unknown-column",
            f"the strata have no column {name!r}; they have {', '.join(table.column_names)}",
            f"层表中没有名为 {name!r} 的列；现有的列：{'、'.join(table.column_names)}",
            place="targets",
        )
    values = [WHOLE] * table.num_rows if name == WHOLE else table[name].to_pylist()
    if None in values:
        raise MeasureError(
            "missing-area", "a stratum belongs to no area of this level",
            "有的层未归入该级的任何区域", place=f"column {name}, row {values.index(None) + 1}",
        )  # fmt: skip
    domains = list(dict.fromkeys(values))
    at = {domain: i for i, domain in enumerate(domains)}
    return _Level(name, domains, np.array([at[v] for v in values]), _wanted(name, domains, wanted))


def _wanted(name: str, domains: list[Any], wanted: float | Mapping[Any, float]) -> FloatArray:
    """Half-widths per domain; infinite where a domain has no target."""
    if not isinstance(wanted, Mapping):
        width = float(numbers(wanted, f"targets, {name}", low=0, above=True))
        return np.full(len(domains), width)
    unknown = [area for area in wanted if area not in domains]
    if unknown:
        raise MeasureError(
            "unknown-area",
            f"no stratum lies in {unknown[0]!r}",
            f"没有任何层属于 {unknown[0]!r}",
            place=f"targets, {name}",
        )
    for area, width in wanted.items():
        numbers(width, f"targets, {name}, {area}", low=0, above=True)
    return np.array([float(wanted.get(area, np.inf)) for area in domains])


def _constraints(
    levels: list[_Level],
    people: FloatArray,
    spreads: list[FloatArray],
    effect: FloatArray,
    z: float,
) -> Constraints:
    """One family per level and item: ``Σ W²·deff·S²(1/n − 1/N) ≤ (wanted/z)²``, scaled to 1."""
    loads, members = [], []
    for level in levels:
        weight = people / np.bincount(level.member, people)[level.member]
        for spread in spreads:
            variance = weight**2 * effect * spread**2
            allowed = (level.wanted / z) ** 2 + np.bincount(level.member, variance / people)
            loads.append(variance / allowed[level.member])
            members.append(level.member)
    return Constraints(tuple(loads), tuple(members))


def _check_reach(constraints: Constraints, levels: list[_Level], high: FloatArray) -> None:
    items = len(constraints.loads) // len(levels)
    for at, used in enumerate(constraints.used(high)):
        level, worst = levels[at // items], int(np.argmax(used))
        if used[worst] > 1 + 1e-9:
            raise MeasureError(
                "out-of-reach",
                f"even the largest samples allowed do not give {level.wanted[worst]:g} points"
                " here; raise the maximum or the half-width",
                f"即使样本取到上限，此处也达不到 {level.wanted[worst]:g} 的半宽，"
                "请提高上限或放宽半宽",
                place=f"{level.name} {level.domains[worst]}",
            )


def _not_converged(gap: float, iterations: int) -> MeasureError:
    return MeasureError(
        "not-converged",
        f"after {iterations} steps the sample may still be {gap:.1%} above the smallest; loosen"
        " targets that contradict the maximums, or drop levels that repeat each other",
        f"迭代 {iterations} 次后，样本仍可能比最小样本多 {gap:.1%}；"
        "请放宽与上限冲突的精度要求，或去掉重复的层级",
        place="targets",
    )


def _promised(
    levels: list[_Level],
    sizes: IntArray,
    people: FloatArray,
    spreads: list[FloatArray],
    effect: FloatArray,
    z: float,
    used: list[FloatArray],
) -> Tidy:
    """What every domain gets, for the item that does worst there."""
    rows: dict[str, list[Any]] = {
        name: [] for name in ("level", "area", "n", "wanted", "half_width", "binding")
    }
    for at, level in enumerate(levels):
        weight = people / np.bincount(level.member, people)[level.member]
        widths = []
        for spread in spreads:
            se = np.nan_to_num(standard_errors(sizes, people, spread, effect), nan=np.inf)
            variance = np.where(spread > 0, weight**2 * np.where(spread > 0, se, 0.0) ** 2, 0.0)
            widths.append(z * np.sqrt(np.bincount(level.member, variance)))
        family = used[at * len(spreads) : (at + 1) * len(spreads)]
        rows["level"] += [level.name] * len(level.domains)
        rows["area"] += [str(d) for d in level.domains]
        rows["n"] += np.bincount(level.member, sizes).astype(np.int64).tolist()
        rows["wanted"] += np.where(np.isinf(level.wanted), np.nan, level.wanted).tolist()
        rows["half_width"] += np.max(widths, axis=0).tolist()
        rows["binding"] += (np.max(family, axis=0) > 1 - 1e-4).tolist()
    for name in ("wanted", "half_width"):
        rows[name] = np.array(rows[name], dtype=np.float64)  # type: ignore[assignment]
    return Tidy.of(rows)
