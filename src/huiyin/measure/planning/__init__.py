"""Planning a survey: its size, its power, its share-out, and what its ranks will tell."""

from huiyin.measure.planning.allocation import allocate
from huiyin.measure.planning.change import Comparison, detectable_change, power, size_for_change
from huiyin.measure.planning.distinguish import distinguishable_ranks
from huiyin.measure.planning.domains import smallest_allocation
from huiyin.measure.planning.size import design_effect, numbers_to_dial, precision, sample_size

__all__ = [
    "Comparison",
    "allocate",
    "design_effect",
    "detectable_change",
    "distinguishable_ranks",
    "numbers_to_dial",
    "power",
    "precision",
    "sample_size",
    "size_for_change",
    "smallest_allocation",
]
