"""How a structure of groups is written, one group a line, and what laying it out would make.

    kind | name | superior | posts | duties

Names may contain ``{region}``, which becomes the name of the region where it is laid out. Pure:
no database, no clock.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from huiyin.organisation.kinds import Duty, GroupKind, PostKind
from huiyin.problems import (
    TEMPLATE_DUTY,
    TEMPLATE_EMPTY,
    TEMPLATE_KIND,
    TEMPLATE_NAME,
    TEMPLATE_NAME_TWICE,
    TEMPLATE_POST,
    TEMPLATE_SUPERIOR,
)

#: Words for kinds and duties, in lines that people write; the first is written back.
KIND_WORDS: dict[str, tuple[str, ...]] = {
    GroupKind.LEADING: ("领导小组",),
    GroupKind.OFFICE: ("办公室",),
    GroupKind.COMMAND: ("指挥部",),
    GroupKind.WORKING: ("工作组", "专项组"),
    GroupKind.TASK_FORCE: ("专班",),
}
DUTY_WORDS: dict[str, str] = {
    Duty.GUIDE: "指导",
    Duty.COORDINATE: "协调",
    Duty.ADVANCE: "推进",
    Duty.URGE: "督促",
    Duty.ASSESS: "考评",
}
#: Titles that say which kind of post they are; every other title is another post.
TITLE_KINDS: dict[str, PostKind] = {
    "组长": PostKind.FIRST,
    "主任": PostKind.FIRST,
    "指挥长": PostKind.COMMANDER,
    "双指挥长": PostKind.JOINT_COMMANDER,
    "常务副指挥长": PostKind.EXECUTIVE_DEPUTY,
    "联络员": PostKind.LIAISON,
    "副组长": PostKind.DIRECT,
    "副主任": PostKind.DIRECT,
}
JOINT = "双指挥长"
REGION = "{region}"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Part:
    """One group of a structure, with the titles of its posts in order."""

    kind: str
    name: str
    superior: str = ""
    posts: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """What laying out one part would do.

    Attributes:
        part: the part, with the region's name in place.
        exists: whether the group is there already.
        posts: titles of the posts that would be added.
    """

    part: Part
    exists: bool
    posts: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return not self.exists or bool(self.posts)


def read_parts(text: str) -> list[Part]:
    """Read a structure.

    Raises:
        Problem: one of ``template-…``, naming the line.
    """
    parts: list[Part] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            parts.append(_read_line(line, number, {part.name for part in parts}))
    if not parts:
        raise TEMPLATE_EMPTY(place="lines")
    return parts


def _read_line(line: str, number: int, earlier: Collection[str]) -> Part:
    cells = [cell.strip() for cell in line.replace("｜", "|").replace("\t", "|").split("|")]
    kind, name, superior, posts, duties, *_rest = [*cells, *[""] * 5]
    if not name or len(name) > LONGEST_NAME:
        raise TEMPLATE_NAME(place="lines", line=number)
    if name in earlier:
        raise TEMPLATE_NAME_TWICE(place="lines", line=number, value=name)
    if superior and superior not in earlier:
        raise TEMPLATE_SUPERIOR(place="lines", line=number, value=superior)
    return Part(
        _kind(kind, number), name, superior, _titles(posts, number), _duties(duties, number)
    )


def _kind(word: str, line: int) -> str:
    for kind, words in KIND_WORDS.items():
        if word == kind or word in words:
            return kind
    choices = "、".join(words[0] for words in KIND_WORDS.values())
    raise TEMPLATE_KIND(place="lines", line=line, value=word, choices=choices)


def _listed(text: str) -> list[str]:
    for sign in "，,；;":
        text = text.replace(sign, "、")
    return list(dict.fromkeys(word.strip() for word in text.split("、") if word.strip()))


def _titles(text: str, line: int) -> tuple[str, ...]:
    titles = _listed(unicodedata.normalize("NFC", text))
    for title in titles:
        if len(title) > 60:
            raise TEMPLATE_POST(place="lines", line=line, value=title)
    return tuple(titles)


def _duties(text: str, line: int) -> tuple[str, ...]:
    known = {word: duty for duty, word in DUTY_WORDS.items()} | {duty: duty for duty in DUTY_WORDS}
    duties = []
    for word in _listed(text):
        if word not in known:
            choices = "、".join(DUTY_WORDS.values())
            raise TEMPLATE_DUTY(place="lines", line=line, value=word, choices=choices)
        duties.append(known[word])
    return tuple(dict.fromkeys(duties))


def write_parts(parts: Iterable[Part]) -> str:
    """A structure as lines, which :func:`read_parts` reads back."""
    return "\n".join(
        " | ".join(
            (
                KIND_WORDS[part.kind][0],
                part.name,
                part.superior,
                "、".join(part.posts),
                "、".join(DUTY_WORDS[duty] for duty in part.duties),
            )
        )
        for part in parts
    )


def seats_of(titles: Iterable[str]) -> list[tuple[str, PostKind]]:
    """The posts that titles stand for; 双指挥长 are two joint commanders (004-01)."""
    seats: list[tuple[str, PostKind]] = []
    for title in titles:
        kind = TITLE_KINDS.get(title, PostKind.OTHER)
        if title == JOINT:
            seats += [("第一指挥长", kind), ("第二指挥长", kind)]
        else:
            seats.append((title, kind))
    return seats


def plan(
    parts: Iterable[Part], region: str, existing: Mapping[str, Collection[str]]
) -> list[Planned]:
    """What laying out a structure in a region would make; what is there is left as it is.

    Args:
        region: name of the region.
        existing: name of each group of the region → titles of its posts.

    Raises:
        Problem: ``template-name`` or ``template-name-twice``: with the region's name in place, a
            name is too long, or the same as an earlier one.
    """
    planned: list[Planned] = []
    for number, part in enumerate(parts, 1):
        placed = Part(
            part.kind,
            part.name.replace(REGION, region),
            part.superior.replace(REGION, region),
            part.posts,
            part.duties,
        )
        if len(placed.name) > LONGEST_NAME:
            raise TEMPLATE_NAME(place="lines", line=number)
        if placed.name in {earlier.part.name for earlier in planned}:
            raise TEMPLATE_NAME_TWICE(place="lines", line=number, value=placed.name)
        there = existing.get(placed.name)
        titles = tuple(title for title, _kind in seats_of(part.posts) if title not in (there or ()))
        planned.append(Planned(placed, there is not None, titles))
    return planned


def counts(parts: Iterable[Part]) -> list[tuple[str, int]]:
    """How many groups of each kind a structure has, in the order of the kinds."""
    kinds = [part.kind for part in parts]
    return [(kind, kinds.count(kind)) for kind in GroupKind.values if kind in kinds]
