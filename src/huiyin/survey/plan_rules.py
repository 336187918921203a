"""The planner's sums: everything is worked out by ``huiyin.measure.planning``. Pure.

What can be wrong with a plan is said by the measurement's own errors, in the language of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from huiyin import measure

Method = Literal["smallest", "proportional", "neyman", "power", "equal"]
METHODS: tuple[Method, ...] = ("smallest", "proportional", "neyman", "power", "equal")
#: Interviews for which curves are drawn.
STEPS = (50, 100, 150, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
#: Interviews per area for which ranks are simulated, and how often.
RANK_STEPS = (100, 200, 400, 800, 1600)
SURVEYS, DRAWS = 60, 400


@dataclass(frozen=True)
class Area:
    """A stratum of the plan: a township, or a county without townships' figures.

    Attributes:
        code, name: of its region.
        county: code of the county in which it lies (its own, if it is one).
        people: who could be asked.
    """

    code: str
    name: str
    county: str
    people: int


@dataclass(frozen=True)
class Assumptions:
    """What is taken for granted of the item and of the field.

    Attributes:
        kind: ``share`` of a chosen answer, or ``mean`` of a 0–100 score.
        share: expected share in percent.
        sd: standard deviation of the score, in points.
        deff: design effect.
        confidence: level of the intervals, 0–1.
        response, working, eligible: rates in percent.
    """

    kind: Literal["share", "mean"] = "mean"
    share: float = 85.0
    sd: float = 22.0
    deff: float = 1.5
    confidence: float = 0.95
    response: float = 30.0
    working: float = 60.0
    eligible: float = 85.0

    def spread(self) -> dict[str, float]:
        """The item's spread, as the planning functions take it."""
        return {"share": self.share} if self.kind == "share" else {"sd": self.sd}

    def points(self) -> float:
        """The standard deviation of the item in points."""
        if self.kind == "mean":
            return self.sd
        return float((self.share * (100 - self.share)) ** 0.5)

    def item(self) -> dict[str, Any]:
        """The item, its design effect and the level, for sizes and precisions."""
        return {"kind": self.kind, **self.spread(), "deff": self.deff,
                "confidence": self.confidence}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a plan is to give.

    Attributes:
        method: how interviews are shared out; ``smallest`` meets all half-widths.
        interviews: in all, for the other methods.
        city, county, town: half-widths in points; None = no matter.
        minimum: interviews of each area at least.
        change: in points, to be told from noise.
    """

    method: Method = "smallest"
    interviews: int | None = None
    city: float | None = None
    county: float | None = 3.0
    town: float | None = None
    minimum: int = 2
    change: float = 2.52


@dataclass(frozen=True)
class Line:
    """What a plan gives in an area."""

    code: str
    name: str
    people: int
    interviews: int
    half_width: float | None
    dial: int


@dataclass(frozen=True)
class Plan:
    """A plan: areas, counties, and the whole.

    Attributes:
        areas: what each stratum gets.
        counties: the same, added up by county, with the half-width of the county.
        whole: the city.
    """

    areas: list[Line] = field(default_factory=list)
    counties: list[Line] = field(default_factory=list)
    whole: Line | None = None


def plan(areas: Sequence[Area], names: dict[str, str], wanted: Wanted, know: Assumptions) -> Plan:
    """Share interviews out and say what each area, each county and the whole get.

    Args:
        areas: at least one; people > 0.
        names: of the counties, by code; ``""`` names the whole.

    Raises:
        MeasureError: what is asked cannot be had, or contradicts itself.
    """
    strata = [
        {"code": a.code, "county": a.county, "population": a.people, "everywhere": "all"}
        for a in areas
    ]
    import pyarrow as pa

    found = _shared(pa.Table.from_pylist(strata), wanted, know).rows()
    sizes = {row["code"]: int(row["n"]) for row in found}
    widths = {row["code"]: row["half_width"] for row in found}
    lines = [
        Line(a.code, a.name, a.people, sizes[a.code], widths[a.code], dial(sizes[a.code], know))
        for a in areas
    ]
    counties = [
        _together(code, names.get(code, code), [a for a in areas if a.county == code], sizes, know)
        for code in dict.fromkeys(a.county for a in areas)
    ]
    return Plan(lines, counties, _together("", names.get("", ""), list(areas), sizes, know))


def _shared(strata: Any, wanted: Wanted, know: Assumptions) -> measure.Tidy:
    common: dict[str, Any] = {**know.spread(), "deff": know.deff, "confidence": know.confidence,
              "minimum": wanted.minimum}  # fmt: skip
    if wanted.method == "smallest":
        levels = {"all": wanted.city, "county": wanted.county, "code": wanted.town}
        targets = {level: width for level, width in levels.items() if width}
        return measure.smallest_allocation(strata, targets, **common)
    return measure.allocate(strata, wanted.interviews, method=wanted.method, **common)


def _together(
    code: str, name: str, areas: list[Area], sizes: dict[str, int], know: Assumptions
) -> Line:
    """Some areas as one: their interviews, and the half-width of their weighted mean."""
    people = sum(area.people for area in areas)
    n = sum(sizes[area.code] for area in areas)
    return Line(code, name, people, n, _half_width(areas, sizes, people, know), dial(n, know))


def _half_width(
    areas: list[Area], sizes: dict[str, int], people: int, know: Assumptions
) -> float | None:
    if any(not sizes[area.code] for area in areas):
        return None
    widths = measure.precision(
        [sizes[a.code] for a in areas], population=[a.people for a in areas], **know.item()
    ).rows()
    squares = ((a.people / people * row["half_width"]) ** 2
               for a, row in zip(areas, widths, strict=True))  # fmt: skip
    return float(sum(squares) ** 0.5)


def dial(interviews: int, know: Assumptions) -> int:
    """How many numbers must be dialled for so many interviews."""
    if not interviews:
        return 0
    numbers = measure.numbers_to_dial(
        interviews,
        response_rate=know.response,
        working_rate=know.working,
        eligibility_rate=know.eligible,
    )
    return int(numbers[0])


def precision_curve(know: Assumptions) -> list[dict[str, float]]:
    """Half-width against interviews."""
    found = measure.precision(list(STEPS), **know.item()).rows()
    return [{"n": row["completes"], "half_width": row["half_width"]} for row in found]


def comparison(know: Assumptions) -> measure.Comparison:
    """How two rounds are compared."""
    spread: dict[str, Any] = know.spread()
    return measure.Comparison(kind=know.kind, deff=know.deff, confidence=know.confidence, **spread)


def power_curve(change: float, know: Assumptions) -> list[dict[str, float]]:
    """The probability, in percent, that a change is told from noise, against interviews."""
    found = measure.power(change, list(STEPS), compare=comparison(know)).rows()
    return [{"n": row["n"], "power": 100 * row["power"]} for row in found]


def size_for_change(change: float, know: Assumptions, power: float = 0.8) -> int:
    """Interviews per round with which a change is found with a probability of ``power``.

    Raises:
        MeasureError: ``out-of-reach``, ``share-out-of-range``.
    """
    return int(
        measure.size_for_change(change, power=power, compare=comparison(know)).rows()[0]["n"]
    )


@lru_cache(maxsize=64)
def rank_curve(areas: int, spread: float, know: Assumptions) -> tuple[dict[str, float], ...]:
    """How many pairs of areas are told apart (percent), and ranks in a set, against interviews.

    Args:
        areas: how many are ranked.
        spread: standard deviation of their true values, in points.
    """
    found = measure.distinguishable_ranks(
        list(RANK_STEPS), sd=know.points(), areas=areas, spread=spread, deff=know.deff,
        confidence=know.confidence, top=min(5, areas), surveys=SURVEYS, draws=DRAWS,
    ).rows()  # fmt: skip
    return tuple(
        {"n": row["n"], "share": row["told_apart_share"], "pairs": row["told_apart"],
         "all_pairs": row["pairs"], "mean_set": row["mean_set"], "single": row["single"]}
        for row in found
    )  # fmt: skip
