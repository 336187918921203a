"""Ibis on Spark with Arrow at both doors.

Ibis hands tables to and from PySpark through pandas, where a whole number with a gap becomes a
float, null and NaN become one, and every result is in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from ibis.backends.pyspark import Backend
from ibis.formats.pyarrow import PyArrowData, PyArrowSchema


class SparkBackend(Backend):  # type: ignore[misc]  # Ibis is not typed here
    """The PySpark backend of Ibis, without pandas."""

    def to_pyarrow(
        self, expr: Any, /, *, params: Any = None, limit: int | str | None = None, **kwargs: Any
    ) -> Any:
        """The result of an expression as an Arrow table, array or scalar."""
        table = expr.as_table()
        found = frame_of(self, table, params=params, limit=limit, **kwargs).toArrow()
        return expr.__pyarrow_result__(PyArrowData.convert_table(found, table.schema()))

    def to_pyarrow_batches(
        self,
        expr: Any,
        /,
        *,
        params: Any = None,
        limit: int | str | None = None,
        chunk_size: int = 1_000_000,
        **kwargs: Any,
    ) -> pa.RecordBatchReader:
        """The result of an expression, a partition in memory at a time."""
        table = expr.as_table()
        frame = frame_of(self, table, params=params, limit=limit, **kwargs)
        schema = PyArrowSchema.from_ibis(table.schema())
        chunks = (
            PyArrowData.convert_table(chunk, table.schema()).combine_chunks().to_batches()
            for chunk in _chunks(frame, chunk_size)
        )
        return pa.RecordBatchReader.from_batches(schema, (b for chunk in chunks for b in chunk))

    def _register_in_memory_table(self, op: Any) -> None:
        from huiyin.measure.reading.tables import for_spark

        table = for_spark(op.data.to_pyarrow(op.schema))
        self._session.createDataFrame(table).createOrReplaceTempView(op.name)


def frame_of(backend: Backend, table: Any, **options: Any) -> Any:
    """A table expression as a PySpark frame, not yet computed."""
    backend._run_pre_execute_hooks(table)
    return backend._session.sql(backend.compile(table, **options))


def _chunks(frame: Any, size: int) -> Iterator[pa.Table]:
    """Tables of at least ``size`` rows (the last has what is left), in the order of the rows."""
    held: list[pa.RecordBatch] = []
    for batch in _batches(frame):
        held.append(batch)
        if sum(one.num_rows for one in held) >= size:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _batches(frame: Any) -> Iterator[pa.RecordBatch]:
    """Arrow batches one partition after the other.

    As ``DataFrame.toLocalIterator``, which pickles row by row and takes eight times as long; the
    two inner calls are those it makes itself.
    """
    from pyspark.serializers import NoOpSerializer
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.util import _local_iterator_from_socket

    schema = to_arrow_schema(frame.schema, timezone="UTC")
    context = frame.sparkSession.sparkContext
    served = context._jvm.PythonRDD.toLocalIteratorAndServe(frame._jdf.toArrowBatchRdd(), True)
    for message in _local_iterator_from_socket(served, NoOpSerializer()):
        yield pa.ipc.read_record_batch(pa.py_buffer(message), schema)
