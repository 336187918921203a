"""Drawing telephone numbers: the same seed and frame give the same numbers, for ever. Pure.

Each stratum has a stream of its own, so what is drawn in one does not depend on the others. The
stream is the raw 64-bit output of PCG64 (O'Neill 2014, HMC-CS-2014-0905), seeded with numpy's
``SeedSequence(seed, spawn_key=…)`` where the spawn key is the first 128 bits of the SHA-256 of the
stratum's key. Numpy keeps both stable between versions, which it does not promise of its
generators' methods (NEP 19); so the step from raw output to a number is taken here:

* with ``b = ⌈log₂ size⌉`` the highest b bits of an output are an index; outputs whose index is
  not below the size are passed over. Each index is equally likely.
* An index is a segment (in the order of their prefixes) and then the open digits. Indexes that
  were drawn before, and numbers that must not be drawn, are passed over.

Numbers are released in the order of one further stream's outputs, so any first part of a sample is
a random sample of the whole.
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from huiyin.problems import SAMPLE_TOO_LARGE

UintArray = npt.NDArray[np.uint64]
#: Raw outputs taken at a time; the result does not depend on it.
BATCH = 1 << 16
#: Streams that belong to no stratum.
ORDER = "order of release"


class Block(NamedTuple):
    """Numbers that begin alike: the national prefix without 0, and how many digits are open."""

    prefix: str
    open: int

    @property
    def size(self) -> int:
        return int(10**self.open)


@dataclass(frozen=True)
class Stratum:
    """A part of the frame from which numbers are drawn by themselves.

    Attributes:
        key: names it among the strata of a sample, such as ``mobile/移动``; seeds its stream.
        wanted: how many numbers to draw.
        blocks: of what it consists, or
        listed: the hashes of a list's numbers, in their order.
    """

    key: str
    wanted: int
    blocks: tuple[Block, ...] = ()
    listed: tuple[bytes, ...] = ()
    _ends: tuple[int, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(sorted(self.blocks)))
        object.__setattr__(self, "listed", tuple(sorted(self.listed)))
        object.__setattr__(self, "_ends", tuple(accumulate(b.size for b in self.blocks)))

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return len(self.listed) or (self._ends[-1] if self._ends else 0)

    def at(self, index: int) -> tuple[str, str]:
        """The number at an index: its whole form +86…, and the block's prefix."""
        which = bisect.bisect_right(self._ends, index)
        block = self.blocks[which]
        tail = index - (self._ends[which] - block.size)
        return f"+86{block.prefix}{tail:0{block.open}d}", block.prefix


class Pick(NamedTuple):
    """A number that was drawn.

    Attributes:
        stratum: index of its stratum.
        number: its whole form +86…; "" = one of a list, known by its hash.
        digest: its keyed hash.
        block: the prefix of its block.
    """

    stratum: int
    number: str
    digest: bytes
    block: str


def draw(
    seed: int,
    strata: Sequence[Stratum],
    excluded: Container[bytes],
    digest_of: Callable[[str], bytes],
) -> list[Pick]:
    """Draw without replacement, in the order of release.

    Args:
        seed: 0 to 2⁶³−1.
        strata: keys must differ.
        excluded: hashes of the numbers that were drawn before in the year, or are never called.
        digest_of: the keyed hash of a number.

    Raises:
        Problem: ``sample-too-large``: a stratum has not as many numbers left.
        ValueError: two strata have one key.
    """
    if len({stratum.key for stratum in strata}) != len(strata):
        raise ValueError("two strata have the same key, so they would be drawn alike")
    picks: list[Pick] = []
    taken: set[bytes] = set()
    for number, stratum in enumerate(strata):
        for pick in _drawn(seed, number, stratum, excluded, taken, digest_of):
            taken.add(pick.digest)
            picks.append(pick)
    order = np.argsort(_raw(seed, ORDER, len(picks)), kind="stable")
    return [picks[at] for at in order]


def _drawn(
    seed: int,
    number: int,
    stratum: Stratum,
    excluded: Container[bytes],
    taken: Container[bytes],
    digest_of: Callable[[str], bytes],
) -> Iterator[Pick]:
    left = stratum.wanted
    for index in _indexes(seed, stratum.key, stratum.size) if left else ():
        e164, block = ("", "") if stratum.listed else stratum.at(index)
        digest = stratum.listed[index] if stratum.listed else digest_of(e164)
        if digest in excluded or digest in taken:
            continue
        yield Pick(number, e164, digest, block)
        left -= 1
        if not left:
            return
    if left:
        raise SAMPLE_TOO_LARGE(
            stratum=stratum.key, wanted=stratum.wanted, left=stratum.wanted - left
        )


