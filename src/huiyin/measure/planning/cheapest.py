"""The least costly sample sizes under several precision constraints.

Minimise ``Σ c_h n_h`` subject to ``Σ_h a_jh / n_h ≤ 1`` for every constraint j and
``low ≤ n ≤ high``: convex, so its Karush-Kuhn-Tucker point is the optimum (Bethel 1989, Survey
Methodology 15, 47-57). The multipliers are found by Chromy's iteration (1987, Proceedings of the
ASA Section on Survey Research Methods, 194-199).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Constraints:
    """Families of constraints; within a family every stratum belongs to exactly one.

    Attributes:
        loads: per family, a_h of each stratum in the constraint it belongs to.
        member: per family, the number of that constraint.
    """

    loads: tuple[FloatArray, ...]
    member: tuple[IntArray, ...]

    def sizes(self) -> list[int]:
        """Number of constraints in each family."""
        return [int(m.max()) + 1 for m in self.member]

    def used(self, n: FloatArray) -> list[FloatArray]:
        """``Σ a/n`` of every constraint; at most 1 where it holds."""
        return [
            np.bincount(m, _ratio(a, n), minlength=k).astype(np.float64)
            for a, m, k in zip(self.loads, self.member, self.sizes(), strict=True)
        ]

    def priced(self, multipliers: list[FloatArray]) -> FloatArray:
        """``Σ_j λ_j a_jh`` of every stratum."""
        total = np.zeros_like(self.loads[0])
        for a, m, price in zip(self.loads, self.member, multipliers, strict=True):
            total += price[m] * a
        return total


def cheapest_sizes(
    constraints: Constraints,
    cost: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    iterations: int = 2_000,
    tolerance: float = 1e-8,
) -> tuple[FloatArray, float, int]:
    """Fractional optimum, how far its cost may be from the least (relative), iterations used.

    ``n_h = clip(√(Σ λ_j a_jh / c_h), low, high)``. A multiplier is raised or lowered by the square
    of what its constraint uses; strata held at a bound cannot answer, so what they use is taken
    off first, which makes a step exact where one constraint binds alone. Ended when the cost of
    the sizes, scaled up to hold every constraint, is within ``tolerance`` of the dual value, which
    no sample can go below.

    Args:
        constraints: families of ``a``; the constraints must hold at ``high``.
        cost: of one interview per stratum, above 0.
        low, high: bounds of n per stratum; low may be 0.
    """
    low = np.minimum(_with_lone_strata(constraints, low), high)
    open_ones = _not_met(constraints, low)
    multipliers = [
        np.full(k, max(float(a.max()), 1e-300) * float(np.sum(cost)))
        for a, k in zip(open_ones.loads, open_ones.sizes(), strict=True)
    ]
    best, least, done = high, -np.inf, 0
    while done < iterations:
        done += 1
        n = _answer(open_ones, multipliers, cost, low, high)
        used = open_ones.used(n)
        least = max(least, _dual(n, used, multipliers, cost))
        feasible = _made_feasible(open_ones, n, high)
        if np.sum(cost * feasible) < np.sum(cost * best):
            best = feasible
        if np.sum(cost * best) <= least * (1 + tolerance):
            break
        multipliers = _stepped(open_ones, multipliers, n, low, high)
    return best, 1.0 - least / float(np.sum(cost * best)), done


def whole_sizes(
    constraints: Constraints, n: FloatArray, cost: FloatArray, low: FloatArray, high: FloatArray
) -> IntArray:
    """Whole numbers near ``n`` that hold every constraint, none of which could be one less.

    All are rounded up; then, the dearest and most rounded first, one interview is taken away
    wherever all constraints of the stratum still hold.
    """
    sizes = np.clip(np.ceil(n * (1 - 1e-9)), np.ceil(low), high).astype(np.int64)
    _raise_where_short(constraints, sizes, cost, high)
    used = constraints.used(sizes.astype(np.float64))
    limits = [np.maximum(u, 1.0) for u in used]
    for h in np.lexsort((n - sizes, -cost)).tolist():
        while sizes[h] > low[h] and _can_spare(constraints, used, limits, sizes, h):
            sizes[h] -= 1
    return sizes


def _ratio(a: FloatArray, n: FloatArray) -> FloatArray:
    """``a/n``, 0 where a is 0, infinite where only n is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a > 0, a / n, 0.0)


