"""From a survey file to its tables: what the command ``huiyin measure`` does."""

from huiyin.measure.run.measuring import Results, measure

__all__ = ["Results", "measure"]
