"""Every figure is the same on DuckDB and on a Spark cluster of two workers, to 1e-9 (P-21).

The expected tables come from DuckDB with the data in memory; each engine reads them from Parquet.
One file, because the cluster is started once per test process and files are handed to processes.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engines.cases import OF_CASES, OF_RESPONDENTS
from tests.engines.cluster import WORKERS, Cluster, until
from tests.engines.compare import assert_same
from tests.engines.survey import cases, survey, write_survey

from huiyin import measure as hm
from huiyin.cli import main
from huiyin.measure.engine.rows import in_file_order, numbered

RESPONDENTS, CASES = survey(1), cases(2)


@cache
def expected(kind: str, name: str) -> Any:
    if kind == "respondents":
        return OF_RESPONDENTS[name](RESPONDENTS)
    return OF_CASES[name](CASES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data on disk, for every engine to read."""
    made = tmp_path_factory.mktemp("data")
    pq.write_table(RESPONDENTS, made / "respondents.parquet", row_group_size=400)
    pq.write_table(CASES, made / "cases.parquet")
    return made


@pytest.mark.parametrize("name", OF_RESPONDENTS)
def test_figures_are_the_same_on_every_engine(name: str, engine: Any, folder: Path) -> None:
    table = hm.read(folder / "respondents.parquet", engine)
    assert_same(OF_RESPONDENTS[name](table), expected("respondents", name))


@pytest.mark.parametrize("name", OF_CASES)
def test_weights_of_a_telephone_sample_are_the_same_on_every_engine(
    name: str, engine: Any, folder: Path
) -> None:
    table = hm.read(folder / "cases.parquet", engine)
    assert_same(OF_CASES[name](table), expected("cases", name))


def test_tables_in_memory_and_files_of_every_kind_are_read_alike(
    engine: Any, duckdb: Any, tmp_path: Path
) -> None:
    frame = RESPONDENTS.drop_columns(["started", "half"]).slice(0, 50).to_pandas()
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    frame.to_csv(tmp_path / "b.csv", index=False, encoding="utf-8-sig", sep=";")
    frame.to_excel(tmp_path / "c.xlsx", index=False)
    frame.to_stata(tmp_path / "d.dta", write_index=False, version=118)
    for name in ("a.csv", "b.csv", "c.xlsx", "d.dta"):
        here = hm.read(tmp_path / name, engine, text=["town"])
        assert here.to_pyarrow() == hm.read(tmp_path / name, duckdb, text=["town"]).to_pyarrow()
    assert_same(hm.as_ibis(frame, engine).to_pyarrow(), hm.as_ibis(frame, duckdb).to_pyarrow())


def test_a_table_with_gaps_comes_back_as_it_went(engine: Any) -> None:
    """Null stays null and large whole numbers keep their last digit."""
    table = pa.table(
        {
            "whole": pa.array([2**53 + 1, None, -1]),
            "x": pa.array([1.5, None, float("nan")]),
            "text": pa.array(["010", None, ""]),
            "when": pa.array([datetime.datetime(1969, 12, 31, 23, 59, 59, 1), None, None]),
            "no": pa.array([True, None, False]),
        }
    )
    found = hm.as_ibis(table, engine).to_pyarrow().to_pydict()
    assert found == table.to_pydict() | {"x": [1.5, None, None]}


def test_any_column_name_will_do(engine: Any) -> None:
    names = ["api.stu", "得分 %", "a`b", 'c"d', "select", "e;f{g}"]
    table = hm.as_ibis(pa.table({name: [1.0, 2.0, 4.0] for name in names}), engine)
    for name in names:
        design = hm.SurveyDesign(weights=name, strata="select", lonely="certainty")
        found = hm.estimate(table, design, hm.ratio(name, "api.stu"), ["all", name])
        assert found["estimate"].to_pylist() == [1.0] * 4


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" 5 ", 5.0), ("+5", 5.0), ("5.", 5.0), (".5", 0.5), ("1e3", 1000.0), ("-0005", -5.0),
        ("1d", None), ("1f", None), ("0x1p3", None), ("1_000", None), ("nan", None), ("1,5", None),
        ("１", None), ("", None), ("1e", None),
    ],
)  # fmt: skip
def test_text_is_a_number_by_the_same_rule(text: str, number: float | None, engine: Any) -> None:
    """Java takes 1d and 0x1p3 for numbers, DuckDB 1_000, and both take nan."""
    from huiyin.measure.reading.text import as_number

    table = hm.as_ibis(pa.table({"x": [text]}), engine)
    assert table.select(n=as_number(table.x)).to_pyarrow()["n"].to_pylist() == [number]


