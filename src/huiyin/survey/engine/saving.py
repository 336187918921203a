"""An interview as plain data, and back: exactly, to go on after a crash or on another machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from huiyin.survey.engine.instance import Node, field_of

if TYPE_CHECKING:
    from huiyin.survey.engine.interview import Interview

#: Address, answer, and whether its own rule lets it be asked.
Record = list[Any]


def uuid_of(random: Random) -> str:
    """A UUID of version 4 from a generator."""
    return str(UUID(int=random.getrandbits(128), version=4))


def dumped(interview: Interview, now: datetime | None) -> dict[str, Any]:
    """All that an interview is, as data that JSON can hold."""
    return {
        "form": interview.questionnaire.fingerprint,
        "seed": interview.seed,
        "language": interview.language or interview.spoken,
        "now": None if now is None else now.isoformat(),
        "draws": dict(interview.draws),
        "nodes": _records(interview.root.below()),
        "kept": [
            [holder.path, path, [_records(node.below()) for node in nodes]]
            for (holder, path), nodes in interview.upkeep.kept.items()
            if nodes
        ],
    }


def _records(nodes: Iterable[Node]) -> list[Record]:
    return [[node.path, node.value, node.own] for node in nodes]


def restore(interview: Interview, dump: Mapping[str, Any]) -> None:
    """Put what was dumped into an interview that is bare."""
    interview.draws = dict(dump["draws"])
    _put(interview, dump["nodes"])
    for holder_path, path, instances in dump["kept"]:
        holder = interview.find(holder_path)
        assert holder is not None, "a dump holds what it names"
        for records in instances:
            _put(interview, records)
            node = holder.named[path.rpartition("/")[2]][-1]
            holder.remove(node)
            interview.upkeep.kept.setdefault((holder, path), []).append(node)
    interview.root.hand_down(above=True)


def _put(interview: Interview, records: list[Record]) -> None:
    for path, value, own in records:
        node = interview.find(path) or _instance(interview, path)
        node.value, node.own = value, own


def _instance(interview: Interview, path: str) -> Node:
    """A new instance of a repeat, the next in its place."""
    above, _, name = path.rpartition("/")
    holder = interview.find(above)
    assert holder is not None, "what is above comes first"
    repeat = name.partition("[")[0]
    at = next(child for child in field_of(holder).children if child.name == repeat)
    return interview.grown(at, holder, bare=True)
