"""What is done with frames: segment tables taken, users recorded, numbers never to be called."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor
from huiyin.problems import (
    CALLED_NEVER_ALREADY,
    NUMBER_TWICE,
    NUMBERS_REJECTED,
    SEGMENTS_DONE,
    SEGMENTS_NONE,
    SEGMENTS_REJECTED,
    Problem,
)
from huiyin.survey import frame_acts as acts
from huiyin.survey import frame_rules as rules
from huiyin.survey.models import (
    DoNotCall,
    Drawn,
    ImportState,
    ListedNumber,
    NumberList,
    SegmentImport,
    SegmentTable,
    Subscribers,
)
from huiyin.survey.numbers import Number, current_key_id, key_id, resealed
from huiyin.territory.models import Region

#: Ciphertexts that are made anew in one transaction.
AT_A_TIME = 5_000


class Entry(NamedTuple):
    """A row of a file of numbers: read, or the problem why not.

    Attributes:
        row: its number in the file.
        number: the number, or what is wrong with the row.
        region: where it is, if the file says so.
        reason: why it is never called, if the file says so.
    """

    row: int
    number: Number | Problem
    region: Region | None = None
    reason: str = ""


# segments


def digest_of(checked: rules.Checked) -> str:
    """SHA-256 of what an import would do; confirming names it."""
    whole = hashlib.sha256()
    for segment in checked.segments:
        whole.update("\t".join(segment).encode() + b"\n")
    whole.update(str(len(checked.findings)).encode())
    return whole.hexdigest()


def take_segments(
    actor: Actor, handed: SegmentImport, checked: rules.Checked, *, leave_out: bool
) -> SegmentTable:
    """Make a table of the segments of a file that was checked; all of it or nothing.

    Args:
        leave_out: whether rows with findings are to be left out; without it, any stops the import.

    Raises:
        Problem: ``segments-done``, ``segments-none``, ``segments-rejected``, or a refusal.
    """
    with performing(actor, acts.IMPORT_SEGMENTS) as changed:
        handed = SegmentImport.objects.select_for_update().get(pk=handed.pk)
        if handed.status == ImportState.DONE:
            raise SEGMENTS_DONE()
        if not checked.segments:
            raise SEGMENTS_NONE()
        counts = checked.counts()
        if counts["rejected"] and not leave_out:
            raise SEGMENTS_REJECTED(count=counts["rejected"])
        table = SegmentTable.objects.create(
            name=handed.name, origin=handed.origin, as_of=handed.as_of, city=handed.city,
            segments=len(checked.segments), account=actor.account,
        )  # fmt: skip
        _copy(table, checked.segments)
        handed.status, handed.table, handed.counts = ImportState.DONE, table, dict(counts)
        handed.save(update_fields=["status", "table", "counts"])
        touched(changed, table)
        changed.after = {
            "origin": table.origin, "as_of": str(table.as_of), "taken": counts.pop("taken"),
            "rejected": counts.pop("rejected"),
            "kinds": [f"{kind}: {count}" for kind, count in counts.items()],
        }  # fmt: skip
    return table


def _copy(table: SegmentTable, segments: Sequence[rules.Segment]) -> None:
    columns = "table_id, prefix, province, city, carrier, kind"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY survey_segment ({columns}) FROM STDIN") as out,
    ):
        for segment in segments:
            out.write_row((table.pk, *segment))


# users of carriers


def record_users(
    actor: Actor, region: Region, users: Mapping[str, int | None], as_of: date, source: str
) -> None:
    """Record how many users each carrier has in a city; None or 0 = not told.

    Raises:
        Problem: a refusal.
    """
    with performing(actor, acts.RECORD_USERS) as changed:
        before: dict[str, object] = dict(
            Subscribers.objects.filter(region=region).values_list("carrier", "users")
        )
        Subscribers.objects.filter(region=region).delete()
        told = {carrier: count for carrier, count in users.items() if count}
        Subscribers.objects.bulk_create(
            Subscribers(region=region, carrier=carrier, users=count, as_of=as_of, source=source)
            for carrier, count in told.items()
        )
        touched(changed, region)
        changed.before, changed.after = before, {**told, "as_of": str(as_of), "source": source}


# lists of numbers


def hand_in_list(
    actor: Actor, name: str, origin: str, entries: Sequence[Entry], *, leave_out: bool
) -> NumberList:
    """Keep a list of numbers as a frame of its own; each is encrypted before it is stored.

    Raises:
        Problem: ``numbers-rejected``, or a refusal.
    """
    good, bad = sorted_out(entries)
    with performing(actor, acts.HAND_IN_LIST) as changed:
        if (bad and not leave_out) or not good:
            raise NUMBERS_REJECTED(count=len(bad))
        made = NumberList.objects.create(name=name, origin=origin, numbers=len(good))
        ListedNumber.objects.bulk_create(
            (
                ListedNumber(listed=made, number=number.sealed(), digest=digest,
                             kind=number.kind.value, region=region)
                for digest, (number, region) in good.items()
            ),
            batch_size=5_000,
        )  # fmt: skip
        touched(changed, made)
        changed.after = {"origin": origin, "taken": len(good), "rejected": len(bad)}
    return made


def sorted_out(
    entries: Sequence[Entry],
) -> tuple[dict[bytes, tuple[Number, Region | None]], list[tuple[int, Problem]]]:
    """Numbers by their hash, and the rows that cannot be taken; a number counts once."""
    good: dict[bytes, tuple[Number, Region | None]] = {}
    rows: dict[bytes, int] = {}
    bad: list[tuple[int, Problem]] = []
    for entry in entries:
        if isinstance(entry.number, Problem):
            bad.append((entry.row, entry.number))
            continue
        digest = entry.number.digest()
        if digest in good:
            bad.append((entry.row, NUMBER_TWICE(other=rows[digest])))
            continue
        good[digest], rows[digest] = (entry.number, entry.region), entry.row
    return good, bad


# numbers never to be called


def never_call(actor: Actor, number: Number, reason: str) -> DoNotCall:
    """Put a number on the do-not-call list, by its hash.

    Raises:
        Problem: ``called-never-already``, or a refusal.
    """
    digest = number.digest()
    with performing(actor, acts.ADD_DO_NOT_CALL) as changed:
        if DoNotCall.objects.filter(digest=digest, until=None).exists():
            raise CALLED_NEVER_ALREADY(place="number")
        made = DoNotCall.objects.create(digest=digest, reason=reason)
        touched(changed, made)
        changed.after = {"hash": digest.hex()[:8], "reason": reason}
    return made


def never_call_all(
    actor: Actor, entries: Sequence[Entry], reason: str, *, leave_out: bool
) -> tuple[int, int]:
    """Put the numbers of a file on the list; how many were added, and how many stood there.

    Args:
        reason: for rows that do not say their own.

    Raises:
        Problem: ``numbers-rejected``, or a refusal.
    """
    good, bad = sorted_out(entries)
    reasons = {
        entry.number.digest(): entry.reason
        for entry in entries
        if entry.reason and isinstance(entry.number, Number)
    }
    with performing(actor, acts.ADD_DO_NOT_CALL) as changed:
        if (bad and not leave_out) or not good:
            raise NUMBERS_REJECTED(count=len(bad))
        there = {
            bytes(digest)
            for digest in DoNotCall.objects.filter(until=None).values_list("digest", flat=True)
        }
        new = [digest for digest in good if digest not in there]
        DoNotCall.objects.bulk_create(
            (DoNotCall(digest=digest, reason=reasons.get(digest) or reason) for digest in new),
            batch_size=5_000,
        )
        changed.kind, changed.label = DoNotCall._meta.label_lower, str(len(new))
        changed.after = {"added": len(new), "there": len(good) - len(new), "reason": reason}
    return len(new), len(good) - len(new)


def lift(actor: Actor, entry: DoNotCall, now: datetime) -> None:
    """Take a number off the do-not-call list; the entry stays, with its end.

    Raises:
        Problem: a refusal.
    """
    with performing(actor, acts.LIFT_DO_NOT_CALL) as changed:
        entry.until = now
        entry.save(update_fields=["until"])
        touched(changed, entry)
        changed.after = {"hash": bytes(entry.digest).hex()[:8], "until": now.isoformat()}


# keys


def reseal(actor: Actor) -> int:
    """Encrypt anew, with the newest key, every number that an older key encrypted; how many.

    All of it is one transaction. Afterwards the older keys can be taken away.

    Raises:
        Problem: ``number-sealed``: a key is missing, or a refusal.
    """
    with performing(actor, acts.RESEAL_NUMBERS) as changed:
        done = sum(_resealed_of(model) for model in (Drawn, ListedNumber))
        changed.kind, changed.label = Drawn._meta.label_lower, str(done)
        changed.after = {"resealed": done, "key": current_key_id().hex()}
    return done


def _resealed_of(model: Any) -> int:
    done, last = 0, 0
    while True:
        rows = list(
            model.objects.filter(pk__gt=last, digest__isnull=False)
            .exclude(number=None)
            .order_by("pk")[:AT_A_TIME]
        )
        if not rows:
            return done
        last = rows[-1].pk
        old = [row for row in rows if key_id(bytes(row.number)) != current_key_id()]
        for row in old:
            row.number = resealed(bytes(row.number), bytes(row.digest or b""))
        with transaction.atomic():
            model.objects.bulk_update(old, ["number"], batch_size=1_000)
        done += len(old)
