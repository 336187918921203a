"""The ``huiyin`` command."""

from __future__ import annotations


def main() -> int:
    raise SystemExit("not yet")
