"""The embedded server: starts anywhere, belongs to somebody, and says why it cannot."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from huiyin.site import embedded
from huiyin.site.embedded import Cluster
from huiyin.site.running import holding
from huiyin.site.running.words import CannotRun


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder; not below pytest's own, which it closes to the server's user."""
    with tempfile.TemporaryDirectory(prefix="huiyin-") as place:
        yield Path(place) / "data"
        embedded.stop(Path(place) / "data")


def servers_on(folder: Path) -> list[int]:
    """The processes whose command line names the folder."""
    found = psutil.process_iter(["cmdline"])
    return [each.pid for each in found if str(folder) in " ".join(each.info["cmdline"] or [])]


def started(folder: Path) -> str:
    return embedded.start(folder, durable=False)


def test_a_server_starts_answers_and_stops_without_a_trace(folder: Path) -> None:
    url = started(folder)
    with psycopg.connect(url) as connection:
        assert connection.info.server_version // 10000 == int(embedded.MAJOR)
    embedded.stop(folder)
    assert servers_on(folder) == []


def test_only_its_user_can_come_to_the_socket(folder: Path) -> None:
    started(folder)
    assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
    assert psycopg.connect(Cluster(folder).url).execute("SHOW listen_addresses").fetchone() == ("",)


def test_text_is_sorted_alike_on_every_machine(folder: Path) -> None:
    with psycopg.connect(started(folder)) as connection:
        row = connection.execute(
            "SELECT datcollate, datlocprovider::text FROM pg_database WHERE datname = 'huiyin'"
        ).fetchone()
    assert row == ("C.UTF-8", "b")


def test_a_path_too_long_for_a_socket_gets_a_short_one_elsewhere(folder: Path) -> None:
    deep = folder / ("long" * 30)
    url = started(deep)
    try:
        assert "postgres%2F" not in url
        psycopg.connect(url).close()
    finally:
        embedded.stop(deep)


def test_nothing_is_said_on_the_console_while_it_starts(folder: Path) -> None:
    words = (
        "from pathlib import Path; from huiyin.site import embedded\n"
        f"place = Path({str(folder)!r}); embedded.start(place, durable=False); embedded.stop(place)"
    )
    quiet = {key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"}
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, env=quiet)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system must tell a child")
def test_a_server_dies_with_the_process_that_was_killed(folder: Path) -> None:
    words = (
        "import os, signal; from pathlib import Path; from huiyin.site import embedded\n"
        f"embedded.start(Path({str(folder)!r}), durable=False)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", words], check=False)
    until = time.monotonic() + 10
    while servers_on(folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert servers_on(folder) == []


def test_a_folder_half_made_by_a_killed_start_is_made_anew(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    psycopg.connect(started(folder)).close()
    assert not (folder / "postgres.new").exists()


def test_a_folder_of_another_version_is_refused_with_the_way_out(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotRun, match=r"PostgreSQL 16.*carries PostgreSQL 18.*huiyin backup"):
        started(folder)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(CannotRun, match=r"cannot be used.*--data"):
        started(tmp_path / "data")


def test_a_server_that_cannot_start_says_its_last_words(folder: Path) -> None:
    started(folder)
    embedded.stop(folder)
    with (folder / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(CannotRun, match=r"does not start: .*(no_such_setting|contains errors)"):
        started(folder)


# --- who uses it -------------------------------------------------------------------------------


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here is who holds the folder, not how durable it is."""
    monkeypatch.setattr(embedded, "SETTINGS", embedded.SETTINGS | embedded.CARELESS)


@pytest.mark.usefixtures("fast")
def test_the_last_of_several_commands_stops_the_server(folder: Path) -> None:
    with holding.joined(folder) as first:
        with holding.joined(folder) as second:
            assert first == second
        psycopg.connect(first).close()
    assert servers_on(folder) == []


@pytest.mark.usefixtures("fast")
def test_commands_join_the_server_of_whoever_serves_and_leave_it_running(folder: Path) -> None:
    with holding.held(folder) as served:
        with holding.joined(folder) as url:
            psycopg.connect(url).close()
        assert served.running() is not None
        assert holding.served_by(folder) == os.getpid()
    assert holding.served_by(folder) is None


@pytest.mark.usefixtures("fast")
def test_a_folder_that_is_served_is_not_served_twice(folder: Path) -> None:
    with (
        holding.held(folder),
        pytest.raises(CannotRun, match=rf"served already, by process {os.getpid()}"),
        holding.held(folder),
    ):
        pass


@pytest.mark.usefixtures("fast")
def test_a_folder_that_a_command_works_on_is_not_served_meanwhile(folder: Path) -> None:
    with (
        holding.joined(folder),
        pytest.raises(CannotRun, match="Another huiyin command is working"),
        holding.held(folder),
    ):
        pass


@pytest.mark.usefixtures("fast")
def test_commands_that_start_at_the_same_time_share_one_server(folder: Path) -> None:
    inside, urls = threading.Barrier(4), []

    def command() -> None:
        with holding.joined(folder) as url:
            inside.wait(30)
            urls.append(url)

    threads = [threading.Thread(target=command) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(urls) == 4
    assert servers_on(folder) == []


def test_what_people_entered_never_reaches_the_servers_log(folder: Path) -> None:
    """site: logs without personal data; a failed statement would carry names and numbers"""
    with psycopg.connect(started(folder), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        for _once, _again in ((1, 1), (1, 2)):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES ('张伟 13800138000')")
    embedded.stop(folder)
    logs = [folder / "postgres.log", *(folder / "postgres" / "log").glob("*.log")]
    written = "".join(log.read_text() for log in logs)
    assert "duplicate key" in written
    assert "13800138000" not in written