def _indexes(seed: int, key: str, size: int) -> Iterator[int]:
    """Every index below ``size`` once, in random order, as long as somebody asks."""
    if not size:
        return
    seen = np.zeros(size, dtype=bool)
    bits = max((size - 1).bit_length(), 1)
    stream = _stream(seed, key)
    found = 0
    while True:
        candidates = stream.random_raw(BATCH) >> np.uint64(64 - bits)
        for index in candidates[candidates < size].tolist():
            if seen[index]:
                continue
            seen[index] = True
            found += 1
            yield index
            if 10 * found >= 9 * size:  # waiting for each of the few left would take long
                yield from _rest(seen, _stream(seed, f"{key}\trest"))
                return


def _rest(seen: npt.NDArray[np.bool_], stream: np.random.PCG64) -> Iterator[int]:
    """What was not yet drawn, in random order."""
    rest = np.flatnonzero(~seen)
    yield from rest[np.argsort(stream.random_raw(len(rest)), kind="stable")].tolist()


def _stream(seed: int, key: str) -> np.random.PCG64:
    words = np.frombuffer(hashlib.sha256(key.encode()).digest()[:16], dtype=">u4")
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=tuple(map(int, words))))


def _raw(seed: int, key: str, count: int) -> UintArray:
    return np.asarray(_stream(seed, key).random_raw(count), dtype=np.uint64)


def digest(picks: Iterable[Pick], strata: Sequence[Stratum]) -> str:
    """SHA-256 of a draw: of each number's stratum and keyed hash, in the order of release."""
    whole = hashlib.sha256()
    for stratum in strata:
        whole.update(f"{stratum.key}\t{stratum.size}\t{stratum.wanted}\n".encode())
    for pick in picks:
        whole.update(strata[pick.stratum].key.encode() + b"\t" + pick.digest + b"\n")
    return whole.hexdigest()


# sharing out


def share_out(total: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share ``total`` among parts in proportion, in whole numbers that add up to it.

    By largest remainder, ties to the earlier part; no part gets more than its size.
    """
    whole = sum(sizes.values())
    total = min(total, whole)
    if not total:
        return dict.fromkeys(sizes, 0)
    exact = {name: total * size / whole for name, size in sizes.items()}
    shared = {name: int(each) for name, each in exact.items()}
    by_rest = sorted(exact, key=lambda name: shared[name] - exact[name])
    missing = total - sum(shared.values())
    for name in by_rest[:missing]:
        shared[name] += 1
    return shared


# what past rounds tell


class Rate(NamedTuple):
    """How many numbers of a segment work.

    Attributes:
        dialled, working: numbers of past rounds.
        percent: the segment's rate, drawn towards that of all the more, the fewer were dialled.
    """

    dialled: int
    working: int
    percent: float


def working_rates(past: Mapping[str, tuple[int, int]], strength: float = 20) -> dict[str, Rate]:
    """The working rate of each segment from past dispositions.

    Args:
        past: segment → numbers dialled, and those among them that work (AAPOR: all but the codes
            of 4.2–4.4 and 4.7).
        strength: how many numbers the rate of all counts for (the mean of a beta distribution).

    Returns:
        Nothing where nothing was dialled.
    """
    dialled = sum(each[0] for each in past.values())
    if not dialled:
        return {}
    overall = sum(each[1] for each in past.values()) / dialled
    return {
        name: Rate(tried, works, 100 * (works + strength * overall) / (tried + strength))
        for name, (tried, works) in past.items()
    }


# how long numbers are kept


@dataclass(frozen=True)
class Retention:
    """How long what a round left is kept, and by which rule.

    Attributes:
        numbers_days: days after the end of the field that numbers are kept, for call-backs of the
            verifiers; then the purpose is fulfilled and they are erased (个人信息保护法 第十九条、
            第四十七条).
        answers_years: original answers are kept at least so long (统计法实施条例 第二十二条).
        aggregates_years: aggregates, likewise; important ones for ever (same article).
    """

    numbers_days: int = 30
    answers_years: int = 2
    aggregates_years: int = 10

    def numbers_until(self, field_until: date) -> date:
        """The first day on which the numbers of a round are erased."""
        return field_until + timedelta(days=self.numbers_days)


RETENTION = Retention()