def test_rows_are_numbered_through_all_files_in_their_order(engine: Any, tmp_path: Path) -> None:
    """Spark by itself reads the largest file first."""
    first = 0
    for at, rows in enumerate([300, 40_000, 9_000, 5]):
        values = pa.table({"x": range(first, first + rows)})
        pq.write_table(values, tmp_path / f"第 {at}%20.parquet", row_group_size=5000)
        first += rows
    table = numbered(hm.read(str(tmp_path / "*.parquet"), engine), "row")
    with in_file_order(engine):
        batches = table.order_by("row").to_pyarrow_batches(chunk_size=10_000)
        found = pa.Table.from_batches(batches)
    assert found["row"].to_pylist() == list(range(1, first + 1))
    assert found["x"].to_pylist() == list(range(first))


def test_moments_in_nanoseconds_are_read_from_parquet(engine: Any, tmp_path: Path) -> None:
    nano = pa.array([1_714_554_000_123_456_789, -1000, None], pa.timestamp("ns"))
    pq.write_table(pa.table({"a`t": nano, "x": [1, 2, 3]}), tmp_path / "a.parquet")
    found = (
        hm.read(tmp_path / "a.parquet", engine)
        .to_pyarrow()["a`t"]
        .cast(pa.timestamp("us"), safe=False)
    )
    assert found.to_pylist() == [
        datetime.datetime(2024, 5, 1, 9, 0, 0, 123456),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
        None,
    ]


@pytest.mark.needs_java
def test_spark_names_the_files_it_would_pass_over(spark: Cluster, tmp_path: Path) -> None:
    for name in ("_a.parquet", ".a.parquet", "a:b.parquet"):
        pq.write_table(pa.table({"x": [1]}), tmp_path / name)
        with pytest.raises(hm.MeasureError, match="rename it") as wrong:
            hm.read(tmp_path / name, spark.backend)
        assert (wrong.value.code, wrong.value.place) == ("unreadable-file", name)


@pytest.mark.needs_java
def test_large_results_are_streamed_partition_by_partition(spark: Cluster) -> None:
    table = hm.as_ibis(pa.table({"x": range(60_000)}), spark.backend)
    reader = table.order_by("x").to_pyarrow_batches(chunk_size=7_000)
    sizes, values = [], []
    for batch in reader:
        sizes.append(batch.num_rows)
        values += batch["x"].to_pylist()
    assert values == list(range(60_000))
    assert len(sizes) > 3


@pytest.mark.needs_java
def test_an_empty_result_has_its_columns(spark: Cluster) -> None:
    table = hm.as_ibis(pa.table({"x": [1], "t": ["a"]}), spark.backend)
    nothing = table.filter(table.x > 1)
    assert nothing.to_pyarrow().to_pydict() == {"x": [], "t": []}
    assert nothing.to_pyarrow_batches().read_all().to_pydict() == {"x": [], "t": []}


@pytest.mark.needs_java
def test_the_cluster_works_on_the_loopback_address_only(spark: Cluster) -> None:
    """Both workers take part; driver, master and workers are bound to 127.0.0.1."""
    context = spark.backend._session.sparkContext
    assert context.master == spark.url
    assert context.getConf().get("spark.driver.host") == "127.0.0.1"
    assert context.getConf().get("spark.driver.bindAddress") == "127.0.0.1"
    assert until(lambda: len(_blocks(context)) == WORKERS + 1, 60)
    assert {address.partition(":")[0] for address in _blocks(context)} == {"127.0.0.1"}


def _blocks(context: Any) -> list[str]:
    """host:port of the driver and of every executor."""
    known = context._jsc.sc().getExecutorMemoryStatus().keys().toSeq()
    return [str(known.apply(at)) for at in range(known.size())]


@pytest.mark.needs_java
def test_the_settings_of_the_configuration_folder_hold(spark: Cluster) -> None:
    assert spark.backend._session.sparkContext.appName == "huiyin-measure"
    conf = spark.backend._session.conf
    assert conf.get("spark.sql.shuffle.partitions") == "4"
    assert conf.get("spark.sql.session.timeZone") == "UTC"
    assert conf.get("spark.sql.ansi.enabled") == "true"


