"""Draw a sample, repeat a draw to check it, look a number up, erase numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Max

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor
from huiyin.problems import (
    FRAME_OF_TWO_KINDS,
    SAMPLE_EMPTY,
    SAMPLE_ERASED,
    SAMPLE_HASHES_GONE,
    SAMPLE_ROUND_OPEN,
    SAMPLE_ROUND_OVER,
)
from huiyin.survey import sample_acts as acts
from huiyin.survey import sample_queries as queries
from huiyin.survey.models import (
    DoNotCall,
    Drawn,
    ListedNumber,
    Round,
    RoundStatus,
    Sample,
    Stratum,
)
from huiyin.survey.numbers import Number, digest_of, seal
from huiyin.survey.round_queries import place_of
from huiyin.survey.sample_queries import Part, Wish, excluded, parts_of, stored_strata
from huiyin.survey.sample_rules import RETENTION, Pick, digest, draw

#: Rounds for which numbers are still drawn.
OPEN = (RoundStatus.DRAFT, RoundStatus.READY, RoundStatus.FIELDING)
#: Sets the lock on a year's draws apart from others ("HS" in the two highest bytes).
LOCKS = 0x4853 << 48


def draw_sample(actor: Actor, round: Round, wish: Wish, *, seed: int, now: datetime) -> Sample:
    """Draw numbers for a round: none that was drawn this year, none that is never called.

    Args:
        seed: 0 to 2⁶³−1; the same seed from the same frame draws the same numbers.

    Raises:
        Problem: ``sample-…``, ``frame-…``, or a refusal.
    """
    with performing(actor, acts.DRAW_SAMPLE, place_of(round)) as changed:
        _check(round, wish)
        _one_at_a_time(round.year)
        parts = parts_of(round, wish)
        strata = [part.stratum for part in parts]
        picks = draw(seed, strata, excluded(round.year, now), digest_of)
        sample = Sample.objects.create(
            round=round, number=_next_number(round), seed=seed, table=wish.table if wish.mobile
            else None, listed=wish.listed, kinds=list(wish.kinds), account=actor.account,
            drawn_at=now, digest=digest(picks, strata),
        )  # fmt: skip
        _store(sample, parts, picks)
        touched(changed, sample)
        changed.after = {
            "seed": seed, "digest": sample.digest, "drawn": len(picks),
            "strata": [f"{part.stratum.key}: {part.stratum.wanted}" for part in parts],
        }  # fmt: skip
    return sample


def _check(round: Round, wish: Wish) -> None:
    if round.status not in OPEN:
        raise SAMPLE_ROUND_OVER(status=RoundStatus(round.status).label)
    if not (wish.mobile or wish.landline or wish.listed_wanted):
        raise SAMPLE_EMPTY(place="mobile")
    if (wish.mobile or wish.landline) and wish.listed:
        raise FRAME_OF_TWO_KINDS(place="listed")


def _one_at_a_time(year: int) -> None:
    """Two draws at once would not know of each other's numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCKS | year])


def _next_number(round: Round) -> int:
    last: int | None = round.samples.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _store(sample: Sample, parts: Sequence[Part], picks: Sequence[Pick]) -> None:
    strata = Stratum.objects.bulk_create(
        Stratum(
            sample=sample, frame=part.frame, carrier=part.carrier, region=part.region,
            size=part.stratum.size, wanted=part.stratum.wanted, key=part.stratum.key,
            blocks=[list(block) for block in part.stratum.blocks],
        )
        for part in parts
    )  # fmt: skip
    sealed = _sealed_of_list(sample)
    columns = 'sample_id, stratum_id, "order", year, number, digest, segment'
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY survey_drawn ({columns}) FROM STDIN (FORMAT BINARY)") as out,
    ):
        out.set_types(["int8", "int8", "int4", "int2", "bytea", "bytea", "varchar"])
        for order, pick in enumerate(picks, start=1):
            number = seal(pick.number, pick.digest) if pick.number else sealed[pick.digest]
            stratum = strata[pick.stratum].pk
            year = sample.round.year
            out.write_row((sample.pk, stratum, order, year, number, pick.digest, pick.block))


def _sealed_of_list(sample: Sample) -> dict[bytes, bytes]:
    """The ciphertexts of a list by their hashes: what is encrypted is handed on as it is."""
    if sample.listed is None:
        return {}
    rows = sample.listed.rows.exclude(number=None).values_list("digest", "number")
    return {bytes(digest): bytes(number or b"") for digest, number in rows}


