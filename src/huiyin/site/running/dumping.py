"""PostgreSQL's own programs for dumps, against whatever server the site uses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo

from huiyin.site.embedded import programs
from huiyin.site.running.words import CannotRun

#: Sessions are keys to accounts, the cache counts attempts: neither outlives the moment.
WITHOUT_DATA = ("django_session", "huiyin_cache")


def dump(file: Path, snapshot: str) -> None:
    """Write the database as one transaction saw it.

    Raises:
        CannotRun: it fails; the message carries the last words of ``pg_dump``.
    """
    left_out = [f"--exclude-table-data={table}" for table in WITHOUT_DATA]
    _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}", *left_out)


def load(file: Path) -> None:
    """Bring a dump into the database, all of it or nothing.

    Raises:
        CannotRun: it fails; the message carries the last words of ``pg_restore``.
    """
    _run("pg_restore", "--single-transaction", "--exit-on-error", str(file))


def _run(name: str, *arguments: str) -> None:
    given = dict(connection.get_connection_params())
    given.pop("prepare_threshold", None)  # psycopg's own
    password = given.pop("password", None)  # not where every user of the machine can read it
    target = make_conninfo(**{key: value for key, value in given.items() if _is_for_libpq(value)})
    command = [str(programs() / name), f"--dbname={target}", "--no-owner", "--no-privileges"]
    secret = {"PGPASSWORD": str(password)} if password else {}
    done = subprocess.run([*command, *arguments], capture_output=True, env=os.environ | secret)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["?"]
        said = next((line for line in lines if "error" in line), lines[-1])
        raise CannotRun(f"{name} failed: {said}", f"{name} 执行失败：{said}")


def _is_for_libpq(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
