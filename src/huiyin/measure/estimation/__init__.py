"""Estimates and their design-based variance (METHODS sections 3 and 4)."""
