"""Labels of variables and values, as SPSS and Stata files carry them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Labels:
    """What a file says of its columns beside their values.

    Attributes:
        variables: column → its label (mostly the question).
        values: column → {code → label}; whole codes are int.
        missing: column → codes, or (low, high) ranges of codes, that the file declares missing;
            they are null in the table.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


# Keyed by the leaf of the expression, so that labels are found from any table derived from it and
# go when the last such table does.
_KNOWN: weakref.WeakKeyDictionary[Any, Labels] = weakref.WeakKeyDictionary()


def attach(table: ibis.Table, labels: Labels) -> None:
    """Remember the labels of a table that was read."""
    _KNOWN[table.op()] = labels


def labels(data: ibis.Table | str | Path) -> Labels:
    """The labels of a table that :func:`read` made, or of an SPSS or Stata file.

    A table derived from one that was read (filtered, joined, with new columns) has the labels of
    that one. Other tables and files have none: the result is empty.

    Raises:
        MeasureError: as :func:`read`, for a path.
    """
    if isinstance(data, str | Path):
        from huiyin.measure.reading.files import read_labels

        return read_labels(data)
    return _of_table(data)


def _of_table(table: ibis.Table) -> Labels:
    from ibis.expr import operations as ops

    found = [_KNOWN[leaf] for leaf in table.op().find(ops.DatabaseTable) if leaf in _KNOWN]
    merged = Labels({}, {}, {})
    for known in reversed(found):
        merged = Labels(
            {**merged.variables, **known.variables},
            {**merged.values, **known.values},
            {**merged.missing, **known.missing},
        )
    return merged
