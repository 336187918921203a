"""Mobile segments: which prefixes reach people, and what can be wrong with a table of them. Pure.

The rules of prefixes follow the numbering plan of the ministry (工信部《电信网编号计划》) as public
collections repeat it (VincentSit/ChinaMobilePhoneNumberRegex and others); the plan itself
was not to be had, so none of it is checked against the original. What could be checked against the
499,527 segments of the package ``phone`` (December 2023) is told in docs/survey-centre/samples.md.
A table that says the kind itself is believed before these rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from huiyin.problems import (
    SEGMENT_CARRIER,
    SEGMENT_CITY,
    SEGMENT_DIGITS,
    SEGMENT_KIND,
    SEGMENT_LENGTH,
    SEGMENT_OVERLAP,
    SEGMENT_TWICE,
    Problem,
)

CARRIERS = ("移动", "联通", "电信", "广电")
MOBILE, VIRTUAL, DATA, SPECIAL = "mobile", "virtual", "data", "special"
#: Numbers of one segment: four digits are open.
OF_A_SEGMENT = 10_000
#: A table older than this lacks segments that were given out since.
FRESH = timedelta(days=365)
#: Words for a kind that tables use.
KIND_WORDS = {
    MOBILE: ("mobile", "手机", "普通", "公众", "移动电话"),
    VIRTUAL: ("virtual", "虚拟", "虚拟运营商", "虚商", "移动转售", "转售"),
    DATA: ("data", "数据", "数据卡", "上网卡", "物联网", "物联卡", "物联网卡", "数据或物联网"),
    SPECIAL: ("special", "卫星", "应急", "卫星通信", "应急通信", "卫星或应急"),
}
ENDINGS = ("市", "地区", "自治州", "盟", "州")


class PrefixRule(NamedTuple):
    """What numbers with a prefix are for."""

    prefix: str
    kind: str
    what: str


#: The longest prefix that fits decides; what fits none is a mobile phone.
PREFIXES = (
    PrefixRule("140", DATA, "联通物联网（13 位，1400 等）"),
    PrefixRule("141", DATA, "电信物联网（13 位，1410 等）"),
    PrefixRule("144", DATA, "移动物联网（13 位，1440 等）"),
    PrefixRule("145", DATA, "联通上网卡"),
    PrefixRule("146", DATA, "联通物联网（13 位）"),
    PrefixRule("147", DATA, "移动上网卡"),
    PrefixRule("148", DATA, "移动物联网（13 位）"),
    PrefixRule("149", DATA, "电信上网卡"),
    PrefixRule("1349", SPECIAL, "卫星移动通信"),
    PrefixRule("174", SPECIAL, "卫星移动通信、应急通信"),
    PrefixRule("162", VIRTUAL, "电信网移动转售"),
    PrefixRule("165", VIRTUAL, "移动网移动转售"),
    PrefixRule("167", VIRTUAL, "联通网移动转售"),
    PrefixRule("170", VIRTUAL, "移动转售（1700–1702 电信，1703、1705、1706 移动，其余联通）"),
    PrefixRule("171", VIRTUAL, "联通网移动转售"),
)
_BY_PREFIX = {rule.prefix: rule for rule in PREFIXES}


def kind_of(prefix: str) -> str:
    """The kind of a segment by its first digits."""
    rule = _BY_PREFIX.get(prefix[:4]) or _BY_PREFIX.get(prefix[:3])
    return rule.kind if rule else MOBILE


class Segment(NamedTuple):
    """A segment as it is stored."""

    prefix: str
    province: str
    city: str
    carrier: str
    kind: str


class Line(NamedTuple):
    """A row of a table as it was handed in: its number, and the cells as text."""

    row: int
    prefix: str
    province: str
    city: str
    carrier: str
    kind: str


class Finding(NamedTuple):
    """What is wrong with a row."""

    row: int
    column: str
    problem: Problem


@dataclass
class Checked:
    """A table that was checked: the segments that can be taken, and every finding."""

    segments: list[Segment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Rows by what becomes of them, and segments by kind."""
        kinds = Counter(segment.kind for segment in self.segments)
        rejected = len({finding.row for finding in self.findings})
        return {"taken": len(self.segments), "rejected": rejected, **dict(kinds)}


def check(lines: Iterable[Line], city: str = "") -> Checked:
    """Check a table of segments; nothing stops at the first mistake.

    Args:
        city: the only city of which there may be segments; "" = any.
    """
    checked = Checked()
    first: dict[str, tuple[int, Segment]] = {}
    doubtful: set[str] = set()
    for line in lines:
        segment, problems = _read(line, city)
        checked.findings.extend(Finding(line.row, *each) for each in problems)
        if segment is None:
            continue
        known = first.setdefault(segment.prefix, (line.row, segment))
        if known[0] != line.row:
            checked.findings.append(Finding(line.row, "prefix", _twice(known, segment, doubtful)))
    checked.findings.extend(_both_sides(checked.findings, first, doubtful))
    checked.findings.sort(key=lambda each: each.row)
    checked.segments = [seg for _row, seg in first.values() if seg.prefix not in doubtful]
    return checked


