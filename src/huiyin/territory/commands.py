"""``huiyin territory``: import division files, and find what became of a code."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huiyin.territory.plans import Plan, Row

WRONG_INPUT = 2


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``territory`` to the command line."""
    room = commands.add_parser("territory", help="regions: import division files, resolve codes")
    works = room.add_subparsers(dest="work", required=True, metavar="WORK")
    _add_import(works)
    resolve = works.add_parser("resolve", help="what a code stands for on a day")
    resolve.add_argument("code", metavar="CODE")
    resolve.add_argument("--on", type=_day, metavar="DATE", help="default: today")
    resolve.set_defaults(run=_resolve, needs_site=True)


def _add_import(works: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = works.add_parser(
        "import",
        help="import division files (CSV or Excel)",
        description="Import regions from CSV or Excel files with columns for code and name."
        " Several files are taken in one go and may stand in any order.",
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument(
        "--preview", action="store_true", help="say what would change, and change nothing"
    )
    command.add_argument(
        "--on", type=_day, metavar="DATE", help="day from which changes hold (default: today)"
    )
    command.add_argument(
        "--leave-out", action="store_true", help="import the rest if some rows cannot be taken"
    )
    command.set_defaults(run=_import, needs_site=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2019-07-12") from wrong


def _today() -> date:
    from django.utils import timezone

    return timezone.localdate()


def _import(parsed: argparse.Namespace) -> int:
    from huiyin.territory import actions, telling
    from huiyin.territory.reading import Source, read_files

    for file in parsed.files:
        if not file.is_file():
            print(f"{file}: there is no such file; check its name", file=sys.stderr)
            return WRONG_INPUT
    on = parsed.on or _today()
    sources = [Source(file.name, file) for file in parsed.files]
    rows = read_files(sources, lambda name: print(f"reading {name}", file=sys.stderr))
    plan = actions.plan_files(rows, on) if parsed.preview else None
    if plan is None:
        plan = _write(rows, [source.name for source in sources], on, parsed.leave_out)
    _tell(plan)
    for line in telling.first_rejected(plan):
        print(line, file=sys.stderr)
    return WRONG_INPUT if plan.rejected and not parsed.leave_out else 0


def _write(rows: list[Row], names: list[str], on: date, leave_out: bool) -> Plan:
    """Import the rows, or give back a plan with rows that stop it."""
    from django.db import transaction
    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM
    from huiyin.problems import DIVISION_REJECTED, Problem
    from huiyin.territory import actions
    from huiyin.territory.models import DivisionImport

    try:
        with transaction.atomic():
            handed = DivisionImport.objects.create(files=names, on=on)
            return actions.write_files(
                SYSTEM, handed, rows, leave_out=leave_out, now=timezone.now()
            )
    except Problem as wrong:
        if wrong.kind is not DIVISION_REJECTED:
            raise
        print(f"nothing was imported: {wrong.message} (--leave-out)", file=sys.stderr)
        return actions.plan_files(rows, on)


def _tell(plan: Plan) -> None:
    for kind, count in plan.counts().items():
        print(f"{kind.replace('_', ' ')}: {count:,}")


def _resolve(parsed: argparse.Namespace) -> int:
    from huiyin.territory import queries

    for region in queries.resolve(parsed.code, parsed.on or _today()):
        print(region.code, region.name)
    return 0
