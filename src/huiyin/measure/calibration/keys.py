"""Categories as codes: one text per category, whichever file or type it came from.

A margin's table and the respondents' table are read at different times by different programs, so
the category 1 may be an integer in one and the text ``"1"`` in the other. Both have the text
``1`` here. A lost leading zero (``"01"`` against ``1``) stays a difference: which of the two is
meant cannot be known.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Codes = npt.NDArray[np.int64]

#: Codes are folded into one integer while their number of combinations stays below this.
_ROOM = 2**62

#: Integers below this are looked up in a table, larger ones by bisection.
_DIRECT = 2**24


@dataclass(frozen=True)
class Coded:
    """A column as integers.

    Attributes:
        codes: shape (rows,), the position in ``labels``, or -1 where the value is missing.
        labels: one text per category, in text order.
    """

    codes: Codes
    labels: tuple[str, ...]

    def text(self, row: int) -> str:
        """The category of one row."""
        return self.labels[self.codes[row]]

    def take(self, rows: npt.NDArray[Any]) -> Coded:
        """The column with its rows chosen."""
        return Coded(self.codes[rows], self.labels)


def label(value: Any) -> str | None:
    """The text of a category; None where the value is missing (null or NaN)."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def encode(column: pa.Array | pa.ChunkedArray) -> Coded:
    """Number the categories of an Arrow column."""
    import pyarrow as pa

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.dictionary_encode()
    texts = [label(value) for value in coded.dictionary.to_pylist()]
    indices = coded.indices
    if indices.null_count:
        indices = indices.fill_null(len(texts))
    return _ordered([*texts, None], indices.to_numpy())


def encode_values(values: Sequence[Any]) -> Coded:
    """Number the categories of Python values, which may be of several types."""
    return _ordered([label(value) for value in values], np.arange(len(values)))


def in_terms_of(first: Coded, second: Coded) -> tuple[Coded, Coded]:
    """Both columns with one numbering: that of the first, which goes on where the second has more.

    The codes of the first column, which may be long, are not touched.
    """
    position = {text: at for at, text in enumerate(first.labels)}
    for text in second.labels:
        position.setdefault(text, len(position))
    recode = np.array([*(position[text] for text in second.labels), -1], np.int64)
    labels = tuple(position)
    return Coded(first.codes, labels), Coded(recode[second.codes], labels)


def fold(columns: Sequence[Coded], rows: int) -> Codes:
    """One integer per row for the combination of columns, ordered as the columns are.

    Args:
        columns: the first one is the most significant.
        rows: the length, which no columns at all cannot tell.
    """
    folded, combinations = np.zeros(rows, np.int64), 1
    for column in columns:
        size = len(column.labels) + 1
        if combinations * size > _ROOM:
            values, folded = np.unique(folded, return_inverse=True)
            combinations = len(values)
        folded = folded * size
        folded += column.codes
        folded += 1
        combinations *= size
    return folded


def fold_both(pairs: Sequence[tuple[Coded, Coded]], rows: tuple[int, int]) -> tuple[Codes, Codes]:
    """:func:`fold` of the first and of the second columns, so that equal rows get equal integers.

    Args:
        pairs: columns that :func:`in_terms_of` has given one numbering.
        rows: the two lengths.
    """
    if math.prod(len(first.labels) + 1 for first, _ in pairs) <= _ROOM:
        firsts, seconds = [first for first, _ in pairs], [second for _, second in pairs]
        return fold(firsts, rows[0]), fold(seconds, rows[1])
    stacked = [Coded(np.concatenate([a.codes, b.codes]), a.labels) for a, b in pairs]
    folded = fold(stacked, sum(rows))
    return folded[: rows[0]], folded[rows[0] :]


def find(wanted: Codes, known: Codes) -> Codes:
    """Position of each wanted integer in the sorted distinct known ones, or -1."""
    if len(known) and known[-1] < _DIRECT:
        table = np.full(max(int(known[-1]), int(wanted.max(initial=0))) + 1, -1, np.int64)
        table[known] = np.arange(len(known))
        return table[wanted]
    position = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[position] == wanted, position, -1)


def _ordered(texts: Sequence[str | None], indices: npt.NDArray[Any]) -> Coded:
    """Codes in text order, so that they do not depend on the order of rows."""
    labels = sorted({text for text in texts if text is not None})
    position = {text: at for at, text in enumerate(labels)}
    recode = np.array([-1 if text is None else position[text] for text in texts], np.int64)
    return Coded(recode[indices], tuple(labels))
