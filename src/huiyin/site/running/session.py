"""Make the site ready for a command: data folder, server, Django; and tell what went wrong."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from huiyin.site.configuration import ConfigurationError, data_folder
from huiyin.site.running.words import language, say

WRONG_INPUT = 2


def use_folder(data: str | None) -> Path:
    """The data folder of this process and its children: ``--data``, HUIYIN_DATA, or the default."""
    if data:
        os.environ["HUIYIN_DATA"] = str(Path(data).expanduser().resolve())
    return data_folder()


@contextlib.contextmanager
def database(folder: Path) -> Iterator[str]:
    """The URL of the database: DATABASE_URL's, or the embedded server's while we use it."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    from huiyin.site.running.holding import joined

    with joined(folder) as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield url
        finally:
            _close_connections()
            del os.environ["DATABASE_URL"]


def _close_connections() -> None:
    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()


@contextlib.contextmanager
def site(data: str | None) -> Iterator[None]:
    """Server and Django ready, speaking the language of the console."""
    with database(use_folder(data)):
        prepare_django()
        from django.utils import translation

        with translation.override("zh-hans" if language() == "zh" else "en"):
            yield


def prepare_django() -> None:
    """Read the settings and every room; only once in a process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.site.settings")
    import django
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
    django.setup()


def run_on_site(parsed: argparse.Namespace) -> int:
    """Run a command that needs the site; returns its exit status."""

    def work() -> int:
        with site(parsed.data), problems_told():
            return int(parsed.run(parsed))

    return told(work)


def told(work: Callable[[], int]) -> int:
    """Do the work and return its exit status; what the user can mend goes to stderr, with 2."""
    try:
        return work()
    except ToldAlready:
        return WRONG_INPUT
    except ConfigurationError as wrong:
        print(f"huiyin: {wrong}", file=sys.stderr)
        return WRONG_INPUT


class ToldAlready(Exception):
    """A problem was told already, in the language that was active then."""


@contextlib.contextmanager
def problems_told() -> Iterator[None]:
    """Print what the user can mend to stderr."""
    from django.db import OperationalError, ProgrammingError

    from huiyin.problems import Problem

    try:
        yield
    except Problem as wrong:
        print(wrong, file=sys.stderr)
        raise ToldAlready from wrong
    except (OperationalError, ProgrammingError) as wrong:
        advice = advice_on(wrong)
        if advice is None:
            raise
        print(advice, file=sys.stderr)
        raise ToldAlready from wrong


def advice_on(wrong: Exception) -> str | None:
    """What to do about a database that cannot be reached or was not migrated; None = our fault."""
    from django.db import OperationalError

    cause = str(wrong).strip().splitlines()[0]
    if isinstance(wrong, OperationalError):
        return say(
            f"The database cannot be used: {cause}. Check DATABASE_URL and that the server runs.",
            f"数据库无法使用：{cause}。请检查 DATABASE_URL，并确认数据库服务器正在运行。",
        )
    if "does not exist" in cause:
        return say(
            "The database has not been prepared for this version. Run: huiyin migrate",
            "数据库尚未按本版本准备。请先执行：huiyin migrate",
        )
    return None
