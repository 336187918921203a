"""From a survey file to its tables: what the command ``huiyin measure`` does."""

from huiyin.measure.run.measuring import measure
from huiyin.measure.run.results import Results

__all__ = ["Results", "measure"]
