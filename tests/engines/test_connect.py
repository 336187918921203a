"""What is wrong with an engine is said with its name and the way out, and never by waiting."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from huiyin import measure as hm
from huiyin.cli import main
from huiyin.measure.engine import master as masters
from huiyin.measure.engine.java import refuse_unfit_java
from huiyin.measure.engine.master import Master


def error_of(engine: str) -> hm.MeasureError:
    with pytest.raises(hm.MeasureError) as wrong:
        hm.connect(engine)
    assert wrong.value.place == "--engine"
    assert "请" in wrong.value.message_zh or "可用" in wrong.value.message_zh
    return wrong.value


@pytest.fixture
def no_spark_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not opened Spark."""
    pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
    monkeypatch.setattr(pyspark.SparkContext, "_active_spark_context", None)


@pytest.mark.parametrize("engine", ["", "polars", "DuckDB", "spark", "yarn", "local[4]"])
def test_an_unknown_engine_is_refused_with_those_there_are(engine: str) -> None:
    wrong = error_of(engine)
    assert wrong.code == "unknown-engine"
    assert repr(engine) in wrong.message
    assert "duckdb, local-spark or spark://HOST:PORT" in wrong.message


@pytest.mark.parametrize(
    "address",
    [
        "spark:", "spark://", "spark://host", "spark://host:", "spark://:7077", "spark:host:7077",
        "spark://host:port", "spark://host:0", "spark://host:70770", "spark://host:7077/",
        "spark://a:7077,b", "spark://a b:7077", "spark://user@:7077:1", "spark://::1:7077",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_the_form_it_must_have(address: str) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed")
    wrong = error_of(address)
    assert wrong.code == "bad-master-address"
    assert repr(address) in wrong.message
    assert "spark://10.0.0.5:7077" in wrong.message


@pytest.mark.parametrize(
    ("url", "addresses", "loopback"),
    [
        ("spark://127.0.0.1:7077", (("127.0.0.1", 7077),), True),
        ("spark://localhost:1", (("localhost", 1),), True),
        ("spark://[::1]:7077", (("[::1]", 7077),), True),
        ("spark://192.0.2.1:65535", (("192.0.2.1", 65535),), False),
        ("spark://127.0.0.1:1,192.0.2.1:2", (("127.0.0.1", 1), ("192.0.2.1", 2)), False),
        ("spark://no-such-host.invalid:7077", (("no-such-host.invalid", 7077),), False),
    ],
)
def test_only_a_master_on_this_machine_binds_the_driver_to_loopback(
    url: str, addresses: tuple[tuple[str, int], ...], loopback: bool, monkeypatch: Any
) -> None:
    from huiyin.measure.engine.session import address_of_driver

    monkeypatch.delenv("SPARK_LOCAL_IP", raising=False)
    master = Master.parse(url)
    assert (master.addresses, master.url, master.is_loopback) == (addresses, url, loopback)
    bound = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    assert address_of_driver(master) == (bound if loopback else {})
    assert address_of_driver(None) == bound
    monkeypatch.setenv("SPARK_LOCAL_IP", "192.0.2.7")
    assert address_of_driver(master) == {}


@pytest.mark.usefixtures("no_spark_yet")
def test_a_master_that_does_not_run_is_named_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.monotonic()
    wrong = error_of(f"spark://127.0.0.1:{port},no-such-host.invalid:7077")
    assert wrong.code == "master-unreachable"
    assert f"127.0.0.1:{port} Connection refused" in wrong.message
    assert "no-such-host.invalid:7077" in wrong.message
    assert time.monotonic() - started < 30


@pytest.mark.usefixtures("no_spark_yet")
def test_a_master_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host behind a firewall that drops what it does not like."""
    waited: list[float] = []

    def silence(_address: tuple[str, int], timeout: float) -> None:
        waited.append(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(masters.socket, "create_connection", silence)
    wrong = error_of("spark://192.0.2.1:7077")
    assert wrong.code == "master-unreachable"
    assert "192.0.2.1:7077 timed out" in wrong.message
    assert waited == [masters.PATIENCE]


def test_without_pyspark_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    wrong = error_of("local-spark")
    assert wrong.code == "spark-missing"
    assert "pip install 'huiyin[spark]'" in wrong.message


def java(folder: Path, says: str) -> Path:
    """A JAVA_HOME whose java says its version the way Java does, on standard error."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(0o755)
    return folder


@pytest.mark.usefixtures("no_spark_yet")
def test_without_java_the_package_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    wrong = error_of("local-spark")
    assert wrong.code == "java-missing"
    assert "openjdk-17-jre-headless" in wrong.message
    assert "no java on the path" in wrong.message


@pytest.mark.usefixtures("no_spark_yet")
def test_a_java_home_without_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    wrong = error_of("local-spark")
    assert wrong.code == "java-missing"
    assert f"JAVA_HOME={tmp_path}" in wrong.message


@pytest.mark.usefixtures("no_spark_yet")
@pytest.mark.parametrize(
    ("says", "version"),
    [('java version "1.8.0_402"', 8), ('openjdk version "11.0.22" 2024-01-16', 11)],
)
def test_a_java_that_is_too_old_is_named_with_its_version(
    says: str, version: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, says)))
    wrong = error_of("local-spark")
    assert wrong.code == "java-too-old"
    assert f"is Java {version};" in wrong.message


@pytest.mark.parametrize("says", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "21"'])
def test_java_17_and_later_will_do(
    says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, says)))
    refuse_unfit_java()


@pytest.mark.needs_java
def test_a_configuration_that_java_refuses_is_told_in_its_words(spark_conf: Path) -> None:
    bad = spark_conf.parent / "bad"
    bad.mkdir()
    (bad / "spark-defaults.conf").write_text("spark.driver.memory plenty\n")
    program = "from huiyin import measure as hm; hm.connect('local-spark')"
    told = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"SPARK_CONF_DIR": str(bad)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert "could not be started (Invalid maximum heap size: -Xmxplenty)" in told.stderr


@pytest.mark.usefixtures("no_spark_yet")
def test_the_command_ends_with_status_2_and_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    (tmp_path / "s.toml").write_text(
        '[survey]\ntitle = "t"\n[[rounds]]\nname = "1"\ndata = "a.csv"\n'
        '[[indicators]]\nname = "x"\nitem = "x"\nnumeric = true\n'
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"spark://127.0.0.1:{free.getsockname()[1]}"
    command = ["measure", str(tmp_path / "s.toml"), "--out", str(tmp_path / "out")]
    assert main([*command, "--engine", url]) == 2
    assert url in capsys.readouterr().err
