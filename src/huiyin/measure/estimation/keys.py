"""Strata, clusters and areas as small whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Key:
    """A column of labels as indices into its distinct labels.

    Attributes:
        index: shape (rows,), -1 where the label is absent.
        labels: the distinct labels as text, shape (count,).
    """

    index: Ints
    labels: npt.NDArray[np.object_]

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def absent(self) -> npt.NDArray[np.bool_]:
        return self.index < 0


def key(table: pa.Table, columns: Sequence[str], joiner: str = " × ") -> Key:
    """Index the combinations of ``columns``; absent where any of them is null.

    The order of the indices follows the sorted labels, so it does not depend on row order.
    """
    if not columns:
        return Key(np.zeros(table.num_rows, np.int64), np.array(["all"], object))
    parts = [_single(table[column]) for column in columns]
    if len(parts) == 1:
        return parts[0]
    return _crossed(parts, joiner)


def _single(column: pa.ChunkedArray) -> Key:
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.chunked_array(encoded.chunks, encoded.type).unify_dictionaries()
        encoded = pa.concat_arrays(encoded.chunks)
    raw = np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.int64)
    labels = _labels(encoded.dictionary)
    order = np.asarray(pc.sort_indices(encoded.dictionary)).astype(np.int64)
    place = np.empty(len(labels) + 1, np.int64)
    place[order] = np.arange(len(labels))
    place[-1] = -1
    return Key(place[raw], labels[order])


def _labels(values: pa.Array) -> npt.NDArray[np.object_]:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return np.asarray(values.to_numpy(zero_copy_only=False), object)
    if pa.types.is_integer(values.type):
        return np.asarray(values.cast(pa.string()).to_numpy(zero_copy_only=False), object)
    found = np.empty(len(values), object)
    found[:] = [label(value) for value in values.to_pylist()]
    return found


def _crossed(parts: Sequence[Key], joiner: str) -> Key:
    absent = np.any([part.absent for part in parts], axis=0)
    combined = np.zeros(len(absent), np.int64)
    for part in parts:
        combined = combined * max(part.count, 1) + np.maximum(part.index, 0)
    present, inverse = np.unique(combined[~absent], return_inverse=True)
    index = np.full(len(absent), -1, np.int64)
    index[~absent] = inverse
    columns = []
    for part in reversed(parts):
        present, rest = np.divmod(present, max(part.count, 1))
        columns.append(part.labels[rest] if part.count else np.array([], object))
    labels = [joiner.join(row) for row in zip(*reversed(columns), strict=True)]
    return Key(index, np.array(labels, object))


def label(value: object) -> str:
    """The label as text; a whole number read as a float loses its ``.0``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def tally(
    index: Ints, values: npt.NDArray[np.float64] | npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.float64]:
    """Sum ``values`` by ``index``, as float64, also where there is nothing to sum."""
    return np.asarray(np.bincount(index, values, count), np.float64)


def pairs(first: Ints, second: Ints, second_count: int) -> tuple[Ints, Ints, Ints]:
    """Index the distinct pairs of two index arrays.

    Returns:
        (index of each row's pair, first of each pair, second of each pair).
    """
    combined = first * max(second_count, 1) + second
    distinct, inverse = np.unique(combined, return_inverse=True)
    one, two = np.divmod(distinct, max(second_count, 1))
    return inverse.astype(np.int64), one, two
