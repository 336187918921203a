"""Ranks with their uncertainty: rank sets, chances of places, tiers, moves between rounds."""

from huiyin.measure.ranks.classes import bottom_set, tiers, top_set
from huiyin.measure.ranks.moves import moves
from huiyin.measure.ranks.plain import plain_ranks
from huiyin.measure.ranks.probabilities import rank_probabilities
from huiyin.measure.ranks.sets import rank_sets

__all__ = [
    "bottom_set",
    "moves",
    "plain_ranks",
    "rank_probabilities",
    "rank_sets",
    "tiers",
    "top_set",
]
