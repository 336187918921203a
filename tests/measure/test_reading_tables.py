"""Any table in memory becomes an Ibis table, whatever library it came from."""

from __future__ import annotations

import gc
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.reading import as_ibis, as_text, without_nan
from huiyin.measure.tidy import Tidy

ROWS = [{"a": 1, "f": 0.5, "s": "x"}, {"a": 2, "f": None, "s": None}]
COLUMNS = {"a": [1, 2], "f": [0.5, None], "s": ["x", None]}


class Exporter:
    """Something of another library that only offers the Arrow stream protocol."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


def tables() -> dict[str, Any]:
    arrow = pa.table(COLUMNS)
    return {
        "pyarrow table": arrow,
        "pyarrow batch": arrow.to_batches()[0],
        "pyarrow reader": arrow.to_reader(),
        "pandas": pd.DataFrame(COLUMNS),
        "polars": pl.DataFrame(COLUMNS),
        "polars lazy": pl.LazyFrame(COLUMNS),
        "mapping": COLUMNS,
        "numpy": {"a": np.array([1, 2]), "f": np.array([0.5, np.nan]), "s": ["x", None]},
        "tidy": Tidy.of(COLUMNS),
        "memtable": ibis.memtable(COLUMNS),
        "stream": Exporter(),
    }


@pytest.mark.parametrize("kind", list(tables()))
def test_a_table_of_any_library_keeps_its_values(kind: str) -> None:
    assert as_ibis(tables()[kind]).to_pyarrow().to_pylist() == ROWS


def test_a_duckdb_relation_is_taken() -> None:
    relation = duckdb.sql("SELECT 1 AS a, 0.5::DOUBLE AS f, 'x' AS s")
    assert as_ibis(relation).to_pyarrow().to_pylist() == ROWS[:1]


def test_an_arrow_dataset_stays_on_disk_and_loses_its_nan(tmp_path: Any) -> None:
    pq.write_table(pa.table({"f": [1.0, float("nan")]}), tmp_path / "d.parquet")
    table = as_ibis(ds.dataset(tmp_path / "d.parquet"))
    assert table.to_pyarrow().to_pylist() == [{"f": 1.0}, {"f": None}]


def test_an_ibis_table_is_returned_as_it_is() -> None:
    backend = connect()
    table = as_ibis(COLUMNS, backend)
    assert as_ibis(table) is table
    assert as_ibis(table, backend) is table
    derived = table.filter(table.a > 1)
    assert as_ibis(derived, backend) is derived


def test_an_ibis_table_of_another_connection_is_refused() -> None:
    table = as_ibis(COLUMNS, connect())
    with pytest.raises(MeasureError) as refused:
        as_ibis(table, connect())
    assert refused.value.code == "other-engine"


@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "pyarrow", "memtable"])
def test_nan_becomes_null_and_infinity_stays(kind: str) -> None:
    values = [float("nan"), float("inf"), 1.0]
    made = {
        "numpy": {"f": np.array(values)},
        "pandas": pd.DataFrame({"f": values}),
        "polars": pl.DataFrame({"f": values}),
        "pyarrow": pa.table({"f": values}),
        "memtable": ibis.memtable({"f": values}),
    }[kind]
    assert as_ibis(made).to_pyarrow().column("f").to_pylist() == [None, float("inf"), 1.0]


def test_categories_are_their_values_and_a_column_without_any_value_is_text() -> None:
    frame = pl.DataFrame({"c": pl.Series(["p", "q", None], dtype=pl.Categorical), "n": [None] * 3})
    table = as_ibis(frame)
    assert table.c.type().is_string()
    assert table.n.type().is_string()
    assert table.c.execute().tolist()[:2] == ["p", "q"]
    pandas = pd.DataFrame({"c": pd.Categorical([3, 1, 3])})
    assert as_ibis(pandas).to_pyarrow().column("c").to_pylist() == [3, 1, 3]


def test_memory_is_let_go_with_the_last_expression() -> None:
    backend = connect()
    table = as_ibis(COLUMNS, backend)
    name = table.get_name()
    derived = table.mutate(b=table.a + 1).filter(table.a > 1)
    del table
    gc.collect()
    assert derived.to_pyarrow().num_rows == 1
    del derived
    gc.collect()
    assert name not in backend.list_tables()


def test_the_caller_s_frame_is_not_changed() -> None:
    frame = pd.DataFrame({"f": [1.0, np.nan]})
    before = frame.copy(deep=True)
    as_ibis(frame).execute()
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("data", "code", "named"),
    [
        (3, "not-a-table", "int"),
        ("people.csv", "not-a-table", "str"),
        ({}, "no-columns", ""),
        ({"a": [1], "b": [1, 2]}, "ragged-columns", "b 2"),
        ({"a": 3}, "not-a-column", "a"),
        ({"a": [1, "x"]}, "mixed-types", "a"),
        ({"a": np.ones((2, 2))}, "mixed-types", "a"),
        ({"a": [2**80]}, "mixed-types", "a"),
        (pa.table([[1], [2]], names=["a", "a"]), "duplicate-columns", "a"),
        (pa.table([[1], [2]], names=["area", "Area"]), "duplicate-columns", "Area"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "duplicate-columns", "a"),
        (pd.DataFrame({"a": [1, "x"]}), "mixed-types", "a"),
    ],
)
def test_what_is_no_table_is_refused_by_name(data: Any, code: str, named: str) -> None:
    with pytest.raises(MeasureError) as refused:
        as_ibis(data)
    assert refused.value.code == code
    assert named in str(refused.value)


def test_codes_as_text_do_not_depend_on_the_type_they_came_in() -> None:
    table = as_ibis({
        "i": [13, None], "f": [13.0, None], "s": ["13", None], "z": ["010", None],
        "x": [0.5, float("inf")],
    })  # fmt: skip
    shown = table.select(**{name: as_text(table[name]) for name in table.columns}).to_pyarrow()
    assert shown.to_pylist()[0] == {"i": "13", "f": "13", "s": "13", "z": "010", "x": "0.5"}
    assert shown.to_pylist()[1] | {"x": None} == dict.fromkeys("ifszx")


def test_without_nan_is_lazy() -> None:
    backend = connect()
    backend.con.execute("CREATE TABLE t AS SELECT 'nan'::DOUBLE AS f, 1 AS i")
    cleaned = without_nan(backend.table("t"))
    assert cleaned.to_pyarrow().to_pylist() == [{"f": None, "i": 1}]
