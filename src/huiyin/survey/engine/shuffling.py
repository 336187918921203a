"""Shuffling by a seed, the same in every engine of the ODK family."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")

_MODULUS = 2_147_483_647
_MULTIPLIER = 16_807


def shuffled(things: Sequence[Thing], seed: int) -> list[Thing]:
    """Fisher–Yates, inside out, drawn by the generator of Park and Miller (1988)."""
    state = int(math.fmod(seed, _MODULUS))
    state += _MODULUS - 1 if state <= 0 else 0
    out: list[Thing] = []
    for at, thing in enumerate(things):
        state = state * _MULTIPLIER % _MODULUS
        place = int((state - 1) / (_MODULUS - 1) * (at + 1))
        out.append(out[place] if place < at else thing)
        out[place] = thing
    return out
