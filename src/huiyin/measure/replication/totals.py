"""Weighted totals of every leaf area in every replicate.

A leaf is a combination of the areas of all levels. With clusters the totals by PSU are enough;
without, the respondents are streamed from the engine in the order of their strata and a block of
complete strata is in memory at a time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiyin.measure.replication.multipliers import Plan, run_size
from huiyin.measure.weights import WEIGHT

if TYPE_CHECKING:
    import ibis

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Numbers in the largest array of multipliers held at once (8 bytes each).
BLOCK = 4_000_000


@dataclass(frozen=True)
class Block:
    """Complete strata of the sample: rows sorted by stratum.

    Attributes:
        stratum: of each row, ascending.
        psu: place of the row's PSU in its stratum, from 0.
        leaf: of each row.
        values: weighted values, shape (rows, columns).
    """

    stratum: Ints
    psu: Ints
    leaf: Ints
    values: Floats


def totals(
    blocks: Iterator[Block], plan: Plan, leaves: int, columns: int, start: int, stop: int
) -> Floats:
    """Totals of each leaf in replicates ``start`` to ``stop`` - 1.

    Returns:
        shape (leaves, columns, stop - start).
    """
    found = np.zeros((leaves, columns, stop - start))
    for block in blocks:
        bounds = np.flatnonzero(np.diff(block.stratum, prepend=-1, append=-1))
        for first, last in itertools.pairwise(bounds):
            _add_stratum(found, block, int(first), int(last), plan, start, stop)
    return found


def _add_stratum(
    found: Floats, block: Block, first: int, last: int, plan: Plan, start: int, stop: int
) -> None:
    stratum = int(block.stratum[first])
    order = first + np.argsort(block.leaf[first:last], kind="stable")
    leaf, psu, values = block.leaf[order], block.psu[order], block.values[order]
    cuts = np.flatnonzero(np.diff(leaf, prepend=-2, append=-2))
    one_per_psu = len(psu) == int(plan.psus[stratum])
    psus = int(plan.psus[stratum])
    run = run_size(psus)
    step = max(run, BLOCK // psus // run * run)
    for low in range(start, stop, step):
        high = min(low + step, stop)
        factors = plan.multipliers(stratum, low, high)
        if not (one_per_psu and np.array_equal(psu, np.arange(len(psu)))):
            factors = factors[:, psu]
        for a, b in itertools.pairwise(cuts):
            found[leaf[a], :, low - start : high - start] += values[a:b].T @ factors[:, a:b].T


def stream(
    rows: ibis.Table,
    values: dict[str, Any],
    stratum_of: pa.Table,
    leaf_of: pa.Table,
    columns: tuple[Sequence[str], Sequence[str]],
) -> Iterator[Block]:
    """Respondents as blocks of complete strata, each respondent a PSU.

    Within a stratum the order follows the values themselves, so that it does not depend on the
    order of the file or of the engine's threads; the weight comes last, because its last digits
    can differ from run to run, and then only rows change places that are otherwise the same.

    Args:
        rows: respondents with their weight.
        values: values of the statistics before the weight, by name.
        stratum_of: one row per stratum: its columns and ``hy_stratum``.
        leaf_of: one row per leaf: its columns and ``hy_leaf``.
        columns: (columns of the stratum, columns of the leaf).
    """
    joined = _with_index(rows.mutate(**values), stratum_of, columns[0], "hy_stratum")
    joined = _with_index(joined, leaf_of, columns[1], "hy_leaf")
    names = list(values)
    order = ["hy_stratum", "hy_leaf", *names, WEIGHT]
    ordered = joined.select(order).order_by(order)
    pending: list[pa.RecordBatch] = []
    for batch in ordered.to_pyarrow_batches(chunk_size=131_072):
        if batch.num_rows == 0:
            continue
        pending.append(batch)
        held = pa.Table.from_batches(pending)
        stratum = np.asarray(held["hy_stratum"].to_numpy()).astype(np.int64)
        complete = int(np.searchsorted(stratum, stratum[-1]))
        if complete:
            yield _block(held.slice(0, complete), names)
            pending = held.slice(complete).combine_chunks().to_batches()
    if pending:
        yield _block(pa.Table.from_batches(pending), names)


def _with_index(rows: ibis.Table, known: pa.Table, columns: Sequence[str], name: str) -> ibis.Table:
    import ibis

    if not columns:
        return rows.mutate(**{name: ibis.literal(0)})
    renamed = ibis.memtable(known.rename_columns([*(f"{name}_{c}" for c in columns), name]))
    kept = list(rows.columns)
    same = [rows[c].identical_to(renamed[f"{name}_{c}"]) for c in columns]
    joined = rows.inner_join(renamed, same)
    return joined.select(*kept, name)


def _block(table: pa.Table, names: Sequence[str]) -> Block:
    stratum = np.asarray(table["hy_stratum"].to_numpy()).astype(np.int64)
    leaf = np.asarray(table["hy_leaf"].to_numpy()).astype(np.int64)
    firsts = np.searchsorted(stratum, stratum)
    weight = np.asarray(table[WEIGHT].to_numpy(), np.float64)
    columns = [np.asarray(table[name].to_numpy(), np.float64) for name in names]
    values = np.stack([weight * column for column in columns], axis=1)
    return Block(stratum, np.arange(len(stratum)) - firsts, leaf, values)
