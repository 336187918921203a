"""``huiyin audit``: verify the chain, print its head to be kept outside, seal it.

``verify`` ends with status 0 when the chain is whole, 3 when it was tampered with, 4 when it is
whole but a trigger that guards it is off, and 2 when it could not be verified at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from huiyin.audit.verification import Anchor, Report
    from huiyin.audit.walk import Finding

WHOLE, TAMPERED, UNGUARDED = 0, 3, 4


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    audit = commands.add_parser("audit", help="verify, seal and anchor the record of all acts")
    parts = audit.add_subparsers(dest="part", required=True, metavar="PART")
    _add_verify(parts)
    head = parts.add_parser(
        "head",
        help="print the head of the chain, to be kept outside",
        description="One hash over every event so far. Kept where nobody who runs the site can"
        " write, it proves later that nothing before it was changed.",
    )
    head.add_argument("--json", action="store_true", help="the whole anchor, for verify --anchor")
    head.set_defaults(run=_head, needs_site=True)
    seal = parts.add_parser("seal", help="write a checkpoint over all lanes, and print its hash")
    seal.set_defaults(run=_seal, needs_site=True)


def _add_verify(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = parts.add_parser(
        "verify",
        help="find every event that was changed, moved, taken out or put in",
        description="Computes every hash anew. Ends with 0: whole; 3: tampered with; 4: whole,"
        " but a trigger that guards it is off; 2: could not be verified.",
    )
    verify.add_argument("--since", metavar="DAY", help="only events from 2026-11-28[T16:30] on")
    verify.add_argument(
        "--anchor",
        metavar="FILE|HASH",
        action="append",
        default=[],
        help="also hold it against a head that was kept outside; may be given several times",
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    verify.set_defaults(run=_verify, needs_site=True)


def _verify(parsed: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from huiyin.audit.verification import verify

    since = _moment(parsed.since) if parsed.since else None
    anchors = [_anchor(given) for given in parsed.anchor]
    with _bar(_("Verifying the audit"), shown=not parsed.json) as progress:
        report = verify(since=since, anchors=anchors, progress=progress)
    if parsed.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        for line in told(report):
            print(line)
    return status_of(report)


def status_of(report: Report) -> int:
    """The exit status that tells a report."""
    if not report.whole:
        return TAMPERED
    return UNGUARDED if report.unguarded else WHOLE


def told(report: Report) -> Iterator[str]:
    """A report, line by line."""
    from django.utils.translation import gettext as _

    for finding in report.findings:
        yield line_of(finding)
    if report.count > len(report.findings):
        yield _("… and {count} more.").format(count=report.count - len(report.findings))
    for name in report.unguarded:
        yield _("The trigger {name} is off: since then the database refuses nothing.").format(
            name=name
        )
    sentence = (
        _("{checked:,} events verified; the chain is whole. Head {head}")
        if report.whole
        else _("{checked:,} events verified; {count:,} findings. Head {head}")
    )
    yield sentence.format(checked=report.checked, count=report.count, head=report.head)


def line_of(finding: Finding) -> str:
    """A finding: lane, numbers, event, moment, act, and what was done."""
    from django.utils import timezone
    from django.utils.translation import gettext as _

    numbers = str(finding.number)
    if finding.last != finding.number:
        numbers = f"{finding.number}–{finding.last}"
    parts = [_("lane {lane}, number {numbers}").format(lane=finding.lane, numbers=numbers)]
    if finding.id is not None:
        parts.append(f"#{finding.id}")
    if finding.at:
        parts.append(f"{timezone.localtime(finding.at):%Y-%m-%d %H:%M:%S}")
    if finding.act:
        parts.append(finding.act)
    return f"{finding.fault.label}: {' · '.join(parts)}: {finding.message}"


def _head(parsed: argparse.Namespace) -> int:
    from django.utils import timezone

    from huiyin.audit.verification import head_as_dict, heads_now

    head = head_as_dict(heads_now(), timezone.now())
    if parsed.json:
        print(json.dumps(head))
    else:
        print(head["head"], head["events"], head["at"])
    return WHOLE


def _seal(parsed: argparse.Namespace) -> int:
    from huiyin.audit.actions import seal
    from huiyin.audit.acts import SYSTEM

    event = seal(SYSTEM)
    print(event.after["head"], f"#{event.pk}", event.at.isoformat())
    return WHOLE


def _moment(text: str) -> datetime:
    """A day (from midnight, in the site's zone) or a moment.

    Raises:
        Problem: ``unreadable-moment``.
    """
    from datetime import datetime

    from django.utils import timezone

    from huiyin.problems import UNREADABLE_MOMENT

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise UNREADABLE_MOMENT(place="--since", value=text) from wrong
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _anchor(given: str) -> Anchor:
    """An anchor from a file, or from the hash of a checkpoint."""
    import re
    from pathlib import Path

    from huiyin.audit.verification import anchor_of_hash, read_anchor
    from huiyin.problems import UNREADABLE_ANCHOR

    if re.fullmatch(r"[0-9a-f]{64}", given):
        return anchor_of_hash(given)
    try:
        return read_anchor(Path(given).read_text(encoding="utf-8"), given)
    except (OSError, UnicodeDecodeError) as wrong:
        raise UNREADABLE_ANCHOR(place=given) from wrong


@contextmanager
def _bar(title: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing otherwise."""
    if not shown or not sys.stderr.isatty():
        yield lambda _checked, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, Remaining(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda checked, total: bar.update(task, completed=checked, total=total)