@dataclass(frozen=True)
class Repeated:
    """What repeating a draw gave.

    Attributes:
        same: whether it gave the very numbers, in the very order.
        stored: whether what is stored is what was drawn.
        digest: of the repeated draw.
    """

    same: bool
    stored: bool
    digest: str


def check_draw(actor: Actor, sample: Sample) -> Repeated:
    """Repeat a draw from its seed, and compare it with what was recorded and what is stored.

    Raises:
        Problem: ``sample-hashes-gone``, or a refusal.
    """
    with performing(actor, acts.CHECK_DRAW, queries.place_of(sample)) as changed:
        year = sample.round.year
        if Drawn.objects.filter(year=year, digest=None).exists():
            raise SAMPLE_HASHES_GONE()
        strata = stored_strata(sample)
        without = excluded(year, sample.drawn_at, before=sample.pk)
        picks = draw(sample.seed, strata, without, digest_of)
        again = digest(picks, strata)
        found = Repeated(again == sample.digest, _as_stored(sample, picks), again)
        touched(changed, sample)
        changed.after = {"same": found.same, "stored": found.stored, "digest": again}
    return found


def _as_stored(sample: Sample, picks: Sequence[Pick]) -> bool:
    stored = sample.numbers.order_by("order").values_list("digest", flat=True)
    return [bytes(each or b"") for each in stored] == [pick.digest for pick in picks]


@dataclass(frozen=True)
class Found:
    """What is known of a number somebody asked about.

    Attributes:
        masked: such as 138****5678.
        drawn: the draws in which it is.
        never: since when it is never called; None = it may be.
    """

    masked: str
    drawn: list[Drawn]
    never: datetime | None


def look_up(actor: Actor, number: Number) -> Found:
    """Whether a number was drawn and may be called: for a resident who asks why he was.

    The event names the hash, not the number.

    Raises:
        Problem: a refusal.
    """
    digest_ = number.digest()
    with performing(actor, acts.LOOK_UP_NUMBER) as changed:
        rows = Drawn.objects.filter(digest=digest_).select_related("sample__round__series")
        entry = DoNotCall.objects.filter(digest=digest_, until=None).first()
        found = Found(number.masked(), list(rows), entry.since if entry else None)
        changed.kind, changed.label = Drawn._meta.label_lower, f"#{digest_.hex()[:8]}"
        changed.after = {"draws": [str(row.sample) for row in found.drawn]}
    return found


def erase_numbers(actor: Actor, sample: Sample, now: datetime) -> int:
    """Erase the numbers of a sample whose field is closed; the hashes stay until the year ends.

    Raises:
        Problem: ``sample-round-open``, ``sample-erased``, or a refusal.
    """
    with performing(actor, acts.ERASE_NUMBERS, queries.place_of(sample)) as changed:
        sample = Sample.objects.select_for_update().get(pk=sample.pk)
        if sample.round.status in OPEN:
            raise SAMPLE_ROUND_OPEN()
        if sample.erased_at is not None:
            raise SAMPLE_ERASED()
        erased = sample.numbers.exclude(number=None).update(number=None)
        sample.erased_at = now
        sample.save(update_fields=["erased_at"])
        if sample.listed_id and not _still_needed(sample):
            ListedNumber.objects.filter(listed=sample.listed_id).update(number=None)
        touched(changed, sample)
        changed.after = {"erased": erased, "erased_at": now.isoformat()}
    return erased


def _still_needed(sample: Sample) -> bool:
    """Whether another draw from the same list is not erased yet."""
    return Sample.objects.filter(listed=sample.listed_id, erased_at=None).exists()


def erase_due(actor: Actor, now: datetime, today: date) -> dict[str, int]:
    """Erase what the law no longer lets stay: numbers some days after the field, hashes of years
    that are over.

    Returns:
        How many samples' numbers and how many hashes were erased.
    """
    due = [
        sample
        for sample in Sample.objects.filter(erased_at=None).select_related("round__series__region")
        if sample.round.status not in OPEN
        and sample.round.field_until is not None
        and RETENTION.numbers_until(sample.round.field_until) <= today
    ]
    for sample in due:
        erase_numbers(actor, sample, now)
    over = Drawn.objects.filter(year__lt=today.year, number=None, digest__isnull=False)
    return {"samples": len(due), "hashes": over.update(digest=None)}
