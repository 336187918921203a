"""Who is reached: people drawn by telephone number from two frames that overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huiyin.demo.city import City, FloatArray, IntArray

# What telephones a person can be reached by: lines, people sharing them, mobile numbers.
_LINES = (0, 1, 2)
_SHARING = (1, 2, 3, 4, 5)
_MOBILES = (0, 1, 2, 3)

_LANDLINE_BY_AGE = np.array([0.10, 0.16, 0.25, 0.36, 0.48])
_SECOND_LINE = 0.06
_SHARING_SHARES = np.array([0.14, 0.45, 0.22, 0.14, 0.05])
_NO_MOBILE_BY_AGE = np.array([0.002, 0.003, 0.008, 0.03, 0.22])
_MOBILE_SHARES = np.array([0.78, 0.19, 0.03])  # of those with any: one, two, three

#: Answers the call and takes part, by sex and age band.
RESPONSE = 0.26 * np.array([[0.95], [1.05]]) * np.array([0.70, 0.85, 1.00, 1.15, 1.20])

# How much more likely a landline number is drawn than a mobile one: else they would be few.
_RATES = np.array([1.8, 1.0])

#: Share of the numbers of a frame that are somebody's.
WORKING = {"landline": 0.52, "mobile": 0.64}


@dataclass(frozen=True)
class Phones:
    """Kinds of person by telephones, k of them.

    Attributes:
        lines, sharing, mobiles: of each kind, (k,); nobody shares where there is no line.
        shares: of the kinds in each age band, urban and rural, (2, 5, k); they sum to 1.
    """

    lines: IntArray
    sharing: IntArray
    mobiles: IntArray
    shares: FloatArray

    @property
    def ways(self) -> FloatArray:
        """Lines per person sharing them, and mobile numbers: (k, 2)."""
        return np.stack([self.lines / np.maximum(self.sharing, 1), self.mobiles], axis=1)


@dataclass(frozen=True)
class People:
    """The people interviewed in one round, n of them, by township.

    Attributes:
        town: index of the township; ``sex``, ``age`` and ``kind`` (of telephones) likewise.
        landline: reached by landline.
        drawn, frame_size: numbers drawn and there are, landline then mobile, by town, (towns, 2).
    """

    town: IntArray
    sex: IntArray
    age: IntArray
    kind: IntArray
    landline: np.ndarray
    drawn: IntArray
    frame_size: IntArray


def phone_kinds() -> Phones:
    """Every combination of telephones by which somebody can be reached."""
    kinds = [
        (lines, sharing, mobiles)
        for lines in _LINES
        for sharing in (_SHARING if lines else (0,))
        for mobiles in _MOBILES
        if lines or mobiles
    ]
    lines, sharing, mobiles = np.array(kinds, dtype=np.int64).T
    by_area = [_shares(lines, sharing, mobiles, factor) for factor in (1.15, 0.9)]
    return Phones(lines, sharing, mobiles, np.stack(by_area))


def draw_people(city: City, phones: Phones, rng: np.random.Generator) -> People:
    """Draw about 100 to 120 people of each township through their numbers.

    A person with t_L lines shared by a and t_M mobiles is interviewed with probability in
    proportion to ``(f_L t_L / a + f_M t_M) × response``; f are the rates at which numbers of the
    two frames are drawn.
    """
    people = city.adults[..., None] * phones.shares[np.where(city.urban, 0, 1)][:, None]
    willing = people * RESPONSE[..., None]
    wanted = rng.integers(100, 120, len(city.towns))
    working = people.sum(axis=(1, 2)) @ phones.ways
    frame_size = np.round(working / list(WORKING.values())).astype(np.int64)
    expected = willing.sum(axis=(1, 2)) @ phones.ways @ _RATES
    drawn = np.round(frame_size * (wanted / expected)[:, None] * _RATES).astype(np.int64)
    ways = (drawn / frame_size)[:, None, :] * phones.ways
    town, sex, age, kind = _chosen(willing * ways.sum(axis=2)[:, None, None], wanted, rng)
    by_landline = ways[town, kind, 0] / ways[town, kind].sum(axis=1)
    landline = rng.random(len(town)) < by_landline
    return People(town, sex, age, kind, landline, drawn, frame_size)


def base_weights(people: People, phones: Phones) -> FloatArray:
    """One over the expected number of selections (Kalton & Anderson 1986), (n,)."""
    fractions = (people.drawn / people.frame_size)[people.town]
    weights: FloatArray = 1 / (fractions * phones.ways[people.kind]).sum(axis=1)
    return weights


def _chosen(
    chances: FloatArray, wanted: IntArray, rng: np.random.Generator
) -> tuple[IntArray, ...]:
    """Draw the wanted number of people per township; indices of town, sex, age and kind."""
    cells = chances.reshape(len(wanted), -1)
    counts = rng.multinomial(wanted, cells / cells.sum(axis=1, keepdims=True))
    cell = np.repeat(np.tile(np.arange(cells.shape[1]), len(wanted)), counts.ravel())
    town = np.repeat(np.arange(len(wanted)), wanted)
    return (town, *np.unravel_index(cell, chances.shape[1:]))


def _shares(lines: IntArray, sharing: IntArray, mobiles: IntArray, factor: float) -> FloatArray:
    """Shares of the kinds by age band, (5, k)."""
    landline = _LANDLINE_BY_AGE[:, None] * factor
    of_line = np.where(lines == 2, _SECOND_LINE, 1 - _SECOND_LINE)
    of_line = of_line * _SHARING_SHARES[np.maximum(sharing, 1) - 1]
    chance = np.where(lines > 0, landline * of_line, 1 - landline)
    none = _NO_MOBILE_BY_AGE[:, None]
    some = (1 - none) * _MOBILE_SHARES[np.maximum(mobiles, 1) - 1]
    chance = chance * np.where(mobiles > 0, some, none)
    shares: FloatArray = chance / chance.sum(axis=1, keepdims=True)
    return shares
