"""``huiyin serve``, ``worker``, ``migrate``, ``backup``, ``restore``, ``check``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

#: Exit status of ``huiyin check`` when something is unsafe.
UNSAFE = 3

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Add the commands that run and keep a site."""
    _add_serve(commands)
    _add_worker(commands)
    _add(commands, "migrate", _migrate, "prepare the database for this version of the program")
    _add_backup(commands)
    _add_restore(commands)
    _add_check(commands)


def _add(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], words: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + "."
    )
    command.set_defaults(run=run, needs_site=True)
    return command


def _add_serve(commands: Commands) -> None:
    command = _add(commands, "serve", _serve, "run the site: web, worker and embedded database")
    command.add_argument("--port", type=_port, default=8000, metavar="N")
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS")
    command.add_argument(
        "--web", type=_count, default=2, metavar="N", help="processes that answer pages"
    )
    command.add_argument(
        "--jobs", type=_count, default=2, metavar="N", help="jobs that run at the same time"
    )
    command.set_defaults(needs_site=False, needs_data=True)  # its children need the site


def _add_worker(commands: Commands) -> None:
    command = _add(commands, "worker", _worker, "run jobs, until stopped")
    command.add_argument(
        "--jobs", type=_count, default=2, metavar="N", help="jobs that run at the same time"
    )
    command.add_argument(
        "--grace",
        type=_count,
        default=20,
        metavar="SECONDS",
        help="how long a running job may go on when the worker is stopped",
    )


def _add_backup(commands: Commands) -> None:
    words = "write database and uploads into one file (secrets are not in it)"
    command = _add(commands, "backup", _backup, words)
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--force", action="store_true", help="replace FILE if there is one")


def _add_restore(commands: Commands) -> None:
    words = "bring a backup back, into a database that is empty"
    command = _add(commands, "restore", _restore, words)
    command.add_argument("file", type=Path, metavar="FILE")


def _add_check(commands: Commands) -> None:
    words = "say what of the configuration is missing or unsafe for production"
    command = _add(commands, "check", _check, words)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"takes a number from 1, not {text!r}")
    return int(text)


def _serve(parsed: argparse.Namespace) -> int:
    from huiyin.site.running.serve import serve

    return serve(parsed.data, parsed.host, parsed.port, web=parsed.web, jobs=parsed.jobs)


def _worker(parsed: argparse.Namespace) -> int:
    from huiyin.site.running.worker import work

    return work(jobs=parsed.jobs, grace=parsed.grace)


def _migrate(parsed: argparse.Namespace) -> int:
    from huiyin.site.running.migrating import migrate

    return migrate()


def _backup(parsed: argparse.Namespace) -> int:
    from huiyin.site.running.backup import backup

    return backup(parsed.file, replace=parsed.force)


def _restore(parsed: argparse.Namespace) -> int:
    from huiyin.site.running.restore import restore

    return restore(parsed.file)


def _check(parsed: argparse.Namespace) -> int:
    from django.utils import timezone

    from huiyin.site import checks

    found = list(checks.findings(checks.gather(timezone.now())))
    print(checks.report_json(found) if parsed.json else checks.report(found))
    return 0 if checks.is_safe(found) else UNSAFE
