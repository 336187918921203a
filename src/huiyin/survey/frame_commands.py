"""``huiyin survey``: take in a large segment table, encrypt numbers under a new key."""

# ruff: noqa: T201 (a command prints)

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huiyin.survey.frame_rules import Checked, Line

WRONG_INPUT = 2
#: As many findings are printed.
PRINTED = 50


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``survey`` to the command line."""
    room = commands.add_parser("survey", help="frames: mobile segments, keys of numbers")
    works = room.add_subparsers(dest="work", required=True, metavar="WORK")
    _add_segments(works)
    reseal = works.add_parser(
        "reseal",
        help="encrypt every number anew with the newest key",
        description="After a new key was put before the old one in HUIYIN_NUMBERS_KEY: encrypt"
        " every number anew. Afterwards the old key can be taken away.",
    )
    reseal.set_defaults(run=_reseal, needs_site=True)


def _add_segments(works: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = works.add_parser("segments", help="import a table of mobile segments")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV or Excel")
    source.add_argument(
        "--from-phone-package",
        action="store_true",
        help="seed from the installed Python package “phone”",
    )
    command.add_argument("--name", help="what the table is called")
    command.add_argument("--origin", help="who gave it out")
    command.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="its day")
    command.add_argument("--city", default="", help="the only city of which there may be segments")
    command.add_argument(
        "--preview", action="store_true", help="say what would be taken, and take nothing"
    )
    command.add_argument(
        "--leave-out", action="store_true", help="take the rest if some rows cannot be taken"
    )
    command.set_defaults(run=_segments, needs_site=True)


def _segments(parsed: argparse.Namespace) -> int:
    from huiyin.survey import frame_reading as reading
    from huiyin.survey import frame_rules as rules

    lines: Iterable[Line]
    if parsed.from_phone_package:
        file = reading.phone_package()
        version, lines = reading.read_phone_data(file)
        year, month = 2000 + int(version[:2]), int(version[2:4])
        parsed.as_of = parsed.as_of or date(year, month, 1)
        parsed.name = parsed.name or f"phone {version}"
        parsed.origin = parsed.origin or f"PyPI: phone (BSD), {version}"
    else:
        file = parsed.file
        if not file.is_file():
            print(f"{file}: there is no such file; check its name", file=sys.stderr)
            return WRONG_INPUT
        if not (parsed.name and parsed.origin and parsed.as_of):
            print("give --name, --origin and --as-of with a file", file=sys.stderr)
            return WRONG_INPUT
        kind = "xlsx" if file.suffix.lower() == ".xlsx" else "csv"
        lines, _columns = reading.read_segments(file, kind)
    checked = rules.check(lines, parsed.city)
    _tell(checked)
    if parsed.preview:
        return 0
    _take(parsed, file.name, checked)
    return 0


def _tell(checked: Checked) -> None:
    for name, count in checked.counts().items():
        print(f"{name}: {count:,}")
    for finding in checked.findings[:PRINTED]:
        print(f"row {finding.row}: {finding.problem.message}", file=sys.stderr)


def _take(parsed: argparse.Namespace, file: str, checked: Checked) -> None:
    from django.db import transaction

    from huiyin.audit.acts import SYSTEM
    from huiyin.survey.frame_actions import take_segments
    from huiyin.survey.models import SegmentImport

    with transaction.atomic():
        handed = SegmentImport.objects.create(
            file=file, name=parsed.name, origin=parsed.origin, as_of=parsed.as_of, city=parsed.city
        )
        table = take_segments(SYSTEM, handed, checked, leave_out=parsed.leave_out)
    print(f"imported as table {table.pk}: {table.name}")


def _reseal(_parsed: argparse.Namespace) -> int:
    from huiyin.audit.acts import SYSTEM
    from huiyin.survey.frame_actions import reseal

    print(f"encrypted anew: {reseal(SYSTEM):,}")
    return 0
