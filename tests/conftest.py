"""Rules for every test: where the shared data are, which database, and what may be skipped."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import django
import pytest
import pytest_django

#: Real survey files and registers beside the project; not part of it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Name the database of the tests: an embedded server of their own, or DATABASE_URL's.

    The process that starts the others starts the server; they find it in their environment. It
    keeps nothing through a crash of the machine, and dies with the process that started it.
    """
    if "HUIYIN_DATA" not in os.environ:
        folder = tempfile.mkdtemp(prefix="huiyin-tests-")
        os.environ["HUIYIN_DATA"] = folder
        config.add_cleanup(lambda: _forget("HUIYIN_DATA"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    if "DATABASE_URL" not in os.environ:
        from huiyin.site import embedded

        served = Path(os.environ["HUIYIN_DATA"])
        config.add_cleanup(lambda: embedded.stop(served))  # runs even if what follows fails
        os.environ["DATABASE_URL"] = embedded.start(served, durable=False)
        config.add_cleanup(lambda: _forget("DATABASE_URL"))
    Path(os.environ["HUIYIN_DATA"], "static").mkdir(parents=True, exist_ok=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiyin.site.settings"
    django.setup()


def _forget(name: str) -> None:
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> None:
    """Where several processes test, one migrates and the others copy what it made."""
    from django.conf import settings
    from django.db import connection

    if hasattr(request.config, "workerinput"):
        with django_db_blocker.unblock():
            template = _migrated_once(Path(settings.DATA), connection.settings_dict)
        connection.settings_dict["TEST"]["TEMPLATE"] = template


def _migrated_once(folder: Path, database: dict[str, Any]) -> str:
    """The name of a migrated database that nobody is connected to."""
    name = f"template_{os.environ['PYTEST_XDIST_TESTRUNUID']}"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made := folder / f"{name}.made").exists():
            _make(name, database)
            made.touch()
    return name


def _make(name: str, database: dict[str, Any]) -> None:
    from django.core.management import call_command
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    real = database["NAME"]
    database["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        database["NAME"] = real


#: What migrations laid in, by table, as COPY writes it.
LAID_IN: dict[str, bytes] = {}


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """Let tests that commit empty the tables when they end, and keep what migrations laid in.

    The audit refuses to be emptied elsewhere.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_whole")
        cursor.execute("ALTER TABLE audit_lane DISABLE TRIGGER audit_lane_whole")
        LAID_IN.update({table: rows for table in _tables() if (rows := _copied(cursor, table))})


def _tables() -> list[str]:
    from django.apps import apps

    return [model._meta.db_table for model in apps.get_models() if model._meta.managed]


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(bytes(part) for part in rows)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, None]:
    """After a test that committed, and so emptied every table, lay in again what migrations did."""
    yield
    if nextitem is None or not LAID_IN or not _commits(item):
        return
    from django.db import connection
    from pytest_django.plugin import blocking_manager_key

    with item.config.stash[blocking_manager_key].unblock(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no triggers, no references
        for table, rows in LAID_IN.items():
            if not _copied(cursor, table):
                with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                    into.write(rows)
        cursor.execute("SET session_replication_role = DEFAULT")


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or bool(marker and marker.kwargs.get("transaction"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, object, None]:
    """Where every system package is installed (HUIYIN_NO_SKIPS=1), a skip for want of one fails."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("HUIYIN_NO_SKIPS") and "Debian" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped for want of a package: {report.longrepr}"
