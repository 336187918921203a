"""Does the planner keep its promises? Surveys are simulated as planned, and measured.

``python -m bench.planning_check`` prints a table: what was promised, and what came out. ``ok``
says whether the promise lies within four simulation errors of what came out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.measure.planning import (
    Comparison,
    allocate,
    power,
    sample_size,
    smallest_allocation,
)

FloatArray = npt.NDArray[np.float64]
Z = 1.959963984540054
SURVEYS = 20_000


@dataclass(frozen=True)
class Promise:
    what: str
    promised: float
    came_out: float
    error: float

    @property
    def kept(self) -> bool:
        return abs(self.promised - self.came_out) <= 4 * self.error


def half_width(errors: FloatArray) -> tuple[float, float]:
    """95 % half-width of simulated errors, and its simulation error (4th moment aside)."""
    width = Z * float(np.sqrt(np.mean(errors**2)))
    return width, width / float(np.sqrt(2 * errors.size))


def shares(generator: np.random.Generator) -> Iterator[Promise]:
    """A share, from an endless and from a small population."""
    for share, wanted, people in ((50, 3, None), (93, 2, None), (93, 3, 2000)):
        row = sample_size(wanted, share=share, population=people).rows()[0]
        n = row["completes"]
        if people is None:
            found = 100 * generator.binomial(n, share / 100, SURVEYS) / n
        else:
            good = round(people * share / 100)
            found = 100 * generator.hypergeometric(good, people - good, n, SURVEYS) / n
        width, error = half_width(found - share)
        where = "" if people is None else f" of {people:,} people"
        yield Promise(f"half-width of a share of {share} %, n = {n}{where}",
                      row["half_width"], width, error)  # fmt: skip


def score(generator: np.random.Generator) -> Iterator[Promise]:
    """A 0-100 score under weights whose design effect was planned for."""
    cv2 = 0.5
    row = sample_size(2.5, kind="mean", sd=22, deff=1 + cv2).rows()[0]
    n, spread = row["completes"], np.log(1 + cv2)
    errors = np.empty(SURVEYS)
    for survey in range(SURVEYS):
        weights = generator.lognormal(-spread / 2, np.sqrt(spread), n)
        errors[survey] = np.average(generator.normal(0, 22, n), weights=weights)
    width, error = half_width(errors)
    yield Promise(f"half-width of a score, SD 22, design effect 1.5, n = {n}",
                  row["half_width"], width, error)  # fmt: skip


def dialling(generator: np.random.Generator) -> Iterator[Promise]:
    """Interviews that come of the numbers dialled."""
    row = sample_size(3, response_rate=22, working_rate=55, eligibility_rate=85).rows()[0]
    yields = generator.binomial(row["numbers"], 0.22 * 0.55 * 0.85, SURVEYS)
    yield Promise(f"interviews from {row['numbers']:,} numbers dialled", row["completes"],
                  float(yields.mean()), float(yields.std() / np.sqrt(SURVEYS)) + 0.25)  # fmt: skip


def towns(counties: int, per_county: int) -> dict[str, list[object]]:
    generator = np.random.Generator(np.random.PCG64(8))
    size = counties * per_county
    return {
        "town": [f"T{i:03d}" for i in range(size)],
        "county": [f"C{i // per_county}" for i in range(size)],
        "population": generator.integers(5_000, 80_000, size).tolist(),
        "share": generator.uniform(85, 97, size).tolist(),
    }


def drawn(generator: np.random.Generator, strata: dict[str, list[object]],
          n: FloatArray) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Simulated errors (surveys × towns) of shares, and the weights of the towns."""
    people = np.array(strata["population"], dtype=np.int64)
    good = np.round(people * np.array(strata["share"], dtype=float) / 100).astype(np.int64)
    found = generator.hypergeometric(good, people - good, n.astype(np.int64),
                                     (SURVEYS, len(people)))  # fmt: skip
    return 100 * (found / n - good / people), people.astype(float)


def allocations(generator: np.random.Generator) -> Iterator[Promise]:
    """The whole, under each way of sharing out."""
    strata = towns(8, 13)
    for method in ("proportional", "equal", "neyman", "power"):
        plan = allocate(strata, 11_000, method=method, share="share")
        errors, people = drawn(generator, strata, plan["n"].to_numpy())
        width, error = half_width(errors @ (people / people.sum()))
        yield Promise(f"half-width of the city, 11,000 interviews, {method}",
                      plan.notes["half_width"], width, error)  # fmt: skip


def domains(generator: np.random.Generator) -> Iterator[Promise]:
    """Every level of the smallest allocation: the mean over its areas."""
    strata = towns(8, 13)
    plan = smallest_allocation(strata, {"town": 5, "county": 1.5, "all": 0.45}, share="share")
    errors, people = drawn(generator, strata, plan["n"].to_numpy())
    promised = plan.notes["domains"].rows()
    for level in ("town", "county", "all"):
        areas = [p for p in promised if p["level"] == level]
        widths = []
        for area in areas:
            inside = np.array([level == "all" or v == area["area"]
                               for v in strata.get(level, strata["town"])])  # fmt: skip
            weight = people * inside / people[inside].sum()
            widths.append(half_width(errors @ weight))
        error = float(np.sqrt(np.sum([e**2 for _, e in widths]))) / len(areas)
        yield Promise(
            f"mean half-width, {level} ({len(areas)}), smallest allocation, "
            f"{plan.notes['n']:,} interviews",
            float(np.mean([a["half_width"] for a in areas])),
            float(np.mean([w for w, _ in widths])), error,
        )  # fmt: skip


def changes(generator: np.random.Generator) -> Iterator[Promise]:
    """Power of a change, independent and with people in common."""
    for overlap, correlation in ((0.0, 0.0), (0.5, 0.6)):
        compare = Comparison(sd=22, overlap=overlap, correlation=correlation)
        promised = power(2.52, 1000, compare=compare)["power"][0].as_py()
        both = int(1000 * overlap)
        cov = 22**2 * np.array([[1, correlation], [correlation, 1]])
        shared = generator.multivariate_normal([0, 2.52], cov / max(both, 1), SURVEYS)
        alone = generator.normal([0, 2.52], 22 / np.sqrt(max(1000 - both, 1)), (SURVEYS, 2))
        means = overlap * shared + (1 - overlap) * alone
        seen = (means[:, 1] - means[:, 0]) / compare.standard_error(2.52, 1000, 1000) > Z
        error = float(np.sqrt(promised * (1 - promised) / SURVEYS))
        yield Promise(f"power for +2.52 points, n = 1,000 twice, overlap {overlap:.0%}",
                      promised, float(seen.mean()), error)  # fmt: skip


def promises() -> list[Promise]:
    generator = np.random.Generator(np.random.PCG64(2024))
    parts = (shares, score, dialling, allocations, domains, changes)
    return [promise for part in parts for promise in part(generator)]


def main() -> None:
    """Print the table."""
    print(f"{SURVEYS:,} simulated surveys each.\n")
    print("| promise | promised | came out | simulation error | kept |")
    print("|---|---:|---:|---:|---|")
    for p in promises():
        kept = "yes" if p.kept else "no"
        print(f"| {p.what} | {p.promised:.3f} | {p.came_out:.3f} | {p.error:.3f} | {kept} |")


if __name__ == "__main__":
    main()
