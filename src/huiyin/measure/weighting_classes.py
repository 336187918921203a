"""Weighting classes: when one is too small, and which neighbour it joins."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huiyin.measure.errors import MeasureError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClassRule:
    """When a class is too small, and what is done then.

    Attributes:
        minimum: smallest number of respondents.
        maximum_factor: largest (weight due) / (weight of respondents); None = any.
        collapse: join a neighbour instead of raising.
    """

    minimum: int
    maximum_factor: float | None
    collapse: bool

    def too_small(self, respondents: int, answered: float, due: float) -> bool:
        if due == 0:  # nobody eligible is here, so there is nothing to pass on
            return False
        if respondents < self.minimum or answered == 0:
            return True
        return self.maximum_factor is not None and due / answered > self.maximum_factor


@dataclass
class Classes:
    """Classes in order, each the sum of its cells, linked to the classes before and after it.

    Attributes:
        respondents, answered, due: number and weights per class.
        label: what a class is called in a message.
        agreement: in how many leading columns two neighbouring classes agree.
    """

    respondents: list[int]
    answered: list[float]
    due: list[float]
    label: Callable[[int], str]
    agreement: Callable[[int, int], int]

    def __post_init__(self) -> None:
        size = len(self.respondents)
        self._before = [*range(-1, size - 1)]
        self._after = [*range(1, size), -1]
        self._owner = [*range(size)]

    def settle(self, rule: ClassRule) -> IntArray:
        """The class that each class ends up in, once none is too small.

        Raises:
            MeasureError: ``small-class``.
        """
        small = [(self.respondents[c], c) for c in self._owner if self._is_small(c, rule)]
        if small and not rule.collapse:
            raise self._error([c for _, c in small], rule)
        heapq.heapify(small)
        while small:
            count, c = heapq.heappop(small)
            if self._owner[c] != c or self.respondents[c] != count or not self._is_small(c, rule):
                continue
            kept = self._join(c, rule)
            if self._is_small(kept, rule):
                heapq.heappush(small, (self.respondents[kept], kept))
        return np.array([self._root(c) for c in self._owner], dtype=np.int64)

    def _is_small(self, c: int, rule: ClassRule) -> bool:
        return rule.too_small(self.respondents[c], self.answered[c], self.due[c])

    def _join(self, c: int, rule: ClassRule) -> int:
        near = [*self._neighbours(c)]
        if not near:
            raise self._error([c], rule)

        def preference(other: int) -> tuple[int, int, int]:
            earlier, later = sorted((c, other))
            return (-self.agreement(earlier, later), self.respondents[other], other)

        kept, gone = sorted((c, min(near, key=preference)))
        self.respondents[kept] += self.respondents[gone]
        self.answered[kept] += self.answered[gone]
        self.due[kept] += self.due[gone]
        self._owner[gone] = kept
        self._after[kept] = self._after[gone]
        if self._after[gone] >= 0:
            self._before[self._after[gone]] = kept
        return kept

    def _neighbours(self, c: int) -> Iterator[int]:
        yield from (n for n in (self._before[c], self._after[c]) if n >= 0)

    def _root(self, c: int) -> int:
        while self._owner[c] != c:
            c = self._owner[c]
        return c

    def last_member(self, c: int) -> int:
        """The last of the original classes that ``c`` has taken in."""
        return (self._after[c] if self._after[c] >= 0 else len(self._owner)) - 1

    def _error(self, small: list[int], rule: ClassRule) -> MeasureError:
        listed = "; ".join(f"{self.label(c)}: {self.respondents[c]}" for c in small[:5])
        listed += f"; +{len(small) - 5}" if len(small) > 5 else ""
        cap = rule.maximum_factor
        more = "" if cap is None else f" or a factor above {cap:g}"
        more_zh = "" if cap is None else f"或调整系数超过 {cap:g}"
        return MeasureError(
            "small-class",
            f"classes with fewer than {rule.minimum} respondents{more} ({listed}); use fewer"
            " classes, a lower minimum, or collapse=True",
            f"下列类别的应答者少于 {rule.minimum} 人{more_zh}（{listed}）；"
            "请减少类别、降低 minimum，或设 collapse=True",
            place=self.label(small[0]),
        )


def leading_agreement(one: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    """In how many leading values two keys agree."""
    agree = [a == b for a, b in zip(one, other, strict=True)]
    return agree.index(False) if False in agree else len(agree)
