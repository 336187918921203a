"""Functions of node-sets."""

from __future__ import annotations

import hashlib
import math

from huiyin.survey.engine.context import Context, Nodes, nodes_of
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.shuffling import shuffled
from huiyin.survey.engine.values import Value, to_number, to_string


@function("count", "nodes", gives="number")
def count(context: Context, nodes: Nodes) -> float:
    return float(len(nodes))


@function("count-non-empty", "nodes", gives="number")
def count_non_empty(context: Context, nodes: Nodes) -> float:
    return float(sum(node.text() != "" for node in nodes))


@function("position", "nodes", gives="number", least=0)
def position(context: Context, nodes: Nodes | None = None) -> float:
    """Of the node at hand in a predicate, or of the one given among its siblings, from 1."""
    if nodes is None:
        return float(context.position)
    return float(nodes[0].position()) if nodes else math.nan


@function("instance", "string", gives="nodes")
def instance(context: Context, named: str) -> Nodes:
    """The root of a list of choices, so that ``instance('list')/root/item`` are its choices."""
    found = context.around.secondary(named)
    return [found] if found is not None else []


@function("current", gives="nodes")
def current(context: Context) -> Nodes:
    return [context.current]


@function("indexed-repeat", "nodes", *("nodes", "number") * 3, gives="nodes", least=3)
def indexed_repeat(context: Context, nodes: Nodes, *pairs: Value) -> Nodes:
    """Those of the nodes that lie in the named instance of each named repeat.

    ``nodes`` are all of their field. Of a repeat that is not named, the instance is meant in which
    the expression itself lies, if it lies in one.
    """
    own = {each.field: each for each in context.current.ancestors()}
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=False):
        wanted = to_number(index)
        named = [node for node in nodes_of(repeat) if node.position() == wanted]
        nodes = [node for node in nodes if any(each in named for each in node.ancestors())]
        for at in {node.field for node in nodes_of(repeat)}:
            own.pop(at, None)
    return [
        node
        for node in nodes
        if all(own.get(each.field, each) is each for each in node.ancestors())
    ]


@function("randomize", "nodes", "any", gives="nodes", least=1)
def randomize(context: Context, nodes: Nodes, seed: Value | None = None) -> Nodes:
    """The nodes shuffled: by the seed, or by one that stays the same at this question."""
    drawn = context.around.seed_for(context.current) if seed is None else seed_number(seed)
    return shuffled(nodes, drawn)


def seed_number(seed: Value) -> int:
    """A seed as a whole number; text that is none is hashed (first 8 bytes of SHA-256)."""
    number = to_number(seed) if to_string(seed) else 0.0  # empty: 0, as JavaRosa
    if math.isfinite(number):
        return int(number)
    hashed = hashlib.sha256(to_string(seed).encode("utf-8")).digest()
    return int.from_bytes(hashed[:8], "big", signed=True)
