"""Files of frames: segment tables with a preview; lists of numbers, which are not kept as files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor, Place
from huiyin.furniture.contents import kind_of
from huiyin.furniture.exchange import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    choice,
    code,
    day,
    read,
    rejected,
    text,
    whole,
)
from huiyin.furniture.models import Upload
from huiyin.furniture.uploads import MEGABYTE
from huiyin.problems import (
    DIVISION_UNKNOWN,
    EXCHANGE_OVERLAP,
    EXCHANGE_PREFIX,
    EXCHANGE_TWICE,
    FILE_EMPTY,
    FILE_KIND,
    FILE_TOO_LARGE,
    Problem,
)
from huiyin.survey import frame_acts as acts
from huiyin.survey import frame_rules as rules
from huiyin.survey.frame_actions import Entry, digest_of
from huiyin.survey.frame_reading import read_segments
from huiyin.survey.models import Exchange, ImportState, SegmentImport
from huiyin.survey.numbers import Number, normalise
from huiyin.territory import rules as territory
from huiyin.territory.models import Region
from huiyin.territory.queries import living

#: As many findings of a table are kept for its page.
MOST_FINDINGS = 2_000
#: Of a file of numbers.
MOST_BYTES = 20 * MEGABYTE


# segments


def plan(handed: SegmentImport) -> rules.Checked:
    """Read and check a table that was handed in.

    Raises:
        Problem: the file as a whole cannot be read.
    """
    upload = Upload.objects.get(pk=handed.upload or 0)
    lines, _columns = read_segments(Path(upload.file.path), upload.kind)
    return rules.check(lines, handed.city)


def keep_plan(handed: SegmentImport) -> None:
    """Keep what an import would do, for the page that shows it.

    Raises:
        Problem: the file as a whole cannot be read; the import says so too.
    """
    try:
        upload = Upload.objects.get(pk=handed.upload or 0)
        lines, columns = read_segments(Path(upload.file.path), upload.kind)
    except Problem as wrong:
        handed.status, handed.problem = ImportState.REFUSED, str(wrong)
        handed.save(update_fields=["status", "problem"])
        raise
    checked = rules.check(lines, handed.city)
    handed.counts, handed.digest = checked.counts(), digest_of(checked)
    handed.findings = [
        {"row": row, "column": columns.get(column, ""), "reason": problem.message}
        for row, column, problem in checked.findings[:MOST_FINDINGS]
    ]
    handed.status = ImportState.PLANNED
    handed.save()


# exchanges


class ExchangeImport(Sheet):
    """One row for each exchange: where landline numbers begin, and where they ring."""

    name = "survey-exchanges"
    title = _("Import landline exchanges")
    act: ClassVar[Act] = acts.IMPORT_EXCHANGES
    lead = _("One row for each exchange: the digits after the area code with which numbers begin.")
    back = "survey:exchanges"
    columns = (
        Field("area_code", (_("Area code"), "区号", "长途区号"), required=True,
              parse=code(r"0(10|2\d|[3-9]\d{2})", "0731"), sample="0731"),
        Field("prefix", (_("Exchange prefix"), "局号", "局向号", "前缀"), required=True,
              parse=code(r"[2-8]\d{0,4}", "8456"), sample="8456"),
        Field("digits", (_("Digits of a number"), "号码位数", "位数"), required=True,
              parse=whole(7, 8), note=_("Without the area code: 7 or 8"), sample="8"),
        Field("carrier", (_("Carrier"), "运营商"),
              parse=choice({each: each for each in rules.CARRIERS}),
              choices=rules.CARRIERS, sample="电信"),
        Field("region", (_("Division code"), "区划代码", "代码"), parse=code(r"\d{4,12}", "430582"),
              note=_("Of the county or town where it rings; empty = not known"), sample="430582"),
        Field("as_of", (_("As of"), "数据日期", "日期"), parse=day(), sample="2026-06-30"),
        Field("origin", (_("Origin"), "来源"), parse=text(200), sample="市通信管理办"),
    )  # fmt: skip

    def plan(self, rows: Any, actor: Actor) -> list[Change]:
        """What each row would do; exchanges that hold the same numbers are rejected."""
        kept = {(each.area_code, each.prefix): each for each in Exchange.objects.all()}
        codes = {territory.parse_code(row["region"])[0] for row in rows if row.get("region")}
        regions = {each.code: each for each in living().filter(code__in=codes)}
        held = set(kept)
        seen: dict[tuple[str, str], Row] = {}
        return [_exchange(row, kept, regions, held, seen) for row in rows]

    def apply(self, changes: Any, actor: Actor) -> None:
        made = [change.thing for change in changes if change.outcome is not Outcome.UNCHANGED]
        Exchange.objects.bulk_create(
            made,
            update_conflicts=True,
            unique_fields=["area_code", "prefix"],
            update_fields=["digits", "carrier", "region", "as_of", "origin"],
        )


def _exchange(
    row: Row,
    kept: dict[tuple[str, str], Exchange],
    regions: dict[str, Region],
    held: set[tuple[str, str]],
    seen: dict[tuple[str, str], Row],
) -> Change:
    key = (row["area_code"], row["prefix"])
    if wrong := _wrong_exchange(row, key, regions, held, seen):
        return rejected(row, wrong, label="-".join(key))
    seen[key] = row
    held.add(key)
    region = regions.get(territory.parse_code(row["region"])[0]) if row.get("region") else None
    thing = Exchange(
        area_code=key[0], prefix=key[1], digits=row["digits"], carrier=row.get("carrier", ""),
        region=region, as_of=row.get("as_of"), origin=row.get("origin", ""),
    )  # fmt: skip
    old = kept.get(key)
    after = _shown(thing)
    label = "-".join(key)
    return (
        changed(row, label, _shown(old), after, thing) if old else added(row, label, after, thing)
    )


def _shown(each: Exchange) -> dict[str, Any]:
    return {
        "digits": each.digits,
        "carrier": each.carrier,
        "region": each.region.code if each.region else "",
        "as_of": str(each.as_of or ""),
        "origin": each.origin,
    }


def _wrong_exchange(
    row: Row,
    key: tuple[str, str],
    regions: dict[str, Region],
    held: set[tuple[str, str]],
    seen: dict[tuple[str, str], Row],
) -> Problem | None:
    if key in seen:
        return row.wrong(EXCHANGE_TWICE, "prefix", other=seen[key].place())
    area, prefix = key
    if len(prefix) >= row["digits"]:
        return row.wrong(EXCHANGE_PREFIX, "prefix", length=len(prefix), digits=row["digits"])
    # one that begins with another holds numbers of both
    for length in range(1, 6):
        shorter = (area, prefix[:length])
        if length < len(prefix) and shorter in held:
            return row.wrong(EXCHANGE_OVERLAP, "prefix", prefix=prefix, other=shorter[1])
    longer = [p for a, p in held if a == area and p != prefix and p.startswith(prefix)]
    if longer:
        return row.wrong(EXCHANGE_OVERLAP, "prefix", prefix=longer[0], other=prefix)
    if row.get("region") and territory.parse_code(row["region"])[0] not in regions:
        return row.wrong(DIVISION_UNKNOWN, "region", code=row["region"])
    return None


# numbers


class _Numbers(Sheet):
    """A file of numbers. It is read where it arrived and never kept."""

    name = "survey-numbers"
    title = _("Numbers")
    act: ClassVar[Act] = acts.HAND_IN_LIST
    columns = (
        Field("number", (_("Number"), "号码", "电话", "手机", "手机号", "手机号码", "电话号码",
                         "联系电话", "phone", "number"), required=True, parse=lambda cell: cell),
        Field("region", (_("Division code"), "区划代码", "代码", "地区代码"),
              parse=code(r"\d{2,12}", "430582")),
        Field("reason", (_("Reason"), "原因", "理由"), parse=text(200)),
    )  # fmt: skip

    def place(self, actor: Actor) -> Place | None:
        return None


def read_numbers(file: UploadedFile[Any], area_code: str = "") -> list[Entry]:
    """Read a file of numbers, Excel or CSV; nothing of it stays on the disk.

    Args:
        area_code: of landline numbers that are written without one.

    Raises:
        Problem: the file as a whole cannot be read.
    """
    if not file.size:
        raise FILE_EMPTY(place="file")
    if file.size > MOST_BYTES:
        raise FILE_TOO_LARGE(place="file", limit=MOST_BYTES // MEGABYTE)
    kind = kind_of(file, ("xlsx", "csv"))
    if kind is None:
        raise FILE_KIND(place="file", kinds="xlsx, csv")
    with TemporaryDirectory(prefix="huiyin-numbers-") as folder:
        path = Path(folder, f"numbers.{kind}")
        with path.open("wb") as out:
            out.writelines(file.chunks())
        reading = read(_Numbers, path, kind)
    found = [_entry(row, area_code) for row in reading.rows]
    bad = [Entry(c.row.where.row, p) for c in reading.rejected if c.row for p in c.problems[:1]]
    return sorted(_with_regions(found, reading.rows) + bad, key=lambda entry: entry.row)


def _entry(row: Row, area_code: str) -> Entry:
    cell = row["number"]
    written = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    number: Number | Problem
    try:
        number = normalise(written, area_code)
    except Problem as wrong:
        number = wrong
    return Entry(row.where.row, number, None, row.get("reason", ""))


def _with_regions(entries: list[Entry], rows: list[Row]) -> list[Entry]:
    """The entries with the regions that their rows name; an unknown one is a problem."""
    codes = {row.where.row: territory.parse_code(row["region"])[0] for row in rows
             if row.get("region")}  # fmt: skip
    regions = {each.code: each for each in living().filter(code__in=set(codes.values()))}
    found = []
    for entry in entries:
        code_ = codes.get(entry.row)
        if code_ and code_ not in regions and isinstance(entry.number, Number):
            entry = entry._replace(number=DIVISION_UNKNOWN(code=code_))
        found.append(entry._replace(region=regions.get(code_)) if code_ else entry)
    return found