def _read(line: Line, city: str) -> tuple[Segment | None, list[tuple[str, Problem]]]:
    problems: list[tuple[str, Problem]] = []
    prefix = line.prefix
    if not re.fullmatch(r"1[3-9]\d{5}", prefix):
        wrong_length = prefix.isdecimal() and prefix[:1] == "1" and len(prefix) != 7
        wrong = SEGMENT_LENGTH(length=len(prefix)) if wrong_length else None
        problems.append(("prefix", wrong or SEGMENT_DIGITS(value=prefix[:20])))
    carrier = carrier_of(line.carrier)
    if carrier is None:
        named = SEGMENT_CARRIER(value=line.carrier[:20], choices="、".join(CARRIERS))
        problems.append(("carrier", named))
    kind = _kind(line)
    if kind is None:
        words = "、".join(each[1] for each in KIND_WORDS.values())
        problems.append(("kind", SEGMENT_KIND(value=line.kind[:20], choices=words)))
    if city and not same_city(line.city, city):
        problems.append(("city", SEGMENT_CITY(city=line.city, wanted=city)))
    if problems or carrier is None or kind is None:
        return None, problems
    return Segment(prefix, line.province, line.city, carrier, kind), []


def _kind(line: Line) -> str | None:
    if line.kind:
        return _WORDS.get(line.kind.strip().casefold())
    kind = kind_of(line.prefix)
    return VIRTUAL if kind == MOBILE and "虚拟" in line.carrier else kind


_WORDS = {word: kind for kind, words in KIND_WORDS.items() for word in words}


def _twice(known: tuple[int, Segment], segment: Segment, doubtful: set[str]) -> Problem:
    """The problem of a segment that stood in an earlier row."""
    row, before = known
    names = {"city": "城市", "carrier": "运营商", "kind": "类型"}
    differing = [n for n in names if getattr(before, n) != getattr(segment, n)]
    if not differing:
        return SEGMENT_TWICE(other=row)
    doubtful.add(segment.prefix)
    return SEGMENT_OVERLAP(other=row, what="、".join(names[name] for name in differing))


def _both_sides(
    found: Sequence[Finding], first: Mapping[str, tuple[int, Segment]], doubtful: set[str]
) -> list[Finding]:
    """The first of two rows that contradict each other is no better than the second."""
    against = {f.problem.values["other"]: f for f in found if f.problem.kind is SEGMENT_OVERLAP}
    rows = [first[prefix][0] for prefix in doubtful]
    return [
        Finding(
            row, "prefix", SEGMENT_OVERLAP(other=against[row].row,
                                           what=against[row].problem.values["what"])
        )
        for row in rows
    ]  # fmt: skip


def carrier_of(text: str) -> str | None:
    """The carrier that a word names: 中国移动, CMCC, 联通虚拟运营商; None = none of ours."""
    for carrier, others in (
        ("移动", ("cmcc", "mobile")), ("联通", ("cucc", "unicom")), ("电信", ("ctcc", "telecom")),
        ("广电", ("cbn", "broadnet")),
    ):  # fmt: skip
        low = text.casefold()
        if carrier in text or any(word in low for word in others):
            return carrier
    return None


def bare_city(name: str) -> str:
    """A city without its ending: 安和市 → 安和, 大理白族自治州 → 大理白族."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def same_city(written: str, wanted: str) -> bool:
    """Whether two spellings name one city: 大理, 大理州 and 大理白族自治州 do."""
    one, other = bare_city(written.strip()), bare_city(wanted.strip())
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


@dataclass(frozen=True)
class Group:
    """Segments of one carrier and kind in a city."""

    carrier: str
    kind: str
    segments: int

    @property
    def numbers(self) -> int:
        return self.segments * OF_A_SEGMENT


def warnings(groups: Sequence[Group], as_of: date, today: date) -> list[tuple[str, str]]:
    """What is doubtful in the frame of a city: pairs of code and what it concerns."""
    if not groups:
        return [("empty", "")]
    there = {group.carrier for group in groups if group.kind == MOBILE}
    found = [("carrier", carrier) for carrier in CARRIERS[:3] if carrier not in there]
    if today - as_of > FRESH:
        found.insert(0, ("old", str((today - as_of).days // 30)))
    return found


def shares(users: Mapping[str, int]) -> tuple[int, dict[str, float]]:
    """The sum of users, and each carrier's share in percent."""
    total = sum(users.values())
    return total, {name: 100 * count / total if total else 0.0 for name, count in users.items()}
