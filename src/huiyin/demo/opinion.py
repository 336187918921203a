"""What people of each township think, and what the survey would find if it asked everybody.

The opinion of a person on a question is normal: the township's mean, shifted by sex and age, plus
what the person thinks of everything, plus something of its own. Its variance is 1, so every true
value is a sum of normal probabilities and needs no simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from huiyin.demo.city import City, FloatArray, IntArray
from huiyin.demo.instrument import (
    CUTS,
    OF_TOWN,
    QUESTIONS,
    STEPS,
    WEIGHTS,
    WINDOW,
)

ROUNDS = ("2021H1", "2021H2")

#: The total score of the city in the two rounds.
TOTALS = (73.57, 76.09)

#: Share of the coached township's respondents who were told what to answer, second round.
COACHED_SHARE = 0.6

INTERVIEWERS = 48

REFUSAL = 0.003

_AGE_SHIFT = np.array([-0.12, -0.08, 0.0, 0.06, 0.14])
_SEX_SHIFT = np.array([0.03, -0.03])
_UNKNOWN_BY_AGE = np.array([1.0, 0.9, 0.9, 1.0, 1.5])
_VISITED_WINDOW = np.array([0.45, 0.50, 0.45, 0.40, 0.30])
_MOVERS = 6


@dataclass(frozen=True)
class Opinion:
    """The state of the city in both rounds.

    Attributes:
        means: mean of the latent opinion by round, town and question, (2, towns, 12); what the
            coached would think unprompted.
        interviewers: what an interviewer adds to the opinion voiced, (interviewers,), mean 0.
        coached: index of the township coached in the second round.
        up, down: indices of the townships that really moved apart from the city.
        level: what each township thinks of everything, first round, (towns,).
    """

    means: FloatArray
    interviewers: FloatArray
    coached: int
    up: IntArray
    down: IntArray
    level: FloatArray


def shift_by_person() -> FloatArray:
    """Shift of the opinion by sex and age band, (2, 5)."""
    shift: FloatArray = _SEX_SHIFT[:, None] + _AGE_SHIFT
    return shift


def unknown_by_age() -> FloatArray:
    """Probability of *don't know* by age band and question, (5, 12)."""
    base = np.array([question.unknown for question in QUESTIONS])
    unknown: FloatArray = _UNKNOWN_BY_AGE[:, None] * base
    return unknown


def asked_by_age() -> FloatArray:
    """Probability that a question is put, (5, 12); windows are rated by those who went."""
    asked = np.ones((5, len(QUESTIONS)))
    asked[:, WINDOW] = _VISITED_WINDOW
    return asked


def form_opinion(city: City, rng: np.random.Generator) -> Opinion:
    """Draw the opinion of every township and set the city's total to what it is known to be."""
    towns = len(city.towns)
    level = rng.normal(0, 0.10, len(city.counties))[city.county_of_town]
    level = level + rng.normal(0, 0.17, towns) - 0.06 * city.urban
    own = rng.normal(0, 0.08, (towns, len(QUESTIONS)))
    chosen = _chosen_towns(level, rng)
    coached, up, down = chosen[0], np.sort(chosen[1 : 1 + _MOVERS]), np.sort(chosen[1 + _MOVERS :])
    move = np.zeros(towns)
    move[up] = rng.uniform(0.45, 0.60, _MOVERS)
    move[down] = -rng.uniform(0.40, 0.55, _MOVERS)
    interviewers = rng.normal(0, 0.08, INTERVIEWERS)
    interviewers -= interviewers.mean()
    relative = np.stack([level, level + move])[:, :, None] * OF_TOWN + own
    opinion = Opinion(relative, interviewers, int(coached), up, down, level)
    return _set_to_totals(city, opinion)


def answered_values(
    city: City, opinion: Opinion, round_: int, *, honest: bool = False
) -> tuple[FloatArray, FloatArray]:
    """What the township's people would answer if all were asked: sums that can be added up.

    Args:
        honest: leave the coaching out.

    Returns:
        Sum of values and number of people answering, each (towns, 12).
    """
    answers = city.adults[..., None] * (asked_by_age() * (1 - unknown_by_age() - REFUSAL))
    values = _expected(opinion.means[round_], opinion.interviewers)
    value = (answers * values).sum(axis=(1, 2))
    answering = answers.sum(axis=(1, 2))
    if round_ == 1 and not honest:
        at = opinion.coached
        told = COACHED_SHARE * (city.adults[at, ..., None] * asked_by_age()).sum(axis=(0, 1))
        value[at] = (1 - COACHED_SHARE) * value[at] + 100 * told
        answering[at] = (1 - COACHED_SHARE) * answering[at] + told
    return value, answering


def indicators(value: FloatArray, answering: FloatArray, group: IntArray) -> FloatArray:
    """Indicators of groups of townships, the total score last.

    Args:
        value, answering: from :func:`answered_values`.
        group: index of the group each township belongs to, (towns,).

    Returns:
        Shape (groups, 13), in percent or points.
    """
    sums = np.zeros((2, int(group.max()) + 1, len(QUESTIONS)))
    np.add.at(sums[0], group, value)
    np.add.at(sums[1], group, answering)
    values = sums[0] / sums[1]
    return np.concatenate([values, values @ WEIGHTS[:, None]], axis=1)


def _expected(means: FloatArray, interviewers: FloatArray) -> FloatArray:
    """Mean value of an answer by town, sex, age band and question, over the interviewers."""
    from scipy.special import ndtr

    centre = means[:, None, None, :] + shift_by_person()[:, :, None]
    values = np.zeros(centre.shape)
    for effect in interviewers.tolist():
        crossed = ndtr((centre + effect)[..., None] - CUTS)
        values += (crossed * STEPS).sum(axis=-1)
    return values / len(interviewers)


def _chosen_towns(level: FloatArray, rng: np.random.Generator) -> IntArray:
    """The coached township and those that move: none of them at the ends of the table."""
    middle = np.argsort(level)[len(level) // 6 : -len(level) // 6]
    chosen = rng.choice(middle, 1 + 2 * _MOVERS, replace=False)
    lowest = int(np.argmin(level[chosen]))
    chosen[[0, lowest]] = chosen[[lowest, 0]]
    return chosen.astype(np.int64)


def _set_to_totals(city: City, opinion: Opinion) -> Opinion:
    """Shift the means so that the city's indicators are about, its total exactly, as wanted."""
    plain = replace(opinion, interviewers=np.zeros(1))  # same array of means, quick to evaluate
    for round_, total in enumerate(TOTALS):
        means = opinion.means[round_]
        wanted = np.array([q.first + round_ * q.change for q in QUESTIONS])
        for _ in range(12):
            means += (wanted - _of_city(city, plain, round_)[:-1]) / 25
        before = _of_city(city, plain, round_)[-1]
        means += 0.01
        slope = (_of_city(city, plain, round_)[-1] - before) / 0.01
        for _ in range(6):
            means += (total - _of_city(city, opinion, round_)[-1]) / slope
    return opinion


def _of_city(city: City, opinion: Opinion, round_: int) -> FloatArray:
    everywhere = np.zeros(len(city.towns), dtype=np.int64)
    values: FloatArray = indicators(*answered_values(city, opinion, round_), everywhere)[0]
    return values
