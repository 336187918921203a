"""Standard normal draws that depend on the seed and on their own number, and on nothing else.

Draws come from numbered streams of a few thousand figures each, so any draw can be made again
later without the ones before it, and neither threads nor block sizes change a figure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from huiyin.measure.ranks.inputs import FloatArray

Piece = TypeVar("Piece")
Result = TypeVar("Result")

#: Numbers held at once by a block of draws: small enough to stay in the cache of one core.
BLOCK = 1 << 18
#: Figures in a stream (one draw, where that has more): to make few is not worth a stream.
STREAM = 1 << 12


def standard_normals(seed: int, which: Iterable[int], size: int) -> FloatArray:
    """Draws with the given numbers, one per row, each of ``size`` independent N(0, 1)."""
    numbers = np.fromiter(which, dtype=np.int64)
    in_stream = max(1, STREAM // max(size, 1))
    stream_of, place = np.divmod(numbers, in_stream)
    draws = np.empty((numbers.size, size))
    for stream in np.unique(stream_of).tolist():
        rows = np.flatnonzero(stream_of == stream)
        source = Generator(PCG64(SeedSequence(seed, spawn_key=(stream,))))
        draws[rows] = source.standard_normal((in_stream, size))[place[rows]]
    return draws


def upper_quantile(maxima: FloatArray, confidence: float) -> float:
    """The value that a further draw exceeds with a chance of at most 1 - confidence.

    It is the order statistic number ceil(confidence · (draws + 1)), which holds the level at any
    number of draws; the plain empirical quantile is a little too small.
    """
    position = int(np.ceil(confidence * (maxima.size + 1) - 1e-9))
    return float(np.partition(maxima, position - 1)[position - 1])


def in_threads(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], *, threads: bool = True
) -> list[Result]:
    """Apply ``work`` to each piece, in order, on the cores there are."""
    workers = min(os.cpu_count() or 1, 8, len(pieces))
    if workers < 2 or not threads:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, pieces))


def blocks(count: int, size: int) -> list[range]:
    """The numbers 0..count-1 in consecutive blocks of at most ``size``."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