@pytest.mark.needs_java
def test_a_session_of_the_callers_own_is_shared_and_left_as_it_was(spark: Cluster) -> None:
    from pyspark.sql import SparkSession

    own = SparkSession.builder.getOrCreate()
    own.conf.set("spark.sql.ansi.enabled", "false")
    again = hm.connect(spark.url)
    assert again._session.sparkContext is own.sparkContext
    assert again._session.conf.get("spark.sql.ansi.enabled") == "true"
    assert own.conf.get("spark.sql.ansi.enabled") == "false"
    own.conf.unset("spark.sql.ansi.enabled")


@pytest.mark.needs_java
def test_tables_of_the_callers_own_spark_are_measured(spark: Cluster, folder: Path) -> None:
    """Through the plain PySpark backend of Ibis, which hands results over through pandas."""
    import ibis
    from pyspark.sql import SparkSession

    backend = ibis.pyspark.connect(SparkSession.builder.getOrCreate())
    table = backend.read_parquet(folder / "respondents.parquet")
    for name in ("clustered with a population of clusters", "bootstrap of respondents"):
        assert_same(OF_RESPONDENTS[name](table), expected("respondents", name))


@pytest.mark.needs_java
def test_a_process_runs_spark_on_one_master_only(spark: Cluster) -> None:
    with pytest.raises(hm.MeasureError, match="already runs Spark") as wrong:
        hm.connect("local-spark")
    assert wrong.value.code == "other-spark"


_IMPATIENT = """
import sys
from huiyin.measure.engine import connect, workers
from huiyin.measure.errors import MeasureError
workers.PATIENCE = 4.0
try:
    connect(sys.argv[1])
except MeasureError as wrong:
    print(wrong.code, wrong)
"""


@pytest.mark.needs_java
def test_a_cluster_without_a_free_worker_is_told_in_time(spark: Cluster) -> None:
    """The session of these tests holds both workers, so a second one gets none."""
    told = _in_another_process(spark, ["-c", _IMPATIENT, spark.url])
    assert told.stdout.startswith("cluster-without-workers --engine: no worker of " + spark.url)
    assert told.stderr == ""


@pytest.fixture(scope="module")
def survey_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey file and, beside it, what DuckDB makes of it."""
    path = write_survey(tmp_path_factory.mktemp("survey"))
    assert main(_command(path, "duckdb")) == 0
    return path


def _command(path: Path, engine: str, *, out: str = "duckdb") -> list[str]:
    files = ["measure", str(path), "--out", str(path.parent / out)]
    return [*files, "--engine", engine, "--formats", "none", "--json"]


@pytest.mark.needs_java
def test_the_command_writes_the_same_tables_on_a_cluster(
    survey_file: Path, spark: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_command(survey_file, spark.url, out="cluster")) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["n"] for one in told["rounds"]] == [1500, 1500]
    _assert_same_tables(survey_file.parent / "cluster", survey_file.parent / "duckdb")


@pytest.mark.needs_java
def test_the_command_writes_the_same_tables_on_a_spark_of_its_own(
    survey_file: Path, spark: Cluster
) -> None:
    """``local-spark``: nothing is said but the result, and Java ends with the command."""
    arguments = _command(survey_file, "local-spark", out="local")
    told = _in_another_process(spark, ["-m", "huiyin.cli", *arguments])
    assert told.stderr == ""
    assert told.returncode == 0
    assert json.loads(told.stdout)["rounds"][0] == {"name": "2024H1", "n": 1500}
    _assert_same_tables(survey_file.parent / "local", survey_file.parent / "duckdb")


def _in_another_process(spark: Cluster, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run Python, and see that nothing it started is left when it ends."""
    env = os.environ | {"SPARK_CONF_DIR": str(spark.conf), "SPARK_DRIVER_MEMORY": "768m"}
    process = subprocess.Popen(
        [sys.executable, *arguments], env=env, cwd=spark.conf.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    out, err = process.communicate(timeout=600)
    assert until(lambda: not _lives(process.pid), 30)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _assert_same_tables(found: Path, expected: Path) -> None:
    names = sorted(path.name for path in expected.glob("*.parquet"))
    assert names == sorted(path.name for path in found.glob("*.parquet"))
    assert {"estimates.parquet", "small_area.parquet", "weights.parquet"} <= set(names)
    for name in names:
        assert_same(pq.read_table(found / name), pq.read_table(expected / name))
    here, there = (json.loads((at / "weights.json").read_text()) for at in (found, expected))
    for one in there:
        assert here[one].pop("largest_margin_error") < 1e-10
        there[one].pop("largest_margin_error")
        assert here[one] == pytest.approx(there[one], rel=1e-9)
