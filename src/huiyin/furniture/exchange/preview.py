"""What an import would do: planned, kept for the page that shows it, and then done in one go."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, may
from huiyin.furniture.exchange.reading import Reading, read
from huiyin.furniture.exchange.sheet import Change, Outcome, Row, Sheet, rejected
from huiyin.furniture.models import Upload
from huiyin.furniture.turns import in_turn
from huiyin.problems import (
    CONFLICT,
    NOT_FOUND,
    NOT_PERMITTED,
    NOTHING_TO_IMPORT,
    ROWS_LEFT_OUT,
)

#: Where previews are kept until they are confirmed.
FOLDER = "previews"


@dataclass(frozen=True)
class Preview:
    """What is kept of a plan.

    Attributes:
        digest: of all that would be done; confirming names it.
        counts: rows by outcome.
        notes: what was passed over or taken as stored.
        head: the titles of the file.
        entries: one per row, in the file's order: outcome, row, label, before, after, reasons, and
            the cells of rejected rows.
    """

    digest: str
    counts: dict[str, int]
    notes: list[str]
    head: list[str]
    entries: list[dict[str, Any]]

    @property
    def does_anything(self) -> bool:
        return bool(self.counts[Outcome.ADDED] + self.counts[Outcome.CHANGED])


def make_preview(sheet: Sheet, upload: Upload, actor: Actor) -> Preview:
    """Read the file, plan, and keep what the plan says.

    Raises:
        Problem: the file as a whole cannot be taken.
    """
    reading, changes = plan(sheet, upload, actor)
    entries = [_entry(sheet, change) for change in changes]
    counts = Counter(change.outcome.value for change in changes)
    preview = Preview(
        _digest(entries),
        {outcome.value: counts[outcome.value] for outcome in Outcome},
        reading.notes,
        list(reading.head),
        entries,
    )
    name = _kept_as(sheet, upload)
    default_storage.delete(name)
    written = json.dumps(vars(preview), cls=DjangoJSONEncoder, ensure_ascii=False)
    default_storage.save(name, ContentFile(written.encode()))
    return preview


def kept_preview(sheet: Sheet, upload: Upload) -> Preview:
    """The preview made before.

    Raises:
        Problem: ``not-found``: the file was not handed in for this import.
    """
    try:
        with default_storage.open(_kept_as(sheet, upload)) as file:
            return Preview(**json.load(file))
    except FileNotFoundError as wrong:
        raise NOT_FOUND() from wrong


def _kept_as(sheet: Sheet, upload: Upload) -> str:
    return f"{FOLDER}/{sheet.name}-{upload.pk}.json"


def forget_before(moment: datetime) -> int:
    """Remove the previews that were made before a moment; how many there were."""
    if not default_storage.exists(FOLDER):
        return 0
    _folders, names = default_storage.listdir(FOLDER)
    old = [
        f"{FOLDER}/{name}"
        for name in names
        if default_storage.get_modified_time(f"{FOLDER}/{name}") < moment
    ]
    for name in old:
        default_storage.delete(name)
    return len(old)


def plan(sheet: Sheet, upload: Upload, actor: Actor) -> tuple[Reading, list[Change]]:
    """The file read, and what each of its rows would do, in the file's order.

    Raises:
        Problem: the file as a whole cannot be taken.
    """
    reading = read(sheet, Path(upload.file.path), upload.kind)
    permitted, refused = _permitted(sheet, reading.rows, actor)
    changes = [*sheet.plan(permitted, actor), *refused, *reading.rejected]
    last = 1 << 40
    changes.sort(key=lambda change: change.row.where.row if change.row else last)
    return reading, changes


def _permitted(sheet: Sheet, rows: Sequence[Row], actor: Actor) -> tuple[list[Row], list[Change]]:
    good, bad = [], []
    for row in rows:
        place = sheet.place_of(row)
        if place is None or may(actor, sheet.act, place):
            good.append(row)
        else:
            bad.append(rejected(row, row.wrong(NOT_PERMITTED, act=sheet.act.title)))
    return good, bad


def _entry(sheet: Sheet, change: Change) -> dict[str, Any]:
    titles = {each.name: each.title for each in sheet.columns}
    entry: dict[str, Any] = {
        "outcome": change.outcome.value,
        "row": change.row.where.row if change.row else None,
        "label": change.label,
        "before": {titles.get(name, name): value for name, value in change.before.items()},
        "after": {titles.get(name, name): value for name, value in change.after.items()},
        "reasons": [str(problem) for problem in change.problems],
    }
    if change.outcome is Outcome.REJECTED and change.row:
        entry["cells"] = change.row.raw
    return entry


def _digest(entries: list[dict[str, Any]]) -> str:
    """Of what is done, not of the words in which it is told."""
    done = [
        (each["outcome"], each["row"], [*each["before"].values()], [*each["after"].values()])
        for each in entries
    ]
    written = json.dumps(done, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def confirm(
    sheet: Sheet, upload: Upload, actor: Actor, digest: str, *, leave_out: bool
) -> dict[str, int]:
    """Do what the preview said, in one transaction with one event.

    The file is planned again; where the plan now differs from what was shown, nothing is done.

    Args:
        digest: of the preview that was confirmed.
        leave_out: whether rejected rows are to be left out; without it, any stops the import.

    Raises:
        Problem: ``changed-meanwhile``, ``rows-left-out``, ``nothing-to-import``, a refusal, or what
            the room says.
    """
    with performing(actor, sheet.act, sheet.place(actor)) as changed:
        in_turn(sheet.name)  # two would plan against each other's unfinished work
        _reading, changes = plan(sheet, upload, actor)
        if _digest([_entry(sheet, change) for change in changes]) != digest:
            raise CONFLICT()
        counts = Counter(change.outcome for change in changes)
        if counts[Outcome.REJECTED] and not leave_out:
            raise ROWS_LEFT_OUT(count=counts[Outcome.REJECTED])
        to_do = [c for c in changes if c.outcome in (Outcome.ADDED, Outcome.CHANGED)]
        if not to_do:
            raise NOTHING_TO_IMPORT()
        sheet.apply(to_do, actor)
        done = {outcome.value: counts[outcome] for outcome in Outcome}
        touched(changed, upload, label=f"{sheet.title}: {upload.name}")
        changed.after = {"import": sheet.name, "digest": upload.digest, **done}
    default_storage.delete(_kept_as(sheet, upload))
    return done


def told(counts: dict[str, int]) -> str:
    """What an import did, in a sentence."""
    return _("{added:,} added, {changed:,} changed, {unchanged:,} unchanged.").format(**counts)
