"""Functions of node-sets."""

from __future__ import annotations

import hashlib
import math

from huiyin.survey.engine.context import Context, Nodes
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.instance import Node
from huiyin.survey.engine.values import Value, to_number, to_string

_MODULUS = 2_147_483_647
_MULTIPLIER = 16_807


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


@function("last", gives="number")
def last(context: Context) -> float:
    siblings = context.node.parent.named[context.node.name] if context.node.parent else [None]
    return float(len(siblings))


@function("name", "nodes", gives="string", least=0)
def name(context: Context, nodes: Nodes | None = None) -> str:
    if nodes is None:
        return context.node.name
    return nodes[0].name if nodes else ""


@function("instance", "string", gives="nodes")
def instance(context: Context, named: str) -> Nodes:
    """The root of a list of choices, so that ``instance('list')/root/item`` are its choices."""
    found = context.around.secondary(named)
    return [found] if found is not None else []


@function("current", gives="nodes")
def current(context: Context) -> Nodes:
    return [context.current]


@function("indexed-repeat", "nodes", "nodes", "number", gives="nodes", least=3, most=7)
def indexed_repeat(context: Context, nodes: Nodes, *pairs: Value) -> Nodes:
    """Those of the nodes that lie in the named instance of each named repeat."""
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=False):
        instances = [node for node in repeat if node.position() == to_number(index)]  # type: ignore[union-attr]
        nodes = [node for node in nodes if any(each in instances for each in node.ancestors())]
    return nodes


@function("randomize", "nodes", "any", gives="nodes", least=1)
def randomize(context: Context, nodes: Nodes, seed: Value | None = None) -> Nodes:
    """The nodes shuffled; with a seed by Park and Miller's generator, the same in every engine."""
    if seed is None:
        return context.around.random.sample(list(nodes), len(nodes))
    return shuffled(nodes, seed_number(seed))


def seed_number(seed: Value) -> int:
    """A seed as a whole number; text that is none is hashed (first 8 bytes of SHA-256)."""
    number = to_number(seed)
    if math.isfinite(number):
        return int(number)
    hashed = hashlib.sha256(to_string(seed).encode("utf-8")).digest()
    return int.from_bytes(hashed[:8], "big", signed=True)


def shuffled(nodes: Nodes, seed: int) -> list[Node]:
    """Fisher–Yates, inside out, drawn by the generator of Park and Miller (1988)."""
    state = math.fmod(seed, _MODULUS)
    state = int(state) + (_MODULUS - 1 if state <= 0 else 0)
    out: list[Node] = []
    for at, node in enumerate(nodes):
        state = state * _MULTIPLIER % _MODULUS
        place = int((state - 1) / (_MODULUS - 1) * (at + 1))
        out.append(out[place] if place < at else node)
        out[place] = node
    return out
