"""What the people reached say: twelve answers, concerns, and the questions that test honesty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.demo.city import FloatArray, IntArray
from huiyin.demo.instrument import (
    AWARENESS,
    CONCERNS,
    CUTS,
    DO_NOT_KNOW,
    LIST_ITEMS,
    LOADINGS,
    NAMES,
    NO_CONCERN,
    NOT_VISITED,
    REFUSED,
    RIGHT_CONTENT,
)
from huiyin.demo.opinion import REFUSAL, asked_by_age, shift_by_person, unknown_by_age

BoolArray = npt.NDArray[np.bool_]

#: Shares that say they were told how to answer: coached, and everybody else by mistake.
_ADMITS = (0.55, 0.008)

# Knows what the campaign is about, by answer on awareness (knows of it, has heard of it).
_KNOWS = (0.74, 0.42)
_KNOWS_COACHED = 0.15

_CONTROL_CHANCES = (0.72, 0.45, 0.30, 0.15)

# How often each concern is named by those who are as content with it as with the rest.
_APPEAL = np.array([0.6, -0.6, 0.0, -0.7, 0.1, 0.8, -0.2, 0.4, 0.1, 0.9, 0.7, -0.1])
_HOW_MANY = np.array([0.16, 0.28, 0.30, 0.26])


@dataclass(frozen=True)
class Said:
    """The answers of n people.

    Attributes:
        codes: to the twelve questions, (n, 12); 7 did not go, 8 does not know, 9 refused.
        concerns: up to three codes, (n, 3); 99 = none, 0 = nothing further.
        content: what the campaign is about, 0 = not asked.
        told: 1 told how to answer, 2 not, 9 refused.
        treated: the list held the sensitive statement.
        count: statements of the list that apply.
    """

    codes: IntArray
    concerns: IntArray
    content: IntArray
    told: IntArray
    treated: BoolArray
    count: IntArray


def interview(
    means: FloatArray,
    sex: IntArray,
    age: IntArray,
    effects: FloatArray,
    coached: BoolArray,
    rng: np.random.Generator,
) -> Said:
    """Ask n people.

    Args:
        means: mean opinion of each person's township, (n, 12).
        sex, age: indices.
        effects: what the interviewer adds to the opinion voiced.
        coached: has been told what to answer.
    """
    shift = shift_by_person()[sex, age] + effects
    opinions = _opinions(means + shift[:, None], rng)
    codes = 1 + (opinions[..., None] < CUTS).sum(axis=-1)
    codes = _nonanswers(np.where(coached[:, None], 1, codes), age, coached, rng)
    treated, count = _list(coached, rng)
    admits = np.where(coached, *_ADMITS)
    told = np.where(rng.random(len(sex)) < admits, 1, 2)
    return Said(
        codes,
        _concerns(opinions, coached, rng),
        _content(codes[:, AWARENESS], coached, rng),
        np.where(rng.random(len(sex)) < 0.004, REFUSED, told),
        treated,
        count,
    )


def _opinions(means: FloatArray, rng: np.random.Generator) -> FloatArray:
    general = rng.normal(size=(len(means), 1))
    own = rng.normal(size=means.shape)
    opinions: FloatArray = means + LOADINGS * general + np.sqrt(1 - LOADINGS**2) * own
    return opinions


def _nonanswers(
    codes: IntArray, age: IntArray, coached: BoolArray, rng: np.random.Generator
) -> IntArray:
    """Put *don't know*, *refused* and *did not go* in place of answers; the coached know all."""
    chance = rng.random(codes.shape)
    chance[coached] = 1.0
    unknown = unknown_by_age()[age]
    codes = np.where(chance < unknown + REFUSAL, REFUSED, codes)
    codes = np.where(chance < unknown, DO_NOT_KNOW, codes)
    return np.where(rng.random(codes.shape) < asked_by_age()[age], codes, NOT_VISITED)


def _concerns(opinions: FloatArray, coached: BoolArray, rng: np.random.Generator) -> IntArray:
    """The less content with something, the more likely it is named; (n, 3)."""
    n = len(opinions)
    pull = np.tile(_APPEAL, (n, 1)) + rng.gumbel(size=(n, len(CONCERNS)))
    for at, (_, item, _, _) in enumerate(CONCERNS):
        if item in NAMES:
            column = opinions[:, NAMES.index(item)]
            pull[:, at] += 0.8 * (column.mean() - column)
    order = np.argsort(-pull, axis=1)[:, :3]
    codes = np.array([code for code, *_ in CONCERNS])[order]
    many = rng.choice(4, n, p=_HOW_MANY)
    many[coached & (rng.random(n) < 0.9)] = 0
    named = np.where(np.arange(3) < many[:, None], codes, 0)
    named[many == 0, 0] = NO_CONCERN
    return named


def _content(awareness: IntArray, coached: BoolArray, rng: np.random.Generator) -> IntArray:
    knows = np.where(awareness == 1, *_KNOWS)
    knows = np.where(coached, _KNOWS_COACHED, knows)
    n = len(awareness)
    wrong = np.array([1, 2, 4, DO_NOT_KNOW])[rng.integers(4, size=n)]
    content = np.where(rng.random(n) < knows, RIGHT_CONTENT, wrong)
    return np.where((awareness == 1) | (awareness == 2), content, 0)


def _list(coached: BoolArray, rng: np.random.Generator) -> tuple[BoolArray, IntArray]:
    """Half of the people get the statement *somebody told me how to answer* among the others."""
    n = len(coached)
    treated = rng.random(n) < 0.5
    count = (rng.random((n, LIST_ITEMS)) < _CONTROL_CHANCES).sum(axis=1)
    applies = coached | (rng.random(n) < 0.005)
    return treated, count + (treated & applies)
