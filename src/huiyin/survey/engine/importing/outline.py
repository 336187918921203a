"""The rows of the survey sheet as what they are: groups, repeats, questions, with their paths."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from huiyin.survey.engine.findings import Finding
from huiyin.survey.engine.importing.messages import finding, perhaps
from huiyin.survey.engine.importing.workbook import Row, Sheet

#: What is asked or shown.
ASKED = {
    "text": "string", "integer": "int", "int": "int", "decimal": "decimal", "range": "number",
    "note": "note", "date": "date", "time": "time", "datetime": "dateTime",
    "geopoint": "geopoint", "geotrace": "geotrace", "geoshape": "geoshape", "barcode": "string",
    "acknowledge": "string", "trigger": "string", "image": "binary", "audio": "binary",
    "video": "binary", "file": "binary",
}  # fmt: skip
#: What is stored without being asked.
STORED = {
    "calculate": "string", "hidden": "string", "start": "dateTime", "end": "dateTime",
    "today": "date", "username": "string", "deviceid": "string", "email": "string",
    "phonenumber": "string",
}  # fmt: skip
SELECTS = ("select_one", "select_multiple", "rank")
_ALIASES = {"select1": "select_one", "select": "select_multiple", "select one": "select_one",
            "select multiple": "select_multiple", "select one from": "select_one",
            "select multiple from": "select_multiple", "string": "text"}  # fmt: skip
_REFUSED = ("select_one_from_file", "select_multiple_from_file", "select_one_external",
            "csv-external", "xml-external", "xforms-external")  # fmt: skip
#: Groups and repeats within each other; more nobody can follow.
DEEPEST = 20
#: So many words are compared one by one.
MANY = 300
_FRAME = re.compile(r"(begin|end)[_ ](group|repeat|loop)\b")
_NAME = re.compile(r"[^\W\d][\w.\-]*\Z")
#: Names that XML or the form itself needs.
_TAKEN = frozenset({"meta", "instanceid", "instancename", "data"})


@dataclass(eq=False)
class Item:
    """A group, a repeat or a question.

    Attributes:
        row: where it is written.
        kind: group, repeat, question, or stored (asked of nobody).
        type: ``integer``, ``select_one`` …; "" of a group.
        value: kind of its answer: string, int, decimal, number, date …
        listed: name of the list of its choices; "" = none.
        order: among all, in the order of asking.
    """

    row: Row
    kind: str
    name: str
    type: str = ""
    value: str = "string"
    listed: str = ""
    or_other: bool = False
    parent: Item | None = None
    order: int = 0
    children: list[Item] = field(default_factory=list)

    @cached_property
    def path(self) -> str:
        return f"{self.parent.path if self.parent else '/data'}/{self.name}"

    def above(self) -> Iterator[Item]:
        """The item itself and all above it, from below."""
        at: Item | None = self
        while at is not None:
            yield at
            at = at.parent


class Outline:
    """The items of a survey sheet.

    Attributes:
        items: in the order of the sheet.
        top: those that lie in no group.
        named: by their name.
        findings: what was wrong with types, names and frames.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.items: list[Item] = []
        self.named: dict[str, list[Item]] = {}
        self.findings: list[Finding] = []
        self.top: list[Item] = []
        self._open: list[Item] = []
        self._seen: dict[tuple[int, str], Item] = {}
        for row in sheet.rows:
            self._row(row)
        for item in self._open:
            self._wrong("not-closed", item.row, "type", kind=item.kind)

    def _wrong(self, code: str, row: Row, column: str, /, **values: object) -> None:
        self.findings.append(finding(code, "survey", row.number, column, **values))

    def _row(self, row: Row) -> None:
        text = " ".join(row["type"].split())
        frame = _FRAME.match(text.lower())
        if frame and frame[1] == "end":
            self._end(row, frame[2])
        elif frame:
            item = Item(row, frame[2], row["name"])
            self._add(item)
            self._open.append(item)
        elif text:
            self._question(row, text)
        elif row["name"]:
            self._wrong("missing-type", row, "type")

    def _end(self, row: Row, kind: str) -> None:
        if self._open and self._open[-1].kind == kind:
            self._open.pop()
        else:
            self._wrong("not-opened", row, "type", kind=kind)

    def _question(self, row: Row, text: str) -> None:
        base, listed, or_other = split_type(text)
        if base in _REFUSED:
            self._wrong("refused-type", row, "type", type=base)
        elif base in SELECTS:
            if not listed:
                self._wrong("no-list", row, "type", type=base)
            value = "choice" if base == "select_one" else "choices"
            self._add(Item(row, "question", row["name"], base, value, listed, or_other))
        elif base.lower() in ASKED:
            self._add(Item(row, "question", row["name"], base.lower(), ASKED[base.lower()]))
        elif base.lower() in STORED:
            self._add(Item(row, "stored", row["name"], base.lower(), STORED[base.lower()]))
        elif base.lower() != "audit":
            known = [*ASKED, *STORED, *SELECTS, "begin_group", "begin_repeat", "end_group"]
            self._wrong("unknown-type", row, "type", type=text, **perhaps(near(base, known)))

    def _add(self, item: Item) -> None:
        item.parent = self._open[-1] if self._open else None
        if len(self._open) == DEEPEST:
            self._wrong("nested-too-deeply", item.row, "type", most=DEEPEST)
        item.order = len(self.items)
        self.items.append(item)
        self._check_name(item)
        self.named.setdefault(item.name, []).append(item)
        (item.parent.children if item.parent is not None else self.top).append(item)

    def _check_name(self, item: Item) -> None:
        if not item.name:
            if item.type not in STORED or item.type in ("calculate", "hidden"):
                self._wrong("missing-name", item.row, "name")
            return
        if not _NAME.match(item.name):
            mended = re.sub(r"[^\w.\-]+", "_", item.name).lstrip("0123456789.-_") or "q"
            self._wrong("bad-name", item.row, "name", name=item.name, instead=mended)
        if item.name.lower() in _TAKEN and item.parent is None:
            self._wrong("taken-name", item.row, "name", name=item.name)
        first = self._seen.setdefault((id(item.parent), item.name.lower()), item)
        if first is not item:
            row = first.row.number
            self._wrong("duplicate-name", item.row, "name", name=item.name, first=row)


def split_type(text: str) -> tuple[str, str, bool]:
    """A type, the list that it names, and whether "other" may be written in."""
    words = text.split(" ")
    or_other = len(words) > 2 and words[-1] == "or_other"
    words = words[:-1] if or_other else words
    for length in (3, 2, 1):
        base = " ".join(words[:length])
        if base in _ALIASES or base in SELECTS:
            return _ALIASES.get(base, base), " ".join(words[length:]), or_other
    return words[0] if words[0] in _REFUSED else text, "", or_other


def near(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a misspelt one; "" where none is near.

    Among very many words only those of about the same length with the same first letter are looked
    at, so that a sheet full of mistakes is told of them at once.
    """
    words = tuple(known)
    if len(words) > MANY:
        start = word[:1].lower()
        close = (each for each in words if abs(len(each) - len(word)) < 3)
        words = tuple(each for each in close if each[:1].lower() == start)[:MANY]
    return _near(word, words)


@lru_cache(maxsize=4096)
def _near(word: str, words: tuple[str, ...]) -> str:
    by_lower = {each.lower(): each for each in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""
