"""What must happen one after another, whoever does it."""

from __future__ import annotations

import hashlib

from django.db import connection


def in_turn(what: str) -> None:
    """Wait until nobody else's open transaction does this; hold it to the end of our own.

    Args:
        what: a name, such as that of the list that is planned against and then written.
    """
    digest = hashlib.sha256(what.encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