def _with_lone_strata(constraints: Constraints, low: FloatArray) -> FloatArray:
    """Lower bounds, raised where a stratum alone makes up a constraint."""
    for a, m, k in zip(constraints.loads, constraints.member, constraints.sizes(), strict=True):
        alone = np.bincount(m, minlength=k)[m] == 1
        low = np.where(alone, np.maximum(low, a), low)
    return low


def _not_met(constraints: Constraints, low: FloatArray) -> Constraints:
    """The constraints without those that the lower bounds already hold."""
    used = constraints.used(low)
    loads = tuple(
        np.where(u[m] <= 1, 0.0, a)
        for a, m, u in zip(constraints.loads, constraints.member, used, strict=True)
    )
    return Constraints(loads, constraints.member)


def _dual(
    n: FloatArray, used: list[FloatArray], multipliers: list[FloatArray], cost: FloatArray
) -> float:
    """The Lagrangian at its minimiser ``n``: a lower bound of the least cost."""
    slack = sum(float(np.sum(p * (u - 1))) for p, u in zip(multipliers, used, strict=True))
    return float(np.sum(cost * n)) + slack


def _answer(
    constraints: Constraints,
    multipliers: list[FloatArray],
    cost: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    priced = constraints.priced(multipliers)
    return np.clip(np.sqrt(priced / cost), np.where(priced > 0, np.maximum(low, 1e-9), low), high)


def _stepped(
    constraints: Constraints,
    multipliers: list[FloatArray],
    n: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> list[FloatArray]:
    held = (n <= low) | (n >= high)
    stepped = []
    for a, m, price in zip(constraints.loads, constraints.member, multipliers, strict=True):
        ratio = _ratio(a, n)
        free = np.bincount(m, ratio * ~held, minlength=len(price))
        fixed = np.bincount(m, ratio * held, minlength=len(price))
        room = 1.0 - fixed
        alone = (free > 0) & (room > 0.01)
        target = np.where(alone, free / np.where(alone, room, 1.0), free + fixed)
        stepped.append(np.maximum(price * np.clip(target, 0.1, 10.0) ** 2, 1e-300))
    return stepped


def _made_feasible(constraints: Constraints, n: FloatArray, high: FloatArray) -> FloatArray:
    """Sizes scaled up until every constraint holds; ``high`` where that does not come about.

    Strata already at ``high`` cannot be scaled, so the others make up for them; some of those may
    then reach ``high`` in turn.
    """
    for _ in range(20):
        scale = np.ones_like(n)
        full = n >= high
        for a, m, k in zip(constraints.loads, constraints.member, constraints.sizes(), strict=True):
            ratio = _ratio(a, n)
            room = 1 - np.bincount(m, ratio * full, minlength=k)
            open_part = np.bincount(m, ratio * ~full, minlength=k)
            wanted = np.where(room > 0, open_part / np.where(room > 0, room, 1.0), np.inf)
            scale = np.maximum(scale, np.where(a > 0, wanted[m], 1.0))
        if scale[~full].max(initial=1.0) <= 1 + 1e-12:
            return n
        n = np.minimum(n * scale, high)
    return high


def _raise_where_short(
    constraints: Constraints, sizes: IntArray, cost: FloatArray, high: FloatArray
) -> None:
    """Bounds may have kept a stratum back by a hair: add where one interview helps most."""
    for a, m in zip(constraints.loads, constraints.member, strict=True):
        used = np.bincount(m, _ratio(a, sizes.astype(np.float64)))
        for j in np.flatnonzero(used > 1 + 1e-12):
            inside = np.flatnonzero(m == j)
            while np.sum(_ratio(a[inside], sizes[inside].astype(np.float64))) > 1 + 1e-12:
                size = np.maximum(sizes[inside].astype(np.float64), 1e-9)
                gain = np.where(sizes[inside] < high[inside], a[inside] / (size * (size + 1)), -1.0)
                if gain.max() <= 0:
                    break
                sizes[inside[int(np.argmax(gain / cost[inside]))]] += 1


def _can_spare(
    constraints: Constraints,
    used: list[FloatArray],
    limits: list[FloatArray],
    sizes: IntArray,
    h: int,
) -> bool:
    """Take one interview from stratum ``h`` if all its constraints allow, noting what is used."""
    n = float(sizes[h])
    more = []
    for a, m, u, limit in zip(constraints.loads, constraints.member, used, limits, strict=True):
        added = float(a[h]) / (n * (n - 1)) if n > 1 else (np.inf if a[h] > 0 else 0.0)
        if u[m[h]] + added > limit[m[h]]:
            return False
        more.append(added)
    for m, u, added in zip(constraints.member, used, more, strict=True):
        u[m[h]] += added
    return True
