"""Two rounds of the telephone survey of 安和市, from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from huiyin.demo.answers import interview
from huiyin.demo.city import City, FloatArray, build_city
from huiyin.demo.fieldwork import assign_interviewers, dispositions, durations, start_times
from huiyin.demo.instrument import NAMES
from huiyin.demo.opinion import (
    COACHED_SHARE,
    ROUNDS,
    Opinion,
    answered_values,
    form_opinion,
    indicators,
)
from huiyin.demo.people import People, Phones, base_weights, draw_people, phone_kinds

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Round:
    """One round as the office receives it.

    Attributes:
        interviews: one row per interview, in order of time.
        dispositions: what became of every number drawn: (frame, AAPOR code, count).
    """

    name: str
    interviews: pa.Table
    dispositions: list[tuple[str, str, int]]


@dataclass(frozen=True)
class Simulation:
    """The city, what its people think, and what two rounds of interviews brought."""

    seed: int
    city: City
    opinion: Opinion
    rounds: tuple[Round, ...]


def simulate(seed: int = 1) -> Simulation:
    """Simulate both rounds; the same seed gives the same interviews.

    The city is always the same. Opinions, the township that is coached, those that really move,
    and everything about the sample follow from the seed.
    """
    opinions, *samples = np.random.SeedSequence(seed).spawn(1 + len(ROUNDS))
    city = build_city()
    opinion = form_opinion(city, np.random.Generator(np.random.PCG64(opinions)))
    rounds = [
        _round(at, city, opinion, np.random.Generator(np.random.PCG64(sample)))
        for at, sample in enumerate(samples)
    ]
    return Simulation(seed, city, opinion, tuple(rounds))


def covariates(simulation: Simulation) -> dict[str, Any]:
    """What registers know of each township: columns for small-area models.

    ``cases_per_10000`` and ``visits_per_100`` go with what people think, ``share_60_plus`` and
    ``log_adults`` come from the population.
    """
    city, level = simulation.city, simulation.opinion.level
    rng = np.random.Generator(np.random.PCG64([simulation.seed, 2021]))
    adults = city.town_adults
    return {
        "area": city.towns,
        "urban": city.urban.astype(int).tolist(),
        "log_adults": np.round(np.log(adults), 4).tolist(),
        "share_60_plus": np.round(city.adults[:, :, 4].sum(axis=1) / adults, 4).tolist(),
        "cases_per_10000": _noisy(level, -0.8, 38, 9, rng),
        "visits_per_100": _noisy(level, 0.6, 64, 12, rng),
    }


def truth(simulation: Simulation) -> dict[str, Any]:
    """True values by round, level and area, and what was done to whom.

    ``values`` are what the survey would find if it asked everybody (coaching included), the
    target of its intervals; ``honest`` leaves the coaching out.
    """
    city, opinion = simulation.city, simulation.opinion
    return {
        "seed": simulation.seed,
        "rounds": {
            name: {"values": _levels(city, opinion, at), "honest": _levels(city, opinion, at, True)}
            for at, name in enumerate(ROUNDS)
        },
        "coached": {
            "round": ROUNDS[1],
            "town": city.towns[opinion.coached],
            "name": city.town_names[opinion.coached],
            "share": COACHED_SHARE,
        },
        "moved": {
            "up": [city.towns[at] for at in opinion.up],
            "down": [city.towns[at] for at in opinion.down],
        },
    }


def _levels(
    city: City, opinion: Opinion, round_: int, honest: bool = False
) -> dict[str, dict[str, dict[str, float]]]:
    towns = np.arange(len(city.towns))
    levels = {
        "all": (["all"], np.zeros_like(towns)),
        "county": (city.counties, city.county_of_town),
        "town": (city.towns, towns),
    }
    value, answering = answered_values(city, opinion, round_, honest=honest)
    found = {}
    for level, (areas, group) in levels.items():
        values = indicators(value, answering, group).tolist()
        rows = [dict(zip((*NAMES, "total"), row, strict=True)) for row in values]
        found[level] = dict(zip(areas, rows, strict=True))
    return found


def _round(at: int, city: City, opinion: Opinion, rng: np.random.Generator) -> Round:
    phones = phone_kinds()
    people = draw_people(city, phones, rng)
    n = len(people.town)
    coached = (people.town == opinion.coached) & (at == 1) & (rng.random(n) < COACHED_SHARE)
    interviewer = assign_interviewers(n, rng)
    said = interview(
        opinion.means[at][people.town],
        people.sex,
        people.age,
        opinion.interviewers[interviewer],
        coached,
        rng,
    )
    seconds = durations(people.age, interviewer, coached, rng)
    columns = _person_columns(city, phones, people)
    columns |= {
        "interviewer": np.char.add("F", np.char.zfill((interviewer + 1).astype(str), 2)),
        "started": start_times(at, interviewer, seconds, rng),
        "seconds": seconds,
    }
    columns |= {name: said.codes[:, j] for j, name in enumerate(NAMES)}
    columns |= {f"concern_{j + 1}": _or_none(said.concerns[:, j]) for j in range(3)}
    columns |= {
        "campaign_content": _or_none(said.content),
        "told_how": said.told,
        "list_treatment": said.treated.astype(np.int64),
        "list_count": said.count,
    }
    return Round(ROUNDS[at], _in_order(columns, ROUNDS[at]), dispositions(people))


def _person_columns(city: City, phones: Phones, people: People) -> dict[str, Any]:
    county = np.array(city.counties)[city.county_of_town]
    area_type = np.where(city.urban, "urban", "rural")
    stratum = np.char.add(np.char.add(county, "-"), area_type)
    lines = phones.lines[people.kind]
    return {
        "county": county[people.town],
        "town": np.array(city.towns)[people.town],
        "area_type": area_type[people.town],
        "stratum": stratum[people.town],
        "frame": np.where(people.landline, "landline", "mobile"),
        "landlines": lines,
        "sharing": _or_none(phones.sharing[people.kind]),
        "mobiles": phones.mobiles[people.kind],
        "landline_drawn": people.drawn[people.town, 0],
        "landline_numbers": people.frame_size[people.town, 0],
        "mobile_drawn": people.drawn[people.town, 1],
        "mobile_numbers": people.frame_size[people.town, 1],
        "base_weight": base_weights(people, phones),
        "sex": people.sex + 1,
        "age_band": people.age + 1,
    }


def _or_none(codes: np.ndarray) -> pa.Array:
    """Whole numbers with null for 0."""
    import pyarrow as pa

    return pa.array(codes, mask=codes == 0)


def _in_order(columns: dict[str, Any], name: str) -> pa.Table:
    """The table in order of time, with a number for each interview."""
    import pyarrow as pa

    order = np.lexsort((columns["interviewer"], columns["started"]))
    table = pa.table(columns).take(order)
    ids = [f"{name}-{at:05d}" for at in range(1, len(order) + 1)]
    return table.add_column(0, "case_id", pa.array(ids))


def _noisy(
    level: FloatArray, correlation: float, mean: float, deviation: float, rng: np.random.Generator
) -> list[float]:
    """A register figure that correlates so with what people think."""
    standard = (level - level.mean()) / level.std()
    noise = rng.normal(size=len(level)) * np.sqrt(1 - correlation**2)
    values: list[float] = np.round(mean + deviation * (correlation * standard + noise), 2).tolist()
    return values
