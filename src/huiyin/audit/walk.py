"""Walking along one lane: every event is held against its hash, its neighbour, seals and head.

Pure: it is fed the events in the order of their numbers and says what is wrong. It remembers a few
events, never the lane.

What was done to a chain is told by how it fails. A changed event no longer has its hash. A replaced
one has, computed anew, but its successor remembers another. A missing one leaves a gap; if the
later ones were given new numbers to close it, their hashes fit their old numbers. So do those of
events that were moved, or pushed on by one put in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import permutations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from huiyin.audit.rules import GENESIS, Head, Record, digest

#: How far from its place a moved event is looked for.
REACH = 16
#: How many events without their hash are searched for in each lane, and compared with each other.
SEARCHES = 200


class Fault(TextChoices):
    """What was done to the chain."""

    CHANGED = "changed", _("Altered")
    REPLACED = "replaced", _("Replaced")
    INSERTED = "inserted", _("Inserted")
    MISSING = "missing", _("Taken out")
    MOVED = "moved", _("Moved")
    REWRITTEN = "rewritten", _("Rewritten")
    HEAD = "head", _("Head changed")


SAYS = {
    Fault.CHANGED: _("its content no longer has the hash that it was given"),
    Fault.REPLACED: _("its hash was computed anew: the next event, or the head, remembers another"),
    Fault.INSERTED: _("it was put in without the chain"),
    Fault.MISSING: _("what stood here was taken out"),
    Fault.MOVED: _("its hash fits another place: lane {lane}, number {number}"),
    Fault.REWRITTEN: _("checkpoint or anchor {seal} holds another hash for this number"),
    Fault.HEAD: _("the head that is kept for the lane does not fit its last event"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        lane, number: where; for what is missing, the first number.
        last: the last number of a range; equal to ``number`` for a single event.
        id, at, act: of the event; None and "" where there is none any more.
        values: what fills the sentence.
    """

    fault: Fault
    lane: int
    number: int
    last: int
    id: int | None = None
    at: datetime | None = None
    act: str = ""
    values: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence, in the language now active."""
        return str(SAYS[self.fault]).format(**self.values)


def found(fault: Fault, event: Record, **values: object) -> Finding:
    """A finding at an event."""
    place = (event.lane, event.number, event.number)
    return Finding(fault, *place, event.id, event.at, event.act, values)


@dataclass(frozen=True)
class Seal:
    """What a checkpoint or an anchor says of one lane.

    Attributes:
        number: how many events the lane had.
        hash: of the last of them.
        source: the checkpoint's key, or the anchor's name.
    """

    number: int
    hash: str
    source: str


class LaneWalk:
    """One lane, walked from its first event, or from a later one whose predecessor is trusted.

    Attributes:
        findings: what is wrong so far.
        suspects: events that do not have their hash anywhere near, at most :data:`SEARCHES`.
    """

    def __init__(
        self,
        head: Head,
        seals: Iterable[Seal] = (),
        *,
        start: int = 1,
        previous: str = GENESIS,
    ) -> None:
        self.head = head
        self.findings: list[Finding] = []
        self.suspects: list[Record] = []
        self._seals = deque(sorted(seals, key=lambda seal: seal.number))
        self._expected, self._start = start, start
        self._before = previous  # hash of the event before
        self._offset = 0  # old number less new one, where later events were renumbered
        self._sound: deque[Record] = deque(maxlen=REACH)  # the last events without fault
        self._last: Record | None = None
        self._pending: Record | None = None
        self._searched = 0
        self._rewritten = False

    def feed(self, event: Record) -> None:
        """Take the next event; numbers only rise."""
        stood = self._stood(event)
        if self._pending:
            self._settle(event, stood)
        gap = event.number > self._expected
        if gap:
            self._missing(self._expected + self._offset, event.number - 1 + self._offset)
        if stood is None:
            self._fault(found(Fault.CHANGED, event))
            self._suspect(event)
        elif stood != event.number + self._offset:
            self._displaced(event, stood)
        else:
            self._in_place(event, stood, linked=gap or event.previous == self._before)
        self._expected, self._before, self._last = event.number + 1, event.hash, event

    def finish(self) -> list[Finding]:
        """Hold the end of the lane against its head and the seals; return all findings."""
        if self._pending:
            self._settle(None, None)
        end = self._expected - 1
        reached = {end, end + self._offset}
        promised = max([self.head.length, *(seal.number for seal in self._seals)])
        if promised >= self._start and promised > max(reached):
            self._missing(max(reached) + 1, promised)
        elif self.head.length in reached and self._last and self._last in self._sound:
            if self._last.hash != self.head.hash:
                self._fault(found(Fault.HEAD, self._last))
        elif not self._last and self.head.length < self._start and self.head.hash != self._before:
            self._fault(Finding(Fault.HEAD, self.head.lane, 0, 0))
        elif self.head.length < min(reached) and not self._beyond_named():
            self._fault(Finding(Fault.HEAD, self.head.lane, self.head.length, self.head.length))
        return self.findings

    def _beyond_named(self) -> bool:
        return any(each.fault is Fault.INSERTED for each in self.findings)

    # Where an event once stood

    def _stood(self, event: Record) -> int | None:
        """The number with which its content has its hash; None = with none near."""
        place = event.number + self._offset
        if digest(event, place) == event.hash:
            return place
        if self._searched >= SEARCHES:
            return None
        self._searched += 1
        return next((n for n in _around(event.number) if digest(event, n) == event.hash), None)

    def _in_place(self, event: Record, stood: int, *, linked: bool) -> None:
        if not linked and self._last is not None and self._last in self._sound:
            self._sound.remove(self._last)
            self._fault(found(Fault.REPLACED, self._last))
        elif not linked and self._last is None:
            self._fault(found(Fault.REPLACED, event))
        if stood > self.head.length and event.number > self.head.length:
            self._fault(found(Fault.INSERTED, event))
            return
        if self._agrees_with_seals(event, stood):
            self._sound.append(event)

    def _displaced(self, event: Record, stood: int) -> None:
        """An event whose hash fits another number than the one before makes us expect."""
        pushed = event.number + self._offset - stood
        between = list(self._sound)[-pushed:] if 0 < pushed <= len(self._sound) else []
        if between and between[-1] is self._last and between[0].previous == event.previous:
            for each in between:
                self._sound.remove(each)
                self._fault(found(Fault.INSERTED, each))
            self._offset -= pushed
            self._sound.append(event)
        elif pushed < 0:
            self._pending = event  # taken out before it, or moved: the next one tells
        else:
            self._moved(event, stood)

    def _settle(self, following: Record | None, stood: int | None) -> None:
        """Whether the pending event begins a row of renumbered ones, or was moved alone."""
        pending, self._pending = self._pending, None
        assert pending is not None
        was = next(n for n in _around(pending.number) if digest(pending, n) == pending.hash)
        offset = was - pending.number
        if following is None:
            renumbered = self.head.length == was
        else:
            fits = digest(following, following.number + offset) == following.hash
            renumbered = fits and following.previous == pending.hash
        if renumbered:
            self._missing(pending.number + self._offset, was - 1)
            self._offset = offset
            self._sound.append(pending)
        else:
            self._moved(pending, was)

    # What is wrong

    def _moved(self, event: Record, stood: int) -> None:
        self._fault(found(Fault.MOVED, event, lane=event.lane, number=stood))

    def _missing(self, first: int, last: int) -> None:
        self._fault(Finding(Fault.MISSING, self.head.lane, first, last))

    def _agrees_with_seals(self, event: Record, stood: int) -> bool:
        agrees = True
        while self._seals and self._seals[0].number <= stood:
            seal = self._seals.popleft()
            if seal.number == stood and seal.hash != event.hash and not self._rewritten:
                self._rewritten, agrees = True, False
                self._fault(found(Fault.REWRITTEN, event, seal=seal.source))
        return agrees

    def _suspect(self, event: Record) -> None:
        if len(self.suspects) < SEARCHES:
            self.suspects.append(event)

    def _fault(self, finding: Finding) -> None:
        self.findings.append(finding)


def _around(number: int) -> Iterator[int]:
    for distance in range(1, REACH + 1):
        yield number + distance
        if number > distance:
            yield number - distance


def exchanged(suspects: Iterable[Record]) -> dict[int, tuple[int, int]]:
    """Which events without their hash changed places with each other.

    Args:
        suspects: events whose hash fits no number near; the first :data:`SEARCHES` are compared.

    Returns:
        By key of the event, the lane and number that its content belongs to.
    """
    some = list(suspects)[:SEARCHES]
    places: dict[int, tuple[int, int]] = {}
    for event, other in permutations(some, 2):
        if _fits(event, other):
            places[event.id] = (other.lane, other.number)
    return places


def _fits(event: Record, other: Record) -> bool:
    """Whether the content of an event belongs where the other stands."""
    place = replace(event, lane=other.lane, number=other.number)
    there = replace(place, previous=other.previous, hash=other.hash)
    tries = (
        place,  # the numbers were exchanged
        replace(place, id=other.id),
        there,  # the contents were exchanged
        replace(there, id=other.id),
        replace(event, id=other.id),  # the keys were exchanged
    )
    return any(digest(each) == each.hash for each in tries)
